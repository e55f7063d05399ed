"""A FreezeComparison as JSON and as text: what differs between two frozen datasets. No record is in it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from monitor.model.breakdown import CorrectedFacts
from monitor.model.freeze_comparison import ComparedFreeze, FreezeComparison, ScorecardChange
from monitor.model.scorecard import Scorecard
from monitor.present import aligned

_LONGEST = 60
_MOST_SHOWN = 30
_KINDS = {
    "exclusion": "reports excluded",
    "notice-status": "notices with another status",
    "notice-time": "notices at another time",
}


def freeze_comparison(found: FreezeComparison) -> dict[str, Any]:
    """Every count, and every Provider whose Scorecard differs with the fields that do, before and after."""
    return {
        "period": found.period.label,
        "same": found.is_same,
        "before": _freeze(found.before),
        "after": _freeze(found.after),
        "rows": [asdict(each) for each in found.rows.roles],
        "fields": [asdict(each) for each in found.rows.fields],
        "method": [asdict(each) for each in found.settings],
        "tables_only_before": [asdict(each) for each in found.tables_only_before],
        "tables_only_after": [asdict(each) for each in found.tables_only_after],
        "class_changes": sum(each.class_changed for each in found.providers),
        "providers": [_provider(each) for each in found.providers],
    }


def _freeze(side: ComparedFreeze) -> dict[str, Any]:
    return {
        "freeze": side.name,
        "digest": side.digest,
        "cutoff": side.cutoff.isoformat().replace("+00:00", "Z"),
        "providers": side.n_providers,
        "corrected": [asdict(each) for each in side.corrected],
    }


def _provider(each: ScorecardChange) -> dict[str, Any]:
    sides = [card.as_fields() if card else None for card in (each.before, each.after)]
    return {
        "provider_id": each.provider_id,
        "provider": each.provider,
        "rows": each.n_rows,
        "class_changed": each.class_changed,
        "fields": list(each.fields),
        "before": sides[0],
        "after": sides[1],
    }


def freeze_comparison_text(found: FreezeComparison) -> str:
    """Rows, fields, rules and tables, corrections, then the Providers, those whose class changed first."""
    head = f"{found.period.label}: {found.before.name} (before) and {found.after.name} (after)"
    if found.is_same:
        return f"{head} are the same dataset: nothing differs."
    return "\n".join([head, *_cuts(found), *_rows(found), *_method(found), *_corrected(found), *_providers(found)])


def _cuts(found: FreezeComparison) -> Iterator[str]:
    if found.before.cutoff != found.after.cutoff:
        yield f"cut-off {found.before.cutoff:%Y-%m-%d %H:%M} before, {found.after.cutoff:%Y-%m-%d %H:%M} UTC after"


def _rows(found: FreezeComparison) -> Iterator[str]:
    differing = [each for each in found.rows.roles if each.n_differing]
    if not differing:
        yield "No row differs."
        return
    head = ["role", "clock", "rows before", "rows after", "only before", "only after", "in both, changed"]
    counts = ("n_before", "n_after", "n_only_before", "n_only_after", "n_changed")
    cells = [[each.role, each.clock, *(str(getattr(each, name)) for name in counts)] for each in differing]
    yield "\nRows that differ (a notice has a row in each role)"
    yield aligned(head, cells)
    if found.rows.fields:
        yield "\nWhat differs in the rows that are in both"
        yield aligned(
            ["field", "in role network", "in every role"],
            [[each.name, str(each.n_network), str(each.n_rows)] for each in found.rows.fields],
        )


def _method(found: FreezeComparison) -> Iterator[str]:
    if found.settings:
        yield "\nMethod"
        cells = [[each.name, _short(each.before), _short(each.after)] for each in found.settings]
        yield aligned(["entry", "before", "after"], cells)
    for when, tables in (("before", found.tables_only_before), ("after", found.tables_only_after)):
        for table in tables:
            yield f"reference table only {when}: {table.kind} as of {table.as_of}, sha256 {table.sha256[:16]}"


def _corrected(found: FreezeComparison) -> Iterator[str]:
    for when, facts in (("before", found.before.corrected), ("after", found.after.corrected)):
        if facts:
            yield f"\nCorrected facts in the dataset {when}"
            yield from map(_corrected_line, facts)


def _corrected_line(each: CorrectedFacts) -> str:
    return f"  {_KINDS.get(each.kind, each.kind)}: {each.n} ({each.why})"


def _providers(found: FreezeComparison) -> Iterator[str]:
    own = [each for each in found.providers if each.n_rows or each.class_changed]
    n_turned, n_others = sum(each.class_changed for each in own), len(found.providers) - len(own)
    noun = "provider" if n_turned == 1 else "providers"
    yield f"\n{n_turned} {noun} whose class differs, {len(own)} with rows of their own that differ or another class"
    if own:
        head = ["provider", "own rows", "", "episodes", "within norm", "95% share", "worst-best", "class", "rank"]
        yield aligned(head, [line for each in own[:_MOST_SHOWN] for line in _lines(each)])
    if len(own) > _MOST_SHOWN:
        yield f"... {len(own) - _MOST_SHOWN} more with --json"
    if n_others:
        yield (
            f"{n_others} more providers without a differing row have other figures: an interval, a rank or a shrunken "
            "share also rests on the others, and a change on the period before (--json names the fields)."
        )


def _lines(each: ScorecardChange) -> Sequence[list[str]]:
    return (
        [_short(each.provider, 40), str(each.n_rows), "before", *_card(each.before)],
        ["", "", "after", *_card(each.after)],
    )


def _card(card: Scorecard | None) -> list[str]:
    if card is None:
        return ["not there", "", "", "", "", ""]
    return [
        str(card.n_episodes),
        "not known" if card.within_norm is None else f"{100 * card.within_norm:.1f}%",
        _span(card.within_norm_low, card.within_norm_high),
        _span(card.within_norm_worst, card.within_norm_best),
        card.class_,
        "" if card.rank is None else f"{card.rank} ({card.rank_low}-{card.rank_high})",
    ]


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{100 * low:.1f}-{100 * high:.1f}%"


def _short(text: str | None, longest: int = _LONGEST) -> str:
    if text is None:
        return "not there"
    return text if len(text) <= longest else f"{text[: longest - 1]}…"

"""Results of commands as JSON values and as text for a terminal. No decisions here."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from monitor.attribution import PrefixSummary
from monitor.model.counts import AttributeCounts, ImportCounts, ImportedTable
from monitor.model.release import ReferenceTableInfo
from monitor.model.scorecard import Ranking, Scorecard
from monitor.model.words import NoticeKind
from monitor.store.frozen import Frozen


def rejects_place(files: Sequence[Path], folder: Path) -> Path | None:
    """The rejects file, or their folder where several inputs had rejects."""
    if not files:
        return None
    return files[0] if len(set(files)) == 1 else folder


def import_counts(counts: ImportCounts, rejects: Path | None) -> dict[str, Any]:
    return {
        "read": counts.read,
        "accepted": counts.accepted,
        "waiting": counts.waiting,
        "duplicate": counts.duplicate,
        "rejected": counts.rejected,
        "rejects_file": str(rejects) if rejects else None,
        "joined": counts.joined,
        "unknown_addressees": counts.n_unknown_addressees,
        "warnings": list(counts.warnings),
    }


def import_text(counts: ImportCounts, rejects: Path | None) -> str:
    waiting = f" ({counts.waiting} of them wait for their report)" if counts.waiting else ""
    taken = f"accepted {counts.accepted}{waiting}, duplicate {counts.duplicate}, rejected {counts.rejected}"
    line = f"read {counts.read}: {taken}"
    line += f"; {counts.joined} more rows only complete these" if counts.joined else ""
    return f"{line}\n{rejects}" if rejects else line


def imported_tables(made: Sequence[ImportedTable]) -> dict[str, Any]:
    return {"tables": [_imported_table(table) for table in made]}


def _imported_table(table: ImportedTable) -> dict[str, Any]:
    rejects = str(table.rejects_file) if table.rejects_file else None
    return {**asdict(table.info), "known": table.known, "rejected": len(table.rejects), "rejects_file": rejects}


def imported_tables_text(made: Sequence[ImportedTable]) -> str:
    lines = []
    for table in made:
        info = table.info
        state = "was here already" if table.known else f"{info.rows} rows"
        lines.append(f"{info.kind} as of {info.as_of}: {state}, {len(table.rejects)} rejected")
        lines += [str(table.rejects_file)] if table.rejects_file else []
    return "\n".join(lines)


def tables_text(tables: Sequence[ReferenceTableInfo], summaries: Mapping[tuple[str, str], PrefixSummary]) -> str:
    """The tables; of routing tables also the prefixes of each family, and those with several origins."""
    head = ["kind", "as of", "made on", "rows", "IPv4", "IPv6", "several origins", "sha256"]
    rows = []
    for t in tables:
        found = summaries.get((t.as_of, t.sha256))
        held = [found.n_prefixes4, found.n_prefixes6, found.n_several_origins] if found else []
        counts = [str(n) for n in held] or [""] * 3
        rows.append([t.kind, t.as_of, t.made_on, str(t.rows), *counts, t.sha256[:16]])
    return aligned(head, rows)


def attribute_text(counts: AttributeCounts) -> str:
    return (
        f"addresses with an origin AS {counts.attributed}, without one {counts.unattributed}, "
        f"behind a reverse proxy {counts.fronted}"
    )


def frozen(made: Frozen) -> dict[str, Any]:
    """`episodes` counts the rows of every role; `episodes_network` those of the role that is ranked by default."""
    return {
        "path": str(made.path),
        "digest": made.digest,
        "episodes": made.n_episodes,
        "episodes_network": made.n_network,
        "providers": made.n_providers,
    }


def frozen_text(made: Frozen) -> str:
    return (
        f"{made.n_network} episodes in role network, {made.n_episodes} in all roles, at {made.n_providers} providers, "
        f"digest {made.digest}\n{made.path}"
    )


def ranking(made: Ranking, *, final: bool = False) -> dict[str, Any]:
    """The document of `rank --json`: every Provider in it. `final`: with the classes of a final release."""
    return {
        "period": made.period.label,
        "cutoff": made.cutoff.isoformat().replace("+00:00", "Z"),
        "norm": made.norm.name,
        "norm_hours": made.norm.hours,
        "norm_target": made.norm.target,
        "role": made.role.value,
        "method": made.method,
        "freeze": made.freeze,
        "final": final,
        "totals": asdict(made.totals),
        "scorecards": [card.as_fields() for card in made.scorecards],
    }


def ranking_text(made: Ranking, *, final: bool = False) -> str:
    as_final = ", classes as in a final release" if final else ""
    own = made.norm.clock is NoticeKind.ORDER and made.norm.is_primary
    hours = "deadline" if own else f"{made.norm.hours:g} h"
    head = ["rank", "95% rank", "provider", "episodes", f"within {hours}", "95% share", "worst-best", "class"]
    head += ["points since", "no end seen", "why no rank"]
    rows = [_ranking_row(card) for card in made.scorecards]
    totals = made.totals
    return (
        f"{made.period.label}, cut-off {made.cutoff:%Y-%m-%d %H:%M} UTC, {made.norm.name}, "
        f"role {made.role.value}, method {made.method}, freeze {made.freeze[:8]}{as_final}\n"
        f"{aligned(head, rows)}\n"
        f"{totals.episodes} episodes, {totals.unattributed} of them not attributed; gone before the notice "
        f"{totals.gone_before_notice}, not delivered {totals.undelivered}, told somebody else {totals.misaddressed}, "
        f"notified behind a reverse proxy {totals.fronted}\n"
        "~ the checks do not pin this figure down; worst-best: what the facts allow without any estimate"
    )


def _ranking_row(card: Scorecard) -> list[str]:
    mark = "" if card.identified or card.identified is None else " ~"
    broken = " (break)" if card.method_break else ""
    return [
        "" if card.rank is None else str(card.rank),
        "" if card.rank is None else f"{card.rank_low}-{card.rank_high}",
        card.provider,
        str(card.n_episodes),
        f"{_percent(card.within_norm)}{mark}",
        _span(card.within_norm_low, card.within_norm_high),
        _span(card.within_norm_worst, card.within_norm_best),
        card.class_,
        "" if card.change is None else f"{100 * card.change:+.1f}{broken}",
        str(card.online_at_cutoff),
        card.unranked_reason or "",
    ]


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{100 * low:.1f}-{100 * high:.1f}%"


def _percent(share: float | None) -> str:
    return "not known" if share is None else f"{100 * share:.1f}%"


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]
    return "\n".join(lines)

"""A reconciliation as JSON, as text for a terminal, and its pairs as CSV. Counts and figures; no decisions here.

What would surprise: the pairs are in the file alone, never in JSON or text, because they name records.
"""

import csv
import io
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from monitor.model.reconciliation import (
    ClockReconciled,
    Delay,
    Figures,
    OurCounts,
    PairLine,
    Reading,
    Reconciliation,
    Resolved,
    TheirSide,
)
from monitor.model.words import NoticeKind
from monitor.present import aligned
from monitor.spreadsheet import as_text

READINGS = {
    Reading.AS_PUBLISHED: "(a) ours, as published",
    Reading.UNLISTED_NOT_DELIVERED: "(b) what they do not list was not delivered",
    Reading.CLOCK_AT_RECEIPT: "(c) clock starts when they received it",
    Reading.BOTH: "(d) both",
    Reading.THEIR_TIMES: "(e) their own times alone; not facts",
}
_THEIRS = {
    TheirSide.MATCHED: "matched with a notice that is in the figures",
    TheirSide.NO_CLOCK: "a notice of ours without a clock of its own, such as a reminder",
    TheirSide.REPEATED: "a URL of ours again: another row has the notice, or the times are too far apart",
    TheirSide.AMBIGUOUS: "ambiguous, not matched",
    TheirSide.OUTSIDE: "outside the period",
    TheirSide.ELSEWHERE: "URL or reference known to us, but no notice of that URL to this provider",
    TheirSide.UNKNOWN: "not known to us at all",
}


def reconciliation(made: Reconciliation) -> dict[str, Any]:
    """The document of `reconcile --json`; without the pairs."""
    record = {f.name: getattr(made, f.name) for f in fields(made) if f.name not in ("pairs", "clocks")}
    return record | {"clocks": [_clock(each) for each in made.clocks]}


def _clock(each: ClockReconciled) -> dict[str, Any]:
    record = asdict(each)
    for figures in record["figures"]:
        figures["class"] = figures.pop("class_")
    return record


def pairs_csv(made: Reconciliation) -> str:
    """One line a pair, and a row of either side that has none; times in UTC."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [f.name for f in fields(PairLine)]
    writer.writerow(names)
    writer.writerows([_cell(getattr(line, name)) for name in names] for line in made.pairs)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return str(value).lower()
    return as_text(value) if isinstance(value, str) else value


def reconciliation_text(made: Reconciliation) -> str:
    head = (
        f"{made.provider} ({made.provider_id}), {made.period}, role network, freeze {made.freeze[:8]}\n"
        f"their list: read {made.read}, accepted {made.accepted}, duplicate {made.duplicate}, rejected {made.rejected}"
    )
    theirs = [[meaning, str(made.theirs[side.value])] for side, meaning in _THEIRS.items()]
    parts = [head, aligned(["rows of theirs", ""], theirs)]
    if made.contradicting:
        parts.append(f"{made.contradicting} matched although reference and URL contradict one another: look at them")
    parts += [_clock_text(each) for each in made.clocks]
    parts.append(
        "Nothing of this is a fact: the list was not stored. Other providers' rows stay as they are frozen.\n"
        "~ the checks do not pin this figure down"
    )
    return "\n\n".join(parts + ([made.rejects_file] if made.rejects_file else []))


def _clock_text(each: ClockReconciled) -> str:
    own = each.clock is NoticeKind.ORDER
    limit = "its own deadline" if own else f"{each.norm_hours:g} h"
    head = ["reading", "episodes", "gone before", "not delivered", f"within {limit}", "95%", "worst-best", "any end"]
    rows = [_figures(figures) for figures in each.figures]
    return "\n".join(
        [
            _ours_text(each.clock, each.ours),
            *_delay_text(each.delay),
            *_resolved_text(each.resolved),
            aligned([*head, "median h", "class"], rows),
        ]
    )


def _ours_text(clock: NoticeKind, ours: OurCounts) -> str:
    by = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in ours.levels.items() if n)
    return (
        f"{clock.value}: {ours.rows} notices of ours; listed {ours.listed}{f' (by {by})' if by else ''}, "
        f"a later notice listed {ours.reminded}, ambiguous {ours.ambiguous}, only ours {ours.not_listed}\n"
        f"of ours not delivered by our own records {ours.undelivered}, of these on their list {ours.undelivered_listed}"
    )


def _delay_text(delay: Delay) -> list[str]:
    if delay.median_hours is None:
        return []
    return [
        f"from our notice to their receipt: median {delay.median_hours:.2f} h, 90% within {delay.p90_hours:.2f} h, "
        f"longest {delay.longest_hours:.2f} h; received before it was sent {delay.n_before_notice}"
    ]


def _resolved_text(resolved: Resolved) -> list[str]:
    if not resolved.n:
        return []
    return [
        f"episodes that they state as resolved: {resolved.n}; while our checks saw it online later "
        f"{resolved.before_last_online}, within our interval {resolved.within_interval}, after its end "
        f"{resolved.after_end}, before they received it {resolved.before_received}"
    ]


def _figures(of: Figures) -> list[str]:
    mark = "" if of.identified or of.identified is None else " ~"
    median = of.median_status or "" if of.median_hours is None else f"{of.median_hours:.2f}"
    return [
        READINGS[of.reading],
        str(of.n_episodes),
        str(of.gone_before_notice),
        str(of.undelivered),
        f"{_percent(of.within_norm)}{mark}",
        _span(of.within_norm_low, of.within_norm_high),
        _span(of.within_norm_worst, of.within_norm_best),
        _percent(of.within_norm_any_end),
        median,
        of.class_,
    ]


def _percent(share: float | None) -> str:
    return "not known" if share is None else f"{100 * share:.1f}%"


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{100 * low:.1f}-{100 * high:.1f}%"

"""Adding the rows of a Provider's file up again, as its reader can, and setting the sums beside the Scorecard.

In: the rows as they are written. Out: one line a figure. What would surprise: nothing of the ranking stage is used
here, so that a mistake in one of the two shows as a difference.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from monitor.model.provider_file import CaseFigures, CaseNorm, CaseRow, MovedIn

COUNTS = (
    "n_notices",
    "n_episodes",
    "n_sites",
    "n_clusters",
    "gone_before_notice",
    "gap_at_notice",
    "undelivered_bounced",
    "undelivered_refused",
    "undelivered_no_contact",
    "undelivered_our_fault",
    "misaddressed",
    "taken_down",
    "moved",
    "domain_gone",
    "online_at_cutoff",
    "inconclusive",
    "provisional",
    "interrupted",
    "recurrences",
    "exposure_hours_low",
    "exposure_hours_high",
)
"""Columns of the rows whose sum is the figure of that name."""
CASES = ("within_norm_worst", "within_norm_best", "within_norm_any_end_worst", "within_norm_any_end_best")
"""Columns of the norms' table whose sum, over the number of Episodes, is the figure of that name."""
DELAY = "report_to_notice_median_hours"
NEAR = 1e-6
"""Sums of hours are rounded on the Scorecard."""

_Place = tuple[str, str]  # role, clock


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure: as the Scorecard has it, and as the rows add up."""

    role: str
    clock: str
    norm: str
    figure: str
    scorecard: float | None
    from_rows: float | None
    same: bool
    how: str


class Tally:
    """Sums by role and clock. Memory goes with the number of rows only for the delays, eight bytes each."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[_Place, str], float] = defaultdict(float)  # also of counts
        self._cases: defaultdict[tuple[_Place, str, str], int] = defaultdict(int)
        self._delays: defaultdict[_Place, list[float]] = defaultdict(list)
        self._moved_in: defaultdict[_Place, int] = defaultdict(int)

    def add(self, rows: Iterable[CaseRow], norms: Iterable[CaseNorm]) -> None:
        """The rows of a batch, and those of its norms: each of these comes with its row."""
        places: dict[int, _Place] = {}
        for row in rows:
            place = places[row.row] = (row.role, row.clock)
            for name in COUNTS:
                self._sums[place, name] += getattr(row, name)
            if row.n_episodes and row.reported_at is not None:
                self._delays[place].append(_hours(row.reported_at, row.notified_at))
        for each in norms:
            for name in CASES:
                self._cases[places[each.row], each.norm, name] += getattr(each, name)

    def add_moved_in(self, moved: Iterable[MovedIn]) -> None:
        for each in moved:
            self._moved_in[each.role, each.clock] += 1

    def lines(self, figures: Iterable[CaseFigures]) -> Iterable[FigureLine]:
        """Every figure of the Scorecards that the rows alone give, in the Scorecard's order."""
        for each in figures:
            place = (each.role.value, each.norm.clock.value)
            n = self._sums[place, "n_episodes"]
            if each.norm.is_primary:
                for name in COUNTS:
                    yield _line(each, name, _plain(self._sums[place, name]), f"rows.csv: sum of {name}")
                yield _line(each, "moved_in", self._moved_in[place], "moved_in.csv: number of lines")
                delays = self._delays[place]
                found = median(delays) if delays else None
                yield _line(each, DELAY, found, "rows.csv: median of notified_at minus reported_at, n_episodes = 1")
            for name in CASES:
                share = self._cases[place, each.norm.name, name] / n if n else None
                yield _line(each, name, share, f"norms.csv: sum of {name}, divided by the sum of n_episodes")


def _line(each: CaseFigures, name: str, found: float | None, how: str) -> FigureLine:
    stated: float | None = getattr(each.card, name)
    same = stated == found if stated is None or found is None else abs(stated - found) <= NEAR * max(1.0, abs(stated))
    of = f"{how}; lines with role = {each.role.value}, clock = {each.norm.clock.value}"
    return FigureLine(each.role.value, each.norm.clock.value, each.norm.name, name, stated, found, same, of)


def _plain(total: float) -> float:
    """A whole number as one."""
    return int(total) if total.is_integer() else total


def _hours(first: str, second: str) -> float:
    return (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds() / 3600

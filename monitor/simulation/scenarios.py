"""The worlds of the simulation study, as rows: what each one adds to the plain one, and what it is to show.

In: nothing. Out: `SCENARIOS` by name. What would surprise: every world has batches that share a fate (a plain binomial
interval is wrong in all of them), and `at-target` has no other difficulty, because its false flags are to be the
method's own.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scenario:
    """One world. Frailties are standard deviations of the logarithm of the hours until a takedown."""

    name: str
    why: str
    batch_sd: float = 0.7  # each notice batch has a fate of its own
    day_sd: float = 0.0  # shared by all batches of one Provider and day
    batches_a_day: int = 1  # at most
    site_sd: float = 0.0  # between the sites of one Provider: fixed in the Period
    target_sd: float = 1.0
    early_hazard: float = 0.0  # removals an hour from the report on that owe nothing to the notice
    report_checks: bool = False  # Targets are checked from the report on, not only from the notice on
    first_check_hours: float = 0.05  # from notice to first check, on average
    move: float = 0.0  # share of Targets that would move to another Provider
    domain: float = 0.0  # share whose domain would go
    outages: int = 0  # of our own, 2 to 10 hours each, over all Targets; half are void, half are silent
    unclear_online: float = 0.0  # share of the readings of what is online that say nothing (429)
    unclear_offline: float = 0.0  # the same of what is gone (403)
    closed: float = 0.0  # share of what is gone that answers 403 for ever: no reading ever shows the end
    soon_back: float = 0.0  # share of takedowns undone within 7 days, for 72 hours at least
    late_back: float = 0.0  # share undone after 17 to 29 days
    shares: tuple[float, ...] = ()  # of takedowns within 24 hours, drawn from; empty: all of 0 to 1
    providers: int = 200
    light: bool = False  # 3 to 12 clusters and 15 to 40 Episodes each: only the class matters
    estimates: bool = True  # whether coverage and bias are scored too
    runs: int = 80


_ALL = Scenario(
    "all",
    "everything at once",
    day_sd=0.4,
    batches_a_day=3,
    site_sd=0.5,
    early_hazard=0.004,
    report_checks=True,
    move=0.07,
    domain=0.02,
    outages=8,
    unclear_online=0.1,
    unclear_offline=0.2,
    soon_back=0.08,
    late_back=0.05,
)
_ROWS = (
    Scenario("baseline", "batches of notices share a fate"),
    Scenario("day", "several batches a day, which share a day's fate too", batch_sd=0.4, day_sd=0.7, batches_a_day=4),
    Scenario("sites", "some sites of a Provider are slower than others", site_sd=0.8),
    Scenario(
        "early",
        "removals before the notice, seen and unseen",
        early_hazard=0.006,
        report_checks=True,
    ),
    Scenario("moves", "a tenth would move to another Provider", move=0.1),
    Scenario("domain", "a twelfth would lose its domain", domain=0.08),
    Scenario("outages", "our own network fails for hours, over all Targets", outages=14),
    Scenario(
        "unclear",
        "readings that say nothing, twice as many of them when the material is gone",
        unclear_online=0.1,
        unclear_offline=0.2,
    ),
    Scenario("back", "takedowns that are undone, within a week and later", soon_back=0.12, late_back=0.08),
    _ALL,
    Scenario(
        "unclear-strong",
        "readings that say nothing, three and a half times as many of them when the material is gone",
        unclear_online=0.1,
        unclear_offline=0.35,
    ),
    Scenario("closed", "one in twenty that is gone answers 403 for ever: a limit of any method", closed=0.05),
    Scenario(
        "late-start",
        "removals before the notice, and the first check hours after it: the weight of a gap takes them for even",
        early_hazard=0.006,
        report_checks=True,
        first_check_hours=1.5,
    ),
    Scenario(
        "at-target",
        "every Provider exactly at its target: each `below` is false",
        shares=(0.8,),
        providers=120,
        light=True,
        estimates=False,
        runs=2000,
    ),
    Scenario(
        "power",
        "Providers under the target and above it",
        shares=(0.3, 0.5, 0.6, 0.7, 0.8, 0.9),
    ),
)
SCENARIOS = {row.name: row for row in _ROWS}

CLUSTER_BINS = ((1, 1), (2, 4), (5, 9), (10, 19), (20, 60))
"""Numbers of clusters (Provider x day of notice) for which coverage is told apart; the last one is open."""
BATCH_SIZES = (14.0, 8.0, 5.0, 3.2, 2.0)
"""Episodes in a batch on average, by bin: few batches are large ones."""


def bin_name(place: int) -> str:
    """How a bin is shown: `1`, `2-4`, ..., `20+`."""
    low, high = CLUSTER_BINS[place]
    if place == len(CLUSTER_BINS) - 1:
        return f"{low}+"
    return str(low) if low == high else f"{low}-{high}"

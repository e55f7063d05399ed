"""The same Period read in other ways: what a Provider's figure becomes under each choice.

What would surprise: the published reading is none of them, it is the Ranking's own Scorecards; and of a role other
than the published one, Providers are compared under the same id, whether or not they are the same organisation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.model.words import ClassLabel


class SensitivityChoice(StrEnum):
    """What is read differently; the words stand in files."""

    FIRST_TAKEDOWN = "first-takedown"  # the first takedown is the end, also where the material came back
    TAIL_REMOVED = "tail-removed"  # no end seen, last readings inconclusive: removed at the first of these
    TAIL_ONLINE = "tail-online"  # the same, online to the cut-off
    WITHOUT_PAGES = "without-pages"  # Targets that are pages which answer are left out
    SITE_CLUSTERS = "site-clusters"  # intervals and classes with sites as clusters, not Provider x day
    ROLE_AS = "role-as"  # booked on the holder of the origin AS, not of the network
    CUTOFF_WEEK_EARLIER = "cutoff-week-earlier"  # facts of the last week before the cut-off are not known


@dataclass(frozen=True, slots=True)
class SensitivityReading:
    """One Provider under one choice: shares within the norm, 0 to 1, None = not known."""

    choice: str  # SensitivityChoice
    provider_id: str
    n_episodes: int
    share: float | None
    low: float | None  # 95% limits
    high: float | None
    worst: float | None  # bounds
    best: float | None
    class_: str  # ClassLabel; written as "class" in every file


@dataclass(frozen=True, slots=True)
class SensitivitySummary:
    """How far the classes depend on one choice.

    `n_classes` counts the Providers with a class (not too-few) in either reading and `changed` those of them whose
    class differs: `turned` had one in both, `gained` only under this choice, `lost` only as published.
    """

    choice: str
    n_classes: int
    changed: int
    turned: int
    gained: int
    lost: int


def summaries(published: Mapping[str, str], readings: Iterable[SensitivityReading]) -> tuple[SensitivitySummary, ...]:
    """Each choice held against the published classes (by provider id), in the order in which the choices come."""
    by_choice: dict[str, dict[str, str]] = {}
    for reading in readings:
        by_choice.setdefault(reading.choice, {})[reading.provider_id] = reading.class_
    before = _classes(published)
    return tuple(_summary(choice, before, _classes(now)) for choice, now in by_choice.items())


def _classes(labels: Mapping[str, str]) -> dict[str, str]:
    """Those that are classes: too few Episodes are none."""
    return {key: label for key, label in labels.items() if label != ClassLabel.TOO_FEW.value}


def _summary(choice: str, before: Mapping[str, str], now: Mapping[str, str]) -> SensitivitySummary:
    both = before.keys() & now.keys()
    turned = sum(before[key] != now[key] for key in both)
    gained, lost = len(now) - len(both), len(before) - len(both)
    return SensitivitySummary(choice, len(both) + gained + lost, turned + gained + lost, turned, gained, lost)

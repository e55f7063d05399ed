"""How a Ranking depends on a choice: the same Period read in several ways, beside one another."""

from dataclasses import dataclass
from enum import StrEnum

from monitor.model.period import Period
from monitor.model.scorecard import Norm


class Compared(StrEnum):
    """What is chosen differently."""

    ROLE = "role"  # whom the address is booked on: network, as, customer
    REFDATA = "refdata"  # which routing table says who announces it
    FRONTING = "fronting"  # with and without the tables of reverse proxies
    METHOD = "method"  # as frozen, and measured again by the method in force


@dataclass(frozen=True, slots=True)
class Standing:
    """One Provider under one choice."""

    n_episodes: int
    rank: int | None
    class_: str  # ClassLabel
    within_norm_worst: float | None
    within_norm_best: float | None
    within_norm: float | None = None  # the estimate


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to read the facts, held against the first one.

    An attribution is that of one notified Target on one clock: `n_attributions` of them are in both readings,
    `n_changed` of these name another Provider (or role), `n_only_here` and `n_only_there` are in one of them.
    `n_classes` counts the Providers with a class (not too-few) in either reading, `n_classes_changed` those whose
    class differs, `n_classes_turned` those of them with a class in both: the others only gained or lost one.
    `rank_correlation` is Kendall's tau-b over the Providers ranked in both.
    """

    name: str
    n_episodes: int
    n_unattributed: int
    n_proxied: int
    n_attributions: int
    n_changed: int
    n_only_here: int
    n_only_there: int
    n_providers: int
    n_ranked: int
    n_classes: int
    n_classes_changed: int
    n_classes_turned: int
    rank_correlation: float | None


@dataclass(frozen=True, slots=True)
class ComparedProvider:
    """One Provider under every choice, in their order; None where it has no Scorecard."""

    provider_id: str
    provider: str
    standings: tuple[Standing | None, ...]

    @property
    def changes_class(self) -> bool:
        return len({standing.class_ if standing else None for standing in self.standings}) > 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """The first choice is the one that the others are held against."""

    by: Compared
    period: Period
    norm: Norm
    freeze: str  # digest of the freeze whose cut-off and method were taken
    choices: tuple[Choice, ...]
    providers: tuple[ComparedProvider, ...]
    as_frozen: bool = True  # whether the first choice gives exactly the frozen rows

"""Classes against the norm's target: who is surely below it, who surely meets it, and who is too small to say.

In: limits of each Provider, made by survival, and the target. Out: one ClassLabel per Provider. What would surprise:
no estimate is looked at, shrunken or not. `below` needs the best case to fail, by any end; `meets` needs the worst
case to succeed, by takedown alone; and a final report asks `below` once more, of all ranked Providers together.

Method: `measurement.md` section 4; Holm (1979, Scand. J. Statist. 6:65).
"""

import numpy as np

from monitor.model.columns import Flags, Floats, Texts
from monitor.model.measurement import Estimates
from monitor.model.scorecard import Minimums, Norm
from monitor.model.words import ClassLabel, NoticeKind, Role

FAMILY_LEVEL = 0.05
_DECIMALS = 9  # a limit that is the target but for rounding is at the target, on every machine
NO_EPISODES, FEW_EPISODES, FEW_CLUSTERS = "no-episodes", "few-episodes", "few-clusters"


def unranked_reason(n_episodes: int, n_clusters: int, minimums: Minimums) -> str | None:
    """Why a Provider with so many has no rank; None where it has one."""
    if n_episodes == 0:
        return NO_EPISODES
    if n_episodes < minimums.episodes:
        return FEW_EPISODES
    return FEW_CLUSTERS if n_clusters < minimums.clusters else None


def eligible(estimates: Estimates, minimums: Minimums) -> Flags:
    """Which Providers are ranked and have a class, one flag per Provider."""
    return (estimates.n_episodes >= max(1, minimums.episodes)) & (estimates.n_clusters >= minimums.clusters)


def classify(meets_limit: Floats, below_limit: Floats, target: float, judged: Flags) -> Texts:
    """The ClassLabel word of each Provider; all arrays have one entry per Provider.

    `meets_limit`: one-sided 99% lower limit of the worst-case complying share; `below_limit`: one-sided 99% upper limit
    of the best-case share of any end; NaN where there is none, which proves nothing. `judged`: enough Episodes.
    """
    below = np.round(below_limit, _DECIMALS) < target
    meets = np.round(meets_limit, _DECIMALS) >= target
    words: list[ClassLabel] = [ClassLabel.TOO_FEW, ClassLabel.BELOW, ClassLabel.MEETS]
    labels = np.select([~judged, below, meets], [word.value for word in words], ClassLabel.NOT_PROVEN.value)
    return labels.astype(np.object_)


def holm(p: Floats) -> Floats:
    """The p values adjusted for all of them being looked at, as R's `p.adjust(method = "holm")`; NaN counts as 1."""
    p = np.where(np.isnan(p), 1.0, p)
    order = np.argsort(p, kind="stable")
    steps = (len(p) - np.arange(len(p))) * p[order]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps)) if len(p) else steps
    return adjusted


def confirm(labels: Texts, below_p: Floats, judged: Flags) -> Texts:
    """The labels with every `below` that Holm at 5% over the judged Providers does not confirm made `not-proven`."""
    refuted = np.zeros(len(labels), np.bool_)
    refuted[judged] = np.round(holm(below_p[judged]), _DECIMALS) > FAMILY_LEVEL
    return np.where(refuted & (labels == ClassLabel.BELOW.value), ClassLabel.NOT_PROVEN.value, labels)


def is_confirmatory(norm: Norm, role: Role) -> bool:
    """Whether a final report tests this Ranking: the registered networks, against the primary norm of requests."""
    return role is Role.NETWORK and norm.clock is NoticeKind.REQUEST and norm.is_primary


def classes_of(estimates: Estimates, norm: Norm, role: Role, minimums: Minimums, *, final: bool = False) -> Texts:
    """The class of each Provider of one Ranking; with `final`, confirmed where the Ranking is the confirmatory one."""
    judged = eligible(estimates, minimums)
    labels = classify(estimates.meets_limit, estimates.below_limit, norm.target, judged)
    return confirm(labels, estimates.below_p, judged) if final and is_confirmatory(norm, role) else labels

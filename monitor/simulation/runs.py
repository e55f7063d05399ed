"""One market run: from simulated events through the real code to scores against the known truth.

In: a Scenario and the number of the run, which is its seed. Out: Scores. What would surprise: nothing of the truth is
handed to the code under test; it gets Facts, as the store would give them, and no more.
"""

from dataclasses import dataclass

import numpy as np

from monitor import ranking, survival
from monitor.model.columns import Flags, Floats
from monitor.model.measurement import Estimates, Measurement
from monitor.model.scorecard import PUBLISHED_HOURS, Minimums, Norm, Ranking
from monitor.model.selected import Selected, select
from monitor.model.words import ClassLabel, NoticeKind, Role
from monitor.simulation.checks import observe
from monitor.simulation.facts import CUTOFF, PERIOD, Derived, derive, provider_ids
from monitor.simulation.market import NORM_HOURS, Market, draw_market
from monitor.simulation.naive import mean_of_completed, naive_figures
from monitor.simulation.scenarios import CLUSTER_BINS, Scenario, bin_name
from monitor.simulation.scores import Scores, covered
from monitor.simulation.truth import Expected, expected, realised
from monitor.survival.bounds import bounds_at, intervals_of

TARGET = 0.8
NORM = Norm(NoticeKind.REQUEST, NORM_HOURS, TARGET)
ALL, EXTREME = "all", "extreme"
LOW_SHARE, HIGH_SHARE = 0.03, 0.97
FEWEST_CLUSTERS = 40
"""From so many on, median and mean have an interval (measurement.md section 3)."""
RESAMPLES = 400
POINTS = 100.0
"""Shares are scored in points."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What the real code made of a Market, beside its truth. Providers in the order of `provider_ids`."""

    market: Market
    truth: Expected
    derived: Derived
    chosen: Selected
    measured: Measurement
    ranking: Ranking


def run_market(scenario: Scenario, run: int) -> Scores:
    """Draw, observe, derive, measure, rank, and score."""
    outcomes = measure_market(scenario, np.random.default_rng((run, *scenario.name.encode())))
    scores = Scores()
    score_classes(outcomes, scores)
    if scenario.estimates:
        cells = cells_of(outcomes)
        score_share(outcomes, cells, scores)
        score_hours(outcomes, cells, scores)
        score_durations(outcomes, cells, scores)
        score_ranks(outcomes, scores)
        score_bounds(outcomes, scores)
    return scores


def measure_market(scenario: Scenario, rng: np.random.Generator) -> Outcomes:
    """The straight line on a simulated Market."""
    market = draw_market(scenario, rng)
    derived = derive(market, observe(market, rng))
    chosen = select(derived.table, clock=NoticeKind.REQUEST, role=Role.NETWORK)
    resamples = RESAMPLES if scenario.estimates else 0
    measured = survival.measure(chosen, NORM, with_curves=False, resamples=resamples)
    made = ranking.make_ranking(
        chosen,
        measured,
        period=PERIOD,
        cutoff=CUTOFF,
        minimums=Minimums(),
        providers={},
        labels={},
        freeze="",
        final=True,
    )
    return Outcomes(market, expected(market), derived, chosen, measured, made)


def _estimates(outcomes: Outcomes) -> Estimates:
    """Of every Provider of the Market; raises ValueError where one has no row, which no Scenario brings about."""
    if outcomes.measured.ids != provider_ids(outcomes.market):
        raise ValueError("a simulated Provider has no row")
    return outcomes.measured.estimates


def cells_of(outcomes: Outcomes) -> dict[str, Flags]:
    """Who is in which cell of the tables: all, by the number of clusters, and those with shares near 0 or 1."""
    share, clusters = outcomes.truth.at(NORM_HOURS), _estimates(outcomes).n_clusters
    known = ~np.isnan(share)
    extreme = known & ((share < LOW_SHARE) | (share > HIGH_SHARE))
    cells = {ALL: known, EXTREME: extreme}
    for place, (low, high) in enumerate(CLUSTER_BINS):
        last = place == len(CLUSTER_BINS) - 1
        cells[bin_name(place)] = known & ~extreme & (clusters >= low) & (last | (clusters <= high))
    return cells


def score_share(outcomes: Outcomes, cells: dict[str, Flags], scores: Scores) -> None:
    """Coverage of the expected share by the 95% intervals, ours and the naive ones."""
    estimates, share = _estimates(outcomes), outcomes.truth.at(NORM_HOURS)
    scores.add_by(cells, "cover", covered(estimates.norm_low, share, estimates.norm_high))
    scores.add_by(cells, "cover.site", covered(estimates.site_low, share, estimates.site_high))
    scores.add_by(cells, "width", POINTS * (estimates.norm_high - estimates.norm_low))
    scores.add_by(cells, "identified", estimates.identified)
    for name, figures in naive_figures(outcomes.chosen).items():
        scores.add_by(cells, f"cover.{name}", covered(figures.low, share, figures.high))


def score_hours(outcomes: Outcomes, cells: dict[str, Flags], scores: Scores) -> None:
    """Bias against the realised share at each published hour, in points."""
    naive = naive_figures(outcomes.chosen)
    for place, hours in enumerate(PUBLISHED_HOURS):
        truth = realised(outcomes.market, float(hours))
        error = _estimates(outcomes).within[:, place] - truth
        scores.add_by(cells, f"bias.{hours}", POINTS * error)
        for name, figures in naive.items():
            scores.add_by(cells, f"bias.{hours}.{name}", POINTS * (figures.within[:, place] - truth))


def score_durations(outcomes: Outcomes, cells: dict[str, Flags], scores: Scores) -> None:
    """Median and restricted mean: coverage where enough clusters give an interval, and bias of the mean in hours."""
    estimates, truth = _estimates(outcomes), outcomes.truth
    many = estimates.n_clusters >= FEWEST_CLUSTERS
    high = np.where(np.isnan(estimates.median_high), np.inf, estimates.median_high)
    median = covered(estimates.median_low, truth.median(), high)
    scores.add(ALL, "cover.median", median[many])
    mean = truth.mean()
    scores.add(ALL, "cover.mean", covered(estimates.mean_low, mean, estimates.mean_high)[many])
    scores.add_by(cells, "bias.mean", estimates.mean - mean)
    scores.add_by(cells, "bias.mean.completed", mean_of_completed(outcomes.chosen) - mean)


def score_ranks(outcomes: Outcomes, scores: Scores) -> None:
    """Whether the rank interval holds the true rank, by the expected share among the ranked; ties are shared."""
    place = {name: n for n, name in enumerate(outcomes.measured.ids)}
    ranked = [card for card in outcomes.ranking.scorecards if card.rank is not None]
    share = outcomes.truth.at(NORM_HOURS)[[place[card.provider_id] for card in ranked]]
    low, high = (np.array([getattr(card, name) for card in ranked], float) for name in ("rank_low", "rank_high"))
    ordered = np.sort(np.round(share, 9))
    first = 1 + np.searchsorted(ordered, np.round(share, 9), side="left")
    last = np.searchsorted(ordered, np.round(share, 9), side="right")
    scores.add(ALL, "cover.rank", (low <= last) & (first <= high))
    scores.add(ALL, "width.rank", (high - low + 1) / len(ranked))


def score_bounds(outcomes: Outcomes, scores: Scores) -> None:
    """Worst <= truth <= best, Episode by Episode at each hour; and worst <= estimate <= best, Provider by Provider."""
    rows, estimates = intervals_of(outcomes.chosen), _estimates(outcomes)
    place = outcomes.derived.target
    targets = outcomes.market.targets
    is_episode = outcomes.chosen.is_episode
    for hours in PUBLISHED_HOURS:
        bounds = bounds_at(rows, float(hours))
        within = targets.takedown[place] & (targets.ended[place] <= hours)
        scores.add(ALL, "bounds.broken", ((bounds.worst & ~within) | (within & ~bounds.best))[is_episode])
    n = np.maximum(estimates.n_episodes, 1)
    outside = (estimates.norm < estimates.worst / n - 1e-9) | (estimates.norm > estimates.best / n + 1e-9)
    scores.add(ALL, "estimate.outside", outside)


def score_classes(outcomes: Outcomes, scores: Scores) -> None:
    """False and right flags by the true share, one by one at 99% and in the final report under Holm."""
    estimates, share = _estimates(outcomes), outcomes.truth.at(NORM_HOURS)
    cards = {card.provider_id: card.class_ for card in outcomes.ranking.scorecards}
    labels = np.array([cards[name] for name in outcomes.measured.ids])
    ranked = labels != ClassLabel.TOO_FEW.value
    flagged = ranked & (estimates.below_limit < TARGET)
    final, meets = labels == ClassLabel.BELOW.value, labels == ClassLabel.MEETS.value
    for cell, inside in _by_share(outcomes.market.scenario, share, ranked).items():
        scores.add(cell, "below", flagged[inside])
        scores.add(cell, "below.final", final[inside])
        scores.add(cell, "meets", meets[inside])
    innocent = share >= TARGET - 1e-6
    scores.add(ALL, "family.below", np.array([(flagged & innocent).any()]))
    scores.add(ALL, "family.final", np.array([(final & innocent).any()]))
    scores.add(ALL, "ranked", np.array([ranked.sum()]))


def _by_share(scenario: Scenario, share: Floats, ranked: Flags) -> dict[str, Flags]:
    """The ranked Providers by their true share, where it is one of few; else by the side of the target."""
    if scenario.shares:
        return {f"share {value:g}": ranked & (np.abs(share - value) < 1e-4) for value in scenario.shares}
    return {"under target": ranked & (share < TARGET), "at or over target": ranked & (share >= TARGET)}

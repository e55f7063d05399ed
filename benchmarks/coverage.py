"""How often the 95% interval of a share holds the truth, by number of clusters: several methods on the same data.

In: nothing (a generator with known truth). Out: the tables of docs/decisions/010-intervals.md, on standard output.
What would surprise: the truth is the share that the Provider's handling of its sites leads to, with the luck of the
days of notice averaged out; so the generator keeps the margin of each Episode and only ties the Episodes of a day
together (Gaussian copula). A day brings one site more than others, as notices do.

    .venv/bin/python -m benchmarks.coverage                 # some minutes on one core
    .venv/bin/python -m benchmarks.coverage --markets 20    # a quick look
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.special import expit, ndtri
from scipy.stats import t as student

from monitor.model.measurement import Estimates, Measurement
from monitor.model.previous import Before
from monitor.model.scorecard import Norm
from monitor.model.words import NoticeKind
from monitor.survival.bootstrap import change_interval
from monitor.survival.design_effect import DesignEffects, design_effects
from monitor.survival.limits import clopper_pearson_lower, clopper_pearson_upper, wilson
from monitor.survival.membership import membership
from monitor.survival.npmle import fit_groups

PROVIDERS = 200
BINS = ((1, 1), (2, 4), (5, 9), (10, 19), (20, 60))
NAMES = ("1", "2-4", "5-9", "10-19", "20+")
TARGET = 0.8
REPLICATES = 400
LEAST = 2000
"""Intervals in a cell, under which no coverage is told."""
OURS = "ours: Wilson, pooled or own"
AS_IT_CAME = "ours, as it came"


@dataclass(frozen=True)
class Scenario:
    """How a market of Providers is drawn."""

    name: str
    latent: float  # correlation of two Episodes of a day on the normal scale
    sizes: str  # geometric: mean 4; log-normal: median 3, now and then hundreds; equal: 5
    logit_mean: float = 1.2
    logit_sd: float = 1.2
    site_sd: float = 0.5
    uneven: bool = False  # the correlation differs from Provider to Provider, from 0 to twice as much
    few_strong: bool = False  # one Provider in ten at 0.7, the others as `latent` says
    at_target: bool = False  # every Provider exactly at TARGET


SCENARIOS = (
    Scenario("weak, geometric", 0.1, "geometric"),
    Scenario("middle, geometric", 0.35, "geometric"),
    Scenario("strong, geometric", 0.6, "geometric"),
    Scenario("weak, log-normal", 0.1, "log-normal"),
    Scenario("middle, log-normal", 0.35, "log-normal"),
    Scenario("strong, log-normal", 0.6, "log-normal"),
    Scenario("middle, equal sizes", 0.35, "equal"),
    Scenario("middle, uneven correlation", 0.35, "geometric", uneven=True),
    Scenario("one in ten strong, others weak", 0.05, "geometric", few_strong=True),
    Scenario("no correlation", 0.0, "geometric"),
    Scenario("middle, strong sites", 0.35, "geometric", site_sd=1.5),
    Scenario("middle, shares near 0 and 1", 0.35, "geometric", logit_mean=0.0, logit_sd=4.0),
)
AT_TARGET = tuple(
    Scenario(f"{name}, at target", latent, sizes, logit_sd=0.0, site_sd=0.0, at_target=True)
    for name, latent, sizes in (
        ("no correlation", 0.0, "geometric"),
        ("weak, geometric", 0.1, "geometric"),
        ("middle, geometric", 0.35, "geometric"),
        ("strong, geometric", 0.6, "geometric"),
        ("strong, log-normal", 0.6, "log-normal"),
    )
)


@dataclass(frozen=True)
class Market:
    """One entry per Episode, and per Provider the truth and the number of its bin."""

    provider: np.ndarray
    cluster: np.ndarray
    inside: np.ndarray
    truth: np.ndarray  # over the days on which notices might have come, with the sites that they bring
    as_it_came: np.ndarray  # over the sites in the mixture in which they came
    cell: np.ndarray


def market(rng: np.random.Generator, scenario: Scenario, bins: tuple[tuple[int, int], ...] = BINS) -> Market:
    """PROVIDERS Providers, as many in each bin of cluster counts."""
    cell = np.arange(PROVIDERS) % len(bins)
    low, high = np.array(bins).T
    n_clusters = rng.integers(low[cell], high[cell] + 1)
    of_cluster = np.repeat(np.arange(PROVIDERS), n_clusters)
    size = _sizes(rng, scenario.sizes, len(of_cluster))
    cluster = np.repeat(np.arange(len(size)), size)
    provider = of_cluster[cluster]
    margin, truth = _margins(rng, scenario, provider, of_cluster, cluster)
    tied = _ties(rng, scenario)[provider]
    day, own = rng.standard_normal(len(size))[cluster], rng.standard_normal(len(cluster))
    inside = np.sqrt(tied) * day + np.sqrt(1 - tied) * own < ndtri(margin)
    as_it_came = np.bincount(provider, margin, PROVIDERS) / np.bincount(provider, minlength=PROVIDERS)
    return Market(provider, cluster, inside.astype(float), truth, as_it_came, cell)


def _ties(rng: np.random.Generator, scenario: Scenario) -> np.ndarray:
    """Each Provider's correlation on the normal scale."""
    if scenario.uneven:
        return np.minimum(scenario.latent * rng.uniform(0, 2, PROVIDERS), 0.95)
    if scenario.few_strong:
        return np.where(rng.random(PROVIDERS) < 0.1, 0.7, scenario.latent)
    return np.full(PROVIDERS, scenario.latent)


def _sizes(rng: np.random.Generator, sizes: str, count: int) -> np.ndarray:
    if sizes == "geometric":
        return rng.geometric(0.25, count)
    if sizes == "equal":
        return np.full(count, 5)
    return np.maximum(1, np.rint(rng.lognormal(np.log(3), 1.2, count))).astype(int)


def _margins(
    rng: np.random.Generator, scenario: Scenario, provider: np.ndarray, of_cluster: np.ndarray, cluster: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The probability of each Episode (its Provider's, changed by its site), and their mean over a Provider's sites."""
    if scenario.at_target:
        return np.full(len(provider), TARGET), np.full(PROVIDERS, TARGET)
    logit = rng.normal(scenario.logit_mean, scenario.logit_sd, PROVIDERS)
    site_logit = rng.normal(0, scenario.site_sd, (PROVIDERS, 8))
    of_day = rng.integers(0, 8, len(of_cluster))[cluster]
    site = np.where(rng.random(len(provider)) < 0.5, of_day, rng.integers(0, 8, len(provider)))
    every = expit(logit[:, None] + site_logit)
    return every[provider, site], every.mean(axis=1)


def intervals(rng: np.random.Generator, effects: DesignEffects) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Lower and upper 95% limits by every method."""
    n, own = effects.n, np.where(np.isnan(effects.own), 1.0, effects.own)
    freedom = np.maximum(effects.n_clusters - 1, 0)
    shrunk = (freedom * own + 10 * effects.pooled) / (freedom + 10)
    return {
        "Wilson, no clusters": wilson(effects.share, n),
        "percentile bootstrap": _percentile(rng, effects),
        "jackknife t": _jackknife_t(effects),
        "Wilson, own only": wilson(effects.share, n / np.maximum(own, 1.0)),
        "Wilson, pooled only": wilson(effects.share, n / np.maximum(effects.pooled, 1.0)),
        "Wilson, pooled or shrunk own": wilson(effects.share, n / np.maximum(1.0, np.maximum(effects.pooled, shrunk))),
        OURS: wilson(effects.share, effects.n_effective),
    }


def _percentile(rng: np.random.Generator, effects: DesignEffects) -> tuple[np.ndarray, np.ndarray]:
    """Whole clusters drawn with replacement, each Provider's on its own."""
    clusters, count = effects.clusters, effects.n_clusters
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    draw = rng.random((REPLICATES, len(clusters)))
    drawn = start[clusters.provider] + np.floor(draw * count[clusters.provider]).astype(int)
    sums = np.add.reduceat(clusters.inside[drawn], start, axis=1) / np.add.reduceat(
        clusters.weight[drawn], start, axis=1
    )
    low, high = np.quantile(sums, (0.025, 0.975), axis=0)
    return low, high


def _jackknife_t(effects: DesignEffects) -> tuple[np.ndarray, np.ndarray]:
    """Share +- t(C - 1) times the jackknife's standard error; no length with one cluster and at 0 and 1."""
    variance = np.where(np.isnan(effects.own), 0.0, effects.own * effects.share * (1 - effects.share) / effects.n)
    half = student.ppf(0.975, np.maximum(effects.n_clusters - 1, 1)) * np.sqrt(variance)
    return effects.share - half, effects.share + half


def measured(drawn: Market) -> DesignEffects:
    """By the code that measures Providers, all weights 1."""
    return design_effects(drawn.provider, drawn.cluster, np.ones(len(drawn.provider)), drawn.inside, PROVIDERS)


class Tally:
    """Intervals, those that hold the truth, and their widths: arrays by (regime of the truth, bin), per method."""

    def __init__(self) -> None:
        self.of: dict[str, np.ndarray] = defaultdict(lambda: np.zeros((3, 2, len(BINS))))

    def add(self, method: str, drawn: Market, truth: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        extreme = ((drawn.truth < 0.03) | (drawn.truth > 0.97)).astype(int)
        place = extreme * len(BINS) + drawn.cell
        holds = (low <= truth) & (truth <= high)
        for row, what in enumerate((np.ones(PROVIDERS), holds, high - low)):
            self.of[method][row] += np.bincount(place, what, 2 * len(BINS)).reshape(2, len(BINS))

    def coverage(self, method: str, extreme: int) -> np.ndarray:
        """In %, by bin; NaN with fewer than 2,000 intervals."""
        total, held, _ = self.of[method][:, extreme]
        return np.where(total >= LEAST, 100 * held / np.maximum(total, 1), np.nan)

    def width(self, method: str, extreme: int) -> np.ndarray:
        total, _, width = self.of[method][:, extreme]
        return 100 * width / np.maximum(total, 1)


def study(scenario: Scenario, markets: int, seed: int) -> Tally:
    tally = Tally()
    for number in range(markets):
        rng = np.random.default_rng([seed, number])
        drawn = market(rng, scenario)
        for method, (low, high) in intervals(rng, measured(drawn)).items():
            tally.add(method, drawn, drawn.truth, low, high)
            if method == OURS:
                tally.add(AS_IT_CAME, drawn, drawn.as_it_came, low, high)
    return tally


def false_flags(scenario: Scenario, markets: int, seed: int) -> np.ndarray:
    """By bin, of Providers exactly at TARGET: how many, whose 99% upper limit is under it, whose lower is over it."""
    totals = np.zeros((3, len(BINS)), int)
    for number in range(markets):
        drawn = market(np.random.default_rng([seed, number]), scenario)
        effects = measured(drawn)
        under = clopper_pearson_upper(effects.share, effects.n_effective) < TARGET
        over = clopper_pearson_lower(effects.share, effects.n_effective) >= TARGET
        for row, flag in enumerate((np.ones(PROVIDERS, bool), under, over)):
            totals[row] += np.bincount(drawn.cell[flag], minlength=len(BINS))
    return totals


CHANGE_BINS = ((2, 9), (10, 39), (40, 80))


def changes(scenario: Scenario, markets: int, seed: int) -> dict[str, np.ndarray]:
    """Coverage in % of the 95% interval of a change, by CHANGE_BINS; two markets are two Periods."""
    held: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(CHANGE_BINS)))
    for number in range(markets):
        periods = [market(np.random.default_rng([seed, number, side]), scenario, CHANGE_BINS) for side in (0, 1)]
        now, then = (_as_measured(measured(drawn)) for drawn in periods)
        found = then.estimates
        columns = (found.norm, found.norm, found.norm, found.norm_low, found.norm_high)
        before = Before(found.n_clusters, *columns), then.clusters
        truth = periods[0].truth - periods[1].truth
        for method, replicates in (("hybrid score alone", 0), ("ours: drawn days from 40 on", 400)):
            low, high = change_interval(now, *before, replicates=replicates)
            held[method] += np.bincount(periods[0].cell, (low <= truth) & (truth <= high), len(CHANGE_BINS))
    total = markets * np.bincount(np.arange(PROVIDERS) % len(CHANGE_BINS))
    return {method: 100 * count / total for method, count in held.items()}


def _as_measured(effects: DesignEffects) -> Measurement:
    """The shares alone as a Measurement; every other figure is NaN."""
    low, high = wilson(effects.share, effects.n_effective)
    known = {"norm": effects.share, "norm_range_low": effects.share, "norm_range_high": effects.share}
    known |= {"norm_low": low, "norm_high": high, "n_clusters": effects.n_clusters}
    nothing = np.full(len(effects.n), np.nan)
    estimates = Estimates(**{each.name: known.get(each.name, nothing) for each in fields(Estimates)})
    return Measurement(Norm(NoticeKind.REQUEST, 24.0, TARGET), (), estimates, effects.clusters, effects.rho, None)


def lost(part: float, n: int, runs: int, seed: int) -> tuple[float, float]:
    """Coverage in % with n and with n_eff, where a part of the Episodes is lost from sight before the norm's hours."""
    rng = np.random.default_rng([seed, n])
    provider, truth = np.repeat(np.arange(runs), n), rng.uniform(0.2, 0.95, runs)
    inside = rng.random(runs * n) < truth[provider]
    time = np.where(inside, rng.uniform(0, 24, runs * n), rng.uniform(24, 500, runs * n))
    until = np.where(rng.random(runs * n) < part, rng.uniform(0, 24, runs * n), 600.0)
    cause = np.where(time <= until, 0, -1).astype(np.int8)
    left = np.minimum(time, until)
    right, weight = np.where(cause == 0, left, np.inf), np.ones(runs * n)
    fits = fit_groups(provider, runs, left, right, cause, weight)
    expected = membership(fits, provider, left, right, cause, (0,), 24.0)
    effects = design_effects(provider, np.arange(runs * n), weight, expected, runs)
    covered = []
    for size in (effects.n, effects.n_effective):
        low, high = wilson(effects.share, size)
        covered.append(100 * float(((low <= truth) & (truth <= high)).mean()))
    return covered[0], covered[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--markets", type=int, default=160, help="markets of 200 Providers per scenario")
    parser.add_argument("--seed", type=int, default=10)
    options = parser.parse_args()
    found = {scenario.name: study(scenario, options.markets, options.seed) for scenario in SCENARIOS}
    methods = [method for method in next(iter(found.values())).of if method != AS_IT_CAME]
    _table(
        "Coverage of 95% in %, lowest to highest over the scenarios (mean width in points); shares from 3% to 97%",
        "method",
    )
    for method in methods:
        cover = np.array([tally.coverage(method, 0) for tally in found.values()])
        width = np.mean([tally.width(method, 0) for tally in found.values()], axis=0)
        _row(
            method,
            (f"{low:.1f}–{high:.1f} ({w:.0f})" for low, high, w in zip(cover.min(0), cover.max(0), width, strict=True)),
        )
    for title, method in (("Ours", OURS), ("Ours, truth over the sites in the mixture in which they came", AS_IT_CAME)):
        _table(f"{title}: coverage in %; shares from 3% to 97%", "scenario")
        for name, tally in found.items():
            _row(name, (f"{each:.1f}" for each in tally.coverage(method, 0)))
    _table("Shares under 3% or over 97%: coverage in % (mean width in points)", "method")
    for method in methods:
        tally = found[SCENARIOS[-1].name]
        pairs = zip(tally.coverage(method, 1), tally.width(method, 1), strict=True)
        _row(method, (f"{cover:.1f} ({width:.0f})" for cover, width in pairs))
    _table("Providers exactly at the target: 99% upper limit under it / lower limit over it, in %", "scenario")
    for scenario in AT_TARGET:
        total, under, over = false_flags(scenario, 2 * options.markets, options.seed)
        _row(
            scenario.name,
            (f"{100 * u / n:.2f} / {100 * o / n:.2f}" for n, u, o in zip(total, under, over, strict=True)),
        )
    _more_tables(min(options.markets, 40), options.seed)


def _more_tables(markets: int, seed: int) -> None:
    _table("Change between two Periods: coverage of 95% in %, by clusters in each", "method", ["2-9", "10-39", "40-80"])
    for scenario in (SCENARIOS[1], SCENARIOS[5], SCENARIOS[-1]):
        for method, covered in changes(scenario, markets, seed).items():
            _row(f"{scenario.name}: {method}", (f"{each:.1f}" for each in covered))
    _table("Lost from sight before the norm's hours: coverage of 95% in %", "part lost, Episodes", ["n", "ours"])
    for part, n in ((0.1, 40), (0.3, 40), (0.5, 40), (0.3, 150), (0.5, 150)):
        _row(f"{part:.0%}, {n}", (f"{each:.1f}" for each in lost(part, n, 5000, seed)))


def _table(title: str, first: str, names: Sequence[str] = NAMES) -> None:
    print(f"\n{title}\n\n| {first} | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}")


def _row(first: str, cells: Iterable[str]) -> None:
    print(f"| {first} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

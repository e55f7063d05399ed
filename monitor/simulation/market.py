"""One simulated market: Providers, their notices, and what truly became of each Target.

In: a Scenario and a generator of random numbers. Out: a Market, in hours after the Period's start for times of day and
in hours after the notice for what became of a Target. What would surprise: Targets that were gone before their notice
are in it too, with a negative time; the real episode code has to find out.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm as normal

from monitor.model.columns import Columns, Flags, Floats, Ints
from monitor.simulation.scenarios import BATCH_SIZES, CLUSTER_BINS, Scenario

DAYS = 90
NORM_HOURS = 24.0
STAYS_BACK_HOURS = 72.0
"""Who comes back stays so long at least, so that a daily check sees it: what nobody can see is another study."""
MOVE_SCALE, DOMAIN_SCALE = 30.0, 60.0
"""Hours until a move, and until a domain goes, on average, of those that would."""
EXTREME = 0.1
"""Share of the Providers that take down almost nothing, and as many that take down almost all."""


@dataclass(frozen=True, slots=True, eq=False)
class ProviderColumns(Columns):
    """One entry per Provider."""

    bin: Ints  # place in CLUSTER_BINS
    ignored: Floats  # share of Targets that it never takes down of its own accord
    mu: Floats  # mean of the logarithm of the hours until a takedown


@dataclass(frozen=True, slots=True, eq=False)
class TargetTruth(Columns):
    """One entry per Target. Hours after the notice; infinite: never."""

    provider: Ints
    site: Ints  # place in Market.site_effect
    reported: Floats  # hours after the Period's start
    notified: Floats  # likewise
    removed: Floats
    back: Floats  # online again
    removed_again: Floats
    moved: Floats  # to `moved_to`, where it stays online
    moved_to: Ints
    gone: Floats  # the domain
    closed: Flags  # answers 403 once it is gone: no reading shows the end
    ended: Floats  # the true end, by measurement.md section 2
    takedown: Flags  # that end is a takedown


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Providers, Targets, and the logarithmic effect of each site on the hours until a takedown."""

    scenario: Scenario
    providers: ProviderColumns
    targets: TargetTruth
    site_effect: Floats

    @property
    def is_episode(self) -> Flags:
        """Truly there at the notice."""
        there: Flags = self.targets.ended > 0
        return there


def spread(scenario: Scenario) -> float:
    """Standard deviation of the logarithm of the hours, over batches and Targets of one site."""
    return float(np.sqrt(scenario.batch_sd**2 + scenario.day_sd**2 + scenario.target_sd**2))


def draw_market(scenario: Scenario, rng: np.random.Generator) -> Market:
    """Draw Providers, then their batches of notices, then what becomes of each Target."""
    providers = _providers(scenario, rng)
    provider, day, batch = _batches(scenario, providers, rng)
    n_sites = rng.integers(1, 6, len(providers))
    first_site = np.cumsum(n_sites) - n_sites
    site = first_site[provider] + (rng.random(len(provider)) ** 1.5 * n_sites[provider]).astype(np.int64)
    site_effect = scenario.site_sd * rng.standard_normal(int(n_sites.sum()))
    notified = (24.0 * day + _each(batch, rng.uniform(0.0, 23.0, int(batch.max()) + 1)))[:]
    delay = _each(batch, rng.uniform(6.0, 48.0, int(batch.max()) + 1))
    fate = scenario.batch_sd * _each(batch, rng.standard_normal(int(batch.max()) + 1))
    days, of_day = np.unique(provider * (DAYS + 1) + day, return_inverse=True)
    fate += scenario.day_sd * rng.standard_normal(len(days))[of_day] + site_effect[site]
    log_hours = providers.mu[provider] + fate + scenario.target_sd * rng.standard_normal(len(provider))
    obeyed = rng.random(len(provider)) >= providers.ignored[provider]
    targets = _truth(scenario, provider, site, notified, delay, np.where(obeyed, np.exp(log_hours), np.inf), rng)
    return Market(scenario, providers, targets, site_effect)


def _each(group: Ints, values: Floats) -> Floats:
    return values[group]


def _providers(scenario: Scenario, rng: np.random.Generator) -> ProviderColumns:
    n = scenario.providers
    bins = rng.permutation(np.arange(n) % len(CLUSTER_BINS))
    if scenario.shares:
        share = np.array(scenario.shares)[rng.integers(0, len(scenario.shares), n)]
    else:
        share = rng.beta(1.6, 1.1, n)
        kind = rng.random(n)
        share = np.where(kind < EXTREME, rng.uniform(0.002, 0.025, n), share)
        share = np.where(kind > 1 - EXTREME, rng.uniform(0.975, 0.998, n), share)
    ignored = rng.uniform(0.0, 0.8, n) * (1 - share)
    mu = np.log(NORM_HOURS) - spread(scenario) * normal.ppf(share / (1 - ignored))
    return ProviderColumns(bins, ignored, mu)


def _batches(scenario: Scenario, providers: ProviderColumns, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Provider, day and batch of each Target; no day twice at one Provider, sizes skewed."""
    n = len(providers)
    low, high = (np.array(ends)[providers.bin] for ends in zip(*CLUSTER_BINS, strict=True))
    n_days = np.where(scenario.light, rng.integers(3, 13, n), rng.integers(low, high + 1))
    day_order = np.argsort(rng.random((n, DAYS)), axis=1)
    of_day = np.repeat(np.arange(n), n_days)
    place = np.arange(len(of_day)) - np.repeat(np.cumsum(n_days) - n_days, n_days)
    day = day_order[of_day, place]
    a_day = rng.integers(1, scenario.batches_a_day + 1, len(of_day))
    provider, day = np.repeat(of_day, a_day), np.repeat(day, a_day)
    if scenario.light:
        mean = 27.0 / n_days[provider]
    else:
        mean = np.array(BATCH_SIZES)[providers.bin[provider]] * 2 / (1 + scenario.batches_a_day)
    size = 1 + np.floor(rng.exponential(np.maximum(mean - 0.5, 0.05))).astype(np.int64)
    return np.repeat(provider, size), np.repeat(day, size), np.repeat(np.arange(len(size)), size)


def _truth(
    scenario: Scenario,
    provider: Ints,
    site: Ints,
    notified: Floats,
    delay: Floats,
    obeyed_at: Floats,
    rng: np.random.Generator,
) -> TargetTruth:
    """What becomes of each Target: the first of takedown, move and domain, and what follows a takedown."""
    n = len(provider)
    early = np.full(n, np.inf)
    if scenario.early_hazard:
        early = rng.exponential(1 / scenario.early_hazard, n) - delay
    removed = np.minimum(obeyed_at, early)
    moved = np.where(rng.random(n) < scenario.move, rng.exponential(MOVE_SCALE, n), np.inf)
    gone = np.where(rng.random(n) < scenario.domain, rng.exponential(DOMAIN_SCALE, n), np.inf)
    first = np.minimum(np.minimum(removed, moved), gone)
    removed, moved, gone = (np.where(at == first, at, np.inf) for at in (removed, moved, gone))
    fate = rng.random(n)
    soon = np.isfinite(removed) & (removed > 0) & (fate < scenario.soon_back)
    late = np.isfinite(removed) & (removed > 0) & (fate > 1 - scenario.late_back)
    away = np.where(soon, rng.uniform(2.0, 100.0, n), rng.uniform(400.0, 700.0, n))
    back = np.where(soon | late, removed + away, np.inf)
    stays = STAYS_BACK_HOURS + rng.exponential(48.0, n)
    again = np.where(soon | late, back + stays, np.inf)
    other = (provider + rng.integers(1, max(scenario.providers, 2), n)) % scenario.providers
    return TargetTruth(
        provider=provider,
        site=site,
        reported=notified - delay,
        notified=notified,
        removed=removed,
        back=back,
        removed_again=again,
        moved=moved,
        moved_to=other,
        gone=gone,
        closed=rng.random(n) < scenario.closed,
        ended=np.where(soon, again, first),
        takedown=np.isfinite(removed),
    )

"""The truth of a Market: the expected share of each Provider, which its interval should cover, and the realised one.

In: a Market. Out: per Provider, the curves that its handling of its sites comes to in expectation (sites as they are,
the fate of batches averaged out), and what truly happened to its Episodes before anybody looked. What would surprise:
nothing is drawn for the expected share; a lognormal time mixed over normal frailties is lognormal again, and the ends
that compete with it, or undo it, are integrated on a grid.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm as normal

from monitor.model.columns import Columns, Floats, Ints
from monitor.model.episode import CAP_HOURS
from monitor.simulation.market import DOMAIN_SCALE, MOVE_SCALE, STAYS_BACK_HOURS, Market, spread
from monitor.simulation.scenarios import Scenario

GRID: Floats = np.concatenate(([0.0], np.geomspace(0.02, 2500.0, 900)))
"""Hours; a figure between two points is interpolated, which errs by less than 1e-4."""
N_RETURNS = 144
"""Quantile points at which the time that a return adds is integrated over."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected(Columns):
    """One entry per Provider: curves over GRID, shape (Providers, points). NaN without an Episode."""

    takedown: Floats
    any_end: Floats

    def at(self, hours: float) -> Floats:
        """The expected share taken down within so many hours."""
        return _interpolated(self.takedown, hours)

    def median(self) -> Floats:
        """Hours at which the takedowns reach one half; infinite where they do not on the grid."""
        reached = self.takedown >= 0.5
        place = np.maximum(reached.argmax(axis=1), 1)
        row = np.arange(len(self.takedown))
        low, high = self.takedown[row, place - 1], self.takedown[row, place]
        with np.errstate(invalid="ignore", divide="ignore"):
            part = (0.5 - low) / (high - low)
        hours = GRID[place - 1] + part * (GRID[place] - GRID[place - 1])
        return np.where(reached.any(axis=1), hours, np.inf)

    def mean(self) -> Floats:
        """Restricted mean hours until any end, to CAP_HOURS (trapezes)."""
        inside = GRID <= CAP_HOURS
        grid = np.append(GRID[inside], CAP_HOURS)
        online = 1 - np.column_stack((self.any_end[:, inside], _interpolated(self.any_end, CAP_HOURS)))
        mean: Floats = ((online[:, 1:] + online[:, :-1]) / 2 * np.diff(grid)).sum(axis=1)
        return mean


def expected(market: Market) -> Expected:
    """The curves of each Provider: those of its sites, weighted by its Episodes there."""
    n_sites, n = len(market.site_effect), len(market.providers)
    there = market.is_episode
    provider, site = market.targets.provider[there], market.targets.site[there]
    pairs, count = np.unique(provider * n_sites + site, return_counts=True)
    of_provider, of_site = pairs // n_sites, pairs % n_sites
    mu = market.providers.mu[of_provider] + market.site_effect[of_site]
    curves = _curves(market.scenario, mu, market.providers.ignored[of_provider])
    total = np.bincount(provider, minlength=n)
    takedown, other = (_weighted(curve, of_provider, count, total) for curve in curves)
    if soon := market.scenario.soon_back:
        takedown = (1 - soon) * takedown + soon * _later(takedown)
    return Expected(takedown, takedown + other)


def realised(market: Market, hours: float) -> Floats:
    """The share of each Provider's true Episodes that was truly taken down within so many hours; NaN without one."""
    targets, there = market.targets, market.is_episode
    within = there & targets.takedown & (targets.ended <= hours)
    n = len(market.providers)
    count = np.bincount(targets.provider[there], minlength=n)
    with np.errstate(invalid="ignore"):
        return np.bincount(targets.provider[within], minlength=n) / count


def _curves(scenario: Scenario, mu: Floats, ignored: Floats) -> tuple[Floats, Floats]:
    """Incidence of takedown (the first one) and of other ends over GRID, each of the shape (sites, points)."""
    with np.errstate(divide="ignore"):
        log_hours = np.log(GRID)
    obeyed = (1 - ignored)[:, None] * normal.cdf((log_hours[None, :] - mu[:, None]) / spread(scenario))
    removed = 1 - np.exp(-scenario.early_hazard * GRID)[None, :] * (1 - obeyed)
    others = _still(scenario.move, MOVE_SCALE) * _still(scenario.domain, DOMAIN_SCALE)
    between = (others[1:] + others[:-1]) / 2
    takedown = np.zeros_like(removed)
    takedown[:, 1:] = np.cumsum(np.diff(removed, axis=1) * between[None, :], axis=1)
    other = (1 - (1 - removed) * others[None, :]) - takedown
    return takedown, other


def _still(share: float, scale: float) -> Floats:
    """How many are not reached by an end that comes to this share, after so many hours on average."""
    still: Floats = 1 - share + share * np.exp(-GRID / scale)
    return still


def _later(curve: Floats) -> Floats:
    """The curve of those whose takedown is undone and made again: later by the time away and the time back."""
    points = (np.arange(N_RETURNS) + 0.5) / N_RETURNS
    stays = STAYS_BACK_HOURS - 48.0 * np.log1p(-points)
    away = 2.0 + 98.0 * ((points * 89.0) % 1.0)  # Fibonacci's lattice (89 of 144): the pairs are spread evenly too
    moved: Floats = np.zeros_like(curve)
    for added in away + stays:
        place = np.searchsorted(GRID, GRID - added, side="right") - 1
        here = np.flatnonzero(place >= 0)
        low = place[here]
        part = (GRID[here] - added - GRID[low]) / (GRID[np.minimum(low + 1, len(GRID) - 1)] - GRID[low])
        moved[:, here] += curve[:, low] + part * (curve[:, np.minimum(low + 1, len(GRID) - 1)] - curve[:, low])
    return moved / N_RETURNS


def _weighted(curve: Floats, group: Ints, count: Ints, total: Ints) -> Floats:
    sums = np.zeros((len(total), curve.shape[1]))
    np.add.at(sums, group, curve * count[:, None])
    with np.errstate(invalid="ignore"):
        return sums / total[:, None]


def _interpolated(curve: Floats, hours: float) -> Floats:
    place = int(np.searchsorted(GRID, hours, side="right")) - 1
    part = (hours - GRID[place]) / (GRID[place + 1] - GRID[place])
    between: Floats = curve[:, place] + part * (curve[:, place + 1] - curve[:, place])
    return between

"""Scorecards and their order: one Provider each, worst responsiveness first.

In: the rows of one role and clock, what survival measured of each Provider, the minimums, the registry. Out: a Ranking
with everyone in it. What would surprise: nothing is estimated here; a Provider without a single Episode has a Scorecard
too (its notices bounced, or Targets moved there), and never a rank; and every figure is rounded to 9 decimals, so that
another machine writes the same bytes.

Method: `measurement.md` sections 3 and 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from math import isnan
from typing import Any

import numpy as np

from monitor.model.columns import Columns, Floats, Ints
from monitor.model.measurement import Estimates, Measurement
from monitor.model.period import Period
from monitor.model.provider import Provider
from monitor.model.scorecard import Minimums, Ranking, Scorecard
from monitor.model.selected import Selected
from monitor.model.words import Role
from monitor.ranking import METHOD
from monitor.ranking.classes import classes_of, eligible, unranked_reason
from monitor.ranking.ranks import Shares, generator, rank_intervals, ranks
from monitor.ranking.shrinkage import fit_prior, shrunken
from monitor.ranking.tallies import COUNTED, Tallies, as_numbers, tally, totals
from monitor.ranking.trend import trend_points

DECIMALS = 9


def make_ranking(
    chosen: Selected,
    measured: Measurement,
    *,
    period: Period,
    cutoff: datetime,
    minimums: Minimums,
    providers: Mapping[str, Provider],
    labels: Mapping[str, str],
    freeze: str,
    seed: int = 0,
    final: bool = False,
) -> Ranking:
    """Rank the Providers of one Period for the role and clock of `chosen`, against the norm of `measured`.

    `measured` is of these very rows. `providers` and `labels` go by provider id; a Provider that is in neither is shown
    by its id; in the role `site` a Provider is a site, shown as "site 17". `seed` moves the draws of the rank intervals
    and nothing else; with `final`, `below` has to hold under Holm too, where this is the confirmatory Ranking. What a
    Scorecard says of an earlier Period is not known here.
    """
    if measured.ids != chosen.ids:
        raise ValueError("rows and measurement are not of the same Providers")
    role, norm, estimates = chosen.role, measured.norm, measured.estimates
    identities = _sites(chosen.ids) if role is Role.SITE else _identities(chosen, providers, labels)
    standing = _standing(estimates, minimums, generator(METHOD, role.value, norm.clock.value, seed))
    figures = [_figures(measured), _columns(standing), _counts(tally(chosen))]
    labels_of_class = classes_of(estimates, norm, role, minimums, final=final)
    cards = [
        _scorecard(who, {name: values[place] for each in figures for name, values in each.items()}, label, minimums)
        for place, (who, label) in enumerate(zip(identities, labels_of_class.tolist(), strict=True))
    ]
    ranking = Ranking(
        period=period,
        cutoff=cutoff,
        norm=norm,
        role=role,
        method=METHOD,
        freeze=freeze,
        minimums=minimums,
        totals=totals(chosen),
        scorecards=_ordered(cards),
        curves=measured.curves,
    )
    return replace(ranking, trend=trend_points(ranking))


@dataclass(frozen=True, slots=True, eq=False)
class Standing(Columns):
    """One entry per Provider; NaN for one that is not ranked."""

    rank: Floats
    rank_low: Floats
    rank_high: Floats
    within_norm_shrunk: Floats


def _standing(estimates: Estimates, minimums: Minimums, random: np.random.Generator) -> Standing:
    """The eligible Providers among themselves: shrunken shares, ranks by them, rank intervals."""
    nothing = np.full(len(estimates), np.nan)
    standing = Standing(*(nothing.copy() for _ in fields(Standing)))
    ranked = np.flatnonzero(eligible(estimates, minimums))
    if not len(ranked):
        return standing
    mine = estimates.take(ranked)
    given = Shares(mine.norm, mine.norm_range_low, mine.norm_range_high, mine.n_effective)
    prior = fit_prior(given.share, given.n)
    shrunk = np.round(shrunken(prior, given.share, given.n), DECIMALS)
    rank = ranks(shrunk)
    low, high = rank_intervals(given, prior, rank, random)
    for column, values in zip(standing.arrays().values(), (rank, low, high, shrunk), strict=True):
        column[ranked] = values
    return standing


@dataclass(frozen=True, slots=True)
class _Identity:
    provider_id: str
    label: str
    country: str | None
    asns: tuple[int, ...]


def _sites(ids: Sequence[str]) -> list[_Identity]:
    """Sites go by their number in the frozen table: no name, no country, no AS number."""
    return [_Identity(provider_id, provider_id.replace("site", "site "), None, ()) for provider_id in ids]


def _identities(chosen: Selected, providers: Mapping[str, Provider], labels: Mapping[str, str]) -> list[_Identity]:
    return [
        _identity(provider_id, seen, providers, labels)
        for provider_id, seen in zip(chosen.ids, as_numbers(chosen), strict=True)
    ]


def _identity(
    provider_id: str, seen: tuple[int, ...], providers: Mapping[str, Provider], labels: Mapping[str, str]
) -> _Identity:
    known = providers.get(provider_id)
    name = labels.get(provider_id) or (known.name if known else provider_id)
    asns = sorted({*seen, *(known.asns if known else ())})
    return _Identity(provider_id, name, known.country if known else None, tuple(asns))


Column = list[Any]
"""One entry per Provider, as plain Python values."""


def _figures(measured: Measurement) -> dict[str, Column]:
    """What a Scorecard takes over from the Measurement: shares, limits, hours."""
    found = measured.estimates
    shares = {
        "within_norm": found.norm,
        "within_norm_low": found.norm_low,
        "within_norm_high": found.norm_high,
        "within_norm_worst": _share(found.worst, found.n_episodes),
        "within_norm_best": _share(found.best, found.n_episodes),
        "within_norm_any_end": found.any_end,
        "within_norm_any_end_worst": _share(found.any_end_worst, found.n_episodes),
        "within_norm_any_end_best": _share(found.any_end_best, found.n_episodes),
        "median_hours": found.median,
        "median_low": found.median_low,
        "median_high": found.median_high,
        "mean_hours_30d": found.mean,
        "mean_hours_30d_low": found.mean_low,
        "mean_hours_30d_high": found.mean_high,
    }
    for place, hours in enumerate(measured.hours):
        name = f"within_{hours:g}h"
        shares |= {
            name: found.within[:, place],
            f"{name}_low": found.within_range_low[:, place],
            f"{name}_high": found.within_range_high[:, place],
        }
    return {**{name: _known(values) for name, values in shares.items()}, **_flags(measured)}


def _flags(measured: Measurement) -> dict[str, Column]:
    """Whether figures are identified, and the state of the median; None without Episodes."""
    found = measured.estimates
    flags: dict[str, Any] = {"identified": found.identified, "median_status": found.median_status}
    for place, hours in enumerate(measured.hours):
        flags[f"within_{hours:g}h_identified"] = found.within_identified[:, place]
    some = (found.n_episodes > 0).tolist()
    return {
        name: [value if any_episode else None for value, any_episode in zip(values.tolist(), some, strict=True)]
        for name, values in flags.items()
    }


def _columns(standing: Standing) -> dict[str, Column]:
    columns = {name: _known(values) for name, values in standing.arrays().items()}
    whole = ("rank", "rank_low", "rank_high")
    return columns | {name: [None if x is None else int(x) for x in columns[name]] for name in whole}


def _counts(counts: Tallies) -> dict[str, Column]:
    hours = {
        "exposure_hours_low": counts.exposure_low_hours,
        "exposure_hours_high": counts.exposure_high_hours,
        "report_to_notice_median_hours": counts.delay_median_hours,
    }
    whole: dict[str, Column] = {name: getattr(counts, name).tolist() for name in COUNTED}
    return whole | {name: _known(values) for name, values in hours.items()}


def _share(count: Ints, n: Ints) -> Floats:
    share: Floats = np.divide(count, n, out=np.full(len(n), np.nan), where=n > 0)
    return share


def _known(values: Floats) -> Column:
    """Rounded; None where there is nothing to say. Minus nothing is nothing."""
    return [None if isnan(value) else value for value in (np.round(values, DECIMALS) + 0.0).tolist()]


def _scorecard(who: _Identity, figures: Mapping[str, Any], label: str, minimums: Minimums) -> Scorecard:
    """One Provider's Scorecard. Every share has all its Episodes for denominator."""
    known = {
        "provider_id": who.provider_id,
        "provider": who.label,
        "country": who.country,
        "asns": who.asns,
        "class_": label,
        "unranked_reason": unranked_reason(figures["n_episodes"], figures["n_clusters"], minimums),
    }
    return Scorecard(**{**_NOT_KNOWN, **figures, **known})


_NOT_KNOWN: dict[str, Any] = dict.fromkeys(field.name for field in fields(Scorecard))
"""What compares with another Period is added by `with_changes`."""


def _ordered(cards: Sequence[Scorecard]) -> tuple[Scorecard, ...]:
    """Ranked Scorecards by rank and id, then the others by Episodes, most first, and id."""
    ranked = sorted((card for card in cards if card.rank is not None), key=lambda c: (c.rank or 0, c.provider_id))
    others = sorted((card for card in cards if card.rank is None), key=lambda c: (-c.n_episodes, c.provider_id))
    return (*ranked, *others)

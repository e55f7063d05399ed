"""Readings of one Period (rows and Ranking, each under another choice) in, how much depends on the choice out.

What would surprise: rows are compared by Target and clock through their record, so a Target that one reading books on
a reverse proxy and another on a hosting provider counts as changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scipy import stats

from monitor.model.comparison import Choice, Compared, ComparedProvider, Comparison, Standing
from monitor.model.episode import EpisodeTable
from monitor.model.scorecard import Ranking, Scorecard
from monitor.model.words import ClassLabel, EpisodeStatus, NoticeKind, Role

Holder = tuple[str, str | None]
Held = dict[tuple[str, str, int], Holder]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The rows of a Period under one choice, and the Ranking of the role that stands for hosting in it."""

    name: str
    rows: EpisodeTable
    ranking: Ranking


def compare(by: Compared, readings: Sequence[Reading], *, as_frozen: bool = True) -> Comparison:
    """Hold every reading against the first one."""
    holders = [_holders(reading) for reading in readings]
    attributions = [
        _held_against(mine, holders[0], _n_proxied(reading.rows, reading.ranking.norm.clock))
        for reading, mine in zip(readings, holders, strict=True)
    ]
    rankings = [(reading.name, reading.ranking) for reading in readings]
    return _comparison(by, rankings, attributions, as_frozen=as_frozen)


def compare_methods(again: Ranking, frozen: Sequence[Scorecard], method: str, *, n_proxied: int) -> Comparison:
    """The Scorecards of a freeze as they were cut, held against those of the method in force: the rows are the same.

    `again` is the Ranking of these rows now, `method` the id of the one that they were frozen with, and `n_proxied`
    the Episodes of role proxy on this clock.
    """
    totals = again.totals
    rows = totals.episodes + totals.gone_before_notice + totals.undelivered + totals.misaddressed + totals.fronted
    same = _Attributions(rows, 0, 0, 0, n_proxied)
    before = replace(again, method=method, scorecards=tuple(frozen))
    rankings = [(f"as frozen, {method}", before), (f"measured again, {again.method}", again)]
    return _comparison(Compared.METHOD, rankings, [same, same], as_frozen=True)


@dataclass(frozen=True, slots=True)
class _Attributions:
    """Of one reading, held against the first: as `Choice` has them."""

    n_both: int
    n_changed: int
    n_only_here: int
    n_only_there: int
    n_proxied: int


def _comparison(
    by: Compared,
    rankings: Sequence[tuple[str, Ranking]],
    attributions: Sequence[_Attributions],
    *,
    as_frozen: bool,
) -> Comparison:
    first = rankings[0][1]
    cards = [{card.provider_id: card for card in ranking.scorecards} for _, ranking in rankings]
    return Comparison(
        by=by,
        period=first.period,
        norm=first.norm,
        freeze=first.freeze,
        choices=tuple(
            _choice(name, ranking, held, of, cards[0])
            for (name, ranking), held, of in zip(rankings, attributions, cards, strict=True)
        ),
        providers=_providers(cards),
        as_frozen=as_frozen,
    )


def _holders(reading: Reading) -> Held:
    """Who each notified Target is booked on, for the reading's role or, behind a proxy, for the proxy's."""
    rows, role, clock = reading.rows, reading.ranking.role.value, reading.ranking.norm.clock.value
    wanted = (rows.clock == clock) & ((rows.role == role) | (rows.role == Role.PROXY.value))
    chosen = rows.take(wanted)
    return {
        (source, record_id, at): ("" if own == role else own, provider)
        for source, record_id, at, own, provider in zip(
            chosen.source.tolist(),
            chosen.record_id.tolist(),
            chosen.notified_at.tolist(),
            chosen.role.tolist(),
            chosen.provider_id.tolist(),
            strict=True,
        )
    }


def _held_against(mine: Held, theirs: Held, n_proxied: int) -> _Attributions:
    both = mine.keys() & theirs.keys()
    changed = sum(mine[key] != theirs[key] for key in both)
    return _Attributions(len(both), changed, len(mine) - len(both), len(theirs) - len(both), n_proxied)


def _choice(
    name: str,
    ranking: Ranking,
    held: _Attributions,
    cards: dict[str, Scorecard],
    first: dict[str, Scorecard],
) -> Choice:
    judged = {key for key in cards.keys() | first.keys() if _class(cards.get(key)) or _class(first.get(key))}
    ranked = sorted(key for key, card in cards.items() if card.rank is not None)
    return Choice(
        name=name,
        n_episodes=ranking.totals.episodes,
        n_unattributed=ranking.totals.unattributed,
        n_proxied=held.n_proxied,
        n_attributions=held.n_both,
        n_changed=held.n_changed,
        n_only_here=held.n_only_here,
        n_only_there=held.n_only_there,
        n_providers=len(cards),
        n_ranked=len(ranked),
        n_classes=len(judged),
        n_classes_changed=sum(_class(cards.get(key)) != _class(first.get(key)) for key in judged),
        n_classes_turned=sum(
            _class(cards.get(key)) != _class(first.get(key))
            for key in judged
            if _class(cards.get(key)) and _class(first.get(key))
        ),
        rank_correlation=_correlation(cards, first),
    )


def _n_proxied(rows: EpisodeTable, clock: NoticeKind) -> int:
    proxied = (rows.role == Role.PROXY.value) & (rows.clock == clock.value)
    return int((proxied & (rows.status == EpisodeStatus.EPISODE.value)).sum())


def _class(card: Scorecard | None) -> str | None:
    """The class, where there is one: too few Episodes are none."""
    return None if card is None or card.class_ == ClassLabel.TOO_FEW.value else card.class_


def _correlation(cards: dict[str, Scorecard], first: dict[str, Scorecard]) -> float | None:
    """Kendall's tau-b (scipy) over the ranks of those ranked in both; None below two, or where all share a rank."""
    pairs = [
        (card.rank, first[key].rank)
        for key, card in sorted(cards.items())
        if card.rank is not None and key in first and first[key].rank is not None
    ]
    if len(pairs) < 2:
        return None
    tau = float(stats.kendalltau([mine for mine, _ in pairs], [theirs for _, theirs in pairs]).statistic)
    return None if tau != tau else tau  # noqa: PLR0124 (NaN where all share a rank)


def _providers(cards: Sequence[dict[str, Scorecard]]) -> tuple[ComparedProvider, ...]:
    """Those with a class under any choice, most Episodes first."""
    names = {key: card.provider for found in reversed(cards) for key, card in found.items()}
    judged = [key for key in names if any(_class(found.get(key)) for found in cards)]
    most = {key: max(found[key].n_episodes for found in cards if key in found) for key in judged}
    return tuple(
        ComparedProvider(key, names[key], tuple(_standing(found.get(key)) for found in cards))
        for key in sorted(judged, key=lambda key: (-most[key], key))
    )


def _standing(card: Scorecard | None) -> Standing | None:
    if card is None:
        return None
    return Standing(
        card.n_episodes, card.rank, card.class_, card.within_norm_worst, card.within_norm_best, card.within_norm
    )

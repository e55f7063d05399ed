"""Figures of site types and countries: rows, the group of each and what was measured of the groups in, figures out.

What would surprise: a group counts as the Scorecards do, so a Target that was notified at two Providers counts twice,
and the groups of one dimension add up to all Scorecards; a Target that was reported under two kinds is in both. Small
groups are here too: what is too small to show is decided where the release is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from monitor.model.breakdown import Dimension, GroupEstimates, GroupFigures
from monitor.model.columns import UNKNOWN, Codes, Floats, Ints
from monitor.model.provider import Provider
from monitor.model.selected import STATUSES, Selected
from monitor.model.words import EpisodeStatus
from monitor.ranking.scorecards import DECIMALS
from monitor.ranking.selection import distinct_pairs
from monitor.ranking.tallies import tally

NOT_KNOWN = ""
_BEFORE = STATUSES.index(EpisodeStatus.BEFORE_NOTICE.value)


def by_word(chosen: Selected, codes: Codes, words: Sequence[str]) -> tuple[Codes, tuple[str, ...]]:
    """The group of each row and the groups, from a column of words (-1: none); -1 where there is no Provider."""
    group = np.where(chosen.rows.provider >= 0, codes + 1, UNKNOWN).astype(np.int32)
    return group, (NOT_KNOWN, *words)


def by_country(chosen: Selected, providers: Mapping[str, Provider]) -> tuple[Codes, tuple[str, ...]]:
    """The same, from the country in which each Provider is established, as its Scorecard says it."""
    known = [providers[key].country if key in providers else None for key in chosen.ids]
    words = (NOT_KNOWN, *sorted({country for country in known if country}))
    places = {word: place for place, word in enumerate(words)}
    of_provider = np.array([*(places[country or NOT_KNOWN] for country in known), UNKNOWN], np.int32)
    return of_provider[chosen.rows.provider], words  # no Provider is -1: the last place


def group_figures(
    dimension: Dimension, chosen: Selected, group: Codes, words: Sequence[str], found: GroupEstimates
) -> tuple[GroupFigures, ...]:
    """One entry for each group that was notified of anything: most Episodes first, what is not known last."""
    nowhere = np.full(len(group), UNKNOWN, np.int32)
    rows = replace(chosen.rows, provider=group, moved_to=nowhere)
    counts = tally(Selected(rows, tuple(words), chosen.role, chosen.clock, chosen.reasons, chosen.doubts, 0))
    notices = _notices(chosen, group, len(words))
    n = np.maximum(found.n_episodes, 1)
    made = [
        GroupFigures(
            dimension=dimension.value,
            group=word,
            n_providers=int(found.n_providers[place]),
            n_notices=int(notices[place]),
            n_episodes=int(found.n_episodes[place]),
            taken_down=int(counts.taken_down[place]),
            within_norm=_known(found.norm, place),
            within_norm_low=_known(found.norm_low, place),
            within_norm_high=_known(found.norm_high, place),
            within_norm_worst=_known(found.worst / n, place) if found.n_episodes[place] else None,
            within_norm_best=_known(found.best / n, place) if found.n_episodes[place] else None,
            median_hours=_known(found.median, place),
            median_status=found.median_status[place],
            exposure_hours_low=_known(counts.exposure_low_hours, place) or 0.0,
            exposure_hours_high=_known(counts.exposure_high_hours, place) or 0.0,
            report_to_notice_median_hours=_known(counts.delay_median_hours, place),
        )
        for place, word in enumerate(words)
        if notices[place]
    ]
    return tuple(sorted(made, key=lambda each: (each.group == NOT_KNOWN, -each.n_episodes, each.group)))


def _notices(chosen: Selected, group: Codes, n_groups: int) -> Ints:
    """Targets notified, once for each Provider that was told, by group."""
    rows = chosen.rows
    told = (chosen.is_episode | (rows.status == _BEFORE)) & (group >= 0)
    width = int(rows.target_id.max(initial=0)) + 1
    pairs = rows.provider[told].astype(np.int64) * width + rows.target_id[told]
    return np.bincount(distinct_pairs(group[told], pairs)[0], minlength=n_groups).astype(np.int64)


def _known(values: Floats, place: int) -> float | None:
    """Rounded as a Scorecard's figures are; None where there is nothing to say."""
    value = float(np.round(values[place], DECIMALS) + 0.0)
    return None if np.isnan(value) else value

"""The rows of one role and clock, with each Provider as a small number, and sums by Provider over them.

In: the EpisodeTable. Out: a `Selection`: whatever is counted by Provider goes through it, without a loop over
rows. What would surprise: a Provider to whom Targets only moved has a number too, and no row.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from monitor.model.columns import UNKNOWN, Flags, Floats, Ints, Texts
from monitor.model.episode import EpisodeTable
from monitor.model.words import End, EpisodeStatus, NoticeKind, Role

_UNITS_PER_HOUR = 36_000_000
"""Hours are summed as whole tenths of a millisecond: the sum is then the same in any order of the rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Rows of one role and clock. `codes` and `moved_codes` index `ids`, -1 = no Provider; `ids` are sorted."""

    rows: EpisodeTable
    ids: tuple[str, ...]
    codes: Ints
    moved_codes: Ints  # of moved_to, where the Episode ended as a move
    is_episode: Flags

    def count(self, mask: Flags) -> Ints:
        """Rows of `mask` by Provider."""
        codes = self.codes[mask & (self.codes >= 0)]
        return np.bincount(codes, minlength=len(self.ids)).astype(np.int64)

    def count_distinct(self, mask: Flags, values: Ints) -> Ints:
        """Distinct known `values` over the rows of `mask`, by Provider."""
        mask = mask & (self.codes >= 0) & (values != UNKNOWN)
        return self._tally(distinct_pairs(self.codes[mask], values[mask])[0])

    def total(self, mask: Flags, values: Ints) -> Ints:
        """Sum of whole `values` over the rows of `mask`, by Provider."""
        mask = mask & (self.codes >= 0)
        sums = np.zeros(len(self.ids), np.int64)
        np.add.at(sums, self.codes[mask], values[mask])
        return sums

    def total_hours(self, mask: Flags, hours: Floats) -> Floats:
        """Sum of `hours` to a tenth of a millisecond, by Provider; unknown hours (NaN) are left out."""
        mask = mask & np.isfinite(hours)
        units = np.zeros(len(hours), np.int64)
        units[mask] = np.rint(hours[mask] * _UNITS_PER_HOUR).astype(np.int64)
        return self.total(mask, units) / _UNITS_PER_HOUR

    def median(self, mask: Flags, values: Ints) -> Floats:
        """Median of `values` over the rows of `mask`, by Provider; NaN for a Provider without any."""
        mask = mask & (self.codes >= 0)
        codes, values = self.codes[mask], values[mask]
        values = values[np.lexsort((values, codes))]
        sizes = np.bincount(codes, minlength=len(self.ids))
        starts = np.cumsum(sizes) - sizes
        some = sizes > 0
        medians = np.full(len(self.ids), np.nan)
        lower = values[(starts + (sizes - 1) // 2)[some]]
        medians[some] = (lower + values[(starts + sizes // 2)[some]]) / 2
        return medians

    def moved_in(self) -> Ints:
        """Targets that moved to each Provider without an Episode of its own there from that notice on."""
        moves = self.moved_codes >= 0
        own = self.is_episode & (self.codes >= 0)
        # 1. the latest notice of each (Provider, Target) that has an Episode there
        keys = self._keys(self.codes, own)
        order = np.lexsort((self.rows.notified_at[own], keys))
        keys, latest = keys[order], self.rows.notified_at[own][order]
        # 2. is there one at or after the notice of the Episode that ended as a move
        wanted = self._keys(self.moved_codes, moves)
        at = np.searchsorted(keys, wanted, side="right") - 1
        found = at >= 0
        found[found] = keys[at[found]] == wanted[found]
        told = found.copy()
        told[found] = latest[at[found]] >= self.rows.notified_at[moves][found]
        # 3. each Target counts once
        return self._tally(distinct_pairs(self.moved_codes[moves][~told], self.rows.target_id[moves][~told])[0])

    def _keys(self, codes: Ints, mask: Flags) -> Ints:
        """One number for each (Provider, Target)."""
        n_targets = int(self.rows.target_id.max(initial=0)) + 2
        return codes[mask] * n_targets + self.rows.target_id[mask] + 1

    def _tally(self, codes: Ints) -> Ints:
        return np.bincount(codes, minlength=len(self.ids)).astype(np.int64)


def select(episodes: EpisodeTable, *, clock: NoticeKind, role: Role) -> Selection:
    """The rows of this clock and role, with every Provider that has a row or to which a Target moved."""
    mask = (episodes.clock == clock.value) & (episodes.role == role.value)
    rows = episodes if mask.all() else episodes.take(mask)
    is_episode = rows.status == EpisodeStatus.EPISODE.value
    moved = rows.moved_to.copy()
    moved[~(is_episode & (rows.end == End.MOVE.value))] = None
    names = set(rows.provider_id.tolist()) | set(moved.tolist())
    ids = tuple(sorted(str(name) for name in names if name is not None))
    return Selection(rows, ids, encode(rows.provider_id, ids), encode(moved, ids), is_episode)


def encode(values: Texts, known: Iterable[str]) -> Ints:
    """The place of each text in `known`, -1 where there is none (None)."""
    places: dict[str | None, int] = {name: place for place, name in enumerate(known)}
    places[None] = UNKNOWN
    return np.fromiter(map(places.__getitem__, values.tolist()), np.int64, len(values))


def distinct_pairs(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """The distinct pairs, sorted."""
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    new = np.ones(len(first), np.bool_)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    return first[new], second[new]

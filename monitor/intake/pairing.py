"""A Provider's list matched with our notices, one to one: both sides in, `Paired` out. Pure, and free of URLs.

The levels run in order, and what one has paired the next does not see: by reference, by the URL as written, by the
normalised URL, by time. What would surprise: one message can name many URLs under one reference, so within a reference
the URL decides; a single row without a URL then stands for the whole message; and where two answers are possible none
is given: both sides are ambiguous.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from math import inf
from typing import TypeVar

from monitor.intake.nearest import nearest_pairs
from monitor.model.columns import MICROS_PER_HOUR
from monitor.model.reconciliation import Level, Match, OurNotice, Paired, TheirNotice

EARLY_HOURS, LATE_HOURS = 2, 720
"""A URL alone says nothing of a notice that was sent more than two hours after the receipt, or 30 days before it."""
_Key = TypeVar("_Key", bound=Hashable)


def pair(ours: Sequence[OurNotice], theirs: Sequence[TheirNotice], tolerance_micros: int) -> Paired:
    """Match both sides; neither their order nor that of the rows in the file decides anything but ties in time."""
    board = _Board(ours, theirs)
    _by_reference(board)
    _by_index(board, Level.EXACT_URL, lambda row: row.text_index)
    _by_index(board, Level.NORMALISED_URL, lambda row: row.url_index)
    _messages(board)
    _by_time(board, tolerance_micros)
    return board.paired()


class _Board:
    """What is paired so far. Places are those of the two sequences."""

    def __init__(self, ours: Sequence[OurNotice], theirs: Sequence[TheirNotice]) -> None:
        self.ours, self.theirs = ours, theirs
        self.free_ours, self.free_theirs = set(range(len(ours))), set(range(len(theirs)))
        self.by_reference = _grouped((name, n) for n, our in enumerate(ours) for name in our.references)
        self.rows_of = _grouped((row.reference, n) for n, row in enumerate(theirs) if row.reference is not None)
        self.urls = {our.url_index for our in ours if our.url_index is not None}
        self.matches: list[Match] = []
        self.ambiguous_ours: set[int] = set()
        self.ambiguous_theirs: set[int] = set()

    def take(self, our: int, their: int, level: Level) -> None:
        self.matches.append(Match(our, their, level, self._contradict(our, their)))
        self.free_ours.discard(our)
        self.free_theirs.discard(their)

    def nearest(self, ours: Sequence[int], theirs: Sequence[int], level: Level) -> None:
        """Pair these off, the nearest in time first."""
        one, other = self._sorted_ours(ours), self._sorted_theirs(theirs)
        sent, received = [self.ours[n].at for n in one], [self.theirs[n].received_at for n in other]
        sure = level is Level.REFERENCE
        early, late = (inf if sure else hours * MICROS_PER_HOUR for hours in (EARLY_HOURS, LATE_HOURS))
        for place, row in nearest_pairs(sent, received, early=early, late=late):
            self.take(one[place], other[row], level)

    def open_theirs(self, key: Callable[[TheirNotice], _Key | None]) -> dict[_Key, list[int]]:
        found = ((key(self.theirs[n]), n) for n in sorted(self.free_theirs))
        return _grouped((name, n) for name, n in found if name is not None)

    def is_strange(self, row: TheirNotice) -> bool:
        """Whether neither reference nor URL is of anything of ours: then only the time can tell."""
        return not row.known and row.reference not in self.by_reference and row.url_index not in self.urls

    def repeats(self, row: TheirNotice) -> bool:
        """Whether it is about a Target of ours: the URL says so, or the reference where there is none."""
        return row.url_index in self.urls or (row.url_index is None and row.reference in self.by_reference)

    def paired(self) -> Paired:
        ambiguous = self.ambiguous_theirs & self.free_theirs
        repeated = {n for n in self.free_theirs - ambiguous if self.repeats(self.theirs[n])}
        return Paired(
            matches=tuple(self.matches),
            ambiguous_ours=frozenset(self.ambiguous_ours & self.free_ours),
            ambiguous_theirs=frozenset(ambiguous),
            repeated=frozenset(repeated),
        )

    def agree(self, our: int, their: int) -> bool:
        """Whether the row names the notice's Target; where the path was withheld, its host."""
        one, row = self.ours[our], self.theirs[their]
        if one.url_index is None:
            return one.host_index == row.host_index
        return one.url_index == row.url_index

    def _contradict(self, our: int, their: int) -> bool:
        """The reference is of this notice and the URL of something else, or the other way round."""
        row = self.theirs[their]
        if row.reference in self.ours[our].references:
            return row.url_index is not None and not self.agree(our, their)
        return row.reference in self.by_reference

    def _sorted_ours(self, places: Iterable[int]) -> list[int]:
        """By time and content, so that ties do not go by the order in which they came."""
        return sorted(places, key=lambda n: (self.ours[n].at, self.ours[n].source, self.ours[n].record_id))

    def _sorted_theirs(self, places: Iterable[int]) -> list[int]:
        rows = self.theirs

        def content(n: int) -> tuple[int, str, bytes, int, int]:
            row = rows[n]
            return row.received_at, row.reference or "", row.text_index or b"", row.resolved_at or 0, row.row

        return sorted(places, key=content)


def _grouped(items: Iterable[tuple[_Key, int]]) -> dict[_Key, list[int]]:
    groups: defaultdict[_Key, list[int]] = defaultdict(list)
    for key, n in items:
        groups[key].append(n)
    return dict(groups)


def _by_reference(board: _Board) -> None:
    """Within a reference: 1. by URL, 2. its only notice with its only row, or with a row that says nothing else."""
    for reference, rows in board.rows_of.items():
        notices = board.by_reference.get(reference, [])
        by_url = _grouped((board.ours[n].url_index, n) for n in notices if n in board.free_ours)
        for url, same in _grouped((board.theirs[n].url_index, n) for n in rows).items():
            if url is not None and url in by_url:
                board.nearest(by_url[url], same, Level.REFERENCE)
        if len(notices) == 1 and notices[0] in board.free_ours:
            bare = [n for n in rows if board.theirs[n].url_index is None]
            board.nearest(notices, bare or (rows if len(rows) == 1 else []), Level.REFERENCE)


def _by_index(board: _Board, level: Level, index: Callable[[TheirNotice], bytes | None]) -> None:
    """Several notices of one URL are paired off with several rows of it, the nearest in time first."""
    open_ = _grouped(
        (our.url_index, n) for n, our in enumerate(board.ours) if n in board.free_ours and our.url_index is not None
    )
    for url, rows in board.open_theirs(index).items():
        if url in open_:
            board.nearest(open_[url], rows, level)


def _messages(board: _Board) -> None:
    """What a reference of several notices still says once the URLs have taken theirs.

    1. A URL on the host of a notice whose path was withheld; 2. rows that say the reference alone. Where they are not
    as many as the notices that are left, which one is missing cannot be said.
    """
    for reference, rows in board.open_theirs(lambda row: row.reference).items():
        left = [n for n in board.by_reference.get(reference, ()) if n in board.free_ours]
        withheld = _grouped((board.ours[n].host_index, n) for n in left if board.ours[n].url_index is None)
        for host, same in _grouped((board.theirs[n].host_index, n) for n in rows).items():
            if host is not None and host in withheld:
                _even(board, withheld[host], [n for n in same if board.theirs[n].url_index not in board.urls])
        left = [n for n in left if n in board.free_ours]
        bare = [n for n in rows if board.theirs[n].url_index is None]
        if bare == board.rows_of[reference] and len(bare) == 1:
            for n in left:
                board.take(n, bare[0], Level.REFERENCE if len(left) == 1 else Level.MESSAGE)
        else:
            _even(board, left, bare)


def _even(board: _Board, notices: Sequence[int], rows: Sequence[int]) -> None:
    """Pair them off where no notice is left over; else both sides are ambiguous."""
    if len(rows) >= len(notices):
        board.nearest(notices, rows, Level.REFERENCE)
    elif rows:
        board.ambiguous_ours.update(notices)
        board.ambiguous_theirs.update(rows)


def _by_time(board: _Board, tolerance: int) -> None:
    """1. Another URL of the same host, 2. no URL at all: each the only candidate of the other."""
    unnamed = [n for n in sorted(board.free_theirs) if board.is_strange(board.theirs[n])]
    hosts = _grouped((board.ours[n].host_index, n) for n in sorted(board.free_ours))
    with_host = ((board.theirs[n].host_index, n) for n in unnamed)
    for host, rows in _grouped((host, n) for host, n in with_host if host is not None).items():
        _only_candidates(board, hosts.get(host, []), rows, tolerance)
    bare = [n for n in unnamed if board.theirs[n].host_index is None]
    _only_candidates(board, sorted(board.free_ours), bare, tolerance)


def _only_candidates(board: _Board, notices: Sequence[int], rows: Sequence[int], tolerance: int) -> None:
    if not notices or not rows:
        return
    ours = sorted((board.ours[n].at, n) for n in notices)
    theirs = sorted((board.theirs[n].received_at, n) for n in rows)
    at, received = [at for at, _ in ours], [at for at, _ in theirs]
    near_ours = {n: _within(received, at_, tolerance) for at_, n in ours}
    for time, row in theirs:
        first, last = _within(at, time, tolerance)
        if first == last:
            continue
        n = ours[first][1]
        start, stop = near_ours[n]
        sure = n not in board.ambiguous_ours and row not in board.ambiguous_theirs
        if last - first == stop - start == 1 and sure:
            board.take(n, row, Level.TIME)
        else:
            board.ambiguous_theirs.add(row)
    board.ambiguous_ours.update(n for n, (first, last) in near_ours.items() if last > first and n in board.free_ours)


def _within(times: Sequence[int], at: int, tolerance: int) -> tuple[int, int]:
    """Places [first, last) of the sorted times at most `tolerance` from `at`."""
    return bisect_left(times, at - tolerance), bisect_right(times, at + tolerance)

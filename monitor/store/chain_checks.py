"""Walk both hash chains from their start: what was changed, removed, put in or moved since it was written.

In: a reading transaction, and heads that somebody wrote down. Out: counts, and each problem in words that name ids
alone. What would surprise: a changed observation is told by its batch, because a link covers one; and a chain that was
made anew, or cut off at its end, is whole in itself, so that only a head from before shows it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from sqlalchemy import Connection, Table, func, select

from monitor.store.chains import (
    AUDIT_START,
    OBSERVATIONS_START,
    OF_AUDIT,
    OF_EXCHANGE,
    OF_LINK,
    OF_OBSERVATION,
    digest_of,
    linked,
    with_truth_values,
)
from monitor.store.fetching import fetch_rows
from monitor.store.tables import AuditRow, ExchangeRow, ObservationLinkRow, ObservationRow, table_of

_AUDIT, _LINKS = table_of(AuditRow), table_of(ObservationLinkRow)
_OBSERVATIONS, _EXCHANGES = table_of(ObservationRow), table_of(ExchangeRow)
_NAMED_AT_MOST = 10
_TOLD_EVERY = 1000
_DAMAGED = "was changed, or what was before it was"

Values = tuple[Any, ...]
Progress = Callable[[int, int], None]
"""Called with what is done and what there is."""


@dataclass(slots=True)
class ChainWalk:
    """One chain as far as it was walked: rows and links counted, problems, and which heads it has come by."""

    before: bytes
    wanted: Collection[str]
    n_rows: int = 0
    n_links: int = 0
    problems: list[str] = field(default_factory=list)
    found: set[str] = field(default_factory=set)
    _follows: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        self._pass(self.before)

    def follows(self, values: Sequence[object], link: bytes) -> bool:
        """Go on to `link`; whether it is the one that `values` give after the link before.

        Where it is not, either the values were changed or the link itself: the next may follow from both.
        """
        computed = {linked(before, values) for before in self._follows}
        self.n_links += 1
        self._pass(link, *(computed if link not in computed else ()))
        return link in computed

    def _pass(self, link: bytes, *others: bytes) -> None:
        self.before, self._follows = link, frozenset((link, *others))
        if link.hex() in self.wanted:
            self.found.add(link.hex())


def walk_audit(connection: Connection, heads: Collection[str], progress: Progress) -> ChainWalk:
    """The audit log, entry by entry."""
    walk, last, total = ChainWalk(AUDIT_START, heads), 0, _count(connection, _AUDIT)
    for key, *values, link in _rows(connection, _AUDIT, (*OF_AUDIT, "link"), "id"):
        walk.n_rows += 1
        follows = walk.follows((key, *values), _as_bytes(link))
        if key > last + 1:
            walk.problems.append(f"audit log: {_told(range(last + 1, key), 'entry', 'entries')} missing before {key}")
        elif not follows or key <= last:
            walk.problems.append(f"audit log: entry {key} {_DAMAGED}")
        last = key
        if walk.n_rows % _TOLD_EVERY == 0:
            progress(walk.n_rows, total)
    return walk


def walk_observations(connection: Connection, heads: Collection[str], progress: Progress) -> ChainWalk:
    """Observations and their exchanges, batch by batch."""
    walk, total = ChainWalk(OBSERVATIONS_START, heads), _count(connection, _OBSERVATIONS)
    observations = _Run(_rows(connection, _OBSERVATIONS, OF_OBSERVATION, "id"))
    kept = _rows(connection, _EXCHANGES, OF_EXCHANGE, "observation_id, place")
    exchanges = _Run(with_truth_values(row) for row in kept)
    last = 0
    for row in _rows(connection, _LINKS, OF_LINK, "id"):
        number, first, until = row[0], row[2], row[3]
        if not all(isinstance(value, int) for value in row[:5]):  # SQLite lets somebody write text there
            walk.problems.append(f"observations: link {number} is damaged")
            continue
        _unlinked(walk, observations.before(first), exchanges.before(first))
        batch = observations.before(until + 1), exchanges.before(until + 1)
        walk.n_rows += len(batch[0])
        follows = walk.follows((*row[:5], _as_bytes(row[5])), _as_bytes(row[6]))
        if number > last + 1:
            said = _told(range(last + 1, number), "link", "links")
            walk.problems.append(f"observations: {said} missing before link {number}")
        elif not follows or number <= last:
            walk.problems.append(f"observations: link {number} (observations {first} to {until}) {_DAMAGED}")
        if digest_of(*batch) != _as_bytes(row[5]):
            walk.problems.append(f"observations: {_difference(row, batch[0])}")
            _orphans(walk, *batch)
        last = number
        progress(walk.n_rows, total)
    _unlinked(walk, observations.before(None), exchanges.before(None))
    return walk


class _Run:
    """Rows in the order of their first value, taken up to a given one."""

    def __init__(self, rows: Iterator[Values]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def before(self, key: int | None) -> list[Values]:
        """The next rows whose key is smaller (None: all that are left). What is no number comes last, as in SQLite."""
        taken = []
        while (row := self._next) is not None and (key is None or _number(row[0]) < key):
            taken.append(row)
            self._next = next(self._rows, None)
        return taken


def _number(value: object) -> float:
    return value if isinstance(value, int) else inf


def _difference(link: Values, found: Sequence[Values]) -> str:
    """What differs in a batch, as exactly as the rows that are there allow."""
    _, run_id, first, last, n_rows = link[:5]
    batch = f"of the batch {first} to {last} (run {run_id})"
    if len(found) > n_rows:
        return f"{len(found) - n_rows} too many in the place {batch}"
    if len(found) == n_rows:
        return f"at least one observation {batch}, or an exchange of one, was changed, added or removed"
    if last - first + 1 == n_rows:
        lacking = sorted({*range(first, last + 1)} - {row[0] for row in found})
        return f"{_told(lacking, 'observation', 'observations')} missing {batch}"
    return f"{n_rows - len(found)} missing {batch}"


def _unlinked(walk: ChainWalk, observations: Sequence[Values], exchanges: Sequence[Values]) -> None:
    keys = [row[0] for row in observations]
    walk.n_rows += len(keys)
    if keys:
        walk.problems.append(f"observations: {_told(keys, 'observation', 'observations')} in no link")
    _orphans(walk, observations, exchanges)


def _orphans(walk: ChainWalk, observations: Iterable[Values], exchanges: Iterable[Values]) -> None:
    keys = sorted({row[0] for row in exchanges} - {row[0] for row in observations}, key=_number)
    if keys:
        said = _told(keys, "observation", "observations", "that is not there", "that are not there")
        walk.problems.append(f"observations: exchanges of {said}")


def _told(keys: Sequence[int], one: str, many: str, is_: str = "is", are: str = "are") -> str:
    """`entry 7 is`, `entries 7, 8 and 3 more are`."""
    if len(keys) == 1:
        return f"{one} {keys[0]:d} {is_}" if isinstance(keys[0], int) else f"{one} (its id is damaged) {is_}"
    named = ", ".join(str(key) for key in keys[:_NAMED_AT_MOST] if isinstance(key, int))
    more = f" and {len(keys) - _NAMED_AT_MOST} more" if len(keys) > _NAMED_AT_MOST else ""
    return f"{many} {named}{more} {are}"


def _rows(connection: Connection, table: Table, columns: Sequence[str], order: str) -> Iterator[Values]:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    statement = f"SELECT {names} FROM {quote(table.name)} ORDER BY {order}"  # noqa: S608 (own names)
    for rows in fetch_rows(connection, statement):
        yield from rows


def _count(connection: Connection, table: Table) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def _as_bytes(value: object) -> bytes:
    """A hash as it should be; text in its place, which SQLite lets somebody write, is no hash."""
    return bytes(value) if isinstance(value, (bytes, memoryview)) else repr(value).encode()

"""Input files by their hash: begun, counted batch by batch, finished once.

What would surprise: reading a file again changes nothing here. What holds of an input is on the audit log too
(`fact_sums.py`). `n_accepted` is summed with each batch and an
accepted row is accepted once; the other counts are those of the reading that first came to the file's end.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from monitor.clock import now
from monitor.model.report import Reject
from monitor.model.words import InputKind
from monitor.store.database import Store
from monitor.store.fact_sums import Brought, Sums, note, note_end
from monitor.store.tables import InputRow, table_of

_INPUTS = table_of(InputRow)
_FILE = _INPUTS.c.kind + " " + _INPUTS.c.sha256
"""As the audit log names it."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one batch: its values = accepted + duplicate + rejects; `waiting` is part of `accepted`.

    `accepted_rows`: the rows of the file that brought something; one row can be several values.
    """

    accepted: int
    waiting: int  # checks whose Report is not here yet
    duplicate: int
    rejects: tuple[Reject, ...]
    accepted_rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class InputCounts:
    """Counts of a whole file: every row read, and every row rejected, by whichever stage."""

    n_read: int
    n_rejected: int


@dataclass(frozen=True, slots=True)
class InputInfo:
    """One input file as recorded; counts are None while it has not been read to its end. Times aware UTC."""

    sha256: str
    kind: InputKind
    size: int
    n_read: int | None
    n_accepted: int
    n_rejected: int | None
    first_imported_at: datetime
    finished_at: datetime | None


def begin_input(store: Store, sha256: str, kind: InputKind, size: int) -> int:
    """The id of the input with this hash (hex) and kind, recorded now if it is new. `size` in bytes, as it lies."""
    with store.write() as connection:
        return input_begun(connection, sha256, kind, size)


def input_begun(connection: Connection, sha256: str, kind: InputKind, size: int) -> int:
    """As `begin_input`, inside a transaction of the caller's."""
    same = (_INPUTS.c.sha256 == sha256) & (_INPUTS.c.kind == kind.value)
    found = connection.scalar(select(_INPUTS.c.id).where(same))
    if found is not None:
        return int(found)
    new = _INPUTS.insert().values(sha256=sha256, kind=kind.value, size=size, n_accepted=0, first_imported_at=now())
    return int(connection.execute(new.returning(_INPUTS.c.id)).scalar_one())


def add_accepted(connection: Connection, input_id: int, n: int, sums: Sums) -> None:
    """Count `n` more accepted rows and the facts that they brought, in the transaction that stores them."""
    if n:
        changed = update(_INPUTS).where(_INPUTS.c.id == input_id).values(n_accepted=_INPUTS.c.n_accepted + n)
        counts = (_INPUTS.c.n_read, _INPUTS.c.n_rejected)
        so_far, file, read, rejected = connection.execute(changed.returning(_INPUTS.c.n_accepted, _FILE, *counts)).one()
        new = Brought(file, read=read, rejected=rejected) if so_far == n else None
        note(connection, input_id, n, sums, new)


def finish_input(store: Store, input_id: int, counts: InputCounts) -> None:
    """Record that the file was read to its end; only the first time counts."""
    unfinished = (_INPUTS.c.id == input_id) & _INPUTS.c.finished_at.is_(None)
    with store.write() as connection:
        finished = (
            update(_INPUTS)
            .where(unfinished)
            .values(n_read=counts.n_read, n_rejected=counts.n_rejected, finished_at=now())
        )
        done = connection.execute(finished.returning(_INPUTS.c.n_accepted, _FILE)).one_or_none()
        if done is not None:
            new = None if done[0] else Brought(done[1])
            note_end(connection, input_id, counts.n_read, counts.n_rejected, new)


def list_inputs(store: Store) -> tuple[InputInfo, ...]:
    """Every input, ordered by kind and hash: an order that no import order enters."""
    c = _INPUTS.c
    columns = (c.sha256, c.kind, c.size, c.n_read, c.n_accepted, c.n_rejected, c.first_imported_at, c.finished_at)
    with store.read() as connection:
        found = connection.execute(select(*columns).order_by(c.kind, c.sha256)).all()
    return tuple(InputInfo(sha, InputKind(kind), *rest) for sha, kind, *rest in found)

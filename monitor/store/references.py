"""Dated reference tables: kept whole, as the stage that reads them packed them.

What would surprise: the same file under another `as_of` is another table; the same kind, date and hash is not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from monitor.clock import now
from monitor.errors import ReferenceDataError
from monitor.model.release import ReferenceTableInfo
from monitor.model.words import TableKind
from monitor.store.bulk import insert_rows
from monitor.store.database import Store
from monitor.store.tables import ProviderNameRow, ReferenceTableRow, table_of

_NAMES = table_of(ProviderNameRow)
_TABLES = table_of(ReferenceTableRow)

AsName = tuple[int, str, str | None]
"""AS number, name, source."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One reference table with its content; `table_id` is what attributions refer to."""

    table_id: int
    kind: TableKind
    as_of: date
    made_on: date
    rows: int
    sha256: str
    content: bytes


def add_reference_table(
    store: Store,
    kind: TableKind,
    *,
    as_of: date,
    made_on: date,
    sha256: str,
    rows: int,
    content: bytes,
    names: Iterable[AsName] = (),
) -> bool:
    """Keep a table; False if this very one (kind, `as_of`, `sha256` of the input file) is there already.

    `names` are the rows of a table of AS names; of several for one AS number, the last counts.
    """
    same = (_TABLES.c.kind == kind.value) & (_TABLES.c.as_of == as_of) & (_TABLES.c.sha256 == sha256)
    with store.write() as connection:
        if connection.scalar(select(_TABLES.c.id).where(same)) is not None:
            return False
        _must_be_the_only_one(connection, kind, as_of, made_on)
        new = _TABLES.insert().values(
            kind=kind.value,
            as_of=as_of,
            made_on=made_on,
            n_rows=rows,
            sha256=sha256,
            imported_at=now(),
            content=content,
        )
        table_id = int(connection.execute(new.returning(_TABLES.c.id)).scalar_one())
        _add_names(connection, table_id, names)
    return True


def list_reference_tables(store: Store) -> tuple[ReferenceTableInfo, ...]:
    """Every table, ordered by kind, date and hash."""
    c = _TABLES.c
    with store.read() as connection:
        columns = (c.kind, c.as_of, c.made_on, c.n_rows, c.sha256)
        found = connection.execute(select(*columns).order_by(c.kind, c.as_of, c.made_on, c.sha256)).all()
    return tuple(
        ReferenceTableInfo(kind, as_of.isoformat(), made_on.isoformat(), rows, sha256)
        for kind, as_of, made_on, rows, sha256 in found
    )


def load_contents(store: Store, kind: TableKind) -> tuple[StoredTable, ...]:
    """The tables of one kind with their content, by date, then the day they were made: of one date the last holds."""
    c = _TABLES.c
    with store.read() as connection:
        columns = (c.id, c.as_of, c.made_on, c.n_rows, c.sha256, c.content)
        found = connection.execute(
            select(*columns).where(c.kind == kind.value).order_by(c.as_of, c.made_on, c.sha256)
        ).all()
    return tuple(StoredTable(table_id, kind, *rest) for table_id, *rest in found)


def _must_be_the_only_one(connection: Connection, kind: TableKind, as_of: date, made_on: date) -> None:
    """Of two tables of one date the one made later holds; where both say the same day, nobody could tell which."""
    if kind is TableKind.FRONTING:  # one file for each proxy is normal
        return
    same = (_TABLES.c.kind == kind.value) & (_TABLES.c.as_of == as_of) & (_TABLES.c.made_on == made_on)
    if connection.scalar(select(_TABLES.c.id).where(same)) is not None:
        raise ReferenceDataError(
            f"Another {kind.value} table of {as_of} is there already",
            "If this one corrects it, say when it was made: --made-on DATE",
        )


def _add_names(connection: Connection, table_id: int, names: Iterable[AsName]) -> None:
    last = {asn: (asn, table_id, name, source) for asn, name, source in names}
    insert_rows(connection, _NAMES, ("asn", "table_id", "name", "source"), list(last.values()))

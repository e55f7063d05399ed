"""Copying a whole database: every value arrives, on either engine, in one go or not at all, and digests prove it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Engine, MetaData, Table, and_, inspect

from monitor.errors import StoreError
from monitor.store.copying import (
    BYTES_AT_ONCE,
    ROWS_AT_ONCE,
    TableDigest,
    copy_into,
    digest_of_all,
    opened_file,
    snapshot,
    table_digests,
)
from monitor.store.database import place_of
from monitor.store.engines import Work, make_engine, transaction
from monitor.store.schema import migrate, revision_of
from monitor.store.tables import ReasonRow, ReferenceTableRow, SourceRow, table_of
from tests.engines import Engine as TheEngine
from tests.filled import N_ROWS, fill


@contextmanager
def _opened(engine: TheEngine, folder: Path) -> Iterator[Engine]:
    """The folder's database, which may be empty."""
    folder.mkdir(exist_ok=True)
    made = make_engine(place_of(folder, engine.url(folder)), 1.0)
    try:
        yield made
    finally:
        made.dispose()


@pytest.fixture
def filled(
    engine: TheEngine, once: Callable[..., Path], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database with rows in every table."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("every-table")
        with _opened(engine, folder) as made, transaction(made, Work.WRITE) as connection:
            migrate(connection)
            fill(connection)
        return folder

    with _opened(engine, engine.copy(once(engine, "every table", make), tmp_path / "filled")) as opened:
        yield opened


@pytest.fixture
def empty(engine: TheEngine, tmp_path: Path) -> Iterator[Engine]:
    with _opened(engine, tmp_path / "empty") as made:
        yield made


def _digests(engine: Engine) -> tuple[TableDigest, ...]:
    with transaction(engine, Work.READ) as connection:
        return table_digests(connection)


def _rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table as the driver gives it, but yes and no, and days, alike on both engines."""
    names = inspect(connection).get_table_names()
    found = {}
    for name in names:
        columns = sorted(column["name"] for column in inspect(connection).get_columns(name))
        quoted = ", ".join(f'"{column}"' for column in columns)
        rows = connection.exec_driver_sql(f'SELECT {quoted} FROM "{name}"').all()
        found[name] = sorted([tuple(map(_alike, row)) for row in rows], key=repr)
    return found


def _alike(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def test_every_value_arrives_there_and_back(filled: Engine, empty: Engine, tmp_path: Path) -> None:
    """To a SQLite file, from there into an empty database, and to a file again: equal rows and digests throughout."""
    taken = snapshot(filled, tmp_path / "a.sqlite")
    with opened_file(tmp_path / "a.sqlite") as file, transaction(file, Work.READ) as source:
        assert copy_into(source, empty) == taken
        rows = _rows(source)
    assert snapshot(empty, tmp_path / "b.sqlite") == taken == _digests(filled)
    assert {table.n_rows for table in taken} == {N_ROWS}
    for engine in (filled, empty):
        with transaction(engine, Work.READ) as connection:
            assert _rows(connection) == rows


def test_a_change_of_any_value_shows_in_the_digest_of_its_table(filled: Engine) -> None:
    """Every column in turn, one of each table at a time: the digests of just these tables are other ones."""
    before, columns, n_changed = {table.name: table for table in _digests(filled)}, _free_columns(filled), 0
    for changing in zip_longest(*columns.values()):
        with pytest.raises(_TakenBack), transaction(filled, Work.WRITE) as connection:
            for column in filter(lambda each: each is not None, changing):
                _change(connection, column.table, column.name)
                n_changed += 1
            after = {found.name: found for found in table_digests(connection)}
            expected = {column.table.name for column in changing if column is not None}
            assert {name for name in before if before[name] != after[name]} == expected
            raise _TakenBack
    assert n_changed > 150


def _change(connection: Connection, table: Table, column: str) -> None:
    key = connection.execute(table.select().order_by(*table.primary_key.columns)).first()
    assert key is not None
    row = and_(*(each == key._mapping[each.name] for each in table.primary_key.columns))
    assert connection.execute(table.update().where(row).values({column: _another(key._mapping[column])})).rowcount == 1


class _TakenBack(Exception):
    """Ends a transaction that is not to last."""


def _free_columns(engine: Engine) -> dict[str, list[Column[Any]]]:
    """By table, those columns that refer to nothing and to which nothing refers."""
    found = MetaData()
    found.reflect(engine)
    meant = {key.target_fullname for table in found.tables.values() for key in table.foreign_keys}
    return {
        table.name: [
            each for each in table.columns if not each.foreign_keys and f"{table.name}.{each.name}" not in meant
        ]
        for table in found.sorted_tables
        if table.name != "alembic_version"
    }


def _another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, bytes):
        return value + b"more"
    if isinstance(value, date):
        return value + timedelta(days=400)
    return value + "more" if isinstance(value, str) else value + 1000


def test_minus_zero_is_zero(empty: Engine) -> None:
    """SQLite keeps no sign of a zero, so the digest knows none either; the smallest number there is counts."""
    with transaction(empty, Work.WRITE) as connection:
        connection.exec_driver_sql("CREATE TABLE reals (id INTEGER PRIMARY KEY, seconds DOUBLE PRECISION)")
        digests = []
        for value in ("0.0", "-0.0", "5e-324"):
            connection.exec_driver_sql("DELETE FROM reals")
            connection.exec_driver_sql(f"INSERT INTO reals VALUES (1, {value})")
            digests += table_digests(connection)
        connection.exec_driver_sql("DROP TABLE reals")
    assert digests[0] == digests[1] != digests[2]


def test_the_digest_of_all_does_not_depend_on_the_order_of_tables(filled: Engine) -> None:
    """But on each table's name, rows and digest."""
    found = _digests(filled)
    assert digest_of_all(found) == digest_of_all(found[::-1]) != digest_of_all(found[1:])
    assert digest_of_all([*found[1:], replace(found[0], n_rows=8)]) != digest_of_all(found)


def test_keys_that_the_database_gives_go_on_after_the_highest(filled: Engine, empty: Engine) -> None:
    """A row that comes in after the copy gets a key that no row has, in an empty table the first one."""
    with transaction(filled, Work.WRITE) as connection:
        connection.exec_driver_sql("DELETE FROM canaries")
    with transaction(filled, Work.READ) as source:
        copy_into(source, empty)
    for table, key in ((table_of(SourceRow), N_ROWS + 1), (table_of(ReasonRow), N_ROWS + 1)):
        with transaction(empty, Work.WRITE) as connection:
            made = connection.execute(table.insert().values(name="new").returning(table.c.id)).scalar_one()
        assert made == key


def test_a_copy_that_is_broken_off_leaves_nothing_and_can_be_made_again(filled: Engine, empty: Engine) -> None:
    """Wherever it stops, the target has no table; then the same copy goes through."""
    for at in (0, 200):
        with pytest.raises(_TakenBack), transaction(filled, Work.READ) as source:
            copy_into(source, empty, _stopping(at))
        assert inspect(empty).get_table_names() == []
    with transaction(filled, Work.READ) as source:
        assert copy_into(source, empty) == _digests(empty)


def _stopping(at: int) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        assert done <= total
        if done > at:
            raise _TakenBack

    return progress


def test_a_database_that_is_not_empty_is_refused_and_left_alone(filled: Engine, tmp_path: Path) -> None:
    """Also where it holds a store: nothing of it is changed."""
    before = _digests(filled)
    snapshot(filled, tmp_path / "a.sqlite")
    with (
        opened_file(tmp_path / "a.sqlite") as file,
        transaction(file, Work.READ) as source,
        pytest.raises(StoreError, match="not empty"),
    ):
        copy_into(source, filled)
    assert _digests(filled) == before


def test_a_snapshot_is_of_one_moment_while_others_write(filled: Engine, tmp_path: Path) -> None:
    """Rows that come in while it is read are not in it, in no table."""
    before = _digests(filled)

    def writing(done: int, _total: int) -> None:
        if filled.dialect.name == "postgresql":  # SQLite's own snapshot is done before anything is counted
            with transaction(filled, Work.WRITE) as connection:
                connection.exec_driver_sql(f"INSERT INTO vantages (id, name) VALUES ({1000 + done}, 'v{done}')")

    assert snapshot(filled, tmp_path / "a.sqlite", writing) == before
    with opened_file(tmp_path / "a.sqlite") as file:
        assert _digests(file) == before
    if filled.dialect.name == "postgresql":
        assert _digests(filled) != before


def test_a_snapshot_is_one_file_for_its_owner_alone(filled: Engine, tmp_path: Path) -> None:
    """0600 whatever the umask, no log beside it, and never over a file that is there."""
    folder = tmp_path / "taken"
    folder.mkdir()
    snapshot(filled, folder / "a.sqlite")
    assert [(path.name, path.stat().st_mode & 0o777) for path in folder.iterdir()] == [("a.sqlite", 0o600)]
    with pytest.raises(FileExistsError):
        snapshot(filled, folder / "a.sqlite")


def test_an_older_schema_is_copied_as_it_is(engine: TheEngine, tmp_path: Path) -> None:
    """Of the first release: its tables, its revision, its rows."""
    with _opened(engine, tmp_path / "old") as old, _opened(engine, tmp_path / "new") as new:
        with transaction(old, Work.WRITE) as connection:
            migrate(connection, "0001")
            fill(connection)
        taken = snapshot(old, tmp_path / "a.sqlite")
        with opened_file(tmp_path / "a.sqlite") as file, transaction(file, Work.READ) as source:
            assert revision_of(source) == "0001"
            assert copy_into(source, new) == taken
        with transaction(new, Work.READ) as connection:
            assert revision_of(connection) == "0001"
            assert table_digests(connection) == taken


def test_tables_of_large_values_are_read_a_few_rows_at_a_time(filled: Engine, tmp_path: Path) -> None:
    """No batch is heavier than the largest value and the limit; small rows still come by the thousand."""
    content = bytes(BYTES_AT_ONCE // 3)
    with transaction(filled, Work.WRITE) as connection:
        connection.execute(table_of(ReferenceTableRow).update().values(content=content))
        rows = [{"id": 1000 + n, "name": f"reason {n}"} for n in range(ROWS_AT_ONCE + 1)]
        connection.execute(table_of(ReasonRow).insert(), rows)
    steps = [0]
    snapshot(filled, tmp_path / "a.sqlite", lambda done, _total: steps.append(done))
    sizes = [after - before for before, after in pairwise(steps)]
    assert max(sizes) == ROWS_AT_ONCE
    assert sizes.count(2) >= 3  # the seven reference tables: two, two, two and one


def test_a_snapshot_while_the_database_is_gone_is_said_plainly(tmp_path: Path) -> None:
    """A file that is no database: StoreError in words, not the driver's."""
    (tmp_path / "broken.sqlite").write_bytes(b"no database at all " * 300)
    with opened_file(tmp_path / "broken.sqlite") as engine, pytest.raises(StoreError, match="damaged"):
        snapshot(engine, tmp_path / "a.sqlite")

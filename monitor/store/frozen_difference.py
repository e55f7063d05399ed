"""Two `episodes.parquet` of one Period held against each other, inside DuckDB: counts, and the records to a file.

In: two files. Out: how many rows are in one alone or differ, by field, role and Provider. What would surprise: rows are
matched by source, record, role, clock and time of the notice, and what is left over without the time, so that a notice
whose time was corrected is one row that differs, not one that went and one that came.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from monitor.errors import FreezeError
from monitor.model.freeze_comparison import FieldRows, RoleRows, RowDifferences
from monitor.model.words import NoticeKind, Role
from monitor.store.frozen_columns import EPISODE_COLUMNS, ColumnKind, FrozenColumn
from monitor.store.frozen_records import in_memory

_THREADS = 2
_KEY = "source, record_id, role, clock"
_NOT_COMPARED = frozenset({"source", "record_id", "role", "clock", "target_id", "site_id", "cluster_id"})
"""What finds a row, and dense numbers that shift with every row."""
_OF_SITES = frozenset({"provider_id", "moved_to"})
"""In role site these are such numbers too."""
_FILE = "read_parquet(getvariable('{}'), file_row_number = true)"
_DECIMALS = 6  # as in the digest


def row_differences(before: Path, after: Path, records: Path | None = None) -> RowDifferences:
    """Compare two files of rows. `records`: a file that is written (0600, CSV), one line a row that differs.

    Raises FreezeError where a file cannot be read, or the file of records is there already or cannot be written.
    """
    try:
        with in_memory(_THREADS) as connection:
            compared = _compared(connection, before, after)
            _pair(connection, compared)
            if records is not None:
                with _new_file(records) as draft:
                    _write_records(connection, draft)
            return RowDifferences(_roles(connection), _fields(connection, compared), _of_provider(connection))
    except duckdb.Error:
        raise FreezeError("The rows of the two freezes cannot be compared", "Verify both, then try again") from None


def _compared(connection: duckdb.DuckDBPyConnection, before: Path, after: Path) -> list[FrozenColumn]:
    """Where the two files are, as variables `a` and `b`; gives the fields that both have."""
    there = []
    for name, path in (("a", before), ("b", after)):
        connection.execute(f"SET VARIABLE {name} = ?", [str(path)])
        found = connection.execute(f"DESCRIBE SELECT * FROM read_parquet(getvariable('{name}'))").fetchall()  # noqa: S608
        there.append({str(row[0]) for row in found})
    return [c for c in EPISODE_COLUMNS if c.name in there[0] & there[1] and c.name not in _NOT_COMPARED]


def _value(column: FrozenColumn) -> str:
    """What is compared of a field."""
    if column.kind is ColumnKind.NUMBER:
        return f'round("{column.name}", {_DECIMALS})'
    if column.name in _OF_SITES:
        return f"CASE WHEN role <> '{Role.SITE.value}' THEN \"{column.name}\" END"
    return f'"{column.name}"'


def _pair(connection: duckdb.DuckDBPyConnection, fields: list[FrozenColumn]) -> None:
    """`changed`: rows of both, by place, with the names of the fields that differ; `only_a` and `only_b`: the rest."""
    # 1. Rows that are the same in both, copy by copy, are done with: two hashes a row stand for all of it, so that ten
    # million rows fit in memory.
    for name in "ab":
        connection.execute(
            f"""CREATE TEMP TABLE copies_{name} AS
                SELECT *, row_number() OVER (PARTITION BY found, content ORDER BY place) AS copy FROM (
                    SELECT file_row_number AS place, hash({_KEY}, notified_at) AS found,
                           hash({", ".join(map(_value, fields))}) AS content FROM {_FILE.format(name)})"""  # noqa: S608
        )
    for name, other in ("ab", "ba"):
        connection.execute(
            f"""CREATE TEMP TABLE rest_{name} AS
                SELECT file_row_number AS place, {_KEY}, notified_at, provider_id FROM {_FILE.format(name)}
                WHERE file_row_number IN (
                    SELECT place FROM copies_{name} ANTI JOIN copies_{other} USING (found, content, copy))"""  # noqa: S608
        )
    for name in "ab":
        connection.execute(f"DROP TABLE copies_{name}")
    connection.execute("CREATE TEMP TABLE pairs (a BIGINT, b BIGINT)")
    # 2. The same record at the same notice; 3. the same record at another time.
    for by, order in ((f"{_KEY}, notified_at", "provider_id, place"), (_KEY, "notified_at, place")):
        nth = f"row_number() OVER (PARTITION BY {by} ORDER BY {order}) AS nth"
        left, right = (
            f"(SELECT *, {nth} FROM rest_{name} WHERE place NOT IN (SELECT {name} FROM pairs))"  # noqa: S608
            for name in "ab"
        )
        connection.execute(
            f"INSERT INTO pairs SELECT x.place, y.place FROM {left} x JOIN {right} y USING ({by}, nth)"  # noqa: S608
        )
    for name in "ab":
        connection.execute(
            f"CREATE TEMP TABLE only_{name} AS SELECT * FROM rest_{name} "  # noqa: S608
            f"WHERE place NOT IN (SELECT {name} FROM pairs)"
        )
    _say_what_changed(connection, fields)


def _say_what_changed(connection: duckdb.DuckDBPyConnection, fields: list[FrozenColumn]) -> None:
    # Columns of the two sides under names of their own: x0, x1, ... and y0, y1, ...
    sides = {
        side: ", ".join(f"{_value(column)} AS {side}{n}" for n, column in enumerate(fields)) for side in ("x", "y")
    }
    named = ", ".join(
        f"CASE WHEN x{n} IS DISTINCT FROM y{n} THEN '{column.name}' END" for n, column in enumerate(fields)
    )
    connection.execute(
        f"""CREATE TEMP TABLE changed AS
            SELECT x.source, x.record_id, x.role, x.clock, x.told AS told_a, y.told AS told_b,
                   x.provider AS provider_a, y.provider AS provider_b, concat_ws(' ', {named}) AS fields
            FROM pairs
            JOIN (SELECT file_row_number AS a, {_KEY}, notified_at AS told, provider_id AS provider, {sides["x"]}
                  FROM {_FILE.format("a")}) x USING (a)
            JOIN (SELECT file_row_number AS b, notified_at AS told, provider_id AS provider, {sides["y"]}, role
                  FROM {_FILE.format("b")}) y USING (b)"""  # noqa: S608
    )


def _roles(connection: duckdb.DuckDBPyConnection) -> tuple[RoleRows, ...]:
    tables = (_FILE.format("a"), _FILE.format("b"), "only_a", "only_b", "changed")
    counts = {table: ", ".join("count(*)" if table == each else "0" for each in tables) for table in tables}
    parts = " UNION ALL ".join(
        f"SELECT role, clock, {counts[table]} FROM {table} GROUP BY ALL"  # noqa: S608
        for table in tables
    )
    found = connection.execute(
        f"""SELECT role, clock, sum(n1)::BIGINT, sum(n2)::BIGINT, sum(n3)::BIGINT, sum(n4)::BIGINT, sum(n5)::BIGINT
            FROM ({parts}) AS parts (role, clock, n1, n2, n3, n4, n5) GROUP BY role, clock ORDER BY role, clock"""  # noqa: S608
    ).fetchall()
    return tuple(RoleRows(*row) for row in found)


def _fields(connection: duckdb.DuckDBPyConnection, fields: list[FrozenColumn]) -> tuple[FieldRows, ...]:
    found = connection.execute(
        f"""SELECT field, (count(*) FILTER (role = '{Role.NETWORK.value}'))::BIGINT, count(*)
            FROM (SELECT role, unnest(string_split(fields, ' ')) AS field FROM changed) GROUP BY field"""  # noqa: S608
    ).fetchall()
    places = {column.name: n for n, column in enumerate(fields)}
    return tuple(FieldRows(*row) for row in sorted(found, key=lambda row: (-row[2], places[row[0]])))


def _of_provider(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    ranked = f"WHERE role = '{Role.NETWORK.value}' AND clock = '{NoticeKind.REQUEST.value}'"
    found = connection.execute(
        f"""SELECT provider, count(*) FROM (
                SELECT provider_id AS provider FROM only_a {ranked} UNION ALL
                SELECT provider_id FROM only_b {ranked} UNION ALL
                SELECT provider_a FROM changed {ranked} UNION ALL
                SELECT provider_b FROM changed {ranked} AND provider_b IS DISTINCT FROM provider_a
            ) WHERE provider IS NOT NULL GROUP BY provider ORDER BY provider"""  # noqa: S608
    ).fetchall()
    return dict(found)


def _write_records(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    def instant(column: str) -> str:
        return f"strftime(make_timestamp(epoch_us({column})), '%Y-%m-%dT%H:%M:%S.%fZ')"

    query = f"""
        SELECT 'only-before' AS change, {_KEY}, {instant("notified_at")} AS notified_before, NULL AS notified_after,
               NULL AS fields FROM only_a UNION ALL
        SELECT 'only-after', {_KEY}, NULL, {instant("notified_at")}, NULL FROM only_b UNION ALL
        SELECT 'changed', {_KEY}, {instant("told_a")}, {instant("told_b")}, fields FROM changed
        ORDER BY {_KEY}, change, notified_before, notified_after"""  # noqa: S608 (our own words)
    name = str(path).replace("'", "''")
    connection.execute(f"COPY ({query}) TO '{name}' (FORMAT csv, HEADER, USE_TMP_FILE false)")


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """A file (0600) that becomes `path` when the block ends well; what is there already is never written over."""
    draft = path.parent / f".{secrets.token_hex(8)}.new"
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            yield draft
            os.link(draft, path)  # unlike a rename, fails where a file is
        finally:
            draft.unlink()
    except FileExistsError:
        raise FreezeError("The file for the records is there already", "Give --records another name") from None
    except OSError as error:
        raise FreezeError(f"The file for the records cannot be written ({error.strerror})", "Check --records") from None

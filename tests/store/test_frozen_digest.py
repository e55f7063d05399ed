"""The digest of a freeze made from its file, a column at a time."""

from dataclasses import fields
from datetime import UTC, datetime
from math import inf, nan

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import FreezeError
from monitor.model.columns import UNKNOWN_AT, Flags, Floats, Ints, Small, Texts
from monitor.model.episode import EpisodeTable
from monitor.model.period import Period
from monitor.model.release import ReferenceTableInfo
from monitor.store.frozen_columns import EPISODE_COLUMNS, SCHEMES, ColumnKind
from monitor.store.frozen_digest import canonical_order, digest_of_file, freeze_digest
from monitor.store.frozen_parquet import read_episodes, write_episodes

DTYPES = {Ints: np.int64, Small: np.int8, Flags: np.bool_, Floats: np.float64, Texts: np.object_}
COMMON = (
    Period.parse("2026H1"),
    datetime(2026, 8, 1, tzinfo=UTC),
    b"{}\n",
    (ReferenceTableInfo("prefixes", "2026-01-01", "2026-01-02", 3, "bb" * 32),),
)
VALUES = {
    ColumnKind.TEXT: st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=4)),
    ColumnKind.TIME: st.one_of(st.just(UNKNOWN_AT), st.integers(0, 4_000_000_000_000_000)),
    ColumnKind.REFERENCE: st.integers(-1, 2**40),
    ColumnKind.COUNT: st.integers(0, 1000),
    ColumnKind.NUMBER: st.one_of(st.just(nan), st.floats(-1e6, 1e6), st.just(-0.0), st.just(0.5e-6), st.just(1.5e-6)),
    ColumnKind.FLAG: st.booleans(),
    ColumnKind.TERNARY: st.integers(-1, 1),
}


@st.composite
def a_table(draw):
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        row = {column.name: draw(VALUES[column.kind]) for column in EPISODE_COLUMNS}
        row |= {"status": draw(st.sampled_from(["episode", "undelivered"])), "first_left_hours": nan}
        row |= {"right_hours": draw(st.sampled_from([inf, 3.25])), "first_right_hours": nan}
        rows.append(row if row["status"] == "episode" else {**row, "right_hours": nan})
    made = EpisodeTable(
        **{f.name: np.array([row[f.name] for row in rows], dtype=DTYPES[f.type]) for f in fields(EpisodeTable)}
    )
    return made.take(canonical_order(made))


@given(a_table(), st.sampled_from([1, 2]))
@settings(max_examples=40, derandomize=True, deadline=None)
def test_the_digest_of_a_file_is_that_of_its_rows(tmp_path_factory, episodes, scheme):
    """Every kind of column, nulls, empty and odd texts, halves of a millionth, both schemes."""
    path = tmp_path_factory.mktemp("digest") / "episodes.parquet"
    write_episodes(path, episodes)
    if scheme == 1:
        rewritten(path, ", ".join(f'"{column.name}"' for column in SCHEMES[1]))
    again, found = read_episodes(path)
    assert found == scheme
    assert digest_of_file(*COMMON, path) == freeze_digest(*COMMON, again, scheme)


def rewritten(path, chosen, order=""):
    """The file with other columns or another order of rows."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE old AS SELECT {chosen} FROM read_parquet(?) {order}", [str(path)])
        connection.execute(f"COPY old TO '{path}' (FORMAT parquet)")


def many_rows(n):
    """Texts of different lengths in more rows than are joined at once."""
    columns = {}
    for column in EPISODE_COLUMNS:
        if column.kind is ColumnKind.TEXT:
            columns[column.name] = np.full(n, None, np.object_)
        else:
            columns[column.name] = np.full(n, nan) if column.kind is ColumnKind.NUMBER else np.zeros(n, np.int64)
    columns = {f.name: columns[f.name].astype(DTYPES[f.type]) for f in fields(EpisodeTable)}
    columns["record_id"][:] = [f"R{k:07d}" for k in range(n)]
    columns["provider_id"][:] = [None if k % 7 == 0 else "ë" * (k % 5) for k in range(n)]
    columns["status"][:] = "undelivered"
    return EpisodeTable(**columns)


def test_the_digest_of_a_long_file_is_that_of_its_rows(tmp_path):
    """Two threads read row groups and blocks of texts: they are hashed in the order of the file."""
    path, episodes = tmp_path / "episodes.parquet", many_rows(250_000)
    write_episodes(path, episodes)
    assert digest_of_file(*COMMON, path) == freeze_digest(*COMMON, episodes)


@pytest.mark.parametrize(
    "changed",
    [
        "* REPLACE (CASE WHEN record_id = 'R0000400' THEN 'ëëë' ELSE provider_id END AS provider_id)",
        "* REPLACE (CASE WHEN record_id = 'R0000400' THEN 2e-6 ELSE left_hours END AS left_hours)",
        "* REPLACE (flaps + 1 AS flaps)",
    ],
)
def test_one_changed_value_changes_the_digest(tmp_path, changed):
    """A text, a number, a count: each is in the digest of the file."""
    path = tmp_path / "episodes.parquet"
    write_episodes(path, many_rows(500))
    before = digest_of_file(*COMMON, path)
    rewritten(path, changed)
    assert digest_of_file(*COMMON, path) != before


def test_rows_in_another_order_give_another_digest(tmp_path):
    """A freeze has its rows in canonical order; a file whose rows were turned round is none."""
    path = tmp_path / "episodes.parquet"
    write_episodes(path, many_rows(500))
    before = digest_of_file(*COMMON, path)
    rewritten(path, "*", "ORDER BY record_id DESC")
    assert digest_of_file(*COMMON, path) != before


def test_a_file_that_cannot_be_read_is_said(tmp_path):
    """Cut off in the middle, as a full disk leaves it."""
    path = tmp_path / "episodes.parquet"
    write_episodes(path, many_rows(500))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(FreezeError, match=r"^episodes\.parquet cannot be read"):
        digest_of_file(*COMMON, path)

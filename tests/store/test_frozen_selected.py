"""The rows of one role and clock as codes, read from the file of a freeze without a table of texts."""

from dataclasses import fields
from math import inf, nan

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import FreezeError
from monitor.model.columns import UNKNOWN_AT, Flags, Floats, Ints, Small, Texts
from monitor.model.episode import EpisodeTable
from monitor.model.selected import ENDS, NOTICE_STATUSES, OUTCOMES, STATUSES, CodedRows, select
from monitor.model.words import NoticeKind, Role
from monitor.store.frozen_columns import EPISODE_COLUMNS, SCHEMES, ColumnKind
from monitor.store.frozen_parquet import read_episodes, write_episodes
from monitor.store.frozen_selected import read_selected

DTYPES = {Ints: np.int64, Small: np.int8, Flags: np.bool_, Floats: np.float64, Texts: np.object_}
names = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=3))
providers = st.one_of(st.sampled_from(["as64500", "as64501", "é", "'\"\n", "z", "Z", "", None]), names)
doubts = st.sampled_from([None, "", "as-stands-in", "person;as-stands-in", "person", "not-as-stands-in"])
VALUES = {
    ColumnKind.TEXT: names,
    ColumnKind.TIME: st.one_of(st.just(UNKNOWN_AT), st.integers(0, 4_000_000_000_000_000)),
    ColumnKind.REFERENCE: st.integers(-1, 2**31 - 1),
    ColumnKind.COUNT: st.integers(0, 1000),
    ColumnKind.NUMBER: st.one_of(st.just(nan), st.floats(-1e6, 1e6), st.just(-0.0)),
    ColumnKind.FLAG: st.booleans(),
    ColumnKind.TERNARY: st.integers(-1, 1),
}
WORDS = {
    "clock": st.sampled_from([kind.value for kind in NoticeKind]),
    "role": st.sampled_from([role.value for role in Role]),
    "status": st.sampled_from(STATUSES),
    "end": st.sampled_from([*ENDS, None, "unheard-of"]),
    "notice_status": st.sampled_from([*NOTICE_STATUSES, None]),
    "last_outcome": st.sampled_from([*OUTCOMES, None]),
    "provider_id": providers,
    "moved_to": providers,
    "attribution_doubts": doubts,
    "unattributed_reason": st.sampled_from([None, "", "several", "no-address"]),
    "rule_version": st.sampled_from([None, "episodes-1", "episodes-2"]),
}


@st.composite
def a_row(draw):
    row = {column.name: draw(WORDS.get(column.name, VALUES[column.kind])) for column in EPISODE_COLUMNS}
    if row["status"] == "episode":
        row["right_hours"] = draw(st.one_of(st.just(inf), st.floats(0, 1e4)))
    row["first_left_hours"] = draw(st.sampled_from([nan, 1.0]))
    first = st.one_of(st.just(inf), st.floats(0, 1e4)) if row["first_left_hours"] == 1.0 else st.just(nan)
    return {**row, "first_right_hours": draw(first)}


def table(rows):
    return EpisodeTable(
        **{f.name: np.array([row[f.name] for row in rows], dtype=DTYPES[f.type]) for f in fields(EpisodeTable)}
    )


def write_as_scheme_1(path):
    """The file without the columns that scheme 1 did not have."""
    kept = ", ".join(f'"{column.name}"' for column in SCHEMES[1])
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE old AS SELECT {kept} FROM read_parquet(?)", [str(path)])
        connection.execute(f"COPY old TO '{path}' (FORMAT parquet)")


def assert_same(found, expected):
    assert (found.ids, found.reasons, found.doubts) == (expected.ids, expected.reasons, expected.doubts)
    assert (found.role, found.clock, found.n_fronted) == (expected.role, expected.clock, expected.n_fronted)
    for field in fields(CodedRows):
        mine, other = getattr(found.rows, field.name), getattr(expected.rows, field.name)
        assert mine.dtype == other.dtype, field.name
        np.testing.assert_array_equal(mine, other, err_msg=field.name)
        assert mine.flags.c_contiguous, field.name


@given(st.lists(a_row(), max_size=12), st.sampled_from(NoticeKind), st.sampled_from(Role), st.sampled_from([1, 2]))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_rows_read_as_codes_equal_those_selected_from_the_table(tmp_path_factory, rows, clock, role, scheme):
    """For every status, end, role, clock, null and infinite hour, and for files of the earlier scheme."""
    path = tmp_path_factory.mktemp("codes") / "episodes.parquet"
    write_episodes(path, table(rows))
    if scheme == 1:
        write_as_scheme_1(path)
    assert_same(read_selected(path, clock, role), select(read_episodes(path)[0], clock=clock, role=role))


def test_rows_keep_the_order_of_the_file_over_many_row_groups(tmp_path):
    """Two threads read 300,000 rows in several row groups: every column still has them in the file's order."""
    n = 300_000
    rng = np.random.default_rng(7)
    columns = {
        column.name: np.full(n, None, np.object_) if column.kind is ColumnKind.TEXT else np.zeros(n)
        for column in EPISODE_COLUMNS
    }
    columns = {f.name: columns[f.name].astype(DTYPES[f.type]) for f in fields(EpisodeTable)}
    columns["target_id"] = np.arange(n)
    columns["left_hours"] = np.arange(n) / 8
    columns["right_hours"] = np.full(n, inf)
    columns["status"][:] = "episode"
    columns["clock"][:] = "request"
    columns["role"][:] = np.array(["network", "site"], np.object_)[rng.integers(0, 2, n)]
    columns["provider_id"][:] = [f"as{64496 + k % 16}" for k in range(n)]
    path = tmp_path / "episodes.parquet"
    write_episodes(path, EpisodeTable(**columns))
    found = read_selected(path, NoticeKind.REQUEST, Role.NETWORK)
    wanted = np.flatnonzero(columns["role"] == "network")
    np.testing.assert_array_equal(found.rows.target_id, wanted)
    np.testing.assert_array_equal(found.rows.left_hours, wanted / 8)
    np.testing.assert_array_equal(found.rows.provider, wanted % 16)


def test_a_file_that_is_no_table_of_episodes_is_said(tmp_path):
    """The message names the file and nothing of its place."""
    path = tmp_path / "episodes.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(FreezeError, match=r"^episodes\.parquet cannot be read") as caught:
        read_selected(path, NoticeKind.REQUEST, Role.NETWORK)
    assert str(tmp_path) not in str(caught.value)

"""From the first schema with data to the newest, on both engines: nothing lost, nothing half, nothing newer."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from monitor.errors import StoreError, StoreNewer
from monitor.store import open_store, upgrade
from monitor.store.any_schema import open_of_any_schema
from monitor.store.copying import opened_file, table_digests
from monitor.store.database import place_of
from monitor.store.engines import Work, make_engine, transaction
from monitor.store.schema import alembic_config, head, migrate, revision_of
from tests import forked
from tests.engines import Engine
from tests.filled import N_ROWS, fill

FIRST = "0001"
MADE_ANEW = frozenset({"resolutions", "resolution_addresses"})
"""Empty in every store of the first release, so 0002 makes them anew."""
FORGOTTEN = {"attribution_state"}
"""Emptied by 0002 on purpose: every address is attributed again."""
LAYOUT_OF_THE_FIRST = "de505d00e734380e7dca4641fd388bec84ce73efdb324b677b41fd00efe6d82c"
"""SHA-256 over what `_layout` says of it on SQLite."""
KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from monitor.store import upgrade

at, seen = int(sys.argv[3]), 0

@event.listens_for(Engine, "after_cursor_execute")
def count(*_):
    global seen
    seen += 1
    if seen == at:
        os.kill(os.getpid(), signal.SIGKILL)

upgrade(Path(sys.argv[1]), sys.argv[2] or None)
print(seen)
"""

Rows = dict[str, list[dict[str, Any]]]


@contextmanager
def _connected(engine: Engine, folder: Path, work: Work = Work.READ) -> Iterator[Connection]:
    made = make_engine(place_of(folder, engine.url(folder)), 5.0)
    try:
        with transaction(made, work) as connection:
            yield connection
    finally:
        made.dispose()


@pytest.fixture
def first(engine: Engine, once: Callable[..., Path], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database has the first release's schema and rows in each of its tables."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("first") / "data"
        open_store(folder, engine.url(folder), create=True).close()  # for its key
        engine.drop(folder)
        with _connected(engine, folder, Work.WRITE) as connection:
            migrate(connection, FIRST)
            fill(connection, without=MADE_ANEW)
        return folder

    return engine.copy(once(engine, "first release", make), tmp_path / "data")


def _rows(connection: Connection) -> Rows:
    found = inspect(connection)
    names = (name for name in found.get_table_names() if name != "alembic_version")
    return {
        name: [dict(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()] for name in names
    }


def _layout(connection: Connection) -> dict[str, Any]:
    """Every table with its columns, keys, references, unique sets and indexes."""
    found = inspect(connection)
    return {
        name: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in found.get_columns(name)},
            "key": found.get_pk_constraint(name),
            "references": sorted(map(_plain, found.get_foreign_keys(name))),
            "unique": sorted(map(_plain, found.get_unique_constraints(name))),
            "indexes": sorted(map(_plain, found.get_indexes(name))),
        }
        for name in found.get_table_names()
    }


def _plain(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _revisions() -> list[str]:
    """From the one after the first to the newest."""
    found = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
    return found[::-1][1:]


def test_every_row_of_the_first_release_is_there_after_the_upgrade(engine: Engine, first: Path) -> None:
    """Each with each of its values; what the new schema adds comes beside them."""
    with _connected(engine, first) as connection:
        before = _rows(connection)
    assert {len(rows) for name, rows in before.items() if name not in MADE_ANEW} == {N_ROWS}
    assert upgrade(first, engine.url(first)) == (FIRST, head())
    with _connected(engine, first) as connection:
        after = _rows(connection)
    assert all(after[name] == [] for name in FORGOTTEN)
    for name in before.keys() - FORGOTTEN:
        kept = [{column: row[column] for column in before[name][0]} for row in after[name]] if before[name] else []
        assert all(row in kept for row in before[name]), name
        assert len(kept) == len(before[name]) or name == "counters"


def test_step_by_step_ends_where_all_at_once_ends(engine: Engine, first: Path, tmp_path: Path) -> None:
    """One migration after another, each committed: the same layout and the same rows."""
    stepped = engine.copy(first, tmp_path / "stepped")
    for revision in _revisions():
        with _connected(engine, stepped, Work.WRITE) as connection:
            migrate(connection, revision)
            assert revision_of(connection) == revision
    upgrade(first, engine.url(first))
    with _connected(engine, first) as once, _connected(engine, stepped) as steps:
        assert _layout(once) == _layout(steps)
        assert table_digests(once) == table_digests(steps)


def test_an_upgraded_store_is_laid_out_as_a_new_one(engine: Engine, first: Path, tmp_path: Path) -> None:
    """Table by table: columns, types, keys, references, unique sets, indexes."""
    upgrade(first, engine.url(first))
    open_store(tmp_path / "new", engine.url(tmp_path / "new"), create=True).close()
    with _connected(engine, first) as upgraded, _connected(engine, tmp_path / "new") as new:
        assert _layout(upgraded) == _layout(new)


def test_a_second_upgrade_changes_nothing(engine: Engine, first: Path) -> None:
    """It can be run at any time."""
    upgrade(first, engine.url(first))
    with _connected(engine, first) as connection:
        before = table_digests(connection)
    assert upgrade(first, engine.url(first)) == (head(), head())
    with _connected(engine, first) as connection:
        assert table_digests(connection) == before


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_an_upgrade_that_is_killed_leaves_the_old_schema_whole(
    engine: Engine, first: Path, tmp_path: Path, share: float
) -> None:
    """By SIGKILL after a share of its statements: revision, layout and rows as before; then it goes through."""
    whole = engine.copy(first, tmp_path / "whole")
    status, n_statements = _run(engine, whole, 0)
    assert status == 0
    with _connected(engine, first) as connection:
        before = _layout(connection), table_digests(connection)
    assert _run(engine, first, int(n_statements * share)) == (-signal.SIGKILL, 0)
    with _connected(engine, first, Work.WRITE) as connection:  # waits until the server has noticed
        assert revision_of(connection) == FIRST
        assert (_layout(connection), table_digests(connection)) == before
    assert upgrade(first, engine.url(first)) == (FIRST, head())
    with _connected(engine, first) as connection, _connected(engine, whole) as undisturbed:
        assert table_digests(connection) == table_digests(undisturbed)


def _run(engine: Engine, folder: Path, at: int) -> tuple[int, int]:
    """The status of an upgrade that dies at its statement number `at`, and how many it made where it did not."""
    words = [sys.executable, "-c", KILLED, str(folder), engine.url(folder) or "", str(at)]
    status, out, _ = forked.run(words, folder, os.environ)
    return status, int(out or 0)


@pytest.mark.parametrize("revision", ["9999", "0099", "abcd"])
def test_a_newer_schema_is_refused_and_left_alone(engine: Engine, first: Path, revision: str) -> None:
    """By opening, by opening for a backup, and by upgrading; in words that say what to do."""
    engine.change(first, f"UPDATE alembic_version SET version_num = '{revision}'")
    url = engine.url(first)
    for opening in (
        lambda: open_store(first, url, create=False),
        lambda: open_store(first, url, create=True),
        lambda: open_of_any_schema(first, url),
        lambda: upgrade(first, url),
    ):
        with pytest.raises(StoreNewer, match="newer version"):
            opening()
    assert engine.rows(first, "SELECT version_num FROM alembic_version") == [(revision,)]


def test_an_older_schema_is_refused_until_a_person_upgrades(engine: Engine, first: Path) -> None:
    """Opening says so and changes nothing."""
    with pytest.raises(StoreError, match="db upgrade"):
        open_store(first, engine.url(first), create=False)
    with _connected(engine, first) as connection:
        assert revision_of(connection) == FIRST


def test_the_first_release_is_still_what_it_was(tmp_path: Path) -> None:
    """Migration 0001 makes the tables of the first release: if it changed, this file would test nothing."""
    with opened_file(tmp_path / "first.sqlite") as made, transaction(made, Work.WRITE) as connection:
        migrate(connection, FIRST)
        laid_out = json.dumps(_layout(connection), sort_keys=True)
    assert sha256(laid_out.encode()).hexdigest() == LAYOUT_OF_THE_FIRST

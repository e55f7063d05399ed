"""The schema: models and migrations agree, on SQLite and in PostgreSQL's dialect."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.dialects import sqlite

from monitor.errors import StoreError
from monitor.store import Store, open_store
from monitor.store.database import upgrade
from monitor.store.schema import alembic_config, check_revision, head, revision_of
from monitor.store.tables import METADATA
from monitor.store.times import UtcMicros, from_micros, to_micros
from tests.engines import Engine


def test_models_and_migrations_agree(store: Store) -> None:
    """Autogenerate finds nothing to change in a database made by the migrations."""
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_autogenerate_would_notice_a_difference(store: Store) -> None:
    """The check above can fail: a dropped column is found."""
    with store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE audit DROP COLUMN reason")
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA)


def test_the_migrations_make_sense_to_postgresql() -> None:
    """The same migrations print PostgreSQL statements, with 64-bit keys and times."""
    config = alembic_config()
    config.output_buffer = StringIO()
    config.set_main_option("sqlalchemy.dialect", "postgresql")
    command.upgrade(config, "head", sql=True)
    statements = config.output_buffer.getvalue()
    made_again = 2  # resolutions, in 0002
    assert statements.count("CREATE TABLE") == len(METADATA.tables) + 1 + made_again
    assert "checked_at BIGINT NOT NULL" in statements
    assert "url BYTEA" in statements
    assert "INTO counters" in statements


def test_an_older_schema_is_refused_until_a_person_upgrades(store: Store, engine: Engine) -> None:
    """Opening says `monitor db upgrade`; it does not upgrade by itself."""
    with store.write() as connection:
        command.downgrade(alembic_config(connection), "base")
    with store.read() as connection, pytest.raises(StoreError):
        check_revision(connection)
    store.close()
    url = engine.url(store.data_dir)
    with pytest.raises(StoreError, match="holds no store"):
        open_store(store.data_dir, url, create=False)
    with pytest.raises(StoreError):
        upgrade(store.data_dir, url)


def test_every_bulk_table_has_its_counter(store: Store) -> None:
    """Keys of the bulk tables start at 1."""
    with store.read() as connection:
        found = connection.exec_driver_sql("SELECT table_name, next_key FROM counters").all()
    assert {next_key for _, next_key in found} == {1}
    assert {name for name, _ in found} >= {
        "addresses",
        "assessments",
        "checks",
        "hosts",
        "notices",
        "records",
        "targets",
    }


ZONES = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))


@settings(derandomize=True)
@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES))  # noqa: DTZ001 (bounds are naive)
def test_a_time_comes_back_as_the_same_instant_in_utc(at: datetime) -> None:
    """Microseconds are exact, whatever the zone."""
    back = from_micros(to_micros(at))
    assert back == at
    assert back.tzinfo is UTC


def test_a_naive_time_is_refused() -> None:
    """No zone, no storing: neither by the function nor by the column type."""
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        to_micros(naive)
    with pytest.raises(ValueError, match="zone"):
        UtcMicros().process_bind_param(naive, sqlite.dialect())


def test_the_revision_that_opening_wants_is_the_newest_migration(store: Store) -> None:
    """It is written down in `schema.py` so that opening need not load Alembic; a new migration has to move it."""
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [head()]
    with store.read() as connection:
        assert revision_of(connection) == MigrationContext.configure(connection).get_current_revision() == head()


def test_a_database_without_a_schema_has_no_revision() -> None:
    """Neither one without the version's table, nor one in which that is empty."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        assert revision_of(connection) is None
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        assert revision_of(connection) is None
    engine.dispose()


def test_starting_and_opening_a_store_load_neither_alembic_nor_what_single_commands_need(
    store: Store, engine: Engine
) -> None:
    """Each of these takes a good part of a short command's time, that of `monitor --help` too."""
    store.close()
    program = (
        "import pathlib, sys; import monitor.cli; from monitor.store import open_store; "
        "open_store(pathlib.Path(sys.argv[1]), sys.argv[2] or None, create=False).close(); "
        "print(*{'alembic', 'duckdb', 'scipy', 'matplotlib', 'dns', 'ipwhois', 'rapidfuzz', 'scrapy', 'numba', 'docx', "
        "'docxtpl', 'jinja2', 'typst', 'lxml'} & {*sys.modules})"
    )
    command_line = [sys.executable, "-c", program, str(store.data_dir), engine.url(store.data_dir) or ""]
    done = subprocess.run(command_line, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

"""The schema's version: which one a database has, which one this code wants, and the way from one to the other.

What would surprise: opening never upgrades. A person does, with `monitor db upgrade`, after a backup. And opening asks
Alembic nothing, which takes longer to load than most commands to run: the newest revision is written down here, and a
test holds it against the migrations.
"""

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from monitor.errors import StoreError, StoreNewer

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0012"
"""The revision that this code wants: the newest one in `migrations/versions`."""
_IN_A_LANGUAGE = """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attcollation = 'pg_catalog."default"'::regcollation
    ORDER BY c.relname, a.attnum"""
_MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> "Config":
    """Alembic's configuration, made in memory."""
    from alembic.config import Config  # noqa: PLC0415 (only making and upgrading a schema need it)

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision that this code wants."""
    return HEAD


def revision_of(connection: Connection) -> str | None:
    """The database's revision, None where there is no schema yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return None if row is None else str(row[0])


def migrate(connection: Connection, to: str = "head") -> None:
    """Bring the schema to this code's revision (or to `to`), inside the caller's transaction."""
    from alembic import command  # noqa: PLC0415 (same reason)

    command.upgrade(alembic_config(connection), to)
    if connection.dialect.name == "postgresql":
        _order_texts_by_bytes(connection)


def _order_texts_by_bytes(connection: Connection) -> None:
    """Give every text column that follows the database's language the collation "C", as SQLite has it.

    Otherwise two hosts, or the same one after an upgrade of its C library, would order the same words differently.
    """
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for table, column, kind in connection.exec_driver_sql(_IN_A_LANGUAGE).all():
        columns[table].append(f'ALTER "{column}" TYPE {kind} COLLATE "C"')
    for table, changes in columns.items():
        connection.exec_driver_sql(f'ALTER TABLE "{table}" {", ".join(changes)}')


def check_revision(connection: Connection) -> None:
    """Raise StoreNewer or StoreError unless the schema is the one that this code wants."""
    found, wanted = revision_of(connection), head()
    if found == wanted:
        return
    if found is None:
        raise StoreError("The database holds no store", "Check [database] url; a new store is made by `monitor import`")
    if not is_known(found):
        raise StoreNewer(
            f"The database was written by a newer version (its schema is {found[:20]}, this version knows {wanted})",
            "Install that version; nothing was changed",
        )
    raise StoreError(f"The database has the older schema {found}", "Make a backup and run `monitor db upgrade`")


def is_known(revision: str) -> bool:
    """Whether this version knows that schema: its own, or an older one."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 (same reason)
    from alembic.util.exc import CommandError  # noqa: PLC0415

    try:
        return ScriptDirectory.from_config(alembic_config()).get_revision(revision) is not None
    except CommandError:
        return False

"""The schema's version: which one a database has, which one this code wants, and the way from one to the other.

What would surprise: opening never upgrades. A person does, with `monitor db upgrade`, after a backup.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from monitor.errors import StoreError, StoreNewer

_MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, made in memory."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision that this code wants."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert revision is not None
    return revision


def revision_of(connection: Connection) -> str | None:
    """The database's revision, None where there is no schema yet."""
    return MigrationContext.configure(connection).get_current_revision()


def migrate(connection: Connection) -> None:
    """Bring the schema to this code's revision, inside the caller's transaction."""
    command.upgrade(alembic_config(connection), "head")


def check_revision(connection: Connection) -> None:
    """Raise StoreNewer or StoreError unless the schema is the one that this code wants."""
    found, wanted = revision_of(connection), head()
    if found == wanted:
        return
    if found is None:
        raise StoreError("The database holds no store", "Check [database] url; a new store is made by `monitor import`")
    if not _is_known(found):
        raise StoreNewer(
            f"The database was written by a newer version (its schema is {found[:20]}, this version knows {wanted})",
            "Install that version; nothing was changed",
        )
    raise StoreError(f"The database has the older schema {found}", "Make a backup and run `monitor db upgrade`")


def _is_known(revision: str) -> bool:
    try:
        return ScriptDirectory.from_config(alembic_config()).get_revision(revision) is not None
    except CommandError:
        return False

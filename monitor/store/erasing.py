"""What was forgotten leaves the database's own files too: freed pages, dead rows and the log.

In: an open store. Out: whether all of it went. What would surprise: on a server the log that was written before, its
archive and its replicas are not ours to remove; and no program can promise that a disk forgets what was freed on it.
"""

import sqlite3
from contextlib import closing

from sqlalchemy import Connection

from monitor.errors import StoreBusy
from monitor.store.database import Store
from monitor.store.problems import told_plainly

TOUCHED = (
    *("targets", "hosts", "addresses", "resolutions", "letter_events", "letters", "exchange_cases"),
    *("notices", "order_facts", "fact_corrections"),
)
"""The tables that lose texts."""


def erase_remains(store: Store) -> bool:
    """Write the database anew without what was freed; False where it was in use or had no room for that."""
    try:
        return _on_a_server(store) if store.on_server else _in_a_file(store)
    except (StoreBusy, sqlite3.OperationalError):
        return False


def overwrite(connection: Connection, store: Store) -> None:
    """SQLite writes zeros over what this transaction frees, also where `erase_remains` finds the file in use."""
    if not store.on_server:
        connection.exec_driver_sql("PRAGMA secure_delete = ON").close()


def _in_a_file(store: Store) -> bool:
    """`VACUUM` makes the file anew, and the log is cut to nothing, which works when nobody reads in it."""
    with closing(store.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("PRAGMA temp_store = FILE")  # the copy would fill the memory of a small machine
        try:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            found = cursor.fetchone()
        finally:
            cursor.execute("PRAGMA temp_store = MEMORY")
        return found is not None and not found[0]


def _on_a_server(store: Store) -> bool:
    """`VACUUM FULL` writes each table anew, one after the other, each locked meanwhile."""
    engine = store.engine.execution_options(isolation_level="AUTOCOMMIT")
    with told_plainly(store.engine), engine.connect() as connection:
        for table in TOUCHED:
            connection.exec_driver_sql(f"VACUUM (FULL) {table}").close()
    return True

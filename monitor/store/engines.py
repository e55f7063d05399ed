"""SQLite in a file or PostgreSQL on a server: a place in, an Engine and its three kinds of transaction out.

What would surprise: on both there is one writer at a time. SQLite takes its write lock at the start of a writing
transaction, and on PostgreSQL a writing transaction begins with one advisory lock of the whole database; so "look, then
insert" holds anywhere in this package. Who locks rows one by one says so (`Work.TAKE`) and does without that lock.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from monitor.errors import StoreError

if TYPE_CHECKING:
    import psycopg

WRITE_LOCK = int.from_bytes(b"monitor")
"""The key of PostgreSQL's advisory lock that a writing transaction holds."""
_CACHE_KIB = 65_536
_WAL_PAGES = 16_000
"""64 MB of write-ahead log before it is folded in: blind indexes are hit all over, and with SQLite's 4 MB each
batch would rewrite the same pages (imports take 1.4 to 2 times as long)."""
_WORK = "monitor_work"
_USUAL = {
    "application_name": "monitor",
    "connect_timeout": 10,
    "keepalives_idle": 30,  # a server that vanished without a word is found out after a minute, not after hours
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""What a connection is given unless the URL says otherwise: libpq's words, in seconds but for the last one."""
_DRIVER = "postgresql+psycopg"
_SILENT = logging.NullHandler()


class Work(Enum):
    """What a transaction is for."""

    READ = "read"  # one state of the database, however long it takes
    WRITE = "write"  # alone among those that write
    TAKE = "take"  # beside others: short, and each row that it changes is locked by itself


_ISOLATION = {
    Work.READ: "REPEATABLE READ",
    Work.WRITE: "READ COMMITTED",  # each statement sees what the writer before committed
    Work.TAKE: "READ COMMITTED",
}
_FIRST = {
    Work.READ: "SET TRANSACTION READ ONLY",
    Work.WRITE: f"SELECT pg_advisory_xact_lock({WRITE_LOCK:d})",
}
"""What a transaction on a server begins with."""


def parse_url(url: str) -> URL:
    """The place that a URL of the configuration names. Raises StoreError, never with the URL in it."""
    try:
        place = make_url(url)
        if place.drivername in {"postgres", "postgresql"}:
            place = place.set(drivername=_DRIVER)
        place.get_dialect().import_dbapi()
        place.get_dialect()().create_connect_args(place)  # it says what no connection can be made from
    except ImportError:
        raise StoreError("The driver of [database] url is not installed", "Install it, or leave url empty") from None
    except (ArgumentError, ValueError):  # its message repeats the URL, or its port, which can be a password
        place = None
    if place is None or (place.get_backend_name() == "sqlite" and place.database in (None, "", ":memory:")):
        raise StoreError(
            "[database] url is not the address of a database", "Write it as postgresql+psycopg://host/name"
        )
    if place.drivername != _DRIVER and place.get_backend_name() != "sqlite":
        raise StoreError(
            "[database] url names a database that this version does not work with",
            "Write it as postgresql+psycopg://host/name, or leave it empty for SQLite",
        )
    return place


def make_engine(place: URL, busy_seconds: float) -> Engine:
    """An engine whose errors show no parameters. `busy_seconds`: how long to wait for a lock."""
    if is_server(place):
        return _server_engine(place, busy_seconds)
    engine = create_engine(place, hide_parameters=True, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def is_server(place: URL | Engine) -> bool:
    """Whether the database is a server, which several hosts may share."""
    url = place.url if isinstance(place, Engine) else place
    return url.get_backend_name() == "postgresql"


@contextmanager
def transaction(engine: Engine, work: Work) -> Iterator[Connection]:
    """All of it or nothing; driver errors come as they are."""
    options: dict[str, Any] = {_WORK: work}
    if is_server(engine):
        options["isolation_level"] = _ISOLATION[work]
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def _server_engine(place: URL, busy_seconds: float) -> Engine:
    """Connections that were lost are found out before they are used, so a restarted server costs one transaction."""
    waits = max(1, round(busy_seconds * 1000))  # 0 would mean for ever
    given = {name: value for name, value in _USUAL.items() if name not in place.query}
    engine = create_engine(place, hide_parameters=True, pool_pre_ping=True, connect_args=given)
    for name in ("psycopg", "sqlalchemy.pool"):  # what they say of a broken connection is said once, by problems.py
        logging.getLogger(name).addHandler(_SILENT)

    def prepare(connection: "psycopg.Connection[Any]", _record: object) -> None:
        with connection.cursor() as cursor:
            # A whole table is read through a cursor to its end: a plan for its first rows would be the wrong one.
            cursor.execute(f"SET lock_timeout = {waits:d}; SET cursor_tuple_fraction = 1; SET jit = off")
        connection.commit()

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin_server)
    return engine


def _begin_server(connection: Connection) -> None:
    if first := _FIRST.get(connection.get_execution_options().get(_WORK, Work.TAKE)):
        connection.exec_driver_sql(first).close()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: _begin_sqlite does
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"cache_size = -{_CACHE_KIB}",
        f"wal_autocheckpoint = {_WAL_PAGES}",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WORK) in (Work.WRITE, Work.TAKE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

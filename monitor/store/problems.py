"""What the database says, in one line that says what to do: driver errors in, StoreErrors out.

A server's answer is read by its SQLSTATE, which no language setting changes; what has none (SQLite, and a server that
cannot be reached) by its words. What would surprise: neither the statement nor its parameters reach the message,
because a parameter can be anything that somebody typed; nor does the server's name.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError

from monitor.errors import StoreBusy, StoreError
from monitor.store.engines import make_engine

_Said = tuple[type[StoreError], str, str]

MOVED_WORDS = "the store was moved to a server"
"""What the triggers of a file say that is a store no longer (`monitor db move`)."""

_LOCKED: _Said = (
    StoreBusy,
    "Another process is writing to the database",
    "Wait until it is done and run the command again; what was not written is picked up then",
)
_CUT_SHORT: _Said = (
    StoreBusy,
    "The database server broke off what took too long",
    "Give the monitor's role no statement_timeout, and run the command again (docs/postgresql.md)",
)
_FULL: _Said = (
    StoreBusy,
    "The disk is full",
    "Make room where the database is and run the command again; whole batches before this one are kept",
)
_DISK: _Said = (
    StoreBusy,
    "The disk does not take or give what is asked of it",
    "Make room where the database is, look at the disk, and run the command again; whole batches are kept",
)
_READ_ONLY: _Said = (
    StoreBusy,
    "The database cannot be written to",
    "Check who owns the data folder and whether the disk is mounted read-only; of a server, whether it is a standby",
)
_DAMAGED: _Said = (
    StoreError,
    "The database file is damaged or is not a database",
    "Put it back from your backup; nothing was changed",
)
_GONE: _Said = (
    StoreBusy,
    "The database server does not answer, or broke off",
    "Check that it runs and can be reached, and run the command again; what was not written is picked up then",
)
_CROWDED: _Said = (
    StoreBusy,
    "The database server takes no more connections",
    "Wait, or raise its max_connections: each process of the monitor holds up to three",
)
_REFUSED: _Said = (
    StoreError,
    "The database server does not let this user in",
    "Check user and password: PGPASSFILE or ~/.pgpass, and pg_hba.conf on the server",
)
_NO_DATABASE: _Said = (
    StoreError,
    "The database that [database] url names is not on the server",
    "Check the name, or make it: CREATE DATABASE (docs/postgresql.md)",
)
_NO_RIGHT: _Said = (
    StoreError,
    "The database user may not do that",
    "Make it the owner of the database (docs/postgresql.md); nothing was changed",
)
_CLOSED: _Said = (
    StoreError,
    "The database cannot be opened",
    "Check that the data folder (or the server in [database] url) is there, that you may use it, and that its disk is "
    "not mounted read-only",
)
_WRONG_URL: _Said = (
    StoreError,
    "[database] url has an option that is not known",
    "Write it as postgresql+psycopg://user@host/name (docs/postgresql.md)",
)
_LAID_OUT: _Said = (
    StoreError,
    "The database is not laid out as this version expects",
    "Run `monitor db upgrade`",
)
_MOVED: _Said = (
    StoreError,
    "The store was moved to a database server while this command ran",
    "Write its URL in [database] url and run the command again; what was not written is picked up then",
)

_BY_STATE: dict[str, _Said] = {
    "55P03": _LOCKED,  # lock_not_available
    "40P01": _LOCKED,  # deadlock_detected
    "40001": _LOCKED,  # serialization_failure
    "57014": _CUT_SHORT,  # query_canceled
    "53100": _FULL,
    "53300": _CROWDED,
    "53": _DISK,  # insufficient resources
    "58": _DISK,  # system errors: I/O
    "25006": _READ_ONLY,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
    "57P": _GONE,  # shut down by hand, crashed, still starting
    "08": _GONE,
    "28": _REFUSED,
    "3D000": _NO_DATABASE,
    "42501": _NO_RIGHT,
    "42P01": _LAID_OUT,
    "42703": _LAID_OUT,
    "3F000": _LAID_OUT,
}
"""By SQLSTATE, or by how it begins."""

_BY_WORDS: tuple[tuple[tuple[str, ...], _Said], ...] = (
    ((MOVED_WORDS,), _MOVED),
    (("is locked", "lock timeout", "could not obtain lock"), _LOCKED),
    (("is full", "no space left"), _FULL),
    (("disk i/o error",), _DISK),
    (("readonly", "read-only", "read-write mode"), _READ_ONLY),
    (("not a database", "malformed"), _DAMAGED),
    (("too many clients", "too many connections", "remaining connection slots"), _CROWDED),
    (("authentication failed", "no password supplied", "no pg_hba.conf entry", "role "), _REFUSED),
    (("starting up", "shutting down", "in recovery mode"), _GONE),
    (("permission denied for",), _NO_RIGHT),
    (("connection option", "connection uri", "invalid dsn"), _WRONG_URL),
    (("unable to open", "permission denied"), _CLOSED),
    (("no such table", "no such column"), _LAID_OUT),
    (("fatal:  database", "fatal: database"), _NO_DATABASE),
    (
        (
            "refused",
            "no such file or directory",
            "could not translate host name",
            "failed to resolve",
            "server closed the connection",
            "terminating connection",
            "connection is closed",
            "consuming input failed",
            "sending query",
            "timeout expired",
            "connection timeout",
            "connection failed",
            "ssl syscall",
            "could not connect",
            "connection is lost",
        ),
        _GONE,
    ),
    (("does not exist",), _LAID_OUT),
)


def store_error(error: Exception) -> StoreError:
    """The error to show for a driver's error, or for SQLAlchemy's around one."""
    said = error.orig if isinstance(error, DBAPIError) else error
    kind, message, hint = (
        _by_state(str(getattr(said, "sqlstate", None) or ""))
        or _by_words(str(said).lower())
        or (
            StoreError,
            f"The database refused what was asked ({type(said).__name__})",
            "Nothing was changed",
        )
    )
    return kind(message, hint)


@contextmanager
def told_plainly(engine: Engine | None = None) -> Iterator[None]:
    """Turn any driver error into a StoreError; the statement stays out of message and traceback.

    With `engine` also what its driver raises by itself, where it is used directly (`fetching.py`, `bulk.py`).
    """
    driver: tuple[type[Exception], ...] = (DBAPIError,)
    if engine is not None:
        driver = (DBAPIError, engine.dialect.loaded_dbapi.Error)
    try:
        yield
    except driver as error:
        if _was_interrupted(error):  # Ctrl-C in the middle of a statement: the driver broke it off and said so
            raise KeyboardInterrupt from None
        raise store_error(error) from None


def _was_interrupted(error: BaseException) -> bool:
    """Whether the error came up while a KeyboardInterrupt was on its way."""
    before: BaseException | None = error
    while before is not None and not isinstance(before, KeyboardInterrupt):
        before = before.__context__
    return before is not None


def _by_state(state: str) -> _Said | None:
    return next((_BY_STATE[state[:n]] for n in (5, 3, 2) if state[:n] in _BY_STATE), None)


def _by_words(said: str) -> _Said | None:
    return next((what for signs, what in _BY_WORDS if any(sign in said for sign in signs)), None)


@contextmanager
def engine_at(place: URL, busy_seconds: float) -> Iterator[Engine]:
    """An Engine for a while, whose failures are told as `told_plainly` tells them."""
    engine = make_engine(place, busy_seconds)
    try:
        with told_plainly(engine):
            yield engine
    finally:
        engine.dispose()

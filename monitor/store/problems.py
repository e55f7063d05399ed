"""What the database says, in one line that says what to do: driver errors in, StoreErrors out.

What would surprise: neither the statement nor its parameters reach the message, because a parameter can be
anything that somebody typed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from monitor.errors import StoreBusy, StoreError

_KNOWN: tuple[tuple[tuple[str, ...], type[StoreError], str, str], ...] = (
    (
        ("is locked", "lock timeout", "could not obtain lock"),
        StoreBusy,
        "Another process is writing to the database",
        "Wait until it is done and run the command again; what was not written is picked up then",
    ),
    (
        ("is full", "no space left"),
        StoreBusy,
        "The disk is full",
        "Make room where the data folder is and run the command again; whole batches before this one are kept",
    ),
    (
        ("disk i/o error",),
        StoreBusy,
        "The disk does not take or give what is asked of it",
        "Make room where the data folder is, look at the disk, and run the command again; whole batches are kept",
    ),
    (
        ("readonly", "read-only"),
        StoreBusy,
        "The database cannot be written to",
        "Check who owns the data folder and whether the disk is mounted read-only",
    ),
    (
        ("not a database", "malformed"),
        StoreError,
        "The database file is damaged or is not a database",
        "Put it back from your backup; nothing was changed",
    ),
    (
        ("unable to open", "could not connect", "connection refused", "connection failed"),
        StoreError,
        "The database cannot be opened",
        "Check that the data folder (or the server in [database] url) is there and that you may use it",
    ),
    (
        ("no such table", "no such column", "does not exist"),
        StoreError,
        "The database is not laid out as this version expects",
        "Run `monitor db upgrade`",
    ),
)


def store_error(error: DBAPIError) -> StoreError:
    """The error to show for a driver's error."""
    said = str(error.orig).lower()
    for signs, kind, message, hint in _KNOWN:
        if any(sign in said for sign in signs):
            return kind(message, hint)
    return StoreError(f"The database refused what was asked ({type(error.orig).__name__})", "Nothing was changed")


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn any driver error into a StoreError; the statement stays out of message and traceback."""
    try:
        yield
    except DBAPIError as error:
        raise store_error(error) from None

"""A worker's life in the store: registered under its name, kept alive by a heartbeat of its own, ended with the block.

In: a store, a name. Out: whether checks may still begin, and the key under which Targets are taken. What would
surprise: how long the last heartbeat holds is reckoned from before it was sent, by the machine's uptime, in which
suspended time counts; so a worker that was stopped for too long knows it as soon as it goes on, without asking anybody.
"""

import fcntl
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from monitor import store
from monitor.clock import uptime
from monitor.config import Settings
from monitor.errors import StoreBusy, StoreError, UsageError
from monitor.store import NewWorker, Store

DEFAULT_NAME = "1"
CHILD_ENDS_SECONDS = 5.0
"""After a worker was killed its crawl process may go on for so long: what it asked is left alone meanwhile."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_TOKEN_BYTES = 16
_CHECKS_PER_LEASE = 2
"""A lease is at least so many times as long as one check may take."""


class Presence:
    """One worker. `begin` and `renew` are its own thread's; the heartbeat is another thread with its own connection."""

    def __init__(self, db: Store, settings: Settings, new: NewWorker) -> None:
        checks = settings.checks
        self.db, self.name, self.vantage = db, new.name, new.vantage
        self.lease_seconds = max(checks.lease_seconds, _CHECKS_PER_LEASE * checks.check_seconds)
        self._check_seconds, self._pause_seconds = checks.check_seconds, checks.pause_seconds
        self._token = new.token
        self._done = threading.Event()
        self._lock = threading.Lock()  # a life is renewed between two heartbeats, not within one
        self._lost = False
        self._begin(new)

    @property
    def lost(self) -> bool:
        """Whether others have ended this worker: it has to be renewed before it takes anything."""
        return self._lost

    def may_begin_until(self) -> float:
        """The machine's uptime after which no check may begin: each has to be over while the lease still holds."""
        return self._holds_until - self._check_seconds if self.db.on_server else float("inf")

    def may_begin(self) -> bool:
        return not self._lost and uptime() < self.may_begin_until()

    def renew(self) -> None:
        """Begin another life under the same name. Raises StoreBusy where somebody else has the name by now."""
        with self._lock:
            self._begin(NewWorker(self.name, self.vantage, self._token, former=(self._token,)))
            self._lost = False

    def beat(self) -> None:
        """One heartbeat. Raises StoreError, StoreBusy."""
        with self._lock:
            began = uptime()
            if store.beat(self.db, self.worker_id, self.lease_seconds):
                self._holds_until = began + self.lease_seconds
            else:
                self._lost = True

    def beat_until_done(self) -> None:
        """For the thread: what goes wrong is tried again sooner, and said by nobody (the worker meets it itself)."""
        wait = self.lease_seconds / 3
        while not self._done.wait(wait):
            try:
                self.beat()
                wait = self.lease_seconds / 3
                store.sweep(self.db)
            except StoreError:
                wait = self.lease_seconds / 12

    def end(self) -> None:
        """In good order; where the store does not answer, the lease ends by itself."""
        self._done.set()
        with suppress(StoreError):
            store.end_worker(self.db, self.worker_id, CHILD_ENDS_SECONDS + self._pause_seconds)

    def _begin(self, new: NewWorker) -> None:
        began = uptime()
        self.worker_id = store.register_worker(self.db, new, self.lease_seconds)
        self._holds_until = began + self.lease_seconds


@contextmanager
def present(db: Store, settings: Settings, name: str = DEFAULT_NAME, vantage: str | None = None) -> Iterator[Presence]:
    """A worker that lives for as long as the block. Raises StoreBusy where one of that name lives, UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError("--name is not a name for a worker", "Use up to 40 letters, digits and hyphens")
    with _lock_file(db, name) as handle:
        token, former = secrets.token_hex(_TOKEN_BYTES), _read(handle)
        _write(handle, (token, *former[:1]))  # before it counts: a kill in between leaves both
        me = Presence(db, settings, NewWorker(name, vantage, token, former, alone=not db.on_server))
        beating = threading.Thread(target=me.beat_until_done, name="heartbeat", daemon=True)
        beating.start()
        try:
            yield me
        finally:
            me.end()
            beating.join(CHILD_ENDS_SECONDS)


@contextmanager
def _lock_file(db: Store, name: str) -> Iterator[int | None]:
    """On a server's store: a locked file of the worker's name, which after a kill says whose life it was.

    Raises StoreBusy where a worker of that name lives on this host.
    """
    if not db.on_server:
        yield None  # `judging.alone` has locked the whole store
        return
    path = db.data_dir / f"worker-{name}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy(
                f"Another process checks on this host as worker {name} already",
                "Let it work, stop it first, or start this one by another name: `monitor run --name`",
            ) from None
        yield handle
        path.unlink(missing_ok=True)  # after a good end there is nothing to tell; the database keeps the name apart
    finally:
        os.close(handle)


def _read(handle: int | None) -> tuple[str, ...]:
    """The tokens of the lives before this one, newest first; none in a copy of the file, whose worker may live."""
    if handle is None:
        return ()
    itself, *tokens = os.pread(handle, 256, 0).decode("ascii", "replace").split() or [""]
    return tuple(tokens) if itself == str(os.fstat(handle).st_ino) else ()


def _write(handle: int | None, tokens: tuple[str, ...]) -> None:
    """The file's own number, which a copy of it does not have, then the tokens."""
    if handle is not None:
        os.ftruncate(handle, 0)
        os.pwrite(handle, " ".join((str(os.fstat(handle).st_ino), *tokens)).encode(), 0)

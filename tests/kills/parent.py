"""A process that has loaded the program once and forks a child for every command: 30 ms instead of a second.

In: orders on standard input, a JSON line each, `start` or `wait`. Out: an answer a line. What would surprise: a child
counts what it does to the disk and the database (its events), writes the name of each down before it does it, and
kills itself with SIGKILL at the one that the order names, or a little later. Nothing of the program is replaced but
`os.fsync`, `os.link` and a commit by themselves with a note before it.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event as of_sql
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect

from monitor import cli

PRELOADED = (
    *("monitor.cli", "monitor.watching", "monitor.asking", "monitor.ranked", "monitor.publication", "monitor.naming"),
    *("monitor.drafting", "monitor.hearing", "monitor.approving", "monitor.briefing", "monitor.reconciling"),
    *("monitor.provider_files", "monitor.comparing", "monitor.backup", "monitor.status", "alembic.command"),
    *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "psycopg", "numba", "duckdb", "typst"),
)
"""What commands load late; some of it may not be there."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
OF_THE_DISK = {
    "os.rename": "rename", "os.remove": "remove", "os.mkdir": "mkdir", "os.rmdir": "rmdir", "os.chmod": "chmod",
    "os.truncate": "truncate", "sqlite3.connect": "connect",
}  # fmt: skip


def preload() -> None:
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001 - a part that is not there is loaded, or missed, by the command itself
            continue


class Events:
    """Counts, writes down and, at the one that was named, ends the process."""

    def __init__(self, log: int, root: str, at: int | None, later: float) -> None:
        self._log, self._root, self._at, self._later = log, root, at, later
        self._n, self._lock, self._noting = 0, threading.Lock(), False

    def note(self, name: str) -> None:
        with self._lock:
            self._n += 1
            os.write(self._log, f"{name}\n".encode())
            if self._n != self._at:
                return
        if self._later:
            threading.Thread(target=self._soon, daemon=True).start()
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    def _soon(self) -> None:
        time.sleep(self._later)
        os.kill(os.getpid(), signal.SIGKILL)

    def heard(self, event: str, values: tuple[Any, ...]) -> None:
        """An audit event of Python. Opening for reading is none of ours, nor is what lies outside the run's folder."""
        if event == "open":
            path, _, flags = values
            if isinstance(flags, int) and flags & WRITES and isinstance(path, str) and path.startswith(self._root):
                self.note("open")
        elif event in OF_THE_DISK:
            self.note(OF_THE_DISK[event])

    def listen(self) -> None:
        def statement(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
            if text.split(None, 1)[0].upper() not in ("SELECT", "PRAGMA", "WITH"):
                self.note("sql")

        of_sql.listen(Engine, "before_cursor_execute", statement)
        commit = DefaultDialect.do_commit

        def committed(dialect: Any, connection: Any) -> None:
            self.note("commit")
            commit(dialect, connection)
            self.note("committed")

        DefaultDialect.do_commit = committed  # type: ignore[method-assign]
        os.fsync, os.link = self._noted("fsync", os.fsync), self._noted("link", os.link)  # no audit event of their own
        sys.addaudithook(self.heard)

    def _noted(self, name: str, real: Callable[..., None]) -> Callable[..., None]:
        def called(*words: Any, **named: Any) -> None:
            self.note(name)
            real(*words, **named)

        return called


def become(order: dict[str, Any]) -> None:
    """This process is the command from here on; `main` runs it."""
    os.chdir(order["cwd"])
    for number, place in enumerate(("/dev/null", order["out"], order["err"])):
        handle = os.open(place, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in ((0, "r"), (1, "w"), (2, "w")))
    for name in [name for name in os.environ if name.startswith("MONITOR_")]:
        del os.environ[name]
    os.environ.update(order["env"])
    tempfile.tempdir = None
    sys.argv = ["monitor", *order["words"]]
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    Events(log, order["root"], order["at"], order["later"]).listen()


def command(order: dict[str, Any]) -> int:
    """Run it to its end; without taking the interpreter down, which with all that is loaded takes a second."""
    status = 0
    try:
        become(order)
        cli.main()
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter itself would
        traceback.print_exc()
        status = 99
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def warm(order: dict[str, Any]) -> dict[str, Any]:
    """Run a command in this very process, so that no child has to compile, draw a first picture or look for fonts."""
    sys.argv = ["monitor", *order["words"]]
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        try:
            cli.main()
        except SystemExit as ended:
            return {"status": ended.code or 0}
    return {"status": 0}


def wait(pid: int, seconds: float) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return {"status": os.waitstatus_to_exitcode(status), "hung": False}
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return {"status": -signal.SIGKILL, "hung": True}
        time.sleep(0.002)


def main() -> None:
    preload()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "wait":
            print(json.dumps(wait(order["pid"], order["seconds"])), flush=True)
            continue
        if order["do"] == "warm":
            print(json.dumps(warm(order)), flush=True)
            continue
        gc.collect()
        gc.freeze()  # else a child that collects copies every page of this process
        pid = os.fork()
        if pid == 0:
            os._exit(command(order))
        print(json.dumps({"pid": pid}), flush=True)
    os._exit(0)  # nothing of what is loaded needs to be taken down


if __name__ == "__main__":
    main()

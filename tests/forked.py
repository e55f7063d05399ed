"""The program without the wait: its processes are forked from one that has loaded the modules already.

In: a command line of `monitor`, or of `python -c`; its folder and environment. Out: its status, output and errors. To
start an interpreter and load the modules takes nearly two seconds, a fork some hundredths. What would surprise: it is a
real process all the same (own memory, files, exit), but it has the hash seed of the one it came from; a command whose
environment tells the interpreter or a library something has to be started for real, and `can_fork` says so.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "monitor"
LOADED = (
    "monitor.cli", "aiohttp", "alembic.command", "babel.dates", "docxtpl", "duckdb", "jinja2", "matplotlib.figure",
    "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "numba", "psycopg", "pypdf", "scipy.optimize",
    "scipy.special", "scipy.stats", "typst",
)  # fmt: skip
"""The program, and the libraries that its commands load when they need them. Of our own lazy modules only those that
`tests/warmed.py` needs: a program of a test may change one before it loads it."""
_OF_THE_COMMAND = ("MONITOR_", "TMPDIR", "COLUMNS", "NO_PROXY", "no_proxy", "TZ", "PYTEST_")
_CHANNEL = 3  # standard input, output, errors, and the way back


def can_fork(command: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether it is `monitor ...` or `python -c ...`, and its environment ours but for the program's own words."""
    ours = command[0] == str(PROGRAM) or (command[0] == sys.executable and command[1] == "-c")
    changed = {name for name in {*env, *os.environ} if env.get(name) != os.environ.get(name)}
    return ours and all(name.startswith(_OF_THE_COMMAND) for name in changed)


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> tuple[int, str, str]:
    """Status, standard output and standard error; the status as `subprocess` gives it."""
    here, there = socket.socketpair()
    with (
        here,
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as err,
        Path(os.devnull).open() as nothing,
    ):
        with there:
            _server().hand_over([nothing.fileno(), out.fileno(), err.fileno(), there.fileno()])
        here.sendall(json.dumps({"command": list(command), "cwd": str(cwd), "env": dict(env)}).encode())
        here.shutdown(socket.SHUT_WR)
        status = b"".join(iter(lambda: here.recv(64), b""))
        assert status, "The process that others are forked from has ended"
        out.seek(0), err.seek(0)
        return int(status), out.read(), err.read()


class _Server:
    """The loaded process, seen from the tests'."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        self._lock = threading.Lock()
        env = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
        command = [sys.executable, __file__, str(theirs.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=env, cwd="/",
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # fmt: skip
        theirs.close()

    def hand_over(self, files: Sequence[int]) -> None:
        with self._lock:
            socket.send_fds(self._socket, [b"1"], files)

    def end(self) -> None:
        self._socket.close()
        self._process.wait()


@functools.cache
def _server() -> _Server:
    server = _Server()
    atexit.register(server.end)
    return server


# --- in the loaded process ----------------------------------------------------------------------------------------


def _serve(channel: socket.socket) -> dict[str, object]:
    """Forks for every request until the tests close the channel; returns in the children alone, with what to become."""
    back: dict[int, socket.socket] = {}
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([channel, woken], [], [])
        if woken in ready:
            woken.recv(4096)
            _tell_ends(back)
        if channel in ready:
            said, files, _, _ = socket.recv_fds(channel, 1, _CHANNEL + 1)
            if not said:
                os._exit(0)
            if not (child := os.fork()):
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for each in (channel, woken, wake, *back.values()):
                    each.close()
                return _taken(files)
            back[child] = socket.socket(fileno=files[_CHANNEL])
            for each in files[:_CHANNEL]:
                os.close(each)


def _tell_ends(back: dict[int, socket.socket]) -> None:
    while back:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            return
        with back.pop(child) as way:
            way.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _taken(files: Sequence[int]) -> dict[str, object]:
    """What is asked; and the files of the one that asks become this process's own."""
    with socket.socket(fileno=files[_CHANNEL]) as way:
        asked: dict[str, object] = json.loads(b"".join(iter(lambda: way.recv(65536), b"")))
    for number, file in enumerate(files[:_CHANNEL]):
        os.dup2(file, number)
        os.close(file)
    return asked


def _become(command: Sequence[str], cwd: str, env: Mapping[str, str]) -> None:
    """Run as the interpreter would: the script of that path, or the words after -c."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    tempfile.tempdir = None
    program, *words = command
    if program == str(PROGRAM):
        sys.argv, sys.path[0] = [program, *words], str(PROGRAM.parent)
        runpy.run_path(program, run_name="__main__")
        return
    sys.argv, sys.path[0] = words[:1] + words[2:], ""
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    exec(compile(words[1], "<string>", "exec"), main.__dict__)


def _ended(work: Callable[[], None]) -> int:
    """The status that the interpreter would end with, after all it does at the end but to take apart what it loaded."""
    status: object = 0
    try:
        work()
    except SystemExit as end:
        status = end.code or 0
        if not isinstance(status, int):
            print(status, file=sys.stderr)
    except BaseException:  # noqa: BLE001 (as the interpreter does with what nobody caught)
        traceback.print_exc()
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    return status if isinstance(status, int) else 1


if __name__ == "__main__":
    for name in LOADED:
        with contextlib.suppress(ImportError):  # a library that is no longer used
            importlib.import_module(name)
    sys.path[0] = str(Path(__file__).parents[1])
    importlib.import_module("tests.warmed").warm()
    sys.path[0] = str(PROGRAM.parent)
    gc.freeze()
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(_ended(lambda: _become(**asked)))

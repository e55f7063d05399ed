"""`db move`: a SQLite store goes into PostgreSQL whole or not at all, and nobody goes on writing to the file."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import KeyProblem, StoreBusy, StoreError, StoreMissing
from monitor.judging import alone
from monitor.moving import Moved, move
from monitor.store import KEY_FILE, Store, add_audit, list_audit, open_store
from monitor.store.copying import table_digests
from tests import forked
from tests.engines import Engine

pytestmark = pytest.mark.postgresql_only("a store is moved from a SQLite file to a server")

PERIOD = "2026H1"
KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from monitor.moving import move

at, data, url = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
seen = 0

def step(*_):
    global seen
    seen += 1
    if seen == at:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(lambda name, _: step() if name == "os.rename" else None)
for name in ("begin", "commit"):
    event.listen(Engine, name, step)
counted = lambda statement: "TRIGGER" in statement or "setval" in statement
event.listen(Engine, "after_cursor_execute", lambda *said: step() if counted(said[2]) else None)
moved = move(data, None, url, 5.0, lambda done, total: None)
print(seen, moved.digest)
"""


def silent(_done: int, _total: int) -> None:
    pass


@dataclass(frozen=True)
class Place:
    """A data folder with a SQLite store, and an empty database on the server."""

    data: Path
    url: str

    def move(self, url: str | None = None) -> Moved:
        return move(self.data, None, url or self.url, 1.0, silent)

    def open(self, url: str | None = None) -> Store:
        return open_store(self.data, url, create=False)


@pytest.fixture
def store_on_file(
    engine: Engine, once: Callable[..., Path], inputs: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The hand-made cases in a SQLite file."""

    def make() -> Path:
        data = tmp_path_factory.mktemp("file") / "data"
        for words in (["import", inputs.reports], ["import", inputs.checks], ["refdata", "import", *inputs.tables]):
            status, _, err = _monitor(data, *words)
            assert status == 0, err
        return data

    return once(engine, "store on a file", make)


@pytest.fixture
def place(engine: Engine, store_on_file: Path, tmp_path: Path) -> Iterator[Place]:
    shutil.copytree(store_on_file, tmp_path / "data")
    yield Place(tmp_path / "data", engine.url(tmp_path / "on-server"))


def _monitor(data: Path, *words: object, **env: str) -> tuple[int, str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
    command = [str(forked.PROGRAM), "--data-dir", str(data), *map(str, words)]
    return forked.run(command, data.parent, {**ours, **env})


def _write(store: Store) -> None:
    add_audit(store, actor="clerk", action="noted", subject="store", reason="still at work")


def _digests(store: Store) -> Any:
    with store, store.read() as connection:
        return table_digests(connection)


def test_a_moved_store_holds_the_same_and_freezes_the_same(place: Place) -> None:
    """Every table by its digest; and a freeze there has the digest of a freeze here."""
    frozen = _monitor(place.data, "--json", "freeze", PERIOD)[1]
    before = _digests(place.open())
    status, out, err = _monitor(place.data, "--json", "db", "move", MONITOR_DATABASE__URL=place.url)
    assert status == 0, err
    assert _digests(place.open(place.url)) == before
    assert '"digest"' in out
    shutil.rmtree(place.data / "frozen")
    assert _monitor(place.data, "--json", "freeze", PERIOD, MONITOR_DATABASE__URL=place.url)[1] == frozen


def test_after_it_the_file_is_a_store_no_longer(place: Place) -> None:
    """Every command without the URL says where the store is; none makes a new one beside the key."""
    moved = place.move()
    assert moved.left.name == "monitor.sqlite.moved"
    for create in (True, False):
        with pytest.raises(StoreMissing, match=r"moved to a database server"):
            open_store(place.data, None, create=create)
    assert sorted(path.name for path in place.data.iterdir()) == [
        "checks.lock",
        KEY_FILE,
        "monitor.sqlite.moved",
    ]


def test_who_has_the_file_open_cannot_write_to_it_any_more(place: Place) -> None:
    """A process that was there before is refused in words, and what it would have written is nowhere."""
    with place.open() as before:
        place.move()
        with pytest.raises(StoreError, match=r"moved to a database server .* \[database\] url"):
            _write(before)
        n_there = len(list_audit(before))
    with place.open(place.url) as there:
        assert len(list_audit(there)) == n_there
        _write(there)


def test_nobody_writes_or_checks_while_it_is_moved(place: Place) -> None:
    """While another process writes or checks for the store, it is not moved, and nothing is on the server."""
    with place.open() as writer, writer.write(), pytest.raises(StoreBusy):
        place.move()
    with alone(place.data), pytest.raises(StoreBusy):
        place.move()
    with pytest.raises(StoreMissing):
        place.open(place.url)
    place.move()


def test_a_database_that_is_not_empty_is_left_alone(place: Place, engine: Engine, tmp_path: Path) -> None:
    """Another store on the server, or tables that are no store: refused, and the file is still the store."""
    other = engine.url(tmp_path / "other")
    open_store(tmp_path / "other", other, create=True).close()
    before = _digests(open_store(tmp_path / "other", other, create=False))
    with pytest.raises(StoreError, match="not empty"):
        place.move(other)
    assert _digests(open_store(tmp_path / "other", other, create=False)) == before
    engine.url(tmp_path / "foreign")
    engine.change(tmp_path / "foreign", "CREATE TABLE somebody (id INTEGER)")
    with pytest.raises(StoreError, match="not empty"):
        place.move(engine.url(tmp_path / "foreign"))
    with place.open() as store:
        _write(store)


def test_who_forgets_the_move_begins_no_second_store(place: Place, engine: Engine, tmp_path: Path) -> None:
    """With the URL of an empty database and a store in the folder, making one is refused too, with the way out."""
    for create in (False, True):
        with pytest.raises(StoreMissing, match="monitor db move") as raised:
            open_store(place.data, place.url, create=create)
        assert "is empty, and a store lies in the data folder" in str(raised.value)
    place.move()
    other = engine.url(tmp_path / "other")
    for create in (False, True):
        with pytest.raises(StoreMissing, match="was moved to a server"):
            open_store(place.data, other, create=create)
    open_store(place.data, place.url, create=False).close()


def test_what_cannot_be_moved_is_said(place: Place, engine: Engine, tmp_path: Path) -> None:
    """No store, no key, the wrong key, another file as the target, no target at all."""
    with pytest.raises(StoreMissing, match="no SQLite store"):
        move(tmp_path / "nothing", None, place.url, 1.0, silent)
    with pytest.raises(StoreError, match="PostgreSQL only"):
        place.move(f"sqlite:///{tmp_path / 'other.sqlite'}")
    assert _monitor(place.data, "db", "move")[0] == 2
    key = (place.data / KEY_FILE).read_bytes()
    (place.data / KEY_FILE).unlink()
    with pytest.raises(KeyProblem):
        place.move()
    open_store(tmp_path / "another", None, create=True).close()
    shutil.copy(tmp_path / "another" / KEY_FILE, place.data)
    with pytest.raises(KeyProblem, match="not the one that sealed"):
        place.move()
    (place.data / KEY_FILE).write_bytes(key)
    place.move()


def test_the_password_is_never_shown(place: Place) -> None:
    """Neither in what to write into the settings nor in an error; that a command line is open to others is said."""
    url = place.url.replace("postgres@", "postgres:geheim-wachtwoord@")
    status, out, err = _monitor(place.data, "db", "move", url)
    assert status == 0, err
    assert "geheim" not in out + err
    assert "can read a password" in err
    assert 'url = "postgresql+psycopg://postgres@/' in err
    status, out, err = _monitor(place.data, "db", "move", url.replace("/t", "/nowhere"))
    assert status == 1
    assert "geheim" not in out + err
    assert "nowhere" not in out + err


def test_a_move_that_is_killed_goes_on_with_the_same_command(place: Place, engine: Engine, tmp_path: Path) -> None:
    """By SIGKILL at any step: nothing on the server or everything, the file untouched or closed; then it is done."""
    whole = _killed(0, shutil.copytree(place.data, tmp_path / "whole"), place.url)
    assert whole[0] == 0
    n_steps, digest = whole[1].split()
    before, n_there = _digests(place.open()), 0
    last = int(n_steps)
    for at in sorted({4, last // 3, last - 2, last - 1, last}):
        data = shutil.copytree(place.data, tmp_path / f"killed-{at}")
        url = engine.url(tmp_path / f"server-{at}")
        assert _killed(at, data, url)[0] == -signal.SIGKILL
        tables = engine.tables(tmp_path / f"server-{at}")
        if tables:
            n_there += 1
            assert _digests(open_store(data, url, create=False)) == before
        else:
            assert _digests(open_store(data, None, create=False)) == before
        again = _killed(0, data, url)
        assert again[0] == 0
        assert again[1].split()[1] == digest
        assert _digests(open_store(data, url, create=False)) == before
        assert (data / "monitor.sqlite.moved").exists()
    assert 0 < n_there < 5


def _killed(at: int, data: Path, url: str) -> tuple[int, str]:
    status, out, err = forked.run([sys.executable, "-c", KILLED, str(at), str(data), url], data, os.environ)
    assert status in (0, -signal.SIGKILL), err[-2000:]
    return status, out

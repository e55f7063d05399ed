"""Runs of the real program that end by SIGKILL at a chosen event, and what is left held against undisturbed runs.

In: a folder as it is before a command (`Place`), the words of the command. Out: how a run ended and which events it
went through; the picture of what it left. What would surprise: a picture has only those columns and files that two
undisturbed runs from the same folder have alike, so times of the run and nonces of the seals are left out by
themselves, and nothing else is.
"""

import contextlib
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from monitor.handover.identity import read_identity
from monitor.handover.signing import signing_key

PARENT = Path(__file__).with_name("parent.py")
ROOT = PARENT.parents[2]
LONGEST_SECONDS = 600.0
DATABASE = "monitor.sqlite"
NO_FILES_OF_OURS = (f"{DATABASE}-wal", f"{DATABASE}-shm")
MINUTE = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d\b")
KEY_ID = re.compile(r"monitor\.key\.[a-z-]*[0-9a-f]{8}")
"""A key that was replaced is kept under its id, which is drawn."""
LATEST_SECONDS = 0.02
"""How long after its event a kill comes at most: long enough to hit the middle of a commit."""


@dataclass(frozen=True)
class Place:
    """The folder of one run: `data`, `out` for what a command writes elsewhere, `tmp` and an empty `cwd`."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def tmp(self) -> Path:
        return self.folder / "tmp"

    @property
    def age(self) -> str:
        """The public half of the key that `handover key` made."""
        return read_identity(self.out / "age.key").public[0]

    @property
    def signer(self) -> str:
        return signing_key(self.data, create=False).public

    @property
    def signer_there(self) -> str:
        """Of the other side of an exchange."""
        return signing_key(self.out / "there", create=False).public

    def made(self) -> "Place":
        for name in ("out", "tmp", "cwd"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        return self

    def copy(self, folder: Path) -> "Place":
        """The same once more, in place of what is there."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder, symlinks=True)
        return Place(folder)


@dataclass(frozen=True)
class Ended:
    """How a run ended, what it printed, and every event before which it still was alive."""

    status: int
    out: str
    err: str
    events: tuple[str, ...]
    seconds: float

    @property
    def killed(self) -> bool:
        return self.status == -signal.SIGKILL

    @property
    def document(self) -> Any:
        assert self.status == 0, self.err[-2000:]
        return json.loads(self.out)


@dataclass
class Running:
    """A command under way."""

    pid: int
    folder: Path
    began: float


class Parent:
    """The process that forks the commands. Not to be shared between threads."""

    def __init__(self, under: Sequence[str] = ()) -> None:
        """`under`: words of a command that becomes what it is told to run."""
        self._notes = Path(mkdtemp(prefix="kills-"))
        env = {key: value for key, value in os.environ.items() if not key.startswith("MONITOR_")}
        self._process = subprocess.Popen(
            [*under, sys.executable, str(PARENT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={
                **env,
                "PYTHONPATH": str(ROOT),
                "NUMBA_THREADING_LAYER": "workqueue",
                "NUMBA_NUM_THREADS": "2",
                "COLUMNS": "500",
            },
        )
        self.pid = self._process.pid
        assert self._answer() == "ready"

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
        shutil.rmtree(self._notes)

    def start(
        self,
        place: Place,
        words: Sequence[object],
        at: int | None = None,
        later: float = 0.0,
        env: Mapping[str, str] | None = None,
    ) -> Running:
        """Begin a command; it dies `later` seconds after it comes to its event number `at` (from 1)."""
        notes = self._notes / str(time.monotonic_ns())
        notes.mkdir()
        order = {
            "do": "start",
            "cwd": str(place.folder / "cwd"),
            "root": str(place.folder),
            "words": ["--data-dir", str(place.data), "--json", *(str(word).format(place=place) for word in words)],
            "env": {"TMPDIR": str(place.tmp), **(env or {})},
            "at": at,
            "later": later,
            **{name: str(notes / name) for name in ("out", "err", "log")},
        }
        return Running(self._asked(order)["pid"], notes, time.monotonic())

    def wait(self, running: Running, seconds: float = LONGEST_SECONDS) -> Ended:
        """Until it has ended. A run that does not within `seconds` fails the test."""
        said = self._asked({"do": "wait", "pid": running.pid, "seconds": seconds})
        took = time.monotonic() - running.began
        out, err, log = ((running.folder / name).read_text("utf-8", "replace") for name in ("out", "err", "log"))
        shutil.rmtree(running.folder)
        assert not said["hung"], f"the command hung: {err[-500:]}"
        return Ended(said["status"], out, err, tuple(log.split()), took)

    def warm(self, place: Place, *words: object) -> None:
        """Run a command in the parent itself: what it loads, compiles and draws is there for every child."""
        said = self._asked({"do": "warm", "words": ["--data-dir", str(place.data), *map(str, words)]})
        assert said["status"] == 0

    def run(
        self,
        place: Place,
        words: Sequence[object],
        at: int | None = None,
        later: float = 0.0,
        env: Mapping[str, str] | None = None,
    ) -> Ended:
        return self.wait(self.start(place, words, at, later, env))

    def run_for(self, place: Place, words: Sequence[object], seconds: float) -> Ended:
        """A run that is killed from outside after so long."""
        running = self.start(place, words)
        time.sleep(seconds)
        os.kill(running.pid, signal.SIGKILL)  # not waited for yet: the number is still its own
        return self.wait(running)

    def json(self, place: Place, *words: object) -> Any:
        return self.run(place, words).document

    def _asked(self, order: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


# --- what is left -------------------------------------------------------------------------------------------------

Rows = list[dict[str, object]]


@dataclass(frozen=True)
class Picture:
    """Every table with its rows, every file with its content: of the data folder, `out` and `tmp`."""

    tables: dict[str, Rows]
    files: dict[str, bytes]

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(rows) for name, rows in self.tables.items()}


def picture(place: Place) -> Picture:
    """Tables by name; those of another store that a command made, with its folder before the name."""
    found = tables(place.data / DATABASE)
    for path in sorted(place.out.rglob(DATABASE)):
        found |= {f"{path.parent.name}/{name}": rows for name, rows in tables(path).items()}
    return Picture(found, dict(files(place)))


def tables(database: Path) -> dict[str, Rows]:
    """Every row of every table. The database has to be whole."""
    if not database.exists() or not database.stat().st_size:
        return {}
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        connection.row_factory = sqlite3.Row
        return {
            name: [_timeless(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in sorted(names)
        }


def _timeless(row: sqlite3.Row) -> dict[str, object]:
    """Without the minutes in texts: two runs may share one, and the next have another."""
    return {name: MINUTE.sub("MINUTE", said) if isinstance(said, str) else said for name, said in dict(row).items()}


def files(place: Place) -> Iterator[tuple[str, bytes]]:
    for top in (place.data, place.out, place.tmp):
        for path in sorted(top.rglob("*")):
            name = KEY_ID.sub("monitor.key.ID", str(path.relative_to(place.folder)))
            if path.name in NO_FILES_OF_OURS or path.name == DATABASE:
                continue
            yield (f"{name}/", b"") if path.is_dir() else (name, path.read_bytes())


@dataclass(frozen=True)
class Known:
    """Two undisturbed runs of one command from the same folder, and what they have in common.

    `said`: what each said.
    """

    one: Picture
    other: Picture
    said: tuple[dict[str, object], ...]
    events: tuple[str, ...]
    seconds: float
    alike: Mapping[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        assert self.one.counts == self.other.counts
        assert self.one.files.keys() == self.other.files.keys()
        found = {name: tuple(_alike(rows, self.other.tables[name])) for name, rows in self.one.tables.items()}
        object.__setattr__(self, "alike", found)

    def differences(self, left: Picture, but_for: Sequence[str] = ()) -> list[str]:
        """What a picture has otherwise than both: tables by name, files by path. Nothing of their content."""
        counted = {name: n for name, n in self.one.counts.items() if name not in but_for}
        found = [
            f"{name}: {left.counts.get(name)} rows for {n}" for name, n in counted.items() if left.counts.get(name) != n
        ]
        if not found:
            found = [
                f"{name}: other {self._other_columns(name, left)}"
                for name in counted
                if not self._same_rows(name, left)
            ]
        found += [f"missing: {name}" for name in sorted(self.one.files.keys() - left.files.keys())]
        found += [f"left over: {name}" for name in sorted(left.files.keys() - self.one.files.keys())]
        for name, content in self.one.files.items():
            if name in left.files and content == self.other.files[name] != left.files[name]:
                found.append(f"other content: {name}")
        return found

    def other_words(self, said: Mapping[str, object], names: Sequence[str]) -> list[str]:
        """Which of these figures are said otherwise than both runs say them."""
        one, other = self.said[0], self.said[-1]
        return [name for name in names if one.get(name) == other.get(name) != said.get(name)]

    def _other_columns(self, table: str, left: Picture) -> str:
        """Which columns have other values; where each has the same, their rows differ in how they go together."""
        found = [
            name
            for name in self.alike[table]
            if Counter(row[name] for row in left.tables[table]) != Counter(row[name] for row in self.one.tables[table])
        ]
        return ", ".join(found) or "rows"

    def _same_rows(self, table: str, left: Picture) -> bool:
        columns = self.alike[table]
        return _rows(left.tables[table], columns) == _rows(self.one.tables[table], columns)


def _alike(rows: Rows, others: Rows) -> Iterator[str]:
    """The columns that have the same values in both, however often each."""
    for name in rows[0] if rows else ():
        if Counter(row[name] for row in rows) == Counter(row[name] for row in others):
            yield name


def _rows(rows: Rows, columns: Sequence[str]) -> Counter[tuple[object, ...]]:
    return Counter(tuple(row[name] for name in columns) for row in rows)


# --- moments -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """At the event of that number (from 1), so many seconds later; or, without a number, by the clock."""

    at: int | None
    later: float


def moments(events: Sequence[str], seconds: float, seed: str) -> Iterator[Moment]:
    """Without end, each kind of event as often as any other: a rename is one of a thousand, and matters more."""
    draws = random.Random(seed)
    places: dict[str, list[int]] = {}
    for number, name in enumerate(events, start=1):
        places.setdefault(name, []).append(number)
    kinds = sorted(places)
    while True:
        draws.shuffle(kinds)
        for kind in kinds:
            yield Moment(draws.choice(places[kind]), draws.choice((0.0, draws.uniform(0, LATEST_SECONDS))))
        yield Moment(None, seconds * draws.uniform(0.05, 0.95))


@dataclass(frozen=True)
class Killed:
    """What came of a stage: how many kills, at which events, how often the command was let run to its end."""

    n: int
    at: Counter[str]
    ends: int


def killed_again_and_again(
    parent: Parent,
    before: Place,
    words: Sequence[object],
    known: Known,
    n_kills: int,
    scratch: Path,
    looked: Callable[[Place], None],
    ended: Callable[[Place, Ended], None],
) -> Killed:
    """Kill the command until `n_kills` have hit, each on what the one before has left.

    `looked` is called after every kill. A run that came to its end is held against the undisturbed ones by `ended`,
    and the next kill begins with a fresh copy of the folder.
    """
    place, at, ends, draw = (
        before.copy(scratch),
        Counter[str](),
        0,
        moments(known.events, known.seconds, f"kills {words[0]}"),
    )
    for _ in range(20 * n_kills):
        if at.total() == n_kills:
            break
        moment = next(draw)
        run = parent.run_for(place, words, moment.later) if moment.at is None else \
            parent.run(place, words, moment.at, moment.later)  # fmt: skip
        if run.killed:
            at[run.events[-1] if run.events and moment.at else "by the clock"] += 1
            looked(place)
        else:
            ended(place, run)
            ends, place = ends + 1, before.copy(scratch)
    assert at.total() == n_kills, f"only {at.total()} runs were hit"
    ended(place, parent.run(place, words))
    return Killed(at.total(), at, ends + 1)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

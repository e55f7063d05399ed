"""The real program in a subprocess, small inputs of documentation names and addresses, and stores made of them."""

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from pytest import TempPathFactory

from monitor.store import Store
from tests import forked
from tests.engines import URL_VARIABLE, Engine, copied, engine_of, rows_in, store_of
from tests.forked import can_fork

PROGRAM = Path(sys.executable).parent / "monitor"
CASES = Path(__file__).with_name("cases.txt")
PREFIXES = """192.0.2.0/25\t64500
192.0.2.128/25\t64501
2001:db8:b::/48\t64501
198.51.100.0/25\t64502
203.0.113.0/25\t64503
203.0.113.128/25\t64504
"""
AS_NAMES = """asn,name
64500,Alpha Hosting
64501,Beta Hosting
64502,Gamma Shield
64503,Delta Networks
64504,Alpha Hosting
"""
FRONTING = "198.51.100.0/25,Gamma Shield\n"
CONFIG = """[norms.request]
hours = 24
target = 0.565
[minimums]
episodes = 3
clusters = 2
named = 1
[sources.press]
trusted = false
"""


SEVERAL = """
import contextlib, io, json, sys
from monitor import cli
printed = []
for words in json.loads(sys.argv[1]):
    sys.argv = ["monitor", *words]
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        cli.main()
    printed.append(out.getvalue())
print(json.dumps(printed))
"""

ENDED = """
import contextlib, io, json, sys
from monitor import cli
ended = []
for words in json.loads(sys.argv[1]):
    sys.argv, status = ["monitor", *words], 0
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            cli.main()
        except SystemExit as end:
            status = end.code or 0
    ended.append((status, out.getvalue(), err.getvalue()))
print(json.dumps(ended))
"""


@dataclass(frozen=True)
class Ran:
    """What one run of the program gave."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document that it has to be."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Monitor:
    """The program with its data folder; every run is in `cwd`, an empty folder."""

    data: Path
    cwd: Path
    env: Mapping[str, str]

    def command(self, *words: object) -> list[str]:
        engine_of(self.data).url(self.data)  # an operator makes the database before the first command
        return [str(PROGRAM), "--data-dir", str(self.data), *map(str, words)]

    def run(
        self, *words: object, env: Mapping[str, str] | None = None, before: Callable[[], None] | None = None
    ) -> Ran:
        return self.call(self.command(*words), env=env, before=before)

    def call(
        self, command: Sequence[str], *, env: Mapping[str, str] | None = None, before: Callable[[], None] | None = None
    ) -> Ran:
        """Any command with the program's environment; the program's own are forked where that changes nothing."""
        whole = {**self.env, **(env or {})}
        if before is None and can_fork(command, whole):
            return Ran(*forked.run(command, self.cwd, whole))
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.cwd, env=whole, preexec_fn=before
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def store(self) -> Store:
        """The store of the data folder, open."""
        return store_of(self.data)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query without parameters gives, past the store."""
        return rows_in(self.data, query)

    def json(self, *words: object, status: int = 0) -> Any:
        """Run with `--json`; the status must be as given."""
        ran = self.run("--json", *words)
        assert ran.status == status, ran.err[-2000:]
        return ran.document

    def documents(self, *commands: Sequence[object]) -> list[Any]:
        """Several commands with `--json` in one process, because to start one takes longer than most commands do."""
        plan = [self.command("--json", *words)[1:] for words in commands]
        ran = self.call([sys.executable, "-c", SEVERAL, json.dumps(plan)])
        assert ran.status == 0, ran.err[-2000:]
        return [json.loads(line) for line in ran.document]

    def ended(self, *commands: Sequence[object], env: Mapping[str, str] | None = None) -> list[Ran]:
        """Several commands in one process, each with its status and all that it printed."""
        plan = [self.command(*words)[1:] for words in commands]
        ran = self.call([sys.executable, "-c", ENDED, json.dumps(plan)], env=env)
        assert ran.status == 0, ran.err[-2000:]
        return [Ran(*each) for each in ran.document]

    def start(self, *words: object, err: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*words),
            stdout=subprocess.DEVNULL,
            stderr=err or subprocess.DEVNULL,
            cwd=self.cwd,
            env=dict(self.env),
        )

    def kill(self, words: Sequence[object], seconds: float, sign: Callable[[], bool] | None = None) -> bool:
        """SIGKILL the run after `seconds`, counted from `sign` where that is given; whether it was still running."""
        process = self.start(*words)
        try:
            while sign is not None and process.poll() is None and not sign():
                time.sleep(0.002)
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


@dataclass(frozen=True)
class Inputs:
    """The files of one small world."""

    folder: Path

    @property
    def reports(self) -> Path:
        return self.folder / "reports.csv"

    @property
    def checks(self) -> Path:
        return self.folder / "checks.csv"

    @property
    def tables(self) -> tuple[object, ...]:
        """The words of `refdata import` for this world's tables."""
        files = {"--prefixes": "prefixes.tsv", "--as-names": "as-names.csv", "--fronting": "fronting.csv"}
        return ("--as-of", "2025-06-01", *(word for o, name in files.items() for word in (o, self.folder / name)))

    def write(self, name: str, rows: Iterable[Mapping[str, object]]) -> Path:
        """A CSV file with every column that a row has."""
        return write_csv(self.folder / name, rows)


def write_csv(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    rows = list(rows)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def write_tables(folder: Path) -> None:
    for name, text in (("prefixes.tsv", PREFIXES), ("as-names.csv", AS_NAMES), ("fronting.csv", FRONTING)):
        (folder / name).write_text(text, encoding="utf-8")


def _case(line: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The report row and the check rows of one line of cases.txt."""
    name, words, checks = (part.strip() for part in line.split("|"))
    said = dict(word.split("=", 1) for word in words.split())
    notice = datetime.fromisoformat(said.pop("at")).replace(tzinfo=UTC)

    def at(hours: str) -> str:
        return (notice + timedelta(hours=float(hours))).isoformat().replace("+00:00", "Z")

    same = said.pop("url_of", name)
    host = said.pop("host", f"www.{same}.example")
    place = {"host": host} if said.pop("withheld", "") else {"url": f"https://{host}/{same}/picture.jpg"}
    times = {key: at(said.pop(key)) for key in list(said) if key.endswith("_at")}
    report = {"record_id": name, "source": said.pop("source", "hotline"), **place, "reported_at": at("-2")}
    report |= {"notified_at": at("0"), **times, **{key: value.replace("_", " ") if key == "notified_party" else value
                                                   for key, value in said.items()}}  # fmt: skip
    return report, [_check(report, at, words.split()) for words in checks.split(";") if words.strip()]


def _check(report: dict[str, str], at: Callable[[str], str], words: list[str]) -> dict[str, str]:
    hours, seen, *rest = words
    address = next((word[1:] for word in rest if word.startswith("@")), report.get("ip", ""))
    return {
        "record_id": report["record_id"],
        "source": report["source"],
        "checked_at": at(hours),
        "outcome": {"on": "online", "off": "offline", "?": "inconclusive"}[seen],
        "reason": next((word for word in rest if not word.startswith("@")), ""),
        "ip": address,
    }


@pytest.fixture(scope="session")
def make(engine: Engine, tmp_path_factory: TempPathFactory) -> Callable[..., Monitor]:
    """Makes a Monitor with a data folder that does not exist yet."""

    def made(name: str = "run", config: str = "") -> Monitor:
        folder = tmp_path_factory.mktemp(name)
        cwd, temporary = folder / "cwd", folder / "temporary"
        cwd.mkdir()
        temporary.mkdir()
        env = {key: value for key, value in os.environ.items() if not key.startswith("MONITOR_")}
        url = engine.place(folder / "data")
        env |= {"TMPDIR": str(temporary), "COLUMNS": "500"} | ({URL_VARIABLE: url} if url else {})
        monitor = Monitor(folder / "data", cwd, env)
        if config:
            monitor.data.mkdir(mode=0o700)
            (monitor.data / "monitor.toml").write_text(config, encoding="utf-8")
        return monitor

    return made


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: TempPathFactory) -> Inputs:
    """The hand-made cases as files, with their reference tables."""
    found = Inputs(tmp_path_factory.mktemp("inputs"))
    lines = [line for line in CASES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    cases = [_case(line) for line in lines]
    found.write("reports.csv", [report for report, _ in cases])
    found.write("checks.csv", [check for _, checks in cases for check in checks])
    write_tables(found.folder)
    return found


@dataclass(frozen=True)
class Line:
    """The hand-made cases after the whole line, and what each command said. Not to be changed: use `copy`."""

    monitor: Monitor
    said: Mapping[str, Any]


@pytest.fixture(scope="session")
def line(engine: Engine, once: Callable[..., Line], make: Callable[..., Monitor], inputs: Inputs) -> Line:
    return once(engine, "line", lambda: _line(make("line", CONFIG), inputs))


def _line(monitor: Monitor, inputs: Inputs) -> Line:
    said = {
        "reports": monitor.json("import", inputs.reports),
        "checks": monitor.json("import", inputs.checks),
        "refdata": monitor.json("refdata", "import", *inputs.tables),
        "attribute": monitor.json("attribute"),
        "freeze": monitor.json("freeze", "2026H1"),
        "rank": monitor.json("rank", "2026H1"),
        "order": monitor.json("rank", "2026H1", "--norm", "order"),
        "proxy": monitor.json("rank", "2026H1", "--role", "proxy"),
        "publish": monitor.json("publish", "2026H1"),
    }
    return Line(monitor, said)


@pytest.fixture
def copy(line: Line, make: Callable[..., Monitor]) -> Monitor:
    """A copy of the line's store, key included, to be changed at will."""
    monitor = make("copy")
    copied(line.monitor.data, monitor.data)
    return monitor


def dump(data: Path) -> str:
    """SHA-256 over every row of every table: equal when nothing was changed."""
    digest = hashlib.sha256()
    for table in engine_of(data).tables(data):
        digest.update(repr((table, sorted(map(repr, rows_in(data, f'SELECT * FROM "{table}"'))))).encode())
    return digest.hexdigest()


@pytest.fixture(scope="session")
def dump_of() -> Callable[[Path], str]:
    return dump


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="session")
def tree_of() -> Callable[[Path], dict[str, bytes]]:
    return tree


@pytest.fixture(scope="session")
def csv_file() -> Callable[..., Path]:
    return write_csv

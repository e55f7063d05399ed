"""Bad input and bad surroundings: what can be taken is taken, and one line says what is wrong and what to do."""

import csv
import gzip
import resource
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from tests.engines import Engine, copied

REPORT = {
    "url": "https://www.site.example/a",
    "reported_at": "2026-01-02T00:00:00Z",
    "notified_at": "2026-01-02T02:00:00Z",
}
START = datetime(2026, 1, 2, tzinfo=UTC)
N_MANY = 12_000


def _reports(n: int) -> Iterator[dict[str, object]]:
    for i in range(n):
        at = START + timedelta(minutes=i)
        yield {
            "record_id": f"R{i}",
            "url": f"https://www.site{i % 50}.example/{i}",
            "reported_at": at.isoformat(),
            "ip": f"192.0.2.{i % 250}",
        }


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, csv_file: Callable[..., Path]) -> Path:
    """Two whole batches of reports and a part of a third."""
    return csv_file(tmp_path_factory.mktemp("many") / "reports.csv", _reports(N_MANY))


@pytest.fixture(scope="module")
def small(make: Callable[..., Any], inputs: Any) -> Any:
    """A store with the hand-made reports in it and no more. Not to be changed."""
    monitor = make("small")
    monitor.json("import", inputs.reports)
    return monitor


@pytest.fixture
def store(small: Any, make: Callable[..., Any]) -> Any:
    """A copy to break."""
    monitor = make("store")
    copied(small.data, monitor.data)
    return monitor


def _rejected(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    with Path(document["rejects_file"]).open(newline="", encoding="utf-8") as lines:
        found = list(csv.DictReader(lines))
    assert all(line["reason"].endswith(".") or line["code"] == "conflict" for line in found)
    assert len({line["input_sha256"] for line in found}) == 1
    return [(line["row"], line["field"], line["code"]) for line in found]


# --- rows -----------------------------------------------------------------------------------------------------


def test_bad_rows_are_named_by_file_row_and_reason_and_the_rest_is_imported(
    make: Callable[..., Any], tmp_path: Path, csv_file: Callable[..., Path]
) -> None:
    """Status 3; file by its hash, row, column, code and reason; reports and checks alike; read adds up."""
    monitor = make()
    rows = [
        {"record_id": "R1", **REPORT},
        {"record_id": "R2", **REPORT, "reported_at": "yesterday"},
        {"record_id": "", **REPORT},
        {"record_id": "R4", **REPORT, "url": "www.site.example/a"},
        {"record_id": "R5", **REPORT, "notice_kind": "order", "deadline_hours": "24"},
        {"record_id": "R1", **REPORT},
        {"record_id": "R1", **REPORT, "url": "https://www.other.example/"},
        {"record_id": "R8", **REPORT},
    ]
    said = monitor.json("import", csv_file(tmp_path / "reports.csv", rows), status=3)
    assert {key: said[key] for key in ("read", "accepted", "duplicate", "rejected")} == {
        "read": 8,
        "accepted": 2,
        "duplicate": 1,
        "rejected": 5,
    }
    assert _rejected(said) == [
        ("2", "reported_at", "bad-time"),
        ("3", "record_id", "missing-value"),
        ("4", "url", "no-scheme"),
        ("5", "deadline_hours", "deadline-too-long"),
        ("7", "url", "conflict"),
    ]
    check = {"record_id": "R1", "checked_at": "2026-01-02T05:00:00Z", "outcome": "online", "ip": "192.0.2.1"}
    checks = [check, {**check, "outcome": "gone"}, {**check, "checked_at": "2026-01-02T06:00:00"},
              {**check, "ip": "here"},
              check, {**check, "outcome": "offline"}]  # fmt: skip
    said = monitor.json("import", csv_file(tmp_path / "checks.csv", checks), status=3)
    assert (said["read"], said["accepted"], said["duplicate"], said["rejected"]) == (6, 1, 1, 4)
    assert _rejected(said) == [
        ("2", "outcome", "unknown-word"),
        ("3", "checked_at", "time-without-offset"),
        ("4", "ip", "bad-address"),
        ("6", "", "conflict"),
    ]


# --- files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", ["gz", "zst"])
def test_of_a_truncated_file_whole_batches_are_kept_and_a_second_try_goes_on(
    make: Callable[..., Any], tmp_path: Path, many: Path, packed: str
) -> None:
    """Cut before its end: status 1, 10,000 of 12,000 rows; then the whole file: the others once, none twice."""
    monitor, content = make(), many.read_bytes()
    whole = gzip.compress(content) if packed == "gz" else zstandard.compress(content)
    file = tmp_path / f"reports.{packed}"
    file.write_bytes(whole[: len(whole) - len(whole) // (10 if packed == "gz" else 500)])
    ran = monitor.run("--json", "import", file)
    assert (ran.status, "truncated" in ran.err) == (1, True)
    kept = ran.document["accepted"]
    assert kept in (5_000, 10_000)
    file.write_bytes(whole)
    said = monitor.json("import", file)
    assert (said["read"], said["accepted"], said["duplicate"]) == (N_MANY, N_MANY - kept, kept)
    assert monitor.rows("SELECT count(*) FROM reports") == [(N_MANY,)]


def test_a_bad_file_does_not_keep_the_others_out(make: Callable[..., Any], inputs: Any, tmp_path: Path) -> None:
    """Missing, empty, a folder, damaged Parquet, a JSON array: named by place, one line each; the good one is in."""
    monitor = make()
    place = str(tmp_path / "whole.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'R' || i AS record_id FROM range(5000) t(i)) TO '{place}'")
    (tmp_path / "cut.parquet").write_bytes(Path(place).read_bytes()[:-500])
    (tmp_path / "empty.csv").touch()
    (tmp_path / "array.json").write_text('[{"record_id": "R"}]')
    bad = ["missing.csv", "empty.csv", ".", "cut.parquet", "array.json"]
    ran = monitor.run("--json", "import", *(tmp_path / name for name in bad), inputs.reports)
    assert (ran.status, ran.document["accepted"]) == (1, 41)
    new_key, *said = ran.err.splitlines()
    assert "a new key was made" in new_key and len(said) == 5
    for line, which, what in zip(
        said,
        ("1st", "2nd", "3rd", "4th", "5th"),
        ("does not exist", "is empty", "is a folder", "is not readable as Parquet", "JSON array"),
        strict=True,
    ):
        assert f"The {which} input file" in line
        assert what in line


def test_a_wrong_column_is_named_with_the_nearest_right_one(make: Callable[..., Any], tmp_path: Path) -> None:
    """`reportd_at`: did you mean 'reported_at'? Nothing is taken or made; --ignore-unknown is another matter."""
    monitor = make()
    texts = {
        "near.csv": "record_id,url,reportd_at\nR,https://a.example/,2026-01-01T00:00:00Z\n",
        "lacking.csv": "record_id,url\nR,https://a.example/\n",
        "checks.csv": "record_id,checked_at,outcom\nR,2026-01-01T00:00:00Z,online\n",
        "headless.csv": "R,https://a.example/,2026-01-01T00:00:00Z\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    ran = monitor.run("--json", "import", *(tmp_path / name for name in texts))
    assert (ran.status, ran.document["read"]) == (1, 0)
    near, lacking, checks, headless = ran.err.splitlines()
    assert "'reportd_at'" in near and "Did you mean 'reported_at'?" in near
    assert "lacks the column 'reported_at'" in lacking
    assert "'outcom'" in checks and "Did you mean 'outcome'?" in checks
    assert "Columns of reports" in headless or "header row" in headless


# --- the disk and the database --------------------------------------------------------------------------------


@pytest.mark.sqlite_only("a server writes to another disk than the program")
def test_a_full_disk_keeps_whole_batches_and_the_next_try_goes_on(make: Callable[..., Any], many: Path) -> None:
    """No file may grow beyond 2.5 MB: one line, status 1, a whole number of batches; without the limit all is there."""
    monitor = make()
    limit = 2_500_000
    ran = monitor.run(
        "--json", "import", many, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    assert (ran.status, len(ran.err.splitlines())) == (1, 2)  # the first one tells of the new key
    assert "Make room" in ran.err
    kept = ran.document["accepted"]
    assert kept in (5_000, 10_000)
    said = monitor.json("import", many)
    assert (said["read"], said["accepted"], said["duplicate"]) == (N_MANY, N_MANY - kept, kept)


@pytest.mark.sqlite_only("a server writes to another disk than the program")
def test_a_disk_that_is_really_full_says_make_room(make: Callable[..., Any], many: Path) -> None:
    """A file system of 700 kB: the import stops with one line that says what to do."""
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets no process mount a file system of its own")
    monitor = make()
    monitor.data.mkdir(mode=0o700)
    mount = 'mount -t tmpfs -o size=700k none "$0" && exec "$@"'
    ran = monitor.call(["unshare", "-rm", "sh", "-c", mount, str(monitor.data), *monitor.command("import", many)])
    assert (ran.status, len(ran.err.splitlines())) == (1, 2), ran.err
    assert "Make room" in ran.err or "No space left" in ran.err


def test_a_locked_database_says_wait_and_nothing_is_half_done(engine: Engine, store: Any, inputs: Any) -> None:
    """Another process holds the write lock: status 1; as soon as it lets go, the same command works."""
    with engine.held(store.data):
        ran = store.run("--json", "import", inputs.checks, env={"MONITOR_DATABASE__BUSY_SECONDS": "0.3"})
        assert (ran.status, len(ran.err.splitlines()), ran.document["accepted"]) == (1, 1, 0)
        assert "Another process is writing" in ran.err and "run the command again" in ran.err
    assert store.json("import", inputs.checks)["accepted"] == 91


def test_a_newer_or_damaged_database_is_left_alone(
    engine: Engine, store: Any, inputs: Any, dump_of: Callable[[Path], str]
) -> None:
    """A schema of the future and a file that is no database: one line, status 1, not a byte changed."""
    engine.change(store.data, "UPDATE alembic_version SET version_num = '9999_from_the_future'")
    for words in (("import", inputs.checks), ("db", "upgrade")):
        before = dump_of(store.data)
        ran = store.run(*words)
        assert (ran.status, "newer version" in ran.err, dump_of(store.data) == before) == (1, True, True), ran.err
    if engine.name != "sqlite":
        return
    file = store.data / "monitor.sqlite"
    file.write_bytes(b"this is no database" * 1000)
    before = file.read_bytes()
    ran = store.run("import", inputs.checks)
    assert (ran.status, file.read_bytes() == before) == (1, True)
    assert "damaged or is not a database" in ran.err


def test_without_a_store_every_command_but_the_makers_says_so(make: Callable[..., Any]) -> None:
    """Status 1 and what to do; nothing is made."""
    monitor = make()
    for words in (("freeze", "2026H1"), ("rank", "2026H1")):
        ran = monitor.run(*words)
        assert (ran.status, ran.out) == (1, "")
        assert "There is no store in the data folder" in ran.err and "monitor import" in ran.err
    page = monitor.run("privacy", "page")
    assert (page.status, page.out, "There is no store in the data folder" in page.err) == (1, "", True)
    assert not monitor.data.exists()


def test_no_store_is_made_to_fetch_tables_that_nobody_named(make: Callable[..., Any]) -> None:
    """`refdata update` without [refdata] says what to set, and leaves no empty store and key behind."""
    monitor = make()
    for words, status in (((), 1), (("--if-configured",), 0)):
        ran = monitor.run("refdata", "update", *words)
        assert (ran.status, "names no table to fetch" in ran.err + ran.out) == (status, True)
    assert not monitor.data.exists()


def test_without_its_key_a_store_is_said_to_lack_the_key(store: Any, engine: Engine) -> None:
    """Also by `rank`, which would have opened none; on a server nothing in the folder tells that there is one."""
    (store.data / "monitor.key").unlink()
    freeze, rank = store.ended(("freeze", "2026H1"), ("rank", "2026H1"))
    assert (freeze.status, "monitor.key is not in the data folder" in freeze.err) == (1, True)
    assert (rank.status, "monitor.key" in rank.err, "no backup holds it" in rank.err) == (
        1,
        True,
        engine.name == "sqlite",
    )


# --- words and settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [("frieze", "2026H1"), ("freeze",), ("import", "--nonsense", "x.csv")],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(small: Any, words: tuple[str, ...]) -> None:
    """A wrong command, a missing Period, an unknown option: one line, nothing on standard output."""
    ran = small.run("--json", *words)
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert "?." not in ran.err and ran.err.endswith(" See --help\n")


def test_an_unknown_period_is_answered_with_the_forms_that_are_known(small: Any) -> None:
    """Write 2026H1, 2026Q1, 2026-03, 2026, or from..to."""
    ran = small.run("--json", "rank", "2026-13")
    assert (ran.status, ran.out) == (2, "")
    assert "2026H1, 2026Q1, 2026-03, 2026, or 2026-01-01..2026-06-30" in ran.err


def test_a_wrong_setting_is_answered_with_the_nearest_right_one(make: Callable[..., Any], tmp_path: Path) -> None:
    """In the file, in --config, in a value and in the environment: status 2 before anything is touched."""
    monitor = make(config="[norms.request]\nhuors = 24\n")
    ran = monitor.run("import", "x.csv")
    assert (ran.status, "Did you mean 'hours'?" in ran.err) == (2, True)
    other = tmp_path / "other.toml"
    other.write_text("[publicaton]\nname_in_interim = true\n")
    ran = monitor.call([*monitor.command("--config", other, "refdata", "list")])
    assert (ran.status, "Did you mean 'publication'?" in ran.err) == (2, True)
    other.write_text("[norms.request]\ntarget = 80\n")
    ran = monitor.call([*monitor.command("--config", other, "refdata", "list")])
    assert (ran.status, "[norms.request] target" in ran.err, "80" in ran.err) == (2, True, False)
    ran = make().run("refdata", "list", env={"MONITOR_NORM__REQUEST__HOURS": "24"})
    assert (ran.status, "MONITOR_NORMS__..." in ran.err) == (2, True)
    assert [path.name for path in monitor.data.iterdir()] == ["monitor.toml"]


def test_one_underscore_in_a_variable_is_not_passed_over_in_silence(make: Callable[..., Any]) -> None:
    """Else facts would go to SQLite while the operator believes in a server; no value is printed."""
    ran = make().run("refdata", "list", env={"MONITOR_DATABASE_URL": "postgresql://zq7xk9mw"})
    assert (ran.status, "MONITOR_DATABASE__URL" in ran.err, "zq7xk9mw" in ran.err) == (2, True, False)

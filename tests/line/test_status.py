"""`monitor status`: what an operator sees at one look, and that it names what needs somebody."""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import clock, pipeline, status, store
from monitor.config import Settings
from monitor.disk import give_name
from monitor.errors import StoreBusy
from monitor.machine import disk_room, size_in_words
from monitor.model.counts import ImportOptions
from monitor.model.observation import CanaryReading, Due, Mandate, Observation, Standing
from monitor.model.operation import Finding, Mark, worst_first, worst_of
from monitor.model.words import DueReason, TableKind
from monitor.remains import last_backup, left_behind, note_backup, note_begun
from monitor.store import NewWorker, Plan, Store, open_store
from tests.engines import Engine

MARK = "zq7xk9mw"
"""In every host and path: it may stand in nothing that is printed."""
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIVE = {
    "sources": {"hotline": {"live": True}},
    "mandate": {
        "organisation": "Example authority",
        "legal_basis": "an invented article",
        "contact": "an invented desk",
        "expires": date(2026, 12, 31),
    },
}


@pytest.fixture
def db(engine: Engine, tmp_path: Path, csv_file: Callable[..., Path]) -> Iterator[Store]:
    """Three live Targets, at noon of a day in March."""
    with (
        clock.replaced(clock.JumpingClock(NOW)),
        open_store(tmp_path / "d", engine.url(tmp_path / "d"), create=True) as db,
    ):
        reports = csv_file(tmp_path / "reports.csv", [row(number) for number in range(1, 4)])
        assert pipeline.import_file(db, reports, ImportOptions(), 1)[1] is None
        yield db


def row(number: int, **more: object) -> dict[str, object]:
    url = f"https://h{number}.{MARK}.example/{MARK}/{number}.jpg"
    return {"record_id": f"R{number}", "source": "hotline", "url": url, "reported_at": "2026-03-01T10:00Z", **more}


def settings(**more: object) -> Settings:
    return Settings.model_validate({**LIVE, **more})


def found(db: Store, given: Settings | None = None) -> dict[str, Finding]:
    """By name; and whatever is not well says what to do, and nothing says a secret."""
    findings = status.collect(db, given or settings())
    assert all(each.todo or each.mark is Mark.OK for each in findings)
    assert MARK not in str(findings)
    return {each.name: each for each in findings}


def plan(db: Store, *due: timedelta) -> None:
    """The Targets 1, 2, ... are due so long ago."""
    plans = [Plan(key, Due(NOW - ago, DueReason.SCHEDULE), (), Standing()) for key, ago in enumerate(due, 1)]
    store.plan_targets(db, plans)


def run(db: Store, *healthy: bool, targets: Iterable[int] = ()) -> tuple[int, ...]:
    """A run in which the canary answered so over IPv4, IPv6 in turn, and which saw these; the Observations' keys."""
    mandate = Mandate("Example authority", "an invented article", "an invented desk", "2026-12-31", False, False)
    run_id = store.begin_run(db, worker="1", mandate=mandate, n_due=1, at=NOW - timedelta(minutes=4))
    readings = [
        CanaryReading(NOW, "direct", 6 if place % 2 else 4, False, well, None) for place, well in enumerate(healthy)
    ]
    store.add_canaries(db, run_id, readings)
    seen = [Observation(key, key, NOW, "direct", (), (), 0.25) for key in targets]
    keys = store.add_observations(db, run_id, seen) if seen else ()
    store.end_run(db, run_id, NOW - timedelta(minutes=2))
    return tuple(keys)


# --- what is kept ----------------------------------------------------------------------------------------------


def test_a_store_of_recorded_reports_alone_is_well_without_a_check(db: Store, engine: Engine) -> None:
    """No mandate, no worker and no canary is missed where no source is live."""
    seen = found(db, Settings())
    assert seen["checks"].mark is Mark.OK and "no source is live" in seen["checks"].said
    assert not {"mandate", "workers", "runs", "canaries", "names"} & seen.keys()
    assert seen["store"].figures["engine"] == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine.name]
    assert seen["store"].figures["bytes"] > 50_000
    assert seen["inputs"].figures["inputs"] == 1 and seen["inputs"].mark is Mark.OK


def test_rejected_rows_unread_files_and_checks_without_a_report_are_counted(
    db: Store, tmp_path: Path, csv_file: Callable[..., Path]
) -> None:
    """Each with what to do about it."""
    bad = csv_file(tmp_path / "bad.csv", [row(7), row(8, reported_at="yesterday")])
    checks = [
        {"record_id": f"R{n}", "source": "hotline", "checked_at": "2026-03-02T10:00Z", "outcome": "online"}
        for n in (1, 90, 91)
    ]
    for path in (bad, csv_file(tmp_path / "checks.csv", checks)):
        assert pipeline.import_file(db, path, ImportOptions(), 1)[1] is None
    kind = store.list_inputs(db)[0].kind
    with clock.replaced(clock.JumpingClock(NOW - timedelta(days=40))):
        store.begin_input(db, "0" * 64, kind, 10)
    assert (found(db)["inputs"].mark, found(db)["inputs"].figures["unfinished"]) == (Mark.OK, 1)
    store.begin_input(db, "f" * 64, kind, 10)
    seen = found(db)
    assert (seen["rejects"].mark, seen["rejects"].figures) == (Mark.LOOK, {"rejected": 1})
    assert (seen["waiting"].mark, seen["waiting"].figures) == (Mark.LOOK, {"records_waiting": 2})
    assert (seen["inputs"].mark, seen["inputs"].figures["unfinished"]) == (Mark.LOOK, 2)
    assert "SHA-256 begins with ffffffffffff)" in seen["inputs"].todo


def test_without_a_routing_table_and_with_an_old_one_it_says_how_to_get_one(db: Store, tmp_path: Path) -> None:
    """A new one is nothing to look at."""
    assert found(db)["tables"].mark is Mark.LOOK
    table = tmp_path / "prefixes.tsv"
    for as_of, mark in ((date(2025, 6, 1), Mark.LOOK), (date(2026, 2, 1), Mark.OK)):
        table.write_text(f"192.0.2.0/24\t{64500 + as_of.month}\n")
        pipeline.import_reference_table(db, settings(), TableKind.PREFIXES, [table], as_of, as_of)
        seen = found(db)["tables"]
        assert (seen.mark, seen.figures["prefixes"]) == (mark, as_of.isoformat())


def test_addresses_that_nobody_looked_up_yet_are_counted(
    db: Store, tmp_path: Path, csv_file: Callable[..., Path]
) -> None:
    """After `attribute` they are attributed, or known to be nobody's."""
    path = csv_file(tmp_path / "more.csv", [row(11, ip="192.0.2.1"), row(12, ip="198.51.100.1")])
    assert pipeline.import_file(db, path, ImportOptions(), 1)[1] is None
    table = tmp_path / "prefixes.tsv"
    table.write_text("192.0.2.0/24\t64500\n")
    pipeline.import_reference_table(db, settings(), TableKind.PREFIXES, [table], date(2026, 2, 1), date(2026, 2, 1))
    assert found(db)["attribution"].figures == {"not_attributed_yet": 2, "attributed_to_nobody": 0}
    pipeline.attribute(db)
    assert found(db)["attribution"].figures == {"not_attributed_yet": 0, "attributed_to_nobody": 1}


def test_the_newest_freeze_is_the_one_with_the_highest_number(db: Store) -> None:
    """Whatever its name and its files' dates; what is unfinished, damaged or none of ours is passed over."""
    for name, said in (
        ("2026H1-f0000000", '{"sequence": 9}'),
        ("2025H2-a0000000", '{"sequence": 10}'),
        ("2026H2-b0000000", "{"),
        (".new-2026H1-c0000000", '{"sequence": 99}'),
    ):
        folder = db.data_dir / "frozen" / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(said)
    release = db.data_dir / "releases" / "2026H1-interim-v2"
    release.mkdir(parents=True)
    (release / "manifest.json").write_text("{}")
    seen = found(db)
    assert seen["freeze"].figures == {"newest": "2025H2-a0000000"}
    assert seen["release"].figures == {"newest": "2026H1-interim-v2"}


# --- the work --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("oldest", "mark", "n_late"),
    [
        (timedelta(minutes=-1), Mark.OK, 0),
        (timedelta(minutes=10), Mark.OK, 0),
        (timedelta(minutes=20), Mark.LOOK, 1),
        (timedelta(hours=3), Mark.ACT, 1),
    ],
)
def test_checks_that_are_due_too_long_are_late_and_after_hours_somebody_has_to_act(
    db: Store, oldest: timedelta, mark: Mark, n_late: int
) -> None:
    """A quarter of an hour is allowed, unless [operation] late_minutes says otherwise."""
    plan(db, oldest, timedelta(hours=-5))
    seen = found(db)["checks"]
    assert (seen.mark, seen.figures["late"], seen.figures["watched"]) == (mark, n_late, 2)
    assert (seen.figures["oldest_due_at"] is not None) == (oldest > timedelta(0))
    patient = found(db, settings(operation={"late_minutes": 600}))["checks"]
    assert (patient.mark, patient.figures["late"]) == (Mark.OK, 0)


def test_a_live_source_without_a_planned_target_is_looked_at(db: Store) -> None:
    """Nothing is due because nobody has planned anything."""
    assert found(db)["checks"].mark is Mark.LOOK


def test_hosts_that_nobody_ever_asked_about_are_counted_where_they_are_live(db: Store) -> None:
    """Three of the live source, which nobody has planned yet; where another one is live, the two that are planned."""
    other = settings(sources={"press": {"live": True}})
    assert (found(db)["names"].mark, found(db)["names"].figures) == (Mark.LOOK, {"hosts_never_resolved": 3})
    assert found(db, other)["names"].mark is Mark.OK
    plan(db, timedelta(0), timedelta(0))
    assert [found(db, each)["names"].figures["hosts_never_resolved"] for each in (settings(), other)] == [3, 2]
    store.plan_targets(db, [Plan(key, None, (), Standing()) for key in (1, 2, 3)])
    assert found(db)["names"].mark is Mark.OK  # done with


@pytest.mark.parametrize(
    ("healthy", "mark"),
    [((True, True), Mark.OK), ((True, False), Mark.ACT), ((True, True, False, True), Mark.LOOK)],
)
def test_canaries_are_told_by_ip_version(db: Store, healthy: tuple[bool, ...], mark: Mark) -> None:
    """One version down is a way out lost; a single silence is something to look at."""
    run(db, *healthy)
    assert found(db)["canaries"].mark is mark


def test_runs_that_saw_nothing_are_something_to_act_on(db: Store) -> None:
    """As in an outage: the canary did not answer, nothing was asked."""
    assert found(db)["runs"].mark is Mark.LOOK  # none was ever made
    run(db, False)
    seen = found(db)["runs"]
    assert (seen.mark, seen.figures["without_observation"], seen.figures["runs"]) == (Mark.ACT, 1, 1)


def test_a_round_without_one_answer_is_held_against_ourselves(
    db: Store, engine: Engine, tmp_path: Path, csv_file: Callable[..., Path]
) -> None:
    """Ten hosts do not fall silent at once: with no other round somebody acts, after an outcome elsewhere looks."""
    more = csv_file(tmp_path / "more.csv", [row(number) for number in range(4, 12)])
    assert pipeline.import_file(db, more, ImportOptions(), 1)[1] is None
    run(db, True, targets=range(1, 10))
    assert found(db)["runs"].mark is Mark.OK  # nine may
    run(db, True, targets=range(1, 11))
    seen = found(db)["runs"]
    assert (seen.mark, seen.figures["unanswered"], seen.figures["concluded"]) == (Mark.ACT, 1, 0)
    (key,) = run(db, True, targets=[11])
    outcome = "outcome, cause, rule, rules_version, void, low_confidence, page"
    engine.change(
        db.data_dir,
        f"INSERT INTO outcomes (observation_id, {outcome}) VALUES ({key}, 1, 0, 'r', '1', false, false, false)",
    )
    seen = found(db)["runs"]
    assert (seen.mark, seen.figures["unanswered"], seen.figures["concluded"]) == (Mark.LOOK, 1, 1)


def test_a_worker_at_work_is_well_and_one_that_is_missed_is_not(db: Store, engine: Engine) -> None:
    """Nobody ever: act. At work: ok. Ended just now, as by a timer: look."""
    assert found(db)["workers"].mark is Mark.ACT
    key = store.register_worker(db, NewWorker("1", None, "0" * 32), 3600.0)
    assert (found(db)["workers"].mark, found(db)["workers"].figures["alive"]) == (Mark.OK, 1)
    store.end_worker(db, key, 0.0)
    if engine.name == "sqlite":  # a server's clock is its own
        assert found(db)["workers"].mark is Mark.LOOK


def test_a_mandate_that_ends_soon_is_looked_at_and_one_that_ended_acted_on(db: Store) -> None:
    """A month is time to have it renewed."""

    def until(day: date) -> Settings:
        return settings(mandate={**LIVE["mandate"], "expires": day})

    assert found(db)["mandate"].mark is Mark.OK
    assert found(db, until(date(2026, 3, 20)))["mandate"].mark is Mark.LOOK
    assert found(db, until(date(2026, 3, 1)))["mandate"].mark is Mark.ACT


# --- the machine, and how it is shown ----------------------------------------------------------------------------


def test_room_on_the_disk_is_held_against_the_setting_and_the_database(tmp_path: Path) -> None:
    """Half as much again as the database is wanted; under a tenth of the setting it is urgent."""
    free_gb = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize / 1e9
    assert disk_room(tmp_path, 0, free_gb / 2).mark is Mark.OK
    assert disk_room(tmp_path, int(free_gb * 1e9), free_gb / 2).mark is Mark.LOOK
    assert disk_room(tmp_path, 0, free_gb * 2).mark is Mark.LOOK
    assert disk_room(tmp_path, 0, free_gb * 20).mark is Mark.ACT
    assert disk_room(tmp_path / "missing", 0, 1).mark is Mark.ACT
    assert "asks for 1.0 GB, a backup or an upgrade for up to 1.5 MB" in disk_room(tmp_path, 1_000_000, 1).said
    assert [size_in_words(n) for n in (0, 640_000, 4_430_000, 123e9)] == ["0 kB", "640 kB", "4.4 MB", "123 GB"]


def test_what_a_move_a_rotation_or_a_backup_left_in_the_folder_is_told(tmp_path: Path) -> None:
    """By the file's name; a backup that is known is told by its time, and an old one is looked at."""
    assert last_backup(tmp_path, NOW).mark is Mark.LOOK and not list(left_behind(tmp_path, on_server=True))
    note_backup(tmp_path, NOW)
    assert (last_backup(tmp_path, NOW).mark, "2026-03-02 12:00 UTC" in last_backup(tmp_path, NOW).said) == (
        Mark.OK,
        True,
    )
    assert last_backup(tmp_path, NOW + timedelta(days=9)).mark is Mark.LOOK
    for damaged in ("[]", "[" * 100_000, '{"made_at": 1e999}'):
        (tmp_path / ".last-backup").write_text(damaged)
        assert last_backup(tmp_path, NOW).mark is Mark.LOOK
    (tmp_path / ".last-backup").write_text("[]")
    assert last_backup(tmp_path, NOW).figures == {"made_at": None}
    for name in ("monitor.key.before-0a1b2c3d", "monitor.sqlite.moved", "monitor.sqlite"):
        (tmp_path / name).write_text("x")
    told = {each.name: (each.mark, each.figures["files"]) for each in left_behind(tmp_path, on_server=True)}
    assert told == {
        "old key": (Mark.LOOK, ["monitor.key.before-0a1b2c3d"]),
        "old store": (Mark.LOOK, ["monitor.sqlite.moved"]),
        "two stores": (Mark.LOOK, ["monitor.sqlite"]),
    }
    assert [each.name for each in left_behind(tmp_path, on_server=False)] == ["old key", "old store"]
    note_backup(tmp_path / "missing", NOW)  # a folder that takes nothing does not stop a backup


def test_a_backup_that_was_killed_right_after_it_had_its_name_counts_as_long_as_it_is_there(tmp_path: Path) -> None:
    """One that has not got it does not, and then the one before counts; nor does another file of that name."""
    draft, path = tmp_path / "draft", tmp_path / "kept.backup"
    draft.write_bytes(b"whole")
    note_backup(tmp_path, NOW - timedelta(days=1))
    note_begun(tmp_path, NOW, draft, path)
    assert "2026-03-01 12:00 UTC" in last_backup(tmp_path, NOW).said
    give_name(draft, path)
    draft.unlink()
    assert "2026-03-02 12:00 UTC" in last_backup(tmp_path, NOW).said
    note_begun(tmp_path, NOW + timedelta(hours=1), path, tmp_path / "next.backup")  # killed before its name
    assert "2026-03-02 12:00 UTC" in last_backup(tmp_path, NOW).said
    note_begun(tmp_path, NOW, path, path)
    path.write_bytes(b"another file")
    assert "2026-03-02 12:00 UTC" in last_backup(tmp_path, NOW).said  # of the note before
    (tmp_path / ".last-backup").write_text('{"made_at": null, "begun": {"path": 1, "is": 2}}')
    assert last_backup(tmp_path, NOW).figures == {"made_at": None}


def test_what_needs_somebody_comes_first_and_else_the_order_stays() -> None:
    """And the worst mark is that of the first line."""
    made = [Finding(name, Mark(mark), "") for name, mark in (("a", "ok"), ("b", "look"), ("c", "act"), ("d", "look"))]
    assert [each.name for each in worst_first(made)] == ["c", "b", "d", "a"]
    assert (worst_of(made), worst_of(())) == (Mark.ACT, Mark.OK)


def test_the_command_prints_a_line_each_and_ends_well_whatever_it_finds(copy: Any) -> None:
    """Status 0 also where somebody has to act; with --json the same as one document."""
    ran = copy.run("status")
    assert (ran.status, ran.err) == (0, "")
    marks = [line.split()[0] for line in ran.out.splitlines() if not line.lstrip().startswith("->")]
    assert marks == sorted(marks, key=["act", "look", "ok"].index) and len(marks) >= 10
    document = copy.json("status")
    assert [each["mark"] for each in document["findings"]] == marks and document["mark"] == marks[0]


def test_what_cannot_be_looked_at_is_said_and_the_rest_is_shown(make: Callable[..., Any]) -> None:
    """No store, and settings that nobody can read: status 0, a line for each, and with --json one document."""
    monitor = make("none")
    ran, document = monitor.ended(("status",), ("--json", "status"))
    assert (ran.status, ran.err, "There is no store" in ran.out) == (0, "", True)
    assert (document.status, document.document["mark"]) == (0, "act")
    assert not monitor.data.exists()
    monitor.data.mkdir(mode=0o700)
    (monitor.data / "monitor.toml").write_text("[publicaton]\n")
    document = monitor.json("status")
    names = [each["name"] for each in document["findings"]]
    assert (names[0], "Did you mean 'publication'?" in document["findings"][0]["todo"]) == ("settings", True)
    assert {"disk", "not seen"} <= set(names)


def test_a_folder_that_this_user_cannot_enter_and_a_url_of_no_database_are_told(tmp_path: Path) -> None:
    """Nothing is raised, whatever the name."""
    seen = {each.name: each for each in status.survey(Path("x" * 5000), None)}
    assert seen["folder"].mark is Mark.ACT
    (tmp_path / "monitor.toml").write_text('[database]\nurl = "postgresql://one.example/db?port=5&port=6"\n')
    seen = {each.name: each for each in status.survey(tmp_path, None)}
    assert seen["store"].mark is Mark.ACT and "one.example" not in str(seen)


def test_a_lost_key_and_a_database_that_is_away_leave_what_the_folder_says(
    db: Store, engine: Engine, tmp_path: Path
) -> None:
    """The store's line says why; disk, mandate and last backup are told all the same, the rest is named as not seen."""
    url = engine.url(db.data_dir)
    live = '[sources.hotline]\nlive = true\n[mandate]\norganisation = "Example authority"\n'
    (db.data_dir / "monitor.toml").write_text(live + (f'[database]\nurl = "{url}"\n' if url else ""))
    (db.data_dir / "monitor.toml").chmod(0o600)
    kept = (db.data_dir / "monitor.key").read_bytes()
    (db.data_dir / "monitor.key").unlink()
    said = without_store(db.data_dir)
    assert "monitor.key is not in the data folder" in said.said and "no backup holds it" in said.todo
    (db.data_dir / "monitor.key").write_bytes(kept)
    (db.data_dir / "monitor.key").chmod(0o600)
    db.close()
    engine.drop(db.data_dir)
    assert without_store(db.data_dir).todo


def without_store(folder: Path) -> Finding:
    """What is said of the store that cannot be opened."""
    seen = {each.name: each for each in status.survey(folder, None)}
    assert {"disk", "freeze", "release", "backup", "mandate", "not seen"} <= seen.keys()
    assert {"inputs", "hearing", "checks", "names"} <= set(seen["not seen"].figures["parts"])  # type: ignore[call-overload]
    assert seen["store"].mark is Mark.ACT
    return seen["store"]


def test_a_database_that_goes_away_meanwhile_is_said_once(db: Store, engine: Engine) -> None:
    """Nothing is raised; where a server is waited for in vain, the parts that would wait as well are only named."""
    db.close()
    engine.drop(db.data_dir)
    seen = {each.name: each for each in status.collect(db, settings())}
    assert seen["store"].mark is Mark.ACT and {"disk", "mandate", "backup"} <= seen.keys()

    def away() -> Iterator[Finding]:
        raise StoreBusy("The database server does not answer", "Start it")
        yield

    told = list(status.tried(iter([("inputs", away), ("tables", away), ("hearing", away)])))
    assert [(each.name, each.mark, each.todo) for each in told] == [
        ("inputs", Mark.ACT, "Start it"),
        ("not seen", Mark.LOOK, "Put the store right first"),
    ]
    assert told[1].said == "tables, hearing"

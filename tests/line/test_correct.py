"""`monitor correct` and `monitor compare`: a corrected fact changes exactly its own rows, and an undone one none."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.model.letter import Told
from monitor.store import NewLetter, add_letter
from tests.engines import copied, store_of

CONFIG = "[minimums]\nepisodes = 2\nclusters = 1\nnamed = 1\n[publication]\nname_in_interim = true\n"
PREFIXES = "192.0.2.0/25\t64500\n192.0.2.128/25\t64501\n"
NAMES = "asn,name\n64500,Alpha Hosting\n64501,Beta Hosting\n"
WHO = ("--by", "Clerk")
FULL = (*WHO, "--why", "the mailbox was full")
TWICE = (*WHO, "--why", "reported twice")
LATE = (*WHO, "--why", "the clock of the sender was an hour off")


def _rows() -> Iterator[tuple[dict[str, str], list[dict[str, str]]]]:
    """Eight reports a provider: all gone within a day, but for the first two of Beta, which stay for a week."""
    for n in range(16):
        slow, day = n in (8, 9), f"2026-02-{10 + n % 8}"
        ip, record = f"192.0.2.{n + 120 if n >= 8 else n + 1}", f"C-{n:02}"
        report = {"record_id": record, "source": "hotline", "url": f"https://h{n}.example/{n}.jpg", "ip": ip}
        report |= {"reported_at": f"{day}T08:00:00Z", "notified_at": f"{day}T09:00:00Z", "notice_ref": f"ref-{n}"}
        gone = f"2026-02-2{n - 4}T12:00:00Z" if slow else f"{day}T15:00:00Z"
        seen = [(f"{day}T08:30:00Z", "online"), (f"{day}T14:00:00Z", "online"), (gone, "offline")]
        same = {"record_id": record, "source": "hotline", "ip": ip}
        yield report, [{**same, "checked_at": at, "outcome": said} for at, said in seen]


@pytest.fixture(scope="module")
def world(make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder, monitor = tmp_path_factory.mktemp("correct"), make("correct", CONFIG)
    rows = list(_rows())
    reports = csv_file(folder / "reports.csv", [report for report, _ in rows])
    checks = csv_file(folder / "checks.csv", [check for _, mine in rows for check in mine])
    (folder / "names.csv").write_text(NAMES, encoding="utf-8")
    (folder / "prefixes.tsv").write_text(PREFIXES, encoding="utf-8")
    tables = ("--prefixes", folder / "prefixes.tsv", "--as-names", folder / "names.csv")
    monitor.documents(
        ("refdata", "import", "--as-of", "2025-06-01", *tables),
        ("import", reports, checks),
        ("freeze", "2026H1"),
    )
    return monitor


@pytest.fixture
def another(world: Any, make: Callable[..., Any]) -> Any:
    monitor = make("another")
    copied(world.data, monitor.data)
    return monitor


@pytest.fixture(scope="module")
def corrected(world: Any, make: Callable[..., Any]) -> tuple[Any, list[Any]]:
    """The world with three corrections, frozen, compared with the first freeze, and all of them undone; what was said.

    Not to be changed.
    """
    monitor = make("corrected")
    copied(world.data, monitor.data)
    (first,) = (path.name for path in (monitor.data / "frozen").glob("2026H1-*"))
    said = monitor.documents(
        ("correct", "notice", "C-08", "--status", "bounced", *FULL),
        ("correct", "exclude", "C-00", *TWICE),
        ("correct", "notice", "C-01", "--ref", "ref-1", "--at", "2026-02-11T10:00:00+00:00", *LATE),
        ("freeze", "2026H1"),
        ("explain", "C-08", "--period", "2026H1"),
        ("explain", "C-00", "--period", "2026H1"),
        ("correct", "list"),
        ("publish", "2026H1"),
    )
    frozen = Path(said[3]["path"]).name
    said += monitor.documents(
        ("compare", first[-8:], frozen, "--records", monitor.cwd / "records.csv"),
        *(("correct", "undo", n, *WHO, "--why", "taken back") for n in (1, 2, 3)),
        ("freeze", "2026H1"),
        ("compare", monitor.data / "frozen" / first, first[-8:]),
    )
    return monitor, said


def test_exactly_the_corrected_rows_change(corrected: tuple[Any, list[Any]]) -> None:
    """One row went in each role, two differ; nobody else's row does."""
    _, said = corrected
    compared = said[8]
    counts = {row["role"]: (row["n_only_before"], row["n_only_after"], row["n_changed"]) for row in compared["rows"]}
    assert counts == dict.fromkeys(("as", "customer", "network", "site"), (1, 0, 2))
    fields = {field["name"]: field["n_network"] for field in compared["fields"]}
    assert (fields["notice_status"], fields["status"], fields["notified_at"]) == (1, 1, 1)
    assert {each["provider_id"]: each["rows"] for each in compared["providers"]} == {"as64500": 2, "as64501": 1}
    assert compared["method"] == compared["tables_only_before"] == compared["tables_only_after"] == []


def test_scorecards_before_and_after_follow(corrected: tuple[Any, list[Any]]) -> None:
    """A notice that bounced is no Episode of Beta any more; one excluded is none of Alpha, and in no count of it."""
    cards = {each["provider_id"]: (each["before"], each["after"]) for each in corrected[1][8]["providers"]}
    alpha, beta = cards["as64500"], cards["as64501"]
    assert [card["n_episodes"] for card in (*alpha, *beta)] == [8, 7, 8, 7]
    assert [card["n_notices"] for card in alpha] == [8, 7]
    assert [card["undelivered_bounced"] for card in beta] == [0, 1]
    assert [round(card["within_norm_worst"], 4) for card in beta] == [0.75, 0.8571]


def test_records_are_written_and_not_printed(corrected: tuple[Any, list[Any]]) -> None:
    """The comparison holds counts alone; the file that was asked for holds the records, for its owner's eyes."""
    monitor, said = corrected
    place = monitor.cwd / "records.csv"
    assert "C-0" not in json.dumps(said[8])
    found = list(csv.DictReader(place.read_text(encoding="utf-8").splitlines()))
    in_network = {(line["change"], line["record_id"]) for line in found if line["role"] == "network"}
    assert in_network == {("changed", "C-08"), ("only-before", "C-00"), ("changed", "C-01")}
    assert place.stat().st_mode & 0o777 == 0o600


def test_undoing_gives_the_first_dataset_again(corrected: tuple[Any, list[Any]]) -> None:
    """The same digest, which is the newest again, and nothing differs."""
    monitor, said = corrected
    again, same = said[12], said[13]
    assert again["digest"] != said[3]["digest"]
    assert same["same"] is True
    assert same["before"]["digest"] == again["digest"]
    assert not any(row["n_only_before"] or row["n_only_after"] or row["n_changed"] for row in same["rows"])
    assert sorted(path.name[-8:] for path in (monitor.data / "frozen").glob("2026H1-*")) == sorted(
        each["digest"][:8] for each in (again, said[3])
    )


def test_the_dataset_counts_its_corrections_without_a_record(corrected: tuple[Any, list[Any]]) -> None:
    """By kind and reason, so that a release can say them; they are no part of any row."""
    inputs = (Path(corrected[1][3]["path"]) / "inputs.json").read_text(encoding="utf-8")
    assert [(each["kind"], each["n"], each["why"]) for each in json.loads(inputs)["corrected"]] == [
        ("exclusion", 1, "reported twice"),
        ("notice-status", 1, "the mailbox was full"),
        ("notice-time", 1, "the clock of the sender was an hour off"),
    ]
    assert "C-0" not in inputs


def test_the_release_accounts_for_them(corrected: tuple[Any, list[Any]]) -> None:
    """In both languages, with the reason and without anybody's name."""
    release = Path(corrected[1][7]["path"])
    for page, words in (("account.html", "report left out of every figure"), ("nl/account.html", "Gecorrigeerde")):
        text = (release / page).read_text(encoding="utf-8")
        assert words in text
        assert "the mailbox was full" in text


def test_explain_says_that_a_correction_holds(corrected: tuple[Any, list[Any]]) -> None:
    """Which, why, by whom; and the notice is shown as it holds."""
    bounced, excluded = corrected[1][4], corrected[1][5]
    (story,) = bounced["corrections"]
    assert (story["correction_id"], story["holds"], story["why"]) == (1, "the notice: bounced", "the mailbox was full")
    assert [notice["status"] for notice in bounced["notices"]] == ["bounced"]
    assert excluded["counts"] is False
    assert "excluded" in excluded["notices"][0]["roles"][0]["why"]


def test_nothing_of_a_record_lies_open(corrected: tuple[Any, list[Any]]) -> None:
    """No reference of a notice is in any column or file; the log names no record, and the list no reference."""
    monitor, said = corrected
    assert [each["record_id"] for each in said[6]["corrections"]] == ["C-08", "C-00", "C-01"]
    assert "ref-1" not in json.dumps(said)
    content = b"".join(path.read_bytes() for path in monitor.data.rglob("*") if path.is_file())
    assert b"ref-1" not in content
    rows = monitor.rows("SELECT actor, action, subject, reason FROM audit")
    assert "C-0" not in str(rows + monitor.rows("SELECT kind, by, why FROM fact_corrections"))


def test_wrong_words_change_nothing(another: Any, dump_of: Callable[[Path], str]) -> None:
    """What is refused leaves every row as it was, and its message repeats no word that was given."""
    before = dump_of(another.data)
    ran = another.ended(
        ("correct", "notice", "C-08", *FULL),
        ("correct", "notice", "C-08", "--status", "bounced", "--at", "2026-02-11T10:00:00Z", *FULL),
        ("correct", "notice", "C-08", "--at", "2026-02-11T10:00:00", *FULL),
        ("correct", "notice", "C-08", "--status", "lost", *FULL),
        ("correct", "exclude", "C-08", *WHO, "--why", "seen at https://h8.example/8.jpg"),
        ("correct", "exclude", "C-08", *WHO, "--why", "C-08 was reported twice"),
        ("correct", "exclude", "C-08", *WHO, "--why", "not of AS64501"),
        ("correct", "exclude", "C-77", *TWICE),
        ("correct", "exclude", "C-08", "--letter", "5", *TWICE),
        ("correct", "notice", "C-08", "--ref", "ref-99", "--status", "bounced", *FULL),
    )
    assert [each.status for each in ran] == [2] * 7 + [1] * 3
    assert all(each.out == "" and each.err.startswith("monitor: ") for each in ran)
    for word in ("h8.example", "C-08", "C-77", "ref-99", "64501"):
        assert not any(word in each.err for each in ran)
    assert dump_of(another.data) == before


def test_a_letter_is_named_by_its_reference_too(another: Any) -> None:
    """As with every other command about letters; the correction keeps its number."""
    told = Told("ab" * 32, "below", 8, 8, 0.5, 0.2, 0.8, 0.25, 0.75, 1)
    day = date(2026, 9, 1)
    new = NewLetter("as64500", "Alpha", "2026H1", day, day + timedelta(28), 28, "all", told, "MIN-", "Jo")
    with store_of(another.data) as db:
        letter = add_letter(db, new)
    made = another.json("correct", "notice", "C-08", "--status", "bounced", *FULL, "--letter", letter.reference.lower())
    assert made["letter"] == letter.letter_id


def test_freezes_of_different_periods_are_not_compared(another: Any) -> None:
    """In words that say which periods they are; nor is a freeze that is not there."""
    (first,) = (path.name for path in (another.data / "frozen").glob("2026H1-*"))
    other = Path(another.json("freeze", "2026Q1")["path"]).name
    ran = another.ended(("compare", first, other), ("compare", first, "00000000"), ("compare", first, "elsewhere"))
    assert [each.status for each in ran] == [1, 1, 1]
    assert "different periods (2026H1 and 2026Q1)" in ran[0].err
    assert all("no such freeze" in each.err for each in ran[1:])


def test_freezes_are_compared_without_a_store(another: Any, make: Callable[..., Any]) -> None:
    """Two folders are enough: no key, no database, and none is made."""
    bare = make("bare")
    first = another.data / "frozen" / next(path.name for path in (another.data / "frozen").glob("2026H1-*"))
    assert bare.json("compare", first, first)["same"] is True
    assert not bare.data.exists()


@pytest.mark.slow
def test_a_killed_correction_is_there_whole_or_not_at_all(another: Any) -> None:
    """With its audit row or without both; the same command again leaves one correction."""
    words = ("correct", "notice", "C-08", "--status", "bounced", *FULL)
    for seconds in (0.3, 0.8, 1.2, 1.8):
        another.kill(words, seconds)
        ((n,),) = another.rows("SELECT count(*) FROM fact_corrections")
        ((audited,),) = another.rows("SELECT count(*) FROM audit WHERE action = 'correct'")
        assert n == audited <= 1
    another.run(*words)
    assert len(another.json("correct", "list")["corrections"]) == 1

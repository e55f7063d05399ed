"""`monitor reconcile`: a provider's own list held against ours, through the installed program."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.engines import copied

STEM = "zq7xk9mw"
NOTICE = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONFIG = "[minimums]\nepisodes = 2\nclusters = 1\n"
HERE, BETA = "192.0.2.1", "192.0.2.200"
URLS = {name: f"https://www.{STEM}{name}.example/{name}/x.jpg" for name in "abcdefghi"}


def _time(hours: float) -> str:
    return (NOTICE + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def _report(name: str, hours: float, ref: str, ip: str = HERE, **more: str) -> dict[str, str]:
    at = {"reported_at": _time(hours - 2), "notified_at": _time(hours)}
    return {"record_id": f"r-{name}", "url": URLS[name], **at, "notice_ref": ref, "ip": ip, **more}


REPORTS = [
    _report("a", 0, "N-1"),
    _report("b", 1, "N-2"),
    _report("c", 24, "M-1"),
    _report("d", 24, "M-1"),
    _report("e", 48, "N-5"),
    _report("e", 98, "N-5b", reported_at=_time(46)),  # a reminder while it is online
    _report("f", 72, "N-6", notice_status="bounced"),
    _report("g", 73, "N-7"),
    _report("h", 74, "N-8", BETA),
    _report("i", -2000, "N-9"),
]
RECEIVED = [
    ("N-1", URLS["a"], _time(10), _time(35)),
    ("T-2", URLS["b"].upper().replace("/B/X.JPG", "/b/x.jpg"), _time(1.5), _time(3)),
    ("M-1", "", _time(24.5), ""),
    ("n-5B ", URLS["e"].replace("https", "hxxps").replace(".example", "[.]example"), _time(98.5), ""),
    ("N-6", URLS["f"], _time(72.5), ""),
    ("T-8", URLS["h"], _time(74.5), ""),
    ("N-9", URLS["i"], _time(-1999), ""),
    ("T-0", f"https://{STEM}.example/strange", _time(80), ""),
    ("N-1", URLS["a"], _time(500), ""),
    ("N-1", URLS["a"], _time(10), _time(35)),
    ("T-1", f"{STEM}nonsense", _time(80), ""),
]


def _write(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("notice_ref", "url", "received_at", "resolved_at"), *rows])
    return path


@dataclass(frozen=True)
class World:
    """A store with a freeze, a list, and what the comparison said."""

    monitor: Any
    received: Path
    pairs: Path
    document: dict[str, Any]

    @property
    def request(self) -> dict[str, Any]:
        (clock,) = self.document["clocks"]
        return clock

    def reading(self, name: str) -> dict[str, Any]:
        return next(each for each in self.request["figures"] if each["reading"] == name)


@pytest.fixture(scope="module")
def world(make: Callable[..., Any], inputs: Any, csv_file: Callable[..., Path]) -> World:
    monitor = make("reconcile", CONFIG)
    folder = monitor.cwd.parent
    names = [report["record_id"] for report in REPORTS]
    first = {report["record_id"]: report["notified_at"] for report in reversed(REPORTS)}
    seen = [(record, first[record], hours, word) for record in dict.fromkeys(names) for hours, word in _COURSE]
    checks = [
        {"record_id": record, "outcome": word, "checked_at": _after(at, hours)} for record, at, hours, word in seen
    ]
    received = _write(folder / f"{STEM}list.csv", RECEIVED)
    pairs = folder / "pairs.csv"
    *_, document = monitor.documents(
        ("import", csv_file(folder / "reports.csv", REPORTS)),
        ("import", csv_file(folder / "checks.csv", checks)),
        ("refdata", "import", *inputs.tables),
        ("attribute",),
        ("freeze", "2026H1"),
        ("reconcile", received, "--provider", "as64500", "--out", pairs, "--by", "clerk"),
    )
    return World(monitor, received, pairs, document)


_COURSE = ((1, "online"), (30, "online"), (30.5, "offline"), (40, "offline"))


def _after(at: str, hours: float) -> str:
    return (datetime.fromisoformat(at) + timedelta(hours=hours)).isoformat()


def test_every_row_of_theirs_is_counted_once(world: World) -> None:
    """Read is accepted, duplicate and rejected; the accepted are in one class each."""
    said = world.document
    assert (said["read"], said["accepted"], said["duplicate"], said["rejected"]) == (11, 9, 1, 1)
    assert sum(said["theirs"].values()) == said["accepted"]
    expected = {"matched": 4, "no_clock": 1, "repeated": 1, "outside_period": 1, "elsewhere": 1, "unknown": 1}
    assert {name: n for name, n in said["theirs"].items() if n} == expected
    assert Path(said["rejects_file"]).read_text(encoding="utf-8").count("\n") == 2


def test_every_notice_of_ours_is_counted_once(world: World) -> None:
    """Seven rows: five listed (one by a message for two), one reminded, one not listed; the bounced one is listed."""
    ours = world.request["ours"]
    assert (ours["rows"], ours["listed"], ours["reminded"], ours["ambiguous"], ours["not_listed"]) == (7, 5, 1, 0, 1)
    levels = {"reference": 2, "message": 2, "exact_url": 0, "normalised_url": 1, "time": 0}
    assert ours["levels"] == levels and sum(levels.values()) == ours["listed"]
    assert (ours["undelivered"], ours["undelivered_listed"]) == (1, 1)


def test_the_published_reading_is_the_scorecard(world: World) -> None:
    """The figures of `rank`, digit by digit."""
    cards = world.monitor.json("rank", "2026H1")["scorecards"]
    card = next(card for card in cards if card["provider_id"] == "as64500")
    published = world.reading("as_published")
    same = set(published) - {"reading", "undelivered"}
    assert {name: published[name] for name in same} == {name: card[name] for name in same}
    assert published["undelivered"] == card["undelivered_bounced"]


def test_each_reading_changes_what_it_says(world: World) -> None:
    """All were gone at 30 to 30.5 hours: late for the notice, in time for a receipt 10 hours later."""
    published, unlisted, receipt = map(world.reading, ("as_published", "unlisted_not_delivered", "clock_at_receipt"))
    assert (published["n_episodes"], published["within_norm_best"]) == (6, 0.0)
    # g was not delivered; e was told by the reminder alone, when it was gone already
    assert (unlisted["n_episodes"], unlisted["undelivered"], unlisted["gone_before_notice"]) == (4, 2, 1)
    assert (receipt["n_episodes"], receipt["within_norm_worst"]) == (6, round(1 / 6, 9))
    both = world.reading("both")
    assert (both["n_episodes"], both["within_norm_worst"]) == (4, 0.25)


def test_their_own_times_are_a_reading_of_their_own(world: World) -> None:
    """One in 25 hours and one in 1.5 by their own account; the second was still online by ours."""
    theirs = world.reading("their_times")
    assert (theirs["n_episodes"], theirs["within_norm"]) == (2, 0.5)
    said = world.request["resolved"]
    assert said == {
        "n": 2,
        "before_received": 0,
        "before_last_online": 1,
        "within_interval": 0,
        "after_end": 1,
    }


def test_the_delay_is_from_our_notice_to_their_receipt(world: World) -> None:
    """Of the listed: 10 hours and four times half an hour."""
    delay = world.request["delay"]
    assert (delay["n"], delay["median_hours"], delay["longest_hours"], delay["n_before_notice"]) == (5, 0.5, 10.0, 0)


def test_the_pairs_are_in_the_file_alone(world: World) -> None:
    """Each row of theirs and each notice of ours is there, with the level, for its owner only."""
    assert world.pairs.stat().st_mode & 0o777 == 0o600
    with world.pairs.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    standing = {(line["row"], line["record_id"]): line["standing"] for line in lines}
    assert standing["1", "r-a"] == "reference" and standing["2", "r-b"] == "normalised_url"
    assert standing["3", "r-c"] == standing["3", "r-d"] == "message"
    assert standing["4", "r-e"] == "no_clock" and standing["", "r-e"] == "reminded"
    assert standing["", "r-g"] == "not_listed" and standing["8", ""] == "unknown"
    assert Counter(line["row"] for line in lines) == {"": 2, "3": 2} | dict.fromkeys("1245678", 1) | {"9": 1}
    assert not any(record in json.dumps(world.document) for record in ("r-a", "N-1"))


def test_nothing_of_a_url_is_found_anywhere(world: World, tree_of: Callable[[Path], dict[str, bytes]]) -> None:
    """Not in the store, the rejects, the pairs, the text, nor in the message for a broken list."""
    ran = world.monitor.run("reconcile", world.received, "2026H1", "--provider", "as64500", "-v")
    assert ran.status == 3 and "as64500" in ran.out
    header = f"https://{STEM}.example/a,received_at,url\n"
    broken = world.received.with_name("broken.csv")
    broken.write_text(header, encoding="utf-8")
    said = world.monitor.run("reconcile", broken, "--provider", "as64500")
    assert said.status == 1 and "column 1" in said.err
    printed = ran.out + ran.err + said.out + said.err + json.dumps(world.document) + world.pairs.read_text()
    assert STEM not in printed.lower()
    assert not [name for name, content in tree_of(world.monitor.data).items() if STEM.encode() in content.lower()]


def test_the_audit_log_says_whose_list_by_its_hash(world: World) -> None:
    """Who, which provider, which file, and the counts; nothing else in the store has changed."""
    audited = "SELECT actor, subject, reason FROM audit WHERE action = 'reconcile' ORDER BY id"
    actor, subject, reason = world.monitor.rows(audited)[0]
    kinds = world.monitor.rows("SELECT kind FROM inputs ORDER BY id")
    assert (actor, subject) == ("clerk", f"provider as64500, list {world.document['sha256']}")
    assert "request 5 of 7 listed" in reason
    assert kinds == [("reports",), ("checks",)]


def test_the_order_of_the_rows_changes_no_figure(world: World) -> None:
    """The same list from behind gives the same document, but for the file's hash."""
    turned = _write(world.received.with_name("turned.csv"), RECEIVED[::-1])
    again = world.monitor.json("reconcile", turned, "--provider", "as64500", status=3)
    different = ("sha256", "rejects_file")
    assert {k: v for k, v in again.items() if k not in different} == {
        k: v for k, v in world.document.items() if k not in different
    }


def test_a_notice_whose_time_was_corrected_is_found_by_its_own_reference(
    world: World, make: Callable[..., Any]
) -> None:
    """Not by that of a reminder that is nearer to that time; in the freeze from before the correction too."""
    monitor = make("retimed", CONFIG)
    copied(world.monitor.data, monitor.data, dirs_exist_ok=True)
    (before,) = (path.name[-8:] for path in (monitor.data / "frozen").glob("2026H1-*"))
    said = ("--by", "clerk", "--why", "the clock was off")
    listed = _write(world.received.with_name("one.csv"), [("N-5", "", _time(90.5), "")])
    reconcile = ("reconcile", listed, "2026H1", "--provider", "as64500")
    *_, after, old = monitor.documents(
        ("correct", "notice", "r-e", "--ref", "N-5", "--at", _time(90), *said),
        ("freeze", "2026H1"),
        reconcile,
        (*reconcile, "--freeze", before),
    )
    for document, delay in ((after, 0.5), (old, 42.5)):
        (clock,) = document["clocks"]
        assert (clock["ours"]["levels"]["reference"], clock["delay"]["median_hours"]) == (1, delay)


def test_the_list_of_another_provider_is_asked_about(world: World) -> None:
    """Nothing of it matches a notice to Beta but the one on Beta's own URL; a list of strangers matches none."""
    strange = _write(world.received.with_name("strange.csv"), [("S-1", "https://elders.example/a", _time(3), "")])
    ran = world.monitor.run("reconcile", strange, "--provider", "as64501")
    assert ran.status == 0 and "is it the list of that provider" in ran.err
    beta = world.monitor.run("reconcile", world.received, "--provider", "as64501")
    assert beta.status == 3 and "is it the list" not in beta.err and "listed 1 (by exact url 1)" in beta.out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--provider", "as64999"), 1, "No provider with that id"),
        ((), 2, "No provider was given"),
        (("--provider", "as64500", "--tolerance", "-1"), 2, "--tolerance"),
        (("--provider", "as64500", "--freeze", "00000000"), 1, "no such freeze"),
        (("--provider", "as64500", "--timezone", "Mars"), 2, "--timezone"),
    ],
)
def test_wrong_words_are_one_line(world: World, words: tuple[str, ...], status: int, said: str) -> None:
    """Nothing on standard output."""
    ran = world.monitor.run("reconcile", world.received, *words)
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (status, "", 1) and said in ran.err

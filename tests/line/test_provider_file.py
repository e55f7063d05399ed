"""`monitor provider-file`: its rows add up to what is published, and hold nothing of anybody else."""

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from pathlib import Path
from statistics import median
from typing import Any

import pyrage
import pytest

from monitor import provider_files
from monitor.config import load_settings
from monitor.handover.seal import public_keys
from monitor.handover.tally import COUNTS
from monitor.model.period import Period
from monitor.store import list_audit
from tests.engines import copied, store_of

PERIOD = Period.parse("2026H1")
ALPHA, BETA, GAMMA = "as64500", "as64501", "as64502"
PROVIDERS = {
    ALPHA: ("Alpha Hosting", "192.0.2.0/25"),
    BETA: ("Beta Hosting", "192.0.2.128/25"),
    "as64503": ("Delta Networks", "203.0.113.0/25"),
    "as64504": ("Alpha Hosting", "203.0.113.128/25"),
}
Table = list[dict[str, str]]


@dataclass(frozen=True)
class Opened:
    """What the receiver sees."""

    made: provider_files.Made
    files: dict[str, bytes]

    def table(self, name: str) -> Table:
        return list(csv.DictReader(io.StringIO(self.files[f"{name}.csv"].decode(), newline="")))

    @property
    def text(self) -> str:
        return "\n".join(content.decode() for content in self.files.values())

    def row(self, record: str, clock: str = "request") -> dict[str, str]:
        (found,) = [row for row in self.table("rows") if (row["record_id"], row["clock"]) == (record, clock)]
        return found

    def checks(self, record: str) -> Table:
        return [check for check in self.table("checks") if check["row"] == self.row(record)["row"]]


@dataclass(frozen=True)
class Desk:
    """Makes files of one data folder, for one receiver."""

    data: Path
    out: Path
    identity: Any

    def file(self, provider: str, **said: Any) -> Opened:
        keys = public_keys([str(self.identity.to_public())])
        out = self.out / f"{len(list(self.out.glob('*')))}.age"
        asked = provider_files.Asked(provider, PERIOD, None, keys, "clerk", "asked for by counsel", out, **said)
        with store_of(self.data) as db:
            made = provider_files.provider_file(db, load_settings(self.data, None), asked)
        archive = zipfile.ZipFile(io.BytesIO(pyrage.decrypt(out.read_bytes(), [self.identity])))
        return Opened(made, {name: archive.read(name) for name in archive.namelist()})


def _desk(data: Path, out: Path) -> Desk:
    out.mkdir(exist_ok=True)
    return Desk(data, out, pyrage.x25519.Identity.generate())


@pytest.fixture(scope="module")
def desk(line: Any, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The hand-made cases, frozen; a copy of its own, because every file is on the audit log."""
    folder = tmp_path_factory.mktemp("desk")
    copied(line.monitor.data, folder / "data")
    return _desk(folder / "data", folder / "out")


@pytest.fixture(scope="module")
def files(desk: Desk) -> dict[str, Opened]:
    """Everybody's file."""
    return {provider: desk.file(provider) for provider in (*PROVIDERS, GAMMA)}


def _published(line: Any) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Provider, role, clock and Scorecard of every Ranking."""
    for said, role, clock in (
        ("rank", "network", "request"),
        ("order", "network", "order"),
        ("proxy", "proxy", "request"),
    ):
        for card in line.said[said]["scorecards"]:
            yield card["provider_id"], role, clock, card


# --- the figures ----------------------------------------------------------------------------------------------


def _mine(opened: Opened, role: str, clock: str) -> Table:
    return [row for row in opened.table("rows") if (row["role"], row["clock"]) == (role, clock)]


def test_every_count_of_every_scorecard_is_the_sum_of_its_column(line: Any, files: dict[str, Opened]) -> None:
    """As the README says: the lines of the role and clock, added up, are what `rank` shows, for everybody."""
    n_cards = 0
    for provider, role, clock, card in _published(line):
        rows = _mine(files[provider], role, clock)
        sums = {name: sum(float(row[name]) for row in rows) for name in COUNTS}
        assert sums == pytest.approx({name: card[name] for name in COUNTS}), (provider, role, clock)
        moved = [m for m in files[provider].table("moved_in") if (m["role"], m["clock"]) == (role, clock)]
        assert len(moved) == card["moved_in"]
        n_cards += 1
    assert n_cards == 6


def _within(row: dict[str, str], hours: float) -> tuple[bool, bool]:
    """The worst and best case of a line, by the words of the README."""
    left = float(row["left_hours"])
    right = float(row["right_hours"]) if row["right_hours"] else float("inf")
    taken = row["end"] == "takedown" or (row["clock"] == "order" and row["end"] == "domain")
    gap = row["gap_at_notice"] == "1"
    stated = float(row["norm_hours"]) if row["norm_hours"] else None
    least, most = (stated, 12.0 if stated is None else stated) if row["clock"] == "order" else (hours, hours)
    worst = taken and least is not None and right <= least and not gap
    best = gap or ((taken or row["end"] == "censored") and (left < most or right <= most))
    return worst, best


def test_the_bounds_follow_from_the_intervals_alone(line: Any, files: dict[str, Opened]) -> None:
    """Worst and best case, worked out from `end`, hours and gap of each line, are the Scorecard's and the line's."""
    n_episodes = 0
    for provider, role, clock, card in _published(line):
        rows = [row for row in _mine(files[provider], role, clock) if row["status"] == "episode"]
        cases = [_within(row, 24.0) for row in rows]
        if rows:
            assert sum(worst for worst, _ in cases) / len(rows) == pytest.approx(card["within_norm_worst"])
            assert sum(best for _, best in cases) / len(rows) == pytest.approx(card["within_norm_best"])
        words = ["yes" if worst else "cannot be said" if best else "no" for worst, best in cases]
        assert [row["within_norm"] for row in rows] == words
        n_episodes += len(rows)
    assert n_episodes > 25


def test_the_delay_is_the_median_of_the_times(line: Any, files: dict[str, Opened]) -> None:
    """Hours from report to notice over the Episodes, two in these cases but for some, give the Scorecard's median."""
    for provider, role, clock, card in _published(line):
        hours = [
            (datetime.fromisoformat(row["notified_at"]) - datetime.fromisoformat(row["reported_at"])).total_seconds()
            for row in _mine(files[provider], role, clock)
            if row["n_episodes"] == "1"
        ]
        found = median(hours) / 3600 if hours else None
        assert card["report_to_notice_median_hours"] == (found if found is None else pytest.approx(found))


def test_the_file_says_itself_that_its_figures_follow(files: dict[str, Opened]) -> None:
    """No figure is off, every line is as frozen, and the Scorecard in the file is the one of `figures.csv`."""
    for provider, opened in files.items():
        assert opened.made.counts.figures_off == (), provider
        assert {line["same"] for line in opened.table("figures")} == {"true"}
        assert {row["facts"] for row in opened.table("rows")} == {"as frozen"}
        cards = json.loads(opened.files["scorecards.json"])["scorecards"]
        assert {card["scorecard"]["provider_id"] for card in cards} == {provider}


# --- a line and what stands behind it -------------------------------------------------------------------------


def test_a_line_has_its_notice_url_address_and_checks(files: dict[str, Opened]) -> None:
    """a01: told at noon, online at +1 h, gone at +10 h, at 192.0.2.1 in the prefix of AS64500."""
    row, checks = files[ALPHA].row("a01"), files[ALPHA].checks("a01")
    assert row["url"] == "https://one.alpha.example/a01/picture.jpg"
    assert (row["address"], row["asn"], row["notified_at"]) == ("192.0.2.1", "64500", "2026-03-02T12:00:00Z")
    assert (row["left_at"], row["right_at"]) == ("2026-03-02T13:00:00Z", "2026-03-02T22:00:00Z")
    assert [(check["hours"], check["outcome"], check["address"]) for check in checks] == [
        ("1.0", "online", "192.0.2.1"), ("10.0", "offline", "192.0.2.1"), ("20.0", "offline", "192.0.2.1"),
    ]  # fmt: skip
    assert [check["note"] for check in checks] == ["last online before the end", "first offline: the takedown", ""]
    assert {check["rule"] for check in checks} == {"recorded-trusted-1"}
    assert all(check["rule_in_words"] for check in checks)
    (address,) = [each for each in files[ALPHA].table("addresses") if each["row"] == row["row"]]
    assert (address["prefix"], address["origin_asns"]) == ("192.0.2.0/25", "64500")
    assert (address["routing_table"], len(address["routing_table_sha256"])) == ("2025-06-01", 64)


def test_the_checks_from_the_notice_on_are_as_many_as_the_line_says(files: dict[str, Opened]) -> None:
    """`n_checks` is the number of listed checks at or after the notice, wherever nothing was seen at anybody else's."""
    n_compared = 0
    for opened in files.values():
        for row in opened.table("rows"):
            if row["moved_to"] or row["flaps"] != "0" or row["status"] not in ("episode", "before_notice"):
                continue
            listed = [c for c in opened.table("checks") if c["row"] == row["row"] and float(c["hours"]) >= 0]
            assert len(listed) == int(row["n_checks"]), row["record_id"]
            n_compared += 1
    assert n_compared > 20


def test_a_withheld_path_is_the_host_alone_and_a_bracket_is_said(files: dict[str, Opened]) -> None:
    """a21 has a host and the hotline's own times."""
    row = files[ALPHA].row("a21")
    assert (row["url"], row["path_withheld"]) == ("www.a21.example", "true")
    assert [(c["kind"], c["rule"]) for c in files[ALPHA].checks("a21")] == [("bracket", "bracket-1")] * 2


def test_rows_that_are_no_episodes_are_there_with_their_reason(files: dict[str, Opened]) -> None:
    """Gone before the notice, four that did not arrive, one that told somebody else: each in its own count."""
    counted = {
        "a07": "gone_before_notice",
        "a10": "undelivered_bounced",
        "a11": "undelivered_refused",
        "a12": "undelivered_no_contact",
        "a13": "undelivered_our_fault",
        "a14": "misaddressed",
    }
    for record, name in counted.items():
        row = files[ALPHA].row(record)
        assert (row[name], row["n_episodes"], row["within_norm"]) == ("1", "0", ""), record


def test_an_order_has_its_own_deadline_on_its_own_clock(files: dict[str, Opened]) -> None:
    """a17 allowed 6 hours; a18 states none."""
    rows = [files[ALPHA].row(record, "order") for record in ("a17", "a18")]
    assert [(row["norm_hours"], row["within_norm"]) for row in rows] == [("6.0", "yes"), ("", "cannot be said")]


def test_a_known_origin_is_shown_as_the_address_and_a_literal_too(files: dict[str, Opened]) -> None:
    """b02 is booked by the origin behind the proxy; b01 has an IPv6 literal in its URL."""
    assert files[BETA].row("b02")["address"] == "192.0.2.140"
    assert files[BETA].row("b02")["attribution_basis"] == "origin"
    assert files[BETA].row("b01")["address"] == "2001:db8:b::1"


def test_a_return_is_listed_with_what_it_is(files: dict[str, Opened]) -> None:
    """a23 came back 300 h after the notice, after more than seven days: counted, and the check says so."""
    assert files[ALPHA].row("a23")["recurrences"] == "1"
    assert files[ALPHA].checks("a23")[-1]["note"] == "online again after the end"


# --- nothing of anybody else ----------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_other_provider_is_named_and_no_address_of_theirs_is_there(files: dict[str, Opened], provider: str) -> None:
    """Of the others neither id, name, AS number nor any address, though material moved between them."""
    name, network = PROVIDERS[provider]
    text = files[provider].text
    for other, (called, _) in PROVIDERS.items():
        if other != provider:
            assert other not in text
            assert called == name or called not in text
    assert "Gamma Shield" not in text
    for cell in ("rows", "checks", "addresses", "moved_in"):
        for row in files[provider].table(cell):
            for one in row.get("address", "").split():
                assert ip_address(one) in ip_network(network) or one.startswith("2001:db8:b:"), (cell, row)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_url_is_one_of_its_own_rows(files: dict[str, Opened], line: Any, provider: str) -> None:
    """The hosts of all other records (of other providers, withdrawn, unattributed) are nowhere in the file."""
    mine = {row["record_id"] for row in files[provider].table("rows")}
    others = {name for name in _all_records(line) if name not in mine and name.rstrip("b") not in mine}
    assert len(others) > 10
    text = files[provider].text
    assert not [name for name in others if f"/{name}/" in text or f"www.{name}.example" in text or f",{name}," in text]


def _all_records(line: Any) -> set[str]:
    cases = Path(__file__).with_name("cases.txt").read_text(encoding="utf-8").splitlines()
    return {case.split("|")[0].strip() for case in cases if case and not case.startswith("#")}


def test_a_reminder_is_no_row_and_its_record_is_not_in_it(files: dict[str, Opened]) -> None:
    """a20b was a second report on a20's URL: one line, with the checks of both."""
    assert len(files[ALPHA].checks("a20")) == 3
    assert "a20b" not in files[ALPHA].text


def test_a_move_says_that_there_is_another_provider_and_not_which(files: dict[str, Opened]) -> None:
    """a08 went to Beta: Alpha sees when it was first elsewhere, no address, and nothing that was seen there later."""
    row, checks = files[ALPHA].row("a08"), files[ALPHA].checks("a08")
    assert (row["end"], row["moved_to"]) == ("move", "another provider")
    assert [(c["hours"], c["held_by"], c["address"]) for c in checks] == [
        ("2.0", "this provider", "192.0.2.8"), ("12.0", "another provider", ""),
    ]  # fmt: skip


def test_what_moved_in_is_a_time_and_an_own_address(files: dict[str, Opened]) -> None:
    """Beta sees when material turned up at 192.0.2.138, and neither its URL nor whose it was."""
    (moved,) = files[BETA].table("moved_in")
    assert moved == {
        "role": "network", "clock": "request", "seen_at": "2026-03-05T00:00:00Z", "address": "192.0.2.138",
    }  # fmt: skip


def test_a_notice_to_somebody_else_shows_neither_whom_nor_its_reference(files: dict[str, Opened]) -> None:
    """a14 was at Alpha, and Beta was told: Alpha sees that another provider was."""
    row = files[ALPHA].row("a14")
    assert (row["addressee"], row["notice_reference"], row["status"]) == ("another provider", "", "misaddressed")
    assert files[BETA].row("b03")["addressee"] == "beta hosting"


def test_an_addressee_that_nobody_knows_is_not_named_either(
    line: Any, make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """Its name can be a person's, and its reference is not this provider's."""
    monitor = make("strange")
    copied(line.monitor.data, monitor.data)
    told = {"notified_party": "J. Planted", "notice_ref": "PLANTED-REF", "notified_capacity": "hosting"}
    times = {"reported_at": "2026-03-02T13:00:00Z", "notified_at": "2026-03-02T14:00:00Z"}
    at = {"record_id": "planted-1", "source": "hotline", "url": "https://planted.example/x.jpg", "ip": "192.0.2.99"}
    monitor.documents(("import", csv_file(tmp_path / "planted.csv", [{**at, **times, **told}])), ("freeze", "2026H1"))
    opened = _desk(monitor.data, tmp_path / "out").file(ALPHA)
    row = opened.row("planted-1")
    assert (row["addressee"], row["addressee_match"], row["status"]) == (
        "another party",
        "unrecognised",
        "misaddressed",
    )
    assert not [planted for planted in ("J. Planted", "PLANTED-REF") if planted in opened.text]


def test_a_reverse_proxy_gets_its_own_rows(files: dict[str, Opened]) -> None:
    """Gamma's file is in the role proxy, with its own address and the mark that it is one."""
    rows = files[GAMMA].table("rows")
    assert [(row["role"], row["record_id"], row["address"]) for row in rows] == [("proxy", "p01", "198.51.100.10")]
    assert files[GAMMA].table("addresses")[0]["reverse_proxy"] == "true"


# --- what is left behind --------------------------------------------------------------------------------------


def test_the_audit_log_says_who_why_for_which_key_and_which_file(desk: Desk) -> None:
    """One row a file: the Provider, the dataset, the counts, the hash of the file, the key's fingerprint; no URL."""
    opened = desk.file(BETA)
    with store_of(desk.data) as db:
        entry = list_audit(db)[-1]
    sealed = opened.made.sealed
    assert (entry.action, entry.actor, entry.reason) == ("provider-file", "clerk", "asked for by counsel")
    assert sha256(sealed.path.read_bytes()).hexdigest() in entry.subject
    assert sha256(str(desk.identity.to_public()).encode()).hexdigest() in entry.subject
    assert f"{opened.made.counts.rows} rows" in entry.subject
    assert BETA in entry.subject
    assert "example" not in entry.subject


def test_nothing_in_the_clear_is_left_in_any_folder(
    desk: Desk, make: Callable[..., Any], tree_of: Callable[[Path], dict[str, bytes]]
) -> None:
    """The program as a user runs it: what it printed and every file of data, output and temporary folder."""
    monitor = make("run")
    copied(desk.data, monitor.data)
    out = monitor.cwd / "for-alpha.age"
    ran = monitor.run(
        "provider-file", ALPHA, "2026H1", "--to", desk.identity.to_public(), "--reason", "x", "--out", out
    )
    assert ran.status == 0, ran.err
    plain = zipfile.ZipFile(io.BytesIO(pyrage.decrypt(out.read_bytes(), [desk.identity])))
    assert b"one.alpha.example" in plain.read("rows.csv")
    written = {**tree_of(monitor.data), **tree_of(monitor.cwd), **tree_of(Path(monitor.env["TMPDIR"]))}
    written |= {"out": ran.out.encode(), "err": ran.err.encode()}
    for secret in (b"alpha.example", b"www.a04.example", b"picture.jpg", b"README.md", b"rows.csv"):
        assert not [name for name, content in written.items() if secret in content]
    assert out.stat().st_mode & 0o777 == 0o600
    assert len(list(monitor.cwd.iterdir())) == 1


def test_wrong_words_are_one_line_and_leave_nothing(desk: Desk, make: Callable[..., Any]) -> None:
    """A bad key, none, no reason, an unknown provider, a taken name, a reason with a URL in it: nothing is written."""
    monitor = make("wrong")
    copied(desk.data, monitor.data)
    (monitor.cwd / "taken.age").write_bytes(b"mine")
    key, reason = ("--to", str(desk.identity.to_public())), ("--reason", "x")
    before = _n_audit(monitor.data)
    ended = monitor.ended(
        ("provider-file", ALPHA, "2026H1", "--to", "age1marked", *reason),
        ("provider-file", ALPHA, "2026H1", *reason),
        ("provider-file", ALPHA, "2026H1", *key),
        ("provider-file", "as64999", "2026H1", *key, *reason),
        ("provider-file", ALPHA, "2026H1", *key, *reason, "--out", monitor.cwd / "taken.age"),
        ("provider-file", ALPHA, "2026H1", *key, "--reason", "http://marked.example/a"),
        ("provider-file", ALPHA, "2026H1", *key, *reason, "--period", "2026H1"),
        ("provider-file", ALPHA, "2024H1", *key, *reason),
    )
    assert [ran.status for ran in ended] == [1, 1, 2, 1, 1, 2, 2, 1]
    assert all(ran.out == "" and len(ran.err.strip().splitlines()) == 1 and "marked" not in ran.err for ran in ended)
    assert _n_audit(monitor.data) == before
    assert (monitor.cwd / "taken.age").read_bytes() == b"mine"
    assert not (monitor.data / provider_files.FOLDER).exists()


def _n_audit(data: Path) -> int:
    with store_of(data) as db:
        return len(list_audit(db))


# --- facts that are not what they were ------------------------------------------------------------------------


@pytest.fixture
def changed(line: Any, make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path) -> Opened:
    """Alpha's file after the freeze, when a further check, somebody else's report and a decision came in."""
    monitor = make("changed")
    copied(line.monitor.data, monitor.data)
    late = {"record_id": "a01", "source": "hotline", "checked_at": "2026-03-03T00:00:00Z", "outcome": "online"}
    planted = {
        "record_id": "planted-1",
        "source": "press",
        "url": "https://three.alpha.example/a03/picture.jpg",
        "reported_at": "2026-03-02T13:00:00Z",
        "notified_at": "2026-03-02T14:00:00Z",
        "notice_ref": "PLANTED-REF",
        "notice_sender": "planted sender",
        "notified_party": "Planted Beheer",
        "ip": "192.0.2.140",
    }
    monitor.documents(
        ("import", csv_file(tmp_path / "planted.csv", [planted])),
        ("import", csv_file(tmp_path / "late.csv", [{**late, "ip": "192.0.2.1", "reason": ""}])),
        ("providers", "override", BETA, "--record", "a02", "--by", "clerk", "--why", "it was told so"),
    )
    return _desk(monitor.data, tmp_path / "out").file(ALPHA)


def test_a_changed_fact_is_said_and_the_figures_stay(changed: Opened, files: dict[str, Opened]) -> None:
    """a01 was found online later, a02 is somebody else's now: both lines are as frozen and say what would differ."""
    before = files[ALPHA]
    for record, column in (("a01", "right_hours"), ("a02", "provider_id")):
        row = changed.row(record)
        assert row["facts"] == "changed since the freeze"
        assert column in row["changed"].split()
        frozen = before.row(record)
        same = ("status", "end", "left_hours", "right_hours", "within_norm", "n_episodes", "url")
        assert [row[name] for name in same] == [frozen[name] for name in same]
    assert changed.row("a03")["facts"] == "as frozen"
    assert changed.made.counts.changed == 2
    assert changed.made.counts.figures_off == ()
    assert changed.row("a02")["address"] == "192.0.2.2"  # its own by every table, whatever a person decided


def test_a_corrected_notice_says_what_was_stated_and_why(
    line: Any, make: Callable[..., Any], files: dict[str, Opened], tmp_path: Path
) -> None:
    """Before the next freeze the line is as frozen and says what would differ; after it, what holds is in its place."""
    monitor = make("corrected")
    copied(line.monitor.data, monitor.data)
    stated = files[ALPHA].row("a03")["notified_at"]
    later = (datetime.fromisoformat(stated) + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
    why = ("--by", "clerk", "--why")
    monitor.documents(
        ("correct", "notice", "a03", "--at", later, *why, "the clock was off"),
        ("correct", "notice", "a01", "--status", "bounced", *why, "the mailbox was full"),
    )
    desk = _desk(monitor.data, tmp_path / "out")
    before = desk.file(ALPHA)
    row = before.row("a03")
    assert (row["notified_at"], row["stated_at"], row["stated_status"]) == (stated, stated, "")
    assert row["notice_reference"] == files[ALPHA].row("a03")["notice_reference"]
    assert row["correction_reason"] == "the clock was off"
    assert "notified_at" in row["changed"].split()
    assert (before.row("a01")["stated_at"], before.row("a01")["stated_status"]) == ("", "unknown")
    assert before.row("a02")["correction_reason"] == ""
    monitor.json("freeze", "2026H1")
    after = desk.file(ALPHA)
    row = after.row("a03")
    assert (row["facts"], row["notified_at"], row["stated_at"]) == ("as frozen", later, stated)
    row = after.row("a01")
    assert (row["facts"], row["notice_status"], row["stated_status"]) == ("as frozen", "bounced", "unknown")
    assert after.made.counts.figures_off == before.made.counts.figures_off == ()


def test_another_partys_report_about_the_same_url_is_not_in_it(changed: Opened) -> None:
    """A second hotline told somebody else of a03's URL: its record, reference, sender, addressee are not there."""
    assert changed.row("a03")["url"] == "https://three.alpha.example/a03/picture.jpg"
    for planted in ("planted-1", "PLANTED-REF", "planted sender", "Planted Beheer", "192.0.2.140"):
        assert planted not in changed.text


def test_a_record_that_is_gone_is_said_and_its_figures_stay(
    line: Any, make: Callable[..., Any], inputs: Any, tmp_path: Path
) -> None:
    """Another store without the reports: every line is there with its frozen figures, nothing stands beside it."""
    monitor = make("empty")
    monitor.json("refdata", "import", *inputs.tables)
    shutil.copytree(line.monitor.data / "frozen", monitor.data / "frozen")
    opened = _desk(monitor.data, tmp_path / "out").file("as64503")
    rows = opened.table("rows")
    assert {row["facts"] for row in rows} == {"no longer in the store"}
    assert {(row["url"], row["address"], row["notice_reference"]) for row in rows} == {("", "", "")}
    assert opened.made.counts.figures_off == ()
    assert opened.table("checks") == []


def test_a_name_finds_the_provider_and_the_newest_freeze_is_the_default(desk: Desk, make: Callable[..., Any]) -> None:
    """Without a period and --out: the newest freeze, and a file in the data folder that only its owner reads."""
    monitor = make("default")
    copied(desk.data, monitor.data)
    said = monitor.json("provider-file", "Beta Hosting", "--to", desk.identity.to_public(), "--reason", "x")
    path = Path(said["path"])
    assert path.parent == monitor.data / provider_files.FOLDER
    assert (said["provider_id"], said["period"], said["missing"], said["figures_off"]) == (BETA, "2026H1", 0, [])
    assert said["digest"] == sha256(path.read_bytes()).hexdigest()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)

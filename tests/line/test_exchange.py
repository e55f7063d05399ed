"""`monitor exchange` between two real stores: a hotline and an authority, each with its own keys and records."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
import pytest

from monitor.handover.exchange_document import canonical
from monitor.handover.identity import opened, read_identity, write_identity
from monitor.handover.seal import public_keys, write_sealed
from monitor.store.key_file import KeyRole, read_ring, replace_ring, ring_for
from monitor.store.rotating import split
from tests.engines import Engine, copied, engine_of, store_of
from tests.line.conftest import Monitor, Ran, dump, tree, write_csv

STEM, ID_STEM, SOURCE = "zq7xk9mw", "rec5wv8", "meldpuntzq"
URL = f"https://{STEM}.example/{STEM}/a.jpg"
SPELLED = f"HTTPS://{STEM.upper()}.example:443/{STEM}/./a.jpg#top"
UNKNOWN = f"https://{STEM}-other.example/b"
HOTLINE_ROWS = [
    {
        "record_id": f"{ID_STEM}-1",
        "source": SOURCE,
        "url": URL,
        "reported_at": "2026-03-02T08:00:00Z",
        "notified_at": "2026-03-02T09:00:00Z",
        "notice_status": "delivered",
        "notice_channel": "email",
        "notice_ref": f"mail {ID_STEM}",
        "notice_sender": "Meldpunt",
        "notified_party": "Alpha Hosting",
        "notified_capacity": "hosting",
    },
    {
        "record_id": f"{ID_STEM}-2",
        "source": SOURCE,
        "url": UNKNOWN,
        "reported_at": "2026-03-02T08:00:00Z",
        "notified_at": "2026-03-02T09:30:00Z",
        "notified_party": f"abuse@{STEM}.example",
    },
    {
        "record_id": f"{ID_STEM}-3",
        "source": SOURCE,
        "host": f"hidden-{STEM}.example",
        "reported_at": "2026-03-02T08:00:00Z",
    },
]
AUTHORITY_ROWS = [
    {
        "record_id": "dossier-7",
        "source": "authority",
        "url": SPELLED,
        "reported_at": "2026-03-03T08:00:00Z",
        "notified_at": "2026-03-03T09:00:00Z",
        "notice_kind": "order",
        "deadline_hours": "12",
        "notified_party": "Alpha Hosting",
        "notified_capacity": "hosting",
    },
]


@dataclass(frozen=True)
class Side:
    """One organisation: its monitor, its secret age key, and everything its commands printed."""

    name: str
    monitor: Monitor
    folder: Path
    printed: list[Ran]

    @property
    def identity(self) -> Path:
        return self.folder / "age.txt"

    def ran(self, *words: object, status: int = 0) -> Ran:
        ran = self.monitor.run("exchange", *words)
        self.printed.append(ran)
        assert ran.status == status, ran.err[-2000:]
        return ran

    def json(self, *words: object) -> Any:
        ran = self.monitor.run("--json", "exchange", *words)
        self.printed.append(ran)
        assert ran.status == 0, ran.err[-2000:]
        return ran.document

    def take(self, path: Path, status: int = 0) -> Ran:
        return self.ran("import", path, "--identity", self.identity, status=status)

    def audit(self) -> list[tuple[Any, ...]]:
        return self.monitor.rows("SELECT action, subject, reason FROM audit WHERE action LIKE 'exchange%' ORDER BY id")

    def opened(self, path: Path) -> Any:
        with opened(path, [read_identity(self.identity)]) as plain:
            return json.loads(plain.read())


@dataclass(frozen=True)
class Two:
    """Both sides, linked, with one shared key."""

    hotline: Side
    authority: Side

    def send(self, *words: object, name: str = "sent.age") -> Path:
        """From the hotline to the authority."""
        out = self.hotline.folder / name
        self.hotline.ran("export", "atkm", *words, "--reason", "referral agreed", "--out", out)
        return out


def _side(name: str, monitor: Monitor, rows: list[dict[str, str]]) -> Side:
    folder = monitor.data.parent / f"{name}-files"
    folder.mkdir()
    write_identity(folder / "age.txt")
    monitor.json("import", write_csv(folder / "reports.csv", rows))
    return Side(name, monitor, folder, [])


def _on_sqlite(folder: Path) -> Monitor:
    """Another machine with a database of its own, whatever engine is under test."""
    (folder / "cwd").mkdir()
    (folder / "temporary").mkdir()
    env = {key: value for key, value in os.environ.items() if not key.startswith("MONITOR_")}
    env |= {"TMPDIR": str(folder / "temporary"), "COLUMNS": "500"}
    return Monitor(folder / "data", folder / "cwd", env)


@pytest.fixture(scope="session")
def linked(engine: Engine, once: Callable[..., Two], make: Callable[..., Monitor], tmp_path_factory: Any) -> Two:
    """Made once; not to be changed: use `two`."""
    return once(engine, "exchange", lambda: _linked(make("hotline"), _on_sqlite(tmp_path_factory.mktemp("authority"))))


def _linked(one: Monitor, other: Monitor) -> Two:
    """The hotline on the engine under test, the authority on SQLite."""
    hotline, authority = _side("offlimits", one, HOTLINE_ROWS), _side("atkm", other, AUTHORITY_ROWS)
    for side, known in ((hotline, authority), (authority, hotline)):
        age = read_identity(known.identity).public[0]
        side.ran("link", known.name, "--public", known.json("fingerprint")["public"], "--age", age)
    key = hotline.folder / "key.age"
    hotline.ran("key", "atkm", "--out", key)
    authority.ran("key", "offlimits", "--import", key, "--identity", authority.identity)
    return Two(hotline, authority)


@pytest.fixture
def two(linked: Two, make: Callable[..., Monitor], tmp_path: Path) -> Two:
    """Copies of both sides, keys included, to be changed at will."""
    return Two(_copy(linked.hotline, make("hotline")), _copy(linked.authority, _on_sqlite(tmp_path)))


def _copy(side: Side, monitor: Monitor) -> Side:
    copied(side.monitor.data, monitor.data)
    folder = monitor.data.parent / side.folder.name
    shutil.copytree(side.folder, folder)
    return Side(side.name, monitor, folder, [])


def test_both_sides_hold_one_key_and_neither_shows_it(two: Two) -> None:
    """Its digest is the same on both; to take it in twice, or to send it once more, changes nothing."""
    digests = {side.json("list")["links"][0]["key_digest"] for side in (two.hotline, two.authority)}
    assert len(digests) == 1
    again = two.hotline.folder / "again.age"
    assert not two.hotline.json("key", "atkm", "--out", again)["changed"]
    taken = two.authority.json("key", "offlimits", "--import", again, "--identity", two.authority.identity)
    assert (taken["changed"], {taken["key"]}) == (False, digests)
    secret = two.authority.opened(again)["document"]["shared_key"]
    printed = "".join(ran.out + ran.err for side in (two.hotline, two.authority) for ran in side.printed)
    assert secret not in printed


def test_a_case_goes_over_and_is_found_by_its_url_alone(two: Two) -> None:
    """Each side has its own record of it, spelled in its own way; requests, party, times and the note come through."""
    sent = two.send(f"{ID_STEM}-1", f"{ID_STEM}-2", "--referral", "--note", "Call the desk before noon")
    taken = two.authority.json("import", sent, "--identity", two.authority.identity)
    assert (taken["new"], taken["n_cases"], taken["known"], taken["link"]) == (True, 2, 1, "offlimits")
    by_known = {case["known"]: case for case in two.authority.json("list")["cases"]}
    assert by_known[True]["records"] == [{"source": "authority", "record_id": "dossier-7"}]
    assert by_known[False]["records"] == []
    shown = two.authority.json("show", by_known[True]["case"][:12])
    (statement,) = shown["statements"]
    assert (statement["purpose"], statement["note"]) == ("referral", "Call the desk before noon")
    (notice,) = statement["notices"]
    assert (notice["kind"], notice["status"], notice["channel"]) == ("request", "delivered", "email")
    assert (notice["party"], notice["capacity"], notice["notified_at"]) == (
        "Alpha Hosting",
        "hosting",
        "2026-03-02T09:00:00.000000Z",
    )
    text = two.authority.ran("show", by_known[True]["case"]).out
    assert "request 2026-03-02 09:00Z by email to Alpha Hosting (hosting): delivered" in text
    assert "our record dossier-7 of authority" in text


def test_an_order_comes_back_with_how_it_stands(two: Two) -> None:
    """The authority's answer names its own case; the hotline finds its own record behind it."""
    out = two.authority.folder / "answer.age"
    two.authority.ran("export", "offlimits", "dossier-7", "--reason", "as agreed", "--out", out)
    two.hotline.take(out)
    (case,) = two.hotline.json("list")["cases"]
    assert (case["known"], case["purpose"]) == (True, "status")
    assert case["records"] == [{"source": SOURCE, "record_id": f"{ID_STEM}-1"}]
    (order,) = two.hotline.json("show", case["case"])["statements"][0]["orders"]
    assert (order["capacity"], order["party_withheld"]) == ("hosting", False)
    assert (order["served_at"], order["deadline_at"], order["state"], order["result"]) == (
        "2026-03-03T09:00:00.000000Z",
        "2026-03-03T21:00:00.000000Z",
        "in force",
        "not established",
    )


def test_without_url_nothing_in_the_document_says_what_it_is_about(two: Two) -> None:
    """No URL, host, record id, source or reference; a party that gives the host away is withheld, and it says so."""
    sent = two.send(f"{ID_STEM}-1", f"{ID_STEM}-2", f"{ID_STEM}-3")
    document = two.authority.opened(sent)["document"]
    plain = canonical(document).lower()
    assert not [secret for secret in (STEM, ID_STEM, SOURCE) if secret.encode() in plain]
    parties = sorted((n["party"] or "", n["party_withheld"]) for case in document["cases"] for n in case["notices"])
    assert parties == [("", True), ("Alpha Hosting", False)]
    assert sorted(case["target_kind"] for case in document["cases"]) == ["host", "url", "url"]


def test_nothing_secret_lies_around_or_is_printed(two: Two) -> None:
    """Not in the sealed file, a folder, a log or a message, on either side; nor in the receiver's data."""
    sent = two.send(f"{ID_STEM}-2", f"{ID_STEM}-3")
    two.authority.take(sent)
    for side in (two.hotline, two.authority):
        side.ran("list")
        for case in side.json("list")["cases"]:
            side.ran("show", case["case"])
    printed = "".join(ran.out + ran.err for side in (two.hotline, two.authority) for ran in side.printed)
    assert STEM not in printed
    assert ID_STEM not in "".join(ran.out + ran.err for ran in two.authority.printed)
    assert STEM.encode() not in sent.read_bytes()
    data = two.authority.monitor.data
    for name, content in tree(data.parent).items():
        if name != "atkm-files/reports.csv":
            assert STEM.encode() not in content.lower(), name
            assert ID_STEM.encode() not in content, name


def test_a_url_travels_only_when_it_is_asked_for_and_both_audit_logs_say_so(two: Two) -> None:
    """With a reason on the way out; and shown on the other side with a reason alone."""
    two.hotline.ran("export", "atkm", f"{ID_STEM}-2", "--with-url", status=2)
    sent = two.send(f"{ID_STEM}-2", "--with-url")
    assert [row[:2] for row in two.hotline.audit()][-1][0] == "exchange export --with-url"
    assert f"record {ID_STEM}-2 of {SOURCE}" in two.hotline.audit()[-1][1]
    two.authority.take(sent)
    (case,) = two.authority.json("list")["cases"]
    assert (case["has_url"], case["known"]) == (True, False)
    two.authority.ran("show", case["case"], "--reveal", status=2)
    shown = two.authority.json("show", case["case"], "--reveal", "--reason", "to write an order")
    assert shown["url"] == UNKNOWN
    assert two.authority.audit()[-1] == (
        "exchange show --reveal",
        f"case {case['case']} from offlimits",
        "to write an order",
    )
    assert STEM.encode() not in b"".join(tree(two.authority.monitor.data).values()).lower()


def test_the_same_file_twice_changes_nothing_and_a_newer_state_is_one_fact_more(two: Two) -> None:
    """An older file that comes late is recognised, kept as a fact, and does not become the newest state."""
    first, second = (
        two.send(f"{ID_STEM}-1", "--note", note, name=f"{note}.age") for note in ("before noon", "after noon")
    )
    taken = two.authority.json("import", second, "--identity", two.authority.identity)
    assert (taken["new"], taken["older"]) == (True, False)
    before = dump(two.authority.monitor.data)
    again = two.authority.json("import", second, "--identity", two.authority.identity)
    assert (again["new"], dump(two.authority.monitor.data)) == (False, before)
    late = two.authority.json("import", first, "--identity", two.authority.identity)
    assert (late["new"], late["older"]) == (True, True)
    (case,) = two.authority.json("list")["cases"]
    assert case["n_statements"] == 2
    notes = [each["note"] for each in two.authority.json("show", case["case"])["statements"]]
    assert notes == ["before noon", "after noon"]


def test_what_was_received_enters_no_figure(two: Two) -> None:
    """No report, notice, check or Target comes of it."""
    tables = ("reports", "notices", "checks", "targets", "hosts", "records", "inputs")

    def counts() -> list[Any]:
        return [two.authority.monitor.rows(f"SELECT count(*) FROM {table}") for table in tables]

    before = counts()
    two.authority.take(two.send(f"{ID_STEM}-1", f"{ID_STEM}-2", "--with-url"))
    assert counts() == before


def test_a_received_url_past_its_term_is_forgotten_and_the_case_stays(two: Two) -> None:
    """By the day on which it came; its own reports have a term of their own."""
    two.authority.take(two.send(f"{ID_STEM}-2", "--with-url"))
    data, words = two.authority.monitor.data, ("forget", "--older-than", "5 years", "--class", "url")
    assert two.authority.monitor.json(*words, "--dry-run")["classes"][0]["due"] == 0
    engine_of(data).change(data, "UPDATE exchange_documents SET recorded_at = 0")
    assert two.authority.monitor.json(*words, "--reason", "past its term")["classes"][0]["forgotten"] == 1
    (case,) = two.authority.json("list")["cases"]
    assert case["has_url"]
    ran = two.authority.ran("show", case["case"], "--reveal", "--reason", "x", status=1)
    assert "forgotten" in ran.err


def test_who_may_open_no_urls_takes_cases_in_and_cannot_tell_which_are_known(two: Two) -> None:
    """With an operator's key file: known is null, never no; nothing is revealed and nothing sent."""
    data = two.authority.monitor.data
    with store_of(data) as db:
        split(db, lambda _done, _total: None)
    replace_ring(data, ring_for(read_ring(data), KeyRole.OPERATOR))
    sent = two.send(f"{ID_STEM}-1", "--with-url")
    assert two.authority.json("import", sent, "--identity", two.authority.identity)["known"] is None
    (case,) = two.authority.json("list")["cases"]
    assert (case["known"], case["records"]) == (None, [])
    assert "cannot tell" in two.authority.ran("list").out
    before = dump(data)
    for words in (
        ("show", case["case"], "--reveal", "--reason", "x"),
        ("export", "offlimits", "dossier-7", "--reason", "x"),
    ):
        assert "ask the hotline" in two.authority.ran(*words, status=1).err
    assert dump(data) == before


def _refused(side: Side, path: Path, words: str) -> None:
    """One line, exit status 1, and not one row changed."""
    before = dump(side.monitor.data)
    ran = side.take(path, status=1)
    assert words in ran.err
    assert (len(ran.err.strip().splitlines()), ran.out) == (1, "")
    assert STEM not in ran.err
    assert dump(side.monitor.data) == before


def test_a_file_that_was_changed_or_cut_short_is_refused(two: Two) -> None:
    """By one byte, or by its end."""
    content = two.send(f"{ID_STEM}-1").read_bytes()
    path = two.authority.folder / "broken.age"
    path.write_bytes(content[:-1])
    _refused(two.authority, path, "cut short")
    path.write_bytes(content[:-30] + bytes([content[-30] ^ 1]) + content[-29:])
    _refused(two.authority, path, "changed")


def test_a_file_for_somebody_else_is_refused(two: Two) -> None:
    """Sealed for another key; or sealed for ours, but written to another monitor."""
    sent = two.send(f"{ID_STEM}-1")
    _refused(two.hotline, sent, "another key")
    plain = canonical(two.authority.opened(sent))
    ours = public_keys(read_identity(two.hotline.identity).public)
    passed_on = write_sealed(two.hotline.folder / "passed-on.age", [plain], ours, lambda _: None).path
    _refused(two.hotline, passed_on, "written to another monitor")


def test_a_sender_whom_nobody_linked_is_refused(two: Two) -> None:
    """Whoever has our public keys can seal and sign; only who was linked is believed."""
    stranger = two.hotline.monitor
    (stranger.data / "signing.key").unlink()
    sent = two.send(f"{ID_STEM}-1")
    _refused(two.authority, sent, "whom nobody linked")


def test_a_document_with_a_wrong_signature_is_refused(two: Two) -> None:
    """The content was changed and sealed anew."""
    envelope = two.authority.opened(two.send(f"{ID_STEM}-1", "--note", "before noon"))
    envelope["document"]["cases"][0]["note"] = "never"
    ours = public_keys(read_identity(two.authority.identity).public)
    path = write_sealed(two.authority.folder / "forged.age", [canonical(envelope)], ours, lambda _: None).path
    _refused(two.authority, path, "signature does not fit")


def test_a_document_under_another_shared_key_is_refused(two: Two) -> None:
    """One side made a new key, and the other has not taken it in."""
    two.hotline.ran("key", "atkm", "--out", two.hotline.folder / "new.age", "--replace")
    _refused(two.authority, two.send(f"{ID_STEM}-1"), "another shared key")
    two.authority.ran(
        "key", "offlimits", "--import", two.hotline.folder / "new.age", "--identity", two.authority.identity, status=1
    )


def test_a_key_file_is_not_taken_for_cases_nor_cases_for_a_key(two: Two) -> None:
    """Each says which command it is for."""
    _refused(two.authority, two.hotline.folder / "key.age", "holds a key, not cases")
    sent = two.send(f"{ID_STEM}-1")
    ran = two.authority.ran("key", "offlimits", "--import", sent, "--identity", two.authority.identity, status=1)
    assert "holds cases, not a key" in ran.err


def test_bad_words_are_told_before_anything_is_written(two: Two) -> None:
    """No reason, no such record or link, a note with a URL, a file that is there, a secret key for a public one."""
    before = dump(two.hotline.monitor.data)
    out = two.hotline.folder / "taken.age"
    out.write_bytes(b"mine")
    for words, status, said in (
        (("export", "atkm", f"{ID_STEM}-1"), 2, "needs a reason"),
        (("export", "atkm", "nothing", "--reason", "x"), 1, "No report has that record id"),
        (("export", "nobody", f"{ID_STEM}-1", "--reason", "x"), 1, "No organisation of that name"),
        (("export", "atkm", f"{ID_STEM}-1", "--reason", "x", "--note", f"see {URL}"), 2, "--note holds"),
        (("export", "atkm", f"{ID_STEM}-1", "--reason", "x", "--out", out), 1, "there already"),
        (("link", "new", "--public", str(pyrage.x25519.Identity.generate())), 1, "no public signing key"),
        (("link", "../new", "--public", "x"), 2, "part of file names"),
        (("show", "12"), 1, "no name of a case"),
        (("show", "0123456789"), 1, "No case has"),
        (("key", "atkm"), 2, "Either make the key or take it in"),
        (("import", out), 2, "--identity"),
    ):
        ran = two.hotline.ran(*words, status=status)
        assert said in ran.err
        assert STEM not in ran.err
    assert out.read_bytes() == b"mine"
    assert dump(two.hotline.monitor.data) == before
    assert not (two.hotline.monitor.data / "exchange").exists()


def test_a_killed_export_leaves_no_half_file_and_the_next_one_works(two: Two) -> None:
    """Killed at some moments: no file that does not open, and each that is there is on the audit log."""
    for n, seconds in enumerate((0.3, 0.9, 1.2, 1.5)):
        out = two.hotline.folder / f"killed-{n}.age"
        two.hotline.monitor.kill(
            ("exchange", "export", "atkm", f"{ID_STEM}-1", "--reason", "agreed", "--out", out), seconds
        )
        if out.exists():
            two.authority.take(out)
    two.authority.take(two.send(f"{ID_STEM}-1"))
    n_logged = sum(action == "exchange export" for action, _, _ in two.hotline.audit())
    assert n_logged >= len(two.authority.json("list")["documents"])
    assert not list(two.hotline.folder.glob(".new-*"))

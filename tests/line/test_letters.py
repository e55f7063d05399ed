"""The register of letters as a clerk keeps it: approve, delivered, answer, close, and what is refused."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from pypdf import PdfReader

from monitor import approving, clock
from monitor.clock import JumpingClock
from monitor.errors import LetterError
from monitor.model.letter import Letter, Told
from monitor.publication.formats import Formats
from monitor.publication.texts import texts
from monitor.store import NewLetter, add_letter, list_audit
from monitor.store.letter_files import letter_folder
from tests.engines import store_of

WHO = ("--by", "Jo Tester")
TOLD = Told("ab" * 32, "below", 1234, 27, 0.48148, 0.3, 0.6596, 0.4444, 0.5185, 2)
SECRETS = ("https://zzmarked.example/path", "zzmarked.example", "192.0.2.77", "jo@zzmarked.example", "zzmarked[.]nl")
HAND = """[[change]]
action = "set"
subject = "as64500"
name = "Alpha Hosting"
by = "Jo"
why = "its register"
[[change]]
action = "set"
subject = "as64501"
natural_person = "yes"
by = "Jo"
why = "its register"
"""


@dataclass(frozen=True)
class Office:
    """The program, and letters drafted in its store as `letters draft` does it."""

    monitor: Any

    @property
    def data(self) -> Path:
        return Path(self.monitor.data)

    def draft(self, days_ago: float = 0, *, approved_by: str = "") -> Letter:
        """A letter with its documents; drafted, and approved where somebody is named, so many days ago."""
        then = clock.now() - timedelta(days=days_ago)
        on = then.date()
        new = NewLetter(
            "as64500", "Alpha Hosting", "2026H1", on, on + timedelta(days=30), 28, "Everyone shown.", TOLD, "MIN-", "Jo"
        )  # fmt: skip
        with clock.replaced(JumpingClock(then)), store_of(self.data) as store:
            letter = add_letter(store, new, write=lambda letter: written(self.data, letter))
            return approving.approve(store, "1", by=approved_by).letter if approved_by else letter

    def folder(self, letter: Letter) -> Path:
        return letter_folder(self.data, letter.letter_id)

    def audit(self) -> list[tuple[str, str]]:
        with store_of(self.data) as store:
            return [(entry.action, entry.actor) for entry in list_audit(store)]


def written(data: Path, letter: Letter) -> tuple[tuple[str, str], ...]:
    """The documents of a letter in its folder, as small as they can be."""
    folder = letter_folder(data, letter.letter_id)
    folder.mkdir(mode=0o700, parents=True)
    files = []
    for language in ("nl", "en"):
        path = folder / f"letter.{language}.docx"
        path.write_bytes(docx_of(text_of(letter, language)))
        path.chmod(0o600)
        files.append((path.name, sha256(path.read_bytes()).hexdigest()))
    (folder / "letter.nl.pdf").write_bytes(b"the PDF of the draft")
    return tuple(files)


def text_of(letter: Letter, language: str) -> str:
    writes, told = Formats(texts(language)), letter.told
    shares = (told.within_norm, told.within_norm_low, told.within_norm_high, told.within_norm_worst)
    figures = [writes.percent(share) for share in (*shares, told.within_norm_best)]
    counts = [writes.number(count) for count in (told.n_notices, told.n_episodes, told.rank)]
    lines = (letter.reference, writes.day(letter.dated), writes.day(letter.answer_by), *counts, *figures)
    return "\n".join(lines)


def docx_of(text: str) -> bytes:
    """A4, because python-docx starts with American paper."""
    made, content = Document(), BytesIO()
    made.core_properties.title = "Uw cijfers"
    made.sections[0].page_width, made.sections[0].page_height = Mm(210), Mm(297)
    for line in text.splitlines():
        made.add_paragraph(line)
    made.save(content)
    return content.getvalue()


@pytest.fixture
def office(make: Callable[..., Any], tmp_path: Path) -> Office:
    monitor, file = make("letters"), tmp_path / "providers.toml"
    file.write_text(HAND, encoding="utf-8")
    header = tmp_path / "header.csv"
    header.write_text("record_id,url,reported_at\n", encoding="utf-8")
    monitor.json("import", header)  # the registry's file begins no store
    monitor.json("providers", "import", file, "--by", "Im Porter")
    return Office(monitor)


def today() -> date:
    return datetime.now(UTC).date()


# --- the whole life -------------------------------------------------------------------------------------------


def test_a_letter_goes_from_its_draft_to_its_closing(office: Office, tmp_path: Path) -> None:
    """Each command says where the letter stands and what it waits for; the register has each step with who."""
    letter, reply = office.draft(), tmp_path / "reply.pdf"
    reply.write_bytes(b"%PDF-1.7 zzmarkedreply https://zzmarked.example/")
    day = today().isoformat()
    quote = "Wij hebben 24/7 gehandeld, en/of direct. Zie art. 5."
    said = office.monitor.documents(
        ("letters", "list"),
        ("letters", "approve", 1, *WHO),
        ("letters", "delivered", "min-2026h1-001", "--at", day, "--note", "Aangetekend verzonden.", *WHO),
        ("letters", "answer", 1, "--received", day, "--quote-text", quote, "--objection", "--document", reply, *WHO),
        ("letters", "close", 1, "--outcome", "corrected", "--note", "Two notices went to another party.", *WHO),
        ("letters", "show", 1),
        ("letters", "list", "2026H1"),
    )
    drafted, approved, delivered, answered, closed, shown, listed = said
    assert [each["waits_for"] for each in (drafted["letters"][0], approved, delivered, answered, closed)] == [
        "approval",
        "delivery",
        "an answer",
        "a decision on the objection",
        None,
    ]
    assert approved["warnings"] == []
    assert (delivered["due_on"], delivered["days_left"]) == (str(letter.answer_by), 30)
    assert answered["document"] == sha256(reply.read_bytes()).hexdigest()
    assert (closed["status"], closed["outcome"]) == ("closed", "corrected")
    assert [event["step"] for event in shown["events"]] == ["drafted", "approved", "delivered", "answered", "closed"]
    assert shown["events"][3]["answer"]["quote"] == quote
    assert shown["told"] == {
        "class": "below", "freeze": "ab" * 32, "n_notices": 1234, "n_episodes": 27, "within_norm": 0.48148,
        "within_norm_low": 0.3, "within_norm_high": 0.6596, "within_norm_worst": 0.4444, "within_norm_best": 0.5185,
        "rank": 2,
    }  # fmt: skip
    assert set(shown["files"].values()) == {"as approved"}
    assert listed["letters"][0]["answered_on"] == day
    assert office.audit()[-5:] == [
        ("letters drafted", "Jo"),
        *((f"letters {step}", "Jo Tester") for step in ("approved", "delivered", "answered", "closed")),
    ]


def test_approval_makes_the_pdfs_anew_from_what_the_clerk_left(office: Office) -> None:
    """The sentence that was added in Word is in the PDF; every file is recorded by its hash and read-only."""
    letter = office.draft()
    folder = office.folder(letter)
    path = folder / "letter.nl.docx"
    path.write_bytes(docx_of(f"{text_of(letter, 'nl')}\nWij danken u voor uw gesprek."))
    office.monitor.json("letters", "approve", 1, *WHO)
    pdf = PdfReader(folder / "letter.nl.pdf")
    assert "Wij danken u voor uw gesprek." in pdf.pages[0].extract_text()
    assert pdf.metadata is not None and pdf.metadata.title == "Uw cijfers"
    files = office.monitor.json("letters", "show", 1)["events"][1]["files"]
    assert files == {each.name: sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}
    assert set(files) == {"letter.nl.docx", "letter.nl.pdf", "letter.en.docx", "letter.en.pdf"}
    assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o400}


def test_a_file_that_changed_after_the_approval_is_shown(office: Office) -> None:
    """Whoever opens the register sees which one, and which is gone."""
    letter = office.draft(2, approved_by="Jo")
    path = office.folder(letter) / "letter.nl.pdf"
    path.chmod(0o600)
    path.write_bytes(b"another")
    (office.folder(letter) / "letter.en.pdf").unlink()
    (office.folder(letter) / "extra.txt").write_text("x")
    assert office.monitor.json("letters", "show", 1)["files"] == {
        "extra.txt": "not approved",
        "letter.en.docx": "as approved",
        "letter.en.pdf": "missing",
        "letter.nl.docx": "as approved",
        "letter.nl.pdf": "changed since it was approved",
    }


def test_what_a_person_should_look_at_is_said(office: Office) -> None:
    """Another page size, a threat that a ministry cannot make: warnings beside the result, on standard error too."""
    letter = office.draft()
    path = office.folder(letter) / "letter.nl.docx"
    made = Document(BytesIO(docx_of(f"{text_of(letter, 'nl')}\nWij kunnen u een dwangsom opleggen.")))
    made.sections[0].page_width = Mm(250)
    made.save(str(path))
    ran = office.monitor.run("--json", "letters", "approve", 1, *WHO)
    assert ran.status == 0, ran.err
    assert ran.document["warnings"] == [
        "letter.nl.docx: the PDF does not show: page size (every page is A4, upright)",
        "letter.nl.docx: threatens or claims a power? 'dwangsom'",
    ]
    assert "the PDF does not show: page size" in ran.err


# --- what approval refuses ------------------------------------------------------------------------------------


def _without(line: int) -> Callable[[str], str]:
    return lambda text: "\n".join(part for number, part in enumerate(text.splitlines()) if number != line)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (_without(0), "its reference"),
        (_without(1), "its date"),
        (_without(2), "the date for an answer"),
        (_without(4), "the number of Episodes"),
        (_without(6), "the share within the norm"),
        (lambda text: f"{text}\n[invullen]", "still to be filled in"),
    ],
)
def test_a_letter_that_no_longer_says_what_it_told_is_not_approved(
    office: Office, edit: Callable[[str], str], why: str
) -> None:
    """The file and what is wrong are named; nothing is changed, and the clerk can go on editing."""
    letter = office.draft()
    path = office.folder(letter) / "letter.en.docx"
    path.write_bytes(docx_of(edit(text_of(letter, "en"))))
    ran = office.monitor.run("letters", "approve", 1, *WHO)
    assert (ran.status, ran.out) == (1, "")
    assert "letter.en.docx cannot be approved" in ran.err and why in ran.err
    assert "drafted" in office.monitor.run("letters", "list").out
    assert path.stat().st_mode & 0o777 != 0o400
    assert (office.folder(letter) / "letter.nl.pdf").read_bytes() == b"the PDF of the draft"


def test_a_document_with_open_changes_open_in_word_or_gone_is_not_approved(office: Office) -> None:
    """Tracked changes are to be decided on, a document is to be closed, one that was drafted is to be there."""
    letter = office.draft()
    folder = office.folder(letter)
    path = folder / "letter.nl.docx"
    as_drafted = path.read_bytes()
    changed = Document(BytesIO(as_drafted))
    inserted = OxmlElement("w:ins")
    inserted.set(qn("w:author"), "zzmarked")
    inserted.append(changed.paragraphs[0].runs[0]._r)
    changed.paragraphs[0]._p.append(inserted)
    changed.save(str(path))
    first = office.monitor.run("letters", "approve", 1, *WHO)
    path.write_bytes(as_drafted)
    (folder / "~$tter.nl.docx").write_bytes(b"zzmarked")
    second = office.monitor.run("letters", "approve", 1, *WHO)
    (folder / "~$tter.nl.docx").unlink()
    (folder / "letter.en.docx").unlink()
    third = office.monitor.run("letters", "approve", 1, *WHO)
    path.write_bytes(b"no Word document")
    (folder / "letter.en.docx").write_bytes(docx_of("x"))
    fourth = office.monitor.run("letters", "approve", 1, *WHO)
    assert [ran.status for ran in (first, second, third, fourth)] == [1, 1, 1, 1]
    assert "tracked change" in first.err and "zzmarked" not in first.err
    assert "open in Word" in second.err
    assert "letter.en.docx is not in the letter's folder" in third.err
    assert "letter.en.docx cannot be approved" in fourth.err or "not a Word document" in fourth.err


def test_a_document_that_is_saved_while_it_is_approved_is_not_approved(tmp_path: Path) -> None:
    """What was looked at is not what lies there: refused, and the clerk gets the file back."""
    path = tmp_path / "letter.nl.docx"
    path.write_bytes(b"saved a moment ago")
    with pytest.raises(LetterError, match="was changed"), approving._unlocked_on_failure() as locked:
        approving._lock(tmp_path, {path.name: b"what was looked at"}, {"letter.nl.pdf": b"x"}, locked)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["letter.nl.docx"]


def test_an_approval_that_is_killed_can_be_made_again(office: Office) -> None:
    """Wherever it was cut off: the letter is drafted or approved, and in the end all files are as approved."""
    office.draft()
    for seconds in (0.4, 0.8, 1.2, 1.6, 2.0):
        office.monitor.kill(("letters", "approve", 1, *WHO), seconds)
    status = office.monitor.json("letters", "show", 1)["status"]
    assert status in ("drafted", "approved")
    if status == "drafted":
        office.monitor.json("letters", "approve", 1, *WHO)
    shown = office.monitor.json("letters", "show", 1)
    assert [event["step"] for event in shown["events"]] == ["drafted", "approved"]
    assert shown["files"].keys() >= {"letter.nl.docx", "letter.nl.pdf", "letter.en.docx", "letter.en.pdf"}
    assert set(shown["files"].values()) == {"as approved"}


# --- terms ----------------------------------------------------------------------------------------------------


def test_the_list_says_who_has_to_do_what(office: Office) -> None:
    """Overdue and running terms, by day; --due and --status choose."""
    old = office.draft(60, approved_by="Jo")
    office.draft(1)
    then = (clock.now() - timedelta(days=50)).date()
    office.monitor.json("letters", "delivered", 1, "--at", then, *WHO)
    plain = office.monitor.run("letters", "list")
    lines = plain.out.splitlines()
    assert lines[0].split() == ["no", "reference", "provider", "status", "delivered", "due", "answered", "waits", "for"]
    late = (today() - (then + timedelta(days=28))).days
    assert old.reference in lines[1] and f"(overdue by {late} days)" in lines[1]
    assert "closing: no answer within the term" in lines[1]
    assert "MIN-2026H1-002" in lines[2] and lines[2].endswith("approval")
    due, drafted, none = office.monitor.documents(
        ("letters", "list", "--due"), ("letters", "list", "--status", "drafted"), ("letters", "list", "2025H2")
    )
    assert [(each["letter_id"], each["overdue"], each["days_left"]) for each in due["letters"]] == [(1, True, -late)]
    assert [each["letter_id"] for each in drafted["letters"]] == [2]
    assert none["letters"] == []
    assert office.monitor.run("letters", "list", "--status", "lost").status == 2


def test_silence_is_closed_after_the_term_and_a_late_answer_opens_it(office: Office) -> None:
    """The late answer says late, also to a reader; the letter is to be closed again."""
    office.draft(90, approved_by="Jo")
    day = (clock.now() - timedelta(days=80)).date()
    ran = office.monitor.ended(
        ("letters", "close", 1, "--outcome", "no-answer", "--note", "n", *WHO),
        ("letters", "delivered", 1, "--at", day, *WHO),
        ("letters", "answer", 1, "--received", day - timedelta(days=1), *WHO),
        ("letters", "close", 1, "--outcome", "noted", "--note", "n", *WHO),
        ("letters", "close", 1, "--outcome", "no-answer", "--note", "Geen antwoord.", *WHO),
        ("letters", "answer", 1, "--received", today(), "--quote-text", "Sorry.", "--language", "en", *WHO),
        ("letters", "close", 1, "--outcome", "rejected", "--note", "n", *WHO),
        ("letters", "withdraw", 1, "--note", "n", *WHO),
        ("letters", "close", 1, "--outcome", "noted", "--note", "Late, without an objection.", *WHO),
        ("letters", "show", 1),
    )
    assert [each.status for each in ran] == [1, 0, 1, 1, 0, 0, 1, 1, 0, 0]
    for number, why in (
        (0, "waits for its delivery"),
        (2, "no answer to it"),
        (3, "not answered"),
        (7, "answered cannot"),
    ):
        assert why in ran[number].err
    assert "after the term" in ran[-1].out and "quote (en): Sorry." in ran[-1].out
    assert "closed as no-answer" in ran[-1].out and "closed as noted" in ran[-1].out


def test_two_clerks_cannot_both_close_a_letter(office: Office) -> None:
    """At once, in two processes: one closing is on the register, the other clerk is told."""
    office.draft(90, approved_by="Jo")
    office.monitor.json("letters", "delivered", 1, "--at", (clock.now() - timedelta(days=80)).date(), *WHO)
    words = ("letters", "close", 1, "--outcome", "no-answer", "--note", "n", *WHO)
    running = [
        subprocess.Popen(office.monitor.command(*words), env=dict(office.monitor.env), stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in running:
        process.communicate()
    assert sorted(process.returncode for process in running) == [0, 1, 1]
    events = office.monitor.json("letters", "show", 1)["events"]
    assert [event["step"] for event in events].count("closed") == 1


def test_a_letter_that_came_back_is_delivered_again_or_withdrawn(office: Office) -> None:
    """The term that ran is void; a withdrawn letter takes nothing any more."""
    office.draft(90, approved_by="Jo")
    first, back = ((clock.now() - timedelta(days=days)).date() for days in (80, 70))
    _, returned, withdrawn = office.monitor.documents(
        ("letters", "delivered", 1, "--at", first, *WHO),
        ("letters", "returned", 1, "--at", back, "--note", "Onbekend op dit adres.", *WHO),
        ("letters", "withdraw", 1, "--note", "Wrong address.", *WHO),
    )
    assert (returned["due_on"], returned["waits_for"]) == (None, "another delivery")
    assert (withdrawn["status"], withdrawn["waits_for"]) == ("withdrawn", None)
    assert office.monitor.run("letters", "delivered", 1, *WHO).status == 1


# --- naming ---------------------------------------------------------------------------------------------------


def test_who_is_not_to_be_named_is_decided_with_reasons(office: Office) -> None:
    """By name, id or AS number, in one period; the last decision counts, and a natural person is never named."""
    who = (*WHO, "--why", "sold before the period")
    withheld, named, listed, again = office.monitor.documents(
        ("letters", "withhold", "Alpha Hosting", "2026H1", *who),
        ("letters", "name", "64500", "2026H1", *who),
        ("letters", "list"),
        ("letters", "withhold", "AS64500", "2026H1", *who),
    )
    assert (withheld["provider_id"], withheld["named"], named["named"]) == ("as64500", False, True)
    assert [each["named"] for each in listed["decisions"]] == [False, True]
    assert again["decision"] == 3
    assert "as64500 is not named in 2026H1: sold before the period" in office.monitor.run("letters", "list").out
    assert "natural person is never named" in office.monitor.run("letters", "name", "as64501", "2026H1", *who).err
    assert office.monitor.run("letters", "withhold", "as64999", "2026H1", *who).status == 1
    assert ("letters withhold", "Jo Tester") in office.audit()


# --- what may not be written down -----------------------------------------------------------------------------


def test_urls_hosts_addresses_and_e_mails_are_refused_in_every_text(
    office: Office, tmp_path: Path, dump_of: Callable[[Path], str]
) -> None:
    """Notes, reasons, names and quotes, as text and as file: told what to do, nothing repeated, nothing changed."""
    office.draft(90, approved_by="Jo")
    office.monitor.json("letters", "delivered", 1, "--at", (clock.now() - timedelta(days=80)).date(), *WHO)
    before, file, day = dump_of(office.data), tmp_path / "quote.txt", today()
    commands = []
    for secret in SECRETS:
        text = f"see {secret} there"
        file.with_name(f"{len(commands)}.txt").write_text(text, encoding="utf-8")
        commands += [
            ("letters", "answer", 1, "--received", day, "--quote-text", text, *WHO),
            ("letters", "answer", 1, "--received", day, "--note", text, *WHO),
            ("letters", "answer", 1, "--received", day, "--quote", file.with_name(f"{len(commands)}.txt"), *WHO),
            ("letters", "close", 1, "--outcome", "no-answer", "--note", text, *WHO),
            ("letters", "returned", 1, "--note", text, *WHO),
            ("letters", "withdraw", 1, "--note", text, *WHO),
            ("letters", "delivered", 1, "--note", text, *WHO),
            ("letters", "withhold", "as64500", "2026H1", "--why", text, *WHO),
            ("letters", "approve", 1, "--by", text),
        ]
    ran = office.monitor.ended(*commands)
    assert {each.status for each in ran} == {2}, [(c, r) for c, r in zip(commands, ran, strict=True) if r.status != 2]
    assert not any("zzmarked" in each.err + each.out or "192.0.2" in each.err for each in ran)
    assert "Say it in other words" in ran[0].err
    assert dump_of(office.data) == before


def test_no_text_of_an_answer_lies_open_or_reaches_a_message(office: Office, tmp_path: Path) -> None:
    """Quote, note and document: in no file of the data folder, no output of the commands that write, no error."""
    office.draft(90, approved_by="Jo")
    reply, day = tmp_path / "zzmarked-reply.txt", today()
    reply.write_text("zzmarkeddocument", encoding="utf-8")
    office.monitor.json("letters", "delivered", 1, "--at", (clock.now() - timedelta(days=80)).date(), *WHO)
    said = ("--quote-text", "zzmarkedquote", "--note", "zzmarkednote", "--document", reply)
    ran = office.monitor.ended(
        ("-v", "letters", "answer", 1, "--received", day, *said, *WHO),
        ("-v", "letters", "answer", 1, "--received", "1999-01-01", *said, *WHO),
        ("-v", "letters", "close", 1, "--outcome", "noted", "--note", "zzmarkednote", *WHO),
        ("letters", "list"),
        ("letters", "answer", 1, "--received", day, "--document", tmp_path / "zzmarked-missing", *WHO),
    )
    assert [each.status for each in ran] == [0, 1, 0, 0, 1]
    assert not any("zzmarked" in each.out + each.err for each in ran)
    held = [path for path in office.data.rglob("*") if path.is_file() and b"zzmarked" in path.read_bytes().lower()]
    assert held == []
    assert not any("zzmarked" in path.name for path in office.data.rglob("*"))


def test_a_kept_reply_is_opened_for_a_reason_that_is_logged(office: Office, tmp_path: Path) -> None:
    """Byte for byte, for its owner's eyes, never over a file that says something else."""
    office.draft(90, approved_by="Jo")
    reply, out = tmp_path / "reply.bin", tmp_path / "out.bin"
    reply.write_bytes(bytes(range(256)))
    office.monitor.json("letters", "delivered", 1, "--at", (clock.now() - timedelta(days=80)).date(), *WHO)
    asked = ("letters", "document", 1, "--out", out, "--reason", "to decide on the objection", *WHO)
    assert office.monitor.run(*asked).status == 1
    office.monitor.json("letters", "answer", 1, "--received", today(), "--document", reply, *WHO)
    given = office.monitor.json(*asked)
    assert given["sha256"] == sha256(reply.read_bytes()).hexdigest()
    assert (out.read_bytes(), out.stat().st_mode & 0o777) == (reply.read_bytes(), 0o600)
    assert office.audit()[-1] == ("letters document", "Jo Tester")
    out.write_bytes(b"mine")
    assert office.monitor.run(*asked).status == 1
    assert out.read_bytes() == b"mine"
    assert office.monitor.run(*asked, "--sha256", "ff").status == 1


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"x" * 4001, b"a\x07b"])
def test_a_quote_that_cannot_be_published_is_refused(office: Office, tmp_path: Path, content: bytes) -> None:
    """Empty, not UTF-8, too long, control codes."""
    office.draft(90, approved_by="Jo")
    file = tmp_path / "quote.txt"
    file.write_bytes(content)
    ran = office.monitor.run("letters", "answer", 1, "--received", today(), "--quote", file, *WHO)
    assert ran.status == 2


def test_a_quote_names_no_official(office: Office) -> None:
    """The sender's contact person, the one who signs and whoever kept the register: refused, nothing recorded."""
    office.draft(90, approved_by="A. de Vries")
    (office.data / "monitor.toml").write_text(
        '[letters]\ncontact_person = "mw. V. Erzonnen"\nsignatory = "F. Ictief"\n'
    )
    office.monitor.json("letters", "delivered", 1, "--at", today().isoformat(), *WHO)
    for name in ("mevrouw Erzonnen", "de heer Ictief", "A. de Vries", "Jo Tester"):
        asked = ("--received", today(), "--quote-text", f"Dat zei {name} ons toe.", *WHO)
        ran = office.monitor.run("letters", "answer", 1, *asked)
        assert (ran.status, "names an official" in ran.err) == (1, True)
    assert office.monitor.json("letters", "show", 1)["status"] == "delivered"


def test_wrong_words_are_wrong_usage(office: Office) -> None:
    """An outcome, language, day or time that does not exist, two quotes, and a letter that is not there."""
    office.draft()
    ran = office.monitor.ended(
        ("letters", "close", 1, "--outcome", "lost", "--note", "n", *WHO),
        ("letters", "answer", 1, "--received", "2026-01-01", "--language", "de", *WHO),
        ("letters", "answer", 1, "--received", "yesterday", *WHO),
        ("letters", "delivered", 1, "--at", "soon", *WHO),
        ("letters", "answer", 1, "--received", "2026-01-01", "--quote-text", "a", "--quote", "b", *WHO),
        ("letters", "show", 9),
        ("letters", "approve", "MIN-2026H1-009", *WHO),
    )
    assert [each.status for each in ran] == [2, 2, 2, 2, 2, 1, 1]
    assert json.loads(office.monitor.run("--json", "letters", "list").out)["letters"][0]["status"] == "drafted"

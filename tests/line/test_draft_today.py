"""`letters draft` looks at the dataset with the eyes of today: what changed since the freeze stops a letter."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor import drafting, hearing
from monitor.approving import approve
from monitor.config import load_settings
from monitor.correspondence.letter_check import text_of
from monitor.errors import LetterError
from monitor.model.period import Period
from monitor.store import load_register
from tests.engines import copied, store_of

CONFIG = """
[minimums]
episodes = 2
clusters = 1
named = 1
[norms.request]
hours = 24.0
target = 0.8
basis = "A norm that somebody set, in this test"
valid_from = "2025-01-01"
set_by = "the test"
[letters]
organisation = "Ministerie van Voorbeelden"
postal_address = ["Postbus 00000", "0000 ZZ Voorbeeldstad"]
answer_to = "Postbus 00000, 0000 ZZ Voorbeeldstad"
signatory = "dr. F. Ictief"
reference_prefix = "MVV-"
courtesy_translation = false
"""
ALPHA, BETA = "as64500", "as64501"
WHO = ("--by", "clerk", "--why", "looked up")
PERIOD = Period.parse("2026H1")


def _rows() -> Iterator[tuple[dict[str, str], list[dict[str, str]]]]:
    """Eight reports a provider, all gone within six hours."""
    for n in range(16):
        day, ip, record = f"2026-02-{10 + n % 8}", f"192.0.2.{n + 120 if n >= 8 else n + 1}", f"C-{n:02}"
        same = {"record_id": record, "source": "hotline", "ip": ip}
        report = {**same, "url": f"https://h{n}.example/{n}.jpg", "reported_at": f"{day}T08:00:00Z"}
        seen = [("08:30", "online"), ("14:00", "online"), ("15:00", "offline")]
        checks = [{**same, "checked_at": f"{day}T{at}:00Z", "outcome": said} for at, said in seen]
        yield {**report, "notified_at": f"{day}T09:00:00Z", "notice_ref": f"ref-{n}"}, checks


def _identity(provider: str, name: str) -> tuple[str, ...]:
    known = ("--register-number", "00000000", "--postal-address", "Voorbeeldweg 1", "--country", "NL")
    said = ("--country-source", "register", "--natural-person", "no", "--capacity", "hosting")
    return ("providers", "set", provider, "--legal-name", name, *known, *said, *WHO)


@pytest.fixture(scope="module")
def world(make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder, monitor = tmp_path_factory.mktemp("today"), make("today", CONFIG)
    rows = list(_rows())
    (folder / "names.csv").write_text("asn,name\n64500,Alpha Hosting\n64501,Beta Hosting\n", encoding="utf-8")
    (folder / "prefixes.tsv").write_text("192.0.2.0/25\t64500\n192.0.2.128/25\t64501\n", encoding="utf-8")
    tables = ("--prefixes", folder / "prefixes.tsv", "--as-names", folder / "names.csv")
    monitor.documents(
        ("refdata", "import", "--as-of", "2025-06-01", *tables),
        ("import", csv_file(folder / "reports.csv", [report for report, _ in rows])),
        ("import", csv_file(folder / "checks.csv", [check for _, mine in rows for check in mine])),
        ("attribute",),
        _identity(ALPHA, "Alpha Hosting B.V."),
        _identity(BETA, "Beta Hosting B.V."),
        ("freeze", "2026H1"),
    )
    return monitor


@pytest.fixture
def desk(world: Any, make: Callable[..., Any]) -> Any:
    monitor = make("desk")
    copied(world.data, monitor.data)
    return monitor


def _draft(monitor: Any, *only: str, again: bool = False) -> drafting.Drafts:
    asked = drafting.Request("clerk", date(2026, 9, 1), only, again=again)
    with store_of(monitor.data) as db:
        return drafting.draft(db, load_settings(monitor.data, None), PERIOD, None, asked)


def test_a_notice_whose_time_was_corrected_stops_the_letter_to_its_provider_alone(desk: Any) -> None:
    """Its figures are known to be wrong; the other provider's are not, so it is written to."""
    at = ("--at", "2026-02-11T10:00:00Z")
    desk.json("correct", "notice", "C-01", *at, *WHO)
    made = _draft(desk)
    assert [each.letter.provider_id for each in made.drafted] == [BETA]
    (refusal,) = made.refused
    assert refusal.provider_id == ALPHA and "1 of its 8 Episodes begin at another time now" in refusal.why
    assert refusal.hint == "Freeze again, then draft from that"


def test_a_provider_that_was_merged_since_the_freeze_gets_no_letter(desk: Any) -> None:
    """Neither does the one that it was merged into: it has other figures than the dataset says."""
    desk.json("providers", "merge", BETA, ALPHA, *WHO)
    made = _draft(desk)
    assert made.drafted == ()
    whys = {each.provider_id: each.why for each in made.refused}
    assert "merged" in whys[BETA] and "8 others are booked on it now" in whys[ALPHA]


def test_an_approved_letter_that_the_register_does_not_know_is_not_written_over(desk: Any) -> None:
    """An older database was put back: the folder with the next number holds what was sent to somebody."""
    folder = desk.data / "letters" / "1"
    folder.mkdir(parents=True)
    sent = folder / "letter.nl.pdf"
    sent.write_bytes(b"what was sent")
    sent.chmod(0o400)
    with pytest.raises(LetterError, match="does not know"):
        _draft(desk, ALPHA)
    assert sent.read_bytes() == b"what was sent"
    with store_of(desk.data) as db:
        assert load_register(db, "2026H1").letters == ()


def test_what_a_killed_draft_left_is_replaced(desk: Any) -> None:
    """A folder whose number was never given holds drafts alone: the next letter has its number and its own files."""
    folder = desk.data / "letters" / "1"
    folder.mkdir(parents=True)
    (folder / "letter.nl.docx").write_bytes(b"half")
    (folder / "letter.nl.docx").chmod(0o600)
    (folder / ".letter.nl.pdf.99").touch(0o600)
    (drafted,) = _draft(desk, ALPHA).drafted
    assert drafted.letter.letter_id == 1
    assert {path.name for path in folder.iterdir()} == {"case.txt", "letter.nl.docx", "letter.nl.pdf"}
    assert (folder / "letter.nl.docx").read_bytes().startswith(b"PK")


def test_a_second_letter_tells_of_the_first_and_is_not_approved_before_the_reason_is_filled_in(desk: Any) -> None:
    """A provider that was told other figures before learns what they were, and why they changed."""
    (first,) = _draft(desk, ALPHA).drafted
    with store_of(desk.data) as db:
        approve(db, "1", by="clerk")
        hearing.delivered(db, "1", by="clerk")
    desk.json("correct", "notice", "C-01", "--at", "2026-02-11T10:00:00Z", *WHO)
    desk.json("freeze", "2026H1")
    (second,) = _draft(desk, ALPHA, again=True).drafted
    text = text_of((second.folder / "letter.nl.docx").read_bytes())
    assert first.letter.reference in text and "[invullen]" in text
    assert "eerder een brief" not in text_of((first.folder / "letter.nl.docx").read_bytes())
    with store_of(desk.data) as db, pytest.raises(LetterError, match="still to be filled in"):
        approve(db, "2", by="clerk")

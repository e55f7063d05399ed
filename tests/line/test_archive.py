"""`monitor archive export`: letters, replies and files with metadata, whole or not at all, before they go."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

import pyrage
import pytest
from lxml import etree

from monitor import clock
from monitor.clock import JumpingClock
from monitor.model.letter import Answer, HearingOutcome, LetterEvent, LetterStep
from monitor.store import add_letter, find_letter, list_audit, load_register, record_step
from monitor.store.letter_files import keep_document, letter_folder, write_whole
from monitor.store.letters import NewLetter
from tests.engines import Engine, store_of
from tests.line.test_letters import TOLD

WHY = ("--reason", "to the archive", "--by", "Jo Tester")
FORGET = ("forget", "--older-than", "30 days", "--class", "letter", "--reason", "term")
REPLY, QUOTE, NOTE = b"zzmarked reply of the provider", "zzmarked quote", "zzmarked note"
NS = {"m": "https://www.nationaalarchief.nl/mdto"}


@pytest.fixture
def office(make: Callable[..., Any], inputs: Any) -> Any:
    """A store with one closed letter of a hundred days ago, with a document and a reply."""
    monitor = make("office", '[letters]\norganisation = "Example Ministry"\n')
    monitor.json("import", inputs.reports)
    then = clock.now() - timedelta(days=100)
    with clock.replaced(JumpingClock(then)), store_of(monitor.data) as store:
        on = then.date()
        letter = add_letter(store, NewLetter("as64500", "Alpha", "2026H1", on, on, 28, "All", TOLD, "MIN-", "Jo"))
        letter_folder(monitor.data, 1).mkdir(parents=True)
        write_whole(letter_folder(monitor.data, 1) / "brief.docx", b"the letter")
        with store.write():
            digest = keep_document(store, 1, REPLY)
        answer = Answer(date(2026, 8, 20), "nl", QUOTE, objection=True, document=digest)
        steps = (
            LetterEvent(LetterStep.DELIVERED, then, "Jo", then, note=NOTE),
            LetterEvent(LetterStep.ANSWERED, then, "Jo", then, answer=answer),
            LetterEvent(LetterStep.CLOSED, then, "Jo", then, note=NOTE, outcome=HearingOutcome.REJECTED),
        )
        for step in steps:
            letter = record_step(store, letter.letter_id, step)
    return monitor


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_there_and_the_manifest_has_its_sha256(office: Any, tmp_path: Path) -> None:
    """Documents, replies opened, the register as JSON and CSV, and metadata beside each."""
    made = office.json("archive", "export", tmp_path / "out", *WHY)
    files = _files(tmp_path / "out")
    assert files["letters/1/brief.docx"] == b"the letter" and REPLY in files.values()
    manifest = files.pop("manifest.json")
    listed = {name: each["sha256"] for name, each in json.loads(manifest)["files"].items()}
    assert listed == {name: sha256(content).hexdigest() for name, content in files.items()}
    assert (made["digest"], made["letters"], made["files"]) == (sha256(manifest).hexdigest(), 1, 2)
    rows = list(csv.DictReader(files["register.csv"].decode().splitlines()))
    assert rows == json.loads(files["register.json"])
    assert [row["step"] for row in rows] == ["drafted", "delivered", "answered", "closed"]
    assert rows[2]["quote"] == QUOTE and rows[3]["outcome"] == "rejected"
    with store_of(office.data) as store:
        last = list_audit(store)[-1]
    assert (last.action, last.actor, last.reason) == ("archive export", "Jo Tester", "to the archive")
    assert made["digest"] in last.subject
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "out").rglob("*")} == {0}


def test_the_metadata_name_what_the_standard_names(office: Any, tmp_path: Path) -> None:
    """MDTO: an information object for the letter, a file object with size and checksum for each file."""
    office.json("archive", "export", tmp_path / "out", *WHY)
    files = _files(tmp_path / "out")
    letter = fromstring(files["letters/1.object.mdto.xml"])
    names = [each.tag.removeprefix(f"{{{NS['m']}}}") for each in letter[0]]
    assert names == [
        *("identificatie", "naam", "aggregatieniveau", "omschrijving", *["event"] * 4, "waardering"),
        *("heeftRepresentatie", "heeftRepresentatie", "archiefvormer", "beperkingGebruik"),
    ]
    assert letter.findtext(".//m:archiefvormer/m:verwijzingNaam", None, NS) == "Example Ministry"
    file = fromstring(files["letters/1/brief.docx.bestand.mdto.xml"])
    assert file.findtext(".//m:checksumWaarde", None, NS) == sha256(b"the letter").hexdigest()
    assert file.findtext(".//m:omvang", None, NS) == "10"
    assert file.findtext(".//m:isRepresentatieVan//m:identificatieKenmerk", None, NS) == "letters/1"


def test_the_metadata_are_valid_in_the_words_of_the_standard(office: Any, tmp_path: Path) -> None:
    """Names, order, number and types of MDTO-XML 1.0.1, for the letter, the register and every file."""
    office.json("archive", "export", tmp_path / "out", *WHY)
    schema = etree.XMLSchema(etree.parse(Path(__file__).parents[1] / "handover" / "mdto-as-used.xsd"))
    documents = {
        name: etree.fromstring(content) for name, content in _files(tmp_path / "out").items() if ".mdto." in name
    }
    assert len(documents) >= 3
    for name, document in documents.items():
        assert schema.validate(document), (name, schema.error_log)
        document[0].insert(0, document[0][-1])
        assert not schema.validate(document), name


def test_with_a_key_nothing_lies_in_the_clear(office: Any, tmp_path: Path) -> None:
    """One sealed file, which the receiver opens."""
    identity = pyrage.x25519.Identity.generate()
    office.json("archive", "export", tmp_path / "out", *WHY, "--to", identity.to_public())
    files = _files(tmp_path / "out")
    assert list(files) == ["archive.zip.age"] and REPLY not in files["archive.zip.age"]
    archive = ZipFile(BytesIO(pyrage.decrypt(files["archive.zip.age"], [identity])))
    assert REPLY in [archive.read(name) for name in archive.namelist()]
    assert "manifest.json" in archive.namelist()


def test_a_folder_that_is_there_is_left_alone(office: Any, tmp_path: Path) -> None:
    """Nothing is overwritten, and nothing is noted."""
    (tmp_path / "out").mkdir()
    ran = office.run("archive", "export", tmp_path / "out", *WHY)
    assert ran.status == 1 and "is there already" in ran.err and str(tmp_path) not in ran.err
    assert list(tmp_path.iterdir()) == [tmp_path / "out"] and not list((tmp_path / "out").iterdir())
    assert office.rows("SELECT count(*) FROM archived") == [(0,)]


def test_a_letter_that_no_archive_has_stays(office: Any) -> None:
    """Unless somebody says that none is to have it."""
    ran = office.run(*FORGET)
    assert ran.status == 3 and "no archive has them" in ran.err
    assert (letter_folder(office.data, 1) / "brief.docx").is_file()
    (found,) = office.json(*FORGET, "--without-archive")["classes"]
    assert (found["due"], found["forgotten"]) == (1, 1)


def test_an_archived_letter_goes_but_for_what_the_register_needs(office: Any, tmp_path: Path, engine: Engine) -> None:
    """Documents, replies, notes and quotes are gone; days, steps, the outcome and the figures told stay."""
    with store_of(office.data) as store:
        before = find_letter(store, 1)
    office.json("archive", "export", tmp_path / "out", *WHY)
    (found,) = office.json(*FORGET)["classes"]
    assert found["forgotten"] == 1 and not letter_folder(office.data, 1).exists()
    with store_of(office.data) as store:
        after = find_letter(store, 1)
        assert load_register(store, "2026H1").letters == (after,)
    assert after.told == before.told and [each.step for each in after.events] == [each.step for each in before.events]
    assert (after.outcome, after.delivered_on) == (before.outcome, before.delivered_on)
    assert {each.note for each in after.events} == {""}
    assert [(each.quote, each.document, each.objection) for each in after.answers] == [("", "", True)]
    assert office.json("verify")["ok"] and office.run("letters", "list").status == 0
    letter_folder(office.data, 1).mkdir()  # as a kill between the texts and the files leaves it
    assert office.json(*FORGET)["classes"][0]["due"] == 0
    assert not letter_folder(office.data, 1).exists()


def test_what_happens_after_the_export_is_to_be_archived_again(office: Any, tmp_path: Path) -> None:
    """A late answer is not in that archive."""
    office.json("archive", "export", tmp_path / "out", *WHY)
    old = datetime(2026, 8, 1, tzinfo=UTC)
    with store_of(office.data) as store:
        record_step(store, 1, LetterEvent(LetterStep.CLOSED, old, "Jo", old, outcome=HearingOutcome.NOTED))
    assert office.run(*FORGET).status == 3

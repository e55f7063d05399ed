"""`monitor brief` with a real store: what it advises as the register stands, what its files hold and do not hold."""

import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import as_file
from importlib.resources import files as files_of
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from pypdf import PdfReader

from monitor import briefing, clock, present_briefing
from monitor.clock import JumpingClock
from monitor.config import load_settings
from monitor.errors import DocumentError, ReleaseRefused
from monitor.model.letter import Answer, Letter, LetterEvent, LetterStep, Told
from monitor.model.period import Period
from monitor.model.words import ReleaseKind
from monitor.store import NewLetter, add_letter, record_decision, record_step
from tests.engines import copied, store_of

pytestmark = pytest.mark.one_engine("the register of letters is tried on both in test_letters.py")

PERSON, SIGNS, MAIL = "mw. V. Erzonnen", "dr. F. Ictief", "zzdesk@ministerie.example"
EXAMPLE = f"""[minimums]
episodes = 3
clusters = 2
named = 1
[sources.press]
trusted = false
[letters]
organisation = "Ministerie van Voorbeelden"
contact_person = "{PERSON}"
contact_details = ["{MAIL}"]
signatory = "{SIGNS}"
[norms.request]
hours = 24
target = 0.565
"""
SET = f"""{EXAMPLE}basis = "Gedragscode van de sector"
valid_from = "2025-01-01"
set_by = "de sector"
"""
DAY = date(2026, 9, 1)
ARRIVED = (LetterStep.APPROVED, LetterStep.DELIVERED)


@dataclass(frozen=True)
class Ministry:
    """A data folder with a frozen Period, the classes of those whom a report shows, and a register to fill."""

    data: Path
    digest: str
    classes: dict[str, str]

    def brief(self, dated: date | None = None, kind: ReleaseKind | None = None, *, replace: bool = True) -> Any:
        """What `--json` would say, in this process: a new one takes seconds to load."""
        asked = briefing.Request(dated or clock.now().date(), kind, None, replace)
        with store_of(self.data) as store:
            made = briefing.brief(store, load_settings(self.data, None), Period.parse("2026H1"), None, asked)
        return json.loads(json.dumps(present_briefing.briefing(made)))

    def write_to(self, key: str, days_ago: int, *steps: LetterStep, objection: bool = False) -> None:
        """A letter that was drafted so many days ago, and what happened to it on that day."""
        then = clock.now() - timedelta(days=days_ago)
        told = Told(self.digest, self.classes[key], 9, 9, 0.5, 0.4, 0.6, 0.4, 0.6, 1)
        due = then.date() + timedelta(days=14)
        new = NewLetter(key, key, "2026H1", then.date(), due, 14, "Iedereen.", told, "VB-", "Jo")
        with clock.replaced(JumpingClock(then)), store_of(self.data) as store:
            letter = add_letter(store, new)
            for step in steps:
                record_step(store, letter.letter_id, _event(letter, step, objection))

    def withhold(self, key: str, why: str) -> None:
        with store_of(self.data) as store:
            record_decision(store, key, "2026H1", named=False, by="Jo", why=why)


def _event(letter: Letter, step: LetterStep, objection: bool) -> LetterEvent:
    at = datetime.combine(letter.dated, time(12), UTC)
    given = Answer(letter.dated, "nl", "Dat klopt niet.", objection) if step is LetterStep.ANSWERED else None
    return LetterEvent(step, at, "Jo", at, answer=given)


@pytest.fixture(scope="module")
def frozen(line: Any, make: Callable[..., Any]) -> Any:
    """A copy of the line's store, frozen under a norm that somebody set."""
    monitor = make("ministry")
    copied(line.monitor.data, monitor.data)
    (monitor.data / "monitor.toml").write_text(SET, encoding="utf-8")
    said, ranked = monitor.documents(("freeze", "2026H1"), ("rank", "2026H1"))
    classes = {card["provider_id"]: card["class"] for card in ranked["scorecards"] if card["n_episodes"]}
    return Ministry(monitor.data, said["digest"], classes)


@pytest.fixture
def ministry(frozen: Ministry, tmp_path: Path) -> Ministry:
    copied(frozen.data, tmp_path / "data")
    return Ministry(tmp_path / "data", frozen.digest, frozen.classes)


@pytest.fixture(scope="module")
def made(frozen: Ministry, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A briefing before anybody was written to; no test changes it."""
    data = tmp_path_factory.mktemp("made") / "data"
    copied(frozen.data, data)
    return Ministry(data, frozen.digest, frozen.classes).brief(DAY)


def said(found: Any) -> list[str]:
    return [each["what"] for each in found["advice"]]


def texts_of(path: Path) -> str:
    """All that can be read from a DOCX or PDF, properties and XML included."""
    if path.suffix == ".pdf":
        pdf = PdfReader(BytesIO(path.read_bytes()))
        return "\n".join([*(page.extract_text() for page in pdf.pages), str(pdf.metadata), str(pdf.xmp_metadata)])
    with ZipFile(path) as parts:
        raw = [parts.read(name).decode(errors="ignore") for name in parts.namelist()]
    return "\n".join([*raw, *(each.text for each in Document(str(path)).paragraphs)])


def files(found: Any, name: str) -> list[Path]:
    return [Path(path) for path in found["files"] if Path(path).name.startswith(name)]


def test_a_briefing_is_four_private_files(ministry: Ministry) -> None:
    """In a folder of the freeze; the same again changes nothing, and what a clerk edited is not written over."""
    found = ministry.brief(DAY, replace=False)
    names = [f"{name}-2026-09-01.{kind}" for name in ("beslisnota", "factsheet") for kind in ("docx", "pdf")]
    folder = ministry.data / "briefings" / f"2026H1-{ministry.digest[:8]}"
    assert [Path(path) for path in found["files"]] == [folder / name for name in names]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    ministry.brief(DAY, replace=False)
    (folder / names[0]).write_bytes(b"what a clerk wrote")
    with pytest.raises(DocumentError, match=rf"{names[0]} .* --replace"):
        ministry.brief(DAY, replace=False)
    assert (folder / names[0]).read_bytes() == b"what a clerk wrote"
    ministry.brief(DAY)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_advice_follows_the_register(ministry: Ministry) -> None:
    """Nobody written to; terms that run; an objection; everybody heard, but for whom a decision withholds."""
    first, *others = ministry.classes
    begin = ministry.brief()
    assert (begin["kind"], said(begin)) == ("interim", ["publish-interim", "complete"])
    ministry.write_to(first, 3, *ARRIVED)
    for key in others[1:]:
        ministry.write_to(key, 60, *ARRIVED)
    ministry.write_to(others[0], 60, *ARRIVED, LetterStep.ANSWERED, objection=True)
    running = ministry.brief()
    assert (running["kind"], said(running)) == ("final", ["decide-objections", "wait", "hold-final"])
    day = (clock.now() + timedelta(days=11)).date()
    assert [each["day"] for each in running["advice"]] == [None, str(day), str(day + timedelta(days=1))]
    assert running["named"] is False
    ministry.withhold(first, "Te klein.")
    ministry.withhold(others[0], "Er is een bedenking.")
    done = ministry.brief()
    assert said(done) == ["publish-final"]
    assert done["advice"][0]["n"] == len(others) - 1
    assert done["named"] is True


def test_an_example_norm_is_said_first(ministry: Ministry, line: Any) -> None:
    """No letter may rest on it, and nobody is named by it."""
    digest = line.said["freeze"]["digest"]
    with store_of(ministry.data) as store:
        settings, period = load_settings(ministry.data, None), Period.parse("2026H1")
        asked = briefing.Request(DAY, ReleaseKind.FINAL)
        found = present_briefing.briefing(briefing.brief(store, settings, period, digest[:8], asked))
    assert said(found)[0] == "set-norm"
    assert found["named"] is False


def test_a_factsheet_names_nobody_before_the_hearing_is_over(ministry: Ministry) -> None:
    """Code letters until each was heard; then names, but not of whom a decision withholds. The note has the names."""
    first, *others = ministry.classes
    names = {each["provider_id"]: each["provider"] for each in ministry.brief()["cases"]}
    for key in others:
        ministry.write_to(key, 60, *ARRIVED)
    ministry.write_to(first, 3, *ARRIVED)
    early = ministry.brief((clock.now() + timedelta(days=90)).date())
    for path in files(early, "factsheet"):
        assert not any(name in texts_of(path) for name in names.values())
    assert all(any(name in texts_of(path) for name in names.values()) for path in files(early, "beslisnota"))
    ministry.withhold(first, "Te klein.")
    late = ministry.brief()
    told = "\n".join(map(texts_of, files(late, "factsheet")))
    assert names[first] not in told
    assert late["named"] is True


def test_no_official_is_in_the_factsheet(made: Any) -> None:
    """Nor who signs, in text, properties and metadata; the note says whom to ask."""
    for path in files(made, "factsheet"):
        text = texts_of(path)
        assert "Ministerie van Voorbeelden" in text
        assert not any(each in text for each in (PERSON, SIGNS, MAIL))
    assert PERSON in texts_of(files(made, "beslisnota")[0])


def test_no_url_or_address_is_in_a_briefing(made: Any, inputs: Any) -> None:
    """None of the input's, in any file."""
    lines = inputs.reports.read_text(encoding="utf-8").splitlines()
    columns = lines[0].split(",")
    secrets = set()
    for line in lines[1:]:
        row = dict(zip(columns, line.split(","), strict=False))
        host = row["url"].split("/")[2] if row.get("url") else row.get("host", "")
        secrets |= {word for word in (row.get("url"), host, row.get("ip")) if word}
    assert len(secrets) > 20
    text = "\n".join(texts_of(Path(path)) for path in made["files"])
    assert [secret for secret in secrets if secret in text] == []


def test_the_command_takes_a_template_of_ones_own(ministry: Ministry, make: Callable[..., Any], tmp_path: Path) -> None:
    """From the folder of `[letters] templates`; one that is not there is ours. It says what it advises, and where."""
    monitor, folder = make("own"), tmp_path / "own"
    monitor.data.parent.mkdir(exist_ok=True)
    copied(ministry.data, monitor.data)
    written = monitor.json("letters", "templates", folder)["files"]
    assert {Path(path).name for path in written} >= {"beslisnota.docx", "factsheet.docx"}
    document = Document(str(folder / "factsheet.docx"))
    document.add_paragraph("Een zin van ons.")
    document.save(str(folder / "factsheet.docx"))
    (folder / "beslisnota.docx").unlink()
    setting = f"[letters]\ntemplates = {json.dumps(str(folder))}\n"
    (monitor.data / "monitor.toml").write_text(SET.replace("[letters]\n", setting), encoding="utf-8")
    out = tmp_path / "elsewhere"
    ran = monitor.run("brief", "2026H1", "--dated", "2026-09-01", "--out", out)
    assert (ran.status, ran.err) == (0, "")
    assert "advice: publish-interim" in ran.out
    assert str(out / "factsheet-2026-09-01.pdf") in ran.out.splitlines()
    assert "Een zin van ons." in texts_of(out / "factsheet-2026-09-01.pdf")
    assert "Geadviseerd besluit" in texts_of(out / "beslisnota-2026-09-01.pdf")


def test_what_no_release_may_hold_stops_a_factsheet(ministry: Ministry, tmp_path: Path) -> None:
    """A URL that a template brings along: nothing is written, and the message does not repeat it."""
    with as_file(files_of("reports") / "templates" / "briefing" / "factsheet.docx") as ours:
        document = Document(str(ours))
    document.add_paragraph("Zie https://zzmarked.example/map/beeld.jpg")
    document.save(str(tmp_path / "factsheet.docx"))
    setting = f"[letters]\ntemplates = {json.dumps(str(tmp_path))}\n"
    (ministry.data / "monitor.toml").write_text(SET.replace("[letters]\n", setting), encoding="utf-8")
    with pytest.raises(ReleaseRefused, match="The briefing was not written") as refused:
        ministry.brief()
    assert "zzmarked" not in str(refused.value)
    assert not (ministry.data / "briefings").exists()


def test_a_briefing_wants_to_know_whose_it_is(line: Any, make: Callable[..., Any]) -> None:
    """One line says which setting is missing; without a store that is said."""
    refused, nothing = line.monitor.run("brief", "2026H1"), make("empty").run("brief", "2026H1")
    assert (refused.status, nothing.status) == (1, 1)
    assert "[letters] lacks organisation" in refused.err
    assert "no store" in nothing.err

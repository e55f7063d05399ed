"""The register of letters at rest: what was written down stays, is sealed where it has to be, and is numbered once."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import KeyProblem, LetterError, StoreError
from monitor.model.letter import Answer, HearingOutcome, HearingRegister, Letter, LetterEvent, LetterStep, Told
from monitor.model.words import InputKind
from monitor.store import (
    NewLetter,
    Store,
    add_letter,
    add_reports,
    begin_input,
    find_letter,
    list_audit,
    load_register,
    load_registers,
    open_store,
    record_decision,
    record_step,
)
from monitor.store.database import upgrade
from monitor.store.letter_files import keep_document, letter_files, letter_folder, open_document, write_whole
from monitor.store.letters_json import event_details, read_event
from monitor.store.schema import alembic_config, head
from tests.engines import Engine

TOLD = Told("ab" * 32, "below", 31, 27, 0.4815, 0.3, 0.66, 0.4444, 0.5185, 2)
NEW = NewLetter(
    "as64500", "Zzmarkedname Hosting", "2026H1", date(2026, 8, 3), date(2026, 9, 1), 28, "zzmarkedcriteria", TOLD,
    "MIN-", "Jo Drafter",
)  # fmt: skip
AT = datetime(2026, 8, 4, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 8, 5, 8, 0, tzinfo=UTC)
ANSWER = Answer(date(2026, 8, 20), "nl", "zzmarkedquote\nin twee regels", objection=True, document="cd" * 32)


def event(step: LetterStep, **said: Any) -> LetterEvent:
    return LetterEvent(step, AT, "Jo Recorder", LATER, **said)


def test_a_letter_comes_back_as_it_was_added(store: Store) -> None:
    """Every field, found by number and by reference in any case, on the register of its period alone."""
    letter = add_letter(store, NEW)
    assert (letter.letter_id, letter.reference, letter.status) == (1, "MIN-2026H1-001", LetterStep.DRAFTED)
    for name in ("provider_id", "provider", "period", "dated", "answer_by", "reply_days", "criteria", "told"):
        assert getattr(letter, name) == getattr(NEW, name), name
    assert letter.events[0].by == "Jo Drafter"
    assert find_letter(store, 1) == find_letter(store, "1") == find_letter(store, " min-2026h1-001 ") == letter
    assert load_register(store, "2026H1") == HearingRegister("2026H1", (letter,))
    assert load_register(store, "2025H2") == HearingRegister("2025H2")


def test_what_happened_comes_back_in_the_order_in_which_it_was_written_down(store: Store) -> None:
    """Notes, an answer with its document, an outcome and files, also when an earlier day was written down later."""
    letter = add_letter(store, NEW)
    steps = [
        event(LetterStep.APPROVED, files=(("letter.nl.docx", "11"), ("letter.nl.pdf", "22"))),
        replace(event(LetterStep.DELIVERED, note="by registered post"), at=LATER),
        event(LetterStep.ANSWERED, answer=ANSWER),
        event(LetterStep.CLOSED, note="zzmarkednote", outcome=HearingOutcome.CORRECTED),
    ]
    for step in steps:
        letter = record_step(store, letter.letter_id, step)
    assert letter.events[1:] == tuple(steps)
    assert find_letter(store, letter.letter_id) == letter
    assert (letter.status, letter.outcome, letter.answers) == (
        LetterStep.CLOSED, HearingOutcome.CORRECTED, (ANSWER,),
    )  # fmt: skip


def test_numbers_go_on_within_a_period_and_are_never_given_twice(store: Store) -> None:
    """A reference is taken once, whatever prefix led to it; numbers of letters go on over all periods."""
    references = [
        add_letter(store, replace(NEW, reference_prefix=prefix, period=period)).reference
        for prefix, period in (("A-", "2026H1"), ("A-", "2025H2"), ("B-", "2026H1"), ("", "A-2026H1"), ("a-", "2026H1"))
    ]
    assert references == ["A-2026H1-001", "A-2025H2-001", "B-2026H1-002", "A-2026H1-002", "a-2026H1-003"]
    assert [letter.letter_id for letter in load_register(store, "2026H1").letters] == [1, 3, 5]
    assert [register.period for register in load_registers(store)] == ["2025H2", "2026H1", "A-2026H1"]


def test_files_are_written_under_the_number_that_the_letter_will_have(store: Store) -> None:
    """`write` sees number and reference before they are on the register; what it gives is of the drafting."""
    seen: list[Letter] = []

    def write(letter: Letter) -> tuple[tuple[str, str], ...]:
        seen.append(letter)
        return (("letter.nl.docx", "ef" * 32),)

    letter = add_letter(store, NEW, write=write)
    assert (seen[0].letter_id, seen[0].reference) == (letter.letter_id, letter.reference)
    assert find_letter(store, 1).events[0].files == (("letter.nl.docx", "ef" * 32),)


@pytest.mark.parametrize("where", ["write", "allow"])
def test_a_letter_whose_files_fail_was_never_there(
    store: Store, rows_of: Callable[[Store], dict[str, int]], where: str
) -> None:
    """Nothing is left of it, and its number is free for the next one."""
    before = rows_of(store)

    def fail(_: object) -> Any:
        raise LetterError("no")

    with pytest.raises(LetterError):
        add_letter(store, NEW, **{where: fail})
    assert rows_of(store) == before
    assert add_letter(store, NEW).reference == "MIN-2026H1-001"


def test_a_step_that_is_not_allowed_leaves_nothing(store: Store, rows_of: Callable[[Store], dict[str, int]]) -> None:
    """`allow` sees the letter as it stands; when it raises there is neither a step nor an audit row."""
    letter = add_letter(store, NEW)
    before = rows_of(store)

    def refuse(current: Letter) -> None:
        assert current == letter
        raise LetterError("no")

    with pytest.raises(LetterError):
        record_step(store, 1, event(LetterStep.APPROVED), allow=refuse)
    assert rows_of(store) == before


@pytest.mark.parametrize("which", [0, 2, "2", "", "MIN-2026H1-002", "9" * 30, "²", "%"])
def test_a_letter_that_is_not_there_is_said(store: Store, which: int | str) -> None:
    """Any number, reference or nonsense; nothing of it is repeated."""
    add_letter(store, NEW)
    with pytest.raises(LetterError, match="No letter has that number or reference"):
        find_letter(store, which)


def test_a_step_of_a_letter_that_is_not_there_is_refused(store: Store) -> None:
    """And nothing is added."""
    with pytest.raises(LetterError):
        record_step(store, 7, event(LetterStep.APPROVED))
    assert list_audit(store) == ()


def test_the_last_decision_on_naming_counts(store: Store) -> None:
    """Withheld, named again, withheld: each stays, with who and why, in its period alone."""
    for named in (False, True, False):
        record_decision(store, "as64500", "2026H1", named=named, by="Jo", why=f"because {named}")
    record_decision(store, "as64501", "2026H1", named=False, by="Jo", why="sold")
    record_decision(store, "as64501", "2026H1", named=True, by="Jo", why="not sold")
    register = load_register(store, "2026H1")
    assert [(each.decision_id, each.named, each.by) for each in register.decisions][:3] == [
        (1, False, "Jo"),
        (2, True, "Jo"),
        (3, False, "Jo"),
    ]
    assert register.withheld() == {"as64500"}
    assert load_register(store, "2025H2").withheld() == frozenset()


def test_every_change_is_on_the_audit_log_without_what_it_says(store: Store) -> None:
    """Who, which step, which letter, which provider and period; no note, quote, figure or name."""
    add_letter(store, NEW)
    record_step(store, 1, event(LetterStep.ANSWERED, answer=ANSWER, note="zzmarkednote"))
    record_step(store, 1, event(LetterStep.CLOSED, note="zzmarkednote", outcome=HearingOutcome.REJECTED))
    record_decision(store, "as64500", "2026H1", named=False, by="Jo", why="sold")
    entries = list_audit(store)
    assert [entry.action for entry in entries] == [
        "letters drafted", "letters answered", "letters closed", "letters withhold",
    ]  # fmt: skip
    assert entries[2].reason == "at 2026-08-04T09:30+00:00, rejected"
    assert {entry.subject for entry in entries[:3]} == {"letter 1 to as64500 about 2026H1"}
    assert "zzmarked" not in repr(entries)


def test_what_letters_and_answers_say_lies_sealed(store: Store, engine: Engine) -> None:
    """Names, criteria, figures, notes and quotes are in no file of the data folder in the clear, open or closed."""
    with store.read():  # keeps the log of writes
        add_letter(store, NEW)
        record_step(store, 1, event(LetterStep.ANSWERED, answer=ANSWER, note="zzmarkednote"))
        keep_document(store, 1, b"zzmarkeddocument")
        files = [*engine.files(store.data_dir).values()]
    store.close()
    files += engine.files(store.data_dir).values()
    assert any(b"MIN-2026H1-001" in content for content in files)  # the clear columns are there: we look rightly
    assert not any(b"zzmarked" in content.lower() or b"0.4815" in content for content in files)


def test_a_sealed_text_does_not_open_in_another_column(store: Store) -> None:
    """Details of a letter moved to one of its steps are refused."""
    add_letter(store, NEW)
    record_step(store, 1, event(LetterStep.APPROVED, note="n"))
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE letter_events SET details = (SELECT details FROM letters) WHERE id = 2")
    with pytest.raises(KeyProblem):
        find_letter(store, 1)


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
ANSWERS = st.builds(Answer, st.dates(), st.sampled_from(["nl", "en"]), TEXTS, st.booleans(), TEXTS)
FILES = st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple)


@settings(derandomize=True, deadline=None)
@given(TEXTS, st.none() | ANSWERS, st.none() | st.sampled_from(HearingOutcome), FILES)
def test_any_step_comes_back_from_its_sealed_form(
    note: str, answer: Answer | None, outcome: HearingOutcome | None, files: tuple[tuple[str, str], ...]
) -> None:
    """Whatever is in it, and nothing is sealed where there is nothing."""
    before = event(LetterStep.ANSWERED, note=note, answer=answer, outcome=outcome, files=files)
    details = event_details(before)
    assert (details is None) == (not any((note, answer, outcome, files)))
    assert read_event("answered", AT, "Jo Recorder", LATER, details) == before


DRAFTS = """
import sys, pathlib
sys.path.insert(0, sys.argv[2])
from test_letters import NEW
from monitor.store import add_letter, open_store
with open_store(pathlib.Path(sys.argv[1]), sys.argv[3] or None, create=False) as store:
    for _ in range(12):
        print(add_letter(store, NEW).reference)
"""


def test_two_who_draft_at_once_get_different_numbers(store: Store, engine: Engine) -> None:
    """Two processes, twelve letters each: 24 references, none twice and none left out."""
    store.close()
    url = engine.url(store.data_dir)
    call = [sys.executable, "-c", DRAFTS, str(store.data_dir), str(Path(__file__).parent), url or ""]
    running = [subprocess.Popen(call, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert sorted(said[0] + said[1]) == [f"MIN-2026H1-{number:03d}" for number in range(1, 25)]


KILLED = """
import os, signal, sys, pathlib
sys.path.insert(0, sys.argv[2])
from test_letters import NEW
from monitor.store import add_letter, open_store
with open_store(pathlib.Path(sys.argv[1]), sys.argv[3] or None, create=False) as store:
    add_letter(store, NEW)
    add_letter(store, NEW, write=lambda letter: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_draft_that_is_killed_half_way_leaves_no_letter(store: Store, engine: Engine) -> None:
    """The one before it stays; the next one gets its number."""
    store.close()
    url = engine.url(store.data_dir)
    call = [sys.executable, "-c", KILLED, str(store.data_dir), str(Path(__file__).parent), url or ""]
    done = subprocess.run(call, check=False)
    assert done.returncode == -9
    with open_store(store.data_dir, url, create=False) as again:
        assert len(load_register(again, "2026H1").letters) == 1
        assert add_letter(again, NEW).reference == "MIN-2026H1-002"


@pytest.mark.parametrize("older", ["0001", "0002", "0003"])
def test_an_older_store_keeps_its_facts_and_gets_a_register(
    store: Store, engine: Engine, make: Any, older: str
) -> None:
    """A schema from before letters, with a report in it, is upgraded by a person and then takes a letter."""
    add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), [make.report("R1")])
    with store.write() as connection:
        command.downgrade(alembic_config(connection), older)
    store.close()
    url = engine.url(store.data_dir)
    with pytest.raises(StoreError, match="db upgrade"):
        open_store(store.data_dir, url, create=False)
    assert upgrade(store.data_dir, url) == (older, head())
    with open_store(store.data_dir, url, create=False) as again:
        assert add_letter(again, NEW).letter_id == 1
        with again.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM reports").scalar_one() == 1


def test_rows_of_the_register_are_only_ever_added(store: Store, engine: Engine) -> None:
    """After every step the rows before it are as they were."""
    add_letter(store, NEW)
    before = _rows(store, engine)
    record_step(store, 1, event(LetterStep.APPROVED))
    record_step(store, 1, event(LetterStep.WITHDRAWN, note="n"))
    after = _rows(store, engine)
    assert {name: after[name][: len(rows)] for name, rows in before.items()} == before
    assert len(after["letter_events"]) == 3


def _rows(store: Store, engine: Engine) -> dict[str, list[Any]]:
    names = ("letters", "letter_events", "naming_decisions")
    return {name: engine.rows(store.data_dir, f"SELECT * FROM {name} ORDER BY id") for name in names}


# --- files ----------------------------------------------------------------------------------------------------


def test_a_reply_is_kept_sealed_by_its_hash_and_opens_again(store: Store) -> None:
    """Folders 0700, files 0600; the same reply once more is one file, and only its own letter opens it."""
    content = b"%PDF-1.7 zzmarkedreply"
    digest = keep_document(store, 3, content)
    assert keep_document(store, 3, content) == digest
    folder = letter_folder(store.data_dir, 3)
    assert [path.name for path in folder.iterdir()] == [f"{digest}.sealed"]
    modes = [path.stat().st_mode & 0o777 for path in (folder.parent, folder, folder / f"{digest}.sealed")]
    assert modes == [0o700, 0o700, 0o600]
    assert open_document(store, 3, digest) == content
    letter_folder(store.data_dir, 4).mkdir()
    (folder / f"{digest}.sealed").rename(letter_folder(store.data_dir, 4) / f"{digest}.sealed")
    with pytest.raises(KeyProblem):
        open_document(store, 4, digest)
    with pytest.raises(LetterError, match="cannot be read"):
        open_document(store, 3, digest)


def test_the_files_of_a_letter_are_not_those_of_an_open_word(tmp_path: Path) -> None:
    """Neither lock files, nor what a killed writer left, nor sealed replies; and no folder has none."""
    for name in (
        "letter.nl.docx",
        "case.txt",
        "~$tter.nl.docx",
        ".~lock.letter.nl.docx#",
        ".letter.nl.pdf.9",
        "a.sealed",
    ):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in letter_files(tmp_path)] == ["case.txt", "letter.nl.docx"]
    assert letter_files(tmp_path / "missing") == ()


def test_a_file_replaces_one_that_nobody_may_write_to(tmp_path: Path) -> None:
    """Whole, with its own mode, and without what a killed writer left beside it."""
    path = tmp_path / "letter.nl.pdf"
    (tmp_path / ".letter.nl.pdf.123").write_bytes(b"half")
    write_whole(path, b"old", 0o400)
    write_whole(path, b"new", 0o400)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o400)
    assert [each.name for each in tmp_path.iterdir()] == ["letter.nl.pdf"]


def test_a_folder_that_cannot_be_written_to_is_said_without_its_name(tmp_path: Path) -> None:
    """One line with the reason of the system."""
    with pytest.raises(LetterError, match="cannot be written") as raised:
        write_whole(tmp_path / "missing" / "letter.nl.pdf", b"x")
    assert "missing" not in str(raised.value)

"""Approval of a Letter: what the clerk made of it in Word is looked at, set as PDF and put beyond change.

In: an open store and a drafted Letter, whose documents lie in `<data-dir>/letters/N/`. Out: the Letter, approved, with
the SHA-256 of every file; files nobody may write to. What would surprise: the PDFs are made anew from the Word
documents as they are now, so what is sent is what was approved; and a figure that the Letter told its Provider must
still be there, because the final report rests on what the Provider was told.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor import store
from monitor.clock import now
from monitor.correspondence.hearing_steps import check_step
from monitor.errors import LetterError
from monitor.model.letter import Letter, LetterEvent, LetterStep
from monitor.store import Store
from monitor.store.letter_files import letter_files, letter_folder, open_elsewhere, write_whole

LANGUAGES = {"letter.nl.docx": "nl", "letter.en.docx": "en"}
"""The Word documents of a Letter, by name."""
_DUTCH = "letter.nl.docx"
_READ_ONLY, _OWN = 0o400, 0o600


@dataclass(frozen=True, slots=True)
class Approval:
    """An approved Letter, where its files lie, and what a person should look at, by document."""

    letter: Letter
    folder: Path
    warnings: tuple[str, ...]


def approve(db: Store, which: str, *, by: str) -> Approval:
    """Approve a drafted Letter as its documents are now. On LetterError or DocumentError nothing was changed."""
    letter = store.find_letter(db, which)
    moment = now()
    check_step(letter, LetterEvent(LetterStep.APPROVED, moment, by, moment), moment)
    folder = letter_folder(db.data_dir, letter.letter_id)
    found = _read(folder, letter)
    documents = {name: content for name, content in found.items() if name in LANGUAGES}
    pdfs, warnings = _set(documents, letter)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in (found | pdfs).items()}
    event = LetterEvent(LetterStep.APPROVED, moment, by, moment, files=tuple(sorted(hashes.items())))
    with _unlocked_on_failure() as locked:

        def settle(current: Letter) -> None:
            check_step(current, event, now())
            _lock(folder, found, pdfs, locked)

        approved = store.record_step(db, letter.letter_id, event, allow=settle)
    return Approval(approved, folder, tuple(warnings))


def standing_of_files(letter: Letter, folder: Path) -> dict[str, str]:
    """How each file stands beside what was recorded of it last: name -> a few words."""
    recorded = dict(next((event.files for event in reversed(letter.events) if event.files), ()))
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in letter_files(folder)}
    step = "approved" if any(event.step is LetterStep.APPROVED for event in letter.events) else "drafted"
    standing = {}
    for name in sorted(recorded.keys() | there.keys()):
        if name not in there:
            standing[name] = "missing"
        elif name not in recorded:
            standing[name] = f"not {step}"
        else:
            standing[name] = f"as {step}" if there[name] == recorded[name] else f"changed since it was {step}"
    return standing


def _read(folder: Path, letter: Letter) -> dict[str, bytes]:
    """Every file of the Letter, by name. Raises LetterError where one that was drafted is gone, or one is open."""
    if not folder.is_dir():
        raise LetterError("The files of this letter are not in the data folder", "Put them back, or draft it again")
    if any(open_elsewhere(folder)):
        raise LetterError(
            "A document of this letter is open in Word or LibreOffice",
            "Save and close it; where it is not, remove the lock file (~$...) from the letter's folder",
        )
    found = {path.name: path.read_bytes() for path in letter_files(folder)}
    drafted = {name for name, _ in letter.events[0].files if name in LANGUAGES}
    if missing := sorted(({_DUTCH} | drafted) - found.keys()):
        raise LetterError(
            f"{', '.join(missing)} is not in the letter's folder", "Put it back, or draft the letter again"
        )
    return found


def _set(documents: Mapping[str, bytes], letter: Letter) -> tuple[dict[str, bytes], list[str]]:
    """The PDF of each document by its name, and what a person should look at. Raises LetterError, DocumentError."""
    from monitor.correspondence.letter_check import problems, text_of, title_of  # noqa: PLC0415 (Word files take long to load)
    from monitor.correspondence.pdf import to_pdf  # noqa: PLC0415 (same reason)
    from monitor.correspondence.powers import claimed_powers  # noqa: PLC0415 (same reason)

    pdfs, warnings = {}, list[str]()
    for name, content in sorted(documents.items()):
        text = text_of(content)
        if wrong := problems(text, letter, LANGUAGES[name]):
            raise LetterError(
                f"{name} cannot be approved: {'; '.join(wrong)}",
                "Put it right in Word and save; other figures or another date or term need a new letter",
            )
        made = to_pdf(content, title=title_of(content) or letter.reference, language=LANGUAGES[name])
        pdfs[f"{name.removesuffix('.docx')}.pdf"] = made.content
        warnings += [f"{name}: the PDF does not show: {what}" for what in made.not_shown]
        warnings += [f"{name}: threatens or claims a power? {each.word!r}" for each in claimed_powers(text)]
    return pdfs, warnings


def _lock(folder: Path, found: Mapping[str, bytes], pdfs: Mapping[str, bytes], locked: list[Path]) -> None:
    """Write the PDFs and make all read-only; what was saved meanwhile was not approved."""
    for name, content in found.items():
        if name not in pdfs:
            path = folder / name
            locked.append(path)
            path.chmod(_READ_ONLY)
            if path.read_bytes() != content:
                raise LetterError(
                    f"{name} was changed while it was approved", "Save and close it, then approve it again"
                )
    for name, content in pdfs.items():
        locked.append(folder / name)
        write_whole(folder / name, content, _READ_ONLY)


@contextmanager
def _unlocked_on_failure() -> Iterator[list[Path]]:
    """Give the files in the list back to the clerk where the approval does not come about."""
    locked: list[Path] = []
    try:
        yield locked
    except BaseException:
        for path in locked:
            if path.exists():
                path.chmod(_OWN)
        raise

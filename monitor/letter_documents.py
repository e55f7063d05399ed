"""The documents of a Letter: templates filled in, set as PDF, and put into a folder of their own.

In: what every Letter of one command shares, the Letter with its number, its Provider's Scorecard. Out: files by name,
what a person should look at, and the files on disk. What would surprise: a folder of the same number that a killed
draft left is replaced; one that holds anything else is not.
"""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from monitor import publication
from monitor.clock import now
from monitor.config import Letters
from monitor.correspondence.documents import render
from monitor.correspondence.letter_check import text_of
from monitor.correspondence.letter_values import LetterFacts, LetterWords, letter_values
from monitor.correspondence.pdf import to_pdf
from monitor.correspondence.powers import claimed_powers
from monitor.errors import ConfigError, LetterError
from monitor.model.breakdown import ProviderEvidence
from monitor.model.letter import Letter
from monitor.model.provider import Provider
from monitor.model.scorecard import Ranking, Scorecard
from monitor.store.letter_files import SEALED, write_whole

TEMPLATES = ("letter.nl.docx", "letter.en.docx")
_DUTCH, _ENGLISH = TEMPLATES
_OWN = 0o600
"""The mode of a document as it is drafted; approval takes the right to write away."""
_WRITTEN_OUT = dict.fromkeys(TEMPLATES, "letters") | dict.fromkeys(("beslisnota.docx", "factsheet.docx"), "briefing")
"""By name, our folder: `monitor brief` goes by the same folder of `[letters] templates`."""


@dataclass(frozen=True, slots=True)
class LetterCase:
    """What every Letter of one command says alike. `criteria` by language."""

    settings: Letters
    ranking: Ranking
    evidence: Mapping[str, ProviderEvidence]
    criteria: Mapping[str, str]
    your_reference: str


def documents(
    case: LetterCase, letter: Letter, card: Scorecard, provider: Provider, before: Letter | None = None
) -> tuple[dict[str, bytes], list[str]]:
    """Word documents and their PDFs by name, and what a person should look at; `before`: the Letter that it follows."""
    made: dict[str, bytes] = {}
    warnings: list[str] = []
    evidence: dict[str, tuple[str, ...]] = {}
    for name in TEMPLATES if case.settings.courtesy_translation else (_DUTCH,):
        language = name.split(".")[1]
        parts = publication.letter_parts(
            card, case.ranking, case.evidence.get(card.provider_id), letter.provider, language
        )
        evidence[language] = parts.evidence
        values = _values(case, letter, card, provider, before, parts, language)
        docx = render(templates_folder(case.settings, name), values, {"chart": parts.chart} if parts.chart else {})
        pdf = to_pdf(docx, title=str(values["title"]), language=language)
        made[name], made[name.replace(".docx", ".pdf")] = docx, pdf.content
        warnings += [f"{name}: its PDF does not show {what}" for what in pdf.not_shown]
        for power in claimed_powers(text_of(docx)):
            warnings.append(f"{name}: it speaks of a power ({power.word}): has the sender got it?")
    made["case.txt"] = _case_text(case, letter, card, evidence["nl"]).encode()
    return made, warnings


def _values(
    case: LetterCase,
    letter: Letter,
    card: Scorecard,
    provider: Provider,
    before: Letter | None,
    parts: publication.LetterParts,
    language: str,
) -> dict[str, object]:
    address = (provider.identity.postal_address or "").splitlines()
    facts = LetterFacts(
        sender=case.settings,
        reference=letter.reference,
        your_reference=case.your_reference,
        dated=letter.dated,
        answer_by=letter.answer_by,
        provider=letter.provider,
        addressee=(letter.provider, *(line.strip() for line in address if line.strip())),
        period=case.ranking.period,
        cutoff=case.ranking.cutoff,
        card=card,
        norm=case.ranking.norm,
        n_ranked=sum(each.rank is not None for each in case.ranking.scorecards),
        before=before,
        is_same_freeze=before is not None and before.told.freeze == case.ranking.freeze,
    )
    words = LetterWords(
        language=language,
        criteria=case.criteria[language],
        judgement=parts.judgement,
        judgement_sentence=parts.judgement_sentence,
        median_status=parts.median_status,
        evidence=parts.evidence,
        chart_alt=parts.chart_alt,
        judgement_before="" if before is None else publication.class_words(language)[before.told.class_],
    )
    return letter_values(facts, words, parts.formats)


def _case_text(case: LetterCase, letter: Letter, card: Scorecard, evidence: tuple[str, ...]) -> str:
    """For the official who approves: on what the bookings rest, today looked at again and found the same."""
    lines = [
        f"{letter.reference}: {letter.provider} ({card.provider_id})",
        f"Dataset {case.ranking.freeze[:8]}, {case.ranking.period.label}",
        f"Toerekening op {now():%Y-%m-%d} opnieuw bekeken: geen verschil met de dataset.",
        *evidence,
    ]
    return "\n".join(lines) + "\n"


def kept(folder: Path, made: Mapping[str, bytes]) -> tuple[tuple[str, str], ...]:
    """Write the files of a new Letter; (name, SHA-256) of each. Raises LetterError.

    A folder that is there already is of a draft that was killed, for its number was never given. Not so where a
    database was put back that is older than the folder: what was approved or received stays.
    """
    try:
        if folder.exists():
            if any(path.stat().st_mode & 0o777 != _OWN or path.suffix == SEALED for path in folder.iterdir()):
                raise LetterError(
                    f"The folder letters/{folder.name} is no broken-off draft, and the register does not know it",
                    "Move that folder away and find out: was an older database put back?",
                )
            shutil.rmtree(folder)
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise LetterError(f"The letter's folder cannot be made ({error.strerror})", "Check the data folder") from None
    for name, content in made.items():
        write_whole(folder / name, content)
    return tuple((name, hashlib.sha256(content).hexdigest()) for name, content in sorted(made.items()))


def templates_folder(settings: Letters, name: str) -> Path:
    """The clerk's own template of that name where there is one, else ours."""
    if settings.templates:
        own = Path(settings.templates).expanduser() / name
        if not own.is_file():
            raise ConfigError(
                f"[letters] templates names a folder without {name}", "`monitor letters templates FOLDER`"
            )
        return own
    with as_file(files("reports") / "templates" / "letters" / name) as path:
        return path


def write_templates(folder: Path) -> tuple[Path, ...]:
    """Our templates for a clerk to change; one that is there is never overwritten. Raises LetterError."""
    there = [name for name in _WRITTEN_OUT if (folder / name).exists()]
    if there:
        raise LetterError(f"{there[0]} is in that folder already", "Name an empty folder: nothing is overwritten")
    folder.mkdir(parents=True, exist_ok=True)
    for name, ours in _WRITTEN_OUT.items():
        (folder / name).write_bytes((files("reports") / "templates" / ours / name).read_bytes())
    return tuple(folder / name for name in _WRITTEN_OUT)

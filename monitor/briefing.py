"""`monitor brief`: the decision note and the factsheet of a frozen Period, as Word documents and PDF.

In: an open store, the settings, a frozen Period. Out: four files for their owner's eyes. What would surprise: the
factsheet names Providers only where `publish --kind final` would, today, whatever day the documents bear; and a
document that a clerk may have edited is not written over.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

from monitor import frozen_figures, naming, publication, publishing, store
from monitor.config import Letters, Settings
from monitor.correspondence.advice import advice, cases, default_kind
from monitor.correspondence.briefing import BriefingFacts, note_values
from monitor.correspondence.criteria import Rebooked, chosen, criteria, refused
from monitor.correspondence.documents import render
from monitor.correspondence.factsheet import check_nobody, factsheet
from monitor.correspondence.letter_check import text_of
from monitor.correspondence.letter_values import Writes
from monitor.correspondence.pdf import to_pdf
from monitor.disk import write_whole
from monitor.errors import ConfigError, DocumentError, NamingRefused
from monitor.model.briefing import Case
from monitor.model.letter import HearingRegister
from monitor.model.period import Period
from monitor.model.provider import Registry
from monitor.model.release import ReleaseInput
from monitor.model.scorecard import Scorecard
from monitor.model.words import ReleaseKind
from monitor.store import Store

FOLDER = "briefings"
NOTE, FACTSHEET = TEMPLATES = ("beslisnota.docx", "factsheet.docx")


@dataclass(frozen=True, slots=True)
class Request:
    """What a clerk asks for. `kind` None: as the register stands; `replace`: write over what is there."""

    dated: date
    kind: ReleaseKind | None = None
    out: Path | None = None
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Briefing:
    """What was made. `n_lines` of `n_ranked` Providers stand in the factsheet's table."""

    folder: Path
    paths: tuple[Path, ...]
    facts: BriefingFacts
    n_lines: int
    warnings: tuple[str, ...]

    @property
    def n_ranked(self) -> int:
        return len(self.facts.public.ranked)


def brief(db: Store, settings: Settings, period: Period, digest8: str | None, asked: Request) -> Briefing:
    """Raises ConfigError, DocumentError, FreezeError; ReleaseRefused where the factsheet would give something away."""
    if not settings.letters.organisation:
        raise ConfigError("A briefing says whose it is: [letters] lacks organisation", "Fill it in")
    data = frozen_figures.read_freeze(db.data_dir, period, digest8)
    register = store.load_register(db, data.period.label)
    kind = asked.kind or default_kind(register)
    whole = publishing.release_input(data, settings, kind)
    release = _as_it_may_be(whole, settings, db)
    facts, writes = _facts(db, settings, asked, register, whole, release)
    made, n_lines, warnings = _documents(facts, writes, settings.letters, release)
    folder = asked.out or db.data_dir / FOLDER / data.path.name
    paths = _kept(folder, made, replace_them=asked.replace)
    return Briefing(folder, paths, facts, n_lines, warnings)


def _as_it_may_be(release: ReleaseInput, settings: Settings, db: Store) -> ReleaseInput:
    """With names where a final report may have them, else under the code letters of a release without names."""
    if release.kind is ReleaseKind.FINAL and release.ranking.norm.why_not_final(release.ranking.period) is None:
        with suppress(NamingRefused):
            return naming.heard(release, settings.letters, db)
    return replace(release, named=False)


def _facts(
    db: Store,
    settings: Settings,
    asked: Request,
    register: HearingRegister,
    whole: ReleaseInput,
    release: ReleaseInput,
) -> tuple[BriefingFacts, Writes]:
    ranking = whole.ranking
    figures, writes = publication.briefing_figures(replace(whole, named=True), "nl")
    public, _ = publication.briefing_figures(release, "nl")
    found = _cases(db, settings, asked.dated, register, whole)
    norm_is_set = ranking.norm.why_not_final(ranking.period) is None
    facts = BriefingFacts(
        kind=whole.kind,
        sender=settings.letters,
        dated=asked.dated,
        period=ranking.period,
        cutoff=ranking.cutoff,
        freeze=ranking.freeze,
        method=ranking.method,
        norm=ranking.norm,
        minimums=ranking.minimums,
        figures=figures,
        public=public,
        cases=found,
        advice=advice(whole.kind, found, norm_is_set=norm_is_set),
        criteria=criteria(settings.letters, ranking.minimums)["nl"],
        withheld={each.provider_id: each.why for each in register.decisions if not each.named},
        named_before=settings.publication.name_in_interim,
    )
    return facts, writes


def _cases(
    db: Store, settings: Settings, today: date, register: HearingRegister, whole: ReleaseInput
) -> tuple[Case, ...]:
    """Everybody whom a report shows, in the order of the ranking, then who is shown elsewhere in it alone."""
    registry = store.load_registry(db, today)
    persons = {key for key, each in registry.providers.items() if each.natural_person}
    ids = publication.shown_ids(whole.ranking)
    cards = [card for card in whole.ranking.scorecards if card.provider_id in ids]
    elsewhere = naming.to_be_named(replace(whole, named=True, unnamed=persons, proxies=None))
    cards += {each.provider_id: each for each in elsewhere if each.provider_id not in ids}.values()
    written_to = {card.provider_id: card for card in chosen(cards, ids, settings.letters)}
    return cases(
        cards,
        register,
        today,
        whole.ranking.freeze,
        persons=persons,
        chosen=written_to.keys(),
        impossible=_not_to_be_written(written_to, registry, whole),
    )


def _not_to_be_written(written_to: Mapping[str, Scorecard], registry: Registry, whole: ReleaseInput) -> frozenset[str]:
    """Those to whom `letters draft` would write nothing, as far as the registry says."""
    behind = whole.proxies.scorecards if whole.proxies else ()
    proxies = {card.provider_id for card in behind if card.n_notices}
    found = set()
    for key, card in written_to.items():
        provider, booked = registry.providers.get(key), Rebooked(card.n_episodes, 0, 0)
        if provider is None or refused(card, provider, (), booked, is_proxy=key in proxies) is not None:
            found.add(key)
    return frozenset(found)


def _documents(
    facts: BriefingFacts, writes: Writes, sender: Letters, release: ReleaseInput
) -> tuple[dict[str, bytes], int, tuple[str, ...]]:
    """The files by name, how many lines the factsheet's table has, and what a PDF does not show."""
    values = note_values(facts, writes)
    note = render(_template(sender, NOTE), values)
    note_pdf = to_pdf(note, title=str(values["title"]), language="nl")
    sheet = factsheet(_template(sender, FACTSHEET), facts, writes)
    check_nobody(sheet, sender)
    publication.cleared({"factsheet.pdf": sheet.pdf.content, "factsheet.txt": text_of(sheet.docx).encode()}, release)
    made: dict[str, bytes] = {}
    for name, docx, pdf in ((NOTE, note, note_pdf), (FACTSHEET, sheet.docx, sheet.pdf)):
        stem = f"{name.removesuffix('.docx')}-{facts.dated.isoformat()}"
        made |= {f"{stem}.docx": docx, f"{stem}.pdf": pdf.content}
    missing = {name: pdf.not_shown for name, pdf in ((NOTE, note_pdf), (FACTSHEET, sheet.pdf))}
    warnings = tuple(f"{name}: its PDF does not show {what}" for name, each in missing.items() for what in each)
    return made, sheet.n_lines, warnings


def _template(sender: Letters, name: str) -> Path:
    """The clerk's own where the folder of `[letters] templates` has one, else ours."""
    if sender.templates:
        own = Path(sender.templates).expanduser() / name
        if own.is_file():
            return own
        if not own.parent.is_dir():
            raise ConfigError("[letters] templates names no folder", "`monitor letters templates FOLDER` makes one")
    with as_file(files("reports") / "templates" / "briefing" / name) as path:
        return path


def _kept(folder: Path, made: Mapping[str, bytes], *, replace_them: bool) -> tuple[Path, ...]:
    """Write what is not there yet. Raises DocumentError where another content is."""
    paths = {folder / name: content for name, content in made.items()}
    try:
        there = [path for path, content in paths.items() if path.exists() and path.read_bytes() != content]
        if there and not replace_them:
            raise DocumentError(
                f"{there[0].name} is there with another content, which a person may have edited",
                "Write --replace to have it made anew, or --out for another folder",
            )
        for each in (folder.parent, folder):
            each.mkdir(mode=0o700, exist_ok=True)
        for path, content in paths.items():
            write_whole(path, content)
    except OSError as error:
        raise DocumentError(
            f"The briefing cannot be written ({error.strerror})", "Check the folder, its owner and the disk"
        ) from None
    return tuple(paths)

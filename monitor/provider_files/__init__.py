"""A Provider's own file: every row that its page counts, sealed for it alone; joins the freeze, the store and the seal.

In: the store, a frozen Period, a Provider, public keys, who asks and why. Out: the sealed file, and its row on the
audit log. What would surprise: figures come from the freeze, what stands beside them from the store, and the two are
held against each other row by row; the audit row is written before the file has its name, so that no file is without.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor import frozen_figures, store
from monitor.attribution.explain_words import BASES, DOUBTS, MATCHES, RETURNED
from monitor.config import Settings
from monitor.errors import FreezeError
from monitor.handover.provider_file import ProviderFile, pieces
from monitor.handover.provider_file_columns import WordLine
from monitor.handover.seal import PublicKey, Sealed, write_sealed
from monitor.method import version_of_the_code
from monitor.model.period import Period
from monitor.model.provider_file import CaseBatch, CaseFigures, CaseHead, FileCounts
from monitor.model.scorecard import Norm, Scorecard
from monitor.model.words import NoticeKind, Role
from monitor.pipeline import Progress, silent
from monitor.provider_files.checks import rule_sentences
from monitor.provider_files.counts import Course
from monitor.provider_files.evidence import Ground
from monitor.provider_files.matching import ROLES
from monitor.provider_files.moved_in import moved_in
from monitor.provider_files.rows import batch
from monitor.ranking import METHOD as METHOD_IN_FORCE
from monitor.store import Store, frozen
from monitor.store.frozen_case_rows import case_rows, count_case_rows
from monitor.store.frozen_manifest import EPISODES, METHOD

FOLDER = "provider-files"
"""Where the files go in the data folder, as long as nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `out` None: into the data folder. `final`: with the classes of a final release."""

    provider: str  # id, name, alias or AS number
    period: Period
    freeze: str | None  # first 8 digits of the digest; None: the newest
    keys: tuple[PublicKey, ...]
    by: str
    why: str
    out: Path | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What was made."""

    head: CaseHead
    sealed: Sealed
    counts: FileCounts


def provider_file(db: Store, settings: Settings, asked: Asked, progress: Progress = silent) -> Made:
    """Write one Provider's file. Raises FreezeError (not in the freeze), HandoverError, StoreError, KeyProblem."""
    db.sealer.check_may_reveal()
    data = frozen_figures.open_freeze(db.data_dir, asked.period, asked.freeze)
    provider_id, lanes = _found(db, data, asked.provider)
    ground = Ground.of(db, settings, data, provider_id)
    head = _head(settings, data, provider_id)
    course, counted = Course(), list[FileCounts]()
    given = ProviderFile(
        head=head,
        figures=tuple(_figures(data, provider_id, lanes, final=asked.final)),
        batches=_batches(ground, provider_id, course, sum(lanes.values()), progress),
        moved_in=moved_in(ground, provider_id, course.latest_notice),
        words=tuple(_words(ground)),
        method=(data.path / METHOD).read_bytes(),
    )

    def written_down(sealed: Sealed) -> None:
        _audit(db, asked, head, sealed, counted[-1])

    path = asked.out or db.data_dir / FOLDER / f"{provider_id}-{data.period.label}-{data.digest[:8]}.zip.age"
    return Made(head, write_sealed(path, pieces(given, counted.append), asked.keys, written_down), counted[-1])


def _found(db: Store, data: frozen.OpenFreeze, name: str) -> tuple[str, dict[tuple[str, str], int]]:
    """The Provider's id in the freeze, and its rows by role and clock."""
    known = store.load_registry(db, min(data.period.end, data.cutoff).date()).find(name)
    for provider_id in dict.fromkeys((name, name.lower(), known)):
        lanes = count_case_rows(data.path / EPISODES, provider_id, ROLES) if provider_id else {}
        if provider_id and lanes:
            return provider_id, lanes
    raise FreezeError(
        "That provider has no row in the frozen dataset", f"See `monitor rank {data.period.label}` for those that have"
    )


def _head(settings: Settings, data: frozen.OpenFreeze, provider_id: str) -> CaseHead:
    names = {each.provider_id: each.name for each in data.providers}
    start, end, cutoff = (
        at.isoformat().replace("+00:00", "Z") for at in (data.period.start, data.period.end, data.cutoff)
    )
    return CaseHead(
        provider_id=provider_id,
        provider=names.get(provider_id, provider_id),
        period=data.period.label,
        period_start=start,
        period_end=end,
        cutoff=cutoff,
        freeze=data.digest,
        method=data.method.method,
        code_version=data.inputs.code_version,
        made_by=version_of_the_code(),
        publisher=settings.publication.publisher,
        answer_to=settings.letters.answer_to,
    )


def _figures(
    data: frozen.OpenFreeze, provider_id: str, lanes: dict[tuple[str, str], int], *, final: bool
) -> Iterator[CaseFigures]:
    """The Provider's Scorecard in each role and under each norm of a clock on which it has anything."""
    for role, clock in lanes:
        for norm in data.method.norms_in_order:
            if norm.clock.value == clock:
                cards = _scorecards(data, norm, Role(role), final=final)
                yield from (CaseFigures(Role(role), norm, card) for card in cards if card.provider_id == provider_id)


def _scorecards(data: frozen.OpenFreeze, norm: Norm, role: Role, *, final: bool) -> tuple[Scorecard, ...]:
    """Those that were frozen, as far as a release shows them as they are; else measured as a release measures them."""
    as_frozen = norm.name == NoticeKind.REQUEST.value and role is Role.NETWORK and data.method.method == METHOD_IN_FORCE
    if as_frozen and not final:
        return frozen.read_scorecards(data.path)
    return frozen_figures.ranking_of(data, norm.name, role, final=final).scorecards


def _batches(ground: Ground, provider_id: str, course: Course, n_rows: int, progress: Progress) -> Iterator[CaseBatch]:
    for rows in case_rows(ground.data.path / EPISODES, provider_id, ROLES):
        with store.collection_paused():
            made = batch(ground, rows, course)
        yield made
        progress(course.n, n_rows)


def _words(ground: Ground) -> Iterator[WordLine]:
    """Every word that stands in a cell and is no plain English, and every rule."""
    sets = {
        "addressee_match": MATCHES,
        "notice_status": RETURNED,
        "attribution_basis": BASES,
        "attribution_doubts": DOUBTS,
    }
    for kind, words in sets.items():
        yield from (WordLine(kind, word, meaning) for word, meaning in words.items())
    yield from (WordLine("rule", rule, sentence) for rule, sentence in ground.data.method.rules)
    yield from (WordLine("rule", rule, sentence) for rule, sentence in rule_sentences(ground).items())


def _audit(db: Store, asked: Asked, head: CaseHead, sealed: Sealed, counts: FileCounts) -> None:
    keys = " ".join(key.fingerprint for key in sealed.keys)
    subject = (
        f"{head.provider_id}, {head.period}, freeze {head.freeze[:8]}: {counts.rows} rows, {counts.checks} checks, "
        f"SHA-256 {sealed.sha256}, for key {keys}"
    )
    store.add_audit(db, actor=asked.by, action="provider-file", subject=subject, reason=asked.why)


__all__ = ["FOLDER", "ROLES", "Asked", "Made", "provider_file"]

"""`monitor letters draft`: a Letter to each Provider that the criteria choose, or the reason why there is none.

In: an open store, the settings, a frozen Period. Out: Letters on the register with their documents in
`<data-dir>/letters/N/`, and the refusals. What would surprise: the Period is derived once more from the store as it
stands today, and a Provider of whom one Episode is booked otherwise now gets no Letter from the old dataset.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from monitor import freezing, frozen_figures, publication, store
from monitor.config import Letters, Settings
from monitor.correspondence.criteria import Rebooked, chosen, criteria, missing_settings, refused, unknown_classes
from monitor.errors import ConfigError, LetterError
from monitor.letter_documents import LetterCase, documents, kept
from monitor.model.episode import EpisodeTable
from monitor.model.letter import DraftRefused, HearingRegister, Letter, Told
from monitor.model.period import Period
from monitor.model.provider import Provider, Registry
from monitor.model.scorecard import Scorecard
from monitor.model.words import EpisodeStatus, NoticeKind, Role
from monitor.pipeline import Progress, silent
from monitor.store import Store, frozen
from monitor.store.letter_files import letter_folder


@dataclass(frozen=True, slots=True)
class Request:
    """What a clerk asks for. `only`: ids, names or AS numbers of Providers, none: all that the criteria choose."""

    by: str
    dated: date
    only: tuple[str, ...] = ()
    your_reference: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Drafted:
    """A Letter that was drafted, where its files lie, and what a person should look at."""

    letter: Letter
    folder: Path
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drafts:
    """What came of it; each Provider that the criteria choose is in one of both."""

    criteria: str
    drafted: tuple[Drafted, ...]
    refused: tuple[DraftRefused, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """One command: where its Letters go, what they say alike, what was asked."""

    db: Store
    shared: LetterCase
    asked: Request


def draft(
    db: Store, settings: Settings, period: Period, digest8: str | None, asked: Request, progress: Progress = silent
) -> Drafts:
    """Draft every Letter that may be. Raises ConfigError or LetterError where none can be, whoever it is to."""
    _check_settings(settings.letters)
    data = frozen_figures.read_freeze(db.data_dir, period, digest8)
    why = data.method.norm(NoticeKind.REQUEST).why_not_final(period)
    if why is not None:
        raise LetterError(
            f"{why}, so no letter may rest on it", "Set basis, valid_from and set_by of the norm, then freeze again"
        )
    case, proxies = _case(db, settings, data, asked)
    registry = store.load_registry(db, asked.dated)
    cards = _only(
        chosen(case.shared.ranking.scorecards, publication.shown_ids(case.shared.ranking), settings.letters),
        asked,
        registry,
    )
    again = rebooked(db, settings, data, {card.provider_id for card in cards})
    drafted, turned_down = [], list(_proxies_alone(proxies, cards, registry, asked))
    for n, card in enumerate(cards):
        progress(n, len(cards))
        found = _one(case, card, registry.providers.get(card.provider_id), again[card.provider_id], proxies)
        if isinstance(found, DraftRefused):
            turned_down.append(found)
        else:
            drafted.append(found)
    return Drafts(case.shared.criteria["en"], tuple(drafted), tuple(turned_down))


def rebooked(db: Store, settings: Settings, data: frozen.FrozenData, providers: Collection[str]) -> dict[str, Rebooked]:
    """Whom the Episodes of these Providers are booked on by the facts, tables and registry of today."""
    facts, _ = freezing.settled(db, settings, data.cutoff)
    known = store.load_registry(db, min(data.period.end, data.cutoff).date())
    registered = freezing.registrations(db, known, data.cutoff)
    cut = freezing.Cut(db, settings, data.method, known, registered, data.period, data.cutoff)
    before, today = data.episodes, cut.episodes(replace(facts, registrations=registered))
    then, there = _records_of(before, providers), _records_of(today, providers)
    return {key: _compared(then[key], there[key]) for key in providers}


def _compared(then: Mapping[tuple[str, str], set[int]], now_: Mapping[tuple[str, str], set[int]]) -> Rebooked:
    """Records with their times of notice, as frozen and as they would be booked today."""
    retimed = sum(now_[record] != times for record, times in then.items() if record in now_)
    return Rebooked(len(then), len(then.keys() - now_.keys()), len(now_.keys() - then.keys()), retimed)


def _check_settings(rules: Letters) -> None:
    if missing := missing_settings(rules):
        raise ConfigError(f"The letters' sender is not complete: [letters] lacks {', '.join(missing)}", "Fill them in")
    if wrong := unknown_classes(rules):
        raise ConfigError(
            f"[letters] classes has {len(wrong)} unknown words", "Use meets, below, not-proven and too-few"
        )


def _case(db: Store, settings: Settings, data: frozen.FrozenData, asked: Request) -> tuple[_Case, frozenset[str]]:
    from monitor import ranked  # noqa: PLC0415 (it loads numba)

    ranking = frozen_figures.ranking_of(data, NoticeKind.REQUEST, Role.NETWORK, with_curves=True)
    behind = frozen_figures.ranking_of(data, NoticeKind.REQUEST, Role.PROXY, resamples=0)
    proxies = frozenset(card.provider_id for card in behind.scorecards if card.n_notices)
    evidence = {each.provider_id: each for each in ranked.evidence(data.selected(NoticeKind.REQUEST, Role.NETWORK))}
    shared = LetterCase(
        settings.letters, ranking, evidence, criteria(settings.letters, ranking.minimums), asked.your_reference
    )
    return _Case(db, shared, asked), proxies


def _only(cards: Sequence[Scorecard], asked: Request, registry: Registry) -> tuple[Scorecard, ...]:
    if not asked.only:
        return tuple(cards)
    wanted = {name: registry.find(name) for name in asked.only}
    chosen_ids = {card.provider_id for card in cards}
    if strangers := [name for name, key in wanted.items() if key not in chosen_ids]:
        raise LetterError(
            f"{len(strangers)} of the providers asked for are not among those that the criteria choose",
            "`monitor rank` lists the providers of the period; the criteria are in [letters]",
        )
    return tuple(card for card in cards if card.provider_id in wanted.values())


def _proxies_alone(
    proxies: Collection[str], cards: Sequence[Scorecard], registry: Registry, asked: Request
) -> Iterator[DraftRefused]:
    """Those that the report shows as reverse proxies alone: nobody has to wonder why they get no Letter."""
    if asked.only:
        return
    for key in sorted(set(proxies) - {card.provider_id for card in cards}):
        if key in registry.providers and not registry.providers[key].natural_person:
            why = "it is a reverse proxy, which does not host what it forwards"
            yield DraftRefused(key, registry.label(key), why, "It is written to in no case; nothing has to be done")


def _records_of(rows: EpisodeTable, providers: Collection[str]) -> dict[str, dict[tuple[str, str], set[int]]]:
    """The records of which each Provider has Episodes, with the times of notice (microseconds UTC)."""
    found: dict[str, dict[tuple[str, str], set[int]]] = {key: {} for key in providers}
    counted = (
        (rows.role == Role.NETWORK.value)
        & (rows.clock == NoticeKind.REQUEST.value)
        & (rows.status == EpisodeStatus.EPISODE.value)
    )
    columns = (rows.provider_id, rows.source, rows.record_id, rows.notified_at)
    for key, source, record, at in zip(*(column[counted] for column in columns), strict=True):
        if key in found:
            found[key].setdefault((source, record), set()).add(int(at))
    return found


def _one(
    case: _Case, card: Scorecard, provider: Provider | None, again: Rebooked, proxies: Collection[str]
) -> Drafted | DraftRefused:
    """Decided within the transaction that adds the Letter, so that two clerks at once do not write twice."""
    if provider is None:
        why = "the registry has merged it with another provider since the freeze"
        return DraftRefused(card.provider_id, card.provider, why, "Freeze again, then draft from that")
    refusal: list[DraftRefused] = []
    warnings: list[str] = []
    arrived: list[Letter] = []

    def allow(register: HearingRegister) -> None:
        letters = register.letters_to(card.provider_id)
        why = refused(card, provider, letters, again, is_proxy=card.provider_id in proxies, again=case.asked.again)
        if why is not None:
            refusal.append(why)
            raise _NotToBeSent
        arrived.extend(each for each in letters if each.delivered_on is not None)

    def write(letter: Letter) -> tuple[tuple[str, str], ...]:
        made, said = documents(case.shared, letter, card, provider, arrived[-1] if arrived else None)
        warnings.extend(said)
        return kept(letter_folder(case.db.data_dir, letter.letter_id), made)

    try:
        letter = store.add_letter(case.db, _new_letter(case, card, provider), write=write, allow=allow)
    except _NotToBeSent:
        return refusal[0]
    return Drafted(letter, letter_folder(case.db.data_dir, letter.letter_id), tuple(warnings))


class _NotToBeSent(Exception):
    """Leaves the transaction; nothing was added."""


def _new_letter(case: _Case, card: Scorecard, provider: Provider) -> store.NewLetter:
    rules, asked = case.shared.settings, case.asked
    return store.NewLetter(
        provider_id=card.provider_id,
        provider=provider.identity.legal_name or provider.name,
        period=case.shared.ranking.period.label,
        dated=asked.dated,
        answer_by=asked.dated + timedelta(days=rules.reply_days),
        reply_days=rules.reply_days,
        criteria=case.shared.criteria["nl"],
        told=Told(
            freeze=case.shared.ranking.freeze,
            class_=card.class_,
            n_notices=card.n_notices,
            n_episodes=card.n_episodes,
            within_norm=card.within_norm,
            within_norm_low=card.within_norm_low,
            within_norm_high=card.within_norm_high,
            within_norm_worst=card.within_norm_worst,
            within_norm_best=card.within_norm_best,
            rank=card.rank,
        ),
        reference_prefix=rules.reference_prefix,
        by=asked.by,
    )

"""The freeze: one Period derived from the store, measured, and written once and for all.

In: the store, the settings, a Period and its cut-off. Out: the frozen dataset, with the Period before and the same
rows under other choices. What would surprise: a `Cut` can be derived again at any time (`explain` does), and gives the
same rows as long as no fact was added; whoever needs the frozen rows reads the dataset instead.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from monitor import attribution, judging, store, survival
from monitor.config import Settings
from monitor.errors import FreezeError
from monitor.method import describe, tables_in_force, version_of_the_code
from monitor.model.columns import Facts, Flags, Ints, RegistrationColumns, no_registrations
from monitor.model.episode import EpisodeTable, Span
from monitor.model.measurement import Measurement
from monitor.model.method import Method
from monitor.model.period import SHORTEST_FOLLOW_UP, Period
from monitor.model.previous import Previous
from monitor.model.provider import Provider, Registry
from monitor.model.registration import RegistrationAnswer
from monitor.model.release import ReferenceTableInfo
from monitor.model.report import Address
from monitor.model.scorecard import Ranking
from monitor.model.selected import select
from monitor.model.sensitivity import SensitivityChoice, SensitivityReading
from monitor.model.words import AddresseeMatch, Doubt, NoticeKind, Role
from monitor.pipeline import attribute, quiet
from monitor.store import Store, frozen

if TYPE_CHECKING:
    from monitor.ranked import Basis, Looked

EARLIER_PERIODS = 4
"""How many Periods before this one the trend looks back."""
CLOCKS_DIFFER_MICROS = 60_000_000
"""By so much a notice may seem to lie before its report: one of the times was cut to the minute."""
SETTLING_TRIES = 5
"""How often a freeze reads again when an import comes between attribution and reading."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One Period as it is derived: under one method, one registry, one cut-off."""

    db: Store
    settings: Settings
    method: Method
    registry: Registry
    registrations: RegistrationColumns
    period: Period
    cutoff: datetime

    def facts(self) -> Facts:
        found = store.load_facts(self.db, cutoff=self.cutoff, trusted=self.settings.is_trusted)
        return replace(found, registrations=self.registrations)

    def episodes(self, facts: Facts, *, network_alone: bool = False) -> EpisodeTable:
        """Every role; or network and, for it shares the clock, proxy: a quarter of the rows."""
        booked = attribution.book(facts, self.registry, self.method.thresholds)
        if network_alone:
            role = booked.notices.role
            kept = np.flatnonzero((role == Role.NETWORK.value) | (role == Role.PROXY.value))
            booked = replace(booked, notices=booked.notices.take(kept))
        span = Span(self.period.start, self.period.end, self.cutoff)
        with store.collection_paused():
            return survival.episodes(facts, booked, span, self.method.thresholds)

    def basis(self, digest: str = "") -> "Basis":
        """What the figures of this cut rest on beside its rows."""
        from monitor.ranked import Basis  # noqa: PLC0415 (it loads numba)

        return Basis(self.method, self.period, self.cutoff, _named(self.registry), digest)

    def looked_at(self, *, every_role: bool) -> "Looked":
        """What other Periods are held against; the rows and facts of this one are let go."""
        from monitor import ranked  # noqa: PLC0415 (it loads numba)

        rows = self.episodes(self.facts(), network_alone=not every_role)
        return ranked.looked_at(rows, self.basis(), every_role=every_role)


def freeze_warnings(period: Period, cutoff: datetime, today: datetime) -> list[str]:
    """What a reader of the figures should know before they are cut."""
    warnings = []
    if cutoff < period.end + SHORTEST_FOLLOW_UP:
        warnings.append("the cut-off leaves less than 73 hours after the period: late episodes cannot be judged yet")
    if cutoff > today:
        warnings.append("the cut-off lies in the future: facts can still come in, and hours not lived yet are counted")
    return warnings


def freeze(
    db: Store, settings: Settings, period: Period, cutoff: datetime, warn: Callable[[str], None] = quiet
) -> frozen.Frozen:
    """Cut the immutable dataset of one Period: derive its rows, rank them, write both with all that made them."""
    if cutoff <= period.start:
        raise FreezeError("The cut-off lies before the period", "Give a later --cutoff")
    corrected, ordered = store.list_corrections(db), store.last_order_fact(db)
    facts, listed = settled(db, settings, cutoff)
    known = store.load_registry(db, min(period.end, cutoff).date())
    tables = tables_in_force(listed, facts, cutoff)
    method = describe(settings, tables, period, store.mandates_until(db, cutoff))
    cut = Cut(db, settings, method, known, registrations(db, known, cutoff), period, cutoff)
    facts = replace(facts, registrations=cut.registrations)
    beside = _beside(cut, facts)
    episodes = cut.episodes(facts)
    del facts  # of no use any more, and half of what all that follows needs
    early = episodes.notified_at < episodes.reported_at - CLOCKS_DIFFER_MICROS
    if n_early := len(_notices(episodes, early)):
        warn(f"{n_early} notices lie before their report: their clocks run from times that the hotline should check")
    if n_named := _told_the_as_holder(episodes):
        warn(
            f"{n_named} notices name the holder of the AS where the network is another provider's: they count "
            "as told to somebody else; if both are one, accept it: `monitor providers proposals`"
        )
    if n_unknown := len(_notices(episodes, episodes.addressee_match == AddresseeMatch.UNRECOGNISED.value)):
        warn(
            f"{n_unknown} notices went to names that the registry does not know, and are held against nobody: "
            "`monitor providers addressees`"
        )
    figures = _figures(cut, beside, episodes, warn)
    if store.list_corrections(db) != corrected:
        raise FreezeError("A fact was corrected while the dataset was being cut", "Freeze again")
    if store.last_order_fact(db) != ordered:
        raise FreezeError("A fact about an order was recorded while the dataset was being cut", "Freeze again")
    return frozen.write_freeze(
        db.data_dir,
        period=period,
        cutoff=cutoff,
        method=cut.method,
        tables=tables,
        inputs=_inputs(db, period),
        providers=_shown(known, episodes),
        episodes=episodes,
        ranking=figures.ranking,
        sensitivity=figures.sensitivity,
        previous=figures.previous,
    )


@dataclass(frozen=True, slots=True)
class _Figures:
    """What a freeze holds beside its rows."""

    ranking: Ranking
    sensitivity: tuple[SensitivityReading, ...]
    previous: Previous | None


@dataclass(frozen=True, slots=True)
class _BesideIt:
    """What other cuts came to. Made before the rows themselves, so that no two tables are in memory at a time."""

    earlier: tuple["Looked", ...]  # the Periods before, oldest first
    sooner: Measurement | None  # the rows of role network with the cut-off a week earlier


def _beside(cut: Cut, facts: Facts) -> _BesideIt:
    from monitor.ranking.sensitivity import week_earlier  # noqa: PLC0415 (only a freeze needs it)

    cuts = _earlier(cut, facts)
    earlier = tuple(each.looked_at(every_role=each is cuts[-1]) for each in cuts)
    sooner = replace(cut, cutoff=week_earlier(cut.period, cut.cutoff)[0])
    if sooner.cutoff <= cut.period.start:
        return _BesideIt(earlier, None)
    rows = sooner.episodes(sooner.facts(), network_alone=True)
    return _BesideIt(earlier, _measured(rows, Role.NETWORK, sooner))


def _measured(rows: EpisodeTable, role: Role, cut: Cut) -> Measurement:
    """What a reading takes: neither bootstrap nor curves."""
    from monitor import ranked  # noqa: PLC0415 (it loads numba)

    chosen = select(rows, clock=NoticeKind.REQUEST, role=role)
    return ranked.measured(chosen, cut.method.norm(NoticeKind.REQUEST), cut.basis(), resamples=0)


def _figures(cut: Cut, beside: _BesideIt, episodes: EpisodeTable, warn: Callable[[str], None]) -> _Figures:
    """Measure the rows, the Periods before with the same method, and the same rows under other choices."""
    from monitor import ranked  # noqa: PLC0415 (it loads numba)

    basis = cut.basis()
    previous = ranked.previous_period(episodes, basis, beside.earlier[-1]) if beside.earlier else None
    chosen = select(episodes, clock=NoticeKind.REQUEST, role=Role.NETWORK)
    found = ranked.measured(chosen, cut.method.norm(NoticeKind.REQUEST), basis)
    made = ranked.ranked(chosen, found, basis, previous=previous)
    trend = ranked.trend_of(beside.earlier, episodes, basis, made)
    readings = ranked.sensitivity(chosen, found, _other_rows(cut, beside, episodes, warn), basis)
    return _Figures(replace(made, trend=trend), readings, previous)


def _other_rows(
    cut: Cut, beside: _BesideIt, episodes: EpisodeTable, warn: Callable[[str], None]
) -> Iterator[tuple[SensitivityChoice, Measurement]]:
    """The readings that do not follow from the rows of role network: another role, and fewer facts."""
    from monitor.ranking.sensitivity import week_earlier  # noqa: PLC0415 (only a freeze needs it)

    yield SensitivityChoice.ROLE_AS, _measured(episodes, Role.AS, cut)
    _, warning = week_earlier(cut.period, cut.cutoff)
    if warning is not None:
        warn(warning)
    if beside.sooner is not None:
        yield SensitivityChoice.CUTOFF_WEEK_EARLIER, beside.sooner


def _told_the_as_holder(rows: EpisodeTable) -> int:
    """Notices that in role network went to another party than the booked one, and in role AS to the booked one."""
    other = (rows.role == Role.NETWORK.value) & (rows.addressee_match == AddresseeMatch.OTHER.value)
    same = (rows.role == Role.AS.value) & (rows.addressee_match == AddresseeMatch.SAME.value)
    return len(_notices(rows, other) & _notices(rows, same))


def _notices(rows: EpisodeTable, mask: Flags) -> set[tuple[object, ...]]:
    """The notices of some rows, each once however many roles it has a row in."""
    names = ("source", "record_id", "clock", "notified_at")
    return set(zip(*(getattr(rows, name)[mask].tolist() for name in names), strict=True))


def settled(db: Store, settings: Settings, cutoff: datetime) -> tuple[Facts, tuple[ReferenceTableInfo, ...]]:
    """Facts whose every address has its answer from the tables listed, also while somebody else imports.

    Own checks are read by the rules in force.
    """
    judging.judged_by_the_rules_in_force(db, settings)
    for _ in range(SETTLING_TRIES):
        fingerprint = store.tables_fingerprint(db)
        if not store.attribution_is_current(db):
            attribute(db)
        listed = store.list_reference_tables(db)
        facts = store.load_facts(db, cutoff=cutoff, trusted=settings.is_trusted)
        if store.attribution_is_current(db) and store.tables_fingerprint(db) == fingerprint:
            return facts, listed
    raise FreezeError("Facts keep coming in, so no dataset can be cut", "Wait until the import has ended")


def registrations(db: Store, known: Registry, cutoff: datetime) -> RegistrationColumns:
    """Whom the range around each address is registered to, from every registry's answer and people's claims."""
    answers = store.load_answers(db, attribution.parse_network)
    if db.sealer.role is store.KeyRole.RESEARCHER:  # neither documents nor addresses are in a research copy
        return _later_doubted(store.kept_courses(db), answers, cutoff)
    return registered_at(answers, known, cutoff, partial(store.load_addresses, db))


def registered_at(
    answers: Sequence[RegistrationAnswer],
    known: Registry,
    cutoff: datetime,
    addresses: Callable[[], tuple[Ints, Sequence[Address]]],
) -> RegistrationColumns:
    """The columns of `addresses` (opened only if need be); what was asked after the cut-off bears a doubt."""
    return _later_doubted(registered(answers, known, addresses), answers, cutoff)


def registered(
    answers: Sequence[RegistrationAnswer], known: Registry, addresses: Callable[[], tuple[Ints, Sequence[Address]]]
) -> RegistrationColumns:
    """The same at whatever cut-off: nothing is doubted for having been asked later."""
    claims = tuple(claim for claim in known.dated if claim.network is not None)
    return attribution.register(*addresses(), answers, claims) if answers or claims else no_registrations()


def _later_doubted(
    columns: RegistrationColumns, answers: Sequence[RegistrationAnswer], cutoff: datetime
) -> RegistrationColumns:
    later = [answer.answer_id for answer in answers if answer.asked_at >= cutoff]
    for place in np.flatnonzero(np.isin(columns.answer, later)).tolist():
        columns.doubt[place] = ";".join(filter(None, (columns.doubt[place], Doubt.ASKED_LATER.value)))
    return columns


def _earlier(cut: Cut, facts: Facts) -> list[Cut]:
    """The Periods before this one with a notice, each at its own cut-off, same method and registry; oldest first."""
    cuts: list[Cut] = []
    first_notice_at = facts.notices.at.min(initial=np.iinfo(np.int64).max)
    while len(cuts) < EARLIER_PERIODS:
        period = cut.period.previous()
        if period.end.timestamp() * 1e6 <= first_notice_at:
            break
        cut = replace(cut, period=period, cutoff=period.default_cutoff)
        cuts.insert(0, cut)
    return cuts


def _named(known: Registry) -> dict[str, Provider]:
    """The Providers as they are shown: equal names with their number."""
    return {key: replace(found, name=known.label(key)) for key, found in known.providers.items()}


def _shown(known: Registry, episodes: EpisodeTable) -> tuple[Provider, ...]:
    """The Providers that the rows speak of, by id."""
    ids = {*episodes.provider_id, *episodes.moved_to} - {None}
    return tuple(found for key, found in sorted(_named(known).items()) if key in ids)


def _inputs(db: Store, period: Period) -> frozen.FreezeInputs:
    files = tuple(
        frozen.InputFile(i.kind.value, i.sha256, i.n_read or 0) for i in store.list_inputs(db) if i.n_accepted
    )
    n_answers, sha256 = store.registrations_digest(db)
    registered = (frozen.InputFile("registrations", sha256, n_answers),) if n_answers else ()
    corrected = store.corrected_in(db, period.start, period.end)
    return frozen.FreezeInputs((*files, *registered), version_of_the_code(), corrected)

"""The straight line: intake -> attribution -> survival -> ranking -> publication, each stage joined to the store.

The one module that knows both. Reads from top to bottom as the line does; a stage gives values of `monitor.model`
and never sees another. What would surprise: `freeze` is the only step that reads live facts; `rank` and
`publish` read the frozen dataset alone, so they give the same result for ever.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from monitor import __version__, attribution, intake, ranking, store, survival
from monitor.clock import now
from monitor.config import Settings
from monitor.errors import (
    FreezeError,
    MonitorError,
    RecordMissing,
    RegistryError,
    ReleaseError,
    StoreMissing,
    UsageError,
)
from monitor.method import describe, tables_in_force, version_of_the_code
from monitor.model.columns import (
    UNKNOWN_AT,
    AttributionColumns,
    Facts,
    Flags,
    Ints,
    RegistrationColumns,
    no_registrations,
)
from monitor.model.comparison import Compared, Comparison
from monitor.model.counts import (
    AttributeCounts,
    FetchCounts,
    ImportCounts,
    ImportedTable,
    ImportOptions,
    RegistrationImport,
    ResolveCounts,
)
from monitor.model.episode import EpisodeTable, Span
from monitor.model.explanation import DecisionStory, Doubtful, Explanation, ResolutionStory, Reveal
from monitor.model.method import Method
from monitor.model.period import SHORTEST_FOLLOW_UP, Period
from monitor.model.provider import Provider, Registry, RegistryChange
from monitor.model.registration import RegistrationAnswer
from monitor.model.release import ReferenceTableInfo, Release, ReleaseInput
from monitor.model.report import DOCUMENTATION, Address, RecordedCheck, Report
from monitor.model.scorecard import Ranking, TrendPoint
from monitor.model.words import (
    AddresseeMatch,
    ChangeAction,
    Doubt,
    InputKind,
    NoticeKind,
    RegistrationStatus,
    ReleaseKind,
    Role,
    TableKind,
)
from monitor.store import Store, frozen

if TYPE_CHECKING:
    from monitor.attribution.matching import Proposal
    from monitor.attribution.rdap_fetch import Fetched
    from monitor.attribution.updating import UpdateOutcome

Progress = Callable[[int, int], None]
EARLIER_PERIODS = 4
"""How many Periods before this one the trend looks back."""
CLOCKS_DIFFER_MICROS = 60_000_000
"""By so much a notice may seem to lie before its report: one of the times was cut to the minute."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
SETTLING_TRIES = 5
"""How often a freeze reads again when an import comes between attribution and reading."""


def silent(_done: int, _total: int) -> None:
    """Nobody is watching."""


def quiet(_warning: str) -> None:
    """Nobody is listening."""


# --- intake ---------------------------------------------------------------------------------------------------


def import_file(
    db: Store, path: Path, options: ImportOptions, position: int, progress: Progress = silent
) -> tuple[ImportCounts, MonitorError | None]:
    """One input file into the store, a transaction a batch.

    What stops it half-way (a damaged file, a full disk) comes back beside the counts of what was kept before it.
    """
    sha256 = intake.sha256(path, position)
    kind = options.kind or intake.detect(path, ignore_unknown=options.ignore_unknown, position=position)[1]
    input_id = store.begin_input(db, sha256, kind, path.stat().st_size)
    counts, failure = ImportCounts(), None
    with intake.RejectsFile(db.data_dir / "rejects", sha256) as rejects, store.collection_paused():
        try:
            for batch in _batches(path, kind, options, position):
                result = _store_batch(db, input_id, kind, batch.values)
                rejected = (*batch.rejects, *result.rejects)
                rejects.add(rejected)
                done = ImportCounts(batch.n_read, result.accepted, result.waiting, result.duplicate, len(rejected))
                counts = counts.plus(done)
                progress(batch.bytes_done, batch.bytes_total)
        except MonitorError as error:
            failure = error
        rejects.close(complete=failure is None)
        written = rejects.path
    if failure is None:
        store.finish_input(db, input_id, store.InputCounts(counts.read, counts.rejected))
    return replace(counts, rejects_files=(written,) if written else ()), failure


def _batches(
    path: Path, kind: InputKind, options: ImportOptions, position: int
) -> Iterator[intake.Batch[Report]] | Iterator[intake.Batch[RecordedCheck]]:
    read = intake.read_reports if kind is InputKind.REPORTS else intake.read_checks
    return read(
        path,
        source=options.source,
        timezone=options.timezone,
        ignore_unknown=options.ignore_unknown,
        position=position,
    )


def _store_batch(
    db: Store, input_id: int, kind: InputKind, values: Sequence[Report] | Sequence[RecordedCheck]
) -> store.BatchResult:
    if kind is InputKind.REPORTS:
        return store.add_reports(db, input_id, values)  # type: ignore[arg-type]  # the kind says which
    return store.add_checks(db, input_id, values)  # type: ignore[arg-type]  # the kind says which


# --- resolution and registration: the two steps that ask the network --------------------------------------------


def resolve(db: Store, settings: Settings, *, again: bool = False, progress: Progress = silent) -> ResolveCounts:
    """Ask the configured resolvers about the hosts of live sources, under the mandate, as far as answers ran out."""
    from monitor import resolution  # noqa: PLC0415 (it loads dnspython)

    sources = settings.live_sources(now().date())
    batches = store.hosts_to_resolve(db, sources, now=now(), again=again)
    hosts = chain.from_iterable(zip(batch.host_ids, batch.hosts, strict=True) for batch in batches)
    done = 0
    for answers in resolution.resolve(hosts, settings.resolvers, options=resolution.Options(DOCUMENTATION)):
        store.add_resolutions(db, answers.host_ids, answers.resolutions)
        done += len(set(answers.host_ids))
        progress(done, 0)
    return ResolveCounts(*store.count_resolved(db, sources))


def fetch_registrations(
    db: Store, settings: Settings, *, limit: int | None = None, again: bool = False, progress: Progress = silent
) -> FetchCounts:
    """Ask the registries about the addresses of live sources, under the mandate; each answer is kept as it comes."""
    from monitor.attribution.rdap_fetch import may_be_asked  # noqa: PLC0415 (it loads ipwhois)

    sources = settings.live_sources(now().date())
    wait = settings.rdap
    covers, failed = store.open_coverage(db, now=now(), fresh_days=wait.fresh_days, retry_hours=wait.retry_hours)
    known = attribution.Coverage([] if again else covers)
    ids: dict[Address, int] = {}
    for batch in store.addresses_to_ask(db, sources):
        asked = ((address, key) for key, address in batch if (again or key not in failed) and address not in known)
        ids |= {address: key for address, key in asked if may_be_asked(address, DOCUMENTATION)}
    fetched = n_failed = 0
    for answer in _asked(ids, known, settings, limit):
        store.add_answer(db, _new_answer(answer, ids[answer.address]))
        found = answer.status is RegistrationStatus.FOUND
        fetched, n_failed = fetched + found, n_failed + (not found)
        progress(fetched + n_failed, min(len(ids), limit or len(ids)))
    left = sum(address not in known for address in ids) - n_failed
    return FetchCounts(fetched, n_failed, max(left, 0))


def _asked(
    addresses: Iterable[Address], known: attribution.Coverage, settings: Settings, limit: int | None
) -> "Iterator[Fetched]":
    from monitor.attribution.rdap_fetch import fetch_registrations  # noqa: PLC0415 (it loads ipwhois)

    who = settings.mandate.contact or settings.mandate.organisation
    agent = f"hosting-compliance-monitor/{__version__} ({who})"
    return fetch_registrations(addresses, known, settings.rdap, limit=limit, agent=agent, treat_as_global=DOCUMENTATION)


def _new_answer(answer: "Fetched", address_id: int) -> store.NewAnswer:
    network = answer.network
    return store.NewAnswer(
        address_id,
        answer.asked_at,
        answer.server,
        answer.status,
        answer.document,
        network.registry if network else answer.server,
        network.organisation if network else None,
        answer.covers,
    )


def import_registrations(db: Store, path: Path) -> RegistrationImport:
    """Answers of a registry that were recorded elsewhere; what is in the file twice, or here already, counts once."""
    read = attribution.read_recorded(path)
    answers = [
        store.NewAnswer(
            None,
            answer.asked_at,
            answer.server,
            RegistrationStatus.FOUND,
            answer.document,
            answer.registry,
            answer.network.organisation,
            answer.covers,
            recorded=True,
        )
        for answer in read.answers
    ]
    accepted = store.add_answers(db, answers)
    with intake.RejectsFile(db.data_dir / "rejects", intake.sha256(path, 1)) as rejects:
        rejects.add(read.rejects)
        written = rejects.path
    return RegistrationImport(read.n_read, accepted, len(answers) - accepted, len(read.rejects), written)


# --- reference tables and attribution -------------------------------------------------------------------------


def import_reference_table(
    db: Store, settings: Settings, kind: TableKind, paths: Sequence[Path], as_of: date, made_on: date
) -> ImportedTable:
    """Read, check and keep one dated table, which can lie in several files (AS names: in one)."""
    table = attribution.read_table(kind, *paths, fewest_peers=settings.refdata.fewest_peers)
    fresh = store.add_reference_table(
        db,
        kind,
        as_of=as_of,
        made_on=made_on,
        sha256=table.sha256,
        rows=table.rows,
        content=table.content,
        names=table.names,
    )
    info = ReferenceTableInfo(kind.value, as_of.isoformat(), made_on.isoformat(), table.rows, table.sha256)
    with intake.RejectsFile(db.data_dir / "rejects", table.sha256) as rejects:
        rejects.add(table.counts.rejects)
        written = rejects.path
    return ImportedTable(info, not fresh, table.counts.rejects, written)


def update_reference_tables(db: Store, settings: Settings) -> "tuple[UpdateOutcome, ...]":
    """Fetch the public tables, verify them against those that are kept, and keep each kind that stands the test."""
    from monitor.attribution.updating import update_tables  # noqa: PLC0415 (it loads an HTTP client)

    for left_behind in db.data_dir.glob("refdata-update-*"):
        shutil.rmtree(left_behind, ignore_errors=True)
    outcomes = []
    kept = partial(store.load_contents, db)
    for outcome in update_tables(settings.refdata, kept, db.data_dir, today=now().date()):
        if outcome.info is not None and outcome.table is not None:
            store.add_reference_table(
                db,
                outcome.kind,
                as_of=date.fromisoformat(outcome.info.as_of),
                made_on=date.fromisoformat(outcome.info.made_on),
                sha256=outcome.table.sha256,
                rows=outcome.table.rows,
                content=outcome.table.content,
                names=outcome.table.names,
            )
        outcomes.append(outcome)
    return tuple(outcomes)


def attribute(db: Store, *, again: bool = False, progress: Progress = silent) -> AttributeCounts:
    """Join every address with every dated table; nothing leaves the machine. Does what is missing."""
    fingerprint = store.tables_fingerprint(db)
    tables, table_ids, done = None, np.array([], np.int64), 0
    for batch in store.addresses_to_attribute(db, again=again):
        if tables is None:
            tables, table_ids = _dated_tables(db)
        result = attribution.attribute(batch.address_ids, batch.addresses, tables)
        table_id = table_ids[result.table]
        store.replace_attributions(db, batch.address_ids, result.columns, result.prefix_length, table_id)
        done += len(batch.address_ids)
        progress(done, 0)
    store.ensure_providers(db, store.attributed_asns(db))
    store.mark_attributed(db, fingerprint)
    return AttributeCounts(*store.count_attributions(db))


def _dated_tables(db: Store) -> tuple[attribution.DatedTables, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The tables, and the store's id of each routing table (-1 last, for "before the first one")."""
    routing = store.load_contents(db, TableKind.PREFIXES)
    fronting = store.load_contents(db, TableKind.FRONTING)
    tables = attribution.DatedTables(
        tuple((t.as_of, attribution.PrefixTable.from_bytes(t.content)) for t in routing),
        tuple((t.as_of, attribution.FrontingTable.from_bytes(t.content)) for t in fronting),
    )
    return tables, np.array([*(t.table_id for t in routing), -1], np.int64)


def reference_tables(db: Store) -> tuple[ReferenceTableInfo, ...]:
    return store.list_reference_tables(db)


def prefix_summaries(db: Store) -> dict[tuple[str, str], attribution.PrefixSummary]:
    """What each routing table holds, by its day and SHA-256."""
    return {
        (table.as_of.isoformat(), table.sha256): attribution.describe_prefixes(table.content)
        for table in store.load_contents(db, TableKind.PREFIXES)
    }


# --- the registry ---------------------------------------------------------------------------------------------


def registry(db: Store, as_of: date) -> Registry:
    return store.load_registry(db, as_of)


def provider(db: Store, name: str, as_of: date) -> tuple[Provider, tuple[RegistryChange, ...]]:
    """One Provider by id, name, alias or AS number, with every change that touched it."""
    known = store.load_registry(db, as_of)
    found = known.find(name)
    if found is None:
        raise RegistryError(
            "No provider has that id, name or AS number, or several have", "See `monitor providers list`"
        )
    return known.providers[found], store.changes(db, found)


def proposals(known: Registry, least_score: float, most: int | None) -> "tuple[Proposal, ...]":
    """Providers that may be one organisation, for a person to accept."""
    from monitor.attribution.matching import propose  # noqa: PLC0415 (it loads rapidfuzz)

    return propose(known, least_score=least_score, most=most)


# --- survival and ranking, frozen -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cut:
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

    def episodes(self, facts: Facts) -> EpisodeTable:
        booked = attribution.book(facts, self.registry, self.method.thresholds)
        span = Span(self.period.start, self.period.end, self.cutoff)
        with store.collection_paused():
            return survival.episodes(facts, booked, span, self.method.thresholds)

    def ranking(self, episodes: EpisodeTable, clock: NoticeKind = NoticeKind.REQUEST, digest: str = "") -> Ranking:
        named = _named(self.registry)
        return _ranked(episodes, self.method, named, self.period, self.cutoff, clock=clock, digest=digest)


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
    facts, listed = _settled(db, settings, cutoff)
    known = store.load_registry(db, min(period.end, cutoff).date())
    tables = tables_in_force(listed, facts, cutoff)
    method = describe(settings, tables, period)
    cut = _Cut(db, settings, method, known, _registrations(db, known, cutoff), period, cutoff)
    facts = replace(facts, registrations=cut.registrations)
    episodes = cut.episodes(facts)
    if n_early := int((episodes.notified_at < episodes.reported_at - CLOCKS_DIFFER_MICROS).sum()):
        warn(f"{n_early} notices lie before their report: their clocks run from times that the hotline should check")
    if n_named := _told_the_as_holder(episodes):
        warn(
            f"{n_named} notices name the holder of the AS where the network is another provider's: they count "
            "as told to somebody else; if both are one, accept it: `monitor providers proposals`"
        )
    made = cut.ranking(episodes)
    trend = (*_earlier(cut, facts), *ranking.trend_points(made))
    return frozen.write_freeze(
        db.data_dir,
        period=period,
        cutoff=cutoff,
        method=cut.method,
        tables=tables,
        inputs=_inputs(db),
        providers=_shown(known, episodes),
        episodes=episodes,
        ranking=replace(made, trend=trend),
    )


def _told_the_as_holder(rows: EpisodeTable) -> int:
    """Notices that in role network went to another party than the booked one, and in role AS to the booked one."""
    other = (rows.role == Role.NETWORK.value) & (rows.addressee_match == AddresseeMatch.OTHER.value)
    same = (rows.role == Role.AS.value) & (rows.addressee_match == AddresseeMatch.SAME.value)
    names = ("source", "record_id", "clock", "notified_at")

    def notices(mask: Flags) -> set[tuple[object, ...]]:
        return set(zip(*(getattr(rows, name)[mask].tolist() for name in names), strict=True))

    return len(notices(other) & notices(same)) if other.any() else 0


def _settled(db: Store, settings: Settings, cutoff: datetime) -> tuple[Facts, tuple[ReferenceTableInfo, ...]]:
    """Facts whose every address has its answer from the tables listed, also while somebody else imports."""
    for _ in range(SETTLING_TRIES):
        fingerprint = store.tables_fingerprint(db)
        if not store.attribution_is_current(db):
            attribute(db)
        listed = store.list_reference_tables(db)
        facts = store.load_facts(db, cutoff=cutoff, trusted=settings.is_trusted)
        if store.attribution_is_current(db) and store.tables_fingerprint(db) == fingerprint:
            return facts, listed
    raise FreezeError("Facts keep coming in, so no dataset can be cut", "Wait until the import has ended")


def _registrations(db: Store, known: Registry, cutoff: datetime) -> RegistrationColumns:
    """Whom the range around each address is registered to, from every registry's answer and people's claims."""
    answers = store.load_answers(db, attribution.parse_network)
    return _registered(answers, known, cutoff, partial(store.load_addresses, db))


def _registered(
    answers: Sequence[RegistrationAnswer],
    known: Registry,
    cutoff: datetime,
    addresses: Callable[[], tuple[Ints, Sequence[Address]]],
) -> RegistrationColumns:
    """The columns of `addresses` (opened only if need be); what was asked after the cut-off bears a doubt."""
    claims = tuple(claim for claim in known.dated if claim.network is not None)
    if not answers and not claims:
        return no_registrations()
    columns = attribution.register(*addresses(), answers, claims)
    later = [answer.answer_id for answer in answers if answer.asked_at >= cutoff]
    for place in np.flatnonzero(np.isin(columns.answer, later)).tolist():
        columns.doubt[place] = ";".join(filter(None, (columns.doubt[place], Doubt.ASKED_LATER.value)))
    return columns


def _earlier(cut: _Cut, facts: Facts) -> list[TrendPoint]:
    """The Periods before this one, each at its own cut-off, with the same method and registry; oldest first."""
    points: list[TrendPoint] = []
    first_notice_at = facts.notices.at.min(initial=np.iinfo(np.int64).max)
    for _ in range(EARLIER_PERIODS):
        period = cut.period.previous()
        if period.end.timestamp() * 1e6 <= first_notice_at:
            break
        cut = replace(cut, period=period, cutoff=period.default_cutoff)
        points = [*ranking.trend_points(cut.ranking(cut.episodes(cut.facts()))), *points]
    return points


def _named(known: Registry) -> dict[str, Provider]:
    """The Providers as they are shown: equal names with their number."""
    return {key: replace(found, name=known.label(key)) for key, found in known.providers.items()}


def _shown(known: Registry, episodes: EpisodeTable) -> tuple[Provider, ...]:
    """The Providers that the rows speak of, by id."""
    ids = {*episodes.provider_id, *episodes.moved_to} - {None}
    return tuple(found for key, found in sorted(_named(known).items()) if key in ids)


def _inputs(db: Store) -> frozen.FreezeInputs:
    files = tuple(
        frozen.InputFile(i.kind.value, i.sha256, i.n_read or 0) for i in store.list_inputs(db) if i.n_accepted
    )
    n_answers, sha256 = store.registrations_digest(db)
    registered = (frozen.InputFile("registrations", sha256, n_answers),) if n_answers else ()
    return frozen.FreezeInputs((*files, *registered), version_of_the_code())


def _ranked(
    episodes: EpisodeTable,
    method: Method,
    providers: dict[str, Provider],
    period: Period,
    cutoff: datetime,
    *,
    clock: NoticeKind = NoticeKind.REQUEST,
    role: Role = Role.NETWORK,
    digest: str = "",
) -> Ranking:
    return ranking.make_ranking(
        episodes,
        period=period,
        cutoff=cutoff,
        norm=method.norm(clock),
        role=role,
        minimums=method.minimums,
        providers=providers,
        labels={key: found.name for key, found in providers.items()},
        freeze=digest,
    )


def rank(data_dir: Path, period: Period, clock: NoticeKind, role: Role, digest8: str | None = None) -> Ranking:
    """The ranking of a frozen dataset for one clock and role."""
    data = _read_freeze(data_dir, period, digest8)
    return _of_freeze(data, clock, role)


def _read_freeze(data_dir: Path, period: Period, digest8: str | None) -> frozen.FrozenData:
    """A freeze is enough, its store may be elsewhere; where neither is, the missing store is said."""
    if not (data_dir / store.KEY_FILE).exists() and not (data_dir / "frozen").is_dir():
        raise StoreMissing(
            "There is no store in the data folder", "Run `monitor import`, or name another folder with --data-dir"
        )
    return frozen.read_freeze(frozen.find_freeze(data_dir, period, digest8))


def _of_freeze(data: frozen.FrozenData, clock: NoticeKind, role: Role) -> Ranking:
    named = {found.provider_id: found for found in data.providers}
    made = _ranked(
        data.episodes, data.method, named, data.period, data.cutoff, clock=clock, role=role, digest=data.digest
    )
    return replace(made, trend=data.trend)


# --- how it depends on a choice, and why one record is booked as it is ------------------------------------------


def compare_roles(data_dir: Path, period: Period, clock: NoticeKind, digest8: str | None = None) -> Comparison:
    """The frozen rows read by registered network, by origin AS and by customer."""
    from monitor.ranking import comparison  # noqa: PLC0415 (it loads scipy, which no other command should wait for)

    data = _read_freeze(data_dir, period, digest8)
    readings = [
        comparison.Reading(f"role {role.value}", data.episodes, _of_freeze(data, clock, role))
        for role in (Role.NETWORK, Role.AS, Role.CUSTOMER)
    ]
    return comparison.compare(Compared.ROLE, readings)


def compare_tables(
    db: Store,
    settings: Settings,
    period: Period,
    by: Compared,
    clock: NoticeKind,
    digest8: str | None = None,
    progress: Progress = silent,
) -> Comparison:
    """The facts of a frozen Period derived again with other reference tables than those of its dates."""
    from monitor.ranking import comparison  # noqa: PLC0415 (as above)

    data = _read_freeze(db.data_dir, period, digest8)
    facts, _ = _settled(db, settings, data.cutoff)
    known = store.load_registry(db, min(period.end, data.cutoff).date())
    cut = _Cut(db, settings, data.method, known, _registrations(db, known, data.cutoff), period, data.cutoff)
    facts = replace(facts, registrations=cut.registrations)
    tables = _tables_to_choose(db, by)
    readings = []
    for n, (name, chosen) in enumerate([("as dated", None), *tables]):
        progress(n, len(tables) + 1)
        rows = cut.episodes(facts if chosen is None else _attributed_by(db, facts, chosen))
        readings.append(comparison.Reading(name, rows, cut.ranking(rows, clock, data.digest)))
    return comparison.compare(by, readings, as_frozen=_same_rows(readings[0].rows, data.episodes))


def _tables_to_choose(db: Store, by: Compared) -> list[tuple[str, attribution.DatedTables]]:
    """Each routing table alone, as if it held at all times; or every table but those of proxies."""
    dated, _ = _dated_tables(db)
    always = date(1970, 1, 1)
    if by is Compared.FRONTING:
        always_fronted = tuple((always, table) for _, table in dated.fronting)
        return [
            ("without proxy tables", replace(dated, fronting=())),
            ("proxy tables at all times", replace(dated, fronting=always_fronted)),
        ]
    alone = [
        (f"prefixes as of {day} alone", replace(dated, routing=((always, table),))) for day, table in dated.routing
    ]
    if not alone:
        raise UsageError("There is no routing table to choose", "Import one: `monitor refdata import --prefixes FILE`")
    return alone


def _attributed_by(db: Store, facts: Facts, tables: attribution.DatedTables) -> Facts:
    address_ids = np.unique(facts.attributions.address)
    opened = store.open_addresses(db, address_ids.tolist())
    made = attribution.attribute(address_ids, [opened[key] for key in address_ids.tolist()], tables)
    return replace(facts, attributions=made.columns)


def _same_rows(one: EpisodeTable, other: EpisodeTable) -> bool:
    """Whether two tables book the same Targets on the same Providers to the same ends."""
    names = ("record_id", "source", "role", "clock", "notified_at", "provider_id", "status", "end")
    return len(one) == len(other) and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def doubts(data_dir: Path, period: Period, role: Role, digest8: str | None = None) -> tuple[Doubtful, ...]:
    """The frozen rows of one role whose attribution has less than full confidence, with the reasons."""
    rows = _read_freeze(data_dir, period, digest8).episodes
    places = np.flatnonzero((rows.role == role.value) & (rows.attribution_confidence != "full"))
    return tuple(
        Doubtful(
            rows.record_id[i],
            rows.source[i],
            rows.clock[i],
            rows.status[i],
            rows.provider_id[i],
            rows.attribution_confidence[i],
            _reasons(rows.attribution_doubts[i], rows.unattributed_reason[i]),
        )
        for i in places.tolist()
    )


def _reasons(doubts: str | None, unattributed: str | None) -> tuple[str, ...]:
    return tuple(doubts.split(";")) if doubts else ((unattributed,) if unattributed else ())


def explain(
    db: Store,
    settings: Settings,
    record_id: str,
    source: str | None,
    cutoff: datetime,
    reveal: Reveal | None = None,
    period: Period | None = None,
) -> Explanation:
    """Why one record is booked as it is: the same derivation as for a freeze, for its Target alone.

    Rows are those of a freeze of `period`, and before and after it of the rest; without one, of each half-year.
    """
    record = store.find_record(db, record_id, source)
    facts = store.load_facts(db, cutoff=cutoff, trusted=settings.is_trusted, target=record.target_id)
    spans = _spans_of(facts, record, cutoff, period)
    known = store.load_registry(db, _registry_day(facts, record, spans))
    opened = store.open_addresses(db, _addresses_of(facts))
    evidence = _address_evidence(db, opened, known)
    ids, packed = np.array(sorted(opened), np.int64), [opened[key] for key in sorted(opened)]
    registered = _registered(tuple(evidence.answers.values()), known, cutoff, lambda: (ids, packed))
    attributions = _with_days(evidence.attributed, evidence.tables)
    facts = replace(facts, attributions=attributions, registrations=registered)
    method = describe(settings, store.list_reference_tables(db), Period.parse(str(cutoff.year)))
    booked = attribution.book(facts, known, method.thresholds)
    return attribution.explain(
        attribution.Evidence(
            source=record.source,
            record_id=record.record_id,
            cutoff=cutoff,
            facts=facts,
            booking=booked,
            rows=_joined([survival.episodes(facts, booked, span, method.thresholds) for span in spans]),
            registry=known,
            method=method,
            addresses=evidence,
            reasons=store.check_reasons(db, record.target_id),
            host_kind=record.host_kind,
            resolutions=_resolutions_of(db, record, cutoff),
            decisions=_decisions_on(db, record, known),
            spans=tuple((span.start, span.end) for span in spans),
            revealed=store.open_url(db, record, actor=reveal.by, reason=reveal.why) if reveal else None,
        )
    )


def _spans_of(facts: Facts, record: store.FoundRecord, cutoff: datetime, period: Period | None) -> tuple[Span, ...]:
    """The stretches of time that each have rows of their own, as a freeze of each would. Raises RecordMissing."""
    if (record.source, record.record_id) not in zip(facts.reports.source, facts.reports.record_id, strict=True):
        raise RecordMissing("The record was reported after the cut-off", "Give a later --cutoff or --period")
    if period is not None:
        borders = sorted({_EVER, period.start, period.end, max(cutoff, period.end)})
    else:
        first = min(facts.notices.at.tolist(), default=round(cutoff.timestamp() * 1e6))
        years = range(datetime.fromtimestamp(first / 1e6, UTC).year, cutoff.year + 1)
        halves = [Period.parse(f"{year}H{half}") for year in years for half in (1, 2)]
        borders = sorted({*(half.start for half in halves), halves[-1].end})
    return tuple(Span(start, end, cutoff) for start, end in pairwise(borders) if start < cutoff)


def _registry_day(facts: Facts, record: store.FoundRecord, spans: Sequence[Span]) -> date:
    """The day whose registry a freeze of the stretch with the record's first notice uses."""
    reports = facts.reports
    mine = reports.report_id[(reports.source == record.source) & (reports.record_id == record.record_id)]
    notified = facts.notices.at[np.isin(facts.notices.report_id, mine)].tolist()
    at = datetime.fromtimestamp(min(notified) / 1e6, UTC) if notified else spans[-1].cutoff
    span = next((span for span in spans if span.start <= at < span.end), spans[-1])
    return min(span.end, span.cutoff).date()


def _joined(tables: Sequence[EpisodeTable]) -> EpisodeTable:
    """Tables of different stretches as one; their dense numbers are no longer of use."""
    columns = [table.arrays() for table in tables]
    return EpisodeTable(**{name: np.concatenate([one[name] for one in columns]) for name in columns[0]})


def _resolutions_of(db: Store, record: store.FoundRecord, cutoff: datetime) -> tuple[ResolutionStory, ...]:
    return tuple(
        ResolutionStory(
            line.resolved_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            line.resolver,
            line.status.value,
            line.n_global,
            line.n_cnames,
            line.ttl_seconds,
        )
        for line in store.resolutions_of_host(db, record.target_id)
        if line.resolved_at < cutoff
    )


def _decisions_on(db: Store, record: store.FoundRecord, known: Registry) -> tuple[DecisionStory, ...]:
    """The override that is in force on the record: the last one that nobody took back."""
    key = (record.source, record.record_id)
    if key not in known.overrides:
        return ()
    undone: set[int] = set()
    override = ChangeAction.OVERRIDE.value
    for change in reversed(store.changes(db)):
        if change.change_id in undone:
            continue
        if change.undoes is not None:
            undone.add(change.undoes)
        elif (change.action, change.details.get("source"), change.details.get("record")) == (override, *key):
            label = known.label(known.overrides[key])
            return (DecisionStory(change.change_id, label, change.by, change.why, change.at),)
    return ()


def _with_days(made: attribution.Attributed, tables: Sequence[ReferenceTableInfo]) -> AttributionColumns:
    """The columns with the days of each entry's routing table."""

    def days(iso_days: Sequence[str]) -> Ints:
        starts = [round(datetime.fromisoformat(f"{day}T00:00:00Z").timestamp() * 1e6) for day in iso_days]
        return np.array([*starts, UNKNOWN_AT], np.int64)[made.table]

    as_of, made_on = days([table.as_of for table in tables]), days([table.made_on for table in tables])
    return replace(made.columns, table_as_of=as_of, table_made_on=made_on)


def _addresses_of(facts: Facts) -> set[int]:
    found = (facts.reports.address, facts.reports.origin, facts.readings.address)
    return {*np.concatenate((*found, facts.targets.literal, facts.resolutions.address)).tolist()} - {-1}


def _address_evidence(db: Store, opened: Mapping[int, Address], known: Registry) -> attribution.AddressEvidence:
    """What every table says of these addresses, made again from the tables' own content."""
    tables, _ = _dated_tables(db)
    ids = np.array(sorted(opened), np.int64)
    made = attribution.attribute(ids, [opened[key] for key in sorted(opened)], tables)
    listed = (table for table in store.list_reference_tables(db) if table.kind == TableKind.PREFIXES)
    routing = sorted(listed, key=lambda table: (table.as_of, table.made_on, table.sha256))
    names = {asn: known.label(key) for asn, key in known.by_asn.items() if key in known.providers}
    answers = {answer.answer_id: answer for answer in store.load_answers(db, attribution.parse_network)}
    return attribution.AddressEvidence(opened, made, tuple(routing), answers, names)


# --- publication ----------------------------------------------------------------------------------------------


def publish(
    data_dir: Path,
    settings: Settings,
    period: Period,
    kind: ReleaseKind,
    out: Path | None = None,
    digest8: str | None = None,
) -> Release:
    """Write the release of a frozen dataset; the same freeze and kind again gives the same folder."""
    if kind is ReleaseKind.FINAL:
        raise ReleaseError(
            "A final release is not possible yet",
            "It names providers, which needs letters and answers; publish --kind interim",
        )
    data = _read_freeze(data_dir, period, digest8)
    proxies = _of_freeze(data, NoticeKind.REQUEST, Role.PROXY)
    release = ReleaseInput(
        kind=kind,
        named=settings.publication.name_in_interim,
        ranking=_of_freeze(data, NoticeKind.REQUEST, Role.NETWORK),
        proxies=proxies if proxies.scorecards else None,
        method=data.method.info(data.tables),
        code_version=version_of_the_code(),
        contact=settings.publication.publisher,
        notice_en=settings.publication.notice_en,
        notice_nl=settings.publication.notice_nl,
    )
    from monitor import publication  # noqa: PLC0415 (it loads matplotlib, a second that no other command should wait for)

    return publication.publish(release, out or data_dir / "releases")


def verify_release(folder: Path) -> tuple[str, ...]:
    """The files of a release that are not as its manifest says; empty when all is as published."""
    from monitor import publication  # noqa: PLC0415 (as above)

    return publication.verify(folder)

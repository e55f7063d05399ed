"""The straight line: intake -> attribution -> survival -> ranking -> publication, each stage joined to the store.

The one module that knows both. Reads from top to bottom as the line does; a stage gives values of `monitor.model`
and never sees another. What would surprise: `freeze` is the only step that reads live facts; `rank` and
`publish` read the frozen dataset alone, so they give the same result for ever.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np

from monitor import attribution, intake, ranking, store, survival
from monitor.config import Settings
from monitor.errors import FreezeError, MonitorError, RegistryError, ReleaseError, StoreMissing, UsageError
from monitor.method import describe, tables_in_force, version_of_the_code
from monitor.model.columns import Facts
from monitor.model.counts import AttributeCounts, ImportCounts, ImportedTable, ImportOptions
from monitor.model.episode import EpisodeTable, Span
from monitor.model.method import Method
from monitor.model.period import SHORTEST_FOLLOW_UP, Period
from monitor.model.provider import Provider, Registry, RegistryChange
from monitor.model.release import ReferenceTableInfo, Release, ReleaseInput
from monitor.model.report import RecordedCheck, Report
from monitor.model.scorecard import Ranking, TrendPoint
from monitor.model.words import InputKind, NoticeKind, ReleaseKind, Role, TableKind
from monitor.store import Store, frozen

Progress = Callable[[int, int], None]
EARLIER_PERIODS = 4
"""How many Periods before this one the trend looks back."""
CLOCKS_DIFFER_MICROS = 60_000_000
"""By so much a notice may seem to lie before its report: one of the times was cut to the minute."""
SETTLING_TRIES = 5
"""How often a freeze reads again when an import comes between attribution and reading."""
ROLES = (Role.NETWORK, Role.PROXY)
"""The roles that rows are booked in; the others need registration data."""


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


# --- reference tables and attribution -------------------------------------------------------------------------


def import_reference_table(db: Store, kind: TableKind, path: Path, as_of: date, made_on: date) -> ImportedTable:
    """Read, check and keep one dated table."""
    table = attribution.read_table(kind, path)
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


# --- survival and ranking, frozen -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cut:
    """One Period as it is derived: under one method, one registry, one cut-off."""

    db: Store
    settings: Settings
    method: Method
    registry: Registry
    period: Period
    cutoff: datetime

    def facts(self) -> Facts:
        return store.load_facts(self.db, cutoff=self.cutoff, trusted=self.settings.is_trusted)

    def episodes(self, facts: Facts) -> EpisodeTable:
        booked = attribution.book(facts, self.registry)
        span = Span(self.period.start, self.period.end, self.cutoff)
        with store.collection_paused():
            return survival.episodes(facts, booked, span, self.method.thresholds)

    def ranking(self, episodes: EpisodeTable) -> Ranking:
        return _ranked(episodes, self.method, _named(self.registry), self.period, self.cutoff)


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
    cut = _Cut(db, settings, describe(settings, (), period), known, period, cutoff)
    tables = tables_in_force(listed, facts, cutoff)
    cut = replace(cut, method=describe(settings, tables, period))
    episodes = cut.episodes(facts)
    if n_early := int((episodes.notified_at < episodes.reported_at - CLOCKS_DIFFER_MICROS).sum()):
        warn(f"{n_early} notices lie before their report: their clocks run from times that the hotline should check")
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
    return frozen.FreezeInputs(files, version_of_the_code())


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
    if role not in ROLES:
        raise UsageError(f"The freeze holds no role {role.value}", "It holds network and proxy; the others come later")
    named = {found.provider_id: found for found in data.providers}
    made = _ranked(
        data.episodes, data.method, named, data.period, data.cutoff, clock=clock, role=role, digest=data.digest
    )
    return replace(made, trend=data.trend)


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

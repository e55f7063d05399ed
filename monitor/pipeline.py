"""The straight line: intake -> resolution -> attribution -> survival -> ranking -> publication, joined to the store.

The one module that knows both, with `freezing.py` (the cut between live facts and frozen ones) and `inquiry.py` (which
asks both questions). Reads from top to bottom as the line does; a stage gives values of `monitor.model` and never sees
another. What would surprise: `rank` and `publish` read the frozen dataset alone, so they give the same result for ever.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from monitor import __version__, attribution, intake, store
from monitor.clock import now
from monitor.config import Settings
from monitor.errors import (
    ConfigError,
    FreezeError,
    MonitorError,
    RegistryError,
    ReleaseError,
    StoreMissing,
)
from monitor.loopback import check_mandate_place, public_ranges
from monitor.method import measured_by, version_of_the_code
from monitor.model.counts import (
    AttributeCounts,
    FetchCounts,
    ImportCounts,
    ImportedTable,
    ImportOptions,
    RegistrationImport,
    ResolveCounts,
)
from monitor.model.period import Period
from monitor.model.provider import Provider, Registry, RegistryChange
from monitor.model.release import Amendment, Correction, KnownNames, ReferenceTableInfo, Release, ReleaseInput, Verified
from monitor.model.report import Address, RecordedCheck, Report
from monitor.model.scorecard import Ranking
from monitor.model.words import (
    DnsStatus,
    InputKind,
    NoticeKind,
    RegistrationStatus,
    ReleaseKind,
    Role,
    TableKind,
)
from monitor.store import Store, frozen

if TYPE_CHECKING:
    from monitor import ranked
    from monitor.attribution.matching import Proposal
    from monitor.attribution.rdap_fetch import Fetched
    from monitor.attribution.updating import UpdateOutcome

Progress = Callable[[int, int], None]


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


def live_warnings(db: Store, settings: Settings) -> list[str]:
    """Live sources of the configuration that no report is of: likely a misspelt name. Raises MandateMissing."""
    live, known = settings.live_sources(now().date()), store.sources_with_reports(db)
    others = f"there are reports of: {', '.join(known)}" if known else "there are no reports at all yet"
    return [f"no report is of source '{name}'; {others}" for name in live if name not in known]


def resolve(db: Store, settings: Settings, *, again: bool = False, progress: Progress = silent) -> ResolveCounts:
    """Ask the configured resolvers about the hosts of live sources, under the mandate, as far as answers ran out."""
    from monitor import resolution  # noqa: PLC0415 (it loads dnspython)

    sources = settings.live_sources(now().date())
    check_mandate_place(settings)
    batches = store.hosts_to_resolve(db, sources, now=now(), again=again)
    hosts = chain.from_iterable(zip(batch.host_ids, batch.hosts, strict=True) for batch in batches)
    options, done = resolution.Options(public_ranges(settings)), 0
    for answers in resolution.resolve(hosts, settings.resolvers, options=options):
        store.add_resolutions(db, answers.host_ids, answers.resolutions)
        done += len(set(answers.host_ids))
        progress(done, 0)
    statuses = store.count_resolved(db, sources)
    resolved = statuses.get(DnsStatus.ANSWERED.value, 0)
    return ResolveCounts(resolved, sum(statuses.values()) - resolved, statuses)


def fetch_registrations(
    db: Store, settings: Settings, *, limit: int | None = None, again: bool = False, progress: Progress = silent
) -> FetchCounts:
    """Ask the registries about the addresses of live sources, under the mandate; each answer is kept as it comes."""
    from monitor.attribution.rdap_fetch import may_be_asked  # noqa: PLC0415 (it loads ipwhois)

    sources = settings.live_sources(now().date())
    check_mandate_place(settings)
    wait = settings.rdap
    covers, failed = store.open_coverage(db, now=now(), fresh_days=wait.fresh_days, retry_hours=wait.retry_hours)
    known = attribution.Coverage([] if again else covers)
    lately = set() if again else store.failed_lately(db, now=now(), retry_hours=wait.retry_hours)
    ids, waiting = dict[Address, int](), list[Address]()
    for batch in store.addresses_to_ask(db, sources):
        missing = [(key, address) for key, address in batch if address not in known]
        waiting += [address for key, address in missing if key in lately]
        asked = ((address, key) for key, address in missing if again or key not in failed)
        ids |= {address: key for address, key in asked if may_be_asked(address, public_ranges(settings))}
    ended, servers_left = dict[Address, RegistrationStatus](), set[str]()
    for answer in _asked(ids, known, settings, limit):
        store.add_answer(db, _new_answer(answer, ids[answer.address]))
        ended[answer.address] = answer.status
        servers_left |= {answer.leaves} if answer.leaves else set()
        progress(len(ended), min(len(ids), limit or len(ids)))
    reasons = Counter(status.value for status in ended.values() if status is not RegistrationStatus.FOUND)
    return FetchCounts(
        fetched=len(ended) - reasons.total(),
        failed=reasons.total(),
        left=sum(address not in known and address not in ended for address in ids),
        reasons=dict(sorted(reasons.items())),
        servers_left=tuple(sorted(servers_left)),
        waiting=sum(address not in known for address in waiting),
    )


def _asked(
    addresses: Iterable[Address], known: attribution.Coverage, settings: Settings, limit: int | None
) -> "Iterator[Fetched]":
    from monitor.attribution.rdap_fetch import fetch_registrations  # noqa: PLC0415 (it loads ipwhois)

    who = settings.mandate.contact or settings.mandate.organisation
    agent = f"hosting-compliance-monitor/{__version__} ({who})"
    return fetch_registrations(
        addresses, known, settings.rdap, limit=limit, agent=agent, treat_as_global=public_ranges(settings)
    )


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
    """Answers of a registry that were recorded elsewhere; what is in the file twice, or here already, counts once.

    One that does not say when it was given counts as given when the registration was last changed: it was not before.
    """
    read = attribution.read_recorded(path)
    answers = [
        store.NewAnswer(
            None,
            answer.asked_at or answer.network.changed_at or answer.network.registered_at,
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
    n_silent = sum(answer.covers is None for answer in read.answers)
    return RegistrationImport(read.n_read, accepted, len(answers) - accepted, len(read.rejects), n_silent, written)


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
    from monitor.attribution.updating import configured, update_tables  # noqa: PLC0415 (it loads an HTTP client)

    if not configured(settings.refdata):
        raise ConfigError("The configuration names no table to fetch", "Set [refdata] prefixes, as_names or fronting")
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
            tables, table_ids = dated_tables(db)
        result = attribution.attribute(batch.address_ids, batch.addresses, tables)
        table_id = table_ids[result.table]
        store.replace_attributions(db, batch.address_ids, result.columns, result.prefix_length, table_id)
        done += len(batch.address_ids)
        progress(done, 0)
    store.ensure_providers(db, store.attributed_asns(db))
    store.mark_attributed(db, fingerprint)
    return AttributeCounts(*store.count_attributions(db))


def dated_tables(db: Store) -> tuple[attribution.DatedTables, np.ndarray[tuple[int], np.dtype[np.int64]]]:
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


# --- a frozen dataset ------------------------------------------------------------------------------------------------


def rank(
    data_dir: Path,
    period: Period,
    norm: NoticeKind | str,
    role: Role,
    digest8: str | None = None,
    *,
    final: bool = False,
) -> Ranking:
    """The ranking of a frozen dataset for one norm and role, measured by the method in force.

    `final`: with the classes as a final release would show them.
    """
    return ranking_of(open_freeze(data_dir, period, digest8), norm, role, final=final)


def open_freeze(data_dir: Path, period: Period, digest8: str | None) -> frozen.OpenFreeze:
    """The dataset for its figures: its files verified, its rows not read yet."""
    return frozen.open_freeze(_found(data_dir, period, digest8))


def read_freeze(data_dir: Path, period: Period, digest8: str | None) -> frozen.FrozenData:
    """The dataset, verified down to the digest of its rows."""
    return frozen.read_freeze(_found(data_dir, period, digest8))


def _found(data_dir: Path, period: Period, digest8: str | None) -> Path:
    """A freeze is enough, its store may be elsewhere; where neither is, the missing store is said."""
    if not (data_dir / store.KEY_FILE).exists() and not (data_dir / "frozen").is_dir():
        raise StoreMissing(
            "There is no store in the data folder", "Run `monitor import`, or name another folder with --data-dir"
        )
    return frozen.find_freeze(data_dir, period, digest8)


def ranking_of(
    data: frozen.OpenFreeze,
    norm: NoticeKind | str,
    role: Role,
    *,
    final: bool = False,
    with_curves: bool = False,
    resamples: int | None = None,
) -> Ranking:
    """The figures of a frozen dataset for one norm and role. `resamples`: fewer draws, where no interval is shown."""
    from monitor import ranked  # noqa: PLC0415 (it loads numba)

    by, basis = data.method.norm(norm), _basis(data)
    chosen = data.selected(by.clock, role)
    draws = ranked.REPLICATES if resamples is None else resamples
    found = ranked.measured(chosen, by, basis, with_curves=with_curves, resamples=draws)
    made = ranked.ranked(chosen, found, basis, previous=data.previous, final=final)
    return replace(made, trend=data.trend, sensitivity=data.sensitivity)


def _basis(data: frozen.OpenFreeze) -> "ranked.Basis":
    from monitor import ranked  # noqa: PLC0415 (as above)

    return ranked.Basis(
        data.method, data.period, data.cutoff, {each.provider_id: each for each in data.providers}, data.digest
    )


def remeasure(data_dir: Path, period: Period, digest8: str | None = None) -> Path:
    """Keep the figures of a frozen dataset under the method in force, beside those that it was frozen with."""
    data = read_freeze(data_dir, period, digest8)
    return frozen.write_remeasured(data_dir, data, ranking_of(data, NoticeKind.REQUEST, Role.NETWORK))


# --- publication ----------------------------------------------------------------------------------------------


def publish(
    data_dir: Path,
    settings: Settings,
    period: Period,
    kind: ReleaseKind,
    out: Path | None = None,
    digest8: str | None = None,
    asked: Amendment | None = None,
) -> Release:
    """Write the release of a frozen dataset, `asked`: to correct one; the same again gives the same folder."""
    folder = out or data_dir / "releases"
    correction = _correction(data_dir, folder, period, kind, asked) if asked else None
    data = read_freeze(data_dir, period, digest8)
    if kind is ReleaseKind.FINAL:
        _refuse_final(data)
    proxies = ranking_of(data, NoticeKind.REQUEST, Role.PROXY, with_curves=True)
    release = ReleaseInput(
        kind=kind,
        named=settings.publication.name_in_interim,
        ranking=ranking_of(data, NoticeKind.REQUEST, Role.NETWORK, final=kind is ReleaseKind.FINAL, with_curves=True),
        proxies=proxies if proxies.scorecards else None,
        method=measured_by(data.method.info(data.tables)),
        code_version=version_of_the_code(),
        contact=settings.publication.publisher,
        notice_en=settings.publication.notice_en,
        notice_nl=settings.publication.notice_nl,
        inform=settings.publication.inform,
        correction=correction,
        names=tuple(map(KnownNames.of, data.providers)),
    )
    from monitor import publication  # noqa: PLC0415 (it loads matplotlib, a second that no other command should wait for)

    return publication.publish(_broken_down(release, data), folder)


def _broken_down(release: ReleaseInput, data: frozen.OpenFreeze) -> ReleaseInput:
    """With what stands beside the Ranking: groups, evidence, other norms; and which words no release may show."""
    from monitor import ranked  # noqa: PLC0415 (it loads numba)

    basis = _basis(data)
    chosen = {clock: data.selected(clock, Role.NETWORK) for clock in NoticeKind}
    requests = chosen[NoticeKind.REQUEST]
    further: list[Ranking] = []
    for clock, rows in chosen.items():
        norms = [norm for norm in data.method.norms_in_order if norm.clock is clock and norm != release.ranking.norm]
        like = release.ranking if clock is NoticeKind.REQUEST else None
        if rows.is_episode.any():
            further += ranked.under_norms(norms, rows, basis, data.previous, like)
    return replace(
        release,
        further=tuple(further),
        groups=ranked.groups(requests, data.words("site_type", NoticeKind.REQUEST, Role.NETWORK), basis),
        evidence=ranked.evidence(requests),
        record_ids_among=data.record_ids_among,
    )


def _correction(data_dir: Path, folder: Path, period: Period, kind: ReleaseKind, asked: Amendment) -> Correction:
    """What is replaced; where it showed code letters also its Ranking, if the dataset is at hand, to trace them."""
    from monitor import publication  # noqa: PLC0415 (as above)

    found = publication.correction(folder, period.label, kind, asked)
    if found.named:
        return found
    try:
        data = open_freeze(data_dir, period, found.freeze)
    except FreezeError:
        return found
    final = kind is ReleaseKind.FINAL
    before = ranking_of(data, NoticeKind.REQUEST, Role.NETWORK, final=final, resamples=0)
    return replace(found, before=before) if data.digest == found.freeze else found


def _refuse_final(data: frozen.FrozenData) -> None:
    """Raises ReleaseError: nobody is named by a target that nobody set, or without having been heard."""
    why = data.method.norm(NoticeKind.REQUEST).why_not_final(data.period)
    if why is not None:
        raise ReleaseError(why, "Set basis, valid_from and set_by of the norm, freeze again, then publish")
    raise ReleaseError(
        "A final release is not possible yet",
        "It names providers, which needs letters and answers; publish --kind interim",
    )


def verify_release(folder: Path) -> Verified:
    """The files of a release that are not as its manifest says, and whether a correction replaced it."""
    from monitor import publication  # noqa: PLC0415 (as above)

    return publication.verified(folder)

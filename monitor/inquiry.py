"""Questions to a finished line: how far a Ranking depends on a choice, which attributions are in doubt, and why one
record is booked as it is.

In: the store, or a freeze alone. Out: Comparison, Doubtful rows, Explanation. What would surprise: nothing is worked
out here that the line does not work out too; the same steps run with other tables, or for one Target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from monitor import attribution, freezing, frozen_figures, observation, pipeline, revealing, store, survival
from monitor.config import Settings
from monitor.errors import (
    RecordMissing,
    UsageError,
)
from monitor.method import describe
from monitor.model.columns import (
    Facts,
)
from monitor.model.comparison import Compared, Comparison
from monitor.model.episode import EpisodeTable, Span
from monitor.model.explanation import CorrectionStory, DecisionStory, Doubtful, Explanation, ResolutionStory, Reveal
from monitor.model.period import Period
from monitor.model.provider import Registry
from monitor.model.report import Address
from monitor.model.words import (
    ChangeAction,
    NoticeKind,
    Role,
    TableKind,
)
from monitor.store import Store, frozen

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def compare_roles(data_dir: Path, period: Period, clock: NoticeKind, digest8: str | None = None) -> Comparison:
    """The frozen rows read by registered network, by origin AS and by customer."""
    from monitor.ranking import comparison  # noqa: PLC0415 (it loads scipy, which no other command should wait for)

    data = frozen_figures.read_freeze(data_dir, period, digest8)
    readings = [
        comparison.Reading(
            f"role {role.value}", data.episodes, frozen_figures.ranking_of(data, clock, role, resamples=0)
        )
        for role in (Role.NETWORK, Role.AS, Role.CUSTOMER)
    ]
    return comparison.compare(Compared.ROLE, readings)


def compare_methods(data_dir: Path, period: Period, digest8: str | None = None) -> Comparison:
    """The Scorecards that a freeze was cut with, and those of the method in force over the same rows."""
    from monitor.ranking import comparison  # noqa: PLC0415 (as above)

    data = frozen_figures.open_freeze(data_dir, period, digest8)
    again = frozen_figures.ranking_of(data, NoticeKind.REQUEST, Role.NETWORK)
    proxied = data.selected(NoticeKind.REQUEST, Role.PROXY)
    return comparison.compare_methods(
        again, frozen.read_scorecards(data.path), data.method.method, n_proxied=int(proxied.is_episode.sum())
    )


def compare_tables(
    db: Store,
    settings: Settings,
    period: Period,
    by: Compared,
    clock: NoticeKind,
    digest8: str | None = None,
    progress: pipeline.Progress = pipeline.silent,
) -> Comparison:
    """The facts of a frozen Period derived again with other reference tables than those of its dates."""
    from monitor import ranked  # noqa: PLC0415 (it loads numba)
    from monitor.ranking import comparison  # noqa: PLC0415 (as above)

    data = frozen_figures.read_freeze(db.data_dir, period, digest8)
    facts, _ = freezing.settled(db, settings, data.cutoff)
    known = store.load_registry(db, min(period.end, data.cutoff).date())
    cut = freezing.Cut(
        db, settings, data.method, known, freezing.registrations(db, known, data.cutoff), period, data.cutoff
    )
    facts = replace(facts, registrations=cut.registrations)
    tables = _tables_to_choose(db, by)
    readings, as_frozen = [], True
    for n, (name, chosen) in enumerate([("as dated", None), *tables]):
        progress(n, len(tables) + 1)
        rows = cut.episodes(facts if chosen is None else _attributed_by(db, facts, chosen))
        if chosen is None:
            as_frozen = _same_rows(rows, data.episodes)
        made = ranked.quickly_ranked(rows, cut.basis(data.digest), clock)
        # The rows of the other roles are not compared, and would fill the memory once for each choice.
        hosting = (rows.role == Role.NETWORK.value) | (rows.role == Role.PROXY.value)
        readings.append(comparison.Reading(name, rows.take(hosting), made))
    return comparison.compare(by, readings, as_frozen=as_frozen)


def _tables_to_choose(db: Store, by: Compared) -> list[tuple[str, attribution.DatedTables]]:
    """Each routing table alone, as if it held at all times; or every table but those of proxies."""
    dated, _ = pipeline.dated_tables(db)
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
    rows = frozen_figures.read_freeze(data_dir, period, digest8).episodes
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
    opened = store.open_addresses(db, attribution.addresses_of(facts))
    evidence = _address_evidence(db, opened, known)
    ids, packed = np.array(sorted(opened), np.int64), [opened[key] for key in sorted(opened)]
    registered = freezing.registered_at(tuple(evidence.answers.values()), known, cutoff, lambda: (ids, packed))
    attributions = attribution.with_days(evidence.attributed, evidence.tables)
    facts = replace(facts, attributions=attributions, registrations=registered)
    method = describe(settings, store.list_reference_tables(db), Period.parse(str(cutoff.year)))
    booked = attribution.book(facts, known, method.thresholds)
    explained = attribution.explain(
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
            own_rules=store.own_rules(db, record.target_id),
            observation_rules=tuple((rule.id, rule.reason) for rule in observation.RULES),
            host_kind=record.host_kind,
            resolutions=_resolutions_of(db, record, cutoff),
            decisions=_decisions_on(db, record, known),
            spans=tuple((span.start, span.end) for span in spans),
            revealed=revealing.opened(db, record, reveal, "explain --reveal") if reveal else None,
        )
    )
    forgotten = next(map(store.said_of, store.forgotten_targets(db, [record.target_id]).values()), None)
    return replace(explained, corrections=_corrections_of(db, record), forgotten=forgotten)


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


def _corrections_of(db: Store, record: store.FoundRecord) -> tuple[CorrectionStory, ...]:
    return tuple(
        CorrectionStory(
            each.correction_id,
            each.kind.value,
            each.holds,
            each.letter_id,
            each.by,
            each.why,
            each.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        )
        for each in store.corrections_of(db, (record.source, record.record_id))
    )


def _address_evidence(db: Store, opened: Mapping[int, Address], known: Registry) -> attribution.AddressEvidence:
    """What every table says of these addresses, made again from the tables' own content."""
    tables, _ = pipeline.dated_tables(db)
    ids = np.array(sorted(opened), np.int64)
    made = attribution.attribute(ids, [opened[key] for key in sorted(opened)], tables)
    listed = (table for table in store.list_reference_tables(db) if table.kind == TableKind.PREFIXES)
    routing = sorted(listed, key=lambda table: (table.as_of, table.made_on, table.sha256))
    names = {asn: known.label(key) for asn, key in known.by_asn.items() if key in known.providers}
    answers = {answer.answer_id: answer for answer in store.load_answers(db, attribution.parse_network)}
    gone = {key: store.said_of(at) for key, at in store.forgotten_addresses(db, opened.keys()).items()}
    return attribution.AddressEvidence(opened, made, tuple(routing), answers, names, gone)

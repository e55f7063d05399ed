"""The steps of the line that ask the network: DNS about hosts, registries about addresses; or read what they answered.

In: the store, and settings with a mandate. Out: Resolutions and registries' answers in the store, and counts. What
would surprise: an answer is kept as it comes, so a step that was broken off goes on where it stopped.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from monitor import __version__, attribution, intake, store
from monitor.clock import now
from monitor.config import Settings
from monitor.loopback import check_mandate_place, public_ranges
from monitor.model.counts import FetchCounts, RegistrationImport, ResolveCounts
from monitor.model.report import Address
from monitor.model.words import DnsStatus, RegistrationStatus
from monitor.pipeline import Progress, silent
from monitor.store import Store

if TYPE_CHECKING:
    from monitor.attribution.rdap_fetch import Fetched


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
    nobody = settings.mandate.loopback and not settings.rdap.servers
    for answer in () if nobody else _asked(ids, known, settings, limit):
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
        addresses,
        known,
        settings.rdap,
        limit=limit,
        agent=agent,
        treat_as_global=public_ranges(settings),
        configured_only=settings.mandate.loopback,
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

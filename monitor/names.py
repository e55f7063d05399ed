"""The names of due Targets and of canaries: which are asked about anew in a run, and which answers are kept.

In: due Targets. Out: by host, what the resolvers say. What would surprise: answers of a run are kept only when its
canaries were well before and after, because a network that lies about names lies for as long as an answer may be used;
and a name that did not resolve, or whose Target is about to count as gone, is asked about again each time.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from monitor import pipeline, resolution, store
from monitor.clock import now
from monitor.config import Settings
from monitor.loopback import public_ranges
from monitor.model.report import Address, Host
from monitor.model.words import AddressKind, DnsStatus, HostKind
from monitor.resolution import Answers
from monitor.store import DueTarget, HostAnswer, Store

_BATCH = 100


@dataclass(slots=True)
class Said:
    """What is known of the hosts of a run: answers by host, and those among them that are new."""

    answers: dict[int, HostAnswer] = field(default_factory=dict)
    new: list[Answers] = field(default_factory=list)


def ask(db: Store, settings: Settings, due: Sequence[DueTarget], stop: threading.Event) -> Said:
    """Ask about the hosts whose answers have run out or will not do. Ends early when `stop` is set."""
    hosts = {each.host_id: each.host for each in due if each.host.kind is HostKind.NAME}
    doubted = {each.host_id for each in due if _is_doubted(each)}
    said = Said(store.newest_answers(db, list(hosts), now()))
    wanted = [(key, host) for key, host in hosts.items() if key in doubted or not _will_do(said.answers.get(key))]
    if wanted:
        options = resolution.Options(public_ranges(settings), batch=_BATCH)
        for answers in resolution.resolve(wanted, settings.resolvers, options=options):
            said.new.append(answers)
            said.answers.update(_by_host(answers))
            if stop.is_set():
                break
    return said


def keep(db: Store, said: Said, worker_id: int) -> bool:
    """Store the new answers of a run that was well, and attribute new addresses; says whether there were any."""
    if not said.new:
        return False
    for answers in said.new:
        store.add_resolutions(db, answers.host_ids, answers.resolutions)
    return attribute(db, worker_id)


def attribute(db: Store, worker_id: int) -> bool:
    """Attribute the addresses that are new, or all of them where the tables are; says whether there were any.

    One worker at a time does it for all: another one that comes meanwhile goes on without.
    """
    if store.attribution_is_current(db):
        return False
    with store.task(db, worker_id, "attribute") as given:
        if given:
            pipeline.attribute(db)
        return given


def addresses_of(settings: Settings, hosts: dict[str, Host]) -> dict[str, tuple[Address, ...]]:
    """Of each canary's URL: the addresses that the resolvers give now. An outage of DNS makes a canary fail too."""
    urls = list(hosts)
    found: dict[str, tuple[Address, ...]] = {
        url: () if host.address is None else (host.address,) for url, host in hosts.items()
    }
    named = [(place, hosts[url]) for place, url in enumerate(urls) if hosts[url].kind is HostKind.NAME]
    if not named:
        return found
    options = resolution.Options(public_ranges(settings), wildcards=False)
    for answers in resolution.resolve(named, settings.resolvers, options=options):
        for place, addresses in _addresses(answers):
            found[urls[place]] = tuple(dict.fromkeys(chain(found[urls[place]], addresses)))
    return found


def _is_doubted(due: DueTarget) -> bool:
    """A Target that is about to count as gone: what its name leads to has to be known anew."""
    return due.standing.offline_since is not None and due.standing.confirmed_at is None


def _will_do(answer: HostAnswer | None) -> bool:
    return answer is not None and answer.fresh and DnsStatus.ANSWERED in answer.answers


def _by_host(answers: Answers) -> dict[int, HostAnswer]:
    words: dict[int, list[DnsStatus]] = {}
    for host, answer in zip(answers.host_ids, answers.resolutions, strict=True):
        words.setdefault(host, []).append(answer.status)
    addresses: dict[int, set[Address]] = {host: set() for host in words}
    for host, found in _addresses(answers):
        addresses[host].update(found)
    return {host: HostAnswer(tuple(said), store.in_order(addresses[host]), True) for host, said in words.items()}


def _addresses(answers: Answers) -> Iterator[tuple[int, tuple[Address, ...]]]:
    for key, answer in zip(answers.host_ids, answers.resolutions, strict=True):
        yield key, tuple(one.address for one in answer.addresses if one.kind is AddressKind.GLOBAL)

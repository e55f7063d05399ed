"""Addresses go in, what the registries answer comes out, one by one, so that a stopped run has kept every answer.

One question for a range: what an answer speaks for is not asked again. Each registry has a queue of its own, in
ascending order, and the one that may be asked first is asked next: none holds up the others. One thread, because at
20 questions a minute and registry the waiting is the registries', not ours. What would surprise: a registry that asks
for a longer pause than allowed, or fails several times in a row, is left; its other addresses yield nothing at all,
so that the next run asks for them.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from heapq import heappop, heappush
from urllib.request import OpenerDirector

from monitor import __version__
from monitor.attribution.rdap_coverage import Coverage
from monitor.attribution.rdap_document import covered_by, parse_network, without_queried
from monitor.attribution.rdap_http import NotAnswered, get_json, rdap_opener
from monitor.attribution.rdap_net import look_up
from monitor.attribution.rdap_pace import Pacer, Timing
from monitor.attribution.rdap_registries import Registries
from monitor.config import Rdap
from monitor.errors import ReferenceDataError
from monitor.model.registration import RegisteredNetwork
from monitor.model.report import Address
from monitor.model.words import RegistrationStatus

MOST_HOPS = 5
_RETRIES = {
    RegistrationStatus.TIMEOUT: 1,
    RegistrationStatus.SERVER_ERROR: 1,
    RegistrationStatus.RATE_LIMITED: 2,
}
"""How often a question is sent again; every other status would be the same again."""

_BACK_OFF_SECONDS = 2.0
_RATE_LIMIT_SECONDS = 30.0
"""The pause after a 429 that names none."""

_MOST_FAILURES = 5
"""So many failures in a row, and a registry is left for the rest of the run."""

_WIDEST = {4: 2**24, 16: 2**112}
"""Addresses in a /8 and a /16: whatever is wider is a registry's own space, registered to nobody that hosts."""
_PLACEHOLDERS = ("NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK", "IANA-BLK")

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one address's question came to. `document` lacks what repeats the address. Prints no address."""

    address: Address = field(repr=False)
    asked_at: datetime
    server: str  # the registry that answered, by its name in the configuration, else its host name
    status: RegistrationStatus
    document: dict[str, object] | None = field(default=None, repr=False)
    network: RegisteredNetwork | None = field(default=None, repr=False)
    covers: tuple[Address, Address] | None = field(default=None, repr=False)
    leaves: str | None = None  # the registry that is left for the rest of the run, as the configuration names it


@dataclass(slots=True)
class _Question:
    """One address on its way. `url` is set once it no longer goes where its neighbours go."""

    address: Address = field(repr=False)
    url: str | None = field(default=None, repr=False)
    asked: set[str] = field(default_factory=set, repr=False)
    hops: int = 0
    retries: int = 0
    missed: bool = False  # the registry of its neighbours does not know it


def fetch_registrations(
    addresses: Iterable[Address],
    known: Coverage,
    settings: Rdap,
    *,
    limit: int | None = None,
    timing: Timing | None = None,
    agent: str = f"hosting-compliance-monitor/{__version__}",
    treat_as_global: Sequence[IPNetwork] = (),
    configured_only: bool = False,
) -> Iterator[Fetched]:
    """Ask about the addresses that `known` does not hold, at most `limit` of them; `known` learns from each answer.

    Addresses that are not global are never asked about (`treat_as_global` is for tests). `agent` tells the registries
    who asks. `configured_only`: no registry but those of the configuration, as under a mandate for loopback. Raises
    ConfigError where a server's URL is none, or `first` is no registry.
    """
    run = _Run(known, settings, timing or Timing(), agent, configured_only=configured_only)
    for address in set(addresses):
        if address not in known and may_be_asked(address, treat_as_global):
            run.add(_Question(address))
    return run.results(limit)


def may_be_asked(address: Address, treat_as_global: Sequence[IPNetwork] = ()) -> bool:
    """Whether a registry can know a (packed) address: a global one, or one in `treat_as_global`."""
    value = ipaddress.ip_address(address)
    return (value.is_global and not value.is_multicast) or any(value in network for network in treat_as_global)


class _Run:
    """The queues of one run, and what it has learnt."""

    def __init__(self, known: Coverage, settings: Rdap, timing: Timing, agent: str, *, configured_only: bool) -> None:
        self._known = known
        self._settings = settings
        self._timing = timing
        self._headers = {"Accept": "application/rdap+json, application/json", "User-Agent": agent}
        self._registries = Registries(settings, configured_only=configured_only)
        self._pacer = Pacer(settings.per_minute, settings.longest_wait_seconds, timing)
        # The address is the key: shorter is IPv4, and packed bytes sort as numbers do.
        self._queues: dict[str, list[tuple[int, Address, _Question]]] = {}
        self._failures: dict[str, int] = {}

    @cached_property
    def _opener(self) -> OpenerDirector:
        """Made for the first question: reading the system's certificates takes longer than finding none to ask."""
        return rdap_opener()

    def add(self, question: _Question) -> None:
        """Queue up at the registry that the question goes to now."""
        queue = self._queues.setdefault(self._server_of(question), [])
        heappush(queue, (len(question.address), question.address, question))

    def results(self, limit: int | None) -> Iterator[Fetched]:
        n_fetched = 0
        while (limit is None or n_fetched < limit) and (server := self._next_server()) is not None:
            fetched = self._step(server)
            if fetched is not None:
                n_fetched += 1
                yield fetched

    def _next_server(self) -> str | None:
        """The registry with a queue that may be asked first; of several, the one that waits longest."""
        for server in [name for name, queue in self._queues.items() if not queue or self._pacer.has_left(name)]:
            del self._queues[server]
        return min(self._queues, key=self._pacer.ready_at, default=None)

    def _step(self, server: str) -> Fetched | None:
        """Take the queue's first open question as far as one exchange of messages takes it."""
        queue = self._queues[server]
        while queue:
            _, address, question = heappop(queue)
            if address not in self._known:
                break
        else:
            return None
        if self._server_of(question) != server:  # a neighbour's answer came from elsewhere in the meantime
            self.add(question)
            return None
        # To the end of the line, so that registries that are ready at the same time take turns.
        self._queues[server] = self._queues.pop(server)
        self._pacer.take(server)
        return self._exchange(server, question)

    def _server_of(self, question: _Question) -> str:
        if question.url is not None:
            return self._registries.server_of(question.url)
        return self._registries.home(question.address)

    def _exchange(self, server: str, question: _Question) -> Fetched | None:
        """Ask once, and say what it came to, or None where the question goes on."""
        url = question.url or self._registries.url(server, question.address)
        question.asked.add(url)
        now, timeout = self._timing.now(), self._settings.timeout_seconds
        try:
            document = look_up(
                question.address,
                lambda: get_json(self._opener, url, timeout=timeout, headers=self._headers, now=now),
            )
        except NotAnswered as failure:
            return self._unanswered(server, question, url, failure, now)
        return self._answered(server, question, document, now)

    def _answered(
        self, server: str, question: _Question, document: dict[str, object], asked_at: datetime
    ) -> Fetched | None:
        """Read the answer; one about other addresses, or about the registry's own space, is none."""
        address = question.address
        network = _network_of(document, server)
        if network is None or not _is_about(network, address):
            return self._ended(server, question, RegistrationStatus.MALFORMED, asked_at)
        if _is_nobodys(network):
            return self._ended(server, question, RegistrationStatus.NOT_FOUND, asked_at)
        self._failures[server] = 0
        self._registries.learn(address, server)
        covers = covered_by(network, address) or (address, address)
        self._known.add(*covers)
        stripped = without_queried(document, address)
        return Fetched(address, asked_at, server, RegistrationStatus.FOUND, stripped, network, covers)

    def _unanswered(
        self, server: str, question: _Question, url: str, failure: NotAnswered, asked_at: datetime
    ) -> Fetched | None:
        """Follow a redirect, or ask again where that can help."""
        if failure.location is not None:
            return self._redirected(server, question, self._registries.followed(url, failure.location), asked_at)
        if not self._may_go_on(server, question, failure):
            return self._ended(server, question, failure.status, asked_at)
        question.retries += 1
        question.url = url
        self.add(question)
        return None

    def _may_go_on(self, server: str, question: _Question, failure: NotAnswered) -> bool:
        """Whether the question may be sent again, after the pause that the registry (or we) ask for."""
        if failure.status not in _RETRIES:
            return False
        is_limited = failure.status is RegistrationStatus.RATE_LIMITED
        if question.retries >= _RETRIES[failure.status]:
            if is_limited:
                self._pacer.leave(server)
            return False
        # A pause of our own choice is no reason to leave a registry, so it never exceeds the longest allowed.
        ours = min(_RATE_LIMIT_SECONDS if is_limited else _BACK_OFF_SECONDS, self._settings.longest_wait_seconds)
        return self._pacer.hold(server, ours if failure.wait_seconds is None else failure.wait_seconds)

    def _redirected(self, server: str, question: _Question, target: str | None, asked_at: datetime) -> Fetched | None:
        """Send the question on to where the registry says, and its neighbours after it."""
        question.hops += 1
        if target is None:
            return self._ended(server, question, RegistrationStatus.MALFORMED, asked_at)
        if target in question.asked or question.hops > MOST_HOPS:
            status = RegistrationStatus.NOT_FOUND if question.missed else RegistrationStatus.LOOP
            return self._ended(server, question, status, asked_at)
        self._failures[server] = 0
        question.url, question.retries = target, 0
        self._registries.learn(question.address, self._registries.server_of(target))
        self.add(question)
        return None

    def _ended(
        self, server: str, question: _Question, status: RegistrationStatus, asked_at: datetime
    ) -> Fetched | None:
        """The question is over, unless the registry that does not know the address was a guess of ours."""
        first = self._registries.first
        if status is RegistrationStatus.NOT_FOUND:
            self._failures[server] = 0
            if question.hops == 0 and server != first and not question.missed:
                question.missed, question.url = True, self._registries.url(first, question.address)
                self.add(question)
                return None
        else:
            self._failures[server] = self._failures.get(server, 0) + 1
            if self._failures[server] >= _MOST_FAILURES:
                self._pacer.leave(server)
        leaves = self._registries.shown(server) if self._pacer.has_left(server) else None
        return Fetched(question.address, asked_at, server, status, leaves=leaves)


def _network_of(document: dict[str, object], server: str) -> RegisteredNetwork | None:
    try:
        return parse_network(document, server)
    except ReferenceDataError:
        return None


def _is_about(network: RegisteredNetwork, address: Address) -> bool:
    return len(network.first) == len(address) and network.first <= address <= network.last


def _is_nobodys(network: RegisteredNetwork) -> bool:
    """A registry's own space: what it answers for addresses that it does not hold."""
    width = int.from_bytes(network.last) - int.from_bytes(network.first) + 1
    return width > _WIDEST[len(network.first)] or network.name in _PLACEHOLDERS

"""One Check from its first request to its Observation: addresses in turn, a permitted GET, redirects, a sibling.

What would surprise: nothing here judges. What is asked next depends on what was seen, and everything that was seen is
kept, also the hops that our own rules did not allow, and that something was not asked any more: the time of a Check is
bounded from its first connection on, and even a fault of ours ends in an Observation, so that it is planned again.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from monitor.clock import uptime
from monitor.model.observation import CanaryReading, Check, Exchange, Observation
from monitor.model.report import Address
from monitor.model.words import ExchangeError, GetReason, LocationKind, Method, Phase, Purpose
from monitor.observation.baseline import unchanged
from monitor.observation.messages import CanaryAsk, CrawlSettings
from monitor.observation.policy import Policy
from spiders.exchanges import Reader, not_tried
from spiders.hops import REDIRECTS, Hop, Place, hop, is_home, made_up, own_place
from spiders.names import Found, Names
from spiders.politeness import Politeness
from spiders.seen import Order, Seen

Ask = Callable[[str, Method, Order], Awaitable[Seen]]
Now = Callable[[], datetime]

_GET_REASONS = {404: GetReason.HEAD_NOT_FOUND, 405: GetReason.HEAD_NOT_ALLOWED, 501: GetReason.HEAD_NOT_ALLOWED}
_SAME_EVERYWHERE = (ExchangeError.PROXY_FAILED, ExchangeError.PORT_FORBIDDEN)
"""Another address of the host would only meet with the same."""
_COSTLY = (ExchangeError.TIMEOUT, ExchangeError.UNREACHABLE)
"""What takes long: after a few of these no other address is tried. A refusal comes at once."""
_MOST_ADDRESSES = 16
_AWAY = (LocationKind.HOME, LocationKind.LOGIN, LocationKind.OTHER_SITE)
_N_LETTERS = 16
_AS_LETTERS = bytes(ord("a") + n % 26 for n in range(256))


@dataclass(frozen=True, slots=True, repr=False)
class _Answer:
    """An exchange, and what it takes to go on from it."""

    exchange: Exchange
    place: Place
    redirects: bool
    hop: Hop | None  # None where `redirects`: it cannot be followed


class TooLate(Exception):
    """The worker may not hold this Target any more: somebody else may be asking."""


class Checker:
    """What all Checks share. `ask` makes one request and gives back what was seen of it."""

    def __init__(self, settings: CrawlSettings, ask: Ask, now: Now) -> None:
        self.settings, self.ask, self.now = settings, ask, now
        self.policy = Policy(settings.loopback, frozenset(settings.ports))
        self.names = Names(settings.resolvers, self.policy, now)
        self.politeness = Politeness(settings.concurrency, settings.pause_seconds)
        self.reader = Reader(settings.digest_key)
        self.until = float("inf")  # the machine's uptime after which no Check begins

    async def observe(self, check: Check, on_begin: Callable[[], None]) -> Observation:
        """Make the Check in its turn. `on_begin` is called when the first connection is about to be made.

        Raises TooLate where its turn comes after `until`.
        """
        async with self.politeness.site(check.host.site):
            if uptime() > self.until:
                raise TooLate
            way = _Way(self, check, on_begin)
            await way.go()
            return way.observation()

    async def canary(self, ask: CanaryAsk, after: bool) -> CanaryReading:
        """Healthy is 2xx from one of the addresses."""
        asked_at, exchange = self.now(), None
        proxy = self.settings.vantages[ask.vantage]
        for address in ask.addresses[: self.settings.addresses]:
            async with self.politeness.address(address):
                seen = await self.ask(ask.url, Method.HEAD, Order(address, proxy))
            exchange = self.reader.exchange(seen, Purpose.CANARY, Method.HEAD, address, asked_at)
            if exchange.status is not None:
                break
        healthy = exchange is not None and _is_success(exchange)
        return CanaryReading(asked_at, ask.vantage, ask.family, after, healthy, exchange)


class _Way:
    """The course of one Check."""

    def __init__(self, checker: Checker, check: Check, on_begin: Callable[[], None]) -> None:
        self._checker, self._check, self._on_begin = checker, check, on_begin
        self._exchanges: list[Exchange] = []
        self._begun_at: datetime | None = None
        self._begun = time.monotonic()
        self._ends_at: float | None = None  # by the loop's clock
        self._next: tuple[Purpose, Method, Address | None, GetReason | None] = (Purpose.TARGET, Method.HEAD, None, None)

    def observation(self) -> Observation:
        check, seconds = self._check, time.monotonic() - self._begun
        at = self._begun_at or self._checker.now()
        exchanges = tuple(self._exchanges)
        return Observation(check.check_id, check.target_id, at, check.vantage, check.answers, exchanges, seconds)

    async def go(self) -> None:
        """All that is to be asked. What ends it early is noted as an Exchange that was not tried."""
        try:
            await self._go()
        except TimeoutError:
            self._break_off(ExchangeError.TIMEOUT)
        except Exception:  # noqa: BLE001 - a fault of ours, whatever it is, says nothing about the server
            self._break_off(None)

    def _break_off(self, error: ExchangeError | None) -> None:
        purpose, method, address, reason = self._next
        self._exchanges.append(Exchange(purpose, method, Phase.NOT_TRIED, address, error, reason))

    async def _go(self) -> None:
        self._exchanges += [not_tried(Purpose.TARGET, None, each) for each in self._check.left_out]
        self._origin = own_place(self._check.url, self._check.host)
        self._proxy = self._checker.settings.vantages[self._check.vantage]
        first = await self._visit(Purpose.TARGET, self._origin, self._check.addresses)
        if first is None:
            return
        end, last = await self._followed(first)
        if end is None or not _is_success(end.exchange):
            return
        baseline = self._check.baseline
        if baseline is None or not unchanged(baseline, end.exchange.fingerprint):
            led_away = last.hop is not None and last.hop.kind in _AWAY
            if not led_away:
                await self._sibling(end)
            elif not is_home(self._origin):  # a home page is led elsewhere while it is there: nothing beside it tells
                await self._sibling(last)

    async def _visit(self, purpose: Purpose, place: Place, addresses: tuple[Address, ...]) -> _Answer | None:
        """Ask the addresses in turn until one says anything in HTTP; the last answer. None: there is no address."""
        answer, n_costly = None, 0
        for n_tried, address in enumerate(addresses):
            if n_costly == self._checker.settings.addresses or n_tried == _MOST_ADDRESSES:
                self._note_rest(purpose, addresses[n_tried:])
                break
            self._next = purpose, Method.HEAD, address, None
            async with self._turn(address):
                answer = await self._ask(purpose, place, address, Method.HEAD)
                if (status := answer.exchange.status) is not None:
                    reason = _GET_REASONS.get(status) if self._checker.settings.permit_get else None
                    return await self._ask(purpose, place, address, Method.GET, reason) if reason else answer
            if answer.exchange.error in _SAME_EVERYWHERE:
                break
            n_costly += answer.exchange.error in _COSTLY
        return answer

    def _turn(self, address: Address) -> AbstractAsyncContextManager[None]:
        return self._checker.politeness.address(address, self._ends_at)

    def _note_rest(self, purpose: Purpose, rest: tuple[Address, ...]) -> None:
        """Addresses that are not tried, before those that were: what they would say is not known."""
        if purpose is Purpose.TARGET:
            place = len(self._check.left_out)
            self._exchanges[place:place] = [not_tried(purpose, None, each) for each in rest]

    async def _followed(self, answer: _Answer) -> tuple[_Answer | None, _Answer]:
        """Where the redirects end (None: where they cannot be followed), and the answer that redirected last."""
        visited, last = {self._origin.url}, answer
        while answer.redirects:
            self._next = Purpose.REDIRECT, Method.HEAD, None, None
            error = self._forbids(answer.hop, visited)
            found: Found = error or ()
            if answer.hop is not None and error is None:
                found = await self._addresses(answer, answer.hop)
            if answer.hop is None or isinstance(found, ExchangeError):
                self._exchanges.append(not_tried(Purpose.REDIRECT, error or _error(found)))
                return None, last
            visited.add(answer.hop.place.url)
            last = answer
            after = await self._visit(Purpose.REDIRECT, answer.hop.place, found)
            if after is None:
                return None, last
            answer = after
        return answer, last

    def _forbids(self, ahead: Hop | None, visited: set[str]) -> ExchangeError | None:
        if ahead is None:
            return ExchangeError.BAD_LOCATION
        if ahead.place.url in visited:
            return ExchangeError.REDIRECT_LOOP
        if len(visited) > self._checker.settings.redirects:
            return ExchangeError.TOO_MANY_HOPS
        return None if self._checker.policy.port_allowed(ahead.place.port) else ExchangeError.PORT_FORBIDDEN

    async def _addresses(self, answer: _Answer, ahead: Hop) -> Found:
        """The same host: the same address. Back at the Check's own host: its addresses. Else as resolved now."""
        if ahead.place.host == answer.place.host and answer.exchange.address is not None:
            return (answer.exchange.address,)
        if ahead.place.host == self._check.host:
            return self._check.addresses
        async with asyncio.timeout_at(self._ends_at):
            return await self._checker.names.addresses(ahead.place.host, self._check.families)

    async def _sibling(self, beside: _Answer) -> None:
        """Ask for a path that nobody has made, as `beside` was asked for; its redirects are noted, not followed."""
        address = beside.exchange.address
        if address is None:
            return
        letters = secrets.token_bytes(_N_LETTERS).translate(_AS_LETTERS).decode()
        place = own_place(made_up(beside.place, letters), beside.place.host)
        self._next = Purpose.SIBLING, beside.exchange.method, address, beside.exchange.get_reason
        async with self._turn(address):
            await self._ask(Purpose.SIBLING, place, address, beside.exchange.method, beside.exchange.get_reason)

    async def _ask(
        self, purpose: Purpose, place: Place, address: Address, method: Method, reason: GetReason | None = None
    ) -> _Answer:
        self._next = purpose, method, address, reason
        seen = await self._checker.ask(place.url, method, Order(address, self._proxy, self._until()))
        location = seen.headers.get(b"location") if seen.status in REDIRECTS else None
        ahead = None if location is None else hop(self._origin, place, location)
        exchange = self._checker.reader.exchange(
            seen,
            purpose,
            method,
            address,
            self._checker.now(),
            get_reason=reason,
            location=None if ahead is None else ahead.kind,
            leads_to=None if ahead is None else self._checker.reader.digest(ahead.place.url.encode()),
        )
        self._exchanges.append(exchange)
        return _Answer(exchange, place, location is not None, ahead)

    def _until(self) -> float:
        """When all of it has to be over; the first question begins it. Raises TimeoutError where that has passed."""
        now = asyncio.get_running_loop().time()
        if self._ends_at is None:
            self._ends_at = now + self._checker.settings.check_seconds
            self._begun_at, self._begun = self._checker.now(), time.monotonic()
            self._on_begin()
        elif now >= self._ends_at:
            raise TimeoutError
        return self._ends_at


def _is_success(exchange: Exchange) -> bool:
    return exchange.status is not None and 200 <= exchange.status < 300


def _error(found: Found) -> ExchangeError:
    return found if isinstance(found, ExchangeError) else ExchangeError.BAD_LOCATION

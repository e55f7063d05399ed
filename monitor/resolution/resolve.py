"""Many hosts at a time: (key, Host) pairs in, batches of `Answers` out as they come, in no order.

`[resolvers] concurrency` hosts are asked about at a time and no resolver has more questions of ours at once. Hosts
are taken from the iterator as places fall free, so that memory does not grow with their number. What would
surprise: of the two types of address, A goes first; where it met with silence, AAAA gets one try only.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

import dns.name
import dns.rdatatype

from monitor import clock
from monitor.config import Resolvers
from monitor.model.report import Host
from monitor.model.resolution import Resolution
from monitor.model.words import DnsStatus, HostKind
from monitor.resolution.cache import Cache
from monitor.resolution.chain import find
from monitor.resolution.combine import bad_name, combine
from monitor.resolution.names import askable
from monitor.resolution.options import Options
from monitor.resolution.question import Client
from monitor.resolution.resolvers import parse_resolvers
from monitor.resolution.wildcards import Wildcards

Clock = Callable[[], datetime]
_SILENT = (DnsStatus.TIMEOUT, DnsStatus.UNREACHABLE)


@dataclass(frozen=True, slots=True, repr=False)
class Answers:
    """Some hosts' Resolutions, aligned: one entry per (host, resolver), those of one host in the resolvers' order."""

    host_ids: tuple[int, ...]
    resolutions: tuple[Resolution, ...]


def resolve(
    hosts: Iterable[tuple[int, Host]],
    settings: Resolvers,
    *,
    options: Options | None = None,
    cache: Cache | None = None,
    rng: random.Random | None = None,
    now: Clock = clock.now,
) -> Iterator[Answers]:
    """`resolve_hosts` for callers without an event loop. Nothing happens between two batches."""
    with asyncio.Runner() as runner:
        batches = resolve_hosts(hosts, settings, options=options, cache=cache, rng=rng, now=now)
        try:
            while (batch := runner.run(_next(batches))) is not None:
                yield batch
        finally:
            runner.run(batches.aclose())


async def resolve_hosts(
    hosts: Iterable[tuple[int, Host]],
    settings: Resolvers,
    *,
    options: Options | None = None,
    cache: Cache | None = None,
    rng: random.Random | None = None,
    now: Clock = clock.now,
) -> AsyncGenerator[Answers, None]:
    """Ask every resolver for A and AAAA of each host; IP literals give nothing.

    `cache` keeps answers between runs, `rng` draws the waits and the made-up names (unpredictable by default), `now`
    tells the time. Raises ConfigError for fewer than two resolvers, or when no more sockets can be opened.
    """
    cache = Cache() if cache is None else cache  # an empty one is falsy
    asking = _Asking(settings, options or Options(), cache, rng or random.SystemRandom(), now)
    async with aclosing(_batches(asking, hosts)) as batches:
        async for batch in batches:
            yield batch


class _Asking:
    """One run: who is asked, and what is being asked right now."""

    def __init__(self, settings: Resolvers, options: Options, cache: Cache, rng: random.Random, now: Clock) -> None:
        self.settings, self.options, self._cache, self._now = settings, options, cache, now
        resolvers = parse_resolvers(settings)
        self._clients = [Client(each, settings, options.first_wait_seconds, rng) for each in resolvers]
        self._names = [str(each) for each in resolvers]
        self._wildcards = Wildcards(self._clients[0], settings.longest_chain, rng) if options.wildcards else None
        self._begun_at = now()
        self._running: dict[str, asyncio.Task[tuple[Resolution, ...]]] = {}

    async def answer(self, host: Host) -> tuple[Resolution, ...]:
        """One Resolution per resolver: from the cache, from the same question under way, or asked for."""
        if host.kind is not HostKind.NAME:
            return ()
        known = self._cache.get(host.name, self._names, at=self._now(), since=self._begun_at)
        if known is not None:
            return known
        running = self._running.get(host.name)
        if running is not None:
            return await asyncio.shield(running)
        running = self._running[host.name] = asyncio.ensure_future(self._ask(host.name))
        try:
            return await running
        finally:
            del self._running[host.name]

    def close(self) -> None:
        """Give up what is still being asked."""
        if self._wildcards is not None:
            self._wildcards.close()

    async def _ask(self, host: str) -> tuple[Resolution, ...]:
        resolved_at, name = self._now(), askable(host)
        if name is None:
            return tuple(bad_name(resolver, resolved_at) for resolver in self._names)
        resolutions = tuple(
            await asyncio.gather(*(self._ask_one(client, name, resolved_at) for client in self._clients))
        )
        if self._wildcards is not None:
            resolutions = await self._wildcards.marked(name, resolutions)
        for resolution in resolutions:
            self._cache.put(host, resolution)
        return resolutions

    async def _ask_one(self, client: Client, name: dns.name.Name, resolved_at: datetime) -> Resolution:
        loop = asyncio.get_running_loop()
        begun, longest = loop.time(), self.settings.longest_chain
        a = await find(client, name, dns.rdatatype.A, longest_chain=longest)
        patient = a.status not in _SILENT
        aaaa = await find(client, name, dns.rdatatype.AAAA, longest_chain=longest, patient=patient)
        return combine(
            str(client.resolver),
            resolved_at,
            a,
            aaaa,
            treat_as_global=self.options.treat_as_global,
            seconds=loop.time() - begun,
        )


async def _batches(asking: _Asking, hosts: Iterable[tuple[int, Host]]) -> AsyncGenerator[Answers, None]:
    source, out, filling = iter(hosts), asyncio.Queue[Answers](maxsize=1), _Filling()

    async def work() -> None:
        for host_id, host in source:  # shared: each worker takes the next one
            filling.add(host_id, await asking.answer(host))
            if filling.n_hosts >= asking.options.batch:
                await out.put(filling.taken())

    workers = [asyncio.ensure_future(work()) for _ in range(asking.settings.concurrency)]
    crew = asyncio.gather(*workers)
    try:
        while not crew.done():
            getting = asyncio.ensure_future(out.get())
            await asyncio.wait((getting, crew), return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                yield getting.result()
            else:
                getting.cancel()
        crew.result()  # raises what a worker raised
        while not out.empty():
            yield out.get_nowait()
        if filling.n_hosts:
            yield filling.taken()
    finally:
        for worker in workers:
            worker.cancel()
        asking.close()
        await asyncio.gather(*workers, crew, return_exceptions=True)


class _Filling:
    """The batch that is being filled."""

    def __init__(self) -> None:
        self.n_hosts = 0
        self._host_ids: list[int] = []
        self._resolutions: list[Resolution] = []

    def add(self, host_id: int, resolutions: tuple[Resolution, ...]) -> None:
        self.n_hosts += 1
        self._host_ids.extend([host_id] * len(resolutions))
        self._resolutions.extend(resolutions)

    def taken(self) -> Answers:
        """What is in it; it is empty afterwards."""
        answers = Answers(tuple(self._host_ids), tuple(self._resolutions))
        self.n_hosts, self._host_ids, self._resolutions = 0, [], []
        return answers


async def _next(batches: AsyncGenerator[Answers, None]) -> Answers | None:
    return await anext(batches, None)

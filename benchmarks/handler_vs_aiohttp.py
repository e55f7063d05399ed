"""The download handler, called through Scrapy's engine, beside a bare loop of aiohttp: HEAD, a connection a request.

Checks per CPU second of the client's process alone; the server runs in another. What would surprise: the handler does
more (it asks its policy, peeks, cuts the connection) and Scrapy's engine is part of its figure; aiohttp resolves
nothing either, its URLs have IP literals.
"""

import asyncio
import gc
import ipaddress
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TypedDict

import aiohttp
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings

from benchmarks._loopback import N_HOSTS, cpu_seconds, server, targets
from monitor.model.report import Address
from spiders.seen import Order

N, N_QUICK = 20_000, 4_000
N_AT_ONCE = 64
ROUNDS = 3


class Entry(TypedDict):
    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    ratio: float


def run(quick: bool) -> list[Entry]:
    """Checks a CPU second of both, best of alternating rounds. Raises AssertionError where a check was not answered."""
    n = N_QUICK if quick else N
    ours = theirs = 0.0
    with server() as port:
        for _ in range(ROUNDS):
            ours = max(ours, n / handler_seconds(n, port))
            theirs = max(theirs, n / aiohttp_seconds(n, port))
    return [entry("handler-vs-aiohttp", ours, f"aiohttp {aiohttp.__version__}, {N_HOSTS} hosts", theirs)]


def entry(name: str, value: float, peer: str, peer_value: float) -> Entry:
    return {
        "name": name,
        "value": round(value),
        "unit": "checks/CPU s",
        "peer": peer,
        "peer_value": round(peer_value),
        "ratio": round(value / peer_value, 2),
    }


def handler_seconds(n: int, port: int) -> float:
    """CPU seconds of n checks through `engine.download_async`."""
    spent: list[float] = []

    class Checker(Spider):
        name = "checker"

        async def start(self) -> AsyncIterator[Request]:
            engine = self.crawler.engine
            assert engine is not None

            async def check(url: str, address: str) -> None:
                order = Order(Address(ipaddress.ip_address(address).packed))
                request = Request(url, method="HEAD", meta={"order": order, "download_slot": address})
                response = await engine.download_async(request)
                assert response.status == 200
                assert request.meta["seen"].headers[b"content-type"] == b"image/jpeg"

            spent.append(await measured(check, n, port))
            nothing: tuple[Request, ...] = ()
            for request in nothing:  # what makes it a generator, as Scrapy wants it
                yield request

    settings = Settings({"MONITOR_LOOPBACK": True, "USER_AGENT": "benchmark"})
    settings.setmodule("spiders.settings", priority="project")

    async def crawl() -> None:
        await AsyncCrawlerRunner(settings).crawl(Checker)

    asyncio.run(crawl())
    return spent[0]


def aiohttp_seconds(n: int, port: int) -> float:
    """CPU seconds of n checks by a bare session."""

    async def loop() -> float:
        connector = aiohttp.TCPConnector(force_close=True, limit=N_AT_ONCE)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

            async def check(url: str, _: str) -> None:
                async with session.head(url, allow_redirects=False) as response:
                    assert response.status == 200
                    assert response.headers["content-type"] == "image/jpeg"

            return await measured(check, n, port)

    return asyncio.run(loop())


async def measured(check: Callable[[str, str], Awaitable[None]], n: int, port: int) -> float:
    """CPU seconds of n checks, so many at once; the first thousandth is not counted."""
    await work(check, iter(targets(N_HOSTS, port)))
    todo = iter(targets(n, port))
    gc.collect()
    begun = cpu_seconds()
    await asyncio.gather(*(work(check, todo) for _ in range(N_AT_ONCE)))
    return cpu_seconds() - begun


async def work(check: Callable[[str, str], Awaitable[None]], todo: Iterator[tuple[str, str]]) -> None:
    for url, address in todo:
        await check(url, address)


def main() -> None:
    print(json.dumps(run(quick=False), indent=2))


if __name__ == "__main__":
    main()

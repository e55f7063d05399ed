"""Runs Requests through Scrapy's engine and the handler, as the crawl process does, for the tests beside it."""

import asyncio
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner

from monitor.model.report import Address
from monitor.model.words import ExchangeError
from spiders.seen import Order, Seen

SETTINGS: dict[str, Any] = {
    "TWISTED_REACTOR_ENABLED": False,
    "DOWNLOAD_HANDLERS": {
        "http": "spiders.handler.HeadersOnlyHandler",
        "https": "spiders.handler.HeadersOnlyHandler",
    },
    "RETRY_ENABLED": False,
    "REDIRECT_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_ENABLED": False,
    "MONITOR_LOOPBACK": True,
    "MONITOR_CONNECT_SECONDS": 8.0,
    "MONITOR_TLS_SECONDS": 8.0,
    "MONITOR_HEADERS_SECONDS": 8.0,
    "USER_AGENT": "monitor-under-test",
    "DOWNLOADER_MIDDLEWARES_BASE": {},
}


@dataclass(frozen=True)
class Ask:
    """One request: a URL, and the address in words to which it goes."""

    url: str
    address: str = "127.0.0.1"
    method: str = "HEAD"
    proxy: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def patience(error: ExchangeError | None) -> float:
    """Seconds: few where waiting is the point, many where a busy machine must not look like a silent server."""
    return 0.5 if error is ExchangeError.TIMEOUT else 8.0


def packed(address: str) -> Address:
    return Address(ipaddress.ip_address(address).packed)


def fetch(asks: Sequence[Ask], **settings: Any) -> list[Seen]:
    """What the handler saw of each, one after another."""
    found: list[Seen] = []

    class Asker(Spider):
        name = "asker"

        async def start(self):
            for ask in asks:
                order = Order(packed(ask.address), ask.proxy)
                request = Request(ask.url, method=ask.method, headers=ask.headers, meta={"order": order})
                response = await self.crawler.engine.download_async(request)
                seen = request.meta["seen"]
                assert response.status == (seen.status or 0)
                assert response.body == b""
                found.append(seen)
            return
            yield

    async def crawl() -> None:
        await AsyncCrawlerRunner({**SETTINGS, **settings}).crawl(Asker)

    asyncio.run(crawl())
    return found


def fetch_one(ask: Ask, **settings: Any) -> Seen:
    return fetch([ask], **settings)[0]

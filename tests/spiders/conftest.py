"""The real crawl process before real servers: one Look gives a server a behaviour and returns what a Check saw."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest

from monitor.config import Resolvers
from monitor.demo.behaviours import Asked, Behaviour, status
from monitor.demo.nameserver import Nameserver, Records
from monitor.demo.webserver import Webserver
from monitor.intake.hosts import host_of
from monitor.model.observation import DIRECT, Check, Fingerprint, Observation
from monitor.model.report import Address
from monitor.observation.crawl import Crawl
from monitor.observation.messages import CrawlSettings

START = datetime(2026, 3, 1, tzinfo=UTC)
HOME = Address(bytes([127, 0, 0, 1]))
OTHER = Address(bytes([127, 0, 0, 2]))
SILENT = Address(bytes([127, 0, 0, 9]))  # nobody listens there
ZONE = {
    "www.other.example": Records(a=("127.0.0.2",)),
    "other.example": Records(a=("127.0.0.2",)),
    "img.site.example": Records(a=("127.0.0.2",)),
    "inside.example": Records(a=("10.1.2.3",), aaaa=("fd00::1",)),
    "public.example": Records(a=("192.0.2.10",)),
    "six.example": Records(aaaa=("::1",)),
    "both.example": Records(a=("127.0.0.2",), aaaa=("::1",)),
}


@dataclass
class Look:
    """`answers`: Behaviour by "host path" or by path alone; anything else is 404."""

    server: Webserver
    crawls: Callable[..., Crawl]
    answers: dict[str, Behaviour] = field(default_factory=dict)
    otherwise: Behaviour = field(default_factory=lambda: status(404))

    def __call__(
        self,
        path: str,
        host: str = "site.example",
        addresses: tuple[Address, ...] = (HOME,),
        baseline: Fingerprint | None = None,
        families: tuple[int, ...] = (4, 6),
        **settings: Any,
    ) -> Observation:
        check = Check(1, 1, self.url(path, host), host_of(host), addresses, (), DIRECT, baseline, (), families)
        (seen,) = self.crawls(**settings).observe([check], threading.Event(), lambda: START)
        return seen

    def url(self, path: str, host: str = "site.example") -> str:
        return f"http://{host}:{self.server.port}{path}"

    def behaviour(self, asked: Asked) -> Behaviour:
        host = asked.host.partition(":")[0]
        for key in (f"{host} {asked.path}", asked.path, f"{host} *"):
            if key in self.answers:
                return self.answers[key]
        return self.otherwise


@pytest.fixture(scope="session")
def resolvers() -> Iterator[Resolvers]:
    with Nameserver(ZONE) as one, Nameserver(ZONE) as other:
        yield Resolvers(servers=(one.address, other.address), timeout_seconds=0.5, tries=1)


@pytest.fixture(scope="session")
def crawls(resolvers: Resolvers) -> Iterator[Callable[..., Crawl]]:
    """A crawl process for these settings, started once."""
    started: dict[str, Crawl] = {}

    def crawl(**changed: Any) -> Crawl:
        key = repr(sorted(changed.items()))
        if key not in started:
            started[key] = Crawl(settings_with(resolvers, **changed))
        return started[key]

    yield crawl
    for each in started.values():
        each.close()


def settings_with(resolvers: Resolvers, **changed: Any) -> CrawlSettings:
    settings: dict[str, Any] = {
        "user_agent": "hosting-monitor/test",
        "ports": (),
        "concurrency": 8,
        "pause_seconds": 0.0,
        "connect_seconds": 2.0,
        "tls_seconds": 2.0,
        "headers_seconds": 1.0,
        "addresses": 4,
        "redirects": 5,
        "largest_headers": 65_536,
        "permit_get": False,
        "loopback": True,
        "digest_key": b"a key of the tests, 32 bytes ...",
        "vantages": {DIRECT: None},
        "resolvers": resolvers,
    }
    return CrawlSettings(**settings | changed)


@pytest.fixture
def look(crawls: Callable[..., Crawl]) -> Iterator[Look]:
    def answer(asked: Asked) -> Behaviour:
        return made.behaviour(asked)

    with Webserver(answer, tuple(str(ip_address(each)) for each in (HOME, OTHER))) as server:
        made = Look(server, crawls)
        yield made

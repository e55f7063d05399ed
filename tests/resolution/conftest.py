"""Two real DNS servers on loopback with one name per misbehaviour, and a short way to ask them."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from monitor.config import Resolvers
from monitor.demo.nameserver import Nameserver
from monitor.demo.zones import misbehaving_zone
from monitor.model.report import Host
from monitor.model.resolution import Resolution
from monitor.model.words import HostKind
from monitor.resolution import Cache, Options, resolve

START = datetime(2026, 3, 1, tzinfo=UTC)
AS_GLOBAL = tuple(ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32"))
OPTIONS = Options(treat_as_global=AS_GLOBAL, first_wait_seconds=0.01, wildcards=False)


def host(name: str) -> Host:
    return Host(name, HostKind.NAME, name, None)


@dataclass
class Asker:
    """Asks about names; `clock` is moved by the test."""

    servers: tuple[str, ...]
    clock: datetime = START
    options: Options = OPTIONS
    cache: Cache = field(default_factory=Cache)
    seed: int = 7

    def settings(self, **said: Any) -> Resolvers:
        return Resolvers(**{"servers": self.servers, "timeout_seconds": 0.8, "tries": 2, "concurrency": 16, **said})

    def all(self, names: Sequence[str], **said: Any) -> dict[str, list[Resolution]]:
        """The Resolutions of each name, in the order of the servers."""
        found: dict[str, list[Resolution]] = {name: [] for name in names}
        hosts = [(at, host(name)) for at, name in enumerate(names)]
        for batch in resolve(
            hosts,
            self.settings(**said),
            options=self.options,
            cache=self.cache,
            rng=random.Random(self.seed),
            now=lambda: self.clock,
        ):
            for host_id, resolution in zip(batch.host_ids, batch.resolutions, strict=True):
                found[names[host_id]].append(resolution)
        return found

    def one(self, name: str, **said: Any) -> list[Resolution]:
        return self.all([name], **said)[name]

    def later(self, seconds: float) -> None:
        self.clock += timedelta(seconds=seconds)


@pytest.fixture
def server() -> Iterator[Nameserver]:
    with Nameserver(misbehaving_zone()) as running:
        yield running


@pytest.fixture
def second() -> Iterator[Nameserver]:
    with Nameserver(misbehaving_zone()) as running:
        yield running


@pytest.fixture
def asker(server: Nameserver, second: Nameserver) -> Asker:
    return Asker((server.address, second.address))


@pytest.fixture
def make_asker() -> Callable[..., Asker]:
    """Makes an asker of other servers."""
    return Asker


@pytest.fixture(scope="module")
def everything() -> dict[str, list[Resolution]]:
    """Every name of the zone and one that does not exist, asked about at once at two servers."""
    zone = misbehaving_zone()
    names = [name for name in zone if "*" not in name] + ["gone.site.example"]
    with Nameserver(zone) as one, Nameserver(zone) as other:
        return Asker((one.address, other.address)).all(names)

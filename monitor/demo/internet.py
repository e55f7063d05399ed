"""The demonstration's servers: a `World` goes in, web, name and registration servers on loopback come out.

What would surprise: they go by the clock that the whole program shares, so a server shows at 10:00 what it shows at
10:00 of the demonstration's time; and all web servers are one, on many addresses and one port.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from zlib import crc32

from monitor import clock
from monitor.demo import behaviours, rdap_answers
from monitor.demo.behaviours import Asked, Behaviour
from monitor.demo.habits import Habit, Shown
from monitor.demo.nameserver import Nameserver, Records
from monitor.demo.rdap_server import RdapServer, ok
from monitor.demo.webserver import Webserver
from monitor.demo.world import CANARY_ADDRESS, PROVIDERS, DemoProvider, World, in_outage

_TTL_SECONDS, _TTL_OF_RESTLESS_SECONDS = 12 * 3600, 300
_MINUTES_OF_A_MOOD = 10
"""A flaky server keeps its mood for so long, so that asking again at once does not help."""
_ONE_IN_DROPS, _ONE_IN_HANGS = 9, 50


class Internet:
    """A context manager over all servers. `web_port` is the port of every web server."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.web = Webserver(self._answer, world.addresses)
        zone = LivingZone(world)
        self.resolvers = (Nameserver(zone), Nameserver(zone))
        self.registry = RdapServer()
        for provider in PROVIDERS:
            self.registry.serve(provider.network, ok(_registration(provider)))
        self._open = ExitStack()

    @property
    def web_port(self) -> int:
        return self.web.port

    @property
    def canary_url(self) -> str:
        return f"http://{CANARY_ADDRESS}:{self.web_port}/"

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            for server in (self.web, *self.resolvers, self.registry):
                opening.enter_context(server)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _answer(self, asked: Asked) -> Behaviour:
        """What the server at that address says now. Called in the web server's thread."""
        now = clock.now()
        if in_outage(now):
            return behaviours.CLOSE
        if asked.address == CANARY_ADDRESS:
            return behaviours.status(200)
        host = asked.host.partition(":")[0]
        held = self.world.sites.get(host, ())
        if held and held[0].provider.habit is Habit.FLAKY:
            mood = crc32(f"{host} {now:%d %H} {now.minute // _MINUTES_OF_A_MOOD}".encode())
            if mood % _ONE_IN_HANGS == 0:
                return behaviours.HANG
            if mood % _ONE_IN_DROPS == 0:
                return behaviours.CLOSE
        return _behaviour(self.world.shown(host, asked.path, asked.address, now), asked.path)


def _registration(provider: DemoProvider) -> rdap_answers.Document:
    """What the registry says of a provider's range: it holds it itself."""
    initials = "".join(word[0] for word in provider.name.split())
    holder = rdap_answers.entity(f"ORG-{initials}{provider.place}-RIPE", provider.name, "registrant")
    name = provider.name.split()[0].upper()
    return rdap_answers.network_answer(provider.network, type="ALLOCATED PA", name=name, entities=[holder])


def _behaviour(shown: Shown, path: str) -> Behaviour:
    match shown:
        case Shown.PICTURE:
            mark = crc32(path.encode())
            return behaviours.image(f'"{mark:08x}"', 1000 + mark % 9000)
        case Shown.PLACEHOLDER:
            return behaviours.placeholder()
        case Shown.CLOSED:
            return behaviours.FORBIDDEN
        case Shown.GONE:
            return behaviours.NOT_FOUND


class LivingZone(Mapping[str, Records]):
    """The names as of the clock: sites move and names go."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getitem__(self, name: str) -> Records:
        address = self._world.address_of(name, clock.now())
        if address is None:
            raise KeyError
        restless = self._world.sites[name][0].provider.a_site_each
        return Records(a=(address,), ttl=_TTL_OF_RESTLESS_SECONDS if restless else _TTL_SECONDS)

    def __iter__(self) -> Iterator[str]:
        now = clock.now()
        return (name for name in self._world.sites if self._world.address_of(name, now) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

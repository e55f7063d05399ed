"""The demonstration's invented world: providers with a habit each, their sites, and what becomes of every picture.

In: nothing but the seed. Out: `World`, the truth behind the servers, the reports and the registers. What would
surprise: all of it lies on loopback (127.20.K.0/24 belongs to the K-th provider), and its time is March 2026, as the
demonstration's own clock tells it. Every name is made up; no provider here is, or is meant to resemble, a real one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from monitor.demo.habits import Course, Habit, Order, Shown, course
from monitor.model.period import Period

SEED = 20260301
PERIOD = Period.parse("2026-03")
STARTS_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TABLES_AS_OF = STARTS_AT.date()
NOTICE_DAYS = (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)
REPORTS_HOUR, NOTICES_HOUR, ORDERS_HOUR = 8, 10, 14
"""When the post of a day comes, in UTC."""
ORDER_AFTER = timedelta(days=3)
NORMS_OVER_AT = datetime(2026, 3, 21, tzinfo=UTC)
"""From then on no notice is younger than a week."""
OUTAGE = (datetime(2026, 3, 11, 11, 30, tzinfo=UTC), datetime(2026, 3, 11, 15, 30, tzinfo=UTC))
"""When our own line is down: nothing answers, the canary neither."""
CANARY_ADDRESS = "127.20.0.1"
_FIRST = ("beeld", "foto", "plaat", "kijk", "prent")
_LAST = ("kade", "werf", "stee", "hof", "laan")


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """One invented provider. `n_a_day`: pictures reported there on each day with notices, in turn."""

    name: str
    asn: int
    habit: Habit
    n_a_day: tuple[int, ...] = (2, 1, 2, 1)
    a_site_each: bool = False  # each picture lies on a site of its own, which moves or loses its name

    @property
    def place(self) -> int:
        """Its number, from 1: the third octet of its addresses."""
        return PROVIDERS.index(self) + 1

    @property
    def as_name(self) -> str:
        """What the AS is called in the tables: not the name of the organisation, as in life."""
        return f"{self.name.split()[0].upper()}-AS"

    @property
    def network(self) -> str:
        return f"127.20.{self.place}.0/24"

    def address(self, nth: int) -> str:
        """One of its four servers."""
        return f"127.20.{self.place}.{10 + nth % 4}"


PROVIDERS = (
    DemoProvider("Vlotwater Hosting", 64496, Habit.PROMPT, (3, 2)),
    DemoProvider("Dagrand Datacenter", 64497, Habit.A_DAY),
    DemoProvider("Tweelicht Servers", 64498, Habit.TWO_DAYS),
    DemoProvider("Stilstaand Hosting", 64499, Habit.NEVER),
    DemoProvider("Keerpunt Cloud", 64500, Habit.COMES_BACK),
    DemoProvider("Schijnbeeld Images", 64501, Habit.PLACEHOLDER),
    DemoProvider("Trekhonk Webdiensten", 64502, Habit.MOVES, (1, 2), a_site_each=True),
    DemoProvider("Naamkwijt Hosting", 64503, Habit.NAME_GONE, (2, 1), a_site_each=True),
    DemoProvider("Slotgracht Servers", 65536, Habit.CLOSES, (1, 2)),
    DemoProvider("Wankelmoed Networks", 65537, Habit.FLAKY, (2, 1)),
    DemoProvider("Bevelrijk Colocatie", 65538, Habit.ORDERS_ONLY),
    DemoProvider("Schermwand Proxy", 65539, Habit.PROXIED, (1, 2)),
)
MOVES_TO = PROVIDERS[3]
"""Where sites that move go on: with a provider that never answers."""


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """One reported picture and the truth about it. Its record's number says nothing about where it lies."""

    record_id: str
    provider: DemoProvider
    host: str
    path: str
    address: str  # while it lies with `provider`
    reported_at: datetime
    notice_at: datetime
    order: Order | None
    course: Course


@dataclass(frozen=True, slots=True)
class World:
    """All cases, by site and by path."""

    cases: tuple[Case, ...]
    sites: Mapping[str, tuple[Case, ...]] = field(repr=False)

    @classmethod
    def made(cls, seed: int = SEED) -> "World":
        """The same world for the same seed."""
        found: list[Case] = []
        for provider in PROVIDERS:
            found += _cases(provider, Random(seed * 1000 + provider.asn))  # noqa: S311 (an invented world)
        found.sort(key=lambda case: (case.reported_at, case.host, case.path))
        cases = tuple(_numbered(case, number) for number, case in enumerate(found, start=1))
        sites: dict[str, list[Case]] = {}
        for case in cases:
            sites.setdefault(case.host, []).append(case)
        return cls(cases, {host: tuple(held) for host, held in sites.items()})

    def address_of(self, host: str, at: datetime) -> str | None:
        """What DNS says of a site at that instant. None: there is no such name (any more)."""
        if host not in self.sites:
            return None
        first = self.sites[host][0]
        if first.course.name_gone_at is not None and first.course.name_gone_at <= at:
            return None
        moved = first.course.moved_at is not None and first.course.moved_at <= at
        return MOVES_TO.address(len(host)) if moved else first.address

    def shown(self, host: str, path: str, address: str, at: datetime) -> Shown:
        """What the server at `address` shows; a path that nobody reported shows what the site has for such."""
        if address != self.address_of(host, at):
            return Shown.GONE
        held = self.sites[host]
        for case in held:
            if case.path == path:
                return case.course.shown(at)
        return Shown.PLACEHOLDER if held[0].provider.habit is Habit.PLACEHOLDER else Shown.GONE

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that a web server has to listen on."""
        return (CANARY_ADDRESS, *(provider.address(nth) for provider in PROVIDERS for nth in range(4)))


def in_outage(at: datetime) -> bool:
    """Whether our own line is down."""
    return OUTAGE[0] <= at < OUTAGE[1]


def _cases(provider: DemoProvider, random: Random) -> Iterator[Case]:
    """Everything reported of one provider, day by day, not yet numbered."""
    n = 0
    for nth_day, day in enumerate(NOTICE_DAYS):
        noon = datetime(2026, 3, day, tzinfo=UTC)
        for _ in range(provider.n_a_day[nth_day % len(provider.n_a_day)]):
            n += 1
            yield _case(provider, noon, n, random)


def _case(provider: DemoProvider, day: datetime, n: int, random: Random) -> Case:
    site = n if provider.a_site_each else n // 3
    reported_at = day + timedelta(hours=REPORTS_HOUR - 2, seconds=random.randrange(7000))
    notice_at = day + timedelta(hours=NOTICES_HOUR)
    order = None
    if provider.habit is Habit.ORDERS_ONLY and n % 2:
        order = Order(day + ORDER_AFTER + timedelta(hours=ORDERS_HOUR), 1 if n % 5 == 0 else 12)
    return Case(
        record_id="",
        provider=provider,
        host=f"{_FIRST[provider.place % 5]}{_LAST[site % 5]}{provider.place}-{site}.example",
        path=f"/i/{random.randrange(16**8):08x}.jpg",
        address=provider.address(site),
        reported_at=reported_at,
        notice_at=notice_at,
        order=order,
        course=course(provider.habit, STARTS_AT - timedelta(days=30), notice_at, order, random),
    )


def _numbered(case: Case, number: int) -> Case:
    return Case(
        f"DEMO-{number:04d}", case.provider, case.host, case.path, case.address, case.reported_at, case.notice_at,
        case.order, case.course,
    )  # fmt: skip

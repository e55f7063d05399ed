"""The invented world of the sample: providers with a habit each, their networks and the sites on them.

In: nothing. Out: `PROVIDERS`, address and URL makers, and the rows of the reference tables. What would surprise: the
networks are slices of the documentation ranges, so one provider may hold only sixteen addresses; and one slice
(`HANDED_OVER`) belongs to another provider from 2026-01-01 on, so the date of an event decides whose it was.

Every name is made up; no provider here is, or is meant to resemble, a real one.
"""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from random import Random


class Half(StrEnum):
    """The two Periods of the sample."""

    H2_2025 = "2025H2"
    H1_2026 = "2026H1"


@dataclass(frozen=True, slots=True)
class Speed:
    """How long after the notice the material goes: lognormal hours, and the share that never goes."""

    median_hours: float
    spread: float = 0.7
    never: float = 0.03


@dataclass(frozen=True, slots=True)
class Provider:
    """One invented provider. `n_reports` and `speeds` are per Half, 2025H2 first."""

    name: str
    asn: int
    networks: tuple[str, ...]
    habit: str
    n_reports: tuple[int, int]
    speeds: tuple[Speed, Speed]
    batch: float = 6  # notices a batch, about
    n_sites: int = 12
    site_type: str = "website"

    @property
    def provider_id(self) -> str:
        return f"as{self.asn}"

    def speed(self, half: Half) -> Speed:
        return self.speeds[half is Half.H1_2026]


def _both(median_hours: float, spread: float = 0.7, never: float = 0.03) -> tuple[Speed, Speed]:
    return (Speed(median_hours, spread, never),) * 2


_FAST, _SLOW, _NEVER = Speed(6, 0.7, 0.02), Speed(90, 0.7, 0.1), _both(500, 0.5, 0.94)

IMAGE_HOST = Provider(
    "Blauwdruk Images", 64496, ("192.0.2.0/26", "2001:db8:10::/48"), "image-host",
    (430, 560), _both(9, 0.8, 0.02), batch=24, n_sites=6, site_type="image-host",
)  # fmt: skip
PROXY = Provider(
    "Schermlaag Proxy", 65551, ("203.0.113.240/28", "2001:db8:f0::/48"), "reverse-proxy",
    (60, 80), _both(36), n_sites=30,
)  # fmt: skip
FORUMS = Provider(
    "Kletskade Forums", 64508, ("203.0.113.32/28", "2001:db8:18::/48"), "page-answers",
    (40, 60), _both(18, 0.8, 0.05), n_sites=9, site_type="forum",
)  # fmt: skip
TWINS = (
    Provider("Tweelingzon Hosting", 64510, ("203.0.113.48/28",), "equal-name-fast", (35, 40), _both(8)),
    Provider("Tweelingzon Hosting", 65540, ("203.0.113.64/28",), "equal-name-slow", (25, 30), _both(50)),
)
MOVER = Provider("Trekvogel Transit", 64502, ("198.51.100.64/28",), "moves-on", (50, 60), _both(16, 0.6, 0.1))
IGNORER = Provider("Nevelhoorn Hosting", 64501, ("192.0.2.112/28", "2001:db8:15::/48"), "ignores", (70, 90), _NEVER)
SLOW_CLOUD = Provider("Kruisbes Cloud", 64499, ("192.0.2.80/28", "2001:db8:13::/48"), "slow", (90, 100), _both(60))
SLOW_SERVERS = Provider("Wilgenroos Servers", 64500, ("192.0.2.96/28",), "slow", (70, 80), _both(75))
IMPROVER = Provider("Opwaarts Hosting", 64506, ("203.0.113.0/28",), "improved", (60, 80), (_SLOW, _FAST))

SMALL = tuple(
    Provider(name, 65541 + i, (f"203.0.113.{128 + 8 * i}/29",), "small", counts, _both(median, 1, 0.1), 2, 3)
    for i, (name, counts, median) in enumerate(
        (
            ("Kiezelster Hosting", (1, 2), 5),
            ("Dauwkever VPS", (3, 4), 30),
            ("Zandmees Cloud", (2, 8), 8),
            ("Mistkrokus Internet", (5, 5), 80),
            ("Hooifluit Hosting", (4, 7), 3),
            ("Steenpluim Servers", (0, 1), 20),
            ("Grasdraak Web", (8, 3), 14),
        )
    )
)

PROVIDERS: tuple[Provider, ...] = (
    IMAGE_HOST,
    Provider(
        "Lindenhof Hosting", 64497, ("192.0.2.64/28", "2001:db8:11::/48"), "fast", (110, 130), _both(3, 0.7, 0.01)
    ),
    Provider("Rietkraag Datacenter", 64498, ("198.51.100.0/26", "2001:db8:12::/48"), "fast", (90, 100), _both(6)),
    SLOW_CLOUD,
    SLOW_SERVERS,
    IGNORER,
    MOVER,
    Provider("Postloos Webdiensten", 64503, ("198.51.100.80/28",), "mailbox-bounces", (25, 35), _both(200, 1, 0.7)),
    Provider("Dichtepoort Hosting", 64504, ("198.51.100.96/28",), "refuses-notices", (20, 30), _both(250, 1, 0.8)),
    Provider("Zonderbel Colocatie", 64505, ("198.51.100.112/28",), "no-contact", (15, 20), _both(200, 1, 0.7)),
    Provider("Verrewei Hosting", 65536, ("198.51.100.128/28",), "late-notices", (60, 70), _both(6)),
    Provider("Naamval Domeinen", 65537, ("198.51.100.144/28",), "domain-gone", (40, 50), _both(15, 0.8, 0.05)),
    IMPROVER,
    Provider("Kentering Servers", 64507, ("203.0.113.16/28",), "worsened", (60, 80), (_FAST, _SLOW)),
    FORUMS,
    *TWINS,
    *SMALL,
    PROXY,
)

HANDED_OVER = "192.0.2.128/28"
"""Wilgenroos Servers announced it in the table of 2025-06-01, Opwaarts Hosting does in that of 2026-01-01."""

UNANNOUNCED = IPv4Network("198.51.100.224/28")
"""In no prefix table: what is found there stays unattributed (no-prefix)."""

TABLE_DATES = {Half.H2_2025: "2025-06-01", Half.H1_2026: "2026-01-01"}
LONE_SPECIFIC = "198.51.100.48/28"
"""Inside the /26 of Rietkraag Datacenter, announced by the first small provider: longest prefix wins."""


def networks_of(provider: Provider, half: Half) -> tuple[str, ...]:
    """The prefixes that the provider announces in the table for that half."""
    holder = SLOW_SERVERS if half is Half.H2_2025 else IMPROVER
    extra = [HANDED_OVER] if provider is holder else []
    return (*provider.networks, *extra, *([LONE_SPECIFIC] if provider is SMALL[0] else []))


def prefix_rows(half: Half) -> list[tuple[str, int]]:
    """(prefix, AS number) of the routing table for that half, IPv4 first, in address order."""
    rows = [(prefix, provider.asn) for provider in PROVIDERS for prefix in networks_of(provider, half)]
    return sorted(rows, key=lambda row: (":" in row[0], _network(row[0]).network_address.packed))


def name_rows(half: Half) -> list[tuple[int, str]]:
    """(AS number, name); the forum host renamed itself between the two dates."""
    old = {FORUMS.asn: "Praatkade Fora"} if half is Half.H2_2025 else {}
    return sorted((provider.asn, old.get(provider.asn, provider.name)) for provider in PROVIDERS)


def fronting_rows() -> list[tuple[str, str]]:
    return [(prefix, PROXY.name) for prefix in PROXY.networks]


def _network(prefix: str) -> IPv4Network | IPv6Network:
    return IPv6Network(prefix) if ":" in prefix else IPv4Network(prefix)


def address_in(provider: Provider, half: Half, rng: Random) -> str:
    """An address of the provider in that half; IPv6 for one in six where it has any."""
    prefixes = networks_of(provider, half)
    v6 = [p for p in prefixes if ":" in p]
    v4 = [p for p in prefixes if ":" not in p]
    if v6 and rng.random() < 1 / 6:
        return str(IPv6Network(v6[0])[1 + int(rng.random() * 400)])
    network = IPv4Network(v4[int(rng.random() * len(v4))])
    address = network[1 + int(rng.random() * (network.num_addresses - 2))]
    if provider.networks[0] == "198.51.100.0/26" and address in IPv4Network(LONE_SPECIFIC):
        address = network[1 + int(rng.random() * 46)]  # the /28 inside is somebody else's
    return str(address)


_FIRST = ("beeld", "foto", "kist", "plaat", "licht", "scherm", "raam", "kiek", "prent", "vak", "map", "lade", "bak")
_SECOND = ("kade", "hof", "veld", "baai", "punt", "steeg", "dal", "werf", "ring", "brug", "toren", "dijk", "poort")
_PATHS = {
    "image-host": "/i/{a}/{b}.jpg",
    "file-host": "/d/{a}{b}",
    "forum": "/viewtopic.php?t={n}&p={m}",
    "website": "/album/{n}/{a}.html",
    "link-site": "/out/{n}?ref={b}",
    "blog": "/{n}/{a}/",
}


def site_name(provider: Provider, rng: Random) -> str:
    """One of the provider's sites: a registrable name under .example, the same number always gives the same name."""
    number = int(rng.random() ** 2 * provider.n_sites)  # a few sites hold most of it
    pick = Random(f"site:{provider.asn}:{number}")
    name = f"{_FIRST[int(pick.random() * 13)]}{_SECOND[int(pick.random() * 13)]}{provider.asn % 100}{number}"
    return f"{'é' if number == 7 else ''}{name}.example"


def url_on(host: str, site_type: str, rng: Random) -> str:
    """A URL of its own on that host (a name, or an address)."""
    path = _PATHS.get(site_type, _PATHS["website"]).format(
        a=f"{int(rng.random() * 16**6):06x}",
        b=f"{int(rng.random() * 16**8):08x}",
        n=int(rng.random() * 90000) + 1000,
        m=int(rng.random() * 900000) + 1000,
    )
    shown = f"[{host}]" if ":" in host else host
    return f"{'http' if host[0].isdigit() else 'https'}://{shown}{path}"

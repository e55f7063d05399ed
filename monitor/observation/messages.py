"""What the parent and the crawl process say to each other: one JSON list a line, the first entry its kind.

Parent to child: hello, clock, until, check, canaries, drain. Child to parent: ready, seen, lost, late, canaries,
drained. What would surprise: there is no "stop": the child ends when its standard input does, so that it never outlives
a parent that was killed. Lines hold URLs: they go over a pipe and nowhere else, and no message of an error quotes one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from monitor import __version__
from monitor.config import Resolvers, Settings
from monitor.model.observation import DIRECT
from monitor.model.report import Address, Host

LONGEST_LINE = 1 << 20
"""Bytes. The longest URL there is takes 16 KB, six times that at worst in JSON."""

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, check_circular=False).encode


class Say(StrEnum):
    """Kinds of message."""

    HELLO = "hello"  # the settings; the child answers `ready`
    READY = "ready"
    UNTIL = "until"  # the uptime after which no check begins: what is left then comes back as late
    CLOCK = "clock"  # what time it is for the parent, at which uptime: a line that waited puts no clock back
    CHECK = "check"
    SEEN = "seen"  # an Observation
    LOST = "lost"  # a check that an internal error broke off: its number
    LATE = "late"  # a check whose turn came after `until`, so that it was not made: its number
    CANARIES = "canaries"  # asks one way, readings the other
    DRAIN = "drain"  # begin nothing more; the child answers `drained` when what was under way has ended
    DRAINED = "drained"


@dataclass(frozen=True, slots=True, repr=False)
class CrawlSettings:
    """All that the crawl process is told. Secret: it holds the key of the digests and the proxies' passwords."""

    user_agent: str
    ports: tuple[int, ...]  # empty: the policy's own
    concurrency: int
    pause_seconds: float
    connect_seconds: float
    tls_seconds: float
    headers_seconds: float
    addresses: int
    redirects: int
    largest_headers: int
    permit_get: bool
    loopback: bool
    digest_key: bytes
    vantages: Mapping[str, str | None]  # name -> proxy
    resolvers: Resolvers
    check_seconds: float = 60.0  # from a check's first connection to its Observation


@dataclass(frozen=True, slots=True, repr=False)
class CanaryAsk:
    """One known-good URL to ask over one IP version from one vantage. No addresses: its name did not resolve."""

    url: str
    host: Host
    family: int  # 4 or 6
    vantage: str
    addresses: tuple[Address, ...]


def crawl_settings(settings: Settings, digest_key: bytes) -> CrawlSettings:
    """The configured checks as the crawl process needs them."""
    checks, mandate = settings.checks, settings.mandate
    return CrawlSettings(
        user_agent=checks.user_agent or _user_agent(mandate.organisation, mandate.contact),
        ports=checks.ports,
        concurrency=checks.concurrency,
        pause_seconds=checks.pause_seconds,
        connect_seconds=checks.connect_seconds,
        tls_seconds=checks.tls_seconds,
        headers_seconds=checks.headers_seconds,
        addresses=checks.addresses,
        redirects=checks.redirects,
        largest_headers=checks.largest_headers,
        permit_get=mandate.permit_get,
        loopback=mandate.loopback,
        digest_key=digest_key,
        vantages={name: each.proxy for name, each in settings.vantages.items()} or {DIRECT: None},
        resolvers=settings.resolvers,
        check_seconds=min(checks.check_seconds, checks.run_seconds),  # what outlives a run is never seen
    )


def _user_agent(organisation: str, contact: str) -> str:
    """In bytes that a header can hold: whatever else a name has becomes `?`."""
    who = "; ".join(part for part in (organisation, contact) if part.strip())
    text = f"hosting-monitor/{__version__}" + (f" ({who})" if who else "")
    return "".join(c if " " <= c <= "~" else "?" for c in text)


def line(kind: Say, *values: object) -> bytes:
    """One message, ready for the pipe."""
    return _encode([kind, *values]).encode() + b"\n"


def parsed(text: bytes) -> tuple[Say, list[Any]]:
    """The kind of a message and its values. Raises ValueError, without the text, for anything else."""
    try:
        kind, *values = json.loads(text)
        return Say(kind), values
    except (ValueError, TypeError):
        raise ValueError("a line on the pipe is no message") from None


def settings_out(settings: CrawlSettings) -> dict[str, Any]:
    """The values of a `hello`."""
    told = {name: getattr(settings, name) for name in CrawlSettings.__slots__}
    return told | {
        "digest_key": settings.digest_key.hex(),
        "vantages": dict(settings.vantages),
        "resolvers": settings.resolvers.model_dump(),
    }


def settings_in(told: dict[str, Any]) -> CrawlSettings:
    return CrawlSettings(
        **told
        | {
            "ports": tuple(told["ports"]),
            "digest_key": bytes.fromhex(told["digest_key"]),
            "resolvers": Resolvers(**told["resolvers"]),
        }
    )

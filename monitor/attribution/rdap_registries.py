"""Whom to ask: an address goes in, the registry that most likely knows it and its URL come out.

The base URLs are ipwhois's own (`ipwhois.rdap.RIR_RDAP`) with those of `[rdap] servers` beside or in their place.
What would surprise: nobody publishes which registry holds an address in a form that stays right, so the first question
goes to `[rdap] first`, and each redirect teaches the registry of the whole block (/8 of IPv4, /12 of IPv6).
"""

import ipaddress
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from ipwhois.rdap import RIR_RDAP  # type: ignore[import-untyped]

from monitor.config import Rdap
from monitor.errors import ConfigError
from monitor.model.report import Address

ELSEWHERE = "elsewhere"
"""The name of a server that is none of ours and has no host name."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Registries:
    """The registries by name, and what this run has learnt of who holds which block."""

    def __init__(self, settings: Rdap, *, configured_only: bool = False) -> None:
        """`configured_only`: nobody is asked whom the configuration does not name, wherever an answer leads.

        Raises ConfigError where a base URL is no http or https URL, or `first` is no registry.
        """
        usual = {} if configured_only else {name: str(urls["ip_url"]) for name, urls in RIR_RDAP.items()}
        self._bases: dict[str, str] = {name: _base(url) for name, url in (usual | settings.servers).items()}
        self._configured_only = configured_only
        if settings.first not in self._bases:
            known = ", ".join(sorted(self._bases)) or "none: name one in [rdap.servers]"
            raise ConfigError("Setting [rdap] first names no registry that may be asked", f"Known are {known}")
        self.first = settings.first
        self._homes: dict[bytes, str] = {}

    def home(self, address: Address) -> str:
        """The registry that answered for a neighbour, else the one that is asked first."""
        return self._homes.get(_block(address), self.first)

    def learn(self, address: Address, server: str) -> None:
        """Remember who answers for the block; a server that was never configured has no URL to ask at."""
        if server in self._bases:
            self._homes[_block(address)] = server

    def shown(self, server: str) -> str:
        """A registry's name; a host to which a redirect led can be anything, and is not told."""
        return server if server in self._bases else ELSEWHERE

    def url(self, server: str, address: Address) -> str:
        return f"{self._bases[server]}/ip/{ipaddress.ip_address(address)}"

    def server_of(self, url: str) -> str:
        """The registry whose base URL is the longest beginning of `url`; else its host name, else `elsewhere`."""
        asked = urlsplit(url)
        fitting = [name for name, base in self._bases.items() if _is_below(asked, urlsplit(base))]
        if fitting:
            return max(fitting, key=lambda name: len(self._bases[name]))
        host = asked.hostname or ""
        return ELSEWHERE if host in self._bases or _is_literal(host) else host

    def followed(self, url: str, location: str) -> str | None:
        """Where a redirect from `url` leads, absolute; None where it leads nowhere that may be asked.

        The queried address stands in the URL: what was asked by https is never asked again in clear, unless the
        configuration itself names that server with http.
        """
        try:
            target = urlsplit(urljoin(url, location))
            port, host = target.port, target.hostname
        except ValueError:
            return None
        if target.scheme not in _DEFAULT_PORTS or not host or target.username is not None:
            return None
        if self._configured_only and not any(_is_below(target, urlsplit(base)) for base in self._bases.values()):
            return None
        if target.scheme == "http" and urlsplit(url).scheme == "https" and not self._is_configured(target):
            bare = f"[{host}]" if ":" in host else host
            target = target._replace(scheme="https", netloc=bare if port in (None, 80) else f"{bare}:{port}")
        return urlunsplit(target._replace(fragment=""))

    def _is_configured(self, target: SplitResult) -> bool:
        bases = map(urlsplit, self._bases.values())
        return any(base.scheme == target.scheme and _is_below(target, base) for base in bases)


def _base(url: str) -> str:
    """The base URL without the `/ip/{0}` of ipwhois's table and without a final slash."""
    base = url.strip().removesuffix("{0}").rstrip("/").removesuffix("/ip")
    try:
        parts = urlsplit(base)
        _ = parts.port
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        hint = "Write it as https://rdap.registry.example, without the /ip/ part"
        raise ConfigError("Setting [rdap] servers holds something that is no http or https URL", hint)
    return base


def _block(address: Address) -> bytes:
    """The /8 or /12 of the address; IPv4 and IPv6 never meet, for one is a byte long and the other two."""
    return address[:1] if len(address) == 4 else bytes((address[0], address[1] & 0xF0))


def _is_below(url: SplitResult, base: SplitResult) -> bool:
    """Same server, whatever the scheme, and at or below the same path."""
    if url.hostname != base.hostname or (url.port != base.port and _port(url) != _port(base)):
        return False
    return url.path == base.path or url.path.startswith(f"{base.path.rstrip('/')}/")


def _port(url: SplitResult) -> int | None:
    return url.port or _DEFAULT_PORTS.get(url.scheme)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return True

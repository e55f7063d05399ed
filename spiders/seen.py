"""What the download handler is told beside a Request, and what it hands back beside an empty Response.

Both travel in `Request.meta`: `meta["order"]` in, `meta["seen"]` out. What would surprise: neither shows its fields
when printed, because an address, a proxy's password or a header's value may stand in no log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType

from monitor.model.report import Address
from monitor.model.words import ExchangeError, Phase, TlsState

NO_HEADERS: Mapping[bytes, bytes] = MappingProxyType({})
LONGEST_VALUE = 4096
"""Bytes of a header's value that are kept."""


@dataclass(frozen=True, slots=True, repr=False)
class Order:
    """Where to connect to: this address and no other, straight or through a proxy (its URL, with user and password)."""

    address: Address
    proxy: str | None = None
    ends_at: float = inf  # by the loop's clock: then it has to be over, whatever its phases are allowed


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """One exchange as it went on the wire. Durations in milliseconds, None where that phase was not completed."""

    phase: Phase
    error: ExchangeError | None = None
    status: int | None = None
    headers: Mapping[bytes, bytes] = field(
        default_factory=lambda: NO_HEADERS
    )  # lower-case name -> first value, cut at LONGEST_VALUE
    tls: TlsState = TlsState.NONE
    connect_ms: int | None = None
    tls_ms: int | None = None
    headers_ms: int | None = None
    n_bytes_in: int = 0  # taken in from the socket; with TLS the encrypted bytes, handshake included


class Broken(Exception):
    """An exchange ended early. Holds the kind alone: no address, no host, no text of the system's."""

    def __init__(self, error: ExchangeError) -> None:
        super().__init__(error.value)
        self.error = error

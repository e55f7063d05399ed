"""What DNS said of a Host at an instant. A failure is a Resolution too.

What would surprise: the answers of several resolvers to one asking share one instant, so that they can be held beside
each other; and addresses that are not globally routable are kept and never used.
"""

from dataclasses import dataclass
from datetime import datetime

from monitor.model.report import Address
from monitor.model.words import AddressKind, DnsStatus

LONGEST_USE_SECONDS = 86_400
"""No answer is used for longer than a day, whatever its TTL says: hosts move."""


@dataclass(frozen=True, slots=True)
class ResolvedAddress:
    """One A or AAAA record at the end of the chain."""

    address: Address
    kind: AddressKind
    ttl_seconds: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """One resolver's answer for one Host: A and AAAA together.

    `status` is what both questions come to; `rcode_a` and `rcode_aaaa` are the rcodes in words (`NOERROR`), None where
    no answer came. `ttl_seconds` says how long this may be used again: the least of the chain and the addresses, or of
    the SOA for a negative answer, 0 where it may not. `cname_chain` holds the names after the Host, in order: secret.
    """

    resolver: str  # address and port of the resolver
    resolved_at: datetime  # when the asking began: the same for all resolvers
    status: DnsStatus
    rcode_a: str | None
    rcode_aaaa: str | None
    ttl_seconds: int
    cname_chain: tuple[str, ...] = ()
    addresses: tuple[ResolvedAddress, ...] = ()
    wildcard: bool | None = None  # whether a name made up beside it answers alike; None: not asked
    n_questions: int = 0
    seconds: float = 0.0

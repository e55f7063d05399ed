"""A and AAAA of one resolver -> one Resolution.

What would surprise: of two failures the one that says least about the name is kept, because a rule may later read
SERVFAIL against the name; and a failure beside "no data" is the failure: what was not seen is not known to be absent.
"""

from datetime import datetime

from monitor.model.report import Address
from monitor.model.resolution import Resolution, ResolvedAddress
from monitor.model.words import AddressKind, DnsStatus
from monitor.resolution.chain import Found
from monitor.resolution.kinds import kind_of
from monitor.resolution.options import Networks

BAD_NAME_TTL_SECONDS = 86_400
"""A name that cannot be asked about stays one; it is looked at again once a day, without a question."""
_LEAST_SAID_FIRST = (
    DnsStatus.UNREACHABLE,
    DnsStatus.TIMEOUT,
    DnsStatus.MALFORMED,
    DnsStatus.REFUSED,
    DnsStatus.SERVFAIL,
    DnsStatus.TOO_LONG,
    DnsStatus.LOOP,
)


def combine(
    resolver: str, resolved_at: datetime, a: Found, aaaa: Found, *, treat_as_global: Networks, seconds: float
) -> Resolution:
    """What both questions come to; `wildcard` is left open."""
    addresses = _joined(a, aaaa, treat_as_global)
    status = _status(a, aaaa, {each.kind for each in addresses})
    return Resolution(
        resolver=resolver,
        resolved_at=resolved_at,
        status=status,
        rcode_a=a.rcode,
        rcode_aaaa=aaaa.rcode,
        ttl_seconds=_ttl(status, a, aaaa),
        cname_chain=max(a.chain, aaaa.chain, key=len),
        addresses=addresses,
        n_questions=a.n_questions + aaaa.n_questions,
        seconds=seconds,
    )


def bad_name(resolver: str, resolved_at: datetime) -> Resolution:
    """The Resolution of a name that was not asked about."""
    return Resolution(resolver, resolved_at, DnsStatus.BAD_NAME, None, None, BAD_NAME_TTL_SECONDS)


def _joined(a: Found, aaaa: Found, treat_as_global: Networks) -> tuple[ResolvedAddress, ...]:
    """Each address once, with the least TTL (an IPv4-mapped AAAA can repeat an A)."""
    least: dict[Address, int] = {}
    for address, ttl in (*a.addresses, *aaaa.addresses):
        least[address] = min(ttl, least.get(address, ttl))
    return tuple(ResolvedAddress(address, kind_of(address, treat_as_global), ttl) for address, ttl in least.items())


def _status(a: Found, aaaa: Found, kinds: set[AddressKind]) -> DnsStatus:
    if AddressKind.GLOBAL in kinds:
        return DnsStatus.ANSWERED
    if kinds:
        return DnsStatus.REBINDING if AddressKind.PRIVATE in kinds else DnsStatus.BOGON
    said = {a.status, aaaa.status}
    if DnsStatus.NXDOMAIN in said:
        return DnsStatus.NXDOMAIN
    return next((failure for failure in _LEAST_SAID_FIRST if failure in said), DnsStatus.NO_DATA)


def _ttl(status: DnsStatus, a: Found, aaaa: Found) -> int:
    """The least TTL among those of the two answers that `status` rests on; 0 for a failure."""
    rests_on = DnsStatus.ANSWERED if a.addresses or aaaa.addresses else status
    if rests_on not in (DnsStatus.ANSWERED, DnsStatus.NXDOMAIN, DnsStatus.NO_DATA):
        return 0
    return min(found.ttl_seconds for found in (a, aaaa) if found.status is rests_on)

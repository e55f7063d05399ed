"""One type of address of one name at one resolver, CNAMEs followed to their end: `Found` out.

The answer section gives the chain. What would surprise: many servers give the first CNAME only; then its end is
asked for by a new question, and only an SOA beside an empty end is taken for "there is none".
"""

from dataclasses import dataclass

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from monitor.model.report import Address
from monitor.model.words import DnsStatus
from monitor.resolution.kinds import packed
from monitor.resolution.question import Client


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """What A or AAAA came to. ANSWERED here means any address, whatever its kind; times to live in seconds."""

    status: DnsStatus
    rcode: str | None
    n_questions: int
    chain: tuple[str, ...] = ()
    addresses: tuple[tuple[Address, int], ...] = ()
    ttl_seconds: int = 0


class _Chain:
    """The CNAMEs followed so far."""

    __slots__ = ("end", "names", "ttls")

    def __init__(self, start: dns.name.Name) -> None:
        self.end = start
        self.names: list[dns.name.Name] = [start]
        self.ttls: list[int] = []

    def follow(self, message: dns.message.Message, rdtype: dns.rdatatype.RdataType, longest: int) -> DnsStatus | None:
        """Follow what `message` holds, up to a name that has addresses; a status where the chain is at fault."""
        while message.get_rrset(message.answer, self.end, dns.rdataclass.IN, rdtype) is None:
            cname = message.get_rrset(message.answer, self.end, dns.rdataclass.IN, dns.rdatatype.CNAME)
            if cname is None:
                return None
            target = min(record.target for record in cname)  # two are against the standard: always the same one then
            if target in self.names:
                return DnsStatus.LOOP
            if len(self.ttls) == longest:
                return DnsStatus.TOO_LONG
            self.ttls.append(cname.ttl)
            self.names.append(target)
            self.end = target
        return None

    def found(
        self,
        status: DnsStatus,
        rcode: str | None,
        n_questions: int,
        *,
        addresses: tuple[tuple[Address, int], ...] = (),
        ttl: int = 0,
    ) -> Found:
        """The outcome, usable for `ttl` seconds and no longer than any link of the chain."""
        chain = tuple(name.to_text(omit_final_dot=True).lower() for name in self.names[1:])
        return Found(status, rcode, n_questions, chain, addresses, min([ttl, *self.ttls]))


async def find(
    client: Client, name: dns.name.Name, rdtype: dns.rdatatype.RdataType, *, longest_chain: int, patient: bool = True
) -> Found:
    """Ask for `rdtype` of `name`, and on until the chain ends. Raises ConfigError (no more sockets)."""
    chain, n_questions = _Chain(name), 0
    while True:
        asked = chain.end
        reply = await client.ask(asked, rdtype, patient=patient)
        n_questions += reply.n_questions
        message = reply.message
        if message is None or reply.failure is not None:
            return chain.found(reply.failure or DnsStatus.MALFORMED, reply.rcode, n_questions)
        if fault := chain.follow(message, rdtype, longest_chain):
            return chain.found(fault, reply.rcode, n_questions)
        addresses = _addresses(message, chain.end, rdtype)
        if addresses:
            least = min(ttl for _, ttl in addresses)
            return chain.found(DnsStatus.ANSWERED, reply.rcode, n_questions, addresses=addresses, ttl=least)
        status = _negative(message, advanced=chain.end != asked)
        if status is not None:
            return chain.found(status, reply.rcode, n_questions, ttl=_negative_ttl(message))


def _addresses(
    message: dns.message.Message, name: dns.name.Name, rdtype: dns.rdatatype.RdataType
) -> tuple[tuple[Address, int], ...]:
    found = message.get_rrset(message.answer, name, dns.rdataclass.IN, rdtype)
    if found is None:
        return ()
    return tuple(sorted({packed(record.address): found.ttl for record in found}.items()))


def _negative(message: dns.message.Message, *, advanced: bool) -> DnsStatus | None:
    """What an answer without addresses says; None where the end of the chain has still to be asked for."""
    if message.rcode() == dns.rcode.NXDOMAIN:
        return DnsStatus.NXDOMAIN
    kinds = {rrset.rdtype for rrset in message.authority}
    if dns.rdatatype.SOA in kinds:
        return DnsStatus.NO_DATA
    if advanced:
        return None
    # A referral is no answer: this server does not look further for us.
    referral = dns.rdatatype.NS in kinds and not message.flags & (dns.flags.RA | dns.flags.AA)
    return DnsStatus.REFUSED if referral else DnsStatus.NO_DATA


def _negative_ttl(message: dns.message.Message) -> int:
    """How long a negative answer holds: the lesser of the SOA's TTL and its minimum (RFC 2308, 5); 0 without SOA."""
    for rrset in message.authority:
        if rrset.rdtype == dns.rdatatype.SOA:
            return int(min(rrset.ttl, rrset[0].minimum))
    return 0

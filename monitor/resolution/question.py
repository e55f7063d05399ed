"""One question to one resolver, with its tries: name and type in, `Reply` out.

UDP with EDNS on a fresh connected socket (so with a random port, and deaf to every other sender), TCP where the
answer was cut. Tried again, after a growing wait, only where it can help: silence, no way there, and SERVFAIL once.
What would surprise: an answer that is not to our question is passed over until the time is up, because anybody can
send one; only when no right one follows is the reply MALFORMED.
"""

import asyncio
import errno
import random
import socket
from dataclasses import dataclass

import dns.asyncbackend
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from monitor.config import Resolvers
from monitor.errors import RefusedForNow
from monitor.model.words import DnsStatus
from monitor.resolution.resolvers import Resolver

_PAYLOAD = 1232  # bytes: what DNS flag day 2020 settled on, below any fragmentation
_SILENCES = 20
"""So many questions in a row without an answer, and a resolver gets one try each until it speaks again."""
_SILENT = (DnsStatus.TIMEOUT, DnsStatus.UNREACHABLE)
_TRIED_AGAIN = (*_SILENT, DnsStatus.SERVFAIL)
_FAILURES = {dns.rcode.NOERROR: None, dns.rcode.NXDOMAIN: None, dns.rcode.SERVFAIL: DnsStatus.SERVFAIL}
_NO_EDNS = (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS)
"""What old servers say to EDNS: asked once more without."""


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """What came: a message, and unless it is of use (NOERROR, NXDOMAIN), why not. Other rcodes count as REFUSED."""

    message: dns.message.Message | None
    failure: DnsStatus | None
    n_questions: int = 1

    @property
    def rcode(self) -> str | None:
        return None if self.message is None else dns.rcode.to_text(self.message.rcode())


class Client:
    """Asks one resolver; knows for how long it has been silent."""

    __slots__ = ("_first_wait_seconds", "_rng", "_silences", "_timeout", "_tries", "resolver")

    def __init__(self, resolver: Resolver, settings: Resolvers, first_wait_seconds: float, rng: random.Random) -> None:
        self.resolver = resolver
        self._timeout, self._tries = settings.timeout_seconds, settings.tries
        self._first_wait_seconds, self._rng = first_wait_seconds, rng
        self._silences = 0

    async def ask(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType, *, patient: bool = True) -> Reply:
        """The reply after as many tries as it takes; one try only unless `patient`. Raises ConfigError (sockets)."""
        tries = self._tries if patient and self._silences < _SILENCES else 1
        n_questions = n_servfail = 0
        for attempt in range(tries):
            reply = await self._edns_or_not(name, rdtype)
            n_questions += reply.n_questions
            n_servfail += reply.failure is DnsStatus.SERVFAIL
            if attempt + 1 == tries or reply.failure not in _TRIED_AGAIN or n_servfail == 2:
                break
            await asyncio.sleep(self._first_wait_seconds * 2**attempt * self._rng.uniform(0.5, 1.5))
        self._silences = self._silences + 1 if reply.failure in _SILENT else 0
        return Reply(reply.message, reply.failure, n_questions)

    async def _edns_or_not(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> Reply:
        reply = await self._once(dns.message.make_query(name, rdtype, use_edns=0, payload=_PAYLOAD))
        if reply.message is not None and reply.message.rcode() in _NO_EDNS:
            plain = await self._once(dns.message.make_query(name, rdtype))
            return Reply(plain.message, plain.failure, 2)
        return reply

    async def _once(self, query: dns.message.Message) -> Reply:
        try:
            message = await self._by_udp(query)
            if message is not None and message.flags & dns.flags.TC:
                message = await self._by_tcp(query)
        except (TimeoutError, dns.exception.Timeout):  # the first is an OSError too
            return Reply(None, DnsStatus.TIMEOUT)
        except (asyncio.IncompleteReadError, EOFError):
            return Reply(None, DnsStatus.MALFORMED)
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                hint = "Lower [resolvers] concurrency, or allow more (ulimit -n)"
                raise RefusedForNow("No more sockets can be opened", hint) from None
            return Reply(None, DnsStatus.UNREACHABLE)
        if message is None:
            return Reply(None, DnsStatus.MALFORMED)
        return Reply(message, _FAILURES.get(message.rcode(), DnsStatus.REFUSED))

    async def _by_udp(self, query: dns.message.Message) -> dns.message.Message | None:
        """The answer, which may be cut; None where only wrong ones came. Raises Timeout where none came."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._timeout
        family = socket.AF_INET6 if ":" in self.resolver.address else socket.AF_INET
        where = (self.resolver.address, self.resolver.port)
        backend = dns.asyncbackend.get_backend("asyncio")
        made = backend.make_socket(family, socket.SOCK_DGRAM, 0, None, where)  # type: ignore[no-untyped-call]
        wrong = False
        async with await made as connected:
            await connected.sendto(query.to_wire(), None, None)
            while True:
                try:
                    wire, _ = await connected.recvfrom(65_535, max(until - loop.time(), 0))
                except dns.exception.Timeout:
                    if wrong:
                        return None
                    raise
                message = _parsed(wire, query)
                if message is not None:
                    return message
                wrong = True

    async def _by_tcp(self, query: dns.message.Message) -> dns.message.Message | None:
        async with asyncio.timeout(self._timeout):
            reader, writer = await asyncio.open_connection(self.resolver.address, self.resolver.port)
            try:
                writer.write(query.to_wire(prepend_length=True))
                await writer.drain()
                length = int.from_bytes(await reader.readexactly(2), "big")
                return _parsed(await reader.readexactly(length), query, whole=True)
            finally:
                writer.close()


def _parsed(wire: bytes, query: dns.message.Message, *, whole: bool = False) -> dns.message.Message | None:
    """The message, where it answers `query`; unless `whole`, of a cut one what is left of it."""
    try:
        message = dns.message.from_wire(wire, raise_on_truncation=not whole, ignore_trailing=False)
    except dns.message.Truncated as cut:
        message = cut.kwargs["message"]
    except Exception:  # noqa: BLE001 - strangers write these bytes: whatever they make the parser raise is no answer
        return None
    return message if query.is_response(message) else None

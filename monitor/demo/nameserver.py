"""A DNS server on loopback that looks like a recursive resolver and misbehaves as its zone says. UDP and TCP.

In: names with their records and faults. Out: a running server with its address, and counts of what it was asked.
What would surprise: UDP and TCP share one port, chosen by the system; and unlike a real resolver it keeps the names
it was asked about in `asked`, because tests count them.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Self, cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from monitor.demo.listening import stop_listening

_ANOTHER = dns.name.from_text("another.example")
_LONGEST_CHAIN = 64
_TRIES_FOR_A_PORT = 20
_SOA = "ns.example. hostmaster.example. 1 3600 600 86400 {minimum}"


class Fault(StrEnum):
    """What is wrong with the answers to a name."""

    NONE = "none"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    FORMERR_TO_EDNS = "formerr-to-edns"
    SILENT = "silent"
    TRUNCATED = "truncated"  # cut over UDP, whole over TCP
    TRUNCATED_TWICE = "truncated-twice"  # cut over UDP, and TCP hangs up
    WRONG_ID = "wrong-id"
    WRONG_QUESTION = "wrong-question"
    GARBAGE = "garbage"
    GARBAGE_FIRST = "garbage-first"  # then the right answer
    REFERRAL = "referral"  # names other servers instead of asking them


@dataclass(frozen=True, slots=True)
class Records:
    """What one name has. `times_failing`: so many questions of a type meet the fault, the later ones do not."""

    a: tuple[str, ...] = ()
    aaaa: tuple[str, ...] = ()
    cname: str | None = None
    ttl: int = 300
    fault: Fault = Fault.NONE
    fault_aaaa: Fault | None = None  # where it differs from `fault`
    times_failing: int | None = None
    delay_seconds: float = 0.0
    only_first_cname: bool = False
    later_a: tuple[str, ...] = ()  # instead of `a`, from the second question on
    soa: bool = True  # whether a negative answer has one


Zone = Mapping[str, Records]
"""By name, lower case, without a final dot; `*.parent` answers for every other name right under `parent`."""


@dataclass(slots=True)
class Nameserver:
    """Serves `zone` from a thread of its own, as a context manager. `negative_ttl`: TTL and minimum of the SOA."""

    zone: Zone
    host: str = "127.0.0.1"
    negative_ttl: tuple[int, int] = (900, 60)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)  # by (name, type)
    asked_by_tcp: Counter[tuple[str, str]] = field(default_factory=Counter)
    port: int = 0
    most_in_flight: int = 0
    _in_flight: int = 0
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _thread: threading.Thread = field(init=False)
    _listening: list[asyncio.Server] = field(default_factory=list)
    _closing: ExitStack = field(default_factory=ExitStack)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def address(self) -> str:
        """As `[resolvers] servers` takes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def n_asked(self) -> int:
        return self.asked.total()

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nameserver", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _open(self) -> None:
        """Bind TCP to a free port and UDP to the same, which may be taken: then another one."""
        for _ in range(_TRIES_FOR_A_PORT):
            server = await asyncio.start_server(self._serve_tcp, self.host, self.port)
            port: int = server.sockets[0].getsockname()[1]
            try:
                transport, _ = await self._loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=(self.host, port)
                )
            except OSError:
                server.close()
                continue
            self.port = port
            self._listening.append(server)
            self._closing.callback(transport.close)
            return
        raise OSError("no port is free for both UDP and TCP")

    async def _shut(self) -> None:
        await stop_listening(self._listening)
        self._closing.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # the transports close in the loop's next round

    def answer_datagram(self, wire: bytes, sender: tuple[str, int], transport: asyncio.DatagramTransport) -> None:
        """Answer in a task of its own, so that a slow name holds nobody up."""
        task = self._loop.create_task(self._send_answers(wire, sender, transport))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_answers(self, wire: bytes, sender: tuple[str, int], transport: asyncio.DatagramTransport) -> None:
        for answer in await self._answers(wire, tcp=False):
            if not transport.is_closing():
                transport.sendto(answer, sender)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            wire = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            for answer in await self._answers(wire, tcp=True):
                writer.write(len(answer).to_bytes(2, "big") + answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the other side has gone
        finally:
            writer.close()

    async def _answers(self, wire: bytes, *, tcp: bool) -> list[bytes]:
        """The datagrams (or TCP messages) sent in answer to one question."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        key = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        (self.asked_by_tcp if tcp else self.asked)[key] += 1
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            records = self._records(key[0])
            if records is not None and records.delay_seconds:
                await asyncio.sleep(records.delay_seconds)
            return self._spoilt(query, self._fault(records, key), tcp=tcp)
        finally:
            self._in_flight -= 1

    def _fault(self, records: Records | None, key: tuple[str, str]) -> Fault:
        if records is None or (records.times_failing is not None and self.asked[key] > records.times_failing):
            return Fault.NONE
        return records.fault_aaaa if key[1] == "AAAA" and records.fault_aaaa is not None else records.fault

    def _spoilt(self, query: dns.message.Message, fault: Fault, *, tcp: bool) -> list[bytes]:
        response = dns.message.make_response(query, recursion_available=fault is not Fault.REFERRAL)
        if fault is Fault.SILENT or (fault is Fault.TRUNCATED_TWICE and tcp):
            return []
        if fault in (Fault.TRUNCATED, Fault.TRUNCATED_TWICE) and not tcp:
            response.flags |= dns.flags.TC
        elif fault is Fault.SERVFAIL:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif fault is Fault.REFUSED:
            response.set_rcode(dns.rcode.REFUSED)
        elif fault is Fault.FORMERR_TO_EDNS and query.edns >= 0:
            response.set_rcode(dns.rcode.FORMERR)
        elif fault is Fault.REFERRAL:
            response.authority.append(dns.rrset.from_text("example.", 300, "IN", "NS", "ns.example."))
        else:
            self._fill(response)
        if fault is Fault.WRONG_ID:
            response.id ^= 1
        elif fault is Fault.WRONG_QUESTION:
            response.question = [dns.rrset.RRset(_ANOTHER, response.question[0].rdclass, response.question[0].rdtype)]
        garbage = [b"\xff" * 40] if fault in (Fault.GARBAGE, Fault.GARBAGE_FIRST) else []
        return garbage + ([] if fault is Fault.GARBAGE else [response.to_wire()])

    def _fill(self, response: dns.message.Message) -> None:
        """The records of the question's name, its CNAMEs followed as a resolver does, or why there are none."""
        question = response.question[0]
        name, kind = question.name, dns.rdatatype.to_text(question.rdtype)
        for _ in range(_LONGEST_CHAIN):
            text = name.to_text(omit_final_dot=True).lower()
            records = self._records(text)
            if records is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                break
            if records.cname is not None:
                cname = dns.rrset.from_text(name, records.ttl, "IN", "CNAME", f"{records.cname}.")
                response.answer.append(cname)
                name = dns.name.from_text(records.cname)
                if records.only_first_cname or any(rrset.name == name for rrset in response.answer):
                    return
                continue
            values = _values(records, kind, n_asked=self.asked[text, kind])
            if values:
                response.answer.append(dns.rrset.from_text(name, records.ttl, "IN", kind, *values))
                return
            break
        if records is None or records.soa:
            ttl, minimum = self.negative_ttl
            response.authority.append(dns.rrset.from_text("example.", ttl, "IN", "SOA", _SOA.format(minimum=minimum)))

    def _records(self, name: str) -> Records | None:
        return self.zone.get(name) or self.zone.get(f"*.{name.partition('.')[2]}")


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: Nameserver) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Until Python 3.12 asyncio's own datagram transport is no subclass of DatagramTransport.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._server.answer_datagram(data, addr, self._transport)


def _values(records: Records, kind: str, *, n_asked: int) -> tuple[str, ...]:
    if kind == "AAAA":
        return records.aaaa
    if kind != "A":
        return ()
    return records.later_a if records.later_a and n_asked > 1 else records.a

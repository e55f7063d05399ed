"""Web servers on loopback that answer, byte for byte, as a `Behaviour` says. Plain or TLS, many addresses, one port.

In: a function from what was asked to the Behaviour. Out: running servers with a port, and counts of what they were
asked, of connections and of bytes sent. What would surprise: everything runs in one thread of its own, `answer` is
called there; and a Behaviour without steps that take time is answered without a task, so that the demonstration's
hundreds of hosts stay cheap.
"""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from monitor.demo.behaviours import Asked, Behaviour, Hang, Reset, Steps, Stream, Wait
from monitor.demo.listening import stop_listening

_BACKLOG = 1024
_LONGEST_REQUEST = 65_536
_TRIES_FOR_A_PORT = 20
_QUIET_ROUNDS, _MOST_ROUNDS = 3, 200
_CLOSE_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends a reset


class Webserver:
    """A context manager. Counts are of the time since it was made; they are for tests and benchmarks.

    `answer` gives the Behaviour for a request, `greeting` (optional) one for a connection to that address, before any
    byte of it is read. `tls` may choose its certificate by the name asked for (see `certificates.by_name`).
    """

    def __init__(
        self,
        answer: Callable[[Asked], Behaviour],
        addresses: Sequence[str] = ("127.0.0.1",),
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        greeting: Callable[[str], Behaviour | None] | None = None,
    ) -> None:
        self.answer = answer
        self.greeting = greeting
        self.port = port
        self.asked: Counter[tuple[str, str, str]] = Counter()  # by (method, host, path)
        self.n_connections = 0
        self.most_open: Counter[str] = Counter()  # by address: connections at a time
        self.n_bytes_sent = 0  # before encryption; at most one chunk a connection more than the kernel took
        self._open: Counter[str] = Counter()
        self._addresses = tuple(addresses)
        self._tls = tls
        self._connections: set[_Connection] = set()
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="webserver", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._bind(), self._loop).result(30)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _bind(self) -> None:
        """One free port for all addresses: the system chooses it at the first and another may have it taken."""
        for _ in range(_TRIES_FOR_A_PORT):
            port = self.port
            try:
                for address in self._addresses:
                    server = await self._loop.create_server(
                        lambda: _Connection(self), address, port, ssl=self._tls, backlog=_BACKLOG
                    )
                    self._servers.append(server)
                    port = server.sockets[0].getsockname()[1]
            except OSError:
                if self.port:
                    raise
                await self._unbind()
                continue
            self.port = port
            return
        raise OSError("no port is free on all the addresses")

    async def _unbind(self) -> None:
        await stop_listening(self._servers)
        self._servers.clear()

    async def _shut(self) -> None:
        """A connection that was being accepted meanwhile turns up a round or two later."""
        await self._unbind()
        quiet_rounds = 0
        for _ in range(_MOST_ROUNDS):
            if quiet_rounds == _QUIET_ROUNDS:
                return
            quiet_rounds = 0 if self._connections else quiet_rounds + 1
            for connection in tuple(self._connections):
                connection.abort()
            await asyncio.sleep(0.01)

    def opened(self, connection: "_Connection") -> None:
        self._connections.add(connection)
        self.n_connections += 1
        self._open[connection.address] += 1
        self.most_open[connection.address] = max(self.most_open[connection.address], self._open[connection.address])

    def ended(self, connection: "_Connection") -> None:
        self._connections.discard(connection)
        self._open[connection.address] -= 1


class _Connection(asyncio.Protocol):
    """One connection: reads a request, performs its Behaviour, and goes on to the next where that is framed."""

    def __init__(self, server: Webserver) -> None:
        self.address = ""
        self._server = server
        self._peer_port = 0
        self._received = b""
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=1)  # a stream waits for the kernel (0 would stall TLS for good)
        self.address = transport.get_extra_info("sockname")[0]
        self._peer_port = transport.get_extra_info("peername")[1]
        self._server.opened(self)
        greeting = self._server.greeting(self.address) if self._server.greeting else None
        if greeting is not None:
            self._perform(greeting.steps, stays=False)

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._next_request()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def eof_received(self) -> None:
        """The asker has said all; a half-closed connection is not kept (the transport closes itself)."""

    def connection_lost(self, error: Exception | None) -> None:
        self._server.ended(self)
        self._writable.set()
        if self._task is not None:
            self._task.cancel()

    def abort(self) -> None:
        """Close now, whatever is on its way."""
        if self._task is not None:
            self._task.cancel()
        self._transport.abort()

    def _next_request(self) -> None:
        """Answer the requests that are there whole, one after another."""
        while self._task is None and not self._transport.is_closing():
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                if len(head) > _LONGEST_REQUEST:
                    self._transport.abort()
                return
            self._received = rest
            asked = _asked(head, self.address, self._peer_port)
            self._server.asked[asked.method, asked.host, asked.path] += 1
            behaviour = self._server.answer(asked)
            wants_more = asked.headers.get("connection", "").lower() != "close"
            self._perform(behaviour.steps_for(asked), stays=behaviour.stays and wants_more)

    def _perform(self, steps: Steps, *, stays: bool) -> None:
        if all(isinstance(step, bytes) for step in steps):
            for step in steps:
                assert isinstance(step, bytes)
                self._write(step)
            self._finish(stays=stays)
        else:
            self._task = asyncio.get_running_loop().create_task(self._take_time(steps, stays=stays))

    async def _take_time(self, steps: Steps, *, stays: bool) -> None:
        for step in steps:
            match step:
                case bytes():
                    self._write(step)
                case Wait():
                    await asyncio.sleep(step.seconds)
                case Hang():
                    await asyncio.Event().wait()  # until the asker goes: then this task is cancelled
                case Reset():
                    self._reset()
                    return
                case Stream():
                    await self._stream(step)
            await self._writable.wait()
        self._task = None
        self._finish(stays=stays)
        self._next_request()

    async def _stream(self, stream: Stream) -> None:
        n_sent = 0
        while (stream.times is None or n_sent < stream.times) and not self._transport.is_closing():
            self._write(stream.chunk)
            n_sent += 1
            await self._writable.wait()
            await asyncio.sleep(stream.pause_seconds)  # at the least, others get their turn

    def _write(self, data: bytes) -> None:
        if data and not self._transport.is_closing():
            self._server.n_bytes_sent += len(data)
            self._transport.write(data)

    def _finish(self, *, stays: bool) -> None:
        if not stays:
            self._transport.close()

    def _reset(self) -> None:
        connection: socket.socket = self._transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # it may be gone already
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_AT_ONCE)
        self._transport.abort()


def _asked(head: bytes, address: str, peer_port: int) -> Asked:
    """The request, read as kindly as a test server should."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Asked(method, headers.get("host", ""), rest.partition(" ")[0], address, headers, peer_port)


@contextmanager
def refused_port(address: str = "127.0.0.1") -> Iterator[int]:
    """A port at which every connection is refused: taken, so that nobody else gets it, and listened to by nobody."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as taken:
        taken.bind((address, 0))
        yield taken.getsockname()[1]

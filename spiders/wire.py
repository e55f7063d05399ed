"""One connection: a non-blocking socket on the running loop, with one deadline, that takes in only what is asked for.

In: a socket and how long each phase may take. Out: bytes, and how many came in. What would surprise: `show` only peeks,
so what it returns stays in the kernel until `take`; and the system keeps some kilobytes of what the server goes on
sending in a buffer of its own, outside the process, until the connection is cut.
"""

import asyncio
import errno
import socket
import struct
from collections.abc import Callable

from monitor.model.words import ExchangeError
from spiders.seen import Broken

_KERNEL_BUFFER = 4096
_CUT = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends a reset and keeps nothing
_SOON = 0.001
_ERRORS = {
    errno.ECONNREFUSED: ExchangeError.REFUSED,
    errno.EHOSTUNREACH: ExchangeError.UNREACHABLE,
    errno.EHOSTDOWN: ExchangeError.UNREACHABLE,
    errno.ETIMEDOUT: ExchangeError.TIMEOUT,
    errno.ECONNRESET: ExchangeError.RESET,
    errno.ECONNABORTED: ExchangeError.RESET,
    errno.EPIPE: ExchangeError.RESET,
    errno.ENOTCONN: ExchangeError.RESET,  # reset between connecting and asking who is there
}


def error_of(error: OSError) -> ExchangeError:
    """What an error of the system means. What is not known to be the server's doing is our own network's: it must never
    count against the server."""
    if isinstance(error, TimeoutError):
        return ExchangeError.TIMEOUT
    return _ERRORS.get(error.errno or 0, ExchangeError.OWN_NETWORK)


def new_socket(family: socket.AddressFamily) -> socket.socket:
    """A socket on which the other side can have little under way. Raises OSError."""
    sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BUFFER)
    return sock


class Line:
    """Raises OSError as the system does, TimeoutError after the deadline, Broken(CLOSED) where the other side ended."""

    __slots__ = ("_ahead", "_deadline", "_fd", "_late", "_loop", "_sock", "_timer", "_waiter", "_warm", "n_bytes_in")

    def __init__(self, sock: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self._sock = sock
        self._fd = sock.fileno()
        self._loop = loop
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._late = False
        self._ahead = 0  # shown and not taken
        self.n_bytes_in = 0
        self._warm = False  # more may be there already: a byte came since the last was sent

    def until(self, seconds: float) -> None:
        """Let the phase that begins now take so long. One timer serves all phases: moving it on costs nothing."""
        self._deadline = self._loop.time() + seconds
        timer = self._timer
        if timer is None or timer.when() > self._deadline:
            if timer is not None:
                timer.cancel()
            self._timer = self._loop.call_at(self._deadline, self._look)

    async def connect(self, where: tuple[str, int]) -> None:
        """Open the connection to a literal address and a port."""
        code = self._sock.connect_ex(where)
        if code == errno.EINPROGRESS:
            await self._ready(self._loop.add_writer, self._loop.remove_writer)
            code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, "")

    def peer(self) -> tuple[str, int]:
        """Address and port at the other end, as the system names them."""
        name = self._sock.getpeername()
        return name[0], name[1]

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        self._warm = False
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._sock.send(rest) :]
            except BlockingIOError:
                await self._ready(self._loop.add_writer, self._loop.remove_writer)

    async def show(self, n: int) -> bytes:
        """Wait for the next bytes and show at most n of them; they stay where they are. A byte that is shown counts
        as taken in, once."""
        data = await self._receive(n, socket.MSG_PEEK)
        new = len(data) - self._ahead
        if new > 0:
            self.n_bytes_in += new
            self._ahead = len(data)
        return data

    def take(self, n: int) -> None:
        """Take what `show` has shown, or the first part of it, off the socket."""
        self._sock.recv(n)
        self._ahead -= n

    async def some(self, n: int) -> bytes:
        """Wait for the next bytes and take at most n of them."""
        data = await self._receive(n, 0)
        self.n_bytes_in += len(data)
        return data

    async def exactly(self, n: int) -> bytes:
        """Take n bytes."""
        data = await self.some(n)
        while len(data) < n:
            data += await self.some(n - len(data))
        return data

    async def _receive(self, n: int, flags: int) -> bytes:
        """Ready first, then receive: at the start nothing is there yet, and a failed attempt costs more."""
        while True:
            if not self._warm or flags:
                await self._ready(self._loop.add_reader, self._loop.remove_reader)
            try:
                data = self._sock.recv(n, flags)
            except BlockingIOError:
                await self._ready(self._loop.add_reader, self._loop.remove_reader)
                continue
            if not data:
                raise Broken(ExchangeError.CLOSED)
            self._warm = True
            return data

    def close(self) -> None:
        """Cut the connection: nothing that is still under way is received."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CUT)
        finally:
            self._sock.close()

    async def _ready(
        self,
        watch: Callable[[int, Callable[[asyncio.Future[None]], None], asyncio.Future[None]], None],
        unwatch: Callable[[int], bool],
    ) -> None:
        if self._late:
            raise TimeoutError
        self._waiter = waiter = self._loop.create_future()
        watch(self._fd, _wake, waiter)
        try:
            await waiter
        finally:
            unwatch(self._fd)
            self._waiter = None

    def _look(self) -> None:
        """The timer has run out: the phase it was for may be over long since."""
        if self._deadline - self._loop.time() > _SOON:
            self._timer = self._loop.call_at(self._deadline, self._look)
            return
        self._timer = None
        self._late = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(TimeoutError())


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)

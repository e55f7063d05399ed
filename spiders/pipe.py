"""The child's ends of the two pipes: lines in as they come, lines out in bunches.

What would surprise: standard output is kept for messages alone. Whatever else would print goes to standard error.
"""

import asyncio
import os
import stat
import sys
from collections.abc import Callable
from typing import Any

from monitor.observation.messages import LONGEST_LINE, Say, line, parsed

_BUNCH_SECONDS = 0.01
_BUNCH = 64
"""Messages are sent so often, or as soon as there are so many: each waking of the parent costs."""

OnMessage = Callable[[Say, list[Any]], None]


class Pipe(asyncio.Protocol):
    """`on_message` is called for each line, `on_end` once when the parent has gone or talks nonsense."""

    def __init__(self, on_message: OnMessage, on_end: Callable[[], None]) -> None:
        self.on_message, self._on_end = on_message, on_end
        self._begun = b""
        self._bunch: list[bytes] = []
        self._out: asyncio.WriteTransport

    async def open(self) -> None:
        """Take over standard input and output. Raises OSError or ValueError where they are no pipes."""
        if stat.S_ISCHR(os.fstat(0).st_mode):
            raise ValueError("standard input is a terminal or nothing")
        out = os.dup(1)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(out, "wb", buffering=0))
        self._out = transport
        await loop.connect_read_pipe(lambda: self, os.fdopen(os.dup(0), "rb", buffering=0))

    def send(self, kind: Say, *values: object) -> None:
        self._bunch.append(line(kind, *values))
        if len(self._bunch) == 1:
            asyncio.get_running_loop().call_later(_BUNCH_SECONDS, self.flush)
        elif len(self._bunch) >= _BUNCH:
            self.flush()

    def flush(self) -> None:
        if self._bunch:
            bunch, self._bunch = self._bunch, []
            self._out.write(b"".join(bunch))

    def data_received(self, data: bytes) -> None:
        *lines, self._begun = (self._begun + data).split(b"\n")
        try:
            for each in lines:
                self.on_message(*parsed(each))
        except ValueError:
            self._on_end()
        if len(self._begun) > LONGEST_LINE:
            self._on_end()

    def connection_lost(self, error: Exception | None) -> None:
        self._on_end()

"""The crawl process itself: a child with two pipes, read and written from plain synchronous code.

What would surprise: it is told nothing but our process id by its command line and nothing by its environment, because
anybody on the machine may read both; and it is in a session of its own, so that a signal from the terminal is its
parent's to answer.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import monitor
from monitor.errors import ObservationError
from monitor.observation.messages import Say, parsed

_CLOSE_SECONDS = 2.0
_CHUNK = 1 << 16
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR")
"""What the child inherits of the environment: nothing that can hold a setting of ours."""


def _environment() -> dict[str, str]:
    """What the child needs, and where it finds the package that stands beside this one, wherever it is started."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    paths = [str(Path(monitor.__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


class Child:
    """The process and its two pipes, read and written without ever blocking on one of them alone."""

    def __init__(self, hello: bytes) -> None:
        command = [sys.executable, "-P", "-m", "spiders", str(os.getpid())]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, nothing of an input in it
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(),
                start_new_session=True,  # a Ctrl-C is the parent's to answer
                bufsize=0,
            )
        except OSError:
            raise ObservationError("No crawl process can be started", "Look at memory and process limits") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._unsent: deque[memoryview] = deque()
        self._begun = bytearray()  # a line of which the end has not come
        self.pid = self._process.pid
        self.send(hello)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, data: bytes) -> None:
        """Send now what fits into the pipe; the rest goes when `receive` waits."""
        if data:
            self._unsent.append(memoryview(data))
            self._push()

    def receive(self, seconds: float) -> list[tuple[Say, list[Any]]] | None:
        """Messages as soon as there are some, none after `seconds`; None: the child has ended (or talks nonsense)."""
        until = time.monotonic() + seconds
        while True:
            writing = [self._in] if self._unsent else []
            left = max(until - time.monotonic(), 0)
            readable, writable, _ = select.select([self._out], writing, [], left)
            if writable:
                self._push()
            if readable:
                return self._read()
            if not writable or left == 0:
                return []

    def wait_for(self, kind: Say, seconds: float) -> list[Any] | None:
        """The values of the next message of that kind; None: it did not come."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            messages = self.receive(left)
            if messages is None:
                return None
            for said, values in messages:
                if said is kind:
                    return values
        return None

    def close(self) -> None:
        self._close_pipes()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_CLOSE_SECONDS)
            return
        self.kill()

    def kill(self) -> None:
        self._close_pipes()
        if self._process.returncode is None:  # else its number may be another's by now
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def _close_pipes(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._unsent.clear()
        self._process.stdin.close()
        self._process.stdout.close()

    def _push(self) -> None:
        try:
            while self._unsent:
                sent = os.write(self._in, self._unsent[0])
                if sent == len(self._unsent[0]):
                    self._unsent.popleft()
                else:
                    self._unsent[0] = self._unsent[0][sent:]
        except BlockingIOError:
            return
        except OSError:
            self._unsent.clear()  # it has ended: reading will say so

    def _read(self) -> list[tuple[Say, list[Any]]] | None:
        try:
            chunk = os.read(self._out, _CHUNK)
        except BlockingIOError:
            return []
        if not chunk:
            return None
        *lines, rest = chunk.split(b"\n")
        if not lines:
            self._begun += rest
            return []
        lines[0] = bytes(self._begun) + lines[0]
        self._begun = bytearray(rest)
        try:
            return [parsed(each) for each in lines]
        except ValueError:
            return None

"""Several workers on one host: processes of this program, started, watched, started again where one died, and ended.

In: the command line of each. Out: how each ended and what it printed. What would surprise: the processes share nothing
but the database. Each is in a session of its own, so that a Ctrl-C reaches it once, through here; and one whose
supervisor was killed ends by itself (`ended_with_supervisor`).
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import monitor
from monitor.errors import ObservationError

SUPERVISOR = "MONITOR_SUPERVISOR"
"""The environment's variable that tells a worker the process id of its supervisor."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
"""Before a worker that died is started again; twice as long each time, until one has lived for the longest pause."""
_LOOK_SECONDS = 0.2
NOT_AGAIN = frozenset({2, 4})
"""Called wrongly, or only a person can put it right: what one worker meets, every other one would."""
_START = "from monitor.cli import main; main()"

Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Told:
    """What one worker is told: its name, the words of its command line, settings of its own in the environment."""

    name: str
    words: Sequence[str]
    environment: Mapping[str, str]


@dataclass(slots=True)
class Ended:
    """How the workers ended: the exit status of each one's last life, and what the lives printed."""

    statuses: dict[str, int] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Life:
    told: Told
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    again_at: float = 0.0

    def start(self) -> None:
        paths = [str(Path(monitor.__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
        given = {"PYTHONPATH": os.pathsep.join(filter(None, paths)), SUPERVISOR: str(os.getpid())}
        try:
            self.process = subprocess.Popen(  # noqa: S603 - this program itself
                [sys.executable, "-P", "-c", _START, *self.told.words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env={**os.environ, **given, **self.told.environment},
                start_new_session=True,
            )
        except OSError:
            raise ObservationError("No worker can be started", "Look at memory and process limits") from None
        self.started = time.monotonic()

    def has_died(self, ended: Ended) -> bool:
        """Whether it has just died; what it printed is kept."""
        if self.process is None or self.process.poll() is None:
            return False
        assert self.process.stdout is not None
        ended.printed.append(self.process.stdout.read().decode())
        self.process.stdout.close()
        ended.statuses[self.told.name] = self.process.returncode
        lived = time.monotonic() - self.started
        self.pause = FIRST_PAUSE_SECONDS if lived > LONGEST_PAUSE_SECONDS else self.pause
        self.again_at = time.monotonic() + self.pause
        self.pause = min(2 * self.pause, LONGEST_PAUSE_SECONDS)
        self.process = None
        return True


def supervise(told: Sequence[Told], stop: threading.Event, grace_seconds: float, warn: Warn, *, once: bool) -> Ended:
    """Run a worker for each until `stop`; with `once` until each has ended by itself. Raises ObservationError.

    A worker that ends before is started again after a pause. One that says that this would be in vain ends all.
    """
    lives, ended = [_Life(each) for each in told], Ended()
    try:
        waiting = list(lives)
        while (waiting or any(each.process for each in lives)) and not stop.is_set():
            for each in [each for each in waiting if each.again_at <= time.monotonic()]:
                waiting.remove(each)
                each.start()
            for each in lives:
                if not each.has_died(ended):
                    continue
                status = ended.statuses[each.told.name]
                if status in NOT_AGAIN:
                    return ended
                if not once or status < 0:
                    waiting.append(each)
                    warn(f"worker {each.told.name} ended ({status}); it is started again in {_pause(each):.0f} s")
            stop.wait(_LOOK_SECONDS)
    finally:
        _end(lives, ended, grace_seconds)
    return ended


def _pause(life: _Life) -> float:
    return max(life.again_at - time.monotonic(), 0)


def _end(lives: Sequence[_Life], ended: Ended, grace_seconds: float) -> None:
    """Ask each to end, wait for it, and kill what is left."""
    for each in lives:
        if each.process is not None:
            each.process.terminate()
    until = time.monotonic() + grace_seconds
    for each in lives:
        if each.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                each.process.wait(max(until - time.monotonic(), 0))
            if each.process.poll() is None:
                os.killpg(each.process.pid, signal.SIGKILL)
                each.process.wait()
            each.has_died(ended)


def is_supervised() -> bool:
    """Whether this process is a worker among several of one supervisor."""
    return os.environ.get(SUPERVISOR, "") == str(os.getppid())


@contextmanager
def ended_with_supervisor(stop: threading.Event) -> Iterator[None]:
    """In a worker: `stop` is set when the supervisor that the environment names is not its parent any more."""
    supervisor, done = os.environ.get(SUPERVISOR, ""), threading.Event()

    def look() -> None:
        while os.getppid() == int(supervisor):
            if done.wait(1.0):
                return
        stop.set()

    if supervisor.isdecimal():
        threading.Thread(target=look, name="supervisor", daemon=True).start()
    try:
        yield
    finally:
        done.set()

"""What a person sees while the demonstration runs: a table on a terminal, a plain line now and then elsewhere.

In: each `WatchProgress` and what the monitor holds of each reported picture. Out: text on standard error. What would
surprise: the table shows the monitor's own conclusions, not the truth that the demonstration knows.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from monitor.demo.world import OUTAGE, PROVIDERS
from monitor.model.observation import Standing
from monitor.watching import WatchProgress

_REFRESH_SECONDS = 0.5
_LINE_SECONDS = 10.0
_OUTAGE_NOTE = "our own line is down: runs are void"


@dataclass(frozen=True, slots=True)
class Tally:
    """How the reported pictures of one provider stand, as the monitor sees it."""

    targets: int = 0
    online: int = 0
    offline: int = 0  # offline, confirmed
    unclear: int = 0  # offline and not confirmed yet, or never seen online

    def plus(self, standing: Standing | None) -> "Tally":
        """With one more; None: not checked yet."""
        online = standing is not None and standing.last_online_at is not None and standing.offline_since is None
        down = standing is not None and standing.confirmed_at is not None
        rest = not (online or down)
        return Tally(self.targets + 1, self.online + online, self.offline + down, self.unclear + rest)


Tallies = Mapping[str, Tally]
"""By the provider's name."""


Viewer = Callable[[WatchProgress, Callable[[], Tallies]], None]
"""Somebody who watches. The tallies cost a look into the store: they are asked for only to be shown."""


def nobody(_seen: WatchProgress, _tallies: Callable[[], Tallies]) -> None:
    """Quiet: nothing is shown."""


@contextmanager
def viewer(console: Console, *, quiet: bool) -> Iterator[Viewer]:
    """The table on a terminal, lines elsewhere, nothing where that is wanted."""
    if quiet:
        yield nobody
    elif console.is_terminal:
        with LiveTable(console) as table:
            yield table
    else:
        yield Lines(console)


class Lines:
    """One plain line at the first run, then every ten seconds, and whenever our own line goes down or is up again."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._next_at = 0.0
        self._was_down = False

    def __call__(self, seen: WatchProgress, tallies: Callable[[], Tallies]) -> None:
        was_down, self._was_down = self._was_down, _is_down(seen)
        if time.monotonic() < self._next_at and was_down == self._was_down:
            return
        self._next_at = time.monotonic() + _LINE_SECONDS
        held = tallies().values()
        down, targets = sum(one.offline for one in held), sum(one.targets for one in held)
        text = f"{seen.at:%Y-%m-%d %H:%M} UTC: {_counted(seen)}; {targets} reported, {down} of them offline"
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class LiveTable:
    """The table; it is drawn again at most twice a second."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=4)
        self._next_at = 0.0

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def __call__(self, seen: WatchProgress, tallies: Callable[[], Tallies]) -> None:
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + _REFRESH_SECONDS
        self._live.update(_table(seen, tallies()))


def _table(seen: WatchProgress, tallies: Tallies) -> Table:
    table = Table(
        title=_title(seen.at), caption=_counted(seen), title_justify="left", caption_justify="left", min_width=79
    )
    table.add_column("provider (invented)")
    for name in ("reported", "online", "offline", "unclear"):
        table.add_column(name, justify="right")
    for provider in PROVIDERS:
        held = tallies.get(provider.name, Tally())
        cells = (held.targets, held.online, held.offline, held.unclear)
        table.add_row(provider.name, *(str(n) if n else "-" for n in cells))
    return table


def _title(at: datetime) -> str:
    down = f", our own line was down on {OUTAGE[0]:%d %B}" if at >= OUTAGE[1] else ""
    return f"{at:%A %d %B %Y, %H:%M} UTC{down}"


def _counted(seen: WatchProgress) -> str:
    total = seen.total
    readings = f"{total.online} online, {total.offline} offline, {total.inconclusive} inconclusive, {total.void} void"
    note = f"; {_OUTAGE_NOTE}" if _is_down(seen) else ""
    return f"{total.due} checks: {readings}{note}"


def _is_down(seen: WatchProgress) -> bool:
    """Whether nothing of the last run counts."""
    return seen.last.due > 0 and seen.last.void == seen.last.due

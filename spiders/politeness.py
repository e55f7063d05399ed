"""Who may ask whom when: one check of a site at a time with a pause after it, one connection to an address.

What would surprise: a check holds an address for as long as it asks there and lets go of it before it waits for
another one (a redirect's), so that no two checks can wait for each other. Every queue is first come, first served,
and each step takes constant time: 20,000 checks of one address cost no more each than one.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from monitor.model.report import Address

_Turn = asyncio.Future[None]
_Leave = Callable[[], None]


class Politeness:
    """For one event loop. `concurrency`: connections at a time; `pause_seconds`: between two checks of one site."""

    def __init__(self, concurrency: int, pause_seconds: float) -> None:
        self._pause_seconds = pause_seconds
        self._free = concurrency
        self._sites: dict[str, deque[_Turn]] = {}  # a key: that site is being checked, or pauses
        self._addresses: dict[Address, deque[_Turn]] = {}  # a key: that address is taken
        self._line: deque[_Turn] = deque()  # those whose address is theirs, waiting for a place

    @asynccontextmanager
    async def site(self, site: str) -> AsyncIterator[None]:
        """A check of this site, alone."""
        waiting = self._sites.get(site)
        if waiting is None:
            self._sites[site] = deque()
        else:
            await self._turn(waiting, lambda: self._leave_site(site))
        try:
            yield
        finally:
            if self._pause_seconds:
                asyncio.get_running_loop().call_later(self._pause_seconds, self._leave_site, site)
            else:
                self._leave_site(site)

    @asynccontextmanager
    async def address(self, address: Address, until: float | None = None) -> AsyncIterator[None]:
        """Connections to this address, alone, one after another, in one of the places.

        Raises TimeoutError where its turn has not come at `until`, by the loop's clock.
        """
        waiting = self._addresses.get(address)
        if waiting is None:
            self._addresses[address] = deque()
        else:
            await self._turn(waiting, lambda: self._leave_address(address), until)
        try:
            await self._place(until)
            try:
                yield
            finally:
                self._leave_place()
        finally:
            self._leave_address(address)

    async def _place(self, until: float | None) -> None:
        if self._free:
            self._free -= 1
        else:
            await self._turn(self._line, self._leave_place, until)

    async def _turn(self, waiting: deque[_Turn], leave: _Leave, until: float | None = None) -> None:
        """Wait in line. One that is cancelled in the moment of its turn hands it on."""
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        async with asyncio.timeout_at(until):
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    leave()
                raise

    def _leave_site(self, site: str) -> None:
        if not _next(self._sites[site]):
            del self._sites[site]

    def _leave_address(self, address: Address) -> None:
        if not _next(self._addresses[address]):
            del self._addresses[address]

    def _leave_place(self) -> None:
        if not _next(self._line):
            self._free += 1


def _next(waiting: deque[_Turn]) -> bool:
    """Give the first one still waiting its turn; says whether there was one."""
    while waiting:
        turn = waiting.popleft()
        if not turn.done():
            turn.set_result(None)
            return True
    return False

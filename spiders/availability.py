"""The spider of the availability checks: messages of the parent in, Observations out, requests through Scrapy.

What would surprise: it yields no request and parses nothing. It asks the engine's downloader itself, one request
after another within a check, and Scrapy's own queues stay empty.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from scrapy import Request, Spider

from monitor.clock import SteadyClock
from monitor.model.observation import Check
from monitor.model.words import Method
from monitor.observation.message_values import ask_in, check_in, observation_out, reading_out
from monitor.observation.messages import CrawlSettings, Say
from spiders.checking import Checker, TooLate
from spiders.downloader import DirectDownloader
from spiders.pipe import Pipe
from spiders.seen import Order, Seen

_DRAIN_SECONDS = 5.0


class AvailabilitySpider(Spider):
    """Serves one parent until `ended` is set."""

    name = "availability"

    def __init__(self, pipe: Pipe, told: CrawlSettings, ended: asyncio.Event) -> None:
        super().__init__()
        self._pipe, self._ended = pipe, ended
        self._clock = SteadyClock()
        self._checker = Checker(told, self._ask, self._now)
        self._running: dict[asyncio.Task[None], bool] = {}  # and whether it has begun to ask
        self._others: set[asyncio.Task[None]] = set()

    async def start(self) -> AsyncIterator[Any]:
        """Everything happens while the engine waits for the first request, which never comes."""
        self.crawler.engine.pause()  # its own queues stay empty: not to be looked through after each answer
        self._pipe.on_message = self._told
        self._pipe.send(Say.READY)
        await self._ended.wait()
        for task in (*self._running, *self._others):
            task.cancel()
        self.crawler.engine.unpause()
        return
        yield  # this is a generator that gives nothing

    def _told(self, kind: Say, values: list[Any]) -> None:
        if kind is Say.CHECK:
            self._begin(values)
        elif kind is Say.CLOCK:
            self._clock = SteadyClock(datetime.fromisoformat(values[0]), values[1])
        elif kind is Say.UNTIL:
            self._checker.until = values[0]
        elif kind is Say.CANARIES:
            self._aside(self._canaries(*values))
        elif kind is Say.DRAIN:
            self._aside(self._drain())

    def _begin(self, values: list[Any]) -> None:
        try:
            check = check_in(values)
        except Exception:  # noqa: BLE001 - the lines after this one are not to suffer
            self._pipe.send(Say.LOST, values[0])
            return
        task = asyncio.get_running_loop().create_task(self._check(check))
        self._running[task] = False
        task.add_done_callback(self._running.pop)

    def _aside(self, coroutine: Any) -> None:  # noqa: ANN401 - a coroutine of our own
        task = asyncio.get_running_loop().create_task(coroutine)
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def _check(self, check: Check) -> None:
        task = asyncio.current_task()
        assert task is not None

        def on_begin() -> None:
            self._running[task] = True

        try:
            told = observation_out(await self._checker.observe(check, on_begin))
        except TooLate:
            self._pipe.send(Say.LATE, check.check_id)
        except Exception:  # noqa: BLE001 - whatever it is, its text can hold a URL: the parent counts it
            self._pipe.send(Say.LOST, check.check_id)
        else:
            self._pipe.send(Say.SEEN, *told)

    async def _canaries(self, after: bool, asks: list[list[Any]]) -> None:
        readings = await asyncio.gather(*(self._checker.canary(ask_in(each), after) for each in asks))
        self._pipe.send(Say.CANARIES, [reading_out(each) for each in readings])
        self._pipe.flush()

    async def _drain(self) -> None:
        """Those that wait are dropped, those that have begun get 5 s."""
        for task, begun in self._running.items():
            if not begun:
                task.cancel()
        if self._running:
            _, late = await asyncio.wait(tuple(self._running), timeout=_DRAIN_SECONDS)
            for task in late:
                task.cancel()
        self._pipe.send(Say.DRAINED)
        self._pipe.flush()

    def _now(self) -> datetime:
        return self._clock.now()  # the clock is replaced with each batch

    async def _ask(self, url: str, method: Method, order: Order) -> Seen:
        meta = {"order": order, "verbatim_url": True}
        request = Request(url, method=method.value, meta=meta, dont_filter=True)
        downloader = self.crawler.engine.downloader
        assert isinstance(downloader, DirectDownloader)
        await downloader.download(request)
        seen = request.meta["seen"]
        assert isinstance(seen, Seen)
        return seen

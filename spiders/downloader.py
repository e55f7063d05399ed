"""Scrapy's downloader cut down to what a check needs: a Request in, what the handler answers out.

What would surprise: there are no slots, no queues and no middlewares, because the spider has its own politeness and
nothing may retry, redirect, cache or decompress; they took two thirds of the time of a request. The spider calls
`download` itself: a Deferred, a task and two signals for each request would cost a third of what is left.
"""

import asyncio

from scrapy import Request
from scrapy.core.downloader.handlers import DownloadHandlers
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.defer import Deferred


class DirectDownloader:
    """What `ExecutionEngine` uses of a downloader. Named in the settings as DOWNLOADER."""

    def __init__(self, crawler: Crawler) -> None:
        self.active: set[Request] = set()
        self._handlers = DownloadHandlers(crawler)  # which close with the engine

    async def download(self, request: Request) -> Response:
        """What the handler answers, in the caller's own task."""
        return await self._handlers.download_request_async(request)

    def fetch(self, request: Request) -> Deferred[Response]:
        """The same as the engine wants it. Starts at once."""
        self.active.add(request)
        task = asyncio.get_running_loop().create_task(self.download(request))

        def cancel(_: object) -> None:
            task.cancel()

        answer: Deferred[Response] = Deferred(cancel)

        def done(task: asyncio.Task[Response]) -> None:
            self.active.discard(request)
            if answer.called:
                return
            if task.cancelled():
                answer.cancel()
            elif (error := task.exception()) is not None:
                answer.errback(error)
            else:
                answer.callback(task.result())

        task.add_done_callback(done)
        return answer

    def needs_backout(self) -> bool:
        """The spider never asks for more than it may."""
        return False

    def close(self) -> None:
        """Nothing is held here."""

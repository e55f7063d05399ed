"""The crawl process, `python -m spiders PARENT`: started by the monitor, it serves its parent over two pipes.

What would surprise: it ignores SIGINT and SIGTERM (the parent decides) and ends when its standard input or its parent
does, also while it is still loading or hangs. It logs nothing and never prints a traceback, because those quote URLs:
at most one line says that it could not start.
"""

import asyncio
import gc
import logging
import os
import select
import signal
import sys
import threading
import time
import warnings
from typing import Any

_FATAL = "spiders: this process serves `monitor run` over pipes and could not start"
_END_SECONDS = 1.0
_HELLO_SECONDS = 30.0
_LOOK_MILLISECONDS = 1_000


def _quiet() -> None:
    """Nothing may speak of what it does."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.excepthook = lambda *_: None
    sys.unraisablehook = lambda _: None


def _leave_with(parent: int) -> None:
    """End this process soon after its parent has: no event loop is needed for it, nor one that still turns.

    The end of standard input alone is no sure sign: a process that the parent forked holds the other end too.
    """
    hung_up = select.poll()
    hung_up.register(0, 0)  # no event but that the other end is closed, and what can be read stays unread
    while os.getppid() == parent and not hung_up.poll(_LOOK_MILLISECONDS):
        continue
    time.sleep(_END_SECONDS)
    os._exit(0)


async def _serve() -> None:
    from scrapy.crawler import AsyncCrawlerRunner  # noqa: PLC0415 - after `_quiet`

    from monitor.observation.messages import Say, settings_in  # noqa: PLC0415
    from spiders.availability import AvailabilitySpider  # noqa: PLC0415
    from spiders.pipe import Pipe  # noqa: PLC0415
    from spiders.settings import crawler_settings  # noqa: PLC0415

    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    hello: asyncio.Future[dict[str, Any]] = loop.create_future()
    loop.set_exception_handler(lambda *_: None)

    def on_message(kind: Say, values: list[Any]) -> None:
        if kind is Say.HELLO and not hello.done():
            hello.set_result(values[0])

    def on_end() -> None:
        if not hello.done():
            hello.cancel()
        ended.set()
        loop.call_later(_END_SECONDS, os._exit, 0)

    pipe = Pipe(on_message, on_end)
    await pipe.open()
    told = settings_in(await asyncio.wait_for(hello, _HELLO_SECONDS))
    gc.collect()
    gc.freeze()  # what was imported stays: not to be looked through again and again
    gc.set_threshold(20_000, 20, 20)
    runner = AsyncCrawlerRunner(crawler_settings(told))
    await runner.crawl(AvailabilitySpider, pipe, told, ended)


def main() -> int:
    """0 when the parent has gone, 1 when this could not start."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _quiet()
    parent = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()  # which may have gone while this was started
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    try:
        asyncio.run(_serve())
    except asyncio.CancelledError:
        return 0
    except BaseException:  # noqa: BLE001 - its text can hold what nobody may read
        os.write(2, f"{_FATAL}\n".encode())
        return 1
    return 0


if __name__ == "__main__":
    os._exit(main())

"""The same HEAD requests by our download handler and by Scrapy as it is shipped, each in a process of its own.

Checks per CPU second of the client's process. What would surprise: Scrapy's own part is its scheduler, its middlewares,
its statistics and a log line for each response (which goes nowhere), all on by default; nothing but the log's place is
changed. Start-up is left out: time is taken from the first request to the last response.
"""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

from benchmarks._loopback import N_HOSTS, cpu_seconds, server, targets
from benchmarks.handler_vs_aiohttp import Entry, entry, handler_seconds

N, N_QUICK = 20_000, 2_000
ROUNDS, ROUNDS_QUICK = 1, 2


def run(quick: bool) -> list[Entry]:
    """Checks a CPU second of both, best of alternating rounds. Raises AssertionError where a check was not answered."""
    n = N_QUICK if quick else N
    ours = theirs = 0.0
    with server() as port:
        for _ in range(ROUNDS_QUICK if quick else ROUNDS):
            ours = max(ours, n / handler_seconds(n, port))
            theirs = max(theirs, n / stock_seconds(n, port))
    return [entry("checks-vs-stock-scrapy", ours, f"scrapy {scrapy.__version__} as shipped, {N_HOSTS} hosts", theirs)]


def stock_seconds(n: int, port: int) -> float:
    """CPU seconds of n checks by Scrapy as shipped. Its reactor runs once a process, so it gets one."""
    command = [sys.executable, "-m", "benchmarks.checks_vs_stock_scrapy", "stock", str(n), str(port)]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    answered, seconds = json.loads(done.stdout)
    assert answered == n
    return float(seconds)


class Stock(scrapy.Spider):
    """Asks for every target and counts the answers."""

    name = "stock"

    def __init__(self, n: int, port: int) -> None:
        super().__init__()
        self.urls = [url for url, _ in targets(n, port)]
        self.n_answered = 0
        self.begun = 0.0
        self.ended = 0.0

    async def start(self) -> AsyncIterator[scrapy.Request]:
        self.begun = cpu_seconds()
        for url in self.urls:
            yield scrapy.Request(url, method="HEAD")

    def parse(self, response: Response) -> None:
        self.n_answered += response.status == 200
        self.ended = cpu_seconds()


def crawl(n: int, port: int) -> None:
    """In the process for it: run, and print the number of answers and the CPU seconds."""
    process = CrawlerProcess()
    crawler = process.create_crawler(Stock)
    process.crawl(crawler, n=n, port=port)
    process.start()
    spider = crawler.spider
    assert isinstance(spider, Stock)
    print(json.dumps([spider.n_answered, spider.ended - spider.begun]))


def main() -> None:
    if sys.argv[1:2] == ["stock"]:
        crawl(int(sys.argv[2]), int(sys.argv[3]))
    else:
        print(json.dumps(run(quick=False), indent=2))


if __name__ == "__main__":
    main()

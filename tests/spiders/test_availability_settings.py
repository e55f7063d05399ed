"""What of Scrapy is left: the engine and our handler."""

import subprocess
import sys

import pytest

from monitor.config import Settings
from monitor.observation.messages import crawl_settings
from spiders.settings import crawler_settings


@pytest.mark.parametrize(
    "name",
    ["DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES", "FEED_EXPORTERS", "FEED_STORAGES"],
)
def test_nothing_of_scrapys_own_is_switched_on(name):
    """No middleware, extension or pipeline can retry, redirect, keep cookies, cache, log or decompress."""
    assert not crawler_settings(crawl_settings(Settings(), b"key")).getwithbase(name)


def test_http_and_https_go_to_the_handler_that_reads_headers_and_nothing_else_goes_anywhere():
    """No data:, file:, ftp: or s3: handler."""
    handlers = crawler_settings(crawl_settings(Settings(), b"key")).getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme: path for scheme, path in handlers.items() if path} == {
        "http": "spiders.handler.HeadersOnlyHandler",
        "https": "spiders.handler.HeadersOnlyHandler",
    }


def test_the_configured_checks_reach_the_handler():
    """Timeouts, limits, agent and policy."""
    settings = crawler_settings(crawl_settings(Settings(checks={"ports": (8080,), "connect_seconds": 3}), b"key"))
    assert settings.getfloat("MONITOR_CONNECT_SECONDS") == 3
    assert settings.getlist("MONITOR_PORTS") == [8080]
    assert not settings.getbool("MONITOR_LOOPBACK")
    assert settings.get("USER_AGENT").startswith("hosting-monitor/")


def test_without_a_pipe_the_process_says_one_line():
    """Started by hand it does nothing."""
    command = [sys.executable, "-P", "-m", "spiders"]
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert ran.stdout == ""
    assert ran.stderr.count("\n") <= 1

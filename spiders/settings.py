"""Scrapy settings of the availability checks, and what each crawl process adds to them.

What would surprise: everything that Scrapy switches on by itself is off. The monitor resolves, decides about redirects
and repetitions, is polite and keeps the log itself, because a URL may stand in none of Scrapy's log lines.
"""

from typing import Any

from scrapy.settings import Settings

from monitor.observation.messages import CrawlSettings

BOT_NAME = "hosting-monitor"
SPIDER_MODULES: list[str] = []  # the one spider is named where it is started

# On asyncio alone, with a download handler that reads headers and nothing else.
TWISTED_REACTOR_ENABLED = False
DOWNLOADER = "spiders.downloader.DirectDownloader"
DOWNLOAD_HANDLERS_BASE: dict[str, Any] = {}
DOWNLOAD_HANDLERS = {
    "http": "spiders.handler.HeadersOnlyHandler",
    "https": "spiders.handler.HeadersOnlyHandler",
}

# No retry, redirect, cookie, cache, robots, decompression, offsite, referer or status middleware, and no extension.
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE: dict[str, int] = {}
ITEM_PIPELINES_BASE: dict[str, int] = {}
FEED_EXPORTERS_BASE: dict[str, str] = {}
FEED_STORAGES_BASE: dict[str, str] = {}
COMPRESSION_ENABLED = False
HTTPCACHE_ENABLED = False
REDIRECT_ENABLED = False
RETRY_ENABLED = False
COOKIES_ENABLED = False
REFERER_ENABLED = False
TELNETCONSOLE_ENABLED = False

# Checks are made under a mandate, on URLs that were reported one by one; nothing is crawled.
ROBOTSTXT_OBEY = False

# Politeness is the spider's own: per address and per site.
DOWNLOAD_DELAY = 0
CONCURRENT_REQUESTS = 0
CONCURRENT_ITEMS = 1

# URLs are secret: Scrapy logs them, so it logs nothing and counts nothing.
LOG_ENABLED = False
LOG_FORMATTER = "spiders.silence.SilentFormatter"
STATS_CLASS = "scrapy.statscollectors.DummyStatsCollector"
STATS_DUMP = False


def crawler_settings(told: CrawlSettings) -> Settings:
    """The settings above with those that the parent told."""
    settings = Settings()
    settings.setmodule("spiders.settings", priority="project")
    settings.setdict(
        {
            "USER_AGENT": told.user_agent,
            "MONITOR_CONNECT_SECONDS": told.connect_seconds,
            "MONITOR_TLS_SECONDS": told.tls_seconds,
            "MONITOR_HEADERS_SECONDS": told.headers_seconds,
            "MONITOR_LARGEST_HEADERS": told.largest_headers,
            "MONITOR_LOOPBACK": told.loopback,
            "MONITOR_PORTS": list(told.ports),
        },
        priority="cmdline",
    )
    return settings

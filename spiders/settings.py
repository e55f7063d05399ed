"""Scrapy settings of the availability checks: the seam only, no spider uses them yet.

What would surprise: what most projects switch on is off here. The monitor resolves, decides about redirects and
retries, and keeps the log itself, because a URL may stand in none of Scrapy's log lines.
"""

BOT_NAME = "hosting-monitor"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"

# Headers only: nothing of a body is decoded, kept or cached.
COMPRESSION_ENABLED = False
HTTPCACHE_ENABLED = False

# Each hop is judged by a rule, each repetition is a check of its own.
REDIRECT_ENABLED = False
RETRY_ENABLED = False
COOKIES_ENABLED = False
REFERER_ENABLED = False

# Checks are made under a mandate, on URLs that were reported one by one; nothing is crawled.
ROBOTSTXT_OBEY = False

# URLs are secret: Scrapy logs them, so it logs nothing.
LOG_ENABLED = False
TELNETCONSOLE_ENABLED = False
STATS_DUMP = False

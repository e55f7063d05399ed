"""What Scrapy says of a request: nothing, because all it could say holds a URL."""

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult


class SilentFormatter(LogFormatter):
    """Keeps the engine from even putting a line together for each answer."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult | None:  # type: ignore[override]
        return None

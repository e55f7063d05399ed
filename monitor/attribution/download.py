"""URL of a public table in, a draft file with exactly the bytes that the server sent out, and the day they are of.

By aiohttp, because it alone has one limit of time for all of it: names, redirects, headers that trickle in, the
body. The surprise: what a server says about the coding of a .gz file is passed over, so that the file lies here as it
lies there; and no message holds the URL, only its place in the configuration.
"""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path

import aiohttp
from yarl import URL

from monitor import __version__
from monitor.errors import ReferenceDataError

LARGEST_DOWNLOAD = 1 << 28
"""Bytes that are taken; the largest public tables have 20 MB as they lie."""
WHOLE_SECONDS = 1800.0
_REDIRECTS = 5
_CHUNK = 1 << 16
_SCHEMES = ("http", "https")
_DAY = re.compile(r"(?<![0-9])(20[0-9]{2})-?([0-9]{2})-?([0-9]{2})(?![0-9])")
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": f"compliance-monitor/{__version__}"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server may take: seconds of silence, seconds in all, bytes."""

    timeout_seconds: float = 60
    whole_seconds: float = WHOLE_SECONDS
    largest_bytes: int = LARGEST_DOWNLOAD


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as it came. `as_of` is the day in its name, else that of Last-Modified (UTC); None where neither tells."""

    path: Path
    as_of: date | None
    sha256: str
    n_bytes: int


def fetch_table(url: str, path: Path, *, place: str, today: date, limits: Limits | None = None) -> Fetched:
    """Fetch one table into the new file `path`; an environment's proxy settings hold.

    `place` is what messages call it ("[refdata] prefixes 2"). Raises ReferenceDataError where no whole file came.
    """
    try:
        return asyncio.run(_fetch(_checked(url, place), path, place, today, limits or Limits()))
    except aiohttp.TooManyRedirects:
        raise _failed(place, f"it redirects more than {_REDIRECTS} times") from None
    except aiohttp.ClientPayloadError:
        raise _failed(place, "the answer was cut off", "Try again later") from None
    except TimeoutError:
        raise _failed(place, "the server did not answer in time", "Try again later") from None
    except (aiohttp.ClientConnectionError, aiohttp.ClientProxyConnectionError):
        raise _failed(place, "the server cannot be reached or hung up", "Try again later") from None
    except (aiohttp.ClientError, ValueError):  # ValueError: a redirect to what is no URL
        raise _failed(place, "the answer is no proper HTTP") from None
    except OSError as error:
        raise _failed(place, f"the draft cannot be written ({error.strerror or 'output error'})") from None


def _failed(place: str, reason: str, hint: str = "Check the address in the configuration") -> ReferenceDataError:
    return ReferenceDataError(f"The table of {place} cannot be fetched: {reason}", hint)


def _checked(url: str, place: str) -> URL:
    try:
        parsed = URL(url)
    except ValueError:
        parsed = URL()
    if parsed.scheme not in _SCHEMES or not parsed.host:
        raise _failed(place, "it is not an http or https address")
    return parsed


async def _fetch(url: URL, path: Path, place: str, today: date, limits: Limits) -> Fetched:
    wait = limits.timeout_seconds
    timeout = aiohttp.ClientTimeout(total=limits.whole_seconds, sock_connect=wait, sock_read=wait)
    async with (
        aiohttp.ClientSession(
            # a connection that the server closes after its redirect must not be asked for the next step
            connector=aiohttp.TCPConnector(force_close=True),
            timeout=timeout,
            headers=_HEADERS,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=True,
        ) as session,
        # aiohttp gives up at the redirect of this number, not after it
        session.get(url, max_redirects=_REDIRECTS + 1) as answer,
    ):
        _check_answer(url, answer, place, limits)
        digest, n_bytes = await _write(answer, path, place, limits)
        named = _day_in(answer.url, today) or _day_in(url, today)
        return Fetched(path, named or _day_of(answer.headers.get("Last-Modified"), today), digest, n_bytes)


def _check_answer(url: URL, answer: aiohttp.ClientResponse, place: str, limits: Limits) -> None:
    if answer.status != 200:
        raise _failed(place, f"the server answered {answer.status}")
    if leaves_https([url, *(step.url for step in answer.history), answer.url]):
        raise _failed(place, "it redirects from https to http")
    if (answer.content_length or 0) > limits.largest_bytes:
        raise _too_large(place, limits)


def leaves_https(steps: Sequence[URL]) -> bool:
    """Whether a chain of redirects comes from https to something else, where anybody could change what is sent."""
    return any(before.scheme == "https" and after.scheme != "https" for before, after in pairwise(steps))


async def _write(answer: aiohttp.ClientResponse, path: Path, place: str, limits: Limits) -> tuple[str, int]:
    """Write the body as it comes; its hash and size. A body shorter than announced raises in aiohttp."""
    digest, n_bytes = hashlib.sha256(), 0
    with path.open("xb") as file:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            n_bytes += len(chunk)
            if n_bytes > limits.largest_bytes:
                raise _too_large(place, limits)
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest(), n_bytes


def _too_large(place: str, limits: Limits) -> ReferenceDataError:
    return _failed(place, f"it is larger than {limits.largest_bytes:,} bytes")


def _day_in(url: URL, today: date) -> date | None:
    """The last day (20260101 or 2026-01-01) in a file's name that is not to come."""
    days = [_day(*(int(part) for part in found.groups())) for found in _DAY.finditer(url.name)]
    return max((day for day in days if day is not None and day <= today), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day_of(last_modified: str | None, today: date) -> date | None:
    """The day of a Last-Modified header, None where there is none or it is to come."""
    try:
        at = parsedate_to_datetime(last_modified) if last_modified else None
    except ValueError:
        return None
    day = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC).date() if at else None
    return day if day is not None and day <= today else None

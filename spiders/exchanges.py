"""What the handler saw of one request -> Exchange: facts, with header values as short keyed digests.

What would surprise: the length is the whole thing's, so of a partial answer it is read from Content-Range; and a
challenge ("prove that you are a person") is told from headers alone, so one that only a body shows goes unseen.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from monitor.model.observation import Exchange, Fingerprint
from monitor.model.report import Address
from monitor.model.words import ExchangeError, GetReason, LocationKind, Method, Phase, Purpose
from spiders.seen import Seen

Headers = Mapping[bytes, bytes]
LONGEST_WAIT_SECONDS = 7 * 86_400
_CONTENT_TYPE = re.compile(rb"\s*([!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&'*+.^_`|~0-9a-z-]+)\s*(?:[;,].*)?", re.I | re.S)
_RANGE = re.compile(rb"\s*bytes\s+(?:[0-9]+-[0-9]+|\*)/([0-9]{1,18})\s*", re.I)
_LONGEST_TYPE = 100
_CHALLENGE_HEADERS = {
    b"cf-mitigated": (b"challenge",),
    b"x-amzn-waf-action": (b"challenge", b"captcha"),
    b"x-sucuri-block": (b"",),
    b"x-vercel-mitigated": (b"challenge", b"deny"),
    b"x-datadome": (b"protected",),
}
"""Header -> beginnings of the values that a service sends with what it challenges or blocks."""
_SAYS_SO = (b"challenge", b"captcha", b"block")
"""Beginnings of values that say it with any status. The others stand on answers that were let through as well, or
might: with a status that refuses alone."""
_REFUSALS = (401, 403, 405, 429, 503)
_CHALLENGERS = (b"ddos-guard", b"datadome", b"incapsula", b"imperva", b"qrator", b"sucuri", b"stormwall")
"""In `Server`, together with 403 or 503: services that put a challenge in the way."""
_CHALLENGED = (403, 503)


class Reader:
    """Turns what was seen into Exchanges; holds the key of the digests."""

    __slots__ = ("_key",)

    def __init__(self, digest_key: bytes) -> None:
        self._key = digest_key

    def exchange(
        self,
        seen: Seen,
        purpose: Purpose,
        method: Method,
        address: Address,
        now: datetime,
        *,
        get_reason: GetReason | None = None,
        location: LocationKind | None = None,
        leads_to: str | None = None,
    ) -> Exchange:
        """`now` is what a Retry-After with a date is held against."""
        answered = seen.status is not None
        headers = seen.headers
        return Exchange(
            purpose,
            method,
            seen.phase,
            address,
            seen.error,
            get_reason,
            seen.tls,
            seen.status,
            self.fingerprint(headers, seen.status) if answered else Fingerprint(),
            location,
            leads_to,
            answered and _is_challenge(seen.status, headers),
            _retry_after(headers.get(b"retry-after"), now) if answered else None,
            _whole(seen.connect_ms),
            _whole(seen.tls_ms),
            _whole(seen.headers_ms),
            seen.n_bytes_in,
        )

    def fingerprint(self, headers: Headers, status: int | None) -> Fingerprint:
        etag = headers.get(b"etag", b"").strip()
        weak = etag[:2] in (b"W/", b"w/")
        return Fingerprint(
            _content_type(headers.get(b"content-type")),
            _length(headers, status),
            self.digest(etag[2:] if weak else etag),
            weak,
            self.digest(headers.get(b"last-modified", b"").strip()),
            self.digest(headers.get(b"server", b"").strip()),
        )

    def digest(self, value: bytes) -> str | None:
        """16 hex digits under the key; None of nothing."""
        return blake2b(value, key=self._key, digest_size=8).hexdigest() if value else None


def not_tried(purpose: Purpose, error: ExchangeError | None, address: Address | None = None) -> Exchange:
    """An Exchange that our own rules did not let begin."""
    return Exchange(purpose, Method.HEAD, Phase.NOT_TRIED, address, error)


def _content_type(value: bytes | None) -> str | None:
    """`type/subtype` alone: parameters (and a parameter can hold anything) are dropped."""
    match = _CONTENT_TYPE.fullmatch(value) if value else None
    return match[1].decode("ascii").lower() if match and len(match[1]) <= _LONGEST_TYPE else None


def _length(headers: Headers, status: int | None) -> int | None:
    if status == 206:
        match = _RANGE.fullmatch(headers.get(b"content-range", b""))
        return int(match[1]) if match else None
    text = headers.get(b"content-length", b"").strip()
    return int(text) if text.isdigit() and len(text) <= 18 else None


def _is_challenge(status: int | None, headers: Headers) -> bool:
    for name, beginnings in _CHALLENGE_HEADERS.items():
        value = headers.get(name)
        if value is None or not (said := value.strip().lower()).startswith(beginnings):
            continue
        if status in _REFUSALS or said.startswith(_SAYS_SO):
            return True
    return status in _CHALLENGED and any(each in headers.get(b"server", b"").lower() for each in _CHALLENGERS)


def _retry_after(value: bytes | None, now: datetime) -> int | None:
    """Seconds from `now`, 0 to 7 days; None where nothing readable was said."""
    if value is None:
        return None
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WAIT_SECONDS)
    try:
        at = parsedate_to_datetime(text)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max(int((at - now).total_seconds()), 0), LONGEST_WAIT_SECONDS)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _whole(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds)

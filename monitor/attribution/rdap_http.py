"""One question over HTTP: a URL goes in, the JSON object of the answer comes out, or NotAnswered says what happened.

In place of ipwhois's `Net.get_http_json`, which sleeps, asks again and makes one error of everything. What would
surprise: redirects are not followed here, for each hop is a question to another registry, paced on its own; and
urllib it is, as in ipwhois, because urllib3 writes each URL to its debug log.
"""

import json
import ssl
import time
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from typing import cast
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from monitor.attribution.rdap_pace import retry_after_seconds
from monitor.errors import MonitorError
from monitor.model.words import RegistrationStatus

LONGEST_BODY = 2**20
"""Bytes. The longest answers of the registries are under 100 KB."""

_REDIRECTS = (301, 302, 303, 307, 308)
_STATUS_OF: dict[int, RegistrationStatus] = {
    HTTPStatus.NOT_FOUND: RegistrationStatus.NOT_FOUND,
    HTTPStatus.GONE: RegistrationStatus.NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS: RegistrationStatus.RATE_LIMITED,
    HTTPStatus.REQUEST_TIMEOUT: RegistrationStatus.TIMEOUT,
}


class NotAnswered(MonitorError):
    """A question without an answer. `location` is where a redirect leads; `wait_seconds` what the registry asks for.

    The message is the status alone: the location holds the address.
    """

    def __init__(
        self, status: RegistrationStatus, *, location: str | None = None, wait_seconds: float | None = None
    ) -> None:
        super().__init__(f"The registry gave no answer: {status}")
        self.status = status
        self.location = location
        self.wait_seconds = wait_seconds


def rdap_opener() -> OpenerDirector:
    """Verified certificates and the environment's proxies; no redirects, no `file:` and no `ftp:` URLs."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        UnknownHandler(),
        HTTPHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def get_json(
    opener: OpenerDirector, url: str, *, timeout: float, headers: dict[str, str], now: datetime
) -> dict[str, object]:
    """Ask once. `timeout` (seconds) holds for connecting, for each wait, and for the body as a whole."""
    try:
        body = _body(opener, Request(url, headers=headers), timeout)  # noqa: S310 - the opener knows no other schemes
    except HTTPError as error:
        with error:
            failure = _failure(error, now)
    except (OSError, HTTPException, ValueError) as error:  # ValueError: a URL that http.client will not send
        failure = NotAnswered(_status_of(error))
    else:
        return _read(body)
    # Raised out here so that the exception, whose text may hold the URL, is not even its context.
    raise failure


def _body(opener: OpenerDirector, question: Request, timeout: float) -> bytes:
    """The body of a 200 answer; anything else about it raises."""
    deadline = time.monotonic() + timeout
    with cast(HTTPResponse, opener.open(question, timeout=timeout)) as response:
        if response.status != HTTPStatus.OK:
            raise HTTPException
        body = bytearray()
        while piece := response.read1(65536):
            body += piece
            if len(body) > LONGEST_BODY:
                raise HTTPException
            if time.monotonic() > deadline:
                raise TimeoutError
        length = response.headers.get("Content-Length", "")
        if length.isdecimal() and int(length[:12]) != len(body):
            raise HTTPException
    return bytes(body)


def _failure(error: HTTPError, now: datetime) -> NotAnswered:
    """What a status other than 2xx means."""
    if error.code in _REDIRECTS:
        return NotAnswered(RegistrationStatus.MALFORMED, location=error.headers.get("Location"))
    wait = retry_after_seconds(error.headers.get("Retry-After"), now)
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return NotAnswered(RegistrationStatus.SERVER_ERROR, wait_seconds=wait)
    if error.code < HTTPStatus.BAD_REQUEST:
        return NotAnswered(RegistrationStatus.MALFORMED)
    return NotAnswered(_STATUS_OF.get(error.code, RegistrationStatus.REFUSED), wait_seconds=wait)


def _status_of(error: Exception) -> RegistrationStatus:
    """What an answer that never came, or broke off, means."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return RegistrationStatus.TIMEOUT
    if isinstance(error, URLError | RemoteDisconnected):  # urllib wraps what fails before the question is sent
        return RegistrationStatus.UNREACHABLE
    return RegistrationStatus.MALFORMED


def _read(body: bytes) -> dict[str, object]:
    """The JSON object in `body`. Some registries say "too many questions" in a notice under status 200."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise NotAnswered(RegistrationStatus.MALFORMED)
    notices = document.get("notices")
    for notice in notices if isinstance(notices, list) else ():
        title = notice.get("title") if isinstance(notice, dict) else None
        if isinstance(title, str) and title.casefold() == "rate limit notice":
            raise NotAnswered(RegistrationStatus.RATE_LIMITED)
    return document

"""A file of RDAP answers that were recorded elsewhere in, the answers ready for keeping out (`monitor rdap import`).

One answer, a JSON list of them, or one a line; plain, .gz or .zst. Each is bare or wrapped:
`{"asked_at": TIME, "server": NAME, "answer": {...}, "address": ADDRESS}`. What would surprise: which address was
asked about is taken from the wrapper, else from the answer's own `/ip/ADDRESS` links, before both are dropped, because
of a wide allocation an answer speaks for no more than what lies around it. A link to the first address of the range is
not taken for the queried one: registries write it whatever was asked.
"""

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from monitor.attribution.rdap_document import covered_by, parse_network
from monitor.attribution.rdap_strip import without_queried
from monitor.attribution.tablefile import read_table_file
from monitor.errors import ReferenceDataError
from monitor.model.registration import RegisteredNetwork
from monitor.model.report import Address, Reject

RECORDED = "recorded"
UNKNOWN_REGISTRY = "unknown"
_REGISTRIES = {"ripe": "ripencc", "ripencc": "ripencc", "arin": "arin", "apnic": "apnic"}
_REGISTRIES |= {"lacnic": "lacnic", "afrinic": "afrinic"}
_HOSTS = re.compile(r"(?:^|\.)(ripe|arin|apnic|lacnic|afrinic)\.net$")
_ASKED = re.compile(r"/ip/([0-9A-Fa-f:.]+)/?$")
_SERVER = re.compile(r"[A-Za-z0-9._-]{1,60}")
_WRAPPER = frozenset({"asked_at", "server", "answer", "address"})
_FAULTS = {
    "bad-json": (None, "The row is not valid JSON."),
    "no-answer": ("answer", "The row is not an RDAP answer for an address range."),
    "unknown-field": (None, "The row has fields besides asked_at, server, answer and address."),
    "bad-time": ("asked_at", "The time is not ISO 8601 with an offset, such as 2026-01-31T13:05:00+01:00."),
    "bad-address": ("address", "The address is no IP address inside the range of the answer."),
    "bad-server": (
        "server",
        "The name of the server is not 1 to 60 letters, digits, dots and hyphens, or is an IP address.",
    ),
}


@dataclass(frozen=True, slots=True)
class RecordedRegistration:
    """One answer of a file. `document` is stripped; `covers` is None where it is held to speak for no address."""

    row: int
    asked_at: datetime | None
    server: str
    registry: str
    document: Mapping[str, object]
    network: RegisteredNetwork
    covers: tuple[Address, Address] | None


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """The answers and what became of the rows: n_read = len(answers) + len(rejects)."""

    n_read: int
    answers: tuple[RecordedRegistration, ...]
    rejects: tuple[Reject, ...]


class _Fault(Exception):
    """The code of what is wrong with a row."""


def read_recorded(path: Path) -> RecordedFile:
    """Read a file of answers. Raises ReferenceDataError where it is unreadable, empty or holds no answer at all."""
    answers: list[RecordedRegistration] = []
    rejects: list[Reject] = []
    for row, value in _rows(read_table_file(path, "file")):
        try:
            answers.append(_recorded(row, value))
        except _Fault as fault:
            code = str(fault)
            field, reason = _FAULTS[code]
            rejects.append(Reject(row, code, reason, field))
    if not answers:
        hint = "Give one RDAP answer, a JSON list of them, or one a line"
        raise ReferenceDataError(f"The file holds no RDAP answer for an address range ({len(rejects)} rows)", hint)
    return RecordedFile(len(answers) + len(rejects), tuple(answers), tuple(rejects))


def registry_of(document: Mapping[str, object]) -> str:
    """The registry that an answer names: by port43, its notice of the source, or the hosts of its links."""
    if registry := _by_host(document.get("port43")):
        return registry
    for notice in _objects(document.get("notices")):
        lines = notice.get("description")
        if str(notice.get("title")).lower() == "source" and isinstance(lines, list):
            for line in lines:
                if isinstance(line, str) and line.strip().lower() in _REGISTRIES:
                    return _REGISTRIES[line.strip().lower()]
    hosts = (_host(link.get(name)) for link in _objects(document.get("links")) for name in ("value", "href"))
    return next((registry for host in hosts if (registry := _by_host(host))), UNKNOWN_REGISTRY)


def _rows(data: bytes) -> Iterator[tuple[int, object]]:
    """(place or line number from 1, value); a value that is no JSON is None."""
    whole = _json(data)
    if isinstance(whole, list):
        yield from enumerate(whole, start=1)
    elif whole is not None:
        yield 1, whole
    else:
        for row, line in enumerate(data.split(b"\n"), start=1):
            if line.strip():
                yield row, _json(line)


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _recorded(row: int, value: object) -> RecordedRegistration:
    if value is None:
        raise _Fault("bad-json")
    if not isinstance(value, Mapping):
        raise _Fault("no-answer")
    asked_at, server, answer = None, RECORDED, value
    if "answer" in value:
        if not value.keys() <= _WRAPPER:
            raise _Fault("unknown-field")
        asked_at, server, answer = _asked_at(value.get("asked_at")), _server(value.get("server")), value["answer"]
    registry = registry_of(answer) if isinstance(answer, Mapping) else UNKNOWN_REGISTRY
    try:
        network = parse_network(answer, registry)
    except ReferenceDataError:
        raise _Fault("no-answer") from None
    stated = value.get("address") if answer is not value else None
    asked = _asked_about(answer, network) if stated is None else _stated(stated, network)
    document = without_queried(answer, asked)
    if asked is None:
        document = without_queried(answer, None)
    return RecordedRegistration(row, asked_at, server, registry, document, network, covered_by(network, asked))


def _asked_at(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        if at is None or at.tzinfo is None:
            raise _Fault("bad-time")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Fault("bad-time") from None


def _server(value: object) -> str:
    """A name as it is, of a URL the host alone: its path could hold the queried address, and so could an address."""
    if value is None:
        return RECORDED
    host = _host(value)
    if host and _is_literal(host):
        return RECORDED
    name = host or value
    if not isinstance(name, str) or not _SERVER.fullmatch(name) or _is_literal(name):
        raise _Fault("bad-server")
    return name


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _stated(value: object, network: RegisteredNetwork) -> Address:
    """The address that the wrapper names. Raises _Fault where it is none, or the answer is not about it."""
    try:
        address = Address(ipaddress.ip_address(value.strip()).packed) if isinstance(value, str) else None
    except ValueError:
        address = None
    if address is None or len(address) != len(network.first) or not network.first <= address <= network.last:
        raise _Fault("bad-address")
    return address


def _asked_about(document: Mapping[str, object], network: RegisteredNetwork) -> Address | None:
    """The one address inside the range that the answer's own links name."""
    holders = [document, *_objects(document.get("notices"))]
    links = [link for holder in holders for link in _objects(holder.get("links"))]
    found = {_asked_in(link.get(name)) for link in links for name in ("value", "href")}
    inside = {each for each in found if each and len(each) == len(network.first)}
    inside = {each for each in inside if network.first <= each <= network.last and each != network.first}
    return inside.pop() if len(inside) == 1 else None


def _asked_in(url: object) -> Address | None:
    match = _ASKED.search(unquote(url)) if isinstance(url, str) else None
    try:
        return Address(ipaddress.ip_address(match[1]).packed) if match else None
    except ValueError:
        return None


def _by_host(host: object) -> str | None:
    match = _HOSTS.search(host.strip().lower()) if isinstance(host, str) else None
    return _REGISTRIES[match[1]] if match else None


def _host(url: object) -> str | None:
    try:
        return urlsplit(url).hostname if isinstance(url, str) and "://" in url else None
    except ValueError:
        return None


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, Mapping))

"""A registry on loopback: RDAP answers for ranges go in, a real HTTP server that counts its questions comes out.

`RdapServer` answers `GET <base>/ip/ADDRESS` with the document of the narrowest range that holds the address, else with
404. Misbehaviour is a `Reply` or a row of them (`[SERVER_ERROR, ok]`: the last one stays). What would surprise: the
documents are sent as they are, broken or not; nothing here knows what an answer means.
"""

import ipaddress
import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply as bytes on the wire. `wait_seconds` passes before its head, `missing_bytes` of the body never come."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_seconds: float = 0
    missing_bytes: int = 0
    hangs: bool = False


def ok(document: Mapping[str, object]) -> Reply:
    return Reply(body=json.dumps(document).encode(), headers={"Content-Type": "application/rdap+json"})


def redirect(location: str, status: int = 302) -> Reply:
    """`location` may hold `{address}`, the address that was asked for."""
    return Reply(status=status, headers={"Location": location})


def rate_limited(retry_after: str | None = None) -> Reply:
    """429; `retry_after` is seconds or an HTTP date, as the header has it."""
    return Reply(status=429, headers={} if retry_after is None else {"Retry-After": retry_after})


def truncated(document: Mapping[str, object]) -> Reply:
    """Half of the body that Content-Length promises, then the connection is closed."""
    whole = ok(document)
    return replace(whole, missing_bytes=len(whole.body) // 2)


def slow(document: Mapping[str, object], seconds: float) -> Reply:
    return replace(ok(document), wait_seconds=seconds)


NOT_FOUND = Reply(status=404, body=b'{"errorCode": 404}')
FORBIDDEN = Reply(status=403)
SERVER_ERROR = Reply(status=500)
HANG = Reply(hangs=True)
HTML = Reply(body=b"<!DOCTYPE html><title>Maintenance</title>", headers={"Content-Type": "text/html"})
CUT_JSON = Reply(body=b'{"objectClassName": "ip network", "startAddr')
HUGE = Reply(body=b'{"remarks": "' + b"x" * (2 * 2**20) + b'"}')


class RdapServer:
    """A context manager: `url` is the base URL to configure, `questions` counts what was asked, by path."""

    def __init__(self, folder: Path | None = None, *, path: str = "/rdap") -> None:
        """`folder`: recorded answers named ADDRESS.json, `_` for `:`; each is served for its own address."""
        self.questions: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.closing = threading.Event()
        self._path = path
        self._lock = threading.Lock()
        self._ranges: list[tuple[IPNetwork, list[Reply]]] = []
        for address, document in recorded_answers(folder).items() if folder else ():
            self.serve(str(address), ok(document))
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.registry = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{self._path}"

    @property
    def n_questions(self) -> int:
        return self.questions.total()

    def serve(self, network: str, replies: Reply | Sequence[Reply]) -> None:
        """What is answered about every address in `network` (an address or CIDR); the newest word on it holds."""
        held = [replies] if isinstance(replies, Reply) else list(replies)
        with self._lock:
            self._ranges.insert(0, (ipaddress.ip_network(network), held))
            self._ranges.sort(key=lambda each: -each[0].prefixlen)

    def reply_to(self, path: str, agent: str) -> tuple[Reply, str]:
        """Count the question and say what to answer, and about which address."""
        with self._lock:
            self.questions[path] += 1
            self.agents.add(agent)
            text = unquote(path.removeprefix(f"{self._path}/ip/"))
            try:
                address = ipaddress.ip_address(text)
            except ValueError:
                return NOT_FOUND, text
            for network, replies in self._ranges:
                if address in network:
                    return (replies.pop(0) if len(replies) > 1 else replies[0]), text
            return NOT_FOUND, text

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    registry: RdapServer
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """An asker that has gone away is no news; the default prints it, with an address."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        registry = self.server.registry
        reply, address = registry.reply_to(self.path, self.headers.get("User-Agent", ""))
        if reply.hangs or (reply.wait_seconds and registry.closing.wait(reply.wait_seconds)):
            registry.closing.wait()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value.replace("{address}", address))
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) - reply.missing_bytes])

    def log_message(self, *_: object) -> None:
        """Nothing: a question's path holds an address."""


def recorded_answers(folder: Path) -> dict[ipaddress.IPv4Address | ipaddress.IPv6Address, dict[str, object]]:
    """The answers in a folder, by the address that each file is named after (`2001_db8__1.json`)."""
    files = sorted(path for path in folder.glob("*.json") if not path.name.endswith(".asn_data.json"))
    return {
        ipaddress.ip_address(path.stem.replace("_", ":")): json.loads(path.read_text(encoding="utf-8"))
        for path in files
    }

"""How much of an answer the process takes in, measured from outside of the code that counts it; and where it goes.

Three witnesses for each exchange: the handler's own `n_bytes_in`; the sizes of all that `socket.recv` returned, peeks
included (`shown`); and the kernel's account of the client's socket (`taken`: bytes that arrived less bytes that nobody
took), read from a duplicate of it that outlives the handler's. `python tests/spiders/test_blindness.py` prints the
table of docs/blindness.md.
"""

import array
import asyncio
import fcntl
import os
import socket
import struct
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler

from monitor.config import Resolvers
from monitor.demo import behaviours as b
from monitor.demo.certificates import Certificates
from monitor.demo.webserver import Webserver
from monitor.intake.normalise import normalise_url
from monitor.model.observation import Check, Mandate, Observation
from monitor.model.report import Address, Host, Report
from monitor.model.words import DnsStatus, ExchangeError, HostKind, InputKind
from monitor.observation.crawl import Crawl
from monitor.observation.message_values import observation_out
from monitor.observation.messages import CrawlSettings
from monitor.store import add_observations, add_reports, begin_input, begin_run, open_store
from spiders.handler import HeadersOnlyHandler
from spiders.headers import PIECE
from spiders.seen import Order, Seen

HERE = Address(bytes([127, 0, 0, 1]))
MARK = b"<<a marked body that nobody is to see>>"
LARGEST = 65_536
RECORD = 16_384 + 256
"""The most that one TLS record can be, its wrapping included."""
_RECEIVED_AT, _FIN_SEEN = 128, 8  # in struct tcp_info: tcpi_bytes_received; the state CLOSE_WAIT

SENDERS: dict[str, Callable[[bytes], b.Behaviour]] = {
    "well-behaved image": lambda mark: b.image(length=200_000),
    "early body": b.early_body,
    "early body of 15 KB": lambda mark: b.early_body(mark * 400),
    "endless body": b.endless_body,
    "image of 100 MB": b.large_image,
    "gzip bomb": b.gzip_bomb,
    "trailers": b.trailers,
    "dripping body": lambda mark: b.dripping_body(0.01),
    "flood of 103": b.interim_flood,
    "flood of 102": lambda mark: b.interim_flood(mark, 102),
    "headers of 1 GB": b.huge_headers,
    "endless header line": b.endless_header_line,
}
HEADLESS = ("flood of 103", "flood of 102", "headers of 1 GB", "endless header line")
"""Those of which the headers never end."""


@dataclass
class Measured:
    """One exchange, in bytes."""

    seen: Seen
    n_shown: int  # by `recv`, peeks included
    n_taken: int  # off the socket, as the kernel counts
    n_waiting: int  # in the kernel's buffer when all was over, never taken
    n_sent: int  # by the server, before encryption
    shown: bytes = field(repr=False)  # all of it, in order

    @property
    def n_after_headers(self) -> int:
        """Plain HTTP: bytes after the end of the headers that were shown to the process."""
        return len(self.shown.partition(b"\r\n\r\n")[2])


class Witness:
    """Keeps a duplicate of the client's socket, made while the server holds a request of it in its hands."""

    def __init__(self, behaviour: b.Behaviour) -> None:
        self._behaviour = behaviour
        self._twin: socket.socket | None = None

    def answer(self, asked: b.Asked) -> b.Behaviour:
        for each in Path("/proc/self/fd").iterdir():
            try:
                if each.readlink().name.startswith("socket:"):
                    self._look_at(socket.socket(fileno=os.dup(int(each.name))), asked.peer_port)
            except OSError:
                continue  # closed meanwhile
        return self._behaviour

    def _look_at(self, twin: socket.socket, port: int) -> None:
        found = self._twin is None and twin.family == socket.AF_INET and twin.getsockname()[1] == port
        if found:  # once: the duplicate itself can come up in the listing
            self._twin = twin
        else:
            twin.close()

    def account(self) -> tuple[int, int]:
        """Bytes taken off the socket, and bytes waiting in it, once the server has had time to send more."""
        assert self._twin is not None
        with self._twin as twin:
            time.sleep(0.03)
            received, waiting = -1, 0
            while received != (received := _n_received(twin)):  # more may come between the two questions
                waiting = _n_waiting(twin)
        return received - waiting, waiting


def _n_received(twin: socket.socket) -> int:
    info = twin.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    return struct.unpack_from("Q", info, _RECEIVED_AT)[0] - (info[0] == _FIN_SEEN)


def _n_waiting(twin: socket.socket) -> int:
    waiting = array.array("i", [0])
    fcntl.ioctl(twin.fileno(), termios.FIONREAD, waiting)
    return waiting[0]


class CountingSocket(socket.socket):
    """Notes what `recv` returns: each byte of the stream once, however often it was peeked at."""

    shown = bytearray()  # of the one exchange that is under way
    n_taken = 0
    thread = 0  # of the handler: the server's sockets, in a thread of its own, are not looked at

    def recv(self, n: int, flags: int = 0) -> bytes:
        data = super().recv(n, flags)
        if threading.get_ident() == CountingSocket.thread:
            CountingSocket.shown += data[len(CountingSocket.shown) - CountingSocket.n_taken :]
            CountingSocket.n_taken += 0 if flags & socket.MSG_PEEK else len(data)
        return data


@contextmanager
def counted() -> Iterator[bytearray]:
    """Every socket that is made meanwhile by name counts."""
    CountingSocket.shown, CountingSocket.n_taken = bytearray(), 0
    CountingSocket.thread = threading.get_ident()
    before, socket.socket = socket.socket, CountingSocket
    try:
        yield CountingSocket.shown
    finally:
        socket.socket = before


def head_request(url: str, method: str) -> tuple[Seen, bytes]:
    """One exchange through the download handler."""

    async def asked() -> Seen:
        settings = {
            "TWISTED_REACTOR_ENABLED": False,
            "MONITOR_LOOPBACK": True,
            "MONITOR_HEADERS_SECONDS": 5,
            "MONITOR_LARGEST_HEADERS": LARGEST,
        }
        handler = HeadersOnlyHandler.from_crawler(get_crawler(settings_dict=settings))
        request = Request(url, method=method, meta={"order": Order(HERE)})
        with counted() as shown:
            await handler.download_request(request)
        await handler.close()
        return request.meta["seen"], bytes(shown)

    return asyncio.run(asked())


def measure(sender: str, method: str, tls) -> Measured:
    """One exchange with the server of that kind."""
    witness = Witness(SENDERS[sender](MARK))
    with Webserver(witness.answer, tls=tls) as server:
        scheme = "https" if tls else "http"
        seen, shown = head_request(f"{scheme}://site.example:{server.port}/a.jpg", method)
        n_taken, n_waiting = witness.account()
    return Measured(seen, len(shown), n_taken, n_waiting, server.n_bytes_sent, shown)


def measure_all() -> dict[tuple[str, str, bool], Measured]:
    """By sender, method and TLS."""
    with tempfile.TemporaryDirectory() as folder:
        made = Certificates(Path(folder))
        return {
            (sender, method, secure): measure(sender, method, made.context(["site.example"]) if secure else None)
            for sender in SENDERS
            for method in ("HEAD", "GET")
            for secure in (False, True)
        }


@pytest.fixture(scope="module")
def measured() -> dict[tuple[str, str, bool], Measured]:
    return measure_all()


each_kind = pytest.mark.parametrize(
    ("sender", "method", "secure"),
    [(sender, method, secure) for sender in SENDERS for method in ("HEAD", "GET") for secure in (False, True)],
)


@each_kind
def test_the_count_of_the_handler_is_what_the_process_took_in(measured, sender, method, secure):
    """Its `n_bytes_in` agrees with every `recv`, and the kernel did not hand out more."""
    one = measured[sender, method, secure]
    assert one.seen.n_bytes_in == one.n_shown
    assert 0 < one.n_taken <= one.n_shown


@each_kind
def test_the_end_of_the_headers_is_the_end(measured, sender, method, secure):
    """What was taken off a plain socket ends with the headers to the byte; where they never end, at the limit."""
    one = measured[sender, method, secure]
    if sender in HEADLESS:
        assert one.seen.error in (ExchangeError.HEADERS_TOO_LARGE, ExchangeError.INTERIM_FLOOD)
        assert one.n_taken <= LARGEST + (2 * RECORD if secure else 2)
        assert one.n_shown <= LARGEST + (2 * RECORD if secure else PIECE)
    else:
        assert (one.seen.status in (200, 206), one.seen.error) == (True, None)
        if not secure:
            assert one.n_taken == len(one.shown) - one.n_after_headers


@pytest.mark.parametrize("sender", [each for each in SENDERS if each not in HEADLESS])
def test_a_plain_get_takes_in_no_byte_of_a_body(measured, sender):
    """Whatever the server sends, neither taken nor shown."""
    one = measured[sender, "GET", False]
    assert one.shown.endswith(b"\r\n\r\n")
    assert one.n_after_headers == 0
    assert MARK[:8] not in one.shown


@pytest.mark.parametrize("sender", [each for each in SENDERS if each not in HEADLESS])
def test_a_plain_head_is_shown_less_than_one_piece_of_a_body_that_breaks_the_rules(measured, sender):
    """And takes nothing of it off the socket."""
    one = measured[sender, "HEAD", False]
    assert one.n_after_headers < PIECE


@pytest.mark.parametrize("secure", [False, True])
def test_a_head_to_a_well_behaved_server_brings_no_byte_of_a_body(measured, secure):
    """The server sends none: all that it sent are the headers."""
    one = measured["well-behaved image", "HEAD", secure]
    assert one.n_sent < 300
    assert secure or one.n_taken == one.n_sent


@pytest.mark.parametrize("method", ["HEAD", "GET"])
@pytest.mark.parametrize("sender", [each for each in SENDERS if each not in HEADLESS])
def test_tls_brings_at_most_the_record_in_which_the_headers_end(measured, sender, method):
    """Beyond what a server without a body costs: certificates, handshake, headers."""
    without_body = measured["well-behaved image", "HEAD", True]
    assert measured[sender, method, True].n_taken <= without_body.n_taken + RECORD


@each_kind
def test_the_kernel_holds_little_that_nobody_took(measured, sender, method, secure):
    """The receive buffer is bounded, so that a server cannot send on for long."""
    assert measured[sender, method, secure].n_waiting <= 16_384


# The whole crawl process, and everything that is written.


def crawl_settings() -> CrawlSettings:
    return CrawlSettings(
        "test/1",
        (),
        16,
        0.0,
        5.0,
        5.0,
        5.0,
        4,
        5,
        LARGEST,
        permit_get=True,
        loopback=True,
        digest_key=bytes(16),
        vantages={"direct": None},
        resolvers=Resolvers(servers=("127.0.0.1:9",), timeout_seconds=0.5, tries=1),
    )


def marked_forms() -> list[bytes]:
    """The marked text as it stands in bodies, headers and gzip members."""
    packed = next(step for step in b.gzip_bomb(MARK).steps if isinstance(step, b.Stream)).chunk
    return [MARK, MARK[4:20], packed[:40], MARK.hex().encode(), repr(MARK)[2:20].encode()]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Iterator[tuple[list[Observation], Path]]:
    """What the crawl process saw of every sender, plain and TLS, HEAD and a permitted GET; and the one folder that it
    could write to: working, temporary and home folder at once, with its standard error."""
    folder = tmp_path_factory.mktemp("written")
    made = Certificates(tmp_path_factory.mktemp("certificates"))
    host = Host("site.example", HostKind.NAME, "site.example", None)
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.chdir(folder)
        for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(folder))
        with (folder / "stderr").open("wb") as errors, redirected_stderr(errors.fileno()):
            urls = []
            for tls in (None, made.context(["site.example"])):
                for sender in SENDERS.values():
                    for then in (sender(MARK), b.by_method(sender(MARK), b.status(404))):
                        server = stack.enter_context(Webserver(lambda asked, then=then: then, tls=tls))
                        urls.append(f"{'https' if tls else 'http'}://site.example:{server.port}/a.jpg")
            checks = [Check(at, at, url, host, (HERE,), (DnsStatus.ANSWERED,)) for at, url in enumerate(urls, 1)]
            with Crawl(crawl_settings()) as crawl:
                seen = list(crawl.observe(checks, threading.Event(), lambda: datetime(2026, 3, 1, tzinfo=UTC)))
        assert len(seen) == len(urls)
        yield seen, folder


@contextmanager
def redirected_stderr(to: int) -> Iterator[None]:
    """Also for children."""
    kept = os.dup(2)
    os.dup2(to, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def test_nothing_that_the_crawl_process_hands_over_holds_a_byte_of_a_body(written):
    """Its lines on the pipe, as they would be sent again."""
    lines = repr([observation_out(each) for each in written[0]]).encode()
    assert not [each for each in marked_forms() if each in lines]


def test_nothing_that_is_written_holds_a_byte_of_a_body(written):
    """Standard error, caches, temporary files: the crawl process writes none of them."""
    found = {path.name: path.read_bytes() for path in written[1].rglob("*") if path.is_file()}
    assert found == {"stderr": b""}


def test_nothing_in_the_store_holds_a_byte_of_a_body(written, engine, tmp_path):
    """The Observations stored by the parent: neither the database nor anything beside it."""
    seen = written[0]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    mandate = Mandate("Example Authority", "Example Act", "desk@authority.example", "", permit_get=True, loopback=True)
    with open_store(tmp_path / "store", engine.url(tmp_path / "store"), create=True) as store:
        reports = [Report(1, "default", "r1", normalise_url("https://site.example/a.jpg"), now)]
        assert not add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), reports).rejects
        with store.read() as connection:
            (target,) = connection.exec_driver_sql("SELECT id FROM targets").scalars()
        run = begin_run(store, worker="1", mandate=mandate, n_due=len(seen), at=now)
        assert len(add_observations(store, run, [replace(each, target_id=target) for each in seen])) == len(seen)
    files = engine.files(tmp_path / "store")
    assert sum(map(len, files.values())) > 100_000
    assert not [name for name, content in files.items() for each in marked_forms() if each in content]


def test_the_crawl_process_takes_in_as_little_as_the_handler_alone(written):
    """Of each exchange, the largest headers and a record or two at most."""
    counts = [each.n_bytes_in for one in written[0] for each in one.exchanges]
    assert len(counts) > 2 * len(SENDERS)
    assert max(counts) <= LARGEST + 2 * RECORD


def table() -> str:
    """The measured figures as a table."""
    lines = [
        "| server sends | request | | shown to the process | of these after the headers | taken off the socket "
        "| left in the kernel | sent by the server |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for (sender, method, secure), one in measure_all().items():
        after = "" if secure or sender in HEADLESS else f"{one.n_after_headers:,}"
        lines.append(
            f"| {sender} | {method} | {'TLS' if secure else 'plain'} | {one.n_shown:,} | {after} | {one.n_taken:,} "
            f"| {one.n_waiting:,} | {one.n_sent:,} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())

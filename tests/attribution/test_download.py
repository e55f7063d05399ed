"""Tables fetched from a server on loopback that misbehaves in every way we could think of."""

import gzip
import hashlib
import http.server
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from yarl import URL

from monitor.attribution.download import Fetched, Limits, fetch_table, leaves_https
from monitor.errors import ReferenceDataError

TODAY = date(2026, 4, 1)
TABLE = b"192.0.2.0/24\t64500\n" * 500
PLACE = "[refdata] prefixes 2"
QUICK = Limits(timeout_seconds=0.5, whole_seconds=5, largest_bytes=100_000)
SECRET = "geheim-marker"  # planted to be searched for


class _Handler(http.server.BaseHTTPRequestHandler):
    """GET of a path runs the misbehaviour of that name."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.asked_by.append(self.client_address)
        self.close_connection = True
        name = self.path.partition("?")[0].strip("/").partition("/")[0]
        getattr(self, f"do_{name}")()

    def log_message(self, *args: object) -> None:
        pass

    def answer(self, body: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def do_fine(self) -> None:
        self.answer(TABLE)

    def do_dated(self) -> None:
        self.answer(TABLE, Last_Modified="Sun, 01 Mar 2026 23:30:00 -0200")

    def do_future(self) -> None:
        self.answer(TABLE, Last_Modified="Fri, 01 Jan 2027 00:00:00 GMT")

    def do_undated(self) -> None:
        self.answer(TABLE, Last_Modified="last Tuesday")

    def do_coded(self) -> None:
        self.answer(gzip.compress(TABLE), Content_Encoding="x-gzip")

    def do_missing(self) -> None:
        self.answer(b"no", 404)

    def do_broken(self) -> None:
        self.answer(b"no", 500)

    def do_partial(self) -> None:
        self.answer(TABLE, 206)

    def do_short(self) -> None:
        self.answer(TABLE, length=len(TABLE) + 1)

    def do_hang(self) -> None:
        self.server.stop.wait(20)

    def do_stall(self) -> None:
        self.answer(TABLE, length=len(TABLE) + 1)
        self.wfile.flush()
        self.server.stop.wait(20)

    def do_trickle(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self.trickle()

    def do_drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        self.trickle()

    def trickle(self) -> None:
        while not self.server.stop.wait(0.1):
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def do_huge(self) -> None:
        self.answer(b"x" * 1000, length=10**9)

    def do_endless(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        try:
            while not self.server.stop.is_set():
                self.wfile.write(b"x" * 60_000)
        except OSError:
            return

    def do_rubbish(self) -> None:
        self.wfile.write(b"220 mail.example ESMTP\r\n")

    def do_nothing(self) -> None:
        pass

    def redirect(self, where: str) -> None:
        self.answer(b"", 302, Location=where, Set_Cookie=f"a={SECRET}; Bad Cookie[]=\x7f")

    def do_away(self) -> None:
        self.redirect(self.server.elsewhere)

    def do_loop(self) -> None:
        self.redirect("/loop")

    def do_hops(self) -> None:
        left = int(self.path.rpartition("/")[2])
        self.redirect(f"/hops/{left - 1}" if left > 1 else "/fine/dump-20260110.gz")

    def do_shy(self) -> None:
        """One answer for each connection, without saying so: a second question is hung up on."""
        if self.server.asked_by.count(self.client_address) == 1:
            self.close_connection = False
            left = int(self.path.rpartition("/")[2])
            self.redirect(f"/shy/{left - 1}" if left > 1 else "/fine")

    def do_elsewhere(self) -> None:
        self.redirect(f"ftp://{SECRET}.example/table")

    def do_nowhere(self) -> None:
        self.redirect(f"http://[{SECRET}/")


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.asked_by: list[tuple[str, int]] = []
        self.stop = threading.Event()
        self.elsewhere = ""
        self.base = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what these tests are about."""


@contextmanager
def running_server() -> Iterator[_Server]:
    running = _Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        running.stop.set()
        running.shutdown()
        thread.join()
        running.server_close()


@pytest.fixture
def server() -> Iterator[_Server]:
    with running_server() as running:
        yield running


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def fetch(url: str, folder: Path, limits: Limits = QUICK) -> Fetched:
    return fetch_table(url, folder / "draft", place=PLACE, today=TODAY, limits=limits)


def test_a_file_is_kept_as_it_lies_there(server: _Server, tmp_path: Path) -> None:
    """Its bytes, its hash and its size; the server is asked for no coding."""
    found = fetch(f"{server.base}/fine", tmp_path)
    assert found.path.read_bytes() == TABLE
    assert (found.sha256, found.n_bytes) == (hashlib.sha256(TABLE).hexdigest(), len(TABLE))
    assert server.asked[0][1]["Accept-Encoding"] == "identity"


def test_a_coding_that_the_server_names_is_not_undone(server: _Server, tmp_path: Path) -> None:
    """Servers call a .gz file "gzip-encoded"; here it stays a .gz file."""
    assert gzip.decompress(fetch(f"{server.base}/coded", tmp_path).path.read_bytes()) == TABLE


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("fine", None),
        ("dated", date(2026, 3, 2)),  # 01:30 UTC
        ("dated/riswhoisdump-20260215.gz", date(2026, 2, 15)),
        ("fine/2026-01-31/table", None),
        ("fine/rv2-20260131-1200.pfx2as.gz", date(2026, 1, 31)),
        ("fine/table-2026-01-31.csv?day=2026-02-02", date(2026, 1, 31)),
        ("dated/table-20261231", date(2026, 3, 2)),  # a day to come
        ("dated/table-20260231", date(2026, 3, 2)),  # no day at all
        ("dated/table-120260131", date(2026, 3, 2)),  # a longer number
        ("future", None),
        ("undated", None),
        ("hops/1", date(2026, 1, 10)),
    ],
)
def test_the_day_is_that_in_the_name_else_that_of_last_modified(
    server: _Server, tmp_path: Path, path: str, day: date | None
) -> None:
    """A day to come is never believed; after a redirect the name at its end counts."""
    assert fetch(f"{server.base}/{path}", tmp_path).as_of == day


def test_five_redirects_are_followed_and_no_more(server: _Server, tmp_path: Path) -> None:
    """The sixth is an error."""
    assert fetch(f"{server.base}/hops/5", tmp_path).n_bytes == len(TABLE)
    with pytest.raises(ReferenceDataError, match="redirects more than 5 times"):
        fetch_table(f"{server.base}/hops/6", tmp_path / "other", place=PLACE, today=TODAY, limits=QUICK)


def test_a_server_that_answers_once_for_each_connection_is_followed(server: _Server, tmp_path: Path) -> None:
    """Each step of a chain of redirects has a connection of its own."""
    assert fetch(f"{server.base}/shy/5", tmp_path).n_bytes == len(TABLE)
    assert len(server.asked) == len(set(server.asked_by)) == 6


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing", "answered 404"),
        ("broken", "answered 500"),
        ("partial", "answered 206"),
        ("short", "cut off"),
        ("hang", "in time"),
        ("stall", "in time"),
        ("huge", "larger than 100,000 bytes"),
        ("endless", "larger than 100,000 bytes"),
        ("rubbish", "no proper HTTP"),
        ("nothing", "cannot be reached or hung up"),
        ("loop", "redirects more than 5 times"),
        ("elsewhere", "no proper HTTP"),
        ("nowhere", "no proper HTTP"),
    ],
)
def test_what_is_no_whole_file_is_an_error_that_names_no_address(
    server: _Server,
    tmp_path: Path,
    path: str,
    message: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The message names the place in the configuration; neither it nor any log or output has a byte of the URL."""
    caplog.set_level(logging.DEBUG)
    url = f"{server.base.replace('//', f'//{SECRET}:{SECRET}@')}/{path}?key={SECRET}"
    with pytest.raises(ReferenceDataError, match=message) as caught:
        fetch(url, tmp_path)
    assert PLACE in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    told = str(caught.value) + repr(caught.value) + caplog.text + "".join(capfd.readouterr())
    for marked in (SECRET, "127.0.0.1", str(server.server_port), str(tmp_path)):
        assert marked not in told


@pytest.mark.parametrize(
    ("chain", "leaves"),
    [("https", False), ("http https", False), ("https https", False), ("https http", True), ("http https http", True)],
)
def test_a_redirect_from_https_to_http_is_noticed(chain: str, leaves: bool) -> None:
    """What comes over http could be anybody's; the other way round is what one hopes for."""
    assert leaves_https([URL(f"{scheme}://tables.example/{n}") for n, scheme in enumerate(chain.split())]) is leaves


@pytest.mark.parametrize("path", ["trickle", "drip"])
def test_a_server_that_goes_on_byte_by_byte_is_left(server: _Server, tmp_path: Path, path: str) -> None:
    """Silence never lasts, yet the whole has its limit: in the headers too."""
    begun = time.monotonic()
    with pytest.raises(ReferenceDataError, match="in time"):
        fetch(f"{server.base}/{path}", tmp_path, Limits(timeout_seconds=5, whole_seconds=1))
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize(
    "url", ["", "table.gz", "ftp://127.0.0.1/a", "file:///etc/passwd", "http://", "http://[geheim-marker/", "http:///a"]
)
def test_only_http_addresses_are_taken(tmp_path: Path, url: str) -> None:
    """Anything else is refused before anything is asked, without repeating it."""
    with pytest.raises(ReferenceDataError, match="not an http or https address") as caught:
        fetch(url, tmp_path)
    assert SECRET not in str(caught.value)


def test_an_absent_server_is_said(tmp_path: Path, server: _Server) -> None:
    """Nobody listens: no address in the message."""
    server.server_close()
    with pytest.raises(ReferenceDataError, match="cannot be reached"):
        fetch(server.base, tmp_path)


def test_credentials_in_the_address_are_for_its_own_server_alone(server: _Server, tmp_path: Path) -> None:
    """They go to the server that they were configured for, and not along with a redirect to another."""
    own = server.base.replace("//", f"//user:{SECRET}@")
    with running_server() as other:
        server.elsewhere = f"{other.base}/fine"
        fetch(f"{own}/away", tmp_path)
    assert server.asked[0][1]["Authorization"].startswith("Basic ")
    assert "Authorization" not in other.asked[0][1]

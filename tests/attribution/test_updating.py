"""`refdata update` against a server on loopback and a real store: what is taken, what is refused, what stays."""

import functools
import gzip
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest

from monitor.attribution.download import Limits
from monitor.attribution.reading import read_table
from monitor.attribution.updating import UpdateOutcome, UpdateStatus, update_tables
from monitor.attribution.verify import verify_update
from monitor.config import Refdata
from monitor.errors import ReferenceDataError
from monitor.model.words import TableKind
from monitor.store import Store, StoredTable, add_reference_table, load_contents, open_store
from tests.engines import Engine

FIRST, SECOND = date(2026, 3, 1), date(2026, 4, 1)
UPDATED, UNCHANGED, REFUSED = UpdateStatus.UPDATED, UpdateStatus.UNCHANGED, UpdateStatus.REFUSED
SECRET = "geheim-marker"  # planted to be searched for


def four(n: int, origin: int = 64500) -> bytes:
    """A RIS whois dump of n IPv4 prefixes, 512 at most."""
    nets = ("198.51.100", "203.0.113")
    rows = (f"{origin}\t{nets[at // 256]}.{at % 256}/32\t{100 + at}\n" for at in range(n))
    return b"% RIS whois dump\n%\n\n" + "".join(rows).encode()


def six(n: int) -> bytes:
    return b"% RIS whois dump\n" + "".join(f"64501\t2001:db8:{at:x}::/48\t9\n" for at in range(1, n + 1)).encode()


def names(n: int) -> bytes:
    return "".join(f"{64496 + at},Example Hosting {at}\n" for at in range(n)).encode()


def ranges(name: str, n: int) -> bytes:
    return json.dumps({"name": name, "list": [f"192.0.2.{4 * at}/30" for at in range(n)]}).encode()


class _Server(http.server.ThreadingHTTPServer):
    """Serves what `files` holds by path, with the day of its Last-Modified; a query is passed over."""

    daemon_threads = True
    files: dict[str, tuple[bytes, date | None]]

    @property
    def base(self) -> str:
        return f"http://{SECRET}:{SECRET}@127.0.0.1:{self.server_port}"

    def put(self, name: str, content: bytes, day: date | None = None) -> str:
        """The file's URL."""
        self.files[f"/{name}"] = (content, day)
        return f"{self.base}/{name}?key={SECRET}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    days: ClassVar[str] = "%a, %d %b %Y 12:00:00 GMT"

    def do_GET(self) -> None:
        content, day = self.server.files.get(self.path.partition("?")[0], (None, None))
        self.send_response(404 if content is None else 200)
        if day is not None:
            self.send_header("Last-Modified", day.strftime(self.days))
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    running = _Server(("127.0.0.1", 0), _Handler)
    running.files = {}
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def store(engine: Engine, tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data", engine.url(tmp_path / "data"), create=True) as opened:
        yield opened


def update(store: Store, settings: Refdata, today: date = SECOND) -> list[UpdateOutcome]:
    """As the pipeline does it."""
    outcomes = []
    kept = functools.partial(load_contents, store)
    limits = Limits(timeout_seconds=2, whole_seconds=10, largest_bytes=200_000)
    for outcome in update_tables(settings, kept, store.data_dir, today=today, limits=limits):
        outcomes.append(outcome)
        if outcome.table is not None and outcome.info is not None:
            assert add_reference_table(
                store,
                outcome.kind,
                as_of=date.fromisoformat(outcome.info.as_of),
                made_on=date.fromisoformat(outcome.info.made_on),
                sha256=outcome.info.sha256,
                rows=outcome.info.rows,
                content=outcome.table.content,
                names=outcome.table.names,
            )
    assert not list(store.data_dir.glob("refdata-update-*"))
    return outcomes


def everything(store: Store) -> list[StoredTable]:
    return [table for kind in TableKind for table in load_contents(store, kind)]


def first_tables(store: Store, server: _Server) -> Refdata:
    """100 IPv4 and 50 IPv6 prefixes, 100 names and 40 ranges of one proxy, kept as of FIRST."""
    settings = Refdata(
        prefixes=(server.put("four.gz", gzip.compress(four(100), mtime=0), FIRST), server.put("six", six(50), FIRST)),
        as_names=server.put("names", names(16), FIRST),
        fronting=(server.put("proxies", ranges("Example Shield", 40), FIRST),),
    )
    assert [outcome.status for outcome in update(store, settings, FIRST)] == [UPDATED] * 3
    return settings


def test_the_first_update_keeps_one_table_a_kind(store: Store, server: _Server) -> None:
    """IPv4 and IPv6 make one routing table, of the day that the server gives."""
    first_tables(store, server)
    found = [(table.kind, table.as_of, table.made_on, table.rows) for table in everything(store)]
    assert found == [
        (TableKind.PREFIXES, FIRST, FIRST, 150),
        (TableKind.AS_NAMES, FIRST, FIRST, 16),
        (TableKind.FRONTING, FIRST, FIRST, 40),
    ]


def test_the_same_content_again_is_nothing_to_do(store: Store, server: _Server) -> None:
    """Also where comments, order and the day on the server changed."""
    settings = first_tables(store, server)
    before = everything(store)
    turned = b"% another comment\n" + b"\n".join(reversed(four(100).splitlines()))
    server.put("four.gz", turned, SECOND)
    assert [outcome.status for outcome in update(store, settings)] == [UNCHANGED] * 3
    assert everything(store) == before


@pytest.mark.parametrize(("content", "rows"), [(four(81), 131), (four(80), 130), (four(99) + b"what is this\n", 149)])
def test_a_newer_table_is_kept_beside_the_old_one(store: Store, server: _Server, content: bytes, rows: int) -> None:
    """80 of 100 prefixes are enough, and 1 broken row of 100 is not too many; the old table stays byte for byte.

    The new one is of the day of its youngest file.
    """
    settings = first_tables(store, server)
    before = everything(store)
    server.put("four.gz", content, SECOND)
    outcomes = update(store, settings)
    assert [outcome.status for outcome in outcomes] == [UPDATED, UNCHANGED, UNCHANGED]
    assert outcomes[0].message == f"a new prefixes table of 2026-04-01 with {rows} rows"
    after = load_contents(store, TableKind.PREFIXES)
    assert [(table.as_of, table.rows) for table in after] == [(FIRST, 150), (SECOND, rows)]
    assert [table for table in everything(store) if table in before] == before


REFUSALS = [
    ("four.gz", four(79), "shrank from 100 to 79 IPv4 rows"),
    ("six", six(39), "shrank from 50 to 39 IPv6 rows"),
    ("six", b"64501\t192.0.2.0/24\t9\n", "shrank from 150 to 91 rows"),
    ("four.gz", four(1) + b"64500\t192.0.2.0/24\t9\n", "shrank from 150 to 52 rows"),
    ("four.gz", four(110) + b"what is this\n" * 2, "2 broken rows of 162"),
    ("four.gz", b"", "is empty"),
    ("four.gz", bytes(range(256)) * 20, "no valid row"),
    ("four.gz", b"<!DOCTYPE html>\n<html><body><h1>Moved</h1></body></html>\n" * 9, "no valid row"),
    ("four.gz", gzip.compress(four(100), mtime=0)[:-9], "cut off"),
    ("four.gz", b"\x1f\x8b" + b"wrong gzip" * 50, "damaged"),
    ("four.gz", gzip.compress(gzip.compress(four(100), mtime=0), mtime=0), "no valid row"),
    ("four.gz", b"x" * 300_000, "prefixes 1 cannot be fetched: it is larger than 200,000 bytes"),
    ("names", names(12), "shrank from 16 to 12 rows"),
    ("names", b"<html>\n" * 40, "no valid row"),
    ("proxies", ranges("Example Shield", 31), "shrank from 40 to 31 rows"),
    ("proxies", b'{"name": "Example Shield", "list": ["192.0.2', "not valid JSON"),
]


@pytest.mark.parametrize(("name", "content", "message"), REFUSALS)
def test_a_broken_table_is_refused_and_the_old_ones_stay(
    store: Store, server: _Server, name: str, content: bytes, message: str
) -> None:
    """One kind is refused with its reason, nothing kept changes by a byte, the other kinds are brought up to date."""
    settings = first_tables(store, server)
    before = everything(store)
    server.put("four.gz", four(90), SECOND)
    server.put("names", names(15), SECOND)
    server.put("proxies", ranges("Example Shield", 39), SECOND)
    server.put(name, content, SECOND)
    outcomes = {outcome.kind: outcome for outcome in update(store, settings)}
    refused = {"names": TableKind.AS_NAMES, "proxies": TableKind.FRONTING}.get(name, TableKind.PREFIXES)
    assert message in outcomes[refused].message
    assert {kind: outcome.status for kind, outcome in outcomes.items()} == {
        kind: REFUSED if kind is refused else UPDATED for kind in TableKind
    }
    assert (outcomes[refused].table, outcomes[refused].info) == (None, None)
    assert [table for table in everything(store) if table in before] == before
    assert [table.kind for table in everything(store)].count(refused) == 1
    told = repr([(outcome.message, outcome.status) for outcome in outcomes.values()])
    for marked in (SECRET, "127.0.0.1", str(server.server_port), str(store.data_dir), "198.51.100"):
        assert marked not in told


def test_half_a_routing_table_is_none(store: Store, server: _Server) -> None:
    """Where the IPv6 file is missing, the IPv4 one is not taken alone; the place that failed is named."""
    settings = first_tables(store, server)
    server.put("four.gz", four(101), SECOND)
    del server.files["/six"]
    outcome = update(store, settings)[0]
    assert outcome.status is REFUSED
    assert "[refdata] prefixes 2 cannot be fetched: the server answered 404" in outcome.message
    assert len(load_contents(store, TableKind.PREFIXES)) == 1


def test_a_family_that_is_no_longer_configured_is_missed(store: Store, server: _Server) -> None:
    """Without the IPv6 file the table would shrink to nothing there, though less than a fifth in all."""
    settings = first_tables(store, server)
    server.put("four.gz", four(140), SECOND)
    outcome = update(store, settings.model_copy(update={"prefixes": settings.prefixes[:1]}))[0]
    assert outcome.status is REFUSED
    assert "shrank from 50 to 0 IPv6 rows (more than 20%); the old one is kept" in outcome.message


def test_an_older_table_than_the_kept_one_is_refused(store: Store, server: _Server) -> None:
    """A mirror that fell behind does not take the place of what is here."""
    settings = first_tables(store, server)
    server.put("four.gz", four(101), date(2026, 1, 1))
    server.put("six", six(50), date(2026, 2, 1))
    outcome = update(store, settings)[0]
    assert (outcome.status, "of 2026-02-01, older than the one of 2026-03-01" in outcome.message) == (REFUSED, True)


def test_a_second_table_of_one_day_waits_for_the_next(store: Store, server: _Server) -> None:
    """Dumps come every few hours; of one day, the first that was fetched holds."""
    settings = first_tables(store, server)
    server.put("four.gz", four(101), FIRST)
    server.put("proxies", ranges("Example Shield", 41), FIRST)
    found = {outcome.kind: outcome for outcome in update(store, settings)}
    assert found[TableKind.PREFIXES].message.startswith("another prefixes table of 2026-03-01 is kept already")
    assert {outcome.status for outcome in found.values()} == {UNCHANGED}


def test_a_table_without_a_day_is_of_today(store: Store, server: _Server) -> None:
    """One undated file makes the whole table of today: no event before it is read with it."""
    settings = Refdata(prefixes=(server.put("four", four(9), FIRST), server.put("six", six(9))))
    assert update(store, settings)[0].status is UPDATED
    assert everything(store)[0].as_of == SECOND


def test_proxies_that_were_imported_one_by_one_are_compared_with_their_own(store: Store, server: _Server) -> None:
    """A new list of two proxies is held against what holds of those two, and another proxy's list stays in force."""
    first_tables(store, server)
    csv = b"".join(b"198.51.100.%d/30,Invented Cache\n" % (4 * at) for at in range(10))
    other = Refdata(fronting=(server.put("other", csv, FIRST),))
    assert update(store, other)[0].status is UPDATED
    both = Refdata(fronting=(server.put("proxies", ranges("Example Shield", 35), SECOND), other.fronting[0]))
    assert update(store, both)[0].message == "a new fronting table of 2026-04-01 with 45 rows"
    assert update(store, other)[0].status is UNCHANGED


def test_prefixes_that_few_peers_saw_are_left_out_where_it_is_configured(store: Store, server: _Server) -> None:
    """`fewest_peers` is for RIS whois dumps."""
    settings = Refdata(prefixes=(server.put("four", four(20), FIRST),), fewest_peers=110)
    assert update(store, settings)[0].message == "a new prefixes table of 2026-03-01 with 10 rows"


def test_nothing_configured_asks_nothing(store: Store) -> None:
    """No address, no outcome."""
    assert update(store, Refdata()) == []


def test_the_hash_of_several_files_is_that_over_their_hashes(tmp_path: Path) -> None:
    """One file keeps its own; counts are summed, doubles between the files found, broken rows say in which file."""
    (tmp_path / "a").write_bytes(four(3) + b"nonsense\n")
    (tmp_path / "b").write_bytes(six(2) + b"64500_64501\t192.0.2.0/24\t1\n" + four(2) + b"64500\t0.0.0.0/0\t1\n")
    one = read_table(TableKind.PREFIXES, tmp_path / "a")
    both = read_table(TableKind.PREFIXES, tmp_path / "a", tmp_path / "b")
    assert len({one.sha256, both.sha256, read_table(TableKind.PREFIXES, tmp_path / "b", tmp_path / "a").sha256}) == 3
    counts = both.counts
    assert (counts.n_read, counts.n_accepted, counts.n_duplicate, counts.n_ignored, counts.n_rejected) == (
        10,
        6,
        2,
        1,
        1,
    )
    assert counts.rejects[0].reason.endswith("(file 1)")
    assert both.share_rejected == one.share_rejected == 0.25


def test_a_broken_part_does_not_hide_in_a_large_whole(tmp_path: Path) -> None:
    """The share of broken rows is that of the worst file."""
    (tmp_path / "a").write_bytes(four(300))
    (tmp_path / "b").write_bytes(six(10) + b"nonsense\n")
    table = read_table(TableKind.PREFIXES, tmp_path / "a", tmp_path / "b")
    with pytest.raises(ReferenceDataError, match="1 broken rows of 311"):
        verify_update(TableKind.PREFIXES, None, table, 0.2)

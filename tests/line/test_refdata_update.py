"""`refdata update`, `import` and `list` through the real command line, the public tables on a loopback server."""

import gzip
import http.server
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.engines import rows_in

MARK = "zq7xk9mw"
TODAY = datetime.now(UTC).date()
FIRST, SECOND = TODAY - timedelta(days=40), TODAY - timedelta(days=10)
DIRECT = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def tables(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)["tables"]
        return found


class _Server(http.server.ThreadingHTTPServer):
    """Serves `files` by path, each with a day for Last-Modified; a file of None never comes. `asked` counts."""

    daemon_threads = True
    files: dict[str, tuple[bytes | None, date]]
    asked: int
    closing: threading.Event

    def put(self, name: str, content: bytes | None, day: date) -> str:
        """Its URL, with a user, a password and a query that nobody may see."""
        self.files[f"/{MARK}/{name}"] = (content, day)
        return f"http://{MARK}:{MARK}@127.0.0.1:{self.server_port}/{MARK}/{name}?key={MARK}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.asked += 1
        content, day = self.server.files.get(self.path.partition("?")[0], (b"", FIRST))
        if content is None:
            self.server.closing.wait()
            return
        self.send_response(200 if content else 404)
        self.send_header("Last-Modified", day.strftime("%a, %d %b %Y 12:00:00 GMT"))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[_Server]:
    running = _Server(("127.0.0.1", 0), _Handler)
    running.files, running.asked, running.closing = {}, 0, threading.Event()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield running
    running.closing.set()
    running.shutdown()
    thread.join()
    running.server_close()


def run(monitor: Any, *commands: Sequence[object]) -> list[Ended]:
    """Several commands with `--json` in one process of the program; nothing that they say holds a URL."""
    ended = [
        Ended(each.status, each.out, each.err)
        for each in monitor.ended(*(("--json", *words) for words in commands), env=DIRECT)
    ]
    assert not [each for each in ended if MARK in each.out + each.err or "127.0.0.1" in each.out + each.err]
    return ended


def four(n: int) -> bytes:
    """A RIS whois dump of n IPv4 prefixes, one of them from two origins, and one that a single peer saw."""
    rows = [f"64500\t198.51.100.{at}/32\t{100 + at}" for at in range(n)]
    return "\n".join(
        ["% RIS whois dump", "%", "", *rows, "64511\t198.51.100.0/32\t90", "64510\t10.0.0.0/8\t1", ""]
    ).encode()


def six(n: int) -> bytes:
    return "\n".join(f"2001:db8:{at:x}::\t48\t64501" for at in range(1, n + 1)).encode()


def names(n: int) -> bytes:
    return "".join(f"{64496 + at},Example Hosting {at}\n" for at in range(n)).encode()


def ranges(n: int) -> bytes:
    return json.dumps({"name": "Example Shield", "list": [f"192.0.2.{4 * at}/30" for at in range(n)]}).encode()


def settings(server: _Server, **more: object) -> str:
    """100 IPv4 prefixes as a RIS dump, 50 IPv6 as RouteViews', 10 names, 40 ranges, all of FIRST."""
    places: dict[str, object] = {
        "prefixes": [server.put("ris.gz", gzip.compress(four(100)), FIRST), server.put("rv", six(50), FIRST)],
        "as_names": server.put("names", names(10), FIRST),
        "fronting": [server.put("proxies", ranges(40), FIRST)],
        "fewest_peers": 5,
        "timeout_seconds": 1,
        **more,
    }
    return "[refdata]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in places.items())


def kept(data: Path) -> list[tuple[Any, ...]]:
    """Every row of every kept table."""
    return rows_in(data, "SELECT * FROM reference_tables ORDER BY id")


def test_an_update_brings_all_tables_and_the_next_one_finds_nothing_to_do(
    make: Callable[..., Any], server: _Server
) -> None:
    """Three kinds, status 0, of the server's day; the list shows each family and the prefix with two origins."""
    monitor = make("update", settings(server))
    first, again, listed = run(monitor, ("refdata", "update"), ("refdata", "update"), ("refdata", "list"))
    assert (first.status, again.status, first.err.count("\n"), again.err) == (0, 0, 1, "")
    assert "a new key was made" in first.err
    assert [(t["kind"], t["status"], t["rows"], t["as_of"]) for t in first.tables] == [
        ("prefixes", "updated", 151, str(FIRST)),
        ("as-names", "updated", 10, str(FIRST)),
        ("fronting", "updated", 40, str(FIRST)),
    ]
    assert [t["status"] for t in again.tables] == ["unchanged"] * 3
    assert server.asked == 8
    (prefixes,) = (t for t in listed.tables if t["kind"] == "prefixes")
    assert (prefixes["n_prefixes4"], prefixes["n_prefixes6"], prefixes["n_several_origins"]) == (100, 50, 1)
    assert len(kept(monitor.data)) == 3


def test_a_broken_or_shrunken_table_is_refused_and_the_old_one_stays(make: Callable[..., Any], server: _Server) -> None:
    """Status 1 and one line on standard error; the other kinds are brought up to date; not a byte kept is changed."""
    monitor = make("refused", settings(server))
    run(monitor, ("refdata", "update"))
    before = kept(monitor.data)
    broken = {
        "shrank from 100 to 70": gzip.compress(four(70)),
        "cut off": gzip.compress(four(100))[:-9],
        "no valid row": b"<!DOCTYPE html><title>Moved</title>\n" * 9,
        "broken rows": gzip.compress(four(101) + b"what is this\n" * 9),
        "answered 404": b"",
    }
    for number, (reason, content) in enumerate(broken.items()):
        server.put("ris.gz", content, SECOND)
        server.put("names", names(11 + number), SECOND + timedelta(days=number))
        (said,) = run(monitor, ("refdata", "update"))
        assert said.status == 1
        assert [t["status"] for t in said.tables] == ["refused", "updated", "unchanged"]
        assert reason in said.tables[0]["message"]
        assert (said.err.count("\n"), said.err.startswith("monitor: "), "prefixes" in said.err) == (1, True, True)
        assert [row for row in kept(monitor.data) if row in before] == before
    assert len(kept(monitor.data)) == len(before) + len(broken)
    assert not [*monitor.data.glob("refdata-update-*")]


def test_a_newer_table_holds_from_its_day_and_the_old_one_for_earlier_events(
    make: Callable[..., Any], server: _Server, csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """80 of 100 prefixes are enough; a freeze attributes each notice by the table of its time, IPv6 as well."""
    monitor = make("newer", settings(server))
    server.put("ris.gz", four(80).replace(b"64500\t", b"64505\t"), SECOND)

    def notice(record: str, ip: str, day: date) -> dict[str, object]:
        at = f"{day}T12:00:00Z"
        return {
            "record_id": record,
            "url": f"http://{record}.site.example/",
            "ip": ip,
            "reported_at": at,
            "notified_at": at,
        }

    between, after = SECOND - timedelta(days=3), SECOND + timedelta(days=3)
    rows = [notice(f"{name}{n}", ip, day) for name, day in (("old", between), ("new", after))
            for n, ip in enumerate(("198.51.100.7", "2001:db8:7::1"))]  # fmt: skip
    server.files, later = {**server.files, f"/{MARK}/ris.gz": (gzip.compress(four(100)), FIRST)}, server.files
    run(monitor, ("refdata", "update"))
    server.files = later
    said, *_, frozen = run(
        monitor,
        ("refdata", "update"),
        ("import", csv_file(tmp_path / "reports.csv", rows)),
        ("freeze", f"{FIRST}..{TODAY}"),
    )
    assert [t["status"] for t in said.tables] == ["updated", "unchanged", "unchanged"]
    import duckdb  # noqa: PLC0415 (used here alone)

    place = str(Path(json.loads(frozen.out)["path"]) / "episodes.parquet")
    with duckdb.connect() as connection:
        query = "SELECT record_id, provider_id FROM read_parquet(?) WHERE role = 'as' ORDER BY record_id"
        found = dict(connection.execute(query, [place]).fetchall())
    assert found == {"old0": "as64500", "old1": "as64501", "new0": "as64505", "new1": "as64501"}


def test_a_killed_update_leaves_no_table_and_its_drafts_go_with_the_next_run(
    make: Callable[..., Any], server: _Server
) -> None:
    """SIGKILL while a server keeps us waiting: nothing of that kind is kept, and the next update brings all."""
    monitor = make("killed", settings(server, timeout_seconds=60))
    monitor = replace(monitor, env={**monitor.env, **DIRECT})
    content, day = server.files[f"/{MARK}/rv"]
    server.put("rv", None, FIRST)
    assert monitor.kill(("refdata", "update"), 0.0, lambda: server.asked >= 2)
    assert kept(monitor.data) == []
    assert [*monitor.data.glob("refdata-update-*")]
    server.put("rv", content, day)
    (said,) = run(monitor, ("refdata", "update"))
    assert [t["status"] for t in said.tables] == ["updated"] * 3
    assert not [*monitor.data.glob("refdata-update-*")]
    assert len(kept(monitor.data)) == 3


def test_a_silent_server_ends_one_kind_and_not_the_run(make: Callable[..., Any], server: _Server) -> None:
    """After [refdata] timeout_seconds the kind is refused; the others come."""
    monitor = make("silent", settings(server))
    server.put("names", None, FIRST)
    (said,) = run(monitor, ("refdata", "update"))
    assert said.status == 1
    assert [t["status"] for t in said.tables] == ["updated", "refused", "updated"]
    assert "did not answer in time" in said.tables[1]["message"]


def test_without_addresses_nothing_can_be_updated(make: Callable[..., Any]) -> None:
    """No table, one line that names the settings, and no store; a timer's call is well then, and touches nothing."""
    monitor = make("nothing")
    timer, said = run(monitor, ("refdata", "update", "--if-configured"), ("refdata", "update"))
    assert (timer.status, timer.tables, timer.err) == (0, [], "")
    assert (said.status, said.out, said.err.count("\n")) == (1, "", 1)
    assert "[refdata] prefixes, as_names or fronting" in said.err
    assert not (monitor.data / "monitor.key").exists()


FORMATS = {
    "plain": "192.0.2.0/25\t64500\n192.0.2.128/25\t64501\n192.0.2.128/25\t64502\n2001:db8:7::/48\t64503\n",
    "RouteViews": "192.0.2.0\t25\t64500\n192.0.2.128\t25\t64501_64502\n2001:db8:7::\t48\t64503\n",
    "RIS dump": "% RIS whois dump\n\n64500\t192.0.2.0/25\t300\n64501\t192.0.2.128/25\t300\n"
    "64502\t192.0.2.128/25\t300\n64503\t2001:db8:7::/48\t300\n64509\t192.0.2.0/26\t1\n",
}


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_imported_with_its_several_origins(
    make: Callable[..., Any], tmp_path: Path, format_: str
) -> None:
    """The same table from each format: two origins of one prefix are kept and listed, one peer's prefix is not."""
    path = tmp_path / f"{MARK}.tsv"
    path.write_text(FORMATS[format_], encoding="utf-8")
    monitor = make("format", "[refdata]\nfewest_peers = 5\n")
    words = ("refdata", "import", "--as-of", FIRST, "--prefixes", path)
    made, again, listed = run(monitor, words, words, ("refdata", "list"))
    assert [each.status for each in (made, again, listed)] == [0, 0, 0]
    (table,) = listed.tables
    assert (table["n_prefixes4"], table["n_prefixes6"], table["n_several_origins"]) == (2, 1, 1)
    assert listed.err == ""


def test_an_old_routing_table_is_said_on_standard_error(make: Callable[..., Any], tmp_path: Path) -> None:
    """Older than [refdata] oldest_days: a line with its day, beside a document on standard output that is whole."""
    path = tmp_path / "prefixes.tsv"
    path.write_text(FORMATS["plain"], encoding="utf-8")
    monitor = make("old", "[refdata]\noldest_days = 30\n")
    _, listed, quiet = run(
        monitor,
        ("refdata", "import", "--as-of", FIRST, "--prefixes", path),
        ("refdata", "list"),
        ("-q", "refdata", "list"),
    )
    assert (listed.status, len(listed.tables), listed.err.count("\n")) == (0, 1, 1)
    assert f"the routing table in force is of {FIRST}, 40 days old" in listed.err
    assert quiet.err == ""


def test_two_files_of_one_day_are_both_looked_up(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """`--prefixes` given twice, IPv4 and IPv6 apart as the RIS dumps are: addresses of both families are attributed."""
    (tmp_path / "four").write_bytes(four(20))
    (tmp_path / "six").write_bytes(six(20))
    at = f"{TODAY - timedelta(days=1)}T00:00:00Z"
    rows = [{"record_id": f"R{n}", "url": f"http://r{n}.site.example/", "ip": ip, "reported_at": at}
            for n, ip in enumerate(("198.51.100.7", "2001:db8:7::1"))]  # fmt: skip
    files = ("--prefixes", tmp_path / "four", "--prefixes", tmp_path / "six")
    *_, said = run(
        make("apart"),
        ("refdata", "import", "--as-of", FIRST, *files),
        ("import", csv_file(tmp_path / "reports.csv", rows)),
        ("attribute",),
    )
    assert json.loads(said.out) == {"attributed": 2, "unattributed": 0, "fronted": 0}

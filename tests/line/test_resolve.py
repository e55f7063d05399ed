"""`monitor resolve` through the real command line, with real DNS servers on loopback: whom it asks, what it keeps.

The servers run in the test process and count their questions; the program runs in a subprocess.
"""

import contextlib
import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from monitor.demo.nameserver import Fault, Nameserver, Records
from monitor.demo.zones import misbehaving_zone
from monitor.model.words import DnsStatus
from tests.engines import rows_in

MANDATE = """[mandate]
organisation = "Example authority"
legal_basis = "an invented article"
"""
LIVE = "[sources.hotline]\nlive = true\n[sources.archive]\ntrusted = true\n"
EXPECTED = {
    "plain": "answered", "many": "answered", "no-data": "no-data", "no-data-no-soa": "no-data", "ttl-0": "answered",
    "cname": "answered", "cname-across": "answered", "cname-nowhere": "nxdomain", "cname-no-data": "no-data",
    "loop-1": "loop", "loop-self": "loop", "loop-across-1": "loop", "long-0": "too-long", "servfail": "servfail",
    "refused": "refused", "silent": "timeout", "truncated": "answered", "wrong-id": "malformed",
    "wrong-question": "malformed", "garbage": "malformed", "garbage-first": "answered", "referral": "refused",
    "servfail-once": "answered", "servfail-aaaa": "answered", "private": "rebinding", "loopback": "rebinding",
    "unspecified": "bogon", "documentation": "answered", "mixed": "answered", "bogon-and-private": "rebinding",
    "gone": "nxdomain", "xn--bcher-kva": "answered",
}  # fmt: skip
"""Host under site.example -> the status that both resolvers' answers must have."""
THEIRS = ("plain", "slow", "changing")
"""Hosts of the source that is not live; the first one is the live source's too."""


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


def run(monitor: Any, *commands: Sequence[object]) -> list[Ended]:
    """Several commands in one process of the program, each with its own end."""
    return [Ended(each.status, each.out, each.err) for each in monitor.ended(*commands)]


def documents(monitor: Any, *commands: Sequence[object]) -> list[Any]:
    """The same with `--json`; each must end well."""
    ended = run(monitor, *(("--json", *words) for words in commands))
    assert [each.status for each in ended] == [0] * len(commands), [each.err for each in ended]
    return [counts(json.loads(each.out)) for each in ended]


def counts(said: Any) -> Any:
    """Of a command that asks, the promised counts alone: others may stand beside them."""
    return {name: said[name] for name in ("resolved", "failed")} if "resolved" in said else said


def resolvers(*addresses: str) -> str:
    return f"[resolvers]\nservers = {json.dumps(addresses)}\ntimeout_seconds = 1\ntries = 2\n"


def row(record: str, host: str, *, source: str = "hotline", **values: object) -> dict[str, object]:
    said = {"record_id": record, "source": source, "url": f"http://{host}/a.jpg", "reported_at": "2026-01-05T00:00:00Z"}
    return {**said, **values}


def query(data: Path, statement: str) -> list[tuple[Any, ...]]:
    return rows_in(data, statement)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Nameserver, Nameserver]]:
    zone = misbehaving_zone()
    with Nameserver(zone, negative_ttl=(900, 600)) as one, Nameserver(zone, negative_ttl=(900, 600)) as other:
        yield one, other


@pytest.fixture
def pair() -> Iterator[Callable[..., tuple[Nameserver, Nameserver]]]:
    """Starts two servers of a zone."""
    with contextlib.ExitStack() as stack:

        def started(
            zone: Mapping[str, Records], second: Mapping[str, Records] | None = None
        ) -> tuple[Nameserver, Nameserver]:
            one, other = (Nameserver(each, negative_ttl=(900, 600)) for each in (zone, second or zone))
            return stack.enter_context(one), stack.enter_context(other)

        yield started


# --- refusals -------------------------------------------------------------------------------------------------

REFUSALS = {
    "no mandate": (LIVE, "servers", "[mandate] organisation, legal_basis"),
    "half a mandate": ('[mandate]\norganisation = "A"\n' + LIVE, "servers", "[mandate] legal_basis"),
    "an expired one": (f"{MANDATE}expires = 2020-01-31\n{LIVE}", "servers", "[mandate] expires"),
    "no source": (MANDATE, "servers", "[sources.NAME] live = true"),
    "no live source": (MANDATE + LIVE.replace("live = true", "live = false"), "servers", "[sources.NAME] live = true"),
    "no resolver": (MANDATE + LIVE, "none", "two are needed"),
    "one resolver": (MANDATE + LIVE, "one", "two are needed"),
    "one resolver twice": (MANDATE + LIVE, "twice", "names one resolver twice"),
    "no resolver's address": (MANDATE + LIVE, "name", "number 2 is not the address of a resolver"),
}


def test_without_mandate_live_source_or_two_resolvers_nothing_is_asked(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, pair: Callable[..., Any]
) -> None:
    """Each refusal: status 1, one line that says what to do, nothing on standard output, no question, no row."""
    one, other = pair({"plain.site.example": Records(a=("192.0.2.10",))})
    given = {
        "servers": (one.address, other.address),
        "none": (),
        "one": (one.address,),
        "twice": (one.address, one.address),
        "name": (one.address, "resolver.zq7xk9mw.example"),
    }
    monitor = make("refused")
    commands: list[tuple[object, ...]] = []
    for number, (config, which, _) in enumerate(REFUSALS.values()):
        place = tmp_path / f"{number}.toml"
        place.write_text(config + resolvers(*given[which]), encoding="utf-8")
        commands += [("--config", place, *words) for words in (("resolve",), ("--json", "resolve", "--all"))]
    reports = csv_file(tmp_path / "reports.csv", [row("R1", "plain.site.example")])
    first, *ended = run(monitor, ("import", reports), *commands)
    assert first.status == 0
    for said, name in zip(ended, [name for name in REFUSALS for _ in range(2)], strict=True):
        assert (said.status, said.out, said.err.count("\n")) == (1, "", 1), (name, said)
        assert said.err.startswith("monitor: ")
        assert REFUSALS[name][2] in said.err, (name, said.err)
        assert "zq7xk9mw" not in said.err
    assert (one.n_asked, other.n_asked) == (0, 0)
    assert query(monitor.data, "SELECT count(*) FROM resolutions") == [(0,)]


def test_on_its_last_day_a_mandate_holds(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, pair: Callable[..., Any]
) -> None:
    """`expires` is the last day (UTC); a day later it is refused, and says when it ended."""
    one, other = pair({"plain.site.example": Records(a=("192.0.2.10",))})
    today = datetime.now(UTC).date()
    monitor, commands = make("last-day"), []
    for day in (today + timedelta(days=1), today - timedelta(days=1)):  # not today itself: it could end meanwhile
        place = tmp_path / f"{day}.toml"
        place.write_text(f"{MANDATE}expires = {day}\n{LIVE}" + resolvers(one.address, other.address), encoding="utf-8")
        commands.append(("--config", place, "--json", "resolve"))
    reports = csv_file(tmp_path / "reports.csv", [row("R1", "plain.site.example")])
    _, held, over = run(monitor, ("import", reports), *commands)
    assert (held.status, counts(json.loads(held.out))) == (0, {"resolved": 1, "failed": 0})
    assert (over.status, str(today - timedelta(days=1)) in over.err) == (1, True)


# --- who is asked, what is kept -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Resolved:
    monitor: Any
    said: Any
    asked: tuple[frozenset[str], frozenset[str]]  # names, at each server


@pytest.fixture(scope="module")
def resolved(
    make: Callable[..., Any],
    csv_file: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
    servers: tuple[Nameserver, Nameserver],
) -> Resolved:
    """One record for each misbehaving name, some of another source, IP literals and a wildcard's name."""
    one, other = servers
    monitor = make("resolved", MANDATE + LIVE + resolvers(one.address, other.address))
    rows = [row(name, f"{name}.site.example") for name in EXPECTED]
    rows += [row(f"x-{name}", f"{name}.site.example", source="archive") for name in THEIRS]
    rows += [row("lit4", "192.0.2.77"), row("lit6", "[2001:db8::77]"), row("wild", "any.wild.example")]
    rows += [row("onion", "abcdefgh.onion"), row("idn", "bücher.site.example")]
    reports = csv_file(tmp_path_factory.mktemp("in") / "reports.csv", rows)
    _, said = documents(monitor, ("import", reports), ("resolve",))
    return Resolved(monitor, said, tuple(frozenset(name for name, _ in each.asked) for each in servers))  # type: ignore[arg-type]


def _host_of(data: Path) -> dict[int, str]:
    """Host id -> the record that names it first."""
    found = query(
        data,
        """SELECT t.host_id, k.record_id FROM records k JOIN reports r ON r.record_key = k.id
           JOIN targets t ON t.id = r.target_id ORDER BY k.id DESC""",
    )
    return dict(found)


def test_each_status_is_stored_and_told_apart(resolved: Resolved) -> None:
    """Both resolvers' rows of every host bear the status of its misbehaviour; all rows of a host share one time."""
    names = _host_of(resolved.monitor.data)
    rows = query(resolved.monitor.data, "SELECT host_id, status, resolved_at, resolver FROM resolutions")
    statuses: dict[str, set[str]] = {}
    askings: dict[str, set[tuple[int, str]]] = {}
    for host_id, status, at, resolver in rows:
        statuses.setdefault(names[host_id], set()).add(status)
        askings.setdefault(names[host_id], set()).add((at, resolver))
    others = {"wild": {"answered"}, "onion": {"bad-name"}}
    assert statuses == {**{name: {status} for name, status in EXPECTED.items()}, **others}
    assert all(len(each) == 2 and len({at for at, _ in each}) == 1 for each in askings.values())
    assert {status for each in statuses.values() for status in each} == set(DnsStatus) - {DnsStatus.UNREACHABLE}


def test_the_json_counts_hosts(resolved: Resolved) -> None:
    """`resolved` and `failed`, each host once."""
    n_answered = [*EXPECTED.values()].count("answered") + 1
    assert resolved.said == {"resolved": n_answered, "failed": len(EXPECTED) + 2 - n_answered}


def test_only_names_of_live_sources_are_asked_about(resolved: Resolved) -> None:
    """Beside CNAME targets and made-up names of 20 letters, no other name reaches a server, and never an address."""
    mine = {f"{name}.site.example" for name in EXPECTED} | {"any.wild.example"}
    chains = {"end.cdn.example", "gone.cdn.example", "loop-across-2.site.example"}
    for names in resolved.asked:
        assert mine <= names
        rest = {name for name in names - mine - chains if len(name.split(".")[0]) != 20}
        assert rest <= {f"long-{n}.site.example" for n in range(31)}
        assert not {f"{name}.site.example" for name in THEIRS[1:]} & names
        assert not [name for name in names if "192" in name or "2001" in name or name.endswith(("arpa", "onion"))]


def test_kinds_of_address_rcodes_and_wildcards_are_stored(resolved: Resolved) -> None:
    """Private and bogus addresses are kept as such; rcodes, the chain (sealed) and the wildcard mark are there."""
    names = {record: host for host, record in _host_of(resolved.monitor.data).items()}

    def stored(columns: str, record: str, more: str = "") -> set[tuple[Any, ...]]:
        return set(
            query(resolved.monitor.data, f"SELECT {columns} FROM resolutions r {more} WHERE host_id = {names[record]}")
        )

    kinds = "JOIN resolution_addresses a ON a.resolution_id = r.id"
    assert stored("a.kind", "mixed", kinds) == {("global",), ("private",)}
    assert stored("a.kind", "private", kinds) == {("private",)}
    assert stored("a.kind", "bogon-and-private", kinds) == {("bogon",), ("private",)}
    assert stored("rcode_a, rcode_aaaa", "gone") == {("NXDOMAIN", "NXDOMAIN")}
    assert stored("rcode_a, rcode_aaaa", "servfail-aaaa") == {("NOERROR", "SERVFAIL")}
    assert stored("rcode_a, rcode_aaaa", "silent") == {(None, None)}
    assert stored("wildcard", "wild") == {(1,)}
    assert stored("wildcard", "plain") == {(0,)}
    assert stored("cname_chain IS NULL", "cname") == {(0,)}
    assert stored("ttl_seconds", "cname") == {(120,)}
    assert stored("ttl_seconds", "gone") == {(600,)}
    assert stored("ttl_seconds", "servfail") == {(0,)}


def test_within_the_ttl_nothing_is_asked_again_and_all_asks_again(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, pair: Callable[..., Any]
) -> None:
    """Positive and negative answers are used again in the next run; `--all` asks about each host and adds rows."""
    zone = {"plain.site.example": Records(a=("192.0.2.10",)), "no-data.site.example": Records()}
    one, other = pair(zone)
    monitor = make("again", MANDATE + LIVE + resolvers(one.address, other.address))
    hosts = [*zone, "gone.site.example"]
    reports = csv_file(tmp_path / "reports.csv", [row(f"R{n}", host) for n, host in enumerate(hosts)])
    first, before, again = {"resolved": 1, "failed": 2}, [], []
    assert documents(monitor, ("import", reports), ("resolve",))[1] == first
    before.append((one.n_asked, other.n_asked))
    assert documents(monitor, ("resolve",), ("resolve",)) == [first, first]
    again.append((one.n_asked, other.n_asked))
    assert again == before
    assert documents(monitor, ("resolve", "--all")) == [first]
    for server in (one, other):
        assert {server.asked[host, kind] for host in hosts for kind in ("A", "AAAA")} == {2}
    assert query(monitor.data, "SELECT count(*) FROM resolutions") == [(12,)]


def test_what_failed_or_ran_out_is_asked_again_and_the_newest_answer_counts(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, pair: Callable[..., Any]
) -> None:
    """SERVFAIL at first and TTL 0 are asked about in the next run, what still holds is not."""
    failing = Records(a=("192.0.2.11",), fault=Fault.SERVFAIL, times_failing=2)  # both tries of the first run
    one, other = pair(
        {
            "plain.site.example": Records(a=("192.0.2.10",)),
            "ttl-0.site.example": Records(a=("192.0.2.10",), ttl=0),
            "failing.site.example": failing,
        }
    )
    monitor = make("failing", MANDATE + LIVE + resolvers(one.address, other.address))
    names = ("plain", "ttl-0", "failing")
    reports = csv_file(tmp_path / "reports.csv", [row(name, f"{name}.site.example") for name in names])
    said = documents(monitor, ("import", reports), ("resolve",), ("resolve",))
    assert said[1:] == [{"resolved": 2, "failed": 1}, {"resolved": 3, "failed": 0}]
    assert [one.asked[f"{name}.site.example", "A"] for name in names] == [1, 2, 3]


def test_resolvers_that_are_gone_are_a_status_and_no_failure_of_the_run(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, pair: Callable[..., Any]
) -> None:
    """One dead resolver beside one that answers: both rows are kept, and the host counts as resolved."""
    one, _ = pair({"plain.site.example": Records(a=("192.0.2.10",))})
    dead = "127.0.0.9:9"  # nobody listens there
    monitor = make("gone", MANDATE + LIVE + resolvers(one.address, dead))
    reports = csv_file(tmp_path / "reports.csv", [row("R1", "plain.site.example")])
    assert documents(monitor, ("import", reports), ("resolve",))[1] == {"resolved": 1, "failed": 0}
    rows = dict(query(monitor.data, "SELECT resolver, status FROM resolutions"))
    assert rows == {one.address: "answered", dead: "unreachable"}


def test_ctrl_c_and_sigkill_end_a_run_and_the_next_one_goes_on(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, pair: Callable[..., Any]
) -> None:
    """SIGINT: status 130 and one line; SIGKILL: what is stored is whole batches, and the next run does the rest."""
    hosts = [f"h{n}.site.example" for n in range(1200)]
    one, other = pair(dict.fromkeys(hosts, Records(a=("192.0.2.10",), delay_seconds=0.05)))
    monitor = make("stopped", MANDATE + LIVE + resolvers(one.address, other.address))
    reports = csv_file(tmp_path / "reports.csv", [row(f"R{n}", host) for n, host in enumerate(hosts)])
    documents(monitor, ("import", reports))
    with (monitor.cwd / "printed").open("wb") as err:
        process = monitor.start("resolve", err=err)
        while process.poll() is None and one.n_asked < 100:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    printed = (monitor.cwd / "printed").read_text()
    assert ("what was stored stays" in printed, printed.count("\n")) == (True, 1)
    before = one.n_asked
    assert monitor.kill(("resolve",), 0.0, lambda: one.n_asked > before + 1_500)
    half = "SELECT count(*) FROM (SELECT host_id FROM resolutions GROUP BY host_id, resolved_at HAVING count(*) <> 2)"
    assert query(monitor.data, half) == [(0,)]
    (kept,) = query(monitor.data, "SELECT count(DISTINCT host_id) FROM resolutions")[0]
    before = one.n_asked
    assert kept in (500, 1_000)  # a batch is one transaction
    assert documents(monitor, ("resolve",)) == [{"resolved": len(hosts), "failed": 0}]
    assert one.n_asked - before <= 2 * (len(hosts) - kept) + 1  # A and AAAA of each, and one made-up name


# --- what attribution makes of it -----------------------------------------------------------------------------

PREFIXES = "192.0.2.0/25\t64500\n192.0.2.128/25\t64501\n"


def test_a_resolution_attributes_where_nothing_better_is_known(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, pair: Callable[..., Any]
) -> None:
    """Basis `later-resolution` for a notice before it, `resolution` for one after; an `ip`, a check or a literal wins.

    Resolvers that name several Providers' addresses, a rebinding and an answer that came too late attribute nothing.
    """
    zone = {
        "two.site.example": Records(a=("192.0.2.10",)),
        "better.site.example": Records(a=("192.0.2.10",)),
        "turns.site.example": Records(a=("192.0.2.10",)),
        "inside.site.example": Records(a=("10.1.2.3",)),
        "late.site.example": Records(a=("192.0.2.10",)),
    }
    one, other = pair(zone, {**zone, "turns.site.example": Records(a=("192.0.2.200",))})
    monitor = make("attributed", MANDATE + LIVE + resolvers(one.address, other.address))
    now = datetime.now(UTC)

    def noticed(record: str, host: str, hours: float, **values: object) -> dict[str, object]:
        at = now + timedelta(hours=hours)
        times = {"reported_at": (at - timedelta(hours=1)).isoformat(), "notified_at": at.isoformat()}
        return row(record, host, **times, **values)

    before = [noticed("later", "two.site.example", -2), noticed("several", "turns.site.example", -2)]
    before += [noticed("rebinding", "inside.site.example", -2), noticed("too-late", "late.site.example", -30)]
    before += [noticed("stated", "better.site.example", -2, ip="192.0.2.200")]
    before += [noticed("literal", "192.0.2.201", -2)]
    (tmp_path / "prefixes.tsv").write_text(PREFIXES, encoding="utf-8")
    day = (now - timedelta(days=20)).date()
    documents(
        monitor,
        ("import", csv_file(tmp_path / "before.csv", before)),
        ("refdata", "import", "--as-of", day, "--prefixes", tmp_path / "prefixes.tsv"),
        ("resolve",),
    )
    now = datetime.now(UTC)
    after = [noticed("earlier", "two.site.example", 0, url="http://two.site.example/b.jpg")]
    after += [noticed("read", "better.site.example", 0, url="http://better.site.example/b.jpg")]
    check = {"record_id": "read", "source": "hotline", "checked_at": now.isoformat(), "outcome": "online"}
    period = f"{(now - timedelta(days=4)).date()}..{(now + timedelta(days=2)).date()}"
    *_, frozen = documents(
        monitor,
        ("import", csv_file(tmp_path / "after.csv", after)),
        ("import", csv_file(tmp_path / "checks.csv", [{**check, "ip": "192.0.2.202"}])),
        ("attribute",),
        ("freeze", period, "--cutoff", (now + timedelta(days=3)).isoformat()),
    )
    with duckdb.connect() as connection:
        rows = connection.execute(
            """SELECT record_id, provider_id, attribution_basis, attribution_doubts, unattributed_reason
               FROM read_parquet(?) WHERE role = 'network' ORDER BY record_id""",
            [str(Path(frozen["path"]) / "episodes.parquet")],
        ).fetchall()
    found = {
        record: (provider, basis, set((doubts or "").split(";")) - {""}, why)
        for record, provider, basis, doubts, why in rows
    }
    alone = {"as-stands-in"}
    assert found == {
        "later": ("as64500", "later-resolution", alone | {"later-resolution"}, None),
        "earlier": ("as64500", "resolution", alone | {"own-resolution"}, None),
        "stated": ("as64501", "report", alone | {"stated-address"}, None),
        "literal": ("as64501", "literal", alone, None),
        "read": ("as64501", "reading", alone, None),
        "several": (None, "later-resolution", set(), "several"),
        "rebinding": (None, "none", set(), "no-address"),
        "too-late": (None, "none", set(), "no-address"),
    }

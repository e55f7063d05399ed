"""Marked names, addresses, e-mail addresses and a person's name in reports, DNS answers and RDAP documents.

All commands that ask the network, and all that read what they brought, run on them, also into errors and SIGKILL;
nothing of the marks is in any byte that was written (the key apart, packed values opened) or printed.
"""

import base64
import contextlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from monitor.demo import rdap_answers as made
from monitor.demo import rdap_server as server
from monitor.demo.nameserver import Fault, Nameserver, Records
from monitor.demo.rdap_server import RdapServer, Reply, ok, redirect
from monitor.model.words import DnsStatus
from monitor.store import contexts
from monitor.store.tables import RegistrationRow, ResolutionRow, table_of
from tests.engines import Engine, copied, elsewhere, rows_in, store_of

STEM = "zq7xk9mw"
PERSON = f"Voornaam {STEM}son"
V4, V6, HIDDEN = "203.0.113.211", "2001:db8:b:6b39:9d17::d3", "10.87.165.43"
PERIOD = "2026H1"
DIRECT = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
CONFIG = """[mandate]
organisation = "Example authority"
legal_basis = "an invented article"
[sources.hotline]
live = true
[publication]
name_in_interim = true
[minimums]
named = 1
[resolvers]
servers = {servers}
timeout_seconds = 1.5
tries = 1
[rdap]
first = "arin"
per_minute = 6000
timeout_seconds = 1
longest_wait_seconds = 0
[rdap.servers]
"""


# --- the search -----------------------------------------------------------------------------------------------


def _forms(text: str) -> Iterator[bytes]:
    """A text as it could lie in a file, where case does not count: also UTF-16, percent-encoded, hex, from behind."""
    raw = text.encode()
    yield from (raw, text[::-1].encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), raw.hex().encode())
    yield "".join(f"%{byte:02x}" for byte in raw).encode()


def _base64(text: str) -> Iterator[bytes]:
    raw = text.encode()
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw)
        yield coded[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]


SECRETS = (STEM, V4, V6, ip_address(V6).exploded, HIDDEN, str(int(ip_address(V4))))
FOLDED = {form for text in SECRETS for form in _forms(text)}
AS_IT_IS = {form for text in (*SECRETS, STEM.upper()) for form in _base64(text)} | {ip_address(V6).packed}


def search(content: bytes) -> bool:
    folded = content.lower()
    return any(form in folded for form in FOLDED) or any(form in content for form in AS_IT_IS)


def _opened(path: Path) -> Iterator[bytes]:
    """The file, and what is packed in it."""
    content = path.read_bytes()
    yield content
    if content.startswith(b"PAR1"):
        with duckdb.connect() as connection:
            yield repr(connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()).encode()
    if content.startswith(b"SQLite format 3\0"):
        yield from _packed_values(content)


def _unpacked(content: bytes) -> Iterator[bytes]:
    """The value, and what it is where it is packed."""
    yield content
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        with contextlib.suppress(zstandard.ZstdError):  # a blind index can begin like that too
            yield zstandard.ZstdDecompressor().decompressobj().decompress(content)


def _packed_values(content: bytes) -> Iterator[bytes]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content[:18] + b"\1\1" + content[20:])  # a copy in memory has no WAL
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, bytes) and value.startswith(b"\x28\xb5\x2f\xfd"):
                        with contextlib.suppress(zstandard.ZstdError):  # a blind index can begin like that too
                            yield zstandard.ZstdDecompressor().decompressobj().decompress(value)


def leaks(folder: Path) -> list[str]:
    """The files below a folder in which, or in whose name, a mark is found."""
    found = []
    for path in sorted(folder.rglob("*")):
        if search(path.name.encode()):
            found.append(f"name of {path.name[:2]}...")
        if path.is_file() and path.name != "monitor.key" and any(map(search, _opened(path))):
            found.append(path.name)
    return found + [name for name, content in elsewhere(folder).items() if any(map(search, _unpacked(content)))]


def test_the_search_finds_what_is_planted(tmp_path: Path) -> None:
    """The positive control: each mark in each form, in a packed value and in a Parquet file."""
    planted = [
        b"x" + form + b"x" for text in SECRETS for form in (*_forms(text), *_base64(text), text.upper().encode())
    ]
    for n, content in enumerate(planted):
        (tmp_path / f"{n:04}").write_bytes(content)
    with contextlib.closing(sqlite3.connect(tmp_path / "e.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE t (a BLOB)")
        connection.execute("INSERT INTO t VALUES (?)", [zstandard.compress(f"see {PERSON}".encode())])
    place = str(tmp_path / "f.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT ? AS a FROM range(2000)) TO '{place}' (COMPRESSION zstd)", [PERSON])
    assert leaks(tmp_path) == [*(f"{n:04}" for n in range(len(planted))), "e.sqlite", "f.parquet"]
    assert not search(b"https://www.site.example/ 203.0.113.0/24 org-ripencc-x AS64500 127.0.0.1" + os.urandom(50_000))


# --- the marked world -----------------------------------------------------------------------------------------


def zone() -> dict[str, Records]:
    """Answers that name other marked names, the marked addresses, and every fault."""
    fine = Records(a=(V4,), aaaa=(V6,))
    found = {f"{STEM}{fault.value}.{STEM}.example": Records(a=(V4,), fault=fault) for fault in Fault}
    found |= {f"{STEM}{n}.cdn-{STEM}.example": Records(cname=f"{STEM}{n + 1}.cdn-{STEM}.example") for n in range(20)}
    return found | {
        f"www.{STEM}.example": fine,
        f"cname.{STEM}.example": Records(cname=f"{STEM}.cdn.example", only_first_cname=True),
        f"{STEM}.cdn.example": fine,
        f"nowhere.{STEM}.example": Records(cname=f"gone.{STEM}.example", only_first_cname=True),
        f"loop.{STEM}.example": Records(cname=f"loop.{STEM}.example"),
        f"long.{STEM}.example": Records(cname=f"{STEM}0.cdn-{STEM}.example"),
        f"empty.{STEM}.example": Records(),
        f"inside.{STEM}.example": Records(a=(HIDDEN,)),
        f"*.wild.{STEM}.example": Records(a=(V4,)),
    }


def marked_answer(cidr: str, address: str, **more: Any) -> dict[str, object]:
    """An answer that repeats the address, and bears marks wherever nothing public stands."""
    desk = made.entity(f"{STEM}-RIPE", PERSON, "abuse", "technical", kind="individual", email=f"{STEM}@{STEM}.example")
    holder = made.entity("ORG-WH1-RIPE", "Windmill Hosting B.V.", "registrant")
    links = [{"value": f"https://rdap.example/ip/{address}", "href": f"https://rdap.example/ip/{address}"}]
    remarks = [{"title": PERSON, "description": [f"http://{STEM}.example/{address}", address]}]
    answer = made.network_answer(cidr, name=f"{STEM}-NET", entities=[holder, desk], **more)
    return answer | {"links": links, "remarks": remarks, "port43": "whois.ripe.net"}


def marked_replies(other: str) -> dict[str, Reply | list[Reply]]:
    lacnic = marked_answer(f"{V4}/32", V4) | {"handle": V4}
    person = made.natural_person("192.0.2.0/25", name=PERSON, handle=f"{STEM}-RIPE")
    desk = made.entity(f"{STEM}@mail.{STEM}.example", "Canal Hosting B.V.", "registrant")
    return {
        V4: ok(lacnic),
        V6: redirect(f"{other}/ip/{{address}}?{STEM}#{STEM}"),
        "192.0.2.0/25": ok(person),
        "192.0.2.129": Reply(404, f'{{"title": "{STEM}"}}'.encode()),
        "192.0.2.130": Reply(200, f'{{"{STEM}": '.encode()),
        "192.0.2.131": Reply(302, headers={"Location": f"ftp://{STEM}.example/{V4}"}),
        "192.0.2.133": Reply(500, f"{STEM}".encode(), {"Server": STEM}),
        "192.0.2.134": server.truncated(person),
        "192.0.2.135": ok(made.network_answer("192.0.2.135/32", type="ASSIGNED PI", entities=[desk])),
        "2001:db8:ffff::/48": Reply(
            429, f"{STEM}".encode(), {"Retry-After": "99"}
        ),  # asked last: it ends the run there
        "192.0.2.136": ok({"errorCode": 400, "title": PERSON, "description": [V4]}),
    }


def recorded() -> list[dict[str, object]]:
    """Answers for a file: marked, and wrapped in marked fields."""
    whole = marked_answer(f"{V6}/128", V6)
    return [
        whole,
        {"answer": made.natural_person("198.51.100.0/25", name=PERSON), "server": f"https://rdap.example/{STEM}/{V4}"},
        {"answer": marked_answer("198.51.100.128/25", "198.51.100.200"), "server": V4},
        {"answer": marked_answer("198.51.100.128/25", "198.51.100.200"), "server": f"http://{V4}/ip/{V4}"},
        {"answer": whole, "server": f"http://{STEM} /"},
        {"answer": whole, "asked_at": PERSON},
        {"answer": {STEM: PERSON}},
        {STEM: PERSON},
    ]


COLUMNS = "record_id,source,url,reported_at,notified_at,ip,notice_ref\n"


def write_reports(folder: Path) -> Path:
    hosts = [
        *(name for name in zone() if "*" not in name and "cdn" not in name),
        f"any.wild.{STEM}.example",
        f"gone.{STEM}.example",
    ]
    times = "2026-03-02T10:00:00Z,2026-03-02T12:00:00Z"
    rows = [f"D{n},hotline,http://{host}/{STEM},{times},,{STEM}" for n, host in enumerate(hosts)]
    ips = [V4, V6, "192.0.2.1", *(f"192.0.2.{n}" for n in range(129, 137)), "198.51.100.7", "198.51.100.200"]
    ips += ["2001:db8:ffff::1", "2001:db8:ffff::2"]
    rows += [f"R{n},hotline,http://r{n}.{STEM}.example/{STEM},{times},{ip},{STEM}" for n, ip in enumerate(ips)]
    rows += [f"L0,hotline,http://{V4}/{STEM},{times},,", f"L1,hotline,http://[{V6}]/{STEM},{times},,"]
    path = folder / f"{STEM} reports.csv"
    path.write_text(COLUMNS + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@dataclass
class Scene:
    """The marked store, the servers that its configuration names, and all that was printed."""

    monitor: Any
    folder: Path
    resolvers: tuple[Nameserver, Nameserver]
    registries: tuple[RdapServer, RdapServer]
    printed: list[str] = field(default_factory=list)
    places: list[Path] = field(default_factory=list)

    def run(self, monitor: Any, *words: object, **more: Any) -> Any:
        """A run with `-v`, remembered; nothing that it prints holds a mark."""
        ran = monitor.run("-v", *words, env=DIRECT, **more)
        self.note(ran.out + ran.err, words[0])
        return ran

    def note(self, text: str, what: object) -> None:
        self.printed.append(text)
        assert not search(text.encode()), f"a mark was printed by {what}"


@pytest.fixture(scope="module")
def scene(make: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Reports in, resolved, registrations fetched and imported."""
    folder = tmp_path_factory.mktemp("in")
    (folder / f"{STEM}.jsonl").write_text("\n".join(json.dumps(each) for each in recorded()), encoding="utf-8")
    (folder / "prefixes.tsv").write_text(
        "192.0.2.0/24\t64500\n198.51.100.0/24\t64501\n203.0.113.0/24\t64502\n2001:db8::/32\t64503\n", encoding="utf-8"
    )
    with Nameserver(zone()) as one, Nameserver(zone()) as two, RdapServer() as arin, RdapServer() as ripe:
        for cidr, reply in marked_replies(ripe.url).items():
            arin.serve(cidr, reply)
        ripe.serve(V6, ok(marked_answer(f"{V6}/128", V6)))
        urls = dict.fromkeys(("arin", "apnic", "lacnic", "afrinic"), arin.url) | {"ripencc": ripe.url}
        config = CONFIG.format(servers=json.dumps([one.address, two.address]))
        config += "".join(f'{name} = "{url}"\n' for name, url in urls.items())
        scene = Scene(make("live-marked", config), folder, (one, two), (arin, ripe))
        run, monitor = scene.run, scene.monitor
        assert run(monitor, "import", write_reports(folder)).status == 0
        assert (
            run(monitor, "refdata", "import", "--as-of", "2026-02-01", "--prefixes", folder / "prefixes.tsv").status
            == 0
        )
        assert run(monitor, "resolve").status == 0
        assert run(monitor, "rdap", "fetch").status == 0
        assert run(monitor, "rdap", "import", folder / f"{STEM}.jsonl").status == 3
        yield scene


@pytest.fixture
def another(scene: Scene, make: Callable[..., Any]) -> Any:
    """A copy of the marked store to break."""
    monitor = make("another")
    copied(scene.monitor.data, monitor.data)
    scene.places.append(monitor.data.parent)
    return monitor


def rows_of(data: Path, statement: str) -> set[Any]:
    return {row[0] for row in rows_in(data, statement)}


# --- what is found --------------------------------------------------------------------------------------------


def test_all_outcomes_are_there_and_no_byte_shows_them(scene: Scene) -> None:
    """Every kind of DNS status and of registry's answer was stored; nothing is found in any file or name."""
    data = scene.monitor.data
    assert rows_of(data, "SELECT DISTINCT status FROM resolutions") == set(DnsStatus) - {
        "bogon",
        "bad-name",
        "unreachable",
    }
    answers = rows_of(data, "SELECT DISTINCT status FROM registration_answers")
    assert answers == {"found", "not-found", "malformed", "rate-limited", "server-error"}
    names = rows_of(data, "SELECT name FROM organisation_names")
    assert any(name.startswith("Canal Hosting B.V.") for name in names)
    assert leaks(data.parent) == []


def test_the_store_holds_the_marks_when_unsealed(scene: Scene) -> None:
    """The other positive control: chains and documents, opened with the key, are where the search finds them."""
    with store_of(scene.monitor.data) as store, store.read() as connection:
        chain = table_of(ResolutionRow).c.cname_chain
        chains = [row[0] for row in connection.execute(chain.table.select().with_only_columns(chain)) if row[0]]
        assert all(search(store.sealer.unseal(each, contexts.CNAME_CHAIN)) for each in chains)
        assert len(chains) == 6  # of three hosts, at two resolvers
        document = table_of(RegistrationRow).c.document
        sealed = [row[0] for row in connection.execute(document.table.select().with_only_columns(document))]
        opened = [store.sealer.unseal(each, contexts.REGISTRATION) for each in sealed]
        assert any(search(zstandard.ZstdDecompressor().decompress(each)) for each in opened)


def test_what_the_rest_of_the_line_writes_and_prints_shows_nothing(scene: Scene, another: Any) -> None:
    """Attribution, freeze, ranking by each role, comparison, release, registry, proposals and explanations."""
    commands: list[tuple[object, ...]] = [("attribute",), ("attribute", "--all"), ("freeze", PERIOD)]
    commands += [("rank", PERIOD, "--role", role) for role in ("network", "customer", "as", "proxy")]
    commands += [("rank", PERIOD, "--compare", "role"), ("rank", PERIOD, "--compare", "refdata"), ("publish", PERIOD)]
    commands += [("providers", "list"), ("providers", "export", another.data / "registry.toml")]
    commands += [("explain", record) for record in ("D1", "R0", "R1", "R2", "R10", "L0")]
    commands += [("refdata", "list"), ("resolve",), ("rdap", "fetch", "--all")]
    plan = [another.command(*flag, *words)[1:] for words in commands for flag in (("-v",), ("--json",))]
    ran = another.call([sys.executable, "-c", COMMANDS, json.dumps(plan)], env=DIRECT)
    scene.note(ran.out + ran.err, "the rest of the line")
    ended = [json.loads(line) for line in ran.out.splitlines()]
    assert [(words[-2:], said[1]) for words, said in zip(plan, ended, strict=True) if said[0]] == []
    files = {path.name for path in another.data.rglob("*") if path.is_file()}
    assert {"episodes.parquet", "index.html", "ranking.csv", "registry.toml"} <= files
    assert leaks(another.data.parent) == []


COMMANDS = """
import contextlib, io, json, sys
from monitor import cli
for words in json.loads(sys.argv[1]):
    sys.argv, status = ["monitor", *words], 0
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            cli.main()
        except SystemExit as end:
            status = end.code or 0
    print(json.dumps([status, out.getvalue() + err.getvalue()]))
"""


# --- runs that fail -------------------------------------------------------------------------------------------


def test_servers_that_are_gone_leak_nothing(scene: Scene, another: Any) -> None:
    """Neither resolver nor registry answers: both runs end well, and say only counts."""
    path = another.data / "monitor.toml"
    text = path.read_text(encoding="utf-8")
    for n, running in enumerate(scene.resolvers, start=2):
        text = text.replace(running.address, f"127.0.0.{n}:9")  # never one address for two: that is refused
    for registry in scene.registries:
        text = text.replace(registry.url, "http://127.0.0.9:9/rdap")
    path.write_text(text, encoding="utf-8")
    resolved, fetched = scene.run(another, "resolve", "--all"), scene.run(another, "rdap", "fetch", "--all")
    assert (resolved.status, fetched.status) == (0, 0)
    assert "unreachable" in rows_of(another.data, "SELECT status FROM resolutions")
    assert "unreachable" in rows_of(another.data, "SELECT status FROM registration_answers")
    assert leaks(another.data.parent) == []


def test_a_locked_database_is_said_in_one_line(scene: Scene, engine: Engine, another: Any) -> None:
    """Another writer: status 1, before and after the network was asked."""
    with engine.held(another.data):
        for words in (
            ("resolve", "--all"),
            ("rdap", "fetch", "--all"),
            ("rdap", "import", scene.folder / f"{STEM}.jsonl"),
        ):
            plan = another.command("-v", *words)
            ran = another.call(plan, env={**DIRECT, "MONITOR_DATABASE__BUSY_SECONDS": "0.2"})
            scene.note(ran.out + ran.err, words)
            assert (ran.status, "Another process is writing" in ran.err.splitlines()[-1]) == (1, True)
    assert leaks(another.data.parent) == []


@pytest.mark.slow
@pytest.mark.parametrize("words", [("resolve", "--all"), ("rdap", "fetch", "--all")], ids=["resolve", "rdap"])
def test_a_killed_run_leaves_nothing_in_the_wal(
    scene: Scene, engine: Engine, another: Any, words: tuple[str, ...]
) -> None:
    """SIGKILL as soon as the first answers are in the WAL; database, -wal, -shm and what was printed are searched."""
    with another.store() as store, store.read() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM reports").all()  # keeps the WAL
        begun = len(engine.log(another.data))
        with (another.cwd / "printed").open("wb") as printed:
            process = another.start("-v", *words, err=printed)
        deadline = time.monotonic() + 60
        while process.poll() is None and len(engine.log(another.data)) < begun + 4_000 and time.monotonic() < deadline:
            time.sleep(0.002)
        process.kill()
        process.wait()
        assert len(engine.log(another.data)) >= begun + 4_000
        assert store.on_server or (another.data / "monitor.sqlite-shm").exists()
        assert leaks(another.data.parent) == []
    assert scene.run(another, *words).status == 0
    assert leaks(another.data.parent) == []


BROKEN = {
    "monitor.store.add_resolutions": ("resolve", "--all"),
    "monitor.resolution.resolve": ("resolve", "--all"),
    "monitor.resolution.question.Client.ask": ("resolve", "--all"),
    "monitor.store.add_answer": ("rdap", "fetch", "--all"),
    "monitor.attribution.rdap_fetch.parse_network": ("rdap", "fetch", "--all"),
    "monitor.attribution.rdap_fetch.get_json": ("rdap", "fetch", "--all"),
    "monitor.attribution.read_recorded": ("rdap", "import"),
    "monitor.store.add_answers": ("rdap", "import"),
    "monitor.attribution.register": ("freeze", PERIOD),
}
ERRORS = ("ValueError({0!r})", "OSError(5, 'Input/output error', {0!r})", "ExceptionGroup({0!r}, [ValueError({0!r})])")
THROWING = """
import importlib, json, sys
from monitor import cli
for place, words, errors in json.loads(sys.argv[1]):
    module, *names = place.split(".Client.") if ".Client." in place else place.rsplit(".", 1)
    owner = importlib.import_module(module)
    owner, name = (owner.Client, names[0]) if ".Client." in place else (owner, names[0])
    kept = getattr(owner, name)
    for error in errors:
        def broken(*args, **kwargs):
            raise eval(error)
        setattr(owner, name, broken)
        sys.argv = ["monitor", *words]
        try:
            cli.main()
        except SystemExit as end:
            print("STATUS", place, end.code, file=sys.stderr)
    setattr(owner, name, kept)
"""


def test_a_defect_shows_only_its_kind_and_place(scene: Scene, another: Any) -> None:
    """An exception whose message is a marked URL, thrown where the network is joined: status 1, nothing of it said."""
    plan = []
    for place, words in BROKEN.items():
        file = [str(scene.folder / f"{STEM}.jsonl")] if words[-1] == "import" else []
        errors = [error.format(f"http://{STEM}.example/{V4}") for error in ERRORS]
        plan.append((place, another.command("-v", *words, *file)[1:], errors))
    ran = another.call([sys.executable, "-c", THROWING, json.dumps(plan)], env=DIRECT)
    scene.note(ran.out + ran.err, "a defect")
    ended = [line.split() for line in ran.err.splitlines() if line.startswith("STATUS")]
    assert ended == [["STATUS", place, "1"] for place in BROKEN for _ in ERRORS]
    assert leaks(another.data.parent) == []


def test_nothing_is_found_in_what_all_runs_left(scene: Scene) -> None:
    """The folders of every broken copy, and every line that was printed."""
    assert [found for place in (*scene.places, scene.monitor.data.parent) for found in leaks(place)] == []
    assert len(scene.printed) > 5
    assert not search("".join(scene.printed).encode())

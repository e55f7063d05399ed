"""`monitor rdap fetch` and `rdap import` through the real command line, with real RDAP servers on loopback.

The servers run in the test process and count their questions; the program runs in a subprocess. Every registry that
ipwhois knows is configured to be one of them, so that no question can go anywhere else.
"""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from monitor.demo import rdap_answers as made
from monitor.demo import rdap_server as server
from monitor.demo.rdap_server import RdapServer, Reply, ok, recorded_answers, redirect
from tests.engines import elsewhere, rows_in

ANALOGUE = Path(__file__).parents[3] / "shared" / "analogue" / "rdap"
REGISTRIES = ("arin", "ripencc", "apnic", "lacnic", "afrinic")
LIVE = """[mandate]
organisation = "Example authority"
legal_basis = "an invented article"
contact = "desk of the authority"
[sources.hotline]
live = true
"""
PERSON = "Zq7xk9mw Voorbeeld"
DIRECT = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


def run(monitor: Any, *commands: Sequence[object]) -> list[Ended]:
    """Several commands in one process of the program, each with its own end."""
    return [Ended(each.status, each.out, each.err) for each in monitor.ended(*commands, env=DIRECT)]


def documents(monitor: Any, *commands: Sequence[object]) -> list[Any]:
    """The same with `--json`; each must end well."""
    ended = run(monitor, *(("--json", *words) for words in commands))
    assert [each.status for each in ended] == [0] * len(commands), [each.err for each in ended]
    return [counts(json.loads(each.out)) for each in ended]


def counts(said: Any) -> Any:
    """Of a command that asks, the promised counts alone: others may stand beside them."""
    return {name: said[name] for name in ("fetched", "failed", "left")} if "fetched" in said else said


def config(first: RdapServer, more: Mapping[str, RdapServer] | None = None, **settings: object) -> str:
    """The mandate, and `first` as arin and every other registry that is not among `more`."""
    urls = {name: (more or {}).get(name, first).url for name in REGISTRIES}
    settings = {"first": "arin", "per_minute": 6000, "timeout_seconds": 1, **settings}
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    servers = [f'{name} = "{url}"' for name, url in urls.items()]
    return "\n".join([LIVE, "[rdap]", *lines, "[rdap.servers]", *servers, ""])


def row(record: str, ip: str, *, source: str = "hotline", **values: object) -> dict[str, object]:
    url = f"http://{record}.site.example/a.jpg"
    said = {"record_id": record, "source": source, "url": url, "ip": ip, "reported_at": "2026-03-02T10:00:00Z"}
    return {**said, **values}


def query(data: Path, statement: str) -> list[tuple[Any, ...]]:
    return rows_in(data, statement)


def statuses(data: Path) -> dict[str, int]:
    return dict(query(data, "SELECT status, count(*) FROM registration_answers GROUP BY status"))


def asked(registry: RdapServer) -> dict[str, int]:
    """How often each address was asked about."""
    return {path.rpartition("/")[2]: n for path, n in registry.questions.items()}


@pytest.fixture
def registry() -> Iterator[RdapServer]:
    with RdapServer() as running:
        yield running


@pytest.fixture
def other() -> Iterator[RdapServer]:
    with RdapServer() as running:
        yield running


@pytest.fixture
def reports(csv_file: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of reports, one for each address."""

    def written(*addresses: str, name: str = "reports.csv", **values: object) -> Path:
        return csv_file(tmp_path / name, [row(f"{name[0]}{n}", ip, **values) for n, ip in enumerate(addresses)])

    return written


# --- refusals and whom it asks about --------------------------------------------------------------------------


def test_without_mandate_or_live_source_no_registry_is_asked(
    make: Callable[..., Any], reports: Callable[..., Path], tmp_path: Path, registry: RdapServer
) -> None:
    """Each refusal: status 1, one line that says what to do, nothing on standard output, no question, no row."""
    good = config(registry)
    refusals = {
        good.replace('legal_basis = "an invented article"\n', ""): "[mandate] legal_basis",
        good.partition("[sources")[2].join(("[sources", "")): "[mandate] organisation, legal_basis",
        good.replace("contact =", "expires = 2020-01-31\ncontact ="): "[mandate] expires",
        good.replace("live = true", "live = false"): "[sources.NAME] live = true",
        good.replace(registry.url, "file:///etc/zq7xk9mw"): "no http or https URL",
        good.replace('first = "arin"', 'first = "zq7xk9mw"'): "names no registry",
    }
    monitor, commands = make("refused"), []
    for number, text in enumerate(refusals):
        (tmp_path / f"{number}.toml").write_text(text, encoding="utf-8")
        commands.append(("--config", tmp_path / f"{number}.toml", "--json", "rdap", "fetch"))
    _, *ended = run(monitor, ("import", reports("192.0.2.7")), *commands)
    for said, expected in zip(ended, refusals.values(), strict=True):
        assert (said.status, said.out, said.err.count("\n")) == (1, "", 1), said
        assert said.err.startswith("monitor: ")
        assert expected in said.err
        assert "zq7xk9mw" not in said.err
    assert registry.n_questions == 0
    assert query(monitor.data, "SELECT count(*) FROM registration_answers") == [(0,)]


def test_one_question_for_a_range_and_none_about_recorded_sources(
    make: Callable[..., Any],
    csv_file: Callable[..., Path],
    reports: Callable[..., Path],
    tmp_path: Path,
    registry: RdapServer,
) -> None:
    """120 addresses in three ranges take three questions; of `--limit 1` one; later runs none; `--all` asks anew.

    An address in a check and the literal in a URL count too; addresses of the source that is not live never do.
    """
    ranges = ("192.0.2.0/25", "198.51.100.0/24", "2001:db8:5::/48")
    for cidr in ranges:
        registry.serve(cidr, ok(made.assigned_pa(cidr)))
    for cidr in ("203.0.113.0/24", "192.0.2.128/25"):
        registry.serve(cidr, ok(made.assigned_pa(cidr)))
    monitor = make("ranges", config(registry))
    mine = [f"{net}{n}" for n in range(1, 41) for net in ("192.0.2.", "198.51.100.", "2001:db8:5::")]
    literal = csv_file(tmp_path / "literal.csv", [row("lit", "", url="http://203.0.113.9/a.jpg")])
    check = {"record_id": "r0", "source": "hotline", "checked_at": "2026-03-03T10:00:00Z", "outcome": "online"}
    checks = csv_file(tmp_path / "checks.csv", [{**check, "ip": "198.51.100.200"}])
    said = documents(
        monitor,
        ("import", reports(*mine)),
        ("import", reports("192.0.2.130", "192.0.2.131", name="theirs.csv", source="archive")),
        ("import", checks),
        ("rdap", "fetch", "--limit", "1"),
        ("rdap", "fetch", "--limit", "1"),
        ("rdap", "fetch"),
        ("rdap", "fetch"),
        ("import", literal),
        ("rdap", "fetch"),
    )
    fetched = [said[n] for n in (3, 4, 5, 6, 8)]
    assert [(each["fetched"], each["failed"]) for each in fetched] == [(1, 0), (1, 0), (1, 0), (0, 0), (1, 0)]
    assert [each["left"] for each in fetched] == [81, 40, 0, 0, 0]
    assert Counter(asked(registry)) == dict.fromkeys(("192.0.2.1", "198.51.100.1", "2001:db8:5::1", "203.0.113.9"), 1)
    assert registry.agents == {next(iter(registry.agents))}
    assert "desk of the authority" in next(iter(registry.agents))
    assert documents(monitor, ("rdap", "fetch", "--all"))[0] == {"fetched": 4, "failed": 0, "left": 0}
    assert set(asked(registry).values()) == {2}


# --- misbehaving registries, and stopped runs -----------------------------------------------------------------


def test_every_misbehaviour_is_a_status_and_none_ends_the_run(
    make: Callable[..., Any], reports: Callable[..., Path], registry: RdapServer, other: RdapServer
) -> None:
    """404, redirects between registries and in a circle, 429, 403, 500, broken and foreign answers, and a hang."""
    to_other = redirect(f"{other.url}/ip/{{address}}")
    replies: dict[str, Reply | list[Reply]] = {
        "192.0.2.1": server.NOT_FOUND,
        "192.0.2.2": to_other,  # answered there
        "198.51.100.3": [server.rate_limited("1"), ok(made.assigned_pa("198.51.100.3/32"))],
        "198.51.100.4": server.FORBIDDEN,
        "198.51.100.5": [server.SERVER_ERROR, ok(made.assigned_pa("198.51.100.5/32"))],
        "198.51.100.6": server.truncated(made.assigned_pa("198.51.100.6/32")),
        "198.51.100.7": ok(made.assigned_pa("203.0.113.0/24")),  # about somebody else
        "198.51.100.8": ok(made.assigned_pa("198.51.100.8/32")),
        "198.51.100.9": server.HTML,
        "198.51.100.10": ok(made.assigned_pa("198.51.100.10/32")),
        "198.51.100.11": redirect(f"{registry.url}/ip/{{address}}"),  # to itself
        "198.51.100.12": ok(made.assigned_pa("198.51.100.12/32")),
        "198.51.100.13": server.HANG,
    }
    for address, reply in replies.items():
        registry.serve(address, reply)
    other.serve("192.0.2.2", ok(made.assigned_pa("192.0.2.2/32")))
    monitor = make("misbehaving", config(registry, {"ripencc": other}, longest_wait_seconds=2))
    _, said = documents(monitor, ("import", reports(*replies)), ("rdap", "fetch"))
    expected = {"found": 6, "not-found": 1, "refused": 1, "malformed": 3, "loop": 1, "timeout": 1}
    assert (said["fetched"], said["failed"], said["left"]) == (6, 7, 0)
    assert statuses(monitor.data) == expected
    servers = dict(query(monitor.data, "SELECT server, count(*) FROM registration_answers GROUP BY server"))
    assert servers == {"arin": 12, "ripencc": 1}
    assert asked(registry)["198.51.100.3"] == asked(registry)["198.51.100.5"] == 2
    before = registry.n_questions
    assert documents(monitor, ("rdap", "fetch"))[0]["failed"] == 0  # left alone for [rdap] retry_hours
    assert registry.n_questions == before


def test_under_a_mandate_for_loopback_no_registry_of_the_world_is_asked(
    make: Callable[..., Any], reports: Callable[..., Path]
) -> None:
    """With no registry in the configuration nothing is asked, and the addresses stay in `left`."""
    monitor = make("nobody", LIVE.replace("[sources", "loopback = true\n[sources"))
    _, said = documents(monitor, ("import", reports("192.0.2.1", "198.51.100.1")), ("rdap", "fetch"))
    assert said == {"fetched": 0, "failed": 0, "left": 2}


def test_a_registry_that_asks_for_a_long_pause_is_left_for_the_next_run(
    make: Callable[..., Any], reports: Callable[..., Path], registry: RdapServer, other: RdapServer
) -> None:
    """429 with an hour of Retry-After: one question, then no other to that registry; the rest waits in `left`."""
    to_other = redirect(f"{other.url}/ip/{{address}}")
    registry.serve("198.51.100.0/24", to_other)
    for n in range(1, 7):
        registry.serve(f"192.0.2.{n}", ok(made.assigned_pa(f"192.0.2.{n}/32")))
        other.serve(f"198.51.100.{n}", [server.rate_limited("3600"), ok(made.assigned_pa(f"198.51.100.{n}/32"))])
    addresses = [f"{net}.{n}" for n in range(1, 7) for net in ("192.0.2", "198.51.100")]
    monitor = make("pause", config(registry, {"ripencc": other}, retry_hours=0))
    _, first = documents(monitor, ("import", reports(*addresses)), ("rdap", "fetch"))
    assert other.n_questions == 1
    assert (first["fetched"], first["failed"], first["left"]) == (6, 1, 5)
    assert statuses(monitor.data) == {"found": 6, "rate-limited": 1}
    for n in range(1, 7):
        other.serve(f"198.51.100.{n}", ok(made.assigned_pa(f"198.51.100.{n}/32")))
    (second,) = documents(monitor, ("rdap", "fetch"))
    assert second == {"fetched": 6, "failed": 0, "left": 0}
    assert other.n_questions == 7


def test_an_address_that_no_registry_can_know_is_neither_asked_about_nor_left(
    make: Callable[..., Any], reports: Callable[..., Path], registry: RdapServer
) -> None:
    """Private, loopback, multicast and link-local addresses: no question, and nothing to come back for."""
    monitor = make("private", config(registry))
    addresses = ("10.1.2.3", "192.168.7.7", "127.0.0.1", "169.254.1.1", "224.0.0.9", "fd00::7", "fe80::7", "192.0.2.7")
    registry.serve("192.0.2.7", ok(made.assigned_pa("192.0.2.0/24")))
    _, said = run(monitor, ("import", reports(*addresses)), ("--json", "rdap", "fetch"))
    assert counts(json.loads(said.out)) == {"fetched": 1, "failed": 0, "left": 0}
    assert asked(registry) == {"192.0.2.7": 1}


def test_ctrl_c_keeps_what_was_answered(
    make: Callable[..., Any], reports: Callable[..., Path], registry: RdapServer
) -> None:
    """SIGINT in the middle: status 130, and the next run asks for the rest only."""
    addresses = [f"192.0.2.{number}" for number in range(30)]
    for address in addresses:
        registry.serve(address, server.slow(made.assigned_pa(f"{address}/32"), 0.05))
    monitor = make("stopped", config(registry))
    monitor = replace(monitor, env={**monitor.env, **DIRECT})
    documents(monitor, ("import", reports(*addresses)))
    with (monitor.cwd / "printed").open("wb") as err:
        process = monitor.start("rdap", "fetch", err=err)
        while process.poll() is None and registry.n_questions < 10:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    assert "what was stored stays" in (monitor.cwd / "printed").read_text()
    kept = statuses(monitor.data)["found"]
    assert 8 <= kept < 30
    (said,) = documents(monitor, ("rdap", "fetch"))
    assert said == {"fetched": 30 - kept, "failed": 0, "left": 0}


@pytest.mark.slow
def test_a_killed_run_goes_on_and_asks_nothing_twice_that_was_answered(
    make: Callable[..., Any], reports: Callable[..., Path], registry: RdapServer
) -> None:
    """SIGKILL twice in the middle of 150 questions: every answer given before it is kept, then the rest is asked."""
    n = 150
    addresses = [f"192.0.2.{number}" for number in range(n)]
    for address in addresses:
        registry.serve(address, server.slow(made.assigned_pa(f"{address}/32"), 0.02))
    monitor = make("killed", config(registry))
    monitor = replace(monitor, env={**monitor.env, **DIRECT})
    documents(monitor, ("import", reports(*addresses)))
    kept = [0]
    for until in (20, 70):
        assert monitor.kill(("rdap", "fetch"), 0.0, lambda until=until: registry.n_questions >= until)
        kept.append(statuses(monitor.data)["found"])
        # The one question on its way was asked and not kept.
        assert until - len(kept) <= kept[-1] < n
        assert sum(count - 1 for count in registry.questions.values()) < len(kept)
    assert kept == sorted(set(kept))
    (said,) = documents(monitor, ("rdap", "fetch"))
    assert said == {"fetched": n - kept[-1], "failed": 0, "left": 0}
    assert set(asked(registry)) == set(addresses)
    assert registry.n_questions <= n + 2
    assert statuses(monitor.data) == {"found": n}
    assert query(monitor.data, "SELECT count(DISTINCT address_id) FROM registration_answers") == [(n,)]


# --- answers from files ---------------------------------------------------------------------------------------


def test_an_imported_file_counts_once_and_its_broken_rows_are_named(make: Callable[..., Any], tmp_path: Path) -> None:
    """Status 3 and a rejects file with row and reason; the second import changes nothing, no text of a row stays.

    A file that holds no answer at all, or is not there, is status 1 and holds up no other file.
    """
    good = [made.assigned_pa("192.0.2.0/25"), made.allocated_pa("198.51.100.0/24")]
    lines = [
        json.dumps({"asked_at": "2026-03-01T12:00:00+01:00", "server": "ripencc", "answer": good[0]}),
        json.dumps(good[1]),
        json.dumps(good[1]),
        '{"zq7xk9mw": ',
        json.dumps({"errorCode": 404, "title": "zq7xk9mw"}),
        json.dumps({"answer": good[0], "asked_at": "zq7xk9mw"}),
        json.dumps({"answer": good[0], "server": "zq7xk9mw zq7xk9mw"}),
        json.dumps({"answer": good[0], "zq7xk9mw": 1}),
        json.dumps(["zq7xk9mw"]),
    ]
    path = tmp_path / "zq7xk9mw.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "empty.json").write_text('{"zq7xk9mw": 1}', encoding="utf-8")
    monitor = make("recorded")
    (tmp_path / "names.csv").write_text("64500,Alpha\n", encoding="utf-8")
    _, *ended, empty, missing, several = run(
        monitor,
        ("refdata", "import", "--as-of", "2025-01-01", "--as-names", tmp_path / "names.csv"),
        ("--json", "rdap", "import", path),
        ("--json", "rdap", "import", path),
        ("--json", "rdap", "import", tmp_path / "empty.json"),
        ("--json", "rdap", "import", tmp_path / "zq7xk9mw-not-there.json"),
        ("--json", "rdap", "import", tmp_path / "empty.json", path, tmp_path / "zq7xk9mw-not-there.json"),
    )
    first, second = (json.loads(each.out) for each in ended)
    assert [each.status for each in ended] == [3, 3]
    kinds = ("read", "accepted", "duplicate", "rejected")
    assert [first[name] for name in kinds] == [9, 2, 1, 6]
    assert [second[name] for name in kinds] == [9, 0, 3, 6]
    assert statuses(monitor.data) == {"found": 2}
    (rejects,) = first["rejects_files"]
    text = Path(rejects).read_text(encoding="utf-8")
    named = [(line.split(",")[1], line.split(",")[3]) for line in text.splitlines()[1:]]
    assert named == [
        ("4", "bad-json"),
        ("5", "no-answer"),
        ("6", "bad-time"),
        ("7", "bad-server"),
        ("8", "unknown-field"),
        ("9", "no-answer"),
    ]
    for said in (empty, missing):
        assert (said.status, json.loads(said.out)["read"], said.err.count("\n")) == (1, 0, 1)
    assert [json.loads(several.out)[name] for name in kinds] == [9, 0, 3, 6]
    assert [line.split(":")[1] for line in several.err.splitlines()] == [" file 1", " file 3"]
    assert several.status == 1
    everything = "".join([text, *(each.out + each.err for each in (*ended, empty, missing, several))])
    assert "zq7xk9mw" not in everything


# --- to whom it leads -----------------------------------------------------------------------------------------

PREFIXES = "192.0.2.0/24\t64500\n198.51.100.0/24\t64501\n203.0.113.0/24\t64502\n"
AS_NAMES = "asn,name\n64500,Alpha Transit\n64501,Beta Transit\n64502,Gamma Transit\n"


@pytest.fixture(scope="module")
def booked(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, dict[str, Any]]:
    """Tulip (a customer within Windmill's allocation), Windmill, a natural person, an undated range, and nobody."""
    folder = tmp_path_factory.mktemp("booked")
    (folder / "prefixes.tsv").write_text(PREFIXES, encoding="utf-8")
    (folder / "names.csv").write_text(AS_NAMES, encoding="utf-8")
    addresses = {
        "tulip": "192.0.2.1",
        "windmill": "192.0.2.200",
        "person": "198.51.100.1",
        "undated": "203.0.113.1",
        "nobody": "203.0.113.200",
    }
    person = made.natural_person("198.51.100.0/24", name=PERSON, handle="ZQ7XK9MW-RIPE") | {"type": "ASSIGNED PI"}
    notice = {"notified_at": "2026-03-02T12:00:00Z"}
    reports = csv_file(folder / "reports.csv", [row(name, ip, **notice) for name, ip in addresses.items()])
    checks = [
        {
            "record_id": name,
            "source": "hotline",
            "checked_at": f"2026-03-0{day}T13:00:00Z",
            "outcome": outcome,
            "ip": ip,
        }
        for name, ip in addresses.items()
        for day, outcome in ((2, "online"), (4, "offline"))
    ]
    with RdapServer() as first, RdapServer() as ripe:
        first.serve("0.0.0.0/0", redirect(f"{ripe.url}/ip/{{address}}"))
        first.serve("203.0.113.200", server.NOT_FOUND)
        ripe.serve("192.0.2.0/24", ok(made.allocated_pa("192.0.2.0/24")))
        ripe.serve("192.0.2.0/26", ok(made.assigned_pa("192.0.2.0/26")))
        ripe.serve("198.51.100.0/24", ok(person))
        ripe.serve("203.0.113.0/25", ok(made.undated("203.0.113.0/25")))
        settings = config(first, {"ripencc": ripe}) + "[publication]\nname_in_interim = true\n[minimums]\nnamed = 1\n"
        monitor = make("booked", settings)
        names = ("--prefixes", folder / "prefixes.tsv", "--as-names", folder / "names.csv")
        said = documents(
            monitor,
            ("import", reports),
            ("import", csv_file(folder / "checks.csv", checks)),
            ("refdata", "import", "--as-of", "2026-02-01", *names),
            ("rdap", "fetch"),
            ("attribute",),
            ("freeze", "2026H1", "--cutoff", datetime.now(UTC) + timedelta(days=1)),  # after the asking
            *(("rank", "2026H1", "--role", role) for role in ("network", "customer", "as")),
            ("publish", "2026H1"),
            ("providers", "list"),
        )
    keys = ("reports", "checks", "refdata", "fetch", "attribute", "freeze", "network", "customer", "as", "publish")
    return monitor, dict(zip((*keys, "providers"), said, strict=True))


def test_each_role_is_booked_on_its_own_party(booked: tuple[Any, dict[str, Any]]) -> None:
    """The registered organisation, the customer of a sub-allocation, the AS; for one not known the next stands in."""
    _, said = booked
    assert (said["fetch"]["fetched"], said["fetch"]["failed"]) == (4, 1)

    def ranked(role: str) -> dict[str, tuple[str, int]]:
        return {card["provider_id"]: (card["provider"], card["n_episodes"]) for card in said[role]["scorecards"]}

    windmill, tulip = "org-ripencc-org-wh1-ripe", "org-ripencc-org-tc1-ripe"
    undated = "org-ripencc-org-ud1-ripe"
    others = {"as64501": ("Beta Transit", 1), undated: ("Undated Hosting B.V.", 1), "as64502": ("Gamma Transit", 1)}
    assert ranked("network") == {windmill: ("Windmill Hosting B.V.", 2), **others}
    assert ranked("customer") == {
        windmill: ("Windmill Hosting B.V.", 1),
        tulip: ("Tulip Customer B.V.", 1),
        **others,
    }
    assert ranked("as") == {
        "as64500": ("Alpha Transit", 2),
        "as64501": ("Beta Transit", 1),
        "as64502": ("Gamma Transit", 2),
    }


def test_the_doubts_say_what_stood_in(booked: tuple[Any, dict[str, Any]]) -> None:
    """Person, undated, as-stands-in and no-customer, each where it belongs, and only there."""
    _, said = booked
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT record_id, role, attribution_doubts FROM read_parquet(?) WHERE role NOT IN ('proxy', 'site')",
            [str(Path(said["freeze"]["path"]) / "episodes.parquet")],
        ).fetchall()
    found = {(record, role): set((doubts or "").split(";")) - {"", "stated-address"} for record, role, doubts in rows}
    network = {"tulip": set(), "windmill": set(), "person": {"person", "as-stands-in"}, "undated": {"undated"}}
    network["nobody"] = {"as-stands-in"}
    assert {record: doubts for (record, role), doubts in found.items() if role == "network"} == network
    customer = {record: doubts | {"no-customer"} for record, doubts in network.items()} | {"tulip": set()}
    assert {record: doubts for (record, role), doubts in found.items() if role == "customer"} == customer
    assert all(not doubts for (_, role), doubts in found.items() if role == "as")


def test_a_natural_person_is_named_nowhere(booked: tuple[Any, dict[str, Any]]) -> None:
    """Neither name nor handle in any byte of the database, the frozen data, the release, or what was printed."""
    monitor, said = booked
    marks = [part for text in ("zq7xk9mw", "voorbeeld") for part in (text.encode(), text.encode("utf-16-le"))]
    files = [path for path in monitor.data.parent.rglob("*") if path.is_file()]
    assert {"monitor.key", "episodes.parquet", "index.html"} <= {path.name for path in files}
    assert not [path for path in files if any(mark in path.read_bytes().lower() for mark in marks)]
    assert not [name for name, held in elsewhere(monitor.data).items() if any(mark in held.lower() for mark in marks)]
    printed = json.dumps(said).lower()
    assert "zq7xk9mw" not in printed
    assert "voorbeeld" not in printed
    (listed,) = query(
        monitor.data,
        "SELECT handle, name, natural_person FROM organisations LEFT JOIN organisation_names USING (provider_id) "
        "WHERE natural_person",
    )
    assert listed == (None, None, 1)


# --- the real answers -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def analogue() -> Path:
    if not ANALOGUE.is_dir():
        assert os.environ.get("CI") != "true", "../shared/analogue is missing"
        pytest.skip("../shared/analogue, the public stand-in for the input, is missing")
    return ANALOGUE


@pytest.mark.analogue
def test_ten_real_answers_by_asking_and_from_files_lead_to_the_same_organisations(
    analogue: Path, make: Callable[..., Any], reports: Callable[..., Path]
) -> None:
    """Ten questions, ten answers; from files they count once, and a second import changes nothing."""
    addresses = [str(address) for address in recorded_answers(analogue)]
    files = sorted(path for path in analogue.glob("*.json") if not path.name.endswith(".asn_data.json"))
    names = (
        "SELECT handle, name, natural_person FROM organisations LEFT JOIN organisation_names USING (provider_id) "
        "ORDER BY handle, name"
    )
    with RdapServer(analogue) as registry:
        fetching = make("real", config(registry))
        _, said, again = documents(fetching, ("import", reports(*addresses)), ("rdap", "fetch"), ("rdap", "fetch"))
        assert Counter(asked(registry)) == dict.fromkeys(addresses, 1)
    assert said == {"fetched": 10, "failed": 0, "left": 0}
    assert again == {"fetched": 0, "failed": 0, "left": 0}
    importing = make("real-files")
    _, first, second = documents(
        importing, ("import", reports(*addresses)), ("rdap", "import", *files), ("rdap", "import", *files)
    )
    kinds = ("read", "accepted", "duplicate", "rejected")
    assert [first[name] for name in kinds] == [10, 10, 0, 0]
    assert [second[name] for name in kinds] == [10, 0, 10, 0]
    fetched, imported = (
        [(handle, (name or "").partition("\t")[0], person) for handle, name, person in query(each.data, names)]
        for each in (fetching, importing)  # behind the name stands from when it is known
    )
    assert fetched == imported
    assert len(fetched) >= 5


@pytest.mark.analogue
def test_real_answers_imported_before_asking_save_the_questions(
    analogue: Path, make: Callable[..., Any], reports: Callable[..., Path], tmp_path: Path
) -> None:
    """What a file of yesterday covers is not asked again, unless nobody knows which part of a range it was about."""
    answers = recorded_answers(analogue)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    lines = [json.dumps({"asked_at": yesterday, "answer": answer}) for answer in answers.values()]
    (tmp_path / "answers.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with RdapServer(analogue) as registry:
        monitor = make("real-both", config(registry))
        *_, said = documents(
            monitor,
            ("import", reports(*map(str, answers))),
            ("rdap", "import", tmp_path / "answers.jsonl"),
            ("rdap", "fetch"),
        )
        uncovered = query(monitor.data, "SELECT count(*) FROM registration_answers WHERE recorded AND covers IS NULL")
        assert registry.n_questions == said["fetched"] == uncovered[0][0]
    assert (said["failed"], said["left"]) == (0, 0)

"""What the live commands, `rdap import`, `--help` and a mistaken configuration say: in words, and as fields.

Servers on loopback run in the test process; the program runs in a subprocess.
"""

import ipaddress
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from monitor.attribution import read_recorded
from monitor.attribution.rdap_registries import Registries
from monitor.cli import app
from monitor.config import Rdap, load_settings
from monitor.demo import rdap_answers as made
from monitor.demo import rdap_server as server
from monitor.demo.nameserver import Fault, Nameserver, Records
from monitor.demo.rdap_server import RdapServer, ok, rate_limited, redirect
from monitor.errors import ConfigError
from monitor.model.report import Address
from tests.engines import rows_in

LIVE = """[mandate]
organisation = "Example authority"
legal_basis = "an invented article"
[sources.hotline]
live = true
"""
DIRECT = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
WIDE, ASKED = "2001:db8::/32", "2001:db8:7::77"
UNREADABLE = "The file cannot be read (No such file or directory)"


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def run(monitor: Any, *commands: Sequence[object]) -> list[Ended]:
    """Several commands in one process of the program, each with its own end."""
    return [Ended(each.status, each.out, each.err) for each in monitor.ended(*commands, env=DIRECT)]


def registries(first: RdapServer, **more: RdapServer) -> str:
    names = ("arin", "ripencc", "apnic", "lacnic", "afrinic")
    servers = "".join(f'{name} = "{more.get(name, first).url}"\n' for name in names)
    return f"[rdap]\nper_minute = 6000\ntimeout_seconds = 1\n[rdap.servers]\n{servers}"


def row(record: str, **values: object) -> dict[str, object]:
    return {"record_id": record, "source": "hotline", "url": f"http://{record}.site.example/a.jpg",
            "reported_at": "2026-03-02T10:00:00Z", **values}  # fmt: skip


def query(data: Path, statement: str) -> list[tuple[Any, ...]]:
    return rows_in(data, statement)


@pytest.fixture
def registry() -> Iterator[RdapServer]:
    with RdapServer() as running:
        yield running


@pytest.fixture
def reports(csv_file: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of reports, one for each address."""

    def written(*addresses: str) -> Path:
        rows = [row(f"r{n}", ip=address) for n, address in enumerate(addresses)]
        return csv_file(tmp_path / "reports.csv", rows)

    return written


# --- answers from files ---------------------------------------------------------------------------------------


def test_answers_that_speak_for_no_address_are_counted_and_said(make: Callable[..., Any], tmp_path: Path) -> None:
    """A wide allocation whose queried address nobody names; with it named, the same file counts, once."""
    silent, told = tmp_path / "silent.json", tmp_path / "told.jsonl"
    silent.write_text(json.dumps([made.allocated_pa(WIDE), made.assigned_pa("192.0.2.0/25")]), encoding="utf-8")
    lines = [{"answer": made.allocated_pa(WIDE), "address": each} for each in (ASKED, "2001:db8:9::1")]
    told.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    (tmp_path / "names.csv").write_text("64500,Alpha\n", encoding="utf-8")
    monitor = make("silent")
    said = run(
        monitor,
        ("refdata", "import", "--as-of", "2025-01-01", "--as-names", tmp_path / "names.csv"),
        ("rdap", "import", silent),
        ("--json", "rdap", "import", silent),
        ("--json", "rdap", "import", told),
        ("rdap", "import", told),
    )
    assert [each.status for each in said] == [0] * 5
    assert said[1].out == (
        "read 2: accepted 2, duplicate 0, rejected 0\n"
        "1 of them speak for no address: of a wide allocation only the part around the address that was asked about "
        "counts, and the file does not name it\n"
    )
    assert said[2].document == {
        "read": 2, "accepted": 0, "duplicate": 2, "rejected": 0, "silent": 1, "rejects_files": [],
    }  # fmt: skip
    counts = ("read", "accepted", "duplicate", "silent")
    assert [said[3].document[name] for name in counts] == [2, 2, 0, 0]
    assert said[4].out == "read 2: accepted 0, duplicate 2, rejected 0\n"
    assert query(monitor.data, "SELECT count(*) FROM registration_answers WHERE covers IS NULL") == [(1,)]
    assert query(monitor.data, "SELECT count(*) FROM registrations") == [(2,)]


def test_the_wrappers_address_says_what_an_answer_covers_and_is_dropped(tmp_path: Path) -> None:
    """The /48 around it, also where it is the first address of the range; what is no address in the range is rejected.

    A link to the first address of the range is not taken for the queried one.
    """
    first = str(ipaddress.ip_network(WIDE)[0])
    wide = made.allocated_pa(WIDE) | {"links": [{"href": f"https://rdap.example/ip/{first}", "rel": "self"}]}
    rows = [wide, *({"answer": wide, "address": address} for address in (ASKED, first))]
    bad = ({"answer": wide, "address": value} for value in ("192.0.2.1", "2001:db9::1", "zq7xk9mw", 7, "", [ASKED]))
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([*rows, *bad]), encoding="utf-8")
    read = read_recorded(path)

    def around(address: str) -> tuple[Address, Address]:
        block = ipaddress.ip_network(f"{address}/48", strict=False)
        return Address(block[0].packed), Address(block[-1].packed)

    assert [each.covers for each in read.answers] == [None, around(ASKED), around(first)]
    assert [(each.row, each.code, each.field) for each in read.rejects] == [
        (n, "bad-address", "address") for n in range(4, 10)
    ]
    assert "zq7xk9mw" not in repr(read.rejects)
    assert "7::77" not in json.dumps([each.document for each in read.answers])


def test_a_file_that_cannot_be_read_holds_up_no_other(make: Callable[..., Any], tmp_path: Path) -> None:
    """Each is said by its place, the counts of the others are printed, and the status is 1."""
    good = tmp_path / "good.json"
    good.write_text(json.dumps(made.assigned_pa("192.0.2.0/25")), encoding="utf-8")
    (tmp_path / "names.csv").write_text("64500,Alpha\n", encoding="utf-8")
    missing, folder = tmp_path / "zq7xk9mw.json", tmp_path / "zq7xk9mw"
    folder.mkdir()
    _, *said = run(
        make("several"),
        ("refdata", "import", "--as-of", "2025-01-01", "--as-names", tmp_path / "names.csv"),
        ("--json", "rdap", "import", missing, good, folder),
        ("rdap", "import", missing),
    )
    assert (said[0].status, said[0].document["accepted"]) == (1, 1)
    assert said[0].err.splitlines() == [
        f"monitor: file 1: {UNREADABLE}", "monitor: file 3: The file cannot be read (a folder or a device, not a file)",
    ]  # fmt: skip
    assert (said[1].status, said[1].err) == (1, f"monitor: {UNREADABLE}\n")


# --- what the live commands say of their run ------------------------------------------------------------------


def test_a_fetch_says_why_questions_failed_whom_it_left_and_what_waits(
    make: Callable[..., Any], reports: Callable[..., Path], registry: RdapServer
) -> None:
    """Five malformed answers in a row: the registry is left; the next run passes over what failed within the day."""
    addresses = [f"192.0.2.{n}" for n in range(1, 10)]
    for n, address in enumerate(addresses):
        registry.serve(address, ok(made.assigned_pa(f"{address}/32")) if n < 2 else server.HTML)
    _, first, second, third, fourth = run(
        make("reasons", LIVE + registries(registry)),
        ("import", reports(*addresses)),
        ("rdap", "fetch"),
        ("--json", "rdap", "fetch"),
        ("rdap", "fetch"),
        ("--json", "rdap", "fetch", "--all", "--limit", "3"),
    )
    assert first.out == (
        "answered 2, not answered 5 (malformed 5); registries left for this run: arin; left for a later run 2\n"
    )
    assert second.document == {
        "fetched": 0, "failed": 2, "left": 0, "reasons": {"malformed": 2}, "servers_left": [], "waiting": 5,
    }  # fmt: skip
    assert third.out == "answered 0, not answered 0; 7 addresses not asked again before 24 h; left for a later run 0\n"
    assert fourth.document == {
        "fetched": 2, "failed": 1, "left": 6, "reasons": {"malformed": 1}, "servers_left": [], "waiting": 0,
    }  # fmt: skip


def test_not_found_is_a_reason_and_nothing_that_waits(
    make: Callable[..., Any], reports: Callable[..., Path], registry: RdapServer
) -> None:
    """The registry said so: it is left alone for [rdap] fresh_days, not for the hours of a failure."""
    registry.serve("192.0.2.1", server.NOT_FOUND)
    _, first, second = run(
        make("absent", LIVE + registries(registry)),
        ("import", reports("192.0.2.1")),
        ("--json", "rdap", "fetch"),
        ("--json", "rdap", "fetch"),
    )
    nothing = {"fetched": 0, "failed": 0, "left": 0, "reasons": {}, "servers_left": [], "waiting": 0}
    assert first.document == {**nothing, "failed": 1, "reasons": {"not-found": 1}}
    assert second.document == nothing


def test_a_registry_to_which_a_redirect_led_is_left_without_its_name(
    make: Callable[..., Any], reports: Callable[..., Path], registry: RdapServer
) -> None:
    """Its host name can be anything, so `elsewhere` stands for it."""
    with RdapServer() as other:
        registry.serve("192.0.2.0/24", redirect(other.url.replace("127.0.0.1", "localhost") + "/ip/{address}"))
        other.serve("192.0.2.0/24", rate_limited("3600"))
        _, said = run(
            make("left", LIVE + registries(registry)), ("import", reports("192.0.2.1")), ("--json", "rdap", "fetch")
        )
    assert said.document["servers_left"] == ["elsewhere"]
    known = Registries(Rdap())
    assert (known.shown("arin"), known.shown("192-0-2-1.site.example")) == ("arin", "elsewhere")
    assert said.document["reasons"] == {"rate-limited": 1}


def test_resolving_counts_hosts_by_status(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """In words and as fields; where resolvers differ and none has an address, both words stand."""
    zone = {"a.site.example": Records(a=("192.0.2.10",)), "b.site.example": Records(fault=Fault.SERVFAIL)}
    rows = [row(name) for name in "abc"]
    with Nameserver(zone) as one, Nameserver({**zone, "b.site.example": Records(fault=Fault.REFUSED)}) as other:
        settings = f"[resolvers]\nservers = {json.dumps([one.address, other.address])}\ntimeout_seconds = 1\n"
        _, words, fields = run(
            make("statuses", LIVE + settings),
            ("import", csv_file(tmp_path / "reports.csv", rows)),
            ("resolve",),
            ("--json", "resolve"),
        )
    assert words.out == "hosts with an address 1, without 2 (nxdomain 1, servfail + refused 1)\n"
    statuses = {"answered": 1, "nxdomain": 1, "servfail + refused": 1}
    assert fields.document == {"resolved": 1, "failed": 2, "statuses": statuses}


def test_a_live_source_without_any_report_is_said(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, registry: RdapServer
) -> None:
    """Likely misspelt: one line for each, with the sources that have reports; none with -q, none where all is well."""
    rows = [row("r1", source="live1"), row("r2", source="big"), row("r3", source="rec")]
    config = LIVE + registries(registry) + '[resolvers]\nservers = ["127.0.0.2:9", "127.0.0.3:9"]\n'
    wrong = config.replace("[sources.hotline]", "[sources.live1]\nlive = true\n[sources.liv1]")
    monitor = make("misspelt", wrong)
    (tmp_path / "right.toml").write_text(config.replace("sources.hotline", "sources.live1"), encoding="utf-8")
    (tmp_path / "names.csv").write_text("64500,Alpha\n", encoding="utf-8")
    _, empty, _, *said = run(
        monitor,
        ("refdata", "import", "--as-of", "2025-01-01", "--as-names", tmp_path / "names.csv"),
        ("rdap", "fetch"),
        ("import", csv_file(tmp_path / "reports.csv", rows)),
        ("--json", "rdap", "fetch"),
        ("resolve",),
        ("-q", "rdap", "fetch"),
        ("--config", tmp_path / "right.toml", "rdap", "fetch"),
    )
    line = "monitor: no report is of source 'liv1'; there are reports of: big, live1, rec\n"
    assert [(each.status, each.err) for each in said] == [(0, line), (0, line), (0, ""), (0, "")]
    assert "no report is of source 'live1'; there are no reports at all yet" in empty.err


# --- help, configuration, usage, age --------------------------------------------------------------------------


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command, groups too, with the words that call it."""
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from leaves(inner, (*words, name))


COMMAND_TREE = list(leaves(typer.main.get_command(app)))


@pytest.mark.parametrize(("words", "command"), COMMAND_TREE, ids=[" ".join(words) for words, _ in COMMAND_TREE])
def test_every_word_of_a_commands_help_is_shown(words: tuple[str, ...], command: Any) -> None:
    """The first line of its docstring and every option's sentence: brackets are no markup."""
    ran = CliRunner().invoke(app, [*words, "--help"])
    assert ran.exit_code == 0
    shown = "".join(ran.output.split())
    first = (command.help or "").partition("\n")[0]
    assert first, "a command without a sentence"
    sentences = [first, *(getattr(each, "help", None) or "" for each in command.params)]
    assert [each for each in sentences if "".join(each.split()) not in shown] == []


MISTAKES = {
    "[resolvers]\nservers = '192.0.2.53'": '[resolvers] servers is wrong: a list is needed, such as ["..."]',
    "[refdata]\nprefixes = 'zq7xk9mw'": '[refdata] prefixes is wrong: a list is needed, such as ["..."]',
    "[refdata]\nfronting = ['a', 5]": "[refdata] fronting, number 2, is wrong: a text is needed",
    "[rdap]\nservers = 'zq7xk9mw'": "[rdap] servers is wrong: a section [rdap.servers] is needed",
    "sources = 'zq7xk9mw'": "[sources] is wrong: a section [sources] is needed",
    "mandate = 'zq7xk9mw'": "[mandate] is wrong: a section [mandate] is needed",
    "[sources]\nhotline = true": "[sources] hotline is wrong: a section [sources.hotline] is needed",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_value_of_the_wrong_kind_is_told_in_words_of_the_file(text: str, tmp_path: Path) -> None:
    """What is needed and where, not how a library calls it; never the value."""
    (tmp_path / "monitor.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_settings(tmp_path, None)
    assert MISTAKES[text] in str(raised.value)
    assert "zq7xk9mw" not in str(raised.value)


def test_updating_without_configured_tables_is_a_matter_of_the_configuration(make: Callable[..., Any]) -> None:
    """Status 1, and one line that names the settings; no store is made for it."""
    (said,) = run(make("nothing"), ("--json", "refdata", "update"))
    assert (said.status, said.out, said.err.count("\n")) == (1, "", 1)
    assert "Set [refdata] prefixes, as_names or fronting" in said.err


def test_a_role_beside_compare_is_wrong_usage(line: Any) -> None:
    """It would be passed over in silence; without it the comparison is made."""
    both, other, network, alone = run(
        line.monitor,
        ("rank", "2026H1", "--compare", "role", "--role", "as"),
        ("rank", "2026H1", "--compare", "refdata", "--role", "proxy"),
        ("rank", "2026H1", "--compare", "role", "--role", "network"),
        ("--json", "rank", "2026H1", "--compare", "role"),
    )
    assert [each.status for each in (both, other, network, alone)] == [2, 2, 2, 0]
    assert "--compare role compares the roles itself" in both.err
    assert "--compare role compares the roles itself" in network.err
    assert "--compare refdata reads the role network alone" in other.err


def test_the_ranking_says_that_its_proxied_are_notified_ones(line: Any) -> None:
    """`attribute` counts addresses behind a proxy, the ranking what was notified there: two words for two counts."""
    (said,) = run(line.monitor, ("rank", "2026H1"))
    assert ", notified behind a reverse proxy " in said.out


def test_an_old_routing_table_is_said_on_attribute_and_freeze(copy: Any) -> None:
    """One line each, not with -q; a freeze is told of the table's age at its cut-off."""
    (copy.data / "monitor.toml").write_text("[refdata]\noldest_days = 30\n", encoding="utf-8")
    attributed, frozen, quiet, quiet_freeze = run(
        copy, ("--json", "attribute"), ("freeze", "2026H1"), ("-q", "attribute"), ("-q", "freeze", "2026H1")
    )
    assert [each.status for each in (attributed, frozen, quiet, quiet_freeze)] == [0] * 4
    assert attributed.err.count("the routing table in force is of 2025-06-01") == 1
    assert attributed.err.count("\n") == 1
    assert "attributed" in attributed.document
    at_cutoff = "monitor: at the cut-off the routing table in force is of 2025-06-01, 426 days old (more than 30)"
    assert frozen.err.count("the routing table in force") == frozen.err.count(at_cutoff) == 1
    assert (quiet.err, quiet_freeze.err) == ("", "")

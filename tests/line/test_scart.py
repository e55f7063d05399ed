"""The program on SCART's files: dry run, import, again, killed, and the whole line from a dump to a frozen dataset."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.engines import Engine, elsewhere
from tests.intake.scart_files import REPORT_COLUMNS, TABLES, World, small_world
from tests.line.conftest import AS_NAMES, PREFIXES

ZONE = ("--timezone", "Europe/Amsterdam")
STEM = "zq4vn8tk"
N_MANY = 12_000
COUNTS = ("read", "accepted", "waiting", "duplicate", "rejected", "joined")


def counts(said: Any) -> tuple[int, ...]:
    return tuple(said[name] for name in COUNTS)


def rejected(said: Any) -> list[tuple[str, str, str]]:
    with Path(said["rejects_file"]).open(newline="", encoding="utf-8") as lines:
        return [(line["row"], line["field"], line["code"]) for line in csv.DictReader(lines)]


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    return small_world().tables(tmp_path)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Two whole batches of reports and a part of a third, with their messages and history."""
    world = World()
    world.contact(1, "Host Alpha B.V.")
    for n in range(1, N_MANY + 1):
        world.add(n, status_code="close_offline")
        world.log(n, "2026-02-03 15:00:00", "STATUS", "scheduler_checkonline", "close_offline")
    world.tell(1, ())
    world.ntd_urls = [{"ntd_id": 1, "record_type": "input", "record_id": n} for n in range(1, N_MANY + 1)]
    return tuple(world.tables(tmp_path_factory.mktemp("many")).values())


# --- the whole line -------------------------------------------------------------------------------------------


def test_a_dump_goes_through_the_whole_line(make: Callable[..., Any], tables: dict[str, Path], tmp_path: Path) -> None:
    """Import, reference tables, attribute, freeze, rank: three removals at the hoster of the addresses."""
    monitor = make()
    (tmp_path / "prefixes.tsv").write_text(PREFIXES, encoding="utf-8")
    (tmp_path / "as-names.csv").write_text(AS_NAMES, encoding="utf-8")
    assert counts(monitor.json("import", *ZONE, *tables.values())) == (13, 13, 0, 0, 0, 20)
    monitor.json("refdata", "import", "--as-of", "2025-06-01", "--prefixes", tmp_path / "prefixes.tsv",
                 "--as-names", tmp_path / "as-names.csv")  # fmt: skip
    monitor.json("attribute")
    know(monitor)
    assert monitor.json("freeze", "2026H1")["episodes"] > 0
    said = monitor.json("explain", "A26-000001")
    assert "Alpha Hosting" in str(said)
    [alpha] = [card for card in monitor.json("rank", "2026H1")["scorecards"] if card["provider_id"] == "as64500"]
    assert alpha["taken_down"] == 3
    assert monitor.run("verify").status == 0


def test_the_frozen_interval_is_that_of_the_history(make: Callable[..., Any], tmp_path: Path) -> None:
    """Notice 13:00, last seen 12:00 on the next day, closed 15:00: (23, 26] hours."""
    world, monitor = World(), make()
    world.add(1, status_code="close_offline")
    world.log(1, "2026-02-03 15:00:00", "STATUS", "scheduler_checkonline", "close_offline")
    world.tell(1, [1])
    world.contact(1, "Host Alpha B.V.")
    monitor.json("import", *ZONE, *world.tables(tmp_path).values())
    attributed(monitor, tmp_path)
    know(monitor)
    path = Path(monitor.json("freeze", "2026H1")["path"]) / "episodes.parquet"
    query = "SELECT DISTINCT left_hours, right_hours, \"end\" FROM read_parquet(?) WHERE role = 'network'"
    assert duckdb.execute(query, [str(path)]).fetchall() == [(23.0, 26.0, "takedown")]


def test_what_went_to_a_name_that_the_registry_does_not_know_is_held_against_nobody_until_it_does(
    make: Callable[..., Any], tables: dict[str, Path], tmp_path: Path
) -> None:
    """The name is kept, so that an alias alone makes the notices count: no second import, and nobody else's before."""
    monitor = make()
    ran = monitor.run("import", *ZONE, *tables.values())
    assert "1 addressee of messages is not in the registry: what was sent to them is held against nobody" in ran.err
    attributed(monitor, tmp_path)
    before = monitor.json("freeze", "2026H1")
    assert before["episodes"] == 0
    assert _of_alpha(monitor)["misaddressed"] == 5  # the one that failed too: whose it was decides first
    know(monitor)
    assert monitor.json("freeze", "2026H1")["episodes"] > 0
    alpha = _of_alpha(monitor)
    assert (alpha["misaddressed"], alpha["n_notices"], alpha["taken_down"]) == (0, 4, 3)


def test_what_went_to_another_provider_is_never_held_against_the_one_at_the_address(
    make: Callable[..., Any], tables: dict[str, Path], tmp_path: Path
) -> None:
    monitor = make()
    monitor.json("import", *ZONE, *tables.values())
    attributed(monitor, tmp_path)
    know(monitor, "as64502")
    assert monitor.json("freeze", "2026H1")["episodes"] == 0
    assert _of_alpha(monitor)["misaddressed"] == 5


def test_only_who_asks_for_it_books_unknown_addressees_on_whoever_held_the_address_and_is_told_so(
    make: Callable[..., Any], tables: dict[str, Path], tmp_path: Path
) -> None:
    """Once the name is an alias, the same files bring the addressee, and no conflict; each message counts once."""
    monitor = make()
    ran = monitor.run("import", "--addressees", "known", *ZONE, *tables.values())
    assert "--addressees known books what was sent to them on whoever held the address" in ran.err
    attributed(monitor, tmp_path)
    assert monitor.json("freeze", "2026H1")["episodes"] > 0
    know(monitor)
    again = monitor.run("--json", "import", "--addressees", "known", *ZONE, *tables.values())
    assert "registry" not in again.err
    assert counts(again.document) == (13, 5, 0, 8, 0, 20)
    monitor.json("freeze", "2026H1")
    said = monitor.json("rank", "2026H1")["scorecards"]
    assert (sum(card["n_notices"] for card in said), sum(card["misaddressed"] for card in said)) == (4, 0)


def attributed(monitor: Any, folder: Path) -> None:
    (folder / "prefixes.tsv").write_text(PREFIXES, encoding="utf-8")
    monitor.json("refdata", "import", "--as-of", "2025-06-01", "--prefixes", folder / "prefixes.tsv")
    monitor.json("attribute")


def know(monitor: Any, provider: str = "as64500") -> None:
    """Who the name in SCART's messages is."""
    monitor.json("providers", "set", provider, "--alias", "Host Alpha B.V.", "--by", "clerk", "--why", "register")


def _of_alpha(monitor: Any) -> Any:
    [alpha] = [card for card in monitor.json("rank", "2026H1")["scorecards"] if card["provider_id"] == "as64500"]
    return alpha


# --- again, in other forms, and killed ------------------------------------------------------------------------


def test_a_second_import_in_another_order_changes_nothing(
    make: Callable[..., Any], tables: dict[str, Path], dump_of: Callable[[Path], str]
) -> None:
    monitor = make()
    monitor.json("import", *ZONE, *(tables[name] for name in TABLES))
    before = dump_of(monitor.data)
    said = monitor.json("import", "--format", "scart", *ZONE, *(tables[name] for name in reversed(TABLES)))
    assert counts(said) == (13, 0, 0, 13, 0, 20)
    assert dump_of(monitor.data) == before


def test_the_same_reports_in_another_form_are_duplicates_or_further_notices(
    make: Callable[..., Any], tables: dict[str, Path], tmp_path: Path
) -> None:
    """Also where an address has changed since: that of the history stands."""
    monitor, world = make(), small_world()
    monitor.json("import", *ZONE, *tables.values())
    reports = monitor.json("import", *ZONE, world.reports_csv(tmp_path / "r"))
    assert counts(reports) == (8, 1, 0, 7, 0, 0)  # first NTD of report 1, without its reference
    whois = monitor.json("import", *ZONE, world.whois(tmp_path / "w"))
    assert counts(whois) == (8, 0, 0, 8, 0, 0)
    both = monitor.json("import", *ZONE, world.ntd(tmp_path / "n"), world.classified(tmp_path / "c"))
    assert counts(both) == (8, 0, 0, 8, 0, 5)
    closed = monitor.json("import", *ZONE, "--exported-at", "2026-03-01 08:00", world.ntdclosed(tmp_path / "x"))
    assert counts(closed) == (3, 3, 0, 0, 0, 0)


def test_scart_s_files_and_our_own_may_stand_in_one_command(
    make: Callable[..., Any], tables: dict[str, Path], inputs: Any
) -> None:
    said = make().json("import", *ZONE, tables["input"], inputs.checks, *list(tables.values())[1:])
    assert (said["read"], said["rejected"], said["waiting"]) == (13 + 91, 0, 91)


def test_killed_anywhere_the_same_command_goes_on_to_the_same_facts(
    make: Callable[..., Any], many: tuple[Path, ...], engine: Engine
) -> None:
    """Nothing lost, nothing double: as many reports, notices and checks as without a kill, and verify is content."""
    monitor = make()
    words = ("import", *ZONE, *many)
    killed = [monitor.kill(words, seconds, lambda: engine.written(monitor.data)) for seconds in (0.1, 1.0, 2.0)]
    assert any(killed)
    said = monitor.json(*words)
    assert said["accepted"] + said["duplicate"] == said["read"] == 2 * N_MANY
    found = [monitor.rows(f"SELECT COUNT(*) FROM {name}")[0][0] for name in ("reports", "notices", "checks")]
    assert found == [N_MANY, N_MANY, 2 * N_MANY]
    assert monitor.run("verify").status == 0


def test_of_a_damaged_table_the_error_names_its_place_and_the_next_try_goes_on(
    make: Callable[..., Any], many: tuple[Path, ...], tmp_path: Path
) -> None:
    """A truncated gzip of `input` as the second file: status 1, whole batches are kept."""
    monitor, whole = make(), gzip.compress(many[0].read_bytes())
    cut = tmp_path / "input.gz"
    cut.write_bytes(whole[: -len(whole) // 10])
    ran = monitor.run("--json", "import", *ZONE, many[1], cut)
    assert (ran.status, "The 2nd input file is truncated" in ran.err) == (1, True), ran.err
    assert ran.document["accepted"] in (5_000, 10_000)
    assert monitor.json("import", *ZONE, many[1], many[0])["read"] == N_MANY


# --- bad input ------------------------------------------------------------------------------------------------


def test_without_a_time_zone_it_is_wrong_usage_and_nothing_is_made(
    make: Callable[..., Any], tables: dict[str, Path], tmp_path: Path
) -> None:
    """Also where the form was found by itself, and in a dry run."""
    monitor, csv_path = make(), small_world().reports_csv(tmp_path / "r")
    for words in (("--format", "scart"), (), ("--dry-run",)):
        ran = monitor.run("import", *words, csv_path)
        assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
        assert "--timezone is required" in ran.err
    assert not monitor.data.exists()


def test_a_file_that_is_not_scart_s_and_one_given_twice_are_named_by_their_place(
    make: Callable[..., Any], tables: dict[str, Path], inputs: Any
) -> None:
    monitor = make()
    ran = monitor.run("import", "--format", "scart", *ZONE, tables["input"], inputs.checks)
    assert (ran.status, "The 2nd input file is not in a form that SCART writes" in ran.err) == (1, True), ran.err
    ran = monitor.run("import", *ZONE, tables["input"], tables["ntd"], tables["input"])
    assert (ran.status, "The 3rd input file has the same content as input file 1" in ran.err) == (1, True), ran.err


def test_bad_rows_cost_themselves_and_each_file_has_its_own_rejects(make: Callable[..., Any], tmp_path: Path) -> None:
    world = small_world()
    world.inputs[0]["url_ip"] = "nowhere"  # the history says the address, but the column is wrong all the same
    world.inputs[4]["received_at"] = "2026-03-29 02:30:00"
    world.inputs[6]["note"] = "one;two"
    said = make().json("import", *ZONE, world.reports_csv(tmp_path / "r"), status=3)
    assert (said["read"], said["rejected"]) == (8, 3)
    assert rejected(said) == [
        ("1", "url_ip", "bad-address"),
        ("5", "received_at", "time-nonexistent"),
        ("7", "", "wrong-field-count"),
    ]


# --- dry run --------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_an_import_then_does_and_writes_nothing(
    make: Callable[..., Any], tables: dict[str, Path]
) -> None:
    monitor = make()
    said = monitor.json("import", "--dry-run", *ZONE, *tables.values())
    assert not monitor.data.exists()
    assert (said["read"], said["accepted"], said["rejected"], said["joined"]) == (13, 13, 0, 20)
    table, ntd, _, _, history = said["files"]
    assert (table["kind"], table["reports"], table["reports_without_notice"]) == ("SCART table input", 8, 3)
    assert table["notices"] == {"failed": 1, "sent": 4}
    assert table["checks"] == {"inconclusive": 1, "online": 5}
    assert history["checks"] == {"inconclusive": 2, "offline": 3}
    assert (table["first_at"], history["last_at"]) == ("2026-02-02T08:00:00+00:00", "2026-02-05T09:00:00+00:00")
    assert {"name": "msg_body", "what": "free text"} in ntd["columns_passed_over"]
    assert counts(monitor.json("import", *ZONE, *tables.values())) == (13, 13, 0, 0, 0, 20)


def test_a_dry_run_names_unknown_columns_and_closings_without_a_time_and_counts_reasons(
    make: Callable[..., Any], tmp_path: Path
) -> None:
    world = small_world()
    world.inputs[4]["received_at"] = "2026-03-29 02:30:00"
    path = world.reports_csv(tmp_path / "r", (*REPORT_COLUMNS[:3], "surprise", *REPORT_COLUMNS[3:]))
    said = make().json("import", "--dry-run", *ZONE, path, status=3)
    [file] = said["files"]
    assert (file["columns_unknown"], file["closed_without_time"]) == (["surprise"], 3)
    assert [(reason["code"], reason["rows"]) for reason in file["rejected_by_reason"]] == [
        ("wrong-field-count", 1),  # the semicolons may be those of `surprise`
        ("time-nonexistent", 1),
    ]
    ran = make().run("import", "--dry-run", *ZONE, path)
    assert "columns not known: surprise" in ran.out
    assert "1 x time-nonexistent (received_at)" in ran.out


def test_a_dry_run_of_our_own_formats_says_the_same_of_them(make: Callable[..., Any], inputs: Any) -> None:
    monitor = make()
    said = monitor.json("import", "--dry-run", inputs.reports, inputs.checks)
    assert not monitor.data.exists()
    reports, checks = said["files"]
    real = monitor.json("import", inputs.reports, inputs.checks)
    assert (said["read"], said["rejected"]) == (real["read"], real["rejected"])
    assert (reports["kind"], checks["kind"]) == ("reports", "checks")
    assert sum(checks["checks"].values()) == 91
    assert {"name": "record_id", "what": "taken as it is"} in reports["columns_used"]


def test_a_dry_run_on_a_store_leaves_it_alone(
    make: Callable[..., Any], tables: dict[str, Path], tree_of: Callable[[Path], dict[str, bytes]], engine: Engine
) -> None:
    monitor = make()
    monitor.json("import", *ZONE, *tables.values())
    before = tree_of(monitor.data)
    monitor.json("import", "--dry-run", *ZONE, *tables.values())
    assert {name: text for name, text in tree_of(monitor.data).items() if name in before or "wal" not in name} == before


# --- secrets --------------------------------------------------------------------------------------------------


def test_nothing_of_a_url_host_or_free_text_is_found_outside_the_sealed_columns(
    make: Callable[..., Any], tmp_path: Path, engine: Engine
) -> None:
    """Marked values in every column of every form, good and bad rows; everything printed and written is searched."""
    world = _marked()
    folder = tmp_path / STEM
    folder.mkdir()
    monitor = make()
    files = [*world.tables(folder).values(), world.reports_csv(folder / "r"), world.classified(folder / "c"),
             world.whois(folder / "w"), world.ntd(folder / "n"), world.ntdclosed(folder / "x"), world.all(folder / "a"),
             world.reports_csv(folder / "anonymous", anonymous=True)]  # fmt: skip
    printed = ""
    for flags in (("--dry-run",), ("--dry-run", "--json"), ("--verbose",), ("--json",)):
        ran = monitor.run("import", *flags, *ZONE, *files)
        assert ran.status == 3, ran.err
        printed += ran.out + ran.err
    assert STEM not in printed.lower()
    for name, content in (engine.files(monitor.data) | elsewhere(monitor.data)).items():
        folded = content.lower()
        assert STEM.encode() not in folded, name
        assert STEM.encode().hex().encode() not in folded, name
        assert STEM.encode("utf-16-le") not in folded, name
    assert monitor.rows("SELECT COUNT(*) FROM reports")[0][0] > 0


def _marked() -> World:
    world = World()
    world.contact(1, f"{STEM} hosting")
    for n in range(1, 7):
        host = f"www.{STEM}{n}.example"
        url = f"https://{host}/{STEM}/a;{STEM}.jpg?{STEM}"
        world.add(n, url=url, url_host=host, url_referer=f"https://{STEM}.example/", note=f"{STEM} note",
                  reference=STEM, status_code="close_offline")  # fmt: skip
    world.inputs[1]["url_ip"] = f"{STEM}.example"
    world.inputs[2]["received_at"] = f"https://{STEM}.example/"
    world.inputs[3]["url"] = f"ftp://{STEM}.example/{STEM}"
    world.inputs[4]["note"] = f'{STEM};"{STEM}'
    world.inputs[5]["filenumber"] = f"https://{STEM}.example/"
    world.tell(1, [1, 2, 3, 4, 5, 6], msg_body=f"{STEM}\n{STEM}", msg_subject=STEM, filenumber=f"N {STEM}")
    world.log(1, "2026-02-03 15:00:00", "STATUS", STEM, "close_offline")
    world.log(1, f"{STEM}.example", "STATUS", STEM, "close_offline")
    world.history[0]["comment"] = f"https://{STEM}.example/"
    return world

"""`monitor orders import`: an authority's own register taken in, by what its rows name, whole or not at all, once."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from monitor.store import list_audit
from tests.engines import Engine, elsewhere, store_of

DAY = "2026-03-10T"
MARK = "zq5reg"
"""In host and path, order references, addressees, officers and grounds: found in no output and no clear byte."""
COLUMNS = (
    "record_id", "source", "url", "host", "reference", "served_at", "addressee", "capacity", "deadline_hours",
    "reasons_ref", "suspended_at", "resumed_at", "new_deadline_at", "withdrawn_at", "objection_at", "decided_at",
    "decision", "claimed_at", "confirmed_at", "finding", "officer",
)  # fmt: skip


def _url(n: int) -> str:
    return f"https://h{n}.{MARK}.example/{MARK}-{n}.jpg"


def _order(n: int, **more: str) -> dict[str, str]:
    said = {"url": _url(n), "reference": f"{MARK}-B-{n}", "served_at": f"{DAY}12:00:00Z"}
    return {**said, "addressee": f"{MARK} hosting", "deadline_hours": "6", **more}


def _register(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def _counts(said: Any) -> tuple[int, ...]:
    return tuple(said[name] for name in ("read", "accepted", "duplicate", "rejected"))


def _rejected(said: Any) -> list[tuple[str, str, str]]:
    with Path(said["rejects_file"]).open(newline="", encoding="utf-8") as lines:
        return [(line["row"], line["field"], line["code"]) for line in csv.DictReader(lines)]


@pytest.fixture
def desk(make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path) -> Any:
    """Six reports on hosts of their own, the last two of one URL, and one whose path was withheld."""
    monitor = make()
    rows = [
        {"record_id": f"R{n}", "source": "hotline", "url": _url(min(n, 5)), "host": "",
         "reported_at": f"{DAY}0{n}:00:00Z", "ip": f"192.0.2.{n}"}
        for n in range(1, 7)
    ]  # fmt: skip
    rows.append({**rows[0], "record_id": "R7", "url": "", "host": f"alone.{MARK}.example"})
    assert monitor.json("import", csv_file(tmp_path / "reports.csv", rows))["rejected"] == 0
    return monitor


def _orders(monitor: Any) -> dict[str, dict[str, Any]]:
    return {each["record_id"]: each for each in monitor.json("orders", "list")["orders"]}


def test_a_row_finds_its_report_by_record_id_url_host_or_the_reference_of_an_order(desk: Any, tmp_path: Path) -> None:
    """Of two reports of one URL the last before the service; a reference alone says what came later."""
    rows = [
        _order(1, url="", record_id="R1", source="hotline"),
        _order(2),
        _order(5),
        _order(7, url="", host=f"alone.{MARK}.example"),
    ]
    said = desk.json("orders", "import", _register(tmp_path / "register.csv", rows))
    assert _counts(said) == (4, 4, 0, 0)
    assert set(_orders(desk)) == {"R1", "R2", "R6", "R7"}
    later = _order(2, url="", withdrawn_at=f"{DAY}15:00:00Z")
    assert _counts(desk.json("orders", "import", _register(tmp_path / "later.csv", [later]))) == (1, 1, 0, 0)
    assert {name: each["state"] for name, each in _orders(desk).items()} == {
        "R1": "in force",
        "R2": "withdrawn",
        "R6": "in force",
        "R7": "in force",
    }


def test_what_happened_since_comes_in_as_the_facts_that_people_record(desk: Any, tmp_path: Path) -> None:
    row = _order(
        1, capacity="hosting", reasons_ref=f"{MARK}-reasons", suspended_at=f"{DAY}13:00:00Z",
        resumed_at=f"{DAY}14:00:00Z", new_deadline_at=f"{DAY}20:00:00Z", objection_at=f"{DAY}16:00:00Z",
        decided_at=f"{DAY}17:00:00Z", decision="dismissed", claimed_at=f"{DAY}18:00:00Z",
        confirmed_at=f"{DAY}19:00:00Z", finding="removed", officer=f"{MARK} officer",
    )  # fmt: skip
    register = _register(tmp_path / "register.csv", [row])
    desk.json("orders", "import", "--by", "Clerk", "--why", "register of March", register)
    shown = desk.json("orders", "show", _orders(desk)["R1"]["order"])
    assert [fact["kind"] for fact in shown["facts"]] == [
        "reasons", "suspended", "resumed", "objection", "decided", "claimed", "confirmed",
    ]  # fmt: skip
    assert {fact["recorded_by"] for fact in shown["facts"]} == {"Clerk"}
    assert all(fact["why"].startswith("register of March, file ") for fact in shown["facts"])
    assert shown["deadline_at"] == f"{DAY}20:00:00Z"


def test_again_nothing_changes_and_a_register_that_grew_brings_what_is_new(
    desk: Any, tmp_path: Path, dump_of: Callable[[Path], str]
) -> None:
    """Also where a fact was undone by hand since: what a person took back is not brought back by a list."""
    rows = [_order(1, withdrawn_at=f"{DAY}14:00:00Z"), _order(2)]
    first = _register(tmp_path / "first.csv", rows)
    assert _counts(desk.json("orders", "import", first)) == (2, 2, 0, 0)
    number = _orders(desk)["R1"]["order"]
    [fact] = desk.json("orders", "show", number)["facts"]
    desk.json("orders", "undo", fact["fact"], "--by", "Clerk", "--why", "wrong order")
    before = dump_of(desk.data)
    assert _counts(desk.json("orders", "import", first)) == (2, 0, 2, 0)
    assert dump_of(desk.data) == before
    grown = _register(tmp_path / "grown.csv", [*rows[:1], _order(2, objection_at=f"{DAY}15:00:00Z"), _order(3)])
    assert _counts(desk.json("orders", "import", grown)) == (3, 2, 1, 0)
    assert _orders(desk)["R1"]["state"] == "in force"
    assert desk.run("verify").status == 0


def test_an_order_that_came_with_the_reports_is_completed_and_never_doubled(
    desk: Any, csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """The register says the addressee and the deadline that the reports left out, in its own spelling."""
    row = {"record_id": "R1", "source": "hotline", "url": _url(1), "reported_at": f"{DAY}01:00:00Z",
           "notified_at": f"{DAY}12:00:00Z", "notice_kind": "order", "notice_ref": f"{MARK}-B-1",
           "notice_channel": "email", "notice_status": "delivered"}  # fmt: skip
    desk.json("import", csv_file(tmp_path / "orders-as-reports.csv", [row]))
    number = _orders(desk)["R1"]["order"]
    mine = _register(tmp_path / "register.csv", [_order(1, reference=f"{MARK.upper()}-b-1", capacity="hosting")])
    assert _counts(desk.json("orders", "import", mine)) == (1, 1, 0, 0)
    assert _counts(desk.json("orders", "import", mine)) == (1, 0, 1, 0)
    [order] = desk.json("orders", "list")["orders"]
    assert (order["order"], order["deadline_hours"], order["capacity"], order["status"]) == (
        number, 6.0, "hosting", "delivered",
    )  # fmt: skip


def test_bad_rows_cost_themselves_alone_and_say_why(desk: Any, tmp_path: Path) -> None:
    """A fact that cannot be takes its whole row with it: no order stays behind half recorded."""
    rows = [
        _order(1),
        _order(1, served_at=f"{DAY}13:00:00Z"),
        _order(1, deadline_hours="5"),
        _order(2, deadline_hours="12.5"),
        _order(2, addressee=""),
        _order(2, withdrawn_at=f"{DAY}11:00:00Z"),
        _order(2, finding="removed"),
        _order(2, decided_at=f"{DAY}15:00:00Z", decision="dismissed"),
        _order(9),
        _order(9, url=""),
        _order(2, url=_url(3), record_id="R2"),
        _order(2, served_at="2199-01-01T00:00:00Z"),
        _order(2, served_at=f"{DAY}12:00:00"),
        _order(4),
    ]
    said = desk.json("orders", "import", _register(tmp_path / "register.csv", rows), status=3)
    assert _counts(said) == (14, 2, 0, 12)
    assert _rejected(said) == [
        ("2", "served_at", "conflict"),
        ("3", "deadline_hours", "conflict"),
        ("4", "deadline_hours", "deadline-too-long"),
        ("5", "addressee", "missing-value"),
        ("6", "withdrawn_at", "fact-before-service"),
        ("7", "confirmed_at", "fact-incomplete"),
        ("8", "", "order-fact"),
        ("9", "url", "no-report"),
        ("10", "reference", "no-report"),
        ("11", "url", "conflict"),
        ("12", "served_at", "time-out-of-range"),
        ("13", "served_at", "time-without-offset"),
    ]
    assert set(_orders(desk)) == {"R1", "R4"}
    assert desk.run("verify").status == 0


def test_one_reference_may_order_several_urls_and_tell_several_parties(desk: Any, tmp_path: Path) -> None:
    rows = [
        _order(1, reference="B-1"),
        _order(2, reference="B-1"),
        _order(2, reference="B-1", addressee="The registrar", capacity="registrar", served_at=f"{DAY}13:00:00Z"),
        _order(2, reference="B-1", url="", withdrawn_at=f"{DAY}15:00:00Z"),
    ]
    said = desk.json("orders", "import", _register(tmp_path / "register.csv", rows), status=3)
    assert (_counts(said), _rejected(said)) == ((4, 3, 0, 1), [("4", "reference", "ambiguous")])
    assert sorted(each["record_id"] for each in desk.json("orders", "list")["orders"]) == ["R1", "R2", "R2"]


def test_a_dry_run_says_what_an_import_then_does_and_writes_nothing(
    desk: Any, tmp_path: Path, dump_of: Callable[[Path], str]
) -> None:
    rows = [_order(1), _order(1), _order(2, withdrawn_at=f"{DAY}14:00:00Z"), _order(9)]
    register, before = _register(tmp_path / "register.csv", rows), dump_of(desk.data)
    said = desk.json("orders", "import", "--dry-run", register, status=3)
    assert dump_of(desk.data) == before
    assert not (desk.data / "rejects").exists()
    assert [(one["code"], one["rows"]) for one in said["rejected_by_reason"]] == [("no-report", 1)]
    assert _counts(said) == _counts(desk.json("orders", "import", register, status=3)) == (4, 2, 1, 1)


@pytest.mark.parametrize("form", ["jsonl", "gzip", "parquet"])
def test_a_register_may_be_json_lines_compressed_or_parquet(desk: Any, tmp_path: Path, form: str) -> None:
    rows = [_order(1, deadline_hours="1.5"), _order(2)]
    path, plain = tmp_path / "register", _register(tmp_path / "plain.csv", rows)
    if form == "jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    elif form == "gzip":
        path.write_bytes(gzip.compress(plain.read_bytes()))
    else:
        duckdb.sql(f"COPY (SELECT * FROM read_csv('{plain}', all_varchar=true)) TO '{path}' (FORMAT parquet)")
    assert _counts(desk.json("orders", "import", path)) == (2, 2, 0, 0)
    assert {name: each["deadline_hours"] for name, each in _orders(desk).items()} == {"R1": 1.5, "R2": 6.0}


def test_a_wrong_file_is_named_by_its_place_and_import_says_where_a_register_goes(
    desk: Any, csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    register = _register(tmp_path / "register.csv", [_order(1)])
    ran = desk.run("import", register)
    assert (ran.status, "The 1st input file is a register of orders. Use `monitor orders import`" in ran.err) == (
        1,
        True,
    )
    wrong = csv_file(tmp_path / "wrong.csv", [{"reference": "B", "served_at": f"{DAY}12:00:00Z"}])
    ran = desk.run("--json", "orders", "import", register, wrong)
    assert (ran.status, "The 2nd input file lacks the column 'addressee'" in ran.err) == (1, True), ran.err
    assert _counts(ran.document) == (1, 1, 0, 0)


def test_killed_anywhere_the_same_command_goes_on_to_the_same_orders(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path, engine: Engine
) -> None:
    """Three batches: as many orders and facts as without a kill, and verify is content."""
    monitor, many = make(), 1_200
    reports = [
        {"record_id": f"R{n}", "source": "hotline", "url": _url(n), "reported_at": f"{DAY}08:00:00Z"}
        for n in range(many)
    ]
    monitor.json("import", csv_file(tmp_path / "reports.csv", reports))
    register = _register(tmp_path / "register.csv", [_order(n, withdrawn_at=f"{DAY}14:00:00Z") for n in range(many)])
    killed = [
        monitor.kill(("orders", "import", register), seconds, lambda: engine.written(monitor.data))
        for seconds in (0.2, 1.0)
    ]
    assert any(killed)
    said = monitor.json("orders", "import", register)
    assert (said["read"], said["rejected"]) == (many, 0)
    assert [monitor.rows(f"SELECT COUNT(*) FROM {name}")[0][0] for name in ("notices", "order_facts")] == [many, many]
    assert monitor.run("verify").status == 0


def test_nothing_of_a_register_is_found_outside_the_sealed_columns(desk: Any, tmp_path: Path, engine: Engine) -> None:
    rows = [
        _order(1, reasons_ref=f"{MARK}-reasons", confirmed_at=f"{DAY}15:00:00Z", finding="removed",
               officer=f"{MARK} officer"),
        _order(2, record_id=f"https://{MARK}.example/"),
        _order(9, capacity=MARK),
        _order(9),
        _order(3, served_at=MARK),
    ]  # fmt: skip
    register, printed = _register(tmp_path / "register.csv", rows), ""
    for flags in (("--dry-run",), ("--dry-run", "--json"), ("--verbose",), ("--json",)):
        ran = desk.run(*[flag for flag in flags if flag != "--dry-run"], "orders", "import",
                       *[flag for flag in flags if flag == "--dry-run"], register)  # fmt: skip
        assert ran.status == 3, ran.err
        printed += ran.out + ran.err
    printed += desk.run("orders", "list").out + desk.run("orders", "show", _orders(desk)["R1"]["order"]).out
    assert MARK not in printed.lower()
    for name, content in (engine.files(desk.data) | elsewhere(desk.data)).items():
        assert MARK.encode() not in content.lower(), name
    with store_of(desk.data) as opened:
        entries = list_audit(opened)
    assert any(entry.action == "orders" for entry in entries)
    assert not any(MARK in str(entry).lower() for entry in entries)


def test_the_register_that_the_documentation_shows_can_be_imported(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    monitor, text = make(), (Path(__file__).parents[2] / "docs" / "orders.md").read_text(encoding="utf-8")
    (tmp_path / "register.csv").write_text(text.split("```csv\n")[1].split("```")[0], encoding="utf-8")
    rows = [
        {"record_id": name, "source": "hotline", "url": url, "reported_at": "2026-03-10T08:00:00Z"}
        for name, url in (("HL-2026-1", _url(1)), ("HL-2026-2", "https://images.example/a.jpg"))
    ]
    monitor.json("import", csv_file(tmp_path / "reports.csv", rows))
    assert _counts(monitor.json("orders", "import", tmp_path / "register.csv")) == (3, 3, 0, 0)
    assert {name: each["state"] for name, each in _orders(monitor).items()} == {
        "HL-2026-1": "withdrawn",
        "HL-2026-2": "in force",
    }

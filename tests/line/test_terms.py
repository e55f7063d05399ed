"""After everything was forgotten: what every command says, and that no byte tells it; and runs that are broken off."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyrage
import pytest

from monitor.clock import now
from monitor.config import Settings
from monitor.forgetting import forget
from monitor.forgetting_run import Asked
from monitor.model.order import OrderDetails, OrderFactKind
from monitor.model.retention import GONE, HoldKind, RetentionClass, Term
from monitor.store import is_open, list_audit, list_orders, record_order_fact
from monitor.store.holds import add_hold
from monitor.store.records import find_records
from monitor.store.seal_counts import sealed_columns
from tests.engines import Engine, environment, store_of
from tests.line.test_forget import KILLED, OLD, WHY

MARK = "zq7xk9mw"
MARKED = {
    "record_id": "m1",
    "source": "hotline",
    "url": f"https://{MARK}.alpha.example/{MARK}.jpg",
    "reported_at": "2026-03-02T10:00:00Z",
    "notified_at": "2026-03-02T12:00:00Z",
    "notice_kind": "order",
    "deadline_hours": "6",
    "notice_ref": f"ATKM/{MARK}",
    "notified_party": f"{MARK} Somebody",
    "ip": "192.0.2.99",
}


def _withdraw_all(data: Path) -> None:
    """So that no order holds anything."""
    with store_of(data) as store:
        for order in list_orders(store):
            if is_open(order):
                said = OrderDetails(document=f"letter {MARK}")
                record_order_fact(store, order.order_id, OrderFactKind.WITHDRAWN, now(), said, by="Jo", why="settled")


@pytest.fixture
def marked(copy: Any, csv_file: Any, inputs: Any) -> Any:
    """With an order whose URL, reference, addressee and document are marked, and a freeze that names its record."""
    assert copy.json("import", csv_file(inputs.folder / "marked.csv", [MARKED]))["accepted"] == 1
    copy.json("attribute")
    _withdraw_all(copy.data)
    return copy


def _forget_all(monitor: Any) -> Any:
    with store_of(monitor.data) as store:
        done = forget(store, Settings(), Asked("Jo", "all of it", Term.parse("1 day")))
        facts = Asked("Jo", "all of it", Term.parse("1 day"), (RetentionClass.ORDER,))
        with store.write() as connection:  # facts that were written down just now are of long ago
            ago = "UPDATE order_facts SET recorded_at = recorded_at - 172800000000"
            connection.exec_driver_sql(ago).close()
        return done, forget(store, Settings(), facts)


def _opened(data: Path) -> dict[bytes, bytes]:
    """Every sealed value of the database as it lies there, with what it opens to."""
    with store_of(data) as store, store.read() as connection:
        return {
            bytes(value): store.sealer.unseal(bytes(value), f"{table.name}.{column.name}")
            for table, column in sealed_columns()
            for (value,) in connection.exec_driver_sql(
                f"SELECT {column.name} FROM {table.name} WHERE {column.name} IS NOT NULL"
            )
        }


def test_nothing_that_opens_tells_what_was_forgotten(marked: Any, engine: Engine) -> None:
    """Neither a sealed value nor a byte of database, log, folders or temporary files."""
    before = marked.json("freeze", "2026H1")["digest"]
    gone = [sealed for sealed, plain in _opened(marked.data).items() if MARK.encode() in plain]
    assert len(gone) > 5
    _forget_all(marked)
    assert not [plain for plain in _opened(marked.data).values() if MARK.encode() in plain]
    files = engine.files(marked.data)
    assert not [name for name, content in files.items() if MARK.encode() in content]
    left = {name: content for name, content in files.items() if name != "log"}  # a server's log is not ours
    assert not [name for name, content in left.items() for sealed in gone if sealed[5:] in content]
    assert not [path for path in marked.cwd.parent.rglob("*") if MARK in path.name and "inputs" not in str(path)]
    assert marked.json("freeze", "2026H1")["digest"] == before and marked.json("verify")["ok"]


def test_every_command_says_what_is_so_of_a_forgotten_record(marked: Any, make: Any, tmp_path: Path) -> None:
    """Done, or one line that says what happened; and none tells what was forgotten."""
    marked.json("freeze", "2026H1")
    release = marked.json("publish", "2026H1")["path"]
    _forget_all(marked)
    key = pyrage.x25519.Identity.generate().to_public()
    why, out = ("--reason", "asked"), tmp_path / "out"
    out.mkdir()
    expected = {
        ("explain", "m1"): 0,
        ("explain", "m1", "--reveal", *why): 1,
        ("reveal", "m1", *why): 1,
        ("verify",): 0,
        ("publish", "--verify", release): 0,
        ("freeze", "2026H1"): 0,
        ("rank", "2026H1"): 0,
        ("provider-file", "as64500", "--to", key, *why, "--out", out / "file.age"): 0,
        ("orders", "list"): 0,
        ("orders", "file", "as64500", "--to", key, *why, "--out", out / "orders.age"): 0,
        ("orders", "show", "1"): 1,
        ("hold", "m1", *why): 0,
        ("correct", "exclude", "m1", "--by", "Jo", "--why", "asked"): 0,
        ("correct", "list"): 0,
        ("research", "export", out / "copy", *why): 0,
        ("archive", "export", out / "archive", *why): 0,
        ("handover", "export", out / "a.bundle", *why): 0,
        ("handover", "verify", out / "a.bundle"): 0,
        ("backup", out / "a.backup"): 0,
        ("status",): 0,
    }
    for words, status in expected.items():
        ran = marked.run(*words)
        assert ran.status == status, (words, ran.err)
        assert MARK not in ran.out + ran.err and "Traceback" not in ran.err, words
        if status:
            assert ran.err.startswith("monitor: ") and ran.err.count("\n") == 1, (words, ran.err)
    received = make("received")
    assert received.run("handover", "import", out / "a.bundle").status == 0
    assert received.json("verify")["ok"] and MARK not in received.run("explain", "m1").out


def test_an_orders_file_says_that_documents_and_reasons_were_forgotten(marked: Any, tmp_path: Path) -> None:
    """In the place of each; what happened to the order and when is told as before."""
    _forget_all(marked)
    identity, out = pyrage.x25519.Identity.generate(), tmp_path / "orders.age"
    marked.json("orders", "file", "as64500", "--to", identity.to_public(), "--reason", "asked", "--out", out)
    archive = ZipFile(BytesIO(pyrage.decrypt(out.read_bytes(), [identity])))
    (name,) = [each for each in archive.namelist() if each.endswith(".json") and "manifest" not in each]
    text = archive.read(name).decode()
    assert GONE in text and MARK not in text and "withdrawn" in text


def test_a_hold_that_comes_while_a_run_goes_on_stops_what_is_left(marked: Any) -> None:
    """The URL went before it was placed; its reference stays."""
    placed = list[int]()

    def place(_done: int, _total: int) -> None:
        if not placed:
            with store.read() as connection:
                key = find_records(connection, [("hotline", "a01")])["hotline", "a01"]
            hold = add_hold(store, HoldKind.RECORD, "a01 of hotline", by="Al", why="x", until=None, record=key)
            placed.append(hold.hold_id)

    with store_of(marked.data) as store:
        done = forget(store, Settings(), Asked("Jo", "x", Term.parse("1 day")), place)
    counts = {each.kind: each for each in done.counts}
    assert counts[RetentionClass.URL].n_held == 0 and counts[RetentionClass.ADDRESS].n_held == 1
    still = "SELECT count(*) FROM addresses WHERE forgotten_at IS NULL"
    assert marked.rows(still) == [(1,)]


@pytest.mark.parametrize("at", [90, 110])
def test_what_a_killed_run_removed_is_on_the_log_whatever_the_next_one_is_asked_for(marked: Any, at: int) -> None:
    """With its own reason and who began it."""
    command = [sys.executable, "-c", KILLED, str(at), "--data-dir", str(marked.data), "forget", *OLD, *WHY]
    killed = subprocess.run(command, env=environment(marked.data), capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr[-500:]
    ((gone,),) = marked.rows("SELECT count(*) FROM targets WHERE forgotten_at IS NOT NULL")
    marked.json("forget", *OLD, "--class", "log", "--reason", "logs alone", "--by", "Al")
    with store_of(marked.data) as store:
        (entry,) = [entry for entry in list_audit(store) if entry.action == "forget"]
    assert gone and f"by the run that was broken off: url {gone}" in entry.subject
    assert entry.reason == "logs alone; begun by Jo Tester: the term is over"


def test_files_of_a_killed_run_are_counted_by_the_next_one(copy: Any) -> None:
    """They leave no row, so the note names them before they go."""
    old = time.time() - 40 * 86_400
    for name in ("one.log", "two.log"):
        _file(copy.data / "logs" / name, old)
    (copy.data / ".forgetting").write_text(
        json.dumps(
            {
                "begun_at": (now() - timedelta(minutes=1)).isoformat(),
                "by": "Jo",
                "why": "x",
                "files": {"log": ["logs/zero.log", "logs/one.log"]},
            }
        )
    )
    (found,) = copy.json("forget", "--older-than", "30 days", *WHY, "--class", "log")["classes"]
    assert (found["due"], found["forgotten"]) == (3, 3)


def test_logs_and_notes_go_by_their_age(copy: Any) -> None:
    """Logs that somebody writes there, what a refused publication found, whom a correction has to be told."""
    old = time.time() - 40 * 86_400
    for name in ("logs/run.json", "refused/2026H1-final.txt", "inform/2026H1-v2.txt"):
        _file(copy.data / name, old)
    _file(copy.data / "logs" / "today.json", time.time())
    (found,) = copy.json("forget", "--older-than", "30 days", *WHY, "--class", "log")["classes"]
    assert (found["due"], found["forgotten"]) == (3, 3)
    assert [path.name for path in (copy.data / "logs").iterdir()] == ["today.json"]


def _file(path: Path, at: float) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"said")
    os.utime(path, (at, at))

"""`monitor forget` at the command line: what is past its term goes, and no figure, digest or chain changes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from csv import DictReader
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyrage
import pytest

from monitor.store import list_audit
from monitor.store.key_file import KEY_FILE
from tests.engines import Engine, environment, store_of

Make = Callable[..., Any]
WHY = ("--reason", "the term is over", "--by", "Jo Tester")
OLD = ("--older-than", "1 day")
N_HELD = 4
"""So many Targets of the hand-made cases are under an order that nobody has decided on."""
KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from monitor import cli

at, seen = int(sys.argv.pop(1)), 0

@event.listens_for(Engine, "after_cursor_execute")
def count(*_):
    global seen
    seen += 1
    if seen == at:
        os.kill(os.getpid(), signal.SIGKILL)

cli.main()
"""


def _counts(document: Any) -> dict[str, int]:
    return {each["kind"]: each["forgotten"] for each in document["classes"]}


def _texts(data: Path) -> set[bytes]:
    """Every sealed URL, host and address that was not forgotten, as it lies in the database."""
    with store_of(data) as store, store.read() as connection:
        return {
            bytes(value)
            for table, column in (("targets", "url"), ("hosts", "name"), ("addresses", "address"))
            for (value,) in connection.exec_driver_sql(
                f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL AND forgotten_at IS NULL"
            )
        }


def test_no_figure_changes_and_everything_verifies(line: Any, copy: Any) -> None:
    """The freeze gives the digest that it gave before, also with a network that a person assigned since."""
    n_attributions = copy.rows("SELECT count(*) FROM attributions")
    done = _counts(copy.json("forget", *OLD, *WHY))
    assert done["url"] > 5 and done["address"] > 3
    assert copy.json("freeze", "2026H1")["digest"] == line.said["freeze"]["digest"]
    assert copy.json("rank", "2026H1")["scorecards"] == line.said["rank"]["scorecards"]
    assert copy.json("verify")["ok"]
    copy.json("attribute", "--all")
    assert copy.rows("SELECT count(*) FROM attributions") == n_attributions
    assert copy.json("freeze", "2026H1")["digest"] == line.said["freeze"]["digest"]


def test_an_assigned_network_holds_for_what_is_left_of_an_address(copy: Any) -> None:
    """Half of a /24 that a person gave to somebody else is still told from the other half."""
    words = ("--network", "192.0.2.0/28", "--from", "2026-01-01", "--by", "Jo", "--why", "contract shown")
    assert copy.run("providers", "assign", "as64501", *words).status == 0
    before = copy.json("freeze", "2026H1")["digest"]
    copy.json("forget", *OLD, *WHY)
    assert copy.json("freeze", "2026H1")["digest"] == before


@pytest.mark.parametrize("record", ["a01", "a08", "a09"])
def test_what_is_told_of_a_record_is_what_was_told_before(copy: Any, record: str) -> None:
    """Which network, AS number and provider each address led to, also in one half of a /24 that two share."""
    words = ("explain", record, "--cutoff", "2026-10-01T00:00:00Z")
    before = copy.json(*words)
    copy.json("forget", *OLD, *WHY)
    after = copy.json(*words)
    assert after.pop("forgotten").startswith("forgotten on 20") and before.pop("forgotten") is None
    assert after == before
    assert "its URL was forgotten on 20" in copy.run(*words).out


def test_what_stands_in_for_an_address_is_not_shown(copy: Any) -> None:
    """Where addresses went and URLs stay, `explain --reveal` shows no stand-in as if it were the address."""
    copy.json("forget", *OLD, *WHY, "--class", "address")
    shown = copy.json("explain", "a01", "--reveal", "--reason", "asked")
    assert {each["address"][:15] for each in shown["addresses"]} == {"forgotten on 20"}
    assert shown["revealed"].startswith("https://one.alpha.example/")


def test_no_byte_of_it_is_left_in_the_data_folder(copy: Any, engine: Engine) -> None:
    """Freed pages and the log of SQLite included; of a server's own log this is not said."""
    texts = _texts(copy.data)
    done = copy.json("forget", *OLD, *WHY)
    assert done["erased"] is True
    left = {name: content for name, content in engine.files(copy.data).items() if name != "log"}
    gone = texts - _texts(copy.data)
    assert len(gone) > 20 and left
    assert not [name for name, content in left.items() for text in gone if text[5:] in content]


def test_a_second_run_forgets_nothing_more(copy: Any) -> None:
    """And says so; each run is one entry of the audit log, with counts and the reason."""
    copy.json("forget", *OLD, *WHY)
    again = copy.json("forget", *OLD, *WHY)
    assert set(_counts(again).values()) == {0} and again["erased"] is None
    with store_of(copy.data) as store:
        first, second = [entry for entry in list_audit(store) if entry.action == "forget"]
    assert (first.actor, first.reason) == ("Jo Tester", "the term is over")
    assert f"url 0 of {N_HELD}" in second.subject and "url 0" not in first.subject
    assert "example" not in first.subject


def test_a_dry_run_changes_nothing(copy: Any, dump_of: Callable[[Path], str]) -> None:
    """It says how many are past their term, and needs no reason."""
    before = dump_of(copy.data)
    found = copy.json("forget", *OLD, "--dry-run")
    assert {each["kind"]: each["due"] for each in found["classes"]}["url"] > 5
    assert set(_counts(found).values()) == {0}
    assert dump_of(copy.data) == before


def test_what_opens_a_forgotten_url_says_when_it_was_forgotten(copy: Any, tmp_path: Path) -> None:
    """explain goes on without it, explain --reveal refuses, a provider's file says so in its place."""
    copy.json("forget", *OLD, *WHY)
    assert copy.run("explain", "a01").status == 0
    refused = copy.run("explain", "a01", "--reveal", "--reason", "asked")
    assert refused.status == 1 and "was forgotten on 20" in refused.err and "example/" not in refused.err
    identity, out = pyrage.x25519.Identity.generate(), tmp_path / "file.age"
    made = copy.json("provider-file", "as64500", "--to", identity.to_public(), "--reason", "asked", "--out", out)
    assert made["rows"] > 0
    archive = ZipFile(BytesIO(pyrage.decrypt(out.read_bytes(), [identity])))
    rows = [row for row in DictReader(archive.read("rows.csv").decode().splitlines()) if row["record_id"] == "a01"]
    assert rows and {row["url"][:15] for row in rows} == {row["address"][:15] for row in rows} == {"forgotten on 20"}


def test_the_same_file_again_brings_nothing_back_and_a_new_report_does(copy: Any, inputs: Any, csv_file: Any) -> None:
    """It hangs on the same Target, with a term of its own."""
    copy.json("forget", *OLD, *WHY)
    assert copy.json("import", inputs.reports)["accepted"] == 0
    assert copy.rows("SELECT count(*) FROM targets WHERE url IS NOT NULL") == [(N_HELD,)]
    report = {"record_id": "new", "source": "hotline", "url": "https://one.alpha.example/a01/picture.jpg"}
    new = csv_file(inputs.folder / "again.csv", [report | {"reported_at": "2026-11-22T23:00:00Z"}])
    n_targets = copy.rows("SELECT count(*) FROM targets")
    assert copy.json("import", new)["accepted"] == 1
    assert copy.rows("SELECT count(*) FROM targets") == n_targets
    revealed = copy.json("explain", "new", "--reveal", "--reason", "asked")
    assert "https://one.alpha.example/a01/picture.jpg" in json.dumps(revealed)
    assert copy.json("verify")["ok"]


def test_one_class_alone_leaves_the_others(copy: Any) -> None:
    """Addresses go and URLs stay, and with them the address of the one host that is an address."""
    done = copy.json("forget", *OLD, *WHY, "--class", "address")
    assert [each["kind"] for each in done["classes"]] == ["address"]
    assert copy.rows("SELECT count(*) FROM targets WHERE forgotten_at IS NOT NULL") == [(0,)]
    assert copy.rows("SELECT count(*) FROM addresses WHERE forgotten_at IS NULL") == [(N_HELD + 1,)]


def test_files_go_by_their_age_and_those_of_a_held_provider_stay(copy: Any) -> None:
    """Of the folders that are the monitor's; a hidden file is somebody's draft."""
    old = time.time() - 40 * 86_400
    for name, at in (("as64500-2026H1-a.age", old), ("as64501-2026H1-b.age", old), ("as64501-new.age", time.time())):
        path = copy.data / "provider-files" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"sealed")
        os.utime(path, (at, at))
    copy.json("hold", "as64500", "--reason", "hearing", "--kind", "provider")
    done = copy.json("forget", "--older-than", "30 days", *WHY, "--class", "order-file")
    (found,) = done["classes"]
    assert (found["due"], found["held"], found["forgotten"]) == (2, 1, 1)
    left = sorted(path.name for path in (copy.data / "provider-files").iterdir())
    assert left == ["as64500-2026H1-a.age", "as64501-new.age"]


def test_a_file_of_orders_stays_while_one_of_them_is_not_decided(copy: Any) -> None:
    """That of the provider that was told; another one's goes."""
    told = {order["provider_id"] for order in copy.json("orders", "list", "--open")["orders"]} - {None}
    old = time.time() - 40 * 86_400
    for provider in (*told, "as65551"):
        path = copy.data / "order-files" / f"{provider}-a.age"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"sealed")
        os.utime(path, (old, old))
    (found,) = copy.json("forget", "--older-than", "30 days", *WHY, "--class", "order-file")["classes"]
    assert told and (found["held"], found["forgotten"]) == (len(told), 1)


def test_without_a_term_everything_is_kept_and_status_says_so(copy: Any) -> None:
    """Nobody but the controller decides on a term."""
    ran = copy.run("forget", *WHY)
    assert ran.status == 0 and "no term is set" in ran.err
    assert copy.rows("SELECT count(*) FROM targets WHERE forgotten_at IS NOT NULL") == [(0,)]
    assert "no term is set" in copy.run("status").out


def test_the_terms_of_the_configuration_are_each_class_its_own(make: Make, inputs: Any) -> None:
    """URLs after a month, addresses never; status counts what is past its term until forget ran."""
    monitor = make("terms", '[retention]\nurl = "1 month"\n')
    monitor.json("import", inputs.reports)
    assert "URLs past their term" in monitor.run("status").out
    done = monitor.json("forget", *WHY)
    assert _counts(done)["url"] > 5 and _counts(done)["address"] == 0
    assert "URLs past their term 0" in monitor.run("status").out


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('[retention]\nurl = "soon"\n', "18 months"),
        ('[retention]\nurls = "1 month"\n', "Did you mean 'url'?"),
        ('[retension]\nurl = "1 month"\n', "Did you mean 'retention'?"),
    ],
)
def test_a_wrong_term_is_said_at_the_start(make: Make, config: str, said: str) -> None:
    """With how it is written, or the nearest right name."""
    ran = make("wrong", config).run("forget", *WHY)
    assert ran.status == 2 and said in ran.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--reason", " "),
        (*WHY, "--older-than", "soon"),
        (*WHY, "--class", "everything"),
        ("--reason", "see https://zz.example/"),
    ],
)
def test_wrong_words_are_wrong_usage(copy: Any, words: tuple[str, ...]) -> None:
    """And nothing goes."""
    ran = copy.run("forget", *words)
    assert ran.status == 2 and "zz.example" not in ran.err
    assert copy.rows("SELECT count(*) FROM targets WHERE forgotten_at IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("at", [12, 60, 90, 120, 150])
def test_a_run_that_is_killed_is_gone_on_with(copy: Any, line: Any, at: int) -> None:
    """Nothing is half forgotten, and what the database's files still hold is seen to."""
    command = [sys.executable, "-c", KILLED, str(at), "--data-dir", str(copy.data), "forget", *OLD, *WHY]
    killed = subprocess.run(command, env=environment(copy.data) | {"COLUMNS": "500"}, capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr[-500:]
    begun = (copy.data / ".forgetting").exists()
    assert copy.json("verify")["ok"] and begun == (at > 50)
    done = copy.json("forget", *OLD, *WHY)
    assert done["erased"] is True and done["resumed"] is begun
    assert copy.rows("SELECT count(*) FROM targets WHERE forgotten_at IS NULL") == [(N_HELD,)]
    for kind, table in (("url", "targets"), ("address", "addresses")):  # also what went before the kill
        assert copy.rows(f"SELECT count(*) FROM {table} WHERE forgotten_at IS NOT NULL") == [(_counts(done)[kind],)]
    assert copy.json("freeze", "2026H1")["digest"] == line.said["freeze"]["digest"]
    assert not (copy.data / ".forgetting").exists()


def test_a_new_key_opens_what_is_left(copy: Any) -> None:
    """Rotation finds nothing that does not open."""
    copy.json("forget", *OLD, *WHY)
    assert copy.run("keys", "rotate").status == 0
    assert copy.json("verify")["ok"]
    assert (copy.data / KEY_FILE).is_file()

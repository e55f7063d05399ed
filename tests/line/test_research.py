"""A research copy: the same figures to the last digit, and no secret in any byte of it, sealed or not."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.store import contexts, list_audit, open_store
from monitor.store.key_file import KeyRole
from monitor.store.seal_counts import sealed_columns
from tests.engines import URL_VARIABLE, store_of

WHY = ("--reason", "figures for the yearly report", "--by", "Jo Tester")
PARTY, REFERENCE, CONTACT = "Zq7xk9mw Onbekende Partij", "zq7xk9mw-reference-4711", "abuse@zq7xk9mw.example"
OWN_HOST, OWN_ADDRESS = "zq7xk9mw-host.example", "192.0.2.77"


@pytest.fixture
def planted(copy: Any, inputs: Any) -> Any:
    """The line's store with marked secrets: URL, host, address, party, reference, contact, letter text."""
    said = {"reported_at": "2026-03-02T10:00:00Z", "notified_at": "2026-03-02T12:00:00Z", "source": "hotline"}
    rows = [
        {"record_id": "z1", "url": f"https://{OWN_HOST}/zq7xk9mw-path", "ip": OWN_ADDRESS, "notified_party": PARTY,
         "notice_ref": REFERENCE, **said},
        {"record_id": "z2", "url": f"https://{OWN_HOST}/zq7xk9mw-other", "ip": OWN_ADDRESS,
         "notified_party": "Alpha Hosting", "notice_ref": "", **said},
        {"record_id": "z3", "url": f"https://{OWN_ADDRESS}/zq7xk9mw", "ip": OWN_ADDRESS,
         "notified_party": "AS64500", "notice_ref": REFERENCE, **said},
    ]  # fmt: skip
    assert copy.json("import", inputs.write("planted.csv", rows))["accepted"] == 3
    by = ("--by", "clerk", "--why", "They told us")
    said_of = ("--alias", "Alfa Nederland", "--contact", f"abuse={CONTACT}", "--contact-source", "its letter", *by)
    ran = copy.run("providers", "set", "as64500", *said_of)
    assert ran.status == 0, ran.err
    assert copy.run("correct", "exclude", "a01", *by).status == 0
    assert copy.run("providers", "assign", "as64503", "--network", "192.0.2.64/26", *by).status == 0
    copy.json("freeze", "2026H1")
    return copy


def _of(monitor: Any, folder: Path) -> Any:
    """The program with the copy, which is on SQLite whatever the store is on."""
    env = {name: value for name, value in monitor.env.items() if name != URL_VARIABLE}
    return replace(monitor, data=folder, env=env)


def _opened(folder: Path) -> Iterator[bytes]:
    """Every sealed value of a copy, opened by its own key; pseudonyms too."""
    with open_store(folder, None, create=False) as store:
        assert store.sealer.role is KeyRole.RESEARCHER
        store.sealer.role = KeyRole.OWNER
        with store.read() as connection:
            for table, column in sealed_columns():
                query = f"SELECT {column.name} FROM {table.name} WHERE {column.name} IS NOT NULL"
                for (value,) in connection.exec_driver_sql(query):
                    yield store.sealer.unseal(value, f"{table.name}.{column.name}")


def _indexes(folder: Path) -> set[bytes]:
    with closing(sqlite3.connect(folder / "monitor.sqlite")) as connection:
        queries = ("SELECT url_index FROM targets", "SELECT name_index FROM hosts", "SELECT site_index FROM hosts",
                   "SELECT address_index FROM addresses", "SELECT content_index FROM notices")  # fmt: skip
        return {row[0] for query in queries for row in connection.execute(query)}


@pytest.fixture
def folder(planted: Any, tmp_path: Path) -> Path:
    made = planted.json("research", "export", tmp_path / "copy", *WHY)
    assert made["path"] == str(tmp_path / "copy")
    return tmp_path / "copy"


def test_the_copy_gives_the_same_digest_figures_and_pages(planted: Any, folder: Path) -> None:
    """freeze, rank in each role, and publish, as from the store that it was made from."""
    other = _of(planted, folder)
    with closing(sqlite3.connect(folder / "monitor.sqlite")) as connection:
        claimed = {row[0] for row in connection.execute("SELECT claimed FROM registered_courses")}
    assert "as64503" in claimed  # by the network around an address that is not in the copy
    mine, theirs = planted.json("freeze", "2026H1"), other.json("freeze", "2026H1")
    assert mine["digest"] == theirs["digest"] and mine["episodes"] == theirs["episodes"] > 20
    for role in ("network", "as", "proxy"):
        rank = ("rank", "2026H1", "--role", role)
        assert planted.json(*rank)["scorecards"] == other.json(*rank)["scorecards"]
    pages = [monitor.json("publish", "2026H1")["path"] for monitor in (planted, other)]
    tables = [(Path(path) / "tables" / "ranking.csv").read_bytes() for path in pages]
    assert tables[0] == tables[1]


def test_no_secret_is_in_the_copy_not_even_sealed(planted: Any, folder: Path) -> None:
    """Every byte of the folder, and every sealed value opened: no URL, host, address, party, reference or contact."""
    _of(planted, folder).json("freeze", "2026H1")
    content = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    opened = b"\n".join(_opened(folder))
    assert b"host 1" in opened and b"notice-" in opened  # the search does see what was sealed
    for secret in ("zq7xk9mw", "picture.jpg", "alpha.example", OWN_ADDRESS, "://", CONTACT):
        assert secret.encode() not in opened.lower(), secret
    for secret in ("zq7xk9mw", "picture.jpg", "alpha.example", OWN_ADDRESS, CONTACT):
        assert secret.encode() not in content.lower(), secret
    packed = bytes(map(int, OWN_ADDRESS.split(".")))
    assert packed not in opened.split(b"\n")


def test_nothing_in_the_copy_can_be_looked_up_by_the_stores_key(planted: Any, folder: Path) -> None:
    """No blind index is one of the store's, and two copies have none in common."""
    with store_of(planted.data) as store:
        known = {store.sealer.index(f"https://{OWN_HOST}/zq7xk9mw-path".encode(), contexts.TARGET_URL)}
        known |= {store.sealer.index(OWN_HOST.encode(), contexts.HOST_NAME)}
    rows = planted.rows("SELECT url_index FROM targets") + planted.rows("SELECT address_index FROM addresses")
    mine = {bytes(row[0]) for row in rows}
    assert known & {bytes(row[0]) for row in planted.rows("SELECT url_index FROM targets")}
    planted.json("research", "export", folder.parent / "second", *WHY)
    first, second = _indexes(folder), _indexes(folder.parent / "second")
    assert not first & (mine | known) and not first & second


def test_the_copy_verifies_and_both_logs_say_who_made_it(planted: Any, folder: Path) -> None:
    """Its chains are whole; the entry in the store names the copy's key, the one in the copy the store's head."""
    assert _of(planted, folder).json("verify")["problems"] == []
    assert planted.json("verify")["problems"] == []
    with store_of(planted.data) as store:
        entry = list_audit(store)[-1]
    assert (entry.actor, entry.action, entry.reason) == ("Jo Tester", "research export", WHY[1])
    assert json.loads((folder / "monitor.key").read_bytes())["keys"][0]["key_id"] in entry.subject
    with open_store(folder, None, create=False) as store:
        assert [each.action for each in list_audit(store)] == ["research export"]


@pytest.mark.parametrize(
    "words",
    [("import", "REPORTS"), ("reveal", "a01", "--reason", "x"), ("explain", "a01"), ("attribute", "--all"),
     ("keys", "rotate"), ("research", "export", "AGAIN", *WHY)],
)  # fmt: skip
def test_what_needs_a_url_host_or_address_says_that_it_is_a_copy(
    planted: Any, folder: Path, inputs: Any, words: tuple[str, ...]
) -> None:
    """Status 1 and one line; nothing is imported under a stand-in."""
    places = {"REPORTS": str(inputs.reports), "AGAIN": str(folder.parent / "again")}
    ran = _of(planted, folder).run(*(places.get(word, word) for word in words))
    said = [line for line in ran.err.splitlines() if "routing table in force" not in line]  # which is old, too
    assert (ran.status, len(said), "research copy" in said[0]) == (1, 1, True), ran.err


def test_with_pseudonymous_records_ids_go_too(planted: Any, tmp_path: Path) -> None:
    """No reference of the hotline is left, the figures are the same, and the digest is another one."""
    folder = tmp_path / "pseudonymous"
    planted.json("research", "export", folder, *WHY, "--pseudonymous-records")
    other = _of(planted, folder)
    mine, theirs = planted.json("freeze", "2026H1"), other.json("freeze", "2026H1")
    assert mine["digest"] != theirs["digest"] and mine["episodes"] == theirs["episodes"]
    wanted = ("provider_id", "n_episodes", "within_24h", "taken_down", "rank")
    cards = [
        [[card[name] for name in wanted] for card in monitor.json("rank", "2026H1")["scorecards"]]
        for monitor in (planted, other)
    ]
    assert cards[0] == cards[1]
    with closing(sqlite3.connect(folder / "monitor.sqlite")) as connection:
        ids = {row[0] for row in connection.execute("SELECT record_id FROM records")}
    assert ids and not ids & {row[0] for row in planted.rows("SELECT record_id FROM records")}


def test_a_folder_that_is_there_is_left_alone_and_a_reason_is_needed(
    planted: Any, tmp_path: Path, tree_of: Callable[[Path], dict[str, bytes]]
) -> None:
    """Nothing is overwritten, nothing is left over."""
    (tmp_path / "there").mkdir()
    assert planted.run("research", "export", tmp_path / "there", *WHY).status == 1
    assert planted.run("research", "export", tmp_path / "new").status == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"] and not tree_of(tmp_path)

"""Nothing secret lies open in the database, its WAL or its shared memory, while it is open and after."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from monitor.model.report import Host, Target
from monitor.model.words import HostKind, InputKind, Outcome
from monitor.store import Store, add_checks, add_reports, begin_input, load_facts, open_store
from tests.engines import Engine

Make = Any  # conftest's Maker
MARKS = ("zzmarkedhost", "zzmarkedpath", "zzmarkedquery", "zzmarkedsite", "zzmarkedref", "zzmarkedparty")


def _forms(text: str) -> Iterator[bytes]:
    """A text as it could lie in a file: plain, upper case, UTF-16, percent-encoded, hex, and base64 at each offset."""
    raw = text.encode()
    yield from (raw, raw.upper(), raw[::-1], text.encode("utf-16-le"), text.encode("utf-16-be"), raw.hex().encode())
    yield "".join(f"%{byte:02X}" for byte in raw).encode()
    yield quote(text).encode()
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw)
        yield coded[4 if offset else 0 : -4]


def _fill(store: Store, make: Make) -> None:
    host = Host("zzmarkedhost.zzmarkedsite.example", HostKind.NAME, "zzmarkedsite.example", None)
    target = Target("https://zzmarkedhost.zzmarkedsite.example/zzmarkedpath?q=zzmarkedquery", host)
    notice = make.notice(reference="zzmarkedref", party="zzmarkedparty")
    rows = [
        make.report("R1", target=target, notice=notice, address=make.address("203.0.113.77")),
        make.report("R2", target=Target(None, host), origin_address=make.address("2001:db8:feed:beef::77")),
        make.report("R3", target=make.literal("198.51.100.77")),
    ]
    add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), rows)
    checks = [make.check("R1", hours, Outcome.ONLINE, address=make.address("203.0.113.78")) for hours in range(50)]
    add_checks(store, begin_input(store, "bb", InputKind.CHECKS, 1), checks)


def _secrets(make: Make) -> Iterator[tuple[str, bytes]]:
    for mark in MARKS:
        for form in _forms(mark):
            yield mark, form
    for text in ("203.0.113.77", "203.0.113.78", "198.51.100.77", "2001:db8:feed:beef::77"):
        yield text, text.encode()
        yield text, make.address(text)


def test_the_search_finds_what_lies_open() -> None:
    """The forms below match a file in which the text does lie open: the leak test can fail."""
    for text in (b"xx zzmarkedhost", base64.b64encode(b"1zzmarkedhost.example"), "zzmarkedhost".encode("utf-16-le")):
        assert any(form in text for form in _forms("zzmarkedhost"))


def test_no_url_host_path_or_address_lies_open_while_the_store_is_open(
    store: Store, engine: Engine, make: Make
) -> None:
    """Database, WAL and shared memory, searched in every form while a reader keeps the WAL."""
    with store.read():
        _fill(store, make)
        files = engine.files(store.data_dir)
        assert b"hotline" in engine.log(store.data_dir)  # the clear columns are there: we look in the right place
    if engine.name == "sqlite":
        assert files.keys() == {"monitor.sqlite", "monitor.sqlite-wal", "monitor.sqlite-shm"}
    assert [(name, text) for name, content in files.items() for text, form in _secrets(make) if form in content] == []


def test_no_url_host_path_or_address_lies_open_after_closing(store: Store, engine: Engine, make: Make) -> None:
    """The same once all is written into the database file."""
    _fill(store, make)
    store.close()
    files = engine.files(store.data_dir)
    assert any(b"hotline" in content for name, content in files.items() if name != "log")
    assert [(name, text) for name, content in files.items() for text, form in _secrets(make) if form in content] == []


def test_what_was_sealed_can_be_opened_with_the_key(store: Store, make: Make) -> None:
    """The secret is sealed, not lost: the addressee's name and the URL come back."""
    _fill(store, make)
    assert "zzmarkedparty" in load_facts(store, cutoff=make.at(99), trusted=bool).notices.party.tolist()
    with store.read() as connection:
        urls = connection.exec_driver_sql("SELECT url FROM targets WHERE url IS NOT NULL").scalars().all()
    assert any(b"zzmarkedquery" in store.sealer.unseal(url, "targets.url") for url in urls)


def test_an_error_in_the_middle_of_a_batch_shows_nothing_of_its_rows(store: Store, make: Make) -> None:
    """A batch that the database refuses: the message names no row, value or statement."""
    with store.write() as connection:
        connection.exec_driver_sql("DROP TABLE targets" + (" CASCADE" if store.on_server else ""))
    with pytest.raises(Exception, match="db upgrade") as raised:
        _fill(store, make)
    shown = f"{raised.value!r} {raised.value} {raised.value.__cause__}"
    assert not any(mark in shown for mark in (*MARKS, "203.0.113", "SELECT", "INSERT"))


def test_sealed_values_of_another_store_do_not_match(engine: Engine, tmp_path: Path, make: Make) -> None:
    """Blind indexes under two keys have nothing in common: two stores cannot be joined without a key."""
    found = []
    for name in ("one", "two"):
        with open_store(tmp_path / name, engine.url(tmp_path / name), create=True) as store:
            _fill(store, make)
            with store.read() as connection:
                query = "SELECT url_index FROM targets UNION SELECT name_index FROM hosts"
                query += " UNION SELECT site_index FROM hosts"
                found.append(set(connection.exec_driver_sql(query).scalars().all()))
    assert len(found[0]) == len(found[1]) > 5
    assert not found[0] & found[1]

"""Marked URLs, hosts, paths, queries and addresses go in; nothing of them is found outside the sealed columns.

Every file that the program wrote (store while open, freeze, release, rejects, temporary files; compressed files
and documents opened) and everything that it printed is searched in every form that a text could take.
"""

import base64
import contextlib
import gzip
import io
import json
import os
import resource
import signal
import sqlite3
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard
from pytest import TempPathFactory

from monitor.intake import Code
from monitor.store import contexts
from monitor.store.tables import HostRow, NoticeRow, TargetRow, table_of
from tests.engines import Engine, copied, elsewhere, store_of

STEM = "zq7xk9mw"
U_LABEL = "zqäx7kö9mwq"
A_LABEL = U_LABEL.encode("idna").decode()
V4, V6 = "203.0.113.211", "2001:db8:b:6b39:9d17::d3"
HOST = f"{STEM}host.example"
URL = f"http://{HOST}/{STEM}path/a.jpg?{STEM}query=1"
DATE = "2026-01-05T00:00:00Z"
PERIOD = "2026H1"
NOT_LONG = {"MONITOR_DATABASE__BUSY_SECONDS": "0.2"}


# --- the search -----------------------------------------------------------------------------------------------


def forms(text: str) -> Iterator[bytes]:
    """A text, in lower case, as it could lie in a file: also UTF-16, percent-encoded, as hex, and from behind."""
    raw = text.encode()
    yield from (raw, text[::-1].encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), raw.hex().encode())
    yield "".join(f"%{byte:02x}" for byte in raw).encode()
    yield "".join(c if c.isascii() else "".join(f"%{b:02x}" for b in c.encode()) for c in text).encode()
    yield json.dumps(text)[1:-1].encode()


def base64_forms(text: str) -> Iterator[bytes]:
    """The part of the base64 text that does not depend on what stands before and after, at each alignment."""
    raw = text.encode()
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw)
        first, last = -(-offset * 8 // 6), (offset + len(raw)) * 8 // 6
        yield coded[first:last]
        yield coded[first:last].translate(bytes.maketrans(b"+/", b"-_"))


SECRETS = (STEM, U_LABEL, A_LABEL, V4, V6, str(ip_address(V6).exploded), str(int(ip_address(V4))))
IN_ANY_CASE = {form.lower() for text in SECRETS for case in (text, text.upper()) for form in forms(case)}
AS_IT_IS = {form for text in SECRETS for case in (text, text.upper(), text.swapcase()) for form in base64_forms(case)}
AS_IT_IS |= {ip_address(V6).packed}


def search(content: bytes) -> bool:
    folded = content.lower()
    return any(form in folded for form in IN_ANY_CASE) or any(form in content for form in AS_IT_IS)


def opened(content: bytes) -> Iterator[bytes]:
    """The content, and what is packed in it."""
    yield content
    if content.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        with contextlib.suppress(zlib.error, zstandard.ZstdError):  # a blind index can begin like that too
            yield from opened(_expanded(content))
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as folder:
            for name in folder.namelist():
                yield name.encode()
                yield from opened(folder.read(name))
    elif content.startswith(b"\x89PNG"):
        yield from _png_texts(content)
    elif content.startswith(b"SQLite format 3\0"):
        yield from _blobs(content)


def _expanded(content: bytes) -> bytes:
    if content.startswith(b"\x1f"):
        return zlib.decompressobj(31).decompress(content)
    return zstandard.ZstdDecompressor().decompressobj().decompress(content)


def _png_texts(content: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        data = content[at + 8 : at + 8 + size]
        if kind in (b"zTXt", b"iTXt"):
            packed = data[data.index(b"\0") + 2 :].lstrip(b"\0\1")
            with contextlib.suppress(zlib.error):
                yield zlib.decompress(packed)
        yield data
        at += size + 12


def _blobs(content: bytes) -> Iterator[bytes]:
    """Packed values in the rows of a database; its plain pages were searched as they lie."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        # A copy in memory has no WAL: byte 18 and 19 of the header say so.
        connection.deserialize(content[:18] + b"\1\1" + content[20:])
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, bytes) and value.startswith((b"\x28\xb5\x2f\xfd", b"\x1f\x8b")):
                        yield from opened(value)


def leaks(folder: Path) -> list[str]:
    """The files below a folder in which, or in whose name, a secret is found."""
    found = []
    for path in sorted(folder.rglob("*")):
        if search(str(path.relative_to(folder)).encode()):
            found.append(f"name of {path.parent}")
        if path.is_file() and path.name != "monitor.key":
            parts = [*opened(path.read_bytes())]
            if parts[0].startswith(b"PAR1"):
                parts.append(_parquet_text(path))
            if any(map(search, parts)):
                found.append(path.name)
    return found + [name for name, content in elsewhere(folder).items() if any(map(search, opened(content)))]


def _parquet_text(path: Path) -> bytes:
    with duckdb.connect() as connection:
        return repr(connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()).encode()


def test_the_search_finds_a_secret_in_every_form_and_container(tmp_path: Path, csv_file: Callable[..., Path]) -> None:
    """The positive control: planted copies, one in each form and one in each kind of file, are all found."""
    planted: dict[str, bytes] = {}
    for n, text in enumerate(SECRETS):
        shapes = [*forms(text), text.upper().encode(), text.swapcase().encode(), f"..{text}..".encode("utf-16")]
        shapes += [base64.b64encode(b"?" * pad + text.encode() + b"??") for pad in range(3)]
        planted |= {f"{n}-{m}": b"xx" + shape + b"xx" for m, shape in enumerate(shapes)}
    plain = f"see {URL} there".encode()
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("document.xml", plain)
    chunk = b"zTXtComment\0\0" + zlib.compress(plain)
    planted |= {
        "a.gz": gzip.compress(plain),
        "b.zst": zstandard.compress(gzip.compress(plain)),
        "c.zip": box.getvalue(),
        "d.png": b"\x89PNG\r\n\x1a\n" + (len(chunk) - 4).to_bytes(4, "big") + chunk + b"\0" * 4,
    }
    for name, content in planted.items():
        (tmp_path / name).write_bytes(content)
    with contextlib.closing(sqlite3.connect(tmp_path / "e.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE t (a BLOB)")
        connection.execute("INSERT INTO t VALUES (?)", [zstandard.compress(plain)])
    place = str(tmp_path / "f.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT ? AS a FROM range(2000)) TO '{place}' (COMPRESSION zstd)", [URL])
    assert leaks(tmp_path) == sorted([*planted, "e.sqlite", "f.parquet"])
    (tmp_path / STEM).mkdir()
    assert len(leaks(tmp_path)) == len(planted) + 3


def test_the_search_finds_nothing_in_other_text() -> None:
    """The other control: what is always there is not taken for a secret."""
    assert not search(b"https://www.site.example/ 203.0.113.0/24 2001:db8:b::/48 AS64500 zq7 " + os.urandom(100_000))


# --- the marked input -----------------------------------------------------------------------------------------

COLUMNS = (
    "record_id", "url", "host", "reported_at", "source", "notified_at", "notice_ref", "notice_kind",
    "notice_status", "notified_party", "deadline_hours", "ip", "last_online_at", "first_offline_at",
    "notice_sender",
)  # fmt: skip


def row(record_id: str = "R1", **values: str) -> str:
    cells = {"record_id": record_id, "url": URL, "reported_at": DATE, "notice_sender": "", **values}
    return ",".join(cells.get(name, "") for name in COLUMNS)


def broken_rows() -> dict[Code, str | bytes]:
    """A row for each code, read with --timezone."""
    noticed = {"notified_at": DATE}
    order = {**noticed, "notice_kind": "order"}
    return {
        Code.NOT_UTF8: row().encode() + b"\xff",
        Code.NUL: row().encode() + b"\0",
        Code.LINE_TOO_LONG: row(url=URL + "x" * 70_000),
        Code.BAD_QUOTING: '"' + row(),
        Code.WRONG_FIELD_COUNT: URL,
        Code.MISSING_VALUE: row(reported_at=""),
        Code.UNKNOWN_WORD: row(**noticed, notice_status=URL),
        Code.BAD_TEXT: row(record_id=STEM * 40),
        Code.LOOKS_LIKE_URL: row(record_id=URL),
        Code.BAD_ADDRESS: row(ip=URL),
        Code.BAD_NUMBER: row(**order, deadline_hours=URL),
        Code.BAD_TIME: row(reported_at=URL),
        Code.TIME_OUT_OF_RANGE: row(reported_at="1970-01-01T00:00:00Z"),
        Code.TIME_AMBIGUOUS: row(reported_at="2026-10-25T02:30:00"),
        Code.TIME_NONEXISTENT: row(reported_at="2026-03-29T02:30:00"),
        Code.NO_SCHEME: row(url=HOST),
        Code.BAD_SCHEME: row(url=URL.replace("http", "ftp")),
        Code.BAD_URL: row(url=URL.replace(".example", " .example")),
        Code.BAD_HOST: row(url=f"http://{U_LABEL}..example/"),
        Code.BAD_PORT: row(url=URL.replace(".example", ".example:0")),
        Code.CONTROL_CHARACTER: row(url=URL + "\x01x"),
        Code.URL_TOO_LONG: row(url=URL + "x" * 20_000),
        Code.HOST_MISMATCH: row(host=f"{STEM}two.example"),
        Code.NOTICE_WITHOUT_TIME: row(notice_ref=STEM),
        Code.ORDER_WITHOUT_TIME: row(notice_kind="order"),
        Code.DEADLINE_WITHOUT_ORDER: row(**noticed, deadline_hours="1"),
        Code.DEADLINE_TOO_LONG: row(**order, deadline_hours="24"),
        Code.BRACKET_REVERSED: row(last_online_at="2026-01-09T00:00:00Z", first_offline_at=DATE),
    }


LEAKY = (
    *(URL, HOST, f"see {HOST} there", f"{STEM}.{U_LABEL}.example", f"{A_LABEL}.example", V4, f"{V4}:80", f"[{V6}]:443"),
    *(f"u:{STEM}@{HOST}", f"/{STEM}/a.jpg", URL.replace("/", "%2F"), f"hxxp://{STEM}[.]example/x", f"Referer={URL}"),
)
"""What must not be taken into a column that is stored clear."""


def good_rows() -> Iterator[str]:
    urls = (
        URL,
        f"https://{STEM}user:{STEM}pass@{HOST}:8443/{STEM}/%7A%71?{STEM}=%C3%A4#{STEM}",
        f"https://{U_LABEL}.example/{STEM}",
        f"https://{A_LABEL}.example/{STEM}2",
        f"http://{V4}/{STEM}",
        f"http://[{V6}]:8080/{STEM}",
        f"HTTPS://{HOST.upper()}/UPPER",
    )
    more = {"notice_ref": f"ref {URL}", "notified_party": f"{STEM} party {HOST}", "notice_status": "sent"}
    for n, url in enumerate(urls):
        yield row(f"G{n}", url=url, notified_at="2026-01-05T02:00:00Z", ip=V4 if n < 5 else V6, **more)
    for n in range(6):
        yield row(f"H{n}", url="", host=HOST, notified_at=f"2026-01-0{n + 1}T02:00:00Z", ip="192.0.2.7")


def write_world(folder: Path) -> None:
    """The marked files, in a folder and under names that are marked as well."""
    head = ",".join(COLUMNS)
    clear = [row(f"C{n}", **{name: text.replace(",", "")}) for n, text in enumerate(LEAKY) for name in ("source",)]
    clear += [row(text) for text in LEAKY]
    clear += [row(f"D{n}", notified_at=DATE, notice_sender=text) for n, text in enumerate(LEAKY)]
    files: dict[str, list[str | bytes]] = {
        "good.csv": [head, *good_rows(), row("G0", url=f"{URL}&other")],
        "broken.csv": [head, *broken_rows().values()],
        "clear.csv": [head, *clear],
        "naive.csv": [head, row(reported_at="2026-01-01T00:00:00")],
        "no-header.csv": [*good_rows()],
        "wrong-header.csv": [f"{head},{URL}", row() + ","],
        "known-header.csv": [f"record_id,{STEM}.example,reported_at", f"R,{URL},{DATE}"],
        "not-a-table.txt": [f"<html>{URL}</html>", URL],
        "rows.jsonl": [
            json.dumps({"record_id": "J1", "url": URL, "reported_at": DATE}),
            f'{{"url": "{URL}"',
            f'["{URL}"]',
            f'{{"url": "{URL}", "url": "{URL}"}}',
            f'{{"{URL}": "{URL}"}}',
            f'{{"url": ["{URL}"]}}',
        ],
        "checks.csv": [
            "record_id,checked_at,outcome,reason,ip,vantage",
            *(f"G{n},2026-01-05T0{h}:00:00Z,{o},,{V4}," for n in range(5) for h, o in ((3, "online"), (9, "offline"))),
            *(f"H{n},2026-02-05T0{n}:00:00Z,offline,nxdomain,{V6}," for n in range(6)),
            *(f"G0,{DATE},online,{text},,".replace(f"{text}", text.replace(",", " ")) for text in LEAKY),
            *(f"G0,{DATE},online,,,{text}" for text in LEAKY),
            f"{URL},{DATE},online,,,",
            f"G0,{DATE},{URL},,,",
            f"G0,{URL},online,,,",
            f"G0,{DATE},online,,{HOST},",
        ],
        "prefixes.tsv": ["192.0.2.0/25\t64500", "203.0.113.0/24\t64501", "2001:db8:b::/48\t64501",
                         f"{URL}\t64500", f"{HOST}/24\t1", f"192.0.2.0/24\t{HOST}", f"{V4}/99\t64500", STEM],
        "as-names.csv": ["asn,name", "64500,Alpha Hosting", "64501,Beta Hosting", f"{HOST},Gamma", f"{URL}",
                         f'64502,"{STEM}'],
        "fronting.csv": ["198.51.100.0/25,Gamma Shield", f"{HOST},Gamma", f"{URL},{STEM}", f"{V4}/77,Gamma"],
    }  # fmt: skip
    for name, lines in files.items():
        content = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n"
        (folder / f"{STEM} {HOST} {name}").write_bytes(content)
    bulk = "\n".join([head, *(row(f"T{n}", url=f"{URL}&n={n}") for n in range(400))])
    (folder / f"{STEM} {HOST} cut.csv.gz").write_bytes(gzip.compress(bulk.encode())[:-300])


@dataclass
class Scene:
    """The marked store, and all that the runs on it and on its copies printed."""

    monitor: Any
    folder: Path
    printed: list[str] = field(default_factory=list)
    places: list[Path] = field(default_factory=list)

    def file(self, name: str) -> Path:
        return self.folder / f"{STEM} {HOST} {name}"

    def run(self, monitor: Any, *words: object, **more: Any) -> Any:
        """A run with `-v` and `--json`, remembered; nothing that it prints holds a secret."""
        ran = monitor.run("-v", "--json", *words, **more)
        self.note(ran)
        return ran

    def note(self, ran: Any) -> None:
        self.printed.append(ran.out + ran.err)
        assert not search(self.printed[-1].encode()), f"a secret was printed (status {ran.status})"


@pytest.fixture(scope="module")
def scene(make: Callable[..., Any], tmp_path_factory: TempPathFactory) -> Scene:
    """Everything imported once, frozen and published."""
    folder = tmp_path_factory.mktemp("in") / f"{STEM} {HOST}"
    folder.mkdir()
    write_world(folder)
    scene = Scene(make("marked", "[publication]\nname_in_interim = true\n"), folder)
    run, file = scene.run, scene.file
    tables = (
        "--prefixes",
        file("prefixes.tsv"),
        "--as-names",
        file("as-names.csv"),
        "--fronting",
        file("fronting.csv"),
    )
    assert run(scene.monitor, "refdata", "import", "--as-of", "2025-06-01", *tables).status == 3
    zoned = run(scene.monitor, "import", "--timezone", "Europe/Amsterdam", file("good.csv"), file("broken.csv"))
    assert (zoned.status, zoned.document["accepted"]) == (3, 13)
    names = (
        "clear.csv",
        "naive.csv",
        "rows.jsonl",
        "checks.csv",
        "no-header.csv",
        "wrong-header.csv",
        "known-header.csv",
    )
    rest = run(scene.monitor, "import", *map(file, (*names, "not-a-table.txt", "cut.csv.gz", "not-there.csv")))
    assert (rest.status, rest.document["accepted"]) == (1, 17)  # J1 and sixteen checks
    assert run(scene.monitor, "attribute").status == 0
    assert run(scene.monitor, "freeze", PERIOD).status == 0
    assert run(scene.monitor, "publish", PERIOD).status == 0
    return scene


@pytest.fixture
def another(scene: Scene, make: Callable[..., Any]) -> Any:
    """A copy of the marked store to break."""
    monitor = make("another")
    copied(scene.monitor.data, monitor.data)
    scene.places.append(monitor.data.parent)
    return monitor


# --- what is found --------------------------------------------------------------------------------------------


def test_every_reject_code_was_given_and_nothing_of_the_rows_is_kept(scene: Scene) -> None:
    """All codes stand in the rejects files, beside `conflict`; none was passed over."""
    text = "".join(path.read_text(encoding="utf-8") for path in (scene.monitor.data / "rejects").iterdir())
    found = {line.split(",")[3] for line in text.splitlines()} - {"code"}
    assert found >= {code.value for code in Code} | {"conflict"}


def test_no_clear_column_takes_what_looks_like_a_url(scene: Scene) -> None:
    """Each leaky text was rejected in record_id, source, notice_sender, reason and vantage: 13 times 5."""
    text = "".join(path.read_text(encoding="utf-8") for path in (scene.monitor.data / "rejects").iterdir())
    counts = {name: text.count(f",{name},looks-like-url,") for name in ("source", "notice_sender", "reason", "vantage")}
    assert counts == dict.fromkeys(counts, len(LEAKY))
    assert text.count(",record_id,looks-like-url,") == len(LEAKY) + 2  # one each in broken.csv and checks.csv


def test_nothing_is_found_in_any_file_or_name(scene: Scene) -> None:
    """Database, frozen data, release, rejects, configuration, temporary files and the working folder."""
    files = {path.name for path in scene.monitor.data.rglob("*") if path.is_file()}
    assert {"monitor.key", "episodes.parquet", "index.html", "ranking.csv", "manifest.json"} <= files
    assert leaks(scene.monitor.data.parent) == []


def test_the_store_holds_the_secrets_when_unsealed(scene: Scene) -> None:
    """The other positive control: each sealed column, opened with the key, is where the search finds them."""
    columns = {
        contexts.TARGET_URL: table_of(TargetRow).c.url,
        contexts.HOST_NAME: table_of(HostRow).c.name,
        contexts.NOTICE_REFERENCE: table_of(NoticeRow).c.reference,
        contexts.NOTICE_PARTY: table_of(NoticeRow).c.party,
    }
    with store_of(scene.monitor.data) as store, store.read() as connection:
        for context, column in columns.items():
            sealed = [
                value for (value,) in connection.execute(column.table.select().with_only_columns(column)) if value
            ]
            plain = [store.sealer.unseal(value, context) for value in sealed]
            assert any(map(search, plain)), context
            assert not any(map(search, sealed)), context


def test_nothing_is_found_in_the_wal_while_the_store_is_open(scene: Scene, engine: Engine, another: Any) -> None:
    """A reader keeps the WAL; the marked rows go in behind its back."""
    fresh = another.cwd.parent / f"{STEM}.csv"
    fresh.write_text("\n".join([",".join(COLUMNS), *(row(f"W{n}", url=f"{URL}&w={n}", ip=V4) for n in range(300))]))
    with another.store() as store, store.read() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM reports").all()
        assert scene.run(another, "import", fresh).document["accepted"] == 300
        assert b"W299" in engine.log(another.data)  # the clear columns are there: we look in the right place
        assert store.on_server or (another.data / "monitor.sqlite-shm").exists()
        assert leaks(another.data) == []
    fresh.unlink()


# --- errors in each stage -------------------------------------------------------------------------------------


def test_a_locked_database_says_so_and_nothing_else(scene: Scene, engine: Engine, another: Any) -> None:
    """Import, reference tables and attribution meet another writer; one line each, status 1."""
    with engine.held(another.data):
        for words in (
            ("import", scene.file("good.csv")),
            ("refdata", "import", "--as-of", "2025-07-01", "--prefixes", scene.file("prefixes.tsv")),
            ("attribute", "--all"),
        ):
            ran = scene.run(another, *words, env=NOT_LONG)
            assert ran.status == 1
            assert "Another process is writing" in ran.err.splitlines()[-1]


@pytest.mark.parametrize("fault", ["lost", "wrong", "damaged"])
def test_without_its_key_nothing_is_shown_or_changed(
    scene: Scene, another: Any, fault: str, dump_of: Callable[[Path], str]
) -> None:
    """A lost, a wrong and a damaged key: said at once, every row as it was, no new key."""
    key = another.data / "monitor.key"
    record = json.loads(key.read_text())
    record["encryption_key"] = base64.b64encode(os.urandom(32)).decode()
    changed = {"lost": None, "wrong": json.dumps(record), "damaged": key.read_text()[:90] + STEM}[fault]
    key.unlink() if changed is None else key.write_text(changed)
    before = dump_of(another.data)
    for words in (("import", scene.file("good.csv")), ("freeze", PERIOD)):
        ran = scene.run(another, *words)
        assert (ran.status, ran.out) == (1, "")
        assert "key" in ran.err
    assert dump_of(another.data) == before
    assert key.exists() == (fault != "lost")


def _stopped_by_a_full_disk(scene: Scene, monitor: Any, size: int, *words: object) -> None:
    """No file may grow beyond that many bytes: one line and status 1."""
    ran = scene.run(monitor, *words, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    assert ran.status == 1, ran.err
    assert ran.err.splitlines()[-1].startswith("monitor: ")


@pytest.mark.sqlite_only("a server writes to another disk than the program")
def test_a_full_disk_leaks_nothing_in_an_import(scene: Scene, another: Any) -> None:
    """The database cannot grow."""
    bulk = another.cwd.parent / f"{STEM}.csv"
    bulk.write_text("\n".join([",".join(COLUMNS), *(row(f"F{n}", url=f"{URL}&f={n}") for n in range(3000))]))
    _stopped_by_a_full_disk(scene, another, (another.data / "monitor.sqlite").stat().st_size, "import", bulk)
    bulk.unlink()


@pytest.mark.parametrize("command", ["freeze", "publish"])
def test_a_full_disk_leaks_nothing_in_any_stage(scene: Scene, another: Any, command: str) -> None:
    """Writing fails beyond a small size: one line, status 1, no half result."""
    if command == "freeze":
        _stopped_by_a_full_disk(scene, another, 2_000, "freeze", "2026-01")
    else:
        _stopped_by_a_full_disk(scene, another, 20_000, "publish", PERIOD, "--out", another.data / "out")
    assert [path.name for path in (another.data / "frozen").glob("2026-01-*")] == []
    assert [*(another.data / "out").glob("2026*")] == []


def test_wrong_words_are_not_repeated(scene: Scene) -> None:
    """A URL or a file name where a Period, a command or a number belongs: status 2, and not one letter of it back."""
    good = str(scene.file("good.csv"))
    wrong = [
        ["freeze", URL],
        [URL],
        ["refdata", "import", good, "--as-of", "2025-01-01"],
        ["rank", PERIOD, f"--role={URL}"],
        ["rank", PERIOD, "--norm", HOST],
        [f"--{STEM}={URL}", "version"],
        ["import", good, "--timezone", HOST],
        ["import", good, "--source", HOST],
        ["freeze", PERIOD, "--cutoff", URL],
        ["providers", "undo", URL, "--by", "me", "--why", "x"],
    ]
    plan = [("sys.argv", ["--data-dir", str(scene.monitor.data), *words], ["None"]) for words in wrong]
    ran = scene.monitor.call([sys.executable, "-c", SCRIPT, json.dumps(plan)])
    scene.note(ran)
    assert [line.split()[-1] for line in ran.err.splitlines() if line.startswith("STATUS")] == ["2"] * len(wrong)
    assert scene.run(scene.monitor, "freeze", URL).status == 2


def test_a_missing_or_tampered_freeze_is_said_without_secrets(scene: Scene, another: Any) -> None:
    """No freeze of that Period; then one byte of a frozen file is changed."""
    missing = scene.run(another, "rank", "2024H1")
    assert (missing.status, "monitor freeze 2024H1" in missing.err) == (1, True)
    (place,) = (another.data / "frozen").glob("2026H1-*")
    episodes = place / "episodes.parquet"
    content = bytearray(episodes.read_bytes())
    content[len(content) // 2] ^= 1
    episodes.write_bytes(content)
    ran = scene.run(another, "publish", PERIOD)
    assert (ran.status, "episodes.parquet" in ran.err) == (1, True)


BROKEN = {
    "monitor.intake.read_reports": ("import", "good.csv"),
    "monitor.store.add_reports": ("import", "good.csv"),
    "monitor.store.add_checks": ("import", "checks.csv"),
    "monitor.attribution.read_table": ("refdata", "import", "--as-of", "2025-01-01", "--prefixes", "prefixes.tsv"),
    "monitor.attribution.attribute": ("attribute", "--all"),
    "monitor.attribution.book": ("freeze", PERIOD),
    "monitor.survival.episodes": ("freeze", PERIOD),
    "monitor.ranked.measured": ("rank", PERIOD),
    "monitor.ranked.make_ranking": ("rank", PERIOD),
    "monitor.store.frozen.write_freeze": ("freeze", PERIOD),
    "monitor.publication.publish": ("publish", PERIOD),
}
ERRORS = ("ValueError({0!r})", "KeyError({0!r})", "OSError(5, 'Input/output error', {0!r})", "MemoryError({0!r})",
          "UnicodeDecodeError('utf-8', {0!r}.encode(), 0, 1, {0!r})",
          "ExceptionGroup({0!r}, [ValueError({0!r})])")  # fmt: skip
SCRIPT = """
import importlib, json, sys
from monitor import cli
for place, words, errors in json.loads(sys.argv[1]):
    module, name = place.rsplit(".", 1)
    owner = importlib.import_module(module)
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


def test_a_defect_in_any_stage_shows_only_its_kind_and_place(scene: Scene, another: Any) -> None:
    """An exception whose message is a URL, thrown in each stage: status 1, and standard error does not show it."""
    errors = [error.format(URL) for error in ERRORS]
    plan = []
    for place, words in BROKEN.items():
        files = [str(scene.file(word)) if word.endswith(("csv", "tsv")) else word for word in words]
        plan.append((place, ["--data-dir", str(another.data), "-v", *files], errors))
    ran = another.call([sys.executable, "-c", SCRIPT, json.dumps(plan)])
    scene.note(ran)
    ended = [line.split() for line in ran.err.splitlines() if line.startswith("STATUS")]
    assert ended == [["STATUS", place, "1"] for place in BROKEN for _ in ERRORS]
    assert ran.err.count("a defect in the program") == len(BROKEN) * (len(ERRORS) - 1)


def test_ctrl_c_says_that_what_is_stored_stays(scene: Scene, engine: Engine, another: Any, tmp_path: Path) -> None:
    """SIGINT in the middle of an import: status 130 and one line."""
    bulk = tmp_path / f"{STEM}.csv"
    bulk.write_text("\n".join([",".join(COLUMNS), *(row(f"I{n}", url=f"{URL}&i={n}") for n in range(60_000))]))
    printed = another.cwd.parent / "printed"
    with printed.open("wb") as err:
        process = another.start("-v", "import", bulk, err=err)
        deadline = time.monotonic() + 60
        while process.poll() is None and not engine.written(another.data) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    assert "what was stored stays" in printed.read_text()
    imported = "SELECT count(*) FROM reports WHERE record_key IN (SELECT id FROM records WHERE record_id LIKE 'I%')"
    ((n,),) = another.rows(imported)
    assert n % 5_000 == 0


def test_nothing_is_found_in_what_the_errors_left(scene: Scene) -> None:
    """The folders of every broken copy, and every line that was printed."""
    assert [found for place in scene.places for found in leaks(place)] == []
    assert not search("".join(scene.printed).encode())

"""Opening a store: what is made, what is refused, and what is said."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from monitor.errors import KeyProblem, StoreBusy, StoreError, StoreMissing, StoreNewer
from monitor.model.words import InputKind
from monitor.store import Store, begin_input, list_inputs, open_store, upgrade
from monitor.store.database import DATABASE_FILE
from monitor.store.problems import store_error
from monitor.store.schema import head
from monitor.store.sealing import KEY_FILE
from tests.engines import Engine


def _made(folder: Path, engine: Engine) -> Path:
    open_store(folder, engine.url(folder), create=True).close()
    return folder


def _everything(folder: Path, engine: Engine) -> dict[str, object]:
    """Each byte of the folder; of a server's database the rows."""
    tables = [] if engine.name == "sqlite" else engine.tables(folder)
    rows = {name: sorted(map(repr, engine.rows(folder, f'SELECT * FROM "{name}"'))) for name in tables}
    return {path.name: path.read_bytes() for path in folder.iterdir()} | rows


def test_a_new_store_is_closed_to_others(engine: Engine, tmp_path: Path) -> None:
    """Folder 0700; key, database and its WAL 0600, whatever the umask."""
    before = os.umask(0)
    try:
        with open_store(tmp_path / "a" / "data", engine.url(tmp_path / "a" / "data"), create=True) as store:
            begin_input(store, "00", InputKind.REPORTS, 1)
            modes = {path.name: path.stat().st_mode & 0o777 for path in store.data_dir.iterdir()}
    finally:
        os.umask(before)
    assert (tmp_path / "a" / "data").stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}
    in_files = {DATABASE_FILE, f"{DATABASE_FILE}-wal"} if engine.name == "sqlite" else set()
    assert {KEY_FILE} | in_files <= modes.keys()


def test_opening_where_nothing_is_makes_nothing(engine: Engine, tmp_path: Path) -> None:
    """Without `create` a missing folder stays missing, an empty one empty."""
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "missing", tmp_path / "empty"):
        with pytest.raises(StoreMissing, match="monitor import"):
            open_store(folder, engine.url(folder), create=False)
    assert not (tmp_path / "missing").exists()
    assert not list((tmp_path / "empty").iterdir())


def test_opening_again_finds_what_was_written(engine: Engine, tmp_path: Path) -> None:
    """A store made once opens with and without `create`."""
    with open_store(tmp_path, engine.url(tmp_path), create=True) as store:
        begin_input(store, "00", InputKind.REPORTS, 1)
    for create in (True, False):
        with open_store(tmp_path, engine.url(tmp_path), create=create) as store:
            assert len(list_inputs(store)) == 1


def test_a_lost_key_is_said_and_nothing_is_made(engine: Engine, tmp_path: Path) -> None:
    """A database without its key: KeyProblem, and no new key even with `create`."""
    (_made(tmp_path, engine) / KEY_FILE).unlink()
    before = _everything(tmp_path, engine)
    for create in (True, False):
        with pytest.raises(KeyProblem, match="backup"):
            open_store(tmp_path, engine.url(tmp_path), create=create)
    assert _everything(tmp_path, engine) == before


def test_the_wrong_key_is_said_at_once(engine: Engine, tmp_path: Path) -> None:
    """Another store's key: KeyProblem, and key and database stay as they were."""
    ours, other = _made(tmp_path / "ours", engine), _made(tmp_path / "other", engine)
    (ours / KEY_FILE).write_bytes((other / KEY_FILE).read_bytes())
    before = _everything(ours, engine)
    for create in (True, False):
        with pytest.raises(KeyProblem, match="not the one that sealed"):
            open_store(ours, engine.url(ours), create=create)
    assert _everything(ours, engine) == before


def test_the_right_key_id_with_other_key_bytes_is_the_wrong_key(engine: Engine, tmp_path: Path) -> None:
    """It is the proof that counts, not the id."""
    ours, other = _made(tmp_path / "ours", engine), _made(tmp_path / "other", engine)
    ours_id = (ours / KEY_FILE).read_text().split('"key_id": "')[1][:8]
    other_id = (other / KEY_FILE).read_text().split('"key_id": "')[1][:8]
    (ours / KEY_FILE).write_text((other / KEY_FILE).read_text().replace(other_id, ours_id))
    with pytest.raises(KeyProblem):
        open_store(ours, engine.url(ours), create=False)


def test_a_damaged_key_is_said_and_kept(engine: Engine, tmp_path: Path) -> None:
    """Half a key file: KeyProblem; it is not replaced."""
    (_made(tmp_path, engine) / KEY_FILE).write_text('{"format": ')
    with pytest.raises(KeyProblem, match="damaged"):
        open_store(tmp_path, engine.url(tmp_path), create=True)
    assert (tmp_path / KEY_FILE).read_text() == '{"format": '


def test_a_key_without_a_database_is_said_and_used_for_a_new_one(engine: Engine, tmp_path: Path) -> None:
    """The database is gone: said without `create`; with it, a new one is made under the same key."""
    key = (_made(tmp_path, engine) / KEY_FILE).read_bytes()
    engine.drop(tmp_path)
    said = "a key but no database" if engine.name == "sqlite" else "a key, and the database that .* is empty"
    with pytest.raises(StoreMissing, match=said):
        open_store(tmp_path, engine.url(tmp_path), create=False)
    open_store(tmp_path, engine.url(tmp_path), create=True).close()
    assert (tmp_path / KEY_FILE).read_bytes() == key


@pytest.mark.sqlite_only("an empty file")
def test_a_crash_before_the_tables_were_made_is_picked_up(engine: Engine, tmp_path: Path) -> None:
    """An empty database file beside a key counts as no database."""
    _made(tmp_path, engine)
    (tmp_path / DATABASE_FILE).write_bytes(b"")
    with pytest.raises(StoreMissing):
        open_store(tmp_path, engine.url(tmp_path), create=False)
    open_store(tmp_path, engine.url(tmp_path), create=True).close()


def test_a_newer_database_is_refused_untouched(engine: Engine, tmp_path: Path) -> None:
    """An unknown revision: StoreNewer from opening and from upgrading."""
    engine.change(_made(tmp_path, engine), "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreNewer, match="newer version"):
        open_store(tmp_path, engine.url(tmp_path), create=True)
    with pytest.raises(StoreNewer):
        upgrade(tmp_path, engine.url(tmp_path))


def test_a_foreign_database_is_refused(engine: Engine, tmp_path: Path) -> None:
    """A database with other tables is not taken over."""
    engine.drop(_made(tmp_path, engine))
    engine.change(tmp_path, "CREATE TABLE other (id INTEGER)")
    for create in (True, False):
        with pytest.raises(StoreError, match="holds no store"):
            open_store(tmp_path, engine.url(tmp_path), create=create)


@pytest.mark.sqlite_only("a damaged file")
def test_rubbish_in_place_of_the_database_is_said_in_one_line(engine: Engine, tmp_path: Path) -> None:
    """Not a database: one line that says what to do."""
    (_made(tmp_path, engine) / DATABASE_FILE).write_bytes(b"no database at all " * 300)
    for create in (True, False):
        with pytest.raises(StoreError, match="backup") as raised:
            open_store(tmp_path, engine.url(tmp_path), create=create)
        assert "\n" not in str(raised.value)


def test_a_locked_database_is_said_after_waiting(engine: Engine, tmp_path: Path) -> None:
    """Another writer holds the lock: StoreBusy without any SQL, and the store works afterwards."""
    with open_store(tmp_path, engine.url(tmp_path), create=True, busy_seconds=0.05) as store:
        with engine.held(tmp_path):
            with pytest.raises(StoreBusy, match="Another process") as raised:
                begin_input(store, "00", InputKind.REPORTS, 1)
            assert "INSERT" not in str(raised.value)
            assert "BEGIN" not in str(raised.value)
            assert list_inputs(store) == ()
        begin_input(store, "00", InputKind.REPORTS, 1)


@pytest.mark.sqlite_only("the file cannot grow")
def test_a_full_disk_is_said_and_the_store_stays_whole(engine: Engine, tmp_path: Path) -> None:
    """SQLite cannot grow: StoreBusy naming the disk; what was there is there, and room heals it."""
    with open_store(tmp_path, engine.url(tmp_path), create=True) as store:
        begin_input(store, "00", InputKind.REPORTS, 1)
        pages = ["PRAGMA max_page_count = 1"]  # SQLite takes the present size where that is more

        @event.listens_for(store.engine, "connect")
        def _no_room(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(pages[0])

        store.engine.dispose()
        with pytest.raises(StoreBusy, match="disk is full") as raised, store.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO audit (at, actor, action, subject, reason, link) VALUES (1, ?, '', '', '', x'00')",
                ("secret" * 9999,),
            )
        assert "secret" not in str(raised.value)
        pages[0] = "PRAGMA max_page_count = 100000"
        store.engine.dispose()
        begin_input(store, "01", InputKind.REPORTS, 1)
        assert len(list_inputs(store)) == 2


@pytest.mark.sqlite_only("a file that may not be written")
def test_a_database_that_may_not_be_written_is_said(store: Store) -> None:
    """Read-only: StoreBusy that says to look at the folder's owner."""
    with pytest.raises(StoreBusy, match="cannot be written"), store.write() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.exec_driver_sql("DELETE FROM audit")


def test_an_error_shows_no_statement_and_no_parameter(store: Store) -> None:
    """Whatever the driver says, neither message nor traceback carries SQL or values."""
    with pytest.raises(StoreError) as raised, store.write() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE x = :x"), {"x": "https://secret.example/"})
    assert "secret" not in str(raised.value)
    assert "nowhere" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    ("said", "kind", "word"),
    [
        ("database is locked", StoreBusy, "Wait"),
        ("database or disk is full", StoreBusy, "room"),
        ("attempt to write a readonly database", StoreBusy, "owns"),
        ("database disk image is malformed", StoreError, "backup"),
        ("file is not a database", StoreError, "backup"),
        ("unable to open database file", StoreError, "there"),
        ("no such table: reports", StoreError, "db upgrade"),
        ("something never seen", StoreError, "Nothing was changed"),
    ],
)
def test_every_driver_error_says_what_to_do(said: str, kind: type[StoreError], word: str) -> None:
    """Each known message becomes one line with a way out."""
    error = store_error(OperationalError("SELECT secret", {}, sqlite3.OperationalError(said)))
    assert type(error) is kind
    assert word in str(error)
    assert "secret" not in str(error)


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    """An exception inside write() takes everything back."""
    with pytest.raises(RuntimeError), store.write() as connection:
        connection.exec_driver_sql("INSERT INTO sources (name) VALUES ('hotline')")
        raise RuntimeError
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sources").scalar_one() == 0


def test_a_writer_holds_the_write_lock_from_its_start(engine: Engine, store: Store) -> None:
    """write() locks before its first statement, so it never fails half-way because somebody else wrote."""
    url = engine.url(store.data_dir)
    with open_store(store.data_dir, url, create=False, busy_seconds=0.05) as other, store.write():
        with pytest.raises(StoreBusy), other.write():
            pytest.fail("two write at once")
        with other.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM inputs").scalar_one() == 0


def test_a_reader_sees_one_state_while_somebody_writes(store: Store) -> None:
    """read() is a snapshot: a commit in between does not show in it."""
    with store.read() as reader:
        count = "SELECT count(*) FROM inputs"
        assert reader.exec_driver_sql(count).scalar_one() == 0
        begin_input(store, "00", InputKind.REPORTS, 1)
        assert reader.exec_driver_sql(count).scalar_one() == 0
    with store.read() as reader:
        assert reader.exec_driver_sql(count).scalar_one() == 1


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "://user:secret@host",
        "postgresql+no://u:secret@h/d",
        "postgresql://user:secret",
    ],
)
def test_a_wrong_database_url_is_said_without_repeating_it(tmp_path: Path, url: str) -> None:
    """The URL can hold a password."""
    with pytest.raises(StoreError, match=r"\[database\] url") as raised:
        open_store(tmp_path, url, create=False)
    assert "secret" not in str(raised.value)


def test_a_database_whose_driver_is_not_installed_is_said(tmp_path: Path) -> None:
    """One line that says what to do, without the URL; nothing is made."""
    url = "mysql+mysqldb://user:secret@db.example/monitor"
    with pytest.raises(StoreError, match=r"driver of \[database\] url") as raised:
        open_store(tmp_path / "data", url, create=True)
    assert "secret" not in str(raised.value) and "db.example" not in str(raised.value)
    assert not (tmp_path / "data").exists()


def test_a_url_names_another_database(tmp_path: Path) -> None:
    """The key stays in the data folder, the database is where the URL says."""
    with open_store(tmp_path / "data", f"sqlite:///{tmp_path / 'elsewhere.sqlite'}", create=True):
        pass
    assert [path.name for path in (tmp_path / "data").iterdir()] == [KEY_FILE]
    assert (tmp_path / "elsewhere.sqlite").exists()


def test_upgrading_an_up_to_date_store_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    """`monitor db upgrade` can be run at any time."""
    assert upgrade(_made(tmp_path, engine), engine.url(tmp_path)) == (head(), head())


def test_upgrading_where_nothing_is_makes_nothing(engine: Engine, tmp_path: Path) -> None:
    """Without a store there is nothing to upgrade."""
    with pytest.raises(StoreMissing):
        upgrade(tmp_path / "missing", engine.url(tmp_path / "missing"))
    assert not (tmp_path / "missing").exists()


def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    """One line instead of a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--data-dir"):
        open_store(tmp_path / "file", create=True)


def test_a_store_shows_no_key_and_no_password() -> None:
    """repr() of a Store names folder and key id only."""
    fields = Store.__dataclass_fields__
    assert not fields["engine"].repr


_CREATE = """
import sys
from pathlib import Path
from monitor.store import open_store
with open_store(Path(sys.argv[1]), sys.argv[2] or None, create=True) as store:
    print(store.sealer.key_id)
"""


def test_two_processes_that_create_at_once_end_with_one_store(engine: Engine, tmp_path: Path) -> None:
    """Both succeed, with one and the same key."""
    command = [sys.executable, "-c", _CREATE, str(tmp_path / "data"), engine.url(tmp_path / "data") or ""]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate()[0].strip() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(set(said)) == 1

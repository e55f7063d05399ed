"""What only a server has: lost connections, several hosts, rights, and texts in the order of a language."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from monitor.errors import KeyProblem, MonitorError, StoreBusy, StoreError, StoreMissing
from monitor.model.words import InputKind
from monitor.store import Store, add_audit, add_reports, begin_input, list_audit, open_store, upgrade
from monitor.store.bulk import insert_rows, select_by, select_by_pairs, settle_keys
from monitor.store.database import place_of
from monitor.store.engines import Work, make_engine, transaction
from monitor.store.fetching import fetch_rows
from monitor.store.problems import store_error
from monitor.store.schema import head, migrate
from monitor.store.sealing import KEY_FILE, make_key
from monitor.store.tables import (
    AddressRow,
    NoticeRow,
    OrganisationRow,
    ProviderRow,
    ReasonRow,
    ResolutionAddressRow,
    table_of,
)
from tests.engines import Postgresql
from tests.postgres import Server

pytestmark = pytest.mark.postgresql_only("what a server alone has")
_PROVIDERS, _REASONS, _ADDRESSES = table_of(ProviderRow), table_of(ReasonRow), table_of(AddressRow)
SAID = {"actor": "a person", "action": "test", "subject": "nothing", "reason": "a test"}


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server that may be stopped."""
    with Server() as server:
        yield server


def _end(engine: Postgresql, store: Store, pid: int) -> None:
    with engine.connect(store.data_dir) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (pid,))


def _pid(connection: Any) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar())


def test_a_connection_that_breaks_in_the_middle_of_writing_leaves_nothing(store: Store, engine: Postgresql) -> None:
    """StoreBusy, nothing of the transaction is there, and the next one works without anybody's doing."""
    with pytest.raises(StoreBusy, match="run the command again"), store.write() as connection:
        connection.execute(_PROVIDERS.insert().values(provider_id="as64500", first_asn=64500))
        _end(engine, store, _pid(connection))
        connection.execute(_PROVIDERS.insert().values(provider_id="as64501", first_asn=64501))
    with store.write() as connection:
        assert connection.execute(select(_PROVIDERS)).all() == []


def test_a_connection_that_breaks_during_a_copy_leaves_nothing(
    store: Store, engine: Postgresql, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same for rows that go in by COPY, which the driver reports by itself; nothing is printed."""
    rows = [(f"as{n}", n) for n in range(1, 200_000)]
    with pytest.raises(StoreBusy, match="server"), store.write() as connection:
        _end(engine, store, _pid(connection))
        insert_rows(connection, _PROVIDERS, ("provider_id", "first_asn"), rows)
    with store.read() as connection:
        assert connection.execute(select(_PROVIDERS)).first() is None
    assert capfd.readouterr() == ("", "")


def test_a_connection_that_breaks_during_a_long_reading_is_said(store: Store, engine: Postgresql) -> None:
    """Rows come through a cursor on the server, a chunk at a time, so it can end between two of them."""
    with pytest.raises(StoreBusy, match="server"), store.read() as connection:
        pid = _pid(connection)
        for _ in fetch_rows(connection, "SELECT generate_series(1, 200000)"):
            _end(engine, store, pid)
    assert list_audit(store) == ()


def test_a_long_reading_stays_on_the_server(store: Store) -> None:
    """While rows of one statement are read there is a cursor, and no more than a chunk is here."""
    with store.read() as connection:
        open_cursors = [
            connection.exec_driver_sql("SELECT count(*) FROM pg_cursors").scalar()
            for rows in fetch_rows(connection, "SELECT generate_series(1, 120000)")
            if rows
        ]
    assert open_cursors == [1, 1, 1]


def test_a_server_that_was_restarted_is_used_again(own_server: Server, tmp_path: Path) -> None:
    """Stopped, every transaction says so; started again, the same Store goes on."""
    own_server.create("restarted")
    with open_store(tmp_path, own_server.url("restarted"), create=True) as store:
        add_audit(store, **SAID)
        own_server.stop()
        for work in (lambda: list_audit(store), lambda: add_audit(store, **SAID)):
            with pytest.raises(StoreBusy, match="does not answer"):
                work()
        own_server.start()
        add_audit(store, **SAID)
        assert len(list_audit(store)) == 2


def test_a_connection_that_was_lost_while_nobody_used_it_costs_nothing(store: Store, engine: Postgresql) -> None:
    """It is found out and replaced before the next transaction begins."""
    with store.read() as connection:
        pid = _pid(connection)
    _end(engine, store, pid)
    add_audit(store, **SAID)
    assert len(list_audit(store)) == 1


def test_a_reading_sees_one_state_of_the_database(store: Store) -> None:
    """What another host commits meanwhile is seen by the next reading only."""
    with store.read() as connection:
        before = connection.execute(select(_PROVIDERS)).all()
        with store.write() as other:
            insert_rows(other, _PROVIDERS, ("provider_id", "first_asn"), [("as64500", 64500)])
        assert connection.execute(select(_PROVIDERS)).all() == before == []
    with store.read() as connection:
        assert len(connection.execute(select(_PROVIDERS)).all()) == 1


def test_a_reading_cannot_write(store: Store) -> None:
    """The server refuses, so a slip in the code cannot write without the lock."""
    with pytest.raises(StoreBusy, match="cannot be written"), store.read() as connection:
        connection.execute(_PROVIDERS.insert().values(provider_id="as64500", first_asn=64500))


def test_one_writer_at_a_time_and_others_may_take(store: Store, engine: Postgresql) -> None:
    """A second writer gives up after its wait; a `take` goes on beside the first."""
    other = open_store(store.data_dir, engine.url(store.data_dir), create=False, busy_seconds=0.05)
    with other, store.write() as connection:
        connection.execute(_PROVIDERS.insert().values(provider_id="as64500", first_asn=64500))
        with pytest.raises(StoreBusy, match="Another process"):
            add_audit(other, **SAID)
        with other.take() as beside:
            beside.execute(_PROVIDERS.insert().values(provider_id="as64501", first_asn=64501))
    with store.read() as connection:
        assert len(connection.execute(select(_PROVIDERS)).all()) == 2


def test_a_writer_sees_what_the_writer_before_it_wrote(store: Store, engine: Postgresql) -> None:
    """Two that look and then insert what is missing never insert the same: eight at once, one row."""
    together = Barrier(8)

    def look_then_insert(_: int) -> None:
        with open_store(store.data_dir, engine.url(store.data_dir), create=False) as own:
            together.wait()
            with own.write() as connection:
                if connection.execute(select(_PROVIDERS)).first() is None:
                    connection.execute(_PROVIDERS.insert().values(provider_id="as64500", first_asn=64500))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look_then_insert, range(8)))
    with store.read() as connection:
        assert len(connection.execute(select(_PROVIDERS)).all()) == 1


def test_two_hosts_that_import_the_same_rows_at_once_keep_each_row_once(
    store: Store, engine: Postgresql, make: Any
) -> None:
    """Batch by batch they take turns: what one of them stored is a duplicate to the other."""
    rows = [
        make.report(f"R{n}", row=n, target=make.target(str(n)), notice=make.notice(1, reference=str(n)))
        for n in range(1, 201)
    ]
    together = Barrier(2)

    def import_all(_: int) -> tuple[int, int]:
        with open_store(store.data_dir, engine.url(store.data_dir), create=False) as own:
            together.wait()
            input_id = begin_input(own, "00", InputKind.REPORTS, 1)
            counts = [add_reports(own, input_id, rows[first : first + 20]) for first in range(0, 200, 20)]
        assert not any(each.rejects for each in counts)
        return sum(each.accepted for each in counts), sum(each.duplicate for each in counts)

    with ThreadPoolExecutor(2) as pool:
        (ours, again), (theirs, also) = pool.map(import_all, range(2))
    assert ours + theirs == again + also == 200
    with store.read() as connection:
        counted = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar()
            for name in ("inputs", "reports", "notices", "targets", "hosts")
        ]
    assert counted == [1, 200, 200, 200, 1]


def test_of_two_hosts_that_make_one_store_only_one_makes_a_key(engine: Postgresql, tmp_path: Path) -> None:
    """The other finds a store that its folder has no key for, and makes none."""
    url, together = engine.url(tmp_path), Barrier(2)

    def make(folder: Path) -> type[BaseException] | None:
        together.wait()
        try:
            open_store(folder, url, create=True).close()
        except MonitorError as error:
            return type(error)
        return None

    hosts = (tmp_path / "one", tmp_path / "other")
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(make, hosts))
    assert sorted(map(str, ended)) == sorted(map(str, (None, KeyProblem)))
    assert [(folder / KEY_FILE).exists() for folder in hosts] == [end is None for end in ended]


def test_of_two_upgrades_at_once_the_second_finds_it_done(engine: Postgresql, tmp_path: Path) -> None:
    """An older schema is brought up once; whoever waited for that says that nothing was to be done."""
    make_key(tmp_path)
    url = engine.url(tmp_path)
    older = make_engine(place_of(tmp_path, url), 1)
    with transaction(older, Work.WRITE) as connection:
        migrate(connection, "0005")
    older.dispose()
    together = Barrier(2)

    def one(_: int) -> tuple[str, str]:
        together.wait()
        return upgrade(tmp_path, url)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [("0005", head()), (head(), head())]


def _weak(engine: Postgresql, folder: Path) -> str:
    """A user who may connect and nothing else."""
    with engine.connect(folder) as connection:
        connection.execute("DO $$ BEGIN CREATE ROLE weak LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    return engine.url(folder).replace("postgres@", "weak@")


@pytest.mark.parametrize(
    ("change", "kind", "word"),
    [
        (lambda url: url.replace("@/t", "@/x"), StoreError, "is not on the server"),
        (lambda url: url.replace("postgres:", "nobody-known:"), StoreError, "does not let this user in"),
        (lambda url: url.replace("?host=", "?host=/nowhere"), StoreBusy, "does not answer"),
        (lambda url: url.replace("@/", "@127.0.0.1:1/").split("?")[0], StoreBusy, "does not answer"),
        (lambda url: f"{url}&no_such_option=1", StoreError, "option"),
        (lambda url: url.replace("+psycopg", "+asyncpg"), StoreError, "driver"),
        (lambda url: url.replace("postgresql+psycopg", "mysql"), StoreError, "driver"),
        (lambda _: "postgresql", StoreError, "not the address"),
    ],
    ids=["database", "user", "socket", "port", "option", "driver", "other-kind", "no-url"],
)
def test_what_is_wrong_with_the_url_is_said_without_it(
    store: Store, engine: Postgresql, change: Callable[[str], str], kind: type[StoreError], word: str
) -> None:
    """One line that says what to look at, and never the URL, its user or its password."""
    url = change(engine.url(store.data_dir).replace("postgres@", "postgres:hush@"))
    with pytest.raises(kind, match=word) as raised:
        open_store(store.data_dir, url, create=False)
    said = str(raised.value)
    assert type(raised.value) is kind
    assert not any(secret in said for secret in ("hush", "nobody", "127.0.0.1", "nowhere", "postgres@"))
    assert raised.value.__context__ is None or raised.value.__suppress_context__


def test_a_plain_url_names_the_same_driver(store: Store, engine: Postgresql) -> None:
    """`postgresql://` works as `postgresql+psycopg://` does, and what a Store shows of itself has no URL in it."""
    plain = (
        engine.url(store.data_dir).replace("postgresql+psycopg", "postgresql").replace("postgres@", "postgres:hush@")
    )
    with open_store(store.data_dir, plain, create=False) as opened:
        assert opened.on_server
        assert "hush" not in repr(opened)


def test_a_user_without_rights_is_told_so(store: Store, engine: Postgresql, tmp_path: Path) -> None:
    """Both where the tables are another's and where none may be made; no key is left behind."""
    with pytest.raises(StoreError, match="may not do that"):
        open_store(store.data_dir, _weak(engine, store.data_dir), create=False)
    empty = tmp_path / "empty"
    with pytest.raises(StoreError, match="may not do that"):
        open_store(empty, _weak(engine, empty), create=True)


def test_an_empty_database_is_said_to_be_empty(engine: Postgresql, store: Store) -> None:
    """The key is there and the tables are not: nothing is made without being asked."""
    store.close()
    engine.drop(store.data_dir)
    with pytest.raises(StoreMissing, match="is empty"):
        open_store(store.data_dir, engine.url(store.data_dir), create=False)


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (psycopg.errors.DiskFull("could not extend file"), StoreBusy, "room"),
        (psycopg.errors.TooManyConnections("sorry"), StoreBusy, "max_connections"),
        (psycopg.OperationalError('FATAL:  too many connections for database "x"'), StoreBusy, "max_connections"),
        (psycopg.OperationalError('FATAL:  password authentication failed for user "x"'), StoreError, "password"),
        (psycopg.OperationalError("fe_sendauth: no password supplied"), StoreError, "PGPASSFILE"),
        (psycopg.OperationalError("FATAL:  the database system is starting up"), StoreBusy, "does not answer"),
        (psycopg.errors.ReadOnlySqlTransaction("x"), StoreBusy, "standby"),
        (psycopg.errors.FeatureNotSupported("cannot set transaction read-write mode during recovery"), StoreBusy, ""),
        (psycopg.errors.LockNotAvailable("x"), StoreBusy, "Another process"),
        (psycopg.errors.QueryCanceled("x"), StoreBusy, "statement_timeout"),
        (psycopg.errors.DeadlockDetected("x"), StoreBusy, "Another process"),
        (psycopg.errors.AdminShutdown("x"), StoreBusy, "does not answer"),
        (psycopg.errors.InsufficientPrivilege("x"), StoreError, "owner"),
        (psycopg.errors.UndefinedTable("x"), StoreError, "db upgrade"),
        (psycopg.errors.DataCorrupted("x"), StoreError, "backup"),
        (psycopg.errors.UniqueViolation("Key (x)=(secret) exists"), StoreError, "Nothing was changed"),
    ],
)
def test_what_the_server_says_is_put_in_words(error: psycopg.Error, kind: type[StoreError], word: str) -> None:
    """By SQLSTATE where there is one, else by its words: what happened and what to do, without any value."""
    told = store_error(error)
    assert type(told) is kind
    assert word in str(told)
    assert "secret" not in str(told)


def test_every_text_is_ordered_by_its_bytes(store: Store) -> None:
    """No text column follows the language of the database, so no order of words depends on the host."""
    asked = """SELECT c.relname, a.attname FROM pg_attribute a
               JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation l ON l.oid = a.attcollation
               WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND l.collname <> 'C'"""
    with store.read() as connection:
        assert connection.exec_driver_sql(asked).all() == []


def test_odd_texts_and_bytes_come_back_as_they_went_in(store: Store) -> None:
    """COPY has marks of its own for null, tab and line end; none of them is taken for one."""
    texts = ["\\N", "\\", "a\tb", "a\nb\r", '"', "", "NULL", "é漢🙂", "%s {x} $1", "'; --"]
    organisations = [("org-a", None, True, 2**62), ("org-b", "", False, -1), ("org-c", "h", None, 0)]
    sealed = [b"", b"\\x00", bytes(range(256)), b"\\N\n\t"]
    with store.write() as connection:
        insert_rows(connection, _REASONS, ("name",), [(text,) for text in texts])
        insert_rows(
            connection,
            table_of(OrganisationRow),
            ("provider_id", "registry_name", "handle", "natural_person", "first_seen_at"),
            [(key, "ripe", *rest) for key, *rest in organisations],
        )
        addresses = [(key, value, bytes([key]) * 16, 4) for key, value in enumerate(sealed, start=1)]
        insert_rows(connection, _ADDRESSES, ("id", "address", "address_index", "family"), addresses)
    with store.read() as connection:
        found = [row[0] for row in connection.execute(select(_REASONS.c.name).order_by(_REASONS.c.id))]
        assert found == texts
        rows = select_by(
            connection, table_of(OrganisationRow), ("provider_id", "handle", "natural_person"), "handle", [""]
        )
        assert list(rows) == [("org-b", "", False)]


def test_a_question_may_have_more_keys_than_a_statement_has_parameters(store: Store) -> None:
    """70,000 keys at once, and as many pairs."""
    with store.write() as connection:
        insert_rows(connection, _PROVIDERS, ("provider_id", "first_asn"), [("as1", 1), ("as69999", 69999)])
        found = select_by(connection, _PROVIDERS, ("provider_id",), "first_asn", range(70_000))
        assert sorted(found) == [("as1",), ("as69999",)]
        pairs = [(n, n) for n in range(70_000)]
        columns = ("resolution_id", "address_id")
        assert list(select_by_pairs(connection, table_of(ResolutionAddressRow), columns, columns, pairs)) == []


def test_after_rows_with_keys_of_their_own_the_next_key_is_free(store: Store) -> None:
    """As after a restore: a key that the database gives is none that came with the rows."""
    with store.write() as connection:
        insert_rows(connection, _REASONS, ("id", "name"), [(1, "one"), (7, "seven")])
        settle_keys(connection, _REASONS)
        settle_keys(connection, table_of(NoticeRow))  # its keys come from the counters: nothing to do
        insert_rows(connection, _REASONS, ("name",), [("next",)])
        assert connection.scalar(select(_REASONS.c.id).where(_REASONS.c.name == "next")) == 8


def test_a_text_that_no_server_keeps_is_refused_without_showing_it(store: Store) -> None:
    """Intake lets no NUL through; if one came, the batch would fail whole and say nothing of it."""
    with pytest.raises(StoreError) as raised, store.write() as connection:
        insert_rows(connection, _REASONS, ("name",), [("first",), ("secret\0",)])
    assert "secret" not in str(raised.value)
    with store.read() as connection:
        assert connection.execute(select(_REASONS)).all() == []

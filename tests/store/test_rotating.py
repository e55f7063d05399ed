"""Rotation of keys: everything is sealed anew, killed at any line it goes on, and nobody else has to stop."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, String, Table, select

from monitor.errors import KeyProblem, StoreBusy
from monitor.model.words import InputKind
from monitor.store import Store, add_reports, begin_input, contexts, list_audit, open_store
from monitor.store.key_file import KEY_FILE, read_ring
from monitor.store.letter_files import keep_document, open_document
from monitor.store.rotating import Rotated, prepare, rotate
from monitor.store.seal_counts import list_keys, sealed_columns
from monitor.store.verifying import verify
from tests.engines import Engine
from tests.store.meddling import literal, past

Make = Any  # conftest's Maker
ROOT = Path(__file__).parents[2]
OF_EACH = 30
"""Rows with a sealed value in each column; more than fits in a batch of those that are killed."""


def _plain(table: Table, column: Column[bytes], row: int) -> bytes:
    return f"{table.name} {column.name} {row}".encode()


def _dummy(column: Column[Any], row: int) -> object:
    if column.nullable:
        return None
    if isinstance(column.type, LargeBinary):
        return row.to_bytes(16)
    return f"x{row}" if isinstance(column.type, String) else row


def fill(store: Store, engine: Engine) -> None:
    """Rows of every table that has a sealed column, with dummies in the others; and two sealed files."""
    for table in {table.name: table for table, _ in sealed_columns()}.values():
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        hidden = {column.name: column for each, column in sealed_columns() if each is table}
        rows = []
        for row in range(1, OF_EACH + 1):
            said = [
                store.sealer.seal(_plain(table, column, row), f"{table.name}.{column.name}")
                if column.name in hidden
                else _dummy(column, row)
                for column in table.columns
            ]
            rows.append(f"({', '.join(_typed(engine, c, v) for c, v in zip(table.columns, said, strict=True))})")
        past(store, engine, f"INSERT INTO {table.name} ({names}) VALUES {', '.join(rows)}")
    for letter in (1, 2):
        keep_document(store, letter, b"a reply")


def _typed(engine: Engine, column: Column[Any], value: object) -> str:
    is_yes_no = column.type.python_type is bool
    return literal(engine, bool(value) if is_yes_no and value is not None else value)


def opened(store: Store) -> list[bytes]:
    """Every sealed value of the store and its files, opened; and what was sealed."""
    found = []
    with store.read() as connection:
        for table, column in sealed_columns():
            (key,) = table.primary_key.columns
            values = connection.execute(select(key, column).where(column.is_not(None)).order_by(key)).all()
            context = f"{table.name}.{column.name}"
            assert [store.sealer.unseal(bytes(sealed), context) for _, sealed in values] == [
                _plain(table, column, row) for row in range(1, OF_EACH + 1)
            ]
            found.extend(bytes(sealed) for _, sealed in values)
    files = sorted((store.data_dir / "letters").glob("*/*.sealed"))
    assert [open_document(store, int(path.parent.name), path.stem) for path in files] == [b"a reply"] * 2
    return [*found, *(path.read_bytes() for path in files)]


def _rotate(store: Store) -> Rotated:
    return rotate(store, lambda _done, _total: None)


@pytest.fixture
def filled(store: Store, engine: Engine) -> Store:
    fill(store, engine)
    return store


def test_every_sealed_column_seals_under_its_own_name() -> None:
    """Rotation finds columns by their declaration and opens them by this rule, so each must have its context."""
    names = {value for name, value in vars(contexts).items() if name.isupper()}
    assert {f"{table.name}.{column.name}" for table, column in sealed_columns()} <= names
    assert len(sealed_columns()) >= 12


def test_after_a_rotation_the_new_key_alone_opens_everything(filled: Store, engine: Engine) -> None:
    """Every value and file has new bytes that open to what was sealed; the log says so; the chains are whole."""
    old, before = filled.sealer.key_id, opened(filled)
    done = _rotate(filled)
    assert (done.retired, done.n_files, done.went_on) == ((old,), 2, False)
    assert done.n_values == OF_EACH * len(sealed_columns())
    assert read_ring(filled.data_dir).key_ids == (done.key_id,)
    with open_store(filled.data_dir, engine.url(filled.data_dir), create=False) as again:
        after = opened(again)
        assert not {*before} & {*after}
        assert all(value[1:5].hex() == done.key_id for value in after)
        assert [(entry.action, entry.subject) for entry in list_audit(again)] == [("keys rotate", f"key {done.key_id}")]
        of_none = f"inputs: {OF_EACH} notices of no input"  # they are dummies
        assert verify(again, (), lambda _done, _total: None).problems == (of_none,)


def test_the_blind_indexes_stay_as_they_are(store: Store, make: Make) -> None:
    """What was found before is found after: a second import is a duplicate."""
    key = begin_input(store, "aa", InputKind.REPORTS, 1)
    assert add_reports(store, key, [make.report()]).accepted == 1
    _rotate(store)
    assert add_reports(store, key, [make.report()]).duplicate == 1


def test_keys_are_listed_with_what_they_still_seal(filled: Store) -> None:
    """The old one with nothing and out of the file, the new one with everything; a prepared one with nothing yet."""
    old = filled.sealer.key_id
    done = _rotate(filled)
    waiting = prepare(filled)
    n = OF_EACH * len(sealed_columns())
    listed = [(key.key_id, key.seals, key.in_file, key.n_values, key.n_files) for key in list_keys(filled)]
    assert listed == [
        (old, False, False, 0, 0),
        (done.key_id, True, True, n, 2),
        (waiting, False, True, 0, 0),
    ]
    times = [(key.made_at is None, key.retired_at is None) for key in list_keys(filled)]
    assert times == [(False, False), (False, True), (True, True)]


KILLED = """
import json, os, random, signal, sys
from pathlib import Path
from monitor import disk
from monitor.store import key_file, list_audit, open_store, rotating
from monitor.store.seal_counts import list_keys
from tests.store.test_rotating import opened

folder, url, kills = Path(sys.argv[1]), sys.argv[2] or None, int(sys.argv[3])
rotating._AT_ONCE = 7
files = {module.__file__ for module in (rotating, key_file, disk)}

def rotated(last_line):
    # Rotate in a process of its own that is killed before that line of the program; None: before none.
    child = os.fork()
    if child == 0:
        left = [last_line]
        def trace(frame, event, arg):
            if frame.f_code.co_filename not in files:
                return None
            if event == "line":
                left[0] -= 1
                if left[0] <= 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace
        store = open_store(folder, url, create=False)
        if last_line is not None:
            sys.settrace(trace)
        rotating.rotate(store, lambda done, total: None)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0

moments, ended = random.Random(8), 0
for _ in range(kills):
    ended += rotated(int(10 ** moments.uniform(0.3, 3.6)))
    with open_store(folder, url, create=False) as store:
        opened(store)
ended += rotated(None)
with open_store(folder, url, create=False) as store:
    opened(store)
    print(json.dumps([ended, len(list_audit(store)), [key.n_values for key in list_keys(store)]]))
"""


@pytest.mark.slow
def test_killed_before_any_line_it_goes_on_and_loses_nothing(filled: Store, engine: Engine) -> None:
    """kill -9 in every step: after each, every command can open everything; a rotation is on the log once."""
    filled.close()
    words = [str(filled.data_dir), engine.url(filled.data_dir) or "", "25"]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *words],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    ended, n_audit, n_values = json.loads(done.stdout)
    assert 1 <= ended < 25
    assert n_audit in {ended, ended + 1}  # a kill after its last transaction: it was on the log, and ended by the next
    assert n_values[-1] == OF_EACH * len(sealed_columns())
    assert not any(n_values[:-1])


def test_a_process_that_runs_goes_on_under_the_new_key(filled: Store, engine: Engine, make: Make) -> None:
    """It reads what was resealed, and what it writes opens with the new key alone."""
    with open_store(filled.data_dir, engine.url(filled.data_dir), create=False) as running:
        done = _rotate(filled)
        opened(running)
        with running.write():
            assert running.sealer.key_id == done.key_id
            keep_document(running, 2, b"another reply")
    assert {key.key_id: key.n_files for key in list_keys(filled)}[done.key_id] == 3


def test_another_host_needs_the_new_key_file(filled: Store, engine: Engine, tmp_path: Path) -> None:
    """With the old file nothing is written and it is said what to do; with the new one it goes on as it was."""
    url = engine.url(filled.data_dir) or f"sqlite:///{filled.data_dir / 'monitor.sqlite'}"
    (tmp_path / "host").mkdir()
    shutil.copy(filled.data_dir / KEY_FILE, tmp_path / "host")
    with open_store(tmp_path / "host", url, create=False) as other:
        _rotate(filled)
        with pytest.raises(KeyProblem, match="Copy the key file from the host"), other.write():
            pytest.fail("it may not come here")
        with pytest.raises(KeyProblem, match="was retired"):
            open_store(tmp_path / "host", url, create=False)
        shutil.copy(filled.data_dir / KEY_FILE, tmp_path / "host")
        with other.write():
            assert other.sealer.key_id == filled.sealer.key_id


def test_a_host_that_was_given_the_prepared_key_does_not_stop(filled: Store, engine: Engine, tmp_path: Path) -> None:
    """The key file is copied before the new key is used; until then the old one seals, on both."""
    url = engine.url(filled.data_dir) or f"sqlite:///{filled.data_dir / 'monitor.sqlite'}"
    before, new = filled.sealer.key_id, prepare(filled)
    (tmp_path / "host").mkdir()
    shutil.copy(filled.data_dir / KEY_FILE, tmp_path / "host")
    with open_store(tmp_path / "host", url, create=False) as other:
        assert other.sealer.key_id == before
        assert _rotate(filled).key_id == new
        with other.write():
            assert other.sealer.key_id == new


def test_a_value_that_does_not_open_is_named_and_the_old_key_stays(filled: Store, engine: Engine) -> None:
    """The rest is resealed; put back, the same command ends it."""
    old = filled.sealer.key_id
    ((value,),) = engine.rows(filled.data_dir, "SELECT url FROM targets WHERE id = 5")
    broken = bytes(value)[:-1] + bytes([bytes(value)[-1] ^ 1])
    past(filled, engine, f"UPDATE targets SET url = {literal(engine, broken)} WHERE id = 5")
    with pytest.raises(KeyProblem, match=r"value 5 of targets\.url"):
        _rotate(filled)
    assert old in read_ring(filled.data_dir).key_ids
    past(filled, engine, f"UPDATE targets SET url = {literal(engine, bytes(value))} WHERE id = 5")
    done = _rotate(filled)
    assert (done.went_on, done.n_values, done.retired) == (True, 1, (old,))
    opened(filled)


def test_backups_from_before_open_with_what_is_kept_beside_the_key_file(filled: Store, engine: Engine) -> None:
    """The store as it was, with the file that the rotation left: it seals under the old key again."""
    old = filled.sealer.key_id
    backup = engine.copy(filled.data_dir, filled.data_dir.with_name("backup"))
    done = _rotate(filled)
    shutil.copy(filled.data_dir / done.kept, backup / KEY_FILE)
    with open_store(backup, engine.url(backup), create=False) as restored:
        opened(restored)
        assert restored.sealer.key_id == old


def test_two_rotations_at_once_are_one(filled: Store, engine: Engine) -> None:
    """The second says that another is at work, and changes nothing."""
    with open_store(filled.data_dir, engine.url(filled.data_dir), create=False) as other:

        def meanwhile(_done: int, _total: int) -> None:
            with pytest.raises(StoreBusy, match="Another process rotates"):
                _rotate(other)

        assert len(rotate(filled, meanwhile).retired) == 1


def test_a_key_file_that_is_a_link_stays_one(filled: Store, tmp_path: Path) -> None:
    """What it leads to is replaced, for its owner's eyes alone."""
    elsewhere = tmp_path / "elsewhere.key"
    (filled.data_dir / KEY_FILE).rename(elsewhere)
    (filled.data_dir / KEY_FILE).symlink_to(elsewhere)
    done = _rotate(filled)
    assert (filled.data_dir / KEY_FILE).is_symlink()
    assert elsewhere.stat().st_mode & 0o777 == 0o600
    assert read_ring(filled.data_dir).key_ids == (done.key_id,)

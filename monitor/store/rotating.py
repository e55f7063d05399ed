"""A new key for every sealed value: batch by batch, beside everything else, and to be gone on with after a kill.

In: an open store. Out: the new key in use, every value resealed, the old key retired and taken out of the key file.

1. The key file gets the new key beside the old one. 2. The database names the new one: from now on it seals, also in
processes that run already. 3. Values and files of the old one are resealed. 4. In one transaction, with nobody else
writing, what is left is resealed, the old key is retired, and the audit log says so. 5. Once that is on the disk, the
key file is written without the old key; what it held is kept beside it, for backups from before.

Whoever holds the secret half of the vault's key renews that with it; who has not leaves the vault alone, and the first
split (`split`) is a rotation too, so that nothing that lies about from before opens with the operator's key file.

What would surprise: a rotation has no state of its own. Which step comes next is read from the key file and the
database, so a second start goes on where the first was killed. And blind indexes keep their key.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select, update

from monitor.clock import now
from monitor.disk import write_whole
from monitor.errors import KeyProblem, StoreBusy
from monitor.store import audit, contexts
from monitor.store.bulk import update_rows
from monitor.store.database import Store
from monitor.store.key_file import (
    KEY_FILE,
    KeyRing,
    KeyRole,
    keep_copy,
    new_key,
    new_vault_key,
    read_ring,
    replace_ring,
)
from monitor.store.problems import told_plainly
from monitor.store.seal_counts import key_id_of_file, sealed_columns, sealed_files
from monitor.store.sealing import HEAD_BYTES, VAULTED, head_of
from monitor.store.seals import add_seal, seals_in
from monitor.store.tables import SealRow, table_of
from monitor.store.vault import VAULT_VERSION, vault_head
from monitor.store.vaulting import put_in_place, sealed_again

_SEALS = table_of(SealRow)
_AT_ONCE = 1000
_LOCK = f".{KEY_FILE}.lock"
_STAYS = "Put it back from a backup; the old key stays in the key file, and the same command goes on"

Progress = Callable[[int, int], None]
"""Called with what is done of one column and what there is."""
Place = tuple[Table, Column[bytes]]


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did. `went_on`: it found one that was broken off, and ended it."""

    key_id: str
    retired: tuple[str, ...]
    n_values: int
    n_files: int
    kept: str  # name of the file beside the key file that still holds the retired keys
    went_on: bool


def prepare(store: Store) -> str:
    """Put a new key into the key file, not used yet, so that other hosts can be given it first; its id."""
    with _alone(store.data_dir):
        return _with_new_key(store, read_ring(store.data_dir)).keys[-1].key_id


def rotate(store: Store, progress: Progress) -> Rotated:
    """Seal everything with a new key. Raises KeyProblem, StoreBusy, StoreError; the same call again goes on then."""
    with _alone(store.data_dir):
        ring = read_ring(store.data_dir)
        went_on = _was_begun(store, ring)
        if len(ring.keys) == 1:
            ring = _with_new_key(store, ring)
        _use_newest(store, ring)
        n_values = sum(_reseal(store, place, progress) for place in sealed_columns())
        n_files = _reseal_files(store)
        more_values, more_files = _retire(store, n_values)
        _settle(store)
        kept = f"{KEY_FILE}.before-{store.sealer.key_id}"
        keep_copy(store.data_dir, _of_before(ring), kept)
        replace_ring(store.data_dir, replace(ring, keys=ring.keys[-1:], vaults=ring.vaults[-1:]))
        retired = ring.key_ids[:-1]
        return Rotated(store.sealer.key_id, retired, n_values + more_values, n_files + more_files, kept, went_on)


def _of_before(ring: KeyRing) -> KeyRing:
    """What backups from before need: of a vault that was made just now they hold nothing."""
    first = len(ring.vaults) == 1 and ring.vaults[0].secret is not None
    return replace(ring, role=KeyRole.OWNER, vaults=()) if first else ring


def split(store: Store, progress: Progress) -> Rotated | None:
    """Put URLs and host names into a vault; None where there is one, and only what lies wrong was put right.

    Raises KeyProblem for whoever cannot open the vault, StoreBusy. Killed, the same call goes on.
    """
    store.sealer.check_may_reveal()
    ring = read_ring(store.data_dir)
    if not ring.vaults:
        if len(ring.keys) > 1:  # begun or prepared for everything, without a vault: values would stay where they are
            rotate(store, progress)
        with _alone(store.data_dir):
            ring = _with_new_key(store, replace(read_ring(store.data_dir), role=KeyRole.HOTLINE), first_vault=True)
    done = rotate(store, progress) if len(ring.keys) > 1 else None
    put_in_place(store, progress)
    return done


def _with_new_key(store: Store, ring: KeyRing, *, first_vault: bool = False) -> KeyRing:
    """The ring with one more key, and one more of the vault where it can be opened, in the file when this returns."""
    if len(ring.keys) > 1:
        raise KeyProblem(f"{KEY_FILE} holds a further key already", "Run `monitor keys rotate` to use it")
    if ring.role is KeyRole.RESEARCHER:
        raise KeyProblem("A research copy keeps the key that it was made with", "Make another copy")
    longer = replace(ring, keys=(*ring.keys, new_key()))
    if first_vault or (ring.vaults and ring.role is KeyRole.HOTLINE):
        longer = replace(longer, vaults=(*ring.vaults, new_vault_key()))
    replace_ring(store.data_dir, longer)
    store.sealer.take(longer)
    return longer


def _was_begun(store: Store, ring: KeyRing) -> bool:
    """Whether the database knows the newer key already while the key file still holds the older one."""
    with store.read() as connection:
        known = {seal.key_id for seal in seals_in(connection)}
    return len(ring.keys) > 1 and ring.keys[-1].key_id in known


def _use_newest(store: Store, ring: KeyRing) -> None:
    """Let the database name the newest key of the ring as the one that seals."""
    newest = ring.keys[-1].key_id
    with store.write() as connection:
        if newest not in {seal.key_id for seal in seals_in(connection)}:
            store.sealer.use(newest)  # undone by the next transaction, should this one fail
            add_seal(connection, store.sealer)


def _reseal(store: Store, place: Place, progress: Progress) -> int:
    """Reseal the values of one column; how many. What does not open is left: `_retire` stops at it."""
    with store.read() as connection:
        total = connection.scalar(select(func.count()).where(_is_old(store, place))) or 0
    done, after = 0, None
    while done < total:
        with store.write() as connection:
            found = _old_values(connection, store, place, after)
            done += len(_resealed(connection, store, place, found))
        if not found:
            break
        after = found[-1][0]
        progress(done, total)
    return done


def _is_old(store: Store, place: Place) -> ColumnElement[bool]:
    """Whether a value was sealed with another key than the one that seals now."""
    head, vault = func.substr(place[1], 1, HEAD_BYTES), store.sealer.vault
    old = place[1].is_not(None) & (head != head_of(store.sealer.key_id))
    if vault is None:
        return old
    if not vault.opens:
        return old & (func.substr(place[1], 1, 1) != VAULT_VERSION)
    return old & (head != vault_head(vault.newest.key_id))


def _old_values(connection: Connection, store: Store, place: Place, after: object) -> list[tuple[Any, bytes]]:
    (key,) = place[0].primary_key.columns
    wanted = select(key, place[1]).where(_is_old(store, place)).order_by(key).limit(_AT_ONCE)
    found = connection.execute(wanted if after is None else wanted.where(key > after))
    return [(row[0], bytes(row[1])) for row in found]


def _resealed(connection: Connection, store: Store, place: Place, found: list[tuple[Any, bytes]]) -> list[Any]:
    """The keys of the rows of which the value opened, and was resealed."""
    table, column = place
    context, plains = f"{table.name}.{column.name}", dict[Any, bytes]()
    for row_id, sealed in found:
        try:
            plains[row_id] = store.sealer.unseal(sealed, context)
        except KeyProblem:
            continue
    if context in VAULTED:
        new = sealed_again(connection, store.sealer, place, plains)
    else:
        new = [(store.sealer.seal(plain, context), row_id) for row_id, plain in plains.items()]
    (key,) = table.primary_key.columns
    update_rows(connection, table, (column.name, key.name), new)
    return [row_id for _, row_id in new]


def _reseal_files(store: Store) -> int:
    """Reseal what Providers sent; how many files."""
    done = 0
    for path, letter_id in sealed_files(store.data_dir):
        if key_id_of_file(path) == store.sealer.key_id:
            continue
        context = f"{contexts.LETTER_DOCUMENT}.{letter_id}"
        try:
            plain = store.sealer.unseal(path.read_bytes(), context)
        except KeyProblem:
            raise KeyProblem(f"A sealed file of letter {letter_id} does not open", _STAYS) from None
        write_whole(path, store.sealer.seal(plain, context), path.stat().st_mode & 0o777)
        done += 1
    return done


def _retire(store: Store, n_values: int) -> tuple[int, int]:
    """End the use of every other key, nothing being sealed by one any more; how many values and files were left."""
    with store.write() as connection:
        values = sum(_reseal_rest(connection, store, place) for place in sealed_columns())
        files = _reseal_files(store)
        new = store.sealer.key_id
        old = [seal.key_id for seal in seals_in(connection) if seal.retired_at is None and seal.key_id != new]
        if old:
            connection.execute(update(_SEALS).where(_SEALS.c.key_id.in_(old)).values(retired_at=now()))
            said = f"key {', '.join(old)} retired"
            audit.append(connection, actor="monitor", action="keys rotate", subject=f"key {new}", reason=said)
        return values, files


def _reseal_rest(connection: Connection, store: Store, place: Place) -> int:
    done = 0
    while found := _old_values(connection, store, place, None):
        resealed = _resealed(connection, store, place, found)
        done += len(resealed)
        for row_id, _ in found:
            if row_id not in resealed:
                what = f"{place[0].name}.{place[1].name}"
                raise KeyProblem(f"The value {row_id} of {what} does not open", _STAYS)
    return done


def _settle(store: Store) -> None:
    """What was committed is on the disk when this returns: without the old key there is no way back.

    PostgreSQL says that of every commit. SQLite does after the power failed only if it is told to before.
    """
    if store.on_server:
        return
    with told_plainly(store.engine), closing(store.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        for statement in ("PRAGMA synchronous = FULL", "BEGIN IMMEDIATE", "UPDATE seals SET proof = proof", "COMMIT"):
            cursor.execute(statement)
        cursor.execute("PRAGMA synchronous = NORMAL")


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """One rotation at a time on this host; on another one the database refuses it, which knows another new key."""
    handle = os.open(data_dir / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy("Another process rotates the keys", "Wait until it is done; nothing was changed") from None
        yield
    finally:
        os.close(handle)

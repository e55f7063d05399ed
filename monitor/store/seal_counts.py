"""Which keys a store has, and how many values each seals, counted by how they begin; nothing is opened.

In: a transaction; a data folder. Out: counts. What would surprise: which columns are sealed is what the tables declare
(`sealed()`), so a new one is counted and rotated without a word here.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Column, Connection, Table, func, select

from monitor.store.database import Store
from monitor.store.key_file import read_ring
from monitor.store.letter_files import LETTERS, SEALED
from monitor.store.sealing import HEAD_BYTES
from monitor.store.seals import seals_in
from monitor.store.tables import METADATA
from monitor.store.tables.base import SEALED as IS_SEALED


def sealed_columns() -> tuple[tuple[Table, Column[bytes]], ...]:
    """Every sealed column, in the order of the tables' names."""
    tables = sorted(METADATA.tables.values(), key=lambda table: table.name)
    return tuple((table, column) for table in tables for column in table.columns if column.info.get(IS_SEALED))


def sealed_counts(connection: Connection) -> dict[tuple[str, str], int]:
    """(`table.column`, id of the key that its values name) -> how many."""
    counts: dict[tuple[str, str], int] = {}
    for table, column in sealed_columns():
        head = func.substr(column, 1, HEAD_BYTES)
        for begins, n in connection.execute(select(head, func.count()).where(column.is_not(None)).group_by(head)):
            counts[f"{table.name}.{column.name}", key_id_of(begins)] = n
    return counts


def key_id_of(sealed: bytes) -> str:
    """The id of the key that a sealed value, or its beginning, names."""
    return bytes(sealed)[1:HEAD_BYTES].hex()


def sealed_files(data_dir: Path) -> Iterator[tuple[Path, str]]:
    """Every sealed file of the Letters with the id of its Letter, in the order of their names."""
    for path in sorted((data_dir / LETTERS).glob(f"*/*{SEALED}")):
        if path.is_file() and path.parent.name.isdecimal():
            yield path, path.parent.name


def key_id_of_file(path: Path) -> str:
    """The id of the key that a sealed file names. Raises OSError."""
    with path.open("rb") as file:
        return key_id_of(file.read(HEAD_BYTES))


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """One key of a store; times aware UTC. `seals`: whether it is the one that seals now."""

    key_id: str
    seals: bool
    in_file: bool
    made_at: datetime | None  # None: it is in the key file alone, for a rotation to come
    retired_at: datetime | None
    n_values: int
    n_files: int
    vault: bool = False  # a key pair of the vault
    opens: bool = True  # False: the key file has the half alone that seals


def list_keys(store: Store) -> tuple[KeyInfo, ...]:
    """Every key that ever sealed, and those that wait in the key file, oldest first. Raises KeyProblem, StoreError."""
    ring = read_ring(store.data_dir)
    waiting = ring.key_ids
    with store.read() as connection:
        known = {seal.key_id: seal for seal in seals_in(connection)}
        values: Counter[str] = Counter()
        for (_, key_id), n in sealed_counts(connection).items():
            values[key_id] += n
    files = Counter(key_id_of_file(path) for path, _ in sealed_files(store.data_dir))
    in_vault = tuple(
        KeyInfo(
            key_id=key.key_id,
            seals=key is ring.vaults[-1],
            in_file=True,
            made_at=None,
            retired_at=None,
            n_values=values.pop(key.key_id, 0),
            n_files=0,
            vault=True,
            opens=key.secret is not None,
        )
        for key in ring.vaults
    )
    working = tuple(
        KeyInfo(
            key_id=key_id,
            seals=key_id == store.sealer.key_id,
            in_file=key_id in waiting,
            made_at=known[key_id].made_at if key_id in known else None,
            retired_at=known[key_id].retired_at if key_id in known else None,
            n_values=values[key_id],
            n_files=files[key_id],
        )
        for key_id in dict.fromkeys((*known, *waiting, *sorted({*values, *files})))
    )
    return (*working, *in_vault)

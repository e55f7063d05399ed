"""Which key seals a store: what the database says of it, held against the key file.

In: a transaction and a Sealer. Out: the Sealer, sealing under the key that the database names; or a KeyProblem. What
would surprise: every writing transaction asks, because keys may be rotated while other processes run; they go on with
the new key, and where their host has no copy of it they stop before anything is written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from monitor.clock import now
from monitor.errors import KeyProblem
from monitor.store.sealing import KEY_FILE, Sealer
from monitor.store.tables import SealRow, table_of

_SEALS = table_of(SealRow)
_AFTER = timedelta(microseconds=1)
_CURRENT = select(_SEALS.c.key_id).where(_SEALS.c.retired_at.is_(None)).order_by(_SEALS.c.made_at.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Seal:
    """One key as the database knows it; times aware UTC."""

    key_id: str
    proof: bytes
    made_at: datetime
    retired_at: datetime | None


def seals_in(connection: Connection) -> tuple[Seal, ...]:
    """Every key that ever sealed, oldest first."""
    columns = (_SEALS.c.key_id, _SEALS.c.proof, _SEALS.c.made_at, _SEALS.c.retired_at)
    found = connection.execute(select(*columns).order_by(_SEALS.c.made_at, _SEALS.c.key_id))
    return tuple(Seal(each.key_id, bytes(each.proof), each.made_at, each.retired_at) for each in found)


def add_seal(connection: Connection, sealer: Sealer) -> None:
    """From now on the Sealer's key is the one that seals this store."""
    at = max([now(), *(seal.made_at + _AFTER for seal in seals_in(connection))])  # also where the clock was set back
    connection.execute(_SEALS.insert().values(key_id=sealer.key_id, proof=sealer.proof(), made_at=at))


def check_key(connection: Connection, sealer: Sealer) -> None:
    """Let the Sealer use the key that seals this store. Raises KeyProblem where it has not every key in use."""
    in_use = [seal for seal in seals_in(connection) if seal.retired_at is None]
    lacking = [seal for seal in in_use if not (sealer.holds(seal.key_id) and sealer.proves(seal.proof))]
    if not in_use or len(lacking) == len(in_use):
        raise _no_key(connection, sealer)
    if lacking:
        raise _older(f"The key file {KEY_FILE} lacks one of the keys that seal this database")
    sealer.use(in_use[-1].key_id)


def keep_up(connection: Connection, sealer: Sealer) -> None:
    """The same at the start of a writing transaction, where the key is nearly always the one of before."""
    current = connection.scalar(_CURRENT)
    if current != sealer.key_id:
        check_key(connection, sealer)


def _no_key(connection: Connection, sealer: Sealer) -> KeyProblem:
    retired = [seal for seal in seals_in(connection) if seal.retired_at is not None]
    if any(sealer.holds(seal.key_id) and sealer.proves(seal.proof) for seal in retired):
        return _older(f"The key in {KEY_FILE} was retired by `monitor keys rotate`")
    return KeyProblem(
        f"The key in {KEY_FILE} is not the one that sealed this database",
        "Put the right key file back; nothing was changed",
    )


def _older(message: str) -> KeyProblem:
    return KeyProblem(message, "Copy the key file from the host on which keys were rotated; nothing was changed")

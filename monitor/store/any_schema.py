"""A store whatever its schema, as long as this version knows it: for backups, which come before an upgrade.

In: the data folder and, for a server, its URL. Out: a `Store` of which nothing is asked but what every schema has. What
would surprise: the key is proved here too, because a backup under the wrong key would be found out years later.
"""

from pathlib import Path

from sqlalchemy import Connection

from monitor.errors import KeyProblem
from monitor.store.database import BUSY_SECONDS, Store, must_exist, place_of, refuse_newer
from monitor.store.engines import make_engine
from monitor.store.schema import head, revision_of
from monitor.store.sealing import KEY_FILE, Sealer, load_key
from monitor.store.seals import check_key

_BEFORE_ROTATION = ("0001", "0002", "0003", "0004", "0005")
"""Schemas with one key, and no column that says whether it was retired."""


def open_of_any_schema(data_dir: Path, url: str | None = None, *, busy_seconds: float = BUSY_SECONDS) -> Store:
    """Open an existing store. Raises StoreMissing, KeyProblem, StoreNewer, StoreBusy, StoreError."""
    engine = make_engine(place_of(data_dir, url), busy_seconds)
    try:
        must_exist(data_dir, engine)
        store = Store(data_dir, engine, load_key(data_dir))
        with store.read() as connection:
            refuse_newer(connection)
            check_seals(connection, store.sealer)
    except BaseException:
        engine.dispose()
        raise
    return store


def check_seals(connection: Connection, sealer: Sealer) -> None:
    """Raise KeyProblem unless the key file holds each key that still seals values of this database."""
    if revision_of(connection) == head():
        check_key(connection, sealer)
        return
    in_use = "" if revision_of(connection) in _BEFORE_ROTATION else " WHERE retired_at IS NULL"
    proofs = connection.exec_driver_sql(f"SELECT proof FROM seals{in_use}").scalars().all()  # noqa: S608 (constants)
    if not proofs or not all(sealer.proves(proof) for proof in proofs):
        raise KeyProblem(
            f"The key in {KEY_FILE} is not the one that sealed this database",
            "Put the right key file back; nothing was changed",
        )


def is_older(revision: str) -> bool:
    """Whether a known revision wants `monitor db upgrade` first."""
    return revision != head()

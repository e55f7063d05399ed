"""PostgreSQL: the rows of an import by COPY beside `executemany`, and the whole import beside the same one on SQLite.

In: the generated reports and checks of `import_vs_raw_insert`, and a server of the run's own with its usual durability.
Out: `import-copy-vs-executemany`, the very rows that the import left in the store into the same tables of a fresh one;
`import-postgresql-vs-sqlite`, files to facts. What would surprise: client and server share the processors here.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from benchmarks.import_vs_raw_insert import CHECKS_EACH, TABLES, write_inputs
from monitor import pipeline
from monitor.model.counts import ImportOptions
from monitor.store import Store, open_store
from monitor.store.bulk import insert_rows
from monitor.store.tables import METADATA
from tests import postgres

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
AT_ONCE = 5_000
"""Rows that go in together: what a batch of an import comes to."""

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]


def run(quick: bool) -> list[dict[str, object]]:
    """Rows a second, ours and the peer's, best of two, alternating."""
    n_reports = 10_000 if quick else 100_000
    copied: list[float] = []
    peer: list[float] = []
    imported: dict[str, list[float]] = {"sqlite": [], "postgresql": []}
    with tempfile.TemporaryDirectory() as text, _durable_server() as server:
        folder, rows = Path(text), n_reports * (1 + CHECKS_EACH)
        files = write_inputs(folder, n_reports)
        for attempt in range(2):
            for engine, speeds in imported.items():
                url = _database(server, f"import{attempt}") if engine == "postgresql" else None
                seconds, made = _imported(folder / f"{engine}{attempt}", url, files)
                speeds.append(rows / seconds)
            n_rows = sum(len(values) for _, values in made.values())
            copied.append(n_rows / _into(server, folder, made, "copy", insert_rows))
            peer.append(n_rows / _into(server, folder, made, "many", _executemany))
    return [
        _entry("import-copy-vs-executemany", max(copied), "psycopg executemany of the same sealed rows", max(peer)),
        _entry("import-postgresql-vs-sqlite", max(imported["postgresql"]), "on SQLite", max(imported["sqlite"])),
    ]


def _entry(name: str, value: float, peer: str, peer_value: float) -> dict[str, object]:
    ratio = value / peer_value
    return {"name": name, "value": value, "unit": "rows/s", "peer": peer, "peer_value": peer_value, "ratio": ratio}


@contextmanager
def _durable_server() -> Iterator[postgres.Server]:
    """The tests' server, but with everything on disk that a server puts there by default."""
    kept = dict(postgres.SETTINGS)
    try:
        for name in DURABLE:
            del postgres.SETTINGS[name]
        postgres.SETTINGS["shared_buffers"] = "256MB"
        with postgres.Server() as server:
            yield server
    finally:
        postgres.SETTINGS.update(kept)


def _database(server: postgres.Server, name: str) -> str:
    server.drop(name)
    server.create(name)
    return server.url(name)


def _imported(data_dir: Path, url: str | None, files: Sequence[Path]) -> tuple[float, Rows]:
    """Seconds for the whole import, and the rows that it left."""
    start = time.perf_counter()
    with open_store(data_dir, url, create=True) as db:
        for position, path in enumerate(files, start=1):
            counts, failure = pipeline.import_file(db, path, ImportOptions(), position)
            if failure is not None or counts.rejected:
                raise RuntimeError("the benchmark's own input was not taken")
        seconds = time.perf_counter() - start
        return seconds, ({} if url is None else _rows_of(db))


def _rows_of(db: Store) -> Rows:
    """The rows as the driver takes them: times as microseconds."""
    made: Rows = {}
    with db.read() as connection:
        for name in ("inputs", "vantages", *TABLES):
            columns = [column.name for column in METADATA.tables[name].columns]
            listed = ", ".join(f'"{column}"' for column in columns)
            found = connection.exec_driver_sql(f"SELECT {listed} FROM {name}").all()
            made[name] = (columns, [tuple(row) for row in found])
    return made


def _into(
    server: postgres.Server,
    folder: Path,
    made: Rows,
    name: str,
    insert: Callable[[Connection, Table, Sequence[str], Sequence[tuple[Any, ...]]], None],
) -> float:
    """Seconds to write the rows into a fresh store's tables, a transaction for every AT_ONCE."""
    seconds = 0.0
    with open_store(folder / f"store-{name}", _database(server, name), create=True) as db:
        for table, (columns, rows) in made.items():
            for first in range(0, len(rows), AT_ONCE):
                start = time.perf_counter()
                with db.write() as connection:
                    insert(connection, METADATA.tables[table], columns, rows[first : first + AT_ONCE])
                seconds += time.perf_counter() - start
        with db.read() as connection:
            kept = connection.scalars(select(METADATA.tables["checks"].c.id)).all()
    if len(kept) != len(made["checks"][1]):
        raise RuntimeError("not every row is there")
    return seconds


def _executemany(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(rows))


if __name__ == "__main__":
    print(run(quick=True))

"""Import of reports and checks, validated, normalised, sealed and indexed, beside the bare writing of its result.

Peer: `executemany` of the very rows that the import left in the store (sealed already) into the same tables of
a fresh store, in one transaction a table. The ratio says what reading, checking and sealing cost.
"""

import csv
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import pipeline
from monitor.model.counts import ImportOptions
from monitor.store import open_store

CHECKS_EACH = 4
TABLES = (
    "sources",
    "reasons",
    "records",
    "hosts",
    "addresses",
    "targets",
    "reports",
    "assessments",
    "notices",
    "checks",
)


def run(quick: bool) -> list[dict[str, object]]:
    """Rows a second (reports and checks together), ours and the peer's, best of three, alternating."""
    n_reports = 10_000 if quick else 100_000
    ours: list[float] = []
    peer: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        files = write_inputs(Path(folder), n_reports)
        rows = n_reports * (1 + CHECKS_EACH)
        for attempt in range(3):
            store = Path(folder) / f"store{attempt}"
            ours.append(rows / _timed(lambda: _import(store, files)))  # noqa: B023 (called at once)
            peer.append(rows / _raw_insert(store, Path(folder) / f"raw{attempt}"))
    value, peer_value = max(ours), max(peer)
    return [
        {
            "name": "import-vs-raw-insert",
            "value": value,
            "unit": "rows/s",
            "peer": "executemany of the same sealed rows",
            "peer_value": peer_value,
            "ratio": value / peer_value,
        }
    ]


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def write_inputs(folder: Path, n_reports: int) -> list[Path]:
    """Hosts under `.example`, documentation addresses, a notice an hour after each report."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    reports, checks = folder / "reports.csv", folder / "checks.csv"
    with reports.open("w", newline="") as r, checks.open("w", newline="") as c:
        report, check = csv.writer(r), csv.writer(c)
        report.writerow(["record_id", "url", "reported_at", "notified_at", "notice_status", "ip"])
        check.writerow(["record_id", "checked_at", "outcome", "ip"])
        for n in range(n_reports):
            at, address = begin + timedelta(minutes=n % 200_000), f"192.0.2.{n % 254 + 1}"
            notified = (at + timedelta(hours=1)).isoformat()
            report.writerow(
                [f"R{n}", f"https://site{n % 5_000}.example/a/{n}", at.isoformat(), notified, "sent", address]
            )
            for k in range(CHECKS_EACH):
                outcome = "offline" if k == CHECKS_EACH - 1 else "online"
                check.writerow([f"R{n}", (at + timedelta(hours=1 + 6 * k)).isoformat(), outcome, address])
    return [reports, checks]


def _import(data_dir: Path, files: list[Path]) -> None:
    with open_store(data_dir, create=True) as db:
        for position, path in enumerate(files, start=1):
            counts, failure = pipeline.import_file(db, path, ImportOptions(), position)
            if failure is not None or counts.rejected:
                raise RuntimeError("the benchmark's own input was not taken")


def _raw_insert(made: Path, fresh: Path) -> float:
    """Seconds to write the rows of the store at `made` into a fresh store's tables."""
    open_store(fresh, create=True).close()
    source = sqlite3.connect(made / "monitor.sqlite")
    target = sqlite3.connect(fresh / "monitor.sqlite", isolation_level=None)
    target.execute("PRAGMA foreign_keys = OFF")
    seconds = 0.0
    for table in TABLES:
        rows = source.execute(f"SELECT * FROM {table}").fetchall()
        if not rows:
            continue
        marks = ",".join("?" * len(rows[0]))
        start = time.perf_counter()
        target.execute("BEGIN IMMEDIATE")
        target.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        target.execute("COMMIT")
        seconds += time.perf_counter() - start
    source.close()
    target.close()
    return seconds


if __name__ == "__main__":
    print(run(quick=True))

"""The schedule after an import: the Targets that it told about are planned, beside planning every live Target.

In: a store on SQLite with 20,000 live Targets (`bench-long`: 200,000), each with a report and a notice; then one import
of 200 notices about some of them. Out: `plan-import-vs-all`, seconds of both. What would surprise: the first time on a
day all are planned, whatever came in, so a day costs one full plan and not one an import.
"""

import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import intake, judging, observation, store
from monitor.config import Settings, Source
from monitor.model.report import Notice, Report
from monitor.model.words import InputKind, NoticeKind, NoticeStatus

N, N_QUICK, N_TOLD = 200_000, 20_000, 200
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SETTINGS = Settings(sources={"hotline": Source(live=True)})


def run(quick: bool) -> list[dict[str, object]]:
    """Raises AssertionError where an import plans more or less than its own Targets."""
    n = N_QUICK if quick else N
    with tempfile.TemporaryDirectory() as folder, store.open_store(Path(folder) / "data", create=True) as db:
        for first in range(0, n, 10_000):
            add(db, range(first, min(first + 10_000, n)), 0)
        every = seconds(db)
        add(db, range(0, n, n // N_TOLD), 1)
        assert len(store.told_since(db, store.planned_from(db), _now(db)) or ()) == N_TOLD
        told = seconds(db)
    return [
        {
            "name": "plan-import-vs-all",
            "value": told,
            "unit": "s",
            "peer": f"planning all {n:,} live Targets",
            "peer_value": every,
            "ratio": every / told,
        }
    ]


def add(db: store.Store, places: Sequence[int], hours: int) -> None:
    """A report of each, or a further notice about it."""
    told = Notice(NoticeKind.REQUEST, NoticeStatus.SENT, START + timedelta(hours=hours))
    reports = [
        Report(row, "hotline", f"R{n}", intake.normalise_url(f"http://h{n % 997}.example/{n}.png"), START, told)
        for row, n in enumerate(places)
    ]
    assert not store.add_reports(db, store.begin_input(db, "aa", InputKind.REPORTS, 1), reports).rejects


def seconds(db: store.Store) -> float:
    begun = time.perf_counter()
    judging.plan(db, SETTINGS, ("hotline",), START + timedelta(hours=2))
    return time.perf_counter() - begun


def _now(db: store.Store) -> str:
    hours = judging.norm_hours(SETTINGS)
    return store.schedule_fingerprint(db, ("hotline",), observation.RULES_VERSION, hours, START.date())

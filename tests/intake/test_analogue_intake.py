"""The public stand-in at real size: everything in it is taken, and memory stays flat."""

import os
import tracemalloc
from pathlib import Path

import pytest

from monitor.intake import Container, detect, read_checks, read_reports
from monitor.model.words import InputKind

ANALOGUE = Path(__file__).resolve().parents[3] / "shared" / "analogue"

pytestmark = [pytest.mark.analogue, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def analogue():
    if not ANALOGUE.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("../shared/analogue is missing")
        pytest.skip("../shared/analogue is missing")


@pytest.mark.parametrize(
    ("name", "read", "kind", "rows"),
    [
        ("reports.csv.gz", read_reports, InputKind.REPORTS, 182_873),
        ("checks.csv.gz", read_checks, InputKind.CHECKS, 618_183),
    ],
)
def test_every_row_of_the_analogue_is_taken(name, read, kind, rows):
    """No row is rejected, rows are numbered without a gap."""
    path = ANALOGUE / name
    assert detect(path) == (Container.CSV, kind)
    last = 0
    for batch in read(path, source="default", timezone=None):
        assert not batch.rejects
        assert [value.row for value in batch.values] == list(range(last + 1, last + batch.n_read + 1))
        last += batch.n_read
    assert last == rows


def test_memory_does_not_grow_with_the_file():
    """Between the 4th and the 12th batch the peak stays within the caches' bounds."""
    tracemalloc.start()
    try:
        peaks = []
        for number, _ in enumerate(read_checks(ANALOGUE / "checks.csv.gz", source="default", timezone=None), 1):
            if number in (4, 12):
                peaks.append(tracemalloc.get_traced_memory()[1])
            if number == 12:
                break
    finally:
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 16 * 2**20

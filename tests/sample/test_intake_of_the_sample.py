"""Intake takes every row of the sample, and rejects what `rejected.csv` spoils, each for its own reason."""

from collections import Counter
from pathlib import Path

import pytest

from monitor.intake import read_checks, read_reports

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("reports-2025H2.csv", 1530),
        ("reports-2026H1.csv", 1584),
        ("reports-2026H1-more.jsonl.gz", 273),
        ("reports-2026H1-brackets.parquet", 59),
    ],
)
def test_intake_accepts_every_report_of_the_sample(name: str, rows: int) -> None:
    """Each report file is read whole, with the number of rows that the README of the sample states."""
    batches = list(read_reports(SAMPLE / name, source="default", timezone=None))
    assert [reject for batch in batches for reject in batch.rejects] == []
    assert sum(batch.n_read for batch in batches) == rows
    assert {report.source for batch in batches for report in batch.values} == {"hotline"}


@pytest.mark.parametrize(("name", "rows"), [("checks-2025H2.csv.gz", 19_272), ("checks-2026H1.csv.gz", 23_051)])
def test_intake_accepts_every_check_of_the_sample(name: str, rows: int) -> None:
    """Each check file is read whole."""
    batches = list(read_checks(SAMPLE / name, source="default", timezone=None))
    assert [reject for batch in batches for reject in batch.rejects] == []
    assert sum(batch.n_read for batch in batches) == rows


def test_every_spoiled_row_is_rejected_for_a_reason_of_its_own() -> None:
    """Intake rejects 18 of the 24 rows; two conflicts and four duplicates are for the store to find."""
    batches = list(read_reports(SAMPLE / "rejected.csv", source="default", timezone=None))
    rejects = [reject for batch in batches for reject in batch.rejects]
    assert sum(batch.n_read for batch in batches) == 24
    assert [reject.row for reject in rejects] == [*range(1, 17), 19, 20]
    assert len({(reject.code, reject.field) for reject in rejects}) >= 17


def test_a_second_report_spelt_otherwise_names_the_same_target() -> None:
    """Upper case, a default port and a fragment make no new Target."""
    batches = read_reports(SAMPLE / "reports-2026H1.csv", source="default", timezone=None)
    targets = [(report.record_id, report.target) for batch in batches for report in batch.values if report.target.url]
    records = Counter(target.url for _, target in set(targets))
    assert sum(n > 1 for n in records.values()) > 50


@pytest.mark.parametrize("rows", [1530, 1584, 273, 59, 19_272, 23_051])
def test_the_readme_of_the_sample_states_the_rows(rows: int) -> None:
    """The numbers above stand in the table of files."""
    assert f" {rows:,} " in (SAMPLE / "README.md").read_text(encoding="utf-8")

"""The sample's own modules, and the files it committed."""

import csv
import gzip
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
REFERENCE = ROOT / "data" / "reference"


@pytest.fixture(scope="session")
def generate() -> Iterator[ModuleType]:
    """The generator as a module; its helpers stand beside it."""
    sys.path.insert(0, str(SAMPLE))
    yield importlib.import_module("generate")
    sys.path.remove(str(SAMPLE))


@pytest.fixture(scope="session")
def report_rows() -> list[dict[str, str]]:
    """Every row of every report file but rejected.csv, as text by column."""
    rows: list[dict[str, str]] = []
    for name in ("reports-2025H2.csv", "reports-2026H1.csv"):
        with (SAMPLE / name).open(encoding="utf-8", newline="") as lines:
            rows += csv.DictReader(lines)
    with gzip.open(SAMPLE / "reports-2026H1-more.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows += [{name: str(value) for name, value in json.loads(line).items()} for line in lines]
    columns, values = parquet_texts(SAMPLE / "reports-2026H1-brackets.parquet")
    return rows + [dict(zip(columns, value, strict=True)) for value in values]


@pytest.fixture(scope="session")
def check_rows() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for name in ("checks-2025H2.csv.gz", "checks-2026H1.csv.gz"):
        with gzip.open(SAMPLE / name, "rt", encoding="utf-8", newline="") as lines:
            rows += csv.DictReader(lines)
    return rows


def parquet_texts(path: Path) -> tuple[list[str], list[tuple[str, ...]]]:
    """Column names, and all values as text in the file's order."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        names = [row[0] for row in connection.execute("DESCRIBE FROM read_parquet(?)", [str(path)]).fetchall()]
        chosen = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in names)
        return names, connection.execute(f"SELECT {chosen} FROM read_parquet(?)", [str(path)]).fetchall()

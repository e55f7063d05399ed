"""Writers of input files, so that a test says only what is in them."""

import gzip
import json
from pathlib import Path

import duckdb
import pytest
import zstandard

from monitor.intake import read_checks, read_reports

_zstd = zstandard.ZstdCompressor(write_checksum=True)  # as the zstd command does
_COMPRESS = {"plain": bytes, "gz": gzip.compress, "zst": _zstd.compress}


def _csv(header: str, *rows: str) -> bytes:
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


def _parquet(path: Path, columns: dict[str, tuple[str, list]]) -> bytes:
    """Columns as name -> (DuckDB type, values)."""
    with duckdb.connect(":memory:") as connection:
        names = ", ".join(f'"{name}" {type_}' for name, (type_, _) in columns.items())
        connection.execute(f"CREATE TABLE t ({names})")
        marks = ", ".join("?" for _ in columns)
        for row in zip(*(values for _, values in columns.values()), strict=True):
            connection.execute(f"INSERT INTO t VALUES ({marks})", row)
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


@pytest.fixture
def write(tmp_path):
    """write(content, compression="plain") -> path of a file that says nothing about itself in its name."""
    count = iter(range(10_000))

    def _write(content: bytes | str, compression: str = "plain") -> Path:
        path = tmp_path / f"input-{next(count)}"
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(_COMPRESS[compression](data))
        return path

    return _write


@pytest.fixture
def csv_text():
    return _csv


@pytest.fixture
def jsonl():
    return lambda *records: "".join(json.dumps(record) + "\n" for record in records).encode()


@pytest.fixture
def parquet(tmp_path):
    return lambda columns: _parquet(tmp_path / "made", columns)


def _collect(read, path, **options):
    options = {"source": "default", "timezone": None, **options}
    batches = list(read(path, **options))
    values = [value for batch in batches for value in batch.values]
    rejects = [reject for batch in batches for reject in batch.rejects]
    assert sum(batch.n_read for batch in batches) == len(values) + len(rejects)
    return values, rejects


@pytest.fixture
def reports_of():
    """reports_of(path, **options) -> all Reports and all Rejects."""
    return lambda path, **options: _collect(read_reports, path, **options)


@pytest.fixture
def checks_of():
    return lambda path, **options: _collect(read_checks, path, **options)

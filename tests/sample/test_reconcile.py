"""A list made from the sample's own notices: what was dropped, shifted, spelt otherwise and added is found again."""

import csv
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pytest import TempPathFactory

from tests.engines import Engine, environment

ROOT = Path(__file__).resolve().parents[2]
SAMPLE, REFERENCE = ROOT / "data" / "sample", ROOT / "data" / "reference"
PROVIDER = "as64497"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(engine: Engine, tmp_path_factory: TempPathFactory) -> Path:
    """The second half-year, frozen."""
    data = tmp_path_factory.mktemp("reconcile") / "data"
    engine.url(data)
    tables = ("--prefixes", REFERENCE / "prefixes-2026-01-01.tsv", "--as-names", REFERENCE / "as-names-2026-01-01.csv")
    _monitor(data, "refdata", "import", *tables, "--as-of", "2026-01-01")
    _monitor(data, "import", SAMPLE / "reports-2026H1.csv", SAMPLE / "checks-2026H1.csv.gz")
    _monitor(data, "attribute")
    _monitor(data, "freeze", "2026H1")
    return data


def _monitor(data: Path, *words: object) -> Any:
    where = ("--data-dir", data, "--config", SAMPLE / "monitor.toml", "--json")
    command = [str(Path(sys.executable).parent / "monitor"), *map(str, (*where, *words))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(data))
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def _told(data: Path) -> list[dict[str, str]]:
    """The sample's report rows of the notices that told the provider, in the dataset's order; those with a URL."""
    (path,) = data.glob("frozen/*/episodes.parquet")
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT record_id, epoch_us(notified_at) FROM read_parquet(?) WHERE role = 'network' AND clock = 'request' "
            "AND provider_id = ? AND status <> 'misaddressed'",
            [str(path), PROVIDER],
        ).fetchall()
    with (SAMPLE / "reports-2026H1.csv").open(encoding="utf-8", newline="") as lines:
        rows = {(row["record_id"], _micros(row["notified_at"])): row for row in csv.DictReader(lines)}
    return [rows[key] for key in found if rows[key]["url"]]


def _micros(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1e6) if text else -1


def test_what_was_done_to_the_list_is_found_again(data: Path, tmp_path: Path) -> None:
    """Every kept notice is matched by its level, each 9th that was dropped is not; all came two hours later."""
    told, kept, n_other = _told(data), [], 0
    for n, row in enumerate(told):
        if n % 9 == 8:
            continue
        at, url = datetime.fromisoformat(row["notified_at"]) + timedelta(hours=2), row["url"]
        other = n % 4 == 1
        n_other += other
        spelt = url.replace("http", "HTTP", 1).replace(".example/", ".EXAMPLE/") if other else url
        kept.append((f"T-{n}" if other else row["notice_ref"], spelt, at.isoformat(), ""))
    strangers = [(f"S-{n}", f"https://elders{n}.example/a", "2026-03-01T12:00:00Z", "") for n in range(3)]
    with (tmp_path / "list.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("notice_ref", "url", "received_at", "resolved_at"), *kept, *strangers])
    made = _monitor(data, "reconcile", tmp_path / "list.csv", "--provider", PROVIDER, "--tolerance", "0")
    request = next(clock for clock in made["clocks"] if clock["clock"] == "request")
    ours = request["ours"]
    assert len(told) > 50 and n_other > 10
    assert (ours["listed"], made["theirs"]["matched"], made["theirs"]["unknown"]) == (len(kept), len(kept), 3)
    assert (ours["levels"]["reference"], ours["levels"]["normalised_url"]) == (len(kept) - n_other, n_other)
    assert ours["listed"] + ours["reminded"] + ours["ambiguous"] + ours["not_listed"] == ours["rows"]
    assert (request["delay"]["median_hours"], request["delay"]["p90_hours"]) == (2.0, 2.0)
    figures = {each["reading"]: each for each in request["figures"]}
    assert figures["unlisted_not_delivered"]["n_episodes"] < figures["as_published"]["n_episodes"]
    assert figures["clock_at_receipt"]["median_hours"] < figures["as_published"]["median_hours"]
    card = next(c for c in _monitor(data, "rank", "2026H1")["scorecards"] if c["provider_id"] == PROVIDER)
    assert figures["as_published"]["within_norm"] == card["within_norm"]

"""The whole line on the public stand-in for the confidential input: 182,873 reports against real routing tables.

Recorded data only: nothing in it is ever resolved or contacted.
"""

import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyasn
import pytest
from pytest import TempPathFactory

from tests.engines import Engine, environment

ANALOGUE = Path(__file__).parents[3] / "shared" / "analogue"
PROGRAM = Path(sys.executable).parent / "monitor"
TABLE_MADE_ON = "2024-01-05"

pytestmark = [
    pytest.mark.analogue,
    pytest.mark.slow,
    pytest.mark.one_engine("it takes three minutes; the sample goes down the same line on both"),
]
LARGEST: list[int] = []
"""Resident set of each command at its largest, KiB."""


def _monitor(data_dir: Path, *words: str | Path) -> Any:
    command = [PROGRAM, "--data-dir", data_dir, "--json", *words]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment(data_dir))
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        LARGEST.append(used.ru_maxrss)
        out.seek(0), err.seek(0)
        assert process.returncode == 0, err.read().decode()[-2000:]
        return json.loads(out.read())


@pytest.fixture(scope="module")
def data_dir(engine: Engine, tmp_path_factory: TempPathFactory) -> Path:
    """A store with the routing table of before the events, the names and the proxies' ranges."""
    if not ANALOGUE.exists():
        assert os.environ.get("CI") != "true", "../shared/analogue is missing"
        pytest.skip("../shared/analogue, the public stand-in for the input, is missing")
    folder = tmp_path_factory.mktemp("analogue")
    engine.url(folder)
    routing, fronting = ANALOGUE / "routing", sorted((ANALOGUE / "fronting").glob("*.json"))
    words: list[str | Path] = ["--prefixes", routing / f"prefix2as_{TABLE_MADE_ON}.tsv.gz"]
    words += ["--as-names", routing / "asn2org_2024-01-01.csv.gz"]
    words += [word for path in fronting for word in ("--fronting", path)]
    _monitor(folder, "refdata", "import", "--as-of", "2021-01-01", *words)
    return folder


@pytest.fixture(scope="module")
def line(data_dir: Path) -> dict[str, Any]:
    """What each command of the line printed."""
    reports, checks = ANALOGUE / "reports.csv.gz", ANALOGUE / "checks.csv.gz"
    return {
        "checks": _monitor(data_dir, "import", checks),  # the checks come first: rows wait for their report
        "reports": _monitor(data_dir, "import", reports),
        "attribute": _monitor(data_dir, "attribute"),
        "freeze": _monitor(data_dir, "freeze", "2021H1", "--cutoff", "2021-08-01"),
        "rank": _monitor(data_dir, "rank", "2021H1"),
        "publish": _monitor(data_dir, "publish", "2021H1"),
    }


@pytest.fixture(scope="module")
def expected(line: dict[str, Any], tmp_path_factory: TempPathFactory) -> Counter[int | None]:
    """Reports by origin AS, looked up one by one by pyasn in the same table."""
    plain = tmp_path_factory.mktemp("pyasn") / "table.tsv"
    with gzip.open(ANALOGUE / "routing" / f"prefix2as_{TABLE_MADE_ON}.tsv.gz", "rt") as table:
        plain.write_text("".join(row for row in table if not row.startswith("#")), encoding="utf-8")
    lookup = pyasn.pyasn(str(plain)).lookup
    with gzip.open(ANALOGUE / "reports.csv.gz", "rt", newline="") as reports:
        return Counter(lookup(row["ip"])[0] for row in csv.DictReader(reports))


def test_every_row_is_accounted_for(line: dict[str, Any]) -> None:
    """Every record of the public list is accepted once, and the checks that came first wait for their report."""
    assert (line["reports"]["read"], line["reports"]["accepted"]) == (182_873, 182_873)
    assert (line["checks"]["read"], line["checks"]["accepted"], line["checks"]["waiting"]) == (618_183,) * 3


def test_the_providers_are_the_networks_that_one_would_expect(line: dict[str, Any], expected: Counter[int]) -> None:
    """Targets notified, by AS number, are pyasn's count of the reports' addresses, number by number."""
    cards = line["rank"]["scorecards"]
    found = {card["asns"][0]: card["n_notices"] for card in cards}
    assert all(len(card["asns"]) == 1 for card in cards)
    assert found == {asn: n for asn, n in expected.items() if asn is not None}
    assert line["rank"]["totals"]["unattributed"] == expected[None]


def test_the_freeze_holds_every_notified_target(line: dict[str, Any]) -> None:
    """Episodes and those gone before the notice are all the reports."""
    totals = line["rank"]["totals"]
    assert totals["episodes"] + totals["gone_before_notice"] == 182_873
    assert line["freeze"]["episodes_network"] == totals["episodes"]
    assert line["freeze"]["digest"] == line["rank"]["freeze"]


def test_the_release_says_that_a_table_was_made_later_than_the_events(line: dict[str, Any]) -> None:
    """Readers see it on the first page and find both dates on the method page."""
    release = Path(line["publish"]["path"])
    assert "made after the events" in (release / "index.html").read_text(encoding="utf-8")
    method = (release / "methodology.html").read_text(encoding="utf-8")
    assert "1 January 2021" in method
    assert "5 January 2024" in method


def test_no_step_needs_one_and_three_quarters_of_a_gibibyte(line: dict[str, Any]) -> None:
    """The largest resident set of any command of the line: 0.9 GiB for `freeze`, some 0.5 more where it is the first
    that has to compile its arithmetic."""
    assert line["publish"]["files"] > 0
    assert 0 < max(LARGEST) < 1.75 * 1024**2

"""The R sessions, run again: the recorded results are what R says today.

Debian: apt-get install r-base-core r-cran-survival r-cran-npsurv. The versions that the results were recorded with are
in `versions.csv`.
"""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent
NEEDED = "library(survival); library(npsurv)"


RECORDED = ("random.csv", "published.csv", "published_cells.csv", "published_data.csv")


@pytest.fixture
def rscript():
    """R with both packages; missing it is a failure in CI and a named skip elsewhere."""
    found = shutil.which("Rscript")
    if found is None or subprocess.run([found, "-e", NEEDED], capture_output=True, check=False).returncode:
        message = "R is not complete: apt-get install r-base-core r-cran-survival r-cran-npsurv"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


def test_r_says_today_what_was_recorded(rscript, tmp_path):
    """Every line of every file, numbers to 1e-6 (another processor's last bits may differ)."""
    generated = subprocess.run([sys.executable, FOLDER / "random_sets.py"], capture_output=True, check=True)
    data = tmp_path / "data.csv"
    data.write_bytes(generated.stdout)
    for arguments in (["random.R", data, tmp_path], ["published.R", tmp_path]):
        subprocess.run([rscript, *arguments], cwd=FOLDER, check=True, capture_output=True)
    for name in RECORDED:
        kept, now = rows(FOLDER / name), rows(tmp_path / name)
        assert [words(row) for row in kept] == [words(row) for row in now], name
        for before, after in zip(kept, now, strict=True):
            assert numbers(before) == pytest.approx(numbers(after), abs=1e-6), name


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def is_number(text: str) -> bool:
    return text.replace(".", "").replace("-", "").replace("e", "").isdigit()


def words(row: list[str]) -> list[str]:
    return [text for text in row if not is_number(text)]


def numbers(row: list[str]) -> list[float]:
    return [float(text) for text in row if is_number(text)]

"""The pages for researchers are true: their code runs on the sample's freeze and prints what they say."""

import contextlib
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytest import MonkeyPatch, TempPathFactory

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: TempPathFactory) -> Path:
    """A folder in which `make report`'s script has run on a copy of the sample."""
    root = tmp_path_factory.mktemp("notebook")
    for name in ("sample", "reference"):
        shutil.copytree(ROOT / "data" / name, root / "data" / name)
    command = [sys.executable, root / "data" / "sample" / "report.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root / "data")
    assert done.returncode == 0, done.stderr[-2000:]
    return root


@pytest.mark.parametrize("page", ["statistics.md", "reading-the-freeze.md"])
def test_every_block_runs_and_prints_what_stands_below_it(page: str, checkout: Path, monkeypatch: MonkeyPatch) -> None:
    """Blocks share one namespace from top to bottom, as in a notebook; each printed block is compared line by line."""
    monkeypatch.chdir(checkout)
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks, names = BLOCK.findall(text), {}
    printed, shown = "", 0
    for kind, content in blocks:
        if kind == "text":
            assert printed.strip() == content.strip()
            shown += 1
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(content, page, "exec"), names)
        printed = out.getvalue()
    assert shown >= 3

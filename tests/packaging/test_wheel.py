"""The wheel works when it is installed alone, from a folder that is not the checkout.

To save minutes the fresh environment borrows this one's libraries through a .pth file. That does not make the checkout
importable (a .pth inside a borrowed folder is not read), and the first test proves it.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from pytest import TempPathFactory

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: TempPathFactory) -> Path:
    """A wheel built from the checkout."""
    out = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT], cwd=out)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: TempPathFactory) -> Path:
    """The interpreter of a fresh environment, in a path with a space, that has the wheel and nothing else of ours."""
    home = tmp_path_factory.mktemp("fresh environment") / "venv"
    _run([sys.executable, "-m", "venv", "--without-pip", home], cwd=home.parent)
    interpreter = home / "bin" / "python"
    _run([sys.executable, "-m", "pip", "--python", interpreter, "install", "--no-deps", "--no-index", wheel], cwd=home)
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    packages = next(home.glob("lib/python*/site-packages"))
    (packages / "borrowed.pth").write_text("\n".join(sorted(borrowed)) + "\n", encoding="utf-8")
    return interpreter


def _run(command: list[str | Path], cwd: Path) -> str:
    """Run it as a user would: no PYTHONPATH, another folder. Fails with what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MONITOR_"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[1:4]}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_the_wheel_brings_templates_translations_and_migrations(wheel: Path) -> None:
    """What the program reads at run time travels in the wheel; tests, sample and benchmarks do not."""
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "reports/templates/",
        "monitor/publication/locale/nl/LC_MESSAGES/",
        "monitor/store/migrations/versions/",
    ):
        assert [name for name in names if name.startswith(part)], part
    assert {name.split("/")[0].split("-")[0] for name in names} == {"monitor", "spiders", "reports", "hosting_monitor"}
    assert [name for name in names if name.endswith("LICENSE")]


def test_the_program_comes_from_the_fresh_environment(python: Path, tmp_path: Path) -> None:
    """All three packages are imported from the new environment, and the checkout is on no path."""
    code = (
        "import json, monitor, reports, spiders, sys;"
        "print(json.dumps([monitor.__file__, reports.__file__, spiders.__file__, sys.path]))"
    )
    *files, path = json.loads(_run([python, "-c", code], tmp_path))
    assert [Path(file).is_relative_to(python.parents[1]) for file in files] == [True] * 3
    assert str(ROOT) not in path


def test_help_is_shown_from_any_folder(python: Path, tmp_path: Path) -> None:
    """`monitor --help` names the commands."""
    shown = _run([python.parent / "monitor", "--help"], tmp_path)
    assert {"import", "attribute", "freeze", "rank", "publish"} <= set(shown.split())


def test_the_whole_line_runs_from_another_folder(python: Path, tmp_path: Path) -> None:
    """The installed program takes a copy of the sample from its files to a release that verifies."""
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "a copy" / "sample")
    shutil.copytree(ROOT / "data" / "reference", tmp_path / "a copy" / "reference")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    page = Path(_run([python, tmp_path / "a copy" / "sample" / "report.py"], elsewhere).splitlines()[-1])
    assert page.name == "index.html"
    assert page.is_file()
    assert page.is_relative_to(tmp_path / "a copy" / "sample-run" / "releases")
    monitor = [python.parent / "monitor", "--data-dir", tmp_path / "a copy" / "sample-run", "--json"]
    assert json.loads(_run([*monitor, "publish", "--verify", page.parent], elsewhere))["ok"] is True
    ranking = json.loads(_run([*monitor, "rank", "2026H1"], elsewhere))
    assert len(ranking["scorecards"]) >= 24  # all but the reverse proxy, which has a role of its own
    assert list(elsewhere.iterdir()) == []

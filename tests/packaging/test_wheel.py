"""The wheel works when it is installed alone (`tests/wheels.py`), from a folder that is not the checkout."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from pytest import TempPathFactory

from tests.wheels import ROOT, as_a_user, built, installed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: TempPathFactory) -> Path:
    """A wheel built from the checkout."""
    return built(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: TempPathFactory) -> Path:
    """The interpreter of a fresh environment, in a path with a space."""
    return installed(wheel, tmp_path_factory.mktemp("fresh environment") / "venv")


def test_the_wheel_brings_templates_translations_and_migrations(wheel: Path) -> None:
    """What the program reads at run time travels in the wheel; tests, sample and benchmarks do not."""
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "reports/templates/",
        "monitor/publication/locale/nl/LC_MESSAGES/",
        "monitor/store/migrations/versions/",
        f"{names[-1].split('.dist-info')[0]}.data/data/share/doc/hosting-monitor/",
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
    *files, path = json.loads(as_a_user([python, "-c", code], tmp_path))
    assert [Path(file).is_relative_to(python.parents[1]) for file in files] == [True] * 3
    assert str(ROOT) not in path


def test_help_is_shown_from_any_folder(python: Path, tmp_path: Path) -> None:
    """`monitor --help` names the commands."""
    shown = as_a_user([python.parent / "monitor", "--help"], tmp_path)
    assert {"import", "attribute", "freeze", "rank", "publish"} <= set(shown.split())


def test_the_whole_line_runs_from_another_folder(python: Path, tmp_path: Path) -> None:
    """The installed program takes a copy of the sample from its files to a release that verifies."""
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "a copy" / "sample")
    shutil.copytree(ROOT / "data" / "reference", tmp_path / "a copy" / "reference")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    page = Path(as_a_user([python, tmp_path / "a copy" / "sample" / "report.py"], elsewhere).splitlines()[-1])
    assert page.name == "index.html"
    assert page.is_file()
    assert page.is_relative_to(tmp_path / "a copy" / "sample-run" / "releases")
    monitor = [python.parent / "monitor", "--data-dir", tmp_path / "a copy" / "sample-run", "--json"]
    assert json.loads(as_a_user([*monitor, "publish", "--verify", page.parent], elsewhere))["ok"] is True
    ranking = json.loads(as_a_user([*monitor, "rank", "2026H1"], elsewhere))
    assert len(ranking["scorecards"]) >= 24  # all but the reverse proxy, which has a role of its own
    assert list(elsewhere.iterdir()) == []

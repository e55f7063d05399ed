"""docs/runbook.md is true: its blocks run on a clean machine, in their order, and print what stands below them.

The wheel is installed alone in a fresh environment; the wrapper of `deploy/` starts it as the service would. The other
side, which hands over, is the same program with a folder of its own. `root` blocks (systemd) are not run. Words in
capitals stand for folders, files and the fingerprint, the paths of a machine for folders of the test.
"""

import getpass
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest

from tests.wheels import ROOT, as_a_user, built, installed, user_environment

PAGE = ROOT / "docs" / "runbook.md"
SAMPLE, REFERENCE = ROOT / "data" / "sample", ROOT / "data" / "reference"
BLOCK = re.compile(r"^( *)```console ([a-z-]+)(?: exit=(\d))?\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
FOLLOWED = ("first-day", "week", "half-year")
LETTERS = """
[letters]
organisation = "Voorbeeldministerie"
postal_address = ["Postbus 1", "1000 AA Voorbeeldstad"]
contact_person = "J. Jansen"
contact_details = ["jansen@ministerie.example"]
answer_to = "antwoord@ministerie.example"
signatory = "A. de Vries"
signatory_title = "namens de minister"
reference_prefix = "MIN-"
"""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Step:
    """One command of the page; `shown`: what stands below it; `status`: which exit status it says."""

    part: str
    command: str
    shown: tuple[str, ...]
    status: int


def steps(text: str) -> Iterator[Step]:
    for indent, part, status, content in BLOCK.findall(text):
        lines = [line.removeprefix(indent) for line in content.splitlines()]
        number = 0
        numbered = [(number := number + line.startswith("$ "), line) for line in lines]
        for _, group in groupby(numbered, key=lambda each: each[0]):
            first, *shown = (line for _, line in group)
            yield Step(part, first.removeprefix("$ "), tuple(shown), int(status or 0))


@dataclass(frozen=True)
class Machine:
    """A clean one: folders in place of /var and /etc, the installed program behind the wrapper."""

    root: Path
    python: Path
    words: dict[str, str]

    @property
    def data(self) -> Path:
        return self.root / "var" / "data"

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "HOSTING_MONITOR_USER": getpass.getuser(),
            "HOSTING_MONITOR_PROGRAM": str(self.python.parent / "monitor"),
            "HOSTING_MONITOR_ENVIRONMENT": str(self.root / "environment"),
            "COLUMNS": "300",
        }
        words = [self.filled(word) for word in shlex.split(command)]
        if words[0] == "hosting-monitor":
            words = ["sh", str(ROOT / "deploy" / "hosting-monitor"), *words[1:]]
        return subprocess.run(
            words, cwd=self.root, env=user_environment(environment), capture_output=True, text=True, check=False
        )

    def filled(self, text: str) -> str:
        """The page's words and paths as this machine has them."""
        for word, value in self.words.items():
            text = re.sub(rf"\b{word}\b", value, text)
        text = text.replace("/var/lib/hosting-monitor/data", str(self.data))
        return text.replace("/var/backups/hosting-monitor", str(self.root / "backups"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, installed alone."""
    wheel = built(tmp_path_factory.mktemp("wheel"))
    return installed(wheel, tmp_path_factory.mktemp("machine") / "venv")


@pytest.fixture(scope="module")
def other_side(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of who hands over: last half year, frozen and published, with settings and letters' texts."""
    data = tmp_path_factory.mktemp("other side") / "data"
    data.mkdir(mode=0o700)
    settings = (SAMPLE / "monitor.toml").read_text(encoding="utf-8") + LETTERS
    settings = settings.replace("An example for the sample run", "A norm for this test").replace("nobody: ", "")
    (data / "monitor.toml").write_text(settings, encoding="utf-8")
    tables = [REFERENCE / f"{name}-2025-06-01.{end}" for name, end in (("prefixes", "tsv"), ("as-names", "csv"))]
    for words in (
        ["refdata", "import", "--prefixes", tables[0], "--as-names", tables[1], "--as-of", "2025-06-01"],
        ["providers", "import", SAMPLE / "providers.toml"],
        ["import", SAMPLE / "reports-2025H2.csv", SAMPLE / "checks-2025H2.csv.gz"],
        ["attribute"],
        ["freeze", "2025H2"],
        ["publish", "2025H2"],
    ):
        as_a_user([python.parent / "monitor", "--data-dir", data, *words], cwd=data.parent)
    return data


@pytest.fixture(scope="module")
def machine(python: Path, other_side: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """What the page takes for granted: the program installed, folders made, this week's files."""
    root = tmp_path_factory.mktemp("clean machine")
    for name in ("takeover", "inbox", "tables", "safe", "archive", "backups", "var"):
        (root / name).mkdir(mode=0o700)
    (root / "environment").write_text(f'MONITOR_DATA_DIR="{root / "var" / "data"}"\n', encoding="utf-8")
    for name in ("prefixes", "as-names"):
        path = next(REFERENCE.glob(f"{name}-2026-01-01.*"))
        shutil.copy(path, root / "tables" / f"{name}{path.suffix}")
    _of_the_week(root / "inbox")
    (made,) = (signer for signer in [as_a_user(_said(python, other_side, "handover", "signer"), cwd=root)])
    words = {
        "BUNDLE": str(root / "takeover" / "monitor.bundle"),
        "OURKEY": str(root / "takeover" / "ours.key"),
        "FINGERPRINT": json.loads(made)["fingerprint"],
        "INBOX": str(root / "inbox"),
        "TABLES_NEW": str(root / "tables"),
        "SAFE": str(root / "safe"),
        "ARCHIVE": str(root / "archive"),
        "TODAY": datetime.now(UTC).date().isoformat(),
    }
    return Machine(root, python, words)


def _said(python: Path, data: Path, *words: str) -> list[str | Path]:
    return [python.parent / "monitor", "--data-dir", data, "--json", *words]


def _of_the_week(folder: Path) -> None:
    """The sample's new half year as the files that a hotline sends."""
    shutil.copy(SAMPLE / "reports-2026H1.csv", folder / "reports.csv")
    shutil.copy(SAMPLE / "checks-2026H1.csv.gz", folder / "checks.csv.gz")


def _shown(step: Step, printed: str, machine: Machine) -> list[str]:
    """The lines of the page that were not printed, in their order."""
    left, missing = printed, []
    for line in step.shown:
        pattern = ".*".join(map(re.escape, machine.filled(line).split("...")))
        found = re.search(pattern, left)
        if found is None:
            missing.append(line)
        else:
            left = left[found.end() :]
    return missing


def test_every_part_that_is_followed_has_commands() -> None:
    """Otherwise the test below would follow nothing."""
    found = [step.part for step in steps(PAGE.read_text(encoding="utf-8"))]
    assert {part: found.count(part) >= 5 for part in FOLLOWED} == dict.fromkeys(FOLLOWED, True)
    assert set(found) <= {*FOLLOWED, "root"}


def test_following_the_page_on_a_clean_machine_works(machine: Machine, other_side: Path) -> None:
    """First day, week and half year: every status and every line as the page says; then the store is whole."""
    for step in steps(PAGE.read_text(encoding="utf-8")):
        if step.part == "root":
            continue
        done = machine.run(step.command)
        assert done.returncode == step.status, f"{step.command}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
        assert _shown(step, done.stdout + done.stderr, machine) == [], f"{step.command}\n{done.stdout[-3000:]}"
        if " handover key " in step.command:  # the other side gets the line, and hands over
            _hand_over(machine, other_side, done.stdout.strip())
    assert json.loads(machine.run("hosting-monitor --json verify").stdout)["ok"]
    assert {name.split("-")[0] for name in _freezes(machine.data)} == {"2025H2", "2026H1"}


def _hand_over(machine: Machine, other_side: Path, public: str) -> None:
    words = ["handover", "export", machine.words["BUNDLE"], "--to", public, "--reason", "Handed over"]
    as_a_user(_said(machine.python, other_side, *words), cwd=machine.root)


def test_the_freeze_of_the_other_side_is_cut_again_with_its_digest(machine: Machine, other_side: Path) -> None:
    """After the page was followed: one digest on both machines."""
    assert len(_freezes(other_side)) == 1
    assert set(_freezes(other_side)) <= set(_freezes(machine.data))


def _freezes(data: Path) -> list[str]:
    return [path.name for path in (data / "frozen").iterdir() if not path.name.startswith(".")]


def test_every_command_that_the_page_names_is_there(python: Path, tmp_path: Path) -> None:
    """In tables and sentences too: each `hosting-monitor ...` or bare command word is one of the program's."""
    known = _commands(python, tmp_path)
    page = PAGE.read_text(encoding="utf-8")
    named = {f"{words.strip()} " for words in re.findall(r"hosting-monitor ([a-z][a-z -]*)", page)}
    unknown = {
        words
        for words in named
        if not any(f"{name} ".startswith(words) or words.startswith(f"{name} ") for name in known)
    }
    assert unknown == set()


def _commands(python: Path, cwd: Path) -> set[str]:
    code = (
        "import json, typer; from monitor.cli import app\n"
        "def leaves(c, p):\n"
        "    inner = getattr(c, 'commands', None)\n"
        "    return [p] if inner is None else [x for n, s in inner.items() for x in leaves(s, (p + ' ' + n).strip())]\n"
        "print(json.dumps(leaves(typer.main.get_command(app), '')))"
    )
    return set(json.loads(as_a_user([python, "-c", code], cwd)))


def test_no_file_of_the_page_lies_where_the_services_user_cannot_look() -> None:
    """The wrapper gives up root, so a bundle or a key in root's home would not be found on the first day."""
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"/root/\S+", page) == []
    assert "--owner=hosting-monitor --group=hosting-monitor RECEIVED BUNDLE" in page


def test_every_page_that_the_runbook_points_to_is_there() -> None:
    """No dead link."""
    links = re.findall(r"\]\(([a-z-]+\.md)\)", PAGE.read_text(encoding="utf-8"))
    assert [name for name in sorted(set(links)) if not (PAGE.parent / name).is_file()] == []

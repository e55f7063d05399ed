"""The units for systemd: what they start is a command of ours, they parse, and they may do as little as they can."""

import configparser
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.commands.checks import GRACE_SECONDS, NEEDS_SOMEBODY
from monitor.errors import WrongSetting

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
HOME = "/opt/hosting-monitor"
"""Where docs/operation.md puts the checkout."""
SERVICES = sorted(path.name for path in DEPLOY.glob("*.service"))
TIMERS = sorted(path.name for path in DEPLOY.glob("*.timer"))


class Several(dict[str, str]):
    """A key that comes again adds a line, as in systemd."""

    def __setitem__(self, key: str, value: object) -> None:
        if isinstance(value, list) and key in self:
            value = [*self[key], *value]  # type: ignore[misc]
        super().__setitem__(key, value)  # type: ignore[assignment]


def unit(name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(dict_type=Several, strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return parser


def environment(text: str) -> dict[str, str]:
    return dict(word.split("=", 1) for line in text.splitlines() for word in shlex.split(line))


def parses(words: list[str]) -> bool:
    """Every word is known to the program; nothing is run."""
    command = [Path(sys.executable).parent / "monitor", *words, "--help"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_starts_is_there_and_is_a_command_of_ours(name: str) -> None:
    """A path of the checkout, or the program with words that it knows."""
    program, *words = shlex.split(unit(name)["Service"]["ExecStart"])
    assert program.startswith(f"{HOME}/")
    if program == f"{HOME}/.venv/bin/monitor":
        assert parses(words) and not parses([*words, "--misspelt"])
    else:
        path = ROOT / Path(program).relative_to(HOME)
        assert path.is_file() and path.stat().st_mode & 0o111


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_has_its_service_and_makes_up_for_what_was_missed(name: str) -> None:
    """In UTC, so that a change to summer time leaves out no night and doubles none."""
    assert name.replace(".timer", ".service") in SERVICES
    timer = unit(name)["Timer"]
    assert timer["Persistent"] == "yes" and timer["OnCalendar"].endswith(" UTC")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_not_root_and_writes_where_it_must_alone(name: str) -> None:
    """The data folder is its own, mode 0700; no swap and no core dump holds the key."""
    service = unit(name)["Service"]
    wanted = {
        "User": "hosting-monitor",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "StateDirectoryMode": "0700",
        "UMask": "0077",
        "MemorySwapMax": "0",
        "LimitCORE": "0",
    }
    assert {key: service.get(key) or "" for key in wanted} == wanted
    home, data = (f"/var/lib/{name}" for name in service["StateDirectory"].split())
    assert data == environment(service["Environment"])["MONITOR_DATA_DIR"] == f"{home}/data"
    assert home in service["ReadWritePaths"].split()
    assert service["MemoryMax"].endswith("G")


def test_the_checks_are_started_again_after_a_failure_but_not_with_wrong_settings() -> None:
    """Nor without mandate, store or key. And they are given longer to end than they take."""
    service = unit("hosting-monitor.service")["Service"]
    assert service["Restart"] == "on-failure"
    assert [*map(int, service["RestartPreventExitStatus"].split())] == [WrongSetting.exit_status, NEEDS_SOMEBODY]
    assert float(service["TimeoutStopSec"]) > GRACE_SECONDS


ENVIRONMENT = """# as in /etc/hosting-monitor/environment
; a comment too

MONITOR_DATABASE__URL=postgresql://monitor@db.example/monitor?application_name=$(touch%20made)`touch made`
  MONITOR_OPERATION__LOG_FORMAT="json"
QUOTED='a "b" c' \nLAST=of the file"""


def as_the_service(tmp_path: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The wrapper, as the user who runs the tests, with `env` in place of the program."""
    (tmp_path / "environment").write_text(text, encoding="utf-8")
    given = {"USER": "", "ENVIRONMENT": str(tmp_path / "environment"), "PROGRAM": words[0]}
    given["USER"] = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    whole = {**os.environ, **{f"HOSTING_MONITOR_{name}": value for name, value in given.items()}}
    command = [DEPLOY / "hosting-monitor", *words[1:]]
    return subprocess.run(command, env=whole, capture_output=True, text=True, check=False, cwd=tmp_path)


def test_the_operators_command_has_the_environment_of_the_service(tmp_path: Path) -> None:
    """Each variable with exactly its value; nothing in it is run; what systemd would read otherwise is refused."""
    done = as_the_service(tmp_path, ENVIRONMENT, "env")
    assert done.returncode == 0, done.stderr
    found = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert found["MONITOR_DATABASE__URL"].endswith("=$(touch%20made)`touch made`")
    assert (found["QUOTED"], found["LAST"]) == ('a "b" c', "of the file")
    assert found["MONITOR_OPERATION__LOG_FORMAT"] == "json"
    service = unit("hosting-monitor.service")["Service"]
    assert found["MONITOR_DATA_DIR"] == environment(service["Environment"])["MONITOR_DATA_DIR"]
    assert [path.name for path in tmp_path.iterdir()] == ["environment"]
    assert as_the_service(tmp_path, "", "printf", "%s|", "a b", "").stdout == "a b||"
    for wrong in ("A=b\\", "A=b\\c", "export A=b", "A", "A B=c", "$(touch made)=1"):
        done = as_the_service(tmp_path, wrong, "env")
        assert (done.returncode, "line 1" in done.stderr, done.stdout) == (2, True, "")


def test_the_scripts_are_plain_shell() -> None:
    """They can be run, and the shell of the system reads them."""
    for name in ("hosting-monitor", "backup.sh"):
        assert (DEPLOY / name).stat().st_mode & 0o111
        done = subprocess.run(["/bin/sh", "-n", DEPLOY / name], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


def verified(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *map(str, words)], capture_output=True, text=True, check=False, cwd=folder
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units with the paths of this checkout in them, so that what they start is there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here: the other tests of this file read the units themselves")
    folder = tmp_path_factory.mktemp("units")
    for path in [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]:
        text = path.read_text(encoding="utf-8").replace(f"{HOME}/.venv/bin", str(Path(sys.executable).parent))
        (folder / path.name).write_text(text.replace(f"{HOME}/deploy", str(DEPLOY)), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", [*SERVICES, *TIMERS])
def test_systemd_itself_finds_nothing_wrong(name: str, installed: Path) -> None:
    """No unknown key, no missing program."""
    done = verified(installed, "verify", "--man=no", f"./{name}")
    assert name not in done.stderr, done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_rates_a_service_as_little_exposed(name: str, installed: Path) -> None:
    """2.0 of 10 at most; what is left is the network that it needs."""
    done = verified(installed, "security", "--offline=true", "--threshold=20", f"./{name}")
    if "unrecognized option" in done.stderr or "Unknown" in done.stderr:
        pytest.skip("this systemd does not rate units that are not loaded")
    assert done.returncode == 0, done.stdout[-400:] + done.stderr

"""What `tests/forked.py` gives is what a process that was started gives."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import forked

EVERYTHING = """
import atexit, os, sys
atexit.register(print, "the last word")
print(sys.argv[1:], os.getcwd(), os.environ["MONITOR_X"], sys.stdin.read())
print("on errors", file=sys.stderr)
"""
SAMPLES = (
    (str(forked.PROGRAM), "frieze"),
    (str(forked.PROGRAM), "--json", "config"),
    (sys.executable, "-c", EVERYTHING, "é", "two words"),
    (sys.executable, "-c", "raise SystemExit('what stopped it')"),
    (sys.executable, "-c", "raise SystemExit(7)"),
    (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"),
)


@pytest.mark.parametrize("command", SAMPLES, ids=lambda command: command[-1][:30].strip())
def test_a_forked_process_says_and_ends_as_a_started_one(command: Sequence[str], tmp_path: Path) -> None:
    """Status, signal, output, errors, words, folder, environment and what is done at the end are the same."""
    env = {**os.environ, "MONITOR_X": "given"}
    assert forked.can_fork(command, env)
    nothing = subprocess.DEVNULL
    done = subprocess.run(command, cwd=tmp_path, env=env, stdin=nothing, capture_output=True, text=True, check=False)
    assert forked.run(command, tmp_path, env) == (done.returncode, done.stdout, done.stderr)


def test_what_the_interpreter_or_another_program_is_told_is_started_for_real() -> None:
    """A hash seed, another home, or a command that is not ours cannot be forked."""
    ours = [str(forked.PROGRAM), "config"]
    assert forked.can_fork(ours, os.environ)
    assert not forked.can_fork(ours, {**os.environ, "PYTHONHASHSEED": "7"})
    assert not forked.can_fork(ours, {**os.environ, "HOME": "/nowhere"})
    assert not forked.can_fork(["sh", "-c", "true"], os.environ)

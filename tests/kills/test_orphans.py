"""A crawl process whose parent is killed goes within seconds, whatever it is doing and whoever else holds its pipes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import os, sys, time
from monitor.config import Settings
from monitor.observation.crawl import Crawl
from monitor.observation.crawl_process import Child
from monitor.observation.messages import Say, crawl_settings, line, settings_out

told = crawl_settings(Settings(), b"key")
if sys.argv[1] == "ready":
    crawl = Crawl(told).__enter__()
    print(crawl.pid, flush=True)
else:
    child = Child(line(Say.HELLO, settings_out(told)) if sys.argv[1] == "told" else b"")
    print(child.pid, flush=True)
if sys.argv[2] == "held":  # a fork of the parent has the other end of every pipe
    pid = os.fork()
    if pid:
        print(pid, flush=True)
time.sleep(120)
"""
SECONDS = 15.0
"""Ten times what it takes on an idle machine: one second after it has noticed, which it does once a second."""


@pytest.mark.parametrize("held", ["held", "not held"])
@pytest.mark.parametrize("state", ["untold", "told", "ready"])
def test_a_crawl_process_goes_with_its_parent(tmp_path: Path, state: str, held: str) -> None:
    """While it still loads, before it was told anything, and in the middle of its work."""
    program = tmp_path / "parent.py"
    program.write_text(PROGRAM)
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, program, state, held], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": root}
    ) as parent:
        assert parent.stdout is not None
        crawler = int(parent.stdout.readline())
        holder = int(parent.stdout.readline()) if held == "held" else None
        parent.send_signal(signal.SIGKILL)
        parent.stdout.close()
    try:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and _runs(crawler):
            time.sleep(0.05)
        assert not _runs(crawler)
    finally:
        if holder is not None:
            os.kill(holder, signal.SIGKILL)


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False

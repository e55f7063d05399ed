"""What the program does before anything else, seen from a process of its own."""

import os
import subprocess
import sys

import pytest

_OPENS_ONE = """
import os
from monitor.starting import streams_held
streams_held()
number = os.open(os.devnull, os.O_RDONLY)
raise SystemExit(0 if number > 2 else 100 + number)
"""


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (1, 2), (0, 1, 2)])
def test_no_file_of_ours_gets_the_number_of_a_closed_standard_stream(closed: tuple[int, ...]) -> None:
    """A line for standard error would else be written into the file that was opened first."""
    shell = " ".join(f"{number}>&-" for number in closed)
    command = ["/bin/sh", "-c", f'exec "$0" -c "$1" {shell}', sys.executable, _OPENS_ONE]
    assert subprocess.run(command, env=os.environ, check=False).returncode == 0

"""The file of the database taken away while a command works on it, and put back."""

import time

import pytest

from tests.kills.conftest import Bench
from tests.kills.harness import Place, picture
from tests.kills.world import N_MANY

pytestmark = pytest.mark.slow


def _written(place: Place) -> bool:
    try:
        return (place.data / "monitor.sqlite-wal").stat().st_size > 0
    except FileNotFoundError:
        return False


def test_the_file_of_the_database_moved_away_and_back_during_a_command_loses_nothing(bench: Bench) -> None:
    """SQLite goes on writing to the file that it has open; a command that begins meanwhile refuses and makes none."""
    place = bench.before("checks").copy(bench.scratch())
    running = bench.parent.start(place, bench.stages["checks"].words)
    aside = place.data / "aside"
    aside.mkdir()
    while not _written(place):
        time.sleep(0.001)
    moved = [path.rename(aside / path.name) for path in sorted(place.data.glob("monitor.sqlite*"))]
    refused = bench.parent.run(place, ("attribute",))
    for path in moved:
        if not (place.data / path.name).exists():
            path.rename(place.data / path.name)
    assert bench.parent.wait(running).status in (0, 1)
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "no database" in refused.err
    assert bench.parent.run(place, bench.stages["checks"].words).status == 0
    assert picture(place).counts["checks"] == N_MANY

"""A disk without room, and one that is mounted read-only: one line, nothing half written, and on from there.

A file system in memory (tmpfs) in a mount namespace of its own, which goes with the process that holds it; it is looked
into through that process. Root alone can make one: elsewhere these tests are left out, in continuous integration a
missing right is a failure.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kills.conftest import Bench
from tests.kills.harness import Ended, Parent, Place, picture
from tests.kills.test_kills import looked_at
from tests.kills.world import PERIOD

SIZE = 64 << 20
FILLER = "filler"
ROOM = (0, 8 << 10, 96 << 10, 640 << 10)
"""Bytes that are left on the disk at each try."""
STAGES = ("few reports", "reports", "refdata", "few attribute", "freeze", "letters draft", "letters approve", "correct",
          "provider-file", "brief")  # fmt: skip
IN_SPACE = ("unshare", "--mount", "--propagation", "private")

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Disk:
    """`inside`: its folder as the commands see it; `outside`: the same as this process does."""

    parent: Parent
    inside: Path
    outside: Path

    def mount(self, *words: str) -> None:
        subprocess.run(["nsenter", "--target", str(self.parent.pid), "--mount", "mount", *words], check=True)

    def take_over(self, place: Place) -> Place:
        """A place copied onto it, as the commands see it."""
        place.copy(self.outside / "place")
        return Place(self.inside / "place")

    def seen(self, aside: Path) -> Place:
        """A copy of the place as it is now: SQLite itself does not find its way through another process's root."""
        return Place(self.outside / "place").copy(aside)

    def fill(self, room: int) -> None:
        """Take all but `room` bytes."""
        left = os.statvfs(self.outside)
        free = left.f_bavail * left.f_frsize - room
        if free > 0:
            with (self.outside / FILLER).open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, free)

    def empty(self) -> None:
        (self.outside / FILLER).unlink(missing_ok=True)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    if subprocess.run([*IN_SPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False).returncode:
        if os.environ.get("CI") == "true" and os.geteuid() == 0:
            pytest.fail("root, and yet no file system can be mounted here")
        pytest.skip("needs the right to mount a file system (root)")
    inside = tmp_path_factory.mktemp("disk")
    mounted = f'mount -t tmpfs -o size={SIZE},mode=700 none "$0" && exec "$@"'
    parent = Parent((*IN_SPACE, "sh", "-c", mounted, str(inside)))
    yield Disk(parent, inside, Path(f"/proc/{parent.pid}/root{inside}"))
    parent.close()


def _said_in_one_line(run: Ended) -> None:
    lines = run.err.splitlines()
    assert run.status == 1, (run.status, run.err[-500:])
    assert not run.out or json.loads(run.out)["accepted"] >= 0  # `import` tells how far it came
    assert len(lines) >= 1
    assert "defect" not in run.err
    assert all(line.startswith("monitor: ") for line in lines), lines


@pytest.mark.parametrize("name", STAGES)
def test_a_full_disk_is_one_line_and_with_room_the_command_goes_on(bench: Bench, disk: Disk, name: str) -> None:
    """Status 1 at every degree of fullness, nothing half done under a whole name, and then all as undisturbed."""
    stage, known = bench.stages[name], bench.known(name)
    inside = disk.take_over(bench.before(name))
    refused = 0
    for room in ROOM:
        disk.fill(room)
        run = disk.parent.run(inside, stage.words)
        disk.empty()
        looked_at(disk.seen(bench.scratch()))
        if run.status != 1:
            break
        _said_in_one_line(run)
        refused += 1
    else:
        run = disk.parent.run(inside, stage.words)
    assert run.status in (0, 3), run.err[-500:]
    assert refused >= 1
    assert known.differences(picture(disk.seen(bench.scratch())), stage.but_for) == []


def test_a_release_that_finds_no_room_is_not_there(bench: Bench, disk: Disk) -> None:
    """On the disk of `--out` alone; with room it has the bytes of an undisturbed one."""
    known = bench.known("publish")
    inside = disk.take_over(bench.before("publish"))
    words = ("publish", PERIOD, "--out", inside.folder / "site")
    disk.fill(200 << 10)
    run = disk.parent.run(inside, words)
    disk.empty()
    _said_in_one_line(run)
    assert not list((disk.outside / "place" / "site").glob(f"{PERIOD}*"))
    assert disk.parent.run(inside, words).status == 0
    made = disk.outside / "place" / "site" / f"{PERIOD}-interim-v1"
    released = {name.split("-v1/", 1)[1]: content for name, content in known.one.files.items() if "-v1/" in name}
    for name, content in released.items():
        if name and not name.endswith("/"):
            assert (made / name).read_bytes() == content, name
    assert [path.name for path in made.parent.iterdir()] == [made.name]


@pytest.mark.parametrize(
    "name", ["few reports", "few attribute", "freeze", "letters draft", "correct", "provider-file"]
)
def test_a_disk_mounted_read_only_is_one_line_and_nothing_is_lost(bench: Bench, disk: Disk, name: str) -> None:
    """Status 1; once it may be written to again, all is as undisturbed."""
    stage, known = bench.stages[name], bench.known(name)
    inside = disk.take_over(bench.before(name))
    disk.mount("-o", "remount,ro", str(disk.inside))
    try:
        run = disk.parent.run(inside, stage.words)
    finally:
        disk.mount("-o", f"remount,rw,size={SIZE}", str(disk.inside))
    _said_in_one_line(run)
    assert "read-only" in run.err.lower(), run.err
    assert disk.parent.run(inside, stage.words).status == 0
    assert known.differences(picture(disk.seen(bench.scratch())), stage.but_for) == []


def test_a_ranking_is_read_from_a_disk_mounted_read_only(bench: Bench, disk: Disk) -> None:
    """What writes nothing needs no right to."""
    known = bench.known("rank")
    inside = disk.take_over(bench.before("rank"))
    disk.mount("-o", "remount,ro", str(disk.inside))
    try:
        run = disk.parent.run(inside, bench.stages["rank"].words)
    finally:
        disk.mount("-o", f"remount,rw,size={SIZE}", str(disk.inside))
    assert run.status == 0, run.err
    assert json.loads(run.out) == known.said[0]

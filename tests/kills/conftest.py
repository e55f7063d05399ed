"""One parent for all, and the folders as they are before each stage, made once."""

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.kills.harness import Ended, Known, Parent, Place, picture
from tests.kills.world import CONFIG, PERIOD, stages, write_inputs


class Bench:
    """The stages, the folder before each, and what each does when nothing disturbs it."""

    def __init__(self, folder: Path, parent: Parent) -> None:
        self.folder, self.parent = folder, parent
        (folder / "inputs").mkdir()
        self.stages = stages(write_inputs(folder / "inputs"))
        self._known: dict[str, Known] = {}
        self._n = 0

    def scratch(self) -> Path:
        self._n += 1
        return self.folder / f"run-{self._n}"

    def before(self, name: str) -> Place:
        """The folder with all that the stage needs, and no more."""
        return self.after(*self.stages[name].after)

    def after(self, *done: str) -> Place:
        """The folder in which these stages were run, in this order."""
        place = Place(self.folder / "+".join(("after", *done)).replace(" ", "-"))
        if place.folder.exists():
            return place
        if not done:
            place.data.mkdir(mode=0o700, parents=True)
            (place.data / "monitor.toml").write_text(CONFIG, encoding="utf-8")
            return place.made()
        unfinished = self.after(*done[:-1]).copy(self.scratch())
        ran = self.parent.run(unfinished, self.stages[done[-1]].words)
        assert ran.status in (0, 3), (done, ran.err)
        if done[-1] == "freeze":  # what it measures with is loaded once, for all that come after it
            self.parent.warm(unfinished.copy(self.scratch()), "rank", PERIOD)
        unfinished.folder.rename(place.folder)
        return place

    def known(self, name: str) -> Known:
        """What two undisturbed runs of the stage leave."""
        if name not in self._known:
            places = [self.before(name).copy(self.scratch()) for _ in range(1 if self.stages[name].once else 2)]
            runs = [self._run_in_a_second_of_its_own(place, self.stages[name].words) for place in places]
            assert {run.status for run in runs} <= {0, 3}, (name, [run.err for run in runs])
            pictures = [picture(place) for place in places]
            seconds = min(run.seconds for run in runs)
            self._known[name] = Known(
                pictures[0], pictures[-1], tuple(json.loads(run.out) for run in runs), runs[0].events, seconds
            )
        return self._known[name]

    def _run_in_a_second_of_its_own(self, place: Place, words: Sequence[str]) -> Ended:
        """What bears its second is never alike in two undisturbed runs: it would be asked for of every other run."""
        time.sleep(1 - time.time() % 1)
        return self.parent.run(place, words)


@pytest.fixture(scope="session")
def parent() -> Iterator[Parent]:
    found = Parent()
    yield found
    found.close()


@pytest.fixture(scope="session")
def bench(parent: Parent, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"), parent)

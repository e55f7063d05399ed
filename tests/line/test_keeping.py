"""A store that does not answer for a while: asked again, said once, and nothing is stored twice."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor import store
from monitor.errors import RunEnded, StoreBusy
from monitor.intake import normalise_url
from monitor.keeping import Patience, Seen, keep_late
from monitor.model.observation import Mandate, Observation
from monitor.model.report import Report
from monitor.model.words import InputKind

AT = datetime(2026, 3, 2, tzinfo=UTC)
MANDATE = Mandate("Example authority", "an invented article", "checks@authority.example", "2099-12-31", False, True)


class Failing:
    """A call that fails so many times before it gives an answer."""

    def __init__(self, times: int, answer: object = "done") -> None:
        self.left, self.answer = times, answer

    def __call__(self) -> object:
        if self.left:
            self.left -= 1
            raise StoreBusy("The database server does not answer", "Start it")
        return self.answer


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def patience(said: list[str]) -> Patience:
    return Patience(threading.Event(), said.append, patient=True, waits=(0.001,))


def test_trouble_is_waited_out_and_said_once(patience: Patience, said: list[str]) -> None:
    """Once when it begins and once when it is over, however many tries it takes."""
    assert patience.ask(Failing(5)) == "done"
    assert patience.ask(Failing(0)) == "done"
    assert [line.count("answer") for line in said] == [1, 1]
    assert len(said) == 2


def test_who_has_no_patience_hears_at_once(said: list[str]) -> None:
    """A timer's command fails, and the next one picks up."""
    with pytest.raises(StoreBusy):
        Patience(threading.Event(), said.append, patient=False).ask(Failing(1))
    assert said == []


def test_who_is_told_to_stop_waits_no_longer(patience: Patience) -> None:
    """The program ends with what the store said."""
    patience.stop.set()
    with pytest.raises(StoreBusy):
        patience.ask(Failing(1))


@pytest.fixture
def run(engine: Any, tmp_path: Path) -> Any:
    """A store with three Targets, and a run that has begun; gives both."""
    folder = tmp_path / "data"
    with store.open_store(folder, engine.url(folder), create=True) as db:
        rows = [Report(n, "hotline", f"R{n}", normalise_url(f"http://h{n}.example/a.png"), AT) for n in (1, 2, 3)]
        store.add_reports(db, store.begin_input(db, "aa", InputKind.REPORTS, 1), rows)
        yield db, store.begin_run(db, worker="1", mandate=MANDATE, n_due=3, at=AT)


def seen(target: int) -> Observation:
    return Observation(0, target, AT, "direct", (), (), 0.25)


def rows_of(db: store.Store, run_id: int) -> list[int]:
    return [each.observation.target_id for each in store.observations_of_run(db, run_id)]


def test_what_was_stored_although_nobody_said_so_is_not_stored_again(
    run: tuple[store.Store, int], patience: Patience
) -> None:
    """The server did it and went away before it answered: the next try stores the rest alone, and knows every key."""
    db, run_id = run
    store.add_observations(db, run_id, [seen(1), seen(2)])
    kept = Seen(db, run_id, patience, waiting=[seen(1), seen(2), seen(3)], doubtful=True)
    kept.store_all()
    assert (rows_of(db, run_id), kept.waiting) == ([1, 2, 3], [])
    stored = {each.target_id: key for key, each in kept.stored}
    assert stored == store.stored_of_run(db, run_id, (1, 2, 3))


def test_what_comes_after_a_run_was_ended_by_others_is_kept_in_one_of_its_own(
    run: tuple[store.Store, int], patience: Patience
) -> None:
    """Marked as late, and among the runs that are judged again it is not."""
    db, run_id = run
    store.end_run(db, run_id, AT, broken_off=True)
    kept = Seen(db, run_id, patience, waiting=[seen(1)])
    begin: Callable[[], int] = lambda: store.begin_run(db, worker="1", mandate=MANDATE, n_due=1, at=AT, late=True)  # noqa: E731
    ended: list[int] = []
    keep_late(db, kept, lambda: None, begin, lambda late: (ended.append(late), store.end_run(db, late, AT))[1])
    assert [store.run_of(db, late).late for late in ended] == [True]
    assert (rows_of(db, ended[0]), store.run_ids(db), kept.waiting) == ([1], (run_id,), [])


def test_what_comes_late_is_kept_also_when_others_end_the_worker_once_more(
    run: tuple[store.Store, int], patience: Patience
) -> None:
    """Before its late run has begun, and again before anything is stored in it: each time it lives anew and goes on."""
    db, run_id = run
    kept, said, lives = Seen(db, run_id, patience, waiting=[seen(1), seen(2)]), [], iter(range(3))

    def begin() -> int:
        if (life := next(lives)) == 0:
            raise RunEnded("Others have ended this worker", "It goes on under a new life")
        late = store.begin_run(db, worker="1", mandate=MANDATE, n_due=1, at=AT, late=True)
        if life == 1:
            store.end_run(db, late, AT, broken_off=True)
        return late

    keep_late(db, kept, lambda: said.append("anew"), begin, lambda late: store.end_run(db, late, AT))
    assert said == ["anew"] * 3
    assert [rows_of(db, late) for late in range(run_id + 1, run_id + 3)] == [[], [1, 2]]

"""Runs of our own checks: begun, ended once, with the canaries and the mandate under which they were made."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import StoreError
from monitor.model.observation import DIRECT, CanaryReading, Exchange, Mandate, Observation
from monitor.model.words import ExchangeError, InputKind, Method, Phase, Purpose
from monitor.store import (
    Store,
    add_canaries,
    add_observations,
    add_reports,
    begin_input,
    begin_run,
    digest_key,
    end_run,
    mandates_until,
    open_runs,
    open_store,
    run_ids,
    run_of,
)
from tests.engines import Engine

Make = Any  # conftest's Maker
MANDATE = Mandate("Example Authority", "Example Act, article 1", "desk@authority.example", "2026-12-31", False, True)


def _begin(store: Store, make: Make, hours: float = 0, mandate: Mandate = MANDATE) -> int:
    return begin_run(store, worker="1", mandate=mandate, n_due=3, at=make.at(hours))


def _target(store: Store, make: Make) -> int:
    add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), [make.report()])
    with store.read() as connection:
        return int(connection.exec_driver_sql("SELECT id FROM targets").scalar_one())


def _observe(store: Store, make: Make, run_id: int, target: int, hours: float) -> None:
    add_observations(store, run_id, [Observation(0, target, make.at(hours), DIRECT, (), (), 0.5)])


def test_a_run_is_open_until_it_ends(store: Store, make: Make) -> None:
    """Begun runs are listed, oldest first; an ended one moves to the other list."""
    first, second = _begin(store, make), _begin(store, make, 1)
    assert (open_runs(store), run_ids(store)) == ((first, second), ())
    end_run(store, first, make.at(2))
    assert (open_runs(store), run_ids(store)) == ((second,), (first,))


def test_a_run_comes_back_as_it_was_begun(store: Store, make: Make) -> None:
    """Worker, times, what was due and the mandate."""
    run = run_of(store, _begin(store, make))
    assert (run.worker, run.started_at, run.ended_at, run.broken_off) == ("1", make.at(0), None, False)
    assert (run.n_due, run.mandate, run.canaries) == (3, MANDATE, ())


def test_a_run_ends_once(store: Store, make: Make) -> None:
    """Ending it again, as after a kill, changes neither the time nor how it ended."""
    run = _begin(store, make)
    end_run(store, run, make.at(1))
    end_run(store, run, make.at(5), broken_off=True)
    assert (run_of(store, run).ended_at, run_of(store, run).broken_off) == (make.at(1), False)


def test_an_unknown_run_is_said(store: Store) -> None:
    """A number that was never given."""
    with pytest.raises(StoreError, match="no run"):
        run_of(store, 99)


def test_canaries_come_back_in_their_order(store: Store, make: Make) -> None:
    """What of a canary is kept: when, from where, over what, how far; and that its name did not resolve."""
    run = _begin(store, make)
    answered = Exchange(Purpose.CANARY, Method.HEAD, Phase.DONE, status=204)
    silent = Exchange(Purpose.CANARY, Method.HEAD, Phase.CONNECT, error=ExchangeError.TIMEOUT)
    before = CanaryReading(make.at(0), "north", 4, False, True, answered)
    readings = (before, replace(before, family=6, healthy=False, exchange=silent), replace(before, exchange=None))
    add_canaries(store, run, readings)
    after = CanaryReading(make.at(1), DIRECT, 4, True, True, answered)
    add_canaries(store, run, [after])
    assert run_of(store, run).canaries == (*readings, after)


def test_no_canaries_are_no_row(store: Store, make: Make) -> None:
    """An empty batch is taken."""
    run = _begin(store, make)
    add_canaries(store, run, [])
    assert run_of(store, run).canaries == ()


def test_mandates_come_in_the_order_of_their_use(store: Store, make: Make) -> None:
    """Each different one once, of runs that observed anything before the instant."""
    target, other = _target(store, make), replace(MANDATE, organisation="Another", permit_get=True)
    for hours, mandate in ((0, other), (1, MANDATE), (2, other)):
        _observe(store, make, _begin(store, make, hours, mandate), target, hours)
    _begin(store, make, 3, replace(MANDATE, organisation="Never used"))
    assert mandates_until(store, make.at(10)) == (other, MANDATE)
    assert mandates_until(store, make.at(1)) == (other,)  # the second observed at that instant, not before it
    assert mandates_until(store, make.at(0)) == ()


def test_the_digest_key_is_the_stores_own(engine: Engine, store: Store, tmp_path: Path) -> None:
    """32 bytes, the same each time, and another store has another."""
    with open_store(tmp_path / "other", engine.url(tmp_path / "other"), create=True) as other:
        assert len({digest_key(store), digest_key(store), digest_key(other)}) == 2
    assert len(digest_key(store)) == 32

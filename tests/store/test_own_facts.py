"""Our own checks as facts: beside the recorded ones, void ones apart, in an order that no store's keys enter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model.columns import Facts
from monitor.model.observation import Exchange, Mandate, Observation, Standing, Verdict
from monitor.model.report import Address
from monitor.model.words import Cause, InputKind, Method, Outcome, Phase, Purpose
from monitor.store import (
    Concluded,
    Store,
    add_checks,
    add_observations,
    add_reports,
    begin_input,
    begin_run,
    check_reasons,
    conclude,
    find_record,
    load_facts,
    own_rules,
    targets_to_plan,
)
from monitor.store.times import to_micros

Make = Any  # conftest's Maker
NewStore = Callable[[Path], Store]
MANDATE = Mandate("Example Authority", "Example Act", "desk@authority.example", "", False, True)
HERE = Address(bytes([192, 0, 2, 1]))
ONLINE = Verdict(Outcome.ONLINE, Cause.NONE, "unchanged-1")
GONE = Verdict(Outcome.OFFLINE, Cause.CONTENT, "gone-410-1")
PAGE = Verdict(Outcome.INCONCLUSIVE, Cause.NONE, "page-answers-1", page=True)
VOID = Verdict(Outcome.INCONCLUSIVE, Cause.NONE, "void-1", void=True)


@dataclass(frozen=True)
class Own:
    """A check of our own to be made: of which path, when, and what it comes to."""

    path: str
    hours: float
    verdict: Verdict = ONLINE
    vantage: str = "direct"
    address: Address | None = HERE
    seconds: float = 0.1


def _import(store: Store, *reports: Any) -> None:
    assert not add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), list(reports)).rejects


def _key_of(store: Store, path: str) -> int:
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT id, url FROM targets WHERE url IS NOT NULL").all()
    return next(key for key, url in rows if store.sealer.unseal(url, "targets.url").decode().endswith(f"/{path}"))


def _check(store: Store, make: Make, own: Sequence[Own]) -> list[int]:
    run = begin_run(store, worker="1", mandate=MANDATE, n_due=len(own), at=make.at(0))
    targets = {path: _key_of(store, path) for path in {each.path for each in own}}
    seen = [
        Observation(
            place,
            targets[each.path],
            make.at(each.hours),
            each.vantage,
            (),
            (Exchange(Purpose.TARGET, Method.HEAD, Phase.DONE, each.address),),
            each.seconds,
        )
        for place, each in enumerate(own)
    ]
    keys = add_observations(store, run, seen)
    said = zip(keys, own, strict=True)
    conclude(store, [Concluded(key, targets[each.path], each.verdict, "1", Standing(), None) for key, each in said])
    return list(keys)


def _load(store: Store, make: Make, hours: float = 10_000, **said: Any) -> Facts:
    return load_facts(store, cutoff=make.at(hours), trusted=lambda source: True, **said)


def test_own_readings_stand_beside_recorded_ones(store: Store, make: Make) -> None:
    """By time; ours are not confirmed by themselves, whoever's Target it is, and no bracket."""
    _import(store, make.report("R1", last_online_at=make.at(1)))
    add_checks(store, begin_input(store, "bb", InputKind.CHECKS, 1), [make.check("R1", 5, Outcome.OFFLINE)])
    keys = _check(store, make, [Own("a", 3), Own("a", 4, PAGE), Own("a", 6, GONE, address=None)])
    found = _load(store, make).readings
    hours = [round((at - found.at[0]) / 3.6e9) + 1 for at in found.at.tolist()]
    assert hours == [1, 3, 4, 5, 6]
    assert found.check_id.tolist()[1:3] == keys[:2]
    assert found.confirmed.tolist() == [True, False, False, True, False]
    assert found.bracket.tolist() == [True, False, False, False, False]
    assert found.page.tolist() == [False, False, True, False, False]
    assert found.outcome.tolist() == [1, 1, 0, 2, 2]
    assert found.cause.tolist() == [0, 0, 0, 1, 1]
    assert found.address.tolist()[-1] == -1
    assert found.address[1] > 0
    assert [column.dtype for column in (found.outcome, found.page, found.at)] == [np.int8, np.bool_, np.int64]


def test_void_checks_are_no_readings(store: Store, make: Make) -> None:
    """They stand apart, by Target and time; what has no Outcome yet is in neither."""
    _import(store, make.report("R1"), make.report("R2", row=2, target=make.target("b")))
    _check(store, make, [Own("b", 4, VOID), Own("a", 5, VOID), Own("a", 3, VOID), Own("a", 4)])
    run = begin_run(store, worker="1", mandate=MANDATE, n_due=1, at=make.at(0))
    add_observations(store, run, [Observation(0, _key_of(store, "a"), make.at(9), "direct", (), (), 0.1)])
    facts = _load(store, make)
    a, b = _key_of(store, "a"), _key_of(store, "b")
    micros = {hours: round(make.at(hours).timestamp() * 1e6) for hours in (3, 4, 5)}
    pairs = zip(facts.voids.target_id.tolist(), facts.voids.at.tolist(), strict=True)
    assert list(pairs) == [(a, micros[3]), (a, micros[5]), (b, micros[4])]
    assert facts.readings.at.tolist() == [micros[4]]


def test_only_what_was_seen_before_the_cut_off_counts(store: Store, make: Make) -> None:
    """A reading at the cut-off is not before it; neither is a void one."""
    _import(store, make.report())
    _check(store, make, [Own("a", 3), Own("a", 4, VOID), Own("a", 5)])
    assert [(len(f.readings), len(f.voids)) for f in (_load(store, make, h) for h in (3, 4, 5, 6))] == [
        (0, 0),
        (1, 0),
        (1, 1),
        (2, 1),
    ]


def test_targets_without_a_report_before_the_cut_off_have_no_readings(store: Store, make: Make) -> None:
    """A Target that was reported only later is not among the facts, and neither are its checks."""
    _import(store, make.report("R1"), make.report("R2", row=2, target=make.target("b"), reported_at=make.at(8)))
    _check(store, make, [Own("a", 3), Own("b", 3), Own("b", 4, VOID)])
    facts = _load(store, make, 5)
    assert set(facts.readings.target_id.tolist()) == {_key_of(store, "a")}
    assert len(facts.voids) == 0


def test_every_report_of_a_target_sees_its_own_readings_once(store: Store, make: Make) -> None:
    """Two Reports about one URL, from two sources: one reading."""
    _import(store, make.report("R1"), make.report("X1", row=2, source="press"))
    _check(store, make, [Own("a", 3)])
    assert len(_load(store, make).readings) == 1


def test_facts_of_one_target_are_those_among_all(store: Store, make: Make) -> None:
    """Readings and voids of that Target, none of another."""
    _import(store, make.report("R1"), make.report("R2", row=2, target=make.target("b")))
    _check(store, make, [Own(path, hours, verdict) for path in "ab" for hours, verdict in enumerate((ONLINE, VOID))])
    b = _key_of(store, "b")
    alone, every = _load(store, make, target=b), _load(store, make)
    assert set(alone.readings.target_id.tolist()) == set(alone.voids.target_id.tolist()) == {b}
    assert alone.readings.check_id.tolist() == every.readings.check_id[every.readings.target_id == b].tolist()


def test_rules_of_own_checks_come_by_key(store: Store, make: Make) -> None:
    """Of the Target's own readings alone; recorded checks keep the words that they came with."""
    _import(store, make.report("R1"), make.report("R2", row=2, target=make.target("b")))
    checks = begin_input(store, "bb", InputKind.CHECKS, 1)
    add_checks(store, checks, [make.check("R1", 5, Outcome.OFFLINE, reason="http-404")])
    keys = _check(store, make, [Own("a", 3), Own("a", 4, GONE), Own("a", 5, VOID), Own("b", 3)])
    target = find_record(store, "R1").target_id
    assert own_rules(store, target) == {keys[0]: "unchanged-1", keys[1]: "gone-410-1"}
    assert list(check_reasons(store, target).values()) == ["http-404"]


OWNS = st.lists(
    st.builds(
        Own,
        path=st.sampled_from("ab"),
        hours=st.integers(0, 3),
        verdict=st.sampled_from([ONLINE, GONE, PAGE, VOID]),
        vantage=st.sampled_from(["direct", "north"]),
        address=st.just(HERE),
    ),
    max_size=8,
)


@settings(derandomize=True, max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=OWNS, data=st.data())
def test_the_order_of_readings_does_not_depend_on_the_order_of_work(
    new_store: NewStore, make: Make, own: list[Own], data: st.DataObject
) -> None:
    """The same checks made and recorded in another order: the same readings, row by row."""
    shuffled = data.draw(st.permutations(own))
    with TemporaryDirectory() as folder:
        one, two = (_rows(new_store(Path(folder) / name), make, rows) for name, rows in (("1", own), ("2", shuffled)))
    assert one == two


def _rows(store: Store, make: Make, own: Sequence[Own]) -> list[Any]:
    with store:
        _import(store, make.report("R1"), make.report("R2", row=2, target=make.target("b")))
        checks = [make.check("R1", hours, vantage="direct") for hours in range(3)]
        add_checks(store, begin_input(store, "bb", InputKind.CHECKS, 1), checks)
        half = len(own) // 2
        for some in (own[:half], own[half:]):
            _check(store, make, some)
        facts = _load(store, make)
        assert sum(len(batch) for batch in targets_to_plan(store, ("hotline",))) == 2
    names = ("target_id", "at", "outcome", "cause", "confirmed", "page")
    readings = zip(*(getattr(facts.readings, name).tolist() for name in names), strict=True)
    return [*readings, *zip(facts.voids.target_id.tolist(), facts.voids.at.tolist(), strict=True)]


def test_a_reading_is_dated_to_the_microsecond(store: Store, make: Make) -> None:
    """The beginning of the check, as it was seen."""
    _import(store, make.report())
    _check(store, make, [Own("a", 1 / 3)])
    at = make.at(1 / 3)
    assert _load(store, make).readings.at.tolist() == [
        (at - make.at(0)) // timedelta(microseconds=1) + 1767225600000000
    ]


def test_an_offline_reading_is_dated_when_its_check_ended(store: Store, make: Make) -> None:
    """As judging dates it, rounded alike; every other one, and a void one, when its check began."""
    _import(store, make.report())
    lasted = (0.0, 5e-7, 1.5e-6, 2.5e-6, 0.1, 1 / 3, 12.3456785, 59.9999995, 100.0)
    _check(store, make, [Own("a", hour, GONE, seconds=seconds) for hour, seconds in enumerate(lasted)])
    others = [Own("a", 20, ONLINE, seconds=30.0), Own("a", 21, PAGE, seconds=30.0), Own("a", 22, VOID, seconds=30.0)]
    _check(store, make, others)
    facts = _load(store, make)
    ends = [Observation(0, 0, make.at(n), "", (), (), each).ended_at for n, each in enumerate(lasted)]
    assert facts.readings.at.tolist() == [to_micros(each) for each in (*ends, make.at(20), make.at(21))]
    assert facts.voids.at.tolist() == [to_micros(make.at(22))]


def test_an_offline_reading_counts_only_where_its_answer_was_in_before_the_cut_off(store: Store, make: Make) -> None:
    """What was asked for before and answered at it, or after it, was not known by then."""
    _import(store, make.report())
    _check(store, make, [Own("a", 1, GONE, seconds=3600.0), Own("a", 1, seconds=3600.0)])
    at_the_end, later = _load(store, make, 2).readings, _load(store, make, 2.001).readings
    assert at_the_end.outcome.tolist() == [Outcome.ONLINE]
    assert later.outcome.tolist() == [Outcome.ONLINE, Outcome.OFFLINE]

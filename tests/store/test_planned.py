"""What the schedule was made from: after an import, which Targets it told something about."""

from datetime import date
from typing import Any

import pytest

from monitor.model.report import RecordedCheck, Report
from monitor.model.words import Assessment, InputKind, NoticeKind, NoticeStatus
from monitor.store import (
    Store,
    add_checks,
    add_reports,
    begin_input,
    correct_notice,
    mark_planned,
    planned_from,
    schedule_fingerprint,
    targets_to_plan,
    told_since,
)

Make = Any  # conftest's Maker
NORMS = {NoticeKind.REQUEST: 24.0, NoticeKind.ORDER: 12.0}
DAY = date(2026, 1, 2)


def _import(store: Store, *reports: Report) -> None:
    assert not add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), list(reports)).rejects


def _now(store: Store, *, sources: tuple[str, ...] = ("hotline",), rules: str = "1", day: date = DAY) -> str:
    return schedule_fingerprint(store, sources, rules, NORMS, day)


def _keys(store: Store, *paths: str) -> list[int]:
    """The Targets' keys, in the order in which they came: a is the first."""
    with store.read() as connection:
        found = connection.exec_driver_sql("SELECT target_id FROM reports ORDER BY record_key").scalars()
        keys = list(dict.fromkeys(found))
    return sorted(keys["abc".index(path)] for path in paths)


@pytest.fixture
def planned(store: Store, make: Make) -> str:
    """Reports of three Targets are planned."""
    _import(store, *(make.report(f"R{n}", row=n, target=make.target(path)) for n, path in enumerate("abc")))
    mark_planned(store, _now(store))
    return _now(store)


def test_nothing_was_told_where_nothing_came(store: Store, planned: str) -> None:
    """The same fingerprint, and no Target."""
    assert told_since(store, planned_from(store), _now(store)) == []
    assert planned_from(store) == planned


def test_a_notice_an_assessment_and_a_new_report_tell_about_their_targets(
    store: Store, make: Make, planned: str
) -> None:
    """Each of its own Target alone; a further report of a Target tells about it too."""
    _import(store, make.report("R0", target=make.target("a"), notice=make.notice(1)))
    assert told_since(store, planned, _now(store)) == _keys(store, "a")
    no = {"assessment": Assessment.NOT_ILLEGAL, "assessed_at": make.at(3)}
    _import(store, make.report("R1", target=make.target("b"), **no))
    assert told_since(store, planned, _now(store)) == _keys(store, "a", "b")
    before = _now(store)
    _import(store, make.report("X1", source="press", target=make.target("c")))
    assert told_since(store, before, _now(store)) == _keys(store, "c")


def test_a_report_that_comes_after_its_checks_is_told_of(store: Store, make: Make, planned: str) -> None:
    """Its record is older than others that are planned already."""
    check: RecordedCheck = make.check("R9")
    add_checks(store, begin_input(store, "bb", InputKind.CHECKS, 1), [check])
    _import(store, make.report("R8", target=make.target("a")))
    before = _now(store)
    _import(store, make.report("R9", target=make.target("c")))
    assert told_since(store, before, _now(store)) == _keys(store, "c")


@pytest.mark.parametrize("other", [{"sources": ("hotline", "press")}, {"rules": "2"}, {"day": date(2026, 1, 3)}])
def test_another_source_rule_or_day_concerns_every_target(
    store: Store, make: Make, planned: str, other: dict[str, Any]
) -> None:
    """Also where an import told about one Target alone."""
    _import(store, make.report("R0", target=make.target("a"), notice=make.notice(1)))
    assert told_since(store, planned, _now(store, **other)) is None


def test_a_correction_concerns_every_target(store: Store, make: Make, planned: str) -> None:
    """What it is about is sealed; corrections are few."""
    _import(store, make.report("R0", target=make.target("a"), notice=make.notice(1)))
    before = _now(store)
    correct_notice(store, "R0", None, None, NoticeStatus.BOUNCED, by="Clerk", why="the mailbox was full")
    assert told_since(store, before, _now(store)) is None


def test_a_fact_that_is_gone_concerns_every_target(store: Store, make: Make, planned: str) -> None:
    """The number of facts does not fit any more."""
    _import(store, make.report("R0", target=make.target("a"), notice=make.notice(1)))
    before = _now(store)
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM notices")
    _import(store, make.report("R1", target=make.target("b"), notice=make.notice(1)))
    assert told_since(store, before, _now(store)) is None


@pytest.mark.parametrize("before", [None, "", "9f86d0 2026-01-02", "one 2 3 4 5 6 7 8 9 x"])
def test_what_another_version_wrote_concerns_every_target(store: Store, planned: str, before: str | None) -> None:
    """An upgrade plans all once."""
    assert told_since(store, before, _now(store)) is None


def test_of_the_targets_told_about_those_of_live_sources_are_planned(store: Store, make: Make, planned: str) -> None:
    """Not the one that only another source names, nor one that nothing was told about."""
    _import(
        store,
        make.report("R0", target=make.target("a"), notice=make.notice(1)),
        make.report("X1", row=2, source="press", target=make.target("d")),
    )
    told = told_since(store, planned, _now(store))
    assert told is not None
    assert len(told) == 2
    batches = targets_to_plan(store, ("hotline",), among=told)
    assert [each.target_id for batch in batches for each in batch] == _keys(store, "a")
    assert list(targets_to_plan(store, ("hotline",), among=[])) == []

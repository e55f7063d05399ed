"""Corrections of facts: what is refused, what holds afterwards, and that nothing is overwritten or told."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from monitor.errors import CorrectionError, RecordMissing
from monitor.model.breakdown import CorrectedFacts
from monitor.model.columns import Facts
from monitor.model.fact_correction import CorrectionKind
from monitor.model.report import Report
from monitor.model.words import InputKind, NoticeKind, NoticeStatus
from monitor.store import (
    Store,
    add_reports,
    begin_input,
    correct_notice,
    corrected_in,
    exclude,
    list_audit,
    list_corrections,
    load_facts,
    schedule_fingerprint,
    targets_to_plan,
    undo_correction,
)

Make = Any  # conftest's Maker
SAID = {"by": "Clerk", "why": "the mailbox was full"}
NORMS = {NoticeKind.REQUEST: 24.0}


def _add(store: Store, *reports: Report) -> None:
    assert not add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), list(reports)).rejects


def _load(store: Store, make: Make, hours: float = 10_000.0) -> Facts:
    return load_facts(store, cutoff=make.at(hours), trusted=lambda source: True)


def _notices(store: Store, make: Make, hours: float = 10_000.0) -> list[tuple[float, str]]:
    """(hours, status) of every notice that counts."""
    found = _load(store, make, hours).notices
    start = make.start.timestamp() * 1e6
    return [((at - start) / 3.6e9, status) for at, status in zip(found.at.tolist(), found.status, strict=True)]


def _anchors(store: Store) -> list[datetime]:
    return [anchor.at for batch in targets_to_plan(store, ["hotline"]) for each in batch for anchor in each.anchors]


def test_a_corrected_status_holds_in_the_facts_and_undone_no_longer(store: Store, make: Make) -> None:
    """What the hotline stated stays in the store and holds again once the correction is undone."""
    _add(store, make.report("R1", notice=make.notice(3)), make.report("R2", notice=make.notice(4)))
    made = correct_notice(store, "R1", None, None, NoticeStatus.BOUNCED, **SAID)
    assert _notices(store, make) == [(3.0, "bounced"), (4.0, "sent")]
    undo_correction(store, made.correction_id, by="Clerk", why="it had arrived")
    assert _notices(store, make) == [(3.0, "sent"), (4.0, "sent")]


def test_a_corrected_time_moves_a_notice_across_the_cut_off_both_ways(store: Store, make: Make) -> None:
    """Only notices that were sent before the cut-off count, by the time that holds and not the stated one."""
    _add(store, make.report("R1", notice=make.notice(3)), make.report("R2", notice=make.notice(30)))
    correct_notice(store, "R1", None, None, make.at(40), **SAID)
    correct_notice(store, "R2", None, None, make.at(5), **SAID)
    assert _notices(store, make, 20) == [(5.0, "sent")]
    assert _notices(store, make, 50) == [(5.0, "sent"), (40.0, "sent")]


def test_an_excluded_report_is_no_longer_eligible(store: Store, make: Make) -> None:
    """It stays in the facts, as one that was withdrawn does."""
    _add(store, make.report("R1", notice=make.notice(3)), make.report("R2", notice=make.notice(4)))
    exclude(store, "R2", None, **SAID)
    found = _load(store, make).reports
    assert dict(zip(found.record_id, found.eligible.tolist(), strict=True)) == {"R1": True, "R2": False}


def test_the_later_of_two_corrections_holds(store: Store, make: Make) -> None:
    """Of the status and of the time each; undoing the later one brings the earlier one back."""
    _add(store, make.report("R1", notice=make.notice(3)))
    correct_notice(store, "R1", None, None, NoticeStatus.BOUNCED, **SAID)
    later = correct_notice(store, "R1", None, None, NoticeStatus.FAILED, **SAID)
    correct_notice(store, "R1", None, None, make.at(7), **SAID)
    assert _notices(store, make) == [(7.0, "failed")]
    undo_correction(store, later.correction_id, by="Clerk", why="no")
    assert _notices(store, make) == [(7.0, "bounced")]


def test_one_of_several_notices_is_named_by_its_reference(store: Store, make: Make) -> None:
    """Without a reference nobody can tell which is meant, and nothing is changed."""
    _add(
        store,
        make.report("R1", notice=make.notice(3, reference="N-1")),
        make.report("R1", notice=make.notice(9, reference="N-2")),
    )
    with pytest.raises(CorrectionError, match="--ref"):
        correct_notice(store, "R1", None, None, NoticeStatus.BOUNCED, **SAID)
    correct_notice(store, "R1", None, "N-2", NoticeStatus.BOUNCED, **SAID)
    assert _notices(store, make) == [(3.0, "sent"), (9.0, "bounced")]


def test_a_notice_that_comes_later_is_not_corrected_unseen(store: Store, make: Make) -> None:
    """A correction is of the messages that were there when it was written down."""
    _add(store, make.report("R1", notice=make.notice(3)))
    correct_notice(store, "R1", None, None, NoticeStatus.BOUNCED, **SAID)
    _add(store, make.report("R1", notice=make.notice(9)))
    assert _notices(store, make) == [(3.0, "bounced"), (9.0, "sent")]


def test_statements_that_become_alike_are_one_notice(store: Store, make: Make) -> None:
    """Two statements of one message, and the message restated with the corrected time, count once."""
    sent, bounced = make.notice(3), make.notice(3, status=NoticeStatus.BOUNCED)
    _add(store, make.report("R1", notice=sent), make.report("R1", notice=bounced))
    correct_notice(store, "R1", None, None, NoticeStatus.DELIVERED, **SAID)
    correct_notice(store, "R1", None, None, make.at(5), **SAID)
    assert _notices(store, make) == [(5.0, "delivered")]
    _add(store, make.report("R1", notice=make.notice(5, status=NoticeStatus.DELIVERED)))
    assert _notices(store, make) == [(5.0, "delivered")]


def test_what_is_not_there_is_refused(store: Store, make: Make) -> None:
    """A record, a reference, a notice, a letter, a correction; several sources need to be told apart."""
    _add(store, make.report("R1", notice=make.notice(3)), make.report("R2"))
    _add(store, make.report("R1", source="press", notice=make.notice(3), target=make.target("b")))
    refused: list[tuple[type[Exception], str, tuple[Any, ...], dict[str, Any]]] = [
        (RecordMissing, "No report", ("NOPE", None, None), {}),
        (RecordMissing, "Several sources", ("R1", None, None), {}),
        (CorrectionError, "no notice with that reference", ("R1", "press", "N-9"), {}),
        (CorrectionError, "has no notice", ("R2", None, None), {}),
        (CorrectionError, "no letter 7", ("R1", "press", None), {"letter_id": 7}),
    ]
    for kind, words, about, more in refused:
        with pytest.raises(kind, match=words):
            correct_notice(store, *about, NoticeStatus.FAILED, **SAID, **more)
    with pytest.raises(CorrectionError, match="future"):
        correct_notice(store, "R1", "press", None, datetime(2999, 1, 1, tzinfo=UTC), **SAID)
    with pytest.raises(CorrectionError, match="no correction 1"):
        undo_correction(store, 1, **SAID)
    assert (list_corrections(store), {entry.action for entry in list_audit(store)}) == ((), {"import"})


def test_a_correction_that_changes_nothing_is_refused(store: Store, make: Make) -> None:
    """So a command that is given twice leaves one correction; an undone one can be made again."""
    _add(store, make.report("R1", notice=make.notice(3)))
    with pytest.raises(CorrectionError, match="already"):
        correct_notice(store, "R1", None, None, NoticeStatus.SENT, **SAID)
    made = exclude(store, "R1", None, **SAID)
    with pytest.raises(CorrectionError, match="already"):
        exclude(store, "R1", None, **SAID)
    undo_correction(store, made.correction_id, by="Clerk", why="no")
    with pytest.raises(CorrectionError, match="undone before"):
        undo_correction(store, made.correction_id, by="Clerk", why="no")
    exclude(store, "R1", None, **SAID)
    assert [each.undone for each in list_corrections(store)] == [True, False]


def test_the_log_keeps_who_and_why_and_the_database_not_whom(store: Store, make: Make) -> None:
    """Record and reference are sealed in the log, and in no row of the audit log."""
    _add(store, make.report("R1-secret", notice=make.notice(3, reference="N-secret")))
    made = correct_notice(store, "R1-secret", None, "N-secret", NoticeStatus.REFUSED, **SAID)
    undo_correction(store, made.correction_id, by="Chief", why="wrong record")
    (found,) = list_corrections(store)
    assert (found.record_id, found.notice_ref, found.kind) == ("R1-secret", "N-secret", CorrectionKind.NOTICE_STATUS)
    assert found.undoing is not None
    assert (found.by, found.why, found.undoing.by, found.undoing.why) == (*SAID.values(), "Chief", "wrong record")
    entries = [(entry.actor, entry.action, entry.subject, entry.reason) for entry in list_audit(store)]
    assert entries[1:] == [
        ("Clerk", "correct", "correction 1: notice-status refused", SAID["why"]),
        ("Chief", "correct undo", "correction 1", "wrong record"),
    ]
    with store.read() as connection:
        rows = connection.execute(text("SELECT * FROM fact_corrections")).all()
    assert b"secret" not in b"".join(value for row in rows for value in row if isinstance(value, bytes))
    assert "secret" not in str([value for row in rows for value in row if isinstance(value, str)])


def test_the_schedule_follows_a_correction(store: Store, make: Make) -> None:
    """Anchors are those of the facts that hold, and a correction makes the schedule anew."""
    _add(store, make.report("R1", notice=make.notice(3)))
    before = schedule_fingerprint(store, ["hotline"], "rules", NORMS)
    correct_notice(store, "R1", None, None, make.at(8), **SAID)
    assert _anchors(store) == [make.at(8)]
    assert schedule_fingerprint(store, ["hotline"], "rules", NORMS) != before
    correct_notice(store, "R1", None, None, NoticeStatus.BOUNCED, **SAID)
    assert _anchors(store) == [make.at(0)]  # nobody was told: from the report on
    exclude(store, "R1", None, **SAID)
    assert _anchors(store) == []


def test_corrections_are_counted_in_their_period_by_kind_and_reason(store: Store, make: Make) -> None:
    """A notice counts where it lay or lies, each once however often it was corrected; undone ones do not count."""
    for n in range(4):
        _add(store, make.report(f"R{n}", target=make.target(str(n)), notice=make.notice(10 * n)))
    correct_notice(store, "R0", None, None, NoticeStatus.FAILED, by="Clerk", why="first")
    correct_notice(store, "R0", None, None, NoticeStatus.BOUNCED, by="Clerk", why="full")
    correct_notice(store, "R1", None, None, NoticeStatus.BOUNCED, by="Clerk", why="full")
    correct_notice(store, "R3", None, None, make.at(12), by="Clerk", why="late")
    undone = exclude(store, "R1", None, by="Clerk", why="twice")
    undo_correction(store, undone.correction_id, by="Clerk", why="no")
    exclude(store, "R2", None, by="Clerk", why="twice")
    early, late = corrected_in(store, make.at(0), make.at(15)), corrected_in(store, make.at(15), make.at(99))
    assert early == (CorrectedFacts("notice-status", "full", 2), CorrectedFacts("notice-time", "late", 1))
    assert late == (CorrectedFacts("exclusion", "twice", 1), CorrectedFacts("notice-time", "late", 1))
    assert corrected_in(store, make.at(99), make.at(999)) == ()


def test_without_a_correction_the_facts_are_what_they_were(store: Store, make: Make) -> None:
    """A correction that was undone leaves every column as it was before it."""
    _add(store, make.report("R1", notice=make.notice(3, reference="N-1")), make.report("R2", notice=make.notice(4)))
    before = _load(store, make)
    for made in (
        correct_notice(store, "R1", None, None, NoticeStatus.BOUNCED, **SAID),
        correct_notice(store, "R1", None, None, make.at(9), **SAID),
        exclude(store, "R2", None, **SAID),
    ):
        undo_correction(store, made.correction_id, by="Clerk", why="no")
    after = _load(store, make)
    for name in ("reports", "notices"):
        for one, other in zip(*(getattr(facts, name).arrays().values() for facts in (before, after)), strict=True):
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f")

"""Intake: what becomes of each row, and that rows may come in any order, split and number."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.model.report import RecordedCheck, Reject, Report
from monitor.model.words import (
    Assessment,
    Capacity,
    Cause,
    InputKind,
    NoticeChannel,
    NoticeKind,
    NoticeStatus,
    Outcome,
    SiteType,
)
from monitor.store import (
    BatchResult,
    InputCounts,
    Store,
    add_checks,
    add_reports,
    begin_input,
    finish_input,
    list_inputs,
    open_store,
)
from tests.engines import Engine

Rows = Callable[[Store], dict[str, int]]
Make = Any  # conftest's Maker


def _reports(store: Store, *reports: Report) -> BatchResult:
    return add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), reports)


def _checks(store: Store, *checks: RecordedCheck) -> BatchResult:
    return add_checks(store, begin_input(store, "bb", InputKind.CHECKS, 1), checks)


def _counts(result: BatchResult) -> tuple[int, int, int, int]:
    return result.accepted, result.waiting, result.duplicate, len(result.rejects)


def _full(make: Make) -> Report:
    notice = make.notice(
        1,
        reference="N-1",
        channel=NoticeChannel.EMAIL,
        sender="hotline",
        party="Example Hosting",
        capacity=Capacity.HOSTING,
    )
    return make.report(
        notice=notice,
        assessed_at=make.at(0.5),
        address=make.address("192.0.2.1"),
        origin_address=make.address("198.51.100.1"),
        site_type=SiteType.FORUM,
        known_material=True,
        last_online_at=make.at(2),
        first_offline_at=make.at(3),
    )


def test_an_empty_batch_changes_nothing(store: Store) -> None:
    """No rows, no counts."""
    assert _counts(_reports(store)) == _counts(_checks(store)) == (0, 0, 0, 0)


def test_the_same_report_again_is_a_duplicate_and_changes_nothing(store: Store, make: Make, rows_of: Rows) -> None:
    """Same key, same content: counted, not stored, in a later batch and within one."""
    report = _full(make)
    assert _counts(_reports(store, report, report)) == (1, 0, 1, 0)
    before = rows_of(store)
    assert _counts(_reports(store, replace(report, row=9))) == (0, 0, 1, 0)
    assert rows_of(store) == before


@pytest.mark.parametrize(
    "further",
    [
        {"status": NoticeStatus.BOUNCED},
        {"kind": NoticeKind.ORDER},
        {"reference": "N-2"},
        {"reference": None},
        {"party": "Another Hosting"},
        {"sender": "authority"},
        {"channel": NoticeChannel.POST},
        {"capacity": Capacity.REGISTRAR},
        {"deadline_hours": 12.0},
        {"notified_at": None},
    ],
)
def test_a_further_notice_is_accepted_once(store: Store, make: Make, rows_of: Rows, further: dict[str, Any]) -> None:
    """A Notice that differs in anything is added to the record; a second time it is a duplicate."""
    first = _full(make)
    assert first.notice is not None
    if "notified_at" in further:
        further = {"notified_at": make.at(5)}
    second = replace(first, notice=replace(first.notice, **further))
    _reports(store, first)
    assert _counts(_reports(store, second)) == (1, 0, 0, 0)
    assert _counts(_reports(store, second, first)) == (0, 0, 2, 0)
    assert rows_of(store)["notices"] == 2
    assert rows_of(store)["reports"] == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"assessment": Assessment.NOT_ILLEGAL},
        {"assessed_at": None},
        {"withdrawn_at": "later"},
    ],
)
def test_a_changed_assessment_is_accepted_and_added(
    store: Store, make: Make, rows_of: Rows, changed: dict[str, Any]
) -> None:
    """Assessments are only ever added."""
    if changed.get("withdrawn_at"):
        changed = {"withdrawn_at": make.at(9)}
    _reports(store, _full(make))
    second = replace(_full(make), **changed)
    assert _counts(_reports(store, second, second)) == (1, 0, 1, 0)
    assert rows_of(store)["assessments"] == 2


def test_a_new_bracket_time_is_accepted_as_a_check(store: Store, make: Make, rows_of: Rows) -> None:
    """Each side of a bracket is a check of its own; the same side at another time is a further one."""
    _reports(store, _full(make))
    assert rows_of(store)["checks"] == 2
    second = replace(_full(make), last_online_at=make.at(2.5))
    assert _counts(_reports(store, second)) == (1, 0, 0, 0)
    assert rows_of(store)["checks"] == 3


def test_a_bracket_never_meets_the_check_log(store: Store, make: Make, rows_of: Rows) -> None:
    """A recorded check at the very time of a bracket's side is neither duplicate nor conflict."""
    _reports(store, _full(make))
    assert _counts(_checks(store, make.check(hours=2, outcome=Outcome.OFFLINE))) == (1, 0, 0, 0)
    assert rows_of(store)["checks"] == 3


def test_an_exact_removal_time_is_two_checks_at_one_time(store: Store, make: Make, rows_of: Rows) -> None:
    """last_online_at = first_offline_at is allowed."""
    exact = make.report(last_online_at=make.at(2), first_offline_at=make.at(2))
    assert _counts(_reports(store, exact, exact)) == (1, 0, 1, 0)
    assert rows_of(store)["checks"] == 2


@pytest.mark.parametrize("column", ["url", "host", "reported_at", "ip", "origin_ip", "site_type"])
def test_a_contradiction_is_a_conflict_and_leaves_nothing(store: Store, make: Make, rows_of: Rows, column: str) -> None:
    """Another URL, host, time, or (with nothing new) address or site type of a record: in another batch or one."""
    other: dict[str, Any] = {
        "url": {"target": make.target("other")},
        "host": {"target": make.target(host="other.example")},
        "reported_at": {"reported_at": make.at(0.1)},
        "ip": {"address": make.address("203.0.113.9")},
        "origin_ip": {"origin_address": make.address("203.0.113.9")},
        "site_type": {"site_type": SiteType.BLOG},
    }[column]
    first, second = _full(make), replace(_full(make), row=7, **other)
    if column in ("url", "host", "reported_at"):  # these are another case, whatever else the row brings
        second = replace(second, notice=make.notice(50))
    named = "url" if column == "host" else column
    _reports(store, first)
    before = rows_of(store)
    result = _reports(store, second)
    assert _counts(result) == (0, 0, 0, 1)
    reject = result.rejects[0]
    assert (reject.row, reject.code, reject.field) == (7, "conflict", named)
    assert rows_of(store) == before
    again = replace(first, record_id="R2"), replace(second, record_id="R2")
    assert _counts(_reports(store, *again)) == (1, 0, 0, 1)


@pytest.mark.parametrize("brings", ["notice", "assessment", "withdrawal"])
@pytest.mark.parametrize("column", ["address", "origin_address", "site_type"])
def test_a_row_that_brings_something_new_is_accepted_whatever_side_fact_it_gets_wrong(
    store: Store, make: Make, rows_of: Rows, column: str, brings: str
) -> None:
    """A notice or a withdrawal must not be lost; the address or site type that was said first stands."""
    new: dict[str, Any] = {
        "notice": {"notice": make.notice(50)},
        "assessment": {"assessment": Assessment.NOT_ILLEGAL},
        "withdrawal": {"withdrawn_at": make.at(9)},
    }[brings]
    other = SiteType.BLOG if column == "site_type" else make.address("203.0.113.9")
    _reports(store, _full(make))
    before = rows_of(store)
    second = replace(_full(make), **{column: other}, **new)
    assert _counts(_reports(store, second)) == (1, 0, 0, 0)
    table = "notices" if brings == "notice" else "assessments"
    assert {name for name, n in rows_of(store).items() if n != before[name]} - {"addresses", "audit"} == {table}
    assert _counts(_reports(store, _full(make))) == (0, 0, 1, 0)
    assert _counts(_reports(store, second)) == (0, 0, 0, 1)  # now it says nothing new


def test_empty_fields_are_filled_in_by_a_later_row(store: Store, make: Make) -> None:
    """What the first row left out, a later one may say; then it is known."""
    bare = replace(_full(make), address=None, origin_address=None, site_type=None, known_material=None)
    _reports(store, bare)
    assert _counts(_reports(store, _full(make))) == (1, 0, 0, 0)
    assert _counts(_reports(store, _full(make), bare)) == (0, 0, 2, 0)
    assert _counts(_reports(store, replace(_full(make), site_type=SiteType.BLOG))) == (0, 0, 0, 1)


def test_the_same_record_id_of_another_source_is_another_record(store: Store, make: Make, rows_of: Rows) -> None:
    """The key is (source, record id)."""
    assert _counts(_reports(store, make.report(), make.report(source="other", target=make.target("b")))) == (2, 0, 0, 0)
    assert rows_of(store)["records"] == 2


def test_several_reports_share_one_target_host_and_address(store: Store, make: Make, rows_of: Rows) -> None:
    """One URL is one Target, one name one host, one address one address."""
    address = make.address("192.0.2.1")
    _reports(store, make.report("R1", address=address), make.report("R2", address=address))
    _reports(store, make.report("R3", target=make.target("b"), address=address))
    counted = rows_of(store)
    assert (counted["targets"], counted["hosts"], counted["addresses"]) == (2, 1, 1)


def test_a_withheld_path_is_a_target_of_its_own(store: Store, make: Make, rows_of: Rows) -> None:
    """Two records that name a host alone never share a Target; the host is shared."""
    withheld = make.target(withheld=True)
    assert _counts(_reports(store, *(make.report(name, target=withheld) for name in ("R1", "R2", "R1")))) == (
        2,
        0,
        1,
        0,
    )
    assert (rows_of(store)["targets"], rows_of(store)["hosts"]) == (2, 1)
    other = make.report("R1", target=make.target(host="other.example", withheld=True))
    assert _counts(_reports(store, other)) == (0, 0, 0, 1)


def test_a_check_before_its_report_waits(store: Store, make: Make) -> None:
    """Waiting checks are accepted; once the Report is there they no longer wait."""
    assert _counts(_checks(store, make.check(hours=2), make.check(hours=3))) == (2, 2, 0, 0)
    _reports(store, make.report())
    assert _counts(_checks(store, make.check(hours=2), make.check(hours=4))) == (1, 0, 1, 0)


def test_the_same_check_again_is_a_duplicate_and_changes_nothing(store: Store, make: Make, rows_of: Rows) -> None:
    """Same record, time, vantage and content: counted, not stored."""
    check = make.check(reason="listed", address=make.address("2001:db8::1"), vantage="nl-1")
    assert _counts(_checks(store, check, check)) == (1, 1, 1, 0)
    before = rows_of(store)
    assert _counts(_checks(store, replace(check, row=5))) == (0, 0, 1, 0)
    assert rows_of(store) == before


@pytest.mark.parametrize("column", ["outcome", "cause", "reason", "no reason", "address", "no address"])
def test_a_check_that_says_something_else_is_a_conflict(store: Store, make: Make, rows_of: Rows, column: str) -> None:
    """The same record, time and vantage with another content is rejected, and its address is not stored."""
    check = make.check(reason="listed", address=make.address("192.0.2.1"))
    other = {
        "outcome": replace(check, outcome=Outcome.INCONCLUSIVE),
        "cause": replace(check, cause=Cause.HOST),
        "reason": replace(check, reason="other"),
        "no reason": replace(check, reason=None),
        "address": replace(check, address=make.address("192.0.2.2")),
        "no address": replace(check, address=None),
    }[column]
    _checks(store, check)
    before = rows_of(store)
    result = _checks(store, replace(other, row=3))
    assert result.rejects == (
        Reject(3, "conflict", "The same check was recorded before with another outcome, reason or address"),
    )
    assert rows_of(store) == before
    assert _counts(_checks(store, replace(check, record_id="R2"), replace(other, record_id="R2"))) == (1, 1, 0, 1)


def test_two_vantages_may_differ_at_one_time(store: Store, make: Make) -> None:
    """The vantage is part of a check's key; no vantage is one too."""
    rows = [
        make.check(vantage=vantage, outcome=outcome) for vantage, outcome in zip((None, "a", "b"), Outcome, strict=True)
    ]
    assert _counts(_checks(store, *rows)) == (3, 3, 0, 0)


def test_a_batch_is_all_or_nothing(store: Store, make: Make, rows_of: Rows) -> None:
    """A row that cannot be stored (a naive time) takes the whole batch back."""
    before = rows_of(store)
    naive = make.at(1).replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        _reports(store, make.report(), make.report("R2", reported_at=naive))
    after = rows_of(store)
    after.pop("inputs"), before.pop("inputs")
    assert after == before


def test_an_input_is_recorded_by_hash_once(store: Store, make: Make) -> None:
    """Counts add up over batches, and reading the file again changes none of them."""
    for n_read in (5, 99):
        input_id = begin_input(store, "cc", InputKind.REPORTS, 123)
        add_reports(store, input_id, [make.report("R1"), make.report("R1")])
        add_reports(store, input_id, [make.report("R2"), make.report("R2", target=make.target("z"))])
        finish_input(store, input_id, InputCounts(n_read=n_read, n_rejected=n_read - 3))
    (found,) = list_inputs(store)
    assert (found.sha256, found.kind, found.size) == ("cc", InputKind.REPORTS, 123)
    assert (found.n_read, found.n_accepted, found.n_rejected) == (5, 2, 2)
    assert found.finished_at is not None
    assert found.finished_at >= found.first_imported_at


def test_large_batches_cross_the_limits_of_a_statement(store: Store, make: Make, rows_of: Rows) -> None:
    """More keys than one statement may have parameters."""
    n = 11_000
    reports = [make.report(f"R{i}", target=make.target(str(i))) for i in range(n)]
    checks = [make.check(f"R{i}") for i in range(n)]
    for again in (False, True):
        expected = (0, 0, n, 0) if again else (n, 0, 0, 0)
        assert _counts(_reports(store, *reports)) == expected
        assert _counts(_checks(store, *checks)) == expected


IMPORT = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from monitor.model.report import Host, RecordedCheck, Report, Target
from monitor.model.words import Cause, HostKind, InputKind, Outcome
from monitor.store import add_checks, add_reports, begin_input, open_store

start = datetime(2026, 1, 1, tzinfo=UTC)
with open_store(Path(sys.argv[1]), sys.argv[2] or None, create=True) as store:
    host = Host("a.example", HostKind.NAME, "a.example", None)
    reports, checks = begin_input(store, "aa", InputKind.REPORTS, 1), begin_input(store, "bb", InputKind.CHECKS, 1)
    total = [0, 0]
    for first in range(0, 6000, 200):
        rows = range(first, first + 200)
        done = add_reports(store, reports, [
            Report(i, "hotline", f"R{i}", Target(f"https://a.example/{i}", host), start) for i in rows])
        seen = add_checks(store, checks, [
            RecordedCheck(i, "hotline", f"R{i}", start + timedelta(hours=1), Outcome.ONLINE, Cause.NONE) for i in rows])
        total = [total[0] + done.accepted, total[1] + seen.accepted]
        print(first, flush=True)
    print(*total)
"""


def test_a_killed_import_is_finished_by_importing_again(engine: Engine, tmp_path: Path, rows_of: Rows) -> None:
    """kill -9 in the middle: whole batches are kept, and a second try ends in the exact counts."""
    data = tmp_path / "data"
    command = [sys.executable, "-c", IMPORT, str(data), engine.url(data) or ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != "1000":
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    with open_store(data, engine.url(data), create=False) as store:
        kept = rows_of(store)
        assert 1200 <= kept["reports"] < 6000
        assert kept["reports"] % 200 == kept["checks"] % 200 == 0
    finished = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert finished[-2:] == [str(6000 - kept["reports"]), str(6000 - kept["checks"])]
    with open_store(data, engine.url(data), create=False) as store:
        counted = rows_of(store)
        assert [counted[name] for name in ("records", "reports", "targets", "checks", "hosts")] == [6000] * 4 + [1]
        assert {found.n_accepted for found in list_inputs(store)} == {6000}

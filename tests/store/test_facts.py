"""Facts: exactly what was known before the cut-off, in an order that no import order enters."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.columns import UNKNOWN_AT, AttributionColumns, Facts
from monitor.model.report import RecordedCheck, Report
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
    TableKind,
)
from monitor.store import (
    Store,
    add_checks,
    add_reference_table,
    add_reports,
    begin_input,
    load_contents,
    load_facts,
    replace_attributions,
)

Make = Any  # conftest's Maker
NewStore = Callable[[Path], Store]
LATE = 10_000.0  # hours


def _add(store: Store, rows: Sequence[Report | RecordedCheck]) -> None:
    reports = [row for row in rows if isinstance(row, Report)]
    checks = [row for row in rows if isinstance(row, RecordedCheck)]
    assert not add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), reports).rejects
    assert not add_checks(store, begin_input(store, "bb", InputKind.CHECKS, 1), checks).rejects


def _load(store: Store, make: Make, hours: float = LATE, *, trusted: bool = True) -> Facts:
    return load_facts(store, cutoff=make.at(hours), trusted=lambda source: trusted)


def _micros(make: Make, hours: float) -> int:
    return round((make.at(hours).timestamp()) * 1_000_000)


def test_an_empty_store_gives_empty_columns(store: Store, make: Make) -> None:
    """Nothing known: every column is there, with nothing in it and of its right type."""
    facts = _load(store, make)
    for columns in (facts.targets, facts.reports, facts.notices, facts.readings, facts.attributions):
        assert len(columns) == 0
    assert facts.readings.at.dtype == np.int64
    assert facts.targets.withheld.dtype == np.bool_


def test_checks_alone_give_no_reading(store: Store, make: Make) -> None:
    """Waiting checks are left out, and appear once their Report is there."""
    _add(store, [make.check("R1"), make.check("R2")])
    assert len(_load(store, make).readings) == 0
    _add(store, [make.report("R2")])
    assert len(_load(store, make).readings) == 1


def test_a_report_comes_out_as_it_went_in(store: Store, make: Make) -> None:
    """Every column of a Report and its Target, by hand."""
    a, b = make.address("192.0.2.1"), make.address("198.51.100.1")
    plain = make.report("R1", target=make.literal("192.0.2.1"))
    full = make.report("R2", address=a, origin_address=b, site_type=SiteType.FORUM, known_material=False)
    _add(store, [full, plain, make.report("R3", target=make.target(withheld=True))])
    facts = _load(store, make)
    assert facts.reports.record_id.tolist() == ["R1", "R2", "R3"]
    assert facts.reports.source.tolist() == ["hotline"] * 3
    assert facts.reports.reported_at.tolist() == [_micros(make, 0)] * 3
    assert facts.reports.site_type.tolist() == [None, "forum", None]
    assert facts.reports.known_material.tolist() == [-1, 0, -1]
    assert facts.reports.origin[0] == facts.reports.address[0] == -1
    literal = facts.targets.literal[facts.targets.target_id == facts.reports.target_id[0]]
    assert literal.tolist() == [facts.reports.address[1]]
    assert facts.targets.withheld.tolist() == [
        target == facts.reports.target_id[2] for target in facts.targets.target_id
    ]
    assert facts.targets.site.tolist().count(facts.targets.site[0]) in (1, 2)
    assert len(set(facts.targets.site.tolist())) == 2


def test_a_notice_comes_out_as_it_went_in(store: Store, make: Make) -> None:
    """Every column of a Notice, the addressee's name opened."""
    notice = make.notice(
        3,
        kind=NoticeKind.ORDER,
        status=NoticeStatus.DELIVERED,
        sender="authority",
        party="Voorbeeld Hosting \u00e9",
        capacity=Capacity.HOSTING,
        deadline_hours=6.0,
    )
    _add(store, [make.report(notice=make.notice(2)), make.report(notice=notice)])
    found = _load(store, make).notices
    assert found.kind.tolist() == ["request", "order"]
    assert found.status.tolist() == ["sent", "delivered"]
    assert found.at.tolist() == [_micros(make, 2), _micros(make, 3)]
    assert found.sender.tolist() == [None, "authority"]
    assert found.party.tolist() == [None, "Voorbeeld Hosting \u00e9"]
    assert found.capacity.tolist() == ["unknown", "hosting"]
    assert np.array_equal(found.deadline_hours, [np.nan, 6.0], equal_nan=True)


FULL = {"status": NoticeStatus.SENT, "party": "Example One", "capacity": Capacity.HOSTING, "reference": "N-1"}


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ([{}, {"status": NoticeStatus.BOUNCED}], [1]),
        ([{}, {"status": NoticeStatus.NO_CONTACT}], [1]),
        ([{"party": None}, {}], [1]),
        ([{"party": None}, {"party": "Example Two"}], [1]),
        ([{"capacity": Capacity.UNKNOWN}, {"capacity": Capacity.REGISTRAR}], [1]),
        ([{"party": None, "capacity": Capacity.UNKNOWN}, {"status": NoticeStatus.BOUNCED}], [1]),
        ([{"party": None, "capacity": Capacity.UNKNOWN, "status": NoticeStatus.BOUNCED}, {}], [0]),
        ([{"party": None, "capacity": Capacity.HOSTING}, {"capacity": Capacity.UNKNOWN}], [1]),
        ([{}, {"party": "Example Two"}], [0, 1]),  # two parties were told
        ([{}, {"party": "Example Two", "status": NoticeStatus.BOUNCED}], [0, 1]),  # the other one's bounce
        ([{"capacity": Capacity.PROXY}, {"capacity": Capacity.REGISTRAR}], [0, 1]),
        ([{}, {"status": NoticeStatus.BOUNCED, "reference": "N-2"}], [0, 1]),
        ([{}, {"status": NoticeStatus.BOUNCED, "reference": None}], [0, 1]),
        ([{}, {"status": NoticeStatus.BOUNCED, "channel": NoticeChannel.POST}], [0, 1]),
        ([{}, {"status": NoticeStatus.BOUNCED, "kind": NoticeKind.ORDER}], [0, 1]),
    ],
)
def test_of_a_restated_notice_the_fuller_statement_counts(
    store: Store, make: Make, said: list[dict[str, Any]], stands: list[int], backwards: bool
) -> None:
    """One message (equal kind, time, channel and reference) is one Notice; imported in either order the same."""
    notices = [make.notice(1, **{**FULL, **one}) for one in said]
    for notice in notices[:: -1 if backwards else 1]:
        _add(store, [make.report(notice=notice)])
    found = _load(store, make).notices
    counted = zip(found.kind, found.status, found.party, found.capacity, strict=True)
    expected = [(n.kind.value, n.status.value, n.party, n.capacity.value) for n in (notices[i] for i in stands)]
    assert sorted(counted, key=str) == sorted(expected, key=str)


def test_a_notice_of_another_time_restates_nothing(store: Store, make: Make) -> None:
    """A reminder that bounced does not take the first notice back; nor does another record's."""
    bounced = make.notice(2, **{**FULL, "status": NoticeStatus.BOUNCED})
    _add(store, [make.report(notice=make.notice(1, **FULL)), make.report(notice=bounced)])
    _add(store, [make.report("R2", notice=make.notice(2, **FULL))])
    assert _load(store, make).notices.status.tolist() == ["sent", "bounced", "sent"]


def test_a_reading_comes_out_as_it_went_in(store: Store, make: Make) -> None:
    """Outcome, cause, address, bracket and page answers, ordered by time within the Target."""
    checks = [
        make.check(hours=5, outcome=Outcome.OFFLINE, cause=Cause.DOMAIN, reason="nxdomain"),
        make.check(hours=2, address=make.address("192.0.2.1")),
        make.check(hours=3, outcome=Outcome.INCONCLUSIVE, reason="page answers"),
    ]
    bracket = make.report(last_online_at=make.at(1), first_offline_at=make.at(4), address=make.address("192.0.2.1"))
    _add(store, [bracket, *checks])
    found = _load(store, make).readings
    assert found.at.tolist() == [_micros(make, hours) for hours in (1, 2, 3, 4, 5)]
    assert found.outcome.tolist() == [
        Outcome.ONLINE,
        Outcome.ONLINE,
        Outcome.INCONCLUSIVE,
        Outcome.OFFLINE,
        Outcome.OFFLINE,
    ]
    assert found.cause.tolist() == [Cause.NONE, Cause.NONE, Cause.NONE, Cause.CONTENT, Cause.DOMAIN]
    assert found.bracket.tolist() == [True, False, False, True, False]
    assert found.page.tolist() == [False, False, True, False, False]
    assert (found.address >= 0).tolist() == [False, True, False, False, False]


def test_only_a_trusted_source_confirms(store: Store, make: Make) -> None:
    """`trusted` is asked by source, and counts for that source's checks."""
    _add(
        store, [make.report("R1"), make.report("R2", source="list"), make.check("R1"), make.check("R2", source="list")]
    )
    facts = load_facts(store, cutoff=make.at(LATE), trusted=lambda source: source == "list")
    assert sorted(facts.readings.confirmed.tolist()) == [False, True]
    assert not _load(store, make, trusted=False).readings.confirmed.any()


def test_facts_at_or_after_the_cutoff_are_not_known(store: Store, make: Make) -> None:
    """Reports, Notices and checks count if earlier than the cut-off, to the microsecond."""
    tick = timedelta(microseconds=1) / timedelta(hours=1)
    rows: list[Report | RecordedCheck] = []
    for name, hours in (("R1", 5 - tick), ("R2", 5.0)):
        rows.append(make.report(name, reported_at=make.at(hours), target=make.target(name)))
        rows.append(make.report("R0", notice=make.notice(hours)))
        rows.append(make.check("R0", hours))
    _add(store, rows)
    facts = _load(store, make, 5)
    assert facts.reports.record_id.tolist() == ["R0", "R1"]
    assert len(facts.targets) == 2
    assert len(facts.notices) == len(facts.readings) == 1


@pytest.mark.parametrize(
    ("said", "eligible"),
    [
        ([{}], True),
        ([{"assessment": Assessment.NOT_ILLEGAL}], False),
        ([{"assessment": Assessment.NOT_ASSESSED}], False),
        ([{"assessed_at": 5}], True),
        ([{"assessed_at": 10}], False),  # not assessed yet at the cut-off
        ([{"withdrawn_at": 5}], False),
        ([{"withdrawn_at": 10}], True),  # not withdrawn yet at the cut-off
        ([{}, {"withdrawn_at": 5}], False),
        ([{}, {"withdrawn_at": 10}], True),
        ([{"assessment": Assessment.NOT_ASSESSED}, {"assessed_at": 5}], True),
        ([{"assessment": Assessment.NOT_ASSESSED}, {"assessed_at": 10}], False),
        ([{"assessed_at": 5}, {"assessment": Assessment.NOT_ILLEGAL, "assessed_at": 6}], False),
        ([{"assessed_at": 5}, {"assessment": Assessment.NOT_ILLEGAL, "assessed_at": 10}], True),
        ([{"assessed_at": 2, "withdrawn_at": 3}, {"assessed_at": 4}], True),
        ([{}, {"assessment": Assessment.NOT_ILLEGAL}], False),  # equally new: not held against anybody
        ([{"assessed_at": 5}, {"assessment": Assessment.NOT_ILLEGAL}], False),  # without a time: the latest word
        ([{"assessed_at": 5}, {"assessment": Assessment.NOT_ASSESSED}], True),  # that says nothing later
        ([{"assessment": Assessment.NOT_ILLEGAL, "assessed_at": 4}, {"assessed_at": 5}], True),
    ],
)
def test_eligible_means_illegal_and_not_withdrawn_as_known_at_the_cutoff(
    new_store: NewStore, tmp_path: Path, make: Make, said: list[dict[str, Any]], eligible: bool
) -> None:
    """The newest assessment before the cut-off (hour 10) holds, in whichever order they came in."""
    rows = [
        make.report(**{name: make.at(value) if name.endswith("_at") else value for name, value in one.items()})
        for one in said
    ]
    for number, order in enumerate((rows, rows[::-1])):
        with new_store(tmp_path / str(number)) as store:
            _add(store, order)
            assert _load(store, make, 10).reports.eligible.tolist() == [eligible]


def test_attributions_come_out_in_order(store: Store, make: Make) -> None:
    """By address and date; those of tables after the cut-off are left out."""
    _add(store, [make.report(address=make.address("192.0.2.1"))])
    reason, front = (
        np.array(["no-table", "several-origins", None], dtype=object),
        np.array([None, "Proxy", None], dtype=object),
    )
    dates = [UNKNOWN_AT, _micros(make, 0), _micros(make, 100)]
    made_on = date(2026, 3, 1)
    add_reference_table(
        store, TableKind.PREFIXES, as_of=date(2026, 2, 1), made_on=made_on, sha256="aa", rows=1, content=b""
    )
    table_id = load_contents(store, TableKind.PREFIXES)[0].table_id
    origins = np.array([None, "64500_64501", None], dtype=object)
    never = np.full(3, UNKNOWN_AT)  # the days come back from the table
    columns = AttributionColumns(
        np.ones(3, dtype=np.int64), np.array(dates), np.array([-1, -1, 64501]), reason, front, origins, never, never
    )
    order = np.array([2, 0, 1])
    tables = np.array([table_id, -1, table_id])
    replace_attributions(store, np.array([1]), columns.take(order), np.array([24, -1, 24]), tables)
    found = _load(store, make, 50).attributions
    assert found.as_of.tolist() == dates[:2]
    assert found.asn.tolist() == [-1, -1]
    assert found.origins.tolist() == [None, "64500_64501"]
    assert found.table_as_of.tolist() == [UNKNOWN_AT, 1_769_904_000_000_000]
    assert found.table_made_on.tolist() == [UNKNOWN_AT, 1_772_323_200_000_000]
    assert found.reason.tolist() == ["no-table", "several-origins"]
    assert found.front.tolist() == [None, "Proxy"]


def _content(facts: Facts) -> dict[str, list[Any]]:
    """The facts with every key of the store replaced by what it stands for; the order kept."""
    names = dict(zip(facts.reports.report_id.tolist(), facts.reports.record_id.tolist(), strict=True))
    first = {}
    for target, record in zip(facts.reports.target_id.tolist(), facts.reports.record_id.tolist(), strict=True):
        first.setdefault(target, record)
    site = dict(zip(facts.targets.target_id.tolist(), facts.targets.site.tolist(), strict=True))
    by_site: dict[int, set[str]] = {}
    for target, record in first.items():
        by_site.setdefault(site[target], set()).add(record)
    addresses: dict[int, int] = {-1: -1}
    for address in facts.reports.address.tolist():
        addresses.setdefault(address, len(addresses))
    said: dict[str, list[Any]] = {"sites": sorted(sorted(group) for group in by_site.values())}
    for name in ("source", "record_id", "reported_at", "eligible", "site_type", "known_material"):
        said[f"reports.{name}"] = getattr(facts.reports, name).tolist()
    said["reports.target"] = [first[target] for target in facts.reports.target_id.tolist()]
    said["reports.address"] = [addresses[address] for address in facts.reports.address.tolist()]
    for name in ("kind", "status", "at", "sender", "party", "capacity"):
        said[f"notices.{name}"] = getattr(facts.notices, name).tolist()
    said["notices.report"] = [names[report] for report in facts.notices.report_id.tolist()]
    said["notices.deadline"] = np.nan_to_num(facts.notices.deadline_hours, nan=-1).tolist()
    for name in ("at", "outcome", "cause", "confirmed", "bracket", "page"):
        said[f"readings.{name}"] = getattr(facts.readings, name).tolist()
    return said


def _by_target(facts: Facts) -> Facts:
    """Targets in the order of their first record, which is content; in the store it is the order of arrival."""
    order: dict[int, int] = {}
    for target in facts.reports.target_id.tolist():
        order.setdefault(target, len(order))

    def sort(columns: Any) -> Any:
        return columns.take(np.argsort([order[target] for target in columns.target_id.tolist()], kind="stable"))

    return replace(facts, notices=sort(facts.notices), readings=sort(facts.readings))


@st.composite
def _rows(draw: st.DrawFn, make: Make) -> list[Report | RecordedCheck]:
    """Rows about a few records without contradictions: URL, time and address go by the record's number."""
    rows: list[Report | RecordedCheck] = []
    record = st.integers(0, 5)
    hours = st.integers(1, 6)
    for _ in range(draw(st.integers(1, 12))):
        n = draw(record)
        notice = None
        if draw(st.booleans()):
            notice = make.notice(
                draw(hours),
                status=draw(st.sampled_from(NoticeStatus)),
                party=draw(st.sampled_from([None, "Example One", "Example Two"])),
                sender=draw(st.sampled_from([None, "hotline"])),
                capacity=draw(st.sampled_from([Capacity.UNKNOWN, Capacity.HOSTING, Capacity.REGISTRAR])),
                reference=draw(st.sampled_from([None, "N-1"])),
            )
        maybe = st.none() | hours.map(make.at)
        rows.append(
            make.report(
                f"R{n}",
                target=make.target(str(n // 2), f"{n % 2}.example"),
                reported_at=make.at(n / 10),
                notice=notice,
                assessment=draw(st.sampled_from(Assessment)),
                assessed_at=draw(maybe),
                withdrawn_at=draw(maybe),
                address=draw(st.sampled_from([None, make.address(f"192.0.2.{n}")])),
                site_type=draw(st.sampled_from([None, SiteType.FORUM])),
                known_material=draw(st.sampled_from([None, False, True])),
                last_online_at=draw(maybe),
            )
        )
    for _ in range(draw(st.integers(0, 12))):
        n, when, vantage = draw(record), draw(hours), draw(st.sampled_from([None, "a", "b"]))
        outcome = Outcome((n + when + len(vantage or "")) % 3)
        rows.append(make.check(f"R{n}", when, outcome, vantage=vantage))
    return rows


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.data())
def test_any_order_split_and_repetition_of_rows_gives_the_same_facts(
    new_store: NewStore, make: Make, data: st.DataObject
) -> None:
    """Neither the order of the rows, nor the batches they come in, nor repeats show in the facts."""
    rows = data.draw(_rows(make))
    shuffled = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows), max_size=5))))
    size = data.draw(st.integers(1, len(shuffled)))
    with TemporaryDirectory() as folder:
        with new_store(Path(folder) / "one") as store:
            _add(store, rows)
            expected = _content(_by_target(_load(store, make, 5.5)))
        with new_store(Path(folder) / "two") as store:
            for first in range(0, len(shuffled), size):
                _add(store, shuffled[first : first + size])
            found = _content(_by_target(_load(store, make, 5.5)))
    assert found == expected

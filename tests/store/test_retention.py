"""Retention in the store: what is due, what goes, what stays, what comes back, and what is held."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.clock import now
from monitor.config import Retention
from monitor.errors import RecordForgotten, RetentionError
from monitor.model.report import Address, Report
from monitor.model.retention import HoldKind, RetentionClass, Term
from monitor.model.words import InputKind, NoticeKind, Outcome
from monitor.store import (
    Store,
    add_checks,
    add_reports,
    begin_input,
    find_record,
    forgotten_addresses,
    hosts_to_resolve,
    list_audit,
    open_targets,
    open_url,
    targets_of,
    targets_to_plan,
)
from monitor.store.erasing import erase_remains
from monitor.store.forgetting import (
    coarsened,
    due_addresses,
    due_targets,
    forget_addresses,
    forget_targets,
)
from monitor.store.holds import add_hold, held, list_holds, release_hold
from monitor.store.records import find_records
from monitor.store.verifying import verify
from tests.engines import Engine

Make = Any  # conftest's Maker
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATE = datetime(2026, 6, 1, tzinfo=UTC)
SAME = coarsened(())


def _import(store: Store, name: str, *reports: Report) -> None:
    assert not add_reports(store, begin_input(store, name, InputKind.REPORTS, 1), reports).rejects


def _forget_all(store: Store, before: datetime = LATE) -> None:
    forget_targets(store, due_targets(store, before), before, NOW)
    forget_addresses(store, due_addresses(store, before), NOW, SAME)


def _count(store: Store, query: str) -> int:
    with store.read() as connection:
        return int(connection.exec_driver_sql(query).scalar_one())


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("90 days", NOW - timedelta(days=90)),
        ("1 day", NOW - timedelta(days=1)),
        (" 2 Weeks ", NOW - timedelta(days=14)),
        ("18 months", datetime(2025, 5, 23, 12, tzinfo=UTC)),
        ("11 months", datetime(2025, 12, 23, 12, tzinfo=UTC)),
        ("5 years", datetime(2021, 11, 23, 12, tzinfo=UTC)),
    ],
)
def test_a_term_of_months_and_years_goes_by_the_calendar(text: str, before: datetime) -> None:
    """Also over the turn of a year."""
    assert Term.parse(text).before(NOW) == before


def test_the_last_day_of_a_month_stays_the_last_one() -> None:
    """A year before the 29th of February is the 28th."""
    assert Term.parse("1 year").before(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2027, 2, 28, tzinfo=UTC)
    assert Term.parse("1 month").before(datetime(2026, 3, 31, tzinfo=UTC)) == datetime(2026, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "0 days", "-1 days", "18", "months", "1.5 years", "2 decades", "99999 days"])
def test_what_is_no_term_is_refused(text: str) -> None:
    """Nothing is guessed: a term decides what is lost."""
    with pytest.raises(ValueError, match="term"):
        Term.parse(text)


def test_a_term_is_read_back_from_what_it_says() -> None:
    """As the configuration and the audit log write it; keep is no term."""
    kept = Retention.model_validate({"url": "18 Months", "order_file": "1 year", "log": "KEEP"})
    assert (kept.url, kept.term(RetentionClass.URL)) == ("18 months", Term.parse("18 months"))
    assert str(kept.term(RetentionClass.ORDER_FILE)) == "1 year"
    assert kept.term(RetentionClass.LOG) is None


RANGES = st.lists(
    st.tuples(st.integers(0, 2**12), st.integers(0, 300)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=6
)
BASE = int(ip_address("198.51.96.0"))


@settings(derandomize=True)
@given(RANGES, st.integers(0, 2**12))
def test_a_stand_in_lies_in_the_same_ranges_and_in_the_same_network(ranges: list[tuple[int, int]], at: int) -> None:
    """So whatever is worked out from ranges comes out the same, and the address itself is not among what is left."""
    packed = [(_packed(first), _packed(last)) for first, last in ranges]
    address, stand_in = _packed(at), coarsened(packed)(_packed(at))
    assert [first <= address <= last for first, last in packed] == [first <= stand_in <= last for first, last in packed]
    assert ip_address(stand_in) in ip_network((address, 24), strict=False)
    assert coarsened(packed)(stand_in) == stand_in <= address


def _packed(offset: int) -> Address:
    return Address((BASE + offset).to_bytes(4))


def test_an_ipv6_address_becomes_its_48() -> None:
    """The smallest network that is announced on the internet."""
    found = SAME(Address(ip_address("2001:db8:1:2::3").packed))
    assert str(ip_address(found)) == "2001:db8:1::"


def test_the_newest_report_notice_or_check_decides_when_a_url_is_due(store: Store, make: Make) -> None:
    """An old report that was checked, or told of, yesterday is not old."""
    old, new = make.at(0), LATE + timedelta(days=1)
    _import(
        store,
        "aa",
        make.report("OLD", target=make.target("old")),
        make.report("TWICE", row=2, target=make.target("twice")),
        make.report("AGAIN", row=3, target=make.target("twice"), reported_at=new),
        make.report("TOLD", row=4, target=make.target("told"), notice=replace(make.notice(), notified_at=new)),
        make.report("SEEN", row=5, target=make.target("seen")),
    )
    hours = (new - old).total_seconds() / 3600
    add_checks(store, begin_input(store, "bb", InputKind.CHECKS, 1), [make.check("SEEN", hours, Outcome.ONLINE)])
    keys = targets_of(store, [("hotline", "OLD"), ("hotline", "TWICE"), ("hotline", "TOLD"), ("hotline", "SEEN")])
    assert due_targets(store, LATE) == [keys["hotline", "OLD"]]
    assert set(due_targets(store, NOW)) == set(keys.values())


def test_the_url_goes_and_the_host_with_the_last_of_its_targets(store: Store, make: Make) -> None:
    """The rows, their keys and blind indexes stay; what reads them says when it was forgotten."""
    other = make.report("R2", row=2, target=make.target("b"), reported_at=LATE)
    _import(store, "aa", make.report(), other, make.report("R3", row=3, target=make.target(host="x.example")))
    first = targets_of(store, [("hotline", "R1")])["hotline", "R1"]
    gone = forget_targets(store, due_targets(store, LATE), LATE, NOW)
    assert (gone.n_targets, gone.n_hosts) == (2, 1)
    assert open_targets(store, [first])[first].text == "forgotten on 2026-11-23"
    assert _count(store, "SELECT count(*) FROM hosts WHERE forgotten_at IS NULL") == 1
    with pytest.raises(RecordForgotten, match="2026-11-23"):
        open_url(store, find_record(store, "R1"), actor="jo", reason="asked")
    assert not [entry for entry in list_audit(store) if entry.action == "explain --reveal"]
    forget_targets(store, due_targets(store, NOW), NOW, NOW)
    assert _count(store, "SELECT count(*) FROM hosts WHERE forgotten_at IS NULL") == 0
    assert _count(store, "SELECT count(*) FROM targets") == 3


def test_a_host_that_is_an_address_keeps_it_as_long_as_its_url(store: Store, make: Make) -> None:
    """With a stand-in its next check would ask another machine; and the URL has the address in it."""
    _import(store, "aa", make.report(target=make.literal("192.0.2.77"), address=make.address("192.0.2.78")))
    (found,) = due_addresses(store, LATE)
    with store.read() as connection:
        literal = connection.exec_driver_sql("SELECT address_id FROM hosts").scalar_one()
    assert found != literal
    forget_targets(store, due_targets(store, LATE), LATE, NOW)
    assert due_addresses(store, LATE) == sorted([found, literal])


def test_what_was_forgotten_is_not_resolved_attributed_nor_checked(store: Store, make: Make) -> None:
    """A live source names it, and nobody is asked about it any more."""
    _import(store, "aa", make.report(address=make.address("192.0.2.77"), notice=make.notice()))
    assert [batch.host_ids for batch in hosts_to_resolve(store, ["hotline"], now=NOW)]
    _forget_all(store)
    assert not list(hosts_to_resolve(store, ["hotline"], now=NOW, again=True))
    assert not [plan for batch in targets_to_plan(store, ["hotline"]) for plan in batch]


def test_no_byte_of_what_was_forgotten_is_left_in_the_database(store: Store, engine: Engine, make: Make) -> None:
    """Neither in rows nor in freed pages; of a server, its log apart, which is not ours to cut."""
    chain = make.report(address=make.address("192.0.2.77"))
    _import(store, "aa", chain)
    queries = ("SELECT url FROM targets", "SELECT name FROM hosts", "SELECT address FROM addresses")
    with store.read() as connection:
        sealed = [bytes(connection.exec_driver_sql(query).scalar_one()) for query in queries]
    _forget_all(store)
    assert erase_remains(store)
    left = {name: content for name, content in engine.files(store.data_dir).items() if name != "log"}
    assert not [name for name, content in left.items() for value in sealed if value[5:] in content]
    assert left


def test_the_store_verifies_afterwards(store: Store, make: Make) -> None:
    """Sums of imports and chains rest on blind indexes, which stay."""
    _import(store, "aa", make.report(address=make.address("192.0.2.77"), notice=make.notice(reference="N-1")))
    before = verify(store, (), lambda done, total: None)
    _forget_all(store)
    after = verify(store, (), lambda done, total: None)
    assert (after.problems, after.n_sealed, after.heads) == ((), before.n_sealed - 1, before.heads)


def test_a_new_report_brings_it_back_under_the_same_target(store: Store, make: Make) -> None:
    """With URL, host and address; a file that was read before brings nothing back."""
    first = make.report(address=make.address("192.0.2.77"))
    _import(store, "aa", first)
    target = targets_of(store, [("hotline", "R1")])["hotline", "R1"]
    _forget_all(store)
    assert add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), [first]).duplicate == 1
    assert open_targets(store, [target])[target].forgotten_at == NOW
    again = make.report("R9", address=make.address("192.0.2.77"), reported_at=NOW)
    _import(store, "cc", again)
    assert targets_of(store, [("hotline", "R9")])["hotline", "R9"] == target
    assert open_targets(store, [target])[target].text == "https://images.example/a"
    assert open_url(store, find_record(store, "R1"), actor="jo", reason="asked") == "https://images.example/a"
    assert forgotten_addresses(store, [1, 2, 3]) == {}
    assert [plan.target_id for batch in targets_to_plan(store, ["hotline"]) for plan in batch] == [target]
    assert _count(store, "SELECT count(*) FROM hosts WHERE forgotten_at IS NOT NULL") == 0
    assert due_targets(store, NOW - timedelta(days=1)) == []


def test_a_further_notice_brings_it_back_too(store: Store, make: Make) -> None:
    """An order on what was forgotten is about a URL that has to be known, and is held, until it is decided."""
    _import(store, "aa", make.report(notice=make.notice()))
    _forget_all(store)
    order = replace(make.notice(), kind=NoticeKind.ORDER, notified_at=NOW, deadline_hours=6)
    _import(store, "bb", make.report(notice=order))
    assert open_url(store, find_record(store, "R1"), actor="jo", reason="asked") == "https://images.example/a"
    assert due_targets(store, NOW - timedelta(days=1)) == []


def test_a_new_target_of_a_forgotten_host_brings_the_host_back(store: Store, make: Make) -> None:
    """The other Targets of that host stay forgotten."""
    _import(store, "aa", make.report())
    _forget_all(store)
    _import(store, "bb", make.report("R2", target=make.target("new"), reported_at=NOW))
    assert _count(store, "SELECT count(*) FROM hosts WHERE forgotten_at IS NOT NULL") == 0
    assert _count(store, "SELECT count(*) FROM targets WHERE forgotten_at IS NOT NULL") == 1


def test_a_report_that_came_in_meanwhile_is_looked_at_once_more(store: Store, make: Make) -> None:
    """What was due when the run began need not be when its batch is written."""
    _import(store, "aa", make.report())
    due = due_targets(store, LATE)
    _import(store, "bb", make.report("R2", reported_at=NOW))
    assert forget_targets(store, due, LATE, NOW).n_targets == 0


def test_a_withheld_path_has_a_host_to_forget(store: Store, make: Make) -> None:
    """Such a Target never had a URL."""
    _import(store, "aa", make.report(target=make.target(withheld=True)))
    gone = forget_targets(store, due_targets(store, LATE), LATE, NOW)
    assert (gone.n_targets, gone.n_hosts) == (1, 1)


# --- holds ----------------------------------------------------------------------------------------------------


def _record(store: Store, record_id: str = "R1") -> int:
    with store.read() as connection:
        return find_records(connection, [("hotline", record_id)])["hotline", record_id]


def test_a_hold_of_a_record_stands_until_it_is_released(store: Store, make: Make) -> None:
    """Who, when and why of both stay on the list and on the audit log."""
    _import(store, "aa", make.report())
    hold = add_hold(store, HoldKind.RECORD, "R1 of hotline", by="jo", why="hearing", until=None, record=_record(store))
    assert set(held(store, now()).records) == {_record(store)}
    released = release_hold(store, hold.hold_id, by="al", why="closed")
    assert set(held(store, now()).records) == set()
    assert list_holds(store) == (released,)
    assert (released.by, released.why, released.released_by, released.released_why) == ("jo", "hearing", "al", "closed")
    assert [entry.action for entry in list_audit(store)][-2:] == ["hold", "hold release"]
    with pytest.raises(RetentionError, match="stands"):
        release_hold(store, hold.hold_id, by="al", why="twice")


def test_a_hold_with_a_last_day_ends_by_itself(store: Store, make: Make) -> None:
    """At that instant, not before."""
    _import(store, "aa", make.report())
    add_hold(store, HoldKind.RECORD, "R1 of hotline", by="jo", why="x", until=NOW, record=_record(store))
    assert held(store, NOW - timedelta(seconds=1)).records == {_record(store)}
    assert held(store, NOW).records == frozenset()


def test_an_open_order_holds_its_record_by_itself(store: Store, make: Make) -> None:
    """Nobody has to think of it; the request beside it is not held."""
    order = make.notice(kind=NoticeKind.ORDER, deadline_hours=12.0)
    _import(store, "aa", make.report(notice=order), make.report("R2", row=2, target=make.target("b")))
    found = held(store, NOW)
    assert found.records == {_record(store)}
    assert found.why == {"orders and objections that are not decided": 1}


def test_a_hold_of_an_order_stands_beside_its_own(store: Store, make: Make) -> None:
    """By the order's number."""
    _import(store, "aa", make.report(notice=make.notice(kind=NoticeKind.ORDER, deadline_hours=12.0)))
    number = _count(store, "SELECT min(id) FROM notices")
    add_hold(store, HoldKind.ORDER, str(number), by="jo", why="objection expected", until=None)
    assert held(store, NOW).why["a person's hold of an order"] == 1

"""Terms of notices, orders and exchanged cases in the store: texts go, and whatever follows from them stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import now
from monitor.forgetting_cases import CasesHeld, shortened
from monitor.handover.exchange_document import canonical
from monitor.handover.pseudonym import key_digest, target_name
from monitor.model.exchange import Address, ExchangeLink, TargetKind
from monitor.model.order import OfficerFinding, OrderDetails, OrderFactKind
from monitor.model.report import Report
from monitor.model.retention import GONE, STAND_IN, HoldKind, shown
from monitor.model.words import InputKind, NoticeKind, NoticeStatus
from monitor.store import Store, add_reports, begin_input, list_orders
from monitor.store.exchange import KeptCase, add_received, add_sent, kept_cases
from monitor.store.exchange_links import find_link, set_link, set_shared_key
from monitor.store.fact_corrections import correct_notice
from monitor.store.facts import load_facts
from monitor.store.forgetting import due_targets, forget_targets, targets_of_records
from monitor.store.forgetting_cases import NO_TARGET, due_cases, forget_cases
from monitor.store.forgetting_messages import due_messages, forget_messages, party_stand_ins
from monitor.store.holds import add_hold
from monitor.store.holds_now import HoldsNow
from monitor.store.order_facts import record_order_fact
from monitor.store.orders import is_open
from monitor.store.records import find_records
from monitor.store.sealing import Sealer
from monitor.store.verifying import verify

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "HL-77/zq7xk9mw"
KEY = bytes(range(32))


def _import(store: Store, name: str, *reports: Report) -> None:
    assert not add_reports(store, begin_input(store, name, InputKind.REPORTS, 1), reports).rejects


def _known(name: str) -> bool:
    return name == "Alpha Hosting"


def _forget(store: Store, kind: NoticeKind = NoticeKind.REQUEST, before: datetime = AT) -> int:
    return forget_messages(store, kind, due_messages(store, kind, before), before, AT, _known)[0]


def _told(store: Store) -> list[tuple[Any, ...]]:
    """What figures are made from, but for how addressees and references are spelt."""
    notices = load_facts(store, cutoff=AT, trusted=lambda _: True).notices
    columns = (notices.notice_id, notices.at, notices.status, notices.kind, notices.deadline_hours)
    return [tuple(map(str, row)) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _record(store: Store, record_id: str = "R1") -> int:
    with store.read() as connection:
        return find_records(connection, [("hotline", record_id)])["hotline", record_id]


def test_a_correction_finds_its_notice_after_both_lost_the_reference(store: Store, make: Any) -> None:
    """So no figure changes; and the stand-in is shown to nobody."""
    _import(store, "aa", make.report(notice=make.notice(reference=SECRET, party="Alpha Hosting")))
    correct_notice(store, "R1", None, SECRET, NoticeStatus.BOUNCED, by="jo", why="they say so")
    before = _told(store)
    assert _forget(store) == 1 and _forget(store) == 0
    assert _told(store) == before and before[0][2] == "bounced"
    assert verify(store, (), lambda _done, _total: None).problems == ()


def test_a_later_statement_of_a_forgotten_message_is_not_a_second_message(store: Store, make: Any) -> None:
    """It brings reference and addressee back, and replaces what was said before."""
    first = make.notice(reference=SECRET, party="Somebody Unknown")
    _import(store, "aa", make.report(notice=first))
    assert _forget(store) == 1
    _import(store, "bb", make.report(row=2, notice=replace(first, status=NoticeStatus.BOUNCED)))
    assert [row[2] for row in _told(store)] == ["bounced"]
    assert due_messages(store, NoticeKind.REQUEST, AT)


def test_the_same_file_again_brings_nothing_back(store: Store, make: Any) -> None:
    """A repeat is known by its blind index."""
    report = make.report(notice=make.notice(reference=SECRET, party="Somebody Unknown"))
    _import(store, "aa", report)
    _forget(store)
    before = _told(store)
    _import(store, "bb", report)
    assert _told(store) == before and due_messages(store, NoticeKind.REQUEST, AT) == []


def test_a_party_that_the_registry_knows_stays_and_any_other_goes(store: Store, make: Any) -> None:
    """The first is a company's name in the register; the other could be anybody's."""
    order = make.notice(kind=NoticeKind.ORDER, deadline_hours=12.0, reference=SECRET)
    _import(
        store,
        "aa",
        make.report(notice=replace(order, party="Alpha Hosting")),
        make.report("R2", row=2, target=make.target("b"), notice=replace(order, party="J. Somebody")),
    )
    assert _forget(store, NoticeKind.ORDER) == 2
    known, other = list_orders(store)
    assert known.party == "Alpha Hosting"
    assert other.party is not None and other.party.startswith(STAND_IN) and "Somebody" not in other.party
    assert shown(other.party) == shown(other.reference) == shown(known.reference) == GONE


@given(st.sets(st.text(st.characters(min_codepoint=32, max_codepoint=0x17F), min_size=1), max_size=6), st.data())
def test_stand_ins_sort_as_the_names_of_one_record_did(names: set[str], data: Any) -> None:
    """Rules break ties by that order, so a forgotten name decides as it did."""
    known = data.draw(st.sets(st.sampled_from(sorted(names)))) if names else set()
    made = party_stand_ins(Sealer("00" * 4, bytes(32), bytes(32)), names, known.__contains__)
    assert sorted(made, key=made.__getitem__) == sorted(names)
    assert len(set(made.values())) == len(names)


def test_an_order_stands_as_it_stood_when_what_people_wrote_is_gone(store: Store, make: Any) -> None:
    """Kind, times, finding and deadline stay; reason, document and officer go."""
    _import(store, "aa", make.report(notice=make.notice(kind=NoticeKind.ORDER, deadline_hours=12.0)))
    (order,) = list_orders(store)
    said = OrderDetails(document=SECRET, finding=OfficerFinding.REMOVED, officer="P. Officer")
    record_order_fact(store, order.order_id, OrderFactKind.CONFIRMED, make.at(9), said, by="jo", why="seen by eye")
    before = list_orders(store)[0].facts[0]
    assert due_messages(store, NoticeKind.ORDER, before.recorded_at) == []
    assert _forget(store, NoticeKind.ORDER, now() + timedelta(seconds=1)) == 1
    (after,) = list_orders(store)[0].facts
    assert (after.why, after.details.document, after.details.officer) == (GONE, GONE, GONE)
    assert replace(after, why=before.why, details=before.details) == before
    assert after.details.finding is OfficerFinding.REMOVED and not is_open(list_orders(store)[0])


def test_a_hold_that_is_placed_after_the_run_began_stops_what_is_not_gone_yet(store: Store, make: Any) -> None:
    """It is asked for in the transaction that removes."""
    _import(store, "aa", make.report(), make.report("R2", row=2, target=make.target("b")))
    holds, due = HoldsNow(store, now()), due_targets(store, AT)

    def kept(connection: Any) -> set[int]:
        return targets_of_records(connection, holds.held(connection).records)

    with store.read() as connection:
        assert not kept(connection)
    add_hold(store, HoldKind.RECORD, "R1 of hotline", by="jo", why="hearing", until=None, record=_record(store))
    gone = forget_targets(store, due, AT, AT, kept)
    assert (gone.n_targets, gone.n_held) == (1, 1)


# --- exchanged cases ------------------------------------------------------------------------------------------


@pytest.fixture
def link(store: Store) -> ExchangeLink:
    set_link(store, "atkm", "ed25519:first", None, replace=False, by="jo", reason="x")
    set_shared_key(store, find_link(store, "atkm"), KEY, key_digest(KEY), replace=False, by="jo", how="x")
    return find_link(store, "atkm")


def _case(name: str, target: str, record: tuple[str, str] | None = None) -> KeptCase:
    case = {"case": name, "target": target, "notices": [{"party": SECRET}], "orders": [], "note": SECRET}
    return KeptCase(name, target, False, canonical({"case": case, "record": record}), None, record)


def _exchanged(store: Store, link: ExchangeLink) -> None:
    """About R1, which we hold, and about something else; received and sent."""
    held = target_name(KEY, TargetKind.URL, "https://images.example/a")
    head = Address("", "", 1, AT, key_digest(KEY))
    add_received(store, link, head, "first", [_case("1" * 64, held), _case("2" * 64, "b" * 64)], by="jo")
    sent = [_case("3" * 64, held, ("hotline", "R1")), _case("4" * 64, "b" * 64, ("hotline", "R2"))]
    add_sent(store, link, head, "second", sent, by="jo", reason="x")


def test_what_was_exchanged_about_a_held_record_stays_and_the_rest_goes(
    store: Store, link: ExchangeLink, make: Any
) -> None:
    """Received cases are compared under the shared key, sent ones know our record."""
    _import(store, "aa", make.report(), make.report("R2", row=2, target=make.target("b")))
    add_hold(store, HoldKind.RECORD, "R1 of hotline", by="jo", why="hearing", until=None, record=_record(store))
    _exchanged(store, link)
    due = due_cases(store, now() + timedelta(seconds=1), urls=False)
    kept = CasesHeld(store, HoldsNow(store, now())).among(due)
    assert forget_cases(store, due, AT, shortened, kept) == (2, 2)
    left = {case.name[0]: case for _, case in kept_cases(store)}
    assert [name for name, case in left.items() if case.forgotten_at is None] == ["1", "3"]
    assert left["2"].target == left["4"].target == NO_TARGET
    assert SECRET.encode() not in left["2"].details + left["4"].details
    again = due_cases(store, now() + timedelta(seconds=1), urls=False)
    assert forget_cases(store, again, AT, shortened, kept) == (0, 2)


def test_a_document_that_comes_once_more_is_known_after_its_cases_were_forgotten(
    store: Store, link: ExchangeLink, make: Any
) -> None:
    """Nothing of it comes back."""
    head = Address("", "", 1, AT, key_digest(KEY))
    assert add_received(store, link, head, "first", [_case("1" * 64, "a" * 64)], by="jo")
    forget_cases(store, due_cases(store, now() + timedelta(seconds=1), urls=False), AT, shortened)
    assert not add_received(store, link, head, "first", [_case("1" * 64, "a" * 64)], by="jo")
    ((_, case),) = kept_cases(store)
    assert case.forgotten_at == AT and case.target == NO_TARGET

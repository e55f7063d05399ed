"""Orders in the store: one message is one order, what was recorded holds in the facts, and nothing is overwritten."""

from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from monitor.errors import OrderError
from monitor.model.order import ObjectionDecision, OfficerFinding, OrderDetails, OrderFactKind
from monitor.model.report import Report
from monitor.model.words import Capacity, InputKind, NoticeKind, NoticeStatus
from monitor.store import (
    Store,
    add_reports,
    begin_input,
    correct_notice,
    find_order,
    list_audit,
    list_orders,
    load_facts,
    open_orders,
    record_order_fact,
    undo_order_fact,
)

Make = Any  # conftest's Maker
SAID = {"by": "Clerk", "why": "the letter says so"}
NONE = OrderDetails()
KIND = OrderFactKind


def _add(store: Store, *reports: Report) -> None:
    assert not add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), list(reports)).rejects


def _order(make: Make, record: str = "R1", hours: float = 3, **said: Any) -> Report:
    said = {"kind": NoticeKind.ORDER, "deadline_hours": 6.0, "reference": "B-1"} | said
    return make.report(record, notice=make.notice(hours, **said))


def _deadlines(store: Store, make: Make, *, every_order: bool = False) -> list[float | None]:
    """The deadline of each notice that counts."""
    facts = load_facts(store, cutoff=make.at(10_000), trusted=lambda source: True, every_order=every_order)
    return [None if np.isnan(hours) else hours for hours in facts.notices.deadline_hours.tolist()]


def test_what_is_said_again_of_one_message_is_one_order(store: Store, make: Make) -> None:
    """A later export with a status and an addressee: the number stays, and what it says holds."""
    _add(store, _order(make))
    first = list_orders(store)[0].order_id
    _add(store, _order(make, status=NoticeStatus.BOUNCED, party="Alpha", capacity=Capacity.HOSTING))
    (found,) = list_orders(store)
    assert (found.order_id, found.status, found.party) == (first, NoticeStatus.BOUNCED, "Alpha")
    assert len(found.notice_ids) == 2
    assert all(find_order(store, key).order_id == first for key in found.notice_ids)


def test_one_message_to_two_parties_is_two_orders(store: Store, make: Make) -> None:
    _add(store, _order(make, party="Alpha"), _order(make, party="Beta"))
    assert sorted(str(each.party) for each in list_orders(store)) == ["Alpha", "Beta"]


def test_requests_are_no_orders(store: Store, make: Make) -> None:
    _add(store, make.report("R1", notice=make.notice(3)))
    assert list_orders(store) == ()
    with pytest.raises(OrderError, match="There is no order 1"):
        find_order(store, 1)


def test_a_withdrawn_order_leaves_the_facts_with_every_statement_of_it_and_comes_back(store: Store, make: Make) -> None:
    """Also a statement that is imported after the withdrawal; undone, both count as they did before."""
    _add(store, _order(make), make.report("R2", notice=make.notice(4)))
    order = list_orders(store)[0].order_id
    made = record_order_fact(store, order, KIND.WITHDRAWN, make.at(5), NONE, **SAID)
    _add(store, _order(make, channel=None, sender="authority"))
    assert _deadlines(store, make) == [None]
    assert sorted(filter(None, _deadlines(store, make, every_order=True))) == [6.0, 6.0]
    undo_order_fact(store, made.fact_id, by="Chief", why="it was another one")
    assert sorted(filter(None, _deadlines(store, make))) == [6.0, 6.0]


def test_a_suspended_order_counts_again_when_it_is_lifted_with_the_deadline_that_is_known_then(
    store: Store, make: Make
) -> None:
    _add(store, _order(make))
    order = list_orders(store)[0].order_id
    record_order_fact(store, order, KIND.SUSPENDED, make.at(4), NONE, **SAID)
    assert _deadlines(store, make) == []
    lifted = record_order_fact(store, order, KIND.RESUMED, make.at(8), NONE, **SAID)
    assert _deadlines(store, make) == [None]
    undo_order_fact(store, lifted.fact_id, **SAID)
    record_order_fact(store, order, KIND.RESUMED, make.at(8), OrderDetails(deadline_at=make.at(12)), **SAID)
    assert _deadlines(store, make) == [9.0]


def test_a_deadline_that_the_import_lacked_holds_once_it_is_recorded(store: Store, make: Make) -> None:
    _add(store, _order(make, deadline_hours=None))
    order = list_orders(store)[0].order_id
    assert _deadlines(store, make) == [None]
    record_order_fact(store, order, KIND.DEADLINE, make.at(3), OrderDetails(deadline_hours=2.0), **SAID)
    assert _deadlines(store, make) == [2.0]


def test_a_corrected_time_is_that_of_the_order_too(store: Store, make: Make) -> None:
    _add(store, _order(make))
    correct_notice(store, "R1", None, None, make.at(7), by="Clerk", why="the clock was off")
    (found,) = list_orders(store)
    assert (found.served_at, found.stated_at, found.why_corrected) == (make.at(7), make.at(3), "the clock was off")


def test_open_orders_are_those_that_nobody_settled_or_that_have_an_objection(store: Store, make: Make) -> None:
    """Withdrawn, found removed and never delivered ones are closed; an undecided objection opens any again."""
    names = ("open", "withdrawn", "removed", "bounced", "objected")
    rows = {name: {"status": NoticeStatus.BOUNCED} if name == "bounced" else {} for name in names}
    _add(store, *(_order(make, name, **said) for name, said in rows.items()))
    orders = {each.record_id: each for each in list_orders(store)}
    for name in ("withdrawn", "objected"):
        record_order_fact(store, orders[name].order_id, KIND.WITHDRAWN, make.at(5), NONE, **SAID)
    removed = OrderDetails(finding=OfficerFinding.REMOVED, officer="officer 3")
    record_order_fact(store, orders["removed"].order_id, KIND.CONFIRMED, make.at(5), removed, **SAID)
    record_order_fact(store, orders["objected"].order_id, KIND.OBJECTION, make.at(6), NONE, **SAID)
    assert open_orders(store) == {orders[n].order_id: orders[n].record_key for n in ("open", "objected")}
    decided = OrderDetails(decision=ObjectionDecision.DISMISSED)
    record_order_fact(store, orders["objected"].order_id, KIND.DECIDED, make.at(7), decided, **SAID)
    assert set(open_orders(store)) == {orders["open"].order_id}


def test_a_decision_closes_the_objection_before_it_and_no_later_one(store: Store, make: Make) -> None:
    """It cannot lie before its objection; and one whose objection was undone answers nothing."""
    _add(store, _order(make))
    order = list_orders(store)[0].order_id
    decided = OrderDetails(decision=ObjectionDecision.DISMISSED)
    first = record_order_fact(store, order, KIND.OBJECTION, make.at(6), NONE, **SAID)
    with pytest.raises(OrderError, match="before its objection"):
        record_order_fact(store, order, KIND.DECIDED, make.at(5), decided, **SAID)
    record_order_fact(store, order, KIND.DECIDED, make.at(7), decided, **SAID)
    undo_order_fact(store, first.fact_id, by="Chief", why="another order")
    record_order_fact(store, order, KIND.OBJECTION, make.at(8), NONE, **SAID)
    assert list_orders(store)[0].objection_open


def test_every_entry_stays_and_is_on_the_audit_log_without_what_is_sealed(store: Store, make: Make) -> None:
    """An undone fact keeps what it said; officer, document and reason are not readable in the table."""
    _add(store, _order(make))
    order = list_orders(store)[0].order_id
    said = OrderDetails(document="zq8document", finding=OfficerFinding.STILL_THERE, officer="zq8officer")
    made = record_order_fact(store, order, KIND.CONFIRMED, make.at(5), said, by="Clerk", why="zq8why")
    undo_order_fact(store, made.fact_id, by="Chief", why="zq8again")
    (fact,) = list_orders(store)[0].facts
    assert (fact.details, fact.undone) == (said, True)
    assert fact.undoing is not None
    assert (fact.undoing.by, fact.undoing.why) == ("Chief", "zq8again")
    with store.read() as connection:
        rows = connection.execute(text("SELECT * FROM order_facts")).all()
    assert len(rows) == 2
    assert not any(b"zq8" in (value if isinstance(value, bytes) else str(value).encode()) for r in rows for value in r)
    log = [(entry.actor, entry.action, entry.subject) for entry in list_audit(store, 2)]
    assert log == [
        ("Clerk", "orders", f"order {order}, fact {made.fact_id}: confirmed"),
        ("Chief", "orders undo", f"fact {made.fact_id}: confirmed"),
    ]
    assert "zq8officer" not in repr(list_audit(store, 10))

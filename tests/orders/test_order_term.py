"""The term of an order: what suspending, lifting and undoing make of its deadline."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.model.order import Order, OrderDetails, OrderFact, OrderFactKind, OrderState
from monitor.model.order_term import counted_hours, term_of
from monitor.model.words import Capacity, NoticeStatus

SERVED = datetime(2026, 3, 10, 12, tzinfo=UTC)
KIND = OrderFactKind


def at(hours: float) -> datetime:
    return SERVED + timedelta(hours=hours)


def order(*facts: tuple[OrderFactKind, float, OrderDetails], hours: float | None = 6.0) -> Order:
    made = [OrderFact(n, 1, kind, at(when), "x", "y", at(900), said) for n, (kind, when, said) in enumerate(facts, 1)]
    return Order(
        1, (1,), 1, "hotline", "R1", 1, SERVED, SERVED, NoticeStatus.SENT, Capacity.HOSTING, None, None, None, None,
        hours, "aa", 1, tuple(made),
    )  # fmt: skip


NONE = OrderDetails()


def test_without_facts_the_deadline_is_the_stated_one() -> None:
    term = term_of(order())
    assert (term.state, term.deadline_at) == (OrderState.IN_FORCE, at(6))


def test_an_unknown_deadline_has_no_earliest_instant_and_allows_twelve_hours_at_most() -> None:
    term = term_of(order(hours=None))
    assert (term.earliest_at, term.latest_at, term.deadline_at) == (None, at(12), None)
    assert counted_hours(order(hours=None)) is None


def test_a_later_fact_states_the_deadline_that_the_notice_lacked() -> None:
    assert counted_hours(order((KIND.DEADLINE, 1, OrderDetails(deadline_hours=2.0)), hours=None)) == 2.0


def test_a_lifted_suspension_leaves_the_deadline_between_the_first_and_the_latest_reading() -> None:
    """Not extended: 6 h; extended by its length: 6 + 3; the whole time anew: 4 + 6."""
    term = term_of(order((KIND.SUSPENDED, 1, NONE), (KIND.RESUMED, 4, NONE)))
    assert (term.state, term.earliest_at, term.latest_at) == (OrderState.IN_FORCE, at(6), at(10))


def test_a_stated_new_deadline_holds_instead() -> None:
    made = order((KIND.SUSPENDED, 1, NONE), (KIND.RESUMED, 4, OrderDetails(deadline_at=at(9))))
    assert (term_of(made).deadline_at, counted_hours(made)) == (at(9), 9.0)


def test_a_suspension_after_the_deadline_changes_nothing_once_it_is_lifted() -> None:
    made = order((KIND.SUSPENDED, 20, NONE), (KIND.RESUMED, 40, NONE))
    assert (term_of(made).state, term_of(made).deadline_at) == (OrderState.IN_FORCE, at(6))


def test_a_withdrawn_order_stays_withdrawn_until_that_is_undone() -> None:
    made = order((KIND.SUSPENDED, 1, NONE), (KIND.WITHDRAWN, 2, NONE), (KIND.RESUMED, 3, NONE))
    assert term_of(made).state is OrderState.WITHDRAWN
    undone = replace(made, facts=tuple(replace(fact, undone=fact.kind is KIND.WITHDRAWN) for fact in made.facts))
    assert term_of(undone).state is OrderState.IN_FORCE


kinds = st.sampled_from([KIND.SUSPENDED, KIND.RESUMED, KIND.OBJECTION, KIND.CONFIRMED, KIND.CLAIMED])


@given(st.lists(st.tuples(kinds, st.integers(0, 60), st.just(NONE)), max_size=8))
def test_no_fact_without_a_new_deadline_ever_takes_time_away(
    facts: list[tuple[OrderFactKind, float, OrderDetails]],
) -> None:
    term = term_of(order(*facts))
    assert term.earliest_at == at(6)
    assert term.latest_at >= at(6)

"""The rules of orders: which results there are, in which order they are given, and what never changes one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.order import OrderResult, OrderState, OrderTerm
from monitor.model.words import End
from monitor.survival.order_rules import RULES, OrderCase, judge

SERVED = datetime(2026, 3, 10, 12, tzinfo=UTC)


def at(hours: float) -> datetime:
    return SERVED + timedelta(hours=hours)


TERM = OrderTerm(OrderState.IN_FORCE, at(6), at(6))
CASE = OrderCase(moment=at(500), served_at=SERVED, told=True, term=TERM)

hours = st.integers(1, 400).map(lambda n: n / 4)
terms = st.builds(
    lambda state, earliest, more, known: OrderTerm(state, at(earliest) if known else None, at(earliest + more)),
    st.sampled_from(OrderState),
    hours,
    st.sampled_from((0.0, 2.0, 8.0)),
    st.booleans(),
)


@st.composite
def cases(draw: st.DrawFn) -> OrderCase:
    """Every case that readings can give: the end is never before the last ONLINE."""
    last, more = draw(st.none() | hours), draw(hours)
    end = draw(st.sampled_from(End))
    ended = end is not End.CENSORED
    return OrderCase(
        moment=at(draw(hours)),
        served_at=SERVED,
        told=draw(st.booleans()),
        term=draw(terms),
        end=end,
        last_online_at=None if last is None else at(last),
        end_at=at((last or 0) + more) if ended else None,
        gone_before=ended and last is None and draw(st.booleans()),
        closed=draw(st.booleans()),
        offline_unconfirmed=not ended and draw(st.booleans()),
    )


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        (replace(CASE, term=replace(TERM, state=OrderState.WITHDRAWN), told=False), "withdrawn-1"),
        (replace(CASE, term=replace(TERM, state=OrderState.SUSPENDED)), "suspended-1"),
        (replace(CASE, told=False), "not-told-1"),
        (replace(CASE, end=End.TAKEDOWN, end_at=at(-1), gone_before=True), "gone-before-1"),
        (replace(CASE, end=End.TAKEDOWN, end_at=at(5)), "gap-1"),
        (replace(CASE, end=End.TAKEDOWN, last_online_at=at(1), end_at=at(6)), "complied-1"),
        (replace(CASE, end=End.DOMAIN, last_online_at=at(1), end_at=at(5)), "complied-1"),
        (replace(CASE, end=End.TAKEDOWN, last_online_at=at(6), end_at=at(7)), "late-1"),
        (replace(CASE, end=End.TAKEDOWN, last_online_at=at(5), end_at=at(7)), "deadline-between-1"),
        (replace(CASE, moment=at(5), last_online_at=at(4)), "running-1"),
        (replace(CASE, end=End.MOVE, last_online_at=at(7), end_at=at(9)), "moved-late-1"),
        (replace(CASE, end=End.MOVE, last_online_at=at(3), end_at=at(9)), "moved-1"),
        (replace(CASE, last_online_at=at(7), closed=True), "claimed-after-1"),
        (replace(CASE, last_online_at=at(5), closed=True), "claimed-1"),
        (replace(CASE, last_online_at=at(7), offline_unconfirmed=True), "unconfirmed-after-1"),
        (replace(CASE, last_online_at=at(5), offline_unconfirmed=True), "unconfirmed-1"),
        (replace(CASE, last_online_at=at(7)), "still-online-1"),
        (replace(CASE, last_online_at=at(5)), "not-seen-1"),
        (replace(CASE, end=End.TAKEDOWN, last_online_at=at(1), end_at=at(5),
                 term=OrderTerm(OrderState.IN_FORCE, None, at(12))), "deadline-between-1"),
    ],
)  # fmt: skip
def test_each_rule_decides_the_case_that_it_is_for(case: OrderCase, rule: str) -> None:
    assert judge(case).rule == rule


def test_rules_have_ids_of_their_own_and_the_last_one_always_holds() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.reason.endswith(".") and rule.reden.endswith(".") for rule in RULES)
    assert RULES[-1].holds(CASE)


@given(cases())
def test_a_reason_says_seen_online_after_the_deadline_only_where_it_was(case: OrderCase) -> None:
    if "online after the deadline" in judge(case).reason:
        assert case.online_after


@given(cases())
def test_late_and_still_online_are_said_only_of_what_was_seen_online_after_every_deadline(case: OrderCase) -> None:
    """What is doubtful is held against nobody."""
    if judge(case).result in (OrderResult.LATE, OrderResult.STILL_ONLINE):
        assert case.told
        assert case.term.state is OrderState.IN_FORCE
        assert case.last_online_at is not None
        assert case.last_online_at >= case.term.latest_at


@given(cases())
def test_complied_is_said_only_of_a_confirmed_end_before_every_deadline(case: OrderCase) -> None:
    if judge(case).result is OrderResult.COMPLIED:
        assert case.term.earliest_at is not None
        assert case.end_at is not None
        assert SERVED < case.end_at <= case.term.earliest_at


@given(cases())
def test_more_time_never_makes_a_result_worse(case: OrderCase) -> None:
    """With a later deadline nothing that was complied with becomes late or still online."""
    longer = replace(
        case, term=OrderTerm(case.term.state, case.term.earliest_at, case.term.latest_at + timedelta(days=1))
    )
    if judge(longer).result in (OrderResult.LATE, OrderResult.STILL_ONLINE):
        assert judge(case).result in (OrderResult.LATE, OrderResult.STILL_ONLINE)


@given(cases())
def test_no_deadline_that_is_running_is_called_missed(case: OrderCase) -> None:
    if case.moment < case.term.latest_at and case.end_at is None and case.told:
        assert judge(case).result in (OrderResult.RUNNING, OrderResult.SUSPENDED, OrderResult.WITHDRAWN)

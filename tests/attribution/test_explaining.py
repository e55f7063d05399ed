"""The words, rules and verdict of an explanation: every word has its clause, every rule its condition."""

from enum import Enum
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.attribution import explain_words
from monitor.attribution.explain_addresses import _prefix, _spans_little
from monitor.attribution.explain_course import _within
from monitor.attribution.explain_rules import OF_RANKINGS, applied_rules, check_rules
from monitor.model.explanation import CheckStory
from monitor.model.method import Method, Thresholds
from monitor.model.report import Address
from monitor.model.words import AddresseeMatch, AttributionBasis, Doubt, End, NoticeStatus, Unattributed
from monitor.rules import RULES
from monitor.survival import bounds

NAN = float("nan")


@pytest.mark.parametrize(
    ("clauses", "words"),
    [
        (explain_words.BASES, AttributionBasis),
        (explain_words.DOUBTS, Doubt),
        (explain_words.REASONS, Unattributed),
        (explain_words.MATCHES, AddresseeMatch),
    ],
)
def test_every_word_has_a_clause_of_its_own(clauses: dict[str, str], words: type[Enum]) -> None:
    """A new basis, doubt, reason or match cannot go unexplained, and no two are told alike."""
    assert set(clauses) == {word.value for word in words}
    assert len(set(clauses.values())) == len(clauses)


def test_every_status_that_starts_no_clock_is_told() -> None:
    """The notices that told nobody say why."""
    assert set(explain_words.RETURNED) == {status.value for status in NoticeStatus if not status.starts_clock}


def _applied(rules: tuple[tuple[str, str], ...]) -> list[str]:
    method = Method("m", rules, ())
    return [rule for rule, _ in applied_rules(method, (), (), (), ())]


def test_a_record_about_which_nothing_is_known_has_one_rule() -> None:
    """Without notices, checks and rows only the rule on which reports count was applied; each has its condition."""
    assert _applied(RULES) == ["reports-1"]


def test_a_rule_that_is_not_known_is_shown_and_one_about_rankings_is_not() -> None:
    """An id without a condition is never hidden; a new number of a known id keeps its condition."""
    rules = (("reports-9", "a"), ("weather-1", "b"), ("gone-7", "c"), *((f"{stem}-4", "d") for stem in OF_RANKINGS))
    assert _applied(rules) == ["reports-9", "weather-1"]


def test_the_rules_that_read_checks_state_the_thresholds_in_force() -> None:
    """Changed thresholds are in the sentence."""
    said = dict(check_rules(Thresholds(confirm_readings=5, confirm_minutes=45)))
    assert "5 of them over at least 45 minutes" in said["recorded-untrusted-1"]


HOURS = st.sampled_from([0.0, 0.5, 1.0, 6.0, 11.0, 12.0, 13.0, 24.0, 30.0])


@settings(derandomize=True, max_examples=400)
@given(
    end=st.sampled_from([end.value for end in End]),
    hours=st.tuples(HOURS, HOURS),
    gap=st.booleans(),
    clock=st.sampled_from(["request", "order"]),
    deadline=st.sampled_from([NAN, 1.0, 6.0, 12.0]),
)
def test_the_verdict_is_that_of_the_bounds(
    end: str, hours: tuple[float, float], gap: bool, clock: str, deadline: float
) -> None:
    """Yes, cannot be said and no are: in the worst case too, in the best case alone, in neither."""
    left, right = min(hours), max(hours) if end != "censored" else np.inf
    rows = SimpleNamespace(
        status=np.array(["episode"], object),
        clock=np.array([clock], object),
        end=np.array([end], object),
        left_hours=np.array([left]),
        right_hours=np.array([right]),
        gap_at_notice=np.array([gap]),
        deadline_hours=np.array([deadline]),
    )
    case = bounds.bounds_of_norm(bounds.intervals(rows), 24.0)  # type: ignore[arg-type]  # the columns it reads
    limit = 24.0 if clock == "request" else (None if np.isnan(deadline) else deadline)
    wanted = "yes" if case.worst[0] else "cannot be said" if case.best[0] else "no"
    assert _within(rows, 0, limit) == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("packed", "length", "hidden", "revealed"),
    [
        (b"\xc0\x00\x02\x07", 24, "192.0.2.0/24", "192.0.2.0/24"),
        (b"\xc0\x00\x02\x07", 25, None, "192.0.2.0/25"),
        (bytes.fromhex("20010db8000b") + bytes(10), 48, "2001:db8:b::/48", "2001:db8:b::/48"),
        (bytes.fromhex("20010db8000b") + bytes(10), 49, None, "2001:db8:b::/49"),
        (b"\xc0\x00\x02\x07", -1, None, None),
    ],
)
def test_a_narrow_prefix_is_shown_only_when_revealed(
    packed: bytes, length: int, hidden: str | None, revealed: str | None
) -> None:
    """From 25 bits on (IPv6: 49) a prefix names the address nearly."""
    assert _prefix(Address(packed), length, reveal=False) == hidden
    assert _prefix(Address(packed), length, reveal=True) == revealed


def test_a_registered_range_is_as_narrow_as_the_prefix_that_holds_it() -> None:
    """192.0.2.0 to 192.0.2.127 is told like a /25; one more address makes it a /24."""
    first = Address(b"\xc0\x00\x02\x00")
    assert _spans_little(first, Address(b"\xc0\x00\x02\x7f"))
    assert not _spans_little(first, Address(b"\xc0\x00\x02\x80"))


OWN_RULES = {"observe-1", "reading-1", "canary-1", "schedule-1"}


@pytest.mark.parametrize(
    ("rule", "cause", "shown"),
    [
        ("recorded-trusted-1", "content", set()),
        ("bracket-1", "host", set()),
        ("gone-410-1", "content", OWN_RULES),
        ("silent-1", "host", OWN_RULES | {"neighbours-1"}),
    ],
)
def test_the_rules_about_our_own_checks_are_shown_where_one_was_read(rule: str, cause: str, shown: set[str]) -> None:
    """A recorded check brings none of them; silence and a lost name bring the hours that they take."""
    check = CheckStory("2026-03-02T12:00:00Z", None, "offline", cause, None, rule, True, None, None)
    said = applied_rules(Method("m", RULES, ()), (), (), (check,), (), (("gone-410-1", "The server says gone."),))
    ids = {name for name, _ in said}
    assert ids & (OWN_RULES | {"neighbours-1"}) == shown
    assert ("gone-410-1" in ids) == (rule == "gone-410-1")
    assert "confirm-2" in ids

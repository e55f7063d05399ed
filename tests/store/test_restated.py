"""Several statements about one Notice: which ones count, whatever the order in which they came in."""

from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.model.words import Capacity, NoticeStatus
from monitor.store.restated import restated

Statement = tuple[str, str | None, str]  # status, party, capacity

STATEMENTS = st.lists(
    st.tuples(
        st.sampled_from([status.value for status in NoticeStatus]),
        st.sampled_from([None, "Example One", "Example Two"]),
        st.sampled_from([Capacity.UNKNOWN.value, Capacity.HOSTING.value, Capacity.REGISTRAR.value]),
    ),
    min_size=1,
    max_size=6,
)
MESSAGE, OTHER = ("R1", "request", 5, None), ("R2", "request", 5, None)


def _standing(said: Sequence[Statement], messages: Sequence[tuple[object, ...]] | None = None) -> list[Statement]:
    """The statements that are not replaced, in order."""
    messages = messages or [MESSAGE] * len(said)
    status, party, capacity = ([one[i] for one in said] for i in range(3))
    gone = restated(messages, [b"N-1"] * len(said), status, party, capacity)  # type: ignore[arg-type]
    return [one for one, replaced in zip(said, gone.tolist(), strict=True) if not replaced]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(STATEMENTS, st.data())
@example([("sent", None, "hosting"), ("sent", "Example One", "unknown")], None)
@example([("sent", "Example One", "hosting"), ("bounced", None, "unknown"), ("refused", None, "unknown")], None)
def test_what_stands_does_not_depend_on_the_order_of_import(said: list[Statement], data: st.DataObject | None) -> None:
    """Contradictory statements included: the choice is made by their words."""
    shuffled = said[::-1] if data is None else data.draw(st.permutations(said))
    assert sorted(map(str, _standing(shuffled))) == sorted(map(str, _standing(said)))


@settings(derandomize=True, max_examples=300, deadline=None)
@given(STATEMENTS)
def test_something_of_a_message_always_stands(said: list[Statement]) -> None:
    """Of statements that are each the fullest in one respect one stays; what stands is not replaced again."""
    standing = _standing(said)
    assert standing
    assert _standing(standing) == standing


@settings(derandomize=True, max_examples=300, deadline=None)
@given(STATEMENTS)
def test_a_message_that_told_nobody_tells_nobody(said: list[Statement]) -> None:
    """To one party: once a statement says bounced, none that says sent stands."""
    one = [(status, None if party is None else "Example One", capacity) for status, party, capacity in said]
    untold = [one for one in one if not NoticeStatus(one[0]).starts_clock]
    assert all(not NoticeStatus(status).starts_clock for status, _, _ in _standing(one)) or not untold


@settings(derandomize=True, max_examples=100, deadline=None)
@given(STATEMENTS, STATEMENTS)
def test_messages_are_judged_one_by_one(said: list[Statement], other: list[Statement]) -> None:
    """Another record's statements change nothing."""
    messages = [MESSAGE] * len(said) + [OTHER] * len(other)
    assert _standing([*said, *other], messages) == _standing(said) + _standing(other)


def test_a_contradiction_is_held_against_nobody() -> None:
    """Bounced without a name and sent to a named party: it bounced."""
    assert _standing([("sent", "Example One", "hosting"), ("bounced", None, "unknown")]) == [
        ("bounced", None, "unknown")
    ]

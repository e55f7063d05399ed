"""Who is written to, and what stands against a Letter."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import Letters
from monitor.correspondence.criteria import Rebooked, chosen, criteria, missing_settings, refused, unknown_classes
from monitor.model.letter import Letter, LetterEvent, LetterStep, Told
from monitor.model.provider import LegalIdentity, Provider
from monitor.model.scorecard import Minimums
from monitor.model.words import Capacity
from tests.correspondence.letter_samples import CARD, SENDER

IDENTITY = LegalIdentity("Voorbeeldhosting B.V.", "00000000", "Weg 1", "NL", "register", None, (Capacity.HOSTING,))
KNOWN = Provider("as64499", "Voorbeeldhosting", country="NL", natural_person=False, identity=IDENTITY)
SAME = Rebooked(120, 0, 0)
TOLD = Told("ab" * 32, "below", 1, 1, 0.5, 0.4, 0.6, 0.5, 0.5, None)
MOMENT = datetime(2026, 9, 1, 12, tzinfo=UTC)


def _letter(*steps: LetterStep) -> Letter:
    days = (date(2026, 9, 1), date(2026, 9, 29))
    events = tuple(LetterEvent(step, MOMENT, "Jo", MOMENT) for step in steps)
    return Letter(1, "VB-1", "as64499", "Voorbeeldhosting B.V.", "2026H1", *days, 28, "allen", TOLD, events)


def _why(provider: Provider = KNOWN, letters: tuple[Letter, ...] = (), rebooked: Rebooked = SAME, **more: bool) -> str:
    found = refused(CARD, provider, letters, rebooked, **more)
    return "" if found is None else found.why


def test_nothing_stands_against_a_letter_to_a_known_hosting_company() -> None:
    """It hosts, its identity is known, it is no natural person, nothing was booked otherwise since."""
    assert refused(CARD, KNOWN, (), SAME) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"natural_person": True}, "natural person, who is never named"),
        ({"natural_person": None}, "nobody has said whether it is a natural person"),
        ({"country": None, "identity": replace(IDENTITY, country=None)}, "not known: country of establishment"),
        ({"identity": replace(IDENTITY, legal_name=None)}, "not known: legal name"),
        ({"identity": replace(IDENTITY, register_number="")}, "not known: register number"),
        ({"identity": replace(IDENTITY, postal_address=None)}, "not known: postal address"),
        ({"identity": replace(IDENTITY, capacities=())}, "nobody has confirmed that it offers the hosting"),
        ({"identity": replace(IDENTITY, capacities=(Capacity.ACCESS,))}, "nobody has confirmed"),
        ({"identity": replace(IDENTITY, capacities=(Capacity.PROXY,))}, "it is a reverse proxy"),
    ],
)
def test_each_thing_that_is_not_known_refuses_the_letter(changed: dict[str, object], why: str) -> None:
    """With the reason, and with what a person can do."""
    found = refused(CARD, replace(KNOWN, **changed), (), SAME)  # type: ignore[arg-type]  # a table of fields
    assert found is not None and why in found.why and found.hint


def test_a_reverse_proxy_that_somebody_confirmed_to_host_as_well_is_written_to() -> None:
    """As a proxy it is not; of its hosting it is told."""
    nobody = replace(KNOWN, identity=replace(IDENTITY, capacities=()))
    assert "reverse proxy" in _why(nobody, is_proxy=True)
    assert _why(KNOWN, is_proxy=True) == ""


@pytest.mark.parametrize(
    ("rebooked", "why"),
    [
        (Rebooked(120, 3, 0), "3 of its 120 Episodes are booked elsewhere"),
        (Rebooked(120, 0, 2), "2 others are booked on it now"),
        (Rebooked(120, 0, 0, 1), "1 of its 120 Episodes begin at another time now"),
    ],
)
def test_a_dataset_that_would_be_another_today_refuses_the_letter(rebooked: Rebooked, why: str) -> None:
    """Episodes that left, that arrived, and whose notice was put right; --again does not help."""
    assert why in _why(rebooked=rebooked)
    assert why in _why(rebooked=rebooked, again=True)


@pytest.mark.parametrize("last", [step for step in LetterStep if step is not LetterStep.WITHDRAWN])
def test_a_letter_that_is_there_refuses_another_one_unless_asked_for(last: LetterStep) -> None:
    """At whatever step it stands; one that was withdrawn does not count."""
    assert "letter VB-1 about this period is there already" in _why(letters=(_letter(LetterStep.DRAFTED, last),))
    assert _why(letters=(_letter(LetterStep.DRAFTED, last),), again=True) == ""
    assert _why(letters=(_letter(LetterStep.DRAFTED, LetterStep.WITHDRAWN),)) == ""


TEXTS = st.sampled_from([None, "", "x"])
PROVIDERS = st.builds(
    Provider,
    provider_id=st.just("as64499"),
    name=st.just("Voorbeeldhosting"),
    country=TEXTS,
    natural_person=st.sampled_from([None, True, False]),
    identity=st.builds(
        LegalIdentity,
        legal_name=TEXTS,
        register_number=TEXTS,
        postal_address=TEXTS,
        country=TEXTS,
        capacities=st.lists(st.sampled_from(Capacity), unique=True).map(tuple),
    ),
)


@given(PROVIDERS, st.booleans(), st.booleans())
def test_nobody_without_confirmed_hosting_an_identity_and_a_no_gets_a_letter(
    provider: Provider, is_proxy: bool, again: bool
) -> None:
    """Whatever else is known of it, and however it is asked for."""
    identity = provider.identity
    known = identity.legal_name and identity.register_number and identity.postal_address
    may = (
        Capacity.HOSTING in identity.capacities
        and bool(known and (provider.country or identity.country))
        and provider.natural_person is False
    )
    assert (_why(provider, is_proxy=is_proxy, again=again) == "") == may


def test_those_chosen_are_shown_large_enough_and_of_the_classes_asked_for() -> None:
    """Each criterion alone leaves one out."""
    small, fine = replace(CARD, provider_id="as1", n_episodes=9), replace(CARD, provider_id="as2", class_="meets")
    cards, shown = (CARD, small, fine), {CARD.provider_id, "as1", "as2"}
    assert chosen(cards, shown, Letters()) == cards
    assert chosen(cards, {"as1"}, Letters()) == (small,)
    assert chosen(cards, shown, Letters(fewest_episodes=10)) == (CARD, fine)
    assert chosen(cards, shown, Letters(classes=("meets",))) == (fine,)


def test_the_criteria_are_a_sentence_in_both_languages() -> None:
    """The larger of both sizes counts, and the classes are called as the report calls them."""
    said = criteria(Letters(fewest_episodes=3, classes=("below", "too-few")), Minimums(named=5))
    assert "ten minste 5 meegetelde" in said["nl"] and "at least 5 URLs" in said["en"]
    assert "“onder de norm” of “te weinig om te beoordelen”" in said["nl"]
    assert "“below the norm” or “too few to judge”" in said["en"]
    assert "10" in criteria(Letters(fewest_episodes=10), Minimums(named=5))["nl"]
    assert "beoordeling" not in criteria(Letters(), Minimums())["nl"]


def test_what_the_settings_lack_is_named() -> None:
    """A sender that could not be answered, and a class that is none."""
    assert missing_settings(SENDER) == ()
    assert missing_settings(SENDER.model_copy(update={"answer_to": "", "postal_address": ()})) == (
        "postal_address",
        "answer_to",
    )
    assert unknown_classes(Letters(classes=("below", "slow"))) == ("slow",)

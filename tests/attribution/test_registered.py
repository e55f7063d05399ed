"""To whom an address is registered, by instant: the rules one by one, and all of them against a plain search."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.attribution.registered import register, registration_at
from monitor.model.columns import UNKNOWN_AT, RegistrationColumns
from monitor.model.provider import Claim
from monitor.model.registration import Organisation, RegisteredNetwork, RegistrationAnswer
from monitor.model.report import Address
from monitor.model.words import RegistrationStatus

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
DAY0 = date(2026, 1, 1)
START = datetime(2026, 1, 1, tzinfo=UTC)
START_AT = (START - EPOCH) // timedelta(microseconds=1)


def packed(text: str) -> Address:
    return Address(ip_address(text).packed)


def day(n: int | None) -> datetime | None:
    return None if n is None else START + timedelta(days=n)


def micros(n: int) -> int:
    return START_AT + n * DAY


def bounds(text: str) -> tuple[Address, Address]:
    network = ip_network(text)
    return Address(network.network_address.packed), Address(network.broadcast_address.packed)


def answer(
    answer_id: int,
    range_: str,
    holder: str | None = None,
    *,
    asked: int = 100,
    registered: int | None = None,
    changed: int | None = None,
    sub: bool = False,
    person: bool = False,
    covers: str | None = "",
) -> RegistrationAnswer:
    organisation = None
    if holder is not None:
        organisation = Organisation(f"org-test-{holder}", "test", holder, holder, natural_person=person or None)
    first, last = bounds(range_)
    network = RegisteredNetwork(
        "test", None, None, first, last, None, sub, False, None, organisation, (), (), day(registered), day(changed)
    )
    covered = None if covers is None else bounds(covers or range_)
    asked_at = day(asked)
    assert asked_at is not None
    return RegistrationAnswer(answer_id, asked_at, "test", RegistrationStatus.FOUND, network, covered)


def claim(change_id: int, network: str, provider: str, start: int | None = None, until: int | None = None) -> Claim:
    days = [None if n is None else DAY0 + timedelta(days=n) for n in (start, until)]
    return Claim(provider, change_id, network=network, valid_from=days[0], until=days[1])


def told(columns: RegistrationColumns) -> list[tuple[Any, ...]]:
    """(address, day or None, holder, customer, claimed, doubt, answer) of every entry."""
    as_of = [None if at == UNKNOWN_AT else (at - START_AT) / DAY for at in columns.as_of.tolist()]
    names = [
        [name and name.removeprefix("org-test-") for name in each.tolist()]
        for each in (columns.holder, columns.customer)
    ]
    rest = (columns.claimed.tolist(), columns.doubt.tolist(), columns.answer.tolist())
    return list(zip(columns.address.tolist(), as_of, *names, *rest, strict=True))


def course(
    answers: Sequence[RegistrationAnswer], address: str = "192.0.2.7", claims: Sequence[Claim] = ()
) -> list[tuple[Any, ...]]:
    """The entries of one address, without its id."""
    return [entry[1:] for entry in told(register(np.array([5]), [packed(address)], answers, claims))]


def test_an_answer_holds_from_its_last_change_and_before_it_in_doubt() -> None:
    """Between registration and last change nobody knows what was changed; before the registration nothing is known."""
    assert course([answer(1, "192.0.2.0/24", "A", registered=-50, changed=10)]) == [
        (None, None, None, None, None, -1),
        (-50, "A", None, None, "changed-since", 1),
        (10, "A", None, None, None, 1),
    ]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({}, [(None, "A", None, None, "undated", 1)]),
        ({"registered": 3}, [(None, None, None, None, None, -1), (3, "A", None, None, None, 1)]),
        ({"changed": 3}, [(None, "A", None, None, "changed-since", 1), (3, "A", None, None, None, 1)]),
        ({"registered": 3, "changed": 3}, [(None, None, None, None, None, -1), (3, "A", None, None, None, 1)]),
        ({"changed": 300}, [(None, "A", None, None, "changed-since", 1), (100, "A", None, None, None, 1)]),
    ],
)
def test_missing_dates_are_doubt_or_none(dates: dict[str, int], expected: list[Any]) -> None:
    """Without any date an answer is undated for ever; with one, it is full from then on, or from the asking."""
    assert course([answer(1, "192.0.2.0/24", "A", **dates)]) == expected


def test_a_later_answer_takes_over_from_its_change_and_never_backwards() -> None:
    """The earlier answer holds until the later one's change; else until it was asked."""
    first = answer(1, "192.0.2.0/24", "A", asked=100, changed=10)
    assert course([first, answer(2, "192.0.2.0/24", "B", asked=200, changed=150)])[1:] == [
        (10, "A", None, None, None, 1),
        (150, "B", None, None, None, 2),
    ]
    for dates in ({"changed": 50}, {"changed": 10}, {"registered": 20, "changed": 30}):
        later = answer(2, "192.0.2.0/24", "B", asked=200, **dates)
        assert course([first, later])[-2:] == [(10, "A", None, None, None, 1), (200, "B", None, None, None, 2)]
    assert course([first, answer(2, "192.0.2.0/24", "B", asked=200)])[-1] == (200, "B", None, None, "undated", 2)


def test_a_range_that_is_registered_anew_is_the_new_ones_from_its_registration() -> None:
    """A registration after the last asking ends the earlier one, although it was changed once more since."""
    answers = [
        answer(1, "192.0.2.0/24", "A", asked=100, changed=10),
        answer(2, "192.0.2.0/24", "B", asked=200, registered=120, changed=150),
    ]
    assert course(answers)[1:] == [
        (10, "A", None, None, None, 1),
        (120, "B", None, None, "changed-since", 2),
        (150, "B", None, None, None, 2),
    ]


def test_an_answer_that_says_the_same_again_changes_nothing_but_confirms() -> None:
    """Asked twice alike, the first answer is cited; a change that is said to lie before the second asking cannot be."""
    same = [
        answer(1, "192.0.2.0/24", "A", asked=100, changed=10),
        answer(2, "192.0.2.0/24", "A", asked=200, changed=10),
    ]
    assert course(same) == course(same[:1])
    assert course([*same, answer(3, "192.0.2.0/24", "B", asked=300, changed=150)])[-1][0] == 300


def test_the_smallest_range_in_force_decides() -> None:
    """Before the smaller range was registered, the one around it holds; a range elsewhere says nothing."""
    answers = [
        answer(1, "192.0.2.0/24", "wide", changed=-900),
        answer(2, "192.0.2.0/28", "narrow", registered=5),
        answer(3, "198.51.100.0/24", "other", changed=-900),
    ]
    assert course(answers)[1:] == [(-900, "wide", None, None, None, 1), (5, "narrow", None, None, None, 2)]
    assert [entry[1] for entry in course(answers, "192.0.2.16")] == ["wide", "wide"]
    assert course(answers, "203.0.113.1") == []


def test_an_answer_speaks_for_what_it_covers_alone() -> None:
    """An allocation's answer bears on the neighbours of the address that was asked about, not on all of its range."""
    answers = [answer(1, "2001:db8::/32", "A", covers="2001:db8:5::/48")]
    assert course(answers, "2001:db8:5::1") == [(None, "A", None, None, "undated", 1)]
    assert course(answers, "2001:db8:6::1") == []
    assert course([answer(1, "2001:db8::/32", "A", covers=None)], "2001:db8:5::1") == []


def test_a_sub_allocation_names_the_customer_and_the_range_around_it_the_holder() -> None:
    """The holder comes from the full range of the answer around it, though that speaks for another part."""
    customer = answer(1, "192.0.2.0/28", "customer", changed=-9, sub=True)
    around = answer(2, "192.0.0.0/16", "holder", changed=-900, covers="192.0.9.0/24")
    assert course([customer])[-1] == (-9, None, "customer", None, None, 1)
    assert course([customer, around])[-1] == (-9, "holder", "customer", None, None, 1)
    outer = answer(3, "192.0.0.0/8", "outermost", changed=-900)
    middle = answer(4, "192.0.2.0/24", "reseller", changed=-900, sub=True)
    assert course([customer, outer, middle, around])[-1] == (-9, "holder", "customer", None, None, 1)
    assert course([customer, around], "192.0.2.99") == []


def test_a_range_that_became_a_sub_allocation_no_longer_names_the_holder() -> None:
    """Its former registrant is not the holder around the new customer; the range around both is."""
    answers = [
        answer(1, "192.0.2.0/28", "former", asked=100, changed=-9),
        answer(2, "192.0.2.0/28", "customer", asked=200, changed=150, sub=True),
    ]
    assert course(answers)[-1] == (150, None, "customer", None, None, 2)
    around = answer(3, "192.0.0.0/16", "holder", changed=-900)
    assert course([*answers, around])[-1] == (150, "holder", "customer", None, None, 2)


def test_the_doubt_of_the_holders_answer_counts_too() -> None:
    """A sub-allocation without doubt inside an allocation without dates: the holder is in doubt."""
    answers = [
        answer(1, "192.0.2.0/28", "customer", registered=-9, sub=True),
        answer(2, "192.0.0.0/16", "holder", covers="192.0.9.0/24"),
    ]
    assert course(answers)[-1] == (-9, "holder", "customer", None, "undated", 1)


def test_a_natural_person_is_never_a_holder_or_a_customer() -> None:
    """A person as registrant leaves the holder open and says why; a person as customer is not named."""
    assert course([answer(1, "192.0.2.0/24", "P", changed=-9, person=True)]) == [(None, None, None, None, "person", 1)]
    answers = [
        answer(1, "192.0.2.0/28", "P", changed=-9, sub=True, person=True),
        answer(2, "192.0.0.0/16", "holder", changed=-900),
    ]
    assert course(answers)[-1] == (-9, "holder", None, None, None, 1)


def test_the_claim_of_the_latest_change_wins_between_its_days() -> None:
    """Claims hold from 00:00 UTC of `valid_from` until 00:00 UTC of `until`, with or without answers."""
    claims = [
        claim(1, "192.0.2.0/24", "one"),
        claim(2, "192.0.0.0/16", "two", 10, 20),
        claim(3, "192.0.2.7/32", "p", 15, 15),
    ]
    assert course([], claims=claims) == [
        (None, None, None, "one", None, -1),
        (10, None, None, "two", None, -1),
        (20, None, None, "one", None, -1),
    ]
    with_answer = course([answer(1, "192.0.2.0/24", "A", registered=12)], claims=claims[1:2])
    assert [entry[:4] for entry in with_answer] == [
        (None, None, None, None),
        (10, None, None, "two"),
        (12, "A", None, "two"),
        (20, "A", None, None),
    ]
    assert course([], "203.0.113.1", claims) == []
    assert course([], claims=[Claim("x", 1, asn=64500)]) == []


def test_a_claimed_network_that_is_no_prefix_is_a_defect_and_is_not_repeated() -> None:
    """The error names no network."""
    with pytest.raises(ValueError, match=r"no prefix") as raised:
        course([], claims=[claim(1, "192.0.2.0-192.0.2.7", "one")])
    assert "192" not in str(raised.value)


def test_entries_come_by_address_id_whatever_the_order_of_the_input() -> None:
    """Ids need be neither ascending nor dense, and addresses that nothing bears on have no entry."""
    addresses = [packed(text) for text in ("192.0.2.200", "2001:db8::9", "203.0.113.4", "192.0.2.3")]
    answers = [answer(1, "192.0.2.0/24", "four", registered=1), answer(2, "2001:db8::/32", "six")]
    columns = register(np.array([90, 7, 8, 30]), addresses, answers, [])
    assert [(entry[0], entry[2]) for entry in told(columns)] == [
        (7, "six"), (30, None), (30, "four"), (90, None), (90, "four"),
    ]  # fmt: skip
    at = np.array([micros(0), micros(1), micros(5), UNKNOWN_AT, micros(5)])
    assert registration_at(columns, np.array([30, 30, 7, 90, 8]), at).tolist() == [1, 2, 0, -1, -1]


def test_the_ends_of_the_address_space_are_addresses_too() -> None:
    """A range may begin at the first address and end with the last one."""
    answers = [answer(1, "128.0.0.0/1", "high4"), answer(2, "8000::/1", "high6"), answer(3, "::/1", "low6")]
    last6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    for text, holder in (("255.255.255.255", "high4"), (last6, "high6"), ("::", "low6"), ("7fff::", "low6")):
        assert course(answers, text)[0][1] == holder
    assert course(answers, "0.0.0.0") == []


def test_without_addresses_or_answers_there_are_no_entries() -> None:
    """Nothing in, nothing out."""
    assert len(register(np.empty(0, np.int64), [], [answer(1, "192.0.2.0/24", "A")], [])) == 0
    assert len(register(np.array([1]), [packed("192.0.2.1")], [], [])) == 0
    failed = RegistrationAnswer(1, START, "test", RegistrationStatus.NOT_FOUND, None, bounds("192.0.2.0/24"))
    assert len(register(np.array([1]), [packed("192.0.2.1")], [failed], [])) == 0


# A plain search, address by address and instant by instant, with days as numbers.

NETWORKS = {
    4: ["192.0.0.0/16", "192.0.2.0/24", "192.0.2.0/25", "192.0.2.0/28", "192.0.2.16/28", "192.0.2.5/32"],
    6: ["2001:db8::/32", "2001:db8::/48", "2001:db8::/64", "2001:db8:1::/48", "2001:db8::5/128"],
}
ADDRESSES = ["192.0.2.5", "192.0.2.17", "192.0.2.130", "192.0.9.1", "2001:db8::5", "2001:db8:1::1", "2001:db8:0:1::"]


def days_of(reading: RegistrationAnswer) -> tuple[int | None, int | None, int]:
    def number(at: datetime | None) -> int | None:
        return None if at is None else (at - START).days

    network, asked = reading.network, number(reading.asked_at)
    assert network is not None and asked is not None
    registered, changed = number(network.registered_at), number(network.changed_at)
    registered = None if registered is None else min(registered, asked)
    changed = None if changed is None else min(changed, asked)
    if registered is not None and changed is not None and changed <= registered:
        changed = None
    return registered, changed, asked


def says(reading: RegistrationAnswer) -> tuple[Any, ...]:
    assert reading.network is not None
    return reading.network.organisation, reading.network.is_sub_allocation, *days_of(reading)[:2]


def in_force(readings: list[RegistrationAnswer], now: float) -> RegistrationAnswer | None:
    """Of the answers about one range the one that holds on a day."""
    held: RegistrationAnswer | None = None
    reached, last_said = 0, None
    for place, each in enumerate(sorted(readings, key=lambda each: (each.asked_at, each.answer_id))):
        registered, changed, asked = days_of(each)
        if place == 0:
            begins: float = -np.inf if registered is None else registered
        elif says(each) == last_said:
            reached = asked
            continue
        elif registered is not None and registered > reached:
            begins = registered
        elif changed is not None and changed > reached:
            begins = changed
        else:
            begins = asked
        if begins <= now:
            held = each
        reached, last_said = asked, says(each)
    return held


def most_specific(readings: list[RegistrationAnswer], now: float, *, sub: bool = True) -> RegistrationAnswer | None:
    """Of the ranges with an answer in force the smallest one's; without `sub`, of those that are no sub-allocation."""
    ranges: dict[tuple[bytes, bytes], list[RegistrationAnswer]] = {}
    for each in readings:
        assert each.network is not None
        ranges.setdefault((each.network.first, each.network.last), []).append(each)
    sized = sorted(ranges.items(), key=lambda item: int.from_bytes(item[0][1]) - int.from_bytes(item[0][0]))
    held = (in_force(some, now) for _, some in sized)
    return next((each for each in held if each and each.network and (sub or not each.network.is_sub_allocation)), None)


def plain(address: Address, now: float, answers: list[RegistrationAnswer], claims: list[Claim]) -> tuple[Any, ...]:
    def holds(first_last: tuple[bytes, bytes] | None) -> bool:
        return (
            first_last is not None and len(first_last[0]) == len(address) and first_last[0] <= address <= first_last[1]
        )

    def doubt_of(reading: RegistrationAnswer) -> str | None:
        registered, changed, _ = days_of(reading)
        if registered is None and changed is None:
            return "undated"
        return "changed-since" if changed is not None and now < changed else None

    def registrant(reading: RegistrationAnswer | None) -> str | None:
        organisation = reading.network.organisation if reading and reading.network else None
        return organisation.key if organisation and not organisation.natural_person else None

    def is_person(reading: RegistrationAnswer) -> bool:
        organisation = reading.network.organisation if reading.network else None
        return bool(organisation and organisation.natural_person)

    claimed = [
        each for each in claims
        if each.network and holds(bounds(each.network))
        and (each.valid_from is None or (each.valid_from - DAY0).days <= now)
        and (each.until is None or now < (each.until - DAY0).days)
    ]  # fmt: skip
    provider = max(claimed, key=lambda each: each.change_id).provider_id if claimed else None
    found = most_specific([each for each in answers if holds(each.covers)], now)
    if found is None or found.network is None:
        return None, None, provider, None, -1
    if not found.network.is_sub_allocation:
        return registrant(found), None, provider, "person" if is_person(found) else doubt_of(found), found.answer_id
    whole = [each for each in answers if each.network and holds((each.network.first, each.network.last))]
    holder = most_specific(whole, now, sub=False)
    doubt = doubt_of(found) or (doubt_of(holder) if holder else None)
    if holder and is_person(holder):
        doubt = "person"
    return registrant(holder), registrant(found), provider, doubt, found.answer_id


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[RegistrationAnswer], list[Claim]]:
    days = st.one_of(st.none(), st.integers(-6, 26))
    answers: list[RegistrationAnswer] = []
    for number in range(draw(st.integers(0, 7))):
        family = draw(st.sampled_from([4, 4, 6]))
        range_ = draw(st.sampled_from(NETWORKS[family]))
        inside = [each for each in NETWORKS[family] if ip_network(each).subnet_of(ip_network(range_))]
        answers.append(
            answer(
                number,
                range_,
                draw(st.sampled_from([None, "A", "B", "C"])),
                asked=draw(st.integers(0, 20)),
                registered=draw(days),
                changed=draw(days),
                sub=draw(st.booleans()),
                person=draw(st.sampled_from([False, False, True])),
                covers=draw(st.sampled_from([*inside, None])),
            )
        )
    claims = [
        claim(number, draw(st.sampled_from(NETWORKS[4] + NETWORKS[6])), f"as{64500 + number}", draw(days), draw(days))
        for number in range(draw(st.integers(0, 3)))
    ]
    return answers, claims


@settings(derandomize=True, max_examples=400, deadline=None)
@given(histories())
def test_every_address_and_day_is_as_a_plain_search_finds_it(
    history: tuple[list[RegistrationAnswer], list[Claim]],
) -> None:
    """Columns and `registration_at` together answer as the rules applied by hand, and entries are as few as can be."""
    answers, claims = history
    addresses = [packed(text) for text in ADDRESSES]
    columns = register(np.arange(len(addresses)), addresses, answers, claims)
    for number, address in enumerate(addresses):
        mine = columns.take(columns.address == number)
        rows = list(
            zip(
                *(array.tolist() for name, array in mine.arrays().items() if name not in ("address", "as_of")),
                strict=True,
            )
        )
        bears = any(
            each.covers and len(each.covers[0]) == len(address) and each.covers[0] <= address <= each.covers[1]
            for each in answers
        )
        bears |= any(ip_address(bytes(address)) in ip_network(str(each.network)) for each in claims)
        assert bool(rows) == bears
        assert not rows or mine.as_of[0] == UNKNOWN_AT
        assert all(before != after for before, after in pairwise(rows))
        for now in [-50, *(n / 2 for n in range(-14, 56))] if rows else ():
            entry = registration_at(mine, np.array([number]), np.array([START_AT + int(now * DAY)]))[0]
            assert rows[entry] == plain(address, now, answers, claims)

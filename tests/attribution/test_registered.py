"""To whom an address is registered, by instant: the rules one by one, and all of them against a plain search."""

from collections.abc import Sequence
from dataclasses import replace
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
    handle: str | None = None,
    parent: str | None = None,
    known: bool = True,
) -> RegistrationAnswer:
    organisation = None
    if holder is not None:
        organisation = Organisation(f"org-test-{holder}", "test", holder, holder, natural_person=person or None)
    first, last = bounds(range_)
    dates = day(registered), day(changed)
    network = RegisteredNetwork(
        "test", handle, None, first, last, None, sub, False, None, organisation, (), (), *dates, parent, known
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


def test_the_holder_of_a_sub_allocation_is_its_parent_and_nobody_else() -> None:
    """A parent that was not asked about leaves the holder open, whatever wider range is known; blanks are nothing."""
    customer = answer(1, "192.0.2.0/26", "customer", changed=-9, sub=True, parent="192.0.2.0 - 192.0.2.255")
    wide = answer(2, "192.0.0.0/16", "wide", changed=-900, handle="192.0.0.0 - 192.0.255.255")
    nameless = answer(3, "192.0.2.0/25", "nameless", changed=-900)
    assert course([customer, wide, nameless])[-1] == (-9, None, "customer", None, None, 1)
    parent = answer(4, "192.0.2.0/24", "parent", changed=-900, covers="192.0.2.128/25", handle="192.0.2.0-192.0.2.255")
    assert course([customer, wide, nameless, parent])[-1] == (-9, "parent", "customer", None, None, 1)
    arin = answer(5, "192.0.2.0/27", "small", changed=-9, sub=True, parent="net-1")
    assert course([arin, answer(6, "192.0.2.0/24", "H", handle="NET-1")])[-1][1] == "H"


def test_known_sub_allocations_lead_from_parent_to_parent() -> None:
    """A chain without a gap reaches the holder; one with a gap, or that comes back to itself, reaches nobody."""
    customer = answer(1, "192.0.2.0/28", "customer", changed=-9, sub=True, handle="N-3", parent="N-2")
    reseller = answer(2, "192.0.2.0/26", "reseller", changed=-9, sub=True, handle="N-2", parent="N-1")
    holder = answer(3, "192.0.0.0/16", "holder", changed=-9, handle="N-1", covers="192.0.9.0/24")
    assert course([customer, reseller, holder])[-1] == (-9, "holder", "customer", None, None, 1)
    assert course([customer, holder])[-1] == (-9, None, "customer", None, None, 1)
    endless = answer(2, "192.0.2.0/26", "reseller", changed=-9, sub=True, handle="N-2", parent="N-3")
    assert course([customer, endless, holder])[-1] == (-9, None, "customer", None, None, 1)
    # The reseller's range was given another handle later: then the chain has a gap.
    renamed = answer(4, "192.0.2.0/26", "reseller", asked=200, changed=150, sub=True, handle="N-9", parent="N-1")
    assert course([customer, reseller, holder, renamed])[-1] == (150, None, "customer", None, None, 1)


def test_a_registration_of_unknown_kind_names_the_registrant_in_doubt() -> None:
    """Alone, with another doubt, and as the holder around a customer; a person's has no doubt but that."""
    assert course([answer(1, "192.0.2.0/24", "A", changed=-9, known=False)])[-1][4] == "kind-unknown"
    assert course([answer(1, "192.0.2.0/24", "A", known=False)])[-1][4] == "undated;kind-unknown"
    customer = answer(2, "192.0.2.0/28", "customer", registered=-9, sub=True)
    around = answer(1, "192.0.2.0/24", "A", changed=-90, known=False)
    assert course([customer, around])[-1] == (-9, "A", "customer", None, "kind-unknown", 2)
    assert course([answer(1, "192.0.2.0/24", "P", known=False, person=True)])[-1][4] == "person"


def test_the_claim_of_the_longest_prefix_wins_and_of_equal_ones_the_latest() -> None:
    """A later claim of a /16 leaves an earlier one of a /24 in it as it is."""
    narrow, wide = claim(1, "192.0.2.0/24", "narrow"), claim(2, "192.0.0.0/16", "wide")
    again = claim(3, "192.0.2.0/24", "again", 5)
    assert course([], claims=[narrow, wide]) == [(None, None, None, "narrow", None, -1)]
    assert course([], "192.0.9.1", [narrow, wide]) == [(None, None, None, "wide", None, -1)]
    assert [entry[3] for entry in course([], claims=[again, wide, narrow])] == ["narrow", "again"]


def test_claims_hold_between_their_days() -> None:
    """Claims hold from 00:00 UTC of `valid_from` until 00:00 UTC of `until`, with or without answers."""
    claims = [
        claim(1, "192.0.2.0/24", "one"),
        claim(2, "192.0.2.0/25", "two", 10, 20),
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
    network = reading.network
    handles = (plain_handle(network.handle), plain_handle(network.parent_handle))
    return network.organisation, network.is_sub_allocation, network.is_kind_known, *handles, *days_of(reading)[:2]


def plain_handle(handle: str | None) -> str | None:
    return None if handle is None else handle.replace(" ", "").lower()


def in_force(readings: list[RegistrationAnswer], now: float) -> RegistrationAnswer | None:
    """Of the answers about one range the one that holds on a day."""
    held: RegistrationAnswer | None = None
    reached, last_said = 0, None
    for place, each in enumerate(sorted(readings, key=lambda each: each.asked_at)):
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


def all_in_force(readings: list[RegistrationAnswer], now: float) -> list[RegistrationAnswer]:
    """The answer in force of each range that has one, the smallest range first."""
    ranges: dict[tuple[bytes, bytes], list[RegistrationAnswer]] = {}
    for each in readings:
        assert each.network is not None
        ranges.setdefault((each.network.first, each.network.last), []).append(each)
    sized = sorted(ranges.items(), key=lambda item: int.from_bytes(item[0][1]) - int.from_bytes(item[0][0]))
    return [held for _, some in sized if (held := in_force(some, now))]


def holder_around(found: RegistrationAnswer, held: list[RegistrationAnswer]) -> RegistrationAnswer | None:
    """Of the answers in force around a sub-allocation that of its parent, or of whoever its parents lead to."""
    assert found.network is not None
    networks = [(each, each.network) for each in held if each.network]
    if found.network.parent_handle is None:
        return next((each for each, network in networks if not network.is_sub_allocation), None)
    parent, steps = plain_handle(found.network.parent_handle), 0
    while parent is not None and parent != plain_handle(found.network.handle) and steps < 10:
        fitting = [(each, network) for each, network in networks if plain_handle(network.handle) == parent]
        for each, network in fitting:
            if not network.is_sub_allocation:
                return each
        parent = plain_handle(fitting[0][1].parent_handle) if fitting else None
        steps += 1
    return None


def plain(address: Address, now: float, answers: list[RegistrationAnswer], claims: list[Claim]) -> tuple[Any, ...]:
    def holds(first_last: tuple[bytes, bytes] | None) -> bool:
        return (
            first_last is not None and len(first_last[0]) == len(address) and first_last[0] <= address <= first_last[1]
        )

    def doubts_of(reading: RegistrationAnswer | None) -> set[str]:
        if reading is None or reading.network is None:
            return set()
        registered, changed, _ = days_of(reading)
        kind = set() if reading.network.is_kind_known else {"kind-unknown"}
        if registered is None and changed is None:
            return kind | {"undated"}
        return kind | ({"changed-since"} if changed is not None and now < changed else set())

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
    lengths = {each.change_id: ip_network(each.network or "").prefixlen for each in claimed}
    claimed.sort(key=lambda each: (lengths[each.change_id], each.change_id))
    provider = claimed[-1].provider_id if claimed else None
    found = next(iter(all_in_force([each for each in answers if holds(each.covers)], now)), None)
    if found is None or found.network is None:
        return None, None, provider, None, -1
    holder, customer = found, None
    if found.network.is_sub_allocation:
        whole = [each for each in answers if each.network and holds((each.network.first, each.network.last))]
        holder, customer = holder_around(found, all_in_force(whole, now)), registrant(found)
    order = ["changed-since", "undated", "kind-unknown"]
    doubt = ";".join(sorted(doubts_of(found) | doubts_of(holder), key=order.index)) or None
    if holder and is_person(holder):
        doubt = "person"
    return registrant(holder), customer, provider, doubt, found.answer_id


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[RegistrationAnswer], list[Claim]]:
    days = st.one_of(st.none(), st.integers(-6, 26))
    handles = st.sampled_from([None, "N - 1", "N-1", "n-2", "N-2", "N-3"])
    answers: list[RegistrationAnswer] = []
    # Answers of one instant about one range are put in order by what they say: a test of its own.
    for number, asked in enumerate(draw(st.lists(st.integers(0, 20), unique=True, max_size=7))):
        family = draw(st.sampled_from([4, 4, 6]))
        range_ = draw(st.sampled_from(NETWORKS[family]))
        inside = [each for each in NETWORKS[family] if ip_network(each).subnet_of(ip_network(range_))]
        answers.append(
            answer(
                number,
                range_,
                draw(st.sampled_from([None, "A", "B", "C"])),
                asked=asked,
                registered=draw(days),
                changed=draw(days),
                sub=draw(st.booleans()),
                person=draw(st.sampled_from([False, False, True])),
                covers=draw(st.sampled_from([*inside, None])),
                handle=draw(handles),
                parent=draw(handles),
                known=draw(st.sampled_from([True, True, False])),
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


@settings(derandomize=True, max_examples=200, deadline=None)
@given(histories(), st.data())
def test_the_order_in_which_answers_came_changes_nothing(
    history: tuple[list[RegistrationAnswer], list[Claim]], data: st.DataObject
) -> None:
    """Answers of equal times under other ids, in another order: the same course but for the answers that it cites."""
    answers, claims = history
    answers = [replace(each, asked_at=START + timedelta(days=data.draw(st.integers(0, 2)))) for each in answers]
    ids = data.draw(st.permutations(range(len(answers))))
    shuffled = [replace(each, answer_id=n) for n, each in zip(ids, answers, strict=True)]
    shuffled.sort(key=lambda each: each.answer_id)
    addresses = [packed(text) for text in ADDRESSES]
    for name in ("address", "as_of", "holder", "customer", "claimed", "doubt"):
        first, second = (_without_ids(register(np.arange(7), addresses, some, claims)) for some in (answers, shuffled))
        assert [entry[name] for entry in first] == [entry[name] for entry in second]


def _without_ids(columns: RegistrationColumns) -> list[dict[str, Any]]:
    """The entries without the answers that they cite; of equal ones that follow one another the first."""
    arrays = {name: array.tolist() for name, array in columns.arrays().items() if name != "answer"}
    entries = [dict(zip(arrays, values, strict=True)) for values in zip(*arrays.values(), strict=True)]
    said = [{name: value for name, value in entry.items() if name != "as_of"} for entry in entries]
    return [entry for n, entry in enumerate(entries) if n == 0 or said[n] != said[n - 1]]

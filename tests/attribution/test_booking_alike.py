"""What cannot be told apart: a known holder or customer and the one that stands in for him at another address.

Answers of the registries cover part of the addresses, so this is the normal case: never a Move, never "several".
"""

import pytest

HOSTING = ("network", "as", "customer")


@pytest.fixture
def world(booked_world):
    """Addresses 1 and 2, both announced by P; 3 by Q; the report's `ip` is 1, the notice is on day 5."""
    return booked_world().report(ip=1).notice(5).route(1, "P").route(2, "P").route(3, "Q")


def columns(world):
    """The readings' Providers in the role network and in the role customer."""
    booked = world.readings_booked()
    return [network for network, *_ in booked], [customer for _, _, customer, _ in booked]


def test_the_as_that_stands_in_beside_a_registered_holder_of_it_is_nobody(world):
    """Unknown, which is never a Move: at 2 no registration is known. Another AS is elsewhere all the same."""
    world.register(1, "A").read("4 on 1", "6 on 2", "7 on 3")
    assert world.readings_booked() == [("A", "P", "A", "A"), (None, "P", None, None), ("Q",) * 4]


def test_a_registered_holder_beside_an_as_that_stood_in_is_nobody(world):
    """Also where the registration begins while the Episode runs."""
    world.register(2, "A").register(1).register(1, "B", day=6).read("4 on 1", "5.5 on 2", "7 on 1")
    assert columns(world) == (["P", None, None], ["P", None, None])


def test_of_two_registered_holders_and_of_two_that_stand_in_each_is_known(world):
    """Nothing stands in for the other one."""
    assert columns(world.read("6 on 2", "7 on 3"))[0] == ["P", "Q"]
    assert columns(world.register(1, "A").register(2, "B"))[0] == ["B", "Q"]


def test_a_registered_holder_behind_another_as_is_somebody_else(world):
    """The AS tells them apart."""
    assert columns(world.register(3, "A").read("6 on 3"))[0] == ["A"]


def test_what_is_not_announced_is_not_alike(world):
    """Where no AS is known nothing says that it is one, also with other Targets and Providers around."""
    world.route(4).register(4, "A").report("r2", target=2, ip=4).notice(5, record="r2")
    assert columns(world.read("6 on 4"))[0] == ["A"]


def test_all_notices_of_a_target_count_and_no_other_targets(world):
    """1 is A's, 2 was told to P: neither is a Move of the other. The second Target has a notice of its own."""
    world.register(1, "A").report("r2", ip=2).notice(5, record="r2").read("6 on 1", "6 on 2")
    assert columns(world) == ([None, None], [None, None])
    world.reports[1] = ("r2", 2, 2, -1)
    assert columns(world)[0] == ["A", None]


def test_a_notice_that_is_booked_on_nobody_hides_nothing(world):
    """1 (A's) and 3 (Q's) at once are several: then there is nobody to confuse the readings with."""
    world.register(1, "A").read("4 on 1", "4 on 3", "6 on 2")
    assert columns(world)[0] == ["A", "Q", "P"]


def test_what_stands_in_at_the_origin_counts_as_at_an_address(world):
    """The notice was booked by the origin 1, which is A's; at 2 the origin's AS stands in."""
    world.reports = [("r1", 1, 4, 1)]
    world.route(4, "C", front="Invented Shield").register(1, "A").read("6 on 2", "7 on 1")
    assert columns(world)[0] == [None, "A"]


def test_out_of_a_proxys_range_but_not_out_of_its_as_is_no_move(world):
    """The proxy is known by its AS: what is registered in that AS can be its own."""
    world.reports = [("r1", 1, 4, -1)]
    world.route(4, "C", front="Invented Shield").route(5, "C").register(5, "A").read("5 on 4", "6 on 5", "7 on 3")
    assert [proxy for *_, proxy in world.readings_booked()] == ["C", None, "Q"]


def test_a_reading_is_not_old_beside_a_report_of_what_can_be_the_same(world):
    """The report's address 1 is P's AS standing in, the one read before it is registered in that AS."""
    world.reported = {"r1": 4}
    assert [row.doubts for row in world.register(2, "A").read("3 on 2").rows("network")] == [()]


# --- customers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at_notice", "later", "found"),
    [
        (("A", "K"), ("A", None), None),
        (("A", None), ("A", "K"), None),
        (("A", "K"), ("B", None), "B"),  # another network
        (("A", "K"), (None, None), None),  # whose network it is is not known either
        ((None, None), ("A", "K"), None),
        ((None, "K"), ("A", None), None),
        (("A", None), (None, "K"), None),
        ((None, "K"), (None, None), None),
        (("A", "K"), ("A", "B"), "B"),  # two that are named
        (("A", "K"), ("B", "K"), "K"),
        (("A", None), ("B", None), "B"),
        (("A", None), ("A", None), "A"),
    ],
)
def test_a_customer_and_who_stands_in_for_one_of_that_holder_are_not_told_apart(world, at_notice, later, found):
    """(holder, customer) at the notice, and of the reading: the customer that is known at the reading."""
    world.register(1, *at_notice).register(2, *later).read("6 on 2")
    assert columns(world)[1] == [found]


def test_behind_another_as_a_customer_is_somebody_else(world):
    """Whether he is named there or Q stands in."""
    assert columns(world.register(1, "A", "K").read("6 on 3"))[1] == ["Q"]


# --- at one instant ------------------------------------------------------------------------------------------


def booked(world):
    return {row.role: (row.provider, row.reason, row.doubts) for row in world.rows(*HOSTING)}


def test_a_holder_and_the_as_standing_in_for_him_at_one_instant_are_one(world):
    """Booked on the one that is known, with the doubt that the other address brings, and not with the AS's number."""
    found = booked(world.register(1, "A").read("4 on 1", "4 on 2"))
    assert found["network"] == ("A", None, ("as-stands-in",))
    assert found["customer"] == ("A", None, ("as-stands-in", "no-customer"))
    assert found["as"] == ("P", None, ())
    assert {row.role: row.asn for row in world.rows(*HOSTING)} == {"as": 64496, "customer": -1, "network": -1}


def test_a_customer_and_his_holder_standing_in_at_one_instant_are_one(world):
    """K is named at 1 alone."""
    assert booked(world.register(1, "A", "K").register(2, "A").read("4 on 1", "4 on 2"))["customer"] == (
        ("K", None, ("no-customer",))
    )


def test_who_stands_in_for_one_of_two_holders_leaves_them_several(world):
    """P stands in at 2; A and B are two. So are A and Q, which announces another address."""
    world.route(4, "P").register(1, "A").register(4, "B").read("4 on 1", "4 on 2", "4 on 4")
    assert booked(world)["network"] == (None, "several", ())
    world.seen.clear()
    assert booked(world.read("4 on 1", "4 on 3"))["network"] == (None, "several", ())


def test_a_proxy_stands_in_for_nobody(world):
    """Its address beside that of a holder in the same AS is a second party."""
    world.route(4, "P", front="Invented Shield").register(1, "A").read("4 on 1", "4 on 4")
    assert booked(world)["network"] == (None, "several", ())


# --- a proxy that only the hotline knows ---------------------------------------------------------------------


def test_a_reading_at_a_stated_proxy_says_nothing_about_who_hosts(booked_world):
    """Of that Target alone; at the origin itself it is at home."""
    world = booked_world().report(ip=1, origin=3).report("r2", target=2, ip=1).notice(5).notice(5, record="r2")
    world.route(1, "P").route(3, "Q").read("4 on 1", "6 on 1", "7 on 3").read("6 on 1", target=2)
    ours, others = [[(row.provider, row.basis) for row in world.rows("as") if row.record == r] for r in ("r1", "r2")]
    assert (ours, others) == ([("Q", "origin")], [("P", "report")])
    assert sorted(world.readings_booked(), key=str) == [("P",) * 4, ("Q",) * 4, (None,) * 4, (None,) * 4]


def test_another_record_about_a_stated_proxys_address_is_in_doubt(booked_world):
    """Its own report states no origin, the other one's is not used: the address is booked, and why not is said."""
    world = booked_world().report(ip=1, origin=3).report("r2", ip=1).notice(5, record="r2").route(1, "P").route(3, "Q")
    (row,) = world.rows("as")
    assert (row.provider, row.doubts, row.fronted) == ("P", ("stated-address", "stated-proxy"), False)


def test_an_origin_that_cannot_be_booked_hides_no_reading(booked_world):
    """The address is booked then, and a reading there is at home."""
    world = booked_world().report(ip=1, origin=9).notice(5).route(1, "P").read("6 on 1")
    assert world.readings_booked() == [("P",) * 4]
    assert [row.doubts[-1] for row in world.rows("as")] == ["stated-proxy"]


def test_a_decision_on_a_record_with_a_stated_origin_leaves_the_proxys_readings_alone(booked_world):
    """As with a listed proxy."""
    world = booked_world(overrides={"r1": "R"}).report(ip=1, origin=3).notice(5).route(1, "P").route(3, "Q")
    world.route(2, "P").read("6 on 1", "7 on 2")
    assert world.readings_booked() == [(None,) * 4, ("P",) * 4]
    assert {row.provider for row in world.rows(*HOSTING)} == {"R"}

"""A person's decision that one record is a Provider's: what it changes in rows and readings, and what it leaves."""

import pytest

HOSTING = ("network", "as", "customer")


@pytest.fixture
def world(booked_world):
    """Addresses 1 (P), 2 (Q), 3 (R) and 4 (the proxy C's), and one record that is held to be R's."""
    world = booked_world(overrides={"r1": "R"})
    return world.route(1, "P").route(2, "Q").route(3, "R").route(4, "C", front="Invented Shield")


def booked(world, record="r1"):
    """Provider, basis and doubts of each hosting row of a record's notices."""
    return [(row.role, row.provider, row.basis, row.doubts) for row in world.rows(*HOSTING) if row.record == record]


def test_an_overridden_record_is_that_providers_in_every_hosting_role(world):
    """By a person's decision and no other doubt; no AS number is shown as if it were the Provider's."""
    world.report(ip=1).register(1, "A", "K", doubt="undated").notice(5)
    assert booked(world) == [(role, "R", "override", ("overridden",)) for role in ("as", "customer", "network")]
    assert {(row.asn, row.confidence, row.reason) for row in world.rows(*HOSTING)} == {(-1, "reduced", None)}
    assert [row.provider for row in world.rows("site")] == ["site"]


@pytest.mark.parametrize("addresses", [(), (4,), (1, 2), (9,)], ids=["none", "proxy", "several", "no-table"])
def test_it_decides_where_nobody_could_be_booked_too(world, addresses):
    """Out of a proxy, with several Providers' addresses, without any."""
    world.report().notice(5).read(*(f"3 on {address}" for address in addresses))
    assert [provider for _, provider, *_ in booked(world)] == ["R"] * 3
    assert world.rows("proxy") == []
    assert [row.fronted for row in world.rows("site")] == [addresses == (4,)]


def test_readings_where_the_address_came_to_the_same_are_the_overridden_providers(world):
    """Before and after the notice, by role; elsewhere a reading stays what it is, so that a move is seen."""
    world.report(ip=1).register(1, "A", "K").notice(5)
    world.read("4 on 1", "6 on 1", "7 on 2", "8 on 4", "9 ?", "10 on 3")
    assert world.readings_booked() == [
        ("R", "R", "R", "R"),
        ("R", "R", "R", "R"),
        ("Q", "Q", "Q", "Q"),
        (None, None, None, "C"),
        (None, None, None, None),
        ("R", "R", "R", "R"),
    ]


def test_another_address_of_the_same_provider_counts_too(world):
    """In each role by itself: 5 is announced by P as 1 is, and registered to somebody else."""
    world.report(ip=1).register(1, "A").route(5, "P").register(5, "B").notice(5).read("6 on 5")
    assert world.readings_booked() == [("B", "R", "B", "B")]


def test_the_addresses_of_the_notice_count_when_somebody_else_holds_them_later(world):
    """A table of day 6 gives address 1 to Q: the Target did not go anywhere."""
    world.report(ip=1).route(1, "Q", day=6).notice(5).read("7 on 1")
    assert world.readings_booked() == [("R",) * 4]


def test_of_several_addresses_at_the_notice_all_count(world):
    """None of them is a move."""
    world.report().notice(5).read("4 on 1", "4 on 2", "6 on 1", "7 on 2")
    assert world.readings_booked() == [("R",) * 4] * 4


def test_where_no_address_was_known_the_first_one_seen_afterwards_counts(world):
    """What the person decided about; a later address of somebody else is a move."""
    world.report().notice(5).read("6 ? 2", "7 off", "8 on 1", "9 on 2", "10 on 1")
    assert [network for network, *_ in world.readings_booked()] == ["Q", None, "R", "Q", "R"]


def test_a_proxy_and_an_address_of_nobody_tell_nothing_about_later_ones(world):
    """An address was known: what is seen elsewhere later is elsewhere."""
    for address in (4, 9):
        world.seen.clear()
        world.reports, world.notices = [("r1", 1, address, -1)], [("r1", 5, None)]
        assert world.read("8 on 1").readings_booked() == [("P",) * 4]


def test_another_records_notice_of_the_same_target_and_place_is_booked_alike(world):
    """Else its Episode would end in a move that never was."""
    world.report(ip=1).report("r2", ip=1).report("r3", ip=2).report("r4", ip=-1).report("r5", ip=4)
    for record in ("r1", "r2", "r3", "r4", "r5"):
        world.notice(5, record=record)
    assert {provider for _, provider, *_ in booked(world, "r2")} == {"R"}
    assert {basis for *_, basis, _ in booked(world, "r2")} == {"override"}
    assert {(provider, basis) for _, provider, basis, _ in booked(world, "r3")} == {("Q", "report")}
    assert {(provider, basis) for _, provider, basis, _ in booked(world, "r4")} == {(None, "none")}
    assert [(row.provider, row.record) for row in world.rows("proxy")] == [("C", "r5")]


def test_other_targets_are_left_alone(world):
    """The same address, another Target: the decision was about one record."""
    world.report(ip=1).report("r2", target=2, ip=1).notice(5).notice(5, record="r2")
    world.read("6 on 1").read("6 on 1", target=2)
    assert {provider for _, provider, *_ in booked(world, "r2")} == {"P"}
    assert sorted(network for network, *_ in world.readings_booked()) == ["P", "R"]


def test_the_record_of_another_source_is_left_alone(world):
    """Record ids are unique by source only."""
    world.report(ip=1).notice(5)
    registry = world.registry()
    registry.overrides[("elsewhere", "r1")] = registry.overrides.pop(("hotline", "r1"))
    world.registry = lambda: registry
    assert {provider for _, provider, *_ in booked(world)} == {"P"}


def test_an_override_to_a_provider_that_is_gone_changes_nothing(world):
    """The facts decide, as without it."""
    world.report(ip=1).notice(5).read("6 on 1")
    world.merged = {"R": "Q"}
    assert {provider for _, provider, *_ in booked(world)} == {"P"}
    assert world.readings_booked() == [("P",) * 4]


def test_of_two_decisions_about_one_target_the_last_one_that_fits_counts(world):
    """Up to the second record's notice the first one's, from then on the second's; a record keeps its own."""
    world.overrides["r2"] = "Q"
    world.report(ip=1).report("r2", ip=1).report("r3", ip=1)
    world.notice(5).notice(10, record="r2").notice(4, 9, 11, record="r3")
    world.read("3 on 1", "6 on 1", "12 on 1")
    assert [network for network, *_ in world.readings_booked()] == ["R", "R", "Q"]
    assert [row.provider for row in world.rows("network")] == ["R", "Q", "R", "R", "Q"]


@pytest.mark.parametrize("records", [("r1", "r2"), ("r2", "r1")])
def test_of_two_decisions_at_one_instant_the_record_decides_and_not_the_order(world, records):
    """The notices may come in any order: the readings are those of the record whose id is last."""
    world.overrides["r2"] = "Q"
    world.report(ip=1).report("r2", ip=1).read("6 on 1")
    for record in records:
        world.notice(5, record=record)
    assert world.readings_booked() == [("Q",) * 4]


def test_an_address_that_a_proxy_has_taken_over_is_the_proxys(world):
    """Direct at the notice, in a proxy's range from day 6 on: the reading there says nothing about who hosts."""
    world.report(ip=1).route(1, "C", day=6, front="Invented Shield").notice(5).read("5 on 1", "7 on 1")
    assert world.readings_booked() == [("R",) * 4, (None, None, None, "C")]


def test_every_notice_of_an_overridden_record_is_that_providers(world):
    """Wherever the Target was then; so each place counts in the readings."""
    world.report().read("1 on 1", "4 on 1", "6 on 2", "9 on 2").notice(5, 8)
    assert [row.provider for row in world.rows("network")] == ["R", "R"]
    assert [network for network, *_ in world.readings_booked()] == ["R"] * 4


def test_the_addressee_is_compared_with_the_overridden_provider(world):
    """A name that P and R share is R's then."""
    world.names = {"twin": "PR"}
    world.report(ip=1).notice(5, party="Twin")
    assert {row.party for row in world.rows(*HOSTING)} == {"R"}

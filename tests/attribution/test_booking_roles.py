"""Whom a notice is booked on in each role, and with which doubts: `measurement.md` section 2, on hand-made facts."""

import pytest

from monitor.model.words import Doubt

HOSTING = ("network", "as", "customer")


@pytest.fixture
def world(booked_world):
    """One Target with address 1 by its report, announced by P from day 0 on."""
    return booked_world().report(ip=1).route(1, "P")


def held(world, day=5):
    """Provider by role of one notice on a day."""
    world.notices.clear()
    return {row.role: row.provider for row in world.notice(day).rows()}


def only(world, role, day=5):
    """The one row of a role of one notice on a day."""
    world.notices.clear()
    (row,) = world.notice(day).rows(role)
    return row


def registered_doubts(row):
    """The doubts without the one that the report's `ip` brings."""
    return tuple(doubt for doubt in row.doubts if doubt != "stated-address")


# --- who holds an address ------------------------------------------------------------------------------------


def test_without_registration_the_origin_as_stands_in_everywhere_and_says_so(world):
    """Network and customer are the AS's Provider, with the doubts that say why."""
    assert held(world) == {"as": "P", "customer": "P", "network": "P", "site": "site"}
    assert registered_doubts(only(world, "as")) == ()
    assert registered_doubts(only(world, "network")) == ("as-stands-in",)
    assert registered_doubts(only(world, "customer")) == ("as-stands-in", "no-customer")


def test_the_holder_of_the_network_goes_before_the_origin_as(world):
    """The AS keeps its own role; the customer is not known, so the holder stands in."""
    world.register(1, "A")
    assert held(world) == {"as": "P", "customer": "A", "network": "A", "site": "site"}
    assert registered_doubts(only(world, "network")) == ()
    assert registered_doubts(only(world, "customer")) == ("no-customer",)


def test_the_customer_of_a_sub_allocation_is_the_customer_and_nothing_else(world):
    """The network stays its holder's."""
    world.register(1, "A", "K")
    assert held(world) == {"as": "P", "customer": "K", "network": "A", "site": "site"}
    assert registered_doubts(only(world, "customer")) == ()


def test_a_persons_claim_on_a_network_goes_before_its_holder(world):
    """Without any doubt of the registry's answer, which was not used."""
    world.register(1, "A", claimed="Q", doubt="undated")
    assert held(world) == {"as": "P", "customer": "Q", "network": "Q", "site": "site"}
    assert [registered_doubts(only(world, role)) for role in HOSTING] == [(), (), ()]


def test_a_claimed_network_does_not_hide_the_customer_that_is_named(world):
    """Whose network it is says nothing about to whom it was handed on; the doubt is that of the sub-allocation."""
    world.register(1, "A", "K", claimed="Q", doubt="undated")
    assert held(world) == {"as": "P", "customer": "K", "network": "Q", "site": "site"}
    assert [registered_doubts(only(world, role)) for role in HOSTING] == [(), (), ("undated",)]


def test_what_is_registered_and_not_announced_is_booked_on_its_holder(booked_world):
    """Nobody holds the AS's role, with the routing table's reason."""
    world = booked_world().report(ip=1).route(1).register(1, "A")
    assert held(world) == {"as": None, "customer": "A", "network": "A", "site": "site"}
    row = only(world, "as")
    assert (row.reason, row.confidence, row.asn, row.doubts) == ("no-prefix", "none", -1, ())
    row = only(world, "network")
    assert (row.reason, row.asn, row.confidence) == (None, -1, "reduced")


def test_an_organisation_that_the_registry_does_not_know_is_nobody(world):
    """The origin AS stands in, as where no holder is written."""
    world.register(1, "A", "K").notice(5)
    facts = world.facts()
    facts.registrations.holder[0], facts.registrations.customer[0] = "org-ripencc-z", "org-ripencc-z"
    world.facts = lambda: facts
    assert {row.role: row.provider for row in world.rows(*HOSTING)} == dict.fromkeys(HOSTING, "P")


def test_registrations_count_from_their_day_on(world):
    """The holder at the notice, not a later one."""
    world.register(1, "A").register(1, "B", day=4)
    assert [only(world, "network", day).provider for day in (3.9, 4, 9)] == ["A", "B", "B"]


def test_a_prefix_with_several_origins_of_one_provider_is_that_providers(booked_world):
    """Merged AS numbers are one Provider; which of them announced it stays unknown."""
    world = booked_world(merged={"Q": "P"}).report(ip=1).route(1, origins="PQ")
    row = only(world, "as")
    assert (row.provider, row.asn, row.reason) == ("P", -1, None)
    world.merged.clear()
    row = only(world, "as")
    assert (row.provider, row.asn, row.reason) == (None, -1, "several-origins")


def test_several_origins_are_one_provider_only_while_a_dated_claim_says_so(booked_world):
    """From day 2 up to day 6 Q's number was P's."""
    world = booked_world().report(ip=1).route(1, origins="PQ")
    world.claims = [("P", "Q", 2, 6)]
    assert [only(world, "as", day).provider for day in (1.9, 2, 5.9, 6)] == [None, "P", "P", None]


# --- dated claims --------------------------------------------------------------------------------------------


def test_a_dated_claim_on_an_as_number_holds_from_its_first_day_until_its_last(world):
    """Half-open, at 00:00 UTC; outside it the registry's undated word holds."""
    world.claims = [("Q", "P", 3, 7)]
    days = (2.99, 3, 6.99, 7)
    assert [only(world, "as", day).provider for day in days] == ["P", "Q", "Q", "P"]
    assert only(world, "as", 4).asn == 64496


def test_of_two_claims_on_one_day_the_later_change_holds(world):
    """Whatever day either begins on; an open end is for ever."""
    world.claims = [("Q", "P", 3, None), ("R", "P", None, 5)]
    assert [only(world, "as", day).provider for day in (1, 4, 5, 90)] == ["R", "R", "Q", "Q"]
    world.claims.reverse()
    assert [only(world, "as", day).provider for day in (1, 4, 5, 90)] == ["R", "Q", "Q", "Q"]


def test_dated_claims_on_organisations_say_who_holds_a_network_and_who_is_its_customer(world):
    """A was R's up to day 4, K has been Q's since."""
    world.register(1, "A", "K").claims = [("R", "A", None, 4), ("Q", "K", 4, None)]
    assert held(world, 3) == {"as": "P", "customer": "K", "network": "R", "site": "site"}
    assert held(world, 4) == {"as": "P", "customer": "Q", "network": "A", "site": "site"}


def test_claims_change_readings_as_they_change_notices(world):
    """Each reading by its own day."""
    world.register(1, "A", "K").claims = [("R", "A", 4, None), ("Q", "P", 4, None)]
    assert world.read("3 on 1", "4 on 1").readings_booked() == [("A", "P", "K", "A"), ("R", "Q", "K", "R")]


# --- several addresses ---------------------------------------------------------------------------------------


def test_two_networks_of_one_as_are_several_in_role_network_and_one_in_role_as(world):
    """Each role is compared by itself."""
    world.route(2, "P").register(1, "A", "K").register(2, "B", "K").read("3 on 1", "3 on 2")
    assert held(world) == {"as": "P", "customer": "K", "network": None, "site": "site"}
    row = only(world, "network")
    assert (row.reason, row.confidence, row.doubts) == ("several", "none", ())


def test_doubts_of_all_addresses_count_where_they_are_one_providers(world):
    """Were the doubtful one wrong, there would be several."""
    world.route(2, "P").register(1, "A", doubt="undated").register(2, "A").read("3 on 1", "3 on 2")
    assert only(world, "network").doubts == ("undated",)


# --- roles ---------------------------------------------------------------------------------------------------


def test_behind_a_reverse_proxy_there_are_the_roles_proxy_and_site_alone(booked_world):
    """Whatever is registered: never a hosting provider."""
    world = booked_world().report(ip=4).route(4, "C", front="Invented Shield").register(4, "A", "K", claimed="Q")
    assert held(world) == {"proxy": "C", "site": "site"}
    row = only(world, "proxy")
    doubts = ("stated-address", "proxy-by-as")
    assert (row.fronted, row.asn, row.doubts, row.basis) == (True, 64500, doubts, "report")
    assert world.read("3 on 4").readings_booked() == [(None, None, None, "C")]


def test_a_proxy_is_the_provider_that_bears_its_name_in_the_table(booked_world):
    """Not the holder of the AS that announces its range, who can be a data centre; that one only stands in."""
    world = booked_world(names={"invented shield": "Q"}).report(ip=4).route(4, "C", front="Invented Shield")
    assert held(world) == {"proxy": "Q", "site": "site"}
    assert only(world, "proxy").doubts == ("stated-address",)
    assert world.read("3 on 4").readings_booked() == [(None, None, None, "Q")]


def test_a_proxys_name_that_two_providers_bear_leaves_the_origin_as(booked_world):
    """Which of them it is cannot be said."""
    world = booked_world(names={"invented shield": "PQ"}).report(ip=4).route(4, "C", front="Invented Shield")
    assert held(world) == {"proxy": "C", "site": "site"}
    assert "proxy-by-as" in only(world, "proxy").doubts


def test_with_a_known_origin_every_hosting_role_is_the_origins(booked_world):
    """Fronted it stays; that the hotline wrote the origin is the doubt, not how the proxy's address is known."""
    world = booked_world().report(ip=4, origin=1).route(4, "C", front="Invented Shield")
    world.route(1, "P").register(1, "A", "K")
    assert held(world) == {"as": "P", "customer": "K", "network": "A", "site": "site"}
    rows = {row.role: row for row in world.rows()}
    assert {(row.basis, row.doubts, row.asn) for role, row in rows.items() if role != "site"} == {
        ("origin", ("stated-origin",), 64496)
    }
    assert all(row.fronted for row in rows.values())


def test_an_origin_that_is_registered_and_not_announced_is_known(booked_world):
    """Its network is attributable; who announces it is not."""
    world = booked_world().report(ip=4, origin=1).route(4, "C", front="Invented Shield")
    world.route(1).register(1, "A")
    assert held(world) == {"as": None, "customer": "A", "network": "A", "site": "site"}
    assert only(world, "as").reason == "no-prefix"


def test_an_origin_behind_a_proxy_is_no_origin(booked_world):
    """The first proxy stays booked, in its own role."""
    world = booked_world().report(ip=4, origin=5).route(4, "C", front="Invented Shield")
    world.route(5, "D", front="Invented Veil").register(5, "A")
    assert held(world) == {"proxy": "C", "site": "site"}


def test_the_site_is_always_its_own_and_certain(booked_world):
    """Also where nobody else can be said; a party's name is no site's."""
    world = booked_world(names={"peppermint": "P"}).report().notice(5, party="Peppermint")
    (row,) = world.rows("site")
    assert (row.provider, row.asn, row.basis, row.doubts, row.confidence) == ("site", -1, "none", (), "full")
    assert (row.reason, row.party) == (None, None)


def test_rows_are_ordered_by_notice_and_role(booked_world):
    """Roles by their words, whatever the notices' order in time."""
    world = booked_world().report(ip=1).report("r2", target=2, ip=4).route(1, "P").route(4, "C", front="Shield")
    world.notice(5, record="r2").notice(3)
    assert [(row.notice, row.role) for row in world.rows()] == [
        (0, "proxy"),
        (0, "site"),
        (1, "as"),
        (1, "customer"),
        (1, "network"),
        (1, "site"),
    ]


def test_nothing_in_nothing_out(booked_world):
    """No notice and no reading: no row."""
    world = booked_world()
    assert (world.rows(), world.readings_booked()) == ([], [])


# --- Resolutions ---------------------------------------------------------------------------------------------


def test_the_last_resolution_up_to_the_notice_speaks_where_nothing_else_does(booked_world):
    """With all its addresses, at its instant included; of another Target's there is no word."""
    world = booked_world().report().report("r2", target=2).route(1, "P").route(2, "Q")
    world.resolve(1, 2).resolve(3, 1).resolve(4, 2, target=2)
    assert [only(world, "as", day).provider for day in (1, 2.9, 3, 50)] == ["Q", "Q", "P", "P"]
    row = only(world, "as", 50)
    assert (row.basis, row.doubts, row.confidence) == ("resolution", ("own-resolution",), "reduced")


def test_without_an_earlier_resolution_the_first_one_of_the_day_after_speaks(booked_world):
    """Exactly so many hours later included, the second one never."""
    world = booked_world().report().route(1, "P").route(2, "Q").resolve(6, 1).resolve(6.1, 2)
    row = only(world, "as", 5)
    assert (row.provider, row.basis, row.doubts) == ("P", "later-resolution", ("later-resolution",))
    row = only(world, "as", 4.99)
    assert (row.provider, row.basis, row.reason) == (None, "none", "no-address")


def test_several_addresses_of_one_resolution_are_several_if_their_providers_are(booked_world):
    """As with readings of one instant."""
    world = booked_world().report().route(1, "P").route(2, "Q").resolve(3, 1, 2)
    assert [only(world, role).reason for role in HOSTING] == ["several"] * 3


@pytest.mark.parametrize(
    ("known", "basis"),
    [("reading", "reading"), ("report", "report"), ("literal", "literal"), ("nothing", "resolution")],
)
def test_a_resolution_is_the_last_resort(booked_world, known, basis):
    """Reading, report and literal go before it."""
    world = booked_world().report(ip=1 if known == "report" else -1).route(1, "P").route(2, "Q").resolve(3, 2)
    if known == "reading":
        world.read("2 on 1")
    if known == "literal":
        world.literals = {1: 1}
    row = only(world, "as")
    assert (row.basis, row.provider) == (basis, "Q" if known == "nothing" else "P")


# --- doubts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("doubt", ["changed-since", "undated"])
def test_a_doubt_about_the_registration_counts_where_the_registration_was_used(world, doubt):
    """Not against the AS, and not against a network that a person claimed."""
    world.register(1, "A", doubt=doubt)
    assert registered_doubts(only(world, "network")) == (doubt,)
    assert registered_doubts(only(world, "customer")) == (doubt, "no-customer")
    assert registered_doubts(only(world, "as")) == ()


def test_a_customer_in_doubt_leaves_a_network_whose_holder_is_not_named_as_it_is(world):
    """The answer named the customer alone: the AS stands in for the network, for that reason only."""
    world.register(1, None, "K", doubt="undated")
    assert registered_doubts(only(world, "network")) == ("as-stands-in",)
    assert registered_doubts(only(world, "customer")) == ("undated",)


def test_a_natural_person_is_refused_and_said(world):
    """As registrant the origin AS stands in; as customer the holder does, and the network has no such doubt."""
    world.register(1, doubt="person").register(1, "A", day=6, doubt="person")
    assert registered_doubts(only(world, "network")) == ("as-stands-in", "person")
    assert registered_doubts(only(world, "customer")) == ("as-stands-in", "person", "no-customer")
    assert registered_doubts(only(world, "network", 7)) == ()
    assert registered_doubts(only(world, "customer", 7)) == ("person", "no-customer")


def test_an_old_routing_table_puts_what_it_says_in_doubt(world):
    """More than 90 days; a holder whom the registry names has nothing to do with it."""
    world.register(1, "A", day=100)
    assert registered_doubts(only(world, "as", 90)) == ()
    assert registered_doubts(only(world, "as", 90.01)) == ("old-table",)
    assert registered_doubts(only(world, "network", 90.01)) == ("as-stands-in", "old-table")
    assert registered_doubts(only(world, "network", 101)) == ()


def test_a_routing_table_made_after_the_notice_is_said(booked_world):
    """Up to the day on which it was made."""
    world = booked_world().report(ip=1).route(1, "P", made=5)
    assert registered_doubts(only(world, "as", 4.9)) == ("table-made-later",)
    assert registered_doubts(only(world, "as", 5)) == ()


def test_a_proxys_table_can_be_old_too(booked_world):
    """It is by its AS that the proxy is known."""
    world = booked_world().report(ip=4).route(4, "C", front="Invented Shield")
    assert registered_doubts(only(world, "proxy", 91)) == ("old-table", "proxy-by-as")


def test_doubts_are_joined_in_the_order_of_the_enum(booked_world):
    """One text, the same for the same doubts."""
    world = booked_world().report(ip=1).route(1, "P", made=200).register(1, doubt="person").notice(95)
    booked = world.book().notices
    (customer,) = booked.doubts[booked.role == "customer"]
    assert customer == "stated-address;as-stands-in;person;no-customer;old-table;table-made-later"
    order = list(Doubt)
    assert sorted(customer.split(";"), key=order.index) == customer.split(";")


def test_confidence_is_full_only_without_a_doubt(world):
    """By role: the literal leaves none about the AS, one about the network."""
    world.reports, world.literals = [("r1", 1, -1, -1)], {1: 1}
    assert [only(world, role).confidence for role in HOSTING] == ["reduced", "full", "reduced"]
    world.register(1, "A", "K")
    assert [only(world, role).confidence for role in HOSTING] == ["full", "full", "full"]
    assert only(world, "as", -1).confidence == "none"


def test_an_address_that_a_later_table_lists_as_a_proxys_is_said(world):
    """In every hosting role, whoever the network is registered to; from that table on it is the proxy's role."""
    world.route(1, "P", day=8, front="Invented Shield").register(1, "A", claimed="Q")
    for role in HOSTING:
        assert registered_doubts(only(world, role, 7.9)) == ("proxy-later",)
    assert [row.role for row in world.notice(8).rows() if row.day == 8] == ["proxy", "site"]
    assert only(world, "proxy", 9).doubts == ("stated-address", "proxy-by-as")


def test_an_address_that_a_table_took_off_the_list_is_known_to_be_no_proxys(world):
    """Listed before, not at the notice, again later: the table of the notice's day knew the proxy."""
    world.route(1, "P", day=2, front="Invented Shield").route(1, "P", day=4).route(1, "P", day=8, front="Shield")
    assert [registered_doubts(only(world, "as", day)) for day in (1, 5)] == [("proxy-later",), ()]


def test_a_later_proxy_at_another_address_casts_no_doubt(world):
    """Also one beyond all addresses that are listed."""
    world.route(0, "C", day=8, front="Invented Shield")
    assert registered_doubts(only(world, "as")) == ()


def test_a_reading_older_than_a_report_that_leads_elsewhere_is_said(booked_world):
    """In the roles in which it leads to somebody else; the address read still decides."""
    world = booked_world(reported={"r1": 4}).report(ip=2).read("3 on 1").route(1, "P").route(2, "Q")
    assert [only(world, role).doubts[0] for role in ("network", "as", "customer")] == ["old-reading"] * 3
    assert only(world, "as").provider == "P"
    world.register(1, "A").register(2, "A")
    assert [only(world, role).doubts for role in HOSTING] == [(), ("old-reading",), ("no-customer",)]


@pytest.mark.parametrize(
    "change",
    [{"reported": {"r1": 3}}, {"merged": {"Q": "P"}}, {"routes": []}],
    ids=["read at the report", "of one provider", "leads nowhere"],
)
def test_a_reading_is_not_old_for_nothing(booked_world, change):
    """Not where it is as young as the report, nor where the report leads to the same Provider or to nobody."""
    world = booked_world(reported={"r1": 4}).report(ip=2).read("3 on 1").route(2, "Q")
    for name, value in change.items():
        setattr(world, name, value)
    assert "old-reading" not in only(world.route(1, "P"), "as").doubts


def test_an_old_reading_at_the_origin_that_the_report_states_is_no_doubt(booked_world):
    """The report's own address is a proxy's since; behind it is where the Target was read."""
    world = booked_world(reported={"r1": 4}).report(ip=4, origin=1).read("3 on 1").route(1, "P")
    assert only(world.route(4, "C", front="Invented Shield"), "as").doubts == ()
    world.reports = [("r1", 1, 4, -1)]
    assert only(world, "as").doubts == ("old-reading",)


def test_an_origin_is_in_doubt_by_what_is_known_of_it_alone(booked_world):
    """Neither an old reading of the proxy nor the proxy's later listing touches it."""
    world = booked_world(reported={"r1": 4}).report(ip=4, origin=1).read("3 on 4").route(1, "P")
    world.route(4, "C").route(4, "C", day=8, front="Invented Shield")
    row = only(world, "as")
    assert (row.provider, row.basis, row.doubts, row.fronted) == ("P", "origin", ("stated-origin",), True)


# --- the addressee -------------------------------------------------------------------------------------------


def test_each_role_is_compared_with_its_own_provider(world):
    """A name that the organisation and the AS holder share is the network's in one role and the AS's in the other."""
    world.names = {"twin": "PA"}
    world.register(1, "A", "K").notice(5, party="Twin")
    assert {row.role: row.party for row in world.rows()} == {"as": "P", "customer": None, "network": "A", "site": None}


def test_the_name_of_an_organisation_is_known(world):
    """And stays its own in roles that are booked on somebody else."""
    world.names = {"invented a": "A"}
    world.register(1, "A", "K").notice(5, party="Invented A.")
    assert {row.role: row.party for row in world.rows(*HOSTING)} == dict.fromkeys(HOSTING, "A")


# --- a proxy beside a direct address -------------------------------------------------------------------------


def test_beside_a_direct_address_the_proxy_has_a_say_and_no_number(booked_world):
    """Both are one Provider's: it is booked as hoster, with the AS number of the direct address."""
    world = booked_world(merged={"C": "P"}).report().route(1, "P").route(4, "C", front="Invented Shield")
    row = only(world.read("3 on 1", "3 on 4"), "as")
    assert (row.provider, row.asn, row.fronted) == ("P", 64496, False)


def test_what_is_registered_around_a_proxys_address_has_no_say(booked_world):
    """A claim on the proxy's network makes its address no direct one: proxy and hoster are several."""
    world = booked_world().report().route(1, "P").route(4, "C", front="Invented Shield").register(4, claimed="P")
    assert [only(world.read("3 on 1", "3 on 4"), role).reason for role in HOSTING] == ["several"] * 3


def test_all_addresses_of_a_later_resolution_count(booked_world):
    """As those of an earlier one do."""
    world = booked_world().report().route(1, "P").route(2, "Q").resolve(6, 1, 2)
    assert [only(world, role).reason for role in HOSTING] == ["several"] * 3

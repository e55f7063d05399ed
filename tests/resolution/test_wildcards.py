"""Whether every name beside a host answers, too."""

from dataclasses import replace
from typing import Any

from monitor.demo.nameserver import Nameserver, Records
from monitor.model.words import DnsStatus

Asker = Any  # conftest's


def _with_wildcards(asker: Asker) -> Asker:
    asker.options = replace(asker.options, wildcards=True)
    return asker


def test_a_name_under_a_wildcard_is_told_from_one_of_its_own(asker: Asker) -> None:
    """Made-up names beside it answer alike: True; answer otherwise, or do not exist: False."""
    found = _with_wildcards(asker).all(["any.wild.example", "other.wild.example", "plain.site.example"])
    marks = {name: [each.wildcard for each in said] for name, said in found.items()}
    assert marks == {
        "any.wild.example": [True, True],
        "other.wild.example": [False, False],
        "plain.site.example": [False, False],
    }


def test_a_host_with_ipv6_alone_is_compared_by_ipv6(asker: Asker) -> None:
    """The made-up name is asked about for the type of address that the host has."""
    assert _with_wildcards(asker).one("any.wild6.example")[0].wildcard is True


def test_it_is_not_known_where_the_made_up_name_fails(asker: Asker) -> None:
    """SERVFAIL beside it: None, not False."""
    assert [each.wildcard for each in _with_wildcards(asker).one("fine.wild-broken.example")] == [None, None]


def test_nothing_is_asked_beside_hosts_without_an_answer_or_right_under_a_top_level_domain(
    server: Nameserver, asker: Asker
) -> None:
    """A failure and a TLD's own registrations need no such question: None."""
    _with_wildcards(asker).all(["gone.site.example", "private.site.example", "example"])
    assert {name for name, _ in server.asked} == {"gone.site.example", "private.site.example", "example"}


def test_one_question_for_each_parent_and_run_and_only_to_the_first_resolver(make_asker: Any) -> None:
    """Twenty hosts of one parent: one made-up name, with 20 letters that nobody registers."""
    zone = {"*.many.example": Records(a=("192.0.2.10",))}
    names = [f"h{at}.many.example" for at in range(20)]
    with Nameserver(zone) as one, Nameserver(zone) as other:
        found = _with_wildcards(make_asker((one.address, other.address))).all(names)
        (made_up,) = {name for name, _ in one.asked} - set(names)
        assert {name for name, _ in other.asked} == set(names)
    assert len(made_up) == 20 + len(".many.example")
    assert one.asked[made_up, "A"] == 1
    assert all(each.wildcard for said in found.values() for each in said)


def test_only_the_answered_resolution_is_marked(make_asker: Any) -> None:
    """Where the other resolver says NXDOMAIN, its Resolution has no mark."""
    with Nameserver({"*.many.example": Records(a=("192.0.2.10",))}) as one, Nameserver({}) as other:
        said = _with_wildcards(make_asker((one.address, other.address))).one("a.many.example")
    assert [(each.status, each.wildcard) for each in said] == [(DnsStatus.ANSWERED, True), (DnsStatus.NXDOMAIN, None)]

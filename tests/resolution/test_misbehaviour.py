"""One name per misbehaviour, asked about for real on loopback: each is told apart, at both resolvers alike."""

from typing import Any

import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.demo.nameserver import Fault, Nameserver, Records
from monitor.demo.zones import misbehaving_zone
from monitor.model.words import AddressKind, DnsStatus
from monitor.resolution.question import _parsed

Asker = Any  # conftest's
OK = "NOERROR"
# name, status, rcode of A, rcode of AAAA, TTL, addresses, links of the chain, questions
EXPECTED = [
    ("plain.site.example", DnsStatus.ANSWERED, OK, OK, 300, 2, 0, 2),
    ("many.site.example", DnsStatus.ANSWERED, OK, OK, 300, 80, 0, 2),
    ("xn--bcher-kva.site.example", DnsStatus.ANSWERED, OK, OK, 300, 2, 0, 2),
    ("ttl-0.site.example", DnsStatus.ANSWERED, OK, OK, 0, 1, 0, 2),
    ("slow.site.example", DnsStatus.ANSWERED, OK, OK, 300, 2, 0, 2),
    ("no-data.site.example", DnsStatus.NO_DATA, OK, OK, 60, 0, 0, 2),
    ("no-data-no-soa.site.example", DnsStatus.NO_DATA, OK, OK, 0, 0, 0, 2),
    ("gone.site.example", DnsStatus.NXDOMAIN, "NXDOMAIN", "NXDOMAIN", 60, 0, 0, 2),
    ("cname.site.example", DnsStatus.ANSWERED, OK, OK, 120, 2, 2, 2),
    ("cname-across.site.example", DnsStatus.ANSWERED, OK, OK, 30, 2, 1, 4),
    ("cname-nowhere.site.example", DnsStatus.NXDOMAIN, "NXDOMAIN", "NXDOMAIN", 60, 0, 1, 2),
    ("cname-no-data.site.example", DnsStatus.NO_DATA, OK, OK, 60, 0, 1, 2),
    ("loop-1.site.example", DnsStatus.LOOP, OK, OK, 0, 0, 1, 2),
    ("loop-self.site.example", DnsStatus.LOOP, OK, OK, 0, 0, 0, 2),
    ("loop-across-1.site.example", DnsStatus.LOOP, OK, OK, 0, 0, 1, 4),
    ("long-0.site.example", DnsStatus.TOO_LONG, OK, OK, 0, 0, 12, 2),
    ("long-18.site.example", DnsStatus.ANSWERED, OK, OK, 300, 1, 12, 2),
    ("servfail.site.example", DnsStatus.SERVFAIL, "SERVFAIL", "SERVFAIL", 0, 0, 0, 4),
    ("servfail-once.site.example", DnsStatus.ANSWERED, OK, OK, 300, 2, 0, 4),
    ("servfail-aaaa.site.example", DnsStatus.ANSWERED, OK, "SERVFAIL", 300, 1, 0, 3),
    ("servfail-aaaa-alone.site.example", DnsStatus.SERVFAIL, OK, "SERVFAIL", 0, 0, 0, 3),
    ("refused.site.example", DnsStatus.REFUSED, "REFUSED", "REFUSED", 0, 0, 0, 2),
    ("referral.site.example", DnsStatus.REFUSED, OK, OK, 0, 0, 0, 2),
    ("formerr-to-edns.site.example", DnsStatus.ANSWERED, OK, OK, 300, 2, 0, 4),
    ("silent.site.example", DnsStatus.TIMEOUT, None, None, 0, 0, 0, 3),
    ("silent-once.site.example", DnsStatus.ANSWERED, OK, OK, 300, 2, 0, 4),
    ("silent-aaaa.site.example", DnsStatus.TIMEOUT, "SERVFAIL", None, 0, 0, 0, 4),
    ("truncated.site.example", DnsStatus.ANSWERED, OK, OK, 300, 2, 0, 2),
    ("truncated-twice.site.example", DnsStatus.MALFORMED, None, None, 0, 0, 0, 2),
    ("wrong-id.site.example", DnsStatus.MALFORMED, None, None, 0, 0, 0, 2),
    ("wrong-question.site.example", DnsStatus.MALFORMED, None, None, 0, 0, 0, 2),
    ("garbage.site.example", DnsStatus.MALFORMED, None, None, 0, 0, 0, 2),
    ("garbage-first.site.example", DnsStatus.ANSWERED, OK, OK, 300, 2, 0, 2),
    ("private.site.example", DnsStatus.REBINDING, OK, OK, 300, 2, 0, 2),
    ("loopback.site.example", DnsStatus.REBINDING, OK, OK, 300, 2, 0, 2),
    ("bogon-and-private.site.example", DnsStatus.REBINDING, OK, OK, 300, 2, 0, 2),
    ("unspecified.site.example", DnsStatus.BOGON, OK, OK, 300, 1, 0, 2),
    ("documentation.site.example", DnsStatus.BOGON, OK, OK, 300, 1, 0, 2),
    ("mixed.site.example", DnsStatus.ANSWERED, OK, OK, 300, 3, 0, 2),
    ("mapped.site.example", DnsStatus.ANSWERED, OK, OK, 300, 1, 0, 2),
]
FAULTS = set(Fault) - {Fault.NONE}


@pytest.mark.parametrize("row", EXPECTED, ids=[row[0].split(".")[0] for row in EXPECTED])
def test_each_misbehaviour_has_its_own_status(row: tuple[Any, ...], everything: dict[str, Any]) -> None:
    """Status, rcodes, TTL, addresses, chain and number of questions are as the zone makes them, at both resolvers."""
    name, *expected = row
    for resolution in everything[name]:
        seen = [
            resolution.status,
            resolution.rcode_a,
            resolution.rcode_aaaa,
            resolution.ttl_seconds,
            len(resolution.addresses),
            len(resolution.cname_chain),
            resolution.n_questions,
        ]
        assert seen == expected


def test_the_table_has_every_name_and_fault_that_the_demo_can_play(everything: dict[str, Any]) -> None:
    """A new misbehaviour in the zone without a row here fails."""
    names = {row[0] for row in EXPECTED}
    rest = {name for name in misbehaving_zone() if "*" not in name and not name.startswith("long-")} - names
    assert rest == {
        "changing.site.example",
        "cname-2.site.example",
        "end.cdn.example",
        "loop-2.site.example",
        "loop-across-2.site.example",
        "other.wild.example",
        "fine.wild-broken.example",
    }
    assert {f"{fault.value}.site.example" for fault in FAULTS} <= names


def test_the_chain_holds_the_names_after_the_host_in_order(everything: dict[str, Any]) -> None:
    """A host that is an alias of an alias shows both, the host itself not."""
    for resolution in everything["cname.site.example"]:
        assert resolution.cname_chain == ("cname-2.site.example", "plain.site.example")


def test_addresses_that_are_not_global_are_kept_and_marked(everything: dict[str, Any]) -> None:
    """Private ones beside a global one: all stored, each with its kind, the mapped one once and as IPv4."""
    for resolution in everything["mixed.site.example"]:
        kinds = {bytes(each.address): each.kind for each in resolution.addresses}
        assert kinds == {
            bytes([192, 0, 2, 10]): AddressKind.GLOBAL,
            bytes([10, 1, 2, 3]): AddressKind.PRIVATE,
            bytes.fromhex("fe80") + bytes(13) + b"\1": AddressKind.PRIVATE,
        }


def test_a_cut_answer_is_asked_for_again_by_tcp(server: Nameserver, asker: Asker) -> None:
    """TC over UDP: one more question for each type, over TCP."""
    asker.one("truncated.site.example")
    assert server.asked_by_tcp == {("truncated.site.example", kind): 1 for kind in ("A", "AAAA")}


def test_forty_addresses_do_not_fit_one_datagram_without_edns(server: Nameserver, asker: Asker) -> None:
    """EDNS is in use: an answer of 40 addresses of 16 bytes comes over UDP."""
    asker.one("many.site.example")
    assert server.asked_by_tcp.total() == 0


def test_the_resolvers_of_one_asking_share_its_time(everything: dict[str, Any], asker: Asker) -> None:
    """`resolved_at` is the same at both resolvers, and the resolver is named by address and port."""
    for first, other in everything.values():
        assert first.resolved_at == other.resolved_at == asker.clock
        assert first.resolver != other.resolver
        assert first.resolver.startswith("127.0.0.1:")


def test_two_resolvers_that_disagree_are_both_kept(server: Nameserver, make_asker: Any) -> None:
    """One says NXDOMAIN (a blocklist, say), the other answers: two Resolutions, neither hides the other."""
    with Nameserver({}) as other:
        said = make_asker((server.address, other.address)).one("plain.site.example")
    assert [each.status for each in said] == [DnsStatus.ANSWERED, DnsStatus.NXDOMAIN]


@settings(derandomize=True, max_examples=300)
@given(st.binary(max_size=120), st.booleans())
def test_no_bytes_of_a_stranger_raise(noise: bytes, whole: bool) -> None:
    """Whatever comes instead of an answer is no answer, with or without the question's own id in front."""
    query = dns.message.make_query("plain.site.example", "A")
    head = query.to_wire()[:2]
    assert _parsed(noise, query, whole=whole) is None
    _parsed(head + b"\x80" + noise, query, whole=whole)
    _parsed(query.to_wire()[:2] + b"\x82\x00" + query.to_wire()[4:] + noise, query, whole=whole)


def test_a_name_without_addresses_is_not_a_name_that_does_not_exist(make_asker: Any) -> None:
    """A name that is in the zone without records is no data, one that is not there does not exist."""
    with Nameserver({"empty.site.example": Records()}) as one, Nameserver({}) as other:
        said = make_asker((one.address, other.address)).one("empty.site.example")
    assert [each.status for each in said] == [DnsStatus.NO_DATA, DnsStatus.NXDOMAIN]

"""Each known fault of ipwhois 1.3: that plain ipwhois has it, and that our questions do not. All on loopback."""

import ipaddress
import logging
import socket
import threading
import time

import dns.exception
import dns.flags
import dns.message
import dns.resolver
import dns.rrset
import ipwhois.net
import ipwhois.rdap
import pytest
from ipwhois.asn import IPASN
from ipwhois.exceptions import ASNRegistryError, HTTPLookupError, HTTPRateLimitError
from ipwhois.net import Net
from ipwhois.rdap import RDAP

from monitor.attribution.rdap_coverage import Coverage
from monitor.attribution.rdap_fetch import fetch_registrations
from monitor.attribution.rdap_net import QuietNet
from monitor.attribution.rdap_pace import Timing
from monitor.config import Rdap
from monitor.demo import rdap_answers as made
from monitor.demo import rdap_server as server
from monitor.demo.rdap_server import RdapServer, ok, redirect
from monitor.model.report import Address
from monitor.model.words import RegistrationStatus as Status

ASKED = "192.0.2.7"
RANGE = "192.0.2.0/24"


@pytest.fixture(autouse=True)
def contacted(monkeypatch):
    """Every peer that anything connects or sends to; whoever is not on loopback is refused."""
    peers = []
    connect, sendto = socket.socket.connect, socket.socket.sendto

    def noted(peer):
        host, port = peer[:2]
        assert ipaddress.ip_address(host).is_loopback, "something outside loopback was contacted"
        peers.append(port)

    def noted_connect(self, peer):
        noted(peer)
        return connect(self, peer)

    def noted_sendto(self, data, *rest):
        noted(rest[-1])
        return sendto(self, data, *rest)

    monkeypatch.setattr(socket.socket, "connect", noted_connect)
    monkeypatch.setattr(socket.socket, "sendto", noted_sendto)
    return peers


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """Loopback is asked directly, whatever the environment says."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def registry(monkeypatch):
    """A registry that plain ipwhois takes for ripencc, and that may be asked about documentation addresses."""
    with RdapServer() as started:
        urls = {"ip_url": f"{started.url}/ip/{{0}}", "entity_url": f"{started.url}/entity/{{0}}"}
        monkeypatch.setitem(ipwhois.rdap.RIR_RDAP, "ripencc", urls)
        monkeypatch.setattr(ipwhois.net, "ipv4_is_defined", lambda _: (False, "", ""))
        yield started


@pytest.fixture
def naps(monkeypatch):
    """How long plain ipwhois would have slept."""
    slept = []
    monkeypatch.setattr(ipwhois.net, "sleep", slept.append)
    return slept


def plain(**options):
    """What ipwhois does when it is used as its documentation says."""
    return RDAP(Net(ASKED, timeout=1)).lookup(asn_data={"asn_registry": "ripencc"}, **options)


def ours(registry, *addresses, slept=None, **changes):
    """The same by fetch_registrations; time passes only while it sleeps."""
    naps = [] if slept is None else slept
    options = {"first": "ripencc", "per_minute": 6000, "timeout_seconds": 1} | changes
    return list(
        fetch_registrations(
            [Address(ipaddress.ip_address(text).packed) for text in addresses or (ASKED,)],
            Coverage(),
            Rdap(servers={"ripencc": registry.url}, **options),
            timing=Timing(monotonic=lambda: sum(naps), sleep=naps.append),
            treat_as_global=[ipaddress.ip_network(RANGE)],
        )
    )


class CymruServer:
    """A DNS server on loopback that answers every TXT question with one line, or with REFUSED."""

    def __init__(self, line: str | None) -> None:
        self.line = line
        self.asked: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self) -> None:
        while True:
            try:
                wire, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            if not wire:
                return
            query = dns.message.from_wire(wire)
            self.asked.append(query.question[0].name.to_text())
            reply = dns.message.make_response(query)
            if self.line is None:
                reply.set_rcode(5)
            else:
                reply.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "TXT", f'"{self.line}"'))
            self.socket.sendto(reply.to_wire(), peer)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def net(self) -> Net:
        net = Net(ASKED, timeout=1)
        net.dns_resolver = dns.resolver.Resolver(configure=False)
        net.dns_resolver.nameservers = ["127.0.0.1"]
        net.dns_resolver.port = self.socket.getsockname()[1]
        net.dns_resolver.timeout = net.dns_resolver.lifetime = 1
        return net


def test_several_as_numbers_in_one_answer_are_no_matter(registry, contacted):
    """Plain: "64496 64497" is taken for one AS number and asked about as such. Ours never asks for an AS number."""
    with CymruServer(f"64496 64497 | {RANGE} | NL | ripencc | 2001-01-02") as cymru:
        found = IPASN(cymru.net()).lookup(retry_count=0, asn_methods=["dns"])
        assert found["asn"] == "64496 64497"
        assert cymru.asked[-1] == r"AS64496\03264497.asn.cymru.com."
        with pytest.raises(ValueError, match="invalid literal"):
            int(found["asn"])
    contacted.clear()
    registry.serve(RANGE, ok(made.assigned_pa(RANGE)))
    (result,) = ours(registry)
    assert result.status is Status.FOUND
    assert set(contacted) == {int(registry.url.split(":")[2].split("/")[0])}


def test_a_registry_that_says_429_is_not_slept_on(registry, naps):
    """Plain: three sleeps of 120 seconds whatever Retry-After says, then an error. Ours waits the two seconds asked."""
    registry.serve(RANGE, server.rate_limited("2"))
    with pytest.raises(HTTPRateLimitError):
        plain()
    assert naps == [120, 120, 120]
    assert registry.n_questions == 4

    registry.serve(RANGE, [server.rate_limited("2"), ok(made.assigned_pa(RANGE))])
    naps.clear()
    slept = []
    assert ours(registry, slept=slept)[0].status is Status.FOUND
    assert sum(slept) == pytest.approx(2)
    assert (naps, registry.n_questions) == ([], 6)


def test_no_chain_of_fallbacks_is_gone_through(registry, monkeypatch, contacted):
    """Plain: DNS, then port 43, then HTTP, again and again, for one AS number. Ours: one question, to one server."""
    monkeypatch.setattr(ipwhois.net, "CYMRU_WHOIS", "127.0.0.1")
    monkeypatch.setattr(ipwhois.net, "ARIN", f"{registry.url}/nets/{{0}}")
    with CymruServer(None) as cymru:
        net, port = cymru.net(), cymru.socket.getsockname()[1]
        contacted.clear()
        with pytest.raises(ASNRegistryError):
            IPASN(net).lookup(retry_count=2)
    assert contacted.count(port) >= 1
    assert contacted.count(43) == 3
    assert registry.n_questions >= 1

    contacted.clear()
    registry.questions.clear()
    (result,) = ours(registry)
    assert result.status is Status.NOT_FOUND
    assert len(contacted) == registry.n_questions == 1


def test_entities_are_never_asked_for(registry):
    """Plain: one question more for each entity without a vcard, and for each nested one. Ours: none, ever."""
    nested = {"handle": "NESTED-RIPE", "roles": ["abuse"]}
    bare = [{"handle": f"BARE{n}-RIPE", "roles": ["technical"], "entities": [nested]} for n in range(3)]
    registry.serve(RANGE, ok(made.network_answer(RANGE, entities=bare)))
    plain(depth=1)
    asked_for = {path.rsplit("/", 2)[-2] for path in registry.questions}
    assert asked_for == {"ip", "entity"}
    assert registry.n_questions > 3

    registry.questions.clear()
    assert ours(registry)[0].status is Status.FOUND
    assert registry.questions == {f"/rdap/ip/{ASKED}": 1}


def test_no_resolver_file_is_needed(registry, monkeypatch):
    """Plain: without a readable resolver file not even the object can be made. Ours does not look for it."""

    def missing(_self, _path):
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", missing)
    with pytest.raises(dns.exception.DNSException):
        plain()
    registry.serve(RANGE, ok(made.assigned_pa(RANGE)))
    assert ours(registry)[0].status is Status.FOUND


@pytest.mark.parametrize(
    ("reply", "status", "n_plain"),
    [
        (server.NOT_FOUND, Status.NOT_FOUND, 1),
        (server.FORBIDDEN, Status.REFUSED, 1),
        (server.SERVER_ERROR, Status.SERVER_ERROR, 1),
        (server.CUT_JSON, Status.MALFORMED, 1),
        (server.HTML, Status.MALFORMED, 1),
        (server.HANG, Status.TIMEOUT, 4),
        (redirect("/rdap/ip/{address}"), Status.LOOP, 1),
    ],
)
def test_failures_are_told_apart(registry, reply, status, n_plain):
    """Plain: one error for all, with the address in its text; a hang is asked about four times. Ours: a word each."""
    registry.serve(RANGE, reply)
    with pytest.raises(HTTPLookupError, match=ASKED):
        RDAP(Net(ASKED, timeout=0.2)).lookup(asn_data={"asn_registry": "ripencc"})
    assert registry.n_questions >= n_plain
    assert [each.status for each in ours(registry, timeout_seconds=0.2)] == [status]


def test_a_huge_answer_is_not_read_to_its_end(registry):
    """Plain: 2 MiB are read and parsed. Ours stops after one and calls it no answer."""
    huge = made.assigned_pa(RANGE) | {"remarks": [{"title": "x" * 2 * 2**20}]}
    registry.serve(RANGE, ok(huge))
    assert plain()["network"]["name"] == "EXAMPLE-NET"
    assert ours(registry)[0].status is Status.MALFORMED


def test_the_registry_that_answered_is_known(registry):
    """Plain: a redirect is followed without a word. Ours says who answered."""
    with RdapServer() as other:
        registry.serve(RANGE, redirect(f"{other.url}/ip/{{address}}"))
        other.serve(RANGE, ok(made.assigned_pa(RANGE)))
        assert plain()["network"]["name"] == "EXAMPLE-NET"
        assert [each.server for each in ours(registry)] == ["elsewhere"]


@pytest.mark.parametrize(
    "changes",
    [{"handle": None}, {"parentHandle": None}, {"entities": [None]}, {"entities": [{"handle": None}]}],
    ids=str,
)
def test_an_answer_with_a_null_is_an_answer(registry, changes):
    """Plain: AttributeError or TypeError, from a lookup that promises HTTPLookupError. Ours: FOUND."""
    registry.serve(RANGE, ok(made.assigned_pa(RANGE) | changes))
    with pytest.raises((AttributeError, TypeError)):
        plain(root_ent_check=False)
    assert ours(registry)[0].status is Status.FOUND


def test_addresses_are_not_logged(registry, caplog):
    """Plain: every question is in the debug log. Ours: none of ipwhois's lines."""
    for name in ("ipwhois.net", "ipwhois.rdap"):
        logger = logging.getLogger(name)
        for held in list(logger.filters):  # an earlier test may have silenced it
            logger.removeFilter(held)
        caplog.set_level(logging.DEBUG, logger=name)
    registry.serve(RANGE, ok(made.assigned_pa(RANGE)))
    plain()
    assert ASKED in caplog.text
    caplog.clear()
    ours(registry)
    assert caplog.text == ""


def test_one_range_is_asked_about_once(registry):
    """Plain lookups cost one question for each address; ours one for the range."""
    registry.serve(RANGE, ok(made.assigned_pa(RANGE)))
    for _ in range(20):
        plain()
    assert registry.n_questions == 20
    registry.questions.clear()
    ours(registry, *(f"192.0.2.{number}" for number in range(20)))
    assert registry.n_questions == 1


def test_making_a_question_takes_microseconds(registry):
    """Plain: Net() reads the resolver file, 0.9 ms each. Ours is at least five times cheaper."""
    packed = Address(ipaddress.ip_address(ASKED).packed)

    def best(make):
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            for _ in range(50):
                make()
            times.append((time.perf_counter() - begin) / 50)
        return min(times)

    theirs, own = best(lambda: Net(ASKED)), best(lambda: QuietNet(packed, dict))
    assert own * 5 < theirs

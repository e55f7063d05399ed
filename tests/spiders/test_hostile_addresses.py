"""No hostile form leads a check anywhere: not as a URL, not as an address, not by redirect, not by a changing name.

The proof is taken from outside of what is tested: an audit hook sees every `connect` of this process (and lets none go
further than loopback), and a listener counts who came. Forms and answers: `monitor.demo.hostile`.
"""

import asyncio
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler

from monitor.config import Resolvers
from monitor.demo import behaviours as b
from monitor.demo.hostile import ANSWERS, LITERALS, LOCATIONS, PORTS
from monitor.demo.nameserver import Nameserver, Records
from monitor.demo.webserver import Webserver
from monitor.intake.normalise import normalise_url
from monitor.intake.problems import IntakeProblem
from monitor.model.observation import Check, Observation
from monitor.model.report import Address, Host
from monitor.model.words import DnsStatus, ExchangeError, HostKind, Phase
from monitor.observation.crawl import Crawl
from monitor.observation.messages import CrawlSettings
from monitor.observation.policy import Policy
from spiders.handler import HeadersOnlyHandler
from spiders.seen import Order, Seen

PUBLIC = Policy(loopback=False)
HERE = Address(ip_address("127.0.0.1").packed)
HERE_6 = Address(ip_address("::1").packed)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class _Connects:
    """What this process tried to connect to while `watched`. An audit hook stays for ever, so it has a switch."""

    def __init__(self) -> None:
        self.watched = False
        self.to: list[str] = []
        sys.addaudithook(self._look)

    def _look(self, event: str, args: tuple) -> None:
        if self.watched and event == "socket.connect" and isinstance(args[1], tuple):
            self.to.append(args[1][0])
            if not ip_address(args[1][0]).is_loopback:
                raise PermissionError("a test connects to loopback alone")


_CONNECTS = _Connects()


@pytest.fixture
def connects() -> Iterator[list[str]]:
    """Addresses that the process tries to connect to."""
    _CONNECTS.to.clear()
    _CONNECTS.watched = True
    yield _CONNECTS.to
    _CONNECTS.watched = False


@pytest.fixture(scope="module")
def listener() -> Iterator[Webserver]:
    """Would get every connection that goes to loopback, plain, over both families."""
    with Webserver(lambda asked: b.image(), ("127.0.0.1", "127.255.255.254", "::1")) as server:
        yield server


def addresses_meant(literal: str) -> tuple[Address, ...]:
    """What the intake reads in a URL with this host; for a name, what it would resolve to. Empty: it is rejected."""
    try:
        host = normalise_url(f"http://{literal}/").host
    except IntakeProblem:
        return ()
    return (HERE, HERE_6) if host.address is None else (host.address,)


EVERY = sorted({each for literal in LITERALS for each in addresses_meant(literal)})
EVERY_ANSWER = [Address(ip_address(text).packed) for kind in ANSWERS.values() for text in kind]
ELSEWHERE = [each for each in EVERY if not Policy(loopback=True).address_allowed(each)]


def ask(url: str, address: Address, *, loopback: bool) -> Seen:
    """One HEAD through the download handler."""

    async def asked() -> Seen:
        crawler = get_crawler(settings_dict={"TWISTED_REACTOR_ENABLED": False, "MONITOR_LOOPBACK": loopback})
        handler = HeadersOnlyHandler.from_crawler(crawler)
        request = Request(url, method="HEAD", meta={"order": Order(address)})
        await handler.download_request(request)
        await handler.close()
        return request.meta["seen"]

    return asyncio.run(asked())


def crawl_settings(*, loopback: bool, resolvers: tuple[str, ...] = ("127.0.0.1:9", "127.0.0.1:9")) -> CrawlSettings:
    return CrawlSettings(
        "test/1",
        (),
        16,
        0.0,
        1.0,
        1.0,
        1.0,
        4,
        5,
        65_536,
        permit_get=False,
        loopback=loopback,
        digest_key=bytes(16),
        vantages={"direct": None},
        resolvers=Resolvers(servers=resolvers, timeout_seconds=0.5, tries=1),
    )


def check(number: int, url: str, *addresses: Address) -> Check:
    host = Host("site.example", HostKind.NAME, "site.example", None)
    return Check(number, number, url, host, addresses, (DnsStatus.ANSWERED,))


def observed(settings: CrawlSettings, checks: list[Check]) -> list[Observation]:
    with Crawl(settings) as crawl:
        seen = list(crawl.observe(checks, threading.Event(), lambda: NOW))
    assert len(seen) == len(checks)
    return sorted(seen, key=lambda each: each.check_id)


def test_there_are_enough_forms():
    """At least sixty, in odd notations and in every range that is not to be reached."""
    assert len(LITERALS) >= 60
    assert len(LITERALS) + len(LOCATIONS) + len(PORTS) + len(EVERY_ANSWER) >= 120


@pytest.mark.parametrize("literal", LITERALS, ids=LITERALS.get)
def test_the_intake_reads_no_hostile_form_as_an_address_that_may_be_connected_to(literal):
    """It is rejected, or what it means is seen and forbidden; a name is left to DNS, whose answers are looked at."""
    assert not any(PUBLIC.address_allowed(each) for each in addresses_meant(literal))
    assert (len(addresses_meant(literal)) == 2) == ("localhost" in literal)


@pytest.mark.parametrize("address", EVERY + EVERY_ANSWER, ids=lambda each: str(ip_address(each)))
def test_the_policy_forbids_every_hostile_address(address):
    """In a public run all of them, in one on loopback all but loopback's own; as packed, no notation can be odd."""
    whole = ip_address(address)
    assert not PUBLIC.address_allowed(address)
    assert Policy(loopback=True).address_allowed(address) == whole.is_loopback


@pytest.mark.parametrize("port", PORTS)
def test_the_policy_forbids_the_ports_of_other_protocols(port):
    """Mail, files, remote shells, name servers."""
    assert not PUBLIC.port_allowed(port)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_handler_opens_no_connection_to_a_hostile_address(scheme, connects, listener):
    """It says that it was forbidden; nothing was tried, by what the interpreter and a listener on loopback saw."""
    before = listener.n_connections
    for address in EVERY + EVERY_ANSWER:
        seen = ask(f"{scheme}://site.example:{listener.port}/", address, loopback=False)
        assert (seen.phase, seen.error) == (Phase.NOT_TRIED, ExchangeError.ADDRESS_FORBIDDEN)
    assert connects == []
    assert listener.n_connections == before


def test_the_handler_on_loopback_goes_nowhere_else(connects, listener):
    """The switch for tests opens loopback and closes everything else; that the hook sees a connection is seen here."""
    for address in ELSEWHERE + EVERY_ANSWER:
        seen = ask(f"http://site.example:{listener.port}/", address, loopback=True)
        assert (seen.phase, seen.error) == (Phase.NOT_TRIED, ExchangeError.ADDRESS_FORBIDDEN)
    public = Address(ip_address("9.9.9.9").packed)
    assert ask("http://site.example/", public, loopback=True).error is ExchangeError.ADDRESS_FORBIDDEN
    assert connects == []
    assert ask(f"http://site.example:{listener.port}/", HERE, loopback=True).status == 200
    assert connects == ["127.0.0.1"]


def test_the_handler_connects_to_no_forbidden_port(connects):
    """Also where the address is allowed."""
    for port in PORTS:
        seen = ask(f"http://site.example:{port}/", HERE, loopback=True)
        assert (seen.phase, seen.error) == (Phase.NOT_TRIED, ExchangeError.PORT_FORBIDDEN)
    assert connects == []


def test_a_check_of_a_hostile_address_makes_no_connection(listener):
    """Through the crawl process, as it runs in earnest: a name that has come to point at us or at a private network."""
    before = listener.n_connections
    url = f"http://site.example:{listener.port}/a.png"
    checks = [check(at, url, address) for at, address in enumerate(EVERY + EVERY_ANSWER, 1)]
    for seen in observed(crawl_settings(loopback=False), checks):
        assert {each.error for each in seen.exchanges} == {ExchangeError.ADDRESS_FORBIDDEN}
        assert {each.phase for each in seen.exchanges} == {Phase.NOT_TRIED}
    assert listener.n_connections == before


def test_a_redirect_to_a_hostile_literal_is_not_followed():
    """The redirect is seen, and the hop ends before anything is connected to."""
    elsewhere = [each for each in LITERALS if any(address in ELSEWHERE for address in addresses_meant(each))]
    ends = redirected([f"http://{each}/a.png" for each in elsewhere])
    assert len(elsewhere) >= 50
    unread = {literal for literal, end in zip(elsewhere, ends, strict=True) if end.error is ExchangeError.BAD_LOCATION}
    assert unread == {each for each in elsewhere if "%" in each}, "a zone is no part of a URL"
    assert {each.error for each in ends} <= {ExchangeError.ADDRESS_FORBIDDEN, ExchangeError.BAD_LOCATION}
    assert {each.phase for each in ends} == {Phase.NOT_TRIED}


def test_a_redirect_to_nothing_that_can_be_followed_is_not_followed():
    """Other schemes, half literals, impossible ports."""
    ends = redirected([each for each in LOCATIONS if each not in ("http://", "http:///", "//")])
    assert {each.error for each in ends} == {ExchangeError.BAD_LOCATION}


def test_a_redirect_to_a_port_of_another_protocol_is_not_followed():
    """The address would be allowed."""
    ends = redirected([f"http://127.0.0.1:{port}/" for port in PORTS])
    assert {each.error for each in ends} == {ExchangeError.PORT_FORBIDDEN}


def test_a_redirect_to_a_name_with_a_hostile_address_is_not_followed():
    """What DNS says of a hop is looked at as the hop is made."""
    zone = {f"a{at}.site.example": Records(a=(text,)) for at, text in enumerate(ANSWERS["A"])}
    zone |= {f"q{at}.site.example": Records(aaaa=(text,)) for at, text in enumerate(ANSWERS["AAAA"])}
    with Nameserver(zone) as one, Nameserver(zone) as other:
        ends = redirected([f"http://{name}/a.png" for name in zone], (one.address, other.address))
        assert one.n_asked >= len(zone)
    assert {each.phase for each in ends} == {Phase.NOT_TRIED}
    assert {each.error for each in ends} == {ExchangeError.ADDRESS_FORBIDDEN}


def test_a_name_that_changes_between_two_questions_leads_nowhere_else():
    """Rebinding: the address that was looked at is the one connected to; a later answer is looked at again."""
    zone = {"turn.site.example": Records(a=("127.0.0.2",), later_a=("10.0.0.1",), ttl=0)}
    with Nameserver(zone) as one, Nameserver(zone) as other:

        def answer(asked: b.Asked) -> b.Behaviour:
            here = asked.host.startswith("turn")
            return b.image() if here else b.redirect(f"http://turn.site.example:{server.port}/a.png")

        with Webserver(answer, ("127.0.0.1", "127.0.0.2")) as server:
            url = f"http://site.example:{server.port}/a.png"
            checks = [check(at, url, HERE) for at in range(1, 6)]
            seen = observed(crawl_settings(loopback=True, resolvers=(one.address, other.address)), checks)
    reached = {each.address for look in seen for each in look.exchanges if each.phase is not Phase.NOT_TRIED}
    assert reached == {HERE, Address(ip_address("127.0.0.2").packed)}
    refused = [look.end.error for look in seen if look.end.phase is Phase.NOT_TRIED]
    assert set(refused) == {ExchangeError.ADDRESS_FORBIDDEN}


def redirected(locations: list[str], resolvers: tuple[str, ...] = ("127.0.0.1:9", "127.0.0.1:9")) -> list:
    """The last exchange of a check whose answer points to each of the locations."""
    with Webserver(lambda asked: b.redirect(locations[int(asked.path[1:])])) as server:
        checks = [check(at + 1, f"http://site.example:{server.port}/{at}", HERE) for at in range(len(locations))]
        seen = observed(crawl_settings(loopback=True, resolvers=resolvers), checks)
        assert server.n_connections == len(locations)
    return [each.end for each in seen]

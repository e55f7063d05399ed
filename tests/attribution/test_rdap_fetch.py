"""Asking registries: whom, how often, what counts as an answer. Every registry is a real server on loopback."""

import ipaddress
import logging
import os
import socket
import threading
import time
import traceback
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice, pairwise
from pathlib import Path

import pytest

from monitor.attribution.rdap_coverage import Coverage
from monitor.attribution.rdap_fetch import Fetched, fetch_registrations
from monitor.attribution.rdap_http import NotAnswered
from monitor.attribution.rdap_net import QuietNet
from monitor.attribution.rdap_pace import Timing
from monitor.attribution.rdap_registries import ELSEWHERE, Registries
from monitor.config import Rdap
from monitor.demo import rdap_answers as made
from monitor.demo import rdap_server as server
from monitor.demo.rdap_server import RdapServer, ok, recorded_answers, redirect
from monitor.errors import ConfigError
from monitor.model.report import Address
from monitor.model.words import RegistrationStatus as Status

ANALOGUE = Path(__file__).parents[3] / "shared" / "analogue" / "rdap"
DOCUMENTATION = tuple(
    ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GONE = "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"
EXAMPLES = Rdap(
    servers={
        "ripencc": "https://one.example",
        "apnic": "https://two.example/rdap",
        "plain": "http://plain.example/rdap",
    }
)


class ManualClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.seconds += seconds

    def timing(self) -> Timing:
        return Timing(lambda: self.seconds, self.sleep, lambda: START + timedelta(seconds=self.seconds))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """Loopback is asked directly, whatever the environment says."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def registry():
    with RdapServer() as started:
        yield started


@pytest.fixture
def two():
    """Two registries; the first is asked first."""
    with RdapServer() as alpha, RdapServer() as beta:
        yield alpha, beta


def packed(text: str) -> Address:
    return Address(ipaddress.ip_address(text).packed)


def ask(clock, servers, *addresses, known=None, limit=None, **changes):
    """Ask about the addresses; the first server is asked first."""
    urls = {name: started if isinstance(started, str) else started.url for name, started in servers.items()}
    options = {"first": next(iter(servers)), "per_minute": 6000, "timeout_seconds": 5} | changes
    return fetch_registrations(
        [packed(text) for text in addresses],
        Coverage() if known is None else known,
        Rdap(servers=urls, **options),
        limit=limit,
        timing=clock.timing(),
        treat_as_global=DOCUMENTATION,
    )


def statuses(results):
    return [each.status for each in results]


def test_an_answer_is_read_and_says_who_gave_it_and_when(registry, clock):
    """FOUND comes with the network, the document, the range that it speaks for, the registry's name and the time."""
    registry.serve("192.0.2.0/25", ok(made.assigned_pa("192.0.2.0/25")))
    (found,) = ask(clock, {"alpha": registry}, "192.0.2.7")
    assert found.status is Status.FOUND
    assert (found.address, found.server, found.asked_at) == (packed("192.0.2.7"), "alpha", START)
    assert found.network.organisation.name == "Tulip Customer B.V."
    assert found.network.registry == "alpha"
    assert found.covers == (packed("192.0.2.0"), packed("192.0.2.127"))
    assert found.document["name"] == "EXAMPLE-NET"
    assert registry.questions == {"/rdap/ip/192.0.2.7": 1}


def test_the_registries_are_told_who_asks(registry, clock):
    """Every question bears the agent's name."""
    run = fetch_registrations(
        [packed("192.0.2.7")],
        Coverage(),
        Rdap(servers={"alpha": registry.url}, first="alpha"),
        timing=clock.timing(),
        agent="monitor of an authority (rdap@authority.example)",
        treat_as_global=DOCUMENTATION,
    )
    list(run)
    assert registry.agents == {"monitor of an authority (rdap@authority.example)"}


def test_three_hundred_addresses_in_three_ranges_take_three_questions(registry, clock):
    """One question for a range, whatever the order of the addresses."""
    for cidr in GONE:
        registry.serve(cidr, ok(made.assigned_pa(cidr)))
    addresses = [f"{cidr.rsplit('.', 1)[0]}.{number}" for number in range(1, 101) for cidr in GONE]
    results = list(ask(clock, {"alpha": registry}, *addresses))
    assert statuses(results) == [Status.FOUND] * 3
    assert registry.n_questions == 3


def test_the_same_address_twice_is_one_question(registry, clock):
    """Also where the registry does not know it."""
    assert statuses(ask(clock, {"alpha": registry}, "192.0.2.7", "192.0.2.7")) == [Status.NOT_FOUND]
    assert registry.n_questions == 1


def test_an_allocation_speaks_for_the_neighbours_only(registry, clock):
    """In 2001:db8::/32, allocated, each /48 is asked about apart: a smaller range may be somebody else's."""
    registry.serve("2001:db8::/32", ok(made.allocated_pa("2001:db8::/32")))
    registry.serve("2001:db8:7::/48", ok(made.assigned_pa("2001:db8:7::/48")))
    asked = "2001:db8:1::1", "2001:db8:1::2", "2001:db8:1:ffff::1", "2001:db8:7::1", "2001:db8:8::1"
    results = list(ask(clock, {"alpha": registry}, *asked))
    assert registry.n_questions == 3
    assert [each.network.organisation.name for each in results] == [
        "Windmill Hosting B.V.",
        "Tulip Customer B.V.",
        "Windmill Hosting B.V.",
    ]
    assert results[0].covers == (packed("2001:db8:1::"), packed("2001:db8:1:ffff:ffff:ffff:ffff:ffff"))


def test_an_allocation_no_wider_than_a_24_speaks_for_all_of_it(registry, clock):
    """Asking for each address of a /24 would be a burden, so the smallest block that is announced is the grain."""
    registry.serve("192.0.2.0/24", ok(made.allocated_pa("192.0.2.0/24")))
    assert statuses(ask(clock, {"alpha": registry}, "192.0.2.7", "192.0.2.200")) == [Status.FOUND]


def test_what_is_known_is_not_asked_again(registry, clock):
    """Neither from earlier runs nor from this one."""
    known = Coverage([(packed("192.0.2.0"), packed("192.0.2.255"))])
    registry.serve("198.51.100.0/24", ok(made.assigned_pa("198.51.100.0/24")))
    list(ask(clock, {"alpha": registry}, "192.0.2.1", "198.51.100.9", known=known))
    list(ask(clock, {"alpha": registry}, "192.0.2.2", "198.51.100.10", known=known))
    assert registry.questions == {"/rdap/ip/198.51.100.9": 1}


def test_a_stopped_run_goes_on_without_asking_again(registry, clock):
    """Results come one by one; a run that was stopped after two of them asks the third question only."""
    for cidr in GONE:
        registry.serve(cidr, ok(made.assigned_pa(cidr)))
    addresses = ["192.0.2.1", "198.51.100.1", "203.0.113.1"]
    run = ask(clock, {"alpha": registry}, *addresses)
    kept = list(islice(run, 2))
    run.close()
    assert registry.n_questions == 2
    kept += ask(clock, {"alpha": registry}, *addresses, known=Coverage(each.covers for each in kept))
    assert sorted(each.address for each in kept) == [packed(text) for text in addresses]
    assert set(registry.questions.values()) == {1}


def test_a_limit_is_the_number_of_addresses_asked_about(registry, clock):
    """Whatever they come to; the rest is left for the next run."""
    registry.serve("192.0.2.0/24", ok(made.assigned_pa("192.0.2.0/24")))
    results = list(ask(clock, {"alpha": registry}, "198.51.100.1", "192.0.2.1", "203.0.113.1", limit=2))
    assert statuses(results) == [Status.FOUND, Status.NOT_FOUND]
    assert registry.n_questions == 2


def test_addresses_are_asked_in_ascending_order(registry, clock):
    """IPv4 first; the order does not depend on the order given."""
    asked = ["2001:db8::1", "203.0.113.9", "192.0.2.200", "192.0.2.3"]
    results = ask(clock, {"alpha": registry}, *asked)
    assert [each.address for each in results] == [packed(text) for text in reversed(asked)]


def test_addresses_that_are_not_global_are_never_asked_about(registry, clock):
    """Private, loopback, link-local, multicast, reserved, shared, and documentation unless it is let through."""
    inside = ["10.0.0.1", "127.0.0.1", "169.254.1.1", "224.0.0.5", "240.0.0.1", "100.64.0.1", "0.0.0.0"]
    inside += ["::1", "fe80::1", "fd00::1", "ff02::1"]
    assert list(ask(clock, {"alpha": registry}, *inside)) == []
    settings = Rdap(servers={"alpha": registry.url}, first="alpha")
    assert list(fetch_registrations([packed("192.0.2.1")], Coverage(), settings, timing=clock.timing())) == []
    assert registry.n_questions == 0


@pytest.mark.parametrize(
    ("reply", "status", "n_questions"),
    [
        (server.NOT_FOUND, Status.NOT_FOUND, 1),
        (server.FORBIDDEN, Status.REFUSED, 1),
        (server.Reply(status=401), Status.REFUSED, 1),
        (server.Reply(status=400), Status.REFUSED, 1),
        (server.Reply(status=499), Status.REFUSED, 1),
        (server.Reply(status=204), Status.MALFORMED, 1),
        (server.Reply(status=304), Status.MALFORMED, 1),
        (server.Reply(status=302), Status.MALFORMED, 1),
        (server.SERVER_ERROR, Status.SERVER_ERROR, 2),
        (server.Reply(status=503, headers={"Retry-After": "9999"}), Status.SERVER_ERROR, 1),
        (server.rate_limited("9999"), Status.RATE_LIMITED, 1),
        (server.rate_limited("Sat, 02 Mar 2126 12:00:00 GMT"), Status.RATE_LIMITED, 1),
        (server.rate_limited("5"), Status.RATE_LIMITED, 3),
        (server.rate_limited(), Status.RATE_LIMITED, 3),
        (ok({"notices": [{"title": "Rate Limit Notice"}]}), Status.RATE_LIMITED, 3),
        (server.CUT_JSON, Status.MALFORMED, 1),
        (server.HTML, Status.MALFORMED, 1),
        (server.HUGE, Status.MALFORMED, 1),
        (server.truncated(made.assigned_pa("192.0.2.0/24")), Status.MALFORMED, 1),
        (server.Reply(body=b'{"a": ' * 100_000), Status.MALFORMED, 1),
        (server.Reply(body=b"[]"), Status.MALFORMED, 1),
        (server.Reply(body=b"\xff\xfe\xfa"), Status.MALFORMED, 1),
        (ok({}), Status.MALFORMED, 1),
        (ok({"errorCode": 404, "title": "none"}), Status.MALFORMED, 1),
        (ok({"notices": 3, "entities": None}), Status.MALFORMED, 1),
        (ok(made.assigned_pa("198.51.100.0/24")), Status.MALFORMED, 1),
        (ok(made.assigned_pa("2001:db8::/32")), Status.MALFORMED, 1),
        (ok(made.allocated_pa("192.0.0.0/7")), Status.NOT_FOUND, 1),
        (redirect("ftp://registry.example/ip/{address}"), Status.MALFORMED, 1),
        (redirect("http://[broken/ip/{address}"), Status.MALFORMED, 1),
        (redirect("http://user@127.0.0.1/ip/{address}"), Status.MALFORMED, 1),
        (redirect("http://127.0.0.1:99999/ip/{address}"), Status.MALFORMED, 1),
    ],
)
def test_each_misbehaviour_is_told_apart_and_asked_about_as_often_as_helps(registry, clock, reply, status, n_questions):
    """No question is sent twice for a status that a retry cannot help; no answer means no network and no document."""
    registry.serve("192.0.2.0/24", reply)
    (result,) = ask(clock, {"alpha": registry}, "192.0.2.7")
    assert result.status is status
    assert (result.network, result.document, result.covers, result.server) == (None, None, None, "alpha")
    assert registry.n_questions == n_questions


def test_a_hang_is_a_timeout_and_asked_about_twice(registry, clock):
    """Also when the server sends its answer drop by drop."""
    registry.serve("192.0.2.0/24", server.HANG)
    begin = time.monotonic()
    assert statuses(ask(clock, {"alpha": registry}, "192.0.2.7", timeout_seconds=0.2)) == [Status.TIMEOUT]
    assert time.monotonic() - begin < 3
    assert registry.n_questions == 2


def test_an_answer_in_drops_is_a_timeout():
    """The time allowed holds for the whole body, not for each drop."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip():
            for _ in range(2):
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                    for _ in range(20):
                        time.sleep(0.1)
                        try:
                            connection.sendall(b" ")
                        except OSError:
                            break

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        results = list(ask(ManualClock(), {"alpha": url}, "192.0.2.7", timeout_seconds=0.4))
        thread.join()
    assert statuses(results) == [Status.TIMEOUT]


def test_a_slow_answer_is_an_answer(registry, clock):
    """Slower than usual, but within the time allowed."""
    registry.serve("192.0.2.0/24", server.slow(made.assigned_pa("192.0.2.0/24"), 0.3))
    assert statuses(ask(clock, {"alpha": registry}, "192.0.2.7")) == [Status.FOUND]


def test_a_closed_port_is_unreachable_and_not_asked_again(clock):
    """Nothing listens there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert statuses(ask(clock, {"alpha": url}, "192.0.2.7")) == [Status.UNREACHABLE]
    assert clock.naps == []


def test_a_server_without_a_certificate_is_unreachable(registry, clock):
    """https is spoken and verified where https is configured."""
    url = registry.url.replace("http:", "https:")
    assert statuses(ask(clock, {"alpha": url}, "192.0.2.7", timeout_seconds=1)) == [Status.UNREACHABLE]
    assert registry.n_questions == 0


def test_an_error_that_passes_is_forgotten_after_a_pause(registry, clock):
    """500 once, then the answer: two questions with two seconds in between."""
    registry.serve("192.0.2.0/24", [server.SERVER_ERROR, ok(made.assigned_pa("192.0.2.0/24"))])
    assert statuses(ask(clock, {"alpha": registry}, "192.0.2.7")) == [Status.FOUND]
    assert registry.n_questions == 2
    assert sum(clock.naps) == pytest.approx(2)


@pytest.mark.parametrize(
    "retry_after", ["40", format_datetime(START + timedelta(seconds=40), usegmt=True)], ids=["seconds", "date"]
)
def test_the_pause_that_a_registry_asks_for_is_kept(registry, clock, retry_after):
    """Retry-After as seconds and as a date: nothing is sent before it is over."""
    registry.serve("192.0.2.0/24", [server.rate_limited(retry_after), ok(made.assigned_pa("192.0.2.0/24"))])
    (result,) = ask(clock, {"alpha": registry}, "192.0.2.7")
    assert result.status is Status.FOUND
    assert result.asked_at == START + timedelta(seconds=40)
    assert registry.n_questions == 2


def test_a_registry_that_wants_too_long_a_pause_is_left_and_the_others_go_on(two, clock):
    """Its next addresses yield nothing, so that the next run asks for them; nobody waits."""
    alpha, beta = two
    alpha.serve("0.0.0.0/0", server.rate_limited("86400"))
    alpha.serve("2001:db8::/32", redirect(f"{beta.url}/ip/{{address}}"))
    beta.serve("2001:db8::/32", ok(made.assigned_pa("2001:db8::/48")))
    first = list(ask(clock, {"alpha": alpha, "beta": beta}, "192.0.2.1", "192.0.2.2", "203.0.113.1"))
    assert [(each.status, each.address) for each in first] == [(Status.RATE_LIMITED, packed("192.0.2.1"))]
    assert alpha.n_questions == 1
    assert clock.naps == []


def test_a_limited_registry_does_not_hold_up_the_others(two, clock):
    """While alpha asks for a pause of 50 seconds, beta's block, once learnt, is asked for to the end."""
    alpha, beta = two
    alpha.serve("192.0.2.0/24", redirect(f"{beta.url}/ip/{{address}}"))
    alpha.serve("198.51.100.0/24", [server.rate_limited("50"), ok(made.assigned_pa("198.51.100.0/24"))])
    for number in range(1, 6):
        beta.serve(f"192.0.2.{number}", ok(made.assigned_pa(f"192.0.2.{number}/32")))
    asked = [f"192.0.2.{number}" for number in range(1, 6)] + ["198.51.100.1"]
    results = list(ask(clock, {"alpha": alpha, "beta": beta}, *asked))
    assert [each.server for each in results] == ["beta"] * 5 + ["alpha"]
    assert results[4].asked_at < START + timedelta(seconds=5) < results[5].asked_at
    assert alpha.questions["/rdap/ip/192.0.2.2"] == 0


def test_each_registry_is_paced_on_its_own(two, clock):
    """At one question a minute, two registries with three addresses each take two minutes, not five."""
    alpha, beta = two
    alpha.serve("198.51.100.1", redirect(f"{beta.url}/ip/{{address}}"))
    asked = [f"{block}.{number}" for block in ("192.0.2", "198.51.100") for number in (1, 2, 3)]
    for text in asked:
        (alpha if text.startswith("192") else beta).serve(text, ok(made.assigned_pa(f"{text}/32")))
    results = list(ask(clock, {"alpha": alpha, "beta": beta}, *asked, per_minute=1))
    assert len(results) == 6
    assert clock.seconds <= 6 * 60
    assert alpha.n_questions <= 4


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_the_registry_that_answered_is_recorded(two, clock, status):
    """And the next address of the same /8 goes there at once."""
    alpha, beta = two
    alpha.serve("0.0.0.0/0", redirect(f"{beta.url}/ip/{{address}}", status))
    for text in ("192.0.2.1", "192.0.2.2"):
        beta.serve(text, ok(made.assigned_pa(f"{text}/32")))
    results = list(ask(clock, {"alpha": alpha, "beta": beta}, "192.0.2.1", "192.0.2.2"))
    assert [(each.status, each.server) for each in results] == [(Status.FOUND, "beta")] * 2
    assert alpha.questions == {"/rdap/ip/192.0.2.1": 1}
    assert beta.questions == {"/rdap/ip/192.0.2.1": 1, "/rdap/ip/192.0.2.2": 1}


def test_a_relative_redirect_is_followed(registry, clock):
    """Location may leave out scheme and host (RFC 9110, 10.2.2)."""
    registry.serve("192.0.2.0/25", redirect("/rdap/ip/192.0.2.200"))
    registry.serve("192.0.2.200", ok(made.assigned_pa("192.0.2.0/24")))
    assert statuses(ask(clock, {"alpha": registry}, "192.0.2.1")) == [Status.FOUND]


def test_two_registries_on_one_host_are_told_apart_by_their_path(clock):
    """The longest configured base URL names the registry."""
    with RdapServer(path="/a") as shared:
        shared.serve("192.0.2.0/24", ok(made.assigned_pa("192.0.2.0/24")))
        host = shared.url.removesuffix("/a")
        (result,) = ask(clock, {"gamma": shared.url, "delta": host}, "192.0.2.1")
    assert result.server == "gamma"


def test_a_loop_ends_as_a_loop(two, clock):
    """Two registries that name each other are asked once each."""
    alpha, beta = two
    alpha.serve("0.0.0.0/0", redirect(f"{beta.url}/ip/{{address}}"))
    beta.serve("0.0.0.0/0", redirect(f"{alpha.url}/ip/{{address}}"))
    assert statuses(ask(clock, {"alpha": alpha, "beta": beta}, "192.0.2.1")) == [Status.LOOP]
    assert (alpha.n_questions, beta.n_questions) == (1, 1)


@pytest.mark.parametrize(("n_hops", "status"), [(5, Status.FOUND), (6, Status.LOOP)])
def test_five_hops_are_followed_and_six_are_not(clock, n_hops, status):
    """A chain of registries, each of which names the next."""
    with ExitStack() as stack:
        chain = [stack.enter_context(RdapServer()) for _ in range(n_hops + 1)]
        for here, there in pairwise(chain):
            here.serve("0.0.0.0/0", redirect(f"{there.url}/ip/{{address}}"))
        chain[-1].serve("0.0.0.0/0", ok(made.assigned_pa("192.0.2.0/24")))
        servers = {f"r{number}": each for number, each in enumerate(chain)}
        assert statuses(ask(clock, servers, "192.0.2.1")) == [status]


def test_a_stranger_is_followed_to_and_paced_on_its_own(two, clock):
    """A host that is no registry of ours answers under no registry's name; its blocks are not learnt."""
    alpha, stranger = two
    alpha.serve("0.0.0.0/0", redirect(f"{stranger.url}/ip/{{address}}"))
    for text in ("192.0.2.1", "192.0.2.2"):
        stranger.serve(text, ok(made.assigned_pa(f"{text}/32")))
    results = list(ask(clock, {"alpha": alpha}, "192.0.2.1", "192.0.2.2", per_minute=1))
    assert [(each.status, each.server) for each in results] == [(Status.FOUND, "elsewhere")] * 2
    assert clock.seconds == pytest.approx(60)
    assert alpha.n_questions == 2


def test_a_neighbours_registry_that_does_not_know_an_address_is_not_the_last_word(two, clock):
    """beta answered for the block, but this address is alpha's: one question more, to the registry asked first."""
    alpha, beta = two
    alpha.serve("192.0.2.1", redirect(f"{beta.url}/ip/{{address}}"))
    alpha.serve("192.0.2.9", ok(made.assigned_pa("192.0.2.9/32")))
    beta.serve("192.0.2.1", ok(made.assigned_pa("192.0.2.1/32")))
    beta.serve("192.0.2.9", ok(made.network_answer("192.0.0.0/5", name="IANA-BLK")))
    results = list(ask(clock, {"alpha": alpha, "beta": beta}, "192.0.2.1", "192.0.2.9"))
    assert [(each.status, each.server) for each in results] == [(Status.FOUND, "beta"), (Status.FOUND, "alpha")]


def test_an_address_that_nobody_knows_is_not_found_and_no_loop(two, clock):
    """beta says 404, alpha sends back to beta: that is not found, after one question to each."""
    alpha, beta = two
    alpha.serve("0.0.0.0/0", redirect(f"{beta.url}/ip/{{address}}"))
    beta.serve("192.0.2.1", ok(made.assigned_pa("192.0.2.1/32")))
    results = list(ask(clock, {"alpha": alpha, "beta": beta}, "192.0.2.1", "192.0.2.9"))
    assert statuses(results) == [Status.FOUND, Status.NOT_FOUND]
    assert beta.questions["/rdap/ip/192.0.2.9"] == alpha.questions["/rdap/ip/192.0.2.9"] == 1


def test_a_registry_that_keeps_failing_is_left_for_this_run(registry, clock):
    """Five failures in a row; the other addresses yield nothing and are asked for by the next run."""
    registry.serve("0.0.0.0/0", server.FORBIDDEN)
    results = list(ask(clock, {"alpha": registry}, *(f"192.0.2.{number}" for number in range(1, 50))))
    assert statuses(results) == [Status.REFUSED] * 5
    assert registry.n_questions == 5


@pytest.mark.parametrize(
    "url", ["ftp://marked.example", "marked.example", "https://?marked", "http://[marked", "http://marked:b"]
)
def test_a_base_url_that_is_none_is_a_wrong_setting(clock, url):
    """The error names the setting and not its value."""
    with pytest.raises(ConfigError, match=r"\[rdap\] servers") as caught:
        ask(clock, {"alpha": url})
    assert "marked" not in str(caught.value)


def test_a_first_registry_that_does_not_exist_is_a_wrong_setting(clock):
    """The message lists those that do."""
    with pytest.raises(ConfigError, match=r"\[rdap\] first.*afrinic, alpha, apnic, arin, lacnic, ripencc"):
        ask(clock, {"alpha": "https://rdap.registry.example"}, first="aplha")


@pytest.mark.parametrize(
    ("asked_at", "location", "target"),
    [
        ("https://one.example/ip/192.0.2.1", "http://two.example/rdap/x?y#z", "https://two.example/rdap/x?y"),
        ("https://one.example/ip/192.0.2.1", "http://stranger.example:80/x", "https://stranger.example/x"),
        ("https://one.example/ip/192.0.2.1", "http://[2001:db8::1]:81/x", "https://[2001:db8::1]:81/x"),
        ("https://one.example/ip/192.0.2.1", "http://plain.example/rdap/x", "http://plain.example/rdap/x"),
        ("https://one.example/ip/192.0.2.1", "http://plain.example/else", "https://plain.example/else"),
        ("http://plain.example/rdap/x", "http://stranger.example/x", "http://stranger.example/x"),
    ],
)
def test_what_was_asked_by_https_is_not_asked_again_in_clear(asked_at, location, target):
    """The address stands in the URL: a redirect to http goes by https, except to a base URL configured with http."""
    assert Registries(EXAMPLES).followed(asked_at, location) == target


def test_nobody_else_is_asked_where_only_configured_registries_may_be():
    """Under a mandate for loopback: none of the usual registries, and no redirect to a stranger is followed."""
    only = Registries(EXAMPLES.model_copy(update={"first": "ripencc"}), configured_only=True)
    asked_at = "https://one.example/ip/192.0.2.1"
    assert only.followed(asked_at, "https://two.example/rdap/ip/192.0.2.1") is not None
    assert only.followed(asked_at, "https://stranger.example/ip/192.0.2.1") is None
    assert only.shown("lacnic") == ELSEWHERE
    with pytest.raises(ConfigError, match="Known are none"):
        Registries(Rdap(), configured_only=True)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://one.example/ip/192.0.2.1", "ripencc"),
        ("https://one.example:443/ip/192.0.2.1", "ripencc"),
        ("http://TWO.example/rdap/ip/192.0.2.1", "apnic"),
        ("https://two.example/rdapper/ip/192.0.2.1", "two.example"),
        ("https://one.example:8443/ip/192.0.2.1", "one.example"),
        ("https://one.example.stranger.example/ip/192.0.2.1", "one.example.stranger.example"),
        ("https://192.0.2.1/ip/192.0.2.1", "elsewhere"),
        ("https://[2001:db8::1]/ip/192.0.2.1", "elsewhere"),
        ("https://arin/ip/192.0.2.1", "elsewhere"),
    ],
)
def test_a_server_is_named_by_its_registry_else_by_its_host_and_never_by_an_address(url, name):
    """A host name that looks like a registry's name is not taken for it."""
    assert Registries(EXAMPLES).server_of(url) == name


@pytest.mark.parametrize("ending", ["", "/", "/ip", "/ip/", "/ip/{0}"])
def test_a_base_url_may_be_written_with_or_without_its_end(registry, clock, ending):
    """As ipwhois writes it, or as the registries do."""
    registry.serve("192.0.2.0/24", ok(made.assigned_pa("192.0.2.0/24")))
    assert statuses(ask(clock, {"alpha": registry.url + ending}, "192.0.2.1")) == [Status.FOUND]


def test_every_made_up_answer_is_found(registry, clock):
    """The customer of a sub-allocation, a padded range, a person (never named), an answer without dates."""
    registry.serve("192.0.2.0/24", ok(made.reassignment("192.0.2.0/24")))
    registry.serve("198.51.100.0/24", ok(made.natural_person("198.51.100.0/24")))
    registry.serve("203.0.113.0/24", ok(made.undated("203.0.113.0/24")))
    padded, person, undated = ask(clock, {"alpha": registry}, "192.0.2.1", "198.51.100.1", "203.0.113.1")
    assert padded.network.is_sub_allocation
    assert padded.covers == (packed("192.0.2.0"), packed("192.0.2.255"))
    assert person.network.organisation.natural_person
    assert person.network.organisation.name is None
    assert (undated.network.registered_at, undated.network.changed_at) == (None, None)


def test_the_fields_that_repeat_the_address_are_dropped(registry, clock):
    """The answer's links hold the question; what is handed on does not."""
    document = made.assigned_pa("192.0.2.0/24") | {"links": [{"rel": "self", "href": f"{registry.url}/ip/192.0.2.77"}]}
    registry.serve("192.0.2.0/24", ok(document))
    (found,) = ask(clock, {"alpha": registry}, "192.0.2.77")
    assert "192.0.2.77" not in repr(found.document)
    assert found.document["startAddress"] == "192.0.2.0"


MARKED = "203.0.113.233"
SPELLINGS = (MARKED, "cb0071e9", "0xcb", r"\xcb\x00q\xe9", "233.113.0.203", "203%2E0")


@pytest.mark.parametrize(
    "reply",
    [
        ok(made.assigned_pa("203.0.113.0/24")),
        ok(made.assigned_pa("203.0.113.233/32")),
        server.NOT_FOUND,
        server.FORBIDDEN,
        server.SERVER_ERROR,
        server.rate_limited("1"),
        server.CUT_JSON,
        ok({"handle": None, "startAddress": MARKED}),
        redirect("/rdap/ip/{address}"),
        redirect("/rdap/ip/{address}%00 x"),
        redirect("http://127.0.0.1:1/ip/{address}"),
    ],
)
def test_no_address_is_printed_or_logged(registry, clock, caplog, capfd, reply):
    """Whatever happens: not by us, not by ipwhois, whose own logger prints every question, not by the result's repr."""
    for name in ("", "ipwhois", "ipwhois.net", "ipwhois.rdap", "urllib3"):
        caplog.set_level(logging.DEBUG, logger=name)
    registry.serve(MARKED, reply)
    (result,) = ask(clock, {"alpha": registry}, MARKED)
    captured = capfd.readouterr()
    written = repr(result) + str(result) + caplog.text + captured.out + captured.err
    assert not [spelling for spelling in SPELLINGS if spelling in written]


def test_no_address_is_in_an_exception(registry, clock):
    """Neither in its text nor in what led to it, even where a programming error ends the run."""
    registry.serve(MARKED, redirect("/rdap/ip/{address}"))
    failure = NotAnswered(Status.MALFORMED, location=f"{registry.url}/ip/{MARKED}")
    assert MARKED not in str(failure) + repr(failure)

    def interrupted(_seconds):
        raise KeyboardInterrupt

    clock.sleep = interrupted
    registry.serve(MARKED, server.rate_limited("1"))
    with pytest.raises(KeyboardInterrupt) as caught:
        list(ask(clock, {"alpha": registry}, MARKED))
    assert MARKED not in "".join(traceback.format_exception(caught.value))
    assert MARKED not in repr(QuietNet(packed(MARKED), dict))
    assert MARKED not in repr(Fetched(packed(MARKED), START, "alpha", Status.TIMEOUT))


@pytest.fixture(scope="module")
def analogue():
    if not ANALOGUE.is_dir():
        assert os.environ.get("CI") != "true", "../shared/analogue is missing"
        pytest.skip("../shared/analogue, the public stand-in for the input, is missing")
    return ANALOGUE


@pytest.mark.analogue
def test_ten_real_answers_take_ten_questions(analogue, clock):
    """All five registries' answers are read; no entity is asked for, and nobody else is contacted."""
    addresses = [str(address) for address in recorded_answers(analogue)]
    assert len(addresses) == 10
    with RdapServer(analogue) as registry:
        names = ("arin", "ripencc", "apnic", "lacnic", "afrinic")
        results = list(ask(clock, dict.fromkeys(names, registry), *addresses))
        assert statuses(results) == [Status.FOUND] * 10
        assert registry.questions == {f"/rdap/ip/{text}": 1 for text in addresses}
    for each in results:
        assert each.network.first <= each.address <= each.network.last
        assert each.covers[0] <= each.address <= each.covers[1]


@pytest.mark.analogue
def test_real_answers_repeat_no_queried_address(analogue, clock):
    """Nothing outside the range itself holds the address that was asked for."""
    with RdapServer(analogue) as registry:
        for address in recorded_answers(analogue):
            (found,) = ask(clock, {"arin": registry}, str(address))
            kept = {key: value for key, value in found.document.items() if key not in ("startAddress", "endAddress")}
            assert str(address) not in repr(kept)

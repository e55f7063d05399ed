"""How resolvers are asked: whom, how often, how many hosts at a time; and what is remembered."""

import asyncio
import gc
import logging
import random
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.config import Resolvers
from monitor.demo.nameserver import Fault, Nameserver, Records
from monitor.errors import ConfigError
from monitor.model.report import Address, Host
from monitor.model.words import DnsStatus, HostKind
from monitor.resolution import Answers, Cache, Options, resolve, resolve_hosts
from monitor.resolution.question import _SILENCES

Asker = Any  # conftest's
Make = Any
STRANGE = ("a b.example", "zz.onion", "printer.local", "localhost", "b\u00fccher.example", "a\\046b.example")
FINE = Records(a=("192.0.2.10",), aaaa=("2001:db8::10",))


def named(n: int) -> Iterator[tuple[int, Host]]:
    """`n` hosts of one zone."""
    return ((at, Host(f"h{at}.many.example", HostKind.NAME, "", None)) for at in range(n))


def allocated() -> int:
    """Blocks of memory in use, garbage aside."""
    gc.collect()
    return sys.getallocatedblocks()


def closed_port() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize(
    "servers",
    [(), ("192.0.2.1",), ("192.0.2.1", "192.0.2.1:53"), ("192.0.2.1", "zzmarked"), ("192.0.2.1", "192.0.2.2:0")],
    ids=["none", "one", "twice", "no address", "no port"],
)
def test_fewer_than_two_readable_resolvers_are_refused(servers: tuple[str, ...]) -> None:
    """Before anything is asked, with a hint that names the setting and without repeating the value."""
    with pytest.raises(ConfigError, match=r"\[resolvers\] servers") as raised:
        list(resolve(named(1), Resolvers(servers=servers)))
    assert raised.value.hint
    assert "zzmarked" not in str(raised.value)


def test_resolvers_are_written_with_or_without_a_port_and_ipv6_in_brackets(make_asker: Make) -> None:
    """Each spelling is understood; a Resolution names the resolver with its port."""
    with Nameserver({"a.site.example": FINE}) as one, Nameserver({"a.site.example": FINE}, host="::1") as other:
        said = make_asker((one.address, other.address)).one("a.site.example")
    assert [each.resolver for each in said] == [f"127.0.0.1:{one.port}", f"[::1]:{other.port}"]
    assert [each.status for each in said] == [DnsStatus.ANSWERED] * 2


def test_a_closed_port_is_unreachable_and_says_nothing_of_the_name(server: Nameserver, make_asker: Make) -> None:
    """Beside a good resolver: one answer, one UNREACHABLE, tried as often as configured for A and once for AAAA."""
    good, dead = make_asker((server.address, closed_port())).one("plain.site.example", tries=3)
    assert (good.status, dead.status) == (DnsStatus.ANSWERED, DnsStatus.UNREACHABLE)
    assert (dead.n_questions, dead.rcode_a, dead.ttl_seconds) == (4, None, 0)


def test_a_silent_resolver_beside_a_good_one_keeps_no_answer_back(make_asker: Make) -> None:
    """The good one's answer comes with the silent one's TIMEOUT."""
    silent = {"*.many.example": Records(fault=Fault.SILENT)}
    with Nameserver({"*.many.example": FINE}) as one, Nameserver(silent) as other:
        said = make_asker((one.address, other.address)).one("h1.many.example", timeout_seconds=0.5)
    assert [each.status for each in said] == [DnsStatus.ANSWERED, DnsStatus.TIMEOUT]


def test_a_resolver_that_stays_silent_is_no_longer_asked_several_times(make_asker: Make) -> None:
    """After a row of silences each question gets one try, so that a dead resolver does not hold up the run."""
    silent, n_hosts = {"*.many.example": Records(fault=Fault.SILENT)}, 40
    with Nameserver({"*.many.example": FINE}) as one, Nameserver(silent) as other:
        make_asker((one.address, other.address)).all(
            [f"h{at}.many.example" for at in range(n_hosts)], timeout_seconds=0.02, tries=3, concurrency=1
        )
    assert other.n_asked == _SILENCES // 2 * 4 + (n_hosts - _SILENCES // 2) * 2


@pytest.mark.parametrize(
    ("name", "tries", "n_a", "n_aaaa"),
    [
        ("silent", 4, 4, 1),
        ("servfail", 4, 2, 2),
        ("servfail-once", 4, 2, 2),
        ("refused", 4, 1, 1),
        ("no-data", 4, 1, 1),
        ("gone", 4, 1, 1),
        ("garbage", 4, 1, 1),
        ("silent", 1, 1, 1),
        ("servfail", 1, 1, 1),
    ],
)
def test_only_what_can_change_is_asked_again(
    server: Nameserver, asker: Asker, name: str, tries: int, n_a: int, n_aaaa: int
) -> None:
    """Counted on the server: silence up to the limit, SERVFAIL once more, everything else once."""
    asker.one(f"{name}.site.example", tries=tries, timeout_seconds=0.3 if name == "silent" else 2)
    counts = [server.asked[f"{name}.site.example", kind] for kind in ("A", "AAAA")]
    assert counts == [n_a, n_aaaa]


def test_the_waits_between_tries_grow(asker: Asker) -> None:
    """Four tries with 0.1, 0.2 and 0.4 s between them (give or take a half) take no less than 0.35 s."""
    asker.options = replace(asker.options, first_wait_seconds=0.1)
    said = asker.one("silent.site.example", tries=4, timeout_seconds=0.01)
    assert 0.35 + 5 * 0.01 <= said[0].seconds < 2


def test_no_more_hosts_are_asked_about_at_a_time_than_configured(make_asker: Make) -> None:
    """The server never has more of our questions than `concurrency`, and it does have that many."""
    zone = {"*.many.example": replace(FINE, delay_seconds=0.02)}
    with Nameserver(zone) as one, Nameserver(zone) as other:
        make_asker((one.address, other.address)).all([f"h{at}.many.example" for at in range(60)], concurrency=5)
        assert (one.most_in_flight, other.most_in_flight) == (5, 5)


def test_ip_literals_ask_nothing_and_give_no_resolution(server: Nameserver, asker: Asker) -> None:
    """They have their address already."""
    literal = Host("192.0.2.1", HostKind.IPV4, "192.0.2.1", Address(bytes([192, 0, 2, 1])))
    assert list(resolve([(1, literal)], asker.settings())) == [Answers((), ())]
    assert server.n_asked == 0


@pytest.mark.parametrize(
    "name",
    ["a..example", "", ".example", "x" * 64 + ".example", ".".join(["abcdefghi"] * 26), *STRANGE],
)
def test_a_name_that_cannot_be_asked_for_is_a_bad_name(server: Nameserver, asker: Asker, name: str) -> None:
    """No question leaves the house, and it stays so for a day."""
    for resolution in asker.one(name):
        assert (resolution.status, resolution.n_questions) == (DnsStatus.BAD_NAME, 0)
        assert resolution.ttl_seconds == 86_400
    assert server.n_asked == 0


def test_a_second_asking_within_the_ttl_asks_nothing(server: Nameserver, second: Nameserver, asker: Asker) -> None:
    """The same Resolutions come again, with their own time; after the TTL both resolvers are asked anew."""
    first = asker.one("plain.site.example")
    asker.later(299)
    assert asker.one("plain.site.example") == first
    assert (server.n_asked, second.n_asked) == (2, 2)
    asker.later(1)
    assert asker.one("plain.site.example")[0].resolved_at == asker.clock
    assert (server.n_asked, second.n_asked) == (4, 4)


@pytest.mark.parametrize("name", ["gone.site.example", "no-data.site.example"])
def test_negative_answers_are_remembered_as_long_as_the_soa_says(server: Nameserver, asker: Asker, name: str) -> None:
    """TTL 900 and minimum 60: one minute."""
    asker.one(name)
    asker.later(59)
    asker.one(name)
    assert server.n_asked == 2
    asker.later(1)
    asker.one(name)
    assert server.n_asked == 4


def test_failures_are_not_remembered_for_the_next_run(server: Nameserver, asker: Asker) -> None:
    """REFUSED a moment ago is no reason not to ask in the next run."""
    asker.one("refused.site.example")
    asker.later(0.001)
    asker.one("refused.site.example")
    assert server.n_asked == 4


def test_an_answer_that_runs_out_at_one_resolver_is_asked_for_at_all(make_asker: Make) -> None:
    """So that answers stay side by side under one time."""
    with Nameserver({"a.site.example": FINE}) as one, Nameserver({"a.site.example": replace(FINE, ttl=10)}) as other:
        asker = make_asker((one.address, other.address))
        asker.one("a.site.example")
        asker.later(10)
        said = asker.one("a.site.example")
    assert {each.resolved_at for each in said} == {asker.clock}
    assert (one.n_asked, other.n_asked) == (4, 4)


@pytest.mark.parametrize("name", ["ttl-0.site.example", "servfail.site.example", "slow.site.example"])
def test_within_one_run_a_name_is_asked_about_once(server: Nameserver, asker: Asker, name: str) -> None:
    """Twice at a time and once more later, whatever came of it: every one gets the same Resolutions."""
    hosts = [(1, Host(name, HostKind.NAME, "", None)), (2, Host(name, HostKind.NAME, "", None))]
    hosts += [(9, Host(f"slow-{at}.site.example", HostKind.NAME, "", None)) for at in range(20)]
    hosts += [(3, Host(name, HostKind.NAME, "", None))]
    found: dict[int, list[Any]] = {}
    for batch in resolve(hosts, asker.settings(concurrency=3), options=asker.options):
        for host_id, each in zip(batch.host_ids, batch.resolutions, strict=True):
            found.setdefault(host_id, []).append(each)
    assert found[1] == found[2] == found[3]
    assert max(server.asked[name, "A"], server.asked[name, "AAAA"]) == (2 if "servfail" in name else 1)


def test_changing_answers_are_seen_after_the_ttl(asker: Asker) -> None:
    """The address of the second asking is the new one."""
    before = asker.one("changing.site.example")[0].addresses[0].address
    asker.later(60)
    after = asker.one("changing.site.example")[0].addresses[0].address
    assert (before, after) == (bytes([192, 0, 2, 10]), bytes([198, 51, 100, 10]))


@pytest.mark.slow
def test_hosts_are_taken_as_they_are_needed_and_memory_stays_flat(make_asker: Make) -> None:
    """2,000 hosts: what was taken from the iterator and not handed out yet is in hand or in a batch."""
    taken = handed_out = most = before = 0

    def counted() -> Iterator[tuple[int, Host]]:
        nonlocal taken
        for pair in named(2_000):
            taken += 1
            yield pair

    zone = {"*.many.example": Records(a=("192.0.2.10",))}
    with Nameserver(zone) as one, Nameserver(zone) as other:
        settings = make_asker((one.address, other.address)).settings(timeout_seconds=30, concurrency=20)
        for batch in resolve(counted(), settings, options=Options(batch=100, wildcards=False), cache=Cache(500)):
            most = max(most, taken - handed_out)
            handed_out += len(set(batch.host_ids))
            one.asked.clear()  # the servers run in this process, and count every name
            other.asked.clear()
            if handed_out == 500:
                before = allocated()
        grown = allocated() - before
    assert handed_out == 2_000
    assert most <= 20 + 2 * 100
    assert grown < 5_000  # of 1,500 hosts more; one host's Resolutions alone are 20 blocks and more


def test_a_caller_that_stops_early_leaves_nothing_running(asker: Asker, caplog: pytest.LogCaptureFixture) -> None:
    """The generator is closed in the middle: no task, socket or warning is left (warnings are errors here)."""
    with caplog.at_level(logging.DEBUG):
        batches = resolve(named(500), asker.settings(), options=Options(batch=10))
        next(batches)
        batches.close()
    assert "never retrieved" not in caplog.text
    assert "destroyed" not in caplog.text


def test_an_error_in_the_hosts_comes_out(asker: Asker) -> None:
    """What the iterator raises (a store that is gone) ends the run with that error."""

    def broken() -> Iterator[tuple[int, Host]]:
        yield from named(3)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(resolve(broken(), asker.settings()))


def test_running_out_of_sockets_is_said_and_not_booked_on_the_name(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EMFILE is our own trouble: the run stops with advice."""

    async def none_left(*_args: object, **_said: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.create_datagram_endpoint", none_left)
    with pytest.raises(ConfigError, match="concurrency"):
        list(resolve(named(3), asker.settings()))


def test_the_asynchronous_front_gives_the_same(asker: Asker) -> None:
    """`resolve_hosts` inside somebody else's event loop."""

    async def gather() -> list[Answers]:
        hosts = [(5, Host("plain.site.example", HostKind.NAME, "", None))]
        return [batch async for batch in resolve_hosts(hosts, asker.settings(), rng=random.Random(1))]

    (batch,) = asyncio.run(gather())
    assert batch.host_ids == (5, 5)
    assert [each.status for each in batch.resolutions] == [DnsStatus.BOGON] * 2  # documentation addresses


def test_the_time_of_an_asking_is_when_it_began(asker: Asker) -> None:
    """`resolved_at` is when the asking began, however long it took."""
    begun = asker.clock
    said = asker.one("slow.site.example")
    assert said[0].resolved_at == begun
    assert said[0].seconds > 0.35
    assert timedelta(seconds=said[0].seconds) < timedelta(seconds=5)

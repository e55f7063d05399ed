"""What is remembered between askings, for how long, and in how much room."""

import tracemalloc
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.report import Address
from monitor.model.resolution import Resolution, ResolvedAddress
from monitor.model.words import AddressKind, DnsStatus
from monitor.resolution import Cache

START = datetime(2026, 3, 1, tzinfo=UTC)
HERE, THERE = "192.0.2.53:53", "[2001:db8::53]:53"
ADDRESS = Address(bytes([192, 0, 2, 1]))
WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.\\", min_size=1, max_size=40)
ADDRESSES = st.builds(
    ResolvedAddress,
    st.one_of(st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16)).map(Address),
    st.sampled_from(AddressKind),
    st.integers(0, 2**31 - 1),
)
RESOLUTIONS = st.builds(
    Resolution,
    resolver=st.sampled_from([HERE, THERE]),
    resolved_at=st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    status=st.sampled_from(DnsStatus),
    rcode_a=st.sampled_from([None, "NOERROR", "NXDOMAIN", "BADVERS"]),
    rcode_aaaa=st.sampled_from([None, "NOERROR", "SERVFAIL"]),
    ttl_seconds=st.integers(0, 2**31 - 1),
    cname_chain=st.lists(WORDS, max_size=12).map(tuple),
    addresses=st.lists(ADDRESSES, max_size=20).map(tuple),
    wildcard=st.sampled_from([None, True, False]),
    n_questions=st.integers(0, 400),
    seconds=st.floats(0, 1000),
)


def said(ttl: int = 60, at: float = 0, resolver: str = HERE) -> Resolution:
    """An answer given `at` seconds after the start."""
    given_at, addresses = START + timedelta(seconds=at), (ResolvedAddress(ADDRESS, AddressKind.GLOBAL, ttl),)
    return Resolution(resolver, given_at, DnsStatus.ANSWERED, "NOERROR", "NOERROR", ttl, addresses=addresses)


def holds(cache: Cache, host: str, at: float, *resolvers: str) -> bool:
    moment = START + timedelta(seconds=at)
    return cache.get(host, resolvers or (HERE,), at=moment, since=moment + timedelta(days=1)) is not None


@settings(derandomize=True, max_examples=200)
@given(RESOLUTIONS)
def test_what_was_put_in_comes_out(resolution: Resolution) -> None:
    """Every field of every Resolution survives the packing."""
    cache = Cache()
    cache.put("a.example", resolution)
    at = resolution.resolved_at
    assert cache.get("a.example", [resolution.resolver], at=at, since=at) == (resolution,)


def test_an_answer_holds_for_its_ttl_and_no_longer_than_a_day() -> None:
    """Half-open: at the very second it has run out. A TTL of a year is cut."""
    cache = Cache()
    cache.put("a.example", said(60))
    cache.put("b.example", said(31_536_000))
    assert [holds(cache, "a.example", at) for at in (0, 59.9, 60)] == [True, True, False]
    assert [holds(cache, "b.example", at) for at in (86_399, 86_400)] == [True, False]


def test_all_resolvers_or_none() -> None:
    """One resolver's answer alone is no asking."""
    cache = Cache()
    cache.put("a.example", said())
    assert not holds(cache, "a.example", 1, HERE, THERE)
    cache.put("a.example", said(resolver=THERE))
    assert holds(cache, "a.example", 1, HERE, THERE)
    assert not holds(cache, "a.example", 60, HERE, THERE)


def test_when_it_is_full_the_entry_that_runs_out_soonest_goes() -> None:
    """Also when an entry was renewed meanwhile: then its old end does not count."""
    cache = Cache(max_entries=3)
    for host, ttl in (("a", 10), ("b", 30), ("c", 20)):
        cache.put(f"{host}.example", said(ttl))
    cache.put("a.example", said(100))
    cache.put("d.example", said(50))
    assert len(cache) == 3
    assert [host for host in "abcd" if holds(cache, f"{host}.example", 1)] == ["a", "b", "d"]


def test_renewing_one_entry_for_ever_takes_no_more_room() -> None:
    """The list of ends is cleaned of those that were replaced."""
    cache = Cache()
    for at in range(2_000):
        cache.put("a.example", said(at=at))
    assert len(cache) == 1
    assert len(cache._soonest) < 50


def test_an_entry_takes_less_than_a_third_of_a_kilobyte() -> None:
    """5,000 entries measured; a name and an answer with one address. dnspython's own cache takes 6.7 KB."""
    cache = Cache()
    tracemalloc.start(1)
    for at in range(5_000):
        cache.put(f"host-{at}.a-rather-long-name.example", said(at % 5_000))
    size = tracemalloc.get_traced_memory()[0] / 5_000
    tracemalloc.stop()
    assert size < 333


def test_no_host_name_lies_in_it_and_its_repr_says_how_many() -> None:
    """The keys are digests."""
    cache = Cache()
    cache.put("zzmarked.example", said())
    assert repr(cache) == "Cache(1 entries)"
    assert b"zzmarked" not in b"".join([*cache._entries, *cache._entries.values()])

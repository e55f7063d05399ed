"""What DNS said, kept: which hosts are due, the answers stored once, and what comes out without a name in it."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest

from monitor.errors import StoreError
from monitor.model.columns import ResolutionColumns
from monitor.model.report import Report
from monitor.model.resolution import Resolution, ResolvedAddress
from monitor.model.words import AddressKind, DnsStatus, HostKind, InputKind
from monitor.store import Store, add_reports, begin_input
from monitor.store.resolutions import (
    add_resolutions,
    count_resolved,
    hosts_to_resolve,
    resolution_columns,
    resolutions_of_host,
)
from monitor.store.times import to_micros
from tests.engines import Engine

Make = Any  # conftest's Maker
HERE, THERE = "192.0.2.53:53", "192.0.2.54:53"
LIVE = ("hotline",)


def _import(store: Store, *reports: Report) -> None:
    add_reports(store, begin_input(store, f"{len(reports)}", InputKind.REPORTS, 1), list(reports))


def _due(store: Store, now: datetime, sources: Sequence[str] = LIVE, **said: Any) -> list[str]:
    return [host.name for batch in hosts_to_resolve(store, sources, now=now, **said) for host in batch.hosts]


def _ids(store: Store, now: datetime) -> dict[str, int]:
    """Key of each host by its name."""
    every = hosts_to_resolve(store, LIVE, now=now, again=True)
    return {host.name: key for batch in every for key, host in zip(batch.host_ids, batch.hosts, strict=True)}


def _said(make: Make, hours: float = 0, resolver: str = HERE, **said: Any) -> Resolution:
    addresses = said.pop("addresses", ("192.0.2.1",))
    kinds = said.pop("kinds", [AddressKind.GLOBAL] * len(addresses))
    resolved = [ResolvedAddress(make.address(text), kind, 300) for text, kind in zip(addresses, kinds, strict=True)]
    given = {"status": DnsStatus.ANSWERED, "rcode_a": "NOERROR", "rcode_aaaa": "NOERROR", "ttl_seconds": 300, **said}
    return Resolution(resolver, make.at(hours), addresses=tuple(resolved), **given)


def _failed(make: Make, status: DnsStatus, hours: float = 0, resolver: str = HERE, ttl: int = 0) -> Resolution:
    return _said(make, hours, resolver, status=status, addresses=(), ttl_seconds=ttl)


def _columns(store: Store, before: datetime) -> ResolutionColumns:
    with store.read() as connection:
        return resolution_columns(connection, to_micros(before))


@pytest.fixture
def filled(store: Store, make: Make) -> Store:
    """Two hosts of the live source (one on two Targets), an IP literal, and a host of another source."""
    _import(
        store,
        make.report("R1", target=make.target("a", "one.example")),
        make.report("R2", target=make.target("b", "one.example")),
        make.report("R3", target=make.target("a", "two.example", withheld=True)),
        make.report("R4", target=make.literal("198.51.100.7")),
        make.report("X1", source="elsewhere", target=make.target("a", "three.example")),
    )
    return store


def test_the_named_hosts_of_live_sources_are_due_once_each(filled: Store, make: Make) -> None:
    """No IP literal, no host of a source that is not named, one host for two Targets."""
    assert _due(filled, make.at(1)) == ["one.example", "two.example"]
    assert _due(filled, make.at(1), ("hotline", "elsewhere")) == ["one.example", "two.example", "three.example"]
    assert _due(filled, make.at(1), ()) == []
    assert _due(filled, make.at(1), ("unheard of",)) == []


def test_hosts_come_in_batches_with_their_keys(filled: Store, make: Make) -> None:
    """Aligned, of kind name, and no larger than asked for."""
    batches = list(hosts_to_resolve(filled, ("hotline", "elsewhere"), now=make.at(1), batch=2))
    assert [len(batch.host_ids) for batch in batches] == [2, 1]
    assert all(host.kind is HostKind.NAME and host.address is None for batch in batches for host in batch.hosts)
    assert "one.example" not in repr(batches)


def test_a_host_named_by_a_live_and_another_source_is_due(store: Store, make: Make) -> None:
    """One live Report is enough."""
    _import(store, make.report("X1", source="elsewhere", target=make.target("a", "one.example")))
    assert _due(store, make.at(1)) == []
    _import(store, make.report("R1", target=make.target("a", "one.example")), make.report("R2"))
    assert _due(store, make.at(1)) == ["one.example", "images.example"]


def test_a_host_is_left_out_until_an_answer_of_its_newest_asking_runs_out(filled: Store, make: Make) -> None:
    """Half an hour at one resolver, an hour at the other: due after half an hour, at that very moment too."""
    one = _ids(filled, make.at(0))["one.example"]
    answers = [_said(make, ttl_seconds=1_800), _said(make, resolver=THERE, ttl_seconds=3_600)]
    add_resolutions(filled, [one, one], answers)
    assert _due(filled, make.at(0.49)) == ["two.example"]
    assert _due(filled, make.at(0.5)) == ["one.example", "two.example"]
    assert _due(filled, make.at(0.1), again=True) == ["one.example", "two.example"]


def test_only_the_newest_asking_counts(filled: Store, make: Make) -> None:
    """An old answer that ran out does not make a host due again, wherever it comes in."""
    one = _ids(filled, make.at(0))["one.example"]
    add_resolutions(filled, [one, one], [_said(make, 5), _said(make, 0)])
    assert _due(filled, make.at(5.05)) == ["two.example"]
    add_resolutions(filled, [one], [_failed(make, DnsStatus.TIMEOUT, 5.02)])
    assert _due(filled, make.at(5.05)) == ["one.example", "two.example"]


def test_negative_answers_hold_and_failures_are_asked_about_again(filled: Store, make: Make) -> None:
    """NXDOMAIN for its TTL; SERVFAIL, with TTL 0, at once."""
    ids = _ids(filled, make.at(0))
    answers = [_failed(make, DnsStatus.NXDOMAIN, ttl=900), _failed(make, DnsStatus.SERVFAIL)]
    add_resolutions(filled, [ids["one.example"], ids["two.example"]], answers)
    assert _due(filled, make.at(0.01)) == ["two.example"]


def test_no_answer_is_used_for_longer_than_a_day(filled: Store, make: Make) -> None:
    """A TTL of 68 years is stored as it came, and looked at again tomorrow."""
    one = _ids(filled, make.at(0))["one.example"]
    add_resolutions(filled, [one], [_said(make, ttl_seconds=2**31 - 1)])
    assert _due(filled, make.at(23.9)) == ["two.example"]
    assert _due(filled, make.at(24)) == ["one.example", "two.example"]


def test_the_same_answers_again_change_nothing(filled: Store, make: Make, rows_of: Any) -> None:
    """By host, time and resolver, in another batch and within one."""
    one = _ids(filled, make.at(0))["one.example"]
    answers = [_said(make), _said(make, resolver=THERE), _said(make)]
    assert add_resolutions(filled, [one] * 3, answers) == 2
    before = rows_of(filled)
    assert add_resolutions(filled, [one] * 3, answers) == 0
    assert rows_of(filled) == before
    assert (before["resolutions"], before["resolution_addresses"]) == (2, 2)


def test_a_batch_is_stored_whole_or_not_at_all(filled: Store, make: Make, rows_of: Any) -> None:
    """A host that does not exist in the middle of a batch: nothing of it is kept."""
    one = _ids(filled, make.at(0))["one.example"]
    before = rows_of(filled)
    with pytest.raises(StoreError):
        add_resolutions(filled, [one, 999_999], [_said(make), _said(make)])
    assert rows_of(filled) == before


def test_every_field_comes_back(filled: Store, make: Make) -> None:
    """What `explain` shows: words, times and counts in the order of time and resolver."""
    one = _ids(filled, make.at(0))["one.example"]
    chain = ("cdn.example", "edge.example")
    kinds = [AddressKind.GLOBAL, AddressKind.PRIVATE, AddressKind.BOGON, AddressKind.BOGON]
    full = _said(
        make,
        1,
        THERE,
        cname_chain=chain,
        wildcard=True,
        addresses=("192.0.2.1", "10.0.0.1", "0.0.0.0", "2001:db8::1"),
        kinds=kinds,
        n_questions=5,
        seconds=0.25,
    )
    add_resolutions(filled, [one] * 3, [full, _failed(make, DnsStatus.TIMEOUT, 1), _said(make)])
    target = _columns(filled, make.at(9)).target_id.tolist()[0]
    lines = resolutions_of_host(filled, target)
    assert [(line.resolved_at, line.resolver) for line in lines] == [
        (make.at(0), HERE),
        (make.at(1), HERE),
        (make.at(1), THERE),
    ]
    assert [line.status for line in lines] == [DnsStatus.ANSWERED, DnsStatus.TIMEOUT, DnsStatus.ANSWERED]
    last = lines[-1]
    assert (last.n_cnames, last.n_global, last.n_private, last.n_bogon, last.wildcard) == (2, 1, 1, 2, True)
    assert (last.rcode_a, last.ttl_seconds, lines[1].n_cnames, lines[1].wildcard) == ("NOERROR", 300, 0, None)
    with filled.read() as connection:
        sealed = connection.exec_driver_sql("SELECT cname_chain, n_questions, seconds FROM resolutions").all()
    opened = [(filled.sealer.unseal(row[0], "resolutions.cname_chain"), *row[1:]) for row in sealed if row[0]]
    assert [(tuple(json.loads(text)), *rest) for text, *rest in opened] == [(chain, 5, 0.25)]


def test_a_target_without_resolutions_has_none(filled: Store) -> None:
    """Nothing was asked yet, or the Target does not exist."""
    assert resolutions_of_host(filled, 1) == ()
    assert resolutions_of_host(filled, 999) == ()


def test_hosts_are_counted_by_their_newest_asking(filled: Store, make: Make) -> None:
    """Answered at any resolver; else by the resolvers' words; a host never asked about is not counted."""
    ids = _ids(filled, make.at(0))
    assert count_resolved(filled, LIVE) == {}
    add_resolutions(filled, [ids["one.example"]], [_said(make)])
    add_resolutions(filled, [ids["two.example"]], [_failed(make, DnsStatus.REBINDING)])
    assert count_resolved(filled, LIVE) == {"answered": 1, "rebinding": 1}
    newer = [_failed(make, DnsStatus.TIMEOUT, 1), _failed(make, DnsStatus.NXDOMAIN, 1, THERE)]
    add_resolutions(filled, [ids["one.example"]] * 2, newer)
    assert count_resolved(filled, LIVE) == {"nxdomain + timeout": 1, "rebinding": 1}
    add_resolutions(filled, [ids["two.example"]] * 2, [_failed(make, DnsStatus.TIMEOUT, 2), _said(make, 2, THERE)])
    assert count_resolved(filled, LIVE) == {"answered": 1, "nxdomain + timeout": 1}
    assert count_resolved(filled, ("elsewhere",)) == {}


def test_the_columns_hold_global_addresses_of_answers_before_the_cutoff(filled: Store, make: Make) -> None:
    """For every Target of the host, once for both resolvers, ordered by Target, time and address."""
    ids = _ids(filled, make.at(0))
    two = _said(make, 1, addresses=("192.0.2.2", "10.0.0.1"), kinds=[AddressKind.GLOBAL, AddressKind.PRIVATE])
    rebound = _said(make, 1, status=DnsStatus.REBINDING, addresses=("10.0.0.1",), kinds=[AddressKind.PRIVATE])
    add_resolutions(filled, [ids["one.example"], ids["two.example"]], [two, rebound])
    early = [_said(make, 0, addresses=("192.0.2.2", "192.0.2.1")), _said(make, 0, THERE, addresses=("192.0.2.1",))]
    add_resolutions(filled, [ids["one.example"]] * 2, early)
    add_resolutions(filled, [ids["one.example"]], [_said(make, 2)])
    columns = _columns(filled, make.at(2))
    rows = list(zip(columns.target_id.tolist(), columns.at.tolist(), columns.address.tolist(), strict=True))
    assert rows == sorted(rows)
    at = [to_micros(make.at(hours)) for hours in (0, 0, 1)]
    assert [row[1] for row in rows] == at * 2  # two Targets of one host; two.example has nothing to give
    assert len({row[0] for row in rows}) == 2
    assert len({row[2] for row in rows}) == 2
    with filled.read() as connection:
        alone = resolution_columns(connection, to_micros(make.at(2)), (rows[0][0],))
    assert alone.target_id.tolist() == [rows[0][0]] * 3


def test_an_address_that_the_store_knows_is_not_stored_again(filled: Store, make: Make, rows_of: Any) -> None:
    """The literal's address, and one address in two Resolutions: one row each."""
    one = _ids(filled, make.at(0))["one.example"]
    before = rows_of(filled)["addresses"]
    answers = [_said(make, addresses=("198.51.100.7", "192.0.2.9")), _said(make, 1, addresses=("192.0.2.9",))]
    add_resolutions(filled, [one] * 2, answers)
    assert rows_of(filled)["addresses"] == before + 1


def test_no_host_alias_or_address_lies_open_in_any_file(store: Store, engine: Engine, make: Make) -> None:
    """Database and WAL, while open and after closing, searched for marked names and addresses."""

    def found() -> Iterator[str]:
        marks = (b"zzmarkedhost", b"zzmarkedalias", b"192.0.2.177", make.address("2001:db8:feed:beef::77"))
        for name, content in engine.files(store.data_dir).items():
            yield from (f"{name}: {mark!r}" for mark in marks if mark in content)

    _import(store, make.report(target=make.target("a", "zzmarkedhost.example")))
    with store.read():
        (key,) = _ids(store, make.at(0)).values()
        addresses = ("192.0.2.177", "2001:db8:feed:beef::77")
        add_resolutions(store, [key], [_said(make, addresses=addresses, cname_chain=("zzmarkedalias.example",))])
        assert list(found()) == []
        files = engine.files(store.data_dir).values()
        assert any(HERE.encode() in content for content in files)  # we look in the right place
    lines = resolutions_of_host(store, 1)
    assert len(lines) == 1
    assert "zzmarked" not in repr(lines)
    store.close()
    assert list(found()) == []

"""The schedule: who is planned from which points in time, what is due in which order, and where it is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from monitor.model.columns import AttributionColumns
from monitor.model.observation import Anchor, Due, Fingerprint, Standing
from monitor.model.report import Address, Report
from monitor.model.resolution import Resolution, ResolvedAddress
from monitor.model.words import (
    AddressKind,
    Assessment,
    DnsStatus,
    DueReason,
    HostKind,
    InputKind,
    NoticeKind,
    NoticeStatus,
)
from monitor.store import (
    Plan,
    Store,
    TargetToPlan,
    add_reports,
    add_resolutions,
    asns_of,
    begin_input,
    count_due,
    drop_plans_of_others,
    is_planned,
    mark_planned,
    newest_answers,
    next_due_at,
    plan_targets,
    plans_of,
    replace_attributions,
    schedule_fingerprint,
    take_due,
    targets_to_plan,
)

Make = Any  # conftest's Maker
LIVE = ("hotline",)
NORMS = {NoticeKind.REQUEST: 24.0, NoticeKind.ORDER: 12.0}
STANDING = Standing(baseline=Fingerprint("image/jpeg", 9), n_checks=4, last_online_at=datetime(2026, 1, 2, tzinfo=UTC))


def _import(store: Store, *reports: Report) -> None:
    assert not add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), list(reports)).rejects


def _to_plan(store: Store, sources: Sequence[str] = LIVE, **said: Any) -> list[TargetToPlan]:
    return [each for batch in targets_to_plan(store, sources, **said) for each in batch]


def _plan(store: Store, due: Due | None, sources: Sequence[str] = LIVE) -> None:
    plan_targets(store, [Plan(each.target_id, due, each.anchors, STANDING) for each in _to_plan(store, sources)])


def test_no_site_takes_all_the_places_of_a_run(store: Store, make: Make) -> None:
    """At most so many of one site, whatever its hosts are called; the others' Targets come although due later."""
    hosts = [f"h{n}.large.example" for n in range(5)] + ["h.small.example"]
    reports = [make.report(f"R{n}", row=n + 1, target=make.target("p", host)) for n, host in enumerate(hosts)]
    _import(store, *reports)
    for at, planned in enumerate(_to_plan(store)):
        plan_targets(store, [Plan(planned.target_id, Due(make.at(at), DueReason.FIRST), planned.anchors, STANDING)])
    due = take_due(store, make.at(9), 4, of_one_site=2)
    assert [each.host.name for each in due] == [hosts[0], hosts[1], hosts[5]]
    assert len(take_due(store, make.at(9), 4)) == 4


def test_notices_that_told_somebody_are_anchors(store: Store, make: Make) -> None:
    """Sent, delivered and unknown, of every Report of the Target, by time; one that bounced told nobody."""
    statuses = [NoticeStatus.UNKNOWN, NoticeStatus.BOUNCED, NoticeStatus.SENT, NoticeStatus.DELIVERED]
    notices = [make.notice(9 - place, status=status) for place, status in enumerate(statuses)]
    order = make.notice(2, kind=NoticeKind.ORDER, deadline_hours=1.5)
    reports = [make.report(f"R{place}", row=place + 1, notice=notice) for place, notice in enumerate([*notices, order])]
    _import(store, *reports)
    (planned,) = _to_plan(store)
    request = NoticeKind.REQUEST
    assert planned.anchors == (
        Anchor(make.at(2), NoticeKind.ORDER, 1.5),
        Anchor(make.at(6), request),
        Anchor(make.at(7), request),
        Anchor(make.at(9), request),
    )
    assert planned.standing is None


def test_without_a_notice_the_first_report_is_the_anchor(store: Store, make: Make) -> None:
    """The earliest one, whichever was imported first."""
    _import(store, make.report("R1", reported_at=make.at(5)), make.report("R2", row=2, reported_at=make.at(3)))
    assert _to_plan(store)[0].anchors == (Anchor(make.at(3)),)


@pytest.mark.parametrize(
    "said", [{"assessment": Assessment.NOT_ILLEGAL}, {"assessment": Assessment.NOT_ASSESSED}, {"withdrawn_at": 4}]
)
def test_a_notice_about_what_is_not_held_illegal_is_no_anchor(store: Store, make: Make, said: dict[str, Any]) -> None:
    """Not assessed as illegal, or withdrawn: nothing may be looked at, so there is nothing to run a schedule from."""
    told = {"withdrawn_at": make.at(4)} if "withdrawn_at" in said else said
    _import(store, make.report(notice=make.notice(1), **told))
    assert _to_plan(store)[0].anchors == ()


def test_equal_notices_of_two_reports_are_one_anchor(store: Store, make: Make) -> None:
    """Two records about one URL, told at the same moment."""
    _import(store, *(make.report(f"R{n}", row=n, notice=make.notice(1)) for n in (1, 2)))
    assert len(_to_plan(store)[0].anchors) == 1


def test_only_targets_of_live_sources_with_a_url_are_planned(store: Store, make: Make) -> None:
    """Not those of a source that is not live, nor those whose path was withheld; one live Report is enough."""
    _import(
        store,
        make.report("R1", row=1, target=make.target("a")),
        make.report("R2", row=2, target=make.target(withheld=True)),
        make.report("X1", row=3, source="press", target=make.target("b"), notice=make.notice(1)),
    )
    assert len(_to_plan(store)) == 1
    assert _to_plan(store, ()) == _to_plan(store, ("unheard of",)) == []
    _import(store, make.report("R3", row=4, target=make.target("b"), reported_at=make.at(9)))
    assert [each.anchors[0].at for each in _to_plan(store, batch=1)] == [make.at(0), make.at(1)]


def test_a_plan_comes_back_with_what_is_remembered(store: Store, make: Make) -> None:
    """Anchors and Standing, for planning again and for judging; a Target that was never planned is not among them."""
    _import(store, make.report(notice=make.notice(1)))
    _plan(store, Due(make.at(2), DueReason.FIRST))
    (again,) = _to_plan(store)
    assert again.standing == STANDING
    assert plans_of(store, [again.target_id, 999]) == {again.target_id: (again.anchors, STANDING)}


def test_what_is_due_comes_longest_due_first(store: Store, make: Make) -> None:
    """By time, then by Target; at most as many as asked for; what is due at that very moment is."""
    _import(store, *(make.report(f"R{n}", row=n, target=make.target(f"p{n}")) for n in (1, 2, 3, 4)))
    hours, targets = [3, 1, 2, None], [each.target_id for each in _to_plan(store)]
    due = [None if at is None else Due(make.at(at), DueReason.SCHEDULE) for at in hours]
    plan_targets(store, [Plan(key, at, (), Standing()) for key, at in zip(targets, due, strict=True)])
    assert [each.target_id for each in take_due(store, make.at(2), 9)] == [targets[1], targets[2]]
    assert [each.target_id for each in take_due(store, make.at(9), 1)] == [targets[1]]
    assert [each.url for each in take_due(store, make.at(2), 9)] == [f"https://images.example/p{n}" for n in (2, 3)]
    assert (count_due(store, make.at(2)), count_due(store, make.at(9))) == (2, 3)
    assert (next_due_at(store), take_due(store, make.at(0), 9)) == (make.at(1), ())


def test_nothing_planned_is_never_due(store: Store, make: Make) -> None:
    """An empty schedule."""
    assert (next_due_at(store), count_due(store, make.at(9)), take_due(store, make.at(9), 9)) == (None, 0, ())


def test_a_due_target_has_its_host_as_it_was_reported(store: Store, make: Make) -> None:
    """Name, site and kind, or the address of a literal; and shows nothing of it."""
    name, literal = make.target("a", "cdn.eu.images.example"), make.literal("192.0.2.7")
    _import(store, make.report("R1", target=name), make.report("R2", row=2, target=literal))
    _plan(store, Due(make.at(0), DueReason.FIRST))
    first, second = take_due(store, make.at(1), 9)
    assert (first.host, first.host.site) == (name.host, "images.example")
    assert (second.host, second.host.kind) == (literal.host, HostKind.IPV4)
    assert (first.why, first.anchors, first.standing) == (DueReason.FIRST, (Anchor(make.at(0)),), STANDING)
    assert "example" not in f"{first!r} {second!r}"


def test_targets_that_are_no_longer_live_leave_the_schedule(store: Store, make: Make) -> None:
    """What is remembered of them stays, so that they go on where they stopped."""
    _import(store, make.report("R1"), make.report("X1", row=2, source="press", target=make.target("b")))
    _plan(store, Due(make.at(1), DueReason.SCHEDULE), ("hotline", "press"))
    assert drop_plans_of_others(store, LIVE) == 1
    assert [each.url for each in take_due(store, make.at(9), 9)] == ["https://images.example/a"]
    assert drop_plans_of_others(store, LIVE) == 0
    assert {each.standing for each in _to_plan(store, ("press",))} == {STANDING}


def test_the_fingerprint_changes_with_every_fact_that_plans_rest_on(store: Store, make: Make) -> None:
    """A report, a notice, an assessment, a live source, the rules and a norm; the order of sources does not count."""
    seen = [schedule_fingerprint(store, LIVE, "1", NORMS)]
    for row in (
        make.report("R1"),
        make.report("R1", notice=make.notice(1)),
        make.report("R1", notice=make.notice(1), assessment=Assessment.NOT_ILLEGAL, assessed_at=make.at(3)),
    ):
        _import(store, row)
        seen.append(schedule_fingerprint(store, LIVE, "1", NORMS))
    seen.append(schedule_fingerprint(store, ("hotline", "press"), "1", NORMS))
    seen.append(schedule_fingerprint(store, LIVE, "2", NORMS))
    seen.append(schedule_fingerprint(store, LIVE, "1", {**NORMS, NoticeKind.REQUEST: 48.0}))
    assert len(set(seen)) == len(seen) == 7
    assert schedule_fingerprint(store, LIVE, "1", dict(reversed(NORMS.items()))) == seen[3]
    assert schedule_fingerprint(store, ("press", "hotline"), "1", NORMS) == seen[4]


def test_a_schedule_is_planned_until_its_fingerprint_changes(store: Store) -> None:
    """One fingerprint is kept."""
    assert not is_planned(store, "one")
    mark_planned(store, "one")
    assert is_planned(store, "one")
    mark_planned(store, "two")
    assert (is_planned(store, "one"), is_planned(store, "two")) == (False, True)


def _said(make: Make, hours: float, resolver: str, *found: tuple[str, AddressKind], ttl: int = 3_600) -> Resolution:
    addresses = tuple(ResolvedAddress(make.address(text), kind, ttl) for text, kind in found)
    status = DnsStatus.ANSWERED if found else DnsStatus.SERVFAIL
    return Resolution(resolver, make.at(hours), status, "NOERROR", "NOERROR", ttl, addresses=addresses)


def _host(store: Store, make: Make) -> int:
    _import(store, make.report())
    _plan(store, Due(make.at(0), DueReason.FIRST))
    return take_due(store, make.at(0), 1)[0].host_id


def test_the_newest_answers_give_each_global_address_once(store: Store, make: Make) -> None:
    """Of the newest asking alone, IPv4 first; nothing that is private; the resolvers' words in their order."""
    host, usable = _host(store, make), AddressKind.GLOBAL
    old = _said(make, 0, "192.0.2.53:53", ("203.0.113.9", usable))
    v6, low, high = ("2001:db8::1", usable), ("192.0.2.2", usable), ("198.51.100.3", usable)
    here = _said(make, 5, "192.0.2.54:53", v6, high, low, ("10.0.0.1", AddressKind.PRIVATE))
    there = _said(make, 5, "192.0.2.53:53", high)
    add_resolutions(store, [host] * 3, [old, here, there])
    answer = newest_answers(store, [host, 999], make.at(5.5))[host]
    assert answer.addresses == tuple(make.address(text) for text in ("192.0.2.2", "198.51.100.3", "2001:db8::1"))
    assert answer.answers == (DnsStatus.ANSWERED, DnsStatus.ANSWERED)
    assert "answers" not in repr(answer)
    assert newest_answers(store, [], make.at(5)) == {}


@pytest.mark.parametrize(("ttl", "hours", "fresh"), [(3_600, 0.99, True), (3_600, 1, False), (10**6, 23.9, True)])
def test_answers_are_fresh_until_one_of_them_runs_out(
    store: Store, make: Make, ttl: int, hours: float, fresh: bool
) -> None:
    """The least of the resolvers' counts, and a day at most."""
    host = _host(store, make)
    longer = _said(make, 0, "192.0.2.53:53", ("192.0.2.1", AddressKind.GLOBAL), ttl=10**6)
    add_resolutions(store, [host] * 2, [longer, _said(make, 0, "192.0.2.54:53", ttl=ttl)])
    assert newest_answers(store, [host], make.at(hours))[host].fresh is fresh
    assert not newest_answers(store, [host], make.at(24))[host].fresh


def test_a_failure_has_run_out_at_once(store: Store, make: Make) -> None:
    """Whatever the other resolver said."""
    host = _host(store, make)
    good = _said(make, 0, "192.0.2.53:53", ("192.0.2.1", AddressKind.GLOBAL))
    add_resolutions(store, [host] * 2, [good, _said(make, 0, "192.0.2.54:53", ttl=0)])
    answer = newest_answers(store, [host], make.at(0))[host]
    assert (answer.fresh, answer.answers) == (False, (DnsStatus.ANSWERED, DnsStatus.SERVFAIL))
    assert len(answer.addresses) == 1


def test_the_origin_as_of_an_address_is_the_newest_before_the_instant(store: Store, make: Make) -> None:
    """A younger table does not count yet; an address nobody knows is unknown, as one without an origin is."""
    known, unannounced = make.address("192.0.2.1"), make.address("192.0.2.2")
    both = [make.report("R1", address=known), make.report("R2", row=2, address=unannounced)]
    _import(store, *both)
    with store.read() as connection:
        keys = [row[0] for row in connection.exec_driver_sql("SELECT id FROM addresses ORDER BY id")]
    since = np.array([round(make.at(hours).timestamp() * 1e6) for hours in (-48, 5, -48)], np.int64)
    nothing = np.array([None] * 3, np.object_)
    columns = AttributionColumns(
        address=np.array([keys[0], keys[0], keys[1]], np.int64),
        as_of=since,
        asn=np.array([64500, 64501, -1], np.int64),
        reason=nothing,
        front=nothing,
        origins=nothing,
        table_as_of=since,
        table_made_on=since,
    )
    replace_attributions(store, np.array(keys), columns, np.full(3, 24), np.full(3, -1))
    stranger = Address(b"\xcb\x00\x71\x01")
    assert asns_of(store, [known, unannounced, stranger, known], make.at(1)) == {
        known: 64500,
        unannounced: -1,
        stranger: -1,
    }
    assert asns_of(store, [known], make.at(5)) == {known: 64501}
    assert asns_of(store, [], make.at(5)) == {}

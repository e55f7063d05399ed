"""The demonstration's world, servers and clock agree with each other and with the truth, and stay on loopback."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.client import BadStatusLine, HTTPConnection, HTTPResponse, RemoteDisconnected
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import dns.message
import dns.query
import dns.rcode
import pytest

from monitor import clock, intake
from monitor.config import CONFIG_NAME, load_settings
from monitor.demo.habits import Habit
from monitor.demo.internet import Internet
from monitor.demo.live_table import Tally
from monitor.demo.reports import REGISTRIES, settings_toml, write_deliveries, write_tables
from monitor.demo.timing import Event, PostingClock
from monitor.demo.world import NOTICE_DAYS, OUTAGE, PERIOD, PROVIDERS, STARTS_AT, Case, World
from monitor.loopback import check_mandate_place
from monitor.model.observation import Standing
from monitor.model.report import Report
from monitor.model.words import End

LATER = timedelta(seconds=1)
STEADY = [habit for habit in Habit if habit is not Habit.FLAKY]


@pytest.fixture(scope="module")
def world() -> World:
    return World.made()


@pytest.fixture(scope="module")
def internet(world: World) -> Iterator[Internet]:
    with Internet(world) as running:
        yield running


def first(world: World, habit: Habit, end: End | None = None) -> Case:
    return next(c for c in world.cases if c.provider.habit is habit and end in (None, c.course.end))


def asked(internet: Internet, case: Case, at: datetime, path: str = "") -> HTTPResponse:
    """What the server that DNS names says at that instant."""
    with clock.replaced(PostingClock(at, [])):
        address = internet.world.address_of(case.host, at)
        assert address is not None
        connection = HTTPConnection(address, internet.web_port, timeout=5)
        connection.request("HEAD", path or case.path, headers={"Host": f"{case.host}:{internet.web_port}"})
        with connection.getresponse() as answer:
            connection.close()
            return answer


def resolved(internet: Internet, name: str, at: datetime) -> list[tuple[dns.rcode.Rcode, list[str]]]:
    """What each resolver says of a name at that instant."""
    answers = []
    with clock.replaced(PostingClock(at, [])):
        for server in internet.resolvers:
            question = dns.message.make_query(name, "A")
            answer = dns.query.udp(question, server.host, port=server.port, timeout=5)
            answers.append((answer.rcode(), [str(one) for rrset in answer.answer for one in rrset]))
    return answers


def test_the_world_is_the_same_each_time_it_is_made(world: World) -> None:
    """The same seed gives equal cases, so that two demonstrations can be compared."""
    assert World.made() == world
    assert World.made(7) != world


def test_the_world_has_the_promised_size_and_lies_within_the_period(world: World) -> None:
    """150 to 300 Targets, notices on ten days of the Period, orders of 12 h and of 1 h, every habit."""
    assert 150 <= len({(case.host, case.path) for case in world.cases}) == len(world.cases) <= 300
    assert {case.notice_at.day for case in world.cases} == set(NOTICE_DAYS)
    assert {case.order.deadline_hours for case in world.cases if case.order} == {1, 12}
    assert {case.provider.habit for case in world.cases} == set(Habit)
    for case in world.cases:
        assert STARTS_AT < case.reported_at < case.notice_at
        assert all(PERIOD.contains(at) for at in (case.reported_at, case.notice_at))


def test_every_address_is_on_loopback_and_in_its_providers_range(world: World) -> None:
    """No address of the demonstration can lead to a real host."""
    for case in world.cases:
        assert ip_address(case.address) in ip_network(case.provider.network)
    assert all(ip_address(address).is_loopback for address in world.addresses)
    assert all(host.endswith(".example") for host in world.sites)


def test_every_end_is_later_than_its_notice_and_within_the_follow_up(world: World) -> None:
    """The truth has a time for every end but the censored ones, and it can be found before the cut-off."""
    for case in world.cases:
        ended_at = case.course.ended_at
        assert (ended_at is None) == (case.course.end is End.CENSORED)
        if ended_at is not None:
            assert case.notice_at < ended_at < PERIOD.default_cutoff - timedelta(days=7)


@pytest.mark.parametrize("habit", [habit for habit in STEADY if habit not in (Habit.NAME_GONE, Habit.ORDERS_ONLY)])
def test_servers_show_by_the_shared_clock_what_the_course_says(world: World, internet: Internet, habit: Habit) -> None:
    """200 with an ETag before the notice; the status that belongs to the habit a second after each change."""
    case = first(
        world,
        habit,
        None if habit in (Habit.NEVER, Habit.CLOSES) else End.MOVE if habit is Habit.MOVES else End.TAKEDOWN,
    )
    before = asked(internet, case, case.notice_at)
    assert (before.status, before.headers["Content-Type"]) == (200, "image/png")
    for at, shown in case.course.changes[1:]:
        after = asked(internet, case, at + LATER)
        expected = {"picture": 200, "gone": 404, "placeholder": 200, "closed": 403}[shown.value]
        assert after.status == expected
        assert (after.headers["ETag"] == before.headers["ETag"]) == (shown.value == "picture")


def test_a_placeholder_answers_on_every_path_and_a_picture_does_not(world: World, internet: Internet) -> None:
    """The sibling probe can tell: made-up paths get the placeholder's headers, never the picture's."""
    case = first(world, Habit.PLACEHOLDER, End.TAKEDOWN)
    ended_at = case.course.ended_at
    assert ended_at is not None
    picture, sibling = asked(internet, case, case.notice_at), asked(internet, case, case.notice_at, "/made-up")
    removed = asked(internet, case, ended_at + LATER)
    assert sibling.headers["ETag"] == removed.headers["ETag"] != picture.headers["ETag"]


def test_a_site_that_moves_resolves_to_the_other_provider_and_shows_the_same_there(
    world: World, internet: Internet
) -> None:
    """DNS changes at the moment of the move; the picture's validators stay; the old server says 404."""
    case = first(world, Habit.MOVES)
    at = case.course.moved_at
    assert at is not None
    assert resolved(internet, case.host, at - LATER) == [(dns.rcode.NOERROR, [case.address])] * 2
    ((_, (moved_to,)), _) = resolved(internet, case.host, at)
    assert ip_address(moved_to) not in ip_network(case.provider.network)
    assert asked(internet, case, at).headers["ETag"] == asked(internet, case, at - LATER).headers["ETag"]
    assert world.shown(case.host, case.path, case.address, at).value == "gone"


def test_a_name_that_is_taken_away_does_not_exist_from_then_on(world: World, internet: Internet) -> None:
    """Both resolvers say NXDOMAIN, also of names that never were."""
    case = first(world, Habit.NAME_GONE)
    at = case.course.name_gone_at
    assert at is not None
    assert resolved(internet, case.host, at - LATER) == [(dns.rcode.NOERROR, [case.address])] * 2
    assert resolved(internet, case.host, at) == [(dns.rcode.NXDOMAIN, [])] * 2
    assert resolved(internet, "never.example", at) == [(dns.rcode.NXDOMAIN, [])] * 2


def test_while_our_line_is_down_nothing_answers_and_the_canary_neither(world: World, internet: Internet) -> None:
    """Every connection is closed without an answer, from the first second of the outage to the last."""
    case = first(world, Habit.NEVER)
    for at in (OUTAGE[0], OUTAGE[1] - LATER):
        with pytest.raises((RemoteDisconnected, BadStatusLine, ConnectionResetError)):
            asked(internet, case, at)
    assert asked(internet, case, OUTAGE[1]).status == 200


def test_the_registry_says_to_whom_each_range_is_registered(internet: Internet) -> None:
    """One holder a range, of the provider's own name."""
    opener = build_opener(ProxyHandler({}))
    for provider in PROVIDERS:
        with opener.open(f"{internet.registry.url}/ip/{provider.address(0)}", timeout=5) as answer:
            assert provider.name.encode() in answer.read()


def test_the_configuration_names_servers_on_loopback_alone(internet: Internet, tmp_path: Path) -> None:
    """The mandate for loopback accepts every server in it, every registry that is known is ours, nothing is default."""
    (tmp_path / CONFIG_NAME).write_text(settings_toml(internet), encoding="utf-8")
    settings = load_settings(tmp_path, None)
    check_mandate_place(settings)
    assert settings.mandate.loopback
    assert set(settings.rdap.servers) == set(REGISTRIES)
    assert settings.live_sources(STARTS_AT.date()) == ("demo",)


def test_the_deliveries_hold_every_report_and_notice_once_and_are_read_without_a_reject(
    world: World, tmp_path: Path
) -> None:
    """A report in the morning, its request at ten, its order three days later; the real intake takes them all."""
    read: list[Report] = []
    for delivery in write_deliveries(world, tmp_path, 8080):
        for batch in intake.read_reports(delivery.path, source="x", timezone=None, ignore_unknown=False, position=1):
            assert not batch.rejects
            read += batch.values
    n_orders = sum(case.order is not None for case in world.cases)
    assert len(read) == 2 * len(world.cases) + n_orders


def test_the_tables_cover_every_address(world: World, tmp_path: Path) -> None:
    """One prefix a provider, and the reverse proxy's range in the list of proxies."""
    written = {kind.value: path.read_text(encoding="utf-8") for kind, path in write_tables(tmp_path).items()}
    assert all(f"{provider.network}\t{provider.asn}\n" in written["prefixes"] for provider in PROVIDERS)
    assert [line.split(",")[1] for line in written["fronting"].splitlines()[1:]] == ["Schermwand Proxy"]
    assert len(world.addresses) == len(set(world.addresses))


def test_the_clock_stands_until_somebody_waits_and_the_post_comes_on_the_way() -> None:
    """A wait ends at the next even minute by day, or at an Event before it, which happens exactly then and once."""
    happened: list[datetime] = []
    post = STARTS_AT + timedelta(minutes=5)
    posting = PostingClock(STARTS_AT, [Event(post, lambda: happened.append(posting.now()))])
    stop = threading.Event()
    assert posting.now() == STARTS_AT == posting.now()
    waits = [timedelta(seconds=90), timedelta(hours=1), timedelta(hours=1), timedelta(hours=9, minutes=1)]
    stops = []
    for wait in waits:
        assert not posting.wait_until(STARTS_AT + wait, stop)
        stops.append(posting.now() - STARTS_AT)
    assert stops == [timedelta(minutes=2), post - STARTS_AT, waits[2], timedelta(hours=9, minutes=10)]
    assert happened == [post]


def test_the_clock_goes_on_whatever_is_waited_for_but_not_once_it_was_stopped() -> None:
    """Waiting for the past moves it on all the same, so that no loop stands for ever; `stop` ends every wait."""
    posting, stop = PostingClock(STARTS_AT, [], fine_until=STARTS_AT), threading.Event()
    posting.wait_until(STARTS_AT - timedelta(days=1), stop)
    assert posting.now() > STARTS_AT
    posting.wait_until(STARTS_AT + timedelta(minutes=1), stop)
    assert posting.now() == STARTS_AT + timedelta(minutes=10)
    stop.set()
    assert posting.wait_until(STARTS_AT + timedelta(days=1), stop)
    assert posting.now() == STARTS_AT + timedelta(minutes=10)


def test_the_table_counts_every_target_as_online_offline_or_unclear() -> None:
    """Not checked yet is unclear; offline counts only once it is confirmed."""
    online = Standing(last_online_at=STARTS_AT)
    suspected = Standing(last_online_at=STARTS_AT, offline_since=STARTS_AT)
    down = Standing(last_online_at=STARTS_AT, offline_since=STARTS_AT, confirmed_at=STARTS_AT)
    tally = Tally()
    for standing in (None, online, suspected, down):
        tally = tally.plus(standing)
    assert tally == Tally(targets=4, online=1, offline=1, unclear=2)

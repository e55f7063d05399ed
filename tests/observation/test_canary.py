"""What canaries and a run as a whole say about its Observations."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.config import Canary
from monitor.model.observation import CanaryReading, Exchange, Observation, Standing
from monitor.model.report import Address
from monitor.model.words import DnsStatus, ExchangeError, Method, Phase, Purpose
from monitor.observation.canary import Probed, needs_neighbours, survey

ZERO = datetime(2026, 3, 2, 9, tzinfo=UTC)
SETTINGS = Canary()
V4, V6 = Address(bytes((192, 0, 2, 1))), Address(bytes.fromhex("20010db8000000000000000000000001"))


def exchange(status=200, *, to=V4, purpose=Purpose.TARGET, error=None, phase=None):
    """One request; an error instead of a status where `status` is None."""
    failed = ExchangeError.REFUSED if status is None and error is None else error
    reached = phase or (Phase.CONNECT if status is None else Phase.DONE)
    return Exchange(purpose, Method.HEAD, reached, to, failed, status=status)


def probed(*exchanges, host=1, network=1, vantage="direct", answers=(DnsStatus.ANSWERED,) * 2, gone=False):
    return Probed(Observation(1, host, ZERO, vantage, answers, exchanges, 0.1), host, network, gone)


def canaries(*unwell, families=(4, 6), vantages=("direct",), after=(False, True), copies=1):
    """Healthy but for those named as (family, after) or (vantage, family, after)."""
    down = {each if len(each) == 3 else ("direct", *each) for each in unwell}
    return [
        CanaryReading(
            ZERO + timedelta(seconds=60 * late), vantage, family, late, (vantage, family, late) not in down, None
        )
        for vantage in vantages
        for family in families
        for late in after
        for _ in range(copies)
    ]


def void(one, readings, broken_off=False):
    (around,) = survey([one], readings, broken_off, SETTINGS)
    return around.void


HTTP4, HTTP6 = probed(exchange()), probed(exchange(to=V6))
REFUSED_BOTH = probed(exchange(None), exchange(None, to=V6))
NAME = probed(answers=(DnsStatus.NXDOMAIN,) * 2)
SIX_THEN_FOUR = probed(exchange(None, to=V6), exchange(404))
OVER_SIX_TO_FOUR = probed(exchange(302, to=V6), exchange(404, purpose=Purpose.REDIRECT))


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    ("one", "family", "expected"),
    [
        (HTTP4, 4, True),  # an ONLINE too, by the letter
        (HTTP4, 6, False),
        (HTTP6, 6, True),
        (HTTP6, 4, False),
        (REFUSED_BOTH, 4, True),  # "refused on every address" rests on both
        (REFUSED_BOTH, 6, True),
        (SIX_THEN_FOUR, 6, False),  # what failed before another address answered decides nothing
        (SIX_THEN_FOUR, 4, True),
        (OVER_SIX_TO_FOUR, 6, True),  # who redirected us is part of the reading
        (NAME, 4, False),  # resolvers are asked over any way out, and one that is well is enough
        (NAME, 6, False),
    ],
)
def test_an_observation_is_void_where_its_reading_rests_on_a_way_that_was_not_well(one, family, expected, late):
    """Whether the canary of that IP version failed before or after the checks."""
    assert void(one, canaries((family, late))) is expected
    assert void(one, canaries()) is False


def test_an_ip_version_that_no_canary_vouches_for_gives_no_outcome():
    """Neither where none is configured, nor where no canary was asked before the checks."""
    assert void(HTTP6, canaries(families=(4,))) is True
    assert void(HTTP4, canaries(families=(4,))) is False
    assert void(HTTP4, canaries(after=(True,))) is True
    assert void(HTTP4, []) is True
    assert void(NAME, []) is True


@pytest.mark.parametrize("down", [((4, False), (6, False)), ((4, True), (6, True)), ((4, False), (6, True))])
def test_names_alone_are_void_where_no_way_out_is_well_throughout(down):
    """IPv6 that is down for good makes no name void for ever; both down, or one before and the other after, do."""
    assert void(NAME, canaries(*down)) is True
    assert void(NAME, canaries((6, False), (6, True))) is False
    assert void(NAME, canaries((6, False), (6, True), after=(False,)), broken_off=True) is True
    assert void(NAME, canaries(vantages=("proxied",))) is True


def test_each_vantage_has_canaries_of_its_own():
    """A proxy that is broken says nothing about what was seen without it."""
    readings = canaries(("proxied", 4, True), vantages=("direct", "proxied"))
    there = probed(exchange(), vantage="proxied")
    assert [each.void for each in survey([HTTP4, there], readings, False, SETTINGS)] == [False, True]


def test_of_several_canaries_more_than_half_have_to_be_healthy():
    """One of three that is down says more about itself than about our network; one of two is too many."""
    bad = canaries((4, False), (4, True))
    assert void(HTTP4, bad[:1] * 1 + canaries(copies=2)) is False
    assert void(HTTP4, bad[:1] * 1 + canaries(copies=1)) is True


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (HTTP4, False),
        (probed(exchange(), exchange(404, purpose=Purpose.SIBLING)), False),
        (probed(exchange(), exchange(200, purpose=Purpose.SIBLING)), True),  # could be a placeholder
        (probed(exchange(302), exchange(200, purpose=Purpose.REDIRECT)), True),  # could be a suspected removal
        (probed(exchange(404)), True),
        (probed(exchange(503)), True),
        (REFUSED_BOTH, True),
        (NAME, True),
    ],
)
def test_of_a_run_that_was_broken_off_only_what_the_server_itself_answers_counts(one, expected):
    """Without a closing canary nothing can become OFFLINE; a broken network makes up no 2xx."""
    assert void(one, canaries(after=(False,)), broken_off=True) is expected
    assert void(one, canaries(after=(False,))) is expected  # also where nobody said so
    assert void(one, canaries((4, False), (6, False), after=(False,)), broken_off=True) is True


def run(n_failing, n=20, **kinds):
    """One host in each of n networks, the first of which fail."""
    return [probed(exchange(None if i < n_failing else 200), host=i, network=i, **kinds) for i in range(n)]


@pytest.mark.parametrize(("n_failing", "n", "expected"), [(6, 20, False), (7, 20, True), (9, 9, False), (10, 10, True)])
def test_a_run_in_which_too_many_networks_fail_at_once_is_void(n_failing, n, expected):
    """More than 30%, where there are ten networks at least."""
    arounds = survey(run(n_failing, n), canaries(), False, SETTINGS)
    assert {each.void for each in arounds} == {expected}


def test_a_network_fails_only_where_every_host_of_it_does():
    """And names that did not resolve are hosts that were not reached."""
    failing = run(7)
    rescued = [probed(exchange(404), host=100, network=0)]
    names = [probed(host=200, network=0, answers=(DnsStatus.NXDOMAIN,))]
    assert not survey(failing + rescued, canaries(), False, SETTINGS)[0].void
    assert survey(failing[1:] + run(0) + names, canaries(), False, SETTINGS)[0].void is False
    captive = [probed(host=i, network=i, answers=(DnsStatus.NXDOMAIN,) * 2) for i in range(12)]
    assert all(each.void for each in survey(captive, canaries(), False, SETTINGS))


@pytest.mark.parametrize(
    ("error", "phase"),
    [
        (ExchangeError.TLS_FAILED, Phase.TLS),
        (ExchangeError.RESET, Phase.TLS),
        (ExchangeError.CLOSED, Phase.REQUEST),
        (ExchangeError.TIMEOUT, Phase.REQUEST),
        (ExchangeError.NOT_HTTP, Phase.HEADERS),
    ],
)
def test_a_network_that_takes_the_connection_was_reached_whatever_comes_then(error, phase):
    """Networks that always fail so do not make every run void for ever."""
    shown = [probed(exchange(None, error=error, phase=phase), host=i, network=i) for i in range(7)]
    answering = [probed(exchange(), host=i, network=i) for i in range(7, 20)]
    assert not any(each.void for each in survey(shown + answering, canaries(), False, SETTINGS))
    assert not any(each.void for each in survey(run(6) + shown[:1], canaries(), False, SETTINGS))


@pytest.mark.parametrize("error", ["refused", "timeout", "unreachable", "own-network", "proxy-failed"])
def test_a_network_was_not_reached_where_nothing_took_the_connection(error):
    """Refusal and silence, and failures that are ours for certain."""
    failing = [probed(exchange(None, error=ExchangeError(error)), host=i, network=i) for i in range(7)]
    assert all(each.void for each in survey(failing + run(0)[7:], canaries(), False, SETTINGS))


def test_a_network_that_had_failed_before_and_is_reached_now_counts_as_reached():
    """Many Targets that are gone and say so are no reason to doubt our network because of a few others."""
    gone = [probed(exchange(404), host=50 + i, network=50 + i, gone=True) for i in range(20)]
    assert not any(each.void for each in survey(run(4, 12) + gone, canaries(), False, SETTINGS))
    assert all(each.void for each in survey(run(4, 12), canaries(), False, SETTINGS))


def test_what_the_canaries_have_made_void_says_nothing_about_the_rest():
    """IPv6 that fails during the run takes its own Observations with it, and no other ones."""
    six = [probed(exchange(None, to=V6), host=i, network=i) for i in range(10)]
    four = [probed(exchange(), host=i, network=i) for i in range(10, 20)]
    arounds = survey(six + four, canaries((6, True)), False, SETTINGS)
    assert [each.void for each in arounds] == [True] * 10 + [False] * 10


def test_unknown_networks_and_those_that_had_failed_before_do_not_count_as_failing_at_once():
    """A weekly look at what is long gone is no failure of ours; neither is what our own rules forbade."""
    gone = [probed(exchange(None), host=50 + i, network=50 + i, gone=True) for i in range(30)]
    unknown = [probed(exchange(None), host=100 + i, network=-1) for i in range(30)]
    forbidden = exchange(None, error=ExchangeError.ADDRESS_FORBIDDEN, phase=Phase.NOT_TRIED)
    ours = [probed(forbidden, host=200 + i, network=200 + i) for i in range(30)]
    arounds = survey(run(2) + gone + unknown + ours, canaries(), False, SETTINGS)
    assert not any(each.void for each in arounds)


def test_a_vantage_from_which_too_many_networks_fail_is_void_alone():
    """Where the run as a whole stays below the limit."""
    vantages = ("direct", "proxied")
    there = run(10, 10, vantage="proxied")
    here = [probed(exchange(), host=i, network=i) for i in range(100)]
    arounds = survey(there + here, canaries(vantages=vantages), False, SETTINGS)
    assert [each.void for each in arounds] == [True] * 10 + [False] * 100


def test_a_vantage_that_serves_the_canary_alone_leaves_the_others_be():
    """Half of the run's networks fail, all of them by way of one proxy: that one is void, run after run."""
    there = run(10, 10, vantage="proxied")
    here = [probed(exchange(), host=i, network=i) for i in range(10, 20)]
    arounds = survey(there + here, canaries(vantages=("direct", "proxied")), False, SETTINGS)
    assert [each.void for each in arounds] == [True] * 10 + [False] * 10


def test_vantages_that_see_few_networks_each_are_taken_together():
    """Where neither has enough networks of its own, the run as a whole decides."""
    there, here = run(6, 6, vantage="proxied"), [probed(exchange(), host=i, network=i) for i in range(6, 12)]
    arounds = survey(there + here, canaries(vantages=("direct", "proxied")), False, SETTINGS)
    assert all(each.void for each in arounds)


def neighbours(*others, one=None, lately=()):
    silent = one or probed(exchange(None, error=ExchangeError.TIMEOUT))
    return survey([silent, *others], canaries(), False, SETTINGS, lately)[0].neighbours_reached


def test_a_neighbour_is_another_host_of_the_same_network_that_answered_in_this_run():
    """By any status, over the same IP version and from the same vantage."""
    assert neighbours(probed(exchange(503), host=2)) is True
    assert neighbours(probed(exchange(200), host=1)) is False  # itself, by another URL
    assert neighbours(probed(exchange(200), host=2, network=2)) is False
    assert neighbours(probed(exchange(None), host=2)) is False
    assert neighbours(probed(exchange(200, to=V6), host=2)) is False
    assert neighbours(probed(exchange(302), host=2), probed(exchange(), host=1)) is True
    assert neighbours(probed(exchange(200, purpose=Purpose.REDIRECT), host=2)) is False
    unknown = probed(exchange(None), network=-1)
    assert neighbours(probed(exchange(), host=2, network=-1), one=unknown) is False
    assert neighbours(probed(exchange(), host=2), one=REFUSED_BOTH) is False  # nobody answered over IPv6


def test_a_neighbour_may_have_answered_in_an_earlier_run():
    """Another host, of the same network, over the same IP version and from the same vantage: as in this run."""
    assert neighbours(lately=[("direct", 1, 4, 2)]) is True
    assert neighbours(lately=[("direct", 1, 4, 1)]) is False  # itself
    assert neighbours(lately=[("direct", 1, 4, 1), ("direct", 1, 4, 2)]) is True
    assert neighbours(probed(exchange(), host=2), lately=[("direct", 1, 4, 1)]) is True
    assert neighbours(lately=[("direct", 2, 4, 2), ("direct", 1, 6, 2), ("proxied", 1, 4, 2)]) is False
    assert neighbours(lately=[("direct", -1, 4, 2)], one=probed(exchange(None), network=-1)) is False
    assert neighbours(lately=[("direct", 1, 4, 2)], one=REFUSED_BOTH) is False
    assert neighbours(lately=[("direct", 1, 4, 2), ("direct", 1, 6, 2)], one=REFUSED_BOTH) is True


@pytest.mark.parametrize(
    ("one", "hours", "expected"),
    [
        (probed(exchange(None, error=ExchangeError.TIMEOUT)), 24, True),
        (probed(exchange(None), exchange(None, to=V6, error=ExchangeError.UNREACHABLE)), 24, True),
        (probed(exchange(None, error=ExchangeError.TIMEOUT)), 23.9, False),
        (probed(exchange(None, error=ExchangeError.TIMEOUT)), None, False),
        (probed(exchange(None)), 24, False),
        (HTTP4, 24, False),
        (NAME, 24, False),
    ],
)
def test_neighbours_matter_only_to_what_has_long_been_silent(one, hours, expected):
    """They are looked for in other runs only then."""
    since = None if hours is None else ZERO - timedelta(hours=hours)
    assert needs_neighbours(one.observation, Standing(silent_since=since), 24) is expected


def test_what_is_void_has_no_neighbours_and_is_none():
    """A neighbour that was seen over a way that was not well proves nothing."""
    silent = probed(exchange(None, to=V6, error=ExchangeError.TIMEOUT))
    arounds = survey([silent, probed(exchange(to=V6), host=2)], canaries((6, True)), False, SETTINGS)
    assert [each.neighbours_reached for each in arounds] == [False, False]


def test_an_empty_run_has_nothing_to_say():
    """No Observation, no Surroundings."""
    assert survey([], canaries(), False, SETTINGS) == ()

"""The table of rules, without a server: every row has an example, and every Observation has one row."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.method import Thresholds
from monitor.model.observation import Exchange, Fingerprint, Observation, Standing, Surroundings
from monitor.model.words import (
    Cause,
    DnsStatus,
    ExchangeError,
    GetReason,
    LocationKind,
    Method,
    Outcome,
    Phase,
    Purpose,
    TlsState,
)
from monitor.observation import RULES, RULES_VERSION, judge, rule_by_id
from monitor.observation.rules import rule_for
from monitor.observation.view import Part, View

AT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
ONE, TWO = b"\xcb\x00\x71\x01", b"\xcb\x00\x71\x02"
SIX = bytes.fromhex("20010db8000000000000000000000001")
PICTURE = Fingerprint("image/jpeg", 1000, "e" * 16, False, "d" * 16)
OTHER_PICTURE = Fingerprint("image/jpeg", 70, "f" * 16, False, "0" * 16)
BARE_PICTURE = Fingerprint("image/jpeg", 1000)
PAGE = Fingerprint("text/html", 500, "a" * 16)
MOVING_PAGE = Fingerprint("text/html")
DATA = Fingerprint("application/json", 20)
SEEN_ONLINE = Standing(baseline=PICTURE)
NEVER = Standing()
LOST = Exchange(Purpose.TARGET, Method.HEAD, Phase.CONNECT, ONE, ExchangeError.TIMEOUT)


def answered(status, fingerprint=Fingerprint(), **more):  # noqa: B008 - frozen
    more = {"purpose": Purpose.TARGET, "method": Method.HEAD, "address": ONE, **more}
    return Exchange(phase=Phase.DONE, status=status, fingerprint=fingerprint, **more)


def failed(error, phase=Phase.CONNECT, **more):
    return Exchange(
        **{"purpose": Purpose.TARGET, "method": Method.HEAD, "address": ONE, **more}, phase=phase, error=error
    )


def sibling(status=404, fingerprint=Fingerprint(), **more):  # noqa: B008 - frozen
    return answered(status, fingerprint, purpose=Purpose.SIBLING, **more)


def hop(status, fingerprint=Fingerprint(), **more):  # noqa: B008 - frozen
    return answered(status, fingerprint, purpose=Purpose.REDIRECT, **more)


def moved(kind, to=None):
    return answered(302, location=kind, leads_to=to)


def made_up_moved(kind, to=None):
    return sibling(302, location=kind, leads_to=to)


def no_hop(error):
    return failed(error, Phase.NOT_TRIED, purpose=Purpose.REDIRECT, address=None)


def seen(*exchanges, answers=(DnsStatus.ANSWERED, DnsStatus.ANSWERED)):
    return Observation(1, 1, AT, "direct", tuple(answers), exchanges, 0.2)


def named(*answers):
    return seen(answers=answers)


def since(**hours):
    return Standing(**{f"{row}_since": AT - timedelta(hours=n) for row, n in hours.items()})


E, L, D = ExchangeError, LocationKind, DnsStatus
THERE, ELSEWHERE = "1" * 16, "2" * 16
EXAMPLES = [
    ("void-1", seen(answered(200, PICTURE)), SEEN_ONLINE, Surroundings(void=True)),
    ("void-1", named(D.NXDOMAIN, D.NXDOMAIN), SEEN_ONLINE, Surroundings(void=True)),
    ("own-network-1", seen(failed(E.OWN_NETWORK)), SEEN_ONLINE),
    ("own-network-1", seen(failed(E.PROXY_FAILED)), SEEN_ONLINE),
    ("own-network-1", seen(failed(E.REFUSED), failed(E.OWN_NETWORK, address=TWO)), SEEN_ONLINE),
    ("own-network-1", seen(failed(E.OWN_NETWORK), failed(E.REFUSED, address=TWO)), SEEN_ONLINE),
    ("own-network-1", seen(moved(L.SAME_SITE), failed(E.OWN_NETWORK, purpose=Purpose.REDIRECT)), SEEN_ONLINE),
    ("own-network-1", seen(answered(404), failed(E.OWN_NETWORK, get_reason=GetReason.HEAD_NOT_FOUND)), SEEN_ONLINE),
    ("address-not-global-1", named(D.BOGON, D.BOGON), SEEN_ONLINE),
    ("address-not-global-1", named(D.NXDOMAIN, D.REBINDING), SEEN_ONLINE),
    ("address-not-global-1", seen(failed(E.ADDRESS_FORBIDDEN, Phase.NOT_TRIED), answers=()), SEEN_ONLINE),
    ("port-forbidden-1", seen(failed(E.PORT_FORBIDDEN, Phase.NOT_TRIED)), SEEN_ONLINE),
    ("nxdomain-1", named(D.NXDOMAIN, D.NXDOMAIN), NEVER),
    ("nxdomain-1", named(D.NXDOMAIN, D.TIMEOUT, D.NXDOMAIN), SEEN_ONLINE),
    ("no-data-1", named(D.NO_DATA, D.NO_DATA), SEEN_ONLINE),
    ("servfail-2", named(D.SERVFAIL, D.SERVFAIL), since(servfail=72)),
    ("servfail-1", named(D.SERVFAIL, D.SERVFAIL), since(servfail=71.9)),
    ("servfail-1", named(D.SERVFAIL, D.SERVFAIL), NEVER),
    ("resolvers-unreachable-1", named(D.UNREACHABLE, D.UNREACHABLE), NEVER),
    ("resolvers-silent-1", named(D.TIMEOUT, D.REFUSED), since(servfail=100)),
    ("not-tried-1", named(D.ANSWERED, D.NXDOMAIN), NEVER),
    ("not-tried-1", seen(answers=()), NEVER),
    ("name-unclear-1", named(D.NXDOMAIN, D.NO_DATA), NEVER),
    ("name-unclear-1", named(D.NXDOMAIN, D.SERVFAIL), since(servfail=100)),
    ("name-unclear-1", named(D.NXDOMAIN, D.TIMEOUT), NEVER),
    ("name-unclear-1", named(D.NXDOMAIN), NEVER),
    ("name-unclear-1", named(D.NXDOMAIN, D.NXDOMAIN, D.SERVFAIL), NEVER),
    ("name-unclear-1", named(D.LOOP, D.TOO_LONG), NEVER),
    ("get-unanswered-1", seen(answered(404), failed(E.REFUSED, get_reason=GetReason.HEAD_NOT_FOUND)), SEEN_ONLINE),
    ("reset-1", seen(failed(E.RESET, Phase.REQUEST)), SEEN_ONLINE),
    ("reset-1", seen(failed(E.RESET, Phase.REQUEST), failed(E.REFUSED, address=TWO)), SEEN_ONLINE),
    ("closed-1", seen(failed(E.CLOSED, Phase.HEADERS)), SEEN_ONLINE),
    ("tls-failed-1", seen(failed(E.TLS_FAILED, Phase.TLS)), SEEN_ONLINE),
    ("not-http-1", seen(failed(E.NOT_HTTP, Phase.HEADERS)), SEEN_ONLINE),
    ("headers-too-large-1", seen(failed(E.HEADERS_TOO_LARGE, Phase.HEADERS)), SEEN_ONLINE),
    ("interim-flood-1", seen(failed(E.INTERIM_FLOOD, Phase.HEADERS)), SEEN_ONLINE),
    ("hung-1", seen(failed(E.TIMEOUT, Phase.REQUEST)), since(silent=100), Surroundings(neighbours_reached=True)),
    ("hung-1", seen(failed(E.REFUSED), failed(E.TIMEOUT, Phase.TLS, address=TWO)), SEEN_ONLINE),
    ("untried-1", seen(failed(E.REFUSED), failed(E.ADDRESS_FORBIDDEN, Phase.NOT_TRIED)), SEEN_ONLINE),
    ("untried-1", seen(failed(None, Phase.NOT_TRIED, address=SIX), failed(E.REFUSED)), SEEN_ONLINE),
    ("untried-1", seen(failed(E.TIMEOUT), failed(None, Phase.NOT_TRIED)), since(silent=100)),
    ("refused-1", seen(failed(E.REFUSED)), NEVER),
    ("refused-1", seen(failed(E.REFUSED), failed(E.REFUSED, address=TWO)), SEEN_ONLINE),
    ("silent-2", seen(LOST), since(silent=24), Surroundings(neighbours_reached=True)),
    ("silent-2", seen(LOST, failed(E.REFUSED)), since(silent=24), Surroundings(neighbours_reached=True)),
    ("silent-1", seen(LOST), since(silent=23.9), Surroundings(neighbours_reached=True)),
    ("silent-1", seen(failed(E.UNREACHABLE)), since(silent=1000)),
    ("silent-1", seen(failed(E.REFUSED), LOST), NEVER),
    ("silent-1", seen(LOST, failed(E.REFUSED)), NEVER),
    ("redirect-loop-1", seen(moved(L.SAME_SITE), no_hop(E.REDIRECT_LOOP)), SEEN_ONLINE),
    ("redirect-hops-1", seen(moved(L.SAME_SITE), no_hop(E.TOO_MANY_HOPS)), SEEN_ONLINE),
    ("redirect-bad-1", seen(moved(None), no_hop(E.BAD_LOCATION)), SEEN_ONLINE),
    ("redirect-bad-1", seen(answered(302, error=E.BAD_LOCATION)), SEEN_ONLINE),
    ("redirect-forbidden-1", seen(moved(L.OTHER_SITE), no_hop(E.ADDRESS_FORBIDDEN)), SEEN_ONLINE),
    ("redirect-forbidden-1", seen(moved(L.SAME_SITE), no_hop(E.PORT_FORBIDDEN)), SEEN_ONLINE),
    ("redirect-unresolved-1", seen(moved(L.OTHER_SITE), no_hop(E.UNRESOLVED)), SEEN_ONLINE),
    ("redirect-unanswered-1", seen(moved(L.SAME_SITE), failed(E.REFUSED, purpose=Purpose.REDIRECT)), SEEN_ONLINE),
    ("challenge-1", seen(answered(503, challenge=True)), SEEN_ONLINE),
    ("challenge-1", seen(answered(200, PAGE, challenge=True)), SEEN_ONLINE),
    ("closed-to-us-1", seen(answered(401)), SEEN_ONLINE),
    ("closed-to-us-1", seen(answered(403, PICTURE)), SEEN_ONLINE),
    ("page-unchanged-1", seen(answered(200, PAGE)), Standing(baseline=PAGE)),
    ("page-unchanged-1", seen(answered(304, Fingerprint(etag="a" * 16))), Standing(baseline=PAGE)),
    ("unchanged-1", seen(answered(200, PICTURE)), SEEN_ONLINE),
    ("unchanged-1", seen(answered(206, PICTURE, method=Method.GET)), SEEN_ONLINE),
    ("unchanged-1", seen(answered(304, Fingerprint(etag="e" * 16))), SEEN_ONLINE),
    ("unchanged-1", seen(moved(L.OTHER_SITE), hop(200, PICTURE)), SEEN_ONLINE),
    ("unchanged-1", seen(failed(E.REFUSED), answered(200, PICTURE, address=TWO)), SEEN_ONLINE),
    ("unchanged-1", seen(answered(404), answered(200, PICTURE, method=Method.GET)), SEEN_ONLINE),
    ("unchanged-1", seen(answered(200, PICTURE, tls=TlsState.EXPIRED)), SEEN_ONLINE),
    ("not-modified-1", seen(answered(304)), SEEN_ONLINE),
    ("login-unknown-1", seen(moved(L.LOGIN), hop(200, PAGE), sibling(302, location=L.LOGIN)), NEVER),
    ("login-unknown-1", seen(moved(L.LOGIN, THERE), hop(200, PAGE), made_up_moved(L.LOGIN, THERE)), NEVER),
    ("led-away-1", seen(moved(L.LOGIN, THERE), hop(200, PAGE), made_up_moved(L.LOGIN, THERE)), SEEN_ONLINE),
    ("led-away-1", seen(moved(L.HOME, THERE), hop(200, PAGE), made_up_moved(L.HOME, THERE)), SEEN_ONLINE),
    ("led-away-1", seen(moved(L.HOME, THERE), hop(200), made_up_moved(L.HOME, THERE)), Standing(baseline=PAGE)),
    ("led-away-1", seen(moved(L.OTHER_SITE, THERE), hop(200, DATA), made_up_moved(L.OTHER_SITE, THERE)), SEEN_ONLINE),
    (
        "led-away-1",
        seen(
            moved(L.SAME_URL, ELSEWHERE),
            hop(302, location=L.HOME, leads_to=THERE),
            failed(E.REFUSED, purpose=Purpose.REDIRECT),
            hop(200, PAGE, address=TWO),
            made_up_moved(L.HOME, THERE),
        ),
        SEEN_ONLINE,
    ),
    ("away-unknown-1", seen(moved(L.HOME, THERE), hop(200, PAGE), made_up_moved(L.HOME, THERE)), NEVER),
    ("away-unknown-1", seen(moved(L.OTHER_SITE, THERE), hop(200, PAGE), made_up_moved(L.OTHER_SITE, THERE)), NEVER),
    ("led-away-2", seen(moved(L.OTHER_SITE, THERE), hop(200, PAGE), made_up_moved(L.OTHER_SITE, ELSEWHERE)), NEVER),
    ("led-away-2", seen(moved(L.LOGIN, THERE), hop(200, PAGE), made_up_moved(L.LOGIN, ELSEWHERE)), SEEN_ONLINE),
    ("led-away-2", seen(moved(L.HOME), hop(200, PAGE), made_up_moved(L.HOME)), SEEN_ONLINE),
    ("led-away-2", seen(moved(L.HOME, THERE), hop(200, PAGE), sibling(404)), SEEN_ONLINE),
    ("led-away-2", seen(moved(L.HOME, THERE), hop(200, PAGE), made_up_moved(L.LOGIN, ELSEWHERE)), SEEN_ONLINE),
    ("led-away-2", seen(moved(L.HOME, THERE), hop(200, PAGE)), SEEN_ONLINE),
    (
        "led-away-2",  # where the first redirect led does not count, but the last one's place
        seen(
            moved(L.HOME, THERE), hop(302, location=L.HOME, leads_to=ELSEWHERE), hop(200), made_up_moved(L.HOME, THERE)
        ),
        SEEN_ONLINE,
    ),
    (
        "led-away-2",
        seen(moved(L.OTHER_SITE, THERE), hop(200, OTHER_PICTURE), made_up_moved(L.OTHER_SITE, THERE)),
        SEEN_ONLINE,
    ),
    (
        "led-away-2",
        seen(moved(L.OTHER_SITE, THERE), hop(200, PICTURE), made_up_moved(L.OTHER_SITE, ELSEWHERE)),
        NEVER,
    ),
    ("led-away-2", seen(moved(L.OTHER_SITE), hop(200, OTHER_PICTURE), sibling(404)), SEEN_ONLINE),
    ("other-site-media-1", seen(moved(L.OTHER_SITE), hop(200, PICTURE), sibling(404)), NEVER),
    ("soft-404-unknown-1", seen(answered(200, PICTURE), sibling(200, PICTURE)), NEVER),
    (
        "soft-404-unknown-1",
        seen(answered(200, BARE_PICTURE), sibling(200, BARE_PICTURE)),
        Standing(baseline=BARE_PICTURE),
    ),
    ("first-media-1", seen(answered(200, PICTURE), sibling(404)), NEVER),
    ("first-media-1", seen(answered(200, BARE_PICTURE), sibling(200, PAGE)), NEVER),
    ("first-media-1", seen(moved(L.SAME_URL), hop(200, PICTURE), sibling(302, location=L.SAME_URL)), NEVER),
    ("same-size-1", seen(answered(200, BARE_PICTURE), sibling(404)), SEEN_ONLINE),
    ("placeholder-1", seen(answered(200, OTHER_PICTURE), sibling(200, OTHER_PICTURE)), SEEN_ONLINE),
    ("changed-1", seen(answered(200, OTHER_PICTURE), sibling(404)), SEEN_ONLINE),
    ("changed-1", seen(answered(200, OTHER_PICTURE)), SEEN_ONLINE),
    ("changed-1", seen(answered(200, OTHER_PICTURE), sibling(200, OTHER_PICTURE, challenge=True)), SEEN_ONLINE),
    ("changed-1", seen(answered(200, OTHER_PICTURE), sibling(200, OTHER_PICTURE)), Standing(baseline=PAGE)),
    ("turned-page-1", seen(answered(200, PAGE), sibling(200, PAGE)), SEEN_ONLINE),
    ("turned-page-1", seen(answered(200, MOVING_PAGE), sibling(200, PAGE)), SEEN_ONLINE),
    ("turned-page-2", seen(answered(200, PAGE), sibling(404)), SEEN_ONLINE),
    ("turned-page-2", seen(answered(200, PAGE), failed(E.RESET, purpose=Purpose.SIBLING)), SEEN_ONLINE),
    ("page-answers-1", seen(answered(200, PAGE), sibling(404)), NEVER),
    ("page-answers-1", seen(answered(200, MOVING_PAGE)), Standing(baseline=PAGE)),
    ("other-type-1", seen(answered(200, DATA)), SEEN_ONLINE),
    ("other-type-1", seen(answered(204)), NEVER),
    ("removed-elsewhere-1", seen(moved(L.OTHER_SITE), hop(404)), SEEN_ONLINE),
    ("removed-elsewhere-1", seen(moved(L.HOME), hop(410)), SEEN_ONLINE),
    ("not-found-1", seen(answered(404)), NEVER),
    ("not-found-1", seen(answered(404), answered(404, method=Method.GET)), SEEN_ONLINE),
    ("not-found-1", seen(moved(L.SAME_URL), hop(404)), SEEN_ONLINE),
    ("gone-410-1", seen(answered(410)), SEEN_ONLINE),
    ("legal-reasons-1", seen(answered(451)), SEEN_ONLINE),
    ("head-not-allowed-1", seen(answered(405)), SEEN_ONLINE),
    ("head-not-allowed-1", seen(answered(501)), SEEN_ONLINE),
    ("busy-1", seen(answered(429, retry_after_seconds=60)), SEEN_ONLINE),
    ("busy-1", seen(answered(408)), SEEN_ONLINE),
    ("server-error-1", seen(answered(503)), SEEN_ONLINE),
    ("server-error-1", seen(answered(522)), SEEN_ONLINE),
    ("server-error-1", seen(answered(501, method=Method.GET)), SEEN_ONLINE),
    ("redirect-open-1", seen(answered(300)), SEEN_ONLINE),
    ("redirect-open-1", seen(moved(L.SAME_SITE)), SEEN_ONLINE),
    ("other-status-1", seen(answered(405, method=Method.GET)), SEEN_ONLINE),
    ("other-status-1", seen(answered(999)), SEEN_ONLINE),
    ("other-status-1", seen(answered(101)), SEEN_ONLINE),
    ("unknown-1", seen(failed(None, Phase.HEADERS)), SEEN_ONLINE),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each[0])
def test_each_row_reads_what_it_says(example):
    """One example at least for each row, and one for each reading of the documentation."""
    rule, observation, standing, *around = example
    verdict, _ = judge(observation, standing, *around or [Surroundings()], Thresholds())
    assert verdict.rule == rule
    row = rule_by_id(rule)
    assert (verdict.outcome, verdict.cause) == (row.outcome, row.cause)
    assert verdict.void == (rule == "void-1")


def test_every_row_can_be_reached():
    """No row is hidden behind the ones before it."""
    assert {example[0] for example in EXAMPLES} == {rule.id for rule in RULES}


def test_ids_are_unique_and_bear_a_version():
    """`word-N`: a change of meaning is a new N."""
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9-]+-[1-9]", rule) for rule in ids)
    assert RULES_VERSION == "observations-1"


def test_every_row_is_said_in_words_and_only_offline_has_a_cause():
    """What was seen and why are sentences that stand in a table; ONLINE and INCONCLUSIVE are about nothing."""
    for rule in RULES:
        assert rule.seen and rule.reason.endswith(".") and "|" not in rule.seen + rule.reason
        assert (rule.cause is not Cause.NONE) == (rule.outcome is Outcome.OFFLINE)
        assert not (rule.neutral and rule.outcome is not Outcome.INCONCLUSIVE)


def test_the_rows_of_a_part_stand_together():
    """The table reads from above, part by part, in the order of `Part`."""
    parts = [rule.part for rule in RULES]
    assert parts == sorted(parts, key=list(Part).index)
    assert parts[-1] is Part.OTHER


digests = st.sampled_from([None, "a" * 16, "b" * 16])
types = st.sampled_from([None, "image/jpeg", "video/mp4", "text/html", "application/json", "application/octet-stream"])
fingerprints = st.builds(
    Fingerprint, types, st.sampled_from([None, 0, 10, 11]), digests, st.booleans(), digests, st.none()
)
exchanges = st.builds(
    Exchange,
    purpose=st.sampled_from([Purpose.TARGET, Purpose.TARGET, Purpose.REDIRECT, Purpose.SIBLING]),
    method=st.sampled_from(Method),
    phase=st.sampled_from(Phase),
    address=st.sampled_from([ONE, TWO]),
    error=st.none() | st.sampled_from(ExchangeError),
    get_reason=st.none() | st.sampled_from(GetReason),
    status=st.none() | st.integers(100, 599) | st.sampled_from([200, 206, 304, 302, 404, 410, 503]),
    fingerprint=fingerprints,
    location=st.none() | st.sampled_from(LocationKind),
    leads_to=digests,
    challenge=st.booleans(),
    retry_after_seconds=st.none() | st.integers(0, 10**9),
)
observations = st.builds(
    lambda answers, made: seen(*made, answers=answers),
    st.lists(st.sampled_from(DnsStatus), max_size=3),
    st.lists(exchanges, max_size=4),
)
instants = st.none() | st.floats(0, 2000).map(lambda hours: AT - timedelta(hours=hours))
standings = st.builds(
    Standing, baseline=st.none() | fingerprints, silent_since=instants, servfail_since=instants,
    server_error_since=instants, offline_since=instants,
)  # fmt: skip
arounds = st.builds(Surroundings, void=st.sampled_from([False, False, True]), neighbours_reached=st.booleans())


@settings(derandomize=True, max_examples=600, deadline=None)
@given(observations, standings, arounds)
def test_every_observation_has_one_row_whatever_it_holds(observation, standing, around):
    """The table is total: any mixture of answers, phases, errors and statuses is read, by the first row that fits."""
    view = View(observation, standing, around, Thresholds())
    fitting = [rule for rule in RULES if rule.part is view.part and rule.condition(view)]
    assert rule_for(view) is (fitting or [RULES[-1]])[0]
    judge(observation, standing, around, Thresholds())


@settings(derandomize=True, max_examples=600, deadline=None)
@given(observations, standings)
def test_offline_needs_a_name_that_is_gone_closed_doors_or_an_answer(observation, standing):
    """No OFFLINE comes from an exchange that a failure of our own, a challenge or a server in trouble ended."""
    verdict, _ = judge(observation, standing, Surroundings(), Thresholds())
    end = observation.end
    if verdict.outcome is Outcome.OFFLINE and end is not None and verdict.cause is not Cause.DOMAIN:
        assert end.error in (None, E.REFUSED, E.TIMEOUT, E.UNREACHABLE)
        assert not (
            end.error is None and (end.challenge or end.status in (401, 403, 405, 408, 429) or end.status >= 500)
        )


@settings(derandomize=True, max_examples=600, deadline=None)
@given(st.sampled_from(LocationKind), digests, st.sampled_from(LocationKind), digests, fingerprints, standings)
def test_a_redirect_is_offline_only_where_a_made_up_path_leads_to_the_same_url(kind, to, other, made_up, end, standing):
    """And where something was seen there before; places of one kind prove nothing."""
    observation = seen(moved(kind, to), hop(200, end), made_up_moved(other, made_up))
    verdict, _ = judge(observation, standing, Surroundings(), Thresholds())
    if verdict.outcome is Outcome.OFFLINE:
        assert verdict.rule == "led-away-1"
        assert to is not None and to == made_up and standing.baseline is not None


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.integers(100, 599), fingerprints, st.none() | fingerprints, st.none() | st.integers(100, 599), fingerprints)
def test_every_status_and_type_is_read_by_a_row_that_names_it(status, fingerprint, baseline, made_up, other):
    """A whole answer never falls through to the last row."""
    made = [answered(status, fingerprint)] + ([sibling(made_up, other)] if made_up else [])
    verdict, _ = judge(seen(*made), Standing(baseline=baseline), Surroundings(), Thresholds())
    assert verdict.rule != "unknown-1"

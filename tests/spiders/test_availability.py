"""What a Check asks, and in which order: the real crawl process before real servers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from itertools import pairwise

import pytest

from monitor.demo import behaviours as b
from monitor.demo.webserver import Webserver
from monitor.intake.hosts import host_of
from monitor.intake.normalise import normalise_url
from monitor.model.method import Thresholds
from monitor.model.observation import Check, Observation, Standing, Surroundings, Verdict
from monitor.model.report import Address
from monitor.model.words import ExchangeError, GetReason, LocationKind, Method, Outcome, Phase, Purpose
from monitor.observation import judge

HOME, OTHER, SILENT = (Address(bytes([127, 0, 0, n])) for n in (1, 2, 9))


def course(seen: Observation) -> list[tuple[str, str, int | None]]:
    return [(each.purpose.value, each.method.value, each.status) for each in seen.exchanges]


def test_a_head_alone_tells_an_image(look):
    """One HEAD, and a sibling's because there is no baseline."""
    look.answers["/a/b.png"] = b.image()
    seen = look("/a/b.png")
    assert course(seen) == [("target", "HEAD", 200), ("sibling", "HEAD", 404)]
    assert seen.exchanges[0].phase is Phase.DONE
    assert seen.exchanges[0].fingerprint.content_type == "image/png"
    assert seen.address == HOME


def test_the_time_is_the_parents(look):
    """observed_at goes on from the time that the parent told, not from the machine's."""
    look.answers["/a.png"] = b.image()
    assert look("/a.png").observed_at.date().isoformat() == "2026-03-01"


def test_the_sibling_is_a_made_up_path_beside_the_url(look):
    """Same directory, same extension, 16 letters, new each time."""
    look.answers["/a/b.png"] = b.image()
    look("/a/b.png"), look("/a/b.png")
    made_up = [path for (_, _, path) in look.server.asked if path != "/a/b.png"]
    assert len(set(made_up)) == 2
    assert all(each.startswith("/a/") and each.endswith(".png") and len(each) == 23 for each in made_up)


def test_no_sibling_is_asked_for_while_the_validators_are_the_same(look):
    """An unchanged image costs one request."""
    look.answers["/a.png"] = b.image()
    baseline = look("/a.png").exchanges[0].fingerprint
    assert course(look("/a.png", baseline=baseline)) == [("target", "HEAD", 200)]


def test_a_changed_image_is_held_beside_a_sibling(look):
    """With a baseline that differs there is a sibling probe."""
    look.answers["/a.png"] = b.image()
    baseline = look("/a.png").exchanges[0].fingerprint
    look.answers["/a.png"], look.otherwise = b.placeholder(), b.placeholder()
    seen = look("/a.png", baseline=baseline)
    assert course(seen) == [("target", "HEAD", 200), ("sibling", "HEAD", 200)]
    assert seen.exchanges[0].fingerprint == seen.exchanges[1].fingerprint


@pytest.mark.parametrize("code", [401, 403, 404, 410, 429, 451, 500, 503])
def test_no_sibling_is_asked_for_beside_what_is_not_there(look, code):
    """A status that speaks for itself needs no second request."""
    look.answers["/a.png"] = b.status(code)
    assert course(look("/a.png")) == [("target", "HEAD", code)]


@pytest.mark.parametrize(
    ("behaviour", "code", "reason"),
    [
        (b.NOT_FOUND_TO_HEAD, 404, GetReason.HEAD_NOT_FOUND),
        (b.NOT_ALLOWED_TO_HEAD, 405, GetReason.HEAD_NOT_ALLOWED),
        (b.NOT_IMPLEMENTED_TO_HEAD, 501, GetReason.HEAD_NOT_ALLOWED),
    ],
)
def test_a_permitted_get_follows_with_its_reason(look, behaviour, code, reason):
    """HEAD that is not answered truthfully is repeated as GET, where that is permitted; the sibling alike."""
    look.answers["/a.png"] = behaviour
    seen = look("/a.png", permit_get=True)
    assert course(seen)[:2] == [("target", "HEAD", code), ("target", "GET", 206)]
    assert seen.exchanges[1].get_reason is reason
    assert seen.exchanges[1].fingerprint.length == 2048
    assert seen.exchanges[2].method is Method.GET
    assert course(look("/a.png")) == [("target", "HEAD", code)]


def test_the_next_address_is_tried_only_where_no_status_came(look):
    """An address that refuses is followed by the next; one that says 404 has spoken."""
    look.answers["/a.png"] = b.status(410)
    assert [(each.address, each.error, each.status) for each in look("/a.png", addresses=(SILENT, HOME)).exchanges] == [
        (SILENT, ExchangeError.REFUSED, None),
        (HOME, None, 410),
    ]
    assert len(look("/a.png", addresses=(HOME, OTHER)).exchanges) == 1


def several(n: int) -> tuple[Address, ...]:
    """Addresses at which nobody listens."""
    return tuple(Address(bytes([127, 0, 1, 1 + place])) for place in range(n))


def tried(seen: Observation) -> list[bool]:
    return [each.phase is not Phase.NOT_TRIED for each in seen.exchanges]


def test_addresses_that_refuse_are_all_tried_up_to_sixteen(look):
    """A refusal costs nothing; that others were not tried is noted before those that were."""
    seen = look("/a.png", addresses=several(8))
    assert [each.error for each in seen.exchanges] == [ExchangeError.REFUSED] * 8
    assert judged(seen).rule == "refused-1"
    seen = look("/a.png", addresses=several(18))
    assert tried(seen) == [False] * 2 + [True] * 16
    assert (seen.address, seen.exchanges[0].address) == (several(16)[-1], several(17)[-1])


def test_no_more_addresses_may_stay_silent_than_configured(look):
    """They cost time: after so many the rest is not tried, and noted before those that were."""
    addresses = several(6)
    with ExitStack() as stack:
        for each in addresses[1:]:
            stack.enter_context(silent(str(ip_address(each)), look.server.port))
        check = Check(1, 1, look.url("/a.png"), host_of("site.example"), addresses, ())
        crawl = look.crawls(addresses=2, connect_seconds=0.2)
        (seen,) = crawl.observe([check], threading.Event())
    assert tried(seen) == [False] * 3 + [True] * 3
    errors = [each.error for each in seen.exchanges[3:]]
    assert errors == [ExchangeError.REFUSED, ExchangeError.TIMEOUT, ExchangeError.TIMEOUT]
    assert seen.address == addresses[2]


@contextmanager
def silent(address: str, port: int) -> Iterator[None]:
    """Connections there are neither taken nor refused: the queue for them is full."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind((address, port))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
        yield


def judged(seen: Observation) -> Verdict:
    return judge(seen, Standing(), Surroundings(), Thresholds())[0]


def test_a_check_without_an_address_makes_no_exchange(look):
    """What DNS said is all there is."""
    assert look("/a.png", addresses=()).exchanges == ()


def test_an_address_that_is_not_allowed_is_not_tried(look):
    """With the switch for loopback on, nothing else is connected to, and the other way round."""
    (exchange,) = look("/a.png", addresses=(Address(bytes([192, 0, 2, 1])),)).exchanges
    assert (exchange.phase, exchange.error) == (Phase.NOT_TRIED, ExchangeError.ADDRESS_FORBIDDEN)
    (exchange,) = look("/a.png", loopback=False).exchanges
    assert (exchange.phase, exchange.error) == (Phase.NOT_TRIED, ExchangeError.ADDRESS_FORBIDDEN)
    assert look.server.n_connections == 0


def test_redirects_are_followed_hop_by_hop(look):
    """Each hop is an exchange with what kind of place it leads to."""
    look.answers |= {"/a.png": b.redirect("/b.png"), "/b.png": b.redirect("c.png"), "/c.png": b.image()}
    seen = look("/a.png")
    assert [each.location for each in seen.exchanges[:3]] == [LocationKind.SAME_SITE, LocationKind.SAME_SITE, None]
    assert course(seen)[:3] == [("target", "HEAD", 302), ("redirect", "HEAD", 302), ("redirect", "HEAD", 200)]
    assert seen.end == seen.exchanges[2]


def test_a_redirect_to_another_host_goes_to_the_address_that_dns_gives_it(look):
    """Resolved anew by the configured resolvers, and asked with that host's name."""
    look.answers |= {"/a.png": b.redirect(look.url("/x", "www.other.example")), "www.other.example /x": b.image()}
    seen = look("/a.png")
    assert (seen.exchanges[1].address, seen.exchanges[1].status) == (OTHER, 200)
    assert seen.exchanges[0].location is LocationKind.OTHER_SITE
    assert look.server.asked["HEAD", f"www.other.example:{look.server.port}", "/x"] == 1


def test_a_redirect_is_kept_as_a_digest_of_where_it_leads(look):
    """Two that lead to one URL have the same, others another; what is no redirect, or leads nowhere, has none."""
    host = f"http://site.example:{look.server.port}"
    look.answers |= {
        "/a": b.redirect("/c"),
        "/b": b.redirect(f"{host}/x/../c#part", 301),
        "/d": b.redirect("/c?"),
        "/c": b.status(410),
        "/e": b.redirect("javascript:alert(1)"),
        "/f": b.redirect("http://inside.example:8080/"),
    }
    first = look("/a").exchanges
    assert first[0].leads_to is not None
    assert len(first[0].leads_to) == 16
    assert first[0].leads_to == look("/b").exchanges[0].leads_to != look("/d").exchanges[0].leads_to
    assert first[0].leads_to != look("/a", digest_key=b"another").exchanges[0].leads_to
    assert [first[1].leads_to, look("/e").exchanges[0].leads_to] == [None, None]
    assert look("/f").exchanges[0].leads_to is not None


def test_a_made_up_path_tells_by_the_same_digest_whether_it_is_led_to_the_same_url(look):
    """Sent home it is; where a site has moved each path goes to its own."""
    look.answers["/"] = b.page()
    look.otherwise = b.redirect("/")
    seen = look("/a.png")
    assert seen.sibling is not None
    assert seen.exchanges[0].leads_to == seen.sibling.leads_to is not None
    moved, port = look.server, look.server.port
    moved.answer = lambda asked: (
        b.page() if asked.host.startswith("www.other") else b.redirect(f"http://www.other.example:{port}{asked.path}")
    )
    seen = look("/a.png")
    assert seen.sibling is not None
    assert None is not seen.exchanges[0].leads_to != seen.sibling.leads_to is not None


@pytest.mark.parametrize("path", ["/", "/index.html", "/nl/"])
def test_beside_a_home_page_that_leads_away_no_sibling_is_asked(look, path):
    """A site's front door leads elsewhere while the site is there: a made-up path would tell nothing."""
    look.answers |= {"/login": b.page(), "/index.php": b.page()}
    for away in ("/login", "/index.php"):
        look.answers[path] = b.redirect(away)
        assert course(look(path)) == [("target", "HEAD", 302), ("redirect", "HEAD", 200)]
    look.answers[path] = b.page()
    assert course(look(path)) == [("target", "HEAD", 200), ("sibling", "HEAD", 404)]


def test_a_sibling_of_what_was_sent_away_is_asked_for_where_it_was_sent_from(look):
    """If made-up paths are sent home too, the redirect says that nothing is there."""
    look.answers |= {"/": b.page()}
    look.otherwise = b.redirect("/")
    seen = look("/a.png")
    assert course(seen) == [("target", "HEAD", 302), ("redirect", "HEAD", 200), ("sibling", "HEAD", 302)]
    assert seen.sibling is not None
    assert seen.sibling.location is LocationKind.HOME


def test_redirects_are_followed_over_the_given_ip_versions_alone(look):
    """A host, or a literal, that has only others is not connected to; of a host with both the others are left."""
    hosts = ["six.example", "[::1]", "both.example"]
    with Webserver(lambda _: b.status(410), ("::1",), look.server.port) as six:
        look.answers |= {f"/{n}": b.redirect(look.url("/x", host)) for n, host in enumerate(hosts)}
        for n in (0, 1):
            seen = look(f"/{n}", families=(4,)).exchanges[-1]
            assert (seen.phase, seen.error) == (Phase.NOT_TRIED, ExchangeError.UNRESOLVED)
        assert look("/2", families=(4,)).exchanges[-1].address == OTHER
        assert six.n_connections == 0
        assert look("/2", families=(6,)).exchanges[-1].status == 410
        assert [look(f"/{n}").exchanges[-1].status for n in (0, 1)] == [410, 410]
        assert six.n_connections == 3


TARGETS = (
    *("/a;", "/a;?q=1", "/a?", "/a;b;", "/x;y/z;", "/a??", "/a%3B", "//x", "/a?b?c;d;", "/%zz", "/a|b", "/a%2Fb%2F"),
    *("/?", "/a%22b", "/%C3%A9", "/a?%C3%A9", "/a?b=c&&d=%41+%20", "/a//b/", "/a=;,:@!$&'()*+"),
)


@pytest.mark.parametrize("path", TARGETS)
def test_what_is_asked_for_is_the_url_byte_for_byte(look, path):
    """By the HEAD, by the GET that follows it, and at the hop of a redirect."""
    look.answers["/start"] = b.redirect(look.url(path, "www.other.example"))
    url = look.url(path)
    assert normalise_url(url).url == url
    look(path, permit_get=True), look("/start", permit_get=True)
    asked = {key for key in look.server.asked if key[2] != "/start"}
    hosts = [f"{name}:{look.server.port}" for name in ("site.example", "www.other.example")]
    assert asked == {(method, host, path) for method in ("HEAD", "GET") for host in hosts}


@pytest.mark.parametrize("n_hops", [0, 1, 2])
def test_a_check_ends_when_its_time_is_over(look, n_hops):
    """Counted from the first connection: the exchange under way ends as a timeout in its phase, and so does all."""
    way = ["/a", "/0", "/1"][: n_hops + 1]
    look.answers |= {path: b.redirect(after) for path, after in pairwise(way)} | {way[-1]: b.HANG}
    seen = look("/a", addresses=(HOME, OTHER), check_seconds=2.0, headers_seconds=60.0)
    assert 2.0 <= seen.seconds < 30
    cut = seen.exchanges[n_hops]
    assert (cut.phase, cut.error) == (Phase.REQUEST, ExchangeError.TIMEOUT)
    unasked = [(each.phase, each.error) for each in seen.exchanges[n_hops + 1 :]]
    assert unasked == ([(Phase.NOT_TRIED, ExchangeError.TIMEOUT)] if n_hops == 0 else [])
    assert judged(seen).outcome is Outcome.INCONCLUSIVE


def test_what_time_did_not_suffice_for_is_noted_as_not_tried(look):
    """Here a hop, whose address two other checks hold one after the other, for longer than it has."""
    look.answers |= {"/a": b.after(5, b.status(410)), "/hang": b.HANG}
    hosts = ((1, "hang.example"), (3, "still.example"))  # two sites: checks of one wait for each other
    hanging = [Check(n, n, look.url("/hang", host), host_of(host), (HOME,), ()) for n, host in hosts]
    asking = Check(2, 2, look.url("/x", "www.other.example"), host_of("www.other.example"), (OTHER,), ())
    look.answers["www.other.example /x"] = b.redirect(f"http://127.0.0.1:{look.server.port}/a")
    settings = {"check_seconds": 0.8, "headers_seconds": 5.0}
    seen = {each.check_id: each for each in look.crawls(**settings).observe([*hanging, asking], threading.Event())}
    assert [each.error for each in seen[1].exchanges] == [ExchangeError.TIMEOUT]
    late = seen[2].exchanges[-1]
    assert (late.purpose, late.phase, late.error) == (Purpose.REDIRECT, Phase.NOT_TRIED, ExchangeError.TIMEOUT)
    assert seen[2].seconds < 4


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("http://inside.example:8080/x", ExchangeError.ADDRESS_FORBIDDEN),
        ("http://public.example:8080/x", ExchangeError.ADDRESS_FORBIDDEN),
        ("http://10.0.0.1:8080/x", ExchangeError.ADDRESS_FORBIDDEN),
        ("http://0x7f.1:22/x", ExchangeError.PORT_FORBIDDEN),
        ("http://nowhere.example:8080/x", ExchangeError.UNRESOLVED),
        ("javascript:alert(1)", ExchangeError.BAD_LOCATION),
        ("file:///etc/passwd", ExchangeError.BAD_LOCATION),
        ("data:text/html,x", ExchangeError.BAD_LOCATION),
        ("http://user:secret@other.example/", ExchangeError.BAD_LOCATION),
        ("", ExchangeError.BAD_LOCATION),
        ("http://[::1", ExchangeError.BAD_LOCATION),
    ],
)
def test_a_hop_that_may_not_be_made_is_not_made(look, location, error):
    """It is noted as not tried, with the reason."""
    look.answers["/a.png"] = b.redirect(location)
    seen = look("/a.png")
    assert course(seen) == [("target", "HEAD", 302), ("redirect", "HEAD", None)]
    assert (seen.exchanges[1].phase, seen.exchanges[1].error) == (Phase.NOT_TRIED, error)


def test_a_loop_is_told_from_too_many_hops(look):
    """A URL seen before is a loop; ever new ones end after the configured number."""
    look.answers |= {"/a": b.redirect("/b"), "/b": b.redirect("/a")}
    assert look("/a").exchanges[-1].error is ExchangeError.REDIRECT_LOOP
    look.answers |= {f"/{n}": b.redirect(f"/{n + 1}") for n in range(10)}
    seen = look("/0")
    assert seen.exchanges[-1].error is ExchangeError.TOO_MANY_HOPS
    assert sum(each.purpose is Purpose.REDIRECT and each.status == 302 for each in seen.exchanges) == 5


def test_a_redirect_without_a_location_is_the_end(look):
    """There is nowhere to go; the status is judged."""
    look.answers["/a"] = b.status(302)
    seen = look("/a")
    assert course(seen) == [("target", "HEAD", 302)]
    assert seen.exchanges[0].location is None


def test_a_challenge_and_a_retry_after_are_noted(look):
    """From headers alone."""
    look.answers |= {"/a": b.challenge(), "/b": b.rate_limited("120"), "/c": b.rate_limited("99999999999")}
    assert look("/a").exchanges[0].challenge
    assert look("/b").exchanges[0].retry_after_seconds == 120
    assert look("/c").exchanges[0].retry_after_seconds == 604_800
    look.answers["/d"] = b.rate_limited("Sun, 01 Mar 2026 00:10:00 GMT")
    assert 590 <= (look("/d").exchanges[0].retry_after_seconds or 0) <= 600


def test_what_breaks_off_is_told_apart(look):
    """Reset, closed, silent and not HTTP each have their own word."""
    look.answers |= {"/r": b.RESET, "/c": b.CLOSE, "/h": b.HANG, "/g": b.GARBAGE}
    errors = {path: look(path).exchanges[0].error for path in ("/r", "/c", "/h", "/g")}
    assert errors == {
        "/r": ExchangeError.RESET,
        "/c": ExchangeError.CLOSED,
        "/h": ExchangeError.TIMEOUT,
        "/g": ExchangeError.NOT_HTTP,
    }

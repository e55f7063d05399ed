"""What a Check asks, and in which order: the real crawl process before real servers."""

import pytest

from monitor.demo import behaviours as b
from monitor.model.observation import Observation
from monitor.model.report import Address
from monitor.model.words import ExchangeError, GetReason, LocationKind, Method, Phase, Purpose

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


def test_no_more_addresses_are_tried_than_configured(look):
    """Of many addresses of a host the first ones are asked; that the others were not is noted before them."""
    addresses = tuple(Address(bytes([127, 0, 0, 9 + n])) for n in range(8))
    seen = look("/a.png", addresses=addresses)
    tried = [each.phase is not Phase.NOT_TRIED for each in seen.exchanges]
    assert tried == [False] * 4 + [True] * 4
    assert seen.address == addresses[3]


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


def test_a_sibling_of_what_was_sent_away_is_asked_for_where_it_was_sent_from(look):
    """If made-up paths are sent home too, the redirect says that nothing is there."""
    look.answers |= {"/": b.page()}
    look.otherwise = b.redirect("/")
    seen = look("/a.png")
    assert course(seen) == [("target", "HEAD", 302), ("redirect", "HEAD", 200), ("sibling", "HEAD", 302)]
    assert seen.sibling is not None
    assert seen.sibling.location is LocationKind.HOME


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

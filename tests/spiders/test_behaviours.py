"""Each row of the rules about servers, shown by a real server that behaves exactly so, through the crawl process.

In: a `Scene` (what is served at the URL, at every other path, and before). Out: the rule that reads the Observation.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from monitor import clock
from monitor.demo import behaviours as b
from monitor.demo.certificates import CertificateKind, Certificates
from monitor.demo.webserver import Webserver
from monitor.intake.hosts import host_of
from monitor.model.method import Thresholds
from monitor.model.observation import Check, Observation, Standing, Surroundings, Verdict
from monitor.model.report import Address
from monitor.model.words import ExchangeError, Outcome, Phase, TlsState
from monitor.observation.judge import judge
from monitor.observation.rules import RULES
from monitor.observation.view import Part

PATH = "/pics/a.png"
HERE = Address(bytes([127, 0, 0, 1]))
SILENT = Address(bytes([127, 0, 0, 9]))  # nobody listens there
PRIVATE = Address(ip_address("10.0.0.1").packed)
MARK = b"<<marked body>>"
START = datetime(2026, 3, 1, tzinfo=UTC)
AWAY = "http://www.other.example:{port}/gone"


@dataclass(frozen=True)
class Scene:
    """`now` and `before` are served at the URL, `others` at every path that has nothing of its own in `also`.

    `now` None: the URL gets what every path gets.
    """

    now: b.Behaviour | None
    others: b.Behaviour | Callable[[str], b.Behaviour] = b.NOT_FOUND
    before: b.Behaviour | None = None  # None: this is the first Check
    also: dict[str, b.Behaviour] = field(default_factory=dict)
    addresses: tuple[Address, ...] = (HERE,)
    permit_get: bool = False


IMAGE = b.image()
HOME = b.page("Welcome.")
TAGGED_PAGE = b.page(headers=[("ETag", '"p1"')])


def moved_site(path: str) -> b.Behaviour:
    """A change of domain that keeps every path."""
    return b.redirect(f"http://www.other.example:{{port}}/new{path}", 301)


def login_with_path(path: str) -> b.Behaviour:
    """A login that leads back to where the visitor came from."""
    return b.redirect(f"/login?next={path}")


def home_in_two_steps(path: str) -> b.Behaviour:
    """Two redirects: every path to itself below /secure, and from there home."""
    return b.redirect("/") if path.startswith("/secure/") else b.redirect("/secure" + path)


SCENES = {
    # the connection
    "refused-1: no server at either address": Scene(IMAGE, addresses=(SILENT, Address(bytes([127, 0, 0, 8])))),
    "first-media-1: the second address answers": Scene(IMAGE, addresses=(SILENT, HERE)),
    "address-not-global-1: a private address": Scene(IMAGE, addresses=(PRIVATE,)),
    "reset-1: reset before the headers": Scene(b.RESET),
    "reset-1: reset among the headers": Scene(b.RESET_IN_HEADERS),
    "closed-1: closed before the headers": Scene(b.CLOSE),
    "closed-1: closed among the headers": Scene(b.DROP_IN_HEADERS),
    "hung-1: silence": Scene(b.HANG),
    "hung-1: silence among the headers": Scene(b.HANG_IN_HEADERS),
    "hung-1: a byte now and then": Scene(b.dripping_headers(b"HTTP/1.1 200 OK\r\n", 0.4)),
    "first-media-1: silence after the headers": Scene(b.HANG_AFTER_HEADERS),
    "not-http-1: garbage": Scene(b.GARBAGE),
    "not-http-1: HTTP/0.9": Scene(b.HTTP_0_9),
    "not-http-1: HTTP/2 unasked": Scene(b.HTTP_2),
    "not-http-1: an HTTP/2 preface": Scene(b.HTTP_2_PREFACE),
    "not-http-1: a TLS alert": Scene(b.TLS_ALERT),
    "not-http-1: another protocol's banner": Scene(b.SSH_BANNER),
    "headers-too-large-1: 1 GB of headers": Scene(b.huge_headers(MARK)),
    "headers-too-large-1: a line without end": Scene(b.endless_header_line(MARK)),
    "interim-flood-1: 103 without end": Scene(b.interim_flood(MARK)),
    "interim-flood-1: 102 without end": Scene(b.interim_flood(MARK, 102)),
    "get-unanswered-1: an answer to HEAD alone": Scene(b.by_method(b.RESET, b.status(405)), permit_get=True),
    # odd, and still an answer
    "first-media-1: after some interim answers": Scene(b.interim_then(3, IMAGE)),
    "first-media-1: HTTP/1.0": Scene(b.HTTP_1_0),
    "first-media-1: bare line feeds": Scene(b.BARE_LINE_FEEDS),
    "first-media-1: an endless body": Scene(b.endless_body(MARK)),
    "first-media-1: a body in the same segment": Scene(b.early_body(MARK)),
    "first-media-1: a late answer": Scene(b.after(0.3, IMAGE)),
    # redirects
    "led-away-1: to home, as is every path": Scene(b.redirect("/"), b.redirect("/"), IMAGE, {"/": HOME}),
    "led-away-1: to home in two steps, as is every path": Scene(None, home_in_two_steps, IMAGE, {"/": HOME}),
    "away-unknown-1: to home from the first, as is every path": Scene(None, b.redirect("/"), also={"/": HOME}),
    "away-unknown-1: off the site from the first": Scene(None, b.redirect(AWAY), also={"/gone": HOME}),
    "led-away-2: the site has moved, path by path": Scene(None, moved_site, IMAGE, {"/new" + PATH: b.page()}),
    "led-away-2: the site has moved, from the first": Scene(None, moved_site, also={"/new" + PATH: b.page()}),
    "led-away-2: to a login that keeps the path": Scene(
        None, login_with_path, IMAGE, {f"/login?next={PATH}": b.page(), "/login": b.page()}
    ),
    "led-away-2: to home, this path alone": Scene(b.redirect("/"), before=IMAGE, also={"/": HOME}),
    "led-away-1: to login, as is every path": Scene(
        b.redirect("/login"), b.redirect("/login"), IMAGE, {"/login": b.page()}
    ),
    "login-unknown-1: to login from the first": Scene(b.redirect("/login"), also={"/login": b.page()}),
    "led-away-1: off the site, as is every path": Scene(b.redirect(AWAY), b.redirect(AWAY), IMAGE, {"/gone": b.page()}),
    "other-site-media-1: off the site, to media": Scene(b.redirect(AWAY), also={"/gone": IMAGE}),
    "removed-elsewhere-1: 404 off the site": Scene(b.redirect(AWAY), also={"/gone": b.NOT_FOUND}),
    "first-media-1: to another path of the site": Scene(b.redirect("/b.png", 301), also={"/b.png": IMAGE}),
    "redirect-loop-1: to itself": Scene(b.redirect(PATH)),
    "redirect-loop-1: in a circle": Scene(b.redirect("/1"), also={"/1": b.redirect("/2"), "/2": b.redirect("/1")}),
    "redirect-hops-1: without end": Scene(
        b.redirect("/hop/0"), also={f"/hop/{n}": b.redirect(f"/hop/{n + 1}") for n in range(9)}
    ),
    "redirect-bad-1: to a file": Scene(b.redirect("file:///etc/passwd")),
    "redirect-bad-1: to a script": Scene(b.redirect("javascript:alert(1)")),
    "redirect-bad-1: half a literal": Scene(b.redirect("http://[::1")),
    "redirect-forbidden-1: to a private address": Scene(b.redirect("http://10.0.0.1/")),
    "redirect-forbidden-1: to metadata in one number": Scene(b.redirect("http://2852039166/")),
    "redirect-forbidden-1: to another protocol's port": Scene(b.redirect("http://127.0.0.1:22/")),
    "redirect-unresolved-1: to a name that does not exist": Scene(b.redirect("http://nowhere.example:{port}/")),
    "redirect-unanswered-1: to a server that resets": Scene(b.redirect("/r"), also={"/r": b.RESET}),
    # closed to us
    "closed-to-us-1: 401": Scene(b.UNAUTHORIZED),
    "closed-to-us-1: 403": Scene(b.FORBIDDEN),
    "challenge-1: 403 with a challenge": Scene(b.challenge()),
    "challenge-1: 503 with a challenge": Scene(b.challenge(503)),
    "challenge-1: 200 with a challenge": Scene(b.challenge(200), before=IMAGE),
    # answers
    "first-media-1: an image, first seen": Scene(IMAGE),
    "first-media-1: an image without validators": Scene(b.without_validators()),
    "unchanged-1: the same image": Scene(IMAGE, before=IMAGE),
    "same-size-1: the same length, no validator": Scene(b.image(None), before=b.image(None)),
    "changed-1: another ETag": Scene(b.image('"v2"'), before=IMAGE),
    "changed-1: another length": Scene(b.image(None, 999), before=b.image(None)),
    "placeholder-1: what every path gets": Scene(b.placeholder(), b.placeholder(), IMAGE),
    "soft-404-unknown-1: what every path gets, from the first": Scene(b.placeholder(), b.placeholder()),
    "turned-page-1: a page for every path": Scene(HOME, HOME, IMAGE),
    "turned-page-1: a parked domain": Scene(b.parked(), b.parked(), IMAGE),
    "turned-page-2: a page for this path alone": Scene(HOME, before=IMAGE),
    "page-answers-1: a page": Scene(HOME),
    "page-answers-1: a parked domain, from the first": Scene(b.parked(), b.parked()),
    "page-unchanged-1: the same page": Scene(TAGGED_PAGE, before=TAGGED_PAGE),
    "not-modified-1: 304 to a plain question": Scene(b.NOT_MODIFIED),
    "other-type-1: something else": Scene(b.without_validators("application/x-invented")),
    # other statuses
    "not-found-1: 404": Scene(b.NOT_FOUND, before=IMAGE),
    "not-found-1: 404 to HEAD, no GET permitted": Scene(b.NOT_FOUND_TO_HEAD),
    "not-found-1: 404 to HEAD and to GET": Scene(b.NOT_FOUND, permit_get=True),
    "first-media-1: 404 to HEAD, 206 to GET": Scene(b.NOT_FOUND_TO_HEAD, permit_get=True),
    "gone-410-1: 410": Scene(b.GONE),
    "legal-reasons-1: 451": Scene(b.LEGAL_REASONS),
    "head-not-allowed-1: 405 to HEAD": Scene(b.NOT_ALLOWED_TO_HEAD),
    "head-not-allowed-1: 501 to HEAD": Scene(b.NOT_IMPLEMENTED_TO_HEAD),
    "first-media-1: 405 to HEAD, 206 to GET": Scene(b.NOT_ALLOWED_TO_HEAD, permit_get=True),
    "first-media-1: 501 to HEAD, 206 to GET": Scene(b.NOT_IMPLEMENTED_TO_HEAD, permit_get=True),
    "busy-1: 408": Scene(b.status(408)),
    "busy-1: 429": Scene(b.rate_limited()),
    "busy-1: 429 with seconds": Scene(b.rate_limited("120")),
    "busy-1: 429 with a date": Scene(b.rate_limited("Sun, 01 Mar 2026 00:05:00 GMT")),
    "server-error-1: 503": Scene(b.UNAVAILABLE),
    "server-error-1: 522": Scene(b.status(522)),
    "redirect-open-1: 300": Scene(b.status(300)),
    "other-status-1: 418": Scene(b.status(418)),
}
"""By the rule that should read it, and what is to be seen."""


def with_port(behaviour: b.Behaviour, port: int) -> b.Behaviour:
    """`{port}` in a Location becomes the server's own."""

    def put(steps: b.Steps | None) -> b.Steps | None:
        own = str(port).encode()
        return steps and tuple(each.replace(b"{port}", own) if isinstance(each, bytes) else each for each in steps)

    return replace(behaviour, steps=put(behaviour.steps) or (), to_head=put(behaviour.to_head))


def perform(scene: Scene, crawls) -> tuple[Verdict, Standing, Observation]:
    """One Check of the scene, and one before it where there was something before."""
    standing, shows = Standing(), dict(scene.also)

    def answer(asked: b.Asked) -> b.Behaviour:
        others = scene.others if isinstance(scene.others, b.Behaviour) else scene.others(asked.path)
        return with_port(shows.get(asked.path) or others, server.port)

    with Webserver(answer, ("127.0.0.1", "127.0.0.2")) as server:
        url = f"http://site.example:{server.port}{PATH}"
        for day, shown in enumerate([scene.before, scene.now] if scene.before else [scene.now]):
            shows[PATH] = shown
            check = Check(1, 1, url, host_of("site.example"), scene.addresses, (), baseline=standing.baseline)
            (seen,) = crawls(permit_get=scene.permit_get).observe([check], threading.Event(), lambda: START)
            seen = replace(seen, observed_at=START + timedelta(days=day))
            verdict, standing = judge(seen, standing, Surroundings(), Thresholds())
    return verdict, standing, seen


@pytest.mark.parametrize("name", SCENES)
def test_a_server_that_behaves_so_is_read_by_that_rule(name, crawls):
    """Whatever else the table says."""
    verdict, _, _ = perform(SCENES[name], crawls)
    assert verdict.rule == name.partition(":")[0]


def test_every_rule_that_a_single_server_can_show_has_a_scene():
    """Names, voids, lasting silence and our own network are shown elsewhere: they are no server's behaviour."""
    shown = {name.partition(":")[0] for name in SCENES} | {"tls-failed-1"}
    parts = (Part.CONNECTED, Part.REDIRECT, Part.CLOSED, Part.ANSWER, Part.STATUS)
    assert {rule.id for rule in RULES if rule.part in parts} - shown == set()


def test_retry_after_in_seconds_and_as_a_date_is_honoured(crawls):
    """Not before that time; the date is held against the clock that the parent gave, to the second."""
    in_seconds = perform(SCENES["busy-1: 429 with seconds"], crawls)[1]
    as_a_date = perform(SCENES["busy-1: 429 with a date"], crawls)[1]
    assert in_seconds.not_before == START + timedelta(seconds=120)
    assert timedelta(0) <= START + timedelta(minutes=5) - as_a_date.not_before <= timedelta(seconds=2)


def test_what_is_removed_while_a_check_is_under_way_is_dated_no_sooner(crawls):
    """The first address keeps us waiting, the image goes, the second says 404: offline since then, not since asked."""
    gone_at: list[datetime] = []

    def answer(asked: b.Asked) -> b.Behaviour:
        if asked.address == "127.0.0.1":
            return b.HANG
        gone_at.append(clock.now())
        return b.NOT_FOUND

    with Webserver(answer, ("127.0.0.1", "127.0.0.2")) as server:
        url = f"http://site.example:{server.port}{PATH}"
        check = Check(1, 1, url, host_of("site.example"), (HERE, Address(bytes([127, 0, 0, 2]))), ())
        (seen,) = crawls().observe([check], threading.Event())
    verdict, standing = judge(seen, Standing(), Surroundings(), Thresholds())
    assert verdict.outcome is Outcome.OFFLINE
    rounding = timedelta(milliseconds=1)  # a float of seconds
    assert seen.observed_at < gone_at[0] <= standing.offline_since + rounding


@pytest.mark.parametrize("kind", [each for each in CertificateKind if each is not CertificateKind.VALID])
def test_a_certificate_is_noted_and_never_required(kind, crawls, tmp_path):
    """Expired, not yet valid, self-signed, for another name: the image is online all the same."""
    tls = Certificates(tmp_path).context(["site.example"], kind)
    with Webserver(lambda asked: IMAGE if asked.path == PATH else b.NOT_FOUND, tls=tls) as server:
        seen = https_check(crawls, server.port)
    verdict, _ = judge(seen, Standing(), Surroundings(), Thresholds())
    assert (verdict.rule, verdict.outcome) == ("first-media-1", Outcome.ONLINE)
    assert {each.tls for each in seen.exchanges} <= {TlsState(kind.value), TlsState.UNTRUSTED}


@pytest.mark.parametrize("greeting", [b.TLS_ALERT, b.GARBAGE])
def test_a_handshake_that_fails_is_inconclusive(greeting, crawls):
    """An alert, or no TLS at all: a server is there."""
    with Webserver(lambda asked: b.CLOSE, greeting=lambda address: greeting) as server:
        seen = https_check(crawls, server.port)
    verdict, _ = judge(seen, Standing(), Surroundings(), Thresholds())
    assert (verdict.rule, verdict.outcome) == ("tls-failed-1", Outcome.INCONCLUSIVE)


def test_a_handshake_that_hangs_is_a_timeout_and_inconclusive(crawls):
    """The phase says where it hung."""
    with Webserver(lambda asked: b.CLOSE, greeting=lambda address: b.HANG) as server:
        seen = https_check(crawls, server.port)
    assert (seen.end.phase, seen.end.error) == (Phase.TLS, ExchangeError.TIMEOUT)
    assert judge(seen, Standing(), Surroundings(), Thresholds())[0].rule == "hung-1"


def https_check(crawls, port: int) -> Observation:
    check = Check(1, 1, f"https://site.example:{port}{PATH}", host_of("site.example"), (HERE,), ())
    (seen,) = crawls().observe([check], threading.Event(), lambda: START)
    return seen

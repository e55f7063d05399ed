"""The rules as rows: what was seen, how it is read, and why. The first row that matches decides.

What would surprise: the rows are cut into parts, and an Observation belongs to one part alone (`View.part`), so that
a handful of conditions is asked and not sixty; the last row takes whatever no other one took. A row whose meaning
changes gets a new id, and the table a new version.
"""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.model.words import Cause, Outcome
from monitor.observation import conditions as c
from monitor.observation.view import Part, View

RULES_VERSION = "observations-1"


@dataclass(frozen=True, slots=True)
class ObservationRule:
    """One row. `seen` and `reason` are what the documentation, `explain` and a provider's file show."""

    id: str
    part: Part
    seen: str
    outcome: Outcome
    cause: Cause
    reason: str
    condition: Callable[[View], bool] = c.always
    low_confidence: bool = False
    page: bool = False
    neutral: bool = False  # says nothing about the server: breaks no row of alike readings, adds to none
    again: bool = False  # gave nothing, and may well give something in a few minutes
    begins: bool = False  # what was seen becomes the baseline where there is none


def _online(
    part: Part, rule: str, seen: str, reason: str, condition: Callable[[View], bool], *, low: bool = False
) -> ObservationRule:
    return ObservationRule(rule, part, seen, Outcome.ONLINE, Cause.NONE, reason, condition, low_confidence=low)


def _offline(
    part: Part, rule: str, cause: Cause, seen: str, reason: str, condition: Callable[[View], bool]
) -> ObservationRule:
    return ObservationRule(rule, part, seen, Outcome.OFFLINE, cause, reason, condition)


def _unclear(
    part: Part,
    rule: str,
    seen: str,
    reason: str,
    condition: Callable[[View], bool] = c.always,
    *,
    again: bool = False,
    neutral: bool = False,
) -> ObservationRule:
    outcome = Outcome.INCONCLUSIVE
    return ObservationRule(rule, part, seen, outcome, Cause.NONE, reason, condition, again=again, neutral=neutral)


_SERVER_THERE = "A server is there, and may be blocking us."
_NAME_GONE = "The name is gone: registrar or registry may have acted, so it is no takedown by the hoster."

_NAME = (
    _unclear(Part.NAME, "address-not-global-1", "only addresses that are not globally routable",
             "A sinkhole, a filter or rebinding: never connected to.", c.not_global),
    _unclear(Part.NAME, "port-forbidden-1", "a port that our policy does not allow",
             "It was not connected to; only the configuration can change that.", c.port_forbidden),
    _offline(Part.NAME, "nxdomain-1", Cause.DOMAIN, "NXDOMAIN from two resolvers", _NAME_GONE, c.nxdomain),
    _offline(Part.NAME, "no-data-1", Cause.DOMAIN, "NOERROR without A and AAAA from two resolvers",
             "The name leads to no server any more.", c.no_data),
    _offline(Part.NAME, "servfail-2", Cause.DOMAIN, "SERVFAIL from every resolver for `servfail_hours`",
             "The name has not worked for so long that the domain counts as gone.", c.servfail_lasts),
    _unclear(Part.NAME, "servfail-1", "SERVFAIL from every resolver, not yet for `servfail_hours`",
             "The name servers may be disturbed.", c.servfail, again=True),
    _unclear(Part.NAME, "resolvers-unreachable-1", "no resolver could be reached",
             "That is our own network, and says nothing about the name.", c.resolvers_unreachable,
             again=True, neutral=True),
    _unclear(Part.NAME, "resolvers-silent-1", "timeout, refusal or no sense from every resolver",
             "Nothing is known about the name.", c.resolvers_silent, again=True),
    _unclear(Part.NAME, "not-tried-1", "an address that was not connected to",
             "Our own choice of addresses (an IP version without a canary, say) left none.", c.without_attempt,
             neutral=True),
    _unclear(Part.NAME, "name-unclear-1", "no address, and resolvers that do not agree, or only one that said so",
             "Two resolvers have to agree before a name counts as gone.", again=True),
)  # fmt: skip
_CONNECTION = (
    _unclear(Part.CONNECTED, "get-unanswered-1", "an answer to HEAD, none to the GET that followed",
             "Only the GET would have told.", c.get_unanswered, again=True),
    _unclear(Part.CONNECTED, "reset-1", "reset after the connection was made", _SERVER_THERE, c.reset, again=True),
    _unclear(Part.CONNECTED, "closed-1", "closed before the headers were in", _SERVER_THERE, c.closed, again=True),
    _unclear(Part.CONNECTED, "tls-failed-1", "TLS could not be agreed on",
             "A server is there. What a certificate says is noted and never decides.", c.tls_failed),
    _unclear(Part.CONNECTED, "not-http-1", "an answer that is not HTTP", _SERVER_THERE, c.not_http),
    _unclear(Part.CONNECTED, "headers-too-large-1", "headers larger than are read", _SERVER_THERE,
             c.headers_too_large),
    _unclear(Part.CONNECTED, "interim-flood-1", "1xx answers without end", _SERVER_THERE, c.interim_flood),
    _unclear(Part.CONNECTED, "hung-1", "connected, then silence until the timeout", _SERVER_THERE, c.hung,
             again=True),
    _unclear(Part.UNOPENED, "untried-1", "no address that was tried took the connection, others were not tried",
             "One of the others may serve it.", c.untried, again=True, neutral=True),
    _offline(Part.UNOPENED, "refused-1", Cause.HOST, "connection refused on every address of the host",
             "Machines are there, and nothing on them serves the site.", c.refused),
    _offline(Part.UNOPENED, "silent-2", Cause.HOST,
             "no address reached for `silent_hours`, another host of that AS reached in this run",
             "It is the host, not the way there.", c.silent_lasts),
    _unclear(Part.UNOPENED, "silent-1", "timeout or unreachable, not yet for `silent_hours` or without neighbours",
             "It may be the way there, or a pause.", again=True),
)  # fmt: skip
_REDIRECT = (
    _unclear(Part.REDIRECT, "redirect-loop-1", "redirects in a circle", "There is no end to judge.", c.redirect_loop),
    _unclear(Part.REDIRECT, "redirect-hops-1", "more redirects than are followed", "The end was not seen.",
             c.too_many_hops),
    _unclear(Part.REDIRECT, "redirect-bad-1", "a redirect to nothing that can be followed",
             "There is no end to judge.", c.bad_location),
    _unclear(Part.REDIRECT, "redirect-forbidden-1", "a redirect to an address or port that is never connected to",
             "The end was not seen.", c.hop_forbidden),
    _unclear(Part.REDIRECT, "redirect-unresolved-1", "a redirect to a name without an address",
             "The end was not seen.", c.hop_unresolved, again=True),
    _unclear(Part.REDIRECT, "redirect-unanswered-1", "a redirect to a server that gave no answer",
             "The host of the URL answers; the other server's silence is not booked on it.", again=True),
)  # fmt: skip
_CLOSED = (
    _unclear(Part.CLOSED, "challenge-1", "headers of a page that asks for a person",
             "Closed to us: geo-block, cloaking or a challenge. Others may see it.", c.challenge),
    _unclear(Part.CLOSED, "closed-to-us-1", "401, 403", "Closed to us: others may see it."),
)  # fmt: skip
_ANSWER = (
    ObservationRule("page-unchanged-1", Part.ANSWER, "2xx or 304, a page with an unchanged strong validator",
                    Outcome.ONLINE, Cause.NONE, "The same page is served as before.", c.page_unchanged, page=True),
    _online(Part.ANSWER, "unchanged-1", "2xx or 304 with an unchanged strong validator",
            "The same bytes are served as before.", c.unchanged),
    _unclear(Part.ANSWER, "not-modified-1", "304 without an unchanged strong validator",
             "It does not say what was not modified.", c.not_modified),
    _unclear(Part.ANSWER, "login-unknown-1", "redirected to a login, never seen without one",
             "Closed to us: a site that lets nobody in without a login says nothing about one path.",
             c.login_unknown),
    _offline(Part.ANSWER, "led-away-1", Cause.CONTENT,
             "redirected to home, a login or another site, a made-up path to the very same URL; no media there",
             "The server treats the URL as one that it does not know, and did not before.", c.led_away_alike),
    _unclear(Part.ANSWER, "away-unknown-1",
             "redirected to home or another site, a made-up path to the very same URL; no media there, no baseline",
             "Every visitor may have been led there from the start (a gate, say): it says nothing about one path.",
             c.led_away_unknown),
    ObservationRule("other-site-media-1", Part.ANSWER, "redirected to another site that serves media, no baseline",
                    Outcome.ONLINE, Cause.NONE, "Media is served at the end; a made-up path gets something else.",
                    c.away_media, low_confidence=True, begins=True),
    _unclear(Part.ANSWER, "led-away-2",
             "redirected to home, a login or another site; a made-up path not to the same URL, or media there",
             "Suspected removal that nothing confirms: a site that moved and a login that keeps the path show it too.",
             c.away),
    _unclear(Part.ANSWER, "soft-404-unknown-1", "2xx, media; a made-up path gets the same",
             "The server answers everything alike, and it was never seen to do otherwise.", c.soft_404_unknown),
    ObservationRule("first-media-1", Part.ANSWER, "2xx, media, no baseline yet", Outcome.ONLINE, Cause.NONE,
                    "Media is served; from now on it is compared with this answer.", c.first_media,
                    low_confidence=True, begins=True),
    _online(Part.ANSWER, "same-size-1", "2xx, media, type and length as before, no validator that says more",
            "Nothing that can be compared has changed.", c.media_same_size, low=True),
    _offline(Part.ANSWER, "placeholder-1", Cause.CONTENT, "2xx, media changed; a made-up path gets the same",
             "A placeholder is served in its place.", c.placeholder),
    _unclear(Part.ANSWER, "changed-1", "2xx, media changed (or where there was a page); a made-up path gets another",
             "It may be the same picture in other bytes, or a placeholder.", c.media_changed),
    _offline(Part.ANSWER, "turned-page-1", Cause.CONTENT, "2xx, media turned into a page; a made-up path gets one too",
             "The server answers paths that it does not know with a page: a soft 404.", c.turned_page_for_all),
    _unclear(Part.ANSWER, "turned-page-2", "2xx, media turned into a page; a made-up path gets none",
             "Suspected removal that nothing confirms.", c.turned_page),
    ObservationRule("page-answers-1", Part.ANSWER, "2xx, a page without an unchanged strong validator",
                    Outcome.INCONCLUSIVE, Cause.NONE, "A page that answers does not show that the material is there.",
                    c.page_answers, page=True, begins=True),
    _unclear(Part.ANSWER, "other-type-1", "2xx, neither media nor a page, or no type",
             "Nothing that is watched is served under such a type."),
)  # fmt: skip
_STATUS = (
    _unclear(Part.STATUS, "removed-elsewhere-1", "404, 410 or 451 after a redirect to home, a login or another site",
             "It is not the URL's own server that says so.", c.removed_elsewhere),
    _offline(Part.STATUS, "not-found-1", Cause.CONTENT, "404 (to the GET where one followed)",
             "The server says that it is not there.", c.not_found),
    _offline(Part.STATUS, "gone-410-1", Cause.CONTENT, "410", "The server says that it is gone.", c.gone),
    _offline(Part.STATUS, "legal-reasons-1", Cause.CONTENT, "451",
             "The server says that it withholds it for legal reasons.", c.legal_reasons),
    _unclear(Part.STATUS, "head-not-allowed-1", "405 or 501 to HEAD, no GET followed",
             "Only a GET would tell, and it is not permitted.", c.head_not_allowed),
    _unclear(Part.STATUS, "busy-1", "408, 429", "The server asks for patience.", c.busy),
    _unclear(Part.STATUS, "server-error-1", "5xx",
             "The server is disturbed; after `server_error_days` a person should look.", c.server_error),
    _unclear(Part.STATUS, "redirect-open-1", "3xx that leads nowhere, or is not followed", "There is no end to judge.",
             c.redirect_open),
    _unclear(Part.STATUS, "other-status-1", "any other status", "It says nothing about what is served."),
)  # fmt: skip

RULES: tuple[ObservationRule, ...] = (
    _unclear(Part.VOID, "void-1", "our own network was not well (canary)",
             "The run gives no outcome: what it saw is kept and not read.", again=True, neutral=True),
    _unclear(Part.OURS, "own-network-1", "no way out of our own network, or through the vantage's proxy",
             "That says nothing about the server.", again=True, neutral=True),
    *_NAME,
    *_CONNECTION,
    *_REDIRECT,
    *_CLOSED,
    *_ANSWER,
    *_STATUS,
    _unclear(Part.OTHER, "unknown-1", "anything else", "No rule reads it.", neutral=True),
)  # fmt: skip
_BY_ID = {rule.id: rule for rule in RULES}
_ROWS = {part: tuple(rule for rule in RULES if rule.part is part) for part in Part}


def rule_for(view: View) -> ObservationRule:
    """The first row that matches; there always is one."""
    for rule in _ROWS[view.part]:
        if rule.condition(view):
            return rule
    return RULES[-1]


def rule_by_id(rule: str) -> ObservationRule:
    """The row of that id. Raises KeyError if this version has none."""
    return _BY_ID[rule]

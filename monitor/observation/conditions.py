"""The conditions of the rules, by part of the table: each says one thing about a View.

What would surprise: a condition assumes that the rows before its own did not match, as the table is read from above.
"""

from monitor.model.words import DnsStatus, ExchangeError, LocationKind, Method
from monitor.observation.baseline import alike
from monitor.observation.view import View

_SPOKE_NOT = frozenset((DnsStatus.TIMEOUT, DnsStatus.UNREACHABLE, DnsStatus.REFUSED, DnsStatus.MALFORMED))
"""Answers in which a resolver says nothing about the name."""
_SINKHOLES = frozenset((DnsStatus.BOGON, DnsStatus.REBINDING))
_SILENT = frozenset((ExchangeError.TIMEOUT, ExchangeError.UNREACHABLE))


def always(_: View) -> bool:
    return True


# --- the name --------------------------------------------------------------------------------------------------------


def not_global(view: View) -> bool:
    """For a name as for a literal: nothing that we may connect to."""
    return not _SINKHOLES.isdisjoint(view.answers) or view.error is ExchangeError.ADDRESS_FORBIDDEN


def port_forbidden(view: View) -> bool:
    return view.error is ExchangeError.PORT_FORBIDDEN


def nxdomain(view: View) -> bool:
    return view.agreed(DnsStatus.NXDOMAIN, _SPOKE_NOT)


def no_data(view: View) -> bool:
    return view.agreed(DnsStatus.NO_DATA, _SPOKE_NOT)


def servfail(view: View) -> bool:
    return view.agreed(DnsStatus.SERVFAIL)


def servfail_lasts(view: View) -> bool:
    return servfail(view) and view.lasts(view.standing.servfail_since, view.thresholds.servfail_hours)


def resolvers_unreachable(view: View) -> bool:
    return bool(view.answers) and all(each is DnsStatus.UNREACHABLE for each in view.answers)


def resolvers_silent(view: View) -> bool:
    return bool(view.answers) and all(each in _SPOKE_NOT for each in view.answers)


def without_attempt(view: View) -> bool:
    """There may have been an address (or it is a literal), and it was not connected to."""
    return not view.answers or DnsStatus.ANSWERED in view.answers


# --- the connection --------------------------------------------------------------------------------------------------


def get_unanswered(view: View) -> bool:
    return view.end is not None and view.end.get_reason is not None


def reset(view: View) -> bool:
    return view.error is ExchangeError.RESET


def closed(view: View) -> bool:
    return view.error is ExchangeError.CLOSED


def tls_failed(view: View) -> bool:
    return view.error is ExchangeError.TLS_FAILED


def not_http(view: View) -> bool:
    return view.error is ExchangeError.NOT_HTTP


def headers_too_large(view: View) -> bool:
    return view.error is ExchangeError.HEADERS_TOO_LARGE


def interim_flood(view: View) -> bool:
    return view.error is ExchangeError.INTERIM_FLOOD


def hung(view: View) -> bool:
    """The error is that of an address that took the connection."""
    return view.error in _SILENT


def untried(view: View) -> bool:
    return not view.all_tried


def refused(view: View) -> bool:
    return view.all_refused


def silent_lasts(view: View) -> bool:
    reached = view.around.neighbours_reached
    return reached and view.lasts(view.standing.silent_since, view.thresholds.silent_hours)


# --- redirects that end without an answer ----------------------------------------------------------------------------


def redirect_loop(view: View) -> bool:
    return view.error is ExchangeError.REDIRECT_LOOP


def too_many_hops(view: View) -> bool:
    return view.error is ExchangeError.TOO_MANY_HOPS


def bad_location(view: View) -> bool:
    return view.error is ExchangeError.BAD_LOCATION


def hop_forbidden(view: View) -> bool:
    return view.error in (ExchangeError.ADDRESS_FORBIDDEN, ExchangeError.PORT_FORBIDDEN)


def hop_unresolved(view: View) -> bool:
    return view.error is ExchangeError.UNRESOLVED


# --- answers ---------------------------------------------------------------------------------------------------------


def challenge(view: View) -> bool:
    return view.end is not None and view.end.challenge


def page_unchanged(view: View) -> bool:
    return view.page and view.unchanged


def unchanged(view: View) -> bool:
    return view.unchanged


def not_modified(view: View) -> bool:
    return view.status == 304


def login_unknown(view: View) -> bool:
    return view.landed is LocationKind.LOGIN and view.standing.baseline is None


def led_away_alike(view: View) -> bool:
    return view.sibling_led_away and not view.media and view.standing.baseline is not None


def led_away_unknown(view: View) -> bool:
    """Every path is led there, and nothing says that this one ever was not."""
    return view.sibling_led_away and not view.media


def away_media(view: View) -> bool:
    """From a first Check on, media served from another site; a made-up path is not sent off too.

    Where it is, what it would get there was not asked.
    """
    found = view.landed is LocationKind.OTHER_SITE and view.media and view.standing.baseline is None
    return found and not view.sibling_sent_off and not view.sibling_alike


def away(view: View) -> bool:
    return view.away


def soft_404_unknown(view: View) -> bool:
    """The made-up path gets the same media, and nothing says that it was ever otherwise."""
    return view.media and (view.standing.baseline is None or view.same_size) and view.sibling_alike


def first_media(view: View) -> bool:
    return view.media and view.standing.baseline is None


def media_same_size(view: View) -> bool:
    return view.media and view.same_size


def placeholder(view: View) -> bool:
    return view.media and view.media_before and view.sibling_alike


def media_changed(view: View) -> bool:
    return view.media


def turned_page_for_all(view: View) -> bool:
    """A soft 404: whatever path is asked for, a page comes, the same one or one that repeats the path."""
    if not (view.page and view.media_before and view.sibling_answers) or view.sibling is None or view.end is None:
        return False
    one, other = view.end.fingerprint, view.sibling.fingerprint
    return one.content_type == other.content_type or alike(one, other)


def turned_page(view: View) -> bool:
    return view.page and view.media_before


def page_answers(view: View) -> bool:
    return view.page


# --- other statuses --------------------------------------------------------------------------------------------------


def removed_elsewhere(view: View) -> bool:
    return view.status in (404, 410, 451) and view.away


def not_found(view: View) -> bool:
    return view.status == 404


def gone(view: View) -> bool:
    return view.status == 410


def legal_reasons(view: View) -> bool:
    return view.status == 451


def head_not_allowed(view: View) -> bool:
    return view.status in (405, 501) and view.end is not None and view.end.method is Method.HEAD


def busy(view: View) -> bool:
    return view.status in (408, 429)


def server_error(view: View) -> bool:
    return view.status is not None and 500 <= view.status < 600


def redirect_open(view: View) -> bool:
    return view.status is not None and 300 <= view.status < 400

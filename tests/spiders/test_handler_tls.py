"""What the download handler sees over TLS: certificates are noted, records are read one by one."""

import pytest

from monitor.demo import behaviours
from monitor.demo.certificates import CertificateKind, Certificates
from monitor.demo.webserver import Webserver
from monitor.model.words import ExchangeError, Phase, TlsState
from tests.spiders.wire import Ask, fetch_one, patience

MARK = b"INVENTED-BODY-MARK"
LARGEST_RECORD = 5 + 2**14 + 256


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def see(context, behaviour, *, host="site.example", method="HEAD", authorities=None, **settings):
    with Webserver(lambda _: behaviour, tls=context) as server:
        ask = Ask(f"https://{host}:{server.port}/a", method=method)
        return fetch_one(ask, MONITOR_AUTHORITIES=authorities, **settings)


@pytest.mark.parametrize("kind", list(CertificateKind))
@pytest.mark.parametrize("host", ["site.example", "127.0.0.1"])
def test_a_certificate_is_noted_and_never_required(certificates, kind, host):
    """Right or wrong in every way, the answer is read; in one handshake."""
    context = certificates.context(["site.example", "127.0.0.1"], kind)
    seen = see(context, behaviours.image(), host=host, authorities=str(certificates.authority_file))
    assert (seen.phase, seen.status) == (Phase.DONE, 200)
    assert seen.tls is TlsState(kind.value)
    assert seen.tls_ms is not None


def test_a_certificate_of_an_unknown_authority_is_untrusted(certificates):
    """The system's authorities did not sign it."""
    assert see(certificates.context(["site.example"]), behaviours.image()).tls is TlsState.UNTRUSTED


@pytest.mark.parametrize(
    ("name", "host", "state"),
    [
        ("*.site.example", "a.site.example", TlsState.VALID),
        ("*.site.example", "site.example", TlsState.WRONG_NAME),
        ("*.site.example", "a.b.site.example", TlsState.WRONG_NAME),
        ("SITE.example", "site.example", TlsState.VALID),
        ("127.0.0.2", "127.0.0.1", TlsState.WRONG_NAME),
        ("*.example", "site.example", TlsState.WRONG_NAME),
    ],
)
def test_a_star_stands_for_one_label(certificates, name, host, state):
    """Below at least two."""
    seen = see(
        certificates.context([name]), behaviours.image(), host=host, authorities=str(certificates.authority_file)
    )
    assert seen.tls is state


def test_the_server_is_told_the_name_of_the_url_and_none_for_a_literal(certificates):
    """SNI, as the server got it."""
    told = []
    context = certificates.context(["site.example"])
    context.sni_callback = lambda _connection, name, _context: told.append(name)
    see(context, behaviours.image())
    see(context, behaviours.image(), host="127.0.0.1")
    assert told == ["site.example", None]


@pytest.mark.parametrize(
    ("behaviour", "phase", "error"),
    [
        (behaviours.RESET, Phase.REQUEST, ExchangeError.RESET),
        (behaviours.CLOSE, Phase.REQUEST, ExchangeError.CLOSED),
        (behaviours.HANG, Phase.REQUEST, ExchangeError.TIMEOUT),
        (behaviours.HANG_IN_HEADERS, Phase.HEADERS, ExchangeError.TIMEOUT),
        (behaviours.GARBAGE, Phase.HEADERS, ExchangeError.NOT_HTTP),
        (behaviours.huge_headers(MARK), Phase.HEADERS, ExchangeError.HEADERS_TOO_LARGE),
    ],
)
def test_what_breaks_off_after_the_handshake_is_told_apart(certificates, behaviour, phase, error):
    """The state of the certificate stays known; session tickets of the server are no answer."""
    seen = see(certificates.context(["site.example"]), behaviour, MONITOR_HEADERS_SECONDS=patience(error))
    assert (seen.phase, seen.error, seen.tls) == (phase, error, TlsState.UNTRUSTED)


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (behaviours.TLS_ALERT, ExchangeError.TLS_FAILED),
        (behaviours.GARBAGE, ExchangeError.TLS_FAILED),
        (behaviours.answer("400 Bad Request"), ExchangeError.TLS_FAILED),
        (behaviours.HANG, ExchangeError.TIMEOUT),
        (behaviours.RESET, ExchangeError.RESET),
    ],
)
def test_a_handshake_that_fails_is_the_phase_of_tls(greeting, error):
    """Plain HTTP on the port is one of the ways."""
    with Webserver(lambda _: behaviours.image(), greeting=lambda _: greeting) as server:
        seen = fetch_one(Ask(f"https://site.example:{server.port}/"), MONITOR_TLS_SECONDS=patience(error))
    assert (seen.phase, seen.error, seen.tls) == (Phase.TLS, error, TlsState.NONE)


def test_a_connection_that_ends_before_the_handshake_is_closed_or_reset():
    """The system sends a reset where our first message was still unread: the server cannot choose."""
    with Webserver(lambda _: behaviours.image(), greeting=lambda _: behaviours.CLOSE) as server:
        seen = fetch_one(Ask(f"https://site.example:{server.port}/"))
    assert seen.phase is Phase.TLS
    assert seen.error in (ExchangeError.CLOSED, ExchangeError.RESET)


@pytest.mark.parametrize("behaviour", [behaviours.endless_body(MARK), behaviours.large_image(MARK)])
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_record_is_the_most_that_comes_in_too_much(certificates, behaviour, method):
    """Handshake, session tickets, the record with the headers: not the next one."""
    seen = see(certificates.context(["site.example"]), behaviour, method=method)
    assert seen.status == 200
    assert seen.n_bytes_in < 4096 + LARGEST_RECORD


def test_a_body_in_the_record_of_the_headers_counts_as_taken_in(certificates):
    """The one record, whole: what comes in is told as it is, and stays below one record's size."""
    head = behaviours.head("200 OK", [("Content-Type", "image/png")])
    with_body = see(certificates.context(["site.example"]), behaviours.Behaviour((head + b"x" * 100_000,)))
    without = see(certificates.context(["site.example"]), behaviours.Behaviour((head,)))
    assert 15_000 < with_body.n_bytes_in - without.n_bytes_in <= LARGEST_RECORD


def test_a_name_too_long_for_tls_is_not_told_and_breaks_nothing(certificates):
    """Longer than 255 bytes; the answer is read all the same, and the next exchange is as ever."""
    context = certificates.context(["site.example"])
    host = ".".join(["x" * 60] * 6) + ".example"
    seen = see(context, behaviours.image(), host=host)
    assert (seen.phase, seen.status) == (Phase.DONE, 200)
    assert see(context, behaviours.image()).status == 200

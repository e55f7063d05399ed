"""What the download handler sees over TLS: certificates are noted, records are read one by one."""

import random
import re
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from monitor.demo import behaviours
from monitor.demo.certificates import CertificateKind, Certificates, by_name
from monitor.demo.webserver import Webserver
from monitor.model.words import ExchangeError, Phase, TlsState
from tests.spiders.wire import Ask, fetch, fetch_one, patience

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


def malformed() -> dict[str, bytes]:
    """Certificates that OpenSSL takes and that break one rule each, as DER; and some of which it breaks many."""
    good = made(LEAF_NAMES)
    year, serial = next(iter(re.findall(rb"\x17\x0d\d{12}Z", good))), b"\x02\x02\x10\x92"
    told = {
        "version 4": good.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x03", 1),
        "version 128": good.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x7f", 1),
        "version 1 with extensions": good.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x00", 1),
        "negative serial": good.replace(serial, b"\x02\x02\x90\x92", 1),
        "a day that is none": good.replace(year, year[:4] + b"9939" + year[8:], 1),
        "a date of letters": good.replace(year, year[:2] + b"ABCDEFGHIJKLZ", 1),
        "an address of two bytes": good.replace(b"\x87\x04\x7f\x00\x00\x01", b"\x87\x02\x7f\x00\x82\x00"),
        "a name that is no ASCII": good.replace(b"site.example", b"site.\xffxample"),
        "no names at all": made([]),
    }
    dice = random.Random(1)
    for n in range(400):
        changed = bytearray(good)
        for _ in range(dice.choice((1, 1, 2))):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        told[f"changed at random, {n}"] = bytes(changed)
    return {name: der for name, der in told.items() if der != good}


LEAF_NAMES = (x509.DNSName("site.example"), x509.IPAddress(ip_address("127.0.0.1")))
KEY = ec.generate_private_key(ec.SECP256R1())


def made(names: Sequence[x509.GeneralName]) -> bytes:
    """A certificate for KEY as DER, signed by nobody known."""
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "subject")]), datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, KEY.public_key(), 0x1092, now - timedelta(1), now + timedelta(9))
    built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return built.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def showing(der: bytes, path: Path) -> ssl.SSLContext | None:
    """A server's context that shows it; None where OpenSSL would not read it itself."""
    key = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key + ssl.DER_cert_to_PEM_cert(der).encode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(path)
    except ssl.SSLError:
        return None
    return context


def test_a_certificate_that_cannot_be_read_is_untrusted_and_the_answer_is_read(tmp_path, certificates):
    """Whatever is wrong with it: it never breaks a check off. More than a hundred, each over a real handshake."""
    contexts = {f"n{n}.example": showing(der, tmp_path / "leaf.pem") for n, der in enumerate(malformed().values())}
    shown = {name: context for name, context in contexts.items() if context is not None}
    assert len(shown) > 100
    assert {f"n{n}.example" for n in range(9)} <= shown.keys()
    with Webserver(lambda _: behaviours.image(), tls=by_name(shown, certificates.context(["x.example"]))) as server:
        seen = fetch([Ask(f"https://{name}:{server.port}/a") for name in shown])
    assert {(each.phase, each.status) for each in seen} == {(Phase.DONE, 200)}
    states = dict(zip(shown, [each.tls for each in seen], strict=True))
    assert TlsState.VALID not in states.values()
    assert states["n0.example"] is states["n1.example"] is TlsState.UNTRUSTED


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

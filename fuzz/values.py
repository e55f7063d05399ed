"""Harnesses of single values: times, URLs and hosts, text for unsealed columns.

What must hold: IntakeProblem and nothing else; a normalised URL is its own normal form and names the same host to two
other parsers; a time read from what we write is that time, and is what another reader takes it for.
"""

from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dateutil.parser import isoparse
from yarl import URL

from fuzz.target import Draws, Target
from monitor.intake.normalise import LONGEST_URL, normalise_host, normalise_url
from monitor.intake.problems import IntakeProblem
from monitor.intake.times import AFTER_LATEST, EARLIEST, TimeReader
from monitor.intake.values import clear_text, flag, order_hours, sealed_text
from monitor.model.report import Target as ReportTarget
from monitor.model.words import HostKind

_ZONES = (None, ZoneInfo("Europe/Amsterdam"), ZoneInfo("America/Havana"), ZoneInfo("Australia/Lord_Howe"))


def times(data: bytes) -> None:
    draws = Draws(data)
    zone = draws.one_of(_ZONES)
    text = draws.rest().decode("utf-8", errors="replace").strip()
    try:
        at = TimeReader(zone).read(text, "reported_at")
    except IntakeProblem:
        return
    assert at.tzinfo is UTC
    assert EARLIEST <= at < AFTER_LATEST
    assert TimeReader(None).read(at.isoformat(), "reported_at") == at
    other = _isoparsed(text)
    if other is not None and other.tzinfo is not None:
        assert abs((other - at).total_seconds()) < 1e-6 + 1e-6
    elif other is not None:
        assert at.astimezone(zone).replace(tzinfo=None) == other


def _isoparsed(text: str) -> datetime | None:
    """What dateutil takes it for; it knows no more than six digits of a second."""
    try:
        return isoparse(text)
    except (ValueError, OverflowError):
        return None


def urls(data: bytes) -> None:
    text = data.decode("utf-8", errors="surrogateescape")
    try:
        target = normalise_url(text)
    except IntakeProblem:
        return
    url = target.url
    assert url is not None
    assert len(url) <= LONGEST_URL
    assert url.isascii()
    assert url.isprintable()
    again = normalise_url(url)
    assert (again.url, again.host, again.userinfo_dropped) == (url, target.host, False)
    _is_alike_elsewhere(url, target)


def _is_alike_elsewhere(url: str, target: ReportTarget) -> None:
    """Two parsers that share no code with ours, nor with each other."""
    name = target.host.name
    split = urlsplit(url)
    assert split.hostname == name
    assert not split.username and not split.fragment
    try:
        other = URL(url, encoded=True)
    except ValueError:
        return
    assert other.raw_host == name
    assert other.explicit_port == split.port


def hosts(data: bytes) -> None:
    text = data.decode("utf-8", errors="surrogateescape")
    try:
        host = normalise_host(text).host
    except IntakeProblem:
        return
    assert normalise_host(host.name).host == host
    assert host.name.isascii() and host.name == host.name.lower()
    assert (host.address is None) == (host.kind is HostKind.NAME)
    authority = f"[{host.name}]" if ":" in host.name else host.name
    assert normalise_url(f"http://{authority}/").host == host
    if host.kind is HostKind.NAME:
        assert host.name == host.site or host.name.endswith(f".{host.site}")


def texts(data: bytes) -> None:
    """What passes for unsealed text holds no URL; what a cell's reader gives is of its kind."""
    text = data.decode("utf-8", errors="replace")
    for read in (clear_text, sealed_text, flag, order_hours):
        try:
            value = read(text, "reason")
        except IntakeProblem:
            continue
        if isinstance(value, float):
            assert 0 < value <= 12
        if read is clear_text:
            assert "://" not in text
            assert "www." not in text.lower()
            assert not _is_address(text)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


TARGETS = {
    "times": Target(
        times,
        (
            b"\0" + b"2026-03-01T09:00:00Z",
            b"\1" + b"2026-10-25 02:30",
            b"\0" + b"2026-03-01T09:00:00,123456789+01:00",
            b"\3" + b"1990-01-01T00:00:00-0130",
            b"\2" + b"2100-12-31T23:59:59.9",
        ),
        (b"T", b"Z", b"+01:00", b"-11", b"2026-02-29", b"24:00:00", b".000000001"),
        longest=48,
    ),
    "urls": Target(
        urls,
        (
            b"https://user:pw@Site.Example:443/a/../b%7e%zz?q=%2f&r=a b#f",
            b"http://[2001:db8::192.0.2.1%25eth0]:8080/\\x",
            b"HTTP:/\\192.0.513/%41%",
            "http://bücher.example./ä".encode(),
            b"https://xn--bcher-kva.example/;a=1?",
            b"http://0xC0.0x00.02.1/",
            "http://ⓔxample.example/%%34%31".encode(),
        ),
        (b"xn--", b"%00", b"\\", b"://", b"@", b"]", b"[::ffff:192.0.2.1]", b"\t", b"\xe3\x80\x82", b"%25", b"?#"),
        longest=256,
    ),
    "hosts": Target(
        hosts,
        (
            b"Site.Example.",
            b"[2001:db8::1%eth0]",
            b"192.0.2.1",
            "ßite.example".encode(),
            b"xn--fa-hia.example",
            b"0x7f.1",
        ),
        (b"xn--", b".", b"::", b"%", b"\xe3\x80\x82", b"\xe2\x80\x8d", b"co.uk", b"example"),
        longest=128,
    ),
    "texts": Target(
        texts,
        (b"R-2026-0001", b"hxxp", b"12.5", b"TRUE", b"192[.]0[.]2[.]1", b"site%2eexample", "site。example".encode()),
        (b"://", b"www.", b"[.]", b"%25", b"example", b"2001:db8::"),
        longest=128,
    ),
}

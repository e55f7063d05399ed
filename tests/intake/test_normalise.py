"""One spelling for each URL: a golden table, and properties that hold for any text."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.intake.normalise import LONGEST_URL, normalise_host, normalise_url
from monitor.intake.problems import Code, IntakeProblem
from monitor.model.words import HostKind

GOLDEN = [
    # scheme, case, ports
    ("http://a.example", "http://a.example/"),
    ("HTTP://A.Example/", "http://a.example/"),
    ("HtTpS://A.EXAMPLE/Path", "https://a.example/Path"),
    ("http://a.example:80/", "http://a.example/"),
    ("https://a.example:443/", "https://a.example/"),
    ("https://a.example:80/", "https://a.example:80/"),
    ("http://a.example:443/", "http://a.example:443/"),
    ("http://a.example:0080/", "http://a.example/"),
    ("http://a.example:8080", "http://a.example:8080/"),
    ("http://a.example:/", "http://a.example/"),
    ("http:/a.example/b", "http://a.example/b"),
    ("http:////a.example/b", "http://a.example/b"),
    # white space and backslashes, as browsers read them
    ("  http://a.example/b  ", "http://a.example/b"),
    ("http://a.ex\tample/b\nc", "http://a.example/bc"),
    ("http:\\\\a.example\\b", "http://a.example/b"),
    ("http://a.example/b c", "http://a.example/b%20c"),
    # userinfo, fragment
    ("http://user:pass@a.example/b", "http://a.example/b"),
    ("http://user@a.example/b", "http://a.example/b"),
    ("http://@a.example/b", "http://a.example/b"),
    ("http://u@v@a.example/", "http://a.example/"),
    ("http://a.example/b#top", "http://a.example/b"),
    ("http://a.example#top", "http://a.example/"),
    ("http://a.example/b#x?y", "http://a.example/b"),
    ("http://a.example/@b:c", "http://a.example/@b:c"),
    # path
    ("http://a.example/./b/../c", "http://a.example/c"),
    ("http://a.example/../../b", "http://a.example/b"),
    ("http://a.example/%2e%2E/b", "http://a.example/b"),
    ("http://a.example/b/.", "http://a.example/b/"),
    ("http://a.example//b///c", "http://a.example//b///c"),
    ("http://a.example/%7euser/%41", "http://a.example/~user/A"),
    ("http://a.example/a%2eb", "http://a.example/a.b"),
    ("http://a.example/a%2fb%3a", "http://a.example/a%2Fb%3A"),
    ("http://a.example/%252e", "http://a.example/%252e"),
    ("http://a.example/%zz%7e", "http://a.example/%zz%7E"),
    ("http://a.example/%%34%31", "http://a.example/%%34%31"),
    ("http://a.example/caf\u00e9", "http://a.example/caf%C3%A9"),
    ("http://a.example/caf%c3%a9", "http://a.example/caf%C3%A9"),
    ('http://a.example/"<>', "http://a.example/%22%3C%3E"),
    # query
    ("http://a.example?b=1", "http://a.example/?b=1"),
    ("http://a.example/?", "http://a.example/?"),
    ("http://a.example/?b=2&a=1&b=3", "http://a.example/?b=2&a=1&b=3"),
    ("http://a.example/?x=%7e%c3%a9", "http://a.example/?x=%7E%C3%A9"),
    ("http://a.example/?x=A+B", "http://a.example/?x=A+B"),
    # host names
    ("http://a.example./b", "http://a.example/b"),
    ("http://%61.example/", "http://a.example/"),
    ("http://a_b.example/", "http://a_b.example/"),
    ("http://b\u00fccher.example/", "http://xn--bcher-kva.example/"),
    ("http://B\u00dcCHER.example/", "http://xn--bcher-kva.example/"),
    ("http://XN--BCHER-KVA.example/", "http://xn--bcher-kva.example/"),
    ("http://fa\u00df.example/", "http://xn--fa-hia.example/"),
    ("http://\u2603.example/", "http://xn--n3h.example/"),
    ("http://a\u3002example/", "http://a.example/"),
    ("http://\uff21.example/", "http://a.example/"),
    ("http://a\u00adb.example/", "http://ab.example/"),
    # IPv4 in odd notations
    ("http://192.0.2.1/", "http://192.0.2.1/"),
    ("http://192.0.2.1./", "http://192.0.2.1/"),
    ("http://0xC0.0.2.1/", "http://192.0.2.1/"),
    ("http://0300.0.02.1/", "http://192.0.2.1/"),
    ("http://3221225985/", "http://192.0.2.1/"),
    ("http://0xc0000201/", "http://192.0.2.1/"),
    ("http://192.0.513/", "http://192.0.2.1/"),
    ("http://\uff11\uff19\uff12.0.2.1/", "http://192.0.2.1/"),
    # IPv6
    ("http://[2001:DB8:0:0:0:0:0:1]/", "http://[2001:db8::1]/"),
    ("http://[2001:db8::1]:80/", "http://[2001:db8::1]/"),
    ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
    ("http://[2001:db8::1%25eth0]/x", "http://[2001:db8::1]/x"),
    ("http://[2001:db8::1%eth0]/x", "http://[2001:db8::1]/x"),
    ("http://[::ffff:192.0.2.1]/", "http://192.0.2.1/"),
    ("http://[::ffff:c000:201]/", "http://192.0.2.1/"),
]

REJECTED = [
    ("a.example/b", Code.NO_SCHEME),
    ("//a.example/b", Code.NO_SCHEME),
    ("a.example:8080/b", Code.NO_SCHEME),
    ("localhost:8080", Code.NO_SCHEME),
    ("", Code.NO_SCHEME),
    ("/only/a/path", Code.NO_SCHEME),
    ("ftp://a.example/b", Code.BAD_SCHEME),
    ("hxxp://a.example/b", Code.BAD_SCHEME),
    ("mailto:someone", Code.BAD_SCHEME),
    ("javascript:alert", Code.BAD_SCHEME),
    ("http://", Code.BAD_URL),
    ("http://a b.example/", Code.BAD_URL),
    ("http://a.example:99999/", Code.BAD_URL),
    ("http://a.example:x/", Code.BAD_URL),
    ("http://256.0.2.1/", Code.BAD_URL),
    ("http://192.0.2.1.5/", Code.BAD_URL),
    ("http://[2001:db8::1/", Code.BAD_URL),
    ("http://[2001:db8::g]/", Code.BAD_URL),
    ("http://\ud800.example/", Code.BAD_URL),
    ("http://a.example:0/", Code.BAD_PORT),
    ("http://a..example/", Code.BAD_HOST),
    ("http://.example/", Code.BAD_HOST),
    ("http://a.example../", Code.BAD_HOST),
    ("http://*.example/", Code.BAD_HOST),
    ("http://xn--/", Code.BAD_HOST),
    ("http://xn--a.example/", Code.BAD_HOST),
    ("http://xn--abc-.example/", Code.BAD_HOST),
    (f"http://{'a' * 64}.example/", Code.BAD_HOST),
    (f"http://{'a.' * 130}example/", Code.BAD_HOST),
    ("http://a.example/\x01", Code.CONTROL_CHARACTER),
    ("http://a.example/\x00x", Code.CONTROL_CHARACTER),
    ("http://a.example/" + "x" * LONGEST_URL, Code.URL_TOO_LONG),
    ("http://a.example/" + "\u00e9" * (LONGEST_URL // 2), Code.URL_TOO_LONG),
]

_pieces = st.sampled_from(
    [
        "http",
        "https",
        ":",
        "//",
        "/",
        "\\",
        "@",
        "#",
        "?",
        "%",
        "%2e",
        "%7E",
        "%41",
        "%zz",
        ".",
        "..",
        "a",
        "xn--",
        "[",
        "]",
        "::1",
        "192.0.2.1",
        "0x7f",
        "example",
        "\u00e9",
        "\u3002",
        " ",
        "\t",
        "\x00",
        "\ud800",
        "80",
        "&",
        "=",
        "\u05d0",
        "\u0300",
    ]
)
any_url = st.one_of(
    st.text(max_size=60),
    st.lists(_pieces, max_size=14).map("".join),
    st.lists(_pieces, max_size=10).map(lambda parts: "http://a.example/" + "".join(parts)),
    st.lists(_pieces, max_size=6).map(lambda parts: "https://" + "".join(parts) + "/x"),
    st.text(max_size=8).map(lambda text: f"http://{text}.example/"),
)


@pytest.mark.parametrize(("text", "expected"), GOLDEN)
def test_golden_urls(text, expected):
    """Each notation becomes the one spelling."""
    assert normalise_url(text).url == expected


@pytest.mark.parametrize(("text", "code"), REJECTED)
def test_rejected_urls(text, code):
    """What is not an absolute http or https URL is refused with its code and without its text."""
    with pytest.raises(IntakeProblem) as caught:
        normalise_url(text)
    assert caught.value.code is code
    assert caught.value.__context__ is None
    assert "example" not in str(caught.value)


@settings(derandomize=True, max_examples=800, deadline=None)
@given(any_url)
def test_normalising_twice_changes_nothing_and_only_intake_problem_is_raised(text):
    """Any text gives a Target that is its own normal form, or an IntakeProblem."""
    try:
        target = normalise_url(text)
    except IntakeProblem:
        return
    again = normalise_url(target.url)
    assert (again.url, again.host) == (target.url, target.host)
    assert not again.userinfo_dropped


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(_pieces, max_size=6).map("".join)))
def test_a_host_normalises_to_itself_and_only_intake_problem_is_raised(text):
    """Any text gives a Host that is its own normal form, or an IntakeProblem."""
    try:
        host = normalise_host(text).host
    except IntakeProblem:
        return
    assert normalise_host(host.name).host == host


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.text(string.ascii_letters + string.digits, min_size=1, max_size=10).filter(lambda s: s[:4].lower() != "xn--"),
    st.text(string.ascii_letters + string.digits + "/-._~", max_size=20),
    st.text(string.ascii_letters, max_size=8),
)
def test_variants_in_case_port_userinfo_and_fragment_are_one_target(label, path, fragment):
    """Scheme and host case, default port, final dot, escapes of unreserved letters and fragment make no difference."""
    plain = normalise_url(f"http://{label}.example/{path}")
    escaped = "".join(f"%{ord(c):02x}" if c.isalpha() else c for c in path)
    variant = normalise_url(f"HTTP://x:y@{label.upper()}.EXAMPLE.:80/{escaped}#{fragment}")
    assert variant.url == plain.url
    assert variant.host == plain.host
    assert variant.userinfo_dropped and not plain.userinfo_dropped


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("http://www.a.example/", "a.example"),
        ("http://a.b.co.uk/", "b.co.uk"),
        ("http://co.uk/", "co.uk"),
        ("http://example/", "example"),
        ("http://img.b\u00fccher.example/", "xn--bcher-kva.example"),
        ("http://192.0.2.1/", "192.0.2.1"),
        ("http://[2001:db8::1]/", "2001:db8::1"),
    ],
)
def test_the_site_is_the_registrable_domain_or_the_address(url, site):
    """The site comes from the public suffix list; a bare suffix and an address stand for themselves."""
    assert normalise_url(url).host.site == site


@pytest.mark.parametrize(
    ("text", "name", "kind", "packed"),
    [
        ("A.Example.", "a.example", HostKind.NAME, None),
        ("b\u00fccher.example", "xn--bcher-kva.example", HostKind.NAME, None),
        ("192.0.2.1", "192.0.2.1", HostKind.IPV4, bytes([192, 0, 2, 1])),
        ("0xC0000201", "192.0.2.1", HostKind.IPV4, bytes([192, 0, 2, 1])),
        ("::ffff:192.0.2.1", "192.0.2.1", HostKind.IPV4, bytes([192, 0, 2, 1])),
        ("2001:DB8::1", "2001:db8::1", HostKind.IPV6, bytes.fromhex("20010db8000000000000000000000001")),
        ("[2001:db8::1%eth0]", "2001:db8::1", HostKind.IPV6, bytes.fromhex("20010db8000000000000000000000001")),
    ],
)
def test_a_host_alone_becomes_a_target_without_url(text, name, kind, packed):
    """A withheld path leaves a Target whose URL is None and whose host is normalised as in a URL."""
    target = normalise_host(text)
    assert target.url is None
    assert (target.host.name, target.host.kind, target.host.address) == (name, kind, packed)


@pytest.mark.parametrize(
    "text", ["", "a.example/b", "http://a.example", "a.example:80", "u@a.example", "a b.example", "[]", "?"]
)
def test_a_host_with_anything_around_it_is_refused(text):
    """Scheme, port, path and userinfo do not belong into the host column."""
    with pytest.raises(IntakeProblem) as caught:
        normalise_host(text)
    assert caught.value.code in (Code.BAD_HOST, Code.BAD_URL)

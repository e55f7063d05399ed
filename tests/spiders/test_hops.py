"""Where redirects lead, and what kind of place that is."""

import pytest

from monitor.model.words import LocationKind as K
from spiders.hops import hop, is_home, made_up, place_of


def kind(origin: str, location: str) -> K | None:
    place = place_of(origin)
    assert place is not None
    found = hop(place, place, location.encode())
    return None if found is None else found.kind


@pytest.mark.parametrize(
    ("origin", "location", "expected"),
    [
        ("http://site.example/a.png", "https://site.example/a.png", K.SAME_URL),
        ("http://site.example/a.png", "http://www.site.example/a.png", K.SAME_URL),
        ("http://www.site.example/a", "//site.example/a/", K.SAME_URL),
        ("http://site.example/", "https://www.site.example/", K.SAME_URL),
        ("http://site.example/a.png?x=1", "/a.png", K.SAME_SITE),
        ("http://site.example/a.png", "/", K.HOME),
        ("http://site.example/a.png", "/index.php?removed=1", K.HOME),
        ("http://site.example/a.png", "/nl/", K.HOME),
        ("http://site.example/a.png", "https://other.example/", K.HOME),
        ("http://user.site.example/", "http://site.example/", K.HOME),
        ("http://site.example/a.png", "/login?next=%2Fa.png", K.LOGIN),
        ("http://site.example/a.png", "/users/sign_in", K.LOGIN),
        ("http://site.example/a.png", "https://sso.other.example/auth/start", K.LOGIN),
        ("http://site.example/a.png", "/?page=inloggen", K.LOGIN),
        ("http://site.example/account/a.png", "/account/b.png", K.SAME_SITE),
        ("http://site.example/a.png", "/authors/b.png", K.SAME_SITE),
        ("http://site.example/a.png", "/b.png?auth=0123&session=9", K.SAME_SITE),
        ("http://site.example/a.png", "/oauth2/start", K.LOGIN),
        ("http://site.example/a.png", "http://img.site.example/b.png", K.SAME_SITE),
        ("http://site.example/a.png", "https://cdn.other.example/a.png", K.OTHER_SITE),
        ("http://192.0.2.1/a.png", "http://192.0.2.2/a.png", K.OTHER_SITE),
    ],
)
def test_a_location_has_a_kind(origin, location, expected):
    """The first kind that fits, seen from the Check's own URL."""
    assert kind(origin, location) is expected


@pytest.mark.parametrize(
    "location",
    [
        *("", " ", "javascript:alert(1)", "file:///etc/passwd", "data:,x", "ftp://site.example/", "mailto:a@b.example"),
        *("http://", "http://u@site.example/", "http://u:p@site.example/", "http://site.example:0/", "http://[::1"),
        *("http://site.example:99999/", "http://a b.example/", "http://xn--a.example/", "about:blank", "x" * 4096),
    ],
)
def test_what_cannot_be_followed_is_no_hop(location):
    """Other schemes, users and passwords, broken hosts and ports, and what was cut."""
    assert kind("http://site.example/a.png", location) is None


@pytest.mark.parametrize("text", ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/"])
def test_odd_notations_of_an_address_are_that_address(text):
    """The address check sees what a connection would go to."""
    place = place_of(text)
    assert place is not None
    assert place.host.address == bytes([127, 0, 0, 1])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://site.example/a/b.png", "http://site.example/a/LETTERS.png"),
        ("http://site.example/a/b.png?size=9", "http://site.example/a/LETTERS.png"),
        ("http://site.example:8080/", "http://site.example:8080/LETTERS"),
        ("http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/LETTERS"),
        ("http://site.example/a.b/c", "http://site.example/a.b/LETTERS"),
        ("http://site.example/v1.0-something-long", "http://site.example/LETTERS"),
    ],
)
def test_a_made_up_path_lies_beside_the_url(url, expected):
    """Same directory, same extension, no query."""
    place = place_of(url)
    assert place is not None
    assert made_up(place, "LETTERS") == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/", True), ("/index.html", True), ("/nl/", True), ("/?p=1", True), ("/a", False), ("/index.html/a", False)],
)
def test_a_home_page_is_told_by_its_path(path, expected):
    """Whatever its query says."""
    place = place_of(f"http://site.example{path}")
    assert place is not None
    assert is_home(place) is expected


def test_nothing_of_a_place_shows_in_its_repr():
    """A traceback or a log line cannot quote what it holds."""
    assert "site" not in repr(place_of("http://site.example/secret"))

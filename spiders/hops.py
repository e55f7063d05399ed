"""Where a redirect leads: the Location of an answer in, a `Hop` and a word about it out. Pure, nothing is asked.

What would surprise: the word says where the hop lies as seen from the Check's own URL, not from the hop before; and a
word such as `account` in the new path says nothing if the Check's URL has it too.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

import ada_url

from monitor.intake.normalise import normalise_url
from monitor.intake.problems import IntakeProblem
from monitor.model.report import Host
from monitor.model.words import LocationKind

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CUT = 4096
"""Bytes of a header value that are kept: a longer Location is not the whole one."""
_PARTS = re.compile(r"(https?)://(\[[^\]]*\]|[^:/?#]*)(?::([0-9]+))?([^?#]*)(\?[^#]*)?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_WORD = re.compile(r"[a-z0-9]+")
_LOGIN_WORDS = frozenset(
    (
        *("aanmelden", "anmelden", "connexion", "inloggen", "login", "logon", "openid", "register", "registreren"),
        *("saml", "signin", "signon", "signup", "sso"),
    )
)
_IN_PATHS = frozenset(
    ("account", "accounts", "auth", "authenticate", "authentication", "authorize", "oauth", "oauth2", "sessions")
)
"""In a query these belong to signed URLs of files as often as to a login."""
_LOGIN_PAIRS = frozenset({("sign", "in"), ("log", "in"), ("log", "on"), ("sign", "up"), ("members", "only")})
_HOME = re.compile(r"/(?:(?:index|default|home|main)(?:\.[a-z]{3,5})?/?|(?:nl|en|de|fr|es|it|pt|pl|ru)/?)?", re.I)


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """A URL taken apart. Secret."""

    url: str
    host: Host
    scheme: str
    port: int
    path: str
    query: str  # with its question mark


@dataclass(frozen=True, slots=True, repr=False)
class Hop:
    """Where a redirect leads, and what that means for the Check."""

    place: Place
    kind: LocationKind


def place_of(url: str) -> Place | None:
    """None for what is no http or https URL, or holds a user or password."""
    try:
        target = normalise_url(url)
    except IntakeProblem:
        return None
    if target.url is None or target.userinfo_dropped:
        return None
    return _taken_apart(target.url, target.host)


def is_home(place: Place) -> bool:
    """Whether it is the root of a site, whatever its query says."""
    return _HOME.fullmatch(place.path) is not None


def own_place(url: str, host: Host) -> Place:
    """A Target's URL, which is normalised already."""
    return _taken_apart(url, host) or Place(url, host, "http", 0, "/", "")


def hop(origin: Place, current: Place, location: bytes) -> Hop | None:
    """Where `location`, answered by `current`, leads a Check of `origin`; None: to nothing that can be followed."""
    text = _text(location)
    if not text or len(location) >= _CUT:
        return None
    try:
        joined = str(ada_url.join_url(current.url, text))
    except ValueError:
        return None
    place = place_of(joined)
    return None if place is None else Hop(place, _kind(origin, place))


def made_up(place: Place, letters: str) -> str:
    """The URL of a path that nobody has made: in the same directory, with the same extension, without a query."""
    directory, _, last = place.path.rpartition("/")
    _, dot, extension = last.rpartition(".")
    ending = f".{extension}" if dot and extension.isalnum() and len(extension) <= 8 else ""
    authority = place.url[: len(place.url) - len(place.path) - len(place.query)]
    return f"{authority}{directory}/{letters}{ending}"


def _taken_apart(url: str, host: Host) -> Place | None:
    parts = _PARTS.fullmatch(url)
    if parts is None:
        return None
    scheme, _, port, path, query = parts.groups(default="")
    return Place(url, host, scheme, int(port) if port else _DEFAULT_PORTS[scheme], path, query)


def _text(location: bytes) -> str:
    """As browsers read it: UTF-8 where it is, else one character a byte."""
    try:
        return location.decode().strip()
    except UnicodeDecodeError:
        return location.decode("latin-1").strip()


def _kind(origin: Place, place: Place) -> LocationKind:
    if _bare(origin) == _bare(place):
        return LocationKind.SAME_URL
    if _asks_who(place) - _asks_who(origin):
        return LocationKind.LOGIN
    if is_home(place):
        return LocationKind.HOME
    return LocationKind.SAME_SITE if place.host.site == origin.host.site else LocationKind.OTHER_SITE


def _bare(place: Place) -> tuple[str, str, str]:
    """Without what a server that shows the same thing changes: scheme, port, "www.", a slash at the end."""
    return place.host.name.removeprefix("www."), place.path.rstrip("/"), place.query


def _asks_who(place: Place) -> set[str]:
    """The words of path and query that belong to a login."""
    path, query = (_WORD.findall(part.lower()) for part in (place.path, place.query))
    pairs = {" ".join(pair) for words in (path, query) for pair in pairwise(words) if pair in _LOGIN_PAIRS}
    return pairs | _LOGIN_WORDS.intersection(path + query) | _IN_PATHS.intersection(path)

"""URLs in one spelling each: text -> Target, by the WHATWG parser (ada) and then stricter.

Equal for variants in case, default port, fragment, userinfo, percent-encoding of unreserved characters, dot
segments, IPv4 notation, IPv6 compression and final dot of the host. The query keeps its order and its encoding.
Surprise: a path with a stray `%` (no two hex digits after it) keeps all its escapes, because taking one off could
make another (`%%34%31` -> `%41` -> `A`), and the result would not be stable.
"""

import re

import ada_url

from monitor.intake.hosts import host_of
from monitor.intake.problems import Code, IntakeProblem
from monitor.model.report import Target

LONGEST_URL = 16_384
"""Characters, before and after normalisation."""

_NEWLINES = str.maketrans("", "", "\t\r\n")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?![0-9])")
_ZONE = re.compile(r"(https?:[/\\]*(?:[^/?#\\@]*@)?\[[0-9a-f:.]+)%[^\]/?#\\]*\]", re.IGNORECASE)
_PARTS = re.compile(r"(https?)://(?:([^/?#@]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::([0-9]+))?([^?#]*)(\?[^#]*)?")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_STRAY_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")
_UNRESERVED = {
    f"%{ord(c):02X}": c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
}  # RFC 3986, section 2.3
_NOT_A_HOST = re.compile(r"[\s/?#@\\]")


def normalise_url(text: str) -> Target:
    """The Target of an http or https URL. Raises IntakeProblem and nothing else, never with the text.

    Tabs and line ends are removed and backslashes read as slashes, as browsers do; other control characters are
    rejected. Userinfo is dropped and flagged, fragment and IPv6 zone are dropped.
    """
    text = _clean(text)
    scheme = _SCHEME.match(text)
    if scheme is None or "." in scheme[1]:
        raise IntakeProblem(Code.NO_SCHEME, "The URL has no scheme; write http:// or https:// in front.")
    if scheme[1].lower() not in ("http", "https"):
        raise IntakeProblem(Code.BAD_SCHEME, "The URL's scheme is not http or https.")
    parts = _PARTS.fullmatch(_whatwg(text).partition("#")[0])
    if parts is None:
        raise IntakeProblem(Code.BAD_URL, "The URL cannot be taken apart.")
    name, userinfo, hostname, port, path, query = parts.groups(default="")
    if port and not int(port):
        raise IntakeProblem(Code.BAD_PORT, "The URL has port 0.")
    host = host_of(hostname)
    authority = f"[{host.name}]" if ":" in host.name else host.name
    colon = ":" if port else ""
    url = f"{name}://{authority}{colon}{port}{_path(path)}{_upper_escapes(query)}"
    if len(url) > LONGEST_URL:
        raise IntakeProblem(Code.URL_TOO_LONG, f"The URL is longer than {LONGEST_URL} characters.")
    return Target(url, host, userinfo_dropped=bool(userinfo))


def normalise_host(text: str) -> Target:
    """The Target of a host whose path was withheld (`url` is None): a name or IP literal, without scheme or port."""
    text = _clean(text)
    bare = text.removeprefix("[").removesuffix("]")
    if bare.count(":") > 1:
        text = f"[{bare.partition('%')[0]}]"
    elif ":" in text or not text or _NOT_A_HOST.search(text):
        raise IntakeProblem(Code.BAD_HOST, "The value is not a host alone: leave out scheme, port and path.")
    parts = _PARTS.fullmatch(_whatwg(f"http://{text}/"))
    if parts is None:
        raise IntakeProblem(Code.BAD_HOST, "The host cannot be read.")
    return Target(None, host_of(parts[3]))


def _clean(text: str) -> str:
    if len(text) > LONGEST_URL:
        raise IntakeProblem(Code.URL_TOO_LONG, f"The URL is longer than {LONGEST_URL} characters.")
    text = text.strip()
    if _CONTROL.search(text):
        text = text.translate(_NEWLINES)
        if _CONTROL.search(text):
            raise IntakeProblem(Code.CONTROL_CHARACTER, "The URL holds a control character.")
    return text


def _whatwg(text: str) -> str:
    """The parsed URL, written out. An IPv6 zone is not part of that grammar: it goes first."""
    try:
        return str(ada_url.normalize_url(text))
    except ValueError:
        without_zone = _ZONE.sub(r"\1]", text, count=1)
    try:
        return str(ada_url.normalize_url(without_zone))
    except ValueError:
        pass
    raise IntakeProblem(Code.BAD_URL, "The URL is not valid (WHATWG URL standard): look at its host and port.")


def _path(path: str) -> str:
    if "%" not in path:
        return path or "/"
    if _STRAY_PERCENT.search(path):
        return _upper_escapes(path)
    return _ESCAPE.sub(_unreserved, path)


def _unreserved(match: re.Match[str]) -> str:
    escape = match[0].upper()
    return _UNRESERVED.get(escape, escape)


def _upper_escapes(text: str) -> str:
    return _ESCAPE.sub(lambda match: match[0].upper(), text) if "%" in text else text

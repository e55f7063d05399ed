"""URLs, host names and addresses in a word, as it stands and as it reads when its disguise is taken off.

In: words (text between white space). Out: (kind, thing) pairs. A host name is a dotted name whose ending exists (public
suffix list, or an ending for documentation or local use); an address is one that parses. What would surprise: the words
of a configuration, such as the publisher's contact, are read in the same way, and what they hold is allowed by itself.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from ipaddress import ip_address
from urllib.parse import unquote

from publicsuffixlist import PublicSuffixList


class Kind(StrEnum):
    """What may not be published."""

    URL = "URL"
    HOST = "host name"
    ADDRESS = "IP address"
    RECORD = "reference of a report"
    NAME = "name of a provider that may not be named"
    AS_NUMBER = "AS number where nobody may be named"
    UNREADABLE = "part that cannot be read"


Found = tuple[Kind, str]
NAMESPACES = {
    "http://www.w3.org/2000/svg": "the namespace of every SVG drawing",
    "http://www.w3.org/1999/xlink": "the namespace of links within an SVG drawing",
    "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd": "the document type that matplotlib states",
    "http://www.w3.org/1999/xhtml": "the namespace of HTML",
    "http://www.w3.org/1998/Math/MathML": "the namespace of formulas, which a PDF names whether it has any or not",
    "http://www.w3.org/XML/1998/namespace": "the namespace of XML itself",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "the namespace of XMP, metadata of a PDF",
    "http://purl.org/dc/elements/1.1/": "title, language and date in XMP",
    "http://ns.adobe.com/xap/1.0/": "dates and maker in XMP",
    "http://ns.adobe.com/xap/1.0/mm/": "identity of the document in XMP",
    "http://ns.adobe.com/xap/1.0/t/pg/": "number of pages in XMP",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "history of the document in XMP",
    "http://ns.adobe.com/pdf/1.3/": "maker of the PDF in XMP",
    "http://www.aiim.org/pdfua/ns/id/": "says that the PDF is accessible (PDF/UA)",
    "http://www.aiim.org/pdfa/ns/id/": "says that the PDF can be archived (PDF/A)",
    "http://www.aiim.org/pdfa/ns/extension/": "describes the fields of PDF/UA to a reader of PDF/A",
    "http://www.aiim.org/pdfa/ns/schema#": "as above",
    "http://www.aiim.org/pdfa/ns/property#": "as above",
    "http://iso.org/pdf/ssn": "the namespace of a PDF's structure",
    "http://iso.org/pdf2/ssn": "the same of PDF 2.0",
}
"""The URLs that a release may hold whatever the configuration says, each with the reason."""

_URL = re.compile(r"[a-z][a-z0-9+.-]{1,20}:/{2,}[^\s\"'<>`|\\^{}]*", re.IGNORECASE)
_HOST = re.compile(
    r"(?<![\w.])(?:[^\W_](?:[\w-]{0,61}\w)?\.)+(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,63})(?!\w|[.-]\w)", re.IGNORECASE
)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])", re.I)
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_DEFANGED = re.compile(r"\[(\.|:|://)\]|[\[(](?:dot|punt|\.)[\])]", re.IGNORECASE)
_LOCAL = frozenset({"example", "test", "invalid", "localhost", "local", "internal", "onion", "lan", "arpa"})
_SUFFIXES = PublicSuffixList(accept_unknown=False)


def things(texts: Iterable[str]) -> frozenset[str]:
    """Everything in these texts that `found_in` would find: with it, they are allowed elsewhere."""
    return frozenset(thing for text in texts for word in text.split() for _, thing in found_in(word, frozenset()))


def found_in(word: str, allowed: frozenset[str]) -> Iterator[Found]:
    """What the word holds that is not allowed; a word without a point, colon or disguise holds nothing."""
    if len(word) < 4 or not ("." in word or ":" in word or len(word) >= 16 or "%" in word or not word.isascii()):
        return
    for text in _readings(word):
        for kind, thing in _in_text(text):
            if thing not in allowed and thing not in NAMESPACES:
                yield kind, thing


def _readings(word: str) -> Iterator[str]:
    """The word, without compatibility forms, invisible characters, percent signs, brackets and base64."""
    plain = word if word.isascii() else _without_disguise(word)
    for _ in range(3):
        yield plain
        decoded = _DEFANGED.sub(lambda match: match.group(1) or ".", unquote(plain) if "%" in plain else plain)
        if decoded == plain:
            break
        plain = decoded
    if len(plain) >= 16:
        for token in _ENCODED.findall(plain):
            yield from _from_base64(token)


def _without_disguise(word: str) -> str:
    text = unicodedata.normalize("NFKC", word).replace("。", ".")
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def _from_base64(token: str) -> Iterator[str]:
    body = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(body[: len(body) // 4 * 4] if len(body) % 4 == 1 else body + "=" * (-len(body) % 4))
        text = data.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return
    if text.isprintable():
        yield text


def _in_text(text: str) -> Iterator[Found]:
    if "://" in text:
        for url in _URL.findall(text):
            yield Kind.URL, url.rstrip(".,;:!?)]}»”’")
        text = _URL.sub(" ", text)
    if "." in text:
        for host in _HOST.findall(text):
            if is_host(host.lower().rstrip(".")):
                yield Kind.HOST, host.lower().rstrip(".")
        for address in _IPV4.findall(text):
            if _parses(address):
                yield Kind.ADDRESS, address
    if text.count(":") >= 2:
        for address in _IPV6.findall(text):
            if _parses(address) and address != "::":
                yield Kind.ADDRESS, address.lower()


@cache
def is_host(name: str) -> bool:
    last = name.rsplit(".", 1)[-1]
    return last in _LOCAL or _SUFFIXES.publicsuffix(name) is not None


def _parses(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True

"""The text that somebody could take out of a file of a release, as lines.

In: a path and bytes. Out: lines, with entities and escapes decoded, comments and attributes included, and of marked-up
text also the lines as they read without the tags. Raises Unreadable for a file whose kind or content it does not know:
what cannot be read cannot be published. What would surprise: in CSS and script a point between two words is a
selector or a property ("a.name"), so there it stands apart, except within quotes, comments and url(...).
"""

import csv
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO

from monitor.publication import disclosure_binary, disclosure_pdf
from monitor.publication.disclosure_binary import Unreadable

_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|em|font|i|mark|q|s|small|span|strong|sub|sup|tspan|u|use|var|wbr)\b[^>]*>|<!--.*?-->",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^>]*>")
_QUOTED = re.compile(r"""/\*.*?\*/|//[^\n]*|url\([^)]*\)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`""", re.DOTALL)
_POINT = re.compile(r"(?<=[\w)\]])\.(?=[^\W\d])|(?<![\w)\]])\.(?=[^\W\d])")
_ESCAPE = re.compile(r"\\(?:u\{?|x|)0*([0-9a-fA-F]{2,6})\}?[ \t]?")
_AS_COLUMNS = frozenset({"asn", "asns"})


def lines_of(path: str, data: bytes) -> Iterator[str]:
    """Every line of text in the file; the same one can come more than once."""
    kind = path.rsplit(".", 1)[-1].lower() if "." in path.rsplit("/", 1)[-1] else ""
    reader = _READERS.get(kind)
    if reader is None:
        raise Unreadable("a file of a kind that the check cannot read")
    for text in reader(data):
        yield from text.splitlines()


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("a text that is not UTF-8") from None
    if "\0" in text:
        raise Unreadable("a text that is not UTF-8")
    return text


def _plain(data: bytes) -> Iterator[str]:
    yield _text(data)


def _markup(data: bytes) -> Iterator[str]:
    """As it is written, and as it reads: a tag can stand in the middle of a word."""
    for line in _text(data).splitlines():
        yield html.unescape(line)
        if "<" in line:
            yield html.unescape(_TAG.sub(" ", _INLINE.sub("", line)))


def _code(data: bytes) -> Iterator[str]:
    text = _text(data)
    yield _apart(text)
    if "\\" in text:
        yield _apart(_ESCAPE.sub(_character, text))


def _apart(text: str) -> str:
    parts, at = [], 0
    for quoted in _QUOTED.finditer(text):
        parts += [_POINT.sub(" . ", text[at : quoted.start()]), quoted.group()]
        at = quoted.end()
    return "".join([*parts, _POINT.sub(" . ", text[at:])])


def _character(escape: re.Match[str]) -> str:
    code = int(escape.group(1), 16)
    return chr(code) if code <= 0x10FFFF else " "


def _csv(data: bytes) -> Iterator[str]:
    text = _text(data)
    yield text
    rows = csv.reader(StringIO(text))
    header = next(rows, [])
    numbers = [at for at, name in enumerate(header) if name in _AS_COLUMNS]
    doubled = '""' in text
    for row in rows if numbers or doubled else ():
        yield from (cell for cell in row if doubled and '"' in cell)
        yield from _as_numbers(row[at] for at in numbers if at < len(row))


def _as_numbers(cells: Iterable[object]) -> Iterator[str]:
    """A number in such a column is an AS number, though nothing beside it says so."""
    for cell in cells:
        yield from (f"AS{number}" for number in re.findall(r"\d+", str(cell)))


def _json(data: bytes) -> Iterator[str]:
    """With what a second equal name in an object would hide."""
    try:
        yield from _values(json.loads(_text(data), object_pairs_hook=_Pairs))
    except (ValueError, RecursionError):
        raise Unreadable("a JSON file that is none") from None


class _Pairs(list[tuple[str, object]]):
    """An object of JSON as it is written."""


def _values(value: object) -> Iterator[str]:
    if isinstance(value, _Pairs):
        for name, inner in value:
            yield name
            if name in _AS_COLUMNS:
                yield from _as_numbers([inner])
            yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    elif value is not None:
        yield str(value)


def _parquet(data: bytes) -> Iterator[str]:
    for name, values in disclosure_binary.parquet(data):
        yield name
        yield from _as_numbers(values) if name in _AS_COLUMNS else values


_READERS: Mapping[str, Callable[[bytes], Iterable[str]]] = {
    "html": _markup,
    "svg": _markup,
    "css": _code,
    "js": _code,
    "csv": _csv,
    "json": _json,
    "txt": _plain,
    "parquet": _parquet,
    "png": disclosure_binary.png,
    "pdf": disclosure_pdf.pdf,
}

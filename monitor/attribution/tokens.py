"""Bytes of a text table in; where its tokens begin and end, and to which line they belong, out.

Works on all lines at once. The surprise: a comma separates tokens only where most lines begin with `field,`;
elsewhere it is part of a token, because RouteViews writes AS sets as `64500,64501`.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import Flags, Ints

_BLANKS = b" \t\r\n\v\f\"'/"
_COMMAS = b",;|"
_STARTS_WITH_COMMA_FIELD = re.compile(rb"""\s*["']?[0-9A-Za-z:./]+["']?\s*[,;|]""")
_SAMPLE_BYTES = 1 << 16
_COMMENT = b"#%;"
_NEWLINE, _SLASH = ord("\n"), ord("/")
_LONGEST_NUMBER = 10
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Tokens [start, end) of `data`; per line its first token, its number of tokens and of slashes."""

    data: NDArray[np.uint8]
    text: str  # the same, one character a byte
    start: Ints
    end: Ints
    line_start: Ints
    first: Ints
    n: Ints
    n_slashes: Ints

    def data_lines(self) -> Ints:
        """Numbers (from 0) of the lines that are neither blank nor a comment."""
        lines = np.flatnonzero(self.n > 0)
        letter = self.data[self.start[self.first[lines]]]
        return lines[~np.isin(letter, np.frombuffer(_COMMENT, np.uint8))]

    def line(self, number: int) -> bytes:
        start = int(self.line_start[number])
        return self.text[start:].partition("\n")[0].encode("latin-1")

    def joined(self, token: Ints) -> Flags:
        """Whether exactly one slash stands between the token and the next."""
        following = np.minimum(token + 1, len(self.start) - 1)
        one_slash: Flags = (self.data[self.end[token]] == _SLASH) & (self.start[following] == self.end[token] + 1)
        return one_slash

    def texts(self, token: Ints) -> list[str]:
        text = self.text
        pairs = zip(self.start[token].tolist(), self.end[token].tolist(), strict=True)
        return [text[start:end] for start, end in pairs]

    def numbers(self, token: Ints) -> tuple[Ints, Flags]:
        """The values of tokens of one to ten digits, and which ones are such."""
        start, size = self.start[token], self.end[token] - self.start[token]
        value = np.zeros(len(token), np.int64)
        good = size <= _LONGEST_NUMBER
        for place in range(min(int(size.max(initial=0)), _LONGEST_NUMBER)):
            inside = place < size
            digit = self.data[np.minimum(start + place, len(self.data) - 1)] - np.uint8(ord("0"))
            good &= ~inside | (digit <= 9)
            value = np.where(inside, value * 10 + digit, value)
        return value, good


def tokenise(data: bytes) -> Tokens:
    """Tokens and lines of a table's text."""
    data = data.removeprefix(_BOM) + b"\n"  # the last line ends too, so every token is followed by a byte
    raw = np.frombuffer(data, np.uint8)
    separators = np.zeros(256, np.int8)
    separators[list(_BLANKS + (_COMMAS if _is_comma_separated(data) else b""))] = 1
    edges = np.diff(separators[raw], prepend=np.int8(1))
    start, end = np.flatnonzero(edges == -1), np.flatnonzero(edges == 1)
    line_start = np.concatenate(([0], np.flatnonzero(raw == _NEWLINE)[:-1] + 1))
    first = np.searchsorted(start, line_start)
    n = np.diff(first, append=len(start))
    slashes = np.searchsorted(line_start, np.flatnonzero(raw == _SLASH), side="right") - 1
    n_slashes = np.bincount(slashes, minlength=len(line_start))
    return Tokens(raw, data.decode("latin-1"), start, end, line_start, first, n, n_slashes)


def _is_comma_separated(data: bytes) -> bool:
    lines = [line for line in data[:_SAMPLE_BYTES].split(b"\n") if line.strip() and line.lstrip()[:1] not in b"#%"]
    return 2 * sum(1 for line in lines if _STARTS_WITH_COMMA_FIELD.match(line)) > len(lines)

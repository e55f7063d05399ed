"""CSV of AS names in, a name and its source for each AS number out.

Rows are `asn,name[,source]`, quoted or not, with or without a header. The surprise: each line is read on its own, so
that an unclosed quote costs one row and not the rest of the file.
"""

import csv
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from monitor.attribution.codec import pack_arrays, unpack_arrays
from monitor.attribution.prefix_text import asn_of
from monitor.attribution.tablefile import TableCounts, is_readable, lines_of, read_table_file
from monitor.errors import ReferenceDataError
from monitor.model.columns import Ints
from monitor.model.report import Reject

_KIND = b"as-names"
_LONGEST_NAME = 300
_FAULTS = {
    "encoding": ("name", "The row holds bytes that are not UTF-8."),
    "fields": (None, "The row is not AS number, name and, if given, source."),
    "bad-asn": ("asn", "The AS number is not a whole number from 1 to 4294967295."),
    "bad-name": ("name", f"The name is empty or longer than {_LONGEST_NAME} characters."),
}


@dataclass(frozen=True, slots=True)
class AsName:
    """The name of one AS and who says so ("" where the table does not tell)."""

    name: str
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class AsNames:
    """Names by AS number; `asn` ascends, the others are aligned with it."""

    asn: Ints
    names: tuple[str, ...]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def get(self, asn: int) -> AsName | None:
        """The name of an AS, None where the table has none."""
        place = int(np.searchsorted(self.asn, asn))
        if place == len(self.asn) or self.asn[place] != asn:
            return None
        return AsName(self.names[place], self.sources[place])

    def items(self) -> Iterator[tuple[int, AsName]]:
        """All of them, by AS number."""
        for asn, name, source in zip(self.asn.tolist(), self.names, self.sources, strict=True):
            yield asn, AsName(name, source)

    def to_bytes(self) -> bytes:
        """Compact bytes, the same for the same names."""
        text = json.dumps([self.names, self.sources], ensure_ascii=False, separators=(",", ":")).encode()
        return pack_arrays(_KIND, (self.asn, np.frombuffer(text, np.uint8)), delta=(0,))

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Raises ReferenceDataError where the bytes are damaged."""
        try:
            asn, text = unpack_arrays(_KIND, content)
            names, sources = map(tuple, json.loads(text.tobytes()))
            if len({len(asn), len(names), len(sources)}) > 1 or not _are_texts((*names, *sources)):
                raise ValueError("not a name and a source for each number")
        except (ValueError, TypeError, RecursionError):
            raise ReferenceDataError("A stored table of AS names is damaged", "Import it again") from None
        return cls(asn, names, sources)


@dataclass(frozen=True, slots=True)
class ReadNames:
    """AS names and what became of the rows of their file."""

    names: AsNames
    counts: TableCounts


def read_names(path: Path) -> ReadNames:
    """Read AS names, plain, .gz or .zst. Of several rows for one AS the last holds, the others count as duplicate.

    Raises ReferenceDataError where no row is an AS name.
    """
    found: dict[int, AsName] = {}
    rejects: list[Reject] = []
    n_read = 0
    for row, line in enumerate(lines_of(read_table_file(path)), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name = _parse(line)
        if not n_read and not rejects and name == "bad-asn" and "asn" in line.lower():
            continue  # the header
        n_read += 1
        if isinstance(name, str):
            field, reason = _FAULTS[name]
            rejects.append(Reject(row, name, reason, field))
        else:
            found[name[0]] = name[1]
    if not found:
        hint = "Write one `asn,name` a row, such as 64500,Example Hosting"
        raise ReferenceDataError(f"The table of AS names holds no valid row ({n_read} read)", hint)
    n_duplicate = n_read - len(rejects) - len(found)
    return ReadNames(_sorted(found), TableCounts(n_read, len(found), n_duplicate, 0, tuple(rejects)))


def _parse(line: str) -> tuple[int, AsName] | str:
    """The name on a line, or the code of what is wrong with it."""
    if not is_readable(line):
        return "encoding"
    try:
        fields = next(csv.reader([line], strict=True, skipinitialspace=True))
    except csv.Error:
        return "fields"
    if not 2 <= len(fields) <= 3:
        return "fields"
    number = asn_of(fields[0].strip())
    if not number:  # AS 0 has no name either
        return "bad-asn"
    name, source = clean_text(fields[1]), clean_text(fields[2] if len(fields) > 2 else "")
    if not 0 < len(name) <= _LONGEST_NAME or len(source) > _LONGEST_NAME:
        return "bad-name"
    return number, AsName(name, source)


def clean_text(text: str) -> str:
    """One line without control or format characters (which can reverse or hide text), single blanks, NFC."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = (" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    kept = (letter for letter in visible if unicodedata.category(letter) not in ("Cf", "Cs", "Co"))
    shown = "".join(letter for letter in kept if not _is_no_character(ord(letter)))
    return " ".join(unicodedata.normalize("NFC", shown).split())


def _is_no_character(code: int) -> bool:
    """One that Unicode will never assign: no XML may hold it. One not assigned yet stays, as it may be one day."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _sorted(found: dict[int, AsName]) -> AsNames:
    asns = sorted(found)
    names = tuple(found[asn].name for asn in asns)
    return AsNames(np.array(asns, np.int64), names, tuple(found[asn].source for asn in asns))

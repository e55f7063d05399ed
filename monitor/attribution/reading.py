"""One reference table file of any kind -> its columns as bytes, ready to be kept, and what became of its rows."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from monitor.attribution.fronting import read_fronting
from monitor.attribution.names import read_names
from monitor.attribution.prefixes import read_prefixes
from monitor.attribution.tablefile import TableCounts
from monitor.errors import ReferenceDataError
from monitor.model.words import TableKind


@dataclass(frozen=True, slots=True)
class TableFile:
    """`rows` are those accepted; `names` (asn, name, source) is empty but for AS names."""

    sha256: str  # of the file as it lies
    rows: int
    content: bytes
    counts: TableCounts
    names: tuple[tuple[int, str, str | None], ...] = ()


def read_table(kind: TableKind, path: Path) -> TableFile:
    """Read one table. Raises ReferenceDataError where the file is unreadable or holds no valid row."""
    try:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ReferenceDataError(
            f"The {kind.value} table cannot be read", f"Check the file: {error.strerror}"
        ) from None
    if kind is TableKind.AS_NAMES:
        names = read_names(path)
        rows = tuple((asn, name.name, name.source or None) for asn, name in names.names.items())
        return TableFile(sha256, names.counts.n_accepted, names.names.to_bytes(), names.counts, rows)
    read = read_prefixes(path) if kind is TableKind.PREFIXES else read_fronting(path)
    return TableFile(sha256, read.counts.n_accepted, read.table.to_bytes(), read.counts)

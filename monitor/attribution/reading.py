"""The files of one reference table of any kind -> its columns as bytes, ready to be kept, and what became of its rows.

The surprise: the hash of a table of several files is that over the hashes of the files, in their order.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from monitor.attribution.fronting import read_fronting
from monitor.attribution.names import read_names
from monitor.attribution.prefixes import read_prefixes
from monitor.attribution.tablefile import TableCounts
from monitor.disk import to_read
from monitor.errors import ReferenceDataError
from monitor.model.words import TableKind


@dataclass(frozen=True, slots=True)
class TableFile:
    """`rows` are those accepted; `names` (asn, name, source) is empty but for AS names."""

    sha256: str  # of the file as it lies; of several: over their hashes
    rows: int
    content: bytes
    counts: TableCounts
    names: tuple[tuple[int, str, str | None], ...] = ()
    share_rejected: float = 0.0  # of the rows of the worst file


def read_table(kind: TableKind, path: Path, *more: Path, fewest_peers: int = 1) -> TableFile:
    """Read one table, which can lie in several files (AS names: in one).

    `fewest_peers` is for RIS whois dumps: prefixes that fewer peers saw are ignored. Raises ReferenceDataError where a
    file is unreadable or holds no valid row.
    """
    sha256 = _sha256_of(kind, path, *more)
    if kind is TableKind.AS_NAMES:
        names = read_names(path)
        counts = names.counts
        rows = tuple((asn, name.name, name.source or None) for asn, name in names.names.items())
        share = counts.n_rejected / counts.n_read
        return TableFile(sha256, counts.n_accepted, names.names.to_bytes(), counts, rows, share)
    read = (
        read_prefixes(path, *more, fewest_peers=fewest_peers)
        if kind is TableKind.PREFIXES
        else read_fronting(path, *more)
    )
    return TableFile(
        sha256, read.counts.n_accepted, read.table.to_bytes(), read.counts, share_rejected=read.share_rejected
    )


def _sha256_of(kind: TableKind, *paths: Path) -> str:
    hashes: list[str] = []
    for path in paths:
        try:
            with to_read(path, whole=True) as stream:
                hashes.append(hashlib.file_digest(stream, "sha256").hexdigest())
        except OSError as error:
            raise ReferenceDataError(
                f"The {kind.value} table cannot be read", f"Check the file: {error.strerror}"
            ) from None
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()

"""What the commands that take something in are told, and what they say they did."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.model.release import ReferenceTableInfo
from monitor.model.report import Reject
from monitor.model.words import InputKind


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`kind` None: by the columns. `source` and `timezone` are for rows that do not say."""

    kind: InputKind | None = None
    source: str = "default"
    timezone: ZoneInfo | None = None
    ignore_unknown: bool = False


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """read = accepted + duplicate + rejected; `waiting` is the part of accepted whose report is not here yet."""

    read: int = 0
    accepted: int = 0
    waiting: int = 0
    duplicate: int = 0
    rejected: int = 0
    rejects_files: tuple[Path, ...] = ()

    def plus(self, other: "ImportCounts") -> "ImportCounts":
        return ImportCounts(
            self.read + other.read,
            self.accepted + other.accepted,
            self.waiting + other.waiting,
            self.duplicate + other.duplicate,
            self.rejected + other.rejected,
            self.rejects_files + other.rejects_files,
        )


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """A reference table as it was taken: `rejects` were left out, `known` means it was here already."""

    info: ReferenceTableInfo
    known: bool
    rejects: tuple[Reject, ...]
    rejects_file: Path | None


@dataclass(frozen=True, slots=True)
class AttributeCounts:
    """Addresses with an origin AS, without one, and in the range of a reverse proxy (by their newest table)."""

    attributed: int
    unattributed: int
    fronted: int


@dataclass(frozen=True, slots=True)
class ResolveCounts:
    """Hosts whose newest asking was answered with an address, and the others that were asked about."""

    resolved: int
    failed: int


@dataclass(frozen=True, slots=True)
class FetchCounts:
    """Questions of this run that were answered and that were not; `left`: addresses for a later run."""

    fetched: int
    failed: int
    left: int


@dataclass(frozen=True, slots=True)
class RegistrationImport:
    """read = accepted + duplicate + rejected."""

    read: int
    accepted: int
    duplicate: int
    rejected: int
    rejects_file: Path | None

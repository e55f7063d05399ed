"""What the commands that take something in are told, and what they say they did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.model.release import ReferenceTableInfo
from monitor.model.report import Reject
from monitor.model.words import Addressees, InputKind


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`kind` None: by the columns. `source` and `timezone` are for rows that do not say.

    `exported_at`: when files of SCART were made, for closings whose time no file says.
    """

    kind: InputKind | None = None
    source: str = "default"
    timezone: ZoneInfo | None = None
    ignore_unknown: bool = False
    exported_at: datetime | None = None
    addressees: Addressees = Addressees.NAMED


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """read = accepted + duplicate + rejected; `waiting` is the part of accepted whose report is not here yet.

    `joined`: further rows, of SCART's tables, that only complete the reports of others. `n_unknown_addressees`: names
    that SCART's messages were sent to and the registry does not know. `warnings`: what its files lack together.
    """

    read: int = 0
    accepted: int = 0
    waiting: int = 0
    duplicate: int = 0
    rejected: int = 0
    rejects_files: tuple[Path, ...] = ()
    joined: int = 0
    n_unknown_addressees: int = 0
    warnings: tuple[str, ...] = ()

    def plus(self, other: "ImportCounts") -> "ImportCounts":
        return ImportCounts(
            self.read + other.read,
            self.accepted + other.accepted,
            self.waiting + other.waiting,
            self.duplicate + other.duplicate,
            self.rejected + other.rejected,
            self.rejects_files + other.rejects_files,
            self.joined + other.joined,
            self.n_unknown_addressees + other.n_unknown_addressees,
            self.warnings + other.warnings,
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
    """Hosts whose newest asking was answered with an address, and the others that were asked about.

    `statuses` counts the same hosts by status word: their sum is resolved + failed.
    """

    resolved: int
    failed: int
    statuses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FetchCounts:
    """Questions of this run that were answered and that were not; `left`: addresses for a later run.

    `reasons` counts the failed ones by status word. `servers_left` are the registries that were left for this run.
    `waiting`: addresses that were not asked about, because that failed less than `[rdap] retry_hours` ago.
    """

    fetched: int
    failed: int
    left: int
    reasons: Mapping[str, int]
    servers_left: tuple[str, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class RegistrationImport:
    """read = accepted + duplicate + rejected; `silent` is the part of accepted + duplicate that speaks for no address.

    That is an answer about a wide allocation, where nobody knows which address in it was asked about.
    """

    read: int
    accepted: int
    duplicate: int
    rejected: int
    silent: int
    rejects_file: Path | None

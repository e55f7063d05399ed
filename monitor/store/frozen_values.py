"""What a freeze is to its readers: where its facts came from, what is on disk, and what was read.

What would surprise: an `OpenFreeze` has every part but the rows, which it gives role by role as codes; a `FrozenData`
has the whole table too, and its digest was made again from it.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.model.breakdown import CorrectedFacts
from monitor.model.columns import Codes
from monitor.model.episode import EpisodeTable
from monitor.model.method import Method
from monitor.model.period import Period
from monitor.model.previous import Previous
from monitor.model.provider import Provider
from monitor.model.release import ReferenceTableInfo
from monitor.model.scorecard import TrendPoint
from monitor.model.selected import Selected, select
from monitor.model.sensitivity import SensitivityReading
from monitor.model.words import NoticeKind, Role
from monitor.store.frozen_manifest import EPISODES


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input file: by its hash, never its name."""

    kind: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class FreezeInputs:
    """Where the facts came from. No part of the digest; what corrections did to the rows is."""

    files: tuple[InputFile, ...]
    code_version: str
    corrected: tuple[CorrectedFacts, ...] = ()  # of the Period, by kind and reason, without any record


@dataclass(frozen=True, slots=True)
class Frozen:
    """A freeze that is on disk. `n_episodes` counts the rows of status `episode`, in every role."""

    path: Path
    digest: str
    n_episodes: int
    n_providers: int
    n_network: int = 0  # of the Episodes, those of role network


@dataclass(frozen=True, slots=True)
class Beside:
    """What a release shows beside the rows: all of it is in the digest, by way of `method.json`."""

    providers: tuple[Provider, ...]  # with the names to show
    trend: tuple[TrendPoint, ...]
    sensitivity: tuple[SensitivityReading, ...] | None = None  # None: the freeze was cut before there was any
    previous: Previous | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFreeze:
    """A freeze whose files are those of its manifest."""

    path: Path
    digest: str
    period: Period
    cutoff: datetime
    method: Method
    tables: tuple[ReferenceTableInfo, ...]
    inputs: FreezeInputs
    beside: Beside

    @property
    def providers(self) -> tuple[Provider, ...]:
        return self.beside.providers

    @property
    def trend(self) -> tuple[TrendPoint, ...]:
        return self.beside.trend

    @property
    def sensitivity(self) -> tuple[SensitivityReading, ...]:
        return self.beside.sensitivity or ()

    @property
    def previous(self) -> Previous | None:
        return self.beside.previous

    def selected(self, clock: NoticeKind, role: Role) -> Selected:
        """The rows of one clock and role, read from the file. Raises FreezeError where it cannot be read."""
        from monitor.store.frozen_selected import read_selected  # noqa: PLC0415 (it loads duckdb)

        return read_selected(self.path / EPISODES, clock, role)

    def words(self, column: str, clock: NoticeKind, role: Role) -> tuple[Codes, tuple[str, ...]]:
        """A column of words of these rows, as places in the sorted words; -1 = none. Raises FreezeError likewise."""
        from monitor.store.frozen_selected import read_words  # noqa: PLC0415 (it loads duckdb)

        return read_words(self.path / EPISODES, column, clock, role)

    def record_ids_among(self, words: Set[str]) -> frozenset[str]:
        """Those of the words that are references of reports here. Raises FreezeError where the file cannot be read."""
        from monitor.store.frozen_record_ids import record_ids_among  # noqa: PLC0415 (it loads duckdb)

        return record_ids_among(self.path / EPISODES, words)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenData(OpenFreeze):
    """A freeze as it was read in full, verified down to the digest."""

    episodes: EpisodeTable  # in canonical order

    def selected(self, clock: NoticeKind, role: Role) -> Selected:
        """The rows of one clock and role, of the table that was verified."""
        return select(self.episodes, clock=clock, role=role)

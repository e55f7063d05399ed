"""What a Release is made from and what it becomes."""

from dataclasses import dataclass
from pathlib import Path

from monitor.model.observation import Mandate
from monitor.model.scorecard import Ranking
from monitor.model.words import ReleaseKind


@dataclass(frozen=True, slots=True)
class ReferenceTableInfo:
    """Provenance of one reference table used: dates are ISO days. `made_on` may be later than the events."""

    kind: str
    as_of: str
    made_on: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """The method that made the figures: what the methodology page is generated from.

    Norms, thresholds, minimums and mandates are those that `method.json` of the freeze holds.
    """

    method: str  # id, such as npmle-1
    rules: tuple[tuple[str, str], ...]  # (rule id, sentence) in the order in which they apply, English
    settings: tuple[tuple[str, str], ...]  # (name, value) of every threshold and norm
    reference_tables: tuple[ReferenceTableInfo, ...]
    tables_made_later: bool  # a table was made after the events that it attributes
    mandates: tuple[Mandate, ...] = ()  # those of the runs whose checks entered; none: recorded checks alone
    configured: Mandate | None = None  # the one in the configuration when the dataset was cut
    cut_with: str = ""  # id of the method that the freeze was cut with, where it is another than measured it


@dataclass(frozen=True, slots=True)
class ReleaseInput:
    """Everything that a release shows. Names are in the scorecards; `named` says whether they may be shown."""

    kind: ReleaseKind
    named: bool
    ranking: Ranking
    proxies: Ranking | None  # role `proxy`, where anything is behind one
    method: MethodInfo
    code_version: str
    contact: str = ""  # who publishes, from the configuration
    notice_en: str = ""  # on top of every page, from the configuration
    notice_nl: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """A write-once folder. `digest` is the SHA-256 of its manifest."""

    path: Path
    files: int
    digest: str

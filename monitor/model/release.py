"""What a Release is made from and what it becomes."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from monitor.model.breakdown import CorrectedFacts, GroupFigures, ProviderAnswer, ProviderEvidence
from monitor.model.heard import Hearing
from monitor.model.observation import Mandate
from monitor.model.provider import Provider
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


def _none_of_them(_words: Set[str]) -> Set[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a person asks for who corrects a release: which one, by its number, and what was wrong with it."""

    supersedes: int
    reason_en: str
    reason_nl: str


@dataclass(frozen=True, slots=True)
class Correction:
    """Why a release replaces one that is out: which, by its number and the digest of its manifest, and in words.

    `rows` are those of its `tables/ranking.json`, so that it can be compared where its freeze is gone. Code letters are
    given anew in every release: `before` serves to match them, and is gone from what is shown.
    """

    supersedes: int
    digest: str
    reason_en: str
    reason_nl: str
    before: Ranking | None = None  # the Ranking of role network that the replaced one showed, where its freeze is kept
    freeze: str = ""  # digest of the dataset that the replaced one was made from
    named: bool = True  # whether the replaced one showed names
    rows: tuple[Mapping[str, object], ...] = ()
    matched: Mapping[str, str] | None = None  # id shown now -> id shown there; None: nobody can tell


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What a Provider is called anywhere: its name, aliases and contacts. No page shows them; they are looked for."""

    provider_id: str
    names: tuple[str, ...]
    natural_person: bool = False

    @classmethod
    def of(cls, provider: Provider) -> "KnownNames":
        contacts = (contact.value for contact in provider.contacts)
        legal = (provider.identity.legal_name, provider.identity.register_number)
        names = (provider.name, *provider.aliases, *contacts, *(name for name in legal if name))
        return cls(provider.provider_id, names, bool(provider.natural_person))


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
    licence: str = ""  # under which the release may be used, such as CC BY 4.0; from the configuration
    further: tuple[Ranking, ...] = ()  # role network under the other norms, orders among them, with an Episode
    groups: tuple[GroupFigures, ...] = ()
    evidence: tuple[ProviderEvidence, ...] = ()
    unnamed: Set[str] = frozenset()  # ids of Providers that are shown under a number although others are named
    hearing: Hearing | None = None  # of a final release
    answers: tuple[ProviderAnswer, ...] = ()
    corrected: tuple[CorrectedFacts, ...] = ()  # facts of the Period that are corrected, by kind and reason
    correction: Correction | None = None
    inform: tuple[str, ...] = ()  # who is told of a correction besides the Providers; in no file of the release
    record_ids_among: Callable[[Set[str]], Set[str]] = _none_of_them
    """Which of these words are references of reports in the frozen dataset: none may be published."""
    names: tuple[KnownNames, ...] = ()  # of every Provider in the dataset, for the disclosure check alone


@dataclass(frozen=True, slots=True)
class Release:
    """A write-once folder. `digest` is the SHA-256 of its manifest."""

    path: Path
    files: int
    digest: str
    inform: Path | None = None  # of a correction: the list of those to tell, among private files; it names people
    superseded_by: str | None = None  # name of the folder that replaced this one


class Problem(StrEnum):
    """What can be wrong with one file of a release."""

    DIFFERS = "differs"
    MISSING = "missing"
    ADDED = "added"
    RENAMED = "renamed"
    NOT_A_FILE = "not-a-file"


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as the manifest says; `was` is its name there, where it was renamed."""

    file: str
    problem: Problem
    was: str = ""


@dataclass(frozen=True, slots=True)
class Superseded:
    """A release was replaced by a correction: `by` is the name of the folder beside it."""

    version: int
    by: str
    reason_en: str
    reason_nl: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at a release folder gave. A release that was superseded is still whole."""

    differences: tuple[Difference, ...]
    superseded: Superseded | None

"""The method in force: settings and rules as the frozen dataset and the methodology page state them.

In: the configuration and the reference tables used. Out: a `Method`, every part of which enters the digest.
"""

import difflib
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from datetime import date, datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np

from monitor import __version__
from monitor.config import NormSettings, Settings, mandate_of
from monitor.errors import UsageError
from monitor.model.columns import Facts
from monitor.model.method import Method, Thresholds
from monitor.model.observation import Mandate
from monitor.model.period import Period
from monitor.model.release import MethodInfo, ReferenceTableInfo
from monitor.model.scorecard import Minimums, Norm
from monitor.model.words import NoticeKind, TableKind
from monitor.ranking import METHOD
from monitor.rules import RULES
from monitor.survival import RULE_VERSION

PACKAGES = ("monitor", "spiders", "reports")


def norm_of(settings: Settings, wanted: NoticeKind | str) -> Norm:
    """The configured norm of a clock (the primary one), or of that name. Raises UsageError with the known names."""
    norms = {norm.name: norm for norm in norms_of(settings)}
    found = norms.get(str(wanted))
    if found is None:
        near = difflib.get_close_matches(str(wanted), norms, 1, cutoff=0.4)
        hint = f"Did you mean '{near[0]}'? " if near else ""
        raise UsageError("There is no norm of that name", f"{hint}The configured norms are {', '.join(norms)}")
    return found


def norms_of(settings: Settings) -> tuple[Norm, ...]:
    """Every configured norm: the primary one of each clock, then the others by name."""
    primary = (
        _norm(NoticeKind.REQUEST.value, NoticeKind.REQUEST, settings.norms.request),
        _norm(NoticeKind.ORDER.value, NoticeKind.ORDER, settings.norms.order),
    )
    further = sorted(settings.norms.further.items())
    return (*primary, *(_norm(name, chosen.clock, chosen) for name, chosen in further))


def _norm(name: str, clock: NoticeKind, chosen: NormSettings) -> Norm:
    since = chosen.valid_from.isoformat() if chosen.valid_from else ""
    return Norm(clock, chosen.hours, chosen.target, chosen.basis, since, chosen.set_by, name)


def minimums_of(settings: Settings) -> Minimums:
    chosen = settings.minimums
    return Minimums(chosen.episodes, chosen.clusters, chosen.named)


def thresholds_of(settings: Settings) -> Thresholds:
    """Where the rules draw their lines under these settings."""
    return Thresholds(table_days=settings.refdata.oldest_days)


def mandates_of(mandates: Iterable[Mandate]) -> tuple[Mandate, ...]:
    """Each once, by its words: a renewed mandate is another one, and in which order the runs came does not count."""
    return tuple(sorted(set(mandates), key=astuple))


def configured_mandate(settings: Settings) -> Mandate | None:
    """The mandate that the configuration states, None where it states none."""
    mandate = mandate_of(settings)
    return mandate if mandate.organisation.strip() or mandate.legal_basis.strip() else None


def describe(
    settings: Settings, tables: Sequence[ReferenceTableInfo], period: Period, mandates: Iterable[Mandate] = ()
) -> Method:
    """The method of one freeze. A table made after its own date and after the Period's start is said.

    `mandates`: those of the runs whose observations entered, in any order, repeated or not.
    """
    later = any(t.made_on > t.as_of and date.fromisoformat(t.made_on) > period.start.date() for t in tables)
    return Method(
        METHOD,
        RULES,
        norms_of(settings),
        minimums_of(settings),
        thresholds_of(settings),
        tables_made_later=later,
        rule_version=RULE_VERSION,
        mandates=mandates_of(mandates),
        configured=configured_mandate(settings),
    )


def measured_by(cut: MethodInfo) -> MethodInfo:
    """The method in force over what a freeze was cut with: a release is measured by it, however old the freeze is."""
    return replace(cut, method=METHOD, rules=RULES, cut_with="" if cut.method == METHOD else cut.method)


def tables_in_force(
    tables: Sequence[ReferenceTableInfo], facts: Facts, cutoff: datetime
) -> tuple[ReferenceTableInfo, ...]:
    """Those that an event before the cut-off can have been read with: none replaced before the first event."""
    end = np.iinfo(np.int64).max
    first = min(int(facts.notices.at.min(initial=end)), int(facts.readings.at.min(initial=end)))
    used: list[ReferenceTableInfo] = []
    for kind in TableKind:
        dated = sorted((t for t in tables if t.kind == kind), key=lambda t: (t.as_of, t.made_on, t.sha256))
        mine = [t for t in dated if t.as_of < cutoff.date().isoformat()]
        if kind is TableKind.AS_NAMES and not mine:
            mine = dated[:1]  # a younger name is better than none
        earlier = [t.as_of for t in mine if datetime.fromisoformat(f"{t.as_of}T00:00:00Z").timestamp() * 1e6 <= first]
        # Proxies have tables of their own, so an old one may still hold.
        used += [t for t in mine if kind is TableKind.FRONTING or not earlier or t.as_of >= earlier[-1]]
    return tuple(used)


@cache
def version_of_the_code() -> str:
    """The version and the first 12 digits of the SHA-256 over every source file: the same in a wheel and a checkout."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        for name, content in sorted(_sources(resources.files(package), package)):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return f"{__version__}+{digest.hexdigest()[:12]}"


def _sources(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            found += _sources(entry, path) if entry.name != "__pycache__" else []
        elif entry.name.endswith((".py", ".html", ".css", ".svg", ".js", ".typ", ".po", ".mako", ".jinja")):
            found.append((path, entry.read_bytes()))
    return found

"""The columns of both inputs, and the header of a file matched against them.

In: column names as a file spells them. Out: the kind of input, and `Layout`, which puts the cells of a row into
the order of `COLUMNS`. Surprise: a file without a header row shows data as column names, so a name is repeated in
a message only when it is a plain identifier and the header holds at least one name that is known.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from monitor.intake.files import InputFile
from monitor.model.words import InputKind

Cells = tuple[str, ...]
"""The cells of one row in the order of `COLUMNS[kind]`, stripped; an absent or null one is empty."""

COLUMNS: Mapping[InputKind, tuple[str, ...]] = {
    InputKind.REPORTS: (
        "record_id", "url", "host", "reported_at", "source",
        "notified_at", "notice_ref", "notice_kind", "notice_status", "notice_channel", "notice_sender",
        "notified_party", "notified_capacity", "deadline_hours",
        "assessment", "assessed_at", "withdrawn_at", "ip", "origin_ip", "site_type", "known_material",
        "last_online_at", "first_offline_at",
    ),
    InputKind.CHECKS: ("record_id", "source", "checked_at", "outcome", "reason", "ip", "vantage"),
    InputKind.ORDERS: (
        "record_id", "source", "url", "host", "reference", "served_at", "addressee", "capacity", "deadline_hours",
        "reasons_ref", "status", "channel", "sender", "suspended_at", "resumed_at", "new_deadline_at", "withdrawn_at",
        "objection_at", "decided_at", "decision", "claimed_at", "confirmed_at", "finding", "officer",
    ),
}  # fmt: skip
_REQUIRED = {
    InputKind.REPORTS: (("record_id",), ("url", "host"), ("reported_at",)),
    InputKind.CHECKS: (("record_id",), ("checked_at",), ("outcome",)),
    InputKind.ORDERS: (("reference",), ("served_at",), ("addressee",)),
}
_ONLY_CHECKS = frozenset(COLUMNS[InputKind.CHECKS]) - frozenset(COLUMNS[InputKind.REPORTS])
_ONLY_REPORTS = frozenset(COLUMNS[InputKind.REPORTS]) - frozenset(COLUMNS[InputKind.CHECKS])
_A_REGISTER = frozenset({"served_at", "addressee"})
_NO_REGISTER = frozenset({"reported_at", "checked_at"})
PLAIN_NAME = re.compile(r"[a-z0-9_ ]{1,40}")
_CLOSE = 0.6
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Layout:
    """How to put the cells of a row, as the file orders them, into the order of `COLUMNS[kind]`."""

    width: int  # columns of the file
    names: tuple[str, ...]  # as folded, in the file's order
    pick: Callable[[Sequence[str]], Cells]  # takes the file's cells with one empty cell appended


def fold(name: str) -> str:
    """A column name as it is compared: byte order mark, case and spaces around it do not count."""
    return name.lstrip("\ufeff").strip().lower()


@lru_cache(maxsize=256)  # a wrong JSON key comes in every row
def nearest(name: str, kind: InputKind) -> str | None:
    """The column that was probably meant."""
    if len(name) > _LONGEST_NAME:
        return None
    found = difflib.get_close_matches(name, COLUMNS[kind], n=1, cutoff=_CLOSE)
    return found[0] if found else None


def kind_of(names: Sequence[str]) -> InputKind | None:
    """Reports, checks or orders, by the (folded) names; None where no name is near any column of the first two."""
    if set(names) >= _A_REGISTER and not _NO_REGISTER.intersection(names):
        return InputKind.ORDERS
    if _ONLY_CHECKS.intersection(names):
        return InputKind.CHECKS
    if _ONLY_REPORTS.intersection(names):
        return InputKind.REPORTS
    kinds = (InputKind.REPORTS, InputKind.CHECKS)
    scores = {kind: sum(nearest(name, kind) is not None for name in names) for kind in kinds}
    best = max(scores, key=lambda kind: scores[kind])
    return best if scores[best] else None


def lay_out(file: InputFile, kind: InputKind, names: Sequence[str], *, ignore_unknown: bool) -> Layout:
    """Match a header (names as the file spells them). Raises InputError for a wrong, missing or doubled column."""
    folded = tuple(fold(name) for name in names)
    if not set(folded) & set(COLUMNS[kind]):
        raise file.error(
            f"has no header row with columns of {kind.value}", f"Its first row has to name {_required(kind)}"
        )
    _refuse_doubles(file, kind, folded)
    if not ignore_unknown:
        _refuse_unknown(file, kind, folded)
    for alternatives in _REQUIRED[kind]:
        if not set(alternatives) & set(folded):
            raise file.error(
                f"lacks the column {' or '.join(repr(a) for a in alternatives)}", f"Required: {_required(kind)}"
            )
    absent = len(folded)  # the index of the empty cell
    order = [folded.index(name) if name in folded else absent for name in COLUMNS[kind]]
    return Layout(absent, folded, itemgetter(*order))


def _refuse_doubles(file: InputFile, kind: InputKind, folded: Sequence[str]) -> None:
    for index, name in enumerate(folded):
        if name and name in folded[:index]:
            raise file.error(f"has two columns of the same name: {_shown(name, index)}", "Remove or rename one of them")


def _refuse_unknown(file: InputFile, kind: InputKind, folded: Sequence[str]) -> None:
    for index, name in enumerate(folded):
        if name in COLUMNS[kind]:
            continue
        meant = nearest(name, kind)
        hint = f"Did you mean {meant!r}?" if meant else f"Columns of {kind.value}: {', '.join(COLUMNS[kind])}."
        raise file.error(f"has a column that is not known: {_shown(name, index)}", f"{hint} Or use --ignore-unknown")


def _shown(name: str, index: int) -> str:
    return repr(name) if PLAIN_NAME.fullmatch(name) else f"column {index + 1}"


def _required(kind: InputKind) -> str:
    return ", ".join(" or ".join(alternatives) for alternatives in _REQUIRED[kind])

"""What an operator is told of a running monitor: findings, each with a mark, and what to do where it is not well.

What would surprise: a finding is words and figures about the machine and the work; it never holds a URL, a host, an
address or a record's id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Mark(StrEnum):
    """How a thing stands."""

    OK = "ok"
    LOOK = "look"  # somebody should look at it this week
    ACT = "act"  # work is standing still or will, or data is in danger


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `status` or `doctor`. `figures` are what `--json` adds; times in it are ISO 8601 in UTC."""

    name: str
    mark: Mark
    said: str
    todo: str = ""  # what to do; never empty unless the mark is OK
    figures: Mapping[str, object] = field(default_factory=dict)


_ORDER = (Mark.ACT, Mark.LOOK, Mark.OK)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What needs somebody comes first; among equals the order stays."""
    return tuple(sorted(findings, key=lambda each: _ORDER.index(each.mark)))


def worst_of(findings: Iterable[Finding]) -> Mark:
    """The mark of the first line that `worst_first` would give; OK where there is none."""
    return min((each.mark for each in findings), key=_ORDER.index, default=Mark.OK)

"""What people assigned, with dates -> who an AS number or an organisation is at an instant.

In: the registry's claims, oldest change first. Out: Provider codes for (subject, instant). What would surprise: where
two claims hold on one day the later change wins, and where none holds the registry's undated word does.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import numpy as np

from monitor.model.columns import UNKNOWN, UNKNOWN_AT, Codes, Ints
from monitor.model.provider import Claim

Subject = TypeVar("Subject", bound=Hashable)
_FOREVER = np.iinfo(np.int64).max
_EPOCH = date(1970, 1, 1).toordinal()
_MICROS_PER_DAY = 86_400_000_000
_SILENT = -2  # no claim holds then: the undated word does


@dataclass(frozen=True, slots=True)
class _Span:
    """One claim: from `start` (microseconds UTC) up to `end`, which is not in it."""

    start: int
    end: int
    code: int


@dataclass(frozen=True, slots=True, eq=False)
class Assigned(Generic[Subject]):
    """AS numbers or organisations by their place in a list, each with its Provider code, now and by date.

    `subject` and `as_of` are parallel and ordered so: from `as_of` on the code in `then` holds. Only subjects with
    claims are there, each beginning at UNKNOWN_AT.
    """

    place: Mapping[Subject, int]
    undated: Codes  # the last one, for place -1, is unknown
    claimed: Ints  # places that claims name, ascending
    subject: Ints
    as_of: Ints
    then: Codes

    @classmethod
    def make(
        cls,
        subjects: Iterable[Subject],
        undated: Mapping[Subject, str],
        claims: Iterable[tuple[Subject, Claim]],
        code: Mapping[str, int],
    ) -> "Assigned[Subject]":
        """`subjects` are all that will be asked about, `code` gives a provider id's code; unknown ids say nothing."""
        place = {subject: n for n, subject in enumerate(dict.fromkeys(subjects))}
        codes = [code.get(undated.get(subject, ""), UNKNOWN) for subject in place]
        spans: dict[int, list[_Span]] = defaultdict(list)
        for subject, claim in claims:
            if subject in place and claim.provider_id in code:
                start, end = _micros(claim.valid_from, UNKNOWN_AT), _micros(claim.until, _FOREVER)
                spans[place[subject]].append(_Span(start, end, code[claim.provider_id]))
        lines = [(n, at, held) for n in sorted(spans) for at, held in _timeline(spans[n])]
        table = np.array(lines, np.int64).reshape(-1, 3)
        return cls(
            place,
            np.array([*codes, UNKNOWN], np.int32),
            np.array(sorted(spans), np.int64),
            table[:, 0].copy(),
            table[:, 1].copy(),
            table[:, 2].astype(np.int32),
        )

    def at(self, place: Ints, at: Ints) -> Codes:
        """The Provider code of each (place, microseconds UTC); -1 for place -1 and where nobody is known."""
        codes = self.undated[place]
        if not len(self.claimed):
            return codes
        nearest = np.minimum(np.searchsorted(self.claimed, place), len(self.claimed) - 1)
        asked = np.flatnonzero(self.claimed[nearest] == place)
        days = np.unique(self.as_of)
        # One integer for (subject, as_of), as in `timeline.entry_at`.
        key = self.subject * (len(days) + 1) + np.searchsorted(days, self.as_of) + 1
        sought = place[asked] * (len(days) + 1) + np.searchsorted(days, at[asked], side="right")
        then = self.then[np.searchsorted(key, sought, side="right") - 1]
        codes[asked] = np.where(then == _SILENT, codes[asked], then)
        return codes


def _timeline(spans: list[_Span]) -> Iterator[tuple[int, int]]:
    """From which instant on which code holds, beginning at UNKNOWN_AT."""
    last: int | None = None
    for at in sorted({UNKNOWN_AT, *(span.start for span in spans), *(span.end for span in spans)} - {_FOREVER}):
        held = next((span.code for span in reversed(spans) if span.start <= at < span.end), _SILENT)
        if held != last:
            yield at, held
        last = held


def _micros(day: date | None, otherwise: int) -> int:
    """00:00 UTC of a day."""
    return otherwise if day is None else (day.toordinal() - _EPOCH) * _MICROS_PER_DAY

"""How each Provider's Episodes came to be booked on it: rows in, one `ProviderEvidence` per Provider out.

What would surprise: the AS numbers here are those that announced the addresses, which a Provider that only holds the
network need not hold; a Scorecard lists its own. A frozen dataset of the first scheme kept no doubts and shows none.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from monitor.model.breakdown import ProviderEvidence
from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN, UNKNOWN_AT, Ints
from monitor.model.selected import Selected
from monitor.model.words import Doubt

_EPOCH = date(1970, 1, 1)
Counts = list[list[tuple[int, int]]]
"""By Provider: (number, how many rows have it), numbers ascending."""


def evidence(chosen: Selected) -> tuple[ProviderEvidence, ...]:
    """Every Provider of the Selected, by id; without an Episode there is nothing to say but its name."""
    booked = np.flatnonzero(chosen.is_episode & (chosen.rows.provider >= 0))
    rows = chosen.rows
    who, n = rows.provider[booked], len(chosen.ids)
    announced = _counted(who, rows.asn[booked] - UNKNOWN, n)  # 0: not known
    doubted = _counted(who, rows.doubts[booked] - UNKNOWN, n)
    by_as = np.bincount(who[rows.by_as[booked]], minlength=n).tolist()
    first, last = _days(who, rows.notified_at[booked], n)
    return tuple(
        _evidence(provider_id, announced[place], doubted[place], chosen.doubts, by_as[place], first[place], last[place])
        for place, provider_id in enumerate(chosen.ids)
    )


def _evidence(
    provider_id: str,
    announced: list[tuple[int, int]],
    doubted: list[tuple[int, int]],
    words: Sequence[str],
    by_as: int,
    first: date | None,
    last: date | None,
) -> ProviderEvidence:
    n = sum(count for _, count in doubted)
    doubts: Counter[str] = Counter()
    for code, count in doubted:
        for doubt in set(words[code - 1].split(";")) if code else ():
            doubts[doubt] += count
    asns = [(number + UNKNOWN, count) for number, count in announced if number]
    return ProviderEvidence(
        provider_id=provider_id,
        n_episodes=n,
        n_full=sum(count for code, count in doubted if code == 0),
        asns=tuple(sorted(asns, key=lambda item: (-item[1], item[0]))),
        doubts=tuple(sorted(doubts.items(), key=lambda item: (-item[1], item[0]))),
        by_network=n - by_as - doubts[Doubt.OVERRIDDEN.value],
        by_as=by_as,
        first_notice=first,
        last_notice=last,
    )


def _counted(who: NDArray[np.integer], numbers: NDArray[np.integer], n_providers: int) -> Counts:
    """How often each whole number from 0 on occurs, by Provider. One sort, no loop over rows."""
    width = int(numbers.max(initial=0)) + 1
    keys = np.sort(who.astype(np.int64) * width + numbers)
    firsts = np.flatnonzero(np.diff(keys, prepend=-1))
    codes, values = np.divmod(keys[firsts], width)
    counts = np.diff(firsts, append=len(keys))
    ends = np.searchsorted(codes, np.arange(n_providers + 1)).tolist()
    pairs = list(zip(values.tolist(), counts.tolist(), strict=True))
    return [pairs[start:end] for start, end in pairwise(ends)]


def _days(who: NDArray[np.integer], at: Ints, n_providers: int) -> tuple[list[date | None], list[date | None]]:
    """The UTC days of the first and the last notice of each Provider."""
    known = at != UNKNOWN_AT
    first = np.full(n_providers, np.iinfo(np.int64).max)
    last = np.full(n_providers, UNKNOWN_AT)
    np.minimum.at(first, who[known], at[known])
    np.maximum.at(last, who[known], at[known])
    some = (last != UNKNOWN_AT).tolist()
    return _dates(first, some), _dates(last, some)


def _dates(at: Ints, some: list[bool]) -> list[date | None]:
    days = (at // (24 * MICROS_PER_HOUR)).tolist()
    return [_EPOCH + timedelta(days=day) if known else None for day, known in zip(days, some, strict=True)]

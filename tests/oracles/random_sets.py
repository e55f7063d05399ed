"""Random data sets for the estimators, the same on every machine: ten families, seven sizes each.

Out: rows of set, left, right (inf: no end seen), cause (0 complying, 1 other end, -1 censored), weight; hours, at most
four decimals. `python random_sets.py` writes them as CSV for R. What would surprise: the draws are of the standard
library's `random.Random`, whose `random()` is promised to stay; numpy promises that of no distribution.
"""

import math
import sys
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

SIZES = (10, 20, 40, 60, 100, 200, 500)
SCHEDULE = (0, 0.9, 1.1, 2, 4, 8, 11.5, 12.5, 18, 23.5, 24.5, 36, 47.5, 48.5, 72, 96, 120, 144, 167.5, 168.5, 192)
"""Checks after the notice, in hours: `measurement.md` section 1, to day 8."""


class Row(NamedTuple):
    left: float
    right: float
    cause: int
    weight: float


def ended_at(draw: Random, median: float = 20.0, spread: float = 1.6) -> float:
    """A log-normal time by Box and Muller (1958), in hours."""
    normal = math.sqrt(-2 * math.log(1 - draw.random())) * math.cos(2 * math.pi * draw.random())
    return median * math.exp(spread * normal)


def cause_of(draw: Random, n_causes: int) -> int:
    return int(n_causes == 2 and draw.random() < 0.3)


def exact(draw: Random, n_causes: int, last: float = math.inf, digits: int = 4) -> Row:
    """An end known to the moment, or right-censored at a uniform time before `last`."""
    end, cause = max(round(ended_at(draw), digits), 10.0**-digits), cause_of(draw, n_causes)
    seen_to = math.inf if math.isinf(last) else round(last * draw.random(), digits)
    return Row(end, end, cause, 1.0) if end <= seen_to else Row(seen_to, math.inf, -1, 1.0)


def checked(draw: Random, n_causes: int, missed: float = 0.1, stops: float = 1.0, jitter: float = 0.05) -> Row:
    """An end between two checks of the schedule, some checks missed, followed to a share `stops` of it or less."""
    end, cause = ended_at(draw), cause_of(draw, n_causes)
    n_checks = 1 + int(len(SCHEDULE) * stops * (0.3 + 0.7 * draw.random()))
    left = 0.0
    for place, planned in enumerate(SCHEDULE[:n_checks]):
        at = round(planned * (1 + jitter * (draw.random() - 0.5)), 4)
        if place and draw.random() < missed:
            continue
        if at >= end:
            return Row(left, at, cause, 1.0)
        left = at
    return Row(left, math.inf, -1, 1.0)


def mixed(draw: Random, n_causes: int) -> Row:
    """An exact time, an interval or a censored row, each a third or so."""
    return exact(draw, n_causes, 400.0, digits=2) if draw.random() < 0.4 else checked(draw, n_causes, missed=0.3)


def tied(draw: Random, n_causes: int) -> Row:
    """Whole hours, so that left, right, exact and censored ends meet."""
    end, cause, width = math.ceil(ended_at(draw, 8.0, 1.0)), cause_of(draw, n_causes), draw.random()
    if width < 0.25:
        return Row(end, end, cause, 1.0)
    left = max(math.floor(end - 6 * draw.random()), 0)
    if width < 0.4:
        return Row(left, math.inf, -1, 1.0)
    return Row(min(left, end - 1), left + math.ceil(max(end - left, 1) + 3 * draw.random()), cause, 1.0)


def with_gap(draw: Random, n_causes: int) -> Row:
    """A checked row; every fourth that ended has a gap at the notice: from 0, its weight below 1."""
    row = checked(draw, n_causes)
    if row.cause < 0 or draw.random() > 0.25:
        return row
    return row._replace(left=0.0, weight=round(row.right / (row.right + 48 * draw.random()), 4) or 0.0001)


FAMILIES = {
    "exact": lambda draw: exact(draw, 1),
    "exact-censored": lambda draw: exact(draw, 1, 120.0),
    "schedule": lambda draw: checked(draw, 1),
    "mixed": lambda draw: mixed(draw, 1),
    "ties": lambda draw: tied(draw, 1),
    "censored-heavily": lambda draw: checked(draw, 1, stops=0.35),
    "weights": lambda draw: with_gap(draw, 1),
    "causes-exact": lambda draw: exact(draw, 2, 120.0, digits=1),
    "causes-schedule": lambda draw: with_gap(draw, 2),
    "causes-ties": lambda draw: tied(draw, 2) if draw.random() < 0.7 else mixed(draw, 2),
}


def random_sets() -> Iterator[tuple[str, list[Row]]]:
    """Every set with its name, "family-size"; each has at least one row that ended by each cause of its family."""
    for family, make in FAMILIES.items():
        for size in SIZES:
            draw = Random(f"{family}-{size}")
            yield f"{family}-{size}", [make(draw) for _ in range(size)]


def write_csv() -> None:
    lines = ["set,left,right,cause,weight"]
    for name, rows in random_sets():
        lines += [f"{name},{r.left!r},{r.right!r},{r.cause},{r.weight!r}".replace("inf", "Inf") for r in rows]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    write_csv()

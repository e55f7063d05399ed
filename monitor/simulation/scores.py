"""Sums that scores are made of: how often, how much and how scattered, cell by cell, and added over runs.

In: values of one run, one per Provider (or one a market). Out: `Scores`, which are written as JSON and added without
loss. What would surprise: a value that is NaN was not to be scored and is in no sum.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import Flags, Floats


@dataclass(frozen=True, slots=True)
class Sum:
    """Number of values, their sum and the sum of their squares."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    def plus(self, other: "Sum") -> "Sum":
        return Sum(self.n + other.n, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float:
        return self.total / self.n if self.n else float("nan")

    @property
    def error(self) -> float:
        """Standard error of the mean, as if the values were independent."""
        if self.n < 2:
            return float("nan")
        return sqrt(max(self.squares / self.n - self.mean**2, 0.0) / (self.n - 1))


@dataclass(slots=True)
class Scores:
    """By cell, then by figure."""

    sums: dict[str, dict[str, Sum]] = field(default_factory=dict)

    def add(self, cell: str, figure: str, values: NDArray[np.generic]) -> None:
        """Take in the values of one run."""
        numbers = np.asarray(values, np.float64)
        numbers = numbers[~np.isnan(numbers)]
        more = Sum(len(numbers), float(numbers.sum()), float((numbers**2).sum()))
        figures = self.sums.setdefault(cell, {})
        figures[figure] = figures.get(figure, Sum()).plus(more)

    def add_by(self, cells: Mapping[str, Flags], figure: str, values: NDArray[np.generic]) -> None:
        """The same for several cells, each with the Providers that are in it."""
        for cell, inside in cells.items():
            self.add(cell, figure, np.asarray(values)[inside])

    def get(self, cell: str, figure: str) -> Sum:
        """Nothing where it was never scored."""
        return self.sums.get(cell, {}).get(figure, Sum())

    def plus(self, other: "Scores") -> "Scores":
        """Both together, as new Scores."""
        cells = dict.fromkeys((*self.sums, *other.sums))
        merged = Scores()
        for cell in cells:
            figures = dict.fromkeys((*self.sums.get(cell, {}), *other.sums.get(cell, {})))
            merged.sums[cell] = {name: self.get(cell, name).plus(other.get(cell, name)) for name in figures}
        return merged

    def as_json(self) -> dict[str, dict[str, list[float]]]:
        return {
            cell: {name: [each.n, each.total, each.squares] for name, each in figures.items()}
            for cell, figures in self.sums.items()
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Mapping[str, Iterable[float]]]) -> "Scores":
        """Raises ValueError or TypeError for what `as_json` did not write."""
        made = cls()
        for cell, figures in record.items():
            made.sums[cell] = {}
            for name, values in figures.items():
                n, total, squares = values
                made.sums[cell][name] = Sum(int(n), float(total), float(squares))
        return made


def covered(low: Floats, value: Floats, high: Floats) -> Floats:
    """1 where the value lies between the limits, 0 where not, NaN where a limit or the value is not known."""
    known = ~(np.isnan(low) | np.isnan(value) | np.isnan(high))
    return np.where(known, ((low - 1e-9 <= value) & (value <= high + 1e-9)).astype(np.float64), np.nan)

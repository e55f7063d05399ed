"""Cases with what independent programs say of them: 70 random data sets and published ones, recorded from R.

A test that asks for `random_set`, `published` or another name of `CASES` runs once per case of it. What would surprise:
the likelihood, the KKT conditions and the range are taken here over atoms (every end point and every stretch between
neighbouring end points, per cause), not over the estimator's candidate cells, so that a cell it forgot would show.
"""

import csv
import runpy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import inf, nan
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

from monitor.survival.incidence import Incidence, cumulative_incidence

FOLDER = Path(__file__).resolve().parent


class Line(NamedTuple):
    """A figure that R recorded: incidence of the cause at the hours. Steps have no range, survfit no likelihood."""

    source: str
    cause: int
    hours: float
    value: float
    low: float
    high: float
    loglik: float


class Atoms(NamedTuple):
    """Where an end can lie. `right` is inf for the never atom alone (cause -1), which can hold every cause."""

    cause: np.ndarray
    left: np.ndarray
    right: np.ndarray  # equal to left: the point itself


@dataclass(frozen=True, eq=False)
class Case:
    """One data set; arrays with one entry per row, as `cumulative_incidence` takes them."""

    name: str
    left: np.ndarray
    right: np.ndarray
    cause: np.ndarray
    weight: np.ndarray
    lines: tuple[Line, ...]

    @cached_property
    def fit(self) -> Incidence:
        return cumulative_incidence(self.left, self.right, self.cause, self.weight)

    @property
    def causes(self) -> list[int]:
        return sorted({int(cause) for cause in self.cause} - {-1})

    @property
    def is_exact(self) -> bool:
        """Every end is known to the moment."""
        return bool(np.all((self.left == self.right) | (self.cause < 0)))

    def inside(self, atoms: Atoms) -> np.ndarray:
        """Rows x atoms: whether the row may have ended in the atom, 0 or 1."""
        left, right = self.left[:, None], np.where(self.cause < 0, inf, self.right)[:, None]
        point = atoms.left == atoms.right
        exact = left == right
        within = np.where(point, atoms.left > left, atoms.left >= left) & (atoms.right <= right)
        within = np.where(exact, point & (atoms.left == left), within)
        cause = self.cause[:, None]
        return (within & ((cause < 0) | (cause == atoms.cause))).astype(float)

    def atoms(self, *more_ends: float) -> Atoms:
        """Every place where an end can lie, split at the given hours too."""
        ends = np.unique(np.concatenate([[0.0], self.left, self.right[np.isfinite(self.right)], more_ends]))
        left, right = np.concatenate([ends, ends[:-1]]), np.concatenate([ends, ends[1:]])
        n, causes = len(left), self.causes
        cause = np.repeat(causes, n)
        left, right = np.tile(left, len(causes)), np.tile(right, len(causes))
        if (self.cause < 0).any():
            last = self.left[self.cause < 0].max()
            cause, left, right = np.append(cause, -1), np.append(left, last), np.append(right, inf)
        return Atoms(cause, left, right)

    @cached_property
    def likelihoods(self) -> np.ndarray:
        """Of each row, under the fit: the mass of the cells in which it may have ended."""
        cells = self.fit.cells
        return self.inside(Atoms(cells.cause, cells.left, cells.right)) @ cells.mass

    @property
    def log_likelihood(self) -> float:
        return float(self.weight @ np.log(self.likelihoods))

    @property
    def gap(self) -> float:
        """KKT: how much the likelihood could still rise towards any atom; at most 0 at a maximum (Lindsay 1983)."""
        slopes = (self.weight / self.likelihoods) @ self.inside(self.atoms())
        return float(slopes.max() / self.weight.sum() - 1)

    def range_at(self, hours: float, cause: int) -> tuple[float, float]:
        """Least and largest incidence over all maximisers, by linear programs over the atoms.

        All maximisers give the rows the same likelihoods (Gentleman and Vandal 2002); their masses sum to 1.
        """
        atoms = self.atoms(hours)
        inside = self.inside(atoms)
        atoms, inside = _merged(atoms, inside, hours)
        surely = ((atoms.cause == cause) & (atoms.right <= hours)).astype(float)
        never = (atoms.cause < 0) & (atoms.left < hours)
        inside, likelihoods = np.vstack([inside, np.ones(len(surely))]), np.append(self.likelihoods, 1.0)
        found = [
            linprog(goal, A_eq=inside, b_eq=likelihoods, bounds=(0, None), method="highs")
            for goal in (surely, -(surely + never))
        ]
        assert all(result.success for result in found), [result.message for result in found]
        return found[0].fun, -found[1].fun


def _merged(atoms: Atoms, inside: np.ndarray, hours: float) -> tuple[Atoms, np.ndarray]:
    """One atom of those that no row and no question tells apart; atoms that hold no row are left out."""
    key = np.vstack([inside, atoms.cause, atoms.right <= hours])
    _, first = np.unique(key, axis=1, return_index=True)
    first = first[inside[:, first].any(axis=0)]
    return Atoms(*(column[first] for column in atoms)), inside[:, first]


def read(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def recorded(name: str) -> dict[str, tuple[Line, ...]]:
    """The lines of each set."""

    def number(text: str) -> float:
        return float(text) if text else nan

    def line(row: dict[str, str]) -> Line:
        numbers = (number(row[name]) for name in ("hours", "value", "low", "high", "loglik"))
        return Line(row["source"], int(row["cause"]), *numbers)

    return {key: tuple(map(line, rows)) for key, rows in groupby(read(name), key=lambda row: row["set"])}


def case(name: str, rows: Iterable[tuple[float, float, int, float]], lines: tuple[Line, ...]) -> Case:
    left, right, cause, weight = zip(*rows, strict=True)
    return Case(name, np.array(left), np.array(right), np.array(cause, np.int8), np.array(weight), lines)


def random_cases() -> list[Case]:
    lines = recorded("random.csv")
    sets = runpy.run_path(str(FOLDER / "random_sets.py"))["random_sets"]()
    return [case(name, rows, lines[name]) for name, rows in sets]


def published_cases() -> list[Case]:
    """Equal rows are counted in the file; here the count is the weight."""
    lines = recorded("published.csv")
    grouped = groupby(read("published_data.csv"), key=lambda row: row["set"])
    rows = {
        name: [(float(row["left"]), float(row["right"]), int(row["cause"]), float(row["n"])) for row in group]
        for name, group in grouped
    }
    return [case(name, rows[name], lines[name]) for name in lines]


RANDOM, PUBLISHED = random_cases(), published_cases()
CASES = {
    "random_set": RANDOM,
    "small_set": [each for each in RANDOM if len(each.left) <= 100],
    "kaplan_meier_set": [each for each in RANDOM if each.is_exact and each.causes == [0]],
    "aalen_johansen_set": [each for each in RANDOM if each.is_exact and each.causes == [0, 1]],
    "turnbull_set": [each for each in RANDOM if each.causes == [0] and (each.weight == 1).all()],
    "published": PUBLISHED,
    "published_intervals": [each for each in PUBLISHED if not each.is_exact and each.causes == [0]],
}


def pytest_generate_tests(metafunc):
    """A test that asks for one of these runs once per case of it."""
    for fixture, cases in CASES.items():
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, cases, ids=[each.name for each in cases])

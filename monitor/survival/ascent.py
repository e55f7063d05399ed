"""Climb to the maximum of sum_i w_i log f_i over the masses of a chain of cells, f_i the mass of what row i covers.

In: rows as stretches of the chain, `[lo, hi)` and `[lo2, hi2)`, with weights. Out: the masses, written in place.
What would surprise: three steps take turns, each where it is good. EM (self-consistency) is safe and slow; ICM, the
iterative convex minorant over the sums along the chain, finds which cells hold mass; Newton steps over those few
cells, with the cells added whose derivative asks for it, then settle the masses to the last digits.

Sources: Turnbull (1976); Groeneboom and Wellner (1992), Jongbloed (1998) and Wellner and Zhan (1997) for EM with ICM;
Wang (2007) for Newton steps over the support. All stop by the Karush-Kuhn-Tucker conditions: d_j <= W for every
cell and d_j = W where there is mass, d_j = sum of w_i / f_i over the rows that cover cell j, W the sum of weights.
"""

from typing import NamedTuple

import numpy as np

from monitor.model.columns import Floats, Ints
from monitor.survival.compiled import compiled

_FIRST_ROUNDS = 10
"""Rounds of EM and ICM before Newton: enough to leave few cells with mass, measured on schedules with jitter."""

_SMALL = 1e-3
"""Under this part of an equal share a mass is dropped before Newton: a cell that needs it comes back by its slope."""

_FEW = 64
"""Cells with mass from which on Newton does not wait for more rounds: its equations cost their third power."""

_LARGEST = 2_000
"""Cells with mass up to which Newton solves its dense equations; above it, EM and ICM go on alone."""

_PATIENCE = 5
"""Newton steps that may pass without halving what is left of the KKT conditions, once that is within `_ROUNDING`."""

_ROUNDING = 1e-7
"""Sums over hundreds of thousands of rows come no nearer than this to W, relative to it, at times."""


class Stretches(NamedTuple):
    """Rows as what they cover of the chain; arrays of shape (n_rows,)."""

    lo: Ints
    hi: Ints
    lo2: Ints
    hi2: Ints
    weight: Floats


@compiled
def fitted(rows: Stretches, mass: Floats) -> Floats:
    """The mass of what each row covers."""
    total = np.empty(len(mass) + 1)
    total[0] = 0.0
    for j in range(len(mass)):
        total[j + 1] = total[j] + mass[j]
    out = np.empty(len(rows.lo))
    for i in range(len(out)):
        value = total[rows.hi[i]] - total[rows.lo[i]]
        if rows.hi2[i] > rows.lo2[i]:
            value += total[rows.hi2[i]] - total[rows.lo2[i]]
        out[i] = value
    return out


@compiled
def derivative(rows: Stretches, fit: Floats, n_cells: int) -> Floats:
    """d_j: sum of w_i / f_i over the rows that cover cell j."""
    change = np.zeros(n_cells + 1)
    for i in range(len(fit)):
        if rows.weight[i] > 0.0:
            slope = rows.weight[i] / fit[i]
            change[rows.lo[i]] += slope
            change[rows.hi[i]] -= slope
            if rows.hi2[i] > rows.lo2[i]:
                change[rows.lo2[i]] += slope
                change[rows.hi2[i]] -= slope
    total = 0.0
    for j in range(n_cells):
        total += change[j]
        change[j] = total
    return change[:n_cells]


@compiled
def climb(rows: Stretches, mass: Floats, tolerance: float, most_steps: int) -> int:
    """Maximise from `mass` (positive where there may be mass, sum 1), in place; returns the steps made.

    Stops when every d_j <= W (1 + tolerance), and |d_j - W| <= tolerance W where there is mass; or, in groups so large
    that rounding keeps it from that, at the best of `_PATIENCE` Newton steps that gain nothing any more.
    """
    weight = rows.weight.sum()
    newton = False
    best, mark, waited = np.inf, np.inf, 0
    kept = mass.copy()
    for step in range(most_steps):
        fit = fitted(rows, mass)
        slope = derivative(rows, fit, len(mass))
        off = _off(mass, slope, weight)
        if off <= tolerance:
            return step
        if off < best:
            best = off
            kept[:] = mass
        if newton and best <= _ROUNDING:
            waited = 0 if best < 0.5 * mark else waited + 1
            mark = best if waited == 0 else mark
            if waited >= _PATIENCE:
                break
        if step >= 2 * _FIRST_ROUNDS and not newton:
            newton = _drop_small(rows, mass, slope, weight) <= (_FEW if step < 6 * _FIRST_ROUNDS else _LARGEST)
            if newton:
                continue  # the fit is not the same any more
        if newton:
            if not _newton(rows, mass, fit, slope, weight):
                newton = False
                mass *= slope / weight
                mass += 1e-9 / len(mass)
                mass /= mass.sum()
        elif step % 2 == 0:
            mass *= slope / weight
        else:
            _icm(rows, mass, fit, weight)
    mass[:] = kept
    return step + 1


@compiled
def _off(mass: Floats, slope: Floats, weight: float) -> float:
    """How far the KKT conditions are from holding, relative to W."""
    most = 0.0
    for j in range(len(mass)):
        above = slope[j] / weight - 1.0
        most = max(most, above)
        if mass[j] > 0.0:
            most = max(most, -above)
    return most


@compiled
def _drop_small(rows: Stretches, mass: Floats, slope: Floats, weight: float) -> int:
    """Set to 0 what is small and has no slope that asks for it; returns the number of cells left with mass.

    Nothing is dropped where a row (of very small weight) would be left without any mass.
    """
    kept = np.where((mass < _SMALL / len(mass)) & (slope < weight), 0.0, mass)
    fit = fitted(rows, kept)
    for i in range(len(fit)):
        if rows.weight[i] > 0.0 and fit[i] <= 0.0:
            return int((mass > 0.0).sum())
    mass[:] = kept
    return int((mass > 0.0).sum())


@compiled
def _gain(rows: Stretches, fit: Floats, other: Floats, part: float, growth: float, weight: float) -> float:
    """What `part` of the way from `fit` to `other` adds to sum w log f - W sum p."""
    gain = -weight * part * growth
    for i in range(len(fit)):
        if rows.weight[i] > 0.0:
            ratio = 1.0 + part * (other[i] / fit[i] - 1.0)
            if ratio <= 0.0:
                return -np.inf
            gain += rows.weight[i] * np.log(ratio)
    return gain


@compiled
def _search(rows: Stretches, mass: Floats, fit: Floats, aim: Floats, rise: float, weight: float) -> bool:
    """Go from `mass` towards `aim` as far as the likelihood rises; `rise` is the slope of it there."""
    other = fitted(rows, aim)
    growth = aim.sum() - mass.sum()
    part = 1.0
    for _ in range(30):
        if _gain(rows, fit, other, part, growth, weight) >= 0.1 * part * rise - 1e-14 * weight:
            mass += part * (aim - mass)
            mass /= mass.sum()
            return True
        part *= 0.5
    return False


@compiled
def _icm(rows: Stretches, mass: Floats, fit: Floats, weight: float) -> bool:
    """One step of the iterative convex minorant over the sums along the chain."""
    m = len(mass)
    up, curve = np.zeros(m + 1), np.zeros(m + 1)
    for i in range(len(fit)):
        if rows.weight[i] > 0.0:
            one = rows.weight[i] / fit[i]
            two = one / fit[i]
            up[rows.hi[i]] += one
            up[rows.lo[i]] -= one
            curve[rows.hi[i]] += two
            curve[rows.lo[i]] += two
            if rows.hi2[i] > rows.lo2[i]:
                up[rows.hi2[i]] += one
                up[rows.lo2[i]] -= one
                curve[rows.hi2[i]] += two
                curve[rows.lo2[i]] += two
    # isotonic regression of the Newton step of each inner sum, by pooling neighbours that are out of order
    value, load, size = np.empty(m), np.empty(m), np.empty(m, np.int64)
    blocks = 0
    total = 0.0
    for j in range(1, m):
        total += mass[j - 1]
        heavy = max(curve[j], 1e-12 * weight)
        value[blocks], load[blocks], size[blocks] = total + up[j] / heavy, heavy, 1
        blocks += 1
        while blocks > 1 and value[blocks - 2] >= value[blocks - 1]:
            both = load[blocks - 2] + load[blocks - 1]
            value[blocks - 2] += (value[blocks - 1] - value[blocks - 2]) * load[blocks - 1] / both
            load[blocks - 2] = both
            size[blocks - 2] += size[blocks - 1]
            blocks -= 1
    aim = np.zeros(m)
    before = 0.0
    place = 0
    for block in range(blocks):
        here = min(max(value[block], 0.0), 1.0)
        aim[place] = here - before
        place += size[block]
        before = here
    aim[m - 1] = 1.0 - before
    rise = 0.0
    now = then = 0.0
    for j in range(1, m):
        now += mass[j - 1]
        then += aim[j - 1]
        rise += up[j] * (then - now)
    if rise <= 0.0:
        return False
    return _search(rows, mass, fit, aim, rise, weight)


@compiled
def _newton(rows: Stretches, mass: Floats, fit: Floats, slope: Floats, weight: float) -> bool:
    """One Newton step over the cells with mass and, between any two of them, the one that asks most for some."""
    support = _support(mass, slope, weight)
    size = len(support)
    if size > 2 * _LARGEST:
        return False
    hessian = hessian_over(rows, fit, support, len(mass))
    start, pull = np.empty(size), np.empty(size)
    for k in range(size):
        start[k] = mass[support[k]]
        pull[k] = 2.0 * slope[support[k]] - weight
    aim = np.zeros(len(mass))
    # with all cells that would fall below 0 leaving at once, a few solutions do; where that is no way up, one by one
    for bold in (True, False):
        found = _quadratic(hessian, pull, start, bold)
        rise = 0.0
        for k in range(size):
            aim[support[k]] = found[k]
            rise += (slope[support[k]] - weight) * (found[k] - start[k])
        if (rise > 0.0 or not bold) and _search(rows, mass, fit, aim, rise, weight):
            return True
    return False


@compiled
def _support(mass: Floats, slope: Floats, weight: float) -> Ints:
    support = np.empty(len(mass), np.int64)
    n = 0
    best = -1
    for j in range(len(mass) + 1):
        if j == len(mass) or mass[j] > 0.0:
            if best >= 0:
                support[n] = best
                n += 1
                best = -1
            if j < len(mass):
                support[n] = j
                n += 1
        elif slope[j] > weight and (best < 0 or slope[j] > slope[best]):
            best = j
    return support[:n].copy()


@compiled
def hessian_over(rows: Stretches, fit: Floats, support: Ints, n_cells: int) -> Floats:
    """sum_i w_i a_ij a_ik / f_i^2 over the support: by sums along the chain, so that each row costs a few entries."""
    size = len(support)
    place = np.empty(n_cells + 1, np.int64)  # cells with mass before each place in the chain
    k = 0
    for j in range(n_cells + 1):
        place[j] = k
        if k < size and support[k] == j:
            k += 1
    made = np.zeros((size + 1, size + 1))
    at, sign = np.empty(4, np.int64), np.array([1.0, -1.0, 1.0, -1.0])
    for i in range(len(fit)):
        if rows.weight[i] > 0.0:
            load = rows.weight[i] / (fit[i] * fit[i])
            at[0], at[1] = place[rows.hi[i]], place[rows.lo[i]]
            ends = 2
            if rows.hi2[i] > rows.lo2[i]:
                at[2], at[3] = place[rows.hi2[i]], place[rows.lo2[i]]
                ends = 4
            for u in range(ends):
                for v in range(ends):
                    made[at[u], at[v]] += sign[u] * sign[v] * load
    # the mass of cell k is in every sum behind it
    for u in range(size - 1, -1, -1):
        for v in range(size + 1):
            made[u, v] += made[u + 1, v]
    for u in range(size + 1):
        for v in range(size - 1, -1, -1):
            made[u, v] += made[u, v + 1]
    return made[1:, 1:].copy()


@compiled
def _quadratic(hessian: Floats, pull: Floats, start: Floats, bold: bool) -> Floats:
    """Maximise pull p - p H p / 2 over p >= 0, from `start`: cells that would fall below 0 leave.

    If `bold`, they leave all at once; what is found need not lie higher than `start` then.
    """
    size = len(start)
    point = start.copy()
    active = np.ones(size, np.bool_)
    for _ in range(size):
        inside = np.nonzero(active)[0]
        n = len(inside)
        matrix, right = np.empty((n, n)), np.empty(n)
        for a in range(n):
            total = pull[inside[a]]
            for b in range(size):
                total -= hessian[inside[a], b] * point[b]
            right[a] = total
            for b in range(a + 1):
                matrix[a, b] = hessian[inside[a], inside[b]]
            matrix[a, a] *= 1.0 + 1e-10
        if not solve_positive(matrix, right, 0.0):
            return point
        reach = 1.0
        for a in range(n):
            if not bold and right[a] < 0.0 and point[inside[a]] + right[a] < 0.0:
                reach = min(reach, -point[inside[a]] / right[a])
        left = 0
        for a in range(n):
            moved = point[inside[a]] + reach * right[a]
            if right[a] < 0.0 and moved <= 1e-15:
                active[inside[a]] = False
                moved = 0.0
                left += 1
            point[inside[a]] = moved
        if left == 0:
            return point
    return point


@compiled
def solve_positive(matrix: Floats, right: Floats, least: float) -> bool:
    """Cholesky on the lower triangle, and both substitutions, in place; False where a pivot is `least` or less."""
    n = len(right)
    for a in range(n):
        for b in range(a + 1):
            total = matrix[a, b]
            for c in range(b):
                total -= matrix[a, c] * matrix[b, c]
            if a == b:
                if total <= least:
                    return False
                matrix[a, a] = np.sqrt(total)
            else:
                matrix[a, b] = total / matrix[b, b]
    for a in range(n):
        for c in range(a):
            right[a] -= matrix[a, c] * right[c]
        right[a] /= matrix[a, a]
    for a in range(n - 1, -1, -1):
        for c in range(a + 1, n):
            right[a] -= matrix[c, a] * right[c]
        right[a] /= matrix[a, a]
    return True

"""Data that were published, with the published answer where there is one, else with what R says of them.

The R session is `published.R`; what it said is `published.csv` and, for the masses, `published_cells.csv`. R 4.2.2,
survival 3.5-3, npsurv 0.5-0. Quoted below: the lines, and R's digits as it prints them.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from monitor.survival.incidence import cumulative_incidence, kaplan_meier, turnbull

INF = float("inf")
MASSES = Path(__file__).with_name("published_cells.csv")


def test_kaplan_meier_of_the_leukaemia_trial():
    """The maintained arm of Miller's (1997) trial, tied and censored times as survfit treats them.

    > print(summary(survfit(Surv(time, status) ~ 1, data = subset(aml, x == "Maintained")))$surv, digits = 4)
    [1] 0.9091 0.8182 0.7159 0.6136 0.4909 0.3682 0.1841
    at times 9 13 18 23 31 34 48
    """
    time = np.array([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161.0])
    status = np.array([1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0], bool)
    survival = 1 - kaplan_meier(time, status).at([9, 13, 18, 23, 31, 34, 48, 200])
    assert survival == pytest.approx([0.9091, 0.8182, 0.7159, 0.6136, 0.4909, 0.3682, 0.1841, 0.1841], abs=5e-5)


def test_kaplan_meier_of_remission_under_6_mercaptopurine():
    """Freireich et al. (1963), the example of the textbooks.

    > print(summary(survfit(Surv(time, status) ~ 1))$surv, digits = 4)   # 6-MP arm
    [1] 0.8571 0.8067 0.7529 0.6902 0.6275 0.5378 0.4482
    at times 6 7 10 13 16 22 23
    """
    seen, open_ = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    fit = kaplan_meier(np.array([*seen, *open_], float), np.arange(21) < 9)
    expected = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert 1 - fit.at([6, 7, 10, 13, 16, 22, 23]) == pytest.approx(expected, abs=5e-5)


def test_turnbulls_own_example():
    """Turnbull (1974), table 1: deaths, losses and late entries; the published survival is .538 .295 .210 .095.

    > survfit(Surv(time, time, status, type = "interval") ~ 1, tdata, weights = n)   # ?survfit.formula
    > round(surv, 3)
    [1] 0.538 0.295 0.210 0.095
    """
    deaths, losses, late = (12, 6, 2, 3), (3, 2, 0, 3), (2, 4, 2, 5)
    rows = [row for t in range(4) for row in _at(t + 1.0, deaths[t], losses[t], late[t])]
    left, right = np.array(rows).T
    assert 1 - turnbull(left, right).at([1, 2, 3, 4]) == pytest.approx([0.538, 0.295, 0.210, 0.095], abs=5e-4)


def _at(time, deaths, losses, late):
    return [(time, time)] * deaths + [(time, INF)] * losses + [(0.0, time)] * late


def test_turnbull_of_breast_retraction_after_radiotherapy():
    """Finkelstein and Wolfe (1985): eight cells and their masses.

    > r <- npsurv(subset(cancer, group == "RT")[, 1:2]); round(cbind(r$f$left, r$f$right, r$f$p), 4)
    """
    left = [0, 0, 0, 4, 5, 5, 6, 7, 7, 11, 11, 15, 17, 17, 17, 18, 18, 19, 22, 24, 24, 25, 26, 27, 32, 33, 34]
    left += [36, 36, 36, 36, 37, 37, 37, 37, 38, 40, 45] + [46] * 8
    right = [5, 7, 8, 11, 11, 12, 10, 14, 16, 15, 18, INF, 25, 25, INF, 26, INF, 35, INF, INF, INF, 37, 40, 34]
    right += [INF, INF, INF, 44, 48, INF, INF, 44] + [INF] * 14
    cells = turnbull(np.array(left, float), np.array(right, float)).cells
    kept = cells.mass > 1e-9
    expected = [
        (4, 5, 0.0463),
        (6, 7, 0.0334),
        (7, 8, 0.0887),
        (11, 12, 0.0708),
        (24, 25, 0.0926),
        (33, 34, 0.0818),
        (38, 40, 0.1209),
        (46, 48, 0.4656),
    ]
    found = np.column_stack([cells.left, cells.right, cells.mass])[kept]
    assert found == pytest.approx(np.array(expected), abs=5e-5)


def test_competing_ends_of_gammopathy():
    """Kyle et al. (2002): malignancy, and death before it, after 5, 10 and 20 years; 1,384 patients.

    > fit <- survfit(Surv(etime, event) ~ 1, data = mgus2)   # event: censored, progression, death
    > print(summary(fit, times = c(60, 120, 240))$pstate[, -1], digits = 4)
    [1,] 0.03410 0.3204
    [2,] 0.06372 0.5318
    [3,] 0.09981 0.7240
    """
    rows = [row for row in _rows("published_data.csv") if row["set"] == "mgus2"]
    left, right, cause, n = (np.array([float(row[name]) for row in rows]) for name in ("left", "right", "cause", "n"))
    each = n.astype(int)
    fit = cumulative_incidence(np.repeat(left, each), np.repeat(right, each), np.repeat(cause, each).astype(np.int8))
    assert each.sum() == 1384
    assert fit.at([60, 120, 240], causes=(0,)) == pytest.approx([0.03410, 0.06372, 0.09981], abs=5e-6)
    assert fit.at([60, 120, 240], causes=(1,)) == pytest.approx([0.3204, 0.5318, 0.7240], abs=5e-5)


def test_recorded_figures_are_ours(published):
    """Every figure of every set: 1e-4 from the exact sources, 5e-4 from survfit's EM, which stops early."""
    for line in published.lines:
        ours = published.fit.at(line.hours, causes=(line.cause,))
        low, high = published.fit.range_at(line.hours, causes=(line.cause,))
        if line.source == "survfit-interval2":
            assert low - 5e-4 <= line.value <= high + 5e-4, line
            continue
        assert ours == pytest.approx(line.value, abs=1e-4), line
        if line.source != "survfit":
            assert (low, high) == pytest.approx((line.low, line.high), abs=1e-4), line


def test_published_fits_are_maxima(published):
    """KKT gap over every atom at most 1e-6, likelihood not below R's."""
    assert published.gap <= 1e-6
    said = [line.loglik for line in published.lines if not line.source.startswith("survfit")]
    assert published.log_likelihood >= max(said) - 1e-6 * max(1, abs(max(said)) / 1000)


def test_masses_are_those_of_npsurv(published_intervals):
    """Cell by cell, borders and masses to 1e-5, where ends are not all exact."""
    theirs = [row for row in _rows(MASSES.name) if row["set"] == published_intervals.name]
    cells = published_intervals.fit.cells
    kept = cells.mass > 1e-9
    for column in ("left", "right", "mass"):
        assert getattr(cells, column)[kept] == pytest.approx([float(row[column]) for row in theirs], abs=1e-5)


def _rows(name: str) -> list[dict[str, str]]:
    with MASSES.with_name(name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))

"""Geometry of the small drawings that templates put in the page as SVG: bars in tables and the curve of a Provider.

In: shares from 0 to 1 and hours. Out: coordinates and path data as text, one decimal, so that bytes do not depend on
the machine. Bounds are drawn as steps: between two hours of the grid nothing is known but the values at its ends. The
estimate and its 95% limits are lines through the hours of the grid. What would surprise: a Curve holds the share *not*
taken offline; readers see the share taken offline, which rises.
"""

from dataclasses import dataclass
from math import log1p

from monitor.model.scorecard import Curve, Norm, Scorecard
from monitor.publication.formats import Formats

BAR_WIDTH = 160.0
PLOT_LEFT, PLOT_TOP, PLOT_WIDTH, PLOT_HEIGHT = 62.0, 12.0, 610.0, 240.0
LAST_HOUR = 720.0
TICKS = (0, 1, 4, 12, 24, 48, 168, 720)
_DECIMALS = 9  # as every figure of a Scorecard: 1 less a share has a tail of binary digits


@dataclass(frozen=True, slots=True)
class Bar:
    """Positions from 0 to BAR_WIDTH. Without bounds there is nothing to draw and no Bar."""

    start: str  # of the block from worst to best case
    length: str
    low: str  # of the 95% interval
    high: str
    at: str  # the estimate; "" without one
    target: str
    class_: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """The curve of one Provider: worst to best case, the 95% band and the estimate, axes and the norm as a point."""

    bounds: str
    band: str  # 95% limits of the estimate; "" without them
    line: str  # the estimate; "" without one
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    norm_at: str  # its hours, from the left
    norm_y: str  # its target, from the top


@dataclass(frozen=True, slots=True)
class Taken:
    """A Curve turned: shares taken offline by hours since the notice. Aligned; the last three can be empty."""

    hours: tuple[float, ...]
    worst: tuple[float, ...]
    best: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def at(self, hour: float) -> int:
        return self.hours.index(hour)


def taken(curve: Curve) -> Taken:
    return Taken(
        curve.hours,
        *(
            tuple(round(1 - share, _DECIMALS) for share in shares)
            for shares in (curve.high, curve.low, curve.share, curve.band_high, curve.band_low)
        ),
    )


def bar(card: Scorecard, target: float) -> Bar | None:
    """Worst to best case as a block, the 95% interval as a line, the estimate as a dot, the norm as a mark."""
    bounds = (card.within_norm_worst, card.within_norm_best)
    return interval(bounds, card.within_norm, (card.within_norm_low, card.within_norm_high), target, card.class_)


def interval(
    bounds: tuple[float | None, float | None],
    share: float | None,
    limits: tuple[float | None, float | None],
    target: float,
    class_: str = "not-proven",
) -> Bar | None:
    """As `bar`, from worst and best case, the estimate and its 95% limits; what is None is not drawn."""
    (worst, best), (low, high) = bounds, limits
    if worst is None or best is None:
        return None
    start, length = worst * BAR_WIDTH, max((best - worst) * BAR_WIDTH, 3.0)
    start = min(start, BAR_WIDTH - length)
    low = worst if low is None else low
    high = best if high is None else high
    ends = (_n(low * BAR_WIDTH), _n(high * BAR_WIDTH))
    at = "" if share is None else _n(share * BAR_WIDTH)
    return Bar(_n(start), _n(length), *ends, at, _n(target * BAR_WIDTH), class_)


def share_of(value: float, most: float) -> str:
    """Length of a burden bar, as a percentage of the longest one."""
    return _n(100 * value / most) if most else "0.0"


def plot(curve: Curve, norm: Norm, formats: Formats) -> Plot:
    """The share taken offline since the notice; hours on a scale that is stretched at the start."""
    xs, shares = [_x(hour) for hour in curve.hours], taken(curve)
    best, worst = _steps_early(xs, shares.best), _steps_held(xs, shares.worst)
    return Plot(
        bounds=f"M{best} L{_backwards(worst)} Z",
        band=_band(xs, shares),
        line=f"M{_points(xs, shares.share)}" if shares.share else "",
        x_ticks=tuple(Tick(_n(_x(hour)), formats.tick(hour)) for hour in TICKS),
        y_ticks=tuple(Tick(_n(_y(share / 4)), formats.target(share / 4)) for share in range(5)),
        norm_at=_n(_x(norm.hours)),
        norm_y=_n(_y(norm.target)),
    )


def _steps_held(xs: list[float], shares: tuple[float, ...]) -> str:
    """The least that can be offline: a value holds until the next hour of the grid."""
    points = [(xs[0], _y(shares[0]))]
    for x, before, share in zip(xs[1:], shares, shares[1:], strict=False):
        points += [(x, _y(before)), (x, _y(share))]
    return " L".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _steps_early(xs: list[float], shares: tuple[float, ...]) -> str:
    """The most that can be offline: right after an hour of the grid the next value is already possible."""
    points = [(xs[0], _y(shares[0]))]
    for before, x, share in zip(xs, xs[1:], shares[1:], strict=False):
        points += [(before, _y(share)), (x, _y(share))]
    return " L".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _band(xs: list[float], shares: Taken) -> str:
    """The 95% limits as one area."""
    if not shares.low or not shares.high:
        return ""
    return f"M{_points(xs, shares.high)} L{_backwards(_points(xs, shares.low))} Z"


def _points(xs: list[float], shares: tuple[float, ...]) -> str:
    """Straight from hour to hour: within a stretch without a check the estimate is linear."""
    return " L".join(f"{_n(x)},{_n(_y(share))}" for x, share in zip(xs, shares, strict=True))


def _backwards(path: str) -> str:
    return " L".join(reversed(path.split(" L")))


def _x(hour: float) -> float:
    return PLOT_LEFT + PLOT_WIDTH * log1p(min(hour, LAST_HOUR)) / log1p(LAST_HOUR)


def _y(share: float) -> float:
    return PLOT_TOP + PLOT_HEIGHT * (1 - share)


def _n(value: float) -> str:
    return f"{value + 0.0:.1f}"

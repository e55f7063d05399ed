"""Geometry of the small drawings that templates put in the page as SVG: bars in tables and the curve of a Provider.

In: shares from 0 to 1 and hours. Out: coordinates and path data as text, one decimal, so that bytes do not depend on
the machine. Bounds are drawn as steps: between two hours of the grid nothing is known but the values at its ends. The
estimate and its 95% limits are lines through the hours of the grid.
"""

from dataclasses import dataclass
from math import log1p

from monitor.model.scorecard import Curve, Scorecard
from monitor.publication.formats import Formats

BAR_WIDTH = 160.0
PLOT_LEFT, PLOT_TOP, PLOT_WIDTH, PLOT_HEIGHT = 62.0, 12.0, 610.0, 240.0
LAST_HOUR = 720.0
TICKS = (0, 1, 4, 12, 24, 48, 168, 720)


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
    """The curve of one Provider: worst to best case, the 95% band and the estimate, axes and the norm's hour."""

    bounds: str
    band: str  # 95% limits of the estimate; "" without them
    line: str  # the estimate; "" without one
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    norm_at: str


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


def plot(curve: Curve, norm_hours: float, formats: Formats) -> Plot:
    """The share still online since the notice; hours on a scale that is stretched at the start."""
    xs = [_x(hour) for hour in curve.hours]
    upper, lower = _steps_high(xs, curve.high), _steps_low(xs, curve.low)
    return Plot(
        bounds=f"M{upper} L{_backwards(lower)} Z",
        band=_band(xs, curve),
        line=f"M{_points(xs, curve.share)}" if curve.share else "",
        x_ticks=tuple(Tick(_n(_x(hour)), formats.tick(hour)) for hour in TICKS),
        y_ticks=tuple(Tick(_n(_y(share / 4)), formats.target(share / 4)) for share in range(5)),
        norm_at=_n(_x(norm_hours)),
    )


def _steps_high(xs: list[float], shares: tuple[float, ...]) -> str:
    """The most that can still be online: a value holds until the next hour of the grid."""
    points = [(xs[0], _y(shares[0]))]
    for x, before, share in zip(xs[1:], shares, shares[1:], strict=False):
        points += [(x, _y(before)), (x, _y(share))]
    return " L".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _steps_low(xs: list[float], shares: tuple[float, ...]) -> str:
    """The least that can still be online: right after an hour of the grid the next value is already possible."""
    points = [(xs[0], _y(shares[0]))]
    for before, x, share in zip(xs, xs[1:], shares[1:], strict=False):
        points += [(before, _y(share)), (x, _y(share))]
    return " L".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _band(xs: list[float], curve: Curve) -> str:
    """The 95% limits as one area."""
    if not curve.band_low or not curve.band_high:
        return ""
    return f"M{_points(xs, curve.band_high)} L{_backwards(_points(xs, curve.band_low))} Z"


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

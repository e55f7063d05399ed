"""Ranking: rows and what survival measured of them in, Scorecards, classes and their order out.

What would surprise: names are loaded when they are first asked for, because scipy takes a second to load and most
commands never rank. Method `npmle-1`: see `measurement.md` sections 3 and 4.
"""

from typing import TYPE_CHECKING

from monitor.lazy import loads

if TYPE_CHECKING:
    from monitor.ranking.scorecards import make_ranking
    from monitor.ranking.trend import trend_points

METHOD = "npmle-1"
"""Id of the method by which Scorecards are made and ordered."""

_FROM = {"make_ranking": "scorecards", "trend_points": "trend"}

__all__ = ["METHOD", "make_ranking", "trend_points"]


__getattr__ = loads(__name__, _FROM)

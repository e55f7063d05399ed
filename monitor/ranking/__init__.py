"""Ranking: Episodes in, Scorecards and their order out. Method `bounds-1`: bounds and counts, no estimate."""

from monitor.ranking.curves import curves
from monitor.ranking.scorecards import METHOD, make_ranking
from monitor.ranking.trend import trend_points

__all__ = ["METHOD", "curves", "make_ranking", "trend_points"]

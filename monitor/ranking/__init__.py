"""Ranking: rows and what survival measured of them in, Scorecards, classes and their order out.

What would surprise: names are loaded when they are first asked for, because scipy takes a second to load and most
commands never rank. Method `npmle-1`: see `measurement.md` sections 3 and 4.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.ranking.scorecards import make_ranking
    from monitor.ranking.trend import trend_points

METHOD = "npmle-1"
"""Id of the method by which Scorecards are made and ordered."""

_FROM = {"make_ranking": "scorecards", "trend_points": "trend"}

__all__ = ["METHOD", "make_ranking", "trend_points"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (whatever the module holds under that name)
    """PEP 562: the stage's functions, each from its module."""
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FROM[name]}"), name)

"""Checks and what they come to: which are due, the crawl process that makes them, and the rules that read them.

What would surprise: schedule and canary are loaded when they are first asked for, because the crawl process, which
takes modules of this package too, has no use for them.
"""

from typing import TYPE_CHECKING

from monitor.lazy import loads
from monitor.observation.judge import judge, replay
from monitor.observation.rules import RULES, RULES_VERSION, ObservationRule, rule_by_id

if TYPE_CHECKING:
    from monitor.observation.canary import NEIGHBOURS_WITHIN, Probed, needs_neighbours, survey, ways_out
    from monitor.observation.schedule import next_due

__all__ = [
    "NEIGHBOURS_WITHIN",
    "RULES",
    "RULES_VERSION",
    "ObservationRule",
    "Probed",
    "judge",
    "needs_neighbours",
    "next_due",
    "replay",
    "rule_by_id",
    "survey",
    "ways_out",
]
_OF_CANARY = ("NEIGHBOURS_WITHIN", "Probed", "needs_neighbours", "survey", "ways_out")
_LATER = {"next_due": "schedule", **dict.fromkeys(_OF_CANARY, "canary")}


__getattr__ = loads(__name__, _LATER)

"""Outcomes -> OnlineInterval, Episode, Takedown. Sees no network, no store and no Scrapy."""

from monitor.model.method import Thresholds
from monitor.survival.derive import episodes
from monitor.survival.table import RULE_VERSION

__all__ = ["RULE_VERSION", "Thresholds", "episodes"]

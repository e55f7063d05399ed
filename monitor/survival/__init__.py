"""Outcomes -> OnlineInterval, Episode, Takedown. Sees no network, no store and no Scrapy."""

from monitor.model.method import Thresholds
from monitor.survival.derive import episodes

__all__ = ["Thresholds", "episodes"]

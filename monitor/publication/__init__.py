"""Ranking -> Release: pages, charts and tables in English and Dutch, in a write-once folder.

In: ReleaseInput. Out: Release. Nothing here reads a store, a clock or the network.
"""

from monitor.publication.corrections import correction
from monitor.publication.release import build, publish
from monitor.publication.verification import verified, verify

__all__ = ["build", "correction", "publish", "verified", "verify"]

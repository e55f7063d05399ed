"""Ranking -> Release: pages, charts and tables in English and Dutch, in a write-once folder.

In: ReleaseInput. Out: Release. Nothing here reads a store, a clock or the network.
"""

from monitor.publication.release import build, publish, verify

__all__ = ["build", "publish", "verify"]

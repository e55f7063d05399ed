"""Bundles: a whole store in one signed file for somebody else, and a store of their own from that file.

In: an open store, or such a file. Out: the file, or the store. What would surprise: unlike a backup it is sealed for a
receiver and opens without the store's key; what it brings is sealed anew under a key of the receiver's own. What the
file is like, and how anybody verifies it, is in `monitor/handover/bundle_file.py`.
"""

from monitor.bundles.making import KEY_ENDING, Asked, Made, export
from monitor.bundles.taking import Taken, Wanted, take_over

__all__ = ["KEY_ENDING", "Asked", "Made", "Taken", "Wanted", "export", "take_over"]

"""Backups of a whole store, and stores put back from them.

In: a data folder and the name of a file. Out: one file that holds everything but the key; and from it the same store,
on either engine. What would surprise: what makes the file trustworthy is its last 80 bytes (`archive.py`).
"""

from monitor.backup.archive import Progress
from monitor.backup.making import Backup, backup
from monitor.backup.restoring import Restored, Wanted, restore, verify_backup
from monitor.backup.settled import SettingsPlaced

__all__ = ["Backup", "Progress", "Restored", "SettingsPlaced", "Wanted", "backup", "restore", "verify_backup"]

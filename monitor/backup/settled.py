"""The settings of a backup, before they come into place beside a restored store.

In: the unpacked file. Out: the same without `[database] url`, where that names another database than the restored one.
What would surprise: where settings are there already they stay, and the backup's are not put in place at all.
"""

from dataclasses import dataclass
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from monitor.disk import write_whole


@dataclass(frozen=True, slots=True)
class SettingsPlaced:
    """What became of the backup's settings. `kept`: others were there, and stay; `url_left_out`: see above."""

    url_left_out: bool = False
    kept: bool = False


def settle(path: Path, place: Path, url: str | None) -> SettingsPlaced:
    """Make the unpacked settings at `path` fit to come to `place`; `url`: of the database that was restored."""
    if not path.exists() or place.exists():
        return SettingsPlaced(kept=path.exists())
    path.chmod(0o600)  # a password may be in it
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        settings = tomlkit.parse(text)
    except TOMLKitError:  # it opens no database either
        return SettingsPlaced()
    database = settings.get("database")
    said = database.get("url") if isinstance(database, dict) else None
    if not said or said == url:
        return SettingsPlaced()
    del settings["database"]["url"]
    write_whole(path, tomlkit.dumps(settings).encode())
    return SettingsPlaced(url_left_out=True)

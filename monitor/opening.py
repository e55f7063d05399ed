"""The settings read and the store opened as far as they can be, for who has to say something in any state of things.

In: the data folder and the configuration file. Out: the settings and the store, or None, with a Finding that says why.
What would surprise: nothing here raises a MonitorError; `status` and `doctor` end at neither a wrong setting, a lost
key, a full disk nor a server that is away.
"""

from contextlib import ExitStack
from pathlib import Path

from monitor.config import CONFIG_NAME, Settings, read_settings
from monitor.errors import MonitorError, WrongSetting
from monitor.handover.signing import SIGNING_KEY
from monitor.model.operation import Finding, Mark
from monitor.store import KEY_FILE, Store, open_store
from monitor.store.database import DATABASE_FILE

SETTINGS, STORE = "settings", "store"
_BUSY_SECONDS = 5.0
"""Somebody waits for the answer: shorter than most commands."""


def failed(name: str, error: MonitorError | str, todo: str = "") -> Finding:
    """A Finding that somebody has to act on."""
    said, todo = (error, todo) if isinstance(error, str) else (error.message, error.hint)
    return Finding(name, Mark.ACT, said, todo or "See docs/operation.md")


def settings_of(data_dir: Path, config: Path | None) -> tuple[list[Finding], Settings | None]:
    """Every mistake at once, each with the nearest right name."""
    try:
        read = read_settings(data_dir, config)
    except WrongSetting as error:
        return [failed(SETTINGS, error)], None
    except OSError as error:
        return [failed(SETTINGS, *_unreadable(error))], None
    if isinstance(read, Settings):
        return [Finding(SETTINGS, Mark.OK, "every name and value is right")], read
    return [failed(SETTINGS, error) for error in read], None


def store_of(data_dir: Path, settings: Settings, held: ExitStack) -> Store | Finding:
    """The store, where it opens: then the key is there and is the one that sealed it, and the schema is right."""
    wait = min(settings.database.busy_seconds, _BUSY_SECONDS)
    try:
        return held.enter_context(open_store(data_dir, settings.database.url, create=False, busy_seconds=wait))
    except MonitorError as error:
        return failed(STORE, error)
    except OSError as error:
        return failed(STORE, *_unreadable(error))


def secret_files(data_dir: Path, config: Path | None, settings: Settings | None) -> tuple[tuple[str, ...], Path | None]:
    """What nobody else may read: names in the data folder, and the settings where they name another database."""
    if settings is None or settings.database.url is None:
        return (KEY_FILE, SIGNING_KEY, DATABASE_FILE), None
    return (KEY_FILE, SIGNING_KEY), config or data_dir / CONFIG_NAME


def _unreadable(error: OSError) -> tuple[str, str]:
    return f"the data folder cannot be read ({error.strerror})", "Check --data-dir, the disk, and who owns the folder"

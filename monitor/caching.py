"""Where libraries keep what each command would else make anew: compiled arithmetic, an index of fonts, large sorts.

In: the data folder. Out: the environment of this process and of those that it starts. What would surprise: the data
folder is the last resort, for a service without a home or a container that is read-only; what is kept there is hidden,
so that neither `backup` nor `restore` takes it for part of a store, and it can be removed at any time.
"""

import os
from contextlib import suppress
from pathlib import Path

FOLDER = ".cache"
_CACHES, _FONTS, _PASSING = "XDG_CACHE_HOME", "MPLCONFIGDIR", "TMPDIR"
_PASSING_TOO = ("TEMP", "TMP")


def settle(data_dir: Path) -> None:
    """Where the user has no folder of its own that can be written to, name one in the data folder. Raises nothing.

    What the environment names already stays, where it can be written to. On a full disk, or in a folder that cannot be
    entered, all stays as it is: what the command needs will say so itself.
    """
    with suppress(OSError):
        _settle(data_dir)


def _settle(data_dir: Path) -> None:
    place = data_dir.absolute() / FOLDER
    if not data_dir.is_dir() or not can_be_written(place):
        return
    if not can_be_written(user_caches()):
        os.environ[_CACHES] = str(place)
    if not can_be_written(_user_fonts()):
        os.environ[_FONTS] = str(place / "matplotlib")
    if not any(map(can_be_written, _for_what_passes())):
        passing = place / "tmp"
        passing.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ[_PASSING] = str(passing)


def user_caches() -> Path | None:
    """Where the user's caches are, whether or not anything can be written there; None for a user without a home."""
    return _named(_CACHES) or _below_home(".cache")


def can_be_written(folder: Path | None) -> bool:
    """Whether the folder, or one that would have to be made for it, takes what is written."""
    if folder is None:
        return False
    there = next((each for each in (folder, *folder.parents) if os.path.lexists(each)), None)
    return there is not None and there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _user_fonts() -> Path | None:
    """The one of its folders without which matplotlib warns at each start."""
    return _named(_FONTS) or _named("XDG_CONFIG_HOME") or _below_home(".config")


def _for_what_passes() -> tuple[Path | None, ...]:
    """Where the standard library looks too. It would try by writing, and a kill in that moment leaves a file behind."""
    return (*map(_named, (_PASSING, *_PASSING_TOO)), Path("/tmp"), Path("/var/tmp"))  # noqa: S108 (only looked at)


def _named(variable: str) -> Path | None:
    named = os.environ.get(variable, "")
    return Path(named) if named else None


def _below_home(name: str) -> Path | None:
    try:
        return Path.home() / name
    except RuntimeError:  # a user id without a name, as some containers have
        return None

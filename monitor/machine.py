"""What the machine has to give: room on the disk, files that nobody else reads, time zones, documents.

In: the data folder. Out: Findings. What would surprise: how much room is enough goes by the size of the database too,
because a backup and a migration need as much again beside it.
"""

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.model.operation import Finding, Mark

_MEGABYTE, _GIGABYTE = 1_000_000, 1_000_000_000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_TYPST = b"""#set document(title: "Proef")
#set text(font: "DejaVu Sans", lang: "nl")
= Proef
Met \xc3\xab en \xe2\x82\xac."""


def disk_room(data_dir: Path, database_bytes: int, least_free_gb: float) -> Finding:
    """Free room where the data folder is; a backup may need as much as the database, a server's too."""
    try:
        free = shutil.disk_usage(data_dir).free
    except OSError as error:
        said = f"the disk of the data folder cannot be looked at ({error.strerror})"
        return Finding("disk", Mark.ACT, said, "Check --data-dir and who owns it")
    least, needed = least_free_gb * _GIGABYTE, 1.5 * database_bytes
    wanted = max(least, needed)
    said = f"free {size_in_words(free)}; [operation] least_free_gb asks for {size_in_words(least)}"
    if database_bytes:
        said += f", a backup or an upgrade for up to {size_in_words(needed)}"
    figures = {"free_bytes": free, "wanted_bytes": int(wanted)}
    if free < least / 10:
        return Finding("disk", Mark.ACT, said, "Make room now: what cannot be written is due again", figures)
    if free < wanted:
        return Finding("disk", Mark.LOOK, said, "Make room, or move the data folder to a larger disk", figures)
    return Finding("disk", Mark.OK, said, figures=figures)


def size_in_words(n_bytes: float) -> str:
    """In the unit that a person would name: 640 kB, 4.4 MB, 120 GB."""
    for unit, size in (("GB", _GIGABYTE), ("MB", _MEGABYTE)):
        if n_bytes >= size:
            return f"{n_bytes / size:.{0 if n_bytes >= 100 * size else 1}f} {unit}"
    return f"{n_bytes / 1000:.0f} kB"


def is_there(data_dir: Path) -> bool:
    """Whether it is a folder that this user can look into."""
    try:
        next(iter(data_dir.iterdir()), None)
    except OSError:
        return False
    return True


def _exists(data_dir: Path) -> bool:
    try:
        return data_dir.is_dir()
    except PermissionError:  # a folder above it cannot be entered
        return True
    except OSError:
        return False


def modes(data_dir: Path, secrets: tuple[str, ...], settings: Path | None) -> Iterator[Finding]:
    """Whether nobody else may read the folder and what is secret in it; `settings`: the file where it is secret too."""
    if not is_there(data_dir):
        if _exists(data_dir):
            todo = "Run this as its user (deploy/hosting-monitor), or look who owns it"
            yield Finding("folder", Mark.ACT, "the data folder cannot be entered by this user", todo)
            return
        todo = "Name it with --data-dir or MONITOR_DATA_DIR; where there is none yet, `monitor import` makes it"
        yield Finding("folder", Mark.ACT, "there is no data folder of that name", todo)
        return
    folder = _open_to_others(data_dir)
    if folder:
        todo = "chmod 700 on the data folder; look who could read it until now"
        yield Finding("folder", Mark.ACT, "others may enter the data folder", todo)
    loose = [name for name in secrets if _open_to_others(data_dir / name)]
    loose += ["the settings"] if settings is not None and _open_to_others(settings) else []
    if loose:
        todo = f"chmod 600 on {', '.join(loose)}; look who could read it until now"
        yield Finding("files", Mark.ACT if folder else Mark.LOOK, f"others may read {', '.join(loose)}", todo)
    if not folder and not loose:
        yield Finding("folder", Mark.OK, "nobody else may read the data folder")


def time_zones() -> Finding:
    """Whether the zones that inputs name are known on this machine."""
    try:
        ZoneInfo("Europe/Amsterdam")
    except (ZoneInfoNotFoundError, OSError):
        todo = "Install the time zone data (Debian: tzdata, or the Python package tzdata)"
        return Finding("time zones", Mark.ACT, "the machine knows no time zones", todo)
    return Finding("time zones", Mark.OK, "known")


def documents() -> Finding:
    """Whether letters and reports can be set as an accessible PDF: the real typesetter and the real fonts."""
    try:
        from monitor.typesetting import compiled  # noqa: PLC0415 (it loads matplotlib)

        made = compiled(_TYPST, {})
    except Exception as error:  # noqa: BLE001 (whatever a foreign library raises here means: no documents)
        said = f"no PDF can be made ({type(error).__name__})"
        return Finding("documents", Mark.ACT, said, "Install the program's requirements again: typst and matplotlib")
    if not made.startswith(b"%PDF"):
        return Finding("documents", Mark.ACT, "what was made is no PDF", "Install the program's requirements again")
    return Finding("documents", Mark.OK, "an accessible PDF can be made")


def _open_to_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False

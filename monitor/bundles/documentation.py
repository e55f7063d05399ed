"""The documentation that belongs to this code: that of the checkout, or that which the wheel brought.

Out: names and bytes. What would surprise: a wheel has it outside of the packages (`share/doc`), because files in them
would count as code; and where a system left it out, there is none, which a bundle then says.
"""

import sysconfig
from collections.abc import Iterator
from pathlib import Path

import monitor

_NAME = "hosting-monitor"
_KINDS = (".md", ".toml")


def documentation() -> Iterator[tuple[str, bytes]]:
    """Each page by its name, such as `decisions/023-bundles.md`, in order."""
    folder = _folder()
    if folder is None:
        return
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in _KINDS and path.is_file() and not name.startswith("."):
            yield name, path.read_bytes()


def _folder() -> Path | None:
    beside = Path(monitor.__file__).parents[1] / "docs"
    places = (beside, Path(sysconfig.get_path("data")) / "share" / "doc" / _NAME)
    return next((place for place in places if (place / "architecture.md").is_file()), None)

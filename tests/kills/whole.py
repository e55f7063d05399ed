"""Whether a file or folder that bears its name is whole: what each kind of them can tell of itself.

In: the place of a run, at any moment. Out: nothing, or an error. What would surprise: a file that is not there is right
too; and one that is sealed for a key which nobody here has is only asked whether it is a sealed file.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from monitor.handover.bundle_file import verify
from monitor.handover.identity import opened, read_identity
from monitor.store.key_file import parse_ring
from tests.kills.harness import Place


def _sealed(path: Path) -> None:
    with opened(path, [read_identity(path.parent / "age.key")]) as plain:
        plain.read()


def _bundle(path: Path) -> None:
    verify(path, None, lambda _done, _total: None)


def _order_file(path: Path) -> None:
    """A ZIP, or one that is sealed."""
    content = path.read_bytes()
    if content.startswith(b"PK"):
        assert ZipFile(BytesIO(content)).testzip() is None
    else:
        _sealed(path)


def _archive(folder: Path) -> None:
    """Every file of its manifest, and no other."""
    if (folder / "archive.zip.age").exists():
        with opened(folder / "archive.zip.age", [read_identity(folder.parent / "age.key")]) as plain:
            assert ZipFile(BytesIO(plain.read())).testzip() is None
        return
    listed = json.loads((folder / "manifest.json").read_bytes())["files"]
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"manifest.json"}
    assert there == set(listed)
    for name, said in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == said["sha256"], name


def _page(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("<!-- field ") == path.read_text(encoding="utf-8").count("<!-- end")
    assert path.with_suffix(".html").read_text(encoding="utf-8").endswith("</html>\n")


KINDS: Mapping[str, Callable[[Path], object]] = {
    "out/cases.age": _sealed,
    "out/shared.age": _sealed,
    "out/orders.zip": _order_file,
    "out/archive": _archive,
    "out/all.bundle": _bundle,
    "out/all.bundle.key": read_identity,
    "out/age.key": read_identity,
    "out/operator.key": lambda path: parse_ring(path.read_bytes()),
    "data/privacy/data-protection.md": _page,
}


def check_whole(place: Place) -> None:
    """Everything of `KINDS` that is there."""
    for name, check in KINDS.items():
        if (place.folder / name).exists():
            check(place.folder / name)

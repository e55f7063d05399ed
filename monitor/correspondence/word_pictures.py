"""Pictures of a Word file: the bytes, how large they stand, and the words that a reader hears in their place.

In: a drawing and the part that it stands in. Out: runs with the name of a picture. What would surprise: text boxes,
shapes and charts of Word are no pictures; they are told of as not shown. A picture without a description is shown, and
told of, for a reader who cannot see it would not know of it.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from docx.opc.part import Part

from monitor.correspondence.word import DECORATIVE, PIC, WP, A, Element, R, Reading, W

_POINTS_AN_EMU = 1 / 12700
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


def drawn(drawing: Element, part: Part, reading: Reading) -> Iterator[dict[str, Any]]:
    """Runs of the pictures in a drawing."""
    pictures = list(drawing.iter(f"{PIC}pic"))
    if next(drawing.iter(f"{W}txbxContent"), None) is not None:
        reading.miss("text box")
    elif not pictures:
        reading.miss("drawing that is no picture (shape or chart)")
    for picture in pictures:
        yield from _shown(picture, part, reading)


def _shown(picture: Element, part: Part, reading: Reading) -> Iterator[dict[str, Any]]:
    blip = next(picture.iter(f"{A}blip"), None)
    embedded = None if blip is None else blip.get(f"{R}embed")
    if embedded is None or embedded not in part.related_parts:
        reading.miss("picture that is not in the file itself")
        return
    source = part.related_parts[embedded]
    if source.content_type not in _ENDINGS:
        reading.miss("picture that is neither PNG, JPEG, GIF nor WebP")
        return
    if next(picture.iter(f"{A}srcRect"), None) is not None and next(picture.iter(f"{A}srcRect")).attrib:
        reading.miss("crop of a picture (the whole picture is shown)")
    name = f"{sha256(source.blob).hexdigest()[:16]}.{_ENDINGS[source.content_type]}"
    reading.pictures[name] = source.blob
    yield {"picture": name, **_frame(picture, reading)}


def _frame(picture: Element, reading: Reading) -> dict[str, Any]:
    """Width, height and description: those of the frame around the picture, where there is one."""
    frame = next((each for each in picture.iterancestors() if each.tag in {f"{WP}inline", f"{WP}anchor"}), None)
    extent = None if frame is None else frame.find(f"{WP}extent")
    described = None if frame is None else frame.find(f"{WP}docPr")
    if frame is not None and frame.tag == f"{WP}anchor":
        reading.miss("place of a floating picture (it stands in its paragraph)")
    size = {} if extent is None else {"width": _points(extent.get("cx")), "height": _points(extent.get("cy"))}
    decorative = described is not None and any(each.get("val") == "1" for each in described.iter(DECORATIVE))
    alt = "" if described is None else (described.get("descr") or described.get("title") or "").strip()
    if not alt and not decorative:
        reading.miss("description of a picture (give it an alternative text)")
    return size | {"alt": "" if decorative else alt}


def _points(emu: str) -> float:
    return round(int(emu) * _POINTS_AN_EMU, 2)

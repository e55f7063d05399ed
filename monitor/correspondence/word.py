"""What the readers of a Word file share: its names, looking up a property through its styles, what is not shown.

In: elements of the file's XML. Out: values of single properties. What would surprise: nothing of a Word file is passed
over in silence. What a reader does not know is counted in `Reading.missed`, in words for the person who reads it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Element = Any  # of lxml, which has no types of its own

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
_POINTS_A_TWIP = 1 / 20
_OFF = frozenset({"0", "false", "off", "none"})
PASSED_OVER = frozenset(
    W + name
    for name in (
        "pPr",
        "rPr",
        "sdtPr",
        "sdtEndPr",
        "bookmarkStart",
        "bookmarkEnd",
        "proofErr",
        "permStart",
        "permEnd",
        "commentRangeStart",
        "commentRangeEnd",
        "lastRenderedPageBreak",
        "annotationRef",
        "tblPr",
        "tblGrid",
        "trPr",
        "tcPr",
        "sectPr",
        "smartTagPr",
        "customXmlPr",
        "tblPrEx",
    )
)
"""What shows nothing by itself: properties that are read where they matter, and marks for software."""
WRAPPERS = frozenset(W + name for name in ("smartTag", "customXml"))
"""Elements whose content stands where they stand."""


@dataclass(slots=True)
class Reading:
    """What is found while a file is read: pictures by the name that the source calls them, and what is not shown."""

    language: str
    pictures: dict[str, bytes] = field(default_factory=dict)
    missed: Counter[str] = field(default_factory=Counter)

    def miss(self, what: str) -> None:
        self.missed[what] += 1

    def miss_element(self, element: Element) -> None:
        """One that no reader here knows."""
        self.miss(f"part of the document of a kind not known here ({local_name(element)})")

    @property
    def not_shown(self) -> tuple[str, ...]:
        """Each kind once, with how often, in the order in which they were met."""
        return tuple(what if n == 1 else f"{what} ({n} times)" for what, n in self.missed.items())


def local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def unwrapped(parent: Element) -> Iterator[Element]:
    """Its children, with those of content controls and smart tags in their place."""
    for child in parent:
        if not isinstance(child.tag, str):  # a comment of the XML
            continue
        if child.tag == f"{W}sdt":
            content = child.find(f"{W}sdtContent")
            if content is not None:
                yield from unwrapped(content)
        elif child.tag in WRAPPERS:
            yield from unwrapped(child)
        else:
            yield child


def toggled(levels: Sequence[Element], name: str) -> bool:
    """Whether a property is on: the nearest level that says anything decides."""
    for level in levels:
        found = level.find(W + name)
        if found is not None:
            return found.get(f"{W}val", "1") not in _OFF
    return False


def attribute(levels: Sequence[Element], name: str, key: str = "val") -> str | None:
    """The nearest level's attribute `key` of the property `name`."""
    for level in levels:
        found = level.find(W + name)
        if found is not None and found.get(W + key) is not None:
            return str(found.get(W + key))
    return None


def points(twips: str | None) -> float | None:
    """A length as Word writes it (twentieths of a point), in points; None where it is no number."""
    try:
        return None if twips is None else round(float(twips) * _POINTS_A_TWIP, 2)
    except ValueError:
        return None

"""Tracked changes of a Word file that nobody has accepted or rejected yet.

In: the main part of the file. Out: how many there are, in its headers, footers and notes too.
"""

from docx.opc.oxml import parse_xml
from docx.opc.part import Part

from monitor.correspondence.word import Element, W

_CHANGES = frozenset(
    W + name
    for name in (
        "ins",
        "del",
        "moveFrom",
        "moveTo",
        "rPrChange",
        "pPrChange",
        "sectPrChange",
        "tblPrChange",
        "tblPrExChange",
        "trPrChange",
        "tcPrChange",
        "tblGridChange",
        "numberingChange",
        "cellIns",
        "cellDel",
        "cellMerge",
    )
)


def tracked(main: Part) -> int:
    """How many changes stand open."""
    parts = {main, *main.related_parts.values()}
    shown = [part for part in parts if "wordprocessingml" in part.content_type and part.content_type.endswith("+xml")]
    return sum(_open_changes(part) for part in shown)


def _open_changes(part: Part) -> int:
    root: Element = parse_xml(part.blob)  # type: ignore[arg-type]  # it takes bytes, and gets them from its own package
    return len([element for element in root.iter() if element.tag in _CHANGES])

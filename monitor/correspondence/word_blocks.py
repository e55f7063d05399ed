"""Paragraphs of a Word file as blocks: headings, items of lists, text with its spacing, and page breaks between them.

In: a body, header or cell of the file. Out: blocks in reading order, lists gathered; lengths in points. What would
surprise: an empty paragraph is a block of its own, because letters are laid out with them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from docx.opc.part import Part

from monitor.correspondence.word import PASSED_OVER, Element, Reading, W, attribute, points, toggled, unwrapped
from monitor.correspondence.word_lists import Block, Numbering, in_lists
from monitor.correspondence.word_runs import Run, RunReader
from monitor.correspondence.word_styles import Styles
from monitor.correspondence.word_tables import TableLook, laid_out

_LINE = 240  # how Word writes single line spacing
_FONT_LINE = 1.17  # height of a single line, as a share of the size of its letters
_CAPITALS = 0.73  # of the same, of the letters themselves
_ALIGNED = {"center": "center", "right": "right", "end": "right", "both": "justify"}
_BODY_TEXT_LEVEL = 9


@dataclass(slots=True)
class BlockReader:
    """Reads one part of the file. Headings never skip a level, so that a screen reader's outline has no holes."""

    reading: Reading
    styles: Styles
    numbering: Numbering
    part: Part
    _runs: RunReader = field(init=False)
    _deepest: int = 0

    def __post_init__(self) -> None:
        self._runs = RunReader(self.reading, self.styles, self.part)

    def blocks(self, parent: Element) -> list[Block]:
        """What stands in the body, a header or a cell."""
        return in_lists([block for child in unwrapped(parent) for block in self._block(child)])

    def _block(self, child: Element) -> Iterator[Block]:
        if child.tag == f"{W}p":
            yield from self._paragraph(child)
        elif child.tag == f"{W}tbl":
            table = laid_out(child, TableLook.of(self.styles.table(child)), self.blocks)
            if table["rows"]:
                yield table
        elif child.tag == f"{W}altChunk":
            self.reading.miss("another document within this one")
        elif child.tag not in PASSED_OVER:
            self.reading.miss_element(child)

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        levels = self.styles.paragraph(paragraph)
        runs = self._runs.runs(paragraph)
        if toggled(levels, "pageBreakBefore"):
            yield {"type": "page"}
        if any(level.find(f"{W}framePr") is not None for level in levels[:1]):
            self.reading.miss("place of a framed paragraph (it stands in the text)")
        look = self._look(paragraph, levels) | self._kind(paragraph, levels)
        numbered = self.numbering.label(levels)
        if numbered is not None:
            depth, label, ordered = numbered
            if look["type"] == "heading":
                runs = [{"text": f"{label} ", "size": runs[0].get("size", 10.0) if runs else 10.0}, *runs]
            else:
                look["item"] = {"depth": depth, "label": label, "ordered": ordered}
                look["left"] = look["first"] = 0
        yield from _split(runs, look)
        section = paragraph.find(f"{W}pPr/{W}sectPr")
        if section is not None and (attribute([section], "type") or "nextPage") != "continuous":
            yield {"type": "page"}

    def _kind(self, paragraph: Element, levels: Sequence[Element]) -> dict[str, Any]:
        name = self.styles.name(paragraph)
        if name == "title":
            return {"type": "title"}
        stated = attribute(levels, "outlineLvl")
        if stated is None and name.startswith("heading ") and name[8:].isdigit():
            stated = str(int(name[8:]) - 1)
        if stated is None or int(stated) >= _BODY_TEXT_LEVEL:
            return {"type": "paragraph"}
        self._deepest = min(int(stated) + 1, self._deepest + 1)
        return {"type": "heading", "level": self._deepest}

    def _look(self, paragraph: Element, levels: Sequence[Element]) -> dict[str, Any]:
        size = (points(attribute(self.styles.of_paragraph_text(paragraph), "sz")) or 1.0) * 10
        line = _line_height(levels, size)
        leading = round(line - _CAPITALS * size, 2)
        first = points(attribute(levels, "ind", "firstLine")) or -(points(attribute(levels, "ind", "hanging")) or 0)
        return {
            "align": _ALIGNED.get(attribute(levels, "jc") or "", "left"),
            "size": size,
            "line": line,
            "leading": leading,
            "above": round(leading + (points(attribute(levels, "spacing", "before")) or 0), 2),
            "below": round(leading + (points(attribute(levels, "spacing", "after")) or 0), 2),
            "left": points(attribute(levels, "ind", "left") or attribute(levels, "ind", "start")) or 0,
            "right": points(attribute(levels, "ind", "right") or attribute(levels, "ind", "end")) or 0,
            "first": first,
            "keep": toggled(levels, "keepNext"),
            "tabs": _tabs(levels),
            "lines": _lines(levels),
            "fill": _fill(levels),
        }


def _line_height(levels: Sequence[Element], size: float) -> float:
    """In points: exact as stated, at least as stated, or a multiple of a single line."""
    stated, rule = attribute(levels, "spacing", "line"), attribute(levels, "spacing", "lineRule") or "auto"
    single = _FONT_LINE * size
    if stated is None or not stated.lstrip("-").isdigit():
        return round(single, 2)
    if rule == "auto":
        return round(single * int(stated) / _LINE, 2)
    fixed = abs(points(stated) or single)
    return round(max(fixed, single) if rule == "atLeast" else fixed, 2)


def _tabs(levels: Sequence[Element]) -> list[dict[str, Any]]:
    """Tab stops from the left, those of the nearest level that has any."""
    for level in levels:
        stops = level.findall(f"{W}tabs/{W}tab")
        if stops:
            kept = [stop for stop in stops if stop.get(f"{W}val") not in {"clear", "bar"}]
            found = [{"at": points(stop.get(f"{W}pos")) or 0, "align": stop.get(f"{W}val")} for stop in kept]
            return sorted(found, key=lambda stop: float(stop["at"]))
    return []


def _lines(levels: Sequence[Element]) -> list[str]:
    """On which sides a line is drawn."""
    for level in levels:
        borders = level.find(f"{W}pBdr")
        if borders is not None:
            sides = ("top", "bottom", "left", "right")
            return [side for side in sides if (attribute([borders], side) or "nil") not in {"nil", "none"}]
    return []


def _fill(levels: Sequence[Element]) -> str | None:
    fill = attribute(levels, "shd", "fill") or "auto"
    return fill if len(fill) == 6 else None


def _split(runs: Sequence[Run], look: dict[str, Any]) -> Iterator[Block]:
    """A page break within a paragraph ends it; what is left without words is an empty line."""
    pieces: list[list[Run]] = [[]]
    for run in runs:
        if "page" in run:
            pieces.append([])
        else:
            pieces[-1].append(run)
    for at, piece in enumerate(pieces):
        if at:
            yield {"type": "page"}
        if any("text" not in run or run["text"].strip() for run in piece):
            yield {**look, "runs": piece}
        elif len(pieces) == 1:
            yield {"type": "empty", "height": look["line"], "between": look["leading"]}

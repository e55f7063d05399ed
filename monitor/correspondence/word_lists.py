"""Numbered and bulleted paragraphs of a Word file: the label of each, and lists made of those that follow one another.

In: the numbering of the file; blocks in reading order, those of a list with an `item`. Out: labels; the blocks with
lists within one another. What would surprise: Word keeps no lists, only paragraphs that bear a number; so the numbers
are counted here as Word counts them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from monitor.correspondence.word import Element, W, attribute, toggled

Block = dict[str, Any]
_ROMAN = dict(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    )
)
_DEEPEST = 9


@dataclass(slots=True)
class Numbering:
    """Levels by list, and how far each list has counted."""

    abstract_of: dict[str, str] = field(default_factory=dict)
    levels: dict[str, dict[int, Element]] = field(default_factory=dict)
    starts: dict[tuple[str, int], int] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, numbering: Element | None) -> "Numbering":
        made = cls()
        for abstract in () if numbering is None else numbering.findall(f"{W}abstractNum"):
            levels = {int(level.get(f"{W}ilvl")): level for level in abstract.findall(f"{W}lvl")}
            made.levels[abstract.get(f"{W}abstractNumId")] = levels
        for number in () if numbering is None else numbering.findall(f"{W}num"):
            num_id = number.get(f"{W}numId")
            made.abstract_of[num_id] = attribute([number], "abstractNumId") or ""
            for override in number.findall(f"{W}lvlOverride"):
                start = attribute([override], "startOverride")
                if start is not None:
                    made.starts[num_id, int(override.get(f"{W}ilvl"))] = int(start)
        return made

    def label(self, paragraph_levels: Sequence[Element]) -> tuple[int, str, bool] | None:
        """Depth from 0, label, and whether it counts; None for a paragraph that bears none."""
        num_id, depth = _stated(paragraph_levels)
        if num_id is None or num_id == "0" or num_id not in self.abstract_of:
            return None
        levels = self.levels.get(self.abstract_of[num_id], {})
        level = levels.get(depth)
        if level is None or _format(level) == "none":
            return None
        if _format(level) == "bullet":
            return depth, "•" if depth == 0 else "–", False
        counts = self._counted(num_id, depth, levels)
        text = attribute([level], "lvlText") or f"%{depth + 1}."
        for at in range(_DEEPEST):
            if f"%{at + 1}" in text:
                shape = _format(levels[at]) if at in levels and not toggled([level], "isLgl") else "decimal"
                text = text.replace(f"%{at + 1}", _numeral(counts.get(at, 1), shape))
        return depth, text, True

    def _counted(self, num_id: str, depth: int, levels: dict[int, Element]) -> dict[int, int]:
        counts = self._counts.setdefault(self.abstract_of[num_id], {})
        if num_id not in self._begun:
            self._begun.add(num_id)
            for at in range(_DEEPEST):
                if (num_id, at) in self.starts:
                    counts.pop(at, None)
        first = self.starts.get((num_id, depth), int(attribute([levels[depth]], "start") or 1))
        counts[depth] = counts.get(depth, first - 1) + 1
        for deeper in range(depth + 1, _DEEPEST):
            counts.pop(deeper, None)
        return counts


def _stated(levels: Sequence[Element]) -> tuple[str | None, int]:
    num_id = depth = None
    for level in levels:
        properties = level.find(f"{W}numPr")
        if properties is not None:
            num_id = num_id or attribute([properties], "numId")
            depth = depth or attribute([properties], "ilvl")
    return num_id, int(depth or 0)


def _format(level: Element) -> str:
    return attribute([level], "numFmt") or "decimal"


def _numeral(number: int, shape: str) -> str:
    if shape in {"lowerLetter", "upperLetter"} and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if shape == "upperLetter" else letter
    if shape in {"lowerRoman", "upperRoman"}:
        roman = ""
        for value, sign in _ROMAN.items():
            roman, number = roman + sign * (number // value), number % value
        return roman.upper() if shape == "upperRoman" else roman
    return str(number)


def in_lists(blocks: Sequence[Block]) -> list[Block]:
    """Blocks with an `item` gathered into lists; one at a greater depth belongs to the item before it."""
    made: list[Block] = []
    for listed, group in groupby(blocks, key=lambda block: "item" in block):
        together = list(group)
        made += _lists(together) if listed else together
    return made


def _lists(items: Sequence[Block]) -> list[Block]:
    """Paragraphs of lists that stand together: a new list where the kind changes."""
    top = items[0]["item"]["depth"]
    made: list[Block] = []
    for item in items:
        mark = item["item"]
        plain = {name: value for name, value in item.items() if name != "item"}
        if mark["depth"] > top and made:
            made[-1]["items"][-1]["below"].append(item)
        elif made and made[-1]["ordered"] == mark["ordered"]:
            made[-1]["items"].append({"label": mark["label"], "blocks": [plain], "below": []})
        else:
            entry = {"label": mark["label"], "blocks": [plain], "below": []}
            made.append({"type": "list", "ordered": mark["ordered"], "items": [entry]})
    for each in made:
        for entry in each["items"]:
            below = entry.pop("below")
            entry["blocks"] += _lists(below) if below else []
    return made

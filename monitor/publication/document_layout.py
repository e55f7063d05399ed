"""What a sheet of paper needs beside the blocks themselves.

In: parts of blocks as the pages gave them. Out: the same parts, each table with the relative widths of its columns,
each chart with its title and only where it stands first, and what a page folds away in a part of its own at the end.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from monitor.publication.document_pages import Block

Part = dict[str, Any]
_LONGEST = 220  # characters of a cell that still widen its column
_WIDEST_WORD = 16
_DRAWING = "·" * 12  # is as wide as a long word
_NAMES = 1.25  # so much wider, for no hyphen divides a name
_WIDEST_HEAD = 10


def laid_out(parts: list[Part], titles: Mapping[str, str], annex: str) -> list[Part]:
    """`titles` are those of the charts; `annex` is the title of the part at the end."""
    shown: set[str] = set()
    aside: list[Block] = []
    made = [part | {"blocks": _blocks(part["blocks"], titles, shown, aside)} for part in parts]
    if aside:
        made.append({"name": "annex", "title": annex, "blocks": aside})
    return [part for part in made if part["blocks"]]


def _blocks(blocks: Iterable[Block], titles: Mapping[str, str], shown: set[str], aside: list[Block]) -> list[Block]:
    made: list[Block] = []
    for block in blocks:
        if block["type"] == "table":
            made.append(block | {"widths": widths(block)})
        elif block["type"] == "aside":
            aside.append({"type": "heading", "level": 2, "text": block["title"]})
            aside.extend(_blocks(block["blocks"], titles, shown, aside))
        elif block["type"] != "figure":
            made.append(block)
        elif block["chart"] in titles and block["chart"] not in shown:
            shown.add(block["chart"])
            title = titles[block["chart"]]
            made.append(block | {"title": "" if _introduced(made, title) else title})
    return _without_empty_headings(made)


def _introduced(made: list[Block], title: str) -> bool:
    """Whether a heading that says the same stands right above."""
    return bool(made) and made[-1]["type"] == "heading" and "".join(run["text"] for run in made[-1]["text"]) == title


def _without_empty_headings(blocks: list[Block]) -> list[Block]:
    """A heading of which all that stood below it stands elsewhere goes too."""
    kept: list[Block] = []
    for block in reversed(blocks):
        below = kept[-1] if kept else {"level": 0}
        if block["type"] != "heading" or below.get("level", math.inf) > block["level"]:
            kept.append(block)
    return kept[::-1]


def widths(table: Block) -> list[int]:
    """Relative, by the longest word and the usual length of what stands in a column."""
    columns: list[list[str]] = [[] for _ in range(table["columns"])]
    heads = [""] * table["columns"]
    wider = [1.0] * table["columns"]
    for at, cell in _single(table["rows"]):
        columns[at].append("".join(map(_measured, cell["text"])))
        wider[at] = _NAMES if cell["name"] and not cell["right"] else 1.0
    for at, cell in _single(table["head"]):
        heads[at] = "".join(run["text"] for run in cell["text"])
    sizes = (_width(cells, head) for cells, head in zip(columns, heads, strict=True))
    return [round(size * factor) for size, factor in zip(sizes, wider, strict=True)]


def _single(rows: list[list[Block]]) -> Iterator[tuple[int, Block]]:
    """The cells that have a column of their own, with its place; a cell of several rows moves those below it on."""
    taken: set[tuple[int, int]] = set()
    for down, row in enumerate(rows):
        at = 0
        for cell in row:
            while (down, at) in taken:
                at += 1
            if cell["columns"] == 1:
                yield at, cell
            if cell["rows"] > 1:
                taken |= {(down + each, at) for each in range(cell["rows"])}
            at += cell["columns"]


def _measured(run: dict[str, Any]) -> str:
    if "drawing" in run:
        return _DRAWING
    return run["text"].replace(" ", "·") if "nowrap" in run else str(run["text"])


def _width(cells: list[str], head: str) -> int:
    word = max((len(word) for cell in cells for word in _unbroken(cell)), default=1)
    word = max(word, min(max(map(len, head.split()), default=1), _WIDEST_HEAD))
    usual = sorted(min(len(cell), _LONGEST) for cell in cells)[len(cells) * 3 // 4] if cells else 1
    return max(6, min(word, _WIDEST_WORD), round(2.6 * math.sqrt(usual)))


def _unbroken(cell: str) -> Iterator[str]:
    """What should stay on one line: a short line as a whole, else each word."""
    for line in cell.split("\n"):
        yield from [line] if len(line) <= _WIDEST_WORD else line.split()

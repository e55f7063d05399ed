"""Tables of a Word file: rows of cells with what they span, the lines between them and the rows that are heads.

In: the table and a way to read the content of a cell. Out: one block. What would surprise: a table whose first row is
not marked as its head ("repeat as header row" in Word) is taken for layout, such as columns of addresses; a screen
reader then reads it as text, not as a table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.correspondence.word import Element, W, attribute, points, toggled, unwrapped

_NO_LINE = frozenset({"nil", "none"})
_VERTICAL = {"center": "horizon", "bottom": "bottom"}
_USUAL_INSET = 5.4  # points left and right, where the file says nothing


@dataclass(frozen=True, slots=True)
class TableLook:
    """Which lines a table has by itself, and how far its text stands from them."""

    lines: frozenset[str]
    inset: tuple[float, float]  # left and right

    @classmethod
    def of(cls, levels: Sequence[Element]) -> "TableLook":
        """From where its properties can be set, the nearest first."""
        found = next((borders for level in levels if (borders := level.find(f"{W}tblBorders")) is not None), None)
        sides = () if found is None else found
        lines = frozenset(_side(side) for side in sides if side.get(f"{W}val", "nil") not in _NO_LINE)
        margins = [margins for level in levels if (margins := level.find(f"{W}tblCellMar")) is not None]
        left = points(attribute(margins, "left", "w") or attribute(margins, "start", "w"))
        right = points(attribute(margins, "right", "w") or attribute(margins, "end", "w"))
        return cls(lines, (_USUAL_INSET if left is None else left, _USUAL_INSET if right is None else right))


def laid_out(table: Element, look: TableLook, read: Callable[[Element], list[dict[str, Any]]]) -> dict[str, Any]:
    """The table as a block; `read` gives the blocks of a cell."""
    columns = [points(column.get(f"{W}w")) or 0 for column in table.findall(f"{W}tblGrid/{W}gridCol")]
    rows = [row for row in unwrapped(table) if row.tag == f"{W}tr"]
    heads = 0
    while heads < len(rows) and _is_head(rows[heads]):
        heads += 1
    cells = _spanned([_cells(row, look, read) for row in rows])
    for at, row in enumerate(cells):
        for cell in row:
            cell["lines"] = _lines(cell.pop("own"), look, at == 0, at + cell["rows"] >= len(rows))
    return {"type": "table", "columns": columns, "heads": heads, "rows": cells, "inset": look.inset}


def _is_head(row: Element) -> bool:
    properties = row.find(f"{W}trPr")
    return properties is not None and toggled([properties], "tblHeader")


def _cells(row: Element, look: TableLook, read: Callable[[Element], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    made = []
    for cell in unwrapped(row):
        if cell.tag != f"{W}tc":
            continue
        properties = cell.find(f"{W}tcPr")
        levels = [] if properties is None else [properties]
        merge = properties.find(f"{W}vMerge") if levels else None
        fill = attribute(levels, "shd", "fill") or "auto"
        made.append(
            {
                "columns": int(attribute(levels, "gridSpan") or 1),
                "rows": 1,
                "goes_on": merge is not None and merge.get(f"{W}val", "continue") == "continue",
                "align": _VERTICAL.get(attribute(levels, "vAlign") or "", "top"),
                "fill": fill if len(fill) == 6 else None,
                "own": None if properties is None else properties.find(f"{W}tcBorders"),
                "blocks": read(cell),
            }
        )
    return made


def _spanned(rows: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """A cell that goes on in the row below is one cell over both."""
    above: dict[int, dict[str, Any]] = {}
    made: list[list[dict[str, Any]]] = []
    for row in rows:
        kept, column = [], 0
        for cell in row:
            if cell.pop("goes_on") and column in above:
                above[column]["rows"] += 1
            else:
                above[column] = cell
                kept.append(cell)
            column += cell["columns"]
        made.append(kept)
    return made


def _lines(own: Element | None, look: TableLook, first: bool, last: bool) -> list[str]:
    """The sides of a cell with a line: those of the table, unless the cell says otherwise."""
    sides = {"left", "right"} if "insideV" in look.lines else set()
    if "top" in look.lines if first else "insideH" in look.lines:
        sides.add("top")
    if "bottom" in look.lines if last else "insideH" in look.lines:
        sides.add("bottom")
    for side in () if own is None else own:
        if side.get(f"{W}val", "nil") in _NO_LINE:
            sides.discard(_side(side))
        else:
            sides.add(_side(side))
    return sorted(sides & {"top", "bottom", "left", "right"})


def _side(element: Element) -> str:
    name = str(element.tag).rpartition("}")[2]
    return {"start": "left", "end": "right"}.get(name, name)

"""A page of the release, read back into the blocks that the document is made of.

In: the bytes of a page that this release holds, and the chapters by page. Out: headings, paragraphs, lists, terms,
tables and figures as plain values for `report.typ`. What would surprise: this is no HTML renderer. It knows the
elements that our own templates write, keeps the text of any other, and leaves out what only serves a screen
(navigation, what is hidden from a screen reader, lines of nothing but links), so that one text stands in both.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import PurePosixPath
from typing import Any

from monitor.publication.chart_style import COLOURS
from monitor.publication.document_html import Node, read
from monitor.publication.document_runs import Run, collapsed

Block = dict[str, Any]  # what it holds goes by its "type"; written as JSON
_SCREEN = frozenset({"nav", "script", "style", "button", "form", "template", "noscript"})
_SCREEN_CLASSES = frozenset({"swipe", "screen", "skip"})
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4}
_BOXES = frozenset({"div", "section", "article", "main", "header", "footer", "aside"})
_APART = frozenset({"p", "div", "dt", "dd", "li"})  # a space lies between what is in these
_RIGHT = frozenset({"r", "num"})


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading and what stands below it; `marks` is what the page says above its heading."""

    title: str
    blocks: tuple[Block, ...]
    marks: tuple[Block, ...] = ()


def chapter(page: bytes, chapters: Mapping[str, str]) -> Chapter:
    """A page from its first heading on; `chapters` are the names of chapters by page, for links between them."""
    made = tuple(_Blocks(chapters).of(read(page)))
    start = next((at for at, block in enumerate(made) if block.get("level") == 1), None)
    if start is None:
        return Chapter("", made)
    return Chapter(_plain(made[start]), made[start + 1 :], made[:start])


def sections(whole: Chapter) -> dict[str, Chapter]:
    """The parts of a chapter by the id of their heading, each as a chapter of its own."""
    starts = [at for at, block in enumerate(whole.blocks) if block.get("level") == 2]
    found = {}
    for start, end in zip(starts, [*starts[1:], len(whole.blocks)], strict=True):
        below = (
            block | {"level": block["level"] - 1} if "level" in block else block for block in whole.blocks[start:end]
        )
        first, *rest = below
        found[str(first["id"])] = Chapter(_plain(first), tuple(rest))
    return found


def _plain(heading: Block) -> str:
    return "".join(run["text"] for run in heading["text"])


@dataclass(slots=True)
class _Blocks:
    chapters: Mapping[str, str]
    above: list[int] = field(default_factory=list)  # levels of the headings that the next one can be below

    def of(self, node: Node) -> Iterator[Block]:
        """The blocks in an element; loose text between them becomes a paragraph."""
        loose: list[Node | str] = []
        for child in node.children:
            if isinstance(child, str) or not _is_block(child):
                loose.append(child)
                continue
            yield from self.paragraph(Node("p", {}, loose))
            loose = []
            if not _for_screens(child):
                maker = _MAKERS.get(child.tag, _Blocks.of)
                yield from maker(self, child)
        yield from self.paragraph(Node("p", {}, loose))

    def heading(self, node: Node) -> Iterator[Block]:
        """No level is skipped, whatever the page does."""
        level = _HEADINGS[node.tag]
        self.above = [*(each for each in self.above if each < level), level]
        yield {"type": "heading", "level": len(self.above), "text": self.runs(node), "id": node.attrs.get("id", "")}

    def paragraph(self, node: Node) -> Iterator[Block]:
        if (runs := self.runs(_without_files(node))) and not _only_links(node):
            style = next((name for name in ("mark", "lead", "key", "small") if name in node.classes), "")
            yield {"type": "paragraph", "text": runs, "style": style}

    def items(self, node: Node) -> Iterator[Block]:
        items = [list(self.of(item)) for item in node.all("li") if not _only_links(item) and not _for_screens(item)]
        if items := [item for item in items if item]:
            yield {"type": "list", "items": items}

    def terms(self, node: Node) -> Iterator[Block]:
        items: list[Block] = []
        for part in node.all("dt", "dd"):
            if part.tag == "dt":
                items.append({"term": self.runs(part), "blocks": []})
            elif items and not _only_links(part):
                items[-1]["blocks"] += self.of(part)
        if items:
            yield {"type": "terms", "items": items}

    def table(self, node: Node) -> Iterator[Block]:
        caption = next((self.runs(each) for each in node.all("caption")), [])
        head = [self._row(row) for part in node.all("thead") for row in part.all("tr")]
        rows = [self._row(row) for part in node.all("tbody", "tfoot") for row in part.all("tr")]
        columns = max((sum(cell["columns"] for cell in row) for row in (*head, *rows)), default=0)
        if rows:
            yield {"type": "table", "caption": caption, "head": head, "rows": rows, "columns": columns}

    def _row(self, row: Node) -> list[Block]:
        return [
            {
                "text": self.runs(cell),
                "columns": int(cell.attrs.get("colspan", "1")),
                "rows": int(cell.attrs.get("rowspan", "1")),
                "right": bool(cell.classes & _RIGHT),
                "name": cell.tag == "th",
            }
            for cell in row.all("td", "th")
        ]

    def figure(self, node: Node) -> Iterator[Block]:
        """A chart of this release by its name, with what its caption says below it; any other figure as its blocks."""
        picture = next(node.all("img"), None)
        if picture is None:
            yield from self.of(node)
            return
        chart = PurePosixPath(picture.attrs.get("src", "")).stem
        below = [block for caption in node.all("figcaption") for block in self.of(caption)]
        yield {"type": "figure", "chart": chart, "alt": picture.attrs.get("alt", ""), "below": below}

    def quote(self, node: Node) -> Iterator[Block]:
        yield {"type": "quote", "blocks": list(self.of(node)), "lang": node.attrs.get("lang", "")}

    def aside(self, node: Node) -> Iterator[Block]:
        """What a page shows only to those who open it."""
        title = next((self.runs(each) for each in node.all("summary")), [])
        rest = Node("div", {}, [each for each in node.children if isinstance(each, str) or each.tag != "summary"])
        yield {"type": "aside", "title": title, "blocks": list(self.of(rest))}

    def runs(self, node: Node) -> list[Run]:
        """The text of an element with its emphasis, white space as a browser shows it."""
        return collapsed(self._inline(node, {}))

    def _inline(self, node: Node, style: Run) -> Iterator[Run]:
        for child in node.children:
            if isinstance(child, str):
                yield {"text": child, **style}
            elif child.tag == "br":
                yield {"text": "\n", "break": True, **style}
            elif child.tag == "svg":
                yield {"text": "", "drawing": _drawing(child), "size": child.attrs.get("class", "")}
            elif not _for_screens(child):
                between = [{"text": " "}] if child.tag in _APART or "key" in node.classes else []
                yield from between
                yield from self._inline(child, style | self._style(child))
                yield from between

    def _style(self, node: Node) -> Run:
        style: Run = {}
        if node.tag in {"strong", "b"}:
            style["strong"] = True
        if node.tag in {"code", "kbd"}:
            style["code"] = True
        for name in ("small", "nowrap"):
            if name in node.classes:
                style[name] = True
        if "label" in node.classes and (known := node.classes & COLOURS.keys()):
            style["judgement"] = min(known)
        if node.attrs.get("lang"):
            style["lang"] = node.attrs["lang"]
        if node.tag == "a" and (to := self.chapters.get(_page(node))):
            style["to"] = to
        return style


_MAKERS: Mapping[str, Callable[[_Blocks, Node], Iterator[Block]]] = {
    **dict.fromkeys(_HEADINGS, _Blocks.heading),
    "p": _Blocks.paragraph,
    "figcaption": _Blocks.of,
    "ul": _Blocks.items,
    "ol": _Blocks.items,
    "dl": _Blocks.terms,
    "table": _Blocks.table,
    "figure": _Blocks.figure,
    "blockquote": _Blocks.quote,
    "details": _Blocks.aside,
}


def _is_block(node: Node) -> bool:
    return node.tag in _BOXES or node.tag in _SCREEN or node.tag in _MAKERS or any(node.all(*_MAKERS))


def _for_screens(node: Node) -> bool:
    if node.tag in _SCREEN or "hidden" in node.attrs or node.attrs.get("aria-hidden") == "true":
        return True
    return bool(node.classes & _SCREEN_CLASSES)


def _page(link: Node) -> str:
    """The page that a link leads to, "" for a file, a Provider's page or a place on the same page."""
    page = PurePosixPath(link.attrs.get("href", "").partition("#")[0])
    return page.name if page.suffix == ".html" and page.parent.name != "providers" else ""


def _only_links(node: Node) -> bool:
    """Whether it only leads on, to files or other pages: the document has no use for it."""
    links = list(node.all("a"))
    if not links or any(
        "providers/" in link.attrs.get("href", "") or link.attrs.get("href", "").startswith("#") for link in links
    ):
        return False
    return not "".join(_words_outside_links(node)).strip(" \n·,;:.–-")


def _without_files(node: Node) -> Node:
    """Without the links to files that follow the last sentence."""
    kept = list(node.children)
    while kept and _leads_to_files(kept[-1]):
        kept.pop()
    last = kept[-1] if kept else ""
    ends = isinstance(last, str) and last.rstrip().endswith((".", "!", "?", "”"))
    return Node(node.tag, node.attrs, kept) if ends else node


def _leads_to_files(child: Node | str) -> bool:
    if isinstance(child, str):
        return not child.strip(" \n·,;")
    return (
        child.tag == "a"
        and ".html" not in child.attrs.get("href", "")
        and not child.attrs.get("href", "").startswith("#")
    )


def _words_outside_links(node: Node) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            yield child
        elif child.tag != "a":
            yield from _words_outside_links(child)


def _drawing(node: Node) -> str:
    """A small drawing of a page as SVG that needs no style sheet."""
    names = {"viewbox": "viewBox"}  # the parser gives names in lower case
    attrs = {names.get(name, name): value for name, value in node.attrs.items() if not name.startswith("aria-")}
    if fill := next((COLOURS[name] for code in node.classes if (name := code.removeprefix("fill-")) in COLOURS), ""):
        attrs["fill"] = fill
    if "area" in node.classes:
        attrs["fill-opacity"] = ".34"
    if node.tag == "svg":
        attrs["xmlns"] = "http://www.w3.org/2000/svg"
    written = "".join(f' {name}="{escape(value)}"' for name, value in sorted(attrs.items()))
    inner = "".join(_drawing(child) for child in node.children if isinstance(child, Node))
    return f"<{node.tag}{written}>{inner}</{node.tag}>"

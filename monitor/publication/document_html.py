"""The elements of one of our own pages, as a tree.

In: HTML that our templates wrote. Out: `Node`. What would surprise: it is no HTML parser for other people's pages. It
takes every element as closed where its end tag says so, which is what the templates write.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "source", "wbr"})


@dataclass(slots=True)
class Node:
    """An element with what is in it."""

    tag: str
    attrs: Mapping[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        return frozenset(self.attrs.get("class", "").split())

    def all(self, *tags: str) -> "Iterator[Node]":
        """Every such element below this one, in order; not those below one that was found."""
        for child in self.children:
            if isinstance(child, Node):
                if child.tag in tags:
                    yield child
                else:
                    yield from child.all(*tags)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<path/>` has no end tag of its own."""
        self.open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in [node.tag for node in self.open[1:]]:
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(page: bytes) -> Node:
    """The page's main part, or all of it where there is none."""
    reader = _Reader()
    reader.feed(page.decode())
    reader.close()
    return next(reader.open[0].all("main"), reader.open[0])

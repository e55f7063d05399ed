"""The styles of a Word file: every level at which a property of a paragraph or a run can be set, the nearest first.

In: the styles of the file. Out: lists of property elements to look through (`word.toggled`, `word.attribute`).
"""

from dataclasses import dataclass, field

from monitor.correspondence.word import Element, W, attribute

_LONGEST_CHAIN = 20


@dataclass(slots=True)
class Styles:
    """By id, with the defaults that hold where nobody says anything."""

    by_id: dict[str, Element] = field(default_factory=dict)
    default_paragraph: str | None = None
    default_table: str | None = None
    defaults: Element | None = None

    @classmethod
    def read(cls, styles: Element) -> "Styles":
        made = cls(defaults=styles.find(f"{W}docDefaults"))
        for style in styles.findall(f"{W}style"):
            style_id = style.get(f"{W}styleId")
            made.by_id[style_id] = style
            if style.get(f"{W}default") in {"1", "true"}:
                if style.get(f"{W}type") == "paragraph":
                    made.default_paragraph = style_id
                elif style.get(f"{W}type") == "table":
                    made.default_table = style_id
        return made

    def chain(self, style_id: str | None) -> list[Element]:
        """The style and those that it is based on."""
        found: list[Element] = []
        while style_id in self.by_id and len(found) < _LONGEST_CHAIN:
            found.append(self.by_id[style_id])
            based_on = found[-1].find(f"{W}basedOn")
            style_id = None if based_on is None else based_on.get(f"{W}val")
        return found

    def paragraph(self, paragraph: Element) -> list[Element]:
        """Where properties of a paragraph can be set."""
        own = paragraph.find(f"{W}pPr")
        levels = [own] if own is not None else []
        levels += _found(self.chain(self._style_of(own)), "pPr")
        return levels + self._default("pPrDefault", "pPr")

    def run(self, run: Element, paragraph: Element) -> list[Element]:
        """Where properties of a run can be set."""
        own = run.find(f"{W}rPr")
        levels = [own] if own is not None else []
        levels += _found(self.chain(attribute(levels, "rStyle")), "rPr")
        return levels + self.of_paragraph_text(paragraph)

    def of_paragraph_text(self, paragraph: Element) -> list[Element]:
        """Where properties of all runs of a paragraph can be set."""
        levels = _found(self.chain(self._style_of(paragraph.find(f"{W}pPr"))), "rPr")
        return levels + self._default("rPrDefault", "rPr")

    def table(self, table: Element) -> list[Element]:
        """Where properties of a table can be set."""
        own = table.find(f"{W}tblPr")
        levels = [own] if own is not None else []
        return levels + _found(self.chain(attribute(levels, "tblStyle") or self.default_table), "tblPr")

    def name(self, paragraph: Element) -> str:
        """What the paragraph's style is called, in Word's own English."""
        chain = self.chain(self._style_of(paragraph.find(f"{W}pPr")))
        name = chain[0].find(f"{W}name") if chain else None
        return "" if name is None else str(name.get(f"{W}val", "")).lower()

    def _style_of(self, properties: Element | None) -> str | None:
        stated = None if properties is None else attribute([properties], "pStyle")
        return stated or self.default_paragraph

    def _default(self, group: str, name: str) -> list[Element]:
        found = None if self.defaults is None else self.defaults.find(f"{W}{group}/{W}{name}")
        return [] if found is None else [found]


def _found(styles: list[Element], name: str) -> list[Element]:
    return [found for style in styles if (found := style.find(W + name)) is not None]

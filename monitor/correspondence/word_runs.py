"""The text of one paragraph of a Word file: pieces of one look, with pictures, page numbers and breaks between them.

In: the paragraph and the styles that hold for it. Out: runs, dictionaries for the typst source. What would surprise: a
field shows what Word last wrote in it, page numbers apart; hidden text stays hidden and is told of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.opc.part import Part

from monitor.correspondence.word import (
    MC,
    PASSED_OVER,
    Element,
    M,
    R,
    Reading,
    W,
    attribute,
    local_name,
    points,
    toggled,
    unwrapped,
)
from monitor.correspondence.word_pictures import drawn
from monitor.correspondence.word_styles import Styles

Run = dict[str, Any]
_SIGNS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
_MISSED = {
    "footnoteReference": "footnote",
    "endnoteReference": "endnote",
    "commentReference": "comment",
    "object": "embedded object",
    "pict": "drawing in an old format (text box, watermark or shape)",
    "sym": "symbol of a special font",
    "ruby": "text above text",
}
_MARKS_OF_NOTES = frozenset({"footnoteRef", "endnoteRef", "separator", "continuationSeparator"})
_TURNED = {"PAGE": "page", "NUMPAGES": "pages", "SECTIONPAGES": "pages"}
_LINKS = ("https://", "http://", "mailto:", "tel:")
_TOGGLES = {"b": "strong", "i": "emph", "strike": "strike", "caps": "caps", "smallCaps": "small_caps"}


@dataclass(slots=True)
class RunReader:
    """Reads the paragraphs of one part of the file (the body, a header): pictures and links are numbered by part."""

    reading: Reading
    styles: Styles
    part: Part
    _fields: list[Run] = field(default_factory=list)

    def runs(self, paragraph: Element) -> list[Run]:
        """Neighbours of one look are one run."""
        self._fields = []
        made: list[Run] = []
        for run in self._inside(paragraph, paragraph, ""):
            if "text" in run and made and "text" in made[-1] and _look(made[-1]) == _look(run):
                made[-1]["text"] += run["text"]
            else:
                made.append(run)
        return made

    def _inside(self, parent: Element, paragraph: Element, link: str) -> Iterator[Run]:
        for child in unwrapped(parent):
            if child.tag == f"{W}r":
                yield from self._run(child, paragraph, link)
            elif child.tag == f"{W}hyperlink":
                yield from self._inside(child, paragraph, self._target(child) or link)
            elif child.tag == f"{W}fldSimple":
                turned = _TURNED.get(_name_of_field(child.get(f"{W}instr", "")))
                if turned:
                    inner = child.find(f"{W}r")
                    yield {"field": turned, **self._style(child if inner is None else inner, paragraph, link)}
                else:
                    yield from self._inside(child, paragraph, link)
            elif child.tag in {f"{M}oMath", f"{M}oMathPara"}:
                self.reading.miss("formula")
            elif child.tag not in PASSED_OVER:
                self.reading.miss_element(child)

    def _run(self, run: Element, paragraph: Element, link: str) -> Iterator[Run]:
        look = self._style(run, paragraph, link)
        hidden = look.pop("hidden", False)
        if hidden and any(child.tag == f"{W}t" for child in run):
            self.reading.miss("hidden text")
        for child in run:
            if not isinstance(child.tag, str) or child.tag in PASSED_OVER:
                continue
            if child.tag in {f"{W}fldChar", f"{W}instrText"}:
                yield from self._field(child, look)
            elif not hidden and not any(each["result"] and each["turned"] for each in self._fields):
                yield from self._piece(child, look)

    def _piece(self, child: Element, look: Run) -> Iterator[Run]:
        name = local_name(child)
        if child.tag == f"{W}t":
            yield {"text": child.text or "", **look}
        elif child.tag == f"{W}br" and child.get(f"{W}type") == "page":
            yield {"page": True}
        elif child.tag == f"{W}br":
            yield {"text": "\n", **look}
        elif child.tag.startswith(W) and name in _SIGNS:
            yield {"text": _SIGNS[name], **look}
        elif child.tag in {f"{W}drawing", f"{MC}AlternateContent"}:
            yield from drawn(child, self.part, self.reading)
        elif child.tag.startswith(W) and name in _MISSED:
            self.reading.miss(_MISSED[name])
        elif name not in _MARKS_OF_NOTES:
            self.reading.miss_element(child)

    def _field(self, child: Element, look: Run) -> Iterator[Run]:
        """Fields stand open from one run to another, and in one another."""
        kind = child.get(f"{W}fldCharType")
        if child.tag == f"{W}instrText":
            if self._fields:
                self._fields[-1]["words"] += child.text or ""
        elif kind == "begin":
            self._fields.append({"words": "", "turned": "", "result": False})
        elif self._fields and kind == "separate":
            self._fields[-1] |= {"result": True, "turned": _TURNED.get(_name_of_field(self._fields[-1]["words"]), "")}
        elif self._fields and kind == "end":
            turned = _TURNED.get(_name_of_field(self._fields.pop()["words"]))
            if turned:
                yield {"field": turned, **look}

    def _style(self, run: Element, paragraph: Element, link: str) -> Run:
        levels = self.styles.run(run, paragraph)
        look: Run = {name: True for tag, name in _TOGGLES.items() if toggled(levels, tag)}
        if toggled(levels, "vanish"):
            look["hidden"] = True
        if toggled(levels, "u"):
            look["underline"] = True
        raised = attribute(levels, "vertAlign")
        if raised in {"superscript", "subscript"}:
            look[raised] = True
        size = points(attribute(levels, "sz"))
        look["size"] = size * 10 if size else 10.0  # half points
        colour = attribute(levels, "color") or "auto"
        if len(colour) == 6 and colour.lower() != "000000":
            look["colour"] = colour
        if (attribute(levels, "highlight") or "none") != "none":
            look["highlight"] = True
        language = attribute(levels[:1], "lang") if run.find(f"{W}rPr") is not None else None
        if language and language[:2].isalpha() and language[:2].lower() != self.reading.language:
            look["lang"] = language[:2].lower()
        return look | ({"link": link} if link else {})

    def _target(self, hyperlink: Element) -> str:
        """Where a link goes outside the document; one within it is text."""
        relation = self.part.rels.get(hyperlink.get(f"{R}id", ""))
        target = relation.target_ref if relation is not None and relation.is_external else ""
        return target if target.lower().startswith(_LINKS) else ""


def _look(run: Run) -> Run:
    return {name: value for name, value in run.items() if name != "text"}


def _name_of_field(words: str) -> str:
    return words.strip().partition(" ")[0].upper()

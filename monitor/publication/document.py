"""The report as one tagged PDF in Dutch, to annex to a letter to parliament.

In: what is shown, and every other file of the release. Out: PDF/UA-1, which the compiler checks. Its text is that of
the release's own Dutch pages and its charts are the release's own, so it cannot say anything else than they do. What
would surprise: a character that the bundled font does not have is a "?" here, for an accessible PDF may hold none.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from monitor.model.words import ReleaseKind
from monitor.publication.charts import charts
from monitor.publication.document_layout import laid_out
from monitor.publication.document_pages import Block, Chapter, chapter, sections
from monitor.publication.document_runs import text
from monitor.publication.formats import Formats
from monitor.publication.navigation import HEARING
from monitor.publication.shown import Shown
from monitor.publication.texts import texts
from monitor.typesetting import compiled, known_characters

PDF = "nl/report.pdf"
LANGUAGE = "nl"
_ERRATUM, _INDEX, _SENSITIVITY = "erratum.html", "index.html", "sensitivity.html"
_ON_THE_INDEX = ("summary", "ranking", "unranked")
_PAGES = (
    "change.html",
    "charts.html",
    "groups.html",
    "norms.html",
    "proxies.html",
    "unreachable.html",
    HEARING,
    "account.html",
    _SENSITIVITY,
    "limits.html",
    "methodology.html",
    "glossary.html",
)
"""Pages that are chapters, after the parts of the first page; in a correction its erratum stands before all.
Only a final release has that of the hearing."""
_CHAPTERS = {name: name.removesuffix(".html") for name in (_ERRATUM, *_PAGES)} | {_INDEX: "summary"}


def document(shown: Shown, content: Mapping[str, bytes]) -> bytes:
    """`content` are the pages and charts of the release by their paths."""
    formats = Formats(texts(LANGUAGE))
    index = chapter(content[f"{LANGUAGE}/{_INDEX}"], _CHAPTERS)
    parts = [
        {"name": name, "title": each.title, "blocks": each.blocks} for name, each in _parts(index, formats, content)
    ]
    annex = formats.texts.gettext("Tables behind the charts")
    values = _front(shown, formats, index) | {"parts": laid_out(parts, _titles(shown, formats), annex)}
    drawn = {name: content[f"charts/{name}.svg"].decode() for name in _charts(values["parts"])}
    return _compiled(json.dumps(values, ensure_ascii=False), json.dumps(drawn))


def _parts(index: Chapter, formats: Formats, content: Mapping[str, bytes]) -> Iterator[tuple[str, Chapter]]:
    found = sections(index)
    if f"{LANGUAGE}/{_ERRATUM}" in content:
        yield _part(_ERRATUM, content)
    for name in _ON_THE_INDEX:
        yield name, found[name]
    for page in _PAGES:
        if f"{LANGUAGE}/{page}" in content:
            yield _part(page, content)
    yield "provenance", _provenance(formats)


def _part(page: str, content: Mapping[str, bytes]) -> tuple[str, Chapter]:
    whole = chapter(content[f"{LANGUAGE}/{page}"], _CHAPTERS)
    return _CHAPTERS[page], _in_short(whole) if page == _SENSITIVITY else whole


def _in_short(whole: Chapter) -> Chapter:
    """Up to its second part: how many judgements change, without whose."""
    starts = [at for at, block in enumerate(whole.blocks) if block.get("level") == 2]
    return Chapter(whole.title, whole.blocks[: starts[1]] if len(starts) > 1 else whole.blocks)


def _provenance(formats: Formats) -> Chapter:
    t = formats.texts
    words = (
        t.gettext(
            "This document is part of a release: pages in two languages with a page for each provider, charts, and "
            "tables that software can read. All of it is made from one frozen dataset; no figure is typed by hand."
        ),
        t.gettext(
            "The same dataset and code version give the same files, byte for byte, this document included. The "
            "manifest of the release holds the SHA-256 of each."
        ),
    )
    blocks: list[Block] = [{"type": "paragraph", "text": text(each), "style": ""} for each in words]
    return Chapter(t.gettext("Where this document comes from"), tuple(blocks))


def _front(shown: Shown, formats: Formats, index: Chapter) -> dict[str, Any]:
    """The title page, and the words that stand on every page."""
    t, ranking = formats.texts, shown.network.ranking
    running = f"{t.gettext('Hosting provider monitor')} {ranking.period.label}"
    kind = t.gettext("Interim report") if shown.kind is ReleaseKind.INTERIM else t.gettext("Final report")
    first = index.blocks[0] if index.blocks else {}
    return {
        "title": f"{index.title} – {running} ({kind})",
        "heading": index.title,
        "subtitle": first["text"] if first.get("type") == "paragraph" else [],
        "author": [shown.contact] if shown.contact else [],
        "running": running,
        "kind": kind,
        "marks": index.marks,
        "facts": _facts(shown, formats),
        "foot": t.gettext("Frozen dataset"),
        "digest": ranking.freeze,
        "page": t.gettext("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        "contents": t.gettext("Contents"),
        "table": t.gettext("Table"),
        "figure": t.gettext("Chart"),
    }


def _facts(shown: Shown, formats: Formats) -> list[dict[str, Any]]:
    t, ranking = formats.texts, shown.network.ranking
    facts = [
        (t.gettext("Period"), f"{formats.period(ranking.period)} ({ranking.period.label}, UTC)", False),
        (t.gettext("Cut-off"), formats.day(ranking.cutoff), False),
        (t.gettext("Frozen dataset"), ranking.freeze, True),
        (t.gettext("Method"), ranking.method, False),
        (t.gettext("Code version"), shown.code_version, False),
    ]
    if shown.contact:
        facts.insert(0, (t.gettext("Published by"), shown.contact, False))
    return [{"name": name, "value": value, "code": code} for name, value, code in facts]


def _titles(shown: Shown, formats: Formats) -> dict[str, str]:
    """Of each chart, by the name of its files."""
    return {Path(chart.stem).name: chart.title for chart in charts(shown, formats)}


def _charts(parts: list[dict[str, Any]]) -> list[str]:
    return [block["chart"] for part in parts for block in part["blocks"] if block["type"] == "figure"]


def _compiled(values: str, drawn: str) -> bytes:
    unknown = set(map(ord, set(values))) - known_characters()
    source = (files("reports") / "templates" / "report.typ").read_bytes()
    return compiled(source, {"document": values.translate(dict.fromkeys(unknown, "?")), "charts": drawn})

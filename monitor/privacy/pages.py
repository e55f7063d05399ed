"""The data protection page as Markdown and HTML, and what was filled in of an earlier one.

In: Pages, and the answers by field. Out: texts. What would surprise: Markdown is the copy that is filled in: each field
stands between two comments that name it, and whatever is written there comes back on the next generation, untouched.
The HTML needs no script, no style sheet and no other host.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape

from monitor.privacy import Field, Page, Part, Section, Table
from monitor.privacy.words import WORDS

_FIELD = re.compile(r"<!-- field (?P<key>[a-z.]+) -->\n(?P<text>.*?)\n<!-- end of field -->", re.DOTALL)
_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff;"
    "overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0;table-layout:fixed}"
    "caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"  # the heading says it too
    "th,td{border:1px solid #555;padding:.4rem;text-align:left;vertical-align:top;overflow-wrap:anywhere;hyphens:auto}"
    ".open{border:3px solid #a00;padding:.5rem}.filled{border-left:4px solid #555;padding:0 .8rem;white-space:pre-line}"
    "nav ul{padding:0}nav li{display:inline;margin-right:1rem}"
    "section.language{border-top:2px solid #111;margin-top:2rem}"
    "@media(max-width:40rem){body{padding:0 .5rem}table{font-size:.8rem}th,td{padding:.2rem}}"
)

Answers = Mapping[str, str]


def filled_in(markdown: str) -> dict[str, str]:
    """What somebody wrote in the fields of an earlier copy, by field; open ones are left out."""
    found = {each["key"]: each["text"].strip() for each in _FIELD.finditer(markdown)}
    marks = tuple(f"**{words['fill in']}**" for words in WORDS.values())
    return {key: text for key, text in found.items() if text and not text.startswith(marks)}


def open_fields(pages: Sequence[Page], answers: Answers) -> list[str]:
    """The keys that nobody filled in yet."""
    return [
        part.key
        for page in pages
        for section in page.sections
        for part in section.parts
        if isinstance(part, Field) and part.key not in answers
    ]


def markdown_of(pages: Sequence[Page], answers: Answers) -> str:
    return "\n\n".join(_markdown(page, answers) for page in pages) + "\n"


def _markdown(page: Page, answers: Answers) -> str:
    blocks = [f"# {page.title}", page.note]
    for section in page.sections:
        blocks.append(f"## {section.title}")
        blocks += [_block(part, page.language, answers) for part in section.parts]
    return "\n\n".join(blocks)


def _block(part: Part, language: str, answers: Answers) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Field):
        text = answers.get(part.key) or f"**{WORDS[language]['fill in']}**: {part.question}"
        return f"<!-- field {part.key} -->\n{text}\n<!-- end of field -->"
    rows = (part.head, ("---",) * len(part.head), *part.rows)
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def html_of(pages: Sequence[Page], answers: Answers) -> str:
    """Both languages on one page, each marked as what it is."""
    first = pages[0]
    links = "".join(
        f'<li><a href="#{page.language}" lang="{page.language}">{escape(page.title)}</a></li>' for page in pages
    )
    body = "\n".join(_language(page, answers) for page in pages)
    return (
        f'<!DOCTYPE html>\n<html lang="{first.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(' / '.join(page.title for page in pages))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<nav aria-label="{escape(" / ".join(page.title for page in pages))}"><ul>{links}</ul></nav>\n'
        f"<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _language(page: Page, answers: Answers) -> str:
    sections = "\n".join(_section(section, page.language, answers) for section in page.sections)
    return (
        f'<section class="language" id="{page.language}" lang="{page.language}" '
        f'aria-labelledby="title-{page.language}">\n<h1 id="title-{page.language}">{escape(page.title)}'
        f"</h1>\n<p>{escape(page.note)}</p>\n{sections}\n</section>"
    )


def _section(section: Section, language: str, answers: Answers) -> str:
    parts = "\n".join(_html(part, section.title, language, answers) for part in section.parts)
    return f"<h2>{escape(section.title)}</h2>\n{parts}"


def _html(part: Part, title: str, language: str, answers: Answers) -> str:
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>"
    if isinstance(part, Table):
        return _table(part, title)
    if part.key in answers:
        return f'<div class="filled">{escape(answers[part.key])}</div>'
    return f'<p class="open"><strong>{escape(WORDS[language]["fill in"])}</strong>: {escape(part.question)}</p>'


def _table(table: Table, title: str) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in table.rows
    )
    return (
        f"<table>\n<caption>{escape(title)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody></table>"
    )

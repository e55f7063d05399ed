"""A Word template with marks, filled in: what a clerk can go on editing in Word.

In: the template (DOCX with jinja marks, as `docs/letter-templates.md` explains), values by mark, pictures by mark. Out:
the DOCX's bytes, the same for the same input. What would surprise: a mark without a value is an error that names it,
never a blank; every value is text and never markup; and the file says nothing of who made it on which machine and
when: its author is the organisation, its day the letter's own.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from docx.image.exceptions import UnexpectedEndOfFileError, UnrecognizedImageError
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from monitor.errors import DocumentError

_PROPERTIES = ("title", "language", "organisation")
"""Values that every document has: they become its properties."""
_NO_DAY = date(2000, 1, 1)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def render(template: Path, values: Mapping[str, object], pictures: Mapping[str, bytes] | None = None) -> bytes:
    """The filled-in document.

    `values` hold at least `title`, `language` and `organisation`, which become properties of the file, and may hold
    `dated_on` (a date, or its ISO text): the file's day. A picture (PNG or JPEG) stands where the mark of its name is
    and is described by the value `NAME_alt`. Raises `DocumentError`.
    """
    _check_values(values, pictures or {})
    opened = _opened(template)
    context: dict[str, Any] = {name: _plain(value) for name, value in values.items()}
    context |= {
        name: _Picture(opened, content, str(values[f"{name}_alt"])) for name, content in (pictures or {}).items()
    }
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        opened.render(context, environment)
    except UndefinedError as error:
        raise DocumentError(f"A mark of {template.name} has no value: {error.message}", _MARKS) from None
    except TemplateSyntaxError as error:
        raise DocumentError(f"A mark of {template.name} cannot be read: {error.message}", _MARKS) from None
    except (TemplateError, TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise DocumentError(f"{template.name} cannot be filled in ({type(error).__name__})", _MARKS) from None
    except (UnrecognizedImageError, UnexpectedEndOfFileError):
        raise DocumentError(f"A picture for {template.name} is neither PNG nor JPEG") from None
    _describe(opened, context)
    return _packed(opened)


_MARKS = "docs/letter-templates.md lists every mark; `monitor letters templates` writes the templates out anew"


def _check_values(values: Mapping[str, object], pictures: Mapping[str, bytes]) -> None:
    needed = (*_PROPERTIES, *(f"{name}_alt" for name in pictures))
    for name in needed:
        if not values.get(name):
            raise DocumentError(f"A document needs the value {name}")


def _opened(template: Path) -> DocxTemplate:
    try:
        opened = DocxTemplate(BytesIO(template.read_bytes()))
        opened.init_docx()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError(f"The template {template.name} cannot be read ({reason})", _MARKS) from None
    except (BadZipFile, PackageNotFoundError, KeyError, ValueError):
        raise DocumentError(f"The template {template.name} is not a Word document (.docx)", _MARKS) from None
    return opened


def _plain(value: object) -> object:
    """Text that a Word file can hold, in lists and mappings too; a line break stays one."""
    if isinstance(value, str):
        return _CONTROLS.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


class _Picture:
    """A picture in the line, as wide as it is or as the text where that is less."""

    def __init__(self, opened: DocxTemplate, content: bytes, alt: str) -> None:
        self._opened, self._content, self._alt = opened, content, _plain(alt)

    def __html__(self) -> str:
        part = self._opened.current_rendering_part
        inline = part.new_pic_inline(BytesIO(self._content))
        widest = self._text_width()
        if inline.extent.cx > widest:
            height = round(inline.extent.cy * widest / inline.extent.cx)
            inline = part.new_pic_inline(BytesIO(self._content), widest, height)
        described = inline.xml.replace("<wp:docPr ", f"<wp:docPr descr={quoteattr(str(self._alt))} ", 1)
        return f'</w:t></w:r><w:r><w:drawing>{described}</w:drawing></w:r><w:r><w:t xml:space="preserve">'

    def _text_width(self) -> int:
        section = self._opened.docx.sections[0]
        return int((section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0))


def _describe(opened: DocxTemplate, values: Mapping[str, Any]) -> None:
    properties = opened.docx.core_properties
    properties.title, properties.language = values["title"], values["language"]
    properties.author = properties.last_modified_by = values["organisation"]
    for name in ("category", "comments", "content_status", "identifier", "keywords", "subject", "version"):
        setattr(properties, name, "")
    dated = values.get("dated_on") or _NO_DAY
    day = date.fromisoformat(dated) if isinstance(dated, str) else dated
    properties.created = properties.modified = datetime(day.year, day.month, day.day, tzinfo=UTC)
    properties.revision = 1


def _packed(opened: DocxTemplate) -> bytes:
    loose = BytesIO()
    opened.docx.save(loose)
    return repacked(loose.getvalue())


def repacked(docx: bytes) -> bytes:
    """The same document with its parts in one order and no time of writing, so that equal content has equal bytes."""
    made = BytesIO()
    with ZipFile(BytesIO(docx)) as source, ZipFile(made, "w", ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = ZipInfo(name)  # of 1 January 1980
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
            target.writestr(entry, source.read(name))
    return made.getvalue()

"""The page that leads to every file of a release.

In: what is shown. Out: the tables that this release holds, each with its formats, in the order in which a reader would
want them. What would surprise: it lists names, not files, so a table without a sentence of its own fails here.
"""

from dataclasses import dataclass

from monitor.publication.codebook import TABLE_WORDS
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown
from monitor.publication.tables import table_names


@dataclass(frozen=True, slots=True)
class TableFiles:
    """One table: what it holds, and its files as (format, path)."""

    name: str
    words: str
    files: tuple[tuple[str, str], ...]


def downloads_view(shown: Shown, formats: Formats) -> dict[str, object]:
    return {"tables": tuple(_files(name, formats) for name in table_names(shown))}


def codebook_view(shown: Shown, _formats: Formats) -> dict[str, object]:
    return {"tables": table_names(shown)}


def _files(name: str, formats: Formats) -> TableFiles:
    kinds = ("csv", "json", "parquet") if name == "ranking" else ("csv",)
    paths = tuple((kind.upper() if kind != "parquet" else "Parquet", f"tables/{name}.{kind}") for kind in kinds)
    return TableFiles(name, formats.texts.gettext(TABLE_WORDS[name]), paths)

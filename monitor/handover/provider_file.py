"""A Provider's rows, checks and figures in; the archive that its engineer and counsel read out, as a stream of bytes.

In: `CaseHead`, Scorecards, batches of rows, what moved in, words, the frozen method. Out: pieces of a ZIP: tables as
CSV (RFC 4180, UTF-8), Scorecards, method and a data package as JSON, a README in English and Dutch. What would
surprise: the checks come first, because the other tables are filled while they are written; and no text of a cell can
become a formula in a spreadsheet: one that could gets an apostrophe before it.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from io import StringIO
from typing import Any

from monitor.handover.provider_file_columns import TABLES, Table, WordLine
from monitor.handover.tally import FigureLine, Tally
from monitor.handover.zip_stream import Kept, ZipStream
from monitor.model.provider_file import CaseBatch, CaseCheck, CaseFigures, CaseHead, FileCounts, MovedIn
from monitor.spreadsheet import as_text

_READMES = {"README.md": "readme.en.md.jinja", "LEESMIJ.md": "readme.nl.md.jinja"}
_TOGETHER = 1_000


@dataclass(frozen=True, slots=True)
class ProviderFile:
    """All that goes in. `batches` and `moved_in` are read once, in that order; `method` is `method.json` as frozen."""

    head: CaseHead
    figures: tuple[CaseFigures, ...]
    batches: Iterable[CaseBatch]
    moved_in: Iterable[MovedIn]
    words: tuple[WordLine, ...]
    method: bytes


def pieces(given: ProviderFile, done: Callable[[FileCounts], None]) -> Iterator[bytes]:
    """The archive. `done` gets the counts when the last piece is on its way."""
    archive, writing = ZipStream(), _Writing()
    for name, template in _READMES.items():
        yield from archive.member(name, [_readme(template, given)])
    yield from archive.member("checks.csv", writing.checks(given.batches))
    for name, kept in writing.kept.items():
        yield from archive.member(f"{name}.csv", kept.pieces())
    yield from archive.member("moved_in.csv", writing.moved_in(given.moved_in))
    lines = tuple(writing.tally.lines(given.figures))
    yield from archive.member("figures.csv", _csv(TABLES["figures"], lines))
    yield from archive.member("words.csv", _csv(TABLES["words"], given.words))
    yield from archive.member("scorecards.json", [_json(_scorecards(given.head, given.figures))])
    yield from archive.member("method.json", [given.method])
    yield from archive.member("datapackage.json", [_json(_datapackage(given.head, archive.made))])
    yield from archive.end()
    done(writing.counts(lines))


class _Writing:
    """The tables as they grow, and what is counted meanwhile."""

    def __init__(self) -> None:
        self.tally, self.kept = Tally(), {name: Kept() for name in ("rows", "norms", "addresses")}
        self._n = dict.fromkeys(("rows", "changed", "missing", "checks", "addresses", "moved_in"), 0)
        for name, kept in self.kept.items():
            kept.add(_header(TABLES[name]))

    def checks(self, batches: Iterable[CaseBatch]) -> Iterator[bytes]:
        """The table of checks; the others are kept until it is done."""
        yield _header(TABLES["checks"])
        for batch in batches:
            self.tally.add(batch.rows, batch.norms)
            for name, kept in self.kept.items():
                kept.add(_lines(getattr(batch, name)))
            self._n["rows"] += len(batch.rows)
            self._n["changed"] += sum(row.facts.startswith("changed") for row in batch.rows)
            self._n["missing"] += sum(row.facts.startswith("no longer") for row in batch.rows)
            self._n["addresses"] += len(batch.addresses)
            self._n["checks"] += len(batch.checks)
            yield from self._in_parts(batch.checks)

    def moved_in(self, moved: Iterable[MovedIn]) -> Iterator[bytes]:
        yield _header(TABLES["moved_in"])
        for each in moved:
            self.tally.add_moved_in([each])
            self._n["moved_in"] += 1
            yield _lines([each])

    def counts(self, lines: Sequence[FigureLine]) -> FileCounts:
        off = tuple(f"{line.norm}: {line.figure}" for line in lines if not line.same)
        return FileCounts(**self._n, figures=len(lines), figures_off=off)

    def _in_parts(self, checks: Sequence[CaseCheck]) -> Iterator[bytes]:
        for first in range(0, len(checks), _TOGETHER):
            yield _lines(checks[first : first + _TOGETHER])


def _csv(table: Table, rows: Iterable[Any]) -> Iterator[bytes]:
    yield _header(table)
    yield _lines(rows)


def _header(table: Table) -> bytes:
    return _written([[column.name for column in table.columns]])


def _lines(rows: Iterable[Any]) -> bytes:
    """Frozen values, one a line, their fields in order."""
    return _written([_cell(getattr(row, name)) for name in _names(row.__class__)] for row in rows)


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 (a dataclass)
    return tuple(each.name for each in fields(kind))


def _written(rows: Iterable[Sequence[object]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """Not known is empty; a text that a spreadsheet would take for a formula is marked as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return as_text(value) if isinstance(value, str) else value


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _readme(template: str, given: ProviderFile) -> bytes:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 (every command would load it)

    env = Environment(
        loader=PackageLoader("reports", "templates/provider_file"),
        autoescape=False,  # noqa: S701 (plain text, not a page)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    norms = {each.norm.name: each.norm for each in given.figures}.values()
    text = env.get_template(template).render(head=given.head, tables=TABLES.values(), norms=norms)
    return text.encode()


def _scorecards(head: CaseHead, figures: Sequence[CaseFigures]) -> dict[str, object]:
    return {
        **asdict(head),
        "scorecards": [
            {"role": each.role.value, "norm": asdict(each.norm), "scorecard": each.card.as_fields()} for each in figures
        ],
    }


def _datapackage(head: CaseHead, made: Mapping[str, tuple[str, int]]) -> dict[str, object]:
    """A Frictionless data package over every table, and each other file by its hash."""
    tables = [
        {
            "name": table.name,
            "path": f"{table.name}.csv",
            "title": table.en,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": True},
            "hash": f"sha256:{made[f'{table.name}.csv'][0]}",
            "bytes": made[f"{table.name}.csv"][1],
            "schema": {
                "fields": [{"name": c.name, "type": c.type, "description": c.en} for c in table.columns],
                "missingValues": [""],
            },
        }
        for table in TABLES.values()
    ]
    listed = {f"{name}.csv" for name in TABLES}
    others = [
        {"name": name.lower().replace(".", "-"), "path": name, "hash": f"sha256:{digest}", "bytes": size}
        for name, (digest, size) in made.items()
        if name not in listed
    ]
    return {
        "profile": "data-package",
        "name": f"provider-file-{head.provider_id.lower()}-{head.period.lower()}",
        "title": f"Figures of one provider, {head.period}, as they can be checked",
        "version": head.freeze,
        "resources": [*tables, *others],
    }

"""The configured addresses and the tables that are kept already in; for each kind the table to keep, or why none, out.

1. Fetch every file of a kind. 2. Read them as one table. 3. Compare it with the newest one that is kept. Nothing is
stored here: the pipeline keeps what comes out. The surprise: the files of one kind stand or fall together, the kinds
do not: where the AS names cannot be fetched, the routing table is brought up to date all the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from monitor.attribution.download import Fetched, Limits, fetch_table
from monitor.attribution.fronting import FrontingTable, newest_of_each_proxy
from monitor.attribution.reading import TableFile, read_table
from monitor.attribution.verify import verify_update
from monitor.config import Refdata
from monitor.disk import scratch
from monitor.errors import ReferenceDataError
from monitor.model.release import ReferenceTableInfo
from monitor.model.words import TableKind


class KeptTable(Protocol):
    """What the store gives of a table."""

    @property
    def as_of(self) -> date: ...
    @property
    def made_on(self) -> date: ...
    @property
    def sha256(self) -> str: ...
    @property
    def content(self) -> bytes: ...


class UpdateStatus(StrEnum):
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class UpdateOutcome:
    """What came of one kind. `info` and `table` are what to keep; None unless updated. No message holds a URL."""

    kind: TableKind
    status: UpdateStatus
    message: str
    info: ReferenceTableInfo | None = None
    table: TableFile | None = None


KeptTables = Callable[[TableKind], Sequence[KeptTable]]
"""All kept tables of a kind, the one that holds last (as `load_contents` orders them)."""


def update_tables(
    settings: Refdata, kept: KeptTables, folder: Path, *, today: date, limits: Limits | None = None
) -> Iterator[UpdateOutcome]:
    """One outcome for each configured kind, one after the other; drafts lie in `folder` and are gone afterwards.

    A table's `as_of` and `made_on` are the youngest day of its files, `today` (UTC) where one does not tell. Raises
    nothing for what a server does; OSError where `folder` cannot be written.
    """
    limits = limits or Limits(timeout_seconds=settings.timeout_seconds)
    for kind, places in configured(settings):
        with scratch(folder, "refdata-update-") as drafts:
            try:
                fetched = _fetch_all(places, drafts, today, limits)
                table = read_table(kind, *(one.path for one in fetched), fewest_peers=settings.fewest_peers)
                yield _compared(kind, table, max(one.as_of or today for one in fetched), kept(kind), settings)
            except ReferenceDataError as error:
                yield UpdateOutcome(kind, UpdateStatus.REFUSED, str(error))


def configured(settings: Refdata) -> list[tuple[TableKind, list[tuple[str, str]]]]:
    """The kinds that have an address, each with (its place in the configuration, the address)."""
    wanted = {
        TableKind.PREFIXES: ("prefixes", settings.prefixes),
        TableKind.AS_NAMES: ("as_names", (settings.as_names,) if settings.as_names else ()),
        TableKind.FRONTING: ("fronting", settings.fronting),
    }
    return [
        (kind, [(f"[refdata] {name} {number}", url) for number, url in enumerate(urls, start=1)])
        for kind, (name, urls) in wanted.items()
        if urls
    ]


def _fetch_all(places: Sequence[tuple[str, str]], drafts: Path, today: date, limits: Limits) -> list[Fetched]:
    return [
        fetch_table(url, drafts / f"file{number}", place=place, today=today, limits=limits)
        for number, (place, url) in enumerate(places, start=1)
    ]


def _compared(
    kind: TableKind, table: TableFile, day: date, kept: Sequence[KeptTable], settings: Refdata
) -> UpdateOutcome:
    """The outcome for a table that was read. Raises ReferenceDataError where it does not verify."""
    old = _old_content(kind, table, kept)
    if old is not None and old == _comparable(kind, table.content):
        return UpdateOutcome(kind, UpdateStatus.UNCHANGED, f"the {kind.value} table is the one that is kept already")
    verify_update(kind, old, table, settings.most_shrink)
    newest = max(((one.as_of, one.made_on) for one in _rivals(kind, table, kept)), default=None)
    if newest is not None:
        if day < newest[0]:
            raise ReferenceDataError(
                f"The new {kind.value} table is of {day}, older than the one of {newest[0]}, which is kept",
                "If it is right all the same, take it by hand: `monitor refdata import`",
            )
        if (day, day) <= newest:
            message = f"another {kind.value} table of {day} is kept already; the next day's will be taken"
            return UpdateOutcome(kind, UpdateStatus.UNCHANGED, message)
    info = ReferenceTableInfo(kind.value, day.isoformat(), day.isoformat(), table.rows, table.sha256)
    message = f"a new {kind.value} table of {day} with {table.rows:,} rows"
    return UpdateOutcome(kind, UpdateStatus.UPDATED, message, info, table)


def _rivals(kind: TableKind, new: TableFile, kept: Sequence[KeptTable]) -> Sequence[KeptTable]:
    """The kept tables beside which the new one must be the last: of proxies, those that name one that it names."""
    if kind is not TableKind.FRONTING:
        return kept
    names = set(FrontingTable.from_bytes(new.content).names)
    return [one for one in kept if not names.isdisjoint(FrontingTable.from_bytes(one.content).names)]


def _old_content(kind: TableKind, new: TableFile, kept: Sequence[KeptTable]) -> bytes | None:
    """What the new table would follow: the last one; of proxies, all that holds of those that the new one names."""
    if kind is not TableKind.FRONTING:
        return kept[-1].content if kept else None
    tables = [(one.as_of, FrontingTable.from_bytes(one.content)) for one in kept]
    holds = newest_of_each_proxy(tables, date.max).only(FrontingTable.from_bytes(new.content).names)
    return holds.to_bytes() if len(holds) else None


def _comparable(kind: TableKind, content: bytes) -> bytes:
    """The same bytes for tables that say the same; of two proxies on one prefix, only the first one speaks."""
    if kind is not TableKind.FRONTING:
        return content
    return newest_of_each_proxy([(date.min, FrontingTable.from_bytes(content))], date.max).to_bytes()

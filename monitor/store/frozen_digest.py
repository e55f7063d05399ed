"""The digest of a freeze: one SHA-256 that the same facts under the same method always give.

In: Period, cut-off, bytes of `method.json`, reference tables, rows. Out: a hex digest. It hashes column by column,
so that 200,000 rows take well under a second or two. What would surprise: how Parquet encodes the rows, their
order on the way in, and who imported what when are not part of it. Of a file, whose rows are in order by contract,
it reads one column at a time (`digest_of_file`): ten million rows take the memory of one column.

How a third party computes it: docs/decisions/005-freeze-digest.md. Any change here needs a new first line.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from monitor.errors import FreezeError
from monitor.model.columns import Floats, Ints, Texts
from monitor.model.episode import EpisodeTable
from monitor.model.period import Period
from monitor.model.release import ReferenceTableInfo
from monitor.store.frozen_columns import EPISODE_COLUMNS, SCHEME, SCHEMES, ColumnKind, FrozenColumn

if TYPE_CHECKING:
    from monitor.store.frozen_parquet import EpisodesFile

_NULL = np.iinfo(np.int64).min
_MILLIONTHS = 1_000_000
_BLOCK = 100_000


def freeze_digest(
    period: Period,
    cutoff: datetime,
    method_json: bytes,
    tables: Sequence[ReferenceTableInfo],
    episodes: EpisodeTable,
    scheme: int = SCHEME,
) -> str:
    """The digest in hex. Rows may come in any order. Raises FreezeError for text that is not Unicode."""
    return digest_of_sorted(period, cutoff, method_json, tables, in_order(episodes), scheme)


def digest_of_sorted(
    period: Period,
    cutoff: datetime,
    method_json: bytes,
    tables: Sequence[ReferenceTableInfo],
    episodes: EpisodeTable,
    scheme: int = SCHEME,
) -> str:
    """As `freeze_digest`, of rows that are in `canonical_order` already."""
    contents = (_content(column.kind, getattr(episodes, column.name)) for column in SCHEMES[scheme])
    hashes = [sha256(content).hexdigest() for content in contents]
    return _digest(period, cutoff, method_json, tables, scheme, len(episodes), hashes)


def digest_of_file(
    period: Period, cutoff: datetime, method_json: bytes, tables: Sequence[ReferenceTableInfo], path: Path
) -> str:
    """As `freeze_digest`, of the rows of an `episodes.parquet`. Raises FreezeError where it cannot be read.

    Rows in another order than the canonical one, which no freeze has, give another digest.
    """
    from monitor.store.frozen_parquet import opened  # noqa: PLC0415 (it loads duckdb)

    with opened(path) as file:
        hashes = [_hash_of_column(file, column) for column in SCHEMES[file.scheme]]
        return _digest(period, cutoff, method_json, tables, file.scheme, file.n_rows, hashes)


def _digest(
    period: Period,
    cutoff: datetime,
    method_json: bytes,
    tables: Sequence[ReferenceTableInfo],
    scheme: int,
    n_rows: int,
    hashes: Sequence[str],
) -> str:
    """Over the lines of docs/decisions/005-freeze-digest.md; `hashes` in the order of the scheme's columns."""
    lines = [
        f"hosting-monitor freeze {scheme}",
        f"period {period.label} {instant(period.start)} {instant(period.end)}",
        f"cutoff {instant(cutoff)}",
        f"method {sha256(method_json).hexdigest()}",
        *(f"table {digest}" for digest in sorted({table.sha256 for table in tables})),
        f"rows {n_rows}",
    ]
    columns = zip(SCHEMES[scheme], hashes, strict=True)
    lines += [f"column {column.name} {column.kind.value} {content}" for column, content in columns]
    return sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _hash_of_column(file: "EpisodesFile", column: FrozenColumn) -> str:
    if column.kind is not ColumnKind.TEXT:
        return sha256(_content(column.kind, file.columns([column])[column.name])).hexdigest()
    name = f'"{column.name}"'
    lengths = file.query(f"coalesce(strlen({name}), -1)::BIGINT AS n").fetchnumpy()["n"]
    content = sha256(np.ma.getdata(lengths).astype("<i8").tobytes())
    # A text is one object in Python; a block of them is joined before it gets there.
    texts = f"string_agg({name}, '' ORDER BY file_row_number)"
    blocks = file.query(texts, f"GROUP BY file_row_number // {_BLOCK} ORDER BY file_row_number // {_BLOCK}")
    while rows := blocks.fetchmany(16):
        for (joined,) in rows:
            content.update((joined or "").encode())
    return content.hexdigest()


def instant(at: datetime) -> str:
    """An aware time as the digest and the manifest write it: UTC, to the microsecond."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def in_order(episodes: EpisodeTable) -> EpisodeTable:
    """The table by `canonical_order`: itself where it is so ordered, as every table is that was just derived."""
    order = canonical_order(episodes)
    if bool(np.all(order[1:] > order[:-1])):
        return episodes
    return episodes.take(order)


def canonical_order(episodes: EpisodeTable) -> Ints:
    """The rows' positions by source, record_id, role, clock, notified_at; rows that tie there by every column."""
    keys = [_rank(episodes.source), _rank(episodes.record_id), _rank(episodes.role), _rank(episodes.clock)]
    keys.append(episodes.notified_at)
    order = np.lexsort(keys[::-1])
    tied = np.ones(max(len(order) - 1, 0), np.bool_)
    for key in keys:
        tied &= key[order][1:] == key[order][:-1]
    if tied.any():
        keys += [_sortable(column.kind, getattr(episodes, column.name)) for column in EPISODE_COLUMNS]
        order = np.lexsort(keys[::-1])
    return order.astype(np.int64)


def _sortable(kind: ColumnKind, values: NDArray[Any]) -> NDArray[Any]:
    match kind:
        case ColumnKind.TEXT:
            return _rank(values)
        case ColumnKind.NUMBER:
            return _millionths(values)
        case _:
            return values


def _rank(values: Texts) -> Ints:
    """Each text's place among the distinct ones by code point; null comes first."""
    items = values.tolist()
    places = {text: place for place, text in enumerate(sorted(set(items) - {None}), start=1)}
    places[None] = 0
    return np.fromiter(map(places.__getitem__, items), np.int64, len(items))


def _content(kind: ColumnKind, values: NDArray[Any]) -> bytes:
    """The bytes of a column that are hashed; integers are little-endian."""
    match kind:
        case ColumnKind.TEXT:
            return _text_bytes(values)
        case ColumnKind.NUMBER:
            return _millionths(values).astype("<i8").tobytes()
        case ColumnKind.FLAG | ColumnKind.TERNARY:
            return values.astype("<i1").tobytes()
        case _:
            return values.astype("<i8").tobytes()


def _text_bytes(values: Texts) -> bytes:
    """The length of each text in UTF-8 bytes (-1 = null) as int64, then all texts on end."""
    items = values.tolist()
    try:
        lengths: dict[str | None, int] = {text: len(text.encode()) for text in set(items) - {None}}
        joined = "".join(filter(None, items)).encode()
    except UnicodeEncodeError:
        raise FreezeError("A text of the Episodes is not valid Unicode") from None
    lengths[None] = -1
    return np.fromiter(map(lengths.__getitem__, items), np.dtype("<i8"), len(items)).tobytes() + joined


def _millionths(values: Floats) -> Ints:
    """Rounded to 6 decimals as whole millionths (half to even); not known and infinite alike are the null."""
    known = np.isfinite(values)
    return np.where(known, np.rint(np.where(known, values, 0.0) * _MILLIONTHS), _NULL).astype(np.int64)

"""The rows of one role and clock straight from `episodes.parquet`, as codes: never a table of texts.

In: the file, a clock, a role. Out: the `Selected` that `select(read_episodes(...))` would give, field by field. DuckDB
does the coding (an ENUM of the sorted distinct words), a few columns at a time, so that ten million rows fit beside
the result. What would surprise: the same filter is read again with each group of columns, because repeating it costs
less than holding all columns twice.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.model.columns import UNKNOWN, Codes
from monitor.model.selected import ENDS, NOTICE_STATUSES, ONLY_AS, OUTCOMES, STATUSES, CodedRows, Selected
from monitor.model.words import Doubt, End, EpisodeStatus, NoticeKind, Role
from monitor.store.frozen_columns import EPISODE_COLUMNS
from monitor.store.frozen_parquet import EpisodesFile, opened

_KEPT: dict[str, type] = {
    "target_id": np.int32,
    "site_id": np.int32,
    "cluster_id": np.int32,
    "asn": np.int64,
    "reported_at": np.int64,
    "notified_at": np.int64,
    "left_hours": np.float64,
    "right_hours": np.float64,
    "weight": np.float64,
    "deadline_hours": np.float64,
    "first_left_hours": np.float64,
    "first_right_hours": np.float64,
    "tail_from_hours": np.float64,
    "exposure_low_hours": np.float64,
    "exposure_high_hours": np.float64,
    "recurrence": np.int32,
    "flaps": np.int32,
    "page_target": np.bool_,
    "provisional": np.bool_,
    "interrupted": np.bool_,
    "gap_at_notice": np.bool_,
}
"""Columns that are read as they are, with the type in which they are kept."""
_TOGETHER = 6
"""Columns that are read at once: more would be faster by little and take as much more memory."""
_FILTER = "WHERE clock = getvariable('clock') AND role = getvariable('role')"
_FRONTED = "WHERE clock = getvariable('clock') AND role = getvariable('proxy')"
_MOVED = f"CASE WHEN status = '{EpisodeStatus.EPISODE.value}' AND \"end\" = '{End.MOVE.value}' THEN moved_to END"
_UNSEEN = {
    "right_hours": f"status = '{EpisodeStatus.EPISODE.value}'",
    "first_right_hours": "first_left_hours IS NOT NULL",
}
"""When null in these columns means that the end was not seen."""
_COLUMNS = {column.name: column for column in EPISODE_COLUMNS}


def read_selected(path: Path, clock: NoticeKind, role: Role) -> Selected:
    """The rows of this clock and role in the file's order. Raises FreezeError where the file cannot be read.

    Takes about 130 bytes a row, and a few hundred megabytes more while ten million rows are read.
    """
    with opened(path) as file:
        for name, value in (("clock", clock.value), ("role", role.value), ("proxy", Role.PROXY.value)):
            file.connection.execute(f"SET VARIABLE {name} = ?", [value])
        ids = _distinct(file, "provider_id", _MOVED)
        reasons = tuple(word for word in _distinct(file, "unattributed_reason") if word)
        doubts = tuple(word for word in _distinct(file, "attribution_doubts") if word) if file.scheme > 1 else ()
        columns = _coded(file, ids, reasons, doubts) | _as_they_are(file)
        by_as = _by_as(file, role, columns["doubts"], doubts)
        proxies = file.query("count(*)", _FRONTED).fetchone()
    n_fronted = int(proxies[0]) if proxies else 0
    return Selected(CodedRows(**columns, by_as=by_as), ids, role, clock, reasons, doubts, n_fronted)


def read_words(path: Path, column: str, clock: NoticeKind, role: Role) -> tuple[Codes, tuple[str, ...]]:
    """A column of words, as places in the sorted words, aligned with the rows that `read_selected` gives; -1 = none.

    Takes four bytes a row. Raises FreezeError where the file cannot be read.
    """
    written = _COLUMNS[column].name
    with opened(path) as file:
        for name, value in (("clock", clock.value), ("role", role.value)):
            file.connection.execute(f"SET VARIABLE {name} = ?", [value])
        words = tuple(word for word in _distinct(file, written) if word)
        return _codes(file, "words", words, np.int32, {"code": written})["code"], words


def _distinct(file: EpisodesFile, *expressions: str) -> tuple[str, ...]:
    """The distinct texts of the columns together, by code point."""
    names: set[str] = set()
    for expression in expressions:
        found = file.query(f"DISTINCT {expression}", _FILTER).fetchall()
        names |= {name for (name,) in found if name is not None}
    return tuple(sorted(names))


def _coded(
    file: EpisodesFile, ids: Sequence[str], reasons: Sequence[str], doubts: Sequence[str]
) -> dict[str, NDArray[Any]]:
    """The columns of words, each as the places of its words among those known."""
    made = _codes(file, "provider", ids, np.int32, {"provider": "provider_id", "moved_to": _MOVED})
    made |= _codes(file, "status", STATUSES, np.int8, {"status": "status"})
    made |= _codes(file, "end", ENDS, np.int8, {"end": '"end"'})
    made |= _codes(file, "notice_status", NOTICE_STATUSES, np.int8, {"notice_status": "notice_status"})
    made |= _codes(file, "last_outcome", OUTCOMES, np.int8, {"last_outcome": "last_outcome"})
    made |= _codes(file, "reason", reasons, np.int32, {"reason": "unattributed_reason"})
    written = "attribution_doubts" if file.scheme > 1 else "NULL::VARCHAR"
    return made | _codes(file, "doubts", doubts, np.int32, {"doubts": written})


def _codes(
    file: EpisodesFile, kind: str, words: Sequence[str], dtype: type, expressions: dict[str, str]
) -> dict[str, NDArray[Any]]:
    """By name the place of each value in `words`, -1 where it is none of them. `kind` names the ENUM."""
    code = "NULL" if not words else f"enum_code(TRY_CAST(({{}}) AS {_enum(file, kind, words)}))"  # an ENUM has a word
    chosen = (f'coalesce({code.format(made)}::INTEGER, {UNKNOWN}) AS "{name}"' for name, made in expressions.items())
    found = file.query(", ".join(chosen), _FILTER).fetchnumpy()
    return {name: np.ma.getdata(found[name]).astype(dtype, copy=False) for name in expressions}


def _enum(file: EpisodesFile, kind: str, words: Sequence[str]) -> str:
    """A type of DuckDB with these words, whose codes are their places."""
    name = f"coded_{kind}"
    file.connection.execute("CREATE OR REPLACE TEMP TABLE words (place BIGINT, word VARCHAR)")
    file.connection.execute("INSERT INTO words SELECT unnest(range(len($1))), unnest($1)", [list(words)])
    file.connection.execute(f"CREATE TYPE {name} AS ENUM (SELECT word FROM words ORDER BY place)")  # noqa: S608 our own
    return name


def _as_they_are(file: EpisodesFile) -> dict[str, NDArray[Any]]:
    names = [name for name in _KEPT if file.scheme > 1 or name != "flaps"]
    made: dict[str, NDArray[Any]] = {}
    for first in range(0, len(names), _TOGETHER):
        made |= _numbers(file, names[first : first + _TOGETHER])
    n = len(made["target_id"])
    made.setdefault("flaps", np.zeros(n, np.int32))
    return made


def _numbers(file: EpisodesFile, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    chosen = ", ".join(_expression(name) for name in names)
    found = file.query(chosen, _FILTER).fetchnumpy()
    return {name: np.ma.getdata(found[name]).astype(_KEPT[name], copy=False) for name in names}


def _expression(name: str) -> str:
    """SQL of the table's number; infinite where the file's null says that the end was not seen."""
    if unseen := _UNSEEN.get(name):
        null = f"CASE WHEN {unseen} THEN 'infinity'::DOUBLE ELSE 'nan'::DOUBLE END"
        return f'coalesce("{name}", {null}) AS "{name}"'
    return _COLUMNS[name].from_file


def _by_as(file: EpisodesFile, role: Role, coded: NDArray[Any], doubts: Sequence[str]) -> NDArray[np.bool_]:
    """Whether the AS number of the row is its Provider's own: it was booked as holder of the AS."""
    if role in (Role.AS, Role.PROXY):
        return np.ones(len(coded), np.bool_)
    old = file.query(f"coalesce(rule_version = '{ONLY_AS}', false) AS old", _FILTER).fetchnumpy()["old"]
    said = np.array([Doubt.AS_STANDS_IN.value in joined.split(";") for joined in doubts] + [False])
    by_as: NDArray[np.bool_] = np.ma.getdata(old).astype(np.bool_) | said[coded]  # no doubt is -1: the last place
    return by_as

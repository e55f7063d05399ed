"""The frozen rows of one Provider in full, batch by batch: never the whole of `episodes.parquet` in memory.

In: the file, a Provider's id, roles. Out: EpisodeTables in the file's order. What would surprise: the rows of Targets
that moved to the Provider are rows of other Providers; they are given apart, for their count alone.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from monitor.model.episode import EpisodeTable
from monitor.model.words import End, EpisodeStatus, Role
from monitor.store.frozen_columns import SCHEMES, ColumnKind, FrozenColumn

if TYPE_CHECKING:
    from monitor.store.frozen_parquet import EpisodesFile

ROWS_AT_ONCE = 1_000
_OWN = "provider_id = getvariable('provider')"
_MOVED_IN = (
    f"moved_to = getvariable('provider') AND status = '{EpisodeStatus.EPISODE.value}' AND \"end\" = '{End.MOVE.value}'"
)
_DTYPES: dict[ColumnKind, type] = {
    ColumnKind.TEXT: np.object_,
    ColumnKind.NUMBER: np.float64,
    ColumnKind.FLAG: np.bool_,
    ColumnKind.TERNARY: np.int8,
}


def case_rows(
    path: Path, provider_id: str, roles: Sequence[Role], at_once: int = ROWS_AT_ONCE
) -> Iterator[EpisodeTable]:
    """The rows that are booked on the Provider in these roles. Raises FreezeError where the file cannot be read."""
    yield from _rows(path, provider_id, f"{_OWN} AND {_in_roles(roles)}", at_once)


def moved_in_rows(
    path: Path, provider_id: str, roles: Sequence[Role], at_once: int = ROWS_AT_ONCE
) -> Iterator[EpisodeTable]:
    """The Episodes that ended as a move to the Provider, whoever they are booked on."""
    yield from _rows(path, provider_id, f"{_MOVED_IN} AND {_in_roles(roles)}", at_once)


def count_case_rows(path: Path, provider_id: str, roles: Sequence[Role]) -> dict[tuple[str, str], int]:
    """How many rows `case_rows` gives by role and clock; 0 where nothing but moves to the Provider is."""
    from monitor.store.frozen_parquet import opened  # noqa: PLC0415 (it loads duckdb)

    with opened(path) as file:
        file.connection.execute("SET VARIABLE provider = ?", [provider_id])
        own = f"count(*) FILTER ({_OWN})"
        rest = f"WHERE (({_OWN}) OR ({_MOVED_IN})) AND {_in_roles(roles)} GROUP BY role, clock ORDER BY role, clock"
        found = file.query(f"role, clock, {own}", rest).fetchall()
    return {(str(role), str(clock)): int(n) for role, clock, n in found}


def _in_roles(roles: Sequence[Role]) -> str:
    return "role IN (" + ", ".join(f"'{role.value}'" for role in roles) + ")"


def _rows(path: Path, provider_id: str, condition: str, at_once: int) -> Iterator[EpisodeTable]:
    from monitor.store.frozen_parquet import opened  # noqa: PLC0415 (it loads duckdb)

    with opened(path) as file:
        file.connection.execute("SET VARIABLE provider = ?", [provider_id])
        columns = SCHEMES[file.scheme]
        found = file.query(", ".join(column.from_file for column in columns), f"WHERE {condition}")
        while rows := found.fetchmany(at_once):
            yield _table(file, columns, rows)


def _table(file: "EpisodesFile", columns: Sequence[FrozenColumn], rows: Sequence[tuple[Any, ...]]) -> EpisodeTable:
    from monitor.store.frozen_parquet import as_table  # noqa: PLC0415 (it loads duckdb)

    made: dict[str, NDArray[Any]] = {
        column.name: np.array(values, dtype=_DTYPES.get(column.kind, np.int64))
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    }
    return as_table(made, file.scheme)

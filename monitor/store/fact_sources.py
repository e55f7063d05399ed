"""Where a fact comes from: the input by its hash and the row in it, or the run of our own checks.

In: keys of notices and checks. Out: one Origin each. Nothing sealed is opened; a file's name was never kept.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from monitor.store.bulk import select_by
from monitor.store.database import Store
from monitor.store.tables import CheckRow, InputRow, NoticeRow, ObservationRow, table_of

_CHECKS, _INPUTS = table_of(CheckRow), table_of(InputRow)
_NOTICES, _OBSERVATIONS = table_of(NoticeRow), table_of(ObservationRow)


@dataclass(frozen=True, slots=True)
class Origin:
    """Either an input (SHA-256, row from 1), or a run of our own checks."""

    input_sha256: str | None = None
    row: int | None = None
    run: int | None = None


def origins_of_notices(store: Store, notice_ids: Collection[int]) -> dict[int, Origin]:
    """By the notice's key."""
    with store.read() as connection:
        return _of_inputs(
            connection, list(select_by(connection, _NOTICES, ("id", "input_id", "row"), "id", notice_ids))
        )


def origins_of_checks(store: Store, check_ids: Collection[int]) -> dict[int, Origin]:
    """By the check's key, recorded or our own: they never share one."""
    with store.read() as connection:
        recorded = list(select_by(connection, _CHECKS, ("id", "input_id", "row"), "id", check_ids))
        own: dict[int, int] = dict(select_by(connection, _OBSERVATIONS, ("id", "run_id"), "id", check_ids))
        return _of_inputs(connection, recorded) | {key: Origin(run=run) for key, run in own.items()}


def _of_inputs(connection: Connection, rows: Collection[tuple[int, int, int]]) -> dict[int, Origin]:
    hashes: dict[int, str] = dict(select_by(connection, _INPUTS, ("id", "sha256"), "id", {row[1] for row in rows}))
    return {key: Origin(hashes[input_id], row) for key, input_id, row in rows}

"""The rows of one Provider in a freeze with the record that each is of, for a comparison with somebody's own papers.

In: `episodes.parquet`, a clock, a Provider; role network. Out: its rows in the file's order, which is that of
`Selected`, and the notices on the same Targets that are booked on anybody else.
"""

from dataclasses import dataclass
from pathlib import Path

from monitor.model.words import EpisodeStatus, NoticeKind, Role
from monitor.store.frozen_manifest import EPISODES
from monitor.store.records import RecordId

_ROWS = f"WHERE role = '{Role.NETWORK.value}' AND clock = getvariable('clock')"
_MINE = f"{_ROWS} AND provider_id = getvariable('provider')"


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One row: its report, the time of its notice (microseconds UTC) and what it is."""

    record: RecordId
    at: int
    status: EpisodeStatus


@dataclass(frozen=True, slots=True)
class ProviderRows:
    """The rows of one Provider on one clock, and (record, time) of rows on the same Targets that are not its own."""

    clock: NoticeKind
    rows: tuple[ProviderRow, ...]
    elsewhere: frozenset[tuple[RecordId, int]]


def provider_rows(freeze: Path, clock: NoticeKind, provider_id: str) -> ProviderRows:
    """Raises FreezeError where the file of that freeze's folder cannot be read."""
    from monitor.store.frozen_parquet import opened  # noqa: PLC0415 (it loads duckdb)

    chosen = "source, record_id, epoch_us(notified_at), status"
    with opened(freeze / EPISODES) as file:
        for name, value in (("clock", clock.value), ("provider", provider_id)):
            file.connection.execute(f"SET VARIABLE {name} = ?", [value])
        mine = file.query(chosen, _MINE).fetchall()
        same = f"AND target_id IN (SELECT target_id FROM read_parquet(getvariable('place')) {_MINE})"  # noqa: S608 our own
        other = "AND provider_id IS DISTINCT FROM getvariable('provider')"
        elsewhere = file.query(chosen, f"{_ROWS} {other} {same}").fetchall()
    return ProviderRows(
        clock,
        tuple(ProviderRow((source, record), at, EpisodeStatus(status)) for source, record, at, status in mine),
        frozenset(((source, record), at) for source, record, at, _ in elsewhere),
    )

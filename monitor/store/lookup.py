"""One record looked up: its Target, addresses and words, for `explain`.

What would surprise: `open_url` gives a URL, so it writes the audit row, with the reason, in the same transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from monitor.errors import RecordForgotten, RecordMissing
from monitor.model.report import Address
from monitor.store import contexts
from monitor.store.audit import append
from monitor.store.bulk import chunks
from monitor.store.database import Store
from monitor.store.tables import (
    AddressRow,
    CheckRow,
    HostRow,
    ObservationRow,
    OutcomeRow,
    ReasonRow,
    RecordRow,
    ReportRow,
    SourceRow,
    TargetRow,
    table_of,
)

_ADDRESSES = table_of(AddressRow)
_CHECKS = table_of(CheckRow)
_HOSTS = table_of(HostRow)
_OBSERVATIONS = table_of(ObservationRow)
_OUTCOMES = table_of(OutcomeRow)
_REASONS = table_of(ReasonRow)
_RECORDS = table_of(RecordRow)
_REPORTS = table_of(ReportRow)
_SOURCES = table_of(SourceRow)
_TARGETS = table_of(TargetRow)


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that has a Report."""

    source: str
    record_id: str
    target_id: int
    host_kind: str


def find_record(store: Store, record_id: str, source: str | None = None) -> FoundRecord:
    """The record of that id; `source` says whose, where several have one. Raises RecordMissing."""
    with store.read() as connection:
        return record_named(connection, record_id, source)


def record_named(connection: Connection, record_id: str, source: str | None) -> FoundRecord:
    """As `find_record`, inside a transaction of the caller's."""
    wanted = (
        select(_SOURCES.c.name, _RECORDS.c.record_id, _REPORTS.c.target_id, _HOSTS.c.kind)
        .join(_RECORDS, _RECORDS.c.source_id == _SOURCES.c.id)
        .join(_REPORTS, _REPORTS.c.record_key == _RECORDS.c.id)
        .join(_TARGETS, _TARGETS.c.id == _REPORTS.c.target_id)
        .join(_HOSTS, _HOSTS.c.id == _TARGETS.c.host_id)
        .where(_RECORDS.c.record_id == record_id)
        .order_by(_SOURCES.c.name)
    )
    if source is not None:
        wanted = wanted.where(_SOURCES.c.name == source)
    found = connection.execute(wanted).all()
    if not found:
        raise RecordMissing("No report has that record id", "Check the id, and --source where you gave one")
    if len(found) > 1:
        names = ", ".join(row.name for row in found)
        raise RecordMissing("Several sources have a record of that id", f"Say which with --source: {names}")
    return FoundRecord(*found[0])


def open_addresses(store: Store, address_ids: Iterable[int]) -> dict[int, Address]:
    """The packed addresses of these keys. Raises KeyProblem where one does not open."""
    opened: dict[int, Address] = {}
    with store.read() as connection:
        for some in chunks(sorted(set(address_ids))):
            for row in connection.execute(
                select(_ADDRESSES.c.id, _ADDRESSES.c.address).where(_ADDRESSES.c.id.in_(some))
            ):
                opened[row.id] = Address(store.sealer.unseal(row.address, contexts.ADDRESS))
    return opened


def check_reasons(store: Store, target_id: int) -> dict[int, str]:
    """The words that the checks of a Target gave for their outcome, by the check's key."""
    wanted = (
        select(_CHECKS.c.id, _REASONS.c.name)
        .join(_REASONS, _REASONS.c.id == _CHECKS.c.reason_id)
        .join(_REPORTS, _REPORTS.c.record_key == _CHECKS.c.record_key)
        .where(_REPORTS.c.target_id == target_id)
    )
    with store.read() as connection:
        return {row.id: row.name for row in connection.execute(wanted)}


def own_rules(store: Store, target_id: int) -> dict[int, str]:
    """The id of the rule that read each of our own checks of a Target, by the check's key; void ones are left out."""
    wanted = (
        select(_OUTCOMES.c.observation_id, _OUTCOMES.c.rule)
        .join(_OBSERVATIONS, _OBSERVATIONS.c.id == _OUTCOMES.c.observation_id)
        .where(_OBSERVATIONS.c.target_id == target_id, ~_OUTCOMES.c.void)
    )
    with store.read() as connection:
        return {row.observation_id: row.rule for row in connection.execute(wanted)}


def open_url(store: Store, record: FoundRecord, *, actor: str, reason: str, action: str = "explain --reveal") -> str:
    """The URL of a record's Target (its host, where the path was withheld); the audit log says who and why.

    Both or neither: what does not open leaves no row. Raises RecordForgotten, KeyProblem, and StoreError where no row
    can be written.
    """
    wanted = (
        select(_TARGETS.c.url, _TARGETS.c.forgotten_at, _HOSTS.c.name)
        .join(_HOSTS, _HOSTS.c.id == _TARGETS.c.host_id)
        .where(_TARGETS.c.id == record.target_id)
    )
    store.sealer.check_may_reveal()
    with store.write() as connection:
        row = connection.execute(wanted).one()
        if row.forgotten_at is not None:
            raise RecordForgotten(
                f"The URL of that record was forgotten on {row.forgotten_at:%Y-%m-%d}",
                "Its statistics stay; ask the hotline that reported it (docs/retention.md)",
            )
        sealed, context = (row.name, contexts.HOST_NAME) if row.url is None else (row.url, contexts.TARGET_URL)
        url = store.sealer.unseal(sealed, context).decode()
        append(
            connection,
            actor=actor,
            action=action,
            subject=f"record {record.record_id} of {record.source}",
            reason=reason,
        )
    return url

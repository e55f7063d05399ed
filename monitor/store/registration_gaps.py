"""Which addresses to ask the registries about: those of live sources' records, and what is answered already.

What would surprise: an address that only a recorded source names is never given, even where the same address has been
asked about for another; and "not found" is an answer, left alone as long as any other.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from monitor.model.columns import Ints
from monitor.model.report import Address
from monitor.model.words import AddressKind, RegistrationStatus
from monitor.store import contexts
from monitor.store.database import Store
from monitor.store.fetching import ints, streamed
from monitor.store.registrations import open_covers
from monitor.store.tables import (
    AddressRow,
    CheckRow,
    HostRow,
    RecordRow,
    RegistrationAnswerRow,
    ReportRow,
    ResolutionAddressRow,
    ResolutionRow,
    SourceRow,
    TargetRow,
    table_of,
)

_ADDRESSES = table_of(AddressRow)
_ANSWERS = table_of(RegistrationAnswerRow)
_AT_ONCE = 10_000


def open_coverage(
    store: Store, *, now: datetime, fresh_days: float, retry_hours: float
) -> tuple[list[tuple[Address, Address]], set[int]]:
    """What need not be asked: ranges with an answer younger than `fresh_days`, and ids of addresses to leave alone.

    The latter failed within `retry_hours`, or were not found within `fresh_days`.
    """
    c = _ANSWERS.c
    fresh_from, failed_from = now - timedelta(days=fresh_days), now - timedelta(hours=retry_hours)
    found, absent = RegistrationStatus.FOUND.value, RegistrationStatus.NOT_FOUND.value
    with store.read() as connection:
        sealed = connection.scalars(select(c.covers).where(c.status == found, c.asked_at >= fresh_from)).all()
        left_alone = connection.scalars(
            select(c.address_id).where(
                c.address_id.is_not(None),
                or_(
                    (c.status == absent) & (c.asked_at >= fresh_from),
                    c.status.not_in((found, absent)) & (c.asked_at >= failed_from),
                ),
            )
        ).all()
    covered = {covers for each in sealed if (covers := open_covers(store.sealer, each)) is not None}
    return sorted(covered), set(left_alone)


def failed_lately(store: Store, *, now: datetime, retry_hours: float) -> set[int]:
    """Ids of the addresses about which a question failed within `retry_hours`; "not found" is no failure."""
    c = _ANSWERS.c
    answered = (RegistrationStatus.FOUND.value, RegistrationStatus.NOT_FOUND.value)
    lately = c.status.not_in(answered) & (c.asked_at >= now - timedelta(hours=retry_hours))
    with store.read() as connection:
        return set(connection.scalars(select(c.address_id).where(c.address_id.is_not(None), lately)).all())


def addresses_to_ask(
    store: Store, sources: Sequence[str], *, batch: int = _AT_ONCE
) -> Iterator[list[tuple[int, Address]]]:
    """(id, packed address) of the addresses in reports, checks and resolutions of records of `sources`, ids ascending.

    Answers may be written while this runs. Raises KeyProblem where an address does not open.
    """
    after, named = 0, or_(*_named_by(sources))
    while True:
        known = _ADDRESSES.c.forgotten_at.is_(None)  # of another one only a stand-in is left
        wanted = select(_ADDRESSES.c.id, _ADDRESSES.c.address).where(_ADDRESSES.c.id > after, named, known)
        with store.read() as connection:
            found = connection.execute(wanted.order_by(_ADDRESSES.c.id).limit(batch)).all()
        if not found:
            return
        after = found[-1].id
        yield [(row.id, Address(store.sealer.unseal(row.address, contexts.ADDRESS))) for row in found]


def load_addresses(store: Store) -> tuple[Ints, tuple[Address, ...]]:
    """Every address: ids ascending, and packed addresses, aligned. Raises KeyProblem where one does not open."""
    c = _ADDRESSES.c
    with store.read() as connection, streamed(connection, select(c.id, c.address).order_by(c.id)) as rows:
        found = [(row.id, Address(store.sealer.unseal(row.address, contexts.ADDRESS))) for row in rows]
    return ints([key for key, _ in found]), tuple(address for _, address in found)


def _named_by(sources: Sequence[str]) -> list[ColumnElement[bool]]:
    """The conditions under which an address is one of these sources' records."""
    records, reports, checks = table_of(RecordRow).c, table_of(ReportRow).c, table_of(CheckRow).c
    targets, hosts = table_of(TargetRow).c, table_of(HostRow).c
    resolutions, resolved = table_of(ResolutionRow).c, table_of(ResolutionAddressRow).c
    source_ids = select(table_of(SourceRow).c.id).where(table_of(SourceRow).c.name.in_(sources))
    theirs = select(records.id).where(records.source_id.in_(source_ids))
    reported = reports.record_key.in_(theirs)
    their_hosts = select(targets.host_id).where(targets.id.in_(select(reports.target_id).where(reported)))
    answers = resolved.resolution_id.in_(select(resolutions.id).where(resolutions.host_id.in_(their_hosts)))
    among = _ADDRESSES.c.id.in_
    return [
        among(select(reports.address_id).where(reported, reports.address_id.is_not(None))),
        among(select(reports.origin_address_id).where(reported, reports.origin_address_id.is_not(None))),
        among(select(hosts.address_id).where(hosts.id.in_(their_hosts), hosts.address_id.is_not(None))),
        among(select(checks.address_id).where(checks.record_key.in_(theirs), checks.address_id.is_not(None))),
        among(select(resolved.address_id).where(answers, resolved.kind == AddressKind.GLOBAL.value)),
    ]

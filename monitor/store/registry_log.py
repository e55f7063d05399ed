"""The registry's facts in and out of the database: who was seen first, and the log of what people changed.

In: one change that was checked. Out: the log, opened, and who there is at first sight. What would surprise: the
log is only ever added to, each change with its audit row in the same transaction; details are sealed, and the audit
row names their fields without their texts.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.clock import now
from monitor.model.provider import RegistryChange
from monitor.model.words import ChangeAction
from monitor.store import contexts
from monitor.store.audit import append
from monitor.store.registry_organisations import SeenOrganisation, add_organisations, read_organisations
from monitor.store.sealing import Sealer
from monitor.store.tables import ProviderRow, RegistryChangeRow, table_of

_CHANGES = table_of(RegistryChangeRow)
_PROVIDERS = table_of(ProviderRow)


@dataclass(frozen=True, slots=True)
class Known:
    """Who there is at first sight: provider id -> AS number, and id -> organisation."""

    asn_of: dict[str, int]
    organisations: dict[str, SeenOrganisation]

    def __contains__(self, provider_id: object) -> bool:
        return provider_id in self.asn_of or provider_id in self.organisations


def read_known(connection: Connection) -> Known:
    """Every AS number and organisation at first sight."""
    providers = connection.execute(select(_PROVIDERS.c.provider_id, _PROVIDERS.c.first_asn))
    return Known(
        {provider_id: asn for provider_id, asn in providers},  # noqa: C416 (rows are no tuples to dict())
        {organisation.provider_id: organisation for organisation in read_organisations(connection)},
    )


def add_first_sight(connection: Connection, asns: Iterable[int], organisations: Iterable[SeenOrganisation]) -> None:
    """Add AS numbers and organisations that are not known yet."""
    if rows := [{"provider_id": f"as{asn}", "first_asn": asn} for asn in asns]:
        connection.execute(_PROVIDERS.insert(), rows)
    add_organisations(connection, organisations)


def read_log(connection: Connection, sealer: Sealer) -> tuple[RegistryChange, ...]:
    """Every change, oldest first. Raises KeyProblem where details do not open."""
    c = _CHANGES.c
    columns = (c.id, c.action, c.subject, c.into, c.by, c.why, c.at, c.undoes, c.details)
    found = connection.execute(select(*columns).order_by(c.id)).all()
    return tuple(
        RegistryChange(key, action, subject, into, by, why, at.isoformat(), undoes, _opened(sealer, details))
        for key, action, subject, into, by, why, at, undoes, details in found
    )


def append_change(connection: Connection, sealer: Sealer, change: RegistryChange) -> RegistryChange:
    """Add a change (its `change_id` is not looked at) and its audit row; given back with its number."""
    at = datetime.fromisoformat(change.at)
    details = json.dumps(dict(change.details), ensure_ascii=False).encode() if change.details else None
    new = _CHANGES.insert().values(
        action=change.action,
        subject=change.subject,
        into=change.into,
        by=change.by,
        why=change.why,
        at=at,
        undoes=change.undoes,
        details=None if details is None else sealer.seal(details, contexts.CHANGE_DETAILS),
    )
    key = int(connection.execute(new.returning(_CHANGES.c.id)).scalar_one())
    subject = _audited(change)
    append(connection, actor=change.by, action=f"providers {change.action}", subject=subject, reason=change.why)
    return RegistryChange(
        key, change.action, change.subject, change.into, change.by, change.why, change.at, change.undoes, change.details
    )


def append_import(connection: Connection, by: str, n_accepted: int) -> None:
    """The audit row of an imported file of changes."""
    append(connection, actor=by, action="providers import", subject="registry", reason=f"{n_accepted} changes accepted")


def time_now() -> str:
    """The present moment as `RegistryChange.at` writes it."""
    return now().isoformat()


def _opened(sealer: Sealer, details: bytes | None) -> dict[str, str]:
    if details is None:
        return {}
    opened: dict[str, str] = json.loads(sealer.unseal(details, contexts.CHANGE_DETAILS))
    return opened


def _audited(change: RegistryChange) -> str:
    """Ids and names of fields, no texts; which record an override is about stays sealed too."""
    what = change.subject if change.into is None else f"{change.subject} into {change.into}"
    if change.action == ChangeAction.DISTINCT:
        what = f"{change.subject} and {change.into}"
    fields = f": {', '.join(change.details)}" if change.details else ""
    return what + fields + ("" if change.undoes is None else f" (change {change.undoes})")

"""The audit log: who did what to what, and why. Only ever added to.

What would surprise: a change and its audit row are written in one transaction (`append`), so neither is there
without the other. Each entry is linked to the one before (`chains.py`). Subjects are ids, never a URL, host or address.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.clock import now
from monitor.store.chains import next_audit
from monitor.store.database import Store
from monitor.store.tables import AuditRow, table_of
from monitor.store.times import to_micros

_AUDIT = table_of(AuditRow)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log; `at` is aware UTC."""

    entry_id: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str


def append(connection: Connection, *, actor: str, action: str, subject: str, reason: str) -> None:
    """Add an entry inside the caller's writing transaction."""
    at = now()
    key, link = next_audit(connection, (to_micros(at), actor, action, subject, reason))
    row = {"id": key, "at": at, "actor": actor, "action": action, "subject": subject, "reason": reason, "link": link}
    connection.execute(_AUDIT.insert().values(row))


def add_audit(store: Store, *, actor: str, action: str, subject: str, reason: str) -> None:
    """Add an entry in a transaction of its own."""
    with store.write() as connection:
        append(connection, actor=actor, action=action, subject=subject, reason=reason)


def list_audit(store: Store, limit: int | None = None) -> tuple[AuditEntry, ...]:
    """The newest `limit` entries (None: all), oldest first."""
    columns = (_AUDIT.c.id, _AUDIT.c.at, _AUDIT.c.actor, _AUDIT.c.action, _AUDIT.c.subject, _AUDIT.c.reason)
    with store.read() as connection:
        found = connection.execute(select(*columns).order_by(_AUDIT.c.id.desc()).limit(limit)).all()
    return tuple(AuditEntry(*entry) for entry in reversed(found))

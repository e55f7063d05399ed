"""The log of facts about orders, as it lies: read whole or for some notices, and added to. Never changed.

In: keys of notices, a fact. Out: OrderFacts with what undid them. Raises KeyProblem where one does not open.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from monitor.model.fact_correction import Undoing
from monitor.model.order import ObjectionDecision, OfficerFinding, OrderDetails, OrderFact, OrderFactKind
from monitor.store import contexts
from monitor.store.sealing import Sealer
from monitor.store.tables import OrderFactRow, table_of

_LOG = table_of(OrderFactRow)
_FEW = 200
"""Of more notices than these all facts are read: one question, and no list that an engine finds too long."""


def facts_by_notice(
    connection: Connection, sealer: Sealer, notices: Collection[int] | None = None
) -> dict[int, list[OrderFact]]:
    """Every fact (or those of some notices) by the notice that it was recorded of, oldest entry first.

    `order_id` is that notice.
    """
    c = _LOG.c
    wanted = select(c.id, c.notice_id, c.kind, c.at, c.by, c.recorded_at, c.undoes, c.details).order_by(c.id)
    if notices is not None and len(notices) <= _FEW:
        wanted = wanted.where(c.notice_id.in_(notices))
    rows = connection.execute(wanted).all()
    opened = {row.id: _opened(sealer, row.details) for row in rows}
    undoings = {row.undoes: Undoing(row.by, opened[row.id]["why"], row.recorded_at) for row in rows if row.undoes}
    found: defaultdict[int, list[OrderFact]] = defaultdict(list)
    for row in rows:
        if row.undoes is None:
            fact = OrderFact(
                fact_id=row.id,
                order_id=row.notice_id,
                kind=OrderFactKind(row.kind),
                at=row.at,
                by=row.by,
                why=opened[row.id]["why"],
                recorded_at=row.recorded_at,
                details=_details(opened[row.id]),
                undone=row.id in undoings,
                undoing=undoings.get(row.id),
            )
            found[row.notice_id].append(fact)
    return dict(found)


def notices_with_facts(connection: Connection) -> Collection[int]:
    """The notices that have any; nothing is opened."""
    return {row.notice_id for row in connection.execute(select(_LOG.c.notice_id).distinct())}


def add_fact(connection: Connection, sealer: Sealer, fact: OrderFact) -> int:
    """The number of the new entry."""
    new = _LOG.insert().values(
        notice_id=fact.order_id,
        kind=fact.kind.value,
        at=fact.at,
        by=fact.by,
        recorded_at=fact.recorded_at,
        details=sealer.seal(_json(_said(fact.why, fact.details)), contexts.ORDER_FACT),
    )
    return int(connection.execute(new.returning(_LOG.c.id)).scalar_one())


def add_undoing(connection: Connection, sealer: Sealer, fact: OrderFact, undoing: Undoing) -> None:
    """Take a fact back."""
    row = {"notice_id": fact.order_id, "kind": fact.kind.value, "at": undoing.at, "by": undoing.by}
    sealed = sealer.seal(_json(_said(undoing.why, OrderDetails())), contexts.ORDER_FACT)
    connection.execute(_LOG.insert().values(**row, recorded_at=undoing.at, undoes=fact.fact_id, details=sealed))


def _said(why: str, details: OrderDetails) -> dict[str, Any]:
    return {
        "why": why,
        "document": details.document,
        "deadline_hours": details.deadline_hours,
        "deadline_at": details.deadline_at.isoformat() if details.deadline_at else None,
        "finding": details.finding.value if details.finding else None,
        "officer": details.officer,
        "decision": details.decision.value if details.decision else None,
    }


def _json(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()


def _opened(sealer: Sealer, details: bytes) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(sealer.unseal(bytes(details), contexts.ORDER_FACT))
    return said


def _details(said: dict[str, Any]) -> OrderDetails:
    return OrderDetails(
        document=said["document"],
        deadline_hours=said["deadline_hours"],
        deadline_at=datetime.fromisoformat(said["deadline_at"]) if said["deadline_at"] else None,
        finding=OfficerFinding(said["finding"]) if said["finding"] else None,
        officer=said["officer"],
        decision=ObjectionDecision(said["decision"]) if said["decision"] else None,
    )

"""What happened to orders after they were served, one row each; only ever added to.

What would surprise: the order itself is a row of `notices`; who found what, and every reference, lie sealed in
`details`, because free text can name whom or what it is about.
"""

from datetime import datetime

from sqlmodel import Field

from monitor.store.tables.base import Row, key, refers, sealed
from monitor.store.times import UtcMicros


class OrderFactRow(Row, table=True):
    """One fact; `undoes` takes an earlier one back."""

    __tablename__ = "order_facts"

    id: int | None = Field(default=None, sa_column=key(automatic=True))
    notice_id: int = Field(sa_column=refers("notices.id", index=True))
    kind: str  # OrderFactKind, also of one that undoes: what it undoes
    at: datetime = Field(sa_type=UtcMicros)  # when it happened
    by: str
    recorded_at: datetime = Field(sa_type=UtcMicros)
    undoes: int | None = Field(default=None, sa_column=refers("order_facts.id", optional=True))
    details: bytes = Field(sa_column=sealed())  # JSON: why, document, deadline, finding, officer, decision
    forgotten_at: datetime | None = Field(default=None, sa_type=UtcMicros)  # why, document and officer went

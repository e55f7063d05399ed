"""Orders of the authority: what was ordered, what happened to the order since, and how it stands.

An Order is a Notice of kind `order`; everything after its service is an OrderFact of its own. Nothing is overwritten: a
wrong fact is undone by a further one and stays on the log. What would surprise: the result (`OrderResult`) says what
was seen from outside, as reachability; what an officer found is a fact beside it and never changes it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.model.fact_correction import Undoing
from monitor.model.words import Capacity, NoticeChannel, NoticeStatus

LONGEST_ORDER_HOURS = 12.0
"""No order may allow more, so an order whose deadline is not known allowed at most this."""


class OrderFactKind(StrEnum):
    """What can happen to an order, or become known of it."""

    RECORDED = "recorded"  # the order itself was written down here by hand
    DEADLINE = "deadline"  # the stated deadline, where the import had none or a wrong one
    REASONS = "reasons"  # where the reasons for a short deadline stand
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"
    OBJECTION = "objection"
    DECIDED = "decided"  # the objection
    CONFIRMED = "confirmed"  # an officer looked
    CLAIMED = "claimed"  # the addressee says that it complied


class OfficerFinding(StrEnum):
    """What an officer of the authority found."""

    REMOVED = "removed"
    STILL_THERE = "still-there"
    CANNOT_TELL = "cannot-tell"


class ObjectionDecision(StrEnum):
    """How an objection ended. Only a withdrawal of the order itself takes the order out of force."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly-upheld"
    DISMISSED = "dismissed"
    INADMISSIBLE = "inadmissible"
    WITHDRAWN = "withdrawn"


class OrderState(StrEnum):
    """Whether the order binds at present."""

    IN_FORCE = "in force"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


class OrderResult(StrEnum):
    """What the checks say of an order. Derived by rules, never stored."""

    COMPLIED = "complied"
    LATE = "late"
    STILL_ONLINE = "still online"
    NOT_ESTABLISHED = "not established"
    CLAIMED = "claimed, to verify"  # 401 or 403: closed to us, perhaps not to others
    RUNNING = "running"  # the deadline is not over
    SUSPENDED = "suspended"  # no result as long as it is
    WITHDRAWN = "withdrawn"  # no result any more


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """What a fact says besides its kind; which field is needed depends on the kind."""

    document: str | None = None  # reference of the document that it comes from
    deadline_hours: float | None = None  # DEADLINE
    deadline_at: datetime | None = None  # RESUMED: the new deadline, where the decision states one
    finding: OfficerFinding | None = None  # CONFIRMED
    officer: str | None = None  # CONFIRMED: who looked
    decision: ObjectionDecision | None = None  # DECIDED


@dataclass(frozen=True, slots=True)
class OrderFact:
    """One thing that happened, at `at`; written down by `by` at `recorded_at`."""

    fact_id: int
    order_id: int
    kind: OrderFactKind
    at: datetime
    by: str
    why: str
    recorded_at: datetime
    details: OrderDetails = OrderDetails()
    undone: bool = False
    undoing: Undoing | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order about one Target to one party, with everything on record about it; `facts` by number.

    `party` is the addressee as it was written; None: the party attributed at that moment.
    """

    order_id: int
    notice_ids: tuple[int, ...]  # every statement of this message
    record_key: int
    source: str
    record_id: str
    target_id: int
    served_at: datetime  # as it holds now
    stated_at: datetime  # as it was stated
    status: NoticeStatus
    capacity: Capacity
    reference: str | None
    sender: str | None
    channel: NoticeChannel | None
    party: str | None
    stated_hours: float | None  # the deadline as the notice states it
    input_sha256: str
    row: int
    facts: tuple[OrderFact, ...] = ()
    why_corrected: str | None = None  # of a corrected time or status

    @property
    def in_force_facts(self) -> tuple[OrderFact, ...]:
        """Those that were not undone, in the order in which they happened."""
        held = (fact for fact in self.facts if not fact.undone)
        return tuple(sorted(held, key=lambda fact: (fact.at, fact.fact_id)))

    def last(self, kind: OrderFactKind) -> OrderFact | None:
        """The latest fact of a kind that was not undone."""
        return next((fact for fact in reversed(self.in_force_facts) if fact.kind is kind), None)

    @property
    def objection_open(self) -> bool:
        """Whether an objection waits for its decision; a decision whose objection was undone answers no other one."""
        filed, decided = self.last(OrderFactKind.OBJECTION), self.last(OrderFactKind.DECIDED)
        return filed is not None and (decided is None or (decided.at, decided.fact_id) < (filed.at, filed.fact_id))


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """Whether the order binds, and until when there was time: between two instants where that is not certain.

    `earliest_at` None: no deadline is known, so nothing was certainly in time; `latest_at` is the last instant that
    any reading of the facts allows.
    """

    state: OrderState
    earliest_at: datetime | None
    latest_at: datetime

    @property
    def deadline_at(self) -> datetime | None:
        """The deadline where it is certain."""
        return self.earliest_at if self.earliest_at == self.latest_at else None

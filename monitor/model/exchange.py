"""What a hotline and an authority tell each other of single cases, and whom they tell it.

What would surprise: a case is named by keyed pseudonyms alone. `name` stands for the sender's record, `target` for the
URL; both are 64 hex digits that only who holds the shared key can make. Times are aware UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.model.words import Assessment, Capacity, NoticeChannel, NoticeKind, NoticeStatus


class CasePurpose(StrEnum):
    """Why a case is sent."""

    REFERRAL = "referral"  # the sender asks the receiver to act on it
    STATUS = "status"  # what became of it, no more


class TargetKind(StrEnum):
    """What the name of a Target is made from."""

    URL = "url"
    HOST = "host"  # the path was withheld


@dataclass(frozen=True, slots=True)
class CaseNotice:
    """One message to a party about the Target. `party` None: none was recorded, or it is withheld."""

    kind: NoticeKind
    status: NoticeStatus
    notified_at: datetime
    channel: NoticeChannel | None
    sender: str | None
    party: str | None
    party_withheld: bool  # it looked like a URL, host, address or e-mail address
    capacity: Capacity
    deadline_seconds: int | None  # of an order


@dataclass(frozen=True, slots=True)
class CaseOrder:
    """An order on the case as it stands at the sender, in the words of its monitor (`model/order.py`).

    `party` as in a notice. `deadline_at` None: not certain. `result` None: the sender did not conclude. `events`: what
    happened to it and when.
    """

    served_at: datetime
    party: str | None
    party_withheld: bool
    capacity: Capacity
    deadline_at: datetime | None
    state: str
    result: str | None
    events: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class ExchangedCase:
    """One case in a document. `url` only where the sender opened it, with a reason."""

    name: str
    target: str
    target_kind: TargetKind
    purpose: CasePurpose
    reported_at: datetime
    assessment: Assessment
    withdrawn_at: datetime | None
    notices: tuple[CaseNotice, ...]
    orders: tuple[CaseOrder, ...]
    note: str | None
    url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """The head of a document. `sender`, `receiver`: fingerprints of signing keys. `key_digest`: which shared key.

    `sequence` grows with every document to one receiver.
    """

    sender: str
    receiver: str
    sequence: int
    made_at: datetime
    key_digest: str


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """Cases on their way to one receiver."""

    head: Address
    cases: tuple[ExchangedCase, ...]


@dataclass(frozen=True, slots=True)
class KeyDocument:
    """The shared key on its way to the other side."""

    head: Address
    shared_key: bytes = field(repr=False)


Document = CaseDocument | KeyDocument


@dataclass(frozen=True, slots=True)
class ExchangeLink:
    """Another organisation: `public` is its signing key, pinned once; `age` its public key for sealing.

    `key_digest` None: no key is shared yet.
    """

    link_id: int
    name: str
    public: str
    age: str | None
    linked_at: datetime
    key_digest: str | None


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """A document that was sent or received, as it is kept."""

    document_id: int
    link: str
    received: bool
    sequence: int
    digest: str  # SHA-256 of the document's canonical bytes
    made_at: datetime
    recorded_at: datetime
    key_digest: str
    n_cases: int

"""What was sent to other organisations and received from them: documents and what each said of which case.

In: documents that were made, or whose signature was found right. Out: DocumentFacts and KeptCases, newest last. What
would surprise: rows are only ever added, a newer state of a case beside the older one; and nothing here is a notice or
a report, so no figure is touched by anything that somebody else sent. A received URL is sealed as our own URLs are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from monitor.clock import now
from monitor.errors import HandoverError
from monitor.model.exchange import Address, DocumentFact, ExchangeLink
from monitor.store import contexts
from monitor.store.audit import append
from monitor.store.database import Store
from monitor.store.tables import ExchangeCaseRow, ExchangeDocumentRow, ExchangeLinkRow, table_of
from monitor.store.times import to_micros

_LINKS, _DOCUMENTS, _CASES = table_of(ExchangeLinkRow), table_of(ExchangeDocumentRow), table_of(ExchangeCaseRow)
_DOCUMENT = (
    _DOCUMENTS.c.id,
    _LINKS.c.name,
    _DOCUMENTS.c.received,
    _DOCUMENTS.c.sequence,
    _DOCUMENTS.c.digest,
    _DOCUMENTS.c.made_at,
    _DOCUMENTS.c.recorded_at,
    _DOCUMENTS.c.key_digest,
    _DOCUMENTS.c.n_cases,
)
_CASE = (
    _CASES.c.id,
    _CASES.c.document_id,
    _CASES.c.case_name,
    _CASES.c.target_name,
    _CASES.c.has_url,
    _CASES.c.details,
    _CASES.c.forgotten_at,
)


@dataclass(frozen=True, slots=True)
class KeptCase:
    """What a document says of one case; `details`: JSON that the stage of the exchange writes and reads, without URL.

    `record`: our own (source, record id), where a URL leaves, for the audit log. `case_id` None: not kept yet.
    `forgotten_at`: since when `details` say no more than that there was such a case.
    """

    name: str
    target: str
    has_url: bool
    details: bytes = field(repr=False)
    url: str | None = field(default=None, repr=False)  # one that was received
    record: tuple[str, str] | None = None
    case_id: int | None = None
    forgotten_at: datetime | None = None


def next_sequence(store: Store, link: ExchangeLink) -> int:
    """A number above all that were sent to it, also after a backup was put back: it follows the clock."""
    newest = select(func.max(_DOCUMENTS.c.sequence)).where(_DOCUMENTS.c.link_id == link.link_id, ~_DOCUMENTS.c.received)
    with store.read() as connection:
        return max(to_micros(now()), int(connection.scalar(newest) or 0) + 1)


def add_sent(
    store: Store, link: ExchangeLink, head: Address, digest: str, cases: Sequence[KeptCase], *, by: str, reason: str
) -> None:
    """Write down what is about to leave; each URL that leaves has an audit row of its own. Raises KeyProblem."""
    if any(case.has_url for case in cases):
        store.sealer.check_may_reveal()
    with store.write() as connection:
        _insert(store, connection, link, head, digest, cases, received=False)
        subject = f"{len(cases)} cases to {link.name}, document {digest}"
        append(connection, actor=by, action="exchange export", subject=subject, reason=reason)
        for case in cases:
            if case.has_url and case.record is not None:
                source, record_id = case.record
                subject = f"record {record_id} of {source}, to {link.name}, document {digest}"
                append(connection, actor=by, action="exchange export --with-url", subject=subject, reason=reason)


def add_received(
    store: Store, link: ExchangeLink, head: Address, digest: str, cases: Sequence[KeptCase], *, by: str
) -> bool:
    """Keep what was received; False where this very document is kept already. Raises HandoverError, keeping nothing."""
    same = select(_DOCUMENTS.c.digest).where(
        _DOCUMENTS.c.link_id == link.link_id, _DOCUMENTS.c.received, _DOCUMENTS.c.sequence == head.sequence
    )
    with store.write() as connection:
        before = connection.scalar(same)
        if before == digest:
            return False
        if before is not None:
            raise HandoverError(
                "Another document with the same number was received before", "Ask the sender to export it once more"
            )
        _insert(store, connection, link, head, digest, cases, received=True)
        n_urls = sum(case.has_url for case in cases)
        subject = f"{len(cases)} cases from {link.name}, {n_urls} with URL, document {digest}"
        append(connection, actor=by, action="exchange import", subject=subject, reason=f"signed by {link.public}")
    return True


def _insert(
    store: Store,
    connection: Connection,
    link: ExchangeLink,
    head: Address,
    digest: str,
    cases: Sequence[KeptCase],
    *,
    received: bool,
) -> None:
    new = _DOCUMENTS.insert().values(
        link_id=link.link_id,
        received=received,
        sequence=head.sequence,
        digest=digest,
        made_at=head.made_at,
        recorded_at=now(),
        key_digest=head.key_digest,
        n_cases=len(cases),
    )
    document_id = int(connection.execute(new.returning(_DOCUMENTS.c.id)).scalar_one())
    if cases:
        connection.execute(_CASES.insert(), [_row(store, document_id, case) for case in cases])


def _row(store: Store, document_id: int, case: KeptCase) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "case_name": case.name,
        "target_name": case.target,
        "has_url": case.has_url,
        "details": store.sealer.seal(case.details, contexts.EXCHANGE_CASE),
        "url": None if case.url is None else store.sealer.seal_away(case.url.encode(), contexts.EXCHANGE_URL),
    }


def list_documents(store: Store) -> tuple[DocumentFact, ...]:
    """Every document, in the order in which it was written down."""
    with store.read() as connection:
        return tuple(_documents(connection).values())


def _documents(connection: Connection) -> dict[int, DocumentFact]:
    wanted = select(*_DOCUMENT).join(_LINKS, _LINKS.c.id == _DOCUMENTS.c.link_id).order_by(_DOCUMENTS.c.id)
    return {int(found[0]): DocumentFact(*found) for found in connection.execute(wanted)}


def kept_cases(store: Store, begins: str = "") -> list[tuple[DocumentFact, KeptCase]]:
    """What documents said of every case, or of those whose name begins so; by document. Raises KeyProblem."""
    with store.read() as connection:
        documents = _documents(connection)
        wanted = select(*_CASE).where(_CASES.c.case_name.startswith(begins, autoescape=True)).order_by(_CASES.c.id)
        return [
            (
                documents[document_id],
                KeptCase(
                    name,
                    target,
                    has_url,
                    store.sealer.unseal(bytes(details), contexts.EXCHANGE_CASE),
                    case_id=case_id,
                    forgotten_at=gone,
                ),
            )
            for case_id, document_id, name, target, has_url, details, gone in connection.execute(wanted)
        ]


def open_received_url(store: Store, case: KeptCase, link: str, *, by: str, reason: str) -> str:
    """The URL that came with a case; the audit log says who and why. Raises HandoverError, KeyProblem."""
    store.sealer.check_may_reveal()
    with store.write() as connection:
        sealed = connection.scalar(select(_CASES.c.url).where(_CASES.c.id == case.case_id))
        if sealed is None:
            raise HandoverError(
                "No URL of that case is here",
                "Ask for it: --with-url; or its retention time is over, and it was forgotten",
            )
        url = store.sealer.unseal(bytes(sealed), contexts.EXCHANGE_URL).decode()
        subject = f"case {case.name} from {link}"
        append(connection, actor=by, action="exchange show --reveal", subject=subject, reason=reason)
    return url

"""What was exchanged, as a person looks at it: links, documents, each case with all that was said of it.

In: the store, or the first digits of a case's name. Out: values for the screen. What would surprise: whether a case is
known here is found anew each time, because a report on the same URL may have come since.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.errors import HandoverError, KeyProblem
from monitor.exchanging import known_targets
from monitor.handover.exchange_document import canonical, read_case
from monitor.model.exchange import DocumentFact, ExchangedCase, ExchangeLink
from monitor.pipeline import Progress, silent
from monitor.store import Store
from monitor.store.exchange import KeptCase, kept_cases, list_documents, open_received_url
from monitor.store.exchange_facts import records_of
from monitor.store.exchange_links import list_links, shared_key
from monitor.store.forgetting_cases import NO_TARGET

FEWEST_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Statement:
    """What one document said of a case."""

    document: DocumentFact
    case: ExchangedCase
    kept: KeptCase


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with everything that was said of it, by the sender's number. `known` None: nobody here can tell.

    `records`: our own (source, record id) about its Target.
    """

    name: str
    link: str
    received: bool
    statements: tuple[Statement, ...]
    known: bool | None
    records: tuple[tuple[str, str], ...]

    @property
    def newest(self) -> Statement:
        return self.statements[-1]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything, oldest first."""

    links: tuple[ExchangeLink, ...]
    documents: tuple[DocumentFact, ...]
    cases: tuple[CaseView, ...]


def overview(db: Store, progress: Progress = silent) -> Overview:
    """All that was exchanged. Raises KeyProblem where what was kept does not open."""
    return Overview(list_links(db), list_documents(db), _views(db, kept_cases(db), progress))


def find_case(db: Store, begins: str, progress: Progress = silent) -> CaseView:
    """The one case whose name begins so. Raises HandoverError."""
    begins = begins.strip().lower()
    if len(begins) < FEWEST_DIGITS or not set(begins) <= set("0123456789abcdef"):
        raise HandoverError("That is no name of a case", f"Write at least its first {FEWEST_DIGITS} hex digits")
    found = _views(db, kept_cases(db, begins), progress)
    if len(found) != 1:
        said = "No case has" if not found else "Several cases have"
        raise HandoverError(f"{said} a name that begins so", "See `monitor exchange list`")
    return found[0]


def reveal(db: Store, view: CaseView, *, by: str, reason: str) -> str:
    """The URL that came with the newest statement that had one; on the audit log. Raises HandoverError, KeyProblem."""
    with_url = [each for each in view.statements if each.kept.has_url and view.received]
    kept = with_url[-1].kept if with_url else view.newest.kept
    return open_received_url(db, kept, view.link, by=by, reason=reason)


def _views(db: Store, kept: Sequence[tuple[DocumentFact, KeptCase]], progress: Progress) -> tuple[CaseView, ...]:
    links = {link.name: link for link in list_links(db)}
    said: defaultdict[tuple[str, str, bool], list[Statement]] = defaultdict(list)
    for document, case in kept:
        statement = Statement(document, read_case(canonical(json.loads(case.details)["case"])), case)
        said[case.name, document.link, document.received].append(statement)
    for statements in said.values():
        statements.sort(key=lambda each: each.document.sequence)
    targets = {name: _targets(db, link, said, progress) for name, link in links.items()}
    ours = records_of(db, {key for found in targets.values() for key in (found or {}).values()})
    views = []
    for (name, link, received), statements in said.items():
        known, target = targets[link], statements[-1].case.target
        comparable = (
            known is not None and target != NO_TARGET and statements[-1].document.key_digest == links[link].key_digest
        )
        key = known.get(target) if known is not None and comparable else None
        records = tuple(ours.get(key, ())) if key is not None else ()
        views.append(
            CaseView(name, link, received, tuple(statements), (key is not None) if comparable else None, records)
        )
    return tuple(views)


def _targets(
    db: Store, link: ExchangeLink, said: dict[tuple[str, str, bool], list[Statement]], progress: Progress
) -> dict[str, int] | None:
    """Our Target behind each name that was exchanged with that side; None where that cannot be told."""
    names = {statements[-1].case.target for (_, name, _), statements in said.items() if name == link.name} - {NO_TARGET}
    if not names or link.key_digest is None:
        return None
    try:
        return known_targets(db, shared_key(db, link), names, progress)
    except KeyProblem:
        return None

"""Single cases to another organisation and from it; joins the store and the stage that signs and seals.

In: our records and whom they go to; or a sealed file. Out: the sealed file; or what was new in it and which of its
cases we know. What would surprise: what comes in is kept as said by its sender and enters no figure; it becomes a
report or a notice of ours only where a person imports it as one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from monitor import store
from monitor.clock import now
from monitor.config import Settings
from monitor.errors import HandoverError, KeyProblem
from monitor.exchange_keys import opened_for_us, receiver_of, sender_of
from monitor.exchange_texts import check_received, fit_to_send
from monitor.handover.exchange_document import MOST_CASES, canonical, case_fields
from monitor.handover.exchange_seal import digest_of, write_document
from monitor.handover.identity import Identity
from monitor.handover.pseudonym import case_name, target_name
from monitor.handover.seal import Sealed
from monitor.handover.signing import fingerprint_of, signing_key
from monitor.model.exchange import (
    Address,
    CaseDocument,
    CaseNotice,
    CaseOrder,
    CasePurpose,
    ExchangedCase,
)
from monitor.orders.standing import OrderStanding, survey
from monitor.pipeline import Progress, silent
from monitor.store import Store
from monitor.store.exchange import KeptCase, add_received, add_sent, list_documents, next_sequence
from monitor.store.exchange_facts import RecordFacts, count_targets, record_facts, target_texts
from monitor.store.exchange_links import find_link, shared_key

FOLDER = "exchange"
"""Where sealed files go in the data folder, as long as nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be sent. `source` where several have a record of that id; `out` None: into the data folder."""

    link: str
    records: tuple[str, ...]
    source: str | None
    purpose: CasePurpose
    with_url: bool
    note: str | None
    by: str
    why: str
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sealed. `document`: the digest by which the receiver knows it."""

    link: str
    sealed: Sealed
    document: str
    sequence: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Received:
    """What came in. `known`: how many of its cases are about a Target of ours; None: this key file may not look.

    `new` False: this very document was here already. `older`: a later one of the same sender was here before.
    """

    link: str
    document: str
    sequence: int
    new: bool
    older: bool
    names: tuple[str, ...]
    known: int | None


def export(db: Store, settings: Settings, asked: Asked) -> Sent:
    """Seal what we know of some records for the other side. Raises HandoverError, RecordMissing, KeyProblem."""
    to, ours = find_link(db, asked.link), signing_key(db.data_dir, create=True)
    receiver, key = receiver_of(to), shared_key(db, to)
    if asked.with_url:
        db.sealer.check_may_reveal()
    if len(asked.records) > MOST_CASES:
        raise HandoverError(f"More than {MOST_CASES} cases were given", "Send fewer at once")
    records = [store.find_record(db, record_id, asked.source) for record_id in dict.fromkeys(asked.records)]
    facts = record_facts(db, records)
    at, sequence = now(), next_sequence(db, to)
    standings = _standings(db, settings, facts, at)
    cases = tuple(_case(each, key, ours.fingerprint, asked, standings) for each in facts)
    head = Address(ours.fingerprint, fingerprint_of(to.public), sequence, at, to.key_digest or "")
    document = CaseDocument(head, cases)
    digest = digest_of(document)
    kept = [_kept(case, (each.source, each.record_id)) for case, each in zip(cases, facts, strict=True)]

    def written_down(_sealed: Sealed) -> None:
        add_sent(db, to, head, digest, kept, by=asked.by, reason=asked.why)

    path = asked.out or db.data_dir / FOLDER / f"{to.name}-{sequence}.age"
    sealed = write_document(path, document, ours, receiver, written_down)
    return Sent(to.name, sealed, digest, sequence, tuple(case.name for case in cases))


def _standings(db: Store, settings: Settings, facts: Iterable[RecordFacts], at: datetime) -> dict[int, OrderStanding]:
    """How each order of these records stands, by its number."""
    orders = [order for each in facts for order in each.orders]
    if not orders:
        return {}
    return {each.order.order_id: each for each in survey(db, settings, orders, at).standings}


def _case(
    facts: RecordFacts, key: bytes, sender: str, asked: Asked, standings: Mapping[int, OrderStanding]
) -> ExchangedCase:
    return ExchangedCase(
        name=case_name(key, sender, facts.source, facts.record_id),
        target=target_name(key, facts.target.kind, facts.target.text),
        target_kind=facts.target.kind,
        purpose=asked.purpose,
        reported_at=facts.reported_at,
        assessment=facts.assessment,
        withdrawn_at=facts.withdrawn_at,
        notices=tuple(_notice(notice) for notice in facts.notices),
        orders=tuple(_order(standings[order.order_id]) for order in facts.orders),
        note=asked.note,
        url=facts.target.text if asked.with_url else None,
    )


def _notice(notice: CaseNotice) -> CaseNotice:
    """As it may leave: a party that gives away a URL, host or address is withheld, and it says so."""
    party, sender = fit_to_send(notice.party), fit_to_send(notice.sender)
    return replace(notice, party=party, sender=sender, party_withheld=party is None and notice.party is not None)


def _order(standing: OrderStanding) -> CaseOrder:
    """What happened and what the checks say; who decided what and why stays with us."""
    order, term = standing.order, standing.term
    party = fit_to_send(order.party)
    return CaseOrder(
        served_at=order.served_at,
        party=party,
        party_withheld=party is None and order.party is not None,
        capacity=order.capacity,
        deadline_at=term.deadline_at,
        state=term.state.value,
        result=standing.verdict.result.value,
        events=tuple((fact.kind.value, fact.at) for fact in order.in_force_facts),
    )


def _kept(case: ExchangedCase, record: tuple[str, str] | None = None) -> KeptCase:
    """`record`: of a case that is sent; then its URL is not kept a second time."""
    details = {"case": case_fields(replace(case, url=None)), "record": record}
    url = case.url if record is None else None
    return KeptCase(case.name, case.target, case.url is not None, canonical(details), url, record)


def take(db: Store, path: Path, identities: Sequence[Identity], by: str, progress: Progress = silent) -> Received:
    """Keep what a sealed file says, all of it or nothing. Raises HandoverError, StoreError, KeyProblem."""
    opened = opened_for_us(db, path, identities)
    sender, document = sender_of(db, opened), opened.document
    if not isinstance(document, CaseDocument):
        raise HandoverError("The file holds a key, not cases", "Run `monitor exchange key NAME --import FILE`")
    key = shared_key(db, sender)
    if document.head.key_digest != sender.key_digest:
        raise HandoverError(
            "The document was made under another shared key",
            "Compare `monitor exchange list` on both sides; one has to take the other's key in",
        )
    for case in document.cases:
        check_received(case, key)
    before = [each.sequence for each in list_documents(db) if each.received and each.link == sender.name]
    kept = [_kept(case) for case in document.cases]
    new = add_received(db, sender, document.head, opened.digest, kept, by=by)
    known = known_targets(db, key, {case.target for case in document.cases}, progress)
    return Received(
        link=sender.name,
        document=opened.digest,
        sequence=document.head.sequence,
        new=new,
        older=document.head.sequence < max(before, default=0),
        names=tuple(case.name for case in document.cases),
        known=None if known is None else sum(case.target in known for case in document.cases),
    )


def known_targets(db: Store, key: bytes, names: Iterable[str], progress: Progress = silent) -> dict[str, int] | None:
    """The Target of ours behind each name, of those that we have; None where this key file may not open URLs.

    Every Target gets its name made, a few microseconds each, until all are found.
    """
    wanted, found = set(names), dict[str, int]()
    if not wanted:
        return found
    total, done = count_targets(db), 0
    try:
        db.sealer.check_may_reveal()
        for some in target_texts(db):
            made = {target_name(key, each.kind, each.text): each.target_id for each in some}
            found |= {name: made[name] for name in wanted & made.keys()}
            done += len(some)
            progress(done, total)
            if len(found) == len(wanted):
                break
    except KeyProblem:
        return None
    return found

"""References and addressees of notices past their term, and what people wrote down about orders.

In: an instant, keys of records. Out: which records are due, and how many lost these texts. What would surprise: a
reference becomes a keyed digest of itself, so that statements about one message and corrections of it still find one
another; an addressee that the registry knows is the name of an organisation that figures rest on, and stays; any other
becomes a digest too, which sorts among the addressees of its record as it did, because rules break ties by that order.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from monitor.model.retention import GONE, STAND_IN
from monitor.model.words import NoticeKind
from monitor.store import contexts
from monitor.store.bulk import names_by_id, select_by, update_rows
from monitor.store.database import Store
from monitor.store.erasing import overwrite
from monitor.store.fetching import fetch_ints
from monitor.store.forgetting import listed
from monitor.store.holds_now import Kept, nothing_held
from monitor.store.sealing import Sealer
from monitor.store.tables import FactCorrectionRow, NoticeRow, OrderFactRow, RecordRow, SourceRow, table_of
from monitor.store.times import to_micros

_NOTICES, _FACTS, _CORRECTIONS = table_of(NoticeRow), table_of(OrderFactRow), table_of(FactCorrectionRow)
_RECORDS, _SOURCES = table_of(RecordRow), table_of(SourceRow)
Texts = dict[int, tuple[str | None, str | None]]
"""Key of a notice -> reference, addressee."""
_FORGOTTEN = "forgotten_at IS NOT NULL"
Known = Callable[[str], bool]
"""Whether the registry knows, or ever knew, an organisation by that name."""


def due_messages(store: Store, kind: NoticeKind, before: datetime) -> list[int]:
    """The records all of whose notices of a kind, and facts about them, are from before that, ascending."""
    with store.read() as connection:
        return _due(connection, kind, to_micros(before), "")


def _due(connection: Connection, kind: NoticeKind, cut: int, among: str) -> list[int]:
    mine = f"n.record_key = d.record_key AND n.kind = '{kind.value}'"
    facts = f"SELECT 1 FROM order_facts f JOIN notices n ON n.id = f.notice_id WHERE {mine}"  # noqa: S608 (own words)
    statement = f"""SELECT DISTINCT d.record_key FROM notices d WHERE d.kind = '{kind.value}' {among}
        AND (EXISTS (SELECT 1 FROM notices n WHERE {mine} AND n.forgotten_at IS NULL
                     AND (n.reference IS NOT NULL OR n.party IS NOT NULL))
             OR EXISTS ({facts} AND f.forgotten_at IS NULL))
        AND NOT EXISTS (SELECT 1 FROM notices n WHERE {mine} AND n.notified_at >= {cut:d})
        AND NOT EXISTS ({facts} AND f.recorded_at >= {cut:d}) ORDER BY d.record_key"""  # noqa: S608 (numbers)
    keys: list[int] = fetch_ints(connection, statement, 1)[0].tolist()
    return keys


def forget_messages(
    store: Store,
    kind: NoticeKind,
    records: Collection[int],
    before: datetime,
    at: datetime,
    known: Known,
    kept: Kept = nothing_held,
) -> tuple[int, int]:
    """As far as they still are due and not held: (records that lost these texts, records held); one batch."""
    moment = to_micros(at)
    with store.write() as connection:
        overwrite(connection, store)
        due = _due(connection, kind, to_micros(before), f"AND d.record_key IN ({listed(records)})")
        held = kept(connection) if due else ()
        still = [key for key in due if key not in held]
        _empty_notices(connection, store.sealer, kind, still, moment, known)
        _shorten_facts(connection, store.sealer, kind, still, moment)
        _rewrite_corrections(connection, store.sealer, still, lambda text: stand_in(store.sealer, text), kind)
    return len(still), len(due) - len(still)


def stand_in(sealer: Sealer, text: str) -> str:
    """Equal texts have equal ones under one key; without the key nothing tells the text."""
    return text if STAND_IN in text else STAND_IN + sealer.index(text.encode(), contexts.FORGOTTEN).hex()


def _empty_notices(
    connection: Connection, sealer: Sealer, kind: NoticeKind, records: Collection[int], moment: int, known: Known
) -> None:
    columns = ("id", "record_key", "kind", "reference", "party")
    found = list(select_by(connection, _NOTICES, columns, "record_key", records))
    parties = defaultdict[int, set[str]](set)
    opened: Texts = {}
    for key, record, _, reference, party in found:
        opened[key] = (
            _opened(sealer, reference, contexts.NOTICE_REFERENCE),
            _opened(sealer, party, contexts.NOTICE_PARTY),
        )
        parties[record] |= {opened[key][1] or ""} - {""}
    names = {record: party_stand_ins(sealer, each, known) for record, each in parties.items()}
    rows = []
    for key, record, its_kind, _, _ in found:
        if its_kind == kind.value:
            reference, party = opened[key]
            said = None if reference is None else stand_in(sealer, reference), party and names[record][party]
            rows.append((*_sealed(sealer, *said), moment, key))
    update_rows(connection, _NOTICES, ("reference", "party", "forgotten_at", "id"), rows)


def party_stand_ins(sealer: Sealer, parties: Iterable[str], known: Known) -> dict[str, str]:
    """What stands for each of a record's addressees: it follows the stand-in of the one that it followed."""
    made, before = dict[str, str](), ""
    for party in sorted(parties):
        stays = STAND_IN in party or known(party)
        before = made[party] = party if stays else before + stand_in(sealer, party)
    return made


def _shorten_facts(
    connection: Connection, sealer: Sealer, kind: NoticeKind, records: Collection[int], moment: int
) -> None:
    """Kind, times, deadline, finding and decision stay: they say how the order stands."""
    mine = select_by(connection, _NOTICES, ("id",), "record_key", records, f"kind = '{kind.value}'")
    notices = [key for (key,) in mine]
    rows = []
    for key, details in select_by(connection, _FACTS, ("id", "details"), "notice_id", notices, "forgotten_at IS NULL"):
        said = json.loads(sealer.unseal(bytes(details), contexts.ORDER_FACT))
        said |= {name: said[name] and GONE for name in ("why", "document", "officer")}
        rows.append((sealer.seal(json.dumps(said, ensure_ascii=False).encode(), contexts.ORDER_FACT), moment, key))
    update_rows(connection, _FACTS, ("details", "forgotten_at", "id"), rows)


def _rewrite_corrections(
    connection: Connection,
    sealer: Sealer,
    records: Collection[int],
    instead: Callable[[str], str],
    kind: NoticeKind | None = None,
) -> None:
    """References in corrections of these records, so that they go on finding their notices; `kind` None: of both."""
    if not records:
        return
    names, rows = _names(connection, records), []
    wanted = select(_CORRECTIONS.c.id, _CORRECTIONS.c.details).where(_CORRECTIONS.c.details.is_not(None))
    for key, details in connection.execute(wanted).all():
        said: dict[str, Any] = json.loads(sealer.unseal(bytes(details), contexts.FACT_CORRECTION))
        mine = [one for one in said["notices"] if kind is None or one[0] == kind.value]
        if (said["source"], said["record"]) in names and mine:
            for one in mine:
                one[2] = one[2] and instead(one[2])
            said["reference"] = said["reference"] and instead(said["reference"])
            rows.append((sealer.seal(json.dumps(said, ensure_ascii=False).encode(), contexts.FACT_CORRECTION), key))
    update_rows(connection, _CORRECTIONS, ("details", "id"), rows)


def remember_messages(connection: Connection, sealer: Sealer, records: Collection[int]) -> None:
    """What was forgotten of these records and is named again by a notice that just came: it is put back."""
    columns = ("id", "record_key", "reference", "party", "forgotten_at")
    gone = {key for (key,) in select_by(connection, _NOTICES, ("record_key",), "record_key", records, _FORGOTTEN)}
    found = list(select_by(connection, _NOTICES, columns, "record_key", gone))
    opened: Texts = {
        key: (_opened(sealer, reference, contexts.NOTICE_REFERENCE), _opened(sealer, party, contexts.NOTICE_PARTY))
        for key, _, reference, party, _ in found
    }
    named = {text for texts in opened.values() for text in texts if text is not None and STAND_IN not in text}
    again = {stand_in(sealer, text): text for text in named}
    rows, back = [], set[int]()
    for key, record, _, _, at in found:
        reference, party = opened[key]
        last = STAND_IN + (party or "").rpartition(STAND_IN)[2]
        if at is not None and (reference in again or last in again):
            rows.append((*_sealed(sealer, again.get(reference or "", reference), again.get(last, party)), None, key))
            back.add(record)
    update_rows(connection, _NOTICES, ("reference", "party", "forgotten_at", "id"), rows)
    _rewrite_corrections(connection, sealer, back, lambda text: again.get(text, text))


def _names(connection: Connection, records: Collection[int]) -> set[tuple[str, str]]:
    sources = names_by_id(connection, _SOURCES)
    found = select_by(connection, _RECORDS, ("source_id", "record_id"), "id", records)
    return {(sources[source], record) for source, record in found}


def _opened(sealer: Sealer, sealed: bytes | None, context: str) -> str | None:
    return None if sealed is None else sealer.unseal(bytes(sealed), context).decode()


def _sealed(sealer: Sealer, reference: str | None, party: str | None) -> tuple[bytes | None, bytes | None]:
    return (
        None if reference is None else sealer.seal(reference.encode(), contexts.NOTICE_REFERENCE),
        None if party is None else sealer.seal(party.encode(), contexts.NOTICE_PARTY),
    )

"""Exchanged cases and holds: which cases are about what somebody holds, and what is left of one that is forgotten.

In: the store and what is held at an instant. Out: keys of cases; short details. What would surprise: whether a case
that others sent is about a Target of ours shows only when the names of held Targets are made under the shared key,
which needs their URLs; where the key file may not open them, or the key is another one by now, every such case counts
as held as long as anything is.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from monitor.errors import HandoverError, KeyProblem
from monitor.handover.exchange_document import canonical
from monitor.handover.pseudonym import target_name
from monitor.model.exchange import ExchangeLink
from monitor.model.retention import Held
from monitor.store import Store
from monitor.store.exchange_facts import TargetText, texts_of
from monitor.store.exchange_links import list_links, shared_key
from monitor.store.forgetting import targets_of_records
from monitor.store.forgetting_cases import NO_TARGET, DueCase, read_cases
from monitor.store.holds_now import HoldsNow, Kept
from monitor.store.records import find_records, records_of_targets


@dataclass(frozen=True, slots=True)
class _HeldCases:
    """`names`: of held Targets, by link; a link that is not in it cannot be compared."""

    records: frozenset[int]
    names: Mapping[int, tuple[str, frozenset[str]]]


@dataclass(slots=True)
class CasesHeld:
    """Tells in the transaction that removes which of some cases stay."""

    store: Store
    holds: HoldsNow
    _seen: tuple[Held, _HeldCases] | None = field(default=None)

    def among(self, case_ids: Collection[int]) -> Kept:
        def kept(connection: Connection) -> Collection[int]:
            held = self._held(connection)
            if not held.records:
                return set()
            cases = read_cases(connection, self.store, case_ids)
            ours = find_records(connection, {record for each in cases if (record := _record_of(each))})
            return {each.case_id for each in cases if _stays(each, held, ours)}

        return kept

    def _held(self, connection: Connection) -> _HeldCases:
        now = self.holds.held(connection)
        if self._seen is None or self._seen[0] is not now:
            self._seen = now, self._made(connection, now)
        return self._seen[1]

    def _made(self, connection: Connection, now: Held) -> _HeldCases:
        targets = targets_of_records(connection, now.records)
        records = frozenset(now.records | records_of_targets(connection, targets))
        try:
            self.store.sealer.check_may_reveal()
            texts = list(texts_of(connection, self.store.sealer, sorted(targets)))
        except KeyProblem:
            return _HeldCases(records, {})
        names = {link.link_id: made for link in list_links(self.store) if (made := _names(self.store, link, texts))}
        return _HeldCases(records, names)


def _names(db: Store, link: ExchangeLink, texts: Collection[TargetText]) -> tuple[str, frozenset[str]] | None:
    try:
        key = shared_key(db, link)
    except HandoverError:
        return None
    return link.key_digest or "", frozenset(target_name(key, each.kind, each.text) for each in texts)


def _stays(case: DueCase, held: _HeldCases, ours: Mapping[tuple[str, str], int]) -> bool:
    if not case.received:
        record = _record_of(case)
        return record is not None and ours.get(record) in held.records
    digest, names = held.names.get(case.link_id, ("", frozenset()))
    return case.target != NO_TARGET and (digest != case.key_digest or case.target in names)


def _record_of(case: DueCase) -> tuple[str, str] | None:
    record = json.loads(case.details)["record"]
    return None if record is None else (record[0], record[1])


def shortened(details: bytes) -> bytes:
    """Of what was said of a case no more than that it was, when it was reported, and why it was sent."""
    case: dict[str, Any] = json.loads(details)["case"]
    return canonical({"case": {**case, "target": NO_TARGET, "notices": [], "orders": [], "note": None}, "record": None})

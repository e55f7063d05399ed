"""What stands in a research copy where a secret stood: one stand-in a table, made row by row.

In: a row of the store as it lies, opened where need be. Out: the row of the copy. What would surprise: equal things
stay equal and unequal ones unequal, because duplicates, sites and statements about one message are told by that; and
the stand-ins come from keys that are drawn for one copy and kept nowhere.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from monitor.store import contexts
from monitor.store.records import RecordId
from monitor.store.sealing import Sealer

_INDEX_BYTES = 16
_PERSONAL = ("contact", "contact_source", "remove_contact", "postal_address", "register_number")
"""What a registry says of a Provider and no figure needs."""
_NAMES = ("alias", "remove_alias", "legal_name")

Values = dict[str, Any]


@dataclass(slots=True)
class Pseudonyms:
    """The stand-ins of one copy. `mine` opens the store's values, `theirs` seals the copy's.

    `parties`: addressee -> what stands for it. `records`: (source, record id) -> id in the copy, empty where ids stay.
    `persons`: ids of Providers that are natural persons.
    """

    mine: Sealer
    theirs: Sealer
    parties: Mapping[str, str]
    records: Mapping[RecordId, str]
    persons: frozenset[str]
    _key: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    _sites: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def made(self) -> Mapping[str, Callable[[Values], Values]]:
        """By table; those of other tables stay as they are, or are left out (`research_copy.py`)."""
        return {
            "addresses": self._address,
            "hosts": self._host,
            "targets": self._target,
            "notices": self._notice,
            "resolutions": lambda row: {**row, "cname_chain": None},
            "registration_answers": lambda row: {**row, "registration_id": None, "address_id": None, "covers": None},
            "registry_changes": self._change,
            "fact_corrections": self._correction,
            "order_facts": self._order_fact,
        }

    def _address(self, row: Values) -> Values:
        stand_in = self.theirs.seal(f"address {row['id']}".encode(), contexts.ADDRESS)
        return {**row, "address": stand_in, "address_index": os.urandom(_INDEX_BYTES)}

    def _host(self, row: Values) -> Values:
        name = self.theirs.seal(f"host {row['id']}".encode(), contexts.HOST_NAME)
        site = self._sites.setdefault(bytes(row["site_index"]), os.urandom(_INDEX_BYTES))
        return {**row, "name": name, "name_index": os.urandom(_INDEX_BYTES), "site_index": site}

    def _target(self, row: Values) -> Values:
        return {**row, "url": None, "url_index": os.urandom(_INDEX_BYTES)}

    def _notice(self, row: Values) -> Values:
        party = self._opened(row["party"], contexts.NOTICE_PARTY)
        reference = self._opened(row["reference"], contexts.NOTICE_REFERENCE)
        return {
            **row,
            "party": None if party is None else self.theirs.seal(self.parties[party].encode(), contexts.NOTICE_PARTY),
            "reference": None
            if reference is None
            else self.theirs.seal(self._reference(reference).encode(), contexts.NOTICE_REFERENCE),
            "content_index": os.urandom(_INDEX_BYTES),
        }

    def _change(self, row: Values) -> Values:
        text = self._opened(row["details"], contexts.CHANGE_DETAILS)
        if text is None:
            return row
        said = {name: value for name, value in json.loads(text).items() if name not in _PERSONAL}
        if {row["subject"], row["into"]} & self.persons:
            said = {name: "a person" if name == "name" else v for name, v in said.items() if name not in _NAMES}
        if "record" in said:
            said["record"] = self.records.get((said["source"], said["record"]), said["record"])
        return {**row, "details": self._sealed(said, contexts.CHANGE_DETAILS)}

    def _correction(self, row: Values) -> Values:
        text = self._opened(row["details"], contexts.FACT_CORRECTION)
        if text is None:
            return {**row, "letter_id": None}
        said = json.loads(text)
        said["record"] = self.records.get((said["source"], said["record"]), said["record"])
        said["reference"] = self._or_none(said["reference"])
        said["notices"] = [[kind, at, self._or_none(reference)] for kind, at, reference in said["notices"]]
        return {**row, "letter_id": None, "details": self._sealed(said, contexts.FACT_CORRECTION)}

    def _order_fact(self, row: Values) -> Values:
        """What figures take of it: kind, times, deadline, finding and decision; no words of a person."""
        said = json.loads(self._opened(row["details"], contexts.ORDER_FACT) or "{}")
        said |= {"why": "", "document": None, "officer": None}
        return {**row, "by": "", "details": self._sealed(said, contexts.ORDER_FACT)}

    def _reference(self, text: str) -> str:
        return "notice-" + blake2b(text.encode(), digest_size=_INDEX_BYTES, key=self._key).hexdigest()

    def _or_none(self, reference: str | None) -> str | None:
        return None if reference is None else self._reference(reference)

    def _opened(self, sealed: bytes | None, context: str) -> str | None:
        return None if sealed is None else self.mine.unseal(bytes(sealed), context).decode()

    def _sealed(self, said: object, context: str) -> bytes:
        return self.theirs.seal(json.dumps(said, ensure_ascii=False).encode(), context)

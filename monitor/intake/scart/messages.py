"""The tables `ntd`, `ntd_url` and `abusecontact`, and the export `ntd`: who was told of a report, and when.

In: rows of each, in any order. Out: the Notices of one report: to each hoster the earliest message that was sent, or
the earliest that failed where none was. What would surprise: messages to registrars, site owners and the police are
no notices here, and one whose kind of addressee is not known is to a hoster only where its addressee is the report's
hoster; and a message that names another URL than the report with its id told nobody of that report.
"""

import hashlib
import secrets
from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from monitor.intake.reports import required
from monitor.intake.scart.file import Cells
from monitor.intake.scart.history import number
from monitor.intake.scart.together import id_twice
from monitor.intake.scart.vocabulary import HOME_COUNTRIES, OF_REPORT, message_status, owner_name
from monitor.intake.times import TimeReader
from monitor.intake.values import sealed_text
from monitor.model.report import Notice
from monitor.model.words import Capacity, NoticeChannel, NoticeKind, NoticeStatus

_HOSTER = "hoster"
_NOT_SAID = frozenset({"", "unknown"})


@dataclass(frozen=True, slots=True)
class Message:
    """One NTD that was tried. `contact` -1 and `owner` of an export, which names its addressee."""

    at: datetime
    status: NoticeStatus
    channel: NoticeChannel
    reference: str | None
    to_hoster: bool | None  # None: not said
    contact: int = -1
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    owner: str | None
    foreign: bool


class Messages:
    """Every message. Add all rows, `settle`, then ask `notices` for each report."""

    def __init__(self, times: TimeReader) -> None:
        self._times = times
        self._sent: dict[int, Message] = {}
        self._contacts: dict[int, Contact] = {}
        self._pairs = array("q")  # of each row of ntd_url: report, message, its URL as a number or 0, place, row
        self._other_url: set[tuple[int, int]] = set()
        self._inputs: NDArray[np.int64] = np.empty(0, np.int64)
        self._urls: NDArray[np.int64] = np.empty((0, 4), np.int64)
        self._by_url: defaultdict[bytes, list[Message]] = defaultdict(list)
        self._rows_of: defaultdict[bytes, list[tuple[int, int]]] = defaultdict(list)
        self._key = secrets.token_bytes(32)  # of this run: URLs are held as digests alone

    def add_message(self, cells: Cells) -> bool:
        """A row of `ntd`; False where it was never tried. Raises IntakeProblem."""
        ntd_id, reference, contact, contact_type, channel, status, at = cells
        message = self._message(reference, contact_type, channel, status, at)
        if message is None:
            return False
        contact_id = number(contact, "abusecontact_id") if contact else -1
        whole = _with(message, contact_id, None)
        if self._sent.setdefault(number(ntd_id, "id"), whole) != whole:
            raise id_twice()
        return True

    def add_url(self, place: int, row: int, cells: Cells) -> bool:
        """A row of `ntd_url`; False for one that was taken off its message again, or is of no report."""
        ntd_id, record_type, input_id, deleted, url = cells
        if deleted or record_type not in ("", OF_REPORT):
            return False
        url_number = self._number(url) if url else 0
        self._pairs.extend((number(input_id, "record_id"), number(ntd_id, "ntd_id"), url_number, place, row))
        return True

    def add_contact(self, cells: Cells) -> bool:
        contact_id, owner, country = cells
        name = owner_name(owner)
        foreign = bool(country) and country.lower() not in HOME_COUNTRIES
        contact = Contact(sealed_text(name or "", "owner"), foreign)
        if self._contacts.setdefault(number(contact_id, "id"), contact) != contact:
            raise id_twice()
        return True

    def add_export(self, place: int, row: int, cells: Cells) -> bool:
        """A row of the export `ntd`; False where it is no message to a hoster. Raises IntakeProblem."""
        reference, status, at, channel, contact_type, owner, url = cells
        required(url, "url")
        message = self._message(reference, contact_type, channel, status, at)
        if message is None or message.to_hoster is False:
            return False
        party = sealed_text(owner_name(owner) or "", "abuse owner")
        digest = self._digest(url)
        self._by_url[digest].append(_with(message, -1, party))
        self._rows_of[digest].append((place, row))
        return True

    def settle(self) -> None:
        """Sort by report: from here on `notices` answers."""
        pairs = np.array(self._pairs, np.int64).reshape(-1, 5)
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        self._inputs, self._urls = np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1:])
        self._pairs = array("q")

    def foreign(self, contact: int | None) -> bool:
        known = self._contacts.get(-1 if contact is None else contact)
        return known is not None and known.foreign

    def notices(self, input_id: int | None, hoster: int, url: str, reported_at: datetime) -> tuple[Notice, ...]:
        """What each hoster was told of this report, the earliest first."""
        found = self._of_input(input_id, hoster, url) if input_id is not None else []
        if url and self._by_url:
            digest = self._digest(url)
            self._rows_of.pop(digest, None)
            found += [message for message in self._by_url.get(digest, ()) if message.at >= reported_at]
        by_party: defaultdict[tuple[int, str | None], list[Message]] = defaultdict(list)
        for message in found:
            by_party[message.contact, message.owner].append(message)
        told = (_first(messages) for messages in by_party.values())
        return tuple(self._notice(message) for message in sorted(told, key=lambda m: (m.at, m.reference or "")))

    def without_report(self) -> list[tuple[int, int]]:
        """(place of the file, row) of each row of an export `ntd` whose URL no report had."""
        return sorted(row for rows in self._rows_of.values() for row in rows)

    def of_another_url(self) -> list[tuple[int, int]]:
        """(place of the file, row) of each row of `ntd_url` that names another URL than the report with its id."""
        return sorted(self._other_url)

    @property
    def told_inputs(self) -> list[int]:
        """The ids of `input` that the table `ntd_url` names."""
        return [int(one) for one in np.unique(self._inputs)]

    def _of_input(self, input_id: int, hoster: int, url: str) -> list[Message]:
        first, last = np.searchsorted(self._inputs, [input_id, input_id + 1])
        found = []
        mine = self._number(url) if url and first < last else 0
        told = set[int]()
        for ntd_id, its, place, row in self._urls[first:last].tolist():
            if its and mine and its != mine:
                self._other_url.add((place, row))
            else:
                told.add(ntd_id)
        for ntd_id in sorted(told):
            message = self._sent.get(ntd_id)
            if message is not None and (message.contact == hoster if message.to_hoster is None else message.to_hoster):
                found.append(message)
        return found

    def _message(self, reference: str, contact_type: str, channel: str, status: str, at: str) -> Message | None:
        said = message_status(status)
        if said is None:
            return None
        kind = None if contact_type in _NOT_SAID else contact_type == _HOSTER
        when = self._times.read(required(at, "status_time"), "status_time")
        via = NoticeChannel.API if channel == NoticeChannel.API else said[1]
        return Message(when, said[0], via, sealed_text(reference, "filenumber"), kind)

    def _notice(self, message: Message) -> Notice:
        contact = self._contacts.get(message.contact)
        return Notice(
            kind=NoticeKind.REQUEST,
            status=message.status,
            notified_at=message.at,
            reference=message.reference,
            channel=message.channel,
            party=message.owner or (contact.owner if contact else None),
            capacity=Capacity.UNKNOWN if message.to_hoster is None and message.contact < 0 else Capacity.HOSTING,
        )

    def _number(self, url: str) -> int:
        """The URL as a number of this run, never 0."""
        return int.from_bytes(self._digest(url)[:7], "big") + 1

    def _digest(self, url: str) -> bytes:
        return hashlib.blake2b(url.encode("utf-8", "replace"), digest_size=16, key=self._key).digest()


def _first(messages: Iterable[Message]) -> Message:
    """The earliest that was sent, else the earliest that failed."""
    return min(messages, key=lambda message: (not message.status.starts_clock, message.at, message.reference or ""))


def _with(message: Message, contact: int, owner: str | None) -> Message:
    said = (message.at, message.status, message.channel, message.reference, message.to_hoster)
    return Message(*said, contact, owner)

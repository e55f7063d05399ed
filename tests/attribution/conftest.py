"""`booked_world`: facts for `monitor.attribution.book`, told in days and in words; for the tests of its roles.

Days count from 1970-01-01; None is "from ever". The Providers are P, Q, R (AS64496 to AS64498), the reverse proxies C
and D (AS64500, AS64501) and the registered organisations A, B and K.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from monitor.attribution import book
from monitor.model.columns import (
    UNKNOWN,
    UNKNOWN_AT,
    AttributionColumns,
    Booking,
    Facts,
    NoticeColumns,
    ReadingColumns,
    RegistrationColumns,
    ReportColumns,
    ResolutionColumns,
    TargetColumns,
)
from monitor.model.method import Thresholds
from monitor.model.provider import Claim, Provider, Registry
from monitor.model.words import Outcome

DAY = 86_400_000_000
ASNS = {"P": 64496, "Q": 64497, "R": 64498, "C": 64500, "D": 64501}
ORGANISATIONS = {letter: f"org-ripencc-{letter.lower()}" for letter in "ABK"}
IDS = {letter: f"as{asn}" for letter, asn in ASNS.items()} | ORGANISATIONS
LETTERS = {provider_id: letter for letter, provider_id in IDS.items()}
WORDS = {"on": Outcome.ONLINE, "off": Outcome.OFFLINE, "?": Outcome.INCONCLUSIVE}


def micros(day):
    return UNKNOWN_AT if day is None else round(day * DAY)


def on(day):
    return None if day is None else date(1970, 1, 1) + timedelta(days=day)


@dataclass
class BookedWorld:
    """Lists of what is known; `rows` and `readings_booked` say what that is booked as. Keys come from `key`."""

    reports: list = field(default_factory=list)  # (record, target, ip, origin)
    notices: list = field(default_factory=list)  # (record, day, party)
    seen: list = field(default_factory=list)  # (target, day, address, word)
    resolved: list = field(default_factory=list)  # (target, day, address)
    literals: dict = field(default_factory=dict)  # target -> address
    routes: list = field(default_factory=list)  # dicts: address, day, asn, reason, front, origins, table, made
    registered: list = field(default_factory=list)  # dicts: address, day, holder, customer, claimed, doubt
    claims: list = field(default_factory=list)  # (provider, what: AS letter or organisation letter, from, until)
    overrides: dict = field(default_factory=dict)  # record -> provider
    merged: dict = field(default_factory=dict)  # letter -> letter of the Provider that it was merged into
    names: dict = field(default_factory=dict)  # folded name -> letters of those who bear it
    thresholds: Thresholds = field(default_factory=Thresholds)
    key: int = 1  # another one gives other store keys
    reported: dict = field(default_factory=dict)  # record -> day of its report; without one it is day 0

    def report(self, record="r1", *, target=1, ip=UNKNOWN, origin=UNKNOWN):
        self.reports.append((record, target, ip, origin))
        return self

    def notice(self, *days, record="r1", party=None):
        self.notices += [(record, day, party) for day in days]
        return self

    def read(self, *lines, target=1):
        """Lines such as "2.5 on 7": day, word, address (none: not known)."""
        for line in lines:
            day, word, address = (*line.split(), UNKNOWN)[:3]
            self.seen.append((target, float(day), int(address), word))
        return self

    def resolve(self, day, *addresses, target=1):
        self.resolved += [(target, day, address) for address in addresses]
        return self

    def route(self, address, provider=None, day=0, **other):
        """From `day` on an address is announced by a Provider's AS; `front` names the proxy, `origins` letters."""
        self.routes.append({"address": address, "provider": provider, "day": day, **other})
        return self

    def register(self, address, holder=None, customer=None, *, day=None, claimed=None, doubt=None):
        names = {"holder": holder, "customer": customer, "claimed": claimed, "doubt": doubt}
        self.registered.append({"address": address, "day": day, **names})
        return self

    def registry(self) -> Registry:
        into = {letter: IDS[self.merged.get(letter, letter)] for letter in IDS}
        providers = {i: Provider(i, f"Invented {letter}") for i, letter in LETTERS.items() if letter not in self.merged}
        claims = tuple(
            Claim(
                IDS[provider],
                n,
                asn=ASNS.get(what),
                organisation=ORGANISATIONS.get(what),
                valid_from=on(start),
                until=on(end),
            )
            for n, (provider, what, start, end) in enumerate(self.claims)
        )
        return Registry(
            providers,
            {asn: into[letter] for letter, asn in ASNS.items()},
            {name: IDS[letters] for name, letters in self.names.items() if len(letters) == 1},
            {name: frozenset(IDS[letter] for letter in letters) for name, letters in self.names.items()},
            {organisation: into[letter] for letter, organisation in ORGANISATIONS.items()},
            claims,
            {("hotline", record): IDS[provider] for record, provider in self.overrides.items()},
        )

    def facts(self) -> Facts:
        report_key = {record: (n * 7 + self.key) % 101 for n, (record, *_) in enumerate(self.reports)}
        targets = sorted({target for _, target, *_ in self.reports}, key=self._target)
        seen = sorted(self.seen, key=lambda reading: (self._target(reading[0]), reading[1]))
        resolved = sorted(self.resolved, key=lambda answer: (self._target(answer[0]), *answer[1:]))
        target_of = {record: target for record, target, *_ in self.reports}
        return Facts(
            _columns(
                TargetColumns,
                [{"target_id": self._target(t), "site": t, "literal": self.literals.get(t, UNKNOWN)} for t in targets],
            ),
            _columns(
                ReportColumns,
                [
                    {"report_id": report_key[record], "source": "hotline", "record_id": record}
                    | {"target_id": self._target(target), "address": ip, "origin": origin, "eligible": True}
                    | {"reported_at": micros(self.reported.get(record, 0))}
                    for record, target, ip, origin in self.reports
                ],
            ),
            _columns(
                NoticeColumns,
                [
                    {"notice_id": n, "report_id": report_key[record], "target_id": self._target(target_of[record])}
                    | {"at": micros(day), "party": party}
                    for n, (record, day, party) in enumerate(self.notices)
                ],
            ),
            _columns(
                ReadingColumns,
                [
                    {"target_id": self._target(t), "at": micros(day), "address": address, "outcome": WORDS[word]}
                    for t, day, address, word in seen
                ],
            ),
            _columns(AttributionColumns, [_route(route) for route in sorted(self.routes, key=_place)]),
            _columns(
                ResolutionColumns,
                [{"target_id": self._target(t), "at": micros(day), "address": address} for t, day, address in resolved],
            ),
            _columns(RegistrationColumns, [_registration(entry) for entry in sorted(self.registered, key=_place)]),
        )

    def book(self) -> Booking:
        return book(self.facts(), self.registry(), self.thresholds)

    def rows(self, *roles) -> list[SimpleNamespace]:
        """The rows of these roles (all), with letters for Providers and record and day for the notice."""
        booking = self.book()
        letters = (*(LETTERS[i] for i in booking.provider_ids), None)
        rows = []
        for values in zip(*booking.notices.arrays().values(), strict=True):
            row = SimpleNamespace(**dict(zip(booking.notices.arrays(), values, strict=True)))
            row.record, row.day, _ = self.notices[row.notice]
            row.provider = "site" if row.role == "site" and row.provider == 0 else letters[row.provider]
            row.party = letters[row.party]
            row.doubts = () if row.doubts is None else tuple(row.doubts.split(";"))
            rows.append(row)
        return [row for row in rows if not roles or row.role in roles]

    def readings_booked(self) -> list[tuple[str | None, ...]]:
        """(network, as, customer, proxy) of each reading, by Target and time."""
        booking = self.book()
        letters = (*(LETTERS[i] for i in booking.provider_ids), None)
        return [
            tuple(letters[code] for code in codes) for codes in zip(*booking.readings.arrays().values(), strict=True)
        ]

    def _target(self, target):
        return (target * 13 + self.key * 5) % 97


def _place(entry):
    return entry["address"], micros(entry["day"])


def _route(route):
    provider, origins = route["provider"], route.get("origins")
    table = route.get("table", route["day"])
    reason = None if provider else "several-origins" if origins else route.get("reason", "no-prefix")
    return {
        "address": route["address"],
        "as_of": micros(route["day"]),
        "asn": ASNS.get(provider, UNKNOWN),
        "reason": reason,
        "front": route.get("front"),
        "origins": "_".join(str(ASNS[letter]) for letter in origins) if origins else None,
        "table_as_of": micros(table),
        "table_made_on": micros(route.get("made", table)),
    }


def _registration(entry):
    names = {"holder": ORGANISATIONS, "customer": ORGANISATIONS, "claimed": IDS}
    known = {column: ids.get(entry[column]) for column, ids in names.items()}
    return {"address": entry["address"], "as_of": micros(entry["day"]), **known, "doubt": entry["doubt"]}


def _columns(kind, records: list[Mapping]):
    """Columns of the annotated dtype, also where there are no records; what is not said is 0, None or not known."""
    dtype = {c.name: c.type.__args__[1].__args__[0] for c in fields(kind)}
    blank = {np.object_: None, np.float64: np.nan}
    return kind(
        **{
            name: np.array([record.get(name, blank.get(dtype[name], 0)) for record in records], dtype[name])
            for name in dtype
        }
    )


@pytest.fixture(scope="session")
def booked_world():
    """Makes a BookedWorld without anything in it."""
    return BookedWorld

"""A small world of one or a few Targets, told in hours after the notice, for the tests of `monitor.survival`.

A reading is a line: `hours word [provider] [cause] [untrusted] [page]`, such as "1.5 off P domain". The word is
`on`, `off` or `?`; the provider is a letter (P unless said, `-` unknown, `>C` behind the reverse proxy C), the same in
every role unless `as:Q` or `customer:R` says otherwise.
"""

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from monitor.model.columns import (
    UNKNOWN,
    AttributionColumns,
    BookedNotices,
    BookedReadings,
    Booking,
    Facts,
    NoticeColumns,
    ReadingColumns,
    ReportColumns,
    TargetColumns,
)
from monitor.model.episode import EpisodeTable, Span
from monitor.model.words import Cause, Outcome
from monitor.survival import Thresholds, episodes

ZERO = datetime(2026, 3, 2, 9, tzinfo=UTC)
MICROS = 3_600_000_000
PROVIDERS = ("C", "P", "Q", "R")  # C is a reverse proxy
WORDS = {"on": Outcome.ONLINE, "off": Outcome.OFFLINE, "?": Outcome.INCONCLUSIVE}
CAUSES = {"content": Cause.CONTENT, "host": Cause.HOST, "domain": Cause.DOMAIN}


def at(hours: float) -> int:
    """Microseconds of the time so many hours after the notice."""
    return round(ZERO.timestamp() * 1e6) + round(hours * MICROS)


def code(letter: str | None) -> int:
    return PROVIDERS.index(letter) if letter in PROVIDERS else UNKNOWN


@dataclass
class World:
    """Facts and their booking, gathered one by one; `table` derives the Episodes."""

    reports: list[dict] = field(default_factory=list)
    notices: list[dict] = field(default_factory=list)
    readings: list[dict] = field(default_factory=list)
    booked: list[dict] = field(default_factory=list)
    providers: list[dict[str, int]] = field(default_factory=list)

    def report(self, record="r1", *, target=1, reported=-1.0, eligible=True, source="hotline"):
        report = {"source": source, "record_id": record, "target_id": target, "reported_at": at(reported)}
        report |= {"eligible": eligible, "address": UNKNOWN, "origin": UNKNOWN, "site_type": None}
        self.reports.append(report | {"report_id": len(self.reports), "known_material": UNKNOWN})
        return self

    def notice(
        self,
        hours=0.0,
        provider="P",
        *,
        record="r1",
        kind="request",
        status="sent",
        party=None,
        capacity="unknown",
        role="network",
        deadline=float("nan"),
        sender=None,
        also=None,
        doubts=None,
    ):
        """A notice about a report's Target, and the party that held it at that moment (None: nobody known).

        It is booked in one role, and in those that `also` names with the party there: {"customer": "Q"}.
        """
        report = next(r for r in self.reports if r["record_id"] == record)
        notice = {"notice_id": len(self.notices), "report_id": report["report_id"], "target_id": report["target_id"]}
        notice |= {"kind": kind, "status": status, "at": at(hours), "sender": sender, "party": party}
        self.notices.append(notice | {"capacity": capacity, "deadline_hours": deadline})
        for word, who in {role: provider, **(also or {})}.items():
            booked = {"notice": notice["notice_id"], "role": word, "provider": 0 if word == "site" else code(who)}
            booked |= {"asn": 64496, "party": code(party), "basis": "reading", "fronted": role == "proxy"}
            booked |= {"reason": None if who else "no-address", "confidence": "full", "doubts": doubts}
            self.booked.append(booked)
        return self

    def seen(self, *lines, target=1, bracket=False):
        for line in lines:
            hours, word, *rest = line.split()
            cause = next((CAUSES[w] for w in rest if w in CAUSES), Cause.CONTENT)
            who = next((w for w in rest if w in PROVIDERS or w[0] in ">-"), "P")
            reading = {"check_id": len(self.readings), "target_id": target, "at": at(float(hours)), "address": UNKNOWN}
            reading |= {"outcome": WORDS[word], "cause": cause if word == "off" else Cause.NONE, "bracket": bracket}
            self.readings.append(reading | {"confirmed": "untrusted" not in rest, "page": "page" in rest})
            held = UNKNOWN if who[0] == ">" else code(who)
            roles = {"network": held, "as_": held, "customer": held, "proxy": code(who.lstrip(">"))}
            said = dict(w.split(":") for w in rest if w.startswith(("as:", "customer:")))
            self.providers.append(roles | {w.replace("as", "as_"): code(letter) for w, letter in said.items()})
        return self

    def facts(self) -> Facts:
        targets = sorted({r["target_id"] for r in self.reports})
        return Facts(
            _columns(TargetColumns, [{"target_id": t, "site": 7, "literal": -1, "withheld": False} for t in targets]),
            _columns(ReportColumns, self.reports),
            _columns(NoticeColumns, self.notices),
            _columns(ReadingColumns, self.readings),
            _columns(AttributionColumns, []),
        )

    def booking(self) -> Booking:
        readings = _columns(BookedReadings, self.providers)
        return Booking(PROVIDERS, ("NL",) * len(PROVIDERS), readings, _columns(BookedNotices, self.booked))

    def table(self, *, start=-1000.0, end=1000.0, cutoff=3000.0) -> EpisodeTable:
        """The Episodes of the Period [start, end) in hours, from the readings before the cut-off."""
        span = Span(*(ZERO + timedelta(hours=h) for h in (start, end, cutoff)))
        return episodes(self.facts(), self.booking(), span, Thresholds())

    def rows(self, **period) -> list[SimpleNamespace]:
        """The table row by row, with `None` for not known and `interval` for (left, right)."""
        table = self.table(**period)
        return [_row({name: column[i] for name, column in table.arrays().items()}) for i in range(len(table))]

    def row(self, **period) -> SimpleNamespace:
        """The only row."""
        (row,) = self.rows(**period)
        return row


def _columns(kind, records):
    """Columns of the annotated dtype, also where there are no records."""
    dtype = {c.name: c.type.__args__[1].__args__[0] for c in fields(kind)}
    return kind(**{name: np.array([record[name] for record in records], dtype[name]) for name in dtype})


def _row(values):
    known = {name: _plain(value) for name, value in values.items()}
    left, right = known["left_hours"], known["right_hours"]
    first = known["first_left_hours"], known["first_right_hours"]
    return SimpleNamespace(**known, interval=(left, right), first=first)


def _plain(value):
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 9)
    return value


@pytest.fixture(scope="session")
def world():
    """A World without anything in it."""
    return World


@pytest.fixture
def course():
    """The row of one Target that was reported an hour before its notice and read as the lines say."""

    def read(*lines, cutoff=3000.0, **notice):
        return World().report().notice(**notice).seen(*lines).row(cutoff=cutoff)

    return read

"""Frozen rows of the Provider and the facts behind them -> the lines of its file.

In: a batch of frozen rows. Out: CaseBatch. What would surprise: the figures of a line are those that were frozen, also
where the facts have changed since; the line says so, and what stands beside it is as it is known now.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from monitor import store
from monitor.attribution.booking_addresses import addresses_at_notices, reported
from monitor.attribution.explain_addresses import FoundAddress, address_story
from monitor.model.columns import UNKNOWN
from monitor.model.episode import EpisodeTable
from monitor.model.explanation import AddressStory
from monitor.model.provider import fold_name
from monitor.model.provider_file import ANOTHER, THIS, CaseAddress, CaseBatch, CaseCheck, CaseNorm, CaseRow
from monitor.model.words import (
    AddresseeMatch,
    AttributionBasis,
    EpisodeStatus,
    NoticeKind,
)
from monitor.provider_files.checks import Checks
from monitor.provider_files.counts import Course, counts
from monitor.provider_files.evidence import Ground, evidence
from monitor.provider_files.matching import Facing, Matched, Row, state, table_rows
from monitor.provider_files.times import after, instant, known_instant, number
from monitor.survival import bounds

_ANOTHER_PARTY = "another party"


def batch(ground: Ground, rows: EpisodeTable, course: Course) -> CaseBatch:
    """The lines of some frozen rows, in their order."""
    made = _Batch(ground, rows)
    lines: list[CaseRow] = []
    addresses: list[CaseAddress] = []
    checks: list[CaseCheck] = []
    norms: list[CaseNorm] = []
    for place, row in enumerate(made.rows):
        course.n += 1
        matched, target = made.facing.notice(row), made.targets.get((row["source"], row["record_id"]))
        mine = made.addresses(matched)
        lines.append(made.line(course, place, row, matched, target, mine))
        addresses += (made.address(course.n, key, row["notified_at"]) for key in mine)
        if target is not None:
            checks += made.checks.of_line(course.n, place, row, target)
        norms += made.norms(course.n, place, row)
    return CaseBatch(tuple(lines), tuple(norms), tuple(addresses), tuple(checks))


class _Batch:
    """Everything about some rows, looked up at once."""

    def __init__(self, ground: Ground, rows: EpisodeTable) -> None:
        self.ground, self.table, self.rows = ground, rows, table_rows(rows)
        records = {(row["source"], row["record_id"]) for row in self.rows}
        self.targets = store.targets_of(ground.db, records)
        keys = set(self.targets.values())
        self.found = evidence(ground, keys)
        self.urls = store.open_targets(ground.db, keys)
        self._forgotten = store.forgotten_addresses(ground.db, self.found.opened.keys())
        self.words = store.notice_words(ground.db, set(self.found.facts.notices.notice_id.tolist()))
        stated = {key: words.stated_at for key, words in self.words.items() if words.stated_at is not None}
        self.facing = Facing(self.found, stated)
        self.checks = Checks.of(ground, rows, self.found)
        facts = self.found.facts
        pairs = self._at_notices = addresses_at_notices(facts, ground.data.method.thresholds)
        self._is_ours = self.found.is_ours(pairs.address, facts.notices.at[pairs.notice])
        self._origins = reported(facts, facts.reports.origin)
        self._origin_is_ours = self.found.is_ours(self._origins, facts.notices.at)
        self._cases = {
            norm.name: bounds.bounds_of_norm(bounds.intervals(rows), norm.hours) for norm in ground.data.method.norms
        }

    def addresses(self, matched: Matched) -> list[int]:
        """The keys of the addresses that the row was booked by, as far as they are the Provider's."""
        if matched.notice is None or matched.entry is None or matched.report is None:
            return []
        booked, pairs = self.found.booking.notices, self._at_notices
        basis = booked.basis[matched.entry]
        if basis == AttributionBasis.ORIGIN.value:
            keys, ours = [int(self._origins[matched.notice])], [bool(self._origin_is_ours[matched.notice])]
        else:
            first, stop = np.searchsorted(pairs.notice, [matched.notice, matched.notice + 1]).tolist()
            keys, ours = pairs.address[first:stop].tolist(), self._is_ours[first:stop].tolist()
        # A person can have decided that what lies there is the Provider's, whatever the tables say.
        decided = basis == AttributionBasis.OVERRIDE.value and int(booked.provider[matched.entry]) in self.found.codes
        return list(dict.fromkeys(k for k, own in zip(keys, ours, strict=True) if k != UNKNOWN and (own or decided)))

    def line(
        self, course: Course, place: int, row: Row, matched: Matched, target: int | None, mine: Iterable[int]
    ) -> CaseRow:
        said, changed = state(row, self.facing, in_store=target is not None)
        opened = None if target is None else self.urls.get(target)
        norm = self.ground.data.method.norm(NoticeKind(row["clock"]))
        is_order, is_episode = row["clock"] == NoticeKind.ORDER, row["status"] == EpisodeStatus.EPISODE
        return CaseRow(
            row=course.n,
            facts=said,
            changed=changed,
            **{name: row[name] for name in _AS_THEY_ARE},
            url=opened.text if opened else None,
            path_withheld=opened.withheld if opened else None,
            reported_at=known_instant(row["reported_at"]),
            notified_at=instant(row["notified_at"]),
            **self._notice(row, matched),
            address=" ".join(self._text(key) for key in mine) or None,
            asn=None if row["asn"] == UNKNOWN else row["asn"],
            norm_hours=number(row["deadline_hours"]) if is_order else norm.hours,
            within_norm=self._within(norm.name, place) if is_episode else None,
            left_at=after(row["notified_at"], row["left_hours"]),
            right_at=after(row["notified_at"], row["right_hours"]),
            **_hours(row),
            moved_to=None if row["moved_to"] is None else ANOTHER,
            **counts(course, row),
        )

    def _notice(self, row: Row, matched: Matched) -> dict[str, Any]:
        """What the notice says; of one that told somebody else not who that was, nor under which reference."""
        if matched.notice is None:
            return dict.fromkeys(_OF_THE_NOTICE)
        notices = self.found.facts.notices
        words = self.words.get(int(notices.notice_id[matched.notice]), store.NoticeWords(None, None))
        party, told = notices.party[matched.notice], row["addressee_match"]
        addressee = self._addressee(party, told)
        hidden = addressee in (ANOTHER, _ANOTHER_PARTY) or told == AddresseeMatch.OTHER.value
        return {
            "notice_reference": None if hidden else words.reference,
            "notice_channel": words.channel,
            "stated_at": None if words.stated_at is None else instant(words.stated_at),
            "stated_status": words.stated_status,
            "correction_reason": words.why_corrected,
            "addressee": addressee,
            "addressee_capacity": notices.capacity[matched.notice],
        }

    def _addressee(self, party: str | None, match: str) -> str | None:
        known = self.ground.registry
        if party is None:
            return _ANOTHER_PARTY if match == AddresseeMatch.OTHER_CAPACITY.value else None
        if any(known.is_named(party, own) for own in self.ground.ours):
            return party
        if match == AddresseeMatch.OTHER_CAPACITY.value:
            return _ANOTHER_PARTY
        of_others = known.find(party) is not None or bool(known.claims.get(fold_name(party)))
        if of_others or match == AddresseeMatch.OTHER.value:
            return ANOTHER
        # A name that the registry does not know is somebody's all the same, and can be a person's.
        return party if match == AddresseeMatch.SAME.value else _ANOTHER_PARTY

    def _within(self, norm: str, place: int) -> str:
        cases = self._cases[norm]
        return "yes" if cases.worst[place] else "cannot be said" if cases.best[place] else "no"

    def norms(self, line: int, place: int, row: Row) -> Iterator[CaseNorm]:
        """An Episode under each norm on its clock."""
        if row["status"] != EpisodeStatus.EPISODE:
            return
        for norm in self.ground.data.method.norms_in_order:
            if norm.clock.value == row["clock"]:
                hours = number(row["deadline_hours"]) if norm.clock is NoticeKind.ORDER else norm.hours
                cases = self._cases[norm.name]
                found = (cases.worst, cases.best, cases.any_end_worst, cases.any_end_best)
                yield CaseNorm(line, norm.name, hours, *(int(each[place]) for each in found))

    def _text(self, key: int) -> str:
        if (at := self._forgotten.get(key)) is not None:
            return store.said_of(at)
        return str(ipaddress.ip_address(self.found.opened[key]))

    def address(self, line: int, key: int, at: int) -> CaseAddress:
        """How one of the Provider's addresses leads to it."""
        found = FoundAddress([], at)
        story = address_story(key, "", found, self.found.facts, self.ground.registry, self.found.addresses, reveal=True)
        holder = self._holder(story)
        return CaseAddress(
            row=line,
            address=self._text(key),
            at=instant(at),
            prefix=story.prefix,
            origin_asns=" ".join(map(str, story.origins)) or None,
            routing_table=story.table_as_of,
            routing_table_made_on=story.table_made_on,
            routing_table_sha256=story.table_sha256,
            network_handle=story.network_handle,
            network_name=story.network_name if holder == THIS else None,
            registry=story.registry,
            registered_holder=holder,
            registered_at=story.registered_at,
            registration_changed_at=story.changed_at,
            registry_asked_at=story.asked_at,
            assigned_by_a_person=story.claimed_by is not None,
            reverse_proxy=story.proxy is not None,
            doubts=" ".join(story.doubts) or None,
        )

    def _holder(self, story: AddressStory) -> str | None:
        if story.holder is None:
            return None
        known = self.ground.registry
        own = {known.label(each) for each in self.ground.ours if each in known.providers} | self.ground.ours
        return THIS if story.holder in own else ANOTHER


_OF_THE_NOTICE = (
    "notice_reference",
    "notice_channel",
    "stated_at",
    "stated_status",
    "correction_reason",
    "addressee",
    "addressee_capacity",
)
_AS_THEY_ARE = (
    "role",
    "clock",
    "status",
    "source",
    "record_id",
    "target_id",
    "site_id",
    "cluster_id",
    "notice_sender",
    "notice_status",
    "addressee_match",
    "attribution_basis",
    "attribution_confidence",
    "attribution_doubts",
    "fronted",
    "end",
    "last_outcome",
    "n_checks",
    "page_target",
    "flaps",
    "rule_version",
)
_HOURS = (
    "left_hours",
    "right_hours",
    "lower0_hours",
    "weight",
    "first_left_hours",
    "first_right_hours",
    "tail_from_hours",
)


def _hours(row: Row) -> dict[str, Any]:
    return {name: number(row[name]) for name in _HOURS}

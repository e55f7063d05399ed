"""The checks behind frozen rows: each reading of a Target that the derivation read, with the rule that reads it.

In: frozen rows and the Evidence of their Targets. Out: CaseChecks, by time. What would surprise: a check that looked at
another provider's address says that it did, and neither where nor whose; and checks that a void run took in gave no
outcome, so they are not in the list.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from monitor import observation, store
from monitor.attribution.explain_checks import to_episode
from monitor.attribution.explain_rules import BRACKET, RECORDED_TRUSTED, RECORDED_UNTRUSTED, check_rules
from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN
from monitor.model.episode import EpisodeTable
from monitor.model.provider_file import ANOTHER, NOT_KNOWN, THIS, CaseCheck
from monitor.model.words import Cause, EpisodeStatus, Outcome
from monitor.provider_files.evidence import Evidence, Ground
from monitor.provider_files.matching import Row
from monitor.provider_files.times import instant

_UNREAD = "unread"
"""A check of our own that no rule of this version has read."""


def rule_sentences(ground: Ground) -> dict[str, str]:
    """Of every rule that can read a check, by its id."""
    recorded = dict(check_rules(ground.data.method.thresholds))
    return recorded | {rule.id: rule.reason for rule in observation.RULES}


@dataclass(frozen=True, slots=True, eq=False)
class Checks:
    """The readings of a batch, each Target's as one stretch."""

    rows: EpisodeTable
    found: Evidence
    first: Mapping[int, tuple[int, int]]  # by Target: where its readings begin and end
    words: Mapping[int, store.CheckWords]
    sentences: Mapping[str, str]

    @classmethod
    def of(cls, ground: Ground, rows: EpisodeTable, found: Evidence) -> "Checks":
        readings = found.facts.readings
        targets = np.unique(readings.target_id)
        starts = np.searchsorted(readings.target_id, targets, side="left").tolist()
        stops = np.searchsorted(readings.target_id, targets, side="right").tolist()
        places = {key: (a, b) for key, a, b in zip(targets.tolist(), starts, stops, strict=True)}
        words = store.check_words(ground.db, set(readings.check_id.tolist()))
        return cls(rows, found, places, words, rule_sentences(ground))

    def of_line(self, line: int, place: int, row: Row, target: int) -> Iterator[CaseCheck]:
        """The checks of one row by time; `place` is its place among the frozen ones.

        What was seen at another provider is left out where it decides nothing here.
        """
        start, stop = self.first.get(target, (0, 0))
        held, before = self.found.held_in(row["role"]), _Before(row)
        for n in range(start, stop):
            if self.found.usable[n]:
                notes = self._notes(n, place, row, before)
                ours, known = int(held[n]) in self.found.codes, held[n] != UNKNOWN
                if ours or notes or not known:
                    yield self._check(n, line, row, THIS if ours else ANOTHER if known else NOT_KNOWN, notes)

    def _notes(self, n: int, place: int, row: Row, before: "_Before") -> list[str]:
        """What one reading is to the row; nothing to one that is no Episode."""
        if row["status"] != EpisodeStatus.EPISODE:
            return []
        readings = self.found.facts.readings
        at, outcome = int(readings.at[n]), int(readings.outcome[n])
        notes: list[str] = []
        if at in before.moments or row["flaps"]:
            notes += to_episode(n, self.found.facts, self.found.booking, self.rows, place)
        if before.is_return(at, outcome):
            notes.append("online again after the end")
        return notes

    def _check(self, n: int, line: int, row: Row, held_by: str, notes: list[str]) -> CaseCheck:
        readings = self.found.facts.readings
        at, words = int(readings.at[n]), self.words[int(readings.check_id[n])]
        rule = self._rule(n, words)
        return CaseCheck(
            row=line,
            at=instant(at),
            hours=(at - row["notified_at"]) / MICROS_PER_HOUR,
            outcome=Outcome(int(readings.outcome[n])).word,
            cause=Cause(int(readings.cause[n])).name.lower(),
            kind="own" if words.own else "bracket" if readings.bracket[n] else "recorded",
            vantage=words.vantage or None,
            method=words.method,
            phase=words.phase,
            http_status=words.status,
            error=words.error,
            reason=words.reason,
            rule=rule,
            rule_in_words=self.sentences.get(rule, ""),
            address=self._text(int(readings.address[n])) if held_by == THIS else None,
            held_by=held_by,
            note="; ".join(notes) or None,
        )

    def _rule(self, n: int, words: store.CheckWords) -> str:
        if words.own:
            return words.rule or _UNREAD
        if self.found.facts.readings.bracket[n]:
            return BRACKET
        return RECORDED_TRUSTED if self.found.facts.readings.confirmed[n] else RECORDED_UNTRUSTED

    def _text(self, key: int) -> str | None:
        return None if key == UNKNOWN else str(ipaddress.ip_address(self.found.opened[key]))


class _Before:
    """The instants that decide a row, and whether what went before makes an ONLINE a return."""

    def __init__(self, row: Row) -> None:
        hours = (row["left_hours"], row["right_hours"], row["first_right_hours"])
        self.moments = frozenset(row["notified_at"] + round(h * MICROS_PER_HOUR) for h in hours if np.isfinite(h))
        self._end = row["notified_at"] + round(row["right_hours"] * MICROS_PER_HOUR) if row["recurrence"] else None
        self._offline = False

    def is_return(self, at: int, outcome: int) -> bool:
        """To be asked of every reading in order of time."""
        returned = self._end is not None and at > self._end and outcome == Outcome.ONLINE and self._offline
        if outcome != Outcome.INCONCLUSIVE:
            self._offline = outcome == Outcome.OFFLINE
        return returned

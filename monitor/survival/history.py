"""The readings of one Target in order of time, and the confirmed offline runs in them.

In: one Target's readings (times in microseconds UTC, `Outcome`, `Cause`, Provider code or -1). Out: runs.
What would surprise: an inconclusive reading neither makes nor breaks a run, and an unknown Provider is never
another Provider; a void check breaks no run either, but its readings before and after it do not confirm each other.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.model.columns import UNKNOWN
from monitor.model.method import Thresholds
from monitor.model.words import Cause, Outcome

ONLINE, OFFLINE = int(Outcome.ONLINE), int(Outcome.OFFLINE)
DOMAIN = int(Cause.DOMAIN)


@dataclass(frozen=True, slots=True)
class OfflineRun:
    """OFFLINE readings with no ONLINE between them, confirmed. `next_online_at` is None while it lasts."""

    first_at: int
    last_at: int
    cause: int
    last_online_at: int | None
    next_online_at: int | None

    def ends_episode(self, reappear_micros: int) -> bool:
        """Whether no ONLINE follows within the time in which a return counts as an interruption."""
        return self.next_online_at is None or self.next_online_at - self.first_at > reappear_micros


@dataclass(frozen=True, slots=True)
class History:
    """Parallel lists, ordered by time; at one instant OFFLINE comes before ONLINE, so that ONLINE undoes it."""

    at: list[int]
    outcome: list[int]
    cause: list[int]
    provider: list[int]
    confirmed: list[bool]  # recorded by a trusted source: one OFFLINE is enough
    voids: Sequence[int] = ()  # times of void checks, in order

    def __len__(self) -> int:
        return len(self.at)

    def until(self, at: int) -> "History":
        """The readings before `at`."""
        n = bisect_left(self.at, at)
        return History(self.at[:n], self.outcome[:n], self.cause[:n], self.provider[:n], self.confirmed[:n], self.voids)

    def conclusive(self) -> Iterator[int]:
        """Positions of the ONLINE and OFFLINE readings."""
        return (i for i, outcome in enumerate(self.outcome) if outcome in (ONLINE, OFFLINE))

    def online_between(self, after: int | None, until: int) -> list[int]:
        """Times of the ONLINE readings in [after, until]; `after` None: from the beginning."""
        first = 0 if after is None else bisect_left(self.at, after)
        return [self.at[i] for i in range(first, bisect_right(self.at, until)) if self.outcome[i] == ONLINE]

    def without_flaps(self, home: int, after: int, flap_micros: int) -> tuple["History", list[int]]:
        """Readings elsewhere count at the old Provider if one is back there soon enough, after `after`.

        Beside it the time at which each stretch away from `home` began that was undone so.
        """
        if all(code in (home, UNKNOWN) for code in self.provider):
            return self, []
        provider, current, flaps, away = list(self.provider), home, [], False
        known = [i for i in self.conclusive() if provider[i] != UNKNOWN and self.at[i] > after]
        for i in known:
            was_away, away = away, False
            if current not in (UNKNOWN, provider[i]) and self._returns(known, i, current, flap_micros):
                away = True
                if current == home and not was_away:
                    flaps.append(self.at[i])
                provider[i] = current
            current = provider[i]
        return (self if provider == self.provider else replace(self, provider=provider)), flaps

    def _returns(self, known: list[int], i: int, home: int, within: int) -> bool:
        """Whether a reading is at `home` soon after reading `i`, or at the same instant: then it never left."""
        return any(self.provider[j] == home and 0 <= self.at[j] - self.at[i] <= within for j in known)

    def first_elsewhere(self, home: int, after: int) -> int | None:
        """Position of the first conclusive reading after `after` at a known Provider other than `home`."""
        if home == UNKNOWN:
            return None
        for i in self.conclusive():
            if self.at[i] > after and self.provider[i] not in (UNKNOWN, home):
                return i
        return None

    def offline_runs(self, thresholds: Thresholds) -> list[OfflineRun]:
        """The confirmed runs, in order. An unconfirmed run that an ONLINE undoes leaves no trace."""
        runs: list[OfflineRun] = []
        last_online: int | None = None
        members: list[int] = []
        for i in self.conclusive():
            if self.outcome[i] == OFFLINE:
                members.append(i)
                continue
            if members and self._is_confirmed(members, thresholds):
                runs.append(self._run(members, last_online, self.at[i]))
            members, last_online = [], self.at[i]
        if members and self._is_confirmed(members, thresholds):
            runs.append(self._run(members, last_online, None))
        return runs

    def _is_confirmed(self, members: list[int], thresholds: Thresholds) -> bool:
        """Whether one stretch without a void check has readings enough, over long enough.

        The run still begins with its first reading: our own outage must not make a provider look slower.
        """
        if any(self.confirmed[i] for i in members):
            return True
        if not self._is_proof(members, thresholds):
            return False
        return not self.voids or any(self._is_proof(stretch, thresholds) for stretch in self._stretches(members))

    def _is_proof(self, members: list[int], thresholds: Thresholds) -> bool:
        span = self.at[members[-1]] - self.at[members[0]]
        return len(members) >= thresholds.confirm_readings and span >= thresholds.confirm_micros

    def _stretches(self, members: list[int]) -> list[list[int]]:
        """The members between one void check and the next; at one instant the void check comes first."""
        stretches: dict[int, list[int]] = {}
        for i in members:
            stretches.setdefault(bisect_right(self.voids, self.at[i]), []).append(i)
        return list(stretches.values())

    def _run(self, members: list[int], last_online: int | None, next_online: int | None) -> OfflineRun:
        first, last = members[0], members[-1]
        return OfflineRun(self.at[first], self.at[last], self.cause[first], last_online, next_online)

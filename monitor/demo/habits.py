"""What becomes of one reported picture at an invented provider: a habit and a notice go in, its `Course` comes out.

The Course is the truth that the demonstration's figures are checked against. What would surprise: a Course says what
the servers show and when, never what the monitor should make of it, but for `end` and `ended_at`: how the Episode
really ended.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from monitor.model.words import End


class Habit(StrEnum):
    """How a provider deals with a notice."""

    PROMPT = "prompt"  # within hours
    A_DAY = "a-day"  # in about 20 hours
    TWO_DAYS = "two-days"
    NEVER = "never"
    COMES_BACK = "comes-back"  # taken down, back after three days
    PLACEHOLDER = "placeholder"  # another picture, with status 200, in its place
    MOVES = "moves"  # the site goes to another provider
    NAME_GONE = "name-gone"  # the registrar takes the name away
    CLOSES = "closes"  # answers 403 to us from then on
    FLAKY = "flaky"  # drops and hangs now and then, removes in about 30 hours
    PROXIED = "proxied"  # behind a reverse proxy
    ORDERS_ONLY = "orders-only"  # ignores requests, obeys orders


class Shown(StrEnum):
    """What a server shows under a path."""

    PICTURE = "picture"
    GONE = "gone"
    PLACEHOLDER = "placeholder"
    CLOSED = "closed"


BACK_AFTER = timedelta(days=3)
HOURS: dict[Habit, tuple[float, float]] = {
    Habit.PROMPT: (1.4, 7.5),
    Habit.A_DAY: (17, 23),
    Habit.TWO_DAYS: (40, 58),
    Habit.COMES_BACK: (6, 20),
    Habit.PLACEHOLDER: (5, 22),
    Habit.MOVES: (9, 40),
    Habit.NAME_GONE: (20, 70),
    Habit.CLOSES: (3, 12),
    Habit.FLAKY: (24, 40),
    Habit.PROXIED: (10, 60),
}
"""From the notice until it happens, at least and at most."""
_STAYS_AFTER_ALL = 0.12
"""Share of the notices that are overlooked, wherever a provider acts at all."""
_OVERLOOKS_NOTHING = (Habit.PROMPT, Habit.MOVES, Habit.NAME_GONE)
_BACK_FOR_GOOD = 1 / 3


@dataclass(frozen=True, slots=True)
class Course:
    """`changes`: what is shown from each instant on, the first from the beginning. Times are aware UTC."""

    changes: tuple[tuple[datetime, Shown], ...]
    end: End
    ended_at: datetime | None = None
    moved_at: datetime | None = None
    name_gone_at: datetime | None = None

    def shown(self, at: datetime) -> Shown:
        """What the server of the picture shows at that instant."""
        return [what for since, what in self.changes if since <= at][-1]


@dataclass(frozen=True, slots=True)
class Order:
    """An authority's order after the request, with its own deadline."""

    at: datetime
    deadline_hours: float


def course(habit: Habit, begun_at: datetime, notice_at: datetime, order: Order | None, random: Random) -> Course:
    """What becomes of a picture that is there from `begun_at` on."""
    there = ((begun_at, Shown.PICTURE),)
    if habit is Habit.ORDERS_ONLY:
        return _obeyed(there, order, random)
    overlooked = random.random() < _STAYS_AFTER_ALL and habit not in _OVERLOOKS_NOTHING
    hours = random.uniform(*HOURS.get(habit, (1, 2)))
    at = notice_at + timedelta(seconds=round(hours * 3600))
    if habit is Habit.NEVER or overlooked:
        return Course(there, End.CENSORED)
    if habit is Habit.COMES_BACK:
        return _comes_back(there, at, random)
    ended: dict[Habit, Course] = {
        Habit.MOVES: Course(there, End.MOVE, at, moved_at=at),
        Habit.NAME_GONE: Course(there, End.DOMAIN, at, name_gone_at=at),
        Habit.CLOSES: Course((*there, (at, Shown.CLOSED)), End.CENSORED),
        Habit.PLACEHOLDER: Course((*there, (at, Shown.PLACEHOLDER)), End.TAKEDOWN, at),
    }
    return ended.get(habit, Course((*there, (at, Shown.GONE)), End.TAKEDOWN, at))


def _comes_back(there: tuple[tuple[datetime, Shown], ...], at: datetime, random: Random) -> Course:
    """Down, up again after three days, and then down for good, or not at all."""
    back = (*there, (at, Shown.GONE), (at + BACK_AFTER, Shown.PICTURE))
    if random.random() < _BACK_FOR_GOOD:
        return Course(back, End.CENSORED)
    again = at + BACK_AFTER + timedelta(seconds=round(random.uniform(20, 70) * 3600))
    return Course((*back, (again, Shown.GONE)), End.TAKEDOWN, again)


def _obeyed(there: tuple[tuple[datetime, Shown], ...], order: Order | None, random: Random) -> Course:
    if order is None:
        return Course(there, End.CENSORED)
    at = order.at + timedelta(seconds=round(random.uniform(0.3, 0.8) * order.deadline_hours * 3600))
    return Course((*there, (at, Shown.GONE)), End.TAKEDOWN, at)

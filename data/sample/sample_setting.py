"""What one report of the sample is made from: the shares of everything special, and the draws that each report has.

In: a Provider, a Half, a notice's time, a random stream. Out: `Setting`. What would surprise: a batch of notices shares
its luck (`frailty`), so the removals of one day are alike and the days are the sample.
"""

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import TypeVar

from sample_course import NEVER, Quirk
from sample_rows import Paper
from sample_world import PROXY, SLOW_CLOUD, SLOW_SERVERS, UNANNOUNCED, Half, Provider, Speed, address_in

T = TypeVar("T")

PAPER_SHARES = {
    Paper.WRONG_KNOWN: 0.02, Paper.WRONG_UNKNOWN: 0.01, Paper.REGISTRAR: 0.015, Paper.WITHDRAWN: 0.02,
    Paper.NOT_ILLEGAL: 0.02, Paper.NO_NOTICE: 0.03, Paper.HOST_ONLY: 0.02, Paper.FAILED: 0.01, Paper.ORDER: 0.1,
    Paper.ORDER_ONLY: 0.008, Paper.REMINDER: 0.03, Paper.SECOND_REPORT: 0.04, Paper.NO_ADDRESS: 0.004,
    Paper.UNANNOUNCED: 0.004,
}  # fmt: skip
QUIRK_SHARES = {
    Quirk.GONE_BEFORE: 0.04, Quirk.GAP: 0.03, Quirk.TAIL: 0.03, Quirk.BACK_SOON: 0.03, Quirk.BACK_LATE: 0.02,
    Quirk.SERVER_GONE: 0.05, Quirk.DOMAIN_GONE: 0.01, Quirk.MOVED: 0.012, Quirk.FLAP: 0.006,
}  # fmt: skip
QUIRKS_OF_HABIT = {
    "fast": {
        Quirk.GONE_BEFORE: 0.05,
        Quirk.GAP: 0.015,
        Quirk.SERVER_GONE: 0.1,
        Quirk.BACK_LATE: 0.02,
        Quirk.MOVED: 0.008,
    },
    "moves-on": {Quirk.MOVED: 0.85, Quirk.TAIL: 0.03},
    "domain-gone": {Quirk.DOMAIN_GONE: 0.8, Quirk.GONE_BEFORE: 0.04, Quirk.GAP: 0.02},
    "page-answers": {Quirk.PAGE: 0.5, Quirk.TAIL: 0.12, Quirk.GAP: 0.02},
    "late-notices": {Quirk.GONE_BEFORE: 0.25, Quirk.GAP: 0.03, Quirk.BACK_SOON: 0.03},
    "ignores": {Quirk.TAIL: 0.02, Quirk.GONE_BEFORE: 0.03, Quirk.FLAP: 0.01},
    "reverse-proxy": {Quirk.TAIL: 0.03, Quirk.GONE_BEFORE: 0.03},
}
UNDELIVERED = {
    "mailbox-bounces": ("bounced", 0.9),
    "refuses-notices": ("refused", 0.9),
    "no-contact": ("no-contact", 1),
}
NO_EPISODE = {
    Paper.WRONG_KNOWN, Paper.WRONG_UNKNOWN, Paper.REGISTRAR, Paper.WITHDRAWN, Paper.NOT_ILLEGAL, Paper.NO_NOTICE,
    Paper.FAILED, Paper.ORDER_ONLY, Paper.NO_ADDRESS, Paper.UNANNOUNCED,
}  # fmt: skip
UNOBSERVED = {Paper.NO_NOTICE, Paper.NOT_ILLEGAL, Paper.NO_ADDRESS, Paper.UNANNOUNCED, Paper.HOST_ONLY}


class Setting:
    """What one report is made from; draws the things that every report has."""

    def __init__(
        self, provider: Provider, half: Half, key: str, notified_at: datetime, frailty: float, rng: Random
    ) -> None:
        self.provider, self.half, self.key, self.notified_at, self.rng = provider, half, key, notified_at, rng
        self.paper = _pick(PAPER_SHARES, Paper.NORMAL, rng)
        quirks = QUIRKS_OF_HABIT.get(provider.habit, QUIRK_SHARES)
        self.quirk = _pick(quirks, Quirk.PLAIN, rng)
        late = provider.habit == "late-notices"
        self.delay = 96 + 250 * rng.random() if late else min(72.0, max(0.4, rng.lognormvariate(2.2, 0.7)))
        self.origin = _origin(provider, rng)
        booked_on = self.origin or provider
        self.gone = gone_hours(booked_on.speed(half), frailty, rng)
        self.ip = str(UNANNOUNCED[3]) if self.paper is Paper.UNANNOUNCED else address_in(provider, half, rng)
        self.origin_ip = address_in(self.origin, half, rng) if self.origin else ""

    @property
    def plain_paper(self) -> bool:
        return self.paper not in NO_EPISODE


def _pick(shares: Mapping[T, float], rest: T, rng: Random) -> T:
    """One key of `shares` with its share as the chance, else `rest`."""
    draw = rng.random()
    for choice, share in shares.items():
        draw -= share
        if draw < 0:
            return choice
    return rest


def gone_hours(speed: Speed, frailty: float, rng: Random) -> float:
    """Hours from the notice to the removal; a batch shares its luck."""
    hours = rng.lognormvariate(0, speed.spread) * speed.median_hours * frailty
    return NEVER if rng.random() < speed.never else hours


def _origin(provider: Provider, rng: Random) -> Provider | None:
    """Behind the proxy, the provider that really hosts: known for one report in four."""
    draw = rng.random()
    if provider is not PROXY or draw > 0.25:
        return None
    return SLOW_CLOUD if draw < 0.15 else SLOW_SERVERS

"""Harnesses of the rules: what is read out of any Observation, and what Episodes come of any history.

What must hold, of `docs/rules.md` and the method: judging never fails and remembers nothing but the Standing; a void
Observation changes no confirmed state; one ONLINE undoes a run; nothing after the cut-off, and no order of import,
changes a row; and no interval ends before it begins.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from fuzz.target import Draws, Target
from monitor.model.method import Thresholds
from monitor.model.observation import Anchor, Exchange, Fingerprint, Observation, Standing, Surroundings
from monitor.model.report import Address
from monitor.model.words import (
    DnsStatus,
    ExchangeError,
    GetReason,
    LocationKind,
    Method,
    NoticeKind,
    NoticeStatus,
    Outcome,
    Phase,
    Purpose,
    TlsState,
)
from monitor.observation import judge, next_due, replay
from tests.survival.conftest import World

START = datetime(2026, 10, 25, tzinfo=UTC)
ADDRESSES = (Address(bytes((192, 0, 2, 1))), Address(bytes((198, 51, 100, 7))))
RULES = Thresholds()
_RUN = ("offline_since", "confirmed_at", "last_online_at", "baseline", "silent_since", "servfail_since")


def judging(data: bytes) -> None:
    """A row of Checks that saw anything at all."""
    draws = Draws(data)
    known = draws.flag()
    standing = first = Standing(baseline=_fingerprint(draws)) if known else Standing()
    seen: list[tuple[Observation, Surroundings]] = []
    at, verdicts = START, []
    while draws.more and len(seen) < 40:
        at += timedelta(seconds=draws.integer(1, 2 * 86_400))
        observation, around = _observation(draws, at, len(seen)), Surroundings(draws.flag(), draws.flag())
        verdict, after = judge(observation, standing, around, RULES)
        _holds(observation, around, standing, after, verdict.outcome, void=verdict.void)
        next_due([Anchor(START, NoticeKind.REQUEST)], after, {NoticeKind.REQUEST: 24.0}, observation.ended_at, 1)
        seen.append((observation, around))
        verdicts.append(verdict)
        standing = after
    assert replay(seen, RULES, first) == verdicts


def _holds(
    seen: Observation, around: Surroundings, before: Standing, after: Standing, outcome: Outcome, *, void: bool
) -> None:
    assert void == around.void
    assert after.n_checks == before.n_checks + 1
    assert before.baseline in (None, after.baseline)
    if void:
        assert outcome is Outcome.INCONCLUSIVE
        assert all(getattr(after, name) == getattr(before, name) for name in _RUN)
    elif outcome is Outcome.ONLINE:
        assert after.last_online_at == seen.observed_at
        assert (after.offline_since, after.confirmed_at, after.n_stretch) == (None, None, 0)
    elif outcome is Outcome.OFFLINE:
        assert after.offline_since == (before.offline_since or seen.ended_at)
    else:
        assert (after.offline_since, after.confirmed_at) == (before.offline_since, before.confirmed_at)
    if after.confirmed_at is not None and before.confirmed_at is None:
        assert outcome is Outcome.OFFLINE
        assert after.n_stretch >= RULES.confirm_readings
    ours = (
        seen.end is not None and seen.end.error is ExchangeError.OWN_NETWORK and len(seen.tried) == len(seen.exchanges)
    )
    assert not (ours and outcome is Outcome.OFFLINE), "a failure of our own network ended something"


def _observation(draws: Draws, at: datetime, number: int) -> Observation:
    answers = tuple(draws.one_of(tuple(DnsStatus)) for _ in range(draws.integer(0, 3)))
    exchanges = tuple(_exchange(draws) for _ in range(draws.integer(0, 4)))
    return Observation(number, 1, at, "direct", answers, exchanges, draws.integer(0, 60_000) / 1000)


def _exchange(draws: Draws) -> Exchange:
    error = draws.maybe(tuple(ExchangeError))
    status = draws.one_of(
        (None, 200, 206, 302, 304, 403, 404, 405, 410, 429, 451, 500, 503, 522, draws.integer(100, 999))
    )
    return Exchange(
        draws.one_of(tuple(Purpose)),
        draws.one_of(tuple(Method)),
        draws.one_of(tuple(Phase)),
        draws.maybe(ADDRESSES),
        error,
        draws.maybe(tuple(GetReason)),
        draws.one_of(tuple(TlsState)),
        status,
        _fingerprint(draws),
        draws.maybe(tuple(LocationKind)),
        draws.maybe(("a" * 16, "b" * 16)),
        draws.flag(),
        draws.maybe((0, 60, 604_800)),
    )


def _fingerprint(draws: Draws) -> Fingerprint:
    return Fingerprint(
        draws.maybe(("image/jpeg", "video/mp4", "text/html", "application/octet-stream")),
        draws.maybe((0, 1000, 1001)),
        draws.maybe(("e" * 16, "f" * 16)),
        draws.flag(),
        draws.maybe(("d" * 16, "c" * 16)),
        draws.maybe(("s" * 16,)),
    )


_WORDS = ("on", "off", "?")
_WHO = ("P", "Q", "R", "-", ">C")


def episodes(data: bytes) -> None:
    """A history of one or two Targets with their notices."""
    draws = Draws(data)
    targets = draws.integer(1, 2)
    notices = [_notice(draws, targets) for _ in range(draws.integer(1, 3))]
    lines: list[tuple[int, str, bool]] = []
    while draws.more and len(lines) < 30:
        lines.append((draws.integer(1, targets), _line(draws), draws.integer(0, 9) == 9))
    cutoff = float(draws.integer(1, 400))
    rows = _world(targets, notices, lines).rows(cutoff=cutoff)
    for row in rows:
        _is_sound(row, cutoff)
    shuffled = [*lines]
    Random(len(data)).shuffle(shuffled)  # noqa: S311 (no secret)
    assert _world(targets, notices, shuffled).rows(cutoff=cutoff) == rows
    early = [each for each in lines if float(each[1].split()[0]) < cutoff]
    assert _world(targets, notices, early).rows(cutoff=cutoff) == rows


def _notice(draws: Draws, targets: int) -> dict[str, object]:
    return {
        "record": f"r{draws.integer(1, targets)}",
        "hours": draws.integer(-50, 200) / 2,
        "provider": draws.one_of(("P", "Q", None)),
        "kind": draws.one_of(tuple(kind.value for kind in NoticeKind)),
        "status": draws.one_of(tuple(status.value for status in NoticeStatus)),
        "party": draws.maybe(("P", "Q")),
    }


def _line(draws: Draws) -> str:
    words = [str(draws.integer(-80, 400) / 2), draws.one_of(_WORDS), draws.one_of(_WHO)]
    words += [word for word in ("domain", "untrusted", "page") if draws.integer(0, 3) == 3]
    return " ".join(words)


def _world(targets: int, notices: Sequence[dict[str, object]], lines: Sequence[tuple[int, str, bool]]) -> World:
    world = World()
    for n in range(1, targets + 1):
        world.report(f"r{n}", target=n, reported=-30.0)
    for notice in notices:
        world.notice(**notice)
    for target, line, bracket in lines:
        world.seen(line, target=target, bracket=bracket)
    return world


def _is_sound(row: object, cutoff: float) -> None:
    told = vars(row)
    left, right = told["interval"]
    if told["status"] == "episode":
        assert 0 <= left <= right
        assert left < cutoff + 60  # the earliest notice lies 25 hours before the origin of times
        assert (told["end"] == "censored") == (right == float("inf"))
    low, high = told["exposure_low_hours"], told["exposure_high_hours"]
    assert low is None or high is None or 0 <= low <= high + 1e-9
    assert told["weight"] is None or 0 <= told["weight"] <= 1


def _varied(seed: int, size: int) -> bytes:
    return Random(seed).randbytes(size)  # noqa: S311 (a seed of a corpus)


TARGETS = {
    "judging": Target(judging, tuple(_varied(n, 400) for n in range(4)), longest=2048),
    "episodes": Target(episodes, tuple(_varied(n, 120) for n in range(4)), longest=400),
}

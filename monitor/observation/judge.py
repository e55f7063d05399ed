"""An Observation and what is remembered of its Target -> a Verdict, and what is remembered from then on. Pure.

What would surprise: the Observations of a Target have to come in the order of time, and folding `judge` over all of
them from an empty Standing gives the same again (`replay`). A void Observation changes nothing but the counters, and
ends the stretch in which a run can be confirmed; one about our own network alone leaves that stretch as it is. OFFLINE
is dated when the answer was in, all else when it was asked for: what was removed meanwhile lies between the two.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.model.observation import Fingerprint, Observation, Standing, Surroundings, Verdict
from monitor.model.words import Outcome
from monitor.observation.baseline import has_strong_validator
from monitor.observation.rules import RULES, ObservationRule, rule_for
from monitor.observation.view import Part, View

if TYPE_CHECKING:  # see view.py
    from monitor.model.method import Thresholds

LONGEST_PATIENCE = timedelta(days=7)
"""A server that asks for a longer wait is asked again after this one."""
_SILENCES = frozenset(("silent-1", "silent-2"))
_SERVFAILS = frozenset(("servfail-1", "servfail-2"))
_SERVER_ERROR = "server-error-1"


def judge(
    observation: Observation, standing: Standing, around: Surroundings, thresholds: "Thresholds"
) -> tuple[Verdict, Standing]:
    """The first rule that matches decides; the Standing that comes back is that after this Observation."""
    view = View(observation, standing, around, thresholds)
    rule = rule_for(view)
    return _VERDICTS[rule.id], _after(view, rule)


def replay(
    seen: Iterable[tuple[Observation, Surroundings]], thresholds: "Thresholds", standing: Standing | None = None
) -> list[Verdict]:
    """The Verdicts on one Target's Observations, in the order of time, from an empty Standing."""
    standing = standing or Standing()
    verdicts = []
    for observation, around in seen:
        verdict, standing = judge(observation, standing, around, thresholds)
        verdicts.append(verdict)
    return verdicts


def _after(view: View, rule: ObservationRule) -> Standing:
    standing, at = view.standing, view.at
    n_again = standing.n_again + 1 if rule.again else 0
    if rule.part is Part.VOID:
        return _counted(standing, at, n_again)
    online, offline = rule.outcome is Outcome.ONLINE, rule.outcome is Outcome.OFFLINE
    since, stretch, n_stretch = standing.offline_since, standing.stretch_since, standing.n_stretch
    confirmed_at = standing.confirmed_at
    if online:
        since = stretch = confirmed_at = None
        n_stretch = 0
    elif offline:
        ended_at = view.ended_at
        since, stretch, n_stretch = since or ended_at, stretch or ended_at, n_stretch + 1
        if confirmed_at is None and _is_confirmed(n_stretch, ended_at - stretch, view.thresholds):
            confirmed_at = ended_at
    silent, servfail, server_error = standing.silent_since, standing.servfail_since, standing.server_error_since
    flagged, not_before = standing.flagged, standing.not_before
    if not rule.neutral:
        silent = (silent or at) if rule.id in _SILENCES else None
        servfail = (servfail or at) if rule.id in _SERVFAILS else None
        server_error = (server_error or at) if rule.id == _SERVER_ERROR else None
        flagged = view.lasts(server_error, view.thresholds.server_error_days * 24)
        not_before = _not_before(view, rule)
    return Standing(
        standing.baseline or _first_baseline(view, rule),
        standing.n_checks + 1,
        at,
        at if online else standing.last_online_at,
        since,
        stretch,
        n_stretch,
        confirmed_at,
        silent,
        servfail,
        server_error,
        n_again,
        not_before,
        flagged,
    )


def _counted(standing: Standing, at: datetime, n_again: int) -> Standing:
    """After a void Observation: whatever was confirmed stays, a stretch that was not starts over."""
    return Standing(
        standing.baseline,
        standing.n_checks + 1,
        at,
        standing.last_online_at,
        standing.offline_since,
        None,
        0,
        standing.confirmed_at,
        standing.silent_since,
        standing.servfail_since,
        standing.server_error_since,
        n_again,
        standing.not_before,
        standing.flagged,
    )


def _is_confirmed(n_readings: int, span: timedelta, thresholds: "Thresholds") -> bool:
    return n_readings >= thresholds.confirm_readings and span >= timedelta(minutes=thresholds.confirm_minutes)


def _first_baseline(view: View, rule: ObservationRule) -> Fingerprint | None:
    """Media as it first answered; a page only where a later answer can be held against it, and it alone gets it."""
    if not rule.begins or view.end is None:
        return None
    seen = view.end.fingerprint
    if rule.page and (not has_strong_validator(seen) or view.sibling_alike):
        return None
    return seen


def _not_before(view: View, rule: ObservationRule) -> datetime | None:
    """Retry-After counts where the answer told us nothing else."""
    if view.end is None or view.end.retry_after_seconds is None or rule.outcome is not Outcome.INCONCLUSIVE:
        return None
    if view.status is None or view.status < 400:
        return None
    wait = min(max(view.end.retry_after_seconds, 0), LONGEST_PATIENCE.total_seconds())
    return view.at + timedelta(seconds=wait)


_VERDICTS = {
    rule.id: Verdict(rule.outcome, rule.cause, rule.id, rule.part is Part.VOID, rule.low_confidence, rule.page)
    for rule in RULES
}
"""One for each row, made once: a Verdict holds nothing of its Observation."""

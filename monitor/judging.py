"""What our own checks come to: Observations and the rest of their run in, Outcomes and the next due time out.

Nothing here asks the network. `conclude_run` judges a run as it ends, or after it was broken off; `judge_again` derives
every Outcome anew when the rules have changed. What would surprise: both fold the same pure functions of
`monitor.observation` over a Target's Observations, so that what is derived again is what was derived first.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from monitor import observation, store
from monitor.config import Settings
from monitor.errors import StoreBusy
from monitor.method import thresholds_of
from monitor.model.columns import UNKNOWN
from monitor.model.observation import Anchor, CheckCounts, Standing, Verdict
from monitor.model.words import GetReason, NoticeKind, Outcome
from monitor.store import Store

LOCK_FILE = "checks.lock"
_CLOCKS_DIFFER = timedelta(minutes=5)


def norm_hours(settings: Settings) -> dict[NoticeKind, float]:
    """The hours of each clock's norm: the schedule has checks around them."""
    return {NoticeKind.REQUEST: settings.norms.request.hours, NoticeKind.ORDER: settings.norms.order.hours}


@dataclass(frozen=True, slots=True)
class Judged:
    """An Observation as it was stored, and what was known of its Target before."""

    stored: store.StoredObservation
    anchors: tuple[Anchor, ...]
    standing: Standing


def recover(db: Store, settings: Settings, run_id: int, at: datetime) -> CheckCounts:
    """Judge what a run that was killed has left behind. One without a closing canary counts as broken off."""
    return conclude_run(db, settings, run_id, _left_behind(db, run_id), at)


def conclude_run(db: Store, settings: Settings, run_id: int, seen: Sequence[Judged], at: datetime) -> CheckCounts:
    """End a run: judge what it saw, and plan when each of its Targets is due next."""
    run = store.run_of(db, run_id)
    broken_off = not any(canary.after for canary in run.canaries)
    hours, concluded = norm_hours(settings), []
    for each, verdict, standing in _read(db, settings, run, seen, broken_off=broken_off):
        key, target = each.stored.observation_id, each.stored.observation.target_id
        due = observation.next_due(each.anchors, standing, hours, at, target)
        concluded.append(store.Concluded(key, target, verdict, observation.RULES_VERSION, standing, due))
    store.conclude(db, concluded, store.RunEnd(run_id, at, broken_off))
    gets = [x.get_reason for each in seen for x in each.stored.observation.exchanges if x.get_reason is not None]
    _log_gets(db, run_id, gets)
    return _counted(concluded, len(gets))


def _left_behind(db: Store, run_id: int, *, every: bool = False) -> list[Judged]:
    stored = store.observations_of_run(db, run_id, every=every)
    plans = store.plans_of(db, [each.observation.target_id for each in stored])
    return [Judged(each, *plans.get(each.observation.target_id, ((), Standing()))) for each in stored]


def _read(
    db: Store, settings: Settings, run: store.StoredRun, seen: Sequence[Judged], *, broken_off: bool
) -> Iterator[tuple[Judged, Verdict, Standing]]:
    """What the rules make of each Observation of a run, and what is remembered of its Target from now on."""
    probed = _probed(db, run, seen)
    thresholds = thresholds_of(settings)
    lately = _answered_lately(db, run, seen, probed, thresholds.silent_hours)
    around = observation.survey(probed, run.canaries, broken_off, settings.canary, lately)
    for each, surroundings in zip(seen, around, strict=True):
        yield each, *observation.judge(each.stored.observation, each.standing, surroundings, thresholds)


def _probed(db: Store, run: store.StoredRun, seen: Sequence[Judged]) -> list[observation.Probed]:
    """Each Observation with its network: where the name did not resolve, that of the address asked last before."""
    unresolved = [o.target_id for o in (each.stored.observation for each in seen) if o.address is None]
    before = store.last_addresses(db, unresolved, run.started_at)
    addresses = [o.address or before.get(o.target_id) for o in (each.stored.observation for each in seen)]
    networks = store.asns_of(db, {address for address in addresses if address is not None}, run.started_at)
    return [
        observation.Probed(
            each.stored.observation,
            each.stored.host_id,
            UNKNOWN if address is None else networks.get(address, UNKNOWN),
            _failing_before(each.standing),
        )
        for each, address in zip(seen, addresses, strict=True)
    ]


def _failing_before(standing: Standing) -> bool:
    """Gone, silent or without name servers by the last reading that counts: it does not fail "at once" with others."""
    return any(since is not None for since in (standing.offline_since, standing.silent_since, standing.servfail_since))


def _answered_lately(
    db: Store, run: store.StoredRun, seen: Sequence[Judged], probed: Sequence[observation.Probed], silent_hours: float
) -> Iterable[tuple[str, int, int, int]]:
    """Who answered in the hour before the run; asked for only where a Target has been silent for long enough."""
    asking = any(
        one.network != UNKNOWN and observation.needs_neighbours(one.observation, each.standing, silent_hours)
        for each, one in zip(seen, probed, strict=True)
    )
    return store.answered_before(db, run, run.started_at - observation.NEIGHBOURS_WITHIN) if asking else ()


def _log_gets(db: Store, run_id: int, reasons: Sequence[GetReason]) -> None:
    """A ranged GET is a permission of its own: each run that used it says so, and why."""
    if reasons:
        said = ", ".join(f"{reason.value} {reasons.count(reason)}" for reason in GetReason if reason in reasons)
        store.add_audit(db, actor="monitor", action="get-one-byte", subject=f"run {run_id}", reason=said)


def _counted(concluded: Sequence[store.Concluded], gets: int) -> CheckCounts:
    void = sum(each.verdict.void for each in concluded)
    of = [each.verdict.outcome for each in concluded if not each.verdict.void]
    return CheckCounts(
        due=len(concluded),
        online=of.count(Outcome.ONLINE),
        offline=of.count(Outcome.OFFLINE),
        inconclusive=of.count(Outcome.INCONCLUSIVE),
        void=void,
        gets=gets,
    )


def plan(db: Store, settings: Settings, sources: Sequence[str], now: datetime) -> None:
    """Say of every Target of a live source when it is due, where reports, notices or settings have changed.

    To be called at every turn of the loop; `judge_again` goes before the first. Once a day all is planned anew whether
    or not anything has changed: the clock may have been wrong when the last plan was made.
    """
    hours = norm_hours(settings)
    fingerprint = f"{store.schedule_fingerprint(db, sources, observation.RULES_VERSION, hours)} {now:%Y-%m-%d}"
    if store.is_planned(db, fingerprint):
        return
    for batch in store.targets_to_plan(db, sources):
        plans = []
        for each in batch:
            standing = _believable(each.standing or Standing(), now)
            due = observation.next_due(each.anchors, standing, hours, now, each.target_id)
            plans.append(store.Plan(each.target_id, due, each.anchors, standing))
        store.plan_targets(db, plans)
    store.drop_plans_of_others(db, sources)
    store.mark_planned(db, fingerprint)


def _believable(standing: Standing, now: datetime) -> Standing:
    """What was remembered by a clock that was ahead says nothing about when a Target was checked."""
    if standing.last_checked_at is None or standing.last_checked_at <= now + _CLOCKS_DIFFER:
        return standing
    return Standing(baseline=standing.baseline, n_checks=standing.n_checks)


def judge_again(db: Store, settings: Settings) -> int:
    """Derive every Outcome anew if any was made by other rules, run by run; says how many were.

    Not while another process checks: see `alone`. Killed half-way, it begins again.
    """
    if store.outcomes_current(db, observation.RULES_VERSION):
        return 0
    n_judged = 0
    store.forget_standings(db)
    for run_id in store.run_ids(db):
        run, seen = store.run_of(db, run_id), _left_behind(db, run_id, every=True)
        concluded = [
            store.Concluded(
                each.stored.observation_id,
                each.stored.observation.target_id,
                verdict,
                observation.RULES_VERSION,
                standing,
                None,
            )
            for each, verdict, standing in _read(db, settings, run, seen, broken_off=run.broken_off)
        ]
        store.replace_outcomes(db, concluded)
        n_judged += len(concluded)
    return n_judged


def judged_by_the_rules_in_force(db: Store, settings: Settings) -> None:
    """For those who read Outcomes. Raises StoreBusy where they are to be derived anew while a process checks."""
    if not store.outcomes_current(db, observation.RULES_VERSION):
        with alone(db.data_dir):
            judge_again(db, settings)


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Raises StoreBusy where another process checks for this store."""
    handle = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy("Another process checks for this store already", "Let it work, or stop it first") from None
        yield
    finally:
        os.close(handle)

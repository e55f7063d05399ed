"""What our own checks come to: Observations and the rest of their run in, Outcomes and the next due time out.

Nothing here asks the network. `conclude_run` judges a run as it ends, or after it was broken off; `judge_again` derives
every Outcome anew when the rules have changed. What would surprise: both fold the same pure functions of
`monitor.observation` over a Target's Observations, so that what is derived again is what was derived first.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from monitor import observation, store
from monitor.config import Settings
from monitor.errors import StoreBusy, StoreNewer
from monitor.method import thresholds_of
from monitor.model.columns import UNKNOWN
from monitor.model.observation import Anchor, CheckCounts, Observation, Standing, Verdict
from monitor.model.words import GetReason, NoticeKind, Outcome
from monitor.presence import present
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
    """Judge what a run that was killed has left behind. One without a closing canary counts as broken off.

    Another worker may do the same at the same time: the first counts, and the other one's counts are of nothing.
    """
    if store.run_of(db, run_id).late:
        end_late(db, run_id, at)
        return CheckCounts()
    return conclude_run(db, settings, run_id, _left_behind(db, run_id), at) or CheckCounts()


def end_late(db: Store, run_id: int, at: datetime) -> None:
    """End a run that only keeps what came too late: no rule reads it, but the GETs in it are said."""
    gets = _gets(each.observation for each in store.observations_of_run(db, run_id, every=True))
    store.end_run(db, run_id, at, broken_off=True, gets=_said(gets))


def conclude_run(
    db: Store, settings: Settings, run_id: int, seen: Sequence[Judged], at: datetime, *, again: bool = False
) -> CheckCounts | None:
    """End a run: judge what it saw, and plan when each of its Targets is due next. None: others had ended it.

    Notices that came while it went on are planned for. `again`: the same was tried before, and may have been done
    although the store did not say so. Raises StoreError, StoreBusy.
    """
    run, hours = store.run_of(db, run_id), norm_hours(settings)
    broken_off = not any(canary.after for canary in run.canaries)
    while True:
        concluded = []
        for each, verdict, standing in _read(db, settings, run, seen, broken_off=broken_off):
            key, target = each.stored.observation_id, each.stored.observation.target_id
            due = observation.next_due(each.anchors, standing, hours, at, target)
            concluded.append(store.Concluded(key, target, verdict, observation.RULES_VERSION, standing, due))
        anchors = {each.stored.observation.target_id: each.anchors for each in seen} if db.on_server else {}
        gets = _gets(each.stored.observation for each in seen)
        end = store.RunEnd(run_id, at, broken_off, len(seen) if db.on_server else None, _said(gets))
        match store.conclude(db, concluded, end, anchors):
            case store.Conclusion.STORED:
                break
            case store.Conclusion.ENDED if again:
                break
            case store.Conclusion.ENDED:
                return None
            case store.Conclusion.MORE_SEEN:
                seen = _left_behind(db, run_id)
            case store.Conclusion.TOLD_MORE:
                seen = _told_anew(db, seen)
    return _counted(concluded, len(gets))


def _told_anew(db: Store, seen: Sequence[Judged]) -> list[Judged]:
    """The same with the anchors as they are now."""
    plans = store.plans_of(db, [each.stored.observation.target_id for each in seen])
    return [
        replace(each, anchors=plans[target][0]) if (target := each.stored.observation.target_id) in plans else each
        for each in seen
    ]


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


def _gets(seen: Iterable[Observation]) -> list[GetReason]:
    return [x.get_reason for each in seen for x in each.exchanges if x.get_reason is not None]


def _said(reasons: Sequence[GetReason]) -> str:
    """A ranged GET is a permission of its own: each run that used it says so as it ends, and why."""
    return ", ".join(f"{reason.value} {reasons.count(reason)}" for reason in GetReason if reason in reasons)


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

    To be called at every turn of the loop; `judge_again` goes before the first. After an import its own Targets alone
    are planned. Once a day all is planned anew whether or not anything has changed: the clock may have been wrong when
    the last plan was made.
    """
    hours = norm_hours(settings)
    fingerprint = store.schedule_fingerprint(db, sources, observation.RULES_VERSION, hours, now.date())
    before = store.planned_from(db)
    if before == fingerprint:
        return
    told = store.told_since(db, before, fingerprint)
    for batch in store.targets_to_plan(db, sources, among=told):
        while batch:
            passed = _plan(db, batch, hours, now)
            batch = next(store.targets_to_plan(db, sources, only=passed), ()) if passed else ()  # noqa: PLW2901
    if told is None:
        store.drop_plans_of_others(db, sources)
    store.mark_planned(db, fingerprint)


def _plan(db: Store, batch: store.PlanBatch, hours: dict[NoticeKind, float], now: datetime) -> set[int]:
    """Plan a batch; the Targets that another worker has checked meanwhile come back, to be planned from what it saw."""
    plans = []
    for each in batch:
        standing = _believable(each.standing or Standing(), now)
        due = observation.next_due(each.anchors, standing, hours, now, each.target_id)
        plans.append(store.Plan(each.target_id, due, each.anchors, standing))
    known = {each.target_id: each.standing for each in batch} if db.on_server else None
    return store.plan_targets(db, plans, known)


def _believable(standing: Standing, now: datetime) -> Standing:
    """What was remembered by a clock that was ahead says nothing about when a Target was checked."""
    if standing.last_checked_at is None or standing.last_checked_at <= now + _CLOCKS_DIFFER:
        return standing
    return Standing(baseline=standing.baseline, n_checks=standing.n_checks)


def judge_again(db: Store, settings: Settings) -> int:
    """Derive every Outcome anew if any was made by other rules, run by run; says how many were.

    Not while another process checks: see `alone`. Killed half-way, it begins again. Raises StoreNewer.
    """
    if store.outcomes_current(db, observation.RULES_VERSION):
        return 0
    refuse_newer(db)
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


def refuse_newer(db: Store) -> None:
    """Also for a worker while it works. Raises StoreNewer once a newer version has upgraded or judged this store."""
    store.check_schema(db)
    rules = store.rules_of_first_outcome(db)  # whoever derives every Outcome anew begins with the first
    if rules is not None and _version(rules) > _version(observation.RULES_VERSION):
        raise StoreNewer(
            "A newer version has derived every Outcome anew, by rules that this version does not know",
            "Install that version here too and start again; what was seen is stored, and will be judged by it",
        )


def _version(rules: str) -> int:
    number = rules.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def judged_by_the_rules_in_force(db: Store, settings: Settings) -> None:
    """For those who read Outcomes. Raises StoreBusy where they are to be derived anew while anybody checks."""
    if store.outcomes_current(db, observation.RULES_VERSION):
        return
    if not db.on_server:
        with alone(db.data_dir):
            judge_again(db, settings)
        return
    with present(db, settings, f"judge-{os.getpid()}") as me:
        if not judge_again_alone(db, settings, me.worker_id):
            raise StoreBusy(
                "The rules have changed and Outcomes are to be derived anew, but workers check for this store",
                "Stop them, and start them again with this version",
            )


def judge_again_alone(db: Store, settings: Settings, worker_id: int) -> bool:
    """`judge_again` among several workers: none takes anything meanwhile. False: others hold Targets, or do it."""
    if store.outcomes_current(db, observation.RULES_VERSION):
        store.drop_task(db, worker_id, store.JUDGE)  # else, had the end of a try before been lost, nobody would check
        return True
    with store.task(db, worker_id, store.JUDGE) as given:
        if not given or store.others_hold(db, worker_id):
            return False
        judge_again(db, settings)
        return True


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

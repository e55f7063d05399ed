"""Leases, claims and the lives of workers, on each engine: on SQLite, which one worker serves, nothing is withheld."""

import threading
import time
from typing import Any

import pytest

from monitor.errors import RunEnded, StoreBusy
from monitor.model.observation import Anchor, CanaryReading, Due, Exchange, Mandate, Observation, Standing, Verdict
from monitor.model.words import Cause, DueReason, InputKind, Method, Outcome, Phase, Purpose
from monitor.store import (
    Concluded,
    Conclusion,
    NewWorker,
    Plan,
    RunEnd,
    Store,
    Taker,
    add_canaries,
    add_observations,
    add_reports,
    beat,
    begin_input,
    begin_run,
    claim_addresses,
    conclude,
    count_untaken,
    end_lapsed,
    end_run,
    end_worker,
    give_back,
    hop_addresses,
    lapsed_workers,
    last_addresses,
    let_go,
    list_audit,
    list_workers,
    open_runs_of,
    others_hold,
    plan_targets,
    plans_of,
    postpone,
    register_worker,
    run_ids,
    settle,
    stored_of_run,
    sweep,
    take_due,
    targets_to_plan,
    task,
)
from monitor.store.leases import lease_within, share_within
from monitor.store.workers import server_micros

Make = Any  # conftest's Maker
LEASE = 60.0
MANDATE = Mandate("Example authority", "an invented article", "checks@authority.example", "2099-12-31", False, True)
VERDICT = Verdict(Outcome.ONLINE, Cause.NONE, "status-1", False, False, False)
N_SITES, N_TARGETS = 8, 24


def _worker(store: Store, name: str, **said: Any) -> int:
    return register_worker(store, NewWorker(name, None, f"token of {name}", **said), said.pop("lease", LEASE))


def _short(store: Store, name: str) -> int:
    """A worker that has lapsed as soon as this is over."""
    worker = register_worker(store, NewWorker(name, None, f"token of {name}"), 0.001)
    time.sleep(0.01)
    return worker


def _plan_all(store: Store, make: Make) -> list[int]:
    """24 Targets on 8 sites, due one hour after the other; their keys."""
    hosts = [f"www.site{n % N_SITES}.example" for n in range(N_TARGETS)]
    reports = [make.report(f"R{n}", row=n + 1, target=make.target(f"p{n}", host)) for n, host in enumerate(hosts)]
    add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), reports)
    keys = [each.target_id for batch in targets_to_plan(store, ("hotline",)) for each in batch]
    due = [Due(make.at(n), DueReason.FIRST) for n in range(len(keys))]
    plan_targets(store, [Plan(key, at, (), Standing()) for key, at in zip(keys, due, strict=True)])
    return keys


def _ids(due: Any) -> list[int]:
    return [each.target_id for each in due]


def _on_server(store: Store) -> None:
    if not store.on_server:
        pytest.skip("one worker serves a store on SQLite, so there is nothing to share")


def test_two_workers_never_have_the_same_target_or_site(store: Store, make: Make) -> None:
    """Each takes from its own share of the sites; together they have everything, and a third time there is nothing."""
    _on_server(store)
    keys, (one, two) = _plan_all(store, make), (_worker(store, name) for name in ("one", "two"))
    taken = {worker: take_due(store, make.at(99), 100, None, Taker(worker)) for worker in (one, two)}
    sites = {worker: {each.host.site for each in due} for worker, due in taken.items()}
    assert not sites[one] & sites[two]
    assert sorted(_ids(taken[one]) + _ids(taken[two])) == keys
    assert [take_due(store, make.at(99), 100, None, Taker(worker)) for worker in (one, two)] == [(), ()]
    assert (count_untaken(store, make.at(99)), others_hold(store, one)) == (0, True)
    let_go(store, two, 0)
    assert others_hold(store, one) is False
    assert count_untaken(store, make.at(99)) == len(taken[two])


def test_a_worker_without_work_takes_what_others_leave(store: Store, make: Make) -> None:
    """Of another one's share, what has been due for a while."""
    _on_server(store)
    keys, (one, _) = _plan_all(store, make), (_worker(store, name) for name in ("one", "two"))
    first = _ids(take_due(store, make.at(99), 100, None, Taker(one)))
    second = _ids(take_due(store, make.at(99), 100, None, Taker(one)))
    assert 0 < len(first) < len(keys)
    assert sorted(first + second) == keys


def test_on_sqlite_a_taker_changes_nothing(store: Store, make: Make) -> None:
    """The same is due again until it is concluded, and no lease or claim is written."""
    if store.on_server:
        pytest.skip("several workers share a server's store")
    keys, worker = _plan_all(store, make), _worker(store, "one")
    for _ in range(2):
        assert _ids(take_due(store, make.at(99), 100, None, Taker(worker))) == keys
    assert claim_addresses(store, worker, [make.address("192.0.2.1")]) == {make.address("192.0.2.1")}
    give_back(store, worker, keys, 1)
    let_go(store, worker, 1)
    sweep(store)
    with task(store, worker, "plan") as given:
        assert given
    with store.read() as connection:
        counts = [connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in ("leases", "claims")]
    assert counts == [0, 0]


def test_what_is_given_back_is_left_alone_for_a_while(store: Store, make: Make) -> None:
    """It stays due and untaken; nobody has it before its time, and then anybody."""
    _on_server(store)
    keys, worker = _plan_all(store, make), _worker(store, "one")
    take_due(store, make.at(99), 100, None, Taker(worker))
    give_back(store, worker, keys[:2], 60)
    give_back(store, worker, keys[2:4], 0)
    let_go(store, worker, 0)
    assert _ids(take_due(store, make.at(99), 100, None, Taker(worker))) == keys[2:]
    assert count_untaken(store, make.at(99)) == 2


def test_a_site_is_left_alone_for_the_pause_after_it_was_let_go_of(store: Store, make: Make) -> None:
    """Whoever asks; another site is free."""
    _on_server(store)
    keys, worker = _plan_all(store, make), _worker(store, "one")
    assert _ids(take_due(store, make.at(0), 100, None, Taker(worker))) == keys[:1]
    let_go(store, worker, 60)
    assert _ids(take_due(store, make.at(8), 100, None, Taker(worker))) == keys[1:8]


def test_an_address_is_one_workers_and_goes_next_to_who_asked_for_it(store: Store, make: Make) -> None:
    """The one that let go of it does not get it again before the one that wanted it."""
    _on_server(store)
    one, two = (_worker(store, name) for name in ("one", "two"))
    here, there = make.address("192.0.2.1"), make.address("2001:db8::1")
    assert claim_addresses(store, one, [here, here, there]) == {here, there}
    assert claim_addresses(store, one, [here]) == {here}
    assert claim_addresses(store, two, [here]) == set()
    let_go(store, one, 0)
    assert claim_addresses(store, one, [here, there]) == {there}
    assert claim_addresses(store, two, [here]) == {here}


def test_a_task_is_one_workers_at_a_time(store: Store, make: Make) -> None:
    """The other one goes on without; the names of tasks do not get in each other's way."""
    _on_server(store)
    one, two = (_worker(store, name) for name in ("one", "two"))
    with task(store, one, "plan") as first, task(store, two, "plan") as second, task(store, two, "attribute") as other:
        assert (first, second, other) == (True, False, True)
    with task(store, two, "plan") as second:
        assert second


def test_while_outcomes_are_derived_anew_nothing_is_taken(store: Store, make: Make) -> None:
    """By any worker, the one that derives them among them."""
    _on_server(store)
    _plan_all(store, make)
    one, two = (_worker(store, name) for name in ("one", "two"))
    with task(store, one, "judge"):
        assert take_due(store, make.at(99), 9, None, Taker(two)) == ()
    assert take_due(store, make.at(99), 9, None, Taker(two)) != ()


def test_a_worker_that_has_been_ended_takes_nothing_and_does_not_beat(store: Store, make: Make) -> None:
    """What it had stays leased until it is settled, so that nobody checks a Target that is not judged yet."""
    _on_server(store)
    keys, worker = _plan_all(store, make), _short(store, "gone")
    taken = _ids(take_due(store, make.at(99), 100, None, Taker(worker)))
    assert (taken, beat(store, worker, LEASE)) == (keys, True)
    late = _short(store, "late")
    run = begin_run(store, worker="late", mandate=MANDATE, n_due=1, at=make.at(0), worker_id=late)
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE leases SET worker_id = %s", (late,)).close()
        connection.exec_driver_sql("UPDATE claims SET worker_id = %s", (late,)).close()
    if lapsed_workers(store) == ():  # nobody has lapsed before the server has been up for as long as the lease
        pytest.fail("a lease of a millisecond has lapsed")
    assert end_lapsed(store, late)
    assert (beat(store, late, LEASE), take_due(store, make.at(99), 9, None, Taker(late))) == (False, ())
    assert open_runs_of(store, late) == (run,)
    assert take_due(store, make.at(99), 9, None, Taker(worker)) == ()
    settle(store, late, 0)
    assert _ids(take_due(store, make.at(99), 100, None, Taker(worker))) == keys


def test_a_worker_that_has_been_ended_begins_nothing(store: Store, make: Make) -> None:
    """No run, no claim, no task: whoever ended it would not look for them, and nobody would ever have them."""
    worker, here = _worker(store, "gone"), make.address("192.0.2.1")
    end_worker(store, worker, 0)
    with pytest.raises(RunEnded):
        begin_run(store, worker="gone", mandate=MANDATE, n_due=1, at=make.at(0), worker_id=worker)
    if store.on_server:
        assert claim_addresses(store, worker, [here]) == set()
        with task(store, worker, "plan") as given:
            assert not given
        assert claim_addresses(store, _worker(store, "next"), [here]) == {here}


def test_who_is_to_judge_anew_sees_what_is_being_taken(store: Store, make: Make) -> None:
    """A transaction that takes Targets goes before, also where it ends later; after it nothing is taken."""
    _on_server(store)
    keys, (one, two) = _plan_all(store, make), (_worker(store, name) for name in ("one", "two"))
    held: list[bool] = []

    def judge() -> None:
        with task(store, two, "judge") as given:
            held.extend((given, others_hold(store, two)))

    judging = threading.Thread(target=judge)
    with store.take() as connection:
        at = server_micros(connection)
        assert share_within(connection, one, at, 0) is not None
        judging.start()
        judging.join(0.5)
        lease_within(connection, one, keys[:1], at)
    judging.join()
    assert held == [True, True]


def test_a_name_is_one_living_workers(store: Store) -> None:
    """Free again when that one has ended, has lapsed, or is known to be over by its token."""
    first = _worker(store, "same")
    with pytest.raises(StoreBusy, match="--name"):
        _worker(store, "same")
    end_worker(store, first, 0)
    assert _worker(store, "same") != first
    assert register_worker(store, NewWorker("same", None, "new", ("token of same",)), LEASE)
    _short(store, "brief")
    assert _worker(store, "brief")
    assert _worker(store, "alone", alone=True)
    assert [each.name for each in list_workers(store) if each.ended_at is None] == ["alone"]


def test_a_worker_with_a_heartbeat_is_not_ended_by_others(store: Store) -> None:
    """Nor is one that has just begun to beat again."""
    worker = _short(store, "one")
    assert lapsed_workers(store) == (worker,)
    assert beat(store, worker, LEASE)
    assert (lapsed_workers(store), end_lapsed(store, worker)) == ((), False)


def test_a_worker_that_leaves_a_run_open_is_not_settled(store: Store, make: Make) -> None:
    """Others find it, with its run; one that ended in good order they do not."""
    one, two = (_worker(store, name) for name in ("one", "two"))
    run = begin_run(store, worker="one", mandate=MANDATE, n_due=1, at=make.at(0), worker_id=one)
    end_worker(store, one, 0)
    end_worker(store, two, 0)
    assert (lapsed_workers(store), open_runs_of(store, one)) == ((one,), (run,))
    end_run(store, run, make.at(1), broken_off=True)
    settle(store, one, 0)
    assert lapsed_workers(store) == ()


# --- the end of a run, where several might judge it ------------------------------------------------------------


def _seen(make: Make, target: int) -> Observation:
    return Observation(0, target, make.at(1), "direct", (), (), 0.25)


def _concluded(key: int, target: int, make: Make) -> Concluded:
    return Concluded(key, target, VERDICT, "1", Standing(n_checks=1), Due(make.at(50), DueReason.SCHEDULE))


def test_a_run_is_concluded_once_and_takes_no_observation_after(store: Store, make: Make) -> None:
    """The second conclusion stores nothing; what comes late belongs to a run of its own that nobody judges."""
    target = _plan_all(store, make)[0]
    run = begin_run(store, worker="1", mandate=MANDATE, n_due=1, at=make.at(0))
    (key,) = add_observations(store, run, [_seen(make, target)])
    assert stored_of_run(store, run, [target, 99]) == {target: key}
    end = RunEnd(run, make.at(2), n_seen=1)
    assert conclude(store, [_concluded(key, target, make)], end) is Conclusion.STORED
    assert conclude(store, [], end) is Conclusion.ENDED
    with pytest.raises(RunEnded):
        add_observations(store, run, [_seen(make, target)])
    late = begin_run(store, worker="1", mandate=MANDATE, n_due=1, at=make.at(2), late=True)
    add_observations(store, late, [_seen(make, target)])
    end_run(store, late, make.at(3), broken_off=True)
    assert run_ids(store) == (run,)


def test_what_may_have_been_stored_before_is_looked_for(store: Store, make: Make) -> None:
    """In the transaction that would store it once more; every key is known afterwards."""
    one, two, three = _plan_all(store, make)[:3]
    run = begin_run(store, worker="1", mandate=MANDATE, n_due=3, at=make.at(0))
    first = add_observations(store, run, [_seen(make, one), _seen(make, two)])
    again = add_observations(store, run, [_seen(make, three), _seen(make, two), _seen(make, one)], again=True)
    assert again[:0:-1] == first
    assert stored_of_run(store, run, (one, two, three)) == dict(zip((three, two, one), again, strict=True))


def test_a_run_that_has_ended_takes_no_canary_after(store: Store, make: Make) -> None:
    """Else it would be another run when it is judged again."""
    run = begin_run(store, worker="1", mandate=MANDATE, n_due=0, at=make.at(0))
    add_canaries(store, run, [CanaryReading(make.at(0), "direct", 4, False, True, None)])
    end_run(store, run, make.at(1), broken_off=True)
    with pytest.raises(RunEnded):
        add_canaries(store, run, [CanaryReading(make.at(2), "direct", 4, True, True, None)])


def test_gets_are_on_the_audit_log_once_the_run_has_ended(store: Store, make: Make) -> None:
    """In one transaction with its end, so that a kill cannot come between; and once."""
    run = begin_run(store, worker="1", mandate=MANDATE, n_due=0, at=make.at(0))
    for _ in range(2):
        conclude(store, [], RunEnd(run, make.at(1), gets="head-not-found 2"))
        end_run(store, run, make.at(2), gets="head-not-found 3")
    said = [(entry.action, entry.subject, entry.reason) for entry in list_audit(store)]
    assert said == [("get-one-byte", f"run {run}", "head-not-found 2")]


def test_where_redirects_led_at_the_last_check_is_known(store: Store, make: Make) -> None:
    """Of the newest check alone, of hops alone, and nothing of a Target that was never redirected."""
    one, two, *_ = _plan_all(store, make)
    own, old, hop, far = (make.address(f"192.0.2.{n}") for n in (1, 2, 3, 4))
    run = begin_run(store, worker="1", mandate=MANDATE, n_due=2, at=make.at(1))
    for hours, target, hops in ((1, one, (old,)), (2, one, (hop, far)), (2, two, ())):
        asked = (own, Purpose.TARGET), *((address, Purpose.REDIRECT) for address in hops)
        seen = tuple(Exchange(purpose, Method.HEAD, Phase.DONE, address) for address, purpose in asked)
        add_observations(store, run, [Observation(0, target, make.at(hours), "direct", (), seen, 0.25)])
    assert hop_addresses(store, [one, two]) == {one: frozenset({hop, far})}
    assert hop_addresses(store, []) == {}


def test_no_rule_reads_by_what_address_a_late_observation_came(store: Store, make: Make) -> None:
    """It may have been stored after a run was judged that would have read it."""
    target, early, late = _plan_all(store, make)[0], make.address("192.0.2.1"), make.address("192.0.2.2")
    for hours, address, is_late in ((1, early, False), (2, late, True)):
        run = begin_run(store, worker="1", mandate=MANDATE, n_due=1, at=make.at(hours), late=is_late)
        asked = Exchange(Purpose.TARGET, Method.HEAD, Phase.DONE, address)
        add_observations(store, run, [Observation(0, target, make.at(hours), "direct", (), (asked,), 0.25)])
        end_run(store, run, make.at(hours))
    assert last_addresses(store, [target], make.at(9)) == {target: early}


def test_what_is_not_concluded_from_all_that_was_seen_is_not_stored(store: Store, make: Make) -> None:
    """An Observation came in after the run was read: it has to be read again."""
    one, two = _plan_all(store, make)[:2]
    run = begin_run(store, worker="1", mandate=MANDATE, n_due=2, at=make.at(0))
    key, _ = add_observations(store, run, [_seen(make, one), _seen(make, two)])
    said = conclude(store, [_concluded(key, one, make)], RunEnd(run, make.at(2), n_seen=1))
    assert said is Conclusion.MORE_SEEN
    assert plans_of(store, [one])[one] == ((), Standing())


def test_a_due_time_that_was_reckoned_without_a_new_notice_is_not_stored(store: Store, make: Make) -> None:
    """The anchors have changed since the Target was taken."""
    target = _plan_all(store, make)[0]
    run = begin_run(store, worker="1", mandate=MANDATE, n_due=1, at=make.at(0))
    (key,) = add_observations(store, run, [_seen(make, target)])
    anchors = (Anchor(make.at(1)),)
    plan_targets(store, [Plan(target, Due(make.at(1), DueReason.SCHEDULE), anchors, Standing())])
    end, concluded = RunEnd(run, make.at(2)), [_concluded(key, target, make)]
    assert conclude(store, concluded, end, {target: ()}) is Conclusion.TOLD_MORE
    assert conclude(store, concluded, end, {target: anchors}) is Conclusion.STORED


def test_a_plan_does_not_overwrite_what_was_seen_meanwhile(store: Store, make: Make) -> None:
    """Targets that were checked since the plan was made come back, and keep what is remembered of them."""
    one, two, *_ = _plan_all(store, make)
    plan_targets(store, [Plan(one, None, (), Standing(n_checks=7))])
    plans = [Plan(key, Due(make.at(9), DueReason.SCHEDULE), (Anchor(make.at(1)),), Standing()) for key in (one, two)]
    assert plan_targets(store, plans, dict.fromkeys((one, two), Standing())) == {one}
    assert plans_of(store, [one, two]) == {one: ((), Standing(n_checks=7)), two: (plans[1].anchors, Standing())}


def test_a_postponed_target_keeps_its_anchors(store: Store, make: Make) -> None:
    """Only when it is due changes, and why."""
    target = _plan_all(store, make)[0]
    plan_targets(store, [Plan(target, Due(make.at(1), DueReason.FIRST), (Anchor(make.at(1)),), Standing(n_checks=2))])
    postpone(store, [target], Due(make.at(99), DueReason.AGAIN))
    assert plans_of(store, [target])[target] == ((Anchor(make.at(1)),), Standing(n_checks=2))
    assert target not in _ids(take_due(store, make.at(98), 100))

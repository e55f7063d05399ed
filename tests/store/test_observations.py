"""Observations: in and out exactly as they were seen, whole batches or nothing, and nothing secret lies open."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import StoreError
from monitor.model.observation import CheckCounts, Due, Exchange, Fingerprint, Mandate, Observation, Standing, Verdict
from monitor.model.report import Address, Host, Target
from monitor.model.words import (
    Cause,
    DnsStatus,
    DueReason,
    ExchangeError,
    GetReason,
    HostKind,
    InputKind,
    LocationKind,
    Method,
    Outcome,
    Phase,
    Purpose,
    TlsState,
)
from monitor.store import (
    Concluded,
    Plan,
    RunEnd,
    Store,
    add_checks,
    add_observations,
    add_reports,
    begin_input,
    begin_run,
    conclude,
    count_outcomes,
    load_facts,
    observations_of_run,
    open_runs,
    outcomes_current,
    plan_targets,
    plans_of,
    replace_outcomes,
    take_due,
    targets_to_plan,
)
from tests.engines import Engine

Make = Any  # conftest's Maker
MANDATE = Mandate("Example Authority", "Example Act", "desk@authority.example", "", False, True)
HERE = Address(bytes([192, 0, 2, 1]))
THERE = Address(bytes.fromhex("20010db8000000000000000000000001"))
ADDRESSES = st.none() | st.sampled_from([HERE, THERE]) | st.binary(min_size=4, max_size=4).map(Address)
ONLINE = Verdict(Outcome.ONLINE, Cause.NONE, "unchanged-1")


def _or_none(*values: Any) -> Any:
    return st.none() | st.one_of(*values)


NUMBERS = st.integers(0, 2**31 - 1)
EXCHANGES = st.builds(
    Exchange,
    purpose=st.sampled_from(Purpose),
    method=st.sampled_from(Method),
    phase=st.sampled_from(Phase),
    address=ADDRESSES,
    error=_or_none(st.sampled_from(ExchangeError)),
    get_reason=_or_none(st.sampled_from(GetReason)),
    tls=st.sampled_from(TlsState),
    status=_or_none(st.integers(100, 999)),
    fingerprint=st.builds(
        Fingerprint,
        content_type=_or_none(st.just("image/jpeg")),
        length=_or_none(st.integers(0, 2**62)),
        etag=_or_none(st.just("0123456789abcdef")),
        etag_weak=st.booleans(),
        last_modified=_or_none(st.just("fedcba9876543210")),
        server=_or_none(st.just("0000000000000000")),
    ),
    location=_or_none(st.sampled_from(LocationKind)),
    leads_to=_or_none(st.just("0f1e2d3c4b5a6978")),
    challenge=st.booleans(),
    retry_after_seconds=_or_none(st.integers(0, 2**40)),
    connect_ms=_or_none(NUMBERS),
    tls_ms=_or_none(NUMBERS),
    headers_ms=_or_none(NUMBERS),
    n_bytes_in=st.integers(0, 2**40),
)


def _import(store: Store, make: Make, *paths: str) -> dict[str, int]:
    """Key of each Target by its path, all of one host."""
    rows = [make.report(f"R{path}", row=row + 1, target=make.target(path)) for row, path in enumerate(paths)]
    add_reports(store, begin_input(store, "".join(paths), InputKind.REPORTS, 1), rows)
    with store.read() as connection:
        return {
            store.sealer.unseal(url, "targets.url").decode().rsplit("/", 1)[1]: key
            for key, url in connection.exec_driver_sql("SELECT id, url FROM targets")
        }


def _begin(store: Store, make: Make) -> int:
    return begin_run(store, worker="1", mandate=MANDATE, n_due=1, at=make.at(0))


def _seen(make: Make, target: int, hours: float = 1, *, address: Address | None = HERE, **said: Any) -> Observation:
    exchange = Exchange(Purpose.TARGET, Method.HEAD, Phase.DONE, address, status=200, **said)
    return Observation(0, target, make.at(hours), "direct", (DnsStatus.ANSWERED,), (exchange,), 0.25)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, new_store: Callable[[Path], Store]) -> Iterator[Store]:
    with new_store(tmp_path_factory.mktemp("shared") / "data") as opened:
        yield opened


@settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    exchanges=st.lists(EXCHANGES, max_size=4).map(tuple),
    answers=st.lists(st.sampled_from(DnsStatus), max_size=3).map(tuple),
    seconds=st.floats(0, 1e6),
    hours=st.floats(0, 5000),
    vantage=st.sampled_from(["direct", "north"]),
)
def test_an_observation_comes_back_as_it_was_seen(
    shared: Store, make: Make, exchanges: Any, answers: Any, seconds: float, hours: float, vantage: str
) -> None:
    """Every field of it and of its exchanges, in their order; its own key stands for the number within the run."""
    target, run = _import(shared, make, "a")["a"], _begin(shared, make)
    seen = Observation(7, target, make.at(hours), vantage, answers, exchanges, seconds)
    (key,) = add_observations(shared, run, [seen])
    (stored,) = observations_of_run(shared, run)
    assert stored.observation == Observation(key, target, make.at(hours), vantage, answers, exchanges, seconds)
    assert (stored.observation_id, stored.run_id) == (key, run)
    assert stored.observation.address == seen.address


def test_keys_are_aligned_and_shared_with_recorded_checks(store: Store, make: Make) -> None:
    """No key means a recorded check and an Observation."""
    targets, run = _import(store, make, "a", "b"), _begin(store, make)
    add_checks(store, begin_input(store, "cc", InputKind.CHECKS, 1), [make.check("Ra"), make.check("Rb")])
    keys = add_observations(store, run, [_seen(make, targets["b"]), _seen(make, targets["a"])])
    assert [each.observation.target_id for each in observations_of_run(store, run)] == [targets["b"], targets["a"]]
    with store.read() as connection:
        recorded = set(connection.exec_driver_sql("SELECT id FROM checks").scalars())
    assert len({*keys, *recorded}) == 4
    assert add_observations(store, run, []) == ()


def test_one_address_is_sealed_once_for_all(store: Store, make: Make) -> None:
    """In one batch and in the next; addresses of different exchanges are told apart."""
    targets, run = _import(store, make, "a"), _begin(store, make)
    for _ in range(2):
        add_observations(store, run, [_seen(make, targets["a"]), _seen(make, targets["a"], address=THERE)])
    assert [each.observation.address for each in observations_of_run(store, run)] == [HERE, THERE] * 2
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM addresses").scalar_one() == 2


def test_a_batch_is_stored_whole_or_not_at_all(store: Store, make: Make) -> None:
    """The second one is about a Target that is not there: the first one is not kept either, and no key is lost."""
    targets, run = _import(store, make, "a"), _begin(store, make)
    with pytest.raises(StoreError) as raised:
        add_observations(store, run, [_seen(make, targets["a"]), _seen(make, 999)])
    assert "192.0.2" not in str(raised.value)
    assert observations_of_run(store, run) == []
    with store.read() as connection:
        for table in ("observations", "exchanges", "addresses"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0


def test_what_is_judged_is_left_out_unless_everything_is_wanted(store: Store, make: Make) -> None:
    """A run that was broken off is judged from where it stood."""
    targets, run = _import(store, make, "a", "b"), _begin(store, make)
    first, second = add_observations(store, run, [_seen(make, targets["a"]), _seen(make, targets["b"])])
    conclude(store, [Concluded(first, targets["a"], ONLINE, "1", Standing(n_checks=1), None)])
    assert [each.observation_id for each in observations_of_run(store, run)] == [second]
    assert [each.observation_id for each in observations_of_run(store, run, every=True)] == [first, second]


def test_conclusions_and_plans_are_one_transaction(store: Store, make: Make) -> None:
    """An Outcome of an Observation that is not there takes the plan of the other one back too, and the run goes on."""
    targets, run = _import(store, make, "a"), _begin(store, make)
    plan_targets(store, [Plan(targets["a"], Due(make.at(0), DueReason.FIRST), (), Standing())])
    (key,) = add_observations(store, run, [_seen(make, targets["a"])])
    good = Concluded(key, targets["a"], ONLINE, "1", Standing(n_checks=1), Due(make.at(9), DueReason.SCHEDULE))
    with pytest.raises(StoreError):
        conclude(store, [good, Concluded(10_000, targets["a"], ONLINE, "1", Standing(), None)], RunEnd(run, make.at(1)))
    assert [each.due_at for each in take_due(store, make.at(5), 9)] == [make.at(0)]
    assert len(observations_of_run(store, run)) == len(open_runs(store)) == 1
    conclude(store, [good], RunEnd(run, make.at(1)))
    assert take_due(store, make.at(5), 9) == ()
    assert (take_due(store, make.at(9), 9)[0].standing, open_runs(store)) == (Standing(n_checks=1), ())


def test_concluding_again_puts_the_new_conclusion_in_place(store: Store, make: Make) -> None:
    """One Outcome an Observation; of two of one Target the last Standing counts."""
    targets, run = _import(store, make, "a"), _begin(store, make)
    plan_targets(store, [Plan(targets["a"], Due(make.at(0), DueReason.FIRST), (), Standing())])
    keys = add_observations(store, run, [_seen(make, targets["a"], 1), _seen(make, targets["a"], 2)])
    gone = Verdict(Outcome.OFFLINE, Cause.CONTENT, "not-found-1")
    for version, verdict in (("1", ONLINE), ("2", gone)):
        assert outcomes_current(store, "1")
        said = [
            Concluded(key, targets["a"], verdict, version, Standing(n_checks=n + 1), None) for n, key in enumerate(keys)
        ]
        (conclude if version == "1" else replace_outcomes)(store, said)
    assert not outcomes_current(store, "1")
    assert outcomes_current(store, "2")
    assert plans_of(store, [targets["a"]])[targets["a"]][1] == Standing(n_checks=2)
    assert count_outcomes(store, make.at(0)).offline == 2


def test_outcomes_replaced_leave_the_due_time_alone(store: Store, make: Make) -> None:
    """Planning comes after judging again, and has a fingerprint of its own."""
    targets, run = _import(store, make, "a"), _begin(store, make)
    plan_targets(store, [Plan(targets["a"], Due(make.at(3), DueReason.CONFIRMATION), (), Standing())])
    (key,) = add_observations(store, run, [_seen(make, targets["a"])])
    replace_outcomes(store, [Concluded(key, targets["a"], ONLINE, "2", Standing(n_checks=8), None)])
    (due,) = take_due(store, make.at(3), 1)
    assert (due.due_at, due.why, due.standing.n_checks) == (make.at(3), DueReason.CONFIRMATION, 8)


def test_outcomes_are_counted_from_an_instant_on(store: Store, make: Make) -> None:
    """Void ones apart, whatever they say; the GETs of that time among them."""
    targets, run = _import(store, make, "a"), _begin(store, make)
    a = targets["a"]
    seen = [_seen(make, a, hours) for hours in range(5)]
    seen.append(_seen(make, a, 5, get_reason=GetReason.HEAD_NOT_FOUND))
    keys = add_observations(store, run, seen)
    unclear = Outcome.INCONCLUSIVE
    outcomes = [Outcome.ONLINE, Outcome.ONLINE, Outcome.OFFLINE, unclear, unclear, Outcome.OFFLINE]
    verdicts = [Verdict(outcome, Cause.NONE, "x-1", void=place == 4) for place, outcome in enumerate(outcomes)]
    said = zip(keys, verdicts, strict=True)
    conclude(store, [Concluded(key, a, verdict, "1", Standing(), None) for key, verdict in said])
    assert count_outcomes(store, make.at(1)) == CheckCounts(5, online=1, offline=2, inconclusive=1, void=1, gets=1)
    assert count_outcomes(store, make.at(6)).due == 0


KILLED = """
import sys
from pathlib import Path
from tests.store.test_observations import MANDATE, _seen
from tests.store.conftest import Maker
from monitor.store import add_observations, open_store
with open_store(Path(sys.argv[1]), sys.argv[4] or None, create=False) as store:
    print("ready", flush=True)
    while True:
        add_observations(store, int(sys.argv[2]), [_seen(Maker(), int(sys.argv[3])) for _ in range(50)])
"""


def test_a_kill_leaves_whole_batches(store: Store, engine: Engine, make: Make) -> None:
    """kill -9 while batches of 50 are written: every batch is there with all its exchanges, or not at all."""
    targets, run = _import(store, make, "a"), _begin(store, make)
    words = [str(run), str(targets["a"]), engine.url(store.data_dir) or ""]
    command = [sys.executable, "-c", KILLED, str(store.data_dir), *words]
    root = Path(__file__).parents[2]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    assert child.stdout is not None
    with child:
        assert child.stdout.readline() == b"ready\n"
        while len(observations_of_run(store, run)) < 100:
            pass
        child.send_signal(signal.SIGKILL)
    stored = observations_of_run(store, run)
    assert len(stored) % 50 == 0
    assert all(len(each.observation.exchanges) == 1 for each in stored)
    assert len(add_observations(store, run, [_seen(make, targets["a"])])) == 1


def test_nothing_secret_lies_open_after_a_round(store: Store, engine: Engine, make: Make) -> None:
    """URL, host and addresses of what was checked, searched in the database and its WAL; the words are there."""
    host = Host("zzmarkedhost.zzmarkedsite.example", HostKind.NAME, "zzmarkedsite.example", None)
    target = Target("https://zzmarkedhost.zzmarkedsite.example/zzmarkedpath?zzmarkedquery", host)
    with store.read():
        add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), [make.report(target=target)])
        ((planned,),) = targets_to_plan(store, ["hotline"])
        plan_targets(store, [Plan(planned.target_id, Due(make.at(0), DueReason.FIRST), planned.anchors, Standing())])
        (due,) = take_due(store, make.at(1), 5)
        run = _begin(store, make)
        marked = [Address(b"\x7f\x21\x43\x65"), Address(bytes.fromhex("20010db8feedbeef0000000000000077"))]
        keys = add_observations(store, run, [_seen(make, due.target_id, address=address) for address in marked])
        said = [Concluded(key, due.target_id, ONLINE, "1", Standing(n_checks=1), None) for key in keys]
        conclude(store, said, RunEnd(run, make.at(1)))
        files = engine.files(store.data_dir).values()
    assert "zzmarked" not in f"{due!r} {observations_of_run(store, run, every=True)!r}"
    assert any(b"unchanged-1" in content for content in files)
    for secret in (b"zzmarked", b"ZZMARKED", b"127.33.67.101", *marked, *(each.hex().encode() for each in marked)):
        assert not any(secret in content for content in files)


def test_own_addresses_reach_the_facts_of_one_target(store: Store, make: Make) -> None:
    """The readings of a Target alone are the same as among all."""
    targets, run = _import(store, make, "a", "b"), _begin(store, make)
    keys = add_observations(store, run, [_seen(make, targets["a"]), _seen(make, targets["b"], address=THERE)])
    said = zip(keys, (targets["a"], targets["b"]), strict=True)
    conclude(store, [Concluded(key, target, ONLINE, "1", Standing(), None) for key, target in said])
    everything = load_facts(store, cutoff=make.at(99), trusted=bool).readings
    alone = load_facts(store, cutoff=make.at(99), trusted=bool, target=targets["b"]).readings
    assert alone.check_id.tolist() == [keys[1]]
    assert alone.address.tolist() == everything.address[everything.target_id == targets["b"]].tolist()

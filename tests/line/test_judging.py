"""What runs of our own checks come to, joined with a real store: judged as they end, recovered, and judged again."""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import judging, store, watching
from monitor.config import Canary, Settings, Source
from monitor.errors import StoreBusy, StoreNewer
from monitor.intake import normalise_url
from monitor.keeping import Patience
from monitor.model.observation import CanaryReading, Exchange, Fingerprint, Mandate, Observation
from monitor.model.report import Address, Notice, Report
from monitor.model.words import (
    Assessment,
    DnsStatus,
    ExchangeError,
    InputKind,
    Method,
    NoticeKind,
    NoticeStatus,
    Phase,
    Purpose,
)
from monitor.observation.crawl import Crawl
from monitor.observation.messages import crawl_settings
from monitor.presence import present
from monitor.rounds import Rounds
from tests.engines import Engine, engine_of

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MANDATE = Mandate("Example Authority", "Example Act", "desk@authority.example", "2099-12-31", False, True)
SETTINGS = Settings(sources={"hotline": Source(live=True)}, canary=Canary(ipv4=("http://127.0.0.9/",)))
NETWORKS = 12
ONLINE = Fingerprint("image/png", 5, "e" * 16)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def address(n: int) -> Address:
    return Address(bytes([192, 0, 2, n]))


@pytest.fixture
def db(engine: Engine, tmp_path: Path) -> Any:
    """Twelve Targets, each on a host and a network of its own."""
    with store.open_store(tmp_path / "data", engine.url(tmp_path / "data"), create=True) as opened:
        notice = Notice(NoticeKind.REQUEST, NoticeStatus.SENT, at(0))
        reports = [
            Report(n + 1, "hotline", f"R{n}", normalise_url(f"http://h{n}.example/a.png"), at(-1), notice)
            for n in range(NETWORKS)
        ]
        store.add_reports(opened, store.begin_input(opened, "aa", InputKind.REPORTS, 1), reports)
        judging.plan(opened, SETTINGS, ("hotline",), at(0))
        yield opened


def answered(n: int, status: int = 200, seen: Fingerprint = ONLINE) -> tuple[Exchange, ...]:
    return (Exchange(Purpose.TARGET, Method.HEAD, Phase.DONE, address(n), status=status, fingerprint=seen),)


def refused(n: int) -> tuple[Exchange, ...]:
    return (Exchange(Purpose.TARGET, Method.HEAD, Phase.CONNECT, address(n), ExchangeError.REFUSED),)


def run(
    db: store.Store,
    hours: float,
    seen: dict[int, Any],
    *,
    after: bool = True,
    conclude: bool = True,
    healthy: bool = True,
) -> int:
    """One run: what each Target showed (exchanges, or resolvers' answers), between two canaries."""
    run_id = store.begin_run(db, worker="1", mandate=MANDATE, n_due=len(seen), at=at(hours))
    canaries = [CanaryReading(at(hours), "direct", 4, False, True, None)]
    canaries += [CanaryReading(at(hours), "direct", 4, True, healthy, None)] if after else []
    store.add_canaries(db, run_id, canaries)
    store.add_observations(
        db,
        run_id,
        [
            Observation(place, place + 1, at(hours), "direct", (), what, 0.1)
            if isinstance(what[0], Exchange)
            else Observation(place, place + 1, at(hours), "direct", what, (), 0.1)
            for place, what in seen.items()
        ],
    )
    if conclude:
        judging.recover(db, SETTINGS, run_id, at(hours))
    return run_id


def rows(db: store.Store, statement: str) -> list[tuple[Any, ...]]:
    with db.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def rules(db: store.Store, run_id: int) -> Sequence[str]:
    said = rows(
        db,
        f"""SELECT o.rule FROM outcomes o JOIN observations s ON s.id = o.observation_id
            WHERE s.run_id = {run_id} ORDER BY s.target_id""",
    )
    return [rule for (rule,) in said]


def silent(n: int) -> tuple[Exchange, ...]:
    return (Exchange(Purpose.TARGET, Method.HEAD, Phase.CONNECT, address(n), ExchangeError.TIMEOUT),)


def test_what_is_judged_again_is_what_was_judged_first(db: store.Store, tmp_path: Path) -> None:
    """Outcomes of older rules, whatever they said, give way to the same rows as before, and Standings too."""
    run(db, 0, {n: answered(n) for n in range(NETWORKS)})
    with_networks(db, tmp_path, of_one=(4, 5))
    run(db, 1, {n: answered(n, 404) if n < 3 else answered(n) for n in range(NETWORKS)})
    run(db, 1.3, {n: answered(n, 404) for n in range(3)}, healthy=False)
    run(db, 1.6, {n: refused(n) if n % 2 else answered(n, 503) for n in range(NETWORKS)}, after=False)
    run(db, 2.2, {0: answered(0, 404), 1: (DnsStatus.NXDOMAIN, DnsStatus.NXDOMAIN)})
    run(db, 3, {5: silent(5)})
    run(db, 27.5, {4: answered(4)})
    assert rules(db, run(db, 28, {5: silent(5)})) == ["silent-2"]
    assert rules(db, run(db, 60, {5: silent(5)})) == ["silent-1"]
    run(db, 59.9, {4: answered(4)})  # the clock was set back: it was not known to the one before
    everything = "SELECT * FROM outcomes ORDER BY observation_id", "SELECT target_id, standing FROM schedule ORDER BY 1"
    before = [rows(db, each) for each in everything]
    with db.write() as connection:
        connection.exec_driver_sql("UPDATE outcomes SET rules_version = 'older', outcome = 1, rule = 'x', void = FALSE")
    assert judging.judge_again(db, SETTINGS) == 2 * NETWORKS + 3 + NETWORKS + 2 + 5
    assert [rows(db, each) for each in everything] == before
    assert judging.judge_again(db, SETTINGS) == 0


def test_a_run_without_its_closing_canary_takes_nothing_for_gone(db: store.Store) -> None:
    """It was killed: what it saw online stands, a refusal or a 404 gives no outcome, and is due again soon."""
    run(db, 0, {0: answered(0), 1: answered(1)})
    killed = run(db, 1, {0: answered(0), 1: answered(1, 404)}, after=False, conclude=False)
    assert store.open_runs(db) == (killed,)
    counts = judging.recover(db, SETTINGS, killed, at(1.01))
    assert (counts.online, counts.offline, counts.void) == (1, 0, 1)
    assert store.open_runs(db) == ()
    assert rules(db, killed)[1] == "void-1"
    assert 2 in {each.target_id for each in store.take_due(db, at(1.2), 99)}


def test_a_run_killed_after_its_closing_canary_counts_as_ended(db: store.Store) -> None:
    """Everything that it takes to judge it is there."""
    run(db, 0, {0: answered(0)})
    killed = run(db, 1, {0: answered(0, 404)}, conclude=False)
    assert judging.recover(db, SETTINGS, killed, at(1.01)).offline == 1


def with_networks(db: store.Store, tmp_path: Path, of_one: Sequence[int] = ()) -> None:
    """A routing table in which each address has an AS of its own, but for those `of_one`."""
    from monitor import pipeline  # noqa: PLC0415
    from monitor.model.words import TableKind  # noqa: PLC0415

    table = tmp_path / "prefixes.tsv"
    asns = {n: 64496 + (min(of_one) if n in of_one else n) for n in range(NETWORKS)}
    table.write_text("".join(f"192.0.2.{n}/32\t{asn}\n" for n, asn in asns.items()), encoding="utf-8")
    pipeline.import_reference_table(db, SETTINGS, TableKind.PREFIXES, [table], at(-48).date(), at(-48).date())
    pipeline.attribute(db)


def test_a_captive_resolver_voids_the_run_although_no_address_was_reached(db: store.Store, tmp_path: Path) -> None:
    """Names that stop resolving all at once count by the networks in which they were last."""
    run(db, 0, {n: answered(n) for n in range(NETWORKS)})
    with_networks(db, tmp_path)
    gone = (DnsStatus.NXDOMAIN, DnsStatus.NXDOMAIN)
    captive = run(db, 1, {n: gone if n < 6 else answered(n) for n in range(NETWORKS)})
    assert set(rules(db, captive)) == {"void-1"}
    two_names = run(db, 1.5, {n: gone if n < 2 else answered(n) for n in range(NETWORKS)})
    assert rules(db, two_names)[:3] == ["nxdomain-1", "nxdomain-1", "unchanged-1"]


def test_what_was_long_gone_voids_no_run(db: store.Store, tmp_path: Path) -> None:
    """Networks whose hosts were confirmed offline before do not fail at once."""
    run(db, 0, {n: answered(n) for n in range(NETWORKS)})
    with_networks(db, tmp_path)
    for hours in (1, 1.3, 1.6):
        for some in (range(3), range(3, 6)):  # three of twelve at a time are not too many
            run(db, hours, {n: refused(n) if n in some else answered(n) for n in {*some, *range(6, NETWORKS)}})
    late = run(db, 30, {n: refused(n) if n < 6 else answered(n) for n in range(NETWORKS)})
    assert rules(db, late) == ["refused-1"] * 6 + ["unchanged-1"] * 6


def test_what_was_refused_or_silent_at_its_last_reading_fails_at_once_no_more(db: store.Store, tmp_path: Path) -> None:
    """One reading is enough for that: six of twelve that have failed since the run before void nothing."""
    run(db, 0, {n: answered(n) for n in range(NETWORKS)})
    with_networks(db, tmp_path)
    run(db, 1, {n: refused(n) if n < 3 else answered(n) for n in range(NETWORKS)})
    new = run(db, 1.3, {n: silent(n) if 2 < n < 6 else answered(n) for n in range(3, NETWORKS)})
    assert rules(db, new)[:3] == ["silent-1"] * 3
    later = run(db, 2, {n: refused(n) if n < 3 else silent(n) if n < 6 else answered(n) for n in range(NETWORKS)})
    assert rules(db, later) == ["refused-1"] * 3 + ["silent-1"] * 3 + ["unchanged-1"] * 6


@pytest.mark.parametrize("failing", [refused, silent])
def test_an_outage_of_ours_that_no_canary_sees_stays_void_for_days(
    db: store.Store, tmp_path: Path, failing: Callable[[int], tuple[Exchange, ...]]
) -> None:
    """Void readings are not remembered as failures, so that what fails in them fails at once the next day too."""
    run(db, 0, {n: answered(n) for n in range(NETWORKS)})
    with_networks(db, tmp_path)
    for hours in (1, 1.3, 1.6, 25, 49, 73):
        assert set(rules(db, run(db, hours, {n: failing(n) for n in range(NETWORKS)}))) == {"void-1"}
    assert set(rules(db, run(db, 74, {n: answered(n) for n in range(NETWORKS)}))) == {"unchanged-1"}


def test_a_host_that_was_silent_for_a_day_is_gone_where_a_neighbour_answered_within_the_hour(
    db: store.Store, tmp_path: Path
) -> None:
    """In a run of its own, as small runs are: three such readings half an hour apart confirm it."""
    run(db, 0, {0: answered(0), 1: answered(1)})
    with_networks(db, tmp_path, of_one=(0, 1))
    run(db, 1, {0: silent(0)})
    run(db, 25.5, {1: answered(1, 503)})
    for hours in (26, 26.3, 26.5):
        assert rules(db, run(db, hours, {0: silent(0)})) == ["silent-2"]
    (known,) = store.plans_of(db, [1]).values()
    assert known[1].confirmed_at is not None


@pytest.mark.parametrize(
    ("hours", "neighbour", "healthy"),
    [
        (24.9, answered(1), True),  # more than an hour before
        (25.5, answered(1), False),  # in a void run
        (25.5, answered(2), True),  # from another network
        (25.5, silent(1), True),  # not reached itself
    ],
)
def test_who_answered_long_before_or_elsewhere_or_in_a_void_run_is_no_neighbour(
    db: store.Store, tmp_path: Path, hours: float, neighbour: tuple[Exchange, ...], healthy: bool
) -> None:
    """It may be the way there that is silent."""
    run(db, 0, {0: answered(0), 1: answered(1), 2: answered(2)})
    with_networks(db, tmp_path, of_one=(0, 1))
    run(db, 1, {0: silent(0)})
    run(db, hours, {1: neighbour}, healthy=healthy)
    assert rules(db, run(db, 26, {0: silent(0)})) == ["silent-1"]


def test_other_runs_are_looked_through_only_for_what_has_long_been_silent(
    db: store.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs nothing as long as everybody answers."""
    looked: list[int] = []

    def counting(_db: store.Store, one: store.StoredRun, _since: datetime) -> frozenset[tuple[str, int, int, int]]:
        looked.append(one.run_id)
        return frozenset()

    monkeypatch.setattr(store, "answered_before", counting)
    run(db, 0, {0: answered(0), 1: answered(1)})
    with_networks(db, tmp_path)
    run(db, 1, {0: silent(0), 1: answered(1, 404)})
    late = run(db, 26, {0: silent(0), 1: refused(1)})
    assert looked == [late]


def test_since_when_every_run_has_been_void_is_known(db: store.Store) -> None:
    """From the first run on after the last that gave an outcome; a run without any reading is one of them."""
    assert store.void_since(db) is None
    run(db, 0, {0: answered(0)})
    assert store.void_since(db) is None
    run(db, 1, {0: answered(0, 404), 1: answered(1)}, healthy=False)
    asked_nobody = store.begin_run(db, worker="1", mandate=MANDATE, n_due=2, at=at(2))
    store.end_run(db, asked_nobody, at(2))
    run(db, 3, {0: answered(0, 404)}, healthy=False)
    assert store.void_since(db) == at(1)
    open_one = run(db, 4, {0: answered(0)}, conclude=False)
    assert store.void_since(db) == at(1)
    judging.recover(db, SETTINGS, open_one, at(4))
    assert store.void_since(db) is None


def test_a_store_in_which_every_run_was_void_says_so_from_the_first(db: store.Store) -> None:
    """No run has ever given an outcome."""
    run(db, 0, {0: answered(0)}, healthy=False)
    run(db, 1, {0: answered(0)}, healthy=False)
    assert store.void_since(db) == at(0)


def test_a_withdrawn_report_is_not_checked_any_more(db: store.Store) -> None:
    """Its Target is off the schedule as soon as the withdrawal is known, and so is one found not illegal."""
    assert len(store.take_due(db, at(0), 99)) == NETWORKS
    notice = Notice(NoticeKind.REQUEST, NoticeStatus.SENT, at(0))
    again = [
        Report(1, "hotline", "R0", normalise_url("http://h0.example/a.png"), at(-1), notice, withdrawn_at=at(0.5)),
        Report(
            2,
            "hotline",
            "R1",
            normalise_url("http://h1.example/a.png"),
            at(-1),
            notice,
            assessment=Assessment.NOT_ILLEGAL,
            assessed_at=at(0.5),
        ),
    ]
    assert not store.add_reports(db, store.begin_input(db, "bb", InputKind.REPORTS, 1), again).rejects
    judging.plan(db, SETTINGS, ("hotline",), at(1))
    assert len(store.take_due(db, at(1), 99)) == NETWORKS - 2


def test_an_import_plans_its_own_targets_and_the_next_day_all(db: store.Store) -> None:
    """What was planned of the others stays as it was; a day later the clock counts anew for everybody."""
    before = dict(rows(db, "SELECT target_id, due_at FROM schedule"))
    with db.write() as connection:  # as if planned by a clock that was wrong
        connection.exec_driver_sql("UPDATE schedule SET due_at = due_at + 7")
    told = Notice(NoticeKind.REQUEST, NoticeStatus.SENT, at(2))
    more = [Report(1, "hotline", "R0", normalise_url("http://h0.example/a.png"), at(-1), told)]
    assert not store.add_reports(db, store.begin_input(db, "bb", InputKind.REPORTS, 1), more).rejects
    judging.plan(db, SETTINGS, ("hotline",), at(0))
    after = dict(rows(db, "SELECT target_id, due_at FROM schedule"))
    (mine,) = (key for key, due in after.items() if due != before[key] + 7)
    assert rows(db, "SELECT target_id FROM reports JOIN records ON id = record_key WHERE record_id = 'R0'") == [(mine,)]
    judging.plan(db, SETTINGS, ("hotline",), at(24))
    again = dict(rows(db, "SELECT target_id, due_at FROM schedule"))
    assert all(due != before[key] + 7 for key, due in again.items())


@contextmanager
def checked_elsewhere(db: store.Store) -> Iterator[None]:
    """Another process checks: it holds the lock of the folder, or on a server a task among its workers."""
    if not db.on_server:
        with judging.alone(db.data_dir):
            yield
        return
    with present(db, SETTINGS, "other") as other, store.task(db, other.worker_id, store.JUDGE) as given:
        assert given
        yield


def test_outcomes_are_not_derived_anew_while_another_process_checks(db: store.Store) -> None:
    """A freeze says so; where nothing is to be derived, nobody has to wait."""
    run(db, 0, {0: answered(0)})
    with checked_elsewhere(db):
        judging.judged_by_the_rules_in_force(db, SETTINGS)
        with db.write() as connection:
            connection.exec_driver_sql("UPDATE outcomes SET rules_version = 'older'")
        with pytest.raises(StoreBusy):
            judging.judged_by_the_rules_in_force(db, SETTINGS)
    judging.judged_by_the_rules_in_force(db, SETTINGS)
    assert store.outcomes_current(db, "observations-1")


def test_a_worker_stops_once_a_newer_version_has_judged_or_upgraded_the_store(db: store.Store) -> None:
    """Before it takes or judges anything, and before it derives anything anew by its own rules."""
    run(db, 0, {0: answered(0)})
    judging.refuse_newer(db)
    patience = Patience(threading.Event(), lambda _: None, patient=True)
    newer = "UPDATE outcomes SET rules_version = 'observations-999'", "UPDATE alembic_version SET version_num = '9999'"
    with closing(Crawl(crawl_settings(SETTINGS, b"k"))) as crawl, present(db, SETTINGS) as me:
        rounds = Rounds(db, SETTINGS, crawl, patience.stop, me, patience)
        for statement in newer:
            with db.write() as connection:
                connection.exec_driver_sql(statement).close()
            for work in (watching._prepare, watching._tidy):
                with pytest.raises(StoreNewer):
                    work(rounds, lambda _: None)
            with pytest.raises(StoreNewer):
                judging.refuse_newer(db)
            with db.write() as connection:
                connection.exec_driver_sql("UPDATE outcomes SET rules_version = 'observations-1'").close()


def test_a_task_of_judging_that_was_never_let_go_of_keeps_nobody_from_checking(db: store.Store) -> None:
    """The store did it and did not say so, or did not answer: the next try finds nothing to judge, and lets go."""
    if not db.on_server:
        pytest.skip("one worker serves a store on SQLite, so there is nothing to share")
    with present(db, SETTINGS, "one") as one, present(db, SETTINGS, "two") as two:
        held = store.task(db, one.worker_id, store.JUDGE)
        assert held.__enter__()
        assert store.take_due(db, at(9), 9, None, store.Taker(two.worker_id)) == ()
        assert judging.judge_again_alone(db, SETTINGS, one.worker_id)
        assert store.take_due(db, at(9), 9, None, store.Taker(two.worker_id)) != ()


def test_a_worker_that_waits_to_judge_anew_ends_who_is_gone(db: store.Store) -> None:
    """What the other one held is settled meanwhile, not only at the next start."""
    if not db.on_server:
        pytest.skip("one worker serves a store on SQLite, so there is nothing to share")
    run(db, 0, {0: answered(0)})
    with db.write() as connection:
        connection.exec_driver_sql("UPDATE outcomes SET rules_version = 'older'").close()
    gone = store.register_worker(db, store.NewWorker("gone", None, "token"), 1.0)
    assert store.take_due(db, at(99), 9, None, store.Taker(gone))
    patience = Patience(threading.Event(), lambda _: None, patient=False)
    with present(db, SETTINGS, "one") as me, closing(Crawl(crawl_settings(SETTINGS, bytes(32)))) as crawl:
        watching._prepare(Rounds(db, SETTINGS, crawl, patience.stop, me, patience), lambda _: None)
    assert store.outcomes_current(db, "observations-1")


@pytest.mark.postgresql_only("one worker serves a store on SQLite")
def test_a_copied_lock_of_a_worker_does_not_end_it(db: store.Store, tmp_path: Path) -> None:
    """A data folder that was copied to a second host: the name is taken there, and the first worker lives."""
    other = tmp_path / "other"
    with present(db, SETTINGS, "one") as one:
        shutil.copytree(db.data_dir, other)
        assert (other / "worker-one.lock").stat().st_size > 0
        url, refused = engine_of(db.data_dir).url(db.data_dir), pytest.raises(StoreBusy, match="worker one already")
        with store.open_store(other, url, create=False) as second, refused, present(second, SETTINGS, "one"):
            pass
        one.beat()
        assert not one.lost

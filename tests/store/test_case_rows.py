"""Many records looked up at once: URLs, notices' words, what lies behind a check; and one Provider's frozen rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from monitor.model.episode import EpisodeTable
from monitor.model.observation import Exchange, Mandate, Observation, Standing, Verdict
from monitor.model.report import Address
from monitor.model.words import Cause, ExchangeError, InputKind, Method, NoticeChannel, Outcome, Phase, Purpose, Role
from monitor.store import (
    CheckWords,
    Concluded,
    NoticeWords,
    OpenedTarget,
    Store,
    add_checks,
    add_observations,
    add_reports,
    begin_input,
    begin_run,
    check_words,
    conclude,
    load_facts,
    notice_words,
    open_targets,
    targets_of,
)
from monitor.store.frozen_case_rows import case_rows, count_case_rows, moved_in_rows
from monitor.store.frozen_parquet import write_episodes

HERE = Address(bytes([192, 0, 2, 1]))


def _store_two(store: Store, make: Any) -> None:
    """Record A1 with a URL, a notice by e-mail and a recorded check; B1 of another source, its path withheld."""
    notice = make.notice(1, reference="REF-1", channel=NoticeChannel.EMAIL)
    reports = [
        make.report("A1", target=make.target("a"), notice=notice),
        make.report("B1", row=2, source="press", target=make.target(withheld=True), notice=make.notice(2)),
    ]
    assert not add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), reports).rejects
    checks = [make.check("A1", 2, reason="http-404", vantage="nl-1", outcome=Outcome.OFFLINE)]
    assert not add_checks(store, begin_input(store, "bb", InputKind.CHECKS, 1), checks).rejects


def test_records_have_their_targets_and_these_their_urls(store: Store, make: Any) -> None:
    """By source and record id; a record that is not there is left out; a withheld path gives the host alone."""
    _store_two(store, make)
    found = targets_of(store, {("hotline", "A1"), ("press", "B1"), ("press", "A1"), ("hotline", "C9")})
    assert set(found) == {("hotline", "A1"), ("press", "B1")}
    opened = open_targets(store, found.values())
    assert opened[found["hotline", "A1"]] == OpenedTarget("https://images.example/a", withheld=False)
    assert opened[found["press", "B1"]] == OpenedTarget("images.example", withheld=True)


def test_a_notice_has_its_reference_and_channel(store: Store, make: Any) -> None:
    """As the hotline stated them; what it did not state is not known."""
    _store_two(store, make)
    facts = load_facts(store, cutoff=make.at(99), trusted=bool)
    words = notice_words(store, facts.notices.notice_id.tolist())
    assert set(words.values()) == {NoticeWords("REF-1", "email"), NoticeWords(None, None)}


def test_facts_of_several_targets_are_those_of_each(store: Store, make: Any) -> None:
    """Reports, notices and readings of two Targets out of three; of none there is nothing."""
    _store_two(store, make)
    more = [make.report("C1", row=3, target=make.target("c"), notice=make.notice(1))]
    add_reports(store, begin_input(store, "cc", InputKind.REPORTS, 1), more)
    wanted = targets_of(store, {("hotline", "A1"), ("hotline", "C1")})
    found = load_facts(store, cutoff=make.at(99), trusted=bool, targets=set(wanted.values()))
    assert found.reports.record_id.tolist() == ["A1", "C1"]
    assert set(found.targets.target_id.tolist()) == set(wanted.values())
    assert (len(found.notices), len(found.readings)) == (2, 1)
    assert len(load_facts(store, cutoff=make.at(99), trusted=bool, targets=()).reports) == 0


def test_a_recorded_check_has_its_reason_and_an_own_one_how_far_it_came(store: Store, make: Any) -> None:
    """Of several exchanges the last on the way to the material counts, not the made-up path beside it."""
    _store_two(store, make)
    target = targets_of(store, {("hotline", "A1")})["hotline", "A1"]
    run = begin_run(
        store, worker="1", mandate=Mandate("Example", "Act", "desk@a.example", "", False, True), n_due=1, at=make.at(3)
    )
    exchanges = (
        Exchange(Purpose.TARGET, Method.HEAD, Phase.CONNECT, HERE, ExchangeError.REFUSED),
        Exchange(Purpose.TARGET, Method.HEAD, Phase.DONE, HERE, status=410),
        Exchange(Purpose.SIBLING, Method.HEAD, Phase.DONE, HERE, status=200),
    )
    seen = [Observation(1, target, make.at(3), "se-1", (), exchanges, 0.1)]
    keys = add_observations(store, run, seen)
    verdict = Verdict(Outcome.OFFLINE, Cause.CONTENT, "gone-410-1")
    conclude(store, [Concluded(keys[0], target, verdict, "1", Standing(), None)])
    facts = load_facts(store, cutoff=make.at(99), trusted=bool)
    words = check_words(store, facts.readings.check_id.tolist())
    assert [words[key] for key in facts.readings.check_id.tolist()] == [
        CheckWords(own=False, vantage="nl-1", reason="http-404"),
        CheckWords(True, "se-1", None, "gone-410-1", "HEAD", "done", 410, None),
    ]


def _file(folder: Path, table: EpisodeTable) -> Path:
    path = folder / "episodes.parquet"
    write_episodes(path, table)
    return path


def test_the_rows_of_one_provider_come_in_batches_as_they_were_frozen(
    table: Callable[..., EpisodeTable], tmp_path: Path
) -> None:
    """Only its rows, only in the roles asked for, in the file's order, whatever the size of a batch."""
    rows = [{"provider_id": f"as6450{n % 2}", "role": "network" if n % 3 else "as"} for n in range(12)]
    path = _file(tmp_path, table(rows))
    for at_once in (1, 2, 100):
        batches = list(case_rows(path, "as64501", (Role.NETWORK, Role.PROXY), at_once))
        assert max(map(len, batches)) <= at_once
        found = [record for batch in batches for record in batch.record_id.tolist()]
        assert found == ["R00001", "R00005", "R00007", "R00011"]
    assert count_case_rows(path, "as64501", (Role.NETWORK, Role.PROXY)) == {("network", "request"): 4}


def test_an_end_that_was_not_seen_is_infinite_again(table: Callable[..., EpisodeTable], tmp_path: Path) -> None:
    """Null in the file is infinite in an Episode and not known elsewhere, as when the whole file is read."""
    rows = [{"end": "censored", "right_hours": np.inf}, {"status": "undelivered"}]
    (batch,) = case_rows(_file(tmp_path, table(rows)), "as64500", (Role.NETWORK,))
    assert np.isposinf(batch.right_hours[0])
    assert np.isnan(batch.right_hours[1])


def test_moves_to_a_provider_are_found_with_those_that_have_no_row(
    table: Callable[..., EpisodeTable], tmp_path: Path
) -> None:
    """A Provider to whom Targets only moved has no row and is counted with 0."""
    move = {"end": "move", "moved_to": "as64509"}
    path = _file(tmp_path, table([move, {}, {**move, "role": "as"}]))
    (batch,) = moved_in_rows(path, "as64509", (Role.NETWORK,))
    assert batch.record_id.tolist() == ["R00000"]
    assert count_case_rows(path, "as64509", (Role.NETWORK,)) == {("network", "request"): 0}
    assert count_case_rows(path, "as64999", (Role.NETWORK,)) == {}

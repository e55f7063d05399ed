"""Hash chains: whatever is changed, removed, put in or moved past the program shows, on each engine."""

import json
from hashlib import sha256
from typing import Any

import pytest
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import StoreError
from monitor.model.observation import Exchange, Fingerprint, Mandate, Observation
from monitor.model.report import Address
from monitor.model.words import DnsStatus, InputKind, Method, Phase, Purpose
from monitor.store import Store, add_audit, add_observations, add_reports, begin_input, begin_run
from monitor.store.chains import (
    AUDIT_START,
    OF_EXCHANGE,
    OF_OBSERVATION,
    chain_heads,
    digest_of,
    linked,
    with_truth_values,
)
from monitor.store.database import upgrade
from monitor.store.schema import alembic_config
from monitor.store.tables import AuditRow, ExchangeRow, ObservationLinkRow, ObservationRow, table_of
from monitor.store.verifying import Verified, verify
from tests.engines import Engine
from tests.store.meddling import literal, past

Make = Any  # conftest's Maker
MANDATE = Mandate("Example Authority", "Example Act", "desk@authority.example", "", False, True)
ADDRESSES = (Address(bytes([192, 0, 2, 1])), Address(bytes([192, 0, 2, 2])))
OTHER_OF_TWO = {"run_id", "target_id", "vantage_id", "address_id"}
"""Columns that refer to one of two rows, so that a change is one that the database allows."""


def _seen(make: Make, target: int, hours: float, place: int) -> Observation:
    """With two exchanges, of which the first has every header and the second none."""
    full = Fingerprint("image/jpeg", 9, "0123", True, "4567", "89ab")
    first = Exchange(Purpose.TARGET, Method.HEAD, Phase.DONE, ADDRESSES[place], status=200, fingerprint=full)
    second = Exchange(Purpose.TARGET, Method.GET, Phase.CONNECT, ADDRESSES[1 - place])
    answers = (DnsStatus.ANSWERED, DnsStatus.ANSWERED)
    return Observation(0, target, make.at(hours), ("direct", "north")[place], answers, (first, second), 0.25)


@pytest.fixture
def filled(store: Store, make: Make) -> Store:
    """Two Targets, two runs, three batches of observations, and five entries of the audit log, the last an import."""
    for number in range(1, 5):
        add_audit(store, actor="clerk", action="note", subject=f"letter {number}", reason="because")
    rows = [make.report(f"R{path}", row=row, target=make.target(path)) for row, path in enumerate("ab", start=1)]
    add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), rows)
    runs = [begin_run(store, worker="1", mandate=MANDATE, n_due=1, at=make.at(0)) for _ in range(2)]
    for n, (run, n_rows) in enumerate(((runs[0], 3), (runs[1], 2), (runs[0], 2))):
        add_observations(store, run, [_seen(make, row % 2 + 1, 10 * n + row, row % 2) for row in range(n_rows)])
    return store


def _verify(store: Store, *heads: str) -> Verified:
    return verify(store, heads, lambda _done, _total: None)


def _problems(store: Store, *heads: str) -> str:
    return "\n".join(_verify(store, *heads).problems)


def _other(column: str, value: Any) -> Any:
    """Another value that the column can hold."""
    if value is None:
        words = {"get_reason", "error", "content_type", "etag", "last_modified", "server", "location", "leads_to"}
        return "x" if column in words else 1
    if isinstance(value, bool):
        return not value
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, str):
        return f"{value}x"
    if column in OTHER_OF_TWO:
        return 3 - value
    return 1 - value if column in {"etag_weak", "challenge"} else value + 1000


COLUMNS = [
    (table_of(row).name, column.name)
    for row in (ObservationRow, ExchangeRow, ObservationLinkRow, AuditRow)
    for column in table_of(row).columns
]


def test_an_untouched_store_has_no_problem(filled: Store) -> None:
    """Everything is counted, and both heads of today are in their chains."""
    heads = chain_heads(filled)
    found = _verify(filled, heads.observations, heads.audit.upper())
    assert found.problems == ()
    assert (found.n_observations, found.n_links, found.n_audit, found.heads) == (7, 3, 5, heads)


def test_an_empty_store_has_heads_to_write_down_too(store: Store) -> None:
    """What the first link is going to be linked to is in the chain also when there are more."""
    heads = chain_heads(store)
    assert _verify(store, heads.observations, heads.audit).problems == ()
    add_audit(store, actor="clerk", action="note", subject="letter 1", reason="because")
    assert chain_heads(store).audit != heads.audit
    assert _verify(store, heads.observations, heads.audit).problems == ()


def test_any_column_of_any_row_that_is_changed_shows(filled: Store, engine: Engine) -> None:
    """Each column of observations, exchanges, links and the audit log, one at a time; put back, all is well again."""
    for table, column in COLUMNS:
        where = "observation_id = 2 AND place = 0" if table == "exchanges" else "id = 2"
        ((value,),) = engine.rows(filled.data_dir, f"SELECT {column} FROM {table} WHERE {where}")
        there = {
            "id": "id = 1002",
            "observation_id": "observation_id = 1002",
            "place": "observation_id = 2 AND place = 1000",
        }
        back = there.get(column, where)
        past(filled, engine, f"UPDATE {table} SET {column} = {literal(engine, _other(column, value))} WHERE {where}")
        assert _problems(filled), (table, column)
        past(filled, engine, f"UPDATE {table} SET {column} = {literal(engine, value)} WHERE {back}")
        assert not _problems(filled), (table, column)


def test_a_change_is_told_by_its_row(filled: Store, engine: Engine) -> None:
    """An entry by its number, an observation by its batch and run, and nothing else is blamed."""
    past(filled, engine, "UPDATE audit SET reason = 'another' WHERE id = 2")
    past(filled, engine, "UPDATE observations SET seconds = 9 WHERE id = 4")
    told = _verify(filled).problems
    assert len(told) == 2
    assert "batch 4 to 5 (run 2)" in told[0]
    assert "entry 2 was changed" in told[1]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM audit WHERE id = 2", "entry 2 is missing"),
        ("DELETE FROM audit WHERE id IN (1, 2)", "entries 1, 2 are missing"),
        ("DELETE FROM observation_links WHERE id = 2", "link 2 is missing"),
        ("DELETE FROM exchanges WHERE observation_id = 4 AND place = 1", "batch 4 to 5 (run 2)"),
        ("DELETE FROM observations WHERE id = 4", "observation 4 is missing of the batch 4 to 5"),
        ("DELETE FROM observations WHERE id = 4", "exchanges of observation 4"),
        (
            f"INSERT INTO observations SELECT 99, {', '.join(OF_OBSERVATION[1:])} FROM observations WHERE id = 4",
            "observation 99 is in no link",
        ),
        (
            f"INSERT INTO exchanges SELECT 4, 7, {', '.join(OF_EXCHANGE[2:])} FROM exchanges "
            "WHERE observation_id = 4 AND place = 0",
            "batch 4 to 5 (run 2)",
        ),
        (
            "INSERT INTO audit SELECT 6, at, actor, action, subject, reason, link FROM audit WHERE id = 5",
            "entry 6 was changed",
        ),
        ("UPDATE audit SET id = CASE id WHEN 2 THEN -3 ELSE -2 END WHERE id IN (2, 3)", "entry -3 was changed"),
    ],
)
def test_a_row_that_is_removed_or_put_in_is_named(filled: Store, engine: Engine, statement: str, said: str) -> None:
    """By its id."""
    past(filled, engine, statement)
    assert said in _problems(filled)


def test_two_rows_that_changed_places_show(filled: Store, engine: Engine) -> None:
    """Two entries, and two observations of one batch, under one another's number."""
    for table in ("audit", "observations"):
        for statement in ("SET id = -id WHERE id IN (2, 3)", "SET id = 5 + id WHERE id IN (-2, -3)"):
            past(filled, engine, f"UPDATE {table} {statement}")
    told = _problems(filled)
    assert "entry 2" in told
    assert "entry 3" in told
    assert "batch 1 to 3" in told


def test_a_cut_off_end_shows_by_a_head_from_before_alone(filled: Store, engine: Engine) -> None:
    """What is left is whole in itself; the heads that somebody wrote down are in it no more."""
    heads = chain_heads(filled)
    past(filled, engine, "DELETE FROM audit WHERE id = 5")
    past(filled, engine, "DELETE FROM exchanges WHERE observation_id >= 6")
    past(filled, engine, "DELETE FROM observations WHERE id >= 6")
    past(filled, engine, "DELETE FROM observation_links WHERE id = 3")
    assert not _problems(filled)
    told = _problems(filled, heads.audit, heads.observations)
    assert heads.audit[:16] in told
    assert heads.observations[:16] in told


def test_a_chain_that_was_made_anew_shows_by_a_head_from_before_alone(filled: Store, engine: Engine) -> None:
    """Somebody who knows how links are made changes an entry and every link after it."""
    head = chain_heads(filled).audit
    past(filled, engine, "UPDATE audit SET reason = 'another' WHERE id = 3")
    rows = engine.rows(filled.data_dir, "SELECT id, at, actor, action, subject, reason, link FROM audit ORDER BY id")
    before = bytes(rows[1][-1])
    for row in rows[2:]:
        before = linked(before, row[:-1])
        past(filled, engine, f"UPDATE audit SET link = {literal(engine, before)} WHERE id = {row[0]}")
    assert not _problems(filled)
    assert head[:16] in _problems(filled, head)


def test_a_batch_is_linked_in_the_transaction_that_stores_it(filled: Store, make: Make) -> None:
    """An observation that cannot be stored leaves no link; the next batch follows on the one before."""
    before = chain_heads(filled)
    with pytest.raises(StoreError):
        add_observations(filled, 1, [_seen(make, 1, 50, 0), _seen(make, 999, 51, 0)])
    assert chain_heads(filled) == before
    add_observations(filled, 1, [_seen(make, 1, 52, 0)])
    assert not _problems(filled, before.observations)


def test_rows_from_before_the_chains_are_linked_by_the_migration(filled: Store, engine: Engine, make: Make) -> None:
    """An older store is upgraded: every row is in a chain that later rows go on, and a change in it shows."""
    with filled.write() as connection:
        command.downgrade(alembic_config(connection), "0005")
    filled.engine.dispose()
    upgrade(filled.data_dir, engine.url(filled.data_dir))
    found = _verify(filled)
    assert (found.problems, found.n_observations, found.n_links, found.n_audit) == ((), 7, 3, 5)
    add_observations(filled, 1, [_seen(make, 1, 60, 0)])
    add_audit(filled, actor="clerk", action="note", subject="letter 6", reason="because")
    assert not _problems(filled, found.heads.observations, found.heads.audit)
    past(filled, engine, "UPDATE exchanges SET status = 404 WHERE observation_id = 1 AND place = 0")
    assert "batch 1 to 3 (run 1)" in _problems(filled)


def test_outcomes_are_held_against_what_they_are_about(filled: Store, engine: Engine) -> None:
    """An outcome of no observation."""
    past(filled, engine, "INSERT INTO outcomes VALUES (99, 0, 0, 'x', '1', FALSE, FALSE, FALSE)")
    assert "outcomes: the observation 99 is not there" in _problems(filled)


def test_a_value_that_names_an_unknown_key_shows(filled: Store, engine: Engine) -> None:
    """Values are counted by the key that they name, and none may name another."""
    past(filled, engine, f"UPDATE targets SET url = {literal(engine, bytes(40))} WHERE id = 1")
    assert "seals: 1 of targets.url name a key" in _problems(filled)


@pytest.mark.sqlite_only("PostgreSQL lets nobody write text where a number belongs")
def test_a_value_of_another_kind_shows_too(filled: Store, engine: Engine) -> None:
    """Text in a column of numbers, of hashes and of keys."""
    changes = (
        ("exchanges", "length", "observation_id = 1"),
        ("observations", "seconds", "id = 1"),
        ("observation_links", "digest", "id = 1"),
        ("observation_links", "first_id", "id = 1"),
        ("exchanges", "observation_id", "observation_id = 1 AND place = 0"),
        ("audit", "link", "id = 1"),
    )
    for table, column, where in changes:
        ((value,),) = engine.rows(filled.data_dir, f"SELECT {column} FROM {table} WHERE {where} LIMIT 1")
        past(filled, engine, f"UPDATE {table} SET {column} = 'zz' WHERE {where}")
        assert _problems(filled), (table, column)
        back = "observation_id = 'zz'" if column == "observation_id" else where
        past(filled, engine, f"UPDATE {table} SET {column} = {literal(engine, value)} WHERE {back}")
        if column == "length":
            past(filled, engine, f"UPDATE exchanges SET length = NULL WHERE {where} AND place = 1")
        assert not _problems(filled), (table, column)


def test_yes_and_no_are_hashed_alike_however_an_engine_keeps_them() -> None:
    """So a store that moves from one engine to the other keeps its chain; and 2 is neither."""
    row = dict.fromkeys(OF_EXCHANGE, "x")
    as_words, as_numbers, as_neither = (
        tuple({**row, "etag_weak": yes, "challenge": no}.values()) for yes, no in ((True, False), (1, 0), (2, 0))
    )
    assert digest_of([], [as_words]) == digest_of([], [with_truth_values(as_numbers)])
    assert digest_of([], [as_words]) != digest_of([], [with_truth_values(as_neither)])


@given(text=st.text(st.characters(exclude_categories=["Cs"])), seconds=st.floats(0, 1e300))
@settings(derandomize=True)
def test_a_link_can_be_made_again_by_whoever_can_write_json(text: str, seconds: float) -> None:
    """SHA-256 over the link before and JSON without spaces in UTF-8, fractions as text: nothing of ours is needed."""

    def written(value: object) -> bytes:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()

    assert linked(AUDIT_START, (1, 2, text)) == sha256(AUDIT_START + written([1, 2, text])).digest()
    again = sha256(written([[[1, text, repr(seconds)]], [[None, True]]])).digest()
    assert digest_of([(1, text, seconds)], [(None, True)]) == again

"""What imports brought: whatever is changed, removed or put in past the program shows, and nothing else does."""

from typing import Any

import pytest

from monitor.model.words import Assessment, InputKind, Outcome, SiteType
from monitor.store import Store, add_checks, add_reports, begin_input, contexts, list_audit
from monitor.store.fact_sums import ACTION, NOTICES, Brought, Sums
from monitor.store.inputs import InputCounts, finish_input
from monitor.store.letter_files import keep_document
from monitor.store.rotating import rotate
from monitor.store.tables import CheckRow, InputRow, NoticeRow, ReportRow, table_of
from monitor.store.tables.reports import AssessmentRow
from monitor.store.verifying import Verified, verify
from tests.engines import Engine
from tests.store.meddling import literal, past

Make = Any  # conftest's Maker
OF_NO_SUM = {
    ("assessments", "id"),
    ("notices", "id"),
    ("checks", "id"),
    ("notices", "reference"),  # sealed: `content_index` stands for both
    ("notices", "party"),
    ("notices", "forgotten_at"),  # set by `forget`, long after the import
    ("inputs", "size"),
    ("inputs", "first_imported_at"),
    ("inputs", "finished_at"),
}
COLUMNS = [
    (table_of(row).name, column.name)
    for row in (ReportRow, AssessmentRow, NoticeRow, CheckRow, InputRow)
    for column in table_of(row).columns
    if (table_of(row).name, column.name) not in OF_NO_SUM
]
KEYS = {"reports": "record_key"}


def _nobody(_done: int, _total: int) -> None:
    """Nobody watches."""


def _verify(store: Store) -> Verified:
    return verify(store, (), _nobody)


def _problems(store: Store) -> str:
    return "\n".join(_verify(store).problems)


@pytest.fixture
def filled(store: Store, make: Make) -> Store:
    """Three inputs: reports; a check log; reports again, that say more of the first two and bring a third."""
    notice, at = make.notice(1, deadline_hours=12, sender="hotline"), make.at
    first = begin_input(store, "aa", InputKind.REPORTS, 1)
    add_reports(store, first, [make.report("R1", notice=notice, last_online_at=at(1))])
    add_reports(store, first, [make.report("R2", row=2, target=make.target("b"), address=make.address("192.0.2.1"))])
    finish_input(store, first, InputCounts(3, 1))
    checks = begin_input(store, "bb", InputKind.CHECKS, 1)
    said = {"reason": "seen", "vantage": "north", "address": make.address("192.0.2.2")}
    add_checks(store, checks, [make.check("R1"), make.check("R3", 5, Outcome.OFFLINE, row=2, **said)])
    finish_input(store, checks, InputCounts(2, 0))
    again = begin_input(store, "cc", InputKind.REPORTS, 1)
    more = {"address": make.address("192.0.2.2"), "site_type": SiteType.FORUM, "known_material": True}
    withdrawn = {"assessment": Assessment.NOT_ILLEGAL, "withdrawn_at": at(9)}
    rows = [
        make.report("R1", notice=make.notice(3), **more),
        make.report("R2", row=2, target=make.target("b"), **withdrawn),
    ]
    add_reports(store, again, [*rows, make.report("R3", row=3, target=make.target("],[", host="],[.example"))])
    finish_input(store, again, InputCounts(3, 0))
    return store


def test_an_untouched_store_has_no_problem(filled: Store, make: Make) -> None:
    """Also where a later file filled in a report, withdrew one, or came for a check that waited; and is read again."""
    assert (_verify(filled).problems, _verify(filled).n_not_covered) == ((), 0)
    entries = [entry for entry in list_audit(filled) if entry.action == ACTION]
    assert {entry.subject for entry in entries[-3:]} == {"input 1", "input 3"}
    add_reports(filled, begin_input(filled, "cc", InputKind.REPORTS, 1), [make.report("R1", source="another")])
    assert not _problems(filled)


def test_any_column_that_is_changed_shows(filled: Store, engine: Engine) -> None:
    """Each column of each fact, one at a time; put back, all is well again."""
    for table, column in COLUMNS:
        key = KEYS.get(table, "id")
        ((row, value),) = engine.rows(filled.data_dir, f'SELECT {key}, "{column}" FROM {table} ORDER BY {key} LIMIT 1')
        other, back = _other(engine, filled, table, column, value), 999 if column == key else row
        past(filled, engine, f'UPDATE {table} SET "{column}" = {other} WHERE {key} = {row}')
        assert "inputs: " in _problems(filled), (table, column)
        past(filled, engine, f'UPDATE {table} SET "{column}" = {literal(engine, value)} WHERE {key} = {back}')
        assert not _problems(filled), (table, column)


def _other(engine: Engine, store: Store, table: str, column: str, value: Any) -> str:
    if column in {"id", "record_key"} and KEYS.get(table, "id") == column:
        return "999"
    if column in {"known_material", "userinfo_dropped"}:
        return "TRUE" if not value else "FALSE"
    if isinstance(value, bytes):
        return literal(engine, bytes([value[0] ^ 1]) + value[1:])
    if isinstance(value, str):
        return literal(engine, value + "x")
    words = {"site_type", "channel", "sender"}
    if value is None:
        return "'x'" if column in words else "1"
    return str(value + 1)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE notices SET notified_at = notified_at + 86400000000 WHERE id = 1",
            "of input 1 at least one of 1 notice",
        ),
        ("DELETE FROM notices WHERE id = 1", "input 1 brought 1 notice, and 0 are there"),
        ("DELETE FROM reports WHERE record_key = 1", "input 1 brought 2 reports, and 1 are there"),
        ("DELETE FROM checks WHERE id = 3", "input 2 brought 2 recorded checks, and 1 are there"),
        ("DELETE FROM inputs WHERE id = 2", "input 2 is not there"),
        ("DELETE FROM inputs WHERE id = 2", "2 recorded checks of no input"),
        ("UPDATE inputs SET n_accepted = 1 WHERE id = 1", "the counts of input 1 are not those on the audit log"),
        ("UPDATE inputs SET sha256 = 'ff' WHERE id = 1", "input 1 is another file"),
        ("UPDATE records SET record_id = 'R9' WHERE id = 2", "of input 1 at least one of 2 reports"),
        ("UPDATE targets SET host_id = 2 WHERE id = 1", "of input 1 at least one of 2 reports"),
        ("UPDATE vantages SET name = 'south' WHERE name = 'north'", "of input 2 at least one of 2 recorded checks"),
    ],
)
def test_what_was_changed_is_named_by_its_input(filled: Store, engine: Engine, statement: str, said: str) -> None:
    """And nothing of what it holds is repeated."""
    past(filled, engine, statement)
    assert said in _problems(filled)


def test_a_new_key_changes_no_sum(filled: Store) -> None:
    """What is sealed is in none but by its blind index."""
    rotate(filled, _nobody)
    assert not _problems(filled)


def test_an_input_from_before_there_were_sums_is_counted(filled: Store, engine: Engine, make: Make) -> None:
    """Only its counts are looked at: what was accepted of a check log is there, and no more than was read."""
    past(filled, engine, f"UPDATE audit SET action = 'old' WHERE action = '{ACTION}'")
    of_inputs = [each for each in _verify(filled).problems if each.startswith("inputs")]
    assert (of_inputs, _verify(filled).n_not_covered) == ([], 3)
    past(filled, engine, "INSERT INTO inputs VALUES (9, 'dd', 'reports', 1, 0, 1, 1, 0, 0)")  # nothing was accepted
    assert _verify(filled).n_not_covered == 4
    add_reports(filled, begin_input(filled, "dd", InputKind.REPORTS, 1), [make.report("R7", source="another")])
    of_inputs = [each for each in _verify(filled).problems if each.startswith("inputs")]
    assert (of_inputs, _verify(filled).n_not_covered) == ([], 3)
    past(filled, engine, "UPDATE inputs SET n_read = 1 WHERE id = 1")
    past(filled, engine, "DELETE FROM checks WHERE id = 3")
    told = _problems(filled)
    assert "the counts of input 1 do not add up" in told
    assert "1 recorded check of input 2, of which 2 rows were accepted" in told


def test_the_order_of_rows_does_not_count_and_brackets_in_a_text_neither(store: Store) -> None:
    """A sum is the same however its rows were split, and texts with the marks between two rows are texts."""
    rows = [(1, "a],[b"), (2, "c"), (3, "],["), (4, None)]
    whole, parts = Sums(store.sealer), Sums(store.sealer)
    whole.add(1, NOTICES, rows)
    parts.add_stored(NOTICES, [(1, *row) for row in reversed(rows)])
    parts.add(1, NOTICES, [(5, "x")])
    parts.add(1, NOTICES, [(5, "x")], -1)
    assert whole.of == parts.of
    swapped = Sums(store.sealer)
    swapped.add(1, NOTICES, [(1, "a],["), (2, "c"), (3, "b],["), (4, None)])
    assert whole.of != swapped.of
    with pytest.raises(ValueError, match="no counts"):
        Brought.parse('{"accepted": null}')


def test_a_reply_that_was_changed_or_swapped_shows(store: Store) -> None:
    """Every sealed file of a Letter is opened, and held against the SHA-256 that it is named by."""
    first, second = keep_document(store, 1, b"a reply"), keep_document(store, 1, b"another")
    assert not _problems(store)
    folder = store.data_dir / "letters" / "1"
    (folder / f"{first}.sealed").write_bytes((folder / f"{second}.sealed").read_bytes())
    assert "letter 1 is not what was kept" in _problems(store)
    (folder / f"{first}.sealed").write_bytes(store.sealer.seal(b"a reply", contexts.LETTER_DOCUMENT))
    assert "a sealed file of letter 1: A sealed value does not open" in _problems(store)

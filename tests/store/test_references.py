"""Reference tables and attributions: kept once, and made again when a table came."""

import hashlib
from datetime import date
from typing import Any

import numpy as np
import pytest

from monitor.errors import ReferenceDataError, StoreError
from monitor.model.columns import UNKNOWN_AT, AttributionColumns, Ints
from monitor.model.release import ReferenceTableInfo
from monitor.model.words import InputKind, TableKind
from monitor.store import (
    Store,
    add_reference_table,
    add_reports,
    addresses_to_attribute,
    attribution_is_current,
    begin_input,
    ensure_providers,
    list_reference_tables,
    load_contents,
    mark_attributed,
    registered_asns,
    replace_attributions,
    tables_fingerprint,
)
from tests.engines import Engine

Make = Any  # conftest's Maker


def _table(
    store: Store,
    kind: TableKind = TableKind.PREFIXES,
    sha256: str = "aa",
    day: date = date(2026, 1, 1),
    made_on: date = date(2026, 2, 1),
) -> bool:
    return add_reference_table(store, kind, as_of=day, made_on=made_on, sha256=sha256, rows=3, content=sha256.encode())


def _addresses(store: Store, make: Make, *texts: str) -> None:
    rows = [make.report(text, target=make.target(text), address=make.address(text)) for text in texts]
    add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), rows)


def _attribute(store: Store, *, again: bool = False, batch: int = 100) -> int:
    """As the pipeline does it; every address gets an unattributed entry. Returns how many were asked about."""
    fingerprint, asked = tables_fingerprint(store), 0
    for some in addresses_to_attribute(store, again=again, batch=batch):
        n = len(some.addresses)
        none, ids = np.full(n, None, dtype=object), some.address_ids
        never = np.full(n, UNKNOWN_AT)
        columns = AttributionColumns(
            ids, never, np.full(n, -1), np.full(n, "no-table", dtype=object), none, none, never, never
        )
        replace_attributions(store, ids, columns, np.full(n, -1), np.full(n, -1))
        asked += n
    mark_attributed(store, fingerprint)
    return asked


def test_a_table_is_kept_once(store: Store) -> None:
    """The same kind, date and hash again is not added; another date or kind is another table."""
    assert _table(store)
    assert not _table(store)
    assert _table(store, day=date(2026, 2, 1))
    assert _table(store, TableKind.FRONTING)
    assert list_reference_tables(store) == (
        ReferenceTableInfo("fronting", "2026-01-01", "2026-02-01", 3, "aa"),
        ReferenceTableInfo("prefixes", "2026-01-01", "2026-02-01", 3, "aa"),
        ReferenceTableInfo("prefixes", "2026-02-01", "2026-02-01", 3, "aa"),
    )


@pytest.mark.parametrize("kind", [TableKind.PREFIXES, TableKind.AS_NAMES])
def test_a_second_table_of_one_date_that_was_made_on_the_same_day_is_refused(store: Store, kind: TableKind) -> None:
    """Nobody could tell which one holds; the first stays alone, and may still be given again."""
    _table(store, kind)
    with pytest.raises(ReferenceDataError, match="--made-on"):
        _table(store, kind, sha256="bb")
    assert not _table(store, kind)
    assert [table.sha256 for table in list_reference_tables(store)] == ["aa"]


@pytest.mark.parametrize("hashes", [("aa", "bb"), ("bb", "aa")])
@pytest.mark.parametrize("late_first", [False, True])
def test_of_two_tables_of_one_date_the_one_made_later_comes_last(
    store: Store, hashes: tuple[str, str], late_first: bool
) -> None:
    """The last of a date holds: by the day it was made, whatever its hash and whichever was imported first."""
    days = (date(2026, 2, 1), date(2026, 2, 2))
    for sha256, made_on in sorted(zip(hashes, days, strict=True), key=lambda one: one[1], reverse=late_first):
        assert _table(store, sha256=sha256, made_on=made_on)
    assert [table.content.decode() for table in load_contents(store, TableKind.PREFIXES)] == list(hashes)
    assert [table.sha256 for table in list_reference_tables(store)] == list(hashes)


def test_two_proxy_tables_of_one_date_are_both_kept(store: Store) -> None:
    """One file for each proxy is normal, made on one day or not."""
    assert _table(store, TableKind.FRONTING) and _table(store, TableKind.FRONTING, sha256="bb")
    assert len(load_contents(store, TableKind.FRONTING)) == 2


def test_a_correction_of_a_table_asks_for_all_again(store: Store, make: Make) -> None:
    """The same date, made later: every address is attributed anew."""
    _table(store)
    _addresses(store, make, "192.0.2.1", "192.0.2.2")
    _attribute(store)
    _table(store, sha256="bb", made_on=date(2026, 2, 2))
    assert not attribution_is_current(store)
    assert _attribute(store) == 2
    assert attribution_is_current(store)


def test_contents_come_back_by_date_whatever_the_order_of_import(store: Store) -> None:
    """load_contents() gives one kind, oldest first, byte for byte."""
    _table(store, sha256="late", day=date(2026, 6, 1))
    _table(store, sha256="early", day=date(2025, 6, 1))
    _table(store, TableKind.AS_NAMES, sha256="other")
    found = load_contents(store, TableKind.PREFIXES)
    assert [(table.as_of, table.content) for table in found] == [
        (date(2025, 6, 1), b"early"),
        (date(2026, 6, 1), b"late"),
    ]
    assert found[0].kind is TableKind.PREFIXES


def test_every_address_is_given_opened_and_once(store: Store, make: Make) -> None:
    """Batches cover all addresses, IPv4 and IPv6, in the order of their keys."""
    texts = ("192.0.2.1", "2001:db8::1", "198.51.100.7")
    _addresses(store, make, *texts)
    batches = list(addresses_to_attribute(store, batch=2))
    assert [len(batch.addresses) for batch in batches] == [2, 1]
    given = [address for batch in batches for address in batch.addresses]
    assert sorted(given) == sorted(make.address(text) for text in texts)
    assert np.concatenate([batch.address_ids for batch in batches]).tolist() == [1, 2, 3]


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_attributing_again_asks_for_what_is_missing_only(store: Store, make: Make, batch: int) -> None:
    """Idempotent: a second run asks nothing; a new address is asked about alone."""
    _table(store)
    _addresses(store, make, "192.0.2.1", "192.0.2.2", "192.0.2.3")
    assert not attribution_is_current(store)
    assert _attribute(store, batch=batch) == 3
    assert attribution_is_current(store)
    assert _attribute(store, batch=batch) == 0
    _addresses(store, make, "192.0.2.4")
    assert not attribution_is_current(store)
    assert _attribute(store, batch=batch) == 1
    assert _attribute(store, batch=batch, again=True) == 4


@pytest.mark.parametrize("kind", [TableKind.PREFIXES, TableKind.FRONTING])
@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2027, 1, 1)])
def test_another_table_older_or_newer_asks_for_all_again(store: Store, make: Make, kind: TableKind, day: date) -> None:
    """Any new prefix or proxy table redoes every address; AS names do not."""
    _table(store)
    _addresses(store, make, "192.0.2.1", "192.0.2.2")
    _attribute(store)
    _table(store, TableKind.AS_NAMES)
    assert attribution_is_current(store)
    _table(store, kind, sha256="new", day=day)
    assert not attribution_is_current(store)
    assert _attribute(store, batch=1) == 2
    assert attribution_is_current(store)


def test_a_run_that_was_cut_short_is_not_taken_for_done(store: Store, make: Make) -> None:
    """Without mark_attributed() everything is asked about again after a table came."""
    _addresses(store, make, "192.0.2.1", "192.0.2.2")
    _attribute(store)
    _table(store)
    next(iter(addresses_to_attribute(store, batch=1)))
    assert sum(len(batch.addresses) for batch in addresses_to_attribute(store)) == 2


def test_answers_that_hold_less_than_today_are_made_again(store: Store, make: Make) -> None:
    """A store whose answers were made before origins were kept: its mark is over the tables alone."""
    _table(store)
    _addresses(store, make, "192.0.2.1")
    _attribute(store)
    assert attribution_is_current(store)
    lines = "prefixes 2026-01-01 2026-02-01 aa\n"
    mark_attributed(store, hashlib.sha256(lines.encode()).hexdigest())
    assert not attribution_is_current(store)
    assert tables_fingerprint(store) == hashlib.sha256(b"2\n" + lines.encode()).hexdigest()


def test_answers_replace_the_ones_before(store: Store, make: Make, rows_of: Any) -> None:
    """replace_attributions() leaves nothing of an address's earlier entries, and the others alone."""
    _addresses(store, make, "192.0.2.1", "192.0.2.2")
    _attribute(store)
    ids: Ints = np.array([1, 1])
    none = np.full(2, None, dtype=object)
    never = np.full(2, UNKNOWN_AT)
    valid_from, asns = np.array([UNKNOWN_AT, 5]), np.array([64500, 64501])
    two = AttributionColumns(ids, valid_from, asns, none, none, none, never, never)
    replace_attributions(store, np.array([1]), two, np.array([24, 24]), np.array([-1, -1]))
    assert rows_of(store)["attributions"] == 3
    replace_attributions(store, np.array([1]), two.take(np.array([0])), np.array([24]), np.array([-1]))
    assert rows_of(store)["attributions"] == 2


REFUSE = {
    "sqlite": ("CREATE TRIGGER refuse BEFORE INSERT ON providers BEGIN SELECT RAISE(ABORT, 'no'); END",),
    "postgresql": (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT ON providers FOR EACH ROW EXECUTE FUNCTION refuse()",
    ),
}
"""A database in which no Provider can be registered."""


def _answers(store: Store, lengths: list[int], asns: list[int]) -> None:
    """One entry of address 1 for each length and AS number."""
    n = len(lengths)
    none, never = np.full(n, None, dtype=object), np.full(n, UNKNOWN_AT)
    columns = AttributionColumns(
        np.ones(n, dtype=np.int64), np.arange(n), np.array(asns), none, none, none, never, never
    )
    replace_attributions(store, np.array([1]), columns, np.array(lengths), np.full(n, -1))


def test_a_prefix_length_that_gives_an_address_away_is_not_kept(store: Store, make: Make) -> None:
    """25 to 32 and over 48: beside the public table such a length leaves few addresses, or one."""
    _addresses(store, make, "192.0.2.1")
    lengths = [8, 24, 25, 31, 32, 33, 48, 49, 64, 128, -1]
    _answers(store, lengths, [64500] * len(lengths))
    with store.read() as connection:
        statement = "SELECT prefix_length FROM attributions ORDER BY valid_from"
        found = connection.exec_driver_sql(statement).scalars().all()
    assert found == [8, 24, None, None, None, 33, 48, None, None, None, None]


def test_an_answer_registers_its_provider_in_the_same_transaction(
    store: Store, engine: Engine, make: Make, rows_of: Any
) -> None:
    """Whoever reads attributions finds the Provider of each; where it cannot be registered no answer is kept."""
    _addresses(store, make, "192.0.2.1")
    with store.write() as connection:
        for statement in REFUSE[engine.name]:
            connection.exec_driver_sql(statement)
    with pytest.raises(StoreError):
        _answers(store, [24], [64502])
    assert rows_of(store)["attributions"] == 0
    with store.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER refuse" + (" ON providers" if store.on_server else ""))
    _answers(store, [24, 24, -1, -1], [64501, 64500, -1, 0])
    assert registered_asns(store).tolist() == [64500, 64501]


def test_providers_are_registered_once_and_never_for_as_0(store: Store) -> None:
    """One Provider per AS number; unknown (-1) and AS 0 are no providers."""
    assert ensure_providers(store, [64500, 64500, 65551, -1, 0]) == 2
    assert ensure_providers(store, np.array([64500, 4_200_000_000])) == 1
    assert registered_asns(store).tolist() == [64500, 65551, 4_200_000_000]

"""Two files of frozen rows held against each other: exactly the rows that differ are counted, and by what."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import FreezeError
from monitor.model.freeze_comparison import FieldRows, RoleRows, RowDifferences
from monitor.store.frozen_difference import row_differences
from monitor.store.frozen_parquet import write_episodes

HOUR = 3_600_000_000
NOON = 1_772_366_400_000_000
Table = Callable[[Sequence[dict[str, Any]]], Any]
Compare = Callable[..., RowDifferences]


@pytest.fixture
def compare(table: Table, tmp_path: Path) -> Compare:
    """Rows before and after, each as what differs from one plain takedown; a record for each place in the list."""

    def compared(before: list[dict[str, Any]], after: list[dict[str, Any]], **said: Any) -> RowDifferences:
        write_episodes(tmp_path / "before.parquet", table(before))
        write_episodes(tmp_path / "after.parquet", table(after))
        return row_differences(tmp_path / "before.parquet", tmp_path / "after.parquet", **said)

    return compared


def test_the_same_rows_do_not_differ(compare: Compare) -> None:
    """Not in another order either, and not by numbers that only count rows."""
    before = [{"record_id": f"R{n}", "provider_id": "as64500"} for n in range(3)]
    after = [{**row, "target_id": 9 - n, "site_id": 7, "cluster_id": n} for n, row in enumerate(reversed(before))]
    found = compare(before, after)
    assert found == RowDifferences((RoleRows("network", "request", 3, 3, 0, 0, 0),), (), {})


def test_a_changed_field_is_one_row_that_differs(compare: Compare) -> None:
    """With the field, and with the Providers whose row it was and is."""
    before = [{}, {"right_hours": 5.0}, {}]
    after = [{}, {"right_hours": 6.0}, {"provider_id": "as64501"}]
    found = compare(before, after)
    assert found.roles == (RoleRows("network", "request", 3, 3, 0, 0, 2),)
    assert found.fields == (FieldRows("provider_id", 1, 1), FieldRows("right_hours", 1, 1))
    assert found.of_provider == {"as64500": 2, "as64501": 1}


def test_a_notice_at_another_time_is_the_same_row(compare: Compare) -> None:
    """Where a record has several, each is matched with that of its own time first."""
    same = {"record_id": "R", "notified_at": NOON + 9 * HOUR}
    found = compare([{"record_id": "R"}, same], [{"record_id": "R", "notified_at": NOON + HOUR}, same])
    assert found.roles == (RoleRows("network", "request", 2, 2, 0, 0, 1),)
    assert found.fields == (FieldRows("notified_at", 1, 1),)


def test_rows_in_one_dataset_alone_are_counted_by_role_and_clock(compare: Compare) -> None:
    """A role without a difference is counted too; a row that is there twice is not one that is there once."""
    before = [{"record_id": "R", "role": role} for role in ("network", "as")] + [{"record_id": "S"}] * 2
    after = [{"record_id": "R", "role": "as"}, {"record_id": "S"}, {"record_id": "T", "clock": "order"}]
    found = compare(before, after)
    assert found.roles == (
        RoleRows("as", "request", 1, 1, 0, 0, 0),
        RoleRows("network", "order", 0, 1, 0, 1, 0),
        RoleRows("network", "request", 3, 1, 2, 0, 0),
    )
    assert found.of_provider == {"as64500": 2}


def test_a_site_is_a_number_that_shifts(compare: Compare) -> None:
    """The id of a site is not compared, all else of its row is."""
    site = {"role": "site", "provider_id": "1"}
    found = compare([site, site], [{**site, "provider_id": "2"}, {**site, "provider_id": "2", "left_hours": 1.5}])
    assert found.fields == (FieldRows("left_hours", 0, 1),)


def test_an_end_that_was_not_seen_differs_from_one_that_was(compare: Compare) -> None:
    """Infinite hours are null in the file, and null differs from a number."""
    censored = {"end": "censored", "right_hours": float("inf")}
    found = compare([censored, censored], [censored, {}])
    assert {field.name for field in found.fields} == {"end", "right_hours"}


def test_records_go_to_a_new_file_that_nobody_else_reads(compare: Compare, tmp_path: Path) -> None:
    """One line a row that differs; a file that is there is left as it is."""
    before = [{"record_id": "R1"}, {"record_id": "R2"}]
    after = [{"record_id": "R1", "right_hours": 3.0, "left_hours": 2.0}, {"record_id": "R3"}]
    place = tmp_path / "records.csv"
    compare(before, after, records=place)
    assert place.stat().st_mode & 0o777 == 0o600
    lines = list(csv.DictReader(place.read_text(encoding="utf-8").splitlines()))
    assert [(line["change"], line["record_id"], line["fields"]) for line in lines] == [
        ("changed", "R1", "left_hours right_hours"),
        ("only-before", "R2", ""),
        ("only-after", "R3", ""),
    ]
    assert lines[0]["notified_before"] == lines[0]["notified_after"] == "2026-03-01T12:00:00.000000Z"
    kept = place.read_bytes()
    with pytest.raises(FreezeError, match="there already"):
        compare(before, before, records=place)
    assert place.read_bytes() == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["after.parquet", "before.parquet", "records.csv"]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_counts_add_up_whatever_the_rows(data: st.DataObject, compare: Compare, random_rows: Any) -> None:
    """Before less what is only there is after less what is only there; nothing differs from itself."""
    before, after = data.draw(random_rows), data.draw(random_rows)
    for each in compare(before, after).roles:
        assert each.n_before - each.n_only_before == each.n_after - each.n_only_after >= each.n_changed
    assert not any(each.n_differing for each in compare(before, before).roles)

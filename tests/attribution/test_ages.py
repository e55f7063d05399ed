"""What is said about the age of the routing table in force."""

from datetime import date

import pytest

from monitor.attribution.ages import age_warnings
from monitor.model.release import ReferenceTableInfo

TODAY = date(2026, 5, 1)


def table(as_of: str, kind: str = "prefixes") -> ReferenceTableInfo:
    return ReferenceTableInfo(kind, as_of, "2026-05-01", 3, "aa")


@pytest.mark.parametrize(
    ("tables", "days"),
    [
        ([], None),
        ([table("2020-01-01", "as-names"), table("2020-01-01", "fronting")], None),
        ([table("2026-01-31")], None),  # 90 days: not more
        ([table("2026-01-30")], 91),
        ([table("2026-01-01"), table("2020-01-01")], 120),
        ([table("2026-04-01"), table("2020-01-01")], None),
        ([table("2026-01-01"), table("2026-05-02")], 120),  # a table of tomorrow is not in force
    ],
)
def test_an_old_routing_table_is_said(tables: list[ReferenceTableInfo], days: int | None) -> None:
    """The newest one that is not of a day to come counts, by its `as_of`; other kinds do not."""
    said = age_warnings(tables, TODAY, 90)
    assert len(said) == (days is not None)
    if days is not None:
        assert f", {days} days old (more than 90)" in said[0] and "refdata update" in said[0]


def test_a_table_of_a_day_to_come_alone_is_said() -> None:
    """Nothing that happens until then is attributed."""
    assert age_warnings([table("2027-01-01")], TODAY, 90) == [
        "no routing table is in force yet: each one is of a day to come"
    ]

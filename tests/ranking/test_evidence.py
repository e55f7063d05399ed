"""How Episodes came to be booked on a Provider: counts of AS numbers and doubts against a plain reading."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.columns import UNKNOWN_AT
from monitor.model.selected import select
from monitor.model.words import NoticeKind, Role
from monitor.ranking.evidence import evidence

DAY = 24 * 3_600_000_000


def found_in(table, rows):
    return {
        each.provider_id: each for each in evidence(select(table(rows), clock=NoticeKind.REQUEST, role=Role.NETWORK))
    }


def naive(rows):
    """Of the Episodes of one Provider, by plain loops."""
    doubts = [set(filter(None, (row["attribution_doubts"] or "").split(";"))) for row in rows]
    old = [row["rule_version"] == "episodes-1" for row in rows]
    is_as = ["as-stands-in" in each or by_rule for each, by_rule in zip(doubts, old, strict=True)]
    days = [datetime.fromtimestamp(row["notified_at"] / 1e6, UTC).date() for row in rows]
    return {
        "n_episodes": len(rows),
        "n_full": sum(not each for each in doubts),
        "asns": Counter(row["asn"] for row in rows if row["asn"] >= 0),
        "doubts": Counter(doubt for each in doubts for doubt in each),
        "by_as": sum(is_as),
        "by_network": len(rows) - sum(is_as),
        "first_notice": min(days, default=None),
        "last_notice": max(days, default=None),
    }


@given(data=st.data())
@settings(derandomize=True, max_examples=40, deadline=None)
def test_evidence_equals_a_row_by_row_reading(table, random_rows, data):
    """For every Provider, those without an Episode too; most first."""
    rows = [{**row, "notified_at": row["notified_at"] + data.draw(st.integers(0, 9)) * DAY}
            for row in data.draw(random_rows)]  # fmt: skip
    columns = {name: column.tolist() for name, column in table(rows).arrays().items()}
    whole = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    mine = [row for row in whole if row["role"] == "network" and row["clock"] == "request"]
    found = found_in(table, rows)
    assert found.keys() >= {row["provider_id"] for row in mine} - {None}
    for key, each in found.items():
        expected = naive([row for row in mine if row["provider_id"] == key and row["status"] == "episode"])
        for name, value in expected.items():
            said = getattr(each, name)
            assert (Counter(dict(said)) if name in ("asns", "doubts") else said) == value, name
        for counts in (each.asns, each.doubts):
            assert [n for _, n in counts] == sorted((n for _, n in counts), reverse=True)


def test_a_decision_of_a_person_is_neither_by_network_nor_by_as(table):
    """It is a doubt of its own, and with it the three make up all Episodes."""
    rows = [{"attribution_doubts": word} for word in ("overridden", "as-stands-in;old-table", None, None)]
    each = found_in(table, rows)["as64500"]
    assert (each.by_network, each.by_as, each.n_full, dict(each.doubts)["overridden"]) == (2, 1, 2, 1)


def test_a_notice_without_a_time_has_no_day(table):
    """Nothing is known of when: no date, rather than one of the year 1970."""
    each = found_in(table, [{"notified_at": UNKNOWN_AT}])["as64500"]
    assert (each.n_episodes, each.first_notice, each.last_notice) == (1, None, None)

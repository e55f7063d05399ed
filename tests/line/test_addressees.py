"""`monitor providers addressees`: names that notices went to and the registry does not know."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.model.words import Role

WHO = ("--by", "Jo Tester", "--why", "says the trade register")
MARK = "zq7xk9mw"
TOLD = [
    *[("192.0.2.1", "Onbekend B.V.", "hosting")] * 2,
    ("192.0.2.140", "Onbekend B.V.", "unknown"),
    ("198.51.100.200", "Iemand Anders", "hosting"),
    ("192.0.2.1", "Een Registrar", "registrar"),
    ("192.0.2.1", "Alpha Hosting", "hosting"),
    ("192.0.2.1", "", ""),
    ("192.0.2.1", f"www.{MARK}.example", "hosting"),
]
FIELDS = ("record_id", "url", "reported_at", "notified_at", "ip", "notified_party", "notified_capacity")


@pytest.fixture
def monitor(make: Callable[..., Any], inputs: Any, tmp_path: Path) -> Any:
    """Eight notices: three to one unknown name, one to another, and four of which nothing is to be asked."""
    file = tmp_path / "reports.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(FIELDS)
        for n, (address, party, capacity) in enumerate(TOLD):
            times = (f"2026-03-0{n + 1}T10:00Z", f"2026-03-0{n + 1}T12:00Z")
            writer.writerow([f"R{n}", f"https://h{n}.example/{MARK}/{n}.jpg", *times, address, party, capacity])
    made = make("addressees")
    made.json("refdata", "import", *inputs.tables)
    assert made.json("import", file)["accepted"] == len(TOLD)
    return made


def test_each_unknown_name_is_listed_with_who_held_the_addresses(monitor: Any) -> None:
    """Most notices first; a known name, no name and another capacity are not asked about; a host is never shown."""
    first, *rest = monitor.json("providers", "addressees")["addressees"]
    assert (first["name"], first["n_notices"]) == ("Onbekend B.V.", 3)
    assert [(one["provider_id"], one["n_notices"]) for one in first["booked"]] == [("as64500", 2), ("as64501", 1)]
    assert [(one["name"], one["n_notices"], one["booked"] == []) for one in rest] == [
        (None, 1, False),
        ("Iemand Anders", 1, True),
    ]
    ran = monitor.run("providers", "addressees")
    assert "as64500 Alpha Hosting (2), as64501 Beta Hosting (1)" in ran.out and "nobody is known to have" in ran.out
    assert MARK not in ran.out + ran.err


def test_an_alias_makes_the_notices_count_from_the_next_freeze_on(monitor: Any) -> None:
    """Nothing is imported again: the name is a fact, and what it means is concluded at the freeze."""
    monitor.run("freeze", "2026H1")
    before = _counts(monitor)
    monitor.json("providers", "set", "as64500", "--alias", "Onbekend B.V.", *WHO)
    assert [one["name"] for one in monitor.json("providers", "addressees")["addressees"]] == [None, "Iemand Anders"]
    monitor.run("freeze", "2026H1")
    assert (before, _counts(monitor)) == ((2, 5), (4, 3))


def _counts(monitor: Any) -> tuple[int, int]:
    """Notices that count, and those that told somebody else, in role network."""
    rows = monitor.json("rank", "2026H1", "--role", Role.NETWORK.value)["scorecards"]
    return sum(row["n_notices"] for row in rows), sum(row["misaddressed"] for row in rows)


def test_a_freeze_says_how_many_notices_wait_for_a_name(monitor: Any) -> None:
    """One line on standard error, with the command that lists the names."""
    assert "notices went to names that the registry does not know" in monitor.run("freeze", "2026H1").err


def test_where_every_name_is_known_it_says_so(make: Callable[..., Any], inputs: Any) -> None:
    """An empty list is no blank page."""
    made = make("nobody")
    made.json("refdata", "import", *inputs.tables)
    assert made.run("providers", "addressees").out == "every addressee on record is in the registry\n"

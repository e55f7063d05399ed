"""SCART's files in every order: the same addresses, the same notices that count, for each report."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.importing import import_scart
from monitor.model.counts import ImportCounts, ImportOptions
from monitor.store import Store, load_facts
from monitor.store.restated import told_by_message
from tests.intake.scart_files import World, small_world

ZONE = ZoneInfo("Europe/Amsterdam")


def _moved() -> World:
    """`small_world`, with a report that was at another hoster on the day of the exports, and read there no more."""
    world = small_world()
    world.add(9, url_ip="203.0.113.9", firstntd_at="2026-02-02 13:00:20", lastseen_at="2026-02-02 12:00:00")
    world.log(9, "2026-02-02 09:30:00", "IP", "", "192.0.2.10")
    world.log(9, "2026-02-03 18:00:00", "IP", "192.0.2.10", "203.0.113.9")
    world.tell(9, [9], "2026-02-02 13:00:00")
    return world


@pytest.fixture
def groups(tmp_path: Path) -> dict[str, list[Path]]:
    """What is imported in one command: the tables, and three sets of exports."""
    world = _moved()
    return {
        "tables": list(world.tables(tmp_path).values()),
        "reports": [world.reports_csv(tmp_path / "reports")],
        "whois": [world.whois(tmp_path / "whois")],
        "messages": [world.classified(tmp_path / "classified"), world.ntd(tmp_path / "messages")],
    }


def _import(store: Store, paths: list[Path], source: str) -> ImportCounts:
    counts, failure = import_scart(store, list(enumerate(paths, start=1)), ImportOptions(None, source, ZONE))
    assert failure is None
    return counts


def _said(store: Store) -> dict[str, Any]:
    """Of each source: the address of every report, and every notice that counts."""
    facts = load_facts(store, cutoff=datetime(2026, 6, 1, tzinfo=UTC), trusted=lambda _: True)
    found: defaultdict[str, list[Any]] = defaultdict(list)
    names = zip(facts.reports.source, facts.reports.record_id, strict=True)
    of = dict(zip(facts.reports.report_id.tolist(), names, strict=True))
    for (source, record), address in zip(of.values(), facts.reports.address.tolist(), strict=True):
        found[source].append(("address", record, address))
    notices = facts.notices
    for key, *said in zip(notices.report_id.tolist(), notices.at.tolist(), notices.status, notices.party, strict=True):
        source, record = of[key]
        found[source].append(("notice", record, *said))
    return {source: sorted(map(str, said)) for source, said in found.items()}


def test_every_order_of_tables_and_exports_gives_the_same_addresses_and_the_same_notices(
    store: Store, groups: dict[str, list[Path]]
) -> None:
    """24 orders, each as a source of its own; nothing is rejected but what the first second said otherwise."""
    for order in permutations(groups):
        for name in order:
            _import(store, groups[name], "-".join(order))
    said = _said(store)
    assert len(said) == 24
    assert len(set(map(str, said.values()))) == 1


def test_the_history_puts_an_address_right_that_an_export_had_of_its_own_day(
    store: Store, groups: dict[str, list[Path]]
) -> None:
    _import(store, groups["reports"], "export")
    first = {line for line in _said(store)["export"] if "A26-000009" in line and "address" in line}
    _import(store, groups["tables"], "export")
    _import(store, groups["tables"], "tables")
    said = _said(store)
    assert said["export"] == said["tables"]
    assert not first & set(said["tables"])


def test_a_first_ntd_gives_way_to_a_message_that_says_whom_it_told_and_stands_alone_otherwise() -> None:
    """Else an export would start a clock against whoever held the address, beside a message that named another one."""
    first, message = b"firstntd_at", b"N26-1"
    asked = [("a", True), ("a", True), ("b", True), ("c", True), ("c", False), ("d", True), ("d", True)]
    references = [first, message, first, first, message, first, message]
    capacities = ["hosting"] * 6 + ["registrar"]
    assert told_by_message(asked, references, capacities).tolist() == [True, *[False] * 6]

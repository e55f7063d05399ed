"""The generator gives the committed files again, and the files hold what the README of the sample says."""

import csv
import gzip
import ipaddress
import json
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from pytest import TempPathFactory

from monitor.model.words import Assessment, Capacity, NoticeKind, NoticeStatus, SiteType

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
REFERENCE = ROOT / "data" / "reference"
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def made(generate: ModuleType, tmp_path_factory: TempPathFactory) -> tuple[Path, Path]:
    """Two folders, each written by a run of its own."""
    runs = (tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second"))
    for run in runs:
        (run / "reference").mkdir()
        generate.main([str(run), str(run / "reference")])
    return runs


def _content(path: Path) -> bytes:
    """What the compression holds: another zlib may pack the same bytes otherwise."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_two_runs_give_the_same_bytes(made: tuple[Path, Path]) -> None:
    """The generator writes every file byte for byte alike when it runs again."""
    first, second = made
    names = sorted(path.relative_to(first) for path in first.rglob("*.*"))
    assert len(names) >= 13
    assert [name for name in names if (first / name).read_bytes() != (second / name).read_bytes()] == []


def test_the_committed_files_are_what_the_generator_writes(made: tuple[Path, Path]) -> None:
    """A change to the generator that was not run, or a sample edited by hand, is noticed."""
    first = made[0]
    different = [path.name for path in first.glob("*.*") if _content(path) != _content(SAMPLE / path.name)]
    different += [
        path.name for path in (first / "reference").iterdir() if _content(path) != _content(REFERENCE / path.name)
    ]
    assert different == []


def test_gzip_headers_hold_no_time() -> None:
    """The time in each gzip header is 0: bytes 4 to 7."""
    assert {path.read_bytes()[4:8] for path in SAMPLE.glob("*.gz")} == {bytes(4)}


def test_the_sample_has_the_size_that_was_asked_for(report_rows: Rows, check_rows: Rows) -> None:
    """About 3,000 reports, a third of the notices at the image host, 30,000 to 45,000 checks, a few MB."""
    records = {row["record_id"] for row in report_rows}
    at_image_host = {row["record_id"] for row in report_rows if row.get("notice_ref", "").endswith("-496")}
    assert 2_800 <= len(records) <= 3_500
    assert 0.25 <= len(at_image_host) / len(records) <= 0.4
    assert 30_000 <= len(check_rows) <= 45_000
    assert sum(path.stat().st_size for path in SAMPLE.iterdir() if path.is_file()) < 3_000_000


def test_every_word_is_of_its_closed_set(report_rows: Rows, check_rows: Rows) -> None:
    """Kinds, statuses, capacities, site types and outcomes are words of interface.md, and each status occurs."""
    closed = {
        "notice_kind": set(NoticeKind),
        "notice_status": set(NoticeStatus),
        "notified_capacity": set(Capacity),
        "assessment": set(Assessment),
        "site_type": set(SiteType),
    }
    for column, words in closed.items():
        assert {row.get(column, "") for row in report_rows} <= {"", *words}, column
    assert {row.get("notice_status", "") for row in report_rows} == {"", *NoticeStatus}
    assert {row["outcome"] for row in check_rows} == {"online", "offline", "inconclusive"}
    reasons = {row["reason"] for row in check_rows}
    assert {"nxdomain", "no-address", "refused", "timeout", "http-403", "page answers"} <= reasons


def test_every_difficulty_occurs(report_rows: Rows, check_rows: Rows) -> None:
    """Withheld paths, orders with and without deadline, several reports on a Target, further notices, brackets."""
    per_record = Counter(row["record_id"] for row in report_rows)
    orders = [row for row in report_rows if row.get("notice_kind") == "order"]
    assert sum(bool(row.get("host")) for row in report_rows) > 20
    assert {float(row["deadline_hours"]) for row in orders if row.get("deadline_hours")} == {1, 2, 3, 6, 12}
    assert sum(not row.get("deadline_hours") for row in orders) > 5
    assert sum(n > 1 for n in per_record.values()) > 50
    assert sum(bool(row.get("origin_ip")) for row in report_rows) > 20
    assert sum(bool(row.get("withdrawn_at")) for row in report_rows) > 20
    assert sum(bool(row.get("last_online_at")) for row in report_rows) > 20
    assert sum(not row.get("notified_at") for row in report_rows) > 50
    unheard = {row["record_id"] for row in check_rows} - set(per_record)
    assert len(unheard) == 6


def test_one_network_changes_hands_between_the_tables() -> None:
    """The routing tables of the two dates differ in one network, and only in its holder."""
    tables = [_table(f"prefixes-{day}.tsv") for day in ("2025-06-01", "2026-01-01")]
    assert tables[0].keys() == tables[1].keys()
    assert [prefix for prefix in tables[0] if tables[0][prefix] != tables[1][prefix]] == ["192.0.2.128/28"]


def test_no_two_providers_announce_the_same_prefix_and_only_one_nests() -> None:
    """Prefixes are valid and disjoint but for the one more-specific that shows longest prefix match."""
    networks = [ipaddress.ip_network(prefix) for prefix in _table("prefixes-2026-01-01.tsv")]
    inside = [
        (str(a), str(b)) for a in networks for b in networks if a != b and a.version == b.version and a.subnet_of(b)
    ]
    assert inside == [("198.51.100.48/28", "198.51.100.0/26")]


def test_two_providers_have_equal_names_and_there_are_twenty_five() -> None:
    """Twenty-five AS numbers, twenty-four names."""
    with (REFERENCE / "as-names-2026-01-01.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert (len({row["asn"] for row in rows}), len({row["name"] for row in rows})) == (25, 24)


def test_the_registry_of_the_sample_knows_every_provider_and_says_what_it_does_not_know() -> None:
    """One entry for each AS number; three without a country, one without a contact; a country has its source.

    Of each whose legal identity is known it says that it is no natural person, so that letters can be drafted.
    """
    with (REFERENCE / "as-names-2026-01-01.csv").open(encoding="utf-8", newline="") as lines:
        ids = {f"as{row['asn']}" for row in csv.DictReader(lines)}
    entries = tomllib.loads((SAMPLE / "providers.toml").read_text(encoding="utf-8"))["change"]
    assert {entry["subject"] for entry in entries} == ids and len(entries) == 25
    assert sum("country" not in entry for entry in entries) == 3
    assert [entry["subject"] for entry in entries if "contact" not in entry] == ["as64505"]
    assert all(entry.get("natural_person") == ("no" if "legal_name" in entry else None) for entry in entries)
    assert all(("country" in entry) == ("country_source" in entry) for entry in entries)
    assert all(contact.endswith(".example") for entry in entries for contact in entry.get("contact", []))


def test_the_truth_shows_the_habits() -> None:
    """The ignoring provider takes almost nothing down, the fast one almost all, the improved one improved."""
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    share = {
        (known["habit"], half): found["takedowns_within_24h"] / found["episodes"]
        for known in truth.values()
        for half, found in known["periods"].items()
        if found["episodes"] >= 20
    }
    assert share["ignores", "2026H1"] < 0.05
    assert share["fast", "2026H1"] > 0.8
    assert share["improved", "2026H1"] > share["improved", "2025H2"] + 0.5
    assert share["worsened", "2026H1"] < share["worsened", "2025H2"] - 0.5


def _table(name: str) -> dict[str, str]:
    lines = (REFERENCE / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)

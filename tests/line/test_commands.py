"""Each command as others call it: one JSON document, exit status, the same result for the same facts."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from monitor.store import list_audit
from tests.engines import store_of

SCORECARD = [
    "rank rank_low rank_high provider_id provider country asns n_notices n_episodes n_sites n_clusters",
    "gone_before_notice gap_at_notice undelivered_bounced undelivered_refused undelivered_no_contact",
    "undelivered_our_fault misaddressed taken_down moved moved_in domain_gone online_at_cutoff",
    "inconclusive provisional interrupted recurrences",
    *(f"within_{h}h within_{h}h_low within_{h}h_high within_{h}h_identified" for h in (1, 12, 24, 48, 168)),
    "within_norm within_norm_low within_norm_high within_norm_worst within_norm_best within_norm_any_end",
    "within_norm_any_end_worst within_norm_any_end_best within_norm_shrunk identified median_hours median_low",
    "median_high median_status mean_hours_30d mean_hours_30d_low mean_hours_30d_high exposure_hours_low",
    "exposure_hours_high report_to_notice_median_hours share_previous change change_low change_high method_break class",
    "unranked_reason",
]
CLASSES = {"meets", "below", "not-proven", "too-few"}
WHO = ("--by", "Jo Tester", "--why", "one organisation, says the trade register")


# --- one JSON document ----------------------------------------------------------------------------------------


def test_each_command_of_the_line_gives_the_fields_that_are_promised(line: Any) -> None:
    """Every document was standard output as a whole; these are its fields, in interface.md's words."""
    promised = {
        "reports": {"read", "accepted", "waiting", "duplicate", "rejected", "rejects_file"},
        "checks": {"read", "accepted", "waiting", "duplicate", "rejected", "rejects_file"},
        "refdata": {"tables"},
        "attribute": {"attributed", "unattributed", "fronted"},
        "freeze": {"path", "digest", "episodes", "providers"},
        "rank": {"period", "cutoff", "norm", "role", "method", "freeze", "scorecards"},
        "publish": {"path", "files", "digest"},
    }
    for name, fields in promised.items():
        assert fields <= line.said[name].keys(), name
    assert {"kind", "as_of", "rows", "sha256"} <= line.said["refdata"]["tables"][0].keys()
    assert line.said["freeze"]["path"].endswith(f"frozen/2026H1-{line.said['freeze']['digest'][:8]}")
    assert len(line.said["freeze"]["digest"]) == 64


def test_rank_has_everyone_with_every_field_and_a_class(line: Any) -> None:
    """A scorecard's fields in interface.md's order and a class, also of those below the minimums.

    That each of the four classes can come, and no other, is in test_figures.py.
    """
    cards = line.said["rank"]["scorecards"]
    assert {card["provider_id"] for card in cards} == {"as64500", "as64501", "as64503", "as64504"}
    assert {card["provider_id"] for card in cards if card["class"] == "too-few"} == {"as64503"}
    assert {card["class"] for card in cards} <= CLASSES
    for card in cards:
        assert list(card) == " ".join(SCORECARD).split()


def test_json_stays_one_document_when_there_is_something_to_say(
    make: Callable[..., Any], inputs: Any, tmp_path: Path
) -> None:
    """A table made later than its date, rejected rows, a bad file: that is said on standard error."""
    monitor, table = make(), tmp_path / "prefixes-2026-03-01.tsv"
    shutil.copy(inputs.folder / "prefixes.tsv", table)
    ran = monitor.run("--json", "-v", "refdata", "import", "--prefixes", table, "--as-of", "2025-06-01")
    assert (ran.status, ran.document["tables"][0]["made_on"]) == (0, "2026-03-01")
    assert "later than its date" in ran.err
    quiet = monitor.run("--json", "-q", "refdata", "import", "--prefixes", table, "--as-of", "2025-06-02")
    assert (quiet.status, quiet.err) == (0, "")
    broken = tmp_path / "broken.csv"
    broken.write_text("record_id,url,reported_at\nR,nowhere,2026-01-01T00:00:00Z\n")
    ran = monitor.run("--json", "import", broken, tmp_path / "missing.csv")
    assert (ran.status, ran.document["rejected"]) == (1, 1)
    ran = monitor.run("--json", "freeze", "2026-03", "--cutoff", "2026-04-02")
    assert (ran.status, ran.document["episodes"]) == (0, 0)
    assert "less than 73 hours" in ran.err


def test_freeze_says_how_many_notices_lie_before_their_report(make: Callable[..., Any], tmp_path: Path) -> None:
    """They count as the hotline states them, and whoever cuts the dataset is told to look."""
    monitor, reports = make(), tmp_path / "reports.csv"
    row = "A,https://a.example/1,2026-02-02T00:00:00Z,2026-02-01T00:00:00Z"
    reports.write_text(f"record_id,url,reported_at,notified_at\n{row}\n", encoding="utf-8")
    assert monitor.run("import", reports).status == 0
    ran = monitor.run("--json", "freeze", "2026-02")
    assert (ran.document["episodes"], ran.document["episodes_network"]) == (4, 1)  # network, as, customer and site
    assert "monitor: 1 notices lie before their report" in ran.err


def test_the_small_commands_print_json_too(line: Any) -> None:
    """refdata list, db upgrade, config, version."""
    tables, upgraded, config, version = line.monitor.documents(
        ("refdata", "list"), ("db", "upgrade"), ("config",), ("version",)
    )
    assert [(table["kind"], table["as_of"], table["rows"]) for table in tables["tables"]] == [
        ("as-names", "2025-06-01", 5),
        ("fronting", "2025-06-01", 1),
        ("prefixes", "2025-06-01", 6),
    ]
    assert all(len(table["sha256"]) == 64 for table in tables["tables"])
    assert upgraded["before"] == upgraded["after"]
    assert "[norms.request]" in config["monitor.toml"]
    assert version["code"].startswith(version["version"])


def test_without_json_paths_stand_on_a_line_of_their_own(line: Any) -> None:
    """The release's path is all that `publish` prints, unwrapped on a narrow terminal too."""
    ran = line.monitor.run("publish", "2026H1", env={"COLUMNS": "20"})
    assert ran.out == line.said["publish"]["path"] + "\n"


# --- the same facts again -------------------------------------------------------------------------------------


def test_a_second_import_changes_nothing(copy: Any, inputs: Any, dump_of: Callable[[Path], str]) -> None:
    """Reports, checks and tables once more: all known, and every row of every table as it was."""
    before = dump_of(copy.data)
    again = copy.json("import", inputs.reports, inputs.checks)
    assert (again["read"], again["accepted"], again["duplicate"], again["waiting"]) == (132, 0, 132, 0)
    assert all(table["known"] for table in copy.json("refdata", "import", *inputs.tables)["tables"])
    assert dump_of(copy.data) == before


def test_rows_in_any_order_under_another_key_give_the_same_digest(
    make: Callable[..., Any], line: Any, inputs: Any, csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """Checks before their reports (they wait), reports backwards in two files, tables last: the line's own digest."""
    monitor = make("other-order", (line.monitor.data / "monitor.toml").read_text())
    with inputs.reports.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))[::-1]
    parts = [csv_file(tmp_path / f"{n}.csv", rows[n::2]) for n in range(2)]
    early, late, _, made, published = monitor.documents(
        ("import", inputs.checks),
        ("import", *parts),
        ("refdata", "import", *inputs.tables),
        ("freeze", "2026H1"),  # attributes first what is missing
        ("publish", "2026H1"),
    )
    assert (early["accepted"], early["waiting"]) == (91, 91)
    assert late["accepted"] == 41
    assert (monitor.data / "monitor.key").read_text() != (line.monitor.data / "monitor.key").read_text()
    assert made["digest"] == line.said["freeze"]["digest"]
    assert published["digest"] == line.said["publish"]["digest"]


def test_another_freeze_is_made_only_by_other_facts(copy: Any, line: Any) -> None:
    """Freezing again gives the folder that is there; an earlier cut-off gives another, and `--freeze` finds each."""
    first = line.said["freeze"]["digest"]
    same, other, newest, named = copy.documents(
        ("freeze", "2026H1"),
        ("freeze", "2026H1", "--cutoff", "2026-07-10"),
        ("rank", "2026H1"),
        ("rank", "2026H1", "--freeze", first[:8]),
    )
    assert same["digest"] == first
    assert newest["freeze"] == other["digest"] != first
    assert named == line.said["rank"]


# --- publication ----------------------------------------------------------------------------------------------


def test_publishing_again_gives_the_same_path_and_elsewhere_the_same_bytes(
    line: Any, tmp_path: Path, tree_of: Callable[[Path], dict[str, bytes]]
) -> None:
    """The same freeze and kind: nothing new here, version 1 with the same bytes there."""
    before = tree_of(line.monitor.data / "releases")
    again, there = line.monitor.documents(("publish", "2026H1"), ("publish", "2026H1", "--out", tmp_path / "out"))
    assert again == line.said["publish"]
    assert tree_of(line.monitor.data / "releases") == before
    assert there["path"] == str(tmp_path / "out" / "2026H1-interim-v1")
    assert tree_of(Path(there["path"])) == tree_of(Path(line.said["publish"]["path"]))
    assert there["files"] == len(tree_of(Path(there["path"])))


def test_verify_finds_a_changed_byte(line: Any, tmp_path: Path) -> None:
    """As published: status 0; one byte changed, a file added or the manifest changed: status 1 and its name."""
    release = tmp_path / "release"
    shutil.copytree(line.said["publish"]["path"], release)
    whole = line.monitor.json("publish", "--verify", release)
    assert (whole["ok"], whole["differs"], whole["superseded_by"]) == (True, [], None)
    table = release / "tables" / "ranking.csv"
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    (release / "extra.txt").touch()
    manifest = json.loads((release / "manifest.json").read_text())
    (release / "manifest.json").write_text(json.dumps({**manifest, "period": "2025H2"}))
    said = line.monitor.json("publish", "--verify", release, status=1)
    assert said["ok"] is False
    assert said["differs"] == ["extra.txt", "manifest.json", "tables/ranking.csv"]


def test_an_interim_release_names_nobody_unless_it_may(
    line: Any, copy: Any, tree_of: Callable[[Path], dict[str, bytes]]
) -> None:
    """Neither name nor AS number nor id in any file or file name; with `name_in_interim` they are there."""
    names = (b"Beta Hosting", b"Alpha Hosting", b"as64501", b"AS64501")
    closed = tree_of(Path(line.said["publish"]["path"]))
    assert [(path, name) for path, content in closed.items() for name in names if name in path.encode() + content] == []
    # The bare number is looked for as a word: in compressed bytes, digests and decimals it turns up by chance.
    texts = {
        path: content.decode() for path, content in closed.items() if path.endswith((".html", ".csv", ".json", ".svg"))
    }
    texts |= {path: pdf_text(content) for path, content in closed.items() if path.endswith(".pdf")}
    assert {"index.html", "nl/report.pdf"} < texts.keys()
    assert [path for path, text in texts.items() if re.search(r"(?<![\w.])64501(?!\w)", text)] == []
    with (copy.data / "monitor.toml").open("a") as config:
        config.write("[publication]\nname_in_interim = true\n")
    named = tree_of(Path(copy.json("publish", "2026H1")["path"]))
    assert b"Beta Hosting" in named["index.html"]
    assert "providers/as64501.html" in named


def pdf_text(content: bytes) -> str:
    """What its pages say."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


# --- the registry ---------------------------------------------------------------------------------------------


def test_providers_are_listed_with_their_numbers(line: Any) -> None:
    """One for each AS number seen; equal names carry the number."""
    listed = line.monitor.json("providers", "list")["providers"]
    assert {(one["provider_id"], one["label"], tuple(one["asns"])) for one in listed} == {
        ("as64500", "Alpha Hosting (AS64500)", (64500,)),
        ("as64501", "Beta Hosting", (64501,)),
        ("as64502", "Gamma Shield", (64502,)),
        ("as64503", "Delta Networks", (64503,)),
        ("as64504", "Alpha Hosting (AS64504)", (64504,)),
    }


def test_a_merge_books_both_on_one_and_its_undo_gives_the_first_digest_back(copy: Any, line: Any) -> None:
    """as64504 into as64500: 13 + 3 Episodes on one scorecard of the next freeze; then undone; all on record."""
    change, merged, ranked, _, undone, shown = copy.documents(
        ("providers", "merge", "as64504", "as64500", *WHO),
        ("freeze", "2026H1"),
        ("rank", "2026H1"),
        ("providers", "undo", 1, "--by", "Al Reviewer", "--why", "two organisations after all"),
        ("freeze", "2026H1"),
        ("providers", "show", "as64504"),
    )
    assert change == {"change": 1}
    cards = {card["provider_id"]: card for card in ranked["scorecards"]}
    assert merged["digest"] != line.said["freeze"]["digest"]
    assert "as64504" not in cards
    assert (cards["as64500"]["n_episodes"], cards["as64500"]["asns"]) == (16, [64500, 64504])
    assert cards["as64500"]["within_norm_worst"] == pytest.approx(3 / 16)
    assert cards["as64500"]["provider"] == "Alpha Hosting"  # nobody else has the name now
    assert undone["digest"] == line.said["freeze"]["digest"]
    said = [(entry["action"], entry["by"], entry["why"], entry["undoes"]) for entry in shown["changes"]]
    assert said == [
        ("merge", "Jo Tester", "one organisation, says the trade register", None),
        ("undo", "Al Reviewer", "two organisations after all", 1),
    ]
    with store_of(copy.data) as store:
        audit = [(entry.actor, entry.reason) for entry in list_audit(store) if entry.action != "import"]
    assert audit == [(by, why) for _, by, why, _ in said]


def test_a_registry_change_needs_who_why_and_a_provider(copy: Any, dump_of: Callable[[Path], str]) -> None:
    """Without --why 2; an ambiguous name, or an undo of nothing, 1; nothing is changed by any of them."""
    before = dump_of(copy.data)
    assert copy.run("providers", "merge", "as64504", "as64500", "--by", "Jo").status == 2
    for words in (
        ("merge", "as65551", "as64500", *WHO),
        ("merge", "Alpha Hosting", "as64501", *WHO),
        ("undo", 99, *WHO),
    ):
        ran = copy.run("--json", "providers", *words)
        assert (ran.status, ran.out) == (1, ""), words
    assert dump_of(copy.data) == before

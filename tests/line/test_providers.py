"""`monitor providers ...` through the real command line: each action, the file, wrong usage, what is kept secret."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

WHO = ("--by", "Jo Tester", "--why", "says the trade register")
MARK = "zq7xk9mw"
URL = f"https://www.{MARK}.example/{MARK}.jpg"
HAND = """[[organisation]]
id = "org-ripencc-beta"
name = "Beta GmbH"
[[change]]
action = "merge"
subject = "as64501"
into = "as64500"
by = "Jo"
why = "one owner"
[[change]]
action = "distinct"
subject = "as64502"
into = "org-ripencc-beta"
by = "Jo"
why = "two owners"
"""


@pytest.fixture
def empty(make: Callable[..., Any], tmp_path: Path) -> Callable[[str], Any]:
    """Makes a store in which nothing is: `import` of a file with a header alone does."""
    header = tmp_path / "header.csv"
    header.write_text("record_id,url,reported_at\n", encoding="utf-8")

    def begun(name: str) -> Any:
        made = make(name)
        assert made.json("import", header)["read"] == 0
        return made

    return begun


@pytest.fixture
def monitor(empty: Callable[[str], Any], tmp_path: Path) -> Any:
    """A store that knows three AS numbers and one organisation, from `providers import`."""
    made, file = empty("providers"), tmp_path / "hand.toml"
    file.write_text(HAND, encoding="utf-8")
    said = made.json("providers", "import", file, "--by", "Im Porter")
    assert (said["read"], said["accepted"], said["rejected"]) == (2, 2, 0)
    return made


def test_every_action_shows_in_the_provider_and_is_undone_by_its_number(monitor: Any) -> None:
    """Set, assign, split, override and their undoing, as JSON."""
    given = ("--name", "Alpha B.V.", "--alias", "Alfa", "--country", "nl", "--country-source", "register")
    given += ("--contact", "abuse=desk@alpha.example", "--contact-source", "RDAP", "--postal-address", "Street 1")
    dated = ("--asn", "64502", "--from", "2026-01-01", "--until", "2026-02-01")
    said = monitor.documents(
        ("providers", "set", "as64500", *given, *WHO),
        ("providers", "assign", "as64500", *dated, *WHO),
        ("providers", "split", "as64500", "--network", "192.0.2.0/24", "--name", "Part", *WHO),
        ("providers", "override", "as64500-2", "--record", "R1", "--source", "hotline", *WHO),
        ("providers", "show", "Alfa"),
        ("providers", "undo", 5, *WHO),
        ("providers", "show", "as64500"),
        ("providers", "list"),
    )
    assert [document["change"] for document in said[:4]] == [3, 4, 5, 6]
    assert said[2] == {"change": 5, "provider_id": "as64500-2"}
    shown = said[4]
    assert (shown["name"], shown["country"], shown["asns"]) == ("Alpha B.V.", "NL", [64500, 64501])
    assert shown["contacts"] == [{"kind": "abuse", "value": "desk@alpha.example", "source": "RDAP"}]
    assert shown["claims"][0]["valid_from"] == "2026-01-01"
    assert [change["change_id"] for change in shown["changes"]] == [1, 2, 3, 4, 5, 6]
    assert said[5] == {"change": 7, "without_effect": [6]}
    by_number = {change["change_id"]: change for change in said[6]["changes"]}
    assert by_number[5]["undone_by"] == 7
    assert "is not a provider" in by_number[6]["without_effect"]
    listed = {provider["provider_id"]: provider["label"] for provider in said[7]["providers"]}
    assert listed == {"as64500": "Alpha B.V.", "as64502": "AS64502", "org-ripencc-beta": "Beta GmbH"}


def test_a_provider_is_shown_in_words(monitor: Any) -> None:
    """Legal identity, aliases, group, numbers, networks with days, contacts with source, organisations, changes."""
    given = ("--legal-name", "Alpha Hosting B.V.", "--alias", "Alfa", "--group", "Alpha Group", "--capacity", "hosting")
    given += ("--contact", "abuse=desk@alpha.example", "--contact-source", "RDAP", "--register-number", "123")
    monitor.json("providers", "set", "as64500", *given, *WHO)
    monitor.json("providers", "assign", "as64500", "--network", "192.0.2.0/24", "--from", "2026-01-01", *WHO)
    monitor.json("providers", "assign", "as64500", "--organisation", "org-ripencc-beta", *WHO)
    text = monitor.run("providers", "show", "as64500").out
    for line in (
        "legal name: Alpha Hosting B.V.",
        "register number: 123",
        "group: Alpha Group",
        "capacities: hosting",
        "contact, abuse: desk@alpha.example (source: RDAP)",
        "AS numbers: AS64500 AS64501",
        "organisations: org-ripencc-beta",
        "assigned by change 4: 192.0.2.0/24 from 2026-01-01",
    ):
        assert line in text.splitlines()
    assert re.search(r"change 1, 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ: merge as64501 into as64500, by Jo: one owner", text)
    assert "Alfa" in text


def test_a_natural_person_is_never_named_by_list_and_show(monitor: Any) -> None:
    """Neither in words nor as JSON, nor by the changes that said the name; also once it is merged away."""
    given = ("--name", f"Pat {MARK}", "--legal-name", MARK, "--postal-address", MARK, "--natural-person", "yes")
    monitor.json("providers", "set", "as64502", *given, "--contact", f"post={MARK}", "--contact-source", "x", *WHO)
    for words in (("list",), ("show", "as64502")):
        for ran in (monitor.run("providers", *words), monitor.run("--json", "providers", *words)):
            assert ran.status == 0 and MARK not in ran.out and "natural person" in ran.out
    monitor.json("providers", "merge", "as64502", "as64500", *WHO)
    assert MARK not in monitor.run("providers", "show", "as64500").out


def test_no_list_names_who_was_marked_a_natural_person_later(monitor: Any, tmp_path: Path) -> None:
    """The part that a split named, and an organisation once merged, marked after their names were given."""
    person, beta = ("--natural-person", "yes"), "org-ripencc-beta"
    monitor.documents(
        ("providers", "split", "as64500", "--asn", "64501", "--name", f"Pat {MARK}", *WHO),
        ("providers", "set", "as64500-2", "--alias", f"Patty {MARK}", *WHO),
        ("providers", "set", "as64500-2", *person, *WHO),
        ("providers", "set", beta, "--name", f"Kim {MARK}", "--legal-name", f"Kim {MARK} Law", *WHO),
        ("providers", "set", beta, *person, *WHO),
        ("providers", "merge", beta, "as64500", *WHO),
        ("providers", "merge", "as64500-2", "as64500", *WHO),
        ("providers", "undo", 3, *WHO),
    )
    shown = monitor.documents(("providers", "show", "as64500"), ("providers", "list"))
    assert MARK not in json.dumps(shown) and MARK not in monitor.run("providers", "show", "as64500").out
    by_number = {change["change_id"]: change for change in shown[0]["changes"]}
    assert by_number[4]["without_effect"] and by_number[6]["details"]["name"] == "not shown: a natural person"


def test_a_split_tells_the_id_that_it_gave(monitor: Any) -> None:
    """With the name; an AS number that goes back to its own id is told so, too."""
    made = monitor.run("providers", "split", "as64500", "--asn", "64501", "--name", "Branch Two", *WHO)
    assert made.out == "change 3: as64500-2 (Branch Two)\n"
    monitor.json("providers", "undo", 3, *WHO)
    assert monitor.run("providers", "split", "as64500", "--asn", "64501", *WHO).out == "change 5: as64501 (AS64501)\n"


def test_an_override_finds_the_source_of_its_record(copy: Any, inputs: Any) -> None:
    """Of several the one meant is asked for; a record still to come needs --source, and it is said to be missing."""
    asked = ("providers", "override", "as64503", "--record")
    assert copy.run(*asked, "a02", *WHO).err == ""
    row = {"record_id": "a02", "source": "press", "url": "https://other.example/", "ip": "192.0.2.61"}
    copy.json("import", inputs.write("a02.csv", [row | {"reported_at": "2026-03-02T10:00:00Z"}]))
    several, later = copy.run(*asked, "a02", *WHO), copy.run(*asked, MARK, "--source", "press", *WHO)
    assert (several.status, several.out) == (1, "") and "hotline, press" in several.err
    assert (later.status, later.out) == (0, "change 2\n")
    assert "no report has that record id yet" in later.err and MARK not in later.err
    (first, second) = copy.json("providers", "show", "as64503")["changes"]
    assert first["details"] == {"record": "a02", "source": "hotline"}
    assert second["details"] == {"record": MARK, "source": "press"}


def test_an_imported_override_of_an_unknown_record_is_said(copy: Any, tmp_path: Path) -> None:
    """By the number of the entry; one whose report is there is not, and it is accepted all the same."""
    entry = '[[change]]\naction = "override"\nsubject = "as64503"\nrecord = "{}"\nsource = "hotline"\nwhy = "x"\n'
    file = tmp_path / "overrides.toml"
    file.write_text(entry.format("a02") + entry.format(MARK), encoding="utf-8")
    ran = copy.run("--json", "providers", "import", file, "--by", "Jo")
    assert (ran.status, ran.document["accepted"], ran.document["unreported"]) == (0, 2, [2])
    assert "entry 2: no report has that record id yet" in ran.err
    assert "entry 1" not in ran.err and MARK not in ran.err + ran.out


def test_an_addressee_is_recognised_by_the_name_in_law(copy: Any, inputs: Any) -> None:
    """A notice to a name that nobody bears is the attributed provider's once that is its name in law."""
    row = {"record_id": "z01", "source": "hotline", "url": "https://zeta.example/", "ip": "192.0.2.61"}
    row |= {"reported_at": "2026-03-02T10:00:00Z", "notified_at": "2026-03-02T12:00:00Z"}
    row |= {"notified_party": "Zeta Holding b v"}
    said = copy.documents(
        ("import", inputs.write("z01.csv", [row])),
        ("attribute",),
        ("freeze", "2026H1", "--cutoff", "2026-08-01"),
        ("providers", "set", "as64500", "--legal-name", "ZETA Holding B.V.", *WHO),
        ("freeze", "2026H1", "--cutoff", "2026-08-02"),
        ("providers", "show", "as64500"),
    )
    matches = []
    for frozen in (said[2], said[4]):
        with duckdb.connect() as connection:
            found = connection.execute(
                "SELECT addressee_match FROM read_parquet(?) WHERE record_id = 'z01' AND role = 'as'",
                [str(Path(frozen["path"]) / "episodes.parquet")],
            ).fetchall()
        matches.append({match for (match,) in found})
    assert matches[0].isdisjoint({"same"}) and matches[1] == {"same"}
    assert "Zeta" not in " ".join(said[5]["aliases"]).title()


def test_an_export_overwrites_only_what_says_the_same_or_by_force(monitor: Any, tmp_path: Path) -> None:
    """A file that differs stays, and the line says so without its name."""
    file = tmp_path / f"{MARK}.toml"
    monitor.json("providers", "export", file)
    before = file.stat()
    assert monitor.run("providers", "export", file).status == 0
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    file.write_text("# my own edits\n", encoding="utf-8")
    ran = monitor.run("providers", "export", file)
    assert (ran.status, ran.out, file.read_text(encoding="utf-8")) == (1, "", "# my own edits\n")
    assert "--force" in ran.err and MARK not in ran.err
    monitor.json("providers", "export", file, "--force")
    assert "[[change]]" in file.read_text(encoding="utf-8") and list(tmp_path.glob(".*")) == []


def test_the_registry_of_a_folder_without_a_store_is_not_begun_by_its_file(
    make: Callable[..., Any], tmp_path: Path
) -> None:
    """`providers import` says that there is no store, and makes neither folder nor key."""
    file = tmp_path / "hand.toml"
    file.write_text(HAND, encoding="utf-8")
    nothing = make("nothing")
    ran = nothing.run("providers", "import", file, "--by", "Im Porter")
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    assert "There is no store in the data folder" in ran.err
    assert not nothing.data.exists()


def test_the_file_goes_from_store_to_store(monitor: Any, empty: Callable[[str], Any], tmp_path: Path) -> None:
    """Written for its owner alone (0600); imported elsewhere it gives the same file; twice changes nothing."""
    monitor.json("providers", "set", "as64500", "--name", "Alpha", "--postal-address", "Street 1", *WHO)
    file, again = tmp_path / "out.toml", tmp_path / "again.toml"
    assert monitor.json("providers", "export", file) == {"changes": 3, "path": str(file)}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = empty("other")
    assert other.json("providers", "import", file)["accepted"] == 3
    assert other.json("providers", "import", file)["duplicate"] == 3
    other.json("providers", "export", again)
    assert again.read_bytes() == file.read_bytes()
    assert monitor.run("providers", "export").out == file.read_text(encoding="utf-8")


def test_rejected_entries_are_said_by_number_and_end_in_status_3(monitor: Any, tmp_path: Path) -> None:
    """The right ones are taken; no word of a wrong one is printed."""
    file = tmp_path / "mixed.toml"
    wrong = f'[[change]]\naction = "set"\nsubject = "as64500"\nname = "{URL}"\nby = "Jo"\nwhy = "x"\n'
    file.write_text(wrong + HAND.replace("one owner", "the same owner").replace("64501", "64505"), encoding="utf-8")
    ran = monitor.run("--json", "providers", "import", file)
    assert (ran.status, ran.document["accepted"], ran.document["duplicate"], ran.document["rejected"]) == (3, 1, 1, 1)
    assert ran.document["rejects"][0]["row"] == 1
    assert "entry 1 rejected" in ran.err
    assert MARK not in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("merge", "as64501"), 2, "'into'"),
        (("set", "as64500", *WHO), 2, "Nothing was given"),
        (("set", "as64500", "--name", URL, *WHO), 2, "--name"),
        (("set", "as64500", "--alias", URL, *WHO), 2, "--alias"),
        (("assign", "as64500", "--asn", "64502", "--by", URL, "--why", "x"), 2, "--by"),
        (("assign", "as64500", "--asn", "64502", "--by", "Jo"), 2, "--why"),
        (("assign", "as64500", *WHO), 2, "Nothing was given"),
        (("assign", "as64500", "--network", URL, *WHO), 2, "--network is no prefix"),
        (("assign", "as64500", "--asn", URL, *WHO), 2, "--asn is no AS number"),
        (("assign", "as64500", "--asn", "64502", "--from", URL, *WHO), 2, "--from is not a day"),
        (("split", "as64500", "--asn", "64502", "--from", "2026-01-02", "--until", "2026-01-02", *WHO), 2,
         "--until is not after --from"),
        (("split", "as64500", "--name", "Part", *WHO), 2, "Neither --asn, --organisation nor --network"),
        (("assign", URL, "--asn", "64502", *WHO), 1, "This id is not a provider"),
        (("split", "as64500", "--asn", "64502", *WHO), 1, "AS64502 is not as64500's"),
        (("set", "as64500", "--country", "NL", *WHO), 2, "--country is given without --country-source"),
        (("set", "as64500", "--capacity", URL, *WHO), 2, "--capacity is no such word. Use one of: hosting, "),
        (("set", "as64500", "--remove-capacity", URL, *WHO), 2, "--remove-capacity is no such word"),
        (("set", "as64500", "--natural-person", URL, *WHO), 2, "--natural-person is neither yes nor no"),
        (("override", URL, "--record", "R1", "--source", "hotline", *WHO), 1, "This id is not a provider"),
        (("override", "as64500", "--record", MARK, *WHO), 1, "with --source also a record that is still to come"),
        (("override", "as64500", "--record", " ", "--source", "hotline", *WHO), 2, "--record is empty"),
        (("distinct", "as64500", "as64501", *WHO), 1, "one provider"),
        (("undo", 99, *WHO), 1, "There is no change 99"),
        (("undo", URL, *WHO), 2, "'change'"),
        (("show", URL), 1, "No provider has that id"),
        (("import", f"/nowhere/{MARK}.toml"), 1, "cannot be read"),
        (("export", f"/nowhere/{MARK}.toml"), 1, "cannot be written"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_that_repeats_nothing(
    monitor: Any, dump_of: Callable[[Path], str], words: tuple[object, ...], status: int, said: str
) -> None:
    """What is wrong, by the names of the options, and what to do; a wrong value ends in 2; nothing changed."""
    before = dump_of(monitor.data)
    ran = monitor.run("providers", *words)
    assert (ran.status, ran.out) == (status, "")
    assert len(ran.err.splitlines()) == 1 and ran.err.startswith("monitor: ")
    assert MARK not in ran.err and "/nowhere" not in ran.err
    assert said in ran.err
    assert dump_of(monitor.data) == before


def test_a_file_that_is_no_toml_is_one_line(monitor: Any, tmp_path: Path) -> None:
    """Broken, not UTF-8: status 1, and nothing of it is printed."""
    for content in (f'{MARK} = "'.encode(), b"\xff\xfe" + MARK.encode(), f"[{MARK}]".encode()):
        file = tmp_path / f"{MARK}.toml"
        file.write_bytes(content)
        ran = monitor.run("providers", "import", file)
        assert (ran.status, ran.out, len(ran.err.splitlines())) == (1, "", 1)
        assert MARK not in ran.err


def test_sealed_texts_stand_in_no_byte_that_was_written(
    monitor: Any, tree_of: Callable[[Path], dict[str, bytes]]
) -> None:
    """Postal addresses, contacts, record ids and networks: sealed in the database, also the names that people set."""
    given = ("--name", f"Name {MARK}", "--postal-address", URL, "--contact", f"abuse={MARK}@x.example")
    monitor.documents(
        ("providers", "set", "as64500", *given, "--contact-source", MARK, *WHO),
        ("providers", "override", "as64500", "--record", MARK, "--source", "default", *WHO),
        ("providers", "assign", "as64500", "--network", "203.0.113.0/24", *WHO),
    )
    for content in (*tree_of(monitor.data).values(), *tree_of(monitor.cwd).values()):
        assert MARK.encode() not in content and b"203.0.113" not in content
    assert json.loads(monitor.run("--json", "providers", "show", "as64500").out)["name"] == f"Name {MARK}"

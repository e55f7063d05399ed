"""`monitor providers ...` through the real command line: each action, the file, wrong usage, what is kept secret."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
def monitor(make: Callable[..., Any], tmp_path: Path) -> Any:
    """A store that knows three AS numbers and one organisation, made by `providers import`."""
    made, file = make("providers"), tmp_path / "hand.toml"
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
    assert "merge as64501 into as64500, by Jo: one owner" in text
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


def test_the_file_goes_from_store_to_store(monitor: Any, make: Callable[..., Any], tmp_path: Path) -> None:
    """Written for its owner alone (0600); imported elsewhere it gives the same file; twice changes nothing."""
    monitor.json("providers", "set", "as64500", "--name", "Alpha", "--postal-address", "Street 1", *WHO)
    file, again = tmp_path / "out.toml", tmp_path / "again.toml"
    assert monitor.json("providers", "export", file) == {"changes": 3, "path": str(file)}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = make("other")
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
    ("words", "status"),
    [
        (("merge", "as64501"), 2),
        (("set", "as64500", *WHO), 2),
        (("set", "as64500", "--name", URL, *WHO), 2),
        (("set", "as64500", "--alias", URL, *WHO), 2),
        (("assign", "as64500", "--asn", "64502", "--by", URL, "--why", "x"), 2),
        (("assign", "as64500", "--asn", "64502", "--by", "Jo"), 2),
        (("assign", "as64500", *WHO), 2),
        (("assign", "as64500", "--network", URL, *WHO), 1),
        (("assign", "as64500", "--asn", URL, *WHO), 1),
        (("assign", URL, "--asn", "64502", *WHO), 1),
        (("split", "as64500", "--asn", "64502", *WHO), 1),
        (("set", "as64500", "--country", "NL", *WHO), 1),
        (("set", "as64500", "--capacity", URL, *WHO), 1),
        (("override", URL, "--record", "R1", *WHO), 1),
        (("distinct", "as64500", "as64501", *WHO), 1),
        (("undo", 99, *WHO), 1),
        (("undo", URL, *WHO), 2),
        (("show", URL), 1),
        (("import", f"/nowhere/{MARK}.toml"), 1),
        (("export", f"/nowhere/{MARK}.toml"), 1),
    ],
)
def test_wrong_usage_is_one_line_that_repeats_nothing(
    monitor: Any, dump_of: Callable[[Path], str], words: tuple[object, ...], status: int
) -> None:
    """What is wrong and what to do; nothing changed."""
    before = dump_of(monitor.data)
    ran = monitor.run("providers", *words)
    assert (ran.status, ran.out) == (status, "")
    assert len(ran.err.splitlines()) == 1 and ran.err.startswith("monitor: ")
    assert MARK not in ran.err and "/nowhere" not in ran.err
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
        ("providers", "override", "as64500", "--record", MARK, *WHO),
        ("providers", "assign", "as64500", "--network", "203.0.113.0/24", *WHO),
    )
    for content in (*tree_of(monitor.data).values(), *tree_of(monitor.cwd).values()):
        assert MARK.encode() not in content and b"203.0.113" not in content
    assert json.loads(monitor.run("--json", "providers", "show", "as64500").out)["name"] == f"Name {MARK}"

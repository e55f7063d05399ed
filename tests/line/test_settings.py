"""The settings at the start of every command: a wrong name stops it, and the nearest right one is said."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from monitor.config import Settings, WrongSetting, read_settings
from monitor.sample_config import sample_toml

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("attribute",),
    ("run", "--once"),
    ("check",),
    ("import", "x.csv"),
    ("freeze", "2026H1"),
    ("rank", "2026H1"),
    ("publish", "2026H1"),
    ("letters", "list"),
    ("providers", "list"),
    ("refdata", "list"),
    ("explain", "R1"),
    ("backup", "x"),
    ("verify",),
)

UNITS = re.compile(
    "second|hour|minute|day|gb|byte|share|number|port|connection|check|tries|question|host|address|peer|episode|"
    "redirect|network|cname"
)


def test_a_misspelt_setting_stops_every_command_before_it_begins(make: Callable[..., Any]) -> None:
    """Also those that would not have read it. Status 2 and one line with the nearest right name."""
    monitor = make("misspelt", "[checks]\nper_rum = 3\n")
    for ran, words in zip(monitor.ended(*COMMANDS), COMMANDS, strict=True):
        assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1), (words, ran.err)
        assert "Did you mean 'per_run'?" in ran.err
    assert [path.name for path in monitor.data.iterdir()] == ["monitor.toml"]


def test_what_is_there_to_put_it_right_works_all_the_same(make: Callable[..., Any]) -> None:
    """`config` prints every setting, `version` and --help help, `doctor` tells every mistake."""
    monitor = make("misspelt", "[checks]\nper_rum = 3\n")
    config, version, help_, doctor = monitor.ended(("config",), ("version",), ("rank", "--help"), ("doctor",))
    assert [each.status for each in (config, version, help_, doctor)] == [0, 0, 0, 1]
    assert "#per_run = 2000" in config.out and "Did you mean 'per_run'?" in doctor.out


def test_every_mistake_is_found_and_none_repeats_what_was_written(tmp_path: Path) -> None:
    """Names of sections and settings alone: a value can be a password or a URL."""
    path = tmp_path / "monitor.toml"
    path.write_text(
        '[database]\nurll = "postgresql://u:zq7xk9mw@db.example/x"\nbusy_seconds = "zq7xk9mw"\n[resolver]\n'
    )
    found = read_settings(tmp_path, None)
    assert not isinstance(found, Settings)
    said = "\n".join(map(str, found))
    assert len(found) == 3 and all(isinstance(each, WrongSetting) for each in found)
    assert {"'url'", "'resolvers'"} <= set(re.findall(r"Did you mean ('\w+')", said)) and "busy_seconds" in said
    assert "zq7xk9mw" not in said and "db.example" not in said


def test_every_setting_of_the_sample_follows_a_sentence_that_says_what_it_means() -> None:
    """With its default behind the sign; a number says its unit, in its name or in the sentence."""
    lines = sample_toml().splitlines()
    settings = [(before, line[1:]) for before, line in pairwise(lines) if re.match(r"#[a-z_0-9]+ = ", line)]
    assert len(settings) > 80
    for before, line in settings:
        assert re.fullmatch(r"# \S.{8,}", before), line
        name, value = line.split(" = ", 1)
        if re.fullmatch(r"[\d.]+", value):
            assert UNITS.search(f"{name} {before}".lower()), (before, line)

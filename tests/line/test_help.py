"""Every command's help, as on a terminal of 80 columns: nothing cut short, and each has one of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from monitor.cli import app

WIDTH = 80


def _all(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _all(below, (*path, name))


COMMANDS = dict(_all(get_command(app)))
GROUPS = [path for path, command in COMMANDS.items() if hasattr(command, "commands")]


def _help(path: tuple[str, ...]) -> str:
    command = COMMANDS[path]
    with command.make_context(
        " ".join(("monitor", *path)), [], terminal_width=WIDTH, resilient_parsing=True
    ) as context:
        return str(command.get_help(context))


@pytest.mark.parametrize("path", GROUPS, ids=lambda path: " ".join(path) or "monitor")
def test_a_group_says_the_first_sentence_of_each_command_whole(path: tuple[str, ...]) -> None:
    """On more lines where 80 columns are too few, and never with dots for the rest."""
    said = _help(path)
    listed = said.partition("Commands:")[2]
    assert listed.strip()
    assert all(len(line) <= WIDTH for line in listed.splitlines())
    for name, command in COMMANDS[path].commands.items():
        sentence = command.get_short_help_str(10_000)
        assert sentence, name
        assert not sentence.endswith("..."), name
        assert " ".join(f"{name} {sentence}".split()) in " ".join(listed.split()), name


@pytest.mark.parametrize("path", [path for path in COMMANDS if path], ids=" ".join)
def test_each_command_has_a_help_of_its_own(path: tuple[str, ...]) -> None:
    said = _help(path)
    assert said.startswith(f"Usage: monitor {' '.join(path)} ")
    assert COMMANDS[path].help, path


@pytest.mark.parametrize("word", ["list", "release", "place"])
def test_hold_shows_the_help_of_the_command_that_was_asked_about(make: Any, word: str) -> None:
    assert f"Usage: monitor hold {word} " in make().run("hold", word, "--help").out

"""A store that a newer version wrote: every command that opens it refuses, in words, and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.engines import engine_of

RECORD = "H1"
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("import", "{reports}"),
    ("attribute",),
    ("resolve",),
    ("check",),
    ("run", "--once"),
    ("freeze", "2026H1"),
    ("refdata", "list"),
    ("providers", "list"),
    ("letters", "list"),
    ("explain", RECORD),
    ("verify",),
    ("keys", "list"),
    ("keys", "rotate"),
    ("backup", "{cwd}/a.backup"),
    ("db", "upgrade"),
)


@pytest.fixture
def newer(make: Callable[..., Any], inputs: Any) -> Any:
    monitor = make("newer")
    monitor.json("import", inputs.reports)
    engine_of(monitor.data).change(monitor.data, "UPDATE alembic_version SET version_num = '9999'")
    return monitor


def test_every_command_refuses_a_newer_store(newer: Any, inputs: Any) -> None:
    """One line that names the way out, status 1, and no file of the backup."""
    places = {"reports": inputs.reports, "cwd": newer.cwd}
    commands = [[word.format(**places) for word in words] for words in COMMANDS]
    for words, ran in zip(COMMANDS, newer.ended(*commands), strict=True):
        assert ran.status == 1, (words, ran.err)
        assert "newer version" in ran.out + ran.err, (words, ran.err)
        assert "Traceback" not in ran.err
    (said,) = newer.ended(["status"])  # it says what it finds, whatever that is
    assert said.status == 0 and "newer version" in said.out
    assert newer.rows("SELECT version_num FROM alembic_version") == [("9999",)]
    assert list(newer.cwd.iterdir()) == []

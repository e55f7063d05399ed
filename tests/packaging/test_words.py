"""What a person types or sets before any stage runs: flags anywhere, words kept in the clear, the environment."""

from pathlib import Path

import pytest

from monitor.cli import _options_first
from monitor.config import load_settings
from monitor.errors import ConfigError, UsageError
from monitor.session import plain


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("rank 2026H1 --json", "--json rank 2026H1"),
        ("--data-dir d rank 2026H1 -q --role proxy --verbose", "-q --verbose --data-dir d rank 2026H1 --role proxy"),
        ("--json version", "--json version"),
        ("rank 2026H1", "rank 2026H1"),
        ("import -v -- --json", "-v import -- --json"),  # after `--` it is the name of a file
        ("import --json.csv", "import --json.csv"),
        ("", ""),
    ],
)
def test_global_flags_may_stand_anywhere(typed: str, read: str) -> None:
    """They are moved to the front, everything else keeps its order."""
    assert _options_first(typed.split()) == read.split()


@pytest.mark.parametrize(
    "text",
    [
        "see https://pad.example/x",
        "pad.example",
        "mail of clerk@pad.example",
        "the host at 192.0.2.1",
        "2001:db8::1",
        "pad[.]example",
        "x" * 201,
        "",
        "  ",
        "two\nlines",
    ],
)
def test_words_that_are_kept_unsealed_hold_no_url_host_or_address(text: str) -> None:
    """Who decided and why: refused with the option's name and without the words."""
    with pytest.raises(UsageError, match="--why") as raised:
        plain(text, "--why")
    assert not text.strip() or text not in str(raised.value)


def test_plain_words_are_kept_without_the_space_around_them() -> None:
    """Also with accents and punctuation."""
    assert plain(" Één eigenaar, zie dossier 12/2026 ", "--why") == "Één eigenaar, zie dossier 12/2026"


@pytest.mark.parametrize("variable", ["MONITOR_DATABASE", "MONITOR_SOURCES", "MONITOR_NORMS"])
def test_a_broken_variable_of_the_environment_is_one_line(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole section as text that is no JSON: how to write it is said, what it holds is not."""
    monkeypatch.setenv(variable, "{geheim")
    with pytest.raises(ConfigError, match="MONITOR_SECTION__NAME") as raised:
        load_settings(tmp_path, None)
    assert "geheim" not in str(raised.value) and "\n" not in str(raised.value)

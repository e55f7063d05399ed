"""Files are written whole or not at all; cells are no formulas."""

from pathlib import Path

import pytest

from monitor.disk import write_whole
from monitor.spreadsheet import as_text


def test_a_file_is_replaced_whole_with_its_mode(tmp_path: Path) -> None:
    """Its owner's alone unless said otherwise; nothing else is left in the folder."""
    path = tmp_path / "list.csv"
    write_whole(path, b"old")
    assert path.stat().st_mode & 0o777 == 0o600
    write_whole(path, b"new", 0o644)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o644)
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """A folder has the name already: it stays, and no draft lies beside it."""
    path = tmp_path / "taken"
    (path / "full").mkdir(parents=True)
    with pytest.raises(OSError, match="irectory"):
        write_whole(path, b"x")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["=1+1", "+31", "-2", "@x", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_begins_like_a_formula_is_marked(text: str) -> None:
    """Whatever a spreadsheet would begin to reckon with; other text is as it is."""
    assert as_text(text) == f"'{text}"
    assert as_text(f"a{text}") == f"a{text}"

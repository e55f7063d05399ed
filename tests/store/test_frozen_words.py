"""Words of the rows as codes, and which words are references of reports: both straight from the file of a freeze."""

import pytest

from monitor.errors import FreezeError
from monitor.model.words import NoticeKind, Role
from monitor.store.frozen_parquet import write_episodes
from monitor.store.frozen_record_ids import record_ids_among
from monitor.store.frozen_selected import read_selected, read_words


@pytest.fixture
def written(table, tmp_path):
    """Writes rows as the file of a freeze."""

    def write(rows):
        path = tmp_path / "episodes.parquet"
        write_episodes(path, table(rows))
        return path

    return write


def test_words_are_aligned_with_the_rows_of_their_clock_and_role(written):
    """A row of another role or clock is in neither; no word, and an empty one, is -1."""
    kinds = ["forum", None, "blog", "", "forum", "archive"]
    rows = [{"site_type": kind, "target_id": n} for n, kind in enumerate(kinds)]
    rows.insert(2, {"site_type": "search", "role": "as", "target_id": 90})
    rows.append({"site_type": "social", "clock": "order", "target_id": 91})
    path = written(rows)
    codes, words = read_words(path, "site_type", NoticeKind.REQUEST, Role.NETWORK)
    assert words == ("archive", "blog", "forum")
    assert codes.tolist() == [2, -1, 1, -1, 2, 0]
    found = read_selected(path, NoticeKind.REQUEST, Role.NETWORK)
    assert found.rows.target_id.tolist() == [0, 1, 2, 3, 4, 5]
    assert read_words(path, "country", NoticeKind.ORDER, Role.NETWORK)[0].tolist() == [-1]


def test_references_are_found_whole_and_whatever_their_case(written):
    """In rows of every role; what is part of a reference, or has one as a part, is none."""
    path = written([{"record_id": "HL-2026-000001"}, {"record_id": "ÉCLAIR-7", "role": "site"}])
    asked = {"hl-2026-000001", "HL-2026-000001", "éclair-7", "HL-2026", "HL-2026-0000011", "nothing"}
    assert record_ids_among(path, asked) == {"hl-2026-000001", "HL-2026-000001", "éclair-7"}
    assert record_ids_among(path, set()) == frozenset()


def test_what_cannot_be_told_from_text_or_figures_is_never_a_reference(written):
    """Under six characters, or digits alone under eight; half a character pair is no word at all."""
    path = written([{"record_id": each} for each in ("A1234", "A12345", "1234567", "12345678")])
    assert record_ids_among(path, {"A1234", "A12345", "1234567", "12345678", "\ud800abcdef"}) == {"A12345", "12345678"}


def test_a_word_is_a_value_and_never_part_of_a_query(written):
    """Quotes and brackets are compared as they are."""
    path = written([{"record_id": "x'); DROP--"}])
    assert record_ids_among(path, {"x'); DROP--", "']) --------"}) == {"x'); DROP--"}


def test_a_file_that_is_no_table_of_episodes_is_said(tmp_path):
    """By its name alone."""
    path = tmp_path / "episodes.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(FreezeError, match=r"^episodes\.parquet cannot be read"):
        record_ids_among(path, {"HL-2026-000001"})

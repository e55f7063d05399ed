"""Rows of the unquoted reports CSV with too many fields: repaired where only the URL can have held the semicolons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.intake.scart.repair import MOST_EXTRA, repaired
from tests.intake.scart_files import REPORT_COLUMNS

ROW = {
    "filenumber": "A26-000001",
    "url": "https://www.site1.example/a.jpg",
    "url_host": "www.site1.example",
    "url_ip": "192.0.2.1",
    "url_type": "imageurl",
    "received_at": "2026-02-02 09:00:00",
    "firstseen_at": "2026-02-02 10:00:00",
    "lastseen_at": "2026-02-03 10:00:00",
    "police": "n",
    "status_code": "close_offline",
    "grade_code": "illegal",
}


def line(columns=REPORT_COLUMNS, **said):
    return tuple(";".join({**ROW, **said}.get(name, "") for name in columns).split(";"))


def cell(cells, name, columns=REPORT_COLUMNS):
    return cells[columns.index(name)]


def test_semicolons_of_the_url_are_put_back():
    cells = repaired(line(url="https://www.site1.example/a;b;c?d;e"), REPORT_COLUMNS)
    assert cell(cells, "url") == "https://www.site1.example/a;b;c?d;e"
    assert cell(cells, "url_host") == "www.site1.example"
    assert len(cells) == len(REPORT_COLUMNS)


def test_semicolons_of_the_referring_page_are_put_back():
    cells = repaired(line(url_referer="https://www.site2.example/x;y"), REPORT_COLUMNS)
    assert cell(cells, "url_referer") == "https://www.site2.example/x;y"
    assert cell(cells, "url") == ROW["url"]


def test_semicolons_of_both_are_put_back_each_where_it_was():
    url, referer = "https://www.site1.example/a;b", "https://www.site2.example/x;y;z"
    cells = repaired(line(url=url, url_referer=referer), REPORT_COLUMNS)
    assert (cell(cells, "url"), cell(cells, "url_referer")) == (url, referer)


@pytest.mark.parametrize("free", ["note", "reference", "hoster_owner", "registrar_contact"])
def test_a_semicolon_in_free_text_is_not_guessed_at(free):
    assert repaired(line(**{free: "one;two"}), REPORT_COLUMNS) is None


def test_a_url_beside_free_text_is_not_guessed_at():
    columns = ("filenumber", "url", "note", "received_at")
    assert repaired(line(columns, url="https://www.site1.example/a;b", note="c"), columns) is None


def test_a_url_beside_a_shaped_column_is_repaired_in_any_order():
    columns = ("received_at", "url", "url_ip", "filenumber")
    cells = repaired(line(columns, url="https://www.site1.example/a;b"), columns)
    assert cell(cells, "url", columns) == "https://www.site1.example/a;b"


def test_a_row_that_fits_nowhere_and_one_with_too_many_fields_are_left():
    assert repaired(line(url="https://www.site1.example/a;b", url_ip="nowhere"), REPORT_COLUMNS) is None
    assert repaired(line(url="https://www.site1.example/" + ";" * (MOST_EXTRA + 1)), REPORT_COLUMNS) is None
    assert repaired(line(), REPORT_COLUMNS) is None
    assert repaired(("a", "b", "c"), ("filenumber", "received_at")) is None


_PIECES = st.lists(
    st.text(st.characters(codec="ascii", exclude_characters=';\n\r\0"', categories=("L", "N", "P", "S")), max_size=12)
    | st.sampled_from(["", "imageurl", "192.0.2.9", "2026-02-02 09:00:00", "illegal", "www.site1.example", "n"]),
    min_size=1,
    max_size=6,
)


@given(_PIECES, st.permutations(REPORT_COLUMNS))
def test_a_repaired_row_is_always_the_row_that_was_written(pieces, columns):
    """Whatever the URL holds and however the columns stand: the very cells, or no repair."""
    url = "https://www.site1.example/" + ";".join(pieces)
    columns = tuple(columns)
    written = tuple({**ROW, "url": url}.get(name, "") for name in columns)
    cells = repaired(tuple(";".join(written).split(";")), columns)
    assert cells is None or cells == tuple(text.strip() for text in written)


@given(_PIECES, st.permutations(REPORT_COLUMNS), st.sampled_from(["note", "reference", "hoster_owner"]))
def test_semicolons_of_free_text_never_get_into_a_url(pieces, columns, free):
    columns = tuple(columns)
    written = tuple({**ROW, free: ";".join(pieces)}.get(name, "") for name in columns)
    cells = repaired(tuple(";".join(written).split(";")), columns)
    assert cells is None or cell(cells, "url", columns) == ROW["url"]


@given(_PIECES)
def test_with_the_default_columns_every_url_is_repaired_or_could_be_read_in_two_ways(pieces):
    """The shaped columns around the URL leave room for no other reading, unless the URL imitates them."""
    imitates = {"", "imageurl", "192.0.2.9", "www.site1.example"}
    url = "https://www.site1.example/" + ";".join(pieces)
    if len(pieces) == 1 or imitates & set(pieces):
        return
    assert repaired(line(url=url), REPORT_COLUMNS) is not None

"""AS names as files."""

import gzip
import os
from pathlib import Path

import pytest

from monitor.attribution.names import AsName, AsNames, ReadNames, read_names
from monitor.errors import ReferenceDataError


def read(tmp_path: Path, text: str | bytes) -> ReadNames:
    path = tmp_path / "names"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_names(path)


@pytest.mark.parametrize(
    "text",
    [
        'asn,name,source\n64500,Alpha Hosting,Registry\n64501,"Beta, Gamma & Sons",Registry\n',
        '"asn","name","source"\r\n"64501","Beta, Gamma & Sons","Registry"\r\n64500,  Alpha\tHosting ,Registry\r\n',
        '\ufeff# made by hand\nAS64500,Alpha Hosting,Registry\n\nAS64501,"Beta, Gamma & Sons",Registry',
    ],
)
def test_names_are_read_with_or_without_header_and_quotes(tmp_path: Path, text: str) -> None:
    """Header, quotes, order, CRLF and blanks change nothing."""
    found = read(tmp_path, text)
    assert dict(found.names.items()) == {
        64500: AsName("Alpha Hosting", "Registry"),
        64501: AsName("Beta, Gamma & Sons", "Registry"),
    }
    assert (found.counts.n_read, found.counts.n_accepted, found.counts.n_rejected) == (2, 2, 0)


def test_numbers_may_be_written_with_a_dot(tmp_path: Path) -> None:
    """AS-dot 1.10 is 65546."""
    assert read(tmp_path, "1.10,Alpha\nAS1.11,Beta\n").names.asn.tolist() == [65546, 65547]


def test_an_unknown_number_has_no_name(tmp_path: Path) -> None:
    """Below, between and above the known numbers there is None, never a neighbour's name."""
    names = read(tmp_path, "64500,Alpha\n64510,Beta\n").names
    assert [names.get(asn) for asn in (1, 64499, 64500, 64505, 64511)] == [None, None, AsName("Alpha", ""), None, None]


def test_the_last_of_several_rows_holds(tmp_path: Path) -> None:
    """Of three rows for one number, the last one's name stays and two count as duplicate."""
    found = read(tmp_path, "64500,Alpha\n64500,Beta\n64500,Gamma\n64501,Delta\n")
    assert found.names.get(64500) == AsName("Gamma", "")
    assert (found.counts.n_read, found.counts.n_accepted, found.counts.n_duplicate) == (4, 2, 2)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"64501", "fields"),
        (b"64501,a,b,c", "fields"),
        (b'64501,"an unclosed quote', "fields"),
        (b"sixty,Alpha", "bad-asn"),
        (b"0,Alpha", "bad-asn"),
        (b"4294967296,Alpha", "bad-asn"),
        (b"-64501,Alpha", "bad-asn"),
        ("٦٤٥٠١,Alpha".encode(), "bad-asn"),
        (b"64501,", "bad-name"),
        (b"64501, \xe2\x80\x8b ,x", "bad-name"),
        (b"64501," + b"a" * 301, "bad-name"),
        (b"64501,Caf\xe9", "encoding"),
    ],
)
def test_a_broken_row_is_named_and_the_others_stay(tmp_path: Path, line: bytes, code: str) -> None:
    """The reject has the line number and a reason; the row behind it is read."""
    found = read(tmp_path, b"64500,Alpha\n" + line + b"\n64502,Gamma\n")
    assert [(reject.row, reject.code) for reject in found.counts.rejects] == [(2, code)]
    assert [asn for asn, _ in found.names.items()] == [64500, 64502]


def test_names_lose_what_hides_or_reverses_text(tmp_path: Path) -> None:
    """Control characters become blanks, direction marks go, letters are composed."""
    assert read(tmp_path, "64500,Al\u202epha \x07 Cafe\u0301\n").names.get(64500) == AsName("Alpha Café", "")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"asn,name\n",
        bytes(range(256)),
        b"<html>\n<body>no</body>\n",
        gzip.compress(b"64500,Alpha\n", mtime=0)[:-4],
    ],
)
def test_a_file_that_is_no_table_of_names_is_refused(tmp_path: Path, data: bytes) -> None:
    """Empty, header alone, rubbish, a web page, cut off."""
    with pytest.raises(ReferenceDataError):
        read(tmp_path, data)


def test_stored_names_come_back(tmp_path: Path) -> None:
    """Bytes give the same names and again the same bytes; damaged ones raise."""
    names = read(tmp_path, '64500,"Ünïcode ""quoted""",Registry\n4294967295,Beta\n').names
    content = names.to_bytes()
    again = AsNames.from_bytes(content)
    assert list(again.items()) == list(names.items())
    assert again.to_bytes() == content
    for broken in (content[:-1], b"", b"rubbish"):
        with pytest.raises(ReferenceDataError):
            AsNames.from_bytes(broken)


@pytest.mark.analogue
def test_the_names_of_the_analogue_are_read_whole() -> None:
    """All 96,606 names, none refused."""
    path = Path(__file__).parents[3] / "shared" / "analogue" / "routing" / "asn2org_2024-01-01.csv.gz"
    if not path.exists():
        assert os.environ.get("CI") != "true", "../shared/analogue is missing"
        pytest.skip("../shared/analogue, the public stand-in for the input, is missing")
    counts = read_names(path).counts
    assert (counts.n_read, counts.n_accepted + counts.n_duplicate, counts.n_rejected) == (96_606, 96_606, 0)

"""What a file is, and what is said of wrong columns, without repeating data."""

import pytest

from monitor.errors import InputError
from monitor.intake import Container, detect, read_checks, read_reports
from monitor.model.words import InputKind

REPORTS = "record_id,url,reported_at"
CHECKS = "record_id,checked_at,outcome"


def message(call, *args, **options):
    with pytest.raises(InputError) as caught:
        call(*args, **options)
    assert caught.value.__context__ is None
    return str(caught.value)


@pytest.mark.parametrize("compression", ["plain", "gz", "zst"])
def test_container_and_kind_come_from_the_content(write, csv_text, jsonl, parquet, compression):
    """Columns say whether it is reports or checks, bytes say which container, at any compression."""
    text = {name: ("VARCHAR", ["x"]) for name in CHECKS.split(",")}
    expected = {
        csv_text(REPORTS, "x,y,z"): (Container.CSV, InputKind.REPORTS),
        csv_text(CHECKS): (Container.CSV, InputKind.CHECKS),
        csv_text("host,reported_at,record_id"): (Container.CSV, InputKind.REPORTS),
        csv_text(CHECKS.replace(",", ";").upper()): (Container.CSV, InputKind.CHECKS),
        jsonl({"record_id": 1}, {"record_id": 2, "url": "x"}): (Container.JSONL, InputKind.REPORTS),
        jsonl({"record_id": 1, "Outcome": None}): (Container.JSONL, InputKind.CHECKS),
        b'\n not json\n{"record_id": 1}\n': None,
        parquet(text): (Container.PARQUET, InputKind.CHECKS),
    }
    for content, what in expected.items():
        path = write(content, compression)
        if what is None:
            assert "no column" in message(detect, path)
        else:
            assert detect(path) == what


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("record_id,url,reportedat", "column that is not known: 'reportedat'. Did you mean 'reported_at'?"),
        ("record_id,url,reported_at,outcme", "'outcme'"),
        ("record_id,chcked_at,outcome", "'chcked_at'. Did you mean 'checked_at'?"),
        ("record_id,url,reported_at,colour of the sky", "'colour of the sky'. Columns of reports: record_id"),
        ("record_id,url,reported_at,http://leak.example/secret", "not known: column 4"),
        ("record_id,url,reported_at,leak.example", "not known: column 4"),
        ("record_id,url,reported_at,", "not known: column 4"),
        ("record_id,reported_at", "lacks the column 'url' or 'host'"),
        ("url,reported_at", "lacks the column 'record_id'"),
        ("record_id,outcome", "lacks the column 'checked_at'"),
        ("record_id,url,URL ,reported_at", "two columns of the same name: 'url'"),
        ("record_id,url,reported_at,a.b/leak,a.b/leak", "two columns of the same name: column 5"),
        ("R1,http://leak.example/secret,2026-01-01T00:00:00Z", "has no column of reports or checks"),
        ("rcord_id,leak", "has no header row with columns of reports"),
        ('"record_id,url,reported_at', "does not start with a header row"),
    ],
)
def test_wrong_headers_are_named_with_the_nearest_right_column(write, csv_text, header, expected):
    """Unknown, missing and doubled columns are said; a name that could be data is shown by its place only."""
    path = write(csv_text(header, "x"))
    said = message(detect, path, position=1)
    assert expected in said
    assert said.startswith("The 1st input file ")
    assert "leak" not in said


def test_reading_says_the_same_of_a_wrong_header(write, csv_text, parquet):
    """read_reports and read_checks check the header themselves, in CSV and in Parquet."""
    csv_path = write(csv_text(REPORTS + ",reporter", "R1,http://a.example/,2026-01-01T00:00:00Z,x"))
    columns = {name: ("VARCHAR", ["x"]) for name in (*CHECKS.split(","), "vantge")}
    options = {"source": "default", "timezone": None}
    assert "'reporter'" in message(lambda: list(read_reports(csv_path, **options)))
    assert "Did you mean 'vantage'?" in message(lambda: list(read_checks(write(parquet(columns)), **options)))
    assert "not known" in message(lambda: list(read_checks(csv_path, **options)))


def test_unknown_columns_are_ignored_on_request(write, csv_text, reports_of):
    """--ignore-unknown drops them, also without a name, but never a doubled column."""
    path = write(csv_text(REPORTS + ",colour,,", "R1,http://a.example/,2026-01-01T00:00:00Z,red,x,y"))
    assert detect(path, ignore_unknown=True) == (Container.CSV, InputKind.REPORTS)
    values, rejects = reports_of(path, ignore_unknown=True)
    assert len(values) == 1 and not rejects


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfer\0e\0c\0", "is UTF-16 text"),
        (b'[{"record_id": "R1"}]', "is a JSON array. Write one JSON object a line"),
        (b"PAR1 and then nothing of the kind", "is damaged or is not readable as Parquet"),
        (b"\n \r\n", "is empty"),
    ],
)
def test_other_kinds_of_file_are_told_apart(write, content, expected):
    """UTF-16, a JSON array, broken Parquet and emptiness each get their own sentence."""
    assert expected in message(detect, write(content))
    assert expected in message(lambda: list(read_reports(write(content), source="default", timezone=None)))


@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_an_empty_file_stays_empty_when_compressed(write, compression):
    """The content counts, not the size on disk."""
    assert "is empty" in message(detect, write(b"", compression))


def test_a_header_alone_is_an_input_without_rows(write, csv_text, reports_of):
    """No row is not an error."""
    assert reports_of(write(csv_text(REPORTS))) == ([], [])

"""A Provider's own list as it comes: columns and their other names, containers, duplicates, rejects."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import zstandard

from monitor.errors import InputError
from monitor.intake.received import read_received
from monitor.model.reconciliation import ReceivedList

TEXT = """notice_ref;url;received_at;resolved_at
NTD-1;https://one.example/a;2026-03-01T10:00:00Z;2026-03-01T12:00:00Z
NTD-2;;2026-03-01T11:00:00+01:00;
"""


def read(path: Path, text: str, **options: bool) -> ReceivedList:
    path.write_text(text, encoding="utf-8")
    return read_received(path, timezone=None, **options)


def test_a_list_is_read_with_its_times_in_utc(tmp_path: Path) -> None:
    """Reference, URL as written and normalised, both times; an empty cell is not known."""
    found = read(tmp_path / "a.csv", TEXT)
    one, two = found.notices
    assert (one.reference, one.url, one.row) == ("NTD-1", "https://one.example/a", 1)
    assert one.target is not None and one.target.host.name == "one.example"
    assert one.resolved_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (two.url, two.target, two.resolved_at) == (None, None, None)
    assert two.received_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert (found.n_read, found.n_duplicate, found.rejects) == (2, 0, ())


def test_every_container_gives_the_same_list(tmp_path: Path) -> None:
    """CSV, JSON lines and Parquet, plain, gzip and Zstandard."""
    expected = read(tmp_path / "a.csv", TEXT).notices
    lines = (
        b'{"notice_ref": "NTD-1", "url": "https://one.example/a", "received_at": "2026-03-01T10:00:00Z",'
        b' "resolved_at": "2026-03-01T12:00:00Z"}\n'
        b'{"notice_ref": "NTD-2", "received_at": "2026-03-01T10:00:00Z", "url": null}\n'
    )
    (tmp_path / "b.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "c.zst").write_bytes(zstandard.compress(TEXT.encode()))
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM read_csv('{tmp_path / 'a.csv'}', delim=';')) TO '{tmp_path / 'd.parquet'}'")
    for name in ("b.gz", "c.zst", "d.parquet"):
        assert read_received(tmp_path / name, timezone=None).notices == expected, name


def test_other_names_of_the_columns_are_known(tmp_path: Path) -> None:
    """English and Dutch ones, whatever their case."""
    text = "Kenmerk,URI,Ontvangen_op,Afgehandeld_op\nNTD-1,https://one.example/a,2026-03-01 11:00,\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    (one,) = read_received(tmp_path / "a.csv", timezone=ZoneInfo("Europe/Amsterdam")).notices
    assert (one.reference, one.received_at) == ("NTD-1", datetime(2026, 3, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize("url", ["hxxps://one[.]example/a", "HXXPS://one[.]example/a", "https://one.example/a"])
def test_a_url_that_was_made_harmless_for_mail_is_the_url(tmp_path: Path, url: str) -> None:
    """`hxxp` and `[.]` are what abuse desks write."""
    (one,) = read(tmp_path / "a.csv", f"url,received_at\n{url},2026-03-01T10:00:00Z\n").notices
    assert one.target is not None and one.target.url == "https://one.example/a"


def test_read_is_accepted_and_duplicate_and_rejected(tmp_path: Path) -> None:
    """The same row twice is a duplicate; another time makes it another row; a reject has row, column and no text."""
    rows = [
        "NTD-1,https://one.example/a,2026-03-01T10:00:00Z",
        "NTD-1,https://one.example/a,2026-03-01T10:00:00Z",
        "NTD-1,https://one.example/a,2026-03-02T10:00:00Z",
        "NTD-2,nonsense,2026-03-02T10:00:00Z",
        "NTD-3,https://one.example/b,",
        "NTD-4,https://one.example/b,2026-03-02 10:00",
    ]
    found = read(tmp_path / "a.csv", "notice_ref,url,received_at\n" + "\n".join(rows) + "\n")
    assert (found.n_read, len(found.notices), found.n_duplicate, len(found.rejects)) == (6, 2, 1, 3)
    assert [(each.row, each.field) for each in found.rejects] == [(4, "url"), (5, "received_at"), (6, "received_at")]
    assert not any("nonsense" in each.reason for each in found.rejects)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("notice_ref,url,received_at,secret.example", "column 4"),
        ("notice_ref,reference,received_at", "two names"),
        ("notice_ref,url", "received_at"),
        ("received_at,resolved_at", "notice_ref or url"),
        ("https://one.example/a,2026-03-01T10:00:00Z", "received_at"),
    ],
)
def test_a_wrong_header_is_an_error_without_its_words(tmp_path: Path, header: str, said: str) -> None:
    """The message says what is missing or which column it is, never what stands in the file."""
    with pytest.raises(InputError, match=said) as raised:
        read(tmp_path / "a.csv", f"{header}\n")
    assert "example" not in str(raised.value)


def test_unknown_columns_are_passed_over_when_asked(tmp_path: Path) -> None:
    """Also in JSON lines, where one otherwise costs its row."""
    text = '{"received_at": "2026-03-01T10:00:00Z", "url": "https://one.example/a", "ticket": 7}\n'
    assert [each.code for each in read(tmp_path / "a", text).rejects] == ["unknown-key"]
    assert len(read(tmp_path / "a", text, ignore_unknown=True).notices) == 1
    csv = "received_at,url,ticket\n2026-03-01T10:00:00Z,https://one.example/a,7\n"
    assert len(read(tmp_path / "b", csv, ignore_unknown=True).notices) == 1

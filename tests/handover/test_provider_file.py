"""The archive of a Provider's file from hand-made values: its format, its sums, its words."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any

import pytest

from monitor.handover.provider_file import ProviderFile, pieces
from monitor.handover.provider_file_columns import TABLES, WordLine
from monitor.handover.tally import CASES, COUNTS
from monitor.model.provider_file import (
    CaseAddress,
    CaseBatch,
    CaseCheck,
    CaseFigures,
    CaseHead,
    CaseNorm,
    CaseRow,
    FileCounts,
    MovedIn,
)
from monitor.model.scorecard import Norm, Scorecard
from monitor.model.words import NoticeKind, Role

HEAD = CaseHead(
    "as64500", "Alpha Hosting", "2026H1", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z",
    "f" * 64, "npmle-1", "0.1.0+cut", "0.1.0+made", "Example Authority", "desk@authority.example",
)  # fmt: skip
NORM = Norm(NoticeKind.REQUEST, 24.0, 0.8)


def _value(kind: Any) -> Any:
    """A value of a field's type; None where it may be."""
    return kind() if kind in (int, float, bool, str) else () if str(kind).startswith("tuple") else None


def _made(kind: type[Any], **said: Any) -> Any:
    return kind(**{**{each.name: _value(each.type) for each in fields(kind)}, **said})


def _row(number: int, **said: Any) -> CaseRow:
    same = {"row": number, "facts": "as frozen", "role": "network", "clock": "request", "status": "episode"}
    times = {"reported_at": "2026-03-01T12:00:00Z", "notified_at": f"2026-03-01T{12 + number}:00:00Z"}
    made: CaseRow = _made(CaseRow, **{**same, **times, "n_episodes": 1, **said})
    return made


def _card(**said: Any) -> CaseFigures:
    return CaseFigures(Role.NETWORK, NORM, _made(Scorecard, **said))


def _archive(
    batches: Sequence[CaseBatch], figures: Sequence[CaseFigures] = (), moved_in: Sequence[MovedIn] = ()
) -> tuple[zipfile.ZipFile, FileCounts]:
    done: list[FileCounts] = []
    words = (WordLine("rule", "gap-1", "A rule, with a comma."),)
    given = ProviderFile(HEAD, tuple(figures), batches, moved_in, words, b'{"method": "npmle-1"}\n')
    content = b"".join(pieces(given, done.append))
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive, done[0]


def _batch(*rows: CaseRow, **said: Any) -> CaseBatch:
    return CaseBatch(rows, said.get("norms", ()), said.get("addresses", ()), said.get("checks", ()))


def _table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode(), newline="")))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_there_with_a_described_column_for_each_field(name: str) -> None:
    """The header is the fields of the value; each has a meaning in both languages, and they are not the same text."""
    archive, _ = _archive([_batch(_row(1))])
    header = archive.read(f"{name}.csv").decode().split("\r\n", 1)[0].split(",")
    assert header == [column.name for column in TABLES[name].columns]
    assert all(column.en and column.nl and column.en != column.nl for column in TABLES[name].columns)


def test_cells_are_rfc_4180_and_no_text_is_a_formula() -> None:
    """Lines end in CR LF, quotes are doubled, what a spreadsheet would reckon bears an apostrophe; numbers do not."""
    row = _row(1, url='https://a.example/"x",y', notice_reference="=1+1", addressee="+Plus", notice_sender="@at",
               lower0_hours=-3.5)  # fmt: skip
    archive, _ = _archive([_batch(row)])
    raw = archive.read("rows.csv").decode()
    assert raw.endswith("\r\n")
    assert raw.count("\n") == raw.count("\r\n") == 2
    (read,) = _table(archive, "rows")
    assert read["url"] == 'https://a.example/"x",y'
    assert (read["notice_reference"], read["addressee"], read["notice_sender"]) == ("'=1+1", "'+Plus", "'@at")
    assert read["lower0_hours"] == "-3.5"


def test_not_known_is_empty_and_a_flag_is_a_word() -> None:
    """None is an empty cell, never 0 and never "None"."""
    archive, _ = _archive([_batch(_row(1, right_hours=None, path_withheld=True))])
    (read,) = _table(archive, "rows")
    assert (read["right_hours"], read["path_withheld"], read["n_checks"]) == ("", "true", "0")


def test_the_lines_of_all_batches_come_in_their_order() -> None:
    """Rows, checks and addresses of several batches are one table each."""
    made = [
        _batch(
            _row(n),
            checks=(_made(CaseCheck, row=n, at="t", rule="r"),) * 1001,
            addresses=(_made(CaseAddress, row=n, address="192.0.2.1"),),
        )
        for n in (1, 2, 3)
    ]
    archive, counts = _archive(made)
    assert [row["row"] for row in _table(archive, "rows")] == ["1", "2", "3"]
    assert [row["row"] for row in _table(archive, "addresses")] == ["1", "2", "3"]
    assert len(_table(archive, "checks")) == counts.checks == 3003


def test_sums_that_are_the_scorecards_are_said_to_be() -> None:
    """Counts add up over the rows of the role and clock alone, shares over their Episodes, delays to their median."""
    other = _row(3, clock="order", taken_down=1)
    rows = _batch(
        _row(1, taken_down=1, n_notices=1),
        _row(2, n_notices=1),
        other,
        norms=(CaseNorm(1, "request", 24.0, 1, 1, 1, 1), CaseNorm(2, "request", 24.0, 0, 1, 0, 1)),
    )
    card = _card(
        n_notices=2, n_episodes=2, taken_down=1, moved_in=1, within_norm_worst=0.5, within_norm_best=1.0,
        within_norm_any_end_worst=0.5, within_norm_any_end_best=1.0, report_to_notice_median_hours=1.5,
    )  # fmt: skip
    archive, counts = _archive([rows], [card], [MovedIn("network", "request", "2026-03-02T00:00:00Z", "192.0.2.9")])
    lines = {line["figure"]: line for line in _table(archive, "figures")}
    assert set(lines) == {*COUNTS, *CASES, "moved_in", "report_to_notice_median_hours"}
    assert {line["same"] for line in lines.values()} == {"true"}
    assert (counts.figures, counts.figures_off, counts.moved_in) == (len(lines), (), 1)
    assert lines["taken_down"]["from_rows"] == "1"


def test_a_figure_that_does_not_follow_is_said() -> None:
    """A Scorecard with another number than the rows give stands beside it, marked and counted."""
    archive, counts = _archive([_batch(_row(1))], [_card(n_episodes=2, report_to_notice_median_hours=1.0)])
    lines = {line["figure"]: line for line in _table(archive, "figures")}
    wrong = lines["n_episodes"]
    assert (wrong["scorecard"], wrong["from_rows"], wrong["same"]) == ("2", "1", "false")
    assert "request: n_episodes" in counts.figures_off


def test_rows_whose_facts_changed_or_went_are_counted() -> None:
    """The counts that the command shows are those of the words on the rows."""
    rows = (_row(1), _row(2, facts="changed since the freeze"), _row(3, facts="no longer in the store"))
    _, counts = _archive([_batch(*rows)])
    assert (counts.rows, counts.changed, counts.missing) == (3, 1, 1)


def test_the_data_package_has_every_file_with_its_hash() -> None:
    """Each member but the package is listed; hash and size are those of its bytes, fields those of its header."""
    archive, _ = _archive([_batch(_row(1))], [_card(n_episodes=1)])
    package = json.loads(archive.read("datapackage.json"))
    listed = {each["path"]: each for each in package["resources"]}
    assert set(listed) == set(archive.namelist()) - {"datapackage.json"}
    for name, each in listed.items():
        digest = each["hash"].removeprefix("sha256:")
        assert (digest, each["bytes"]) == (sha256(archive.read(name)).hexdigest(), len(archive.read(name)))
    names = [field["name"] for field in listed["checks.csv"]["schema"]["fields"]]
    assert names == [each.name for each in fields(CaseCheck)]


def test_the_readme_is_there_in_both_languages_and_names_every_file() -> None:
    """Both say whose it is, which dataset, how to object and where; neither has a gap of its template left."""
    archive, _ = _archive([_batch(_row(1))], [_card(n_episodes=1)])
    for name, said in (("README.md", "worst case"), ("LEESMIJ.md", "slechtste geval")):
        text = archive.read(name).decode()
        assert said in text
        assert all(f"`{table}.csv`" in text for table in TABLES)
        assert all(value in text for value in (HEAD.provider, HEAD.freeze, HEAD.period, HEAD.answer_to, "24.0"))
        assert "{" not in text


def test_the_same_values_give_the_same_bytes() -> None:
    """No clock is in the archive: two of the same values do not differ."""
    given = ProviderFile(replace(HEAD, publisher=""), (), [_batch(_row(1))], (), (), b"{}\n")
    assert b"".join(pieces(given, lambda _: None)) == b"".join(pieces(given, lambda _: None))

"""SCART's forms: which a header is, how a row of it is read, and that the documentation says the same as the code."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.errors import InputError
from monitor.intake.problems import IntakeProblem
from monitor.intake.scart import FORMS, Form, ScartFile, ScartOptions, is_scart, read_scart
from monitor.intake.scart.fields import REPORT_FIELDS, Field
from monitor.intake.scart.forms import form_of, known_names
from monitor.intake.scart.text import quoted
from tests.intake.scart_files import REPORT_COLUMNS, World, small_world

DOC = Path(__file__).parents[2] / "docs" / "scart.md"
ZONE = ZoneInfo("Europe/Amsterdam")


def told_of(*paths, exported_at=None):
    """Reports, checks and rejects of files that are given together; each reject with its file's place from 1."""
    files = [ScartFile(path, n) for n, path in enumerate(paths, start=1)]
    batches = list(read_scart(files, ScartOptions("default", ZONE, exported_at, batch_rows=3)))
    for file in files:
        file.file.raw.close()
    told = [one for batch in batches for one in batch.told]
    reports = [report for one in told for report in one.reports]
    checks = [check for one in told for _, check in one.checks]
    rejects = [(batch.place + 1, reject) for batch in batches for reject in batch.rejects]
    return reports, checks, rejects


def rows_of(path):
    with ScartFile(path) as file:
        return list(file.rows())


@pytest.mark.parametrize(
    ("name", "form"),
    [("classified", Form.CLASSIFIED), ("whois", Form.WHOIS), ("all", Form.ALL), ("ntd", Form.NTD),
     ("ntdclosed", Form.NTD_CLOSED), ("reports_csv", Form.REPORTS)],
)  # fmt: skip
def test_each_export_is_known_by_its_header_alone(tmp_path, name, form):
    path = getattr(small_world(), name)(tmp_path / "nothing-said")
    assert is_scart(path)
    with ScartFile(path) as file:
        assert file.form is form
        assert file.header.unknown == ()


def test_each_table_is_known_by_its_header_alone(tmp_path):
    forms = []
    for path in small_world().tables(tmp_path).values():
        with ScartFile(path) as file:
            forms.append(file.form)
            assert file.header.unknown == ()
    assert forms == [
        Form.TABLE_INPUT, Form.TABLE_NTD, Form.TABLE_NTD_URL, Form.TABLE_CONTACT, Form.TABLE_HISTORY,
    ]  # fmt: skip


@pytest.mark.parametrize("header", ["record_id,url,reported_at", "record_id,checked_at,outcome,source", "", "a;b;c"])
def test_a_file_of_our_own_is_not_taken_for_scart_s(tmp_path, header):
    path = tmp_path / "own"
    path.write_text(header + "\nx\n")
    assert not is_scart(path)
    assert form_of(header.split(",")) is None


def test_the_columns_of_the_reports_csv_may_stand_in_any_order(tmp_path):
    world = small_world()
    straight = told_of(world.reports_csv(tmp_path / "straight"))[0]
    turned = told_of(world.reports_csv(tmp_path / "turned", REPORT_COLUMNS[5:] + REPORT_COLUMNS[:5]))[0]
    assert straight == turned
    assert len(straight) == 8


@pytest.mark.parametrize("lacking", ["filenumber", "received_at"])
def test_a_reports_csv_without_what_a_report_needs_is_refused_with_the_column(tmp_path, lacking):
    path = small_world().reports_csv(tmp_path / "r", tuple(name for name in REPORT_COLUMNS if name != lacking))
    if lacking == "filenumber":
        assert not is_scart(path)
        return
    with pytest.raises(InputError, match="lacks the column 'received_at'"):
        ScartFile(path)


def test_a_column_nobody_knows_is_named_and_a_question_is_not_unknown(tmp_path):
    path = tmp_path / "r"
    path.write_text("filenumber;surprise;received_at;url;grade_code;How old?\n")
    with ScartFile(path) as file:
        assert file.header.unknown == ("surprise",)
        assert ("column 6", "the answer to a question, free text") in file.header.left


def test_backslashes_and_the_final_semicolon_of_the_exports_are_read(tmp_path):
    world = World()
    world.add(1, url='https://www.site1.example/it\'s?q="x";y\\z', status_code="grade")
    [report], _, rejects = told_of(world.classified(tmp_path / "c"))
    assert not rejects
    assert report.target.url == "https://www.site1.example/it's?q=%22x%22;y\\z"


def test_a_line_end_inside_a_cell_of_a_table_is_part_of_the_cell(tmp_path):
    world = World()
    world.add(1, note='two\nlines, "quoted"')
    world.add(2)
    reports, _, rejects = told_of(world.tables(tmp_path)["input"])
    assert [report.record_id for report in reports] == ["A26-000001", "A26-000002"]
    assert not rejects


def test_a_quote_that_is_never_closed_costs_its_row_and_not_the_table(tmp_path):
    path = tmp_path / "input"
    row = '"{n}","A{n}","2026-02-02 09:00:00","https://www.site{n}.example/"\n'
    path.write_text(
        "id,filenumber,received_at,url\n" + row.format(n=1) + '"2","A2\n' + row.format(n=3) + row.format(n=4)
    )
    reports, _, rejects = told_of(path)
    assert [report.record_id for report in reports] == ["A1", "A3", "A4"]
    assert [(place, reject.row, reject.code) for place, reject in rejects] == [(1, 2, "bad-quoting")]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('"a";"b";', ("a", "b", "")),
        (r'"a\"b";c', ('a"b', "c")),
        ('"a""b";c', ('a"b', "c")),
        (r'"a\\";c', ("a\\", "c")),
        ('"a;b"; c', ("a;b", " c")),
        (r"\N;c", (r"\N", "c")),
        (r'"C:\x";', ("C:\\x", "")),
        (";", ("", "")),
    ],
)
def test_quotes_are_read_doubled_and_behind_backslashes(text, fields):
    assert quoted(text, ";") == fields


@pytest.mark.parametrize("text", ['"a', 'a;"b"c', '"a"b;c'])
def test_a_quote_out_of_place_is_a_bad_row(text):
    assert isinstance(quoted(text, ";"), IntakeProblem)


def test_every_form_names_each_column_once_and_every_field_it_hands_on():
    for form, spec in FORMS.items():
        assert not set(spec.takes) & set(spec.leaves), form
        assert set(spec.takes.values()) <= set(spec.fields), form
        assert len(set(spec.takes.values())) == len(spec.takes), form
        assert set(spec.requires) <= set(spec.takes), form
        assert spec.known_by <= known_names(form), form
        assert all(isinstance(field, Field) for field in REPORT_FIELDS)


def test_the_documentation_has_the_mapping_of_the_code():
    assert mapping() in DOC.read_text(encoding="utf-8"), "docs/scart.md: paste tests/intake/test_scart_forms.mapping()"


def mapping() -> str:
    """The tables of docs/scart.md."""
    lines = []
    for form, spec in FORMS.items():
        lines += [
            f"### {form.value}",
            "",
            f"Cannot say: {spec.cannot_say}.",
            "",
            "| column | becomes |",
            "| --- | --- |",
        ]
        lines += [f"| `{name}` | {field.value} |" for name, field in spec.takes.items()]
        reasons = dict.fromkeys(spec.leaves.values())
        for reason in reasons:
            names = ", ".join(f"`{name}`" for name, why in spec.leaves.items() if why == reason)
            lines.append(f"| {names} | not taken: {reason} |")
        lines.append("")
    return "\n".join(lines)

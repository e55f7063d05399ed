"""Tables of one command that do not fit together: what is refused, and what is said."""

import pytest

from monitor.errors import InputError
from monitor.intake.scart import Form, ScartFile, ScartOptions, read_scart
from monitor.intake.scart.together import check_tables
from tests.intake.scart_files import World as Hotline
from tests.intake.scart_files import dump, small_world
from tests.intake.test_scart_forms import ZONE, told_of


def hotline(**said):
    """One report that was told of and closed."""
    world = Hotline()
    world.contact(1, "Host Alpha B.V.")
    world.add(1, **said)
    world.tell(1, [1])
    world.log(1, "2026-02-03 15:00:00", "STATUS", "scheduler_checkonline", "close_offline")
    return world


def folder(path, name):
    (path / name).mkdir()
    return path / name


def warnings_of(*paths):
    files = [ScartFile(path, n) for n, path in enumerate(paths, start=1)]
    said = [warning for batch in read_scart(files, ScartOptions("default", ZONE)) for warning in batch.warnings]
    for file in files:
        file.file.raw.close()
    return said


def test_a_whole_dump_gives_no_warning(tmp_path):
    assert not warnings_of(*small_world().tables(tmp_path).values())


@pytest.mark.parametrize("lacking", ["ntd", "ntd_url", "abusecontact", "input_history"])
def test_a_table_that_is_not_there_is_named_with_what_is_then_not_known(tmp_path, lacking):
    tables = hotline().tables(tmp_path)
    del tables[lacking]
    [said] = warnings_of(*tables.values())
    assert said.startswith(f"The table {lacking} is not among the files: ")


@pytest.mark.parametrize("alone", ["ntd", "ntd_url", "abusecontact", "input_history"])
def test_tables_without_the_one_they_complete_are_refused(alone):
    with pytest.raises(InputError, match="without `input`"):
        check_tables([Form(f"table {alone}"), Form.REPORTS])


def test_a_message_that_names_another_url_than_its_report_tells_nobody_of_it(tmp_path):
    """`ntd_url` of another dump: the ids are the same, the reports are not."""
    tables = hotline().tables(folder(tmp_path, "a"))
    other = hotline(url="https://www.other.example/b.jpg", url_host="").tables(folder(tmp_path, "b"))
    reports, _, rejects = told_of(tables["input"], tables["ntd"], other["ntd_url"], tables["abusecontact"])
    assert [(place, reject.row, reject.code) for place, reject in rejects] == [(3, 1, "other-url")]
    assert [report.notice for report in reports] == [None]


def test_a_message_whose_copy_of_the_url_was_never_set_finds_its_report_by_its_id(tmp_path):
    world = hotline()
    del world.ntd_urls[0]["url"]
    reports, _, rejects = told_of(*world.tables(tmp_path).values())
    assert (len(rejects), reports[0].notice is None) == (0, False)


def test_an_id_that_stands_for_two_reports_is_refused_and_no_history_is_given_twice(tmp_path):
    tables = hotline().tables(folder(tmp_path, "a"))
    other = hotline(filenumber="A26-000999").tables(folder(tmp_path, "b"))
    reports, checks, rejects = told_of(*tables.values(), other["input"])
    assert [(place, reject.row, reject.code) for place, reject in rejects] == [(6, 1, "id-twice")]
    assert ([report.record_id for report in reports], len(checks)) == (["A26-000001"], 2)


def test_a_report_that_two_dumps_of_input_have_gets_its_history_once(tmp_path):
    tables = hotline().tables(folder(tmp_path, "a"))
    later = hotline(lastseen_at="2026-02-03 13:00:00").tables(folder(tmp_path, "b"))
    _, checks, rejects = told_of(*tables.values(), later["input"])
    offline = [check for check in checks if check.outcome.word == "offline"]
    assert (len(rejects), len(offline), len(checks)) == (0, 1, 3)


@pytest.mark.parametrize(
    ("table", "column", "value"), [("ntd", "status_time", "2026-02-09 09:00:00"), ("abusecontact", "owner", "Host Z")]
)
def test_a_message_or_addressee_that_two_dumps_describe_in_two_ways_is_refused(tmp_path, table, column, value):
    world = hotline()
    tables = world.tables(folder(tmp_path, "a"))
    rows = world.ntds if table == "ntd" else world.contacts
    columns = tables[table].read_text(encoding="utf-8").splitlines()[0].split(",")
    other = dump(tmp_path / "other.csv", columns, [rows[0] | {column: value}])
    reports, _, rejects = told_of(*tables.values(), other)
    assert [(place, reject.row, reject.code) for place, reject in rejects] == [(6, 1, "id-twice")]
    assert (reports[0].notice.notified_at.day, reports[0].notice.party) == (2, "Host Alpha B.V.")


def test_reports_that_other_tables_tell_of_and_input_lacks_are_counted(tmp_path):
    world = hotline()
    world.tell(2, [8, 9])
    world.log(9, "2026-02-03 15:00:00", "STATUS", "scheduler_checkonline", "close_offline")
    said = warnings_of(*world.tables(tmp_path).values())
    assert [warning.split(":")[0] for warning in said] == [
        "The table ntd_url tells of 2 reports that are not in `input`",
        "The table input_history tells of 1 report that is not in `input`",
    ]


@pytest.mark.parametrize(
    ("table", "column", "told"),
    [
        ("ntd", "status_code", "nobody counts as told by those messages"),
        ("ntd_url", "record_type", "nobody counts as told by those rows"),
        ("input", "status_code", "nothing says that those reports are closed"),
        ("input", "grade_code", "come in as not assessed"),
        ("input_history", "new", "nothing says that those reports were closed"),
        ("input_history", "tag", "those rows are passed over"),
    ],
)
def test_a_word_that_scart_does_not_write_is_counted_and_not_shown(tmp_path, table, column, told):
    world = hotline()
    rows = {"ntd": world.ntds, "ntd_url": world.ntd_urls, "input": world.inputs, "input_history": world.history}[table]
    rows[0][column] = "https://slipped.example/column"
    [said] = warnings_of(*world.tables(tmp_path).values())
    assert said.startswith(f"The table {table}: 1 row has a word in `{column}`")
    assert told in said
    assert "slipped" not in said


@pytest.mark.parametrize("status", ["grouping", "queue_directly", "close", ""])
def test_a_message_that_was_never_tried_needs_no_warning(tmp_path, status):
    world = hotline()
    world.tell(2, [1], status=status)
    assert not warnings_of(*world.tables(tmp_path).values())


def test_a_reports_csv_without_the_grade_says_that_nothing_of_it_counts(tmp_path):
    columns = ("filenumber", "received_at", "url")
    [said] = warnings_of(hotline().reports_csv(tmp_path / "reports.csv", columns))
    assert said.startswith("The reports-csv has no column for the grade")
    assert not warnings_of(hotline().reports_csv(tmp_path / "graded.csv", (*columns, "grade_code")))


def test_a_file_that_ends_its_lines_in_cr_alone_is_named_and_shows_nothing_of_itself(tmp_path):
    path = hotline().tables(tmp_path)["abusecontact"]
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))
    with pytest.raises(InputError, match="CR alone"):
        ScartFile(path, 1)


def test_an_export_of_a_report_at_another_hoster_holds_nothing_against_either(tmp_path):
    """`abusecontact_changed` without a history: the address is the new hoster's, the notice went to the first."""
    world = Hotline()
    world.add(1, status_code="abusecontact_changed", firstntd_at="2026-02-02 13:00:00")
    world.add(2, firstntd_at="2026-02-02 13:00:00")
    reports, checks, _ = told_of(world.reports_csv(tmp_path / "reports.csv"))
    assert [report.address is None for report in reports] == [True, False]
    assert [(check.record_id[-1], check.outcome.word) for check in checks] == [("2", "online")]

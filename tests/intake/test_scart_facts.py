"""What SCART's fields become: notices, recorded checks with the right interval, grades, and what is not known."""

from datetime import UTC, datetime

import pytest

from monitor.model.words import Assessment, Capacity, Cause, NoticeChannel, NoticeStatus, Outcome, SiteType
from tests.intake.scart_files import World, dump, small_world
from tests.intake.test_scart_forms import told_of


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def facts(world, folder, **options):
    """Reports and checks of the five tables by filenumber; nothing is rejected."""
    reports, checks, rejects = told_of(*world.tables(folder).values(), **options)
    assert not rejects
    return by_record(reports), by_record(checks)


def by_record(values):
    found = {}
    for value in values:
        found.setdefault(int(value.record_id[-6:]), []).append(value)
    return found


def readings(checks):
    return [
        (check.checked_at, check.outcome.word, check.reason) for check in sorted(checks, key=lambda c: c.checked_at)
    ]


@pytest.fixture
def known(tmp_path):
    return facts(small_world(), tmp_path)


def test_times_are_local_and_become_utc(known):
    reports, _ = known
    assert reports[1][0].reported_at == at("2026-02-02 08:00:00")


def test_the_time_of_classification_is_not_the_time_of_the_report(known):
    reports, _ = known
    assert reports[1][0].assessed_at == at("2026-02-02 09:00:00") != reports[1][0].reported_at


def test_the_notice_is_the_earliest_message_that_was_sent_to_the_hoster(known):
    reports, _ = known
    [report] = reports[1]
    notice = report.notice
    assert (notice.notified_at, notice.status, notice.channel) == (
        at("2026-02-02 12:00:00"), NoticeStatus.SENT, NoticeChannel.EMAIL)  # fmt: skip
    assert (notice.reference, notice.party, notice.capacity) == ("N26-000001", "Host Alpha B.V.", Capacity.HOSTING)


def test_a_message_through_the_api_counts_although_first_ntd_was_never_set(known):
    reports, _ = known
    [report] = reports[2]
    assert (report.notice.notified_at, report.notice.channel) == (at("2026-02-02 13:00:00"), NoticeChannel.API)


def test_a_message_that_failed_tells_nobody_and_one_to_a_registrar_is_no_notice(known):
    reports, _ = known
    [report] = reports[8]
    assert (report.notice.status, report.notice.notified_at) == (NoticeStatus.FAILED, at("2026-02-02 14:00:00"))


def test_a_message_that_was_never_tried_leaves_the_notice_unknown(known):
    reports, _ = known
    assert reports[7][0].notice is None


def test_a_report_is_told_once_to_each_hoster(tmp_path):
    world = World()
    world.contact(1, "Host Alpha B.V.")
    world.contact(2, "Host Beta")
    world.add(1)
    world.tell(1, [1], "2026-02-02 13:00:00")
    world.tell(2, [1], "2026-02-04 13:00:00", abusecontact_id=2)
    world.tell(3, [1], "2026-02-03 13:00:00")
    reports, _ = facts(world, tmp_path)
    assert [(r.notice.party, r.notice.notified_at.day) for r in reports[1]] == [
        ("Host Alpha B.V.", 2),
        ("Host Beta", 4),
    ]


def test_first_ntd_stands_in_only_where_no_message_was_sent(tmp_path):
    world = World()
    world.add(1, firstntd_at="2026-02-02 16:00:00")
    world.add(2, firstntd_at="2026-02-02 16:00:00")
    world.tell(1, [2], "2026-02-02 17:00:00")
    reports, _ = facts(world, tmp_path)
    assert [reports[n][0].notice.notified_at.hour for n in (1, 2)] == [15, 16]


def test_a_url_that_was_taken_off_its_message_again_was_not_told(tmp_path):
    world = World()
    world.add(1)
    world.tell(1, [1])
    world.ntd_urls[0]["deleted_at"] = "2026-02-02 12:30:00"
    assert facts(world, tmp_path)[0][1][0].notice is None


@pytest.mark.parametrize(("contact", "told"), [(1, True), (7, False)])
def test_where_the_kind_of_addressee_is_not_said_it_is_the_hoster_if_it_is_the_report_s(tmp_path, contact, told):
    world = World()
    world.add(1)
    world.tell(1, [1], abusecontact_type="unknown", abusecontact_id=contact)
    assert (facts(world, tmp_path)[0][1][0].notice is not None) == told


def test_a_removal_lies_between_last_seen_and_closed(known):
    _, checks = known
    assert readings(checks[1]) == [
        (at("2026-02-03 11:00:00"), "online", None),
        (at("2026-02-03 14:00:00"), "offline", "close_offline"),
    ]
    assert [check.cause for check in sorted(checks[1], key=lambda c: c.checked_at)] == [Cause.NONE, Cause.CONTENT]


def test_a_closing_by_hand_keeps_its_mark(known):
    _, checks = known
    assert readings(checks[2])[-1] == (at("2026-02-04 09:00:00"), "offline", "manual")


def test_an_online_reading_of_a_web_page_is_inconclusive_and_its_closing_is_trusted(known):
    _, checks = known
    assert [reading[1:] for reading in readings(checks[3])] == [("inconclusive", "page"), ("offline", "close_offline")]


def test_close_is_no_takedown_and_abroad_it_is_moved(known):
    _, checks = known
    assert 5 not in checks
    assert readings(checks[6])[-1][1:] == ("inconclusive", "moved")


def test_iccam_s_moved_is_marked(tmp_path):
    world = World()
    world.add(1, lastseen_at=None)
    world.log(1, "2026-02-03 10:00:00", "ICCAM", "", "5")
    world.log(1, "2026-02-03 11:00:00", "ICCAM", "", "5551234")
    assert readings(facts(world, tmp_path)[1][1]) == [(at("2026-02-03 09:00:00"), "inconclusive", "moved")]


def test_another_hoster_stops_the_clock_and_its_address_is_on_the_mark(known):
    reports, checks = known
    assert reports[4][0].address == bytes((192, 0, 2, 5))
    [seen, mark] = sorted(checks[4], key=lambda c: c.checked_at)
    assert (seen.outcome, seen.address) == (Outcome.ONLINE, None)
    assert (mark.outcome, mark.reason, mark.address) == (
        Outcome.INCONCLUSIVE,
        "hoster-changed",
        bytes((198, 51, 100, 4)),
    )


@pytest.mark.parametrize("moves", [True, False])
def test_what_is_read_after_a_change_of_hoster_is_of_the_new_address_or_of_nobody(tmp_path, moves):
    world = World()
    world.add(1, lastseen_at="2026-02-05 10:00:00")
    world.log(1, "2026-02-02 09:30:00", "IP", "", "192.0.2.2")
    if moves:
        world.log(1, "2026-02-04 10:00:00", "IP", "192.0.2.2", "198.51.100.2")
    world.log(1, "2026-02-04 10:00:05", "STATUS", "scheduler_checkonline", "abusecontact_changed")
    world.log(1, "2026-02-06 10:00:00", "STATUS", "scheduler_checkonline", "close_offline")
    _, checks = facts(world, tmp_path)
    last = sorted(checks[1], key=lambda c: c.checked_at)[1:]
    if moves:
        assert [(check.outcome.word, check.address) for check in last] == [
            ("online", bytes((198, 51, 100, 2))), ("offline", bytes((198, 51, 100, 2)))]  # fmt: skip
    else:
        assert [(check.outcome.word, check.reason, check.address) for check in last] == [
            ("inconclusive", "hoster-changed", None)] * 2  # fmt: skip


def test_what_was_never_set_is_not_known(known):
    reports, checks = known
    [report] = reports[7]
    assert (report.assessed_at, report.known_material, report.notice) == (None, None, None)
    assert 7 not in checks


def test_known_material_needs_that_the_hash_service_was_asked(tmp_path):
    world = World()
    world.add(1, hashcheck_return="0")
    world.add(2, hashcheck_at="2026-02-02 09:00:00", hashcheck_return="0")
    world.add(3, hashcheck_at="2026-02-02 09:00:00", hashcheck_return="1")
    reports, _ = facts(world, tmp_path)
    assert [reports[n][0].known_material for n in (1, 2, 3)] == [None, False, True]


@pytest.mark.parametrize(
    ("grade", "assessment"),
    [("illegal", Assessment.ILLEGAL), ("not_illegal", Assessment.NOT_ILLEGAL), ("unset", Assessment.NOT_ASSESSED),
     ("ignore", Assessment.NOT_ASSESSED), (None, Assessment.NOT_ASSESSED)],
)  # fmt: skip
def test_only_illegal_is_ours_to_count(tmp_path, grade, assessment):
    world = World()
    world.add(1, grade_code=grade)
    assert facts(world, tmp_path)[0][1][0].assessment is assessment


def test_a_changed_grade_has_the_time_of_the_change(tmp_path):
    world = World()
    world.add(1, grade_code="not_illegal")
    world.log(1, "2026-02-02 10:00:00", "CLASSIFY", "unset", "illegal")
    world.log(1, "2026-02-09 10:00:00", "CLASSIFY", "illegal", "not_illegal")
    assert facts(world, tmp_path)[0][1][0].assessed_at == at("2026-02-09 09:00:00")


def test_a_kind_of_site_without_a_match_is_not_known(tmp_path):
    world = World()
    world.add(1, type_code="imagehost")
    world.add(2, type_code="notdetermined")
    reports, _ = facts(world, tmp_path)
    assert [reports[n][0].site_type for n in (1, 2)] == [SiteType.IMAGE_HOST, None]


# --- what a form cannot say -----------------------------------------------------------------------------------


def test_an_export_says_that_it_is_gone_and_not_since_when(tmp_path):
    world = small_world()
    path = world.reports_csv(tmp_path / "r")
    _, checks, _ = told_of(path)
    assert {check.outcome for check in checks} == {Outcome.ONLINE, Outcome.INCONCLUSIVE}
    _, checks, _ = told_of(path, exported_at=at("2026-03-01 08:00:00"))
    gone = [(check.record_id, check.checked_at, check.reason) for check in checks if check.outcome is Outcome.OFFLINE]
    assert gone == [
        ("A26-000001", at("2026-03-01 08:00:00"), "closed-before-export"),
        ("A26-000002", at("2026-03-01 08:00:00"), "manual-before-export"),
        ("A26-000003", at("2026-03-01 08:00:00"), "closed-before-export"),
    ]


def test_with_the_history_the_time_of_the_export_adds_nothing(tmp_path):
    assert facts(small_world(), tmp_path) == facts(small_world(), tmp_path, exported_at=at("2026-03-01 08:00:00"))


def test_without_the_kind_of_url_an_online_reading_is_left_out(tmp_path):
    world = World()
    world.add(1)
    columns = ("filenumber", "url", "received_at", "lastseen_at", "grade_code")
    assert told_of(world.reports_csv(tmp_path / "r", columns))[1] == []


def test_the_export_ntd_joins_its_report_by_url_and_says_so_where_there_is_none(tmp_path):
    world = small_world()
    ntd = world.ntd(tmp_path / "n")
    reports, _, rejects = told_of(ntd, world.classified(tmp_path / "c"))
    assert by_record(reports)[1][0].notice.party == "Host Alpha B.V."
    assert not rejects
    _, _, rejects = told_of(ntd)
    assert [(place, reject.row, reject.code) for place, reject in rejects] == [
        (1, row, "no-report") for row in range(1, 5)
    ]


def test_ntdclosed_needs_the_time_of_the_export(tmp_path):
    path = small_world().ntdclosed(tmp_path / "x")
    _, _, rejects = told_of(path)
    assert {reject.code for _, reject in rejects} == {"time-not-said"}
    reports, checks, rejects = told_of(path, exported_at=at("2026-03-01 08:00:00"))
    assert (reports, len(checks), rejects) == ([], 3, [])


def test_anonymous_rows_are_rejected_unless_a_host_or_an_address_is_left(tmp_path):
    world = World()
    world.add(1)
    _, _, rejects = told_of(world.reports_csv(tmp_path / "none", anonymous=True))
    assert [(reject.row, reject.field, reject.code) for _, reject in rejects] == [(1, "url", "anonymous")]
    kept = ("filenumber", "received_at", "grade_code")
    [with_host], _, _ = told_of(world.reports_csv(tmp_path / "host", (*kept, "url_host")))
    assert (with_host.target.url, with_host.target.host.name) == (None, "www.site1.example")
    [with_ip], _, _ = told_of(world.reports_csv(tmp_path / "ip", (*kept, "url_ip")))
    assert (with_ip.target.url, with_ip.target.host.name) == (None, "192.0.2.2")


def test_the_export_all_names_no_target_and_every_row_says_so(tmp_path):
    reports, _, rejects = told_of(small_world().all(tmp_path / "a"))
    assert (reports, [reject.code for _, reject in rejects]) == ([], ["anonymous"] * 8)


def test_a_deleted_report_is_rejected(tmp_path):
    world = World()
    world.add(1, deleted_at="2026-02-05 10:00:00")
    [(place, reject)] = told_of(*world.tables(tmp_path).values())[2]
    assert (place, reject.row, reject.code) == (1, 1, "deleted")


def test_a_local_time_that_a_clock_change_makes_ambiguous_is_rejected_and_an_offset_helps(tmp_path):
    world = World()
    world.add(1, received_at="2026-10-25 02:30:00")
    world.add(2, received_at="2026-03-29 02:30:00")
    world.add(3, received_at="2026-10-25 02:30:00+01:00")
    reports, _, rejects = told_of(world.reports_csv(tmp_path / "r"))
    assert [(reject.row, reject.code) for _, reject in rejects] == [(1, "time-ambiguous"), (2, "time-nonexistent")]
    assert reports[0].reported_at == at("2026-10-25 01:30:00")


def test_a_bad_row_of_a_joined_table_is_rejected_with_its_file_and_the_rest_is_read(tmp_path):
    world = small_world()
    paths = world.tables(tmp_path)
    world.history[2]["created_at"] = "soon"
    dump(paths["input_history"], ("input_id", "tag", "old", "new", "created_at"), world.history)
    paths["ntd"].write_text(paths["ntd"].read_text() + "too,short\n")
    reports, _, rejects = told_of(*paths.values())
    assert [(place, reject.row, reject.code) for place, reject in rejects] == [
        (2, 7, "wrong-field-count"),
        (5, 3, "bad-time"),
    ]
    assert len(reports) == 8

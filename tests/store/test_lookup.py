"""One record looked up: which one is meant, and that its URL is opened only with an audit row."""

from typing import Any

import pytest

from monitor.errors import RecordMissing, StoreError
from monitor.model.words import InputKind, Outcome
from monitor.store import (
    Store,
    add_checks,
    add_reports,
    begin_input,
    check_reasons,
    find_record,
    list_audit,
    open_addresses,
    open_url,
)


@pytest.fixture
def known(store: Store, make: Any) -> Store:
    """Two sources with a record R1, a record with a withheld path, and a check whose report never came."""
    reports = begin_input(store, "a" * 64, InputKind.REPORTS, 1)
    checks = begin_input(store, "b" * 64, InputKind.CHECKS, 1)
    rows = [
        make.report("R1", row=1, address=make.address("192.0.2.7")),
        make.report("R1", row=2, source="press", target=make.literal("192.0.2.9")),
        make.report("R2", row=3, target=make.target(withheld=True, host="withheld.example")),
    ]
    add_reports(store, reports, rows)
    add_checks(store, checks, [make.check("R1", 2, Outcome.OFFLINE, reason="http-404"), make.check("R9", row=2)])
    return store


def test_a_record_is_found_by_its_id_and_its_source(known: Store) -> None:
    """The source tells records of one id apart; the host's kind comes with it."""
    assert (find_record(known, "R2").source, find_record(known, "R2").host_kind) == ("hotline", "name")
    assert find_record(known, "R1", "press").host_kind == "ipv4"
    assert find_record(known, "R1", "hotline").target_id != find_record(known, "R1", "press").target_id


@pytest.mark.parametrize(
    ("record", "source", "hint"),
    [("R1", None, "hotline, press"), ("R3", None, "Check the id"), ("R2", "press", "--source"), ("R9", None, "report")],
)
def test_a_record_that_is_not_one_report_is_refused(known: Store, record: str, source: str | None, hint: str) -> None:
    """None, several, or checks alone: the message says what to do."""
    with pytest.raises(RecordMissing, match=hint):
        find_record(known, record, source)


def test_opening_a_url_writes_who_and_why(known: Store) -> None:
    """One audit row a call; the subject is the record's id, never what is opened."""
    assert open_url(known, find_record(known, "R2"), actor="Jo", reason="court") == "withheld.example"
    assert (
        open_url(known, find_record(known, "R1", "hotline"), actor="Al", reason="check") == "https://images.example/a"
    )
    rows = [(row.actor, row.action, row.subject, row.reason) for row in list_audit(known)[-2:]]
    assert rows == [
        ("Jo", "explain --reveal", "record R2 of hotline", "court"),
        ("Al", "explain --reveal", "record R1 of hotline", "check"),
    ]


def test_no_url_is_given_where_the_audit_row_cannot_be_written(known: Store) -> None:
    """Both are one transaction: without the row (no reason is no text) there is no URL and no row."""
    before = len(list_audit(known))
    with pytest.raises(StoreError, match="Nothing was changed"):
        open_url(known, find_record(known, "R2"), actor="Jo", reason=None)  # type: ignore[arg-type]
    assert len(list_audit(known)) == before


def test_words_of_checks_and_addresses_come_by_key(known: Store) -> None:
    """The reasons of one Target's checks, and the packed addresses asked for."""
    assert list(check_reasons(known, find_record(known, "R1", "hotline").target_id).values()) == ["http-404"]
    opened = open_addresses(known, range(1, 10))
    assert sorted(opened.values()) == [b"\xc0\x00\x02\x07", b"\xc0\x00\x02\x09"]
    assert open_addresses(known, []) == {}

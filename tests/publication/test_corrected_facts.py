"""Corrected facts in a release: counted on its account page, and never telling whom or which report they are about."""

import pytest

from monitor.model.breakdown import CorrectedFacts
from monitor.publication.corrected_facts import shown_corrections
from monitor.publication.release import build

STATUS, EXCLUDED = "notice-status", "exclusion"


def test_a_reason_is_shown_as_it_was_written(make):
    """With how many facts were corrected for it, by kind."""
    corrected = (CorrectedFacts(EXCLUDED, "one picture reported twice", 2), CorrectedFacts(STATUS, "mailbox full", 7))
    assert shown_corrections(make(corrected=corrected)) == corrected


@pytest.mark.parametrize("named", [True, False])
def test_a_reason_that_tells_whom_it_is_about_is_left_out(make, helpers, named):
    """A Provider's name in any case, a number of an AS, the reference of a report; the counts stay, added up."""
    name = make(named=named).ranking.scorecards[0].provider
    reasons = (f"the answer of {name.upper()}", "seen in AS 64500", "R-77 was reported twice", "the mailbox was full")
    release = make(
        named=named,
        corrected=tuple(CorrectedFacts(STATUS, why, 3) for why in reasons),
        record_ids_among=lambda words: words & {"R-77"},
    )
    assert shown_corrections(release) == (CorrectedFacts(STATUS, "", 9), CorrectedFacts(STATUS, reasons[-1], 3))


def test_the_account_has_them_in_both_languages_and_is_without_them_as_before(make):
    """A release of facts that nobody corrected says nothing of it."""
    files = build(make(corrected=(CorrectedFacts(EXCLUDED, "one picture reported twice", 2),)))
    plain = build(make())
    for page, words in (
        ("account.html", b"report left out of every figure"),
        ("nl/account.html", b"geen enkel cijfer"),
    ):
        assert words in files[page]
        assert b"one picture reported twice" in files[page]
        assert b'id="corrected"' not in plain[page]

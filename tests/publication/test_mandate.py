"""The mandate: part of the method, the same whatever the order of the runs, and on the methodology page."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.config import Mandate as Section
from monitor.config import Settings
from monitor.errors import FreezeError
from monitor.method import describe
from monitor.model.method import Method
from monitor.model.observation import Mandate
from monitor.model.period import Period
from monitor.publication.shown import shown
from monitor.publication.site import pages

PERIOD = Period.parse("2026H1")
WATCHERS = Mandate("Example Authority", "Example Act, article 3", "desk at the authority", "2026-12-31", True, False)
TRIAL = Mandate("Example Trial <b>Office</b>", "trial", "", "", False, True)
CONFIGURED = Settings(
    mandate=Section.model_validate(
        {
            "organisation": WATCHERS.organisation,
            "legal_basis": WATCHERS.legal_basis,
            "contact": WATCHERS.contact,
            "expires": WATCHERS.expires,
            "permit_get": WATCHERS.permit_get,
        }
    )
)


@pytest.fixture(scope="module")
def page(make) -> Callable[..., str]:
    """The methodology page of a release with these mandates."""

    def made(language: str, *mandates: Mandate, configured: Mandate | None = None) -> str:
        release = make()
        method = replace(release.method, mandates=mandates, configured=configured)
        path = "methodology.html" if language == "en" else f"{language}/methodology.html"
        return pages(shown(replace(release, method=method)))[path].decode()

    return made


def test_the_page_names_the_mandate_of_the_checks_that_entered(page) -> None:
    """Organisation, legal basis, contact, last day and what it permits, in both languages."""
    english, dutch = page("en", WATCHERS), page("nl", WATCHERS)
    for words in ("Example Authority", "Example Act, article 3", "desk at the authority"):
        assert words in english
        assert words in dutch
    assert "31 December 2026" in english and "31 december 2026" in dutch
    assert "HEAD, and GET of one byte" in english and "HEAD, en GET van één byte" in dutch
    assert "No live checks" not in english and "geen eigen controles" not in dutch


def test_a_mandate_without_an_end_a_contact_or_a_permitted_get_says_so(page) -> None:
    """An empty contact is not known; no last day means until withdrawn; markup in a name stays text."""
    text = page("en", TRIAL)
    row = text[text.index("Example Trial") :].split("</tr>")[0]
    for words in ("until it is withdrawn", "not known", "HEAD alone", "loopback addresses alone"):
        assert words in row
    assert "<b>Office</b>" not in text
    assert "HEAD requests alone were permitted" in text


def test_without_live_checks_the_page_says_that_recorded_checks_alone_count(page) -> None:
    """One sentence in place of the table."""
    assert "No live checks of our own entered this report" in page("en")
    assert "geen eigen controles verwerkt" in page("nl")
    assert "Legal basis" not in page("en")


def test_a_mandate_that_was_only_configured_is_told_apart(page) -> None:
    """It is in every release, with the sentence that nothing was done under it; never twice."""
    assert "no check that counts was made under it" in page("en", configured=WATCHERS)
    assert "no check that counts was made under it" in page("en", TRIAL, configured=WATCHERS)
    assert page("en", WATCHERS, configured=WATCHERS).count("Example Authority") == 1


def test_the_method_has_each_mandate_once_in_whichever_order_the_runs_came() -> None:
    """So that the same facts give the same bytes, which enter the digest of a freeze."""
    one = describe(Settings(), (), PERIOD, [WATCHERS, TRIAL, WATCHERS])
    other = describe(Settings(), (), PERIOD, [TRIAL, WATCHERS])
    assert one.to_json() == other.to_json()
    assert len(one.mandates) == 2


def test_the_configured_mandate_is_part_of_the_method() -> None:
    """None where the configuration names nobody and no basis."""
    assert describe(CONFIGURED, (), PERIOD).configured == WATCHERS
    assert describe(Settings(), (), PERIOD).configured is None


def test_method_json_is_read_back_with_its_mandates() -> None:
    """What a freeze keeps is what its release shows."""
    method = describe(CONFIGURED, (), PERIOD, [TRIAL])
    again = Method.from_json(method.to_json())
    assert (again.mandates, again.configured) == (method.mandates, method.configured)
    assert again.to_json() == method.to_json()
    assert again.info(()).mandates == (TRIAL,)
    assert again.info(()).configured == WATCHERS


def test_a_method_json_from_before_our_own_checks_still_reads() -> None:
    """Without mandates and without the newer thresholds: no check of ours entered it."""
    record = json.loads(describe(Settings(), (), PERIOD).to_json())
    assert not record.keys() & {"mandates", "configured"}
    for name in ("servfail_hours", "silent_hours", "server_error_days"):
        del record["thresholds"][name]
    method = Method.from_json(json.dumps(record).encode())
    assert method.mandates == ()
    assert method.configured is None


@pytest.mark.parametrize("broken", [{"organisation": "x"}, "x", 3])
def test_half_a_mandate_is_refused(broken) -> None:
    """Then method.json is no method."""
    record = json.loads(describe(Settings(), (), PERIOD).to_json())
    record["mandates"] = [broken]
    with pytest.raises(FreezeError):
        Method.from_json(json.dumps(record).encode())

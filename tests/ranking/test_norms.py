"""Norms: configured, named, written into the method, and whether a final report may rest on them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.config import load_settings
from monitor.errors import ConfigError, UsageError
from monitor.method import norm_of, norms_of
from monitor.model.method import Method
from monitor.model.period import Period
from monitor.model.scorecard import Norm
from monitor.model.words import NoticeKind

PERIOD = Period.parse("2026H1")
SET = Norm(NoticeKind.REQUEST, 24.0, 0.8, "Sector agreement, article 3", "2026-01-01", "The ministry")
SEVERAL = '[norms.sector-48]\nclock = "request"\nhours = 48\n[norms.A1]\nclock = "order"\nhours = 12\ntarget = 0.95\n'


def configured(folder: Path, text: str):
    (folder / "monitor.toml").write_text(text, encoding="utf-8")
    return load_settings(folder, None)


def test_norms_beside_the_primary_ones_have_names_of_their_own(tmp_path):
    """The primary ones come first, then the others by name, each on its clock."""
    settings = configured(tmp_path, SEVERAL)
    found = [(norm.name, norm.clock.value, norm.hours, norm.target) for norm in norms_of(settings)]
    assert found == [
        ("request", "request", 24.0, 0.8),
        ("order", "order", 12.0, 0.8),
        ("A1", "order", 12.0, 0.95),
        ("sector-48", "request", 48.0, 0.8),
    ]
    assert [norm.is_primary for norm in norms_of(settings)] == [True, True, False, False]
    assert norm_of(settings, "sector-48").hours == 48
    assert norm_of(settings, NoticeKind.ORDER).name == "order"
    with pytest.raises(UsageError, match="Did you mean 'sector-48'"):
        norm_of(settings, "sector48")


def test_the_environment_can_state_one_too(tmp_path, monkeypatch):
    """As for every other section."""
    monkeypatch.setenv("MONITOR_NORMS__FAST__CLOCK", "request")
    monkeypatch.setenv("MONITOR_NORMS__FAST__HOURS", "6")
    assert norm_of(configured(tmp_path, ""), "fast").hours == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[norms.requst]\nhours = 48\n", r"Did you mean \[norms.request\]"),
        ("[norms.sector]\nhours = 48\n", r"\[norms.sector\] clock is missing"),
        ('[norms.sector]\nclock = "ordr"\n', r"\[norms.sector\] clock"),
        ('[norms.sector]\nclock = "request"\nhuors = 4\n', "Did you mean 'hours'"),
        ('[norms.sector]\nclock = "order"\nhours = 24\n', "at most 12 hours"),
        ('[norms.a_b]\nclock = "request"\n', "letters, digits and hyphens"),
        ('[norms.Request]\nclock = "request"\n', "not as Request"),
        ("[norms]\nhours = 24\n", r"\[norms\] hours"),
    ],
)
def test_a_wrong_norm_is_answered_with_what_to_write(tmp_path, text, said):
    """A misspelt section, setting or value is named, with the nearest right one."""
    with pytest.raises(ConfigError, match=said):
        configured(tmp_path, text)


def test_a_method_holds_every_norm_and_finds_it_by_clock_or_name(tmp_path):
    """Written and read again it is the same; a primary norm is written as before there were others."""
    method = Method("npmle-1", (), norms_of(configured(tmp_path, SEVERAL)))
    again = Method.from_json(method.to_json())
    assert {norm.name: norm for norm in again.norms} == {norm.name: norm for norm in method.norms}
    assert (again.norm(NoticeKind.REQUEST).hours, again.norm("sector-48").hours) == (24.0, 48.0)
    written = {norm.get("name"): norm["hours"] for norm in json.loads(method.to_json())["norms"]}
    assert written == {None: 24, "A1": 12, "sector-48": 48}
    with pytest.raises(UsageError, match="order, A1, request, sector-48"):
        again.norm("sector")
    shown = dict(again.info(()).settings)
    assert (shown["norms.sector-48.clock"], shown["norms.request.hours"]) == ("request", "24")


def test_a_norm_without_name_is_that_of_its_clock():
    """So it is read from a method of before there were names."""
    assert (SET.name, SET.is_primary) == ("request", True)
    assert Norm(NoticeKind.REQUEST, 24.0, 0.8, name="sector").is_primary is False


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"basis": "example"}, "basis is that of an example"),
        ({"basis": "An example for the sample run: made up."}, "basis is that of an example"),
        ({"basis": " "}, "basis is not set"),
        ({"valid_from": ""}, "valid_from is not set"),
        ({"set_by": ""}, "set_by is not set"),
    ],
)
def test_an_example_carries_no_final_report(missing, said):
    """A norm that nobody has set, with a basis and a day, is an example."""
    norm = replace(SET, **missing)
    assert norm.is_example
    assert norm.why_not_final(PERIOD) == f"The norm [norms.request] is an example: its {said}"


def test_a_norm_counts_from_its_day():
    """It may begin with the Period, not later; before that it is no example, and still not enough."""
    assert SET.why_not_final(PERIOD) is None
    late = replace(SET, valid_from="2026-01-02")
    assert not late.is_example
    assert "which is after the start of 2026H1" in str(late.why_not_final(PERIOD))

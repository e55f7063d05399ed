"""The sensitivity page: how many judgements change under each choice, whose, and nobody who is not shown elsewhere."""

import csv
import io
from dataclasses import replace

import pytest

from monitor.model.sensitivity import SensitivityChoice
from monitor.publication.sensitivity import choices, summaries
from monitor.publication.shown import shown
from monitor.publication.site import pages
from monitor.publication.tables import tables


@pytest.fixture(scope="module")
def read(named):
    """Every choice of the hand-made release, by its word."""
    part = shown(named).network
    return {choice.summary.choice: choice for choice in choices(part.ranking, part.sensitivity)}


def test_every_choice_is_counted_over_all_providers(read, named):
    """Turned, gained and lost add up to what changes; those too small to be shown are in the counts."""
    assert list(read) == [choice.value for choice in SensitivityChoice]
    for choice in read.values():
        sums = choice.summary
        assert sums.changed == sums.turned + sums.gained + sums.lost == len(choice.changes) + choice.n_hidden
    removed = read["tail-removed"]
    assert (removed.summary.n_classes, removed.summary.changed, removed.summary.gained) == (9, 2, 1)
    assert ([change.card.provider for change in removed.changes], removed.n_hidden) == (["Beeldkade"], 1)
    assert read["without-pages"].changes == ()


def test_a_provider_without_episodes_under_a_choice_loses_its_judgement(named):
    """It has no reading there, which is no judgement, not an unchanged one."""
    gone = tuple(r for r in named.ranking.sensitivity if (r.choice, r.provider_id) != ("role-as", "as64503"))
    ranking = replace(named.ranking, sensitivity=gone)
    counted = {summary.choice: summary for summary in summaries(ranking)}
    assert (counted["role-as"].lost, counted["tail-online"].lost) == (1, 0)
    changes = next(c for c in choices(ranking, summaries(ranking)) if c.summary.choice == "role-as").changes
    change = next(c for c in changes if c.card.provider_id == "as64503")
    assert (change.card.class_, change.reading, change.class_) == ("meets", None, "too-few")


def test_the_page_names_whose_judgement_changes_in_both_languages(named_files):
    """From which judgement to which, with a link to the Provider's page."""
    english, dutch = named_files["sensitivity.html"].decode(), named_files["nl/sensitivity.html"].decode()
    row = english[english.index('id="site-clusters"') :].split("</table>")[0]
    assert 'href="providers/as64502.html">Lindenlaan Servers' in row
    assert row.index("Meets the norm") < row.index("Not proven either way")
    assert "1 change is at a provider that is not shown here." in english
    assert "Geen oordeel verandert." in dutch and "toeval per website" in dutch.lower()


def test_small_providers_and_names_stay_out(make, named_files):
    """Nobody below the minimum is on the page or in the table; a release that does not name shows code letters."""
    assert b"Geheime Schuur" not in named_files["sensitivity.html"] + named_files["tables/sensitivity.csv"]
    assert b"as64505" not in named_files["tables/sensitivity.csv"]
    unnamed = pages(shown(make(named=False)))
    page = unnamed["sensitivity.html"].decode()
    assert "Provider G" in page and "Lindenlaan" not in page and "as64502" not in page


def test_the_table_has_the_published_judgement_beside_the_other(named, named_files):
    """One row per choice and Provider shown, and one for all others with nothing but their Episodes."""
    rows = list(csv.DictReader(io.StringIO(named_files["tables/sensitivity.csv"].decode())))
    changed = {(r["choice"], r["provider_id"]) for r in rows if r["class"] != r["class_published"]}
    assert changed == {("site-clusters", "as64502"), ("tail-removed", "as64500"), ("role-as", "as64497"),
                       ("role-as", "as64504")}  # fmt: skip
    others = [r for r in rows if r["provider_id"] == "other"]
    assert len(others) == len(SensitivityChoice)
    n = sum(card.n_episodes for card in named.ranking.scorecards if card.n_episodes < 5)
    assert all(r["n_episodes"] == str(n) and r["share"] == r["class"] == "" for r in others)


def test_a_reading_of_few_urls_shows_its_judgement_and_no_share(make, named):
    """Where a choice leaves fewer Episodes than may be shown, the shares go."""
    readings = tuple(replace(r, n_episodes=4) for r in named.ranking.sensitivity if r.provider_id == "as64496")
    made = tables(shown(make(ranking=replace(named.ranking, sensitivity=readings))))
    rows = list(csv.DictReader(io.StringIO(made["tables/sensitivity.csv"].decode())))
    assert {(r["n_episodes"], r["share"], r["best"], r["class"]) for r in rows} == {("4", "", "", "below")}


def test_a_freeze_without_readings_says_so(make, named):
    """The page of an old freeze says that nothing is known of other choices, and shows no empty table."""
    made = pages(shown(make(ranking=replace(named.ranking, sensitivity=()))))
    assert "holds no figures under other choices" in made["sensitivity.html"].decode()
    assert b"<table" not in made["sensitivity.html"]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("sensitivity.html", "can change although the interval shown got narrower"),
        ("nl/sensitivity.html", "kan een oordeel veranderen terwijl het getoonde interval smaller werd"),
    ],
)
def test_the_page_says_what_a_judgement_goes_by(named_files, page, words):
    """Worst and best case with one-sided limits: with a narrower interval beside it a changed judgement is no error."""
    text = named_files[page].decode()
    assert words in text and "99%" in text

"""The first page, the page about change, and the way to all others."""

import re
from dataclasses import replace

import pytest

from monitor.model.release import Correction
from monitor.model.words import ReleaseKind
from monitor.publication.navigation import MENU, sections
from monitor.publication.shown import shown
from monitor.publication.site import HEARD, SINGLE, pages
from monitor.publication.view_change import changes
from monitor.publication.view_index import most_changed

LISTED = [page for _, entries in sections(is_final=True) for page, _ in entries]
"""Of a final release, which has every page but the erratum, that its own mark leads to."""


@pytest.fixture(scope="module")
def made(named):
    return {name: data.decode() for name, data in pages(shown(named)).items() if name.endswith(".html")}


@pytest.fixture(scope="module")
def of_final(heard):
    return {name: data.decode() for name, data in pages(shown(heard)).items() if name.endswith(".html")}


def test_the_full_list_holds_every_page_once_and_the_menu_is_part_of_it():
    """No page of which there is one is missing; an interim release lists the same without that of the hearing."""
    assert len(LISTED) == len(set(LISTED))
    assert set(LISTED) == SINGLE.keys() | HEARD.keys()
    interim = {page for _, entries in sections(is_final=False) for page, _ in entries}
    assert interim == SINGLE.keys()
    assert {page for page, _ in MENU} <= set(LISTED)


@pytest.mark.parametrize("folder", ["", "nl/"])
def test_each_page_says_in_menu_and_list_where_the_reader_is(of_final, folder):
    """`aria-current` is on links to this page and on no other; a Provider's page is in no list."""
    for name in LISTED:
        marked = re.findall(r'<a href="([^"]+)" aria-current="page"', of_final[folder + name])
        assert {link.replace("../", "") for link in marked} == {name}
        assert len(marked) == 1 + (name in dict(MENU))
    assert "aria-current" not in of_final[f"{folder}providers/as64498.html"]


def test_an_interim_report_says_so_in_the_title_and_at_the_head_of_every_page(made, make):
    """Also where a page is printed or its tab alone is seen; a final report has no such mark."""
    for name, text in made.items():
        words = ("(tussenrapportage)</title>", ">Tussenrapportage<") if name.startswith("nl/") else (
            "(interim report)</title>", ">Interim report<")  # fmt: skip
        header = text[: text.index("</header>")]
        assert all(each in header for each in words), name
    final = pages(shown(make(kind=ReleaseKind.FINAL)))["index.html"].decode()
    assert "2026H1</title>" in final
    assert 'class="kind"' not in final


def test_a_corrected_release_leads_to_the_erratum_from_every_page(made, make):
    """The mark names the version that it replaces; a release that replaces none has no such mark."""
    correction = Correction(1, "cd" * 32, "A source was read twice.", "Een bron is twee keer gelezen.")
    corrected = pages(shown(make(correction=correction)))
    assert "Corrected release: replaces v1." in corrected["providers/as64498.html"].decode()
    assert 'href="../erratum.html"' in corrected["providers/as64498.html"].decode()
    assert "Gecorrigeerde uitgave: vervangt v1." in corrected["nl/charts.html"].decode()
    assert "erratum.html" not in made["index.html"]


def test_providers_are_sorted_by_whether_their_change_can_be_chance(named):
    """By the 95% interval of the change; behind a break, or where none is known, nobody is better or worse."""
    found = changes(shown(named))
    assert [card.provider for card in found.worse] == ["Grijze Wolk"]
    assert [card.provider_id for card in found.better] == ["as64498", "as64500", "as64502"]
    assert [card.provider for card in found.not_comparable] == ["Snelweg Net"]
    assert found.within_chance == ()
    cards = [replace(c, method_break=None) if c.provider == "Grijze Wolk" else c for c in named.ranking.scorecards]
    unknown = changes(shown(replace(named, ranking=replace(named.ranking, scorecards=tuple(cards)))))
    assert [card.provider for card in unknown.not_comparable] == ["Grijze Wolk", "Snelweg Net"]


def test_a_change_whose_interval_holds_zero_is_called_chance(named):
    """Neither better nor worse, in the summary and in the count."""
    cards = tuple(
        replace(c, method_break=False, change_low=-0.1, change_high=0.2) if c.share_previous is not None else c
        for c in named.ranking.scorecards
    )
    calm = shown(replace(named, ranking=replace(named.ranking, scorecards=cards)))
    assert len(changes(calm).within_chance) == 5
    text = pages(calm)["index.html"].decode()
    assert "At 5 ranked providers the difference can be chance." in text
    assert "by more than chance:" not in text


def test_providers_without_a_rank_are_neither_better_nor_worse(named):
    """A few URLs carry no judgement: they are in the table of changes alone."""
    few = [replace(c, share_previous=0.0, change=0.6, change_low=0.5, change_high=0.7, method_break=False)
           for c in named.ranking.scorecards if c.provider == "Klein Duin"]  # fmt: skip
    others = tuple(c for c in named.ranking.scorecards if c.provider != "Klein Duin")
    seen = shown(replace(named, ranking=replace(named.ranking, scorecards=(*others, *few))))
    found = changes(seen)
    assert "Klein Duin" not in {c.provider for c in (*found.better, *found.worse, *found.within_chance)}
    assert "+60.0 points" in pages(seen)["change.html"].decode()


def test_the_summary_says_what_changed_and_that_a_break_forbids_comparing(made):
    """The share of the Period before, the reason for the break in words, and nothing about chance across it."""
    text = made["index.html"]
    assert "In the period before (2025H2) an estimated 73.0% was offline in time" in text
    assert "The two periods do not compare: the sources of the reports changed." in text
    assert "intervals overlap" not in text and "intervals do not overlap" not in text


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.7, 0.8, "The intervals overlap: this need not be more than chance."),
        (0.1, 0.2, "The intervals do not overlap: this is more than chance."),
    ],
)
def test_without_a_break_the_summary_compares_the_intervals_of_all_together(named, low, high, words):
    """Intervals that share a value prove no change."""
    trend = tuple(
        replace(point, breaks=(), **({"low": low, "high": high} if point.period == "2025H2" else {}))
        for point in named.ranking.trend
    )
    text = pages(shown(replace(named, ranking=replace(named.ranking, trend=trend))))["index.html"].decode()
    assert words in text


def test_a_first_period_says_nothing_about_change(named):
    """In words, in both languages and on both pages."""
    cards = tuple(replace(c, share_previous=None, change=None) for c in named.ranking.scorecards)
    trend = tuple(point for point in named.ranking.trend if point.period == "2026H1")
    first = pages(shown(replace(named, ranking=replace(named.ranking, scorecards=cards, trend=trend))))
    for page in ("index.html", "change.html"):
        assert "No figures of the period before this one (2025H2) are in this report" in first[page].decode()
        assert "het zegt dus niets over verandering" in first[f"nl/{page}"].decode()
    assert "No provider can be compared with the period before." in first["index.html"].decode()


def test_the_trend_of_all_together_gives_the_reason_of_each_break(made):
    """In words beside the figures of every Period."""
    table = made["change.html"].partition('id="all"')[2].partition("</table>")[0]
    assert "73.0%" in table and "70.0% to 76.0%" in table and "58.0% to 84.0%" in table
    assert "no: the sources of the reports changed" in table
    assert "first in this report" in table


def test_the_summary_counts_the_judgements_that_hang_on_a_choice(named):
    """The largest number over all choices, and none where none changes."""
    seen = shown(named)
    most = most_changed(seen)
    assert most is not None and most.changed == max(read.changed for read in seen.network.sensitivity) > 0
    assert f"changes {most.changed} of {most.n_classes} judgements" in pages(seen)["index.html"].decode()
    cards = {card.provider_id: card.class_ for card in named.ranking.scorecards}
    readings = tuple(replace(r, class_=cards[r.provider_id]) for r in named.ranking.sensitivity)
    same = pages(shown(replace(named, ranking=replace(named.ranking, sensitivity=readings))))
    assert "other choices that we tried changes a judgement" in same["index.html"].decode()


def test_cards_lead_to_the_other_pages_with_a_figure_that_is_counted(of_final, named):
    """URLs behind proxies, notices that did not arrive, URLs without a provider: as in the data, by language."""
    cards = of_final["index.html"].partition('class="cards"')[2].partition("</ul>")[0]
    links = re.findall(r'<a href="([^"]+)"', cards)
    assert set(links) == set(LISTED) - {"index.html", "tables/codebook.html"}
    figures = dict(re.findall(r'<a href="([^"]+)">[^<]*</a> <strong>([\d,]+)</strong>', cards))
    totals = named.ranking.totals
    failed = sum(
        c.undelivered_bounced + c.undelivered_refused + c.undelivered_no_contact for c in named.ranking.scorecards
    )
    assert figures["proxies.html"] == f"{totals.fronted:,}"
    assert figures["account.html"] == f"{totals.unattributed:,}"
    assert figures["unreachable.html"] == f"{failed:,}"
    assert figures["hearing.html"] == "4"
    assert figures["change.html"] == "3"  # of one that is not named no change is told
    assert "<strong>1.930</strong>" in of_final["nl/index.html"]

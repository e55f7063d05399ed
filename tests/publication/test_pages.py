"""Provider pages and the pages of which there is one: evidence, answers, groups, norms, glossary, downloads."""

import csv
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from monitor.model.breakdown import Dimension
from monitor.model.words import Role, SiteType
from monitor.publication.formats import Formats
from monitor.publication.glossary import TERMS
from monitor.publication.phrases import SITE_TYPES
from monitor.publication.shown import shown
from monitor.publication.site import pages
from monitor.publication.tables import tables
from monitor.publication.texts import texts
from monitor.publication.view_groups import groups_view
from monitor.publication.view_methodology import norms_in_force
from monitor.publication.view_norms import within
from monitor.publication.view_provider import paragraphs, part, parts

EN = Formats(texts("en"))


def section(page: str, anchor: str) -> str:
    """What stands between the heading with this id and the next one of its level, without tags."""
    return re.sub(r"<[^>]+>", " ", page[page.index(f'<h2 id="{anchor}"') :].split("<h2", 2)[1])


@pytest.fixture(scope="module")
def site(named) -> dict[str, str]:
    return {name: data.decode() for name, data in pages(shown(named)).items() if name.endswith(".html")}


@pytest.fixture(scope="module")
def bare(make) -> dict[str, str]:
    """A release without groups, evidence, answers and other norms."""
    made = pages(shown(make(groups=(), evidence=(), answers=(), further=())))
    return {name: data.decode() for name, data in made.items() if name.endswith(".html")}


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("providers/as64496.html", ("was registered to this provider", "need not be the one who", "5 January 2026")),
        ("nl/providers/as64496.html", ("was geregistreerd", "hoeft niet degene te zijn", "5 januari 2026")),
    ],
)
def test_a_page_says_in_words_on_what_the_booking_rests(site, page, words):
    """Registered network or AS, AS numbers, what is in doubt and why, and that the holder need not be the host."""
    text = section(site[page], "evidence")
    for each in (*words, "AS64496"):
        assert each in text
    assert "3" not in re.findall(r"\s(\d+)\s", text), "a small number is not told"


@pytest.mark.parametrize(
    ("count", "whole", "told"),
    [(0, 88, "0"), (1, 88, "fewer than 5"), (4, 88, "fewer than 5"), (5, 88, "5"), (83, 88, "83"),
     (84, 88, "all but fewer than 5"), (87, 88, "all but fewer than 5"), (88, 88, "88"), (3, 6, "fewer than 5")],
)  # fmt: skip
def test_neither_a_small_part_nor_what_it_leaves_is_told(count, whole, told):
    """Below the minimum a part of the URLs is said in words, and so is the rest, from which it would follow."""
    assert part(count, whole, 5, EN) == told


@pytest.mark.parametrize(
    ("counts", "told"),
    [((40, 8, 2), ("40", "not told", "fewer than 5")), ((40, 10, 0), ("40", "10", "0")),
     ((46, 4, 0), ("all but fewer than 5", "fewer than 5", "0")),
     ((30, 18, 1, 1), ("30", "not told", *["fewer than 5"] * 2))],
)  # fmt: skip
def test_a_small_part_does_not_follow_from_those_beside_it(counts, told):
    """Of counts that exclude one another the next smallest is not told either, where the rest would be small."""
    assert parts(counts, 50, 5, EN) == told


def test_a_reverse_proxy_bears_no_judgement(site, make, helpers):
    """The norm is for those who host: neither the page nor the table ranks or judges a proxy; figures stay."""
    for page in (site["proxies.html"], site["nl/proxies.html"]):
        main = page[page.index("<main") :]
        assert not re.findall(r'class="label|fill-|class="[^"]*place', main)
        assert "8.0%" in main or "8,0%" in main
    small = helpers["scorecard"]("Luifel Proxy", 64512, 40, 5, 0.9, 1.0, 0.8, 1.0, "meets", rank=1)
    large = helpers["scorecard"]("Voorgevel Proxy", 64510, 1_930, 90, 0.1, 0.3, 0.08, 0.33, "below", rank=2)
    seen = shown(make(proxies=helpers["ranking"]([small, large], Role.PROXY)))
    rows = list(csv.DictReader(tables(seen)["tables/proxies.csv"].decode().splitlines()))
    assert [row["provider"] for row in rows] == ["Voorgevel Proxy", "Luifel Proxy"]
    assert {row[name] for row in rows for name in ("rank", "rank_low", "rank_high", "class", "unranked_reason")} == {""}


def test_an_answer_is_quoted_in_its_language_and_cannot_become_markup(site):
    """Each paragraph as it came, with its day; markup in it stays text; a page says when there is none."""
    dutch = site["providers/as64496.html"]
    quote = dutch[dutch.index("<blockquote") : dutch.index("</blockquote>")]
    assert quote.startswith('<blockquote lang="nl">') and quote.count("<p>") == 2
    assert "1 September 2026" in section(dutch, "answer")
    hostile = site["providers/as64497.html"]
    assert "<script" not in hostile and hostile.count("</blockquote>") == 1
    assert "&lt;/blockquote&gt;&lt;script&gt;" in hostile
    assert "No answer is on record." in section(site["providers/as64499.html"], "answer")
    assert "Er is geen reactie vastgelegd." in section(site["nl/providers/as64499.html"], "answer")


def test_paragraphs_are_what_stands_between_empty_lines():
    """However many lines are empty, and whatever spaces stand in them."""
    assert paragraphs(" one\ntwo \n \n\n three\n") == ("one\ntwo", "three")
    assert paragraphs(" \n ") == ()


def test_nobody_is_said_to_be_silent_who_was_not_asked(site, make):
    """No answer on record is no refusal to answer; where answers are left out, none is said to be missing."""
    assert "does not say that the provider was asked" in section(site["providers/as64499.html"], "answer")
    page = pages(shown(make(named=False)))["providers/A.html"].decode()
    assert "No answer is on record" not in page
    assert "Answers are shown only where providers are named." in section(page, "answer")


def test_a_release_that_names_nobody_shows_no_answer_and_no_as_number(make):
    """The words of an answer and the numbers of a network tell who it is."""
    made = pages(shown(make(named=False)))
    text = b"".join(data for name, data in made.items() if "providers/" in name).decode()
    assert "abusedesk" not in text and "We disagree" not in text
    assert not re.search(r"AS6\d{4}", text)


def test_a_page_shows_other_norms_and_orders_beside_the_judgement(site):
    """Each with its own share; a page without any says so."""
    text = section(site["providers/as64499.html"], "norms")
    for words in ("Notices: 48 hours", "Orders: the deadline that each one states", "Orders: 1 hour", "61.0% to 83.0%"):
        assert words in text
    assert "Orders" not in section(site["providers/as64501.html"], "norms").split("Norm ")[-1]


def test_nothing_to_show_is_said_in_words(bare):
    """Without data beside the ranking no page has an empty table."""
    page = bare["providers/as64496.html"]
    assert "not in the frozen dataset of this report: not known" in section(page, "evidence")
    assert "No answer is on record." in section(page, "answer")
    assert "none about orders" in section(page, "norms")
    assert "holds no order that counts" in bare["norms.html"]
    assert "There are no figures by country" in bare["groups.html"] and "<table" not in bare["groups.html"]


def test_orders_bear_no_judgement(site):
    """Whether an order was complied with is for the authority: facts alone; norms for notices have labels."""
    requests, orders = site["norms.html"].split('id="orders"')
    assert 'class="label' in requests and 'class="label' not in orders
    assert "is for the authority to decide" in orders
    assert 'href="providers/as64499.html"' in orders


def test_an_order_is_held_against_the_deadline_that_it_states(named):
    """Under the primary norm of orders the hours of the norm are no limit; under another they are."""
    _, own, hour = (ranking.norm for ranking in named.further)
    assert within(own, EN) == "within the deadline that each order states"
    assert within(hour, EN) == "within 1 hour of the order"


def test_every_group_has_a_name_and_the_unknown_comes_last(named):
    """In words of both languages, those with most URLs first; nothing is left out of the sum."""
    for language in ("en", "nl"):
        view = groups_view(shown(named), Formats(texts(language)))
        table = view["site_types"]
        assert [row.known for row in table.rows] == [True, True, True, True, False]
        numbers = [row.figures.n_episodes for row in table.rows[:-1]]
        assert numbers == sorted(numbers, reverse=True)
        mine = [each for each in named.groups if each.dimension is Dimension.SITE_TYPE]
        assert table.n_episodes == sum(each.n_episodes for each in mine)
    assert set(SITE_TYPES) == {each.value for each in SiteType}


def test_countries_are_called_by_their_names(named):
    """An ISO code becomes a name of the language, an unknown code stays, none is not known."""
    assert (EN.country("NL"), Formats(texts("nl")).country("DE")) == ("Netherlands", "Duitsland")
    assert (EN.country("X1"), EN.country(None), EN.country("")) == ("X1", "not known", "not known")


def test_a_group_carries_no_judgement(site):
    """Neither a label nor a colour of one, and the page says why."""
    page = site["groups.html"]
    assert 'class="label' not in page and "fill-below" not in page and "fill-meets" not in page
    assert "No judgement is given on a group." in page


def test_the_curve_rises_with_the_hours_and_worst_is_never_above_best(site):
    """What was taken offline is shown, so later hours have no smaller share."""
    text = section(site["providers/as64500.html"], "curve")
    rows = re.findall(r"(?:hours?|days?\))\s+([\d.]+)%\s+([\d.]+)%\s+([\d.]+)%", text)
    shares = [tuple(map(float, row)) for row in rows]
    assert len(shares) == 6
    assert all(worst <= share <= best for share, worst, best in shares)
    for before, after in pairwise(shares):
        assert all(a <= b for a, b in zip(before, after, strict=True))


def test_a_provider_without_an_earlier_period_is_told_so(site):
    """A section that says it in words, not an absent one."""
    assert "no figure for this provider in an earlier period" in section(site["providers/as64501.html"], "history")
    assert "no figure for this provider in an earlier period" not in section(site["providers/as64500.html"], "history")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("providers/as64502.html", "Chance by site"),
        ("providers/as64503.html", "the judgement stayed the same each time"),
    ],
)
def test_a_page_says_which_choices_change_its_judgement(site, page, words):
    """By name where there are any, and in words where there are none."""
    assert words in section(site[page], "choices")


def test_the_hotlines_time_is_not_held_against_the_provider(site):
    """On every Provider's page, with the figure apart."""
    for name, page in site.items():
        if name.startswith("providers/"):
            text = section(page, "hotline")
            assert "not held against the provider" in text and "3.2 hours" in text


def test_the_glossary_is_sorted_in_each_language_under_the_same_ids(site):
    """So that any page can link a term, and a reader finds it."""
    for name in ("glossary.html", "nl/glossary.html"):
        found = re.findall(r'<dt id="([^"]+)">([^<]+)</dt>', site[name])
        assert sorted(key for key, _ in found) == sorted(key for key, _, _ in TERMS)
        names = [term.casefold() for _, term in found if term[0].isalpha()]
        assert names == sorted(names)


def test_every_table_of_the_release_can_be_reached_from_the_downloads(named_files):
    """CSV, JSON and Parquet, the codebook and the manifest, from both languages."""
    for page, up in (("downloads.html", ""), ("nl/downloads.html", "../")):
        text = named_files[page].decode()
        for name in named_files:
            if name.startswith("tables/") and not name.endswith(".html"):
                assert f'href="{up}{name}"' in text, name
        assert f'href="{up}manifest.json"' in text


def test_a_norm_in_force_is_on_the_methodology_page_though_nothing_counted_under_it(make, named):
    """Norms are read from the method's settings; one whose figures are incomplete is left to the settings."""
    settings = (*named.method.settings, ("norms.order.hours", "12"), ("norms.order.target", "1"),
                ("norms.order.set_by", "the invented legislator"), ("norms.half.hours", "36"))  # fmt: skip
    release = make(method=replace(named.method, settings=settings), further=())
    assert [norm.name for norm in norms_in_force(shown(release))] == ["order"]
    page = pages(shown(release))["methodology.html"].decode()
    row = page[page.index('id="norms"') :].split("</table>")[0]
    assert "the invented legislator" in row and "within the deadline that each order states" in row


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("methodology.html", ("it counts as 0", "in a final report", "describe and are not tested together")),
        ("limits.html", ("Volume is not effort", "Reports are not prevalence", "never at images")),
        ("proxies.html", ("A proxy does not hold the material.", "Voorgevel Proxy")),
        ("unreachable.html", ("who cannot be told cannot act", "held against nobody")),
        ("account.html", ("Notified in all", "What is not known")),
    ],
)
def test_pages_stand_on_their_own(site, page, words):
    """Each says what it shows and what that means, in both languages."""
    for each in words:
        assert each in re.sub(r"\s+", " ", site[page]), each
        assert each not in site[f"nl/{page}"] or each == "Voorgevel Proxy"

"""Pages: every link resolves inside the folder, nothing is loaded from elsewhere, unknown is said in words."""

import posixpath
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from monitor.method import measured_by
from monitor.model.scorecard import Norm
from monitor.model.words import NoticeKind, ReleaseKind
from monitor.publication.release import build
from monitor.publication.shown import shown
from monitor.publication.site import pages
from monitor.ranking import METHOD
from monitor.rules import RULES

VOID = {"meta", "link", "img", "input", "br", "path", "rect", "hr"}


class Reader(HTMLParser):
    """Checks that tags are closed in order and collects what a test wants to see."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.headings: list[int] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        self.links += [value for name in ("href", "src") if (value := values.get(name))]
        if identifier := values.get("id"):
            assert identifier not in self.ids, identifier
            self.ids.add(identifier)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, self.getpos()


def read(data: bytes) -> Reader:
    reader = Reader()
    reader.feed(data.decode())
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def files(named_files):
    return named_files


@pytest.fixture(scope="module")
def readers(files):
    return {name: read(data) for name, data in files.items() if name.endswith(".html")}


def test_every_link_resolves_within_the_folder(files, readers):
    """Each href and src names a file of the release, and each fragment an id of that page."""
    for name, reader in readers.items():
        for link in reader.links:
            assert ":" not in link, (name, link)
            assert not link.startswith("/"), (name, link)
            path, _, fragment = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            assert target in files, (name, link)
            if fragment:
                assert fragment in readers[target].ids, (name, link)


def test_pages_need_no_script_of_others_and_ask_no_other_host(files, readers):
    """No inline script, frame, form, inline handler, import or outside address in pages, styles, charts or script."""
    for name, reader in readers.items():
        for tag, values in reader.tags:
            assert tag not in {"iframe", "object", "embed", "form", "base"}, name
            assert tag != "script" or values["src"].endswith("assets/tables.js"), name
            assert not any(attribute.startswith("on") for attribute in values), name
    for name, data in files.items():
        if name.endswith(".css"):
            assert b"url(" not in data
            assert b"@import" not in data
        if name.endswith(".js"):
            assert not re.search(rb"fetch|XMLHttp|import|eval|innerHTML|https?:|document\.cookie|[Ss]torage", data)
        if name.endswith(".svg"):
            addresses = set(re.findall(rb"(?:href|src)=\"([^\"]+)\"", data))
            assert all(address.startswith(b"#") for address in addresses), name


def test_pages_are_well_formed_for_readers_who_listen(readers):
    """One h1, headings without a gap, captions on tables, scope on header cells, text for every picture, a language."""
    for name, reader in readers.items():
        tags = [tag for tag, _ in reader.tags]
        assert reader.tags[0] == ("html", {"lang": "nl" if name.startswith("nl/") else "en"})
        assert reader.headings.count(1) == 1
        assert all(after - before <= 1 for before, after in zip(reader.headings, reader.headings[1:], strict=False))
        assert tags.count("table") == tags.count("caption")
        assert all("scope" in values for tag, values in reader.tags if tag == "th"), name
        assert all(values.get("alt") for tag, values in reader.tags if tag == "img"), name
        regions = [values for tag, values in reader.tags if tag == "div" and "box" in (values.get("class") or "")]
        assert all(v["tabindex"] == "0" and v["role"] == "region" and v["aria-label"] for v in regions), name
        assert ("a", {"class": "skip", "href": "#content"}) in reader.tags


def test_every_page_says_where_its_figures_come_from(files, readers):
    """Period, cut-off, freeze digest, method and code version are at the foot of every page in both languages."""
    for name in readers:
        text = files[name].decode()
        cutoff, period = ("1 augustus 2026", "1 januari 2026 tot en met") if name.startswith("nl/") else (
            "1 August 2026", "1 January 2026 to")  # fmt: skip
        for words in (cutoff, period, "ab" * 32, "npmle-1", "0.1.0"):
            assert words in text, (name, words)


def test_interim_is_marked_and_final_is_not(make, files):
    """An interim release says so on every page, a final one does not."""
    assert "Interim report." in files["index.html"].decode()
    assert "Tussenrapportage." in files["nl/providers/as64500.html"].decode()
    final = pages(shown(make(kind=ReleaseKind.FINAL)))
    assert "Interim report" not in final["index.html"].decode()


def test_unknown_is_said_in_words(files, make, named):
    """What is not known reads "not known" or "niet vastgesteld", also where there are no bounds at all."""
    assert (
        'Country of establishment: <span class="unknown">not known</span>' in files["providers/as64500.html"].decode()
    )
    cards = tuple(replace(c, within_norm_worst=None, within_norm_best=None) for c in named.ranking.scorecards)
    blank = pages(shown(make(ranking=replace(named.ranking, scorecards=cards, trend=(), curves=()))))
    english, dutch = blank["index.html"].decode(), blank["nl/index.html"].decode()
    assert "What share of them was taken offline within 24 hours of the notice is not known." in english
    assert "niet vastgesteld" in dutch
    assert "None" not in english


def test_numbers_follow_the_language(files):
    """12.5% and 61,234 in English, 12,5% and 61.234 in Dutch."""
    assert "61,234" in files["providers/as64500.html"].decode()
    dutch = files["nl/providers/as64500.html"].decode()
    assert "61.234" in dutch
    assert "69,0%" in dutch


def test_tables_made_later_are_said_only_then(files, make, named):
    """A reference table younger than the events is told on the first page, and only if there is one."""
    words = "was made after the events in this report"
    assert words in files["index.html"].decode()
    calm = pages(shown(make(method=replace(named.method, tables_made_later=False))))
    assert words not in calm["index.html"].decode()


def test_every_estimate_has_its_interval_and_its_bounds_beside_it(files):
    """On the first page and on a Provider's own: the share, its 95% interval, worst and best case, places that fit."""
    ranked = files["index.html"].decode()
    row = ranked[ranked.index('href="providers/as64500.html"', ranked.index('id="ranking"')) :].split("</tr>")[0]
    for words in ("82.8%", "68.0% to 93.0%", "69.0% to 92.0%"):
        assert words in row
    page = files["providers/as64500.html"].decode()
    assert "an estimated 82.8% were taken offline within 24 hours of the notice (95% interval: 68.0% to 93.0%)" in page
    assert "From the checks alone it is at least 69.0% and at most 92.0%." in page
    assert "The figures fit any place from 4 to 5." in page
    assert "an estimated 81.0% were taken offline" in ranked


def test_what_the_checks_do_not_pin_down_is_said(files):
    """In words on both pages, and only at those Providers."""
    assert files["index.html"].decode().count(">not pinned down<") == 3
    assert "“Not pinned down”: the checks leave room" in files["index.html"].decode()
    assert "do not pin this figure down" in files["providers/as64498.html"].decode()
    assert "do not pin this figure down" not in files["providers/as64500.html"].decode()
    assert "leggen de controles dit cijfer niet vast" in files["nl/providers/as64498.html"].decode()


def test_the_median_says_where_it_is_not_reached_or_not_determined(files):
    """Hours with their range where it is reached, else in words; an upper end that is not known is said."""
    assert "22.9 to 28.2 hours" not in files["providers/as64496.html"].decode()
    assert "not reached: less than half was taken offline" in files["providers/as64496.html"].decode()
    assert "not determined by the checks" in files["providers/as64497.html"].decode()
    assert "13.5 hours or more" in files["providers/as64501.html"].decode()


def test_a_change_has_its_interval_and_a_break_is_marked(files):
    """The change against the previous Period in points; what changed in between stands beside it."""
    page = files["providers/as64503.html"].decode()
    assert "a change of +48.0 points (95% interval: +40.0 to +55.0 points)" in page
    assert "so this difference does not show what the provider did: the sources of the reports changed." in page
    assert "−47,0 procentpunt" in files["nl/change.html"].decode()
    assert files["change.html"].decode().count("no: break") == 1


def test_moved_urls_count_as_not_taken_offline_and_the_curve_says_so(files):
    """The heading of the curve, in both languages."""
    assert "lost its domain name, counts as not taken offline" in files["providers/as64500.html"].decode()
    assert "telt als niet offline gehaald" in files["nl/providers/as64500.html"].decode()


def test_no_page_says_that_there_are_no_estimates(files, readers):
    """The words of the method before this one are gone."""
    for name in readers:
        text = files[name].decode()
        assert "bounds-1" not in text and "not estimates:" not in text and "no estimates" not in text, name


def test_orders_run_on_their_own_clock(make, named):
    """With the clock of orders the text speaks of the order, in both languages."""
    norm = Norm(NoticeKind.ORDER, 12.0, 1.0)
    files = pages(shown(make(ranking=replace(named.ranking, norm=norm))))
    assert "within 12 hours of the order" in files["index.html"].decode()
    assert "binnen 12 uur na het bevel" in files["nl/index.html"].decode()


def test_an_empty_period_still_makes_a_release(make, helpers):
    """No Provider, no Episode, no trend and no proxy: every page and chart says so in words."""
    files = build(make(ranking=helpers["ranking"]([]), proxies=None))
    assert "No provider had enough URLs for a rank in this period." in files["index.html"].decode()
    assert not any(name.startswith("providers/") for name in files)
    assert files["charts/compliance-en.png"].startswith(b"\x89PNG")


def test_good_performers_are_shown_as_such(files):
    """A Provider that meets the norm is told so on its page."""
    assert "Meets the norm" in files["providers/as64503.html"].decode()
    assert "Voldoet aan de norm" in files["nl/providers/as64503.html"].decode()


def test_rules_without_translation_are_marked_as_english(files):
    """A sentence that comes with the method in English carries its language on the Dutch page."""
    assert '<span lang="en">An Episode starts' in files["nl/methodology.html"].decode()
    assert '<span lang="en">' not in files["methodology.html"].decode()


ORIGIN_AS = "In this report a provider is the holder of the AS number that announces the address (the origin AS)"
HOLDER_FIRST = "Where the registered holder of a network is not known"


@pytest.mark.parametrize("page", ["index.html", "limits.html", "methodology.html", "providers/as64503.html"])
def test_origin_as_in_place_of_the_registered_network_is_said(make, named, page):
    """Where the origin AS stands in for all, for some or for none of the Episodes, every page with a figure says so."""
    totals = named.ranking.totals
    booked = totals.episodes - totals.unattributed

    def said(n: int) -> str:
        doubtful = (("as-stands-in", n),) if n else ()
        ranking = replace(named.ranking, totals=replace(totals, doubtful=doubtful))
        return pages(shown(make(ranking=ranking)))[page].decode()

    assert ORIGIN_AS in said(booked)
    assert HOLDER_FIRST in said(1)
    assert ORIGIN_AS not in said(0)
    assert HOLDER_FIRST not in said(0)


def test_summary_names_who_meets_and_who_does_not(files):
    """The judgements come before the chart and the ranking, those with most URLs first."""
    page = files["index.html"].decode()
    summary = page[page.index('id="who"') : page.index('id="chart"')]
    assert summary.index("Lindenlaan Servers") < summary.index("Snelweg Net") < summary.index("Beeldkade")
    assert page.index('id="who"') < page.index('id="chart"') < page.index('id="ranking"') < page.index('id="more"')


def test_account_adds_up_to_the_figures(files, named):
    """Everything notified less what is not counted is what the figures count."""
    page = files["account.html"].decode()
    account = page[page.index("<h1>") : page.index('id="unknown"')]
    numbers = [int(n.replace(",", "")) for n in re.findall(r'<td class="r">([\d,]+)</td>', account)]
    notified, *left_out, counted, ranked, unranked = numbers
    assert notified - sum(left_out) == counted == ranked + unranked
    assert counted == sum(card.n_episodes for card in named.ranking.scorecards)


def test_ends_that_keep_a_provider_from_below_are_shown(make, named):
    """A Provider under the norm by takedowns alone, with moves and lost names that can meet it, reads why."""
    first, *others = named.ranking.scorecards
    first = replace(first, class_="not-proven", within_norm_any_end_worst=0.65, within_norm_any_end_best=0.725)
    files = pages(shown(make(ranking=replace(named.ranking, scorecards=(first, *others)))))
    assert "With those, 65.0% to 72.5% ended in time" in files[f"providers/{first.provider_id}.html"].decode()
    assert "elk einde: <span" in files["nl/index.html"].decode()


def test_equal_bounds_are_one_figure(files):
    """ "exactly 100.0%" and not "at least 100.0% and at most 100.0%"."""
    assert "From the checks alone it is exactly 100.0%." in files["providers/as64503.html"].decode()
    assert "at least 69.0% and at most 92.0%" in files["providers/as64500.html"].decode()


@pytest.mark.parametrize(
    ("page", "words"), [("account.html", "less than full confidence"), ("nl/account.html", "Minder dan")]
)
def test_how_many_attributions_are_in_doubt_is_said_by_reason(files, page, words):
    """With counts, in both languages; the methodology says what each reason means, the index how many there are."""
    text = files[page].decode()
    assert words in text
    for n in ("4,321", "4,000", "1,234", "17", "41"):
        assert f'<td class="r">{n if page == "account.html" else n.replace(",", ".")}</td>' in text
    assert re.search(r"4[,.]321 (of|van)", files[page.replace("account", "index")].decode())
    method = files[page.replace("account", "methodology")].decode()
    assert 'id="confidence"' in method
    assert ("A person decided whose it was" in method) == (page == "account.html")
    assert ("Een persoon besliste" in method) == (page != "account.html")


def test_a_release_without_doubts_has_no_section_about_them(make, named):
    """Zero is shown as zero."""
    totals = replace(named.ranking.totals, doubted=0, doubtful=(), flaps=0)
    made = pages(shown(make(ranking=replace(named.ranking, totals=totals))))
    assert b"full confidence" not in made["index.html"] and b"#confidence" not in made["account.html"]
    assert b'id="confidence"' not in made["methodology.html"]


@pytest.fixture(scope="module")
def of_old(make, named):
    """Every file of the release of a freeze that was cut before there were estimates and measured again."""
    trend = tuple(replace(point, share=None, low=None, high=None, breaks=()) for point in named.ranking.trend)
    method = replace(named.method, cut_with="bounds-1")
    return build(make(ranking=replace(named.ranking, trend=trend), method=method))


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("methodology.html", "was cut under method bounds-1, and its figures were measured again by method npmle-1"),
        ("nl/methodology.html", "is gemaakt met methode bounds-1, en de cijfers daaruit zijn opnieuw gemeten"),
    ],
)
def test_a_dataset_cut_under_another_method_is_said_only_then(files, of_old, page, words):
    """The methodology names both methods where they differ, in both languages."""
    assert words in of_old[page].decode()
    assert words not in files[page].decode()


@pytest.mark.parametrize(
    ("folder", "before", "same"),
    [
        ("", "measured before there were estimates", "the same method for every period"),
        ("nl/", "gemeten toen er nog geen schattingen waren", "voor elke periode met dezelfde methode"),
    ],
)
def test_a_trend_from_before_there_were_estimates_claims_no_method_for_every_period(
    files, of_old, folder, before, same
):
    """Bounds with these words in place of the estimate; a trend with estimates says that the method is the same."""
    name = f"{folder}providers/as64498.html"
    old, new = of_old[name].decode(), files[name].decode()
    assert before in old and same not in old
    assert same in new and before not in new
    row = old[old.index('<th scope="row">2025H2') :].split("</tr>")[0]
    assert before in row and ("40.0% to 60.0%" in row or "40,0% tot 60,0%" in row)
    change = f"{folder}change.html"
    assert before in of_old[change].decode() and before not in files[change].decode()
    language = "nl" if folder else "en"
    assert before.partition(" ")[2] in of_old[f"charts/trend-{language}.svg"].decode()


def test_the_overall_figure_of_an_old_freeze_is_measured_as_its_providers_are(files, of_old):
    """Its trend has no estimate, so the headline takes that of the curve of all together, and no bare bounds."""
    assert "an estimated 81.0%" in files["index.html"].decode()
    assert re.search(r"an estimated [\d.]+% were taken offline", of_old["index.html"].decode())


def test_a_release_shows_the_rules_that_measured_it_and_the_settings_of_its_freeze(make, named):
    """Of an old freeze: today's rules in both languages' pages; norms, tables and mandates are the freeze's."""
    cut = replace(named.method, method="bounds-1", rules=(("interval-1", "The interval of another time."),))
    shown_method = measured_by(cut)
    assert shown_method == replace(cut, method=METHOD, rules=RULES, cut_with="bounds-1")
    assert measured_by(replace(cut, method=METHOD)).cut_with == ""
    for page in ("methodology.html", "nl/methodology.html"):
        text = pages(shown(make(method=shown_method)))[page].decode()
        rules = re.findall(r'<th scope="row"><code>([a-z]+-\d+)</code>', text)
        assert rules == [rule for rule, _ in RULES]
        assert "minimums.episodes" in text and "Example Ministry" in text

"""A final release: letters and answers are told of those who are named, and nothing of who is not."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from monitor.errors import ReleaseRefused
from monitor.model.provider import person_label
from monitor.model.release import Correction, KnownNames
from monitor.publication.changes import changes, with_matches
from monitor.publication.corrections import list_of_those_to_tell
from monitor.publication.document_pages import chapter
from monitor.publication.release import publish
from monitor.publication.shown import shown
from monitor.publication.site import pages

TAG = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def final(published_final) -> dict[str, bytes]:
    paths = (path for path in published_final.path.rglob("*") if path.is_file())
    return {path.relative_to(published_final.path).as_posix(): path.read_bytes() for path in paths}


def text(page: bytes) -> str:
    """As it reads."""
    return " ".join(TAG.sub(" ", page.decode()).split())


def test_every_letter_to_who_is_named_is_listed_with_what_came_of_it(final):
    """Late answers, open objections and silence included; of letters to others only how many providers they were to."""
    english = text(final["hearing.html"])
    for words in (
        "MIN-2026H1-001 1 August 2026 3 August 2026 31 August 2026 1 September 2026 (after the term) The objection is "
        "not decided on yet",
        "MIN-2026H1-002 1 August 2026 3 August 2026 30 September 2026 2 September 2026 The objection led to a correc",
        "MIN-2026H1-004 1 August 2026 3 August 2026 30 September 2026 no No answer came",
        "Written to 4 Answered 3 Objected to a figure or a fact 2 Whose objection led to a correction 1",
        "2 other providers were written to. As this report does not name them, their letters are not listed.",
        "1 provider that this report shows is not named",
    ):
        assert words in english
    assert not re.search("MIN-2026H1-00[56]", english)
    assert "Brieven en antwoorden" in text(final["nl/hearing.html"])


def test_why_providers_were_written_to_is_in_the_words_of_the_letters(final):
    """In English where that is known; else in Dutch, marked as such."""
    assert '<q lang="en">every provider with at least 5 URLs</q>' in final["hearing.html"].decode()
    assert '<q lang="nl">wie wij kennen</q>' in final["hearing.html"].decode()
    assert '<q lang="nl">iedere aanbieder met ten minste 5 URL&#39;s</q>' in final["nl/hearing.html"].decode()


def test_an_answer_is_quoted_on_the_page_of_who_gave_it_in_its_own_language(final):
    """With its day, and a word where it came after the term."""
    page = final["providers/as64496.html"].decode()
    assert '<blockquote lang="nl">\n<p>In mei kwam er een abusedesk.</p>' in page
    assert "Grijze Wolk, 1 September 2026 (after the term)" in text(page.encode())
    assert "It answered on 1 September 2026, after that day; the objection is not decided on yet." in page


def test_silence_and_an_answer_that_is_not_quoted_are_told_apart_and_neutrally(final):
    """Nobody has a duty to answer, and the page says so."""
    silent, unquoted = text(final["providers/as64502.html"]), text(final["providers/as64498.html"])
    assert "No answer came. The provider had no duty to give one." in silent
    assert "It answered on 2 September 2026; the answer was taken note of. The answer is not quoted." in unquoted


def test_an_interim_release_says_nothing_of_letters(named):
    """Neither a page nor a link to one."""
    made = pages(shown(named))
    assert not any(path.endswith("hearing.html") for path in made)
    assert not any(b"hearing.html" in body for body in made.values())


def test_the_document_has_the_letters_and_answers_too(final):
    """It is made from the Dutch page, so the chapter is there with its list and its quotes."""
    found = chapter(final["nl/hearing.html"], {})
    kinds = [block["type"] for block in found.blocks]
    assert (found.title, kinds.count("table"), kinds.count("quote")) == ("Brieven en antwoorden", 2, 2)


def test_who_is_not_named_has_a_number_and_nothing_that_tells_who_it_is(final):
    """No name, id, AS number, country, answer, letter, nor what an earlier report showed; its figures stay."""
    forbidden = re.compile(r"Beeldkade|(?<![0-9.])(?:as)?64500(?![0-9])|Van wie niet genoemd|Voorgevel|64510|H1-005")
    for name, body in final.items():
        assert not forbidden.search(name)
        if not name.endswith((".png", ".parquet", ".pdf")):
            assert not forbidden.search(body.decode()), name
    rows = list(csv.DictReader(io.StringIO(final["tables/ranking.csv"].decode())))
    (row,) = (each for each in rows if each["provider_id"] == "N1")
    assert (row["provider"], row["asns"], row["country"], row["change"]) == ("provider N1 (not named)", "[]", "", "")
    assert row["n_episodes"] == "61234"
    trend = csv.DictReader(io.StringIO(final["tables/trend.csv"].decode()))
    assert [each["period"] for each in trend if each["provider_id"] == "N1"] == ["2026H1"]
    assert "This provider is not named in this report" in text(final["providers/N1.html"])
    assert "<h1>aanbieder N1 (niet genoemd)</h1>" in final["nl/providers/N1.html"].decode()
    assert "A reverse proxy is not written to" in text(final["proxies.html"])
    assert json.loads(final["manifest.json"])["named"] is True


def test_the_country_of_who_is_not_named_is_not_what_is_left_of_a_row(heard, helpers):
    """Where nobody else in any country is without a name, no figure by country is shown at all."""
    cards = [card for card in helpers["cards"]() if card.n_episodes >= 5]
    everyone = replace(
        heard, ranking=helpers["ranking"](cards), groups=tuple(helpers["groups"](cards)), unnamed=frozenset()
    )
    countries = [
        {each.group for each in shown(release).groups if each.dimension == "country"}
        for release in (everyone, replace(everyone, unnamed=frozenset({"as64500"})))
    ]
    assert countries == [{"NL", ""}, set()]


def test_a_name_that_comes_in_through_an_answer_stops_the_release(heard, tmp_path):
    """Of whom this release does not name, also by another name that the registry knows."""
    for words in ("Zoals Beeldkade ook doet.", "Net als Kade Beheer."):
        answers = (replace(heard.answers[0], text=words),)
        release = replace(heard, answers=answers, names=(KnownNames("as64500", ("Beeldkade", "Kade Beheer")),))
        with pytest.raises(ReleaseRefused, match="may not be named"):
            publish(release, tmp_path)


def test_who_is_not_named_any_more_is_not_named_on_the_erratum_either(heard, helpers):
    """Although the release that it corrects named it; the private list of those to tell has the name."""
    first = replace(heard, unnamed=frozenset())
    rows = tuple({**card.as_fields(), "n_episodes": 1} for card in shown(first).network.rows)
    corrected = with_matches(replace(heard, correction=Correction(1, "ee" * 32, "a", "b", rows=rows)))
    seen = shown(corrected)
    found = changes(seen, seen.correction)
    assert {each.provider for each in found.changed} >= {"provider N1 (not named)", "Grijze Wolk"}
    assert not any("Beeldkade" in (each.provider, each.then.provider) for each in found.changed)
    assert "Beeldkade (N1)" in list_of_those_to_tell(corrected, seen).decode()


def test_numbers_are_traced_where_the_dataset_is_kept(heard):
    """N1 of the replaced release is compared with whoever it was; without the dataset it stands for nobody (N0)."""
    rows = tuple({**card.as_fields(), "n_episodes": 1} for card in shown(heard).network.rows)
    given = Correction(1, "ee" * 32, "a", "b", rows=rows)
    traced = shown(with_matches(replace(heard, correction=replace(given, before=heard.ranking))))
    lost = shown(with_matches(replace(heard, correction=given)))
    assert "N1" in {each.provider_id for each in changes(traced, traced.correction).changed}
    assert "N0" in {each.provider_id for each in changes(lost, lost.correction).gone}


def test_a_natural_person_stays_one_whatever_was_decided(heard, helpers):
    """Withheld as well, it still bears the label of a natural person."""
    cards = helpers["cards"]()
    cards[4] = replace(cards[4], provider=person_label("as64500"))
    seen = shown(replace(heard, ranking=helpers["ranking"](cards)))
    assert "P1" in {card.provider_id for card in seen.network.ranking.scorecards}

"""Who may be named: small Providers are summed, and an unnamed release shows letters only."""

import csv
import io
import json
import re
from dataclasses import replace

import duckdb
import pytest

from monitor.model.provider import person_label
from monitor.publication.release import build
from monitor.publication.shown import code_letter, shown
from monitor.publication.site import pages


@pytest.fixture(scope="module")
def unnamed_files(unnamed):
    return build(unnamed)


def png_chunks(data: bytes) -> list[bytes]:
    """The types of all chunks of a PNG, in order."""
    kinds, at = [], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kinds.append(data[at + 4 : at + 8])
        at += length + 12
    return kinds


def test_unnamed_release_holds_no_name_id_or_as_number(helpers, unnamed_files, tmp_path):
    """No byte of any file or file name holds a name, provider id, AS number or country of a Provider."""
    words, numbers = {"Voorgevel", "Gordijn"}, {"64510", "64511"}
    for name, asn, *_ in helpers["rows"]:
        numbers.add(str(asn))
        words |= {*(part for part in re.split(r"[^A-Za-z]+", name) if len(part) > 5)}
    words -= {"script", "Hosting", "Servers", "Grijze"}  # the last: a line in a chart, "een grijze lijn"
    words |= {"Grijze Wolk"}
    # A number inside a longer one is a coordinate or a digest.
    pattern = "|".join(sorted(words)) + r"|(?<![0-9.])(?:" + "|".join(sorted(numbers)) + r")(?![0-9])"
    forbidden = re.compile(pattern, re.I)
    for name, data in unnamed_files.items():
        assert not forbidden.search(name)
        text = data.decode("utf-8", errors="replace")
        assert not forbidden.search(text), (name, forbidden.search(text))
        if name.endswith(".png"):
            assert set(png_chunks(data)) <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}, name
    path = tmp_path / "r.parquet"
    path.write_bytes(unnamed_files["tables/ranking.parquet"])
    rows = duckdb.read_parquet(str(path)).fetchall()
    assert not forbidden.search(repr(rows))


def test_unnamed_release_uses_letters_in_rank_order(unnamed_files):
    """A is rank 1 in the table, the page names and the file names; AS numbers and country are blank."""
    rows = list(csv.DictReader(io.StringIO(unnamed_files["tables/ranking.csv"].decode())))
    assert [row["provider_id"] for row in rows[:9]] == list("ABCDEFGHI")
    assert {(row["asns"], row["country"]) for row in rows} == {("[]", "")}
    assert "Provider A" in unnamed_files["providers/A.html"].decode()
    assert "Aanbieder A" in unnamed_files["nl/providers/A.html"].decode()
    assert "code letter" in unnamed_files["index.html"].decode()
    curves = csv.DictReader(io.StringIO(unnamed_files["tables/curves.csv"].decode()))
    assert {row["provider_id"] for row in curves} == {"", *"ABCDEFGHI"}


def test_letters_go_on_after_z():
    """26 is AA, 701 is ZZ, 702 is AAA."""
    assert [code_letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_providers_below_the_naming_minimum_are_summed(helpers, named_files):
    """They have no name, page, curve or trend of their own: one row "Other" adds them up."""
    for name, data in named_files.items():
        assert b"Geheime Schuur" not in data, name
        assert b"Onbereikbaar" not in data, name
        assert "64505" not in name
    rows = list(csv.DictReader(io.StringIO(named_files["tables/ranking.csv"].decode())))
    other = rows[-1]
    assert other["provider_id"] == "other"
    assert other["provider"] == "Other (4 providers)"
    assert (other["n_episodes"], other["undelivered_bounced"], other["rank"]) == ("6", "81", "")
    assert float(other["within_norm_best"]) == 0.666666667  # four of six
    assert sum(int(row["n_episodes"]) for row in rows) == sum(card.n_episodes for card in helpers["cards"]())
    assert "Overige (4 aanbieders)" in named_files["nl/index.html"].decode()


def test_trend_points_of_few_episodes_are_left_out(make, named):
    """A Provider that is shown now but had too few Episodes before has no earlier point."""
    few = tuple(replace(p, n_episodes=2) if p.period == "2025H2" else p for p in named.ranking.trend)
    seen = shown(make(ranking=replace(named.ranking, trend=few)))
    old = [point.provider_id for point in seen.network.ranking.trend if point.period == "2025H2"]
    assert old == [None]


def test_names_are_escaped_and_whole(named_files):
    """A name with markup is shown as text, on pages and in SVG, and is unchanged in the JSON."""
    for name, data in named_files.items():
        if name.endswith((".html", ".svg")):
            assert b"<script>" not in data, name
    document = json.loads(named_files["tables/ranking.json"])
    assert any(card["provider"] == "<script>alert(\"x\")</script> & 'Sons' $a_b$" for card in document["scorecards"])
    assert "&lt;script&gt;alert(&#34;x&#34;)" in named_files["providers/as64497.html"].decode()


def test_control_characters_and_unsafe_ids_do_not_reach_a_page_or_a_path(make, helpers):
    """A name with a control character stays valid XML, an id with a slash stays inside its folder."""
    cards = helpers["cards"]()
    cards[0] = replace(cards[0], provider="Bad\x00\x1bName", provider_id="../../evil")
    files = pages(shown(make(ranking=helpers["ranking"](cards))))
    assert not any(".." in name for name in files)
    assert all(b"\x1b" not in data for name, data in files.items() if name.endswith(".html"))


def test_a_natural_person_is_called_so_in_the_language_of_the_page(make, helpers):
    """The number says nothing of the id: it counts the natural persons of this release."""
    cards = helpers["cards"]()
    cards[0] = replace(cards[0], provider=person_label(cards[0].provider_id))
    release = make(ranking=helpers["ranking"](cards))
    number = "P1"
    made = pages(shown(release))
    assert f"<h1>natural person ({number})</h1>".encode() in made[f"providers/{number}.html"]
    assert f"<h1>natuurlijk persoon ({number})</h1>".encode() in made[f"nl/providers/{number}.html"]

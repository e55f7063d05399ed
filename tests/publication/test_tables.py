"""Tables: CSV, JSON and Parquet say the same, in the fields of the interface, and describe themselves."""

import csv
import io
import json
import math
from dataclasses import fields, replace
from datetime import date
from hashlib import sha256

import pandas as pd
import pytest

from monitor.model.breakdown import GroupFigures, ProviderEvidence
from monitor.model.scorecard import Scorecard
from monitor.model.words import Doubt
from monitor.publication.codebook import NOTES
from monitor.publication.shown import shown
from monitor.publication.site import pages
from monitor.publication.tables import table_names, tables


@pytest.fixture(scope="module")
def made(named):
    return tables(shown(named))


def read_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_csv_json_and_parquet_hold_the_same_rows(made):
    """Every value is equal in the three formats; not known is empty, null and null."""
    cards = json.loads(made["tables/ranking.json"])["scorecards"]
    rows = read_csv(made["tables/ranking.csv"])
    frame = pd.read_parquet(io.BytesIO(made["tables/ranking.parquet"]))
    assert len(cards) == len(rows) == len(frame) == 10
    assert list(rows[0]) == list(frame.columns) == list(cards[0])
    for card, row, (_, parquet) in zip(cards, rows, frame.iterrows(), strict=True):
        for name, value in card.items():
            if value is None:
                assert row[name] == ""
                assert parquet[name] is None or math.isnan(parquet[name])
            elif isinstance(value, bool):
                assert (json.loads(row[name]), parquet[name]) == (value, value)
            elif isinstance(value, list):
                assert json.loads(row[name]) == value == list(parquet[name])
            elif isinstance(value, float):
                assert float(row[name]) == value == parquet[name]
            else:
                assert (row[name], parquet[name]) == (str(value), value)


def test_fields_are_those_of_the_scorecard_in_its_order(made):
    """`class` is written without the underscore that Python needs, and every field is in the codebook."""
    names = [f.name.rstrip("_") for f in fields(Scorecard)]
    assert [note.name for note in NOTES["ranking"]] == names
    assert list(read_csv(made["tables/ranking.csv"])[0]) == names
    assert "class" in names


def test_json_is_shaped_like_the_rank_command(made):
    """The fields of the command by the same names, then where the norm comes from."""
    document = json.loads(made["tables/ranking.json"])
    command = {
        "period",
        "cutoff",
        "norm",
        "norm_hours",
        "norm_target",
        "role",
        "method",
        "freeze",
        "final",
        "totals",
        "scorecards",
    }
    assert document.keys() - command == {"norm_basis", "norm_valid_from", "norm_set_by"}
    assert command - document.keys() == set()
    assert (document["period"], document["role"], document["norm"]) == ("2026H1", "network", "request")
    assert (document["norm_hours"], document["cutoff"]) == (24.0, "2026-08-01T00:00:00Z")


def test_datapackage_describes_every_table(made):
    """Each resource names a file with its hash, size and, where it is CSV, all of its columns."""
    package = json.loads(made["tables/datapackage.json"])
    described = {f"tables/{resource['path']}" for resource in package["resources"]}
    assert described == {name for name in made if "codebook" not in name and "datapackage" not in name}
    for resource in package["resources"]:
        data = made[f"tables/{resource['path']}"]
        assert resource["hash"] == "sha256:" + sha256(data).hexdigest()
        assert resource["bytes"] == len(data)
        if resource["format"] == "csv":
            columns = [field["name"] for field in resource["schema"]["fields"]]
            assert columns == next(csv.reader(io.StringIO(data.decode())))


def test_codebook_has_every_field_in_both_languages(made):
    """Name, type, unit and a meaning in English and in Dutch for each field of each table."""
    rows = read_csv(made["tables/codebook.csv"])
    assert {(row["table"], row["name"]) for row in rows} == {(t, note.name) for t in NOTES for note in NOTES[t]}
    assert all(row[column] for row in rows for column in row)
    assert all(row["meaning_en"] != row["meaning_nl"] for row in rows)
    assert not any("%(" in row["meaning_en"] + row["meaning_nl"] for row in rows)


def test_curves_and_trend_list_all_together_first(made):
    """An empty provider_id stands for all Providers together."""
    assert read_csv(made["tables/curves.csv"])[0]["provider_id"] == ""
    trend = read_csv(made["tables/trend.csv"])
    assert [row["period"] for row in trend] == sorted(row["period"] for row in trend)
    assert trend[0]["provider_id"] == ""


def test_parquet_types_suit_pandas(made):
    """Counts are integers, shares floats, AS numbers lists, flags booleans or null."""
    types = pd.read_parquet(io.BytesIO(made["tables/ranking.parquet"])).dtypes
    assert types["n_episodes"] == "int64"
    assert types["within_norm_worst"] == "float64"


def test_the_row_of_the_others_is_made_from_counts_and_not_from_rounded_shares(make, helpers):
    """Three small Providers with 6 of 15 within the norm are 0.4, not 0.39999999993; hours have nine decimals."""
    cards = [
        helpers["scorecard"](f"Klein {asn}", asn, n, 2, round(count / n, 9), 1.0, 0.0, 1.0, "too-few")
        for asn, n, count in ((64506, 3, 1), (64507, 6, 2), (64508, 6, 3))
    ]
    cards = [replace(card, exposure_hours_low=0.1 * n) for n, card in enumerate(cards, 1)]
    few = helpers["ranking"](cards)
    few = replace(few, minimums=replace(few.minimums, named=10))
    others = shown(make(ranking=few)).network.other
    assert (others.n_episodes, others.within_norm_worst, others.within_norm_best) == (15, 0.4, 1.0)
    assert others.exposure_hours_low == 0.6


def test_other_norms_have_the_fields_of_the_ranking_behind_the_norm(make):
    """Norm by norm, each in its order, with what it allows and asks for; the order clock is one of them."""
    seen = shown(make())
    rows = read_csv(tables(seen)["tables/norms.csv"])
    names = [note.name for note in NOTES["ranking"]]
    assert list(rows[0]) == ["norm", "clock", "norm_hours", "norm_target", *names]
    expected = [
        (part.ranking.norm.name, part.ranking.norm.clock.value, str(part.ranking.norm.hours), card.provider_id)
        for part in seen.further
        for card in part.rows
    ]
    assert [(row["norm"], row["clock"], row["norm_hours"], row["provider_id"]) for row in rows] == expected
    assert "order" in {row["clock"] for row in rows}


def test_groups_are_written_as_they_are_shown(make):
    """Every field of every group, in its order; what is not known is an empty cell."""
    seen = shown(make())
    rows = read_csv(tables(seen)["tables/groups.csv"])
    assert list(rows[0]) == [f.name for f in fields(GroupFigures)]
    assert len(rows) == len(seen.groups) > 3
    for row, each in zip(rows, seen.groups, strict=True):
        for name, value in row.items():
            said = getattr(each, name)
            assert value == ("" if said is None else str(said)), name


def evidence_row(make, **more) -> dict[str, str]:
    values = {
        "provider_id": "as64497", "n_episodes": 88, "n_full": 40, "asns": ((64497, 60), (64511, 28)),
        "doubts": (("as-stands-in", 60), ("old-table", 8)), "by_network": 28, "by_as": 60,
        "first_notice": date(2026, 1, 3), "last_notice": None,
    }  # fmt: skip
    release = make(evidence=(ProviderEvidence(**(values | more)),))
    return read_csv(tables(shown(release))["tables/evidence.csv"])[0]


def test_evidence_has_a_column_for_every_doubt(make):
    """A Doubt that no Episode had is 0; AS numbers and their Episodes are two lists; an unknown day is empty."""
    row = evidence_row(make)
    assert {name for name in row if name.startswith("doubt_")} == {f"doubt_{d.value.replace('-', '_')}" for d in Doubt}
    assert (row["doubt_as_stands_in"], row["doubt_old_table"], row["doubt_person"]) == ("60", "8", "0")
    assert (row["asns"], row["asn_episodes"]) == ("[64497,64511]", "[60,28]")
    assert (row["first_notice"], row["last_notice"]) == ("2026-01-03", "")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"n_full": 4}, {"n_full": ""}),
        ({"n_full": 85}, {"n_full": ""}),
        ({"n_full": 0}, {"n_full": "0"}),
        ({"n_full": 88}, {"n_full": "88"}),
        ({"doubts": (("old-table", 4),)}, {"doubt_old_table": "", "doubt_person": "0"}),
        ({"asns": ((64497, 70), (64511, 15), (64510, 3))}, {"asn_episodes": "[70,null,null]"}),
        ({"by_network": 70, "by_as": 15, "doubts": (("overridden", 3),)}, {"by_network": "70", "by_as": ""}),
    ],
)
def test_a_small_count_of_evidence_is_not_told_nor_left_to_be_worked_out(make, more, said):
    """1 to 4 Episodes, or all but so many, are an empty cell, and of parts that make up the whole the next one too."""
    row = evidence_row(make, **more)
    assert {name: row[name] for name in said} == said


def test_tables_of_which_there_is_nothing_have_their_header(make):
    """A release without groups, evidence or other norms says so by a file with no row."""
    made = tables(shown(make(groups=(), evidence=(), further=())))
    for name in ("groups", "evidence", "norms"):
        assert list(csv.reader(io.StringIO(made[f"tables/{name}.csv"].decode()))) == [[n.name for n in NOTES[name]]]


def test_tables_have_names_in_reading_order(make):
    """Exactly those that there is a CSV of, the codebook aside."""
    for release in (make(), make(proxies=None)):
        seen = shown(release)
        there = {name.removeprefix("tables/").removesuffix(".csv") for name in tables(seen) if name.endswith(".csv")}
        assert {*table_names(seen)} == there - {"codebook"}
        assert table_names(seen)[0] == "ranking"


def test_a_licence_stands_in_the_description_and_on_the_page_in_both_languages(make):
    """As the configuration writes it, with an id for programs; without one nothing is said of it."""
    seen = shown(make(licence="CC BY 4.0"))
    assert json.loads(tables(seen)["tables/datapackage.json"])["licenses"] == [
        {"name": "CC-BY-4.0", "title": "CC BY 4.0"}
    ]
    made = pages(seen)
    assert "under this licence: CC BY 4.0" in made["downloads.html"].decode()
    assert "onder deze licentie: CC BY 4.0" in made["nl/downloads.html"].decode()
    bare = shown(make())
    assert "licenses" not in json.loads(tables(bare)["tables/datapackage.json"])
    assert "licence" not in pages(bare)["downloads.html"].decode()

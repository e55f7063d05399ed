"""Tables: CSV, JSON and Parquet say the same, in the fields of the interface, and describe themselves."""

import csv
import io
import json
import math
from dataclasses import fields, replace
from hashlib import sha256

import pandas as pd
import pytest

from monitor.model.scorecard import Scorecard
from monitor.publication.codebook import NOTES
from monitor.publication.shown import shown
from monitor.publication.tables import tables


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
        helpers["scorecard"](f"Klein {n}", 64503 + n, n, 2, round(count / n, 9), 1.0, 0.0, 1.0, "too-few")
        for n, count in ((3, 1), (6, 2), (6, 3))
    ]
    cards = [replace(card, exposure_hours_low=0.1 * n) for n, card in enumerate(cards, 1)]
    few = helpers["ranking"](cards)
    few = replace(few, minimums=replace(few.minimums, named=10))
    others = shown(make(ranking=few)).network.other
    assert (others.n_episodes, others.within_norm_worst, others.within_norm_best) == (15, 0.4, 1.0)
    assert others.exposure_hours_low == 0.6

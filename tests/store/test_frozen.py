"""Frozen datasets: their digest, their files, and what happens when something goes wrong."""

import hashlib
import json
import os
import stat
import struct
import subprocess
import sys
from dataclasses import asdict, fields, replace
from datetime import UTC, date, datetime, timedelta
from math import inf, nan

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import FreezeError
from monitor.model.columns import UNKNOWN_AT, Flags, Floats, Ints, Small, Texts
from monitor.model.episode import EpisodeTable
from monitor.model.method import Method, Thresholds, canonical_json
from monitor.model.period import Period
from monitor.model.previous import PeriodFacts, Previous, PreviousCluster, PreviousShare
from monitor.model.provider import Claim, Contact, LegalIdentity, Provider
from monitor.model.release import ReferenceTableInfo
from monitor.model.scorecard import Curve, Minimums, Norm, Ranking, Scorecard, Totals, TrendPoint
from monitor.model.selected import select
from monitor.model.sensitivity import SensitivityReading
from monitor.model.words import End, NoticeKind, Role
from monitor.store.frozen import (
    EPISODE_COLUMNS,
    FreezeInputs,
    InputFile,
    find_freeze,
    freeze_digest,
    newest_freeze,
    open_freeze,
    read_freeze,
    read_remeasured,
    read_scorecards,
    write_freeze,
    write_remeasured,
)
from monitor.store.frozen_columns import ColumnKind
from monitor.store.frozen_parquet import read_episodes

DTYPES = {Ints: np.int64, Small: np.int8, Flags: np.bool_, Floats: np.float64, Texts: np.object_}
PERIOD = Period.parse("2026H1")
CUTOFF = datetime(2026, 8, 1, tzinfo=UTC)
NORMS = (Norm(NoticeKind.ORDER, 12.0, 1.0), Norm(NoticeKind.REQUEST, 24.0, 0.8, "sector norm", "2024-01-01", "policy"))
RULES = (("no-notice", "No notice to a party, no figure."), ("gap", "A gap is a gap."))
METHOD = Method("bounds-1", RULES, NORMS, rule_version="episodes-1")
TABLES = (
    ReferenceTableInfo("prefixes", "2026-01-01", "2026-01-02", 3, "bb" * 32),
    ReferenceTableInfo("as-names", "2026-01-01", "2026-01-02", 3, "aa" * 32),
)
INPUTS = FreezeInputs((InputFile("reports", "cc" * 32, 7),), "0.1.0")
FILES = ["episodes.parquet", "scorecards.parquet", "method.json", "inputs.json", "providers.json"]
FILES += ["trend.json", "manifest.json"]
NAMED = (Provider("as64500", "Pölder (AS64500)", ("Polder",), (64499, 64500), "NL"), Provider("as64501", "Heide"))
SENSITIVITY = (
    SensitivityReading("tail-removed", "as64500", 40, 1 / 3, 0.0, 1.0, 0.25, None, "not-proven"),
    SensitivityReading("role-as", "as64501", 3, None, None, None, 0.0, 1.0, "too-few"),
)
_FACTS = PeriodFacts(
    "2026H1", "2026-08-01", "request", "npmle-1", "episodes-2", 24.0, 4, (("hotline", 4),), 1.5, 2, 3.0
)
PREVIOUS = Previous(
    now=(_FACTS,),
    before=(replace(_FACTS, period="2025H2", bracket_hours=None, n_checks=None),),
    shares=(
        PreviousShare("network", "request", "as64500", 90, 41, 30.5, 0.1, 0.1, 0.2, 0.05, 0.3, 0.0, 1.0),
        PreviousShare("as", "order", "as64501", 1, 1, None, None, None, None, None, None, 0.0, 1.0),
    ),
    clusters=(PreviousCluster("network", "request", "as64500", 2, 1.5, 0.25),) * 41,
)
ADDED = {"sensitivity.parquet", "previous.json", "previous.parquet", "previous_clusters.parquet"}
NOON = 1_772_366_400_000_000

texts = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=4))
hours = st.one_of(st.just(nan), st.floats(-1e6, 1e6), st.just(-0.0))
VALUES = {
    ColumnKind.TEXT: texts,
    ColumnKind.TIME: st.one_of(st.just(UNKNOWN_AT), st.integers(0, 4_000_000_000_000_000)),
    ColumnKind.REFERENCE: st.integers(-1, 2**40),
    ColumnKind.COUNT: st.integers(0, 1000),
    ColumnKind.NUMBER: hours,
    ColumnKind.FLAG: st.booleans(),
    ColumnKind.TERNARY: st.integers(-1, 1),
}


def a_row(number=0, **changed):
    row = {column.name: None for column in EPISODE_COLUMNS}
    row |= {c.name: 7 for c in EPISODE_COLUMNS if c.kind in (ColumnKind.REFERENCE, ColumnKind.COUNT)}
    row |= {c.name: 1.25 for c in EPISODE_COLUMNS if c.kind is ColumnKind.NUMBER}
    row |= {c.name: False for c in EPISODE_COLUMNS if c.kind is ColumnKind.FLAG}
    row |= {"reported_at": NOON - 5, "notified_at": NOON, "known_material": 0, "status": "episode", "end": "takedown"}
    return {**row, "record_id": f"R{number:04d}", "source": "hotline", "role": "network", "clock": "request", **changed}


def table(rows):
    return EpisodeTable(
        **{f.name: np.array([row[f.name] for row in rows], dtype=DTYPES[f.type]) for f in fields(EpisodeTable)}
    )


@st.composite
def random_table(draw):
    rows = []
    for number in range(draw(st.integers(0, 6))):
        row = {column.name: draw(VALUES[column.kind]) for column in EPISODE_COLUMNS}
        row["status"] = draw(st.sampled_from(["episode", "undelivered"]))
        if row["status"] == "episode":
            row["right_hours"] = draw(st.one_of(st.just(inf), st.floats(0, 1e4)))
        if draw(st.booleans()):
            row |= {"first_left_hours": 1.0, "first_right_hours": draw(st.one_of(st.just(inf), st.floats(0, 1e4)))}
        else:
            row |= {"first_left_hours": nan, "first_right_hours": nan}
        rows.append({**row, "notified_at": number})
    return table(rows)


def sample():
    return table(
        [
            a_row(0, asn=-1, known_material=-1, reported_at=UNKNOWN_AT, lower0_hours=nan, moved_to="as64501"),
            a_row(1, end="censored", right_hours=inf, known_material=1, site_type="forum"),
            a_row(2, status="undelivered", end=None, left_hours=nan, right_hours=nan, provisional=True),
            a_row(3, source="ander punt é", record_id="R'1\n\""),
        ]
    )


def a_ranking(**changed):
    zero = dict.fromkeys((f.name for f in fields(Scorecard)), None)
    counts = {f.name: 0 for f in fields(Scorecard) if f.type is int}
    card = {**zero, **counts, "provider_id": "as64500", "provider": "Pölder, 'Hosting'", "asns": (64499, 64500)}
    card |= {"rank": 1, "exposure_hours_low": 1 / 3, "exposure_hours_high": 2.0, "class_": "meets"}
    settings = {
        "period": PERIOD,
        "cutoff": CUTOFF,
        "norm": NORMS[1],
        "role": Role.NETWORK,
        "method": "bounds-1",
        "freeze": "",
        "minimums": Minimums(),
        "totals": Totals(4, 3, 0, 1, 0, 0, 0, 2),
        "scorecards": (Scorecard(**card), Scorecard(**{**card, "rank": None, "provider_id": "as64501", "asns": ()})),
        "curves": (Curve(None, (0.0,), (1.0,), (1.0,), 3),),
        "trend": (TrendPoint("2026H1", None, 3, 0.0, 1.0), TrendPoint("2026H1", "as64500", 3, 1 / 3, None)),
    }
    return Ranking(**{**settings, **changed})


def freeze(root, episodes=None, **changed):
    period, cutoff = changed.get("period", PERIOD), changed.get("cutoff", CUTOFF)
    given = {
        "period": period,
        "cutoff": cutoff,
        "method": METHOD,
        "tables": TABLES,
        "inputs": INPUTS,
        "providers": NAMED,
        "episodes": sample() if episodes is None else episodes,
        "ranking": a_ranking(period=period, cutoff=cutoff),
    }
    return write_freeze(root, **{**given, **changed})


def digest(episodes, period=PERIOD, cutoff=CUTOFF, method=METHOD, tables=TABLES):
    return freeze_digest(period, cutoff, method.to_json(), tables, episodes)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def method_on_disk():
    """METHOD as `method.json` of `freeze(root)` holds it: with the hashes of what lies beside the rows."""
    beside = {"providers.json": NAMED, "reference_tables": TABLES, "trend.json": a_ranking().trend}
    hashes = {name: sha256(canonical_json([as_written(one) for one in given])) for name, given in beside.items()}
    return replace(METHOD, beside=tuple(hashes.items()))


def as_written(value):
    """As a freeze holds it: of a Provider what is shown, no contact and no postal address."""
    hidden = {"identity", "contacts", "claims"} if isinstance(value, Provider) else set()
    return {name: item for name, item in asdict(value).items() if name not in hidden}


def digest_on_disk(episodes):
    """The digest of `freeze(root, episodes)`, computed beforehand."""
    return digest(episodes, method=method_on_disk())


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def with_check(manifest):
    """A manifest as JSON with the hash that guards it made again."""
    rest = {name: value for name, value in manifest.items() if name != "check"}
    return canonical_json({**rest, "check": sha256(canonical_json(rest))})


def same(one, other):
    """Equal column by column, types included; NaN equals NaN and 0.0 is not -0.0."""
    for name, column in one.arrays().items():
        found = other.arrays()[name]
        assert column.dtype == found.dtype, name
        assert [*map(repr, column.tolist())] == [*map(repr, found.tolist())], name
    return True


def test_the_columns_are_those_of_the_table():
    """Every column of the Episodes is in the file, in the same order, with a meaning."""
    assert [column.name for column in EPISODE_COLUMNS] == [f.name for f in fields(EpisodeTable)]
    assert all(column.meaning for column in EPISODE_COLUMNS)


def test_a_freeze_reads_back_as_it_was_written(tmp_path):
    """Rows, method, tables, inputs, Providers, trend, Period and cut-off come back identical."""
    frozen = freeze(tmp_path)
    data = read_freeze(frozen.path)
    order = [3, 0, 1, 2]  # by source
    assert same(sample().take(np.array(order)), data.episodes)
    assert (data.method, data.tables, data.inputs) == (method_on_disk(), TABLES, INPUTS)
    assert (data.period, data.cutoff, data.digest) == (PERIOD, CUTOFF, frozen.digest)
    assert (data.trend, data.providers) == (a_ranking().trend, NAMED)
    assert (frozen.n_episodes, frozen.n_providers) == (3, 2)


def as_first_scheme(path):
    """The freeze in `path` as the version before it wrote it: two columns and two thresholds fewer."""
    parquet = pq.read_table(path / "episodes.parquet").drop_columns(["attribution_doubts", "flaps"])
    pq.write_table(parquet, path / "episodes.parquet")
    method = json.loads((path / "method.json").read_bytes())
    del method["thresholds"]["table_days"], method["thresholds"]["later_resolution_hours"]
    (path / "method.json").write_bytes(canonical_json(method))
    manifest = json.loads((path / "manifest.json").read_bytes())
    manifest["files"] = {name: sha256((path / name).read_bytes()) for name in manifest["files"]}
    manifest["digest"] = third_party_digest(path, scheme=1)
    (path / "manifest.json").write_bytes(with_check(manifest))
    return path.rename(path.parent / f"{PERIOD.label}-{manifest['digest'][:8]}")


def test_a_freeze_of_the_version_before_is_still_read(tmp_path):
    """Under its own digest, with the figures it had: no doubts, no flaps; everything else as it was."""
    rows = [a_row(n, attribution_doubts="undated", flaps=2) for n in range(3)]
    data = read_freeze(as_first_scheme(freeze(tmp_path, table(rows)).path))
    assert same(data.episodes, table([{**row, "attribution_doubts": None, "flaps": 0} for row in rows]))


def test_a_file_with_other_columns_is_no_freeze(tmp_path):
    """One line, no guess."""
    path = freeze(tmp_path).path / "episodes.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["flaps"]), path)
    with pytest.raises(FreezeError, match=r"episodes\.parquet cannot be read"):
        read_episodes(path)


def test_episodes_are_counted_in_every_role_and_in_role_network(tmp_path):
    """The first count is over all rows."""
    roles = ["network", "network", "as", "site", "customer"]
    rows = [a_row(n, role=role) for n, role in enumerate(roles)] + [a_row(9, status="undelivered", end=None)]
    frozen = freeze(tmp_path, table(rows))
    assert (frozen.n_episodes, frozen.n_network) == (5, 2)


def test_a_freeze_holds_no_contact_and_no_postal_address_of_a_provider(tmp_path):
    """What a person claimed stays in the registry, too."""
    claim = Claim("as64500", 1, network="192.0.2.0/24", valid_from=date(2026, 1, 1))
    identity = LegalIdentity("Marked Legal", postal_address="Marked Street 1")
    given = Provider(
        "as64500", "Shown", identity=identity, contacts=(Contact("abuse", "marked", "m"),), claims=(claim,)
    )
    path = freeze(tmp_path, providers=(given,)).path
    assert b"arked" not in (path / "providers.json").read_bytes()
    assert read_freeze(path).providers == (Provider("as64500", "Shown"),)


@given(episodes=random_table())
@settings(derandomize=True, max_examples=40, deadline=None)
def test_any_table_reads_back(tmp_path_factory, episodes):
    """Null, infinity, negative zero, times, quotes and control characters survive the file."""
    root = tmp_path_factory.mktemp("data")
    data = read_freeze(freeze(root, episodes).path)
    positions = {number: place for place, number in enumerate(episodes.notified_at.tolist())}
    order = np.array([positions[number] for number in data.episodes.notified_at.tolist()], dtype=np.int64)
    assert same(episodes.take(order), data.episodes)


def test_the_files_are_private(tmp_path):
    """Folders 0700, every file 0600, under the name of the Period and eight digits of the digest."""
    frozen = freeze(tmp_path)
    assert frozen.path == tmp_path / "frozen" / f"2026H1-{frozen.digest[:8]}"
    assert {stat.S_IMODE(path.stat().st_mode) for path in frozen.path.iterdir()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (frozen.path, frozen.path.parent)} == {0o700}
    assert {path.name for path in frozen.path.iterdir()} == set(FILES)


def test_the_same_facts_again_change_nothing(tmp_path):
    """The same digest gives the folder that is there, byte for byte, also from other inputs."""
    first = freeze(tmp_path)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in first.path.iterdir()}
    again = freeze(tmp_path, sample().take(np.array([2, 0, 3, 1])), inputs=FreezeInputs((), "0.2.0"))
    assert again == first
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in first.path.iterdir()} == before


def test_two_places_get_the_same_bytes(tmp_path):
    """Every file of a freeze is the same wherever and in whatever order of rows it is made."""
    one = freeze(tmp_path / "one").path
    other = freeze(tmp_path / "other", sample().take(np.array([2, 0, 3, 1]))).path
    assert {p.name: p.read_bytes() for p in one.iterdir()} == {p.name: p.read_bytes() for p in other.iterdir()}


@given(data=st.data(), episodes=random_table())
@settings(derandomize=True, max_examples=40, deadline=None)
def test_the_digest_does_not_see_the_order_of_rows(data, episodes):
    """Rows shuffled, equal ones included, give the same digest."""
    twice = np.array([*range(len(episodes)), *range(len(episodes))], dtype=np.int64)
    shuffled = np.array(data.draw(st.permutations(twice.tolist())), dtype=np.int64)
    assert digest(episodes.take(twice)) == digest(episodes.take(shuffled))


def test_rows_that_tie_on_the_sort_keys_are_ordered_by_the_rest():
    """Two rows of one record, role, clock and moment count the same in either order."""
    rows = [a_row(0, left_hours=1.0), a_row(0, left_hours=0.5), a_row(0, left_hours=0.5, moved_to="as1")]
    assert len({digest(table(order)) for order in (rows, rows[::-1], [rows[1], rows[0], rows[2]])}) == 1


CHANGES = {
    ColumnKind.TEXT: ["", "x", "é"],
    ColumnKind.TIME: [NOON + 1, UNKNOWN_AT],
    ColumnKind.REFERENCE: [-1, 0, 8],
    ColumnKind.COUNT: [0, 8],
    ColumnKind.NUMBER: [nan, 0.0, -1.25, 1.250001],
    ColumnKind.FLAG: [True],
    ColumnKind.TERNARY: [1, -1],
}


@pytest.mark.parametrize("column", EPISODE_COLUMNS, ids=lambda column: column.name)
def test_any_change_of_any_field_changes_the_digest(column):
    """Each column of a row counts, null, empty and zero being different values."""
    values = [a_row()[column.name], *CHANGES[column.kind]]
    assert len({digest(table([a_row(**{column.name: value}), a_row(1)])) for value in values}) == len(values)


def test_text_cannot_slide_from_one_row_to_the_next():
    """Ab and c differ from a and bc, and null from empty."""
    pairs = [("ab", "c"), ("a", "bc"), ("abc", ""), ("abc", None), (None, "abc")]
    tables = [table([a_row(0, moved_to=one), a_row(1, moved_to=other)]) for one, other in pairs]
    assert len(set(map(digest, tables))) == len(pairs)


def test_the_digest_rounds_to_six_decimals():
    """Noise below a millionth of an hour and the sign of zero do not count."""
    assert digest(table([a_row(weight=0.1 + 0.2)])) == digest(table([a_row(weight=0.3)]))
    assert digest(table([a_row(weight=-0.0)])) == digest(table([a_row(weight=0.0)]))
    assert digest(table([a_row(weight=0.3)])) != digest(table([a_row(weight=0.300001)]))


def test_period_cutoff_method_and_tables_are_part_of_the_digest():
    """A change of any of them is another freeze; a table named twice, or in another order, is not."""
    changed = [
        digest(sample()),
        digest(sample(), period=Period.parse("2026Q1")),
        digest(sample(), cutoff=CUTOFF + timedelta(microseconds=1)),
        digest(sample(), method=replace(METHOD, seed=1)),
        digest(sample(), method=replace(METHOD, rules=METHOD.rules[::-1])),
        digest(sample(), method=replace(METHOD, rule_version="episodes-2")),
        digest(sample(), method=replace(METHOD, beside=(("trend.json", "00" * 32),))),
        digest(sample(), tables=TABLES[:1]),
        digest(sample().take(np.array([0, 1, 2]))),
    ]
    assert len(set(changed)) == len(changed)
    assert digest(sample(), tables=(TABLES[1], TABLES[0], TABLES[1])) == changed[0]


def third_party_digest(folder, scheme=2):
    """docs/decisions/005-freeze-digest.md, from the files alone: no code of ours."""
    null = -(2**63)

    def int64s(values):
        return b"".join(struct.pack("<q", value) for value in values)

    def content(kind, values):
        if kind == "text":
            data = [None if v is None else v.encode() for v in values]
            return int64s(-1 if d is None else len(d) for d in data) + b"".join(d for d in data if d)
        if kind == "time":
            return int64s(null if v is None else v for v in values)
        if kind == "reference":
            return int64s(-1 if v is None else v for v in values)
        if kind == "number":
            return int64s(null if v is None else round(v * 1_000_000) for v in values)
        if kind == "count":
            return int64s(values)
        return bytes(255 if v is None else v for v in values)

    def kind_of(field):
        if field.name in ("n_checks", "recurrence", "flaps"):
            return "count"
        if field.name == "known_material":
            return "ternary"
        kinds = {"string": "text", "timestamp[us, tz=UTC]": "time", "int64": "reference", "double": "number"}
        return {**kinds, "bool": "flag"}[str(field.type)]

    parquet = pq.read_table(folder / "episodes.parquet")
    manifest, inputs, method = (
        json.loads((folder / name).read_bytes()) for name in ("manifest.json", "inputs.json", "method.json")
    )
    as_written = json.dumps(inputs["reference_tables"], sort_keys=True, ensure_ascii=False, indent=2) + "\n"
    named = [name for name in ("providers.json", "trend.json", "previous.json") if (folder / name).exists()]
    beside = {name: (folder / name).read_bytes() for name in named}
    beside["reference_tables"] = as_written.encode()
    for name in ("sensitivity.parquet", "previous.parquet", "previous_clusters.parquet"):
        if (folder / name).exists():
            columns = pq.read_table(folder / name).to_pydict()
            whole = {
                key: [int(v) if isinstance(v, float) and v.is_integer() else v for v in values]
                for key, values in columns.items()
            }
            beside[name] = (json.dumps(whole, sort_keys=True, ensure_ascii=False, indent=2) + "\n").encode()
    assert method["beside"] == {name: hashlib.sha256(content).hexdigest() for name, content in beside.items()}
    lines = [f"hosting-monitor freeze {scheme}", "period {label} {start} {end}".format(**manifest["period"])]
    lines.append(f"cutoff {manifest['cutoff']}")
    lines.append(f"method {hashlib.sha256((folder / 'method.json').read_bytes()).hexdigest()}")
    lines += [f"table {digest}" for digest in sorted({table["sha256"] for table in inputs["reference_tables"]})]
    lines.append(f"rows {parquet.num_rows}")
    for field in parquet.schema:
        values, kind = parquet[field.name], kind_of(field)
        values = values.cast("int64") if kind == "time" else values
        lines.append(f"column {field.name} {kind} {hashlib.sha256(content(kind, values.to_pylist())).hexdigest()}")
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


@given(episodes=random_table())
@settings(derandomize=True, max_examples=20, deadline=None)
def test_a_third_party_computes_the_same_digest(tmp_path_factory, episodes):
    """The recipe of the decision, with pyarrow and hashlib only, gives the digest of the folder."""
    frozen = freeze(tmp_path_factory.mktemp("data"), episodes)
    assert third_party_digest(frozen.path) == frozen.digest


def test_the_digest_is_pinned():
    """A change of the scheme shows here: it needs a new first line and a note in the decision."""
    assert digest(sample()) == "ecb526c8fd6f322e1e3c65bc671daf7efeb1d9c8847bac29a9c53c5ed403043f"


def test_other_tools_read_the_right_types(tmp_path):
    """Plain DuckDB and pandas see times in UTC, booleans with null, and null for unknown and infinite hours."""
    path = freeze(tmp_path).path / "episodes.parquet"
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [str(path)]).description
    types = {name: str(kind) for name, kind, *_ in found}
    assert types["notified_at"] == "TIMESTAMP WITH TIME ZONE"
    assert (types["asn"], types["left_hours"], types["record_id"]) == ("BIGINT", "DOUBLE", "VARCHAR")
    assert (types["known_material"], types["fronted"], types["moved_to"]) == ("BOOLEAN", "BOOLEAN", "VARCHAR")
    frame = pd.read_parquet(path).set_index("record_id")
    assert frame["notified_at"].iloc[0] == pd.Timestamp("2026-03-01T12:00:00Z")
    assert pd.isna(frame.loc["R0000", "asn"]) and pd.isna(frame.loc["R0000", "reported_at"])
    assert [frame.loc[f"R000{n}", "known_material"] for n in (0, 1, 2)] == [None, True, False]
    assert pd.isna(frame.loc["R0001", "right_hours"]) and frame.loc["R0000", "right_hours"] == 1.25


def test_scorecards_are_written_in_their_order_with_their_types(tmp_path):
    """Names as in every file (`class`), AS numbers as a list, unknown shares as null of type double."""
    stored = pq.read_table(freeze(tmp_path).path / "scorecards.parquet")
    assert stored.to_pylist() == [card.as_fields() for card in a_ranking().scorecards]
    types = {field.name: str(field.type) for field in stored.schema}
    assert (types["within_norm"], types["identified"], types["rank"]) == ("double", "bool", "int64")
    assert (types["class"], types["asns"].startswith("list")) == ("string", True)


def test_words_of_an_enum_are_stored_as_text(tmp_path):
    """Episodes may hold the words of `words.py` instead of plain text; the digest is the same."""
    words, plain = table([a_row(0, end=End.TAKEDOWN)]), table([a_row(0, end="takedown")])
    frozen = freeze(tmp_path, words)
    assert frozen.digest == digest_on_disk(plain)
    assert same(read_freeze(frozen.path).episodes, plain)


def test_an_empty_period_can_be_frozen(tmp_path):
    """No rows and no Scorecards still give a freeze with typed columns."""
    frozen = freeze(tmp_path, table([]), ranking=a_ranking(scorecards=(), trend=()))
    assert len(read_freeze(frozen.path).episodes) == 0
    schema = pq.read_schema(frozen.path / "scorecards.parquet")
    assert str(schema.field("within_norm").type) == "double"


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"right_hours": nan}, "right_hours"),
        ({"status": "undelivered", "right_hours": inf}, "right_hours"),
        ({"weight": inf}, "weight"),
        ({"left_hours": -inf}, "left_hours"),
        ({"first_left_hours": nan, "first_right_hours": inf}, "first_right_hours"),
    ],
)
def test_hours_that_would_not_read_back_are_refused(tmp_path, changed, column):
    """Null must mean one thing: the column at fault is named and nothing is left on disk."""
    with pytest.raises(FreezeError, match=column):
        freeze(tmp_path, table([a_row(0, **changed)]))
    assert [path.name for path in (tmp_path / "frozen").iterdir()] == [".lock"]


def test_text_that_is_not_unicode_is_refused_without_being_shown(tmp_path):
    """A lone surrogate cannot be stored; the message holds nothing of it."""
    with pytest.raises(FreezeError, match="not valid Unicode") as caught:
        freeze(tmp_path, table([a_row(0, record_id="geheim\ud800")]))
    assert "geheim" not in str(caught.value)


def test_a_ranking_of_other_facts_is_refused(tmp_path):
    """A Ranking that names another freeze, Period or cut-off does not go in."""
    for ranking in (a_ranking(freeze="0" * 64), a_ranking(period=Period.parse("2025H2")), a_ranking(cutoff=PERIOD.end)):
        with pytest.raises(FreezeError, match="another freeze"):
            freeze(tmp_path, ranking=ranking)
    assert freeze(tmp_path, ranking=a_ranking(freeze=digest_on_disk(sample()))).n_providers == 2


@pytest.mark.parametrize("name", FILES)
def test_a_changed_or_missing_file_is_named(tmp_path, name):
    """Any changed byte, and any missing file, is found by reading and by freezing again, which mends nothing."""
    path = freeze(tmp_path).path
    content = bytearray((path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (path / name).write_bytes(content)
    with pytest.raises(FreezeError, match=name):
        read_freeze(path)
    (path / name).unlink()
    with pytest.raises(FreezeError, match=name):
        read_freeze(path)
    with pytest.raises(FreezeError, match=name):
        freeze(tmp_path)


def test_a_manifest_made_to_fit_does_not_hide_changed_rows(tmp_path):
    """Rows swapped for others together with their hash in the manifest: the digest tells."""
    path = freeze(tmp_path).path
    other = freeze(tmp_path / "other", table([a_row(0)])).path
    (path / "episodes.parquet").write_bytes((other / "episodes.parquet").read_bytes())
    manifest = json.loads((path / "manifest.json").read_bytes())
    manifest["files"]["episodes.parquet"] = sha256((path / "episodes.parquet").read_bytes())
    (path / "manifest.json").write_bytes(with_check(manifest))
    with pytest.raises(FreezeError, match=r"manifest\.json of the freeze differs"):
        read_freeze(path)


@pytest.mark.parametrize(
    ("name", "at_fault"),
    [("providers.json", "providers"), ("trend.json", "trend"), ("inputs.json", "reference_tables")],
)
def test_a_manifest_made_to_fit_does_not_hide_what_lies_beside_the_rows(tmp_path, name, at_fault):
    """Names, trend or the dates of tables swapped together with their hash in the manifest: method.json tells."""
    path = freeze(tmp_path).path
    tables = (replace(TABLES[0], made_on="2026-01-03"), TABLES[1])
    other = freeze(tmp_path / "other", providers=NAMED[:1], ranking=a_ranking(trend=()), tables=tables).path
    (path / name).write_bytes((other / name).read_bytes())
    manifest = json.loads((path / "manifest.json").read_bytes())
    manifest["files"][name] = sha256((path / name).read_bytes())
    (path / "manifest.json").write_bytes(with_check(manifest))
    with pytest.raises(FreezeError, match=rf"{at_fault}\S* of the freeze differs from method\.json"):
        read_freeze(path)


OTHERS = {
    "providers": {"providers": (replace(NAMED[0], name="Pölder New"), NAMED[1])},
    "trend": {"ranking": a_ranking(trend=(replace(a_ranking().trend[0], worst=0.25), a_ranking().trend[1]))},
    "tables": {"tables": (replace(TABLES[0], made_on="2026-01-03"), TABLES[1])},
}


@pytest.mark.parametrize("changed", OTHERS.values(), ids=OTHERS.keys())
def test_names_earlier_periods_and_dates_of_tables_are_part_of_the_digest(tmp_path, changed):
    """All that a release shows beside the rows: another one of them is another freeze, in a folder of its own."""
    first, second = freeze(tmp_path), freeze(tmp_path, **changed)
    assert first.digest != second.digest
    assert len({first.path, second.path}) == 2
    assert read_freeze(second.path).digest == third_party_digest(second.path) == second.digest


def test_a_manifest_of_another_freeze_is_noticed_by_the_name(tmp_path):
    """A folder whose name has another digest than its manifest is not that freeze."""
    path = freeze(tmp_path).path
    moved = path.rename(path.with_name("2026H1-00000000"))
    with pytest.raises(FreezeError, match="another digest"):
        read_freeze(moved)


def test_a_stray_file_is_noticed_and_not_named(tmp_path):
    """A file that does not belong there is reported without its name."""
    path = freeze(tmp_path).path
    (path / "geheim.example").write_text("x")
    with pytest.raises(FreezeError, match="not listed") as caught:
        read_freeze(path)
    assert "geheim" not in str(caught.value)


def in_full(root, **changed):
    """A freeze with sensitivity and the Period before."""
    return freeze(root, **{"sensitivity": SENSITIVITY, "previous": PREVIOUS, **changed})


def made_to_fit(path, *names):
    """The manifest with the hashes of these files as they are now."""
    manifest = json.loads((path / "manifest.json").read_bytes())
    manifest["files"] |= {name: sha256((path / name).read_bytes()) for name in names}
    (path / "manifest.json").write_bytes(with_check(manifest))


def test_sensitivity_and_the_period_before_read_back_as_they_were_written(tmp_path):
    """In files of their own, private as the others, which pyarrow opens with their types."""
    path = in_full(tmp_path).path
    data = read_freeze(path)
    assert (data.sensitivity, data.previous) == (SENSITIVITY, PREVIOUS)
    assert {file.name for file in path.iterdir()} == {*FILES, *ADDED}
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()} == {0o600}
    columns = pq.read_table(path / "sensitivity.parquet")
    assert (columns["class"].to_pylist(), str(columns["best"].type)) == (["not-proven", "too-few"], "double")


def test_a_freeze_without_sensitivity_and_period_before_is_whole(tmp_path):
    """As older ones are: nothing to show, and the trend has bounds alone."""
    path = freeze(tmp_path).path
    data = read_freeze(path)
    assert (data.sensitivity, data.previous) == ((), None)
    assert not {file.name for file in path.iterdir()} & ADDED


def test_empty_sensitivity_is_another_thing_than_none(tmp_path):
    """Made and found empty, the file is there."""
    path = freeze(tmp_path, sensitivity=()).path
    assert (path / "sensitivity.parquet").exists()
    assert read_freeze(path).beside.sensitivity == ()


def test_a_trend_of_an_older_version_is_still_read(tmp_path):
    """Points without estimates and breaks: these are not known."""
    path = freeze(tmp_path).path
    points = json.loads((path / "trend.json").read_bytes())
    older = ("period", "provider_id", "n_episodes", "worst", "best")
    (path / "trend.json").write_bytes(canonical_json([{name: point[name] for name in older} for point in points]))
    method = json.loads((path / "method.json").read_bytes())
    method["beside"]["trend.json"] = sha256((path / "trend.json").read_bytes())
    (path / "method.json").write_bytes(canonical_json(method))
    made_to_fit(path, "trend.json", "method.json")
    assert open_freeze(path).trend == a_ranking().trend


def test_a_trend_with_estimates_and_breaks_reads_back(tmp_path):
    """Shares that are whole numbers are floats again."""
    point = TrendPoint("2026H1", None, 3, 0.0, 1.0, 1.0, 0.5, 1.0, ("schedule", "coverage"))
    data = read_freeze(freeze(tmp_path, ranking=a_ranking(trend=(point,))).path)
    assert data.trend == (point,)
    assert isinstance(data.trend[0].share, float)


def test_sensitivity_and_the_period_before_are_part_of_the_digest(tmp_path):
    """Any other value of them is another freeze, and a third party finds the same digest."""
    others = (
        {},
        {"sensitivity": None},
        {"previous": None},
        {"sensitivity": SENSITIVITY[:1]},
        {"sensitivity": (replace(SENSITIVITY[0], share=0.5), SENSITIVITY[1])},
        {"previous": replace(PREVIOUS, shares=PREVIOUS.shares[:1])},
        {"previous": replace(PREVIOUS, clusters=PREVIOUS.clusters[:40])},
        {"previous": replace(PREVIOUS, before=())},
    )
    made = [in_full(tmp_path, **other) for other in others]
    assert len({one.digest for one in made}) == len(others)
    assert all(third_party_digest(one.path) == one.digest for one in made)


@pytest.mark.parametrize("name", sorted(ADDED))
def test_a_changed_or_missing_file_beside_is_named(tmp_path, name):
    """By the full check and by the light one."""
    path = in_full(tmp_path).path
    content = bytearray((path / name).read_bytes())
    content[len(content) // 2] ^= 1
    for damage in (lambda: (path / name).write_bytes(content), (path / name).unlink):
        damage()
        for read in (read_freeze, open_freeze):
            with pytest.raises(FreezeError, match=name):
                read(path)


@pytest.mark.parametrize("name", sorted(ADDED))
def test_a_manifest_made_to_fit_does_not_hide_a_file_beside(tmp_path, name):
    """Swapped for another one, or taken out, together with its hash in the manifest: method.json tells."""
    path = in_full(tmp_path).path
    facts = replace(PREVIOUS, now=(), shares=(), clusters=())
    other = in_full(tmp_path / "other", sensitivity=(), previous=facts).path
    (path / name).write_bytes((other / name).read_bytes())
    made_to_fit(path, name)
    with pytest.raises(FreezeError, match=rf"{name} of the freeze differs from method\.json"):
        read_freeze(path)
    (path / name).unlink()
    manifest = json.loads((path / "manifest.json").read_bytes())
    del manifest["files"][name]
    (path / "manifest.json").write_bytes(with_check(manifest))
    with pytest.raises(FreezeError, match=rf"{name} of the freeze differs from method\.json"):
        read_freeze(path)


def test_a_file_beside_that_the_freeze_was_cut_without_is_a_stray(tmp_path):
    """It is not taken for the freeze's own."""
    path = freeze(tmp_path).path
    (path / "sensitivity.parquet").write_bytes((in_full(tmp_path).path / "sensitivity.parquet").read_bytes())
    with pytest.raises(FreezeError, match="not listed"):
        open_freeze(path)


def test_an_opened_freeze_has_all_but_the_table(tmp_path):
    """The same parts as the full reading, and rows by clock and role as codes."""
    rows = [a_row(0), a_row(1, role="as", provider_id="as64500"), a_row(2, clock="order"), a_row(3, provider_id="x")]
    path = in_full(tmp_path, episodes=table(rows)).path
    light, full = open_freeze(path), read_freeze(path)
    names = ("path", "digest", "period", "cutoff", "method", "tables", "inputs", "beside")
    assert [getattr(light, name) for name in names] == [getattr(full, name) for name in names]
    for clock, role in ((NoticeKind.REQUEST, Role.NETWORK), (NoticeKind.REQUEST, Role.AS), (NoticeKind.ORDER, Role.AS)):
        wanted = select(full.episodes, clock=clock, role=role)
        for found in (light.selected(clock, role), full.selected(clock, role)):
            assert (found.ids, found.role, found.clock) == (wanted.ids, role, clock)
            assert same(wanted.rows, found.rows)


def test_the_light_check_does_not_make_the_digest_again(tmp_path):
    """Rows swapped together with their hash in the manifest: only the full check sees it."""
    path = freeze(tmp_path).path
    other = freeze(tmp_path / "other", table([a_row(0)])).path
    (path / "episodes.parquet").write_bytes((other / "episodes.parquet").read_bytes())
    made_to_fit(path, "episodes.parquet")
    assert open_freeze(path).digest == digest_on_disk(sample())
    with pytest.raises(FreezeError, match="digest is not that of the rows"):
        read_freeze(path)


def test_frozen_scorecards_read_back_as_they_were(tmp_path):
    """Every field with its type, None for what was not known, AS numbers as a tuple."""
    path = freeze(tmp_path).path
    assert read_scorecards(path) == a_ranking().scorecards
    (path / "scorecards.parquet").write_bytes((path / "episodes.parquet").read_bytes())
    with pytest.raises(FreezeError, match=r"scorecards\.parquet cannot be read"):
        read_scorecards(path)


def again(data, method="npmle-1", **changed):
    return a_ranking(freeze=data.digest, method=method, norm=data.method.norm(NoticeKind.REQUEST), **changed)


def test_an_old_freeze_keeps_its_figures_and_gets_new_ones_beside(tmp_path):
    """Measured again: the freeze is as it was, the new Scorecards lie in a private folder named after the method."""
    data = open_freeze(freeze(tmp_path).path)
    before = bytes_of(data.path)
    cards = tuple(replace(card, within_norm=0.25) for card in a_ranking().scorecards)
    path = write_remeasured(tmp_path, data, again(data, scorecards=cards))
    assert path == tmp_path / "remeasured" / f"2026H1-{data.digest[:8]}-npmle-1"
    assert (read_remeasured(path), read_scorecards(data.path)) == (cards, a_ranking().scorecards)
    assert bytes_of(data.path) == before
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()} == {0o600}
    manifest = json.loads((path / "manifest.json").read_bytes())
    assert (manifest["freeze"], manifest["frozen_method"], manifest["method"]) == (data.digest, "bounds-1", "npmle-1")
    assert manifest["files"] == {"scorecards.parquet": sha256((path / "scorecards.parquet").read_bytes())}


def test_measuring_again_the_same_changes_nothing_and_other_figures_are_refused(tmp_path):
    """One method gives one set of figures; another method gets a folder of its own."""
    data = open_freeze(freeze(tmp_path).path)
    path = write_remeasured(tmp_path, data, again(data))
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in path.iterdir()}
    assert write_remeasured(tmp_path, data, again(data)) == path
    with pytest.raises(FreezeError, match="other figures of the same method"):
        write_remeasured(tmp_path, data, again(data, scorecards=a_ranking().scorecards[:1]))
    assert {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in path.iterdir()} == before
    assert write_remeasured(tmp_path, data, again(data, method="npmle-2")) != path


def test_only_the_freezes_own_ranking_is_kept_as_measured_again(tmp_path):
    """Not that of another freeze, role or norm."""
    data = open_freeze(freeze(tmp_path).path)
    others = (
        replace(again(data), freeze="0" * 64),
        replace(again(data), role=Role.AS),
        replace(again(data), norm=NORMS[0]),
    )
    for other in others:
        with pytest.raises(FreezeError):
            write_remeasured(tmp_path, data, other)
    assert not (tmp_path / "remeasured").exists()


def test_newest_is_the_one_made_last(tmp_path):
    """By sequence, whatever the names and file times say; of that Period only."""
    assert newest_freeze(tmp_path, PERIOD) is None
    made = [freeze(tmp_path, table([a_row(number)])) for number in range(6)]
    freeze(tmp_path, period=Period.parse("2026"))
    os.utime(made[0].path, (4e9, 4e9))
    assert newest_freeze(tmp_path, PERIOD) == made[-1].path
    assert find_freeze(tmp_path, PERIOD) == made[-1].path


def test_an_older_freeze_that_is_frozen_again_is_the_newest(tmp_path):
    """A merge is frozen, undone, and frozen again: what is found is the undone one, its files as they were."""
    merged = (replace(NAMED[0], asns=(64499, 64500, 64501)),)
    first = freeze(tmp_path)
    before = bytes_of(first.path)
    second = freeze(tmp_path, providers=merged)
    assert newest_freeze(tmp_path, PERIOD) == second.path
    assert freeze(tmp_path) == first
    assert newest_freeze(tmp_path, PERIOD) == find_freeze(tmp_path, PERIOD) == first.path
    assert find_freeze(tmp_path, PERIOD, second.digest[:8]) == second.path
    after = bytes_of(first.path)
    assert {name for name in after if after[name] != before[name]} == {"manifest.json"}
    assert read_freeze(first.path).providers == NAMED
    assert stat.S_IMODE((first.path / "manifest.json").stat().st_mode) == 0o600
    assert freeze(tmp_path, providers=merged) == second
    assert newest_freeze(tmp_path, PERIOD) == second.path


def test_a_freeze_is_the_newest_of_its_own_period(tmp_path):
    """A later freeze of another Period does not make freezing again change anything."""
    first = freeze(tmp_path)
    freeze(tmp_path, period=Period.parse("2026"))
    before = bytes_of(first.path)
    assert bytes_of(freeze(tmp_path).path) == before


def test_a_freeze_is_found_by_its_digest(tmp_path):
    """Eight digits or all of them find it; what is not there is an error that says what to do."""
    frozen = freeze(tmp_path)
    assert find_freeze(tmp_path, PERIOD, frozen.digest[:8]) == frozen.path
    assert find_freeze(tmp_path, PERIOD, frozen.digest.upper()) == frozen.path
    for period, digest8 in ((PERIOD, "00000000"), (Period.parse("2025H2"), None)):
        with pytest.raises(FreezeError, match="monitor freeze"):
            find_freeze(tmp_path, period, digest8)


def test_a_span_of_days_and_its_year_keep_apart(tmp_path):
    """The folder of `2026-01-01..2026-06-30` is not taken for one of `2026`."""
    span = Period.parse("2026-01-01..2026-06-30")
    frozen = freeze(tmp_path, period=span)
    assert newest_freeze(tmp_path, span) == frozen.path
    assert newest_freeze(tmp_path, Period.parse("2026")) is None
    assert read_freeze(frozen.path).period == span


def test_a_damaged_old_freeze_does_not_stop_a_new_one(tmp_path):
    """The next freeze is written all the same."""
    old = freeze(tmp_path, table([a_row(5)])).path
    (old / "manifest.json").write_text("{")
    assert read_freeze(freeze(tmp_path).path).digest == digest_on_disk(sample())
    assert read_freeze(freeze(tmp_path).path).digest == digest_on_disk(sample())


KILLER = """
import importlib.util, os, pathlib, sys
spec = importlib.util.spec_from_file_location("frozen_test", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

def run(root, stop):
    seen = 0
    def hook(event, args):
        nonlocal seen
        if event in ("open", "os.rename", "os.chmod", "os.mkdir") and str(root) in str(args[0]):
            seen += 1
            if seen == stop:
                os._exit(9)
    sys.addaudithook(hook)
    module.freeze(root)
    os._exit(0)

stop = 0
while True:
    stop += 1
    root = pathlib.Path(sys.argv[2]) / str(stop)
    root.mkdir()
    if sys.argv[3] == "again":
        module.freeze(root)
        module.freeze(root, providers=())
    child = os.fork()
    if child == 0:
        run(root, stop)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        break
print(stop)
"""


@pytest.mark.slow
def test_a_killed_writer_leaves_no_half_freeze(tmp_path):
    """Killed before each file and step in turn: there is a whole freeze or none, and the next try succeeds."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLER, __file__, str(tmp_path), "first"],
        capture_output=True,
        text=True,
        check=True,
    )
    stops = int(done.stdout)
    assert stops > 15  # the writer was killed at many points, then once ran to its end
    left_overs = 0
    for root in (tmp_path / str(stop) for stop in range(1, stops + 1)):
        found = newest_freeze(root, PERIOD)
        assert found is None or read_freeze(found).digest == digest_on_disk(sample())
        left_overs += bool([*root.glob("frozen/.new-*")])
        assert freeze(root).digest == digest_on_disk(sample())
        assert newest_freeze(root, PERIOD)
        assert not [*root.glob("frozen/.new-*")]
    assert left_overs > 10


@pytest.mark.slow
def test_an_older_freeze_is_whole_whenever_making_it_the_newest_is_killed(tmp_path):
    """Killed at each step in turn: both freezes read, one of them is the newest, and the next try succeeds."""
    call = [sys.executable, "-W", "ignore", "-c", KILLER, __file__, str(tmp_path), "again"]
    stops = int(subprocess.run(call, capture_output=True, text=True, check=True).stdout)
    newest = []
    for root in (tmp_path / str(stop) for stop in range(1, stops + 1)):
        older = find_freeze(root, PERIOD, digest_on_disk(sample()))
        assert len([read_freeze(path) for path in root.glob("frozen/2*")]) == 2
        newest.append(newest_freeze(root, PERIOD) == older)
        assert freeze(root).path == newest_freeze(root, PERIOD) == older
        assert newest[-1] or not [*root.glob("frozen/.new-*")]
    assert set(newest[:-1]) == {False, True} and newest[-1]


FULL = """
import importlib.util, os, pathlib, resource, sys
spec = importlib.util.spec_from_file_location("frozen_test", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
for limit in sys.argv[3:]:
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
        root = pathlib.Path(sys.argv[2]) / limit
        root.mkdir()
        try:
            module.freeze(root)
        except module.FreezeError as error:
            os.write(1, f"{error}\\n".encode())
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    """A file that cannot grow (here: a limit on its size) ends in a FreezeError that shows no path."""
    limits = ["100", "2000", "7000"]  # in the first, half-way, and in the second file
    call = [sys.executable, "-W", "ignore", "-c", FULL, __file__, str(tmp_path), *limits]
    said = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    assert [line.split(" cannot be written")[0] for line in said.splitlines()] == [
        "episodes.parquet",
        "episodes.parquet",
        "scorecards.parquet",
    ]
    assert str(tmp_path) not in said
    for limit in limits:
        assert [path.name for path in (tmp_path / limit / "frozen").iterdir()] == [".lock"]


def test_a_place_that_cannot_hold_a_freeze_is_said(tmp_path):
    """A file where the folder should be: the system's reason in words, no path."""
    (tmp_path / "frozen").write_text("x")
    with pytest.raises(FreezeError, match="cannot be written") as caught:
        freeze(tmp_path)
    assert str(tmp_path) not in str(caught.value)


def test_no_message_shows_where_the_freeze_is(tmp_path):
    """A folder with a telling name stays unnamed."""
    for path in (tmp_path / "geheim", freeze(tmp_path).path.rename(tmp_path / "geheim2")):
        (path / "manifest.json").unlink(missing_ok=True)
        with pytest.raises(FreezeError) as caught:
            read_freeze(path)
        assert "geheim" not in str(caught.value)


def test_a_method_is_written_in_one_way_only():
    """Whole numbers have no point, keys are sorted, norms stand by clock: no spelling changes the bytes."""
    spelt = replace(METHOD, norms=(Norm(NoticeKind.REQUEST, 24, 0.8, "sector norm", "2024-01-01", "policy"), NORMS[0]))
    assert spelt.to_json() == METHOD.to_json()
    assert Method.from_json(METHOD.to_json()) == METHOD
    assert b'"hours": 24,' in METHOD.to_json()
    other = replace(
        METHOD, thresholds=Thresholds(confirm_minutes=45.5), minimums=Minimums(5, 2, 1), tables_made_later=True
    )
    assert Method.from_json(other.to_json()) == other


def test_a_method_that_is_none_is_refused():
    """Damaged or foreign JSON is a FreezeError, not a traceback."""
    for content in (b"", b"[]", b"{}", METHOD.to_json().replace(b'"request"', b'"wish"')):
        with pytest.raises(FreezeError, match=r"method\.json"):
            Method.from_json(content)


def test_a_method_tells_its_settings():
    """Every norm, minimum and threshold has a name and a value for the methodology page."""
    info = METHOD.info(TABLES)
    settings_shown = dict(info.settings)
    assert settings_shown["norms.request.hours"] == "24"
    assert settings_shown["norms.request.basis"] == "sector norm"
    assert settings_shown["minimums.clusters"] == "3"
    assert settings_shown["thresholds.cap_hours"] == "720"
    assert len(settings_shown) == len(info.settings) == 2 * 5 + len(asdict(Minimums())) + len(asdict(Thresholds())) + 1
    assert (info.rules, info.reference_tables, info.tables_made_later) == (METHOD.rules, TABLES, False)
    assert METHOD.norm(NoticeKind.REQUEST).hours == 24.0
    with pytest.raises(FreezeError, match=r"norms\.order"):
        replace(METHOD, norms=NORMS[1:]).norm(NoticeKind.ORDER)

"""The hand-made cases through the whole program: every count and bound is worked out here by hand.

The cases with their stories are in cases.txt; the configuration (norm 24 h, target 0.565, minimums 3 and 2) in
conftest.py.
"""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

Row = dict[str, Any]
ROUNDED = 5e-10  # figures have nine decimals
PROMISED = """
    record_id source target_id site_id provider_id asn role clock status site_type reported_at notified_at
    notice_sender notice_status addressee_match fronted attribution_confidence known_material country page_target
    n_checks left_hours right_hours end lower0_hours weight deadline_hours first_left_hours first_right_hours
    tail_from_hours last_outcome moved_to exposure_low_hours exposure_high_hours cluster_id recurrence provisional
    interrupted gap_at_notice rule_version
"""
NOON_5_MARCH = 1_772_712_000_000_000  # microseconds: date -u -d 2026-03-05T12:00 +%s


@pytest.fixture(scope="module")
def cards(line: Any) -> dict[str, Row]:
    """The scorecards of the request clock by provider id."""
    return {card["provider_id"]: card for card in line.said["rank"]["scorecards"]}


@pytest.fixture(scope="module")
def frozen(line: Any) -> Path:
    return Path(line.said["freeze"]["path"])


@pytest.fixture(scope="module")
def rows(frozen: Path) -> dict[str, Row]:
    """The rows of episodes.parquet in role network or proxy by record id; a record has one at most in these cases."""
    with duckdb.connect() as connection:
        times = "epoch_us(reported_at) AS reported_at, epoch_us(notified_at) AS notified_at"
        place = [str(frozen / "episodes.parquet")]
        hosting = "role IN ('network', 'proxy')"
        found = connection.execute(f"SELECT * REPLACE ({times}) FROM read_parquet(?) WHERE {hosting}", place)
        names = [column[0] for column in found.description]
        table = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    by_record = {row["record_id"]: row for row in table}
    assert len(by_record) == len(table)
    return by_record


def _expect(card: Row, **values: object) -> None:
    assert {name: card[name] for name in values} == values


def test_every_row_is_read_and_none_is_left_over(line: Any) -> None:
    """41 reports and 91 checks; the checks come after their reports, so none waits."""
    assert line.said["reports"] == {
        "read": 41,
        "accepted": 41,
        "waiting": 0,
        "duplicate": 0,
        "rejected": 0,
        "rejects_file": None,
        "joined": 0,
        "unknown_addressees": 0,
        "warnings": [],
    }
    _expect(line.said["checks"], read=91, accepted=91, waiting=0, duplicate=0, rejected=0)


def test_addresses_are_counted_by_what_the_tables_say(line: Any) -> None:
    """Of 42 addresses 41 have an origin AS; two lie in the proxy's range; u02 is announced by nobody."""
    assert line.said["attribute"] == {"attributed": 41, "unattributed": 1, "fronted": 2}


def test_a_provider_with_every_kind_of_end(cards: dict[str, Row]) -> None:
    """Alpha: a01 to a09, a20 to a24 and the four notices that did not arrive.

    Episodes: a01 a02 a03 a04 a05 a06 a08 a09 a20 a21 a22 a23 a24 = 13, and a07 gone before: 14 targets notified.
    Surely within: a01 (1, 10], a21 (1, 4], a23 (1, 5] = 3. Possibly: also a03 (10, 30], a04 (gap), a06 (open at 5),
    a20 (20, 40], a22 (20, 30] = 8. Any end: also a08 moved in (2, 12], a09 domain gone in (3, 9] = 5 and 10.
    """
    _expect(
        cards["as64500"],
        rank=2,
        provider="Alpha Hosting (AS64500)",  # an equal name is shown with its number
        asns=[64500],
        country=None,
        n_notices=14,
        n_episodes=13,
        n_sites=11,  # a01, a02 and a03 are one site
        n_clusters=5,  # 2, 3, 4, 5 March, 30 June
        gone_before_notice=1,  # a07
        gap_at_notice=1,  # a04
        undelivered_bounced=1,  # a10
        undelivered_refused=1,  # a11
        undelivered_no_contact=1,  # a12
        undelivered_our_fault=1,  # a13
        misaddressed=1,  # a14
        taken_down=9,  # a01 a02 a03 a04 a20 a21 a22 a23 a24
        moved=1,  # a08
        moved_in=0,
        domain_gone=1,  # a09
        online_at_cutoff=2,  # a05 a06
        inconclusive=1,  # a06
        provisional=1,  # a24
        interrupted=1,  # a22
        recurrences=1,  # a23
        within_norm_worst=pytest.approx(3 / 13, abs=ROUNDED),
        within_norm_best=pytest.approx(8 / 13, abs=ROUNDED),
        within_norm_any_end_worst=pytest.approx(5 / 13, abs=ROUNDED),
        within_norm_any_end_best=pytest.approx(10 / 13, abs=ROUNDED),
        unranked_reason=None,
        report_to_notice_median_hours=2.0,
    )
    assert cards["as64500"]["class"] == "not-proven"  # 3 / 13 < 0.565 < 10 / 13


def test_exposure_adds_up_by_hand(cards: dict[str, Row]) -> None:
    """Low: to the last check online; high: to the first offline, or 720 h; a22 without the gap between 1 and 20."""
    # a01 a02 a03 a04 a05 a06 a08 a09 a20 a21 a22 a23 a24
    low = 1 + 30 + 10 + 0 + 720 + 5 + 2 + 3 + 20 + 1 + 1 + 1 + 650
    high = 10 + 40 + 30 + 5 + 720 + 720 + 12 + 9 + 40 + 4 + (5 + 25) + 5 + 680
    alpha, beta = cards["as64500"], cards["as64501"]
    assert (alpha["exposure_hours_low"], alpha["exposure_hours_high"]) == (low, high)
    # b01 b02 b03 b04 b05
    assert (beta["exposure_hours_low"], beta["exposure_hours_high"]) == (1 + 1 + 1 + 10 + 1, 2 + 3 + 23 + 15 + 2)


def test_the_fast_and_the_silent_provider_are_at_the_two_ends(cards: dict[str, Row]) -> None:
    """Beta: five of five surely within, the last rank. AS64504: none of three even at best, the first.

    What so few can prove is in test_figures.py: neither is enough for a class.
    """
    _expect(
        cards["as64501"],
        rank=3,
        provider="Beta Hosting",
        n_notices=5,
        n_episodes=5,
        n_sites=5,
        n_clusters=2,
        taken_down=5,
        moved=0,  # b04 came back within 24 hours
        moved_in=1,  # a08
        misaddressed=0,
        within_norm_worst=1.0,
        within_norm_best=1.0,
        within_norm_any_end_worst=1.0,
        within_norm_any_end_best=1.0,
    )
    _expect(
        cards["as64504"],
        rank=1,
        provider="Alpha Hosting (AS64504)",
        n_episodes=3,
        n_clusters=2,
        taken_down=1,  # e02
        online_at_cutoff=2,  # e01, e03
        inconclusive=1,  # e03: two offline checks of a source that is not trusted
        within_norm_worst=0.0,
        within_norm_best=0.0,
        within_norm_any_end_best=0.0,
    )
    assert (cards["as64501"]["class"], cards["as64504"]["class"]) == ("not-proven", "not-proven")


def test_an_end_at_the_limit_is_within_and_a_beginning_there_is_not(cards: dict[str, Row]) -> None:
    """Delta: d01 in (23, 24] is surely within, d02 in (24, 30] surely not; d03 and d04 are in other Periods."""
    _expect(
        cards["as64503"],
        rank=None,
        n_notices=2,
        n_episodes=2,
        within_norm_worst=0.5,
        within_norm_best=0.5,
        unranked_reason="few-episodes",
    )
    assert cards["as64503"]["class"] == "too-few"


def test_every_row_is_in_one_total(line: Any) -> None:
    """31 targets: 25 Episodes (two at nobody), one gone before, four not delivered, one told to somebody else."""
    rank = line.said["rank"]
    totals = dict(rank["totals"])  # a copy: other tests compare the document as a whole
    assert (totals.pop("doubted"), totals.pop("flaps")) == (23, 1)
    doubtful = dict(totals.pop("doubtful"))
    assert doubtful == {"as-stands-in": 23, "old-table": 23, "stated-address": 20, "stated-origin": 1}
    assert totals == {
        "targets": 31,
        "episodes": 25,
        "gone_before_notice": 1,
        "undelivered": 4,
        "misaddressed": 1,
        "unattributed": 2,
        "fronted": 1,
        "providers": 4,
        "unattributed_reasons": [["no-address", 1], ["no-prefix", 1]],
    }
    assert (rank["method"], rank["period"], rank["cutoff"]) == ("npmle-1", "2026H1", "2026-08-01T00:00:00Z")
    assert rank["freeze"] == line.said["freeze"]["digest"]
    assert line.said["freeze"]["episodes_network"] == 25 + 4  # with the orders


def test_the_freeze_counts_the_episodes_of_every_role(line: Any, frozen: Path) -> None:
    """Rows of status episode: as many in network, as and customer; those of proxies; and where a site was told."""
    with duckdb.connect() as connection:
        counted = connection.execute(
            "SELECT role, count(*) FROM read_parquet(?) WHERE status = 'episode' GROUP BY role",
            [str(frozen / "episodes.parquet")],
        ).fetchall()
    by_role = dict(counted)
    assert line.said["freeze"]["episodes"] == sum(by_role.values())
    assert by_role["network"] == by_role["as"] == by_role["customer"] == 25 + 4
    assert by_role["proxy"] == 1


def test_orders_count_by_their_own_deadline(line: Any) -> None:
    """a17 (1, 5] of 6 h and a25 (domain, (1, 3] of 12 h) comply; a18 has no deadline: perhaps; a19 missed its 2 h."""
    (card,) = line.said["order"]["scorecards"]
    _expect(
        card,
        provider_id="as64500",
        rank=1,
        n_notices=4,
        n_episodes=4,
        n_clusters=2,
        taken_down=3,
        domain_gone=1,
        within_norm_worst=0.5,
        within_norm_best=0.75,
        within_norm_any_end_worst=0.5,
        within_norm_any_end_best=0.75,
        exposure_hours_low=1 + 1 + 3 + 1,
        exposure_hours_high=5 + 8 + 4 + 3,
    )
    assert line.said["order"]["norm"] == "order"


def test_a_reverse_proxy_has_a_ranking_of_its_own(line: Any) -> None:
    """p01 is on the proxy, never on a hosting provider."""
    (card,) = line.said["proxy"]["scorecards"]
    _expect(card, provider_id="as64502", provider="Gamma Shield", n_episodes=1, taken_down=1, within_norm_worst=1.0)
    assert line.said["proxy"]["role"] == "proxy"


def test_reports_that_do_not_count_have_no_row(rows: dict[str, Row]) -> None:
    """Withdrawn, not illegal, notified in another Period, and the reminder about a running Episode."""
    assert not {"a15", "a16", "d03", "d04", "a20b"} & rows.keys()
    assert len(rows) == 41 - 5
    counts = {status: sum(row["status"] == status for row in rows.values()) for status in
              ("episode", "before_notice", "undelivered", "misaddressed")}  # fmt: skip
    assert counts == {"episode": 30, "before_notice": 1, "undelivered": 4, "misaddressed": 1}


# record: left, right, end, provider, and what else is true of it
EPISODES: dict[str, tuple[float, float | None, str, str | None, Row]] = {
    "a01": (1, 10, "takedown", "as64500", {"n_checks": 3, "first_left_hours": 1, "first_right_hours": 10}),
    "a02": (30, 40, "takedown", "as64500", {"last_outcome": "offline"}),
    "a03": (10, 30, "takedown", "as64500", {"exposure_low_hours": 10, "exposure_high_hours": 30}),
    "a04": (0, 5, "takedown", "as64500", {"gap_at_notice": True, "lower0_hours": -1, "weight": 5 / 6, "n_checks": 1}),
    "a05": (800, None, "censored", "as64500", {"last_outcome": "online", "exposure_low_hours": 720}),
    "a06": (5, None, "censored", "as64500", {"last_outcome": "inconclusive", "tail_from_hours": 8}),
    "a08": (2, 12, "move", "as64500", {"moved_to": "as64501", "recurrence": 0}),
    "a09": (3, 9, "domain", "as64500", {"first_left_hours": None, "first_right_hours": None}),
    "a17": (1, 5, "takedown", "as64500", {"clock": "order", "deadline_hours": 6}),
    "a18": (1, 8, "takedown", "as64500", {"clock": "order", "deadline_hours": None}),
    "a19": (3, 4, "takedown", "as64500", {"clock": "order", "deadline_hours": 2}),
    "a20": (20, 40, "takedown", "as64500", {"n_checks": 3, "notified_at": NOON_5_MARCH}),
    "a21": (1, 4, "takedown", "as64500", {"n_checks": 2}),
    "a22": (20, 30, "takedown", "as64500", {"interrupted": True, "first_left_hours": 1, "first_right_hours": 5}),
    "a23": (1, 5, "takedown", "as64500", {"recurrence": 1, "last_outcome": "online", "interrupted": False}),
    "a24": (650, 680, "takedown", "as64500", {"provisional": True}),
    "a25": (1, 3, "domain", "as64500", {"clock": "order"}),
    "b01": (1, 2, "takedown", "as64501", {"attribution_basis": "literal", "attribution_confidence": "reduced"}),
    "b02": (1, 3, "takedown", "as64501", {"fronted": True, "attribution_basis": "origin", "role": "network"}),
    "b03": (1, 23, "takedown", "as64501", {"addressee_match": "same"}),
    "b04": (10, 15, "takedown", "as64501", {"moved_to": None}),
    "b05": (1, 2, "takedown", "as64501", {"source": "press", "n_checks": 4}),
    "d01": (23, 24, "takedown", "as64503", {"notice_status": "unknown"}),
    "d02": (24, 30, "takedown", "as64503", {"notice_status": "delivered"}),
    "e01": (1000, None, "censored", "as64504", {"known_material": True, "site_type": "image-host"}),
    "e02": (100, 200, "takedown", "as64504", {"known_material": False, "site_type": None}),
    "e03": (30, None, "censored", "as64504", {"last_outcome": "offline", "tail_from_hours": 31}),
    "p01": (1, 6, "takedown", "as64502", {"role": "proxy", "fronted": True}),
    "u01": (1, 4, "takedown", None, {"asn": None, "unattributed_reason": "no-address", "attribution_basis": "none"}),
    "u02": (1, 4, "takedown", None, {"asn": None, "unattributed_reason": "no-prefix"}),
}  # fmt: skip


@pytest.mark.parametrize("record", EPISODES)
def test_what_became_of_each_target(rows: dict[str, Row], record: str) -> None:
    """Interval, end and provider of each Episode; an end that was not seen has null for `right_hours`, never 0."""
    left, right, end, provider, more = EPISODES[record]
    row = rows[record]
    assert (row["status"], row["end"], row["provider_id"]) == ("episode", end, provider)
    assert row["left_hours"] == pytest.approx(left, abs=1e-9)
    assert row["right_hours"] == (None if right is None else pytest.approx(right, abs=1e-9))
    numbers = {name: pytest.approx(value) if isinstance(value, float) else value for name, value in more.items()}
    _expect(row, **numbers)


def test_every_episode_has_its_case(rows: dict[str, Row]) -> None:
    """No row of status `episode` is left unexplained."""
    assert {record for record, row in rows.items() if row["status"] == "episode"} == EPISODES.keys()


def test_rows_that_are_no_episodes_have_no_interval(rows: dict[str, Row]) -> None:
    """Gone before the notice, not delivered, told to somebody else: counted, with null where nothing was measured."""
    kinds = {"a07": "before_notice", "a14": "misaddressed"} | dict.fromkeys(("a10", "a11", "a12", "a13"), "undelivered")
    assert {record: rows[record]["status"] for record in kinds} == kinds
    for record in kinds:
        _expect(rows[record], left_hours=None, right_hours=None, end=None, weight=None, provider_id="as64500")
    assert rows["a14"]["addressee_match"] == "other"


def test_ids_are_dense_and_the_two_reports_are_one_target(rows: dict[str, Row], frozen: Path) -> None:
    """`target_id`, `site_id` and `cluster_id` count up from 0 in the order of the rows of all roles."""
    ids = ("target_id", "site_id", "cluster_id")
    with duckdb.connect() as connection:
        read = f"SELECT {', '.join(ids)} FROM read_parquet(?) ORDER BY file_row_number"
        found = connection.execute(
            read.replace("(?)", "(?, file_row_number = true)"), [str(frozen / "episodes.parquet")]
        )
        columns = list(zip(*found.fetchall(), strict=True))
    for column in columns:
        first_seen = list(dict.fromkeys(column))
        assert first_seen == list(range(len(first_seen)))
    assert len({rows[record]["site_id"] for record in ("a01", "a02", "a03")}) == 1
    assert len({rows[record]["cluster_id"] for record in ("a01", "a02", "a03")}) == 1


def test_the_columns_have_the_types_that_r_and_pandas_want(frozen: Path) -> None:
    """Times with a zone, flags as booleans, hours as doubles, ids as integers; the columns in interface.md's order."""
    with duckdb.connect() as connection:
        found = connection.execute(
            "DESCRIBE SELECT * FROM read_parquet(?)", [str(frozen / "episodes.parquet")]
        ).fetchall()
    types = {name: kind for name, kind, *_ in found}
    promised = PROMISED.split()
    assert list(types)[: len(promised)] == promised
    assert {types["reported_at"], types["notified_at"]} == {"TIMESTAMP WITH TIME ZONE"}
    flags = ("fronted", "known_material", "page_target", "provisional", "interrupted", "gap_at_notice")
    assert {types[name] for name in flags} == {"BOOLEAN"}
    assert {kind for name, kind in types.items() if name.endswith("_hours")} | {types["weight"]} == {"DOUBLE"}
    assert {types[name] for name in ("target_id", "asn", "n_checks", "recurrence", "cluster_id")} == {"BIGINT"}


def test_the_freeze_holds_the_ranking_that_rank_shows(line: Any, frozen: Path) -> None:
    """scorecards.parquet has the same providers, ranks and classes; method.json the norm that was configured."""
    with duckdb.connect() as connection:
        place = [str(frozen / "scorecards.parquet")]
        found = connection.execute("SELECT provider_id, rank, class, n_episodes FROM read_parquet(?)", place).fetchall()
    shown = [
        (card["provider_id"], card["rank"], card["class"], card["n_episodes"])
        for card in line.said["rank"]["scorecards"]
    ]
    assert found == shown
    method = json.loads((frozen / "method.json").read_text(encoding="utf-8"))
    assert {(norm["clock"], norm["hours"], norm["target"]) for norm in method["norms"]} == {
        ("request", 24, 0.565),
        ("order", 12, 0.8),
    }


def test_all_that_is_frozen_is_for_the_owner_alone(frozen: Path) -> None:
    """Files 0600."""
    assert {path.stat().st_mode & 0o777 for path in frozen.iterdir()} == {0o600}

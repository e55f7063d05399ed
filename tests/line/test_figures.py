"""The figures of the hand-made cases, worked out by hand: estimates, intervals, classes, and what is null.

The cases are in cases.txt. Alpha's likelihood, with p, q, r, s, u of takedown in (1, 4], (5, 10], (20, 30], (30, 40],
(650, 680], v of other ends in (5, 9], z never: p^(2 + 5/6) (p + q) r^2 s (r + s) u v^2 z (1 - p), the 5/6 being a04's
weight and the last factor a06, open at 5. q = 0, because 1 / p + 1 / (1 - p) is under the 77/6 that all weights sum to.
Then p = 23/77, and of the other 54/77 the parts r, s, u, v, z have 2/6, 1/6, 1/8, 2/8 and 1/8.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import beta, norm

pytestmark = pytest.mark.one_engine("a frozen dataset is the same on both")

Row = dict[str, Any]
Days = list[list[tuple[float, float]]]
"""(weight, share of it that is within) of each Episode, by day of notice."""
PUBLISHED = (1, 12, 24, 48, 168)
CLASSES = {"meets", "below", "not-proven", "too-few"}
NEAR = 1e-6

# Given that it ended within 24 h of (20, 30]: 4 of 10 parts. a06: 0.4 r / (1 - p); a20: 0.4 r / (r + s).
EXPECTED: dict[str, Days] = {
    "as64500": [  # a01 a02 a03; a04 a05 a06; a08 a09; a20 a21 a22 a23; a24
        [(1, 1), (1, 0), (1, 0.4)],
        [(5 / 6, 1), (1, 0), (1, 2 / 15)],
        [(1, 0), (1, 0)],
        [(1, 4 / 15), (1, 1), (1, 0.4), (1, 1)],
        [(1, 0)],
    ],
    "as64501": [[(1, 1)] * 2, [(1, 1)] * 3],
    "as64503": [[(1, 1)], [(1, 0)]],
    "as64504": [[(1, 0)], [(1, 0)] * 2],
}


def _all_in(*days: list[int]) -> Days:
    return [[(1, within) for within in day] for day in days]


WORST = {**EXPECTED, "as64500": _all_in([1, 0, 0], [0, 0, 0], [0, 0], [0, 1, 0, 1], [0])}
ANY_END_BEST = {**EXPECTED, "as64500": _all_in([1, 0, 1], [1, 0, 1], [1, 1], [1, 1, 1, 1], [0])}


@pytest.fixture(scope="module")
def cards(line: Any) -> dict[str, Row]:
    """The scorecards of the request clock by provider id."""
    return {card["provider_id"]: card for card in line.said["rank"]["scorecards"]}


def _rho(market: Mapping[str, Days]) -> float:
    """One-way analysis of variance of days within Providers, weighted, one Episode after the other."""
    inside = between = free_inside = free_between = size = 0.0
    for days in market.values():
        every = [each for day in days for each in day]
        total, mean = sum(w for w, _ in every), sum(w * y for w, y in every) / sum(w for w, _ in every)
        for day in days:
            m = sum(w for w, _ in day)
            level = sum(w * y for w, y in day) / m
            inside += sum(w * (y - level) ** 2 for w, y in day)
            between += m * (level - mean) ** 2
            squares = sum(w * w for w, _ in day)
            free_inside += m - squares / m
            free_between += squares / m - squares / total
            size += m - m * m / total
    s_within = inside / free_inside
    s_between = max(0.0, (between - free_between * s_within) / size)
    return s_between / (s_within + s_between)


def _n_effective(market: Mapping[str, Days], provider: str) -> float:
    """n / D as docs/decisions/010-intervals.md has it: D the largest of 1, the pooled and the own design effect."""
    days = market[provider]
    every = [each for day in days for each in day]
    n, total = len(every), sum(w for w, _ in every)
    p = sum(w * y for w, y in every) / total
    squares, sizes = sum(w * w for w, _ in every), [sum(w for w, _ in day) for day in days]
    pooled = n * (squares + _rho(market) * (sum(m * m for m in sizes) - squares)) / total**2
    if p in (0, 1):
        return n / max(1.0, pooled)
    seen = sum(w * (y - p) ** 2 for w, y in every) / (total * p * (1 - p))
    residuals = [sum(w * (y - p) for w, y in day) for day in days]
    own = sum(r * r for r in residuals) / total**2 * len(days) / (len(days) - 1) / (p * (1 - p) / n)
    return n / max(1.0, pooled / seen, own / seen**2)


def _wilson(share: float, n: float) -> tuple[float, float]:
    z2 = norm.ppf(0.975) ** 2
    half = (z2 * (share * (1 - share) / n + z2 / (4 * n * n))) ** 0.5
    return tuple((share + z2 / (2 * n) + sign * half) / (1 + z2 / n) for sign in (-1, 1))


def test_the_interval_is_wilsons_on_the_effective_number(cards: dict[str, Row]) -> None:
    """The lower limit of the least share that fits, the upper one of the greatest, with n over the design effect."""
    ranges = {"as64500": (23 / 77, 41 / 77), "as64501": (1, 1), "as64503": (0.5, 0.5), "as64504": (0, 0)}
    for provider, (least, greatest) in ranges.items():
        n = _n_effective(EXPECTED, provider)
        assert n < sum(map(len, EXPECTED[provider]))  # a day's Episodes share their fate
        found = (cards[provider]["within_norm_low"], cards[provider]["within_norm_high"])
        assert found == pytest.approx((_wilson(least, n)[0], _wilson(greatest, n)[1]), abs=1e-8)


ESTIMATES: dict[str, Row] = {
    "as64500": {
        "within_1h": (0, 0, 0, False),  # every check around it is hours apart
        "within_12h": (23 / 77, 23 / 77, 23 / 77, False),
        "within_24h": (30.2 / 77, 23 / 77, 41 / 77, False),  # p + 0.4 r; r = 18/77
        "within_48h": (50 / 77, 50 / 77, 50 / 77, True),
        "within_168h": (50 / 77, 50 / 77, 50 / 77, True),
        "any_end": 43.7 / 77,  # and v = 13.5/77
        "median": (20 + 10 * 15.5 / 18, 20, 30),
        "mean": (23 * 2.5 + 18 * 25 + 9 * 35 + 6.75 * 665 + 13.5 * 7 + 6.75 * 720) / 77,
    },
    "as64501": {  # 3/4 in (1, 2], 1/4 in (10, 15]
        "within_1h": (0, 0, 0, True),
        "within_12h": (0.85, 0.75, 1, False),
        "within_24h": (1, 1, 1, True),
        "within_48h": (1, 1, 1, True),
        "within_168h": (1, 1, 1, True),
        "any_end": 1,
        "median": (1 + 2 / 3, 1, 2),
        "mean": 0.75 * 1.5 + 0.25 * 12.5,
    },
    "as64503": {  # 1/2 in (23, 24], 1/2 in (24, 30]
        "within_1h": (0, 0, 0, True),
        "within_12h": (0, 0, 0, True),
        "within_24h": (0.5, 0.5, 0.5, True),
        "within_48h": (1, 1, 1, True),
        "within_168h": (1, 1, 1, True),
        "any_end": 0.5,
        "median": (24, 23, 24),
        "mean": 0.5 * 23.5 + 0.5 * 27,
    },
    "as64504": {  # 1/2 in (100, 200], 1/2 never
        "within_1h": (0, 0, 0, True),
        "within_12h": (0, 0, 0, True),
        "within_24h": (0, 0, 0, True),
        "within_48h": (0, 0, 0, False),  # e03 was lost from view at 30 h
        "within_168h": (0.34, 0, 0.5, False),
        "any_end": 0,
        "median": (200, 100, 200),
        "mean": 0.5 * 150 + 0.5 * 720,
    },
}


@pytest.mark.parametrize("provider", ESTIMATES)
def test_the_estimates_are_those_worked_out_by_hand(cards: dict[str, Row], provider: str) -> None:
    """Shares with their range over all that fits equally well, any end, median and mean until any end."""
    card, known = cards[provider], ESTIMATES[provider]
    for hours in PUBLISHED:
        *shares, identified = known[f"within_{hours}h"]
        found = [card[f"within_{hours}h{end}"] for end in ("", "_low", "_high")]
        assert (found, card[f"within_{hours}h_identified"]) == (pytest.approx(shares, abs=1e-8), identified)
    assert (card["within_norm"], card["identified"]) == (card["within_24h"], card["within_24h_identified"])
    assert card["within_norm_any_end"] == pytest.approx(known["any_end"], abs=1e-8)
    assert [card[f"median_{x}"] for x in ("hours", "low", "high")] == pytest.approx(known["median"], abs=1e-6)
    assert card["mean_hours_30d"] == pytest.approx(known["mean"], abs=1e-6)
    assert card["median_status"] == "reached"


def test_the_class_changes_exactly_at_the_99_percent_limit(copy: Any, cards: dict[str, Row]) -> None:
    """Beta meets every target up to the lower limit of five of five, AS64504 is below each over that of none of three.

    The limits are Clopper and Pearson's on the effective number of Episodes; Delta stays too few under any target.
    """
    lower = beta.ppf(0.01, n := _n_effective(WORST, "as64501"), 1)
    upper = beta.ppf(0.99, 1, n_best := _n_effective(ANY_END_BEST, "as64504"))
    assert (n, n_best) < (5, 3)
    targets = {"met": lower - NEAR, "not-met": lower + NEAR, "not-below": upper - NEAR, "below": upper + NEAR}
    with (copy.data / "monitor.toml").open("a") as config:
        for name, target in targets.items():
            config.write(f'[norms.{name}]\nclock = "request"\nhours = 24\ntarget = {target}\n')
    _, *ranked = copy.documents(("freeze", "2026H1"), *(("rank", "2026H1", "--norm", name) for name in targets))
    said = [{card["provider_id"]: card["class"] for card in rank["scorecards"]} for rank in ranked]
    assert [classes["as64501"] for classes in said] == ["meets", "not-proven", "not-proven", "not-proven"]
    assert [classes["as64504"] for classes in said] == ["not-proven", "not-proven", "not-proven", "below"]
    assert {classes["as64503"] for classes in said} == {"too-few"}
    assert {label for classes in said for label in classes.values()} == CLASSES
    assert lower < 0.565 < upper  # the line's own target
    assert {cards[provider]["class"] for provider in ("as64501", "as64504")} == {"not-proven"}


# --- null -----------------------------------------------------------------------------------------------------

SHARES = [
    *(f"within_{hours}h{end}" for hours in PUBLISHED for end in ("", "_low", "_high", "_identified")),
    *(f"within_norm{end}" for end in ("", "_low", "_high", "_worst", "_best", "_any_end", "_any_end_worst")),
    *("within_norm_any_end_best", "identified", "median_hours", "median_low", "median_high", "median_status"),
    *("mean_hours_30d", "mean_hours_30d_low", "mean_hours_30d_high", "report_to_notice_median_hours"),
]
RANKED = ["rank", "rank_low", "rank_high", "within_norm_shrunk"]
CHANGES = ["share_previous", "change", "change_low", "change_high", "method_break"]


def test_a_provider_without_episodes_has_no_figure(
    make: Callable[..., Any], inputs: Any, csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """Delta's only notice bounced: every share, median, mean and rank is null and none is 0."""
    row = {"record_id": "x", "url": "https://x.example/1", "ip": "203.0.113.1", "notice_status": "bounced"}
    row |= {"reported_at": "2026-03-02T10:00:00Z", "notified_at": "2026-03-02T12:00:00Z"}
    *_, rank = make().documents(
        ("import", csv_file(tmp_path / "one.csv", [row])),
        ("refdata", "import", *inputs.tables),
        ("freeze", "2026H1"),
        ("rank", "2026H1"),
    )
    (card,) = rank["scorecards"]
    assert (card["provider_id"], card["n_episodes"], card["undelivered_bounced"]) == ("as64503", 0, 1)
    assert {name: card[name] for name in SHARES + RANKED + CHANGES} == dict.fromkeys(SHARES + RANKED + CHANGES)


def test_what_nobody_knows_is_null_and_what_is_known_is_not(cards: dict[str, Row]) -> None:
    """Who has Episodes has every share; who is not ranked has no rank; who had nothing before has no change."""
    assert [(key, name) for key, card in cards.items() for name in SHARES if card[name] is None] == []
    for key, card in cards.items():
        assert {card[name] is None for name in RANKED} == {key == "as64503"}
        assert {card[name] is None for name in CHANGES} == {key != "as64503"}
    before = cards["as64503"]  # d03, the only one in 2025H2: gone in (1, 2]
    assert (before["share_previous"], before["change"]) == (1.0, -0.5)
    assert -1 <= before["change_low"] < -0.5 < before["change_high"] <= 1

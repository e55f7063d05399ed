"""A hand-made Ranking of a dozen invented providers, with every awkward case that a page has to show."""

import shutil
from dataclasses import fields, replace
from datetime import date

import pytest

from monitor.model.breakdown import Dimension, GroupFigures, ProviderAnswer, ProviderEvidence
from monitor.model.heard import HeardLetter, Hearing
from monitor.model.letter import HearingOutcome
from monitor.model.observation import Mandate
from monitor.model.period import Period
from monitor.model.release import MethodInfo, ReferenceTableInfo, Release, ReleaseInput
from monitor.model.scorecard import Curve, Minimums, Norm, Ranking, Scorecard, Totals, TrendPoint
from monitor.model.sensitivity import SensitivityChoice, SensitivityReading
from monitor.model.words import NoticeKind, ReleaseKind, Role
from monitor.publication import publish

HOURS = (0, 1, 2, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 144, 168, 240, 336, 480, 720)
PERIOD = Period.parse("2026H1")
HOSTILE = "<script>alert(\"x\")</script> & 'Sons' $a_b$"
OTHERWISE = {
    ("site-clusters", "Lindenlaan Servers"): "not-proven",
    ("tail-removed", "Beeldkade"): "meets",
    ("tail-removed", "Geheime Schuur"): "meets",
    ("role-as", HOSTILE): "not-proven",
    ("role-as", "Klein Duin"): "below",
}
HOSTILE_ANSWER = 'We disagree.\n\nSee <b>our</b> "letter" & </blockquote><script>alert(1)</script>\x00 $a_b$'
ANSWERS = (
    ProviderAnswer("as64496", date(2026, 9, 1), "nl", "In mei kwam er een abusedesk.\n\nDat staat er niet."),
    ProviderAnswer("as64497", date(2026, 9, 2), "en", HOSTILE_ANSWER),
    ProviderAnswer("as64505", date(2026, 9, 3), "en", "An answer of a provider that is too small to show."),
)
SITE_TYPES = (("image-host", 0.55), ("file-host", 0.25), ("forum", 0.12), ("website", 0.05), ("", 0.03))
LONG = "Stichting Samenwerkende Noordelijke Datacenters en Verbindingen voor Onderwijs en Erfgoed Coöperatief U.A."
# name, AS number, Episodes, clusters, worst, best, low, high, class
PROVIDERS = (
    ("Grijze Wolk", 64496, 412, 61, 0.02, 0.07, 0.01, 0.11, "below"),
    (HOSTILE, 64497, 88, 20, 0.21, 0.48, 0.14, 0.59, "below"),
    (LONG, 64498, 1204, 120, 0.44, 0.71, 0.41, 0.74, "below"),
    ("Zeedijk Hosting", 64499, 37, 9, 0.55, 0.86, 0.4, 0.94, "not-proven"),
    ("Beeldkade", 64500, 61_234, 181, 0.69, 0.92, 0.68, 0.93, "not-proven"),
    ("Polder Rack", 64501, 15, 4, 0.8, 0.86, 0.55, 0.96, "not-proven"),
    ("Lindenlaan Servers", 64502, 640, 80, 0.93, 0.98, 0.91, 0.99, "meets"),
    ("Snelweg Net", 64503, 230, 44, 1.0, 1.0, 0.98, 1.0, "meets"),
)
FEW = (("Klein Duin", 64504, 8, 2, 0.5, 0.75, 0.2, 0.9, "too-few", "few-episodes"),)
SMALL = (
    ("Geheime Schuur", 64505, 3, 2, 0.0, 0.333, 0.0, 0.8, "too-few", "few-episodes"),
    ("Onbereikbaar Huis", 64506, 0, 0, None, None, None, None, "too-few", "no-episodes"),
)
TINY = (
    ("Kiezelpad Web", 64507, 2, 2, 0.5, 1.0, 0.1, 1.0, "too-few", "few-episodes"),
    ("Drie Linden", 64508, 1, 1, 0.0, 1.0, 0.0, 1.0, "too-few", "few-episodes"),
)
"""With SMALL enough that "other" may show what became of them."""


def scorecard(name, asn, n, clusters, worst, best, low, high, class_, rank=None, reason=None, **more) -> Scorecard:
    """A Scorecard with plausible counts for its size, estimates between its bounds, and a previous Period if large."""
    values: dict = {f.name: None for f in fields(Scorecard)}
    values |= {f.name: 0 for f in fields(Scorecard) if f.type is int}
    taken = round(n * (best or 0.0) * 0.9)
    values |= {
        "rank": rank, "provider_id": f"as{asn}", "provider": name, "country": "NL" if asn % 2 else None, "asns": (asn,),
        "n_notices": n + n // 20, "n_episodes": n, "n_sites": min(n, 40), "n_clusters": clusters,
        "gone_before_notice": n // 20, "gap_at_notice": n // 50, "taken_down": taken, "moved": n // 30,
        "online_at_cutoff": n - taken - n // 30, "inconclusive": n // 60, "within_norm_worst": worst,
        "within_norm_best": best, "within_norm_low": low, "within_norm_high": high,
        "within_norm_any_end_worst": worst, "within_norm_any_end_best": best, "exposure_hours_low": n * 20.25,
        "exposure_hours_high": n * 31.5, "report_to_notice_median_hours": 3.25 if n else None, "class_": class_,
        "unranked_reason": reason,
    }  # fmt: skip
    if worst is not None:
        values |= estimates(n, clusters, worst, best, rank)
    return Scorecard(**(values | more))


def estimates(n, clusters, worst, best, rank) -> dict:
    """What method npmle-1 adds: the share between the bounds, by hours, median, mean, rank interval and change."""
    share = round(worst + 0.6 * (best - worst), 9)
    values: dict = {
        "within_norm": share, "within_norm_any_end": min(1.0, share + 0.01), "within_norm_shrunk": 0.9 * share + 0.06,
        "identified": best - worst <= 0.25, "mean_hours_30d": 500 - 480 * share,
        "mean_hours_30d_low": 480 - 480 * share, "mean_hours_30d_high": 520 - 480 * share,
    }  # fmt: skip
    for hours, factor in zip((1, 12, 24, 48, 168), (0.1, 0.7, 1.0, 1.02, 1.05), strict=True):
        at = min(1.0, share * factor)
        values |= {f"within_{hours}h": at, f"within_{hours}h_low": at, f"within_{hours}h_high": min(1.0, at + 0.001),
                   f"within_{hours}h_identified": hours != 1}  # fmt: skip
    if share >= 0.5:
        values |= {"median_hours": 20 / share - 8, "median_low": 18 / share - 8, "median_high": None if n < 20 else
                   24 / share - 8, "median_status": "reached"}  # fmt: skip
    else:
        values["median_status"] = "not-reached" if share < 0.3 else "not-identified"
    if rank is not None:
        values |= {"rank_low": max(1, rank - 1), "rank_high": rank + (2 if n < 100 else 0)}
    if n > 100:
        values |= {"share_previous": 0.52, "change": share - 0.52, "change_low": share - 0.6,
                   "change_high": share - 0.45, "method_break": n < 300}  # fmt: skip
    return values


def curve(provider_id, n, worst, best) -> Curve:
    """Bounds that fall with the hours and pass the norm near the given shares, the estimate between them."""
    high = tuple(round(max(0.02, 1 - worst * min(1.0, hour / 24) ** 0.5), 4) for hour in HOURS)
    low = tuple(round(max(0.0, 1 - best * min(1.0, (hour + 3) / 24) ** 0.5), 4) if hour else 1.0 for hour in HOURS)
    share = tuple(round(0.4 * a + 0.6 * b, 4) for a, b in zip(high, low, strict=True))
    band_low = tuple(round(max(0.0, s - 0.05), 4) for s in share)
    band_high = tuple(round(min(1.0, s + 0.05), 4) for s in share)
    return Curve(provider_id, tuple(map(float, HOURS)), low, high, n, share, band_low, band_high)


def ranking(cards, role=Role.NETWORK, trend=(), readings=()) -> Ranking:
    n = sum(card.n_episodes for card in cards)
    shown = [card for card in cards if card.n_episodes >= 5]
    curves = [curve(None, n, 0.62, 0.88)] if n else []
    curves += [curve(c.provider_id, c.n_episodes, c.within_norm_worst, c.within_norm_best) for c in shown]
    totals = Totals(
        targets=70_214, episodes=n + 812, gone_before_notice=3_100, undelivered=96, misaddressed=41, unattributed=812,
        fronted=1_930, providers=len(cards), unattributed_reasons=(("no-address", 500), ("several-origins", 312)),
        doubted=4_321, doubtful=(("as-stands-in", 4_000), ("stated-address", 1_234), ("overridden", 2)), flaps=17,
    )  # fmt: skip
    norm = Norm(NoticeKind.REQUEST, 24.0, 0.8, "Sector code of conduct (example)", "2020-01-01", "the sector")
    return Ranking(
        PERIOD, PERIOD.default_cutoff, norm, role, "npmle-1", "ab" * 32, Minimums(), totals, tuple(cards),
        tuple(curves), tuple(trend), tuple(readings),
    )  # fmt: skip


def network_cards() -> list[Scorecard]:
    cards = [scorecard(*row, rank=place) for place, row in enumerate(PROVIDERS, 1)]
    cards += [scorecard(*row[:-1], reason=row[-1]) for row in FEW]
    cards += [scorecard(*row[:-1], reason=row[-1], undelivered_bounced=40 + i) for i, row in enumerate(SMALL)]
    cards += [scorecard(*row[:-1], reason=row[-1]) for row in TINY]
    cards[3] = replace(cards[3], undelivered_bounced=7, undelivered_refused=2, undelivered_no_contact=1)
    return cards


def two_periods(cards) -> list[TrendPoint]:
    points = [
        TrendPoint("2025H2", None, 58_000, 0.58, 0.84, 0.73, 0.7, 0.76),
        TrendPoint("2026H1", None, 63_871, 0.66, 0.9, 0.81, 0.79, 0.83, ("coverage",)),
    ]
    for card in cards:
        limits = (card.within_norm, card.within_norm_low, card.within_norm_high)
        points.append(TrendPoint("2026H1", card.provider_id, card.n_episodes, card.within_norm_worst,
                                 card.within_norm_best, *limits, ("coverage",)))  # fmt: skip
        if card.n_episodes > 100:
            points.append(TrendPoint("2025H2", card.provider_id, card.n_episodes // 2, 0.4, 0.6, 0.52, 0.47, 0.57))
    return points


def other_choices(cards) -> list[SensitivityReading]:
    """Every choice read; some classes change, among them that of a Provider too small to be shown."""
    readings = []
    for choice in SensitivityChoice:
        for card in cards:
            class_ = OTHERWISE.get((choice.value, card.provider), card.class_)
            shares = (card.within_norm, card.within_norm_low, card.within_norm_high)
            bounds = (card.within_norm_worst, card.within_norm_best)
            if card.n_episodes:
                readings.append(
                    SensitivityReading(choice.value, card.provider_id, card.n_episodes, *shares, *bounds, class_)
                )
    return readings


def group(dimension, name, n_providers, n, share) -> GroupFigures:
    """A group of `n` Episodes around `share`; one of none knows nothing."""
    known = share if n else None
    limits = (None,) * 4 if known is None else (share - 0.05, share + 0.04, share - 0.1, share + 0.09)
    status = None if known is None else "reached" if share > 0.5 else "not-reached"
    return GroupFigures(
        dimension, name, n_providers, n + n // 20, n, round(n * share * 0.95), known, *limits,
        20 / share - 8 if status == "reached" else None, status, n * 20.25, n * 31.5, 3.25 if n else None,
    )  # fmt: skip


def groups(cards) -> list[GroupFigures]:
    """The Episodes of `cards` divided by site type, and by country of establishment, "" where that is not known."""
    n = sum(card.n_episodes for card in cards)
    left, made = n, []
    for name, part in SITE_TYPES:
        mine = round(n * part) if name else left
        left -= mine
        made.append(group(Dimension.SITE_TYPE, name, len(cards) - 2, mine, 0.9 - part))
    for country in ("NL", ""):
        mine = [card for card in cards if (card.country or "") == country]
        made.append(group(Dimension.COUNTRY, country, len(mine), sum(card.n_episodes for card in mine), 0.72))
    return made


def evidence(cards) -> list[ProviderEvidence]:
    """Of every Provider with an Episode: most of them with full confidence, a few with one doubt or two."""
    made = []
    for place, card in enumerate(cards):
        if n := card.n_episodes:
            by_as = n if place == 1 else n // 4
            doubts = (("as-stands-in", by_as), ("stated-address", min(n, 3)))
            doubted = tuple((code, count) for code, count in doubts if count)
            made.append(
                ProviderEvidence(card.provider_id, n, n - max(count for _, count in doubted),
                                 ((card.asns[0], n - n // 10), (65536 + place, n // 10)), doubted, n - by_as, by_as,
                                 date(2026, 1, 5), date(2026, 6, 28))
            )  # fmt: skip
    return made


def further(cards) -> list[Ranking]:
    """A second norm of the request clock, orders with deadlines of their own, and a second norm of theirs."""
    day = Norm(NoticeKind.REQUEST, 48.0, 0.95, "Memorandum (example)", "2026-01-01", "the ministry", "two-days")
    order = Norm(NoticeKind.ORDER, 12.0, 1.0, "Act on removal (invented), article 5", "2024-07-01", "the legislator")
    hour = Norm(NoticeKind.ORDER, 1.0, 0.9, "", "", "", "within-the-hour")
    ordered = [
        replace(scorecard(name, asn, n, 4, worst, best, low, high, class_, **more), share_previous=None, change=None)
        for name, asn, n, worst, best, low, high, class_, more in (
            ("Zeedijk Hosting", 64499, 18, 0.61, 0.83, 0.4, 0.94, "not-proven", {"rank": 1}),
            ("Grijze Wolk", 64496, 6, 0.5, 0.67, 0.2, 0.9, "too-few", {"reason": "few-episodes"}),
            ("Geheime Schuur", 64505, 2, 0.0, 0.5, 0.0, 0.9, "too-few", {"reason": "few-episodes"}),
        )
    ]
    made = [ranking(cards), ranking(ordered), ranking(ordered)]
    return [replace(each, norm=norm, curves=()) for each, norm in zip(made, (day, order, hour), strict=True)]


METHOD = MethodInfo(
    method="npmle-1",
    rules=(
        ("episode-1", "An Episode starts at the first notice that reached the provider."),
        ("end-1", "A takedown lies after the last check online and no later than the first check offline."),
    ),
    settings=(("norms.request.hours", "24"), ("minimums.episodes", "10"), ("thresholds.cap_hours", "720")),
    reference_tables=(
        ReferenceTableInfo("prefixes", "2026-01-01", "2026-03-01", 659_729, "cd" * 32),
        ReferenceTableInfo("as-names", "2026-01-01", "2026-01-01", 17_554, "ef" * 32),
    ),
    tables_made_later=True,
    mandates=(Mandate("Example Ministry", "Example Act, article 3", "the desk", "2026-12-31", True, False),),
)


def make_release(**more) -> ReleaseInput:
    """An interim release that may name, with something on every type of page; any field can be replaced."""
    cards = network_cards()
    proxy = scorecard("Voorgevel Proxy", 64510, 1_930, 90, 0.1, 0.3, 0.08, 0.33, "below", rank=1)
    few = scorecard("Gordijn Proxy", 64511, 2, 1, 0.0, 1.0, 0.0, 1.0, "too-few", reason="few-episodes")
    values = {
        "kind": ReleaseKind.INTERIM, "named": True,
        "ranking": ranking(cards, trend=two_periods(cards), readings=other_choices(cards)),
        "proxies": ranking([proxy, few], Role.PROXY), "method": METHOD, "code_version": "0.1.0",
        "contact": "Example Ministry", "further": tuple(further(cards)), "groups": tuple(groups(cards)),
        "evidence": tuple(evidence(cards)), "answers": ANSWERS,
    }  # fmt: skip
    return ReleaseInput(**(values | more))


@pytest.fixture(scope="session")
def named() -> ReleaseInput:
    return make_release()


HEARING = Hearing(
    (
        HeardLetter("as64496", "MIN-2026H1-001", date(2026, 8, 1), date(2026, 8, 3), date(2026, 8, 31),
                    (date(2026, 9, 1),), objected=True),
        HeardLetter("as64497", "MIN-2026H1-002", date(2026, 8, 1), date(2026, 8, 3), date(2026, 9, 30),
                    (date(2026, 9, 2),), objected=True, outcome=HearingOutcome.CORRECTED),
        HeardLetter("as64498", "MIN-2026H1-003", date(2026, 8, 1), date(2026, 8, 3), date(2026, 9, 30),
                    (date(2026, 9, 2),), outcome=HearingOutcome.NOTED),
        HeardLetter("as64502", "MIN-2026H1-004", date(2026, 8, 1), date(2026, 8, 3), date(2026, 9, 30),
                    outcome=HearingOutcome.NO_ANSWER),
        HeardLetter("as64500", "MIN-2026H1-005", date(2026, 8, 1), date(2026, 8, 3), date(2026, 9, 30)),
        HeardLetter("as64505", "MIN-2026H1-006", date(2026, 8, 1), date(2026, 8, 3), date(2026, 9, 30)),
    ),
    (("iedere aanbieder met ten minste 5 URL's", "every provider with at least 5 URLs"), ("wie wij kennen", "")),
)  # fmt: skip


@pytest.fixture(scope="session")
def heard() -> ReleaseInput:
    """A final release: letters in every state; as64500 (Beeldkade) and a reverse proxy are not named."""
    answers = (replace(ANSWERS[0], is_late=True), *ANSWERS[1:])
    answers += (ProviderAnswer("as64500", date(2026, 9, 3), "nl", "Van wie niet genoemd wordt."),)
    unnamed = frozenset({"as64500", "as64510"})
    return make_release(kind=ReleaseKind.FINAL, unnamed=unnamed, hearing=HEARING, answers=answers)


@pytest.fixture(scope="session")
def published_final(heard, tmp_path_factory) -> Release:
    """The final release in a folder of its own, made once; no test changes it."""
    return publish(heard, tmp_path_factory.mktemp("final"))


@pytest.fixture(scope="session")
def unnamed() -> ReleaseInput:
    return make_release(named=False)


@pytest.fixture(scope="session")
def make():
    """`make_release`, for tests that change a field."""
    return make_release


@pytest.fixture(scope="session")
def helpers():
    """The parts of which the hand-made release consists."""
    return {"ranking": ranking, "scorecard": scorecard, "cards": network_cards,
            "rows": (*PROVIDERS, *FEW, *SMALL, *TINY),
            "further": further, "groups": groups, "evidence": evidence, "answers": ANSWERS}  # fmt: skip


@pytest.fixture(scope="session")
def published(named, tmp_path_factory) -> Release:
    """The named release in a folder of its own, made once; no test changes it."""
    return publish(named, tmp_path_factory.mktemp("releases"))


@pytest.fixture(scope="session")
def small(make, helpers) -> ReleaseInput:
    """A release without Providers, where only the folders matter."""
    return make(ranking=helpers["ranking"]([]), proxies=None, further=(), groups=(), evidence=(), answers=())


@pytest.fixture(scope="session")
def small_release(small, tmp_path_factory) -> Release:
    """The small release in a folder of its own, made once; no test changes it."""
    return publish(small, tmp_path_factory.mktemp("small"))


@pytest.fixture
def first(small_release, tmp_path) -> Release:
    """The small release as v1 in `tmp_path`, a copy that a test may change."""
    path = shutil.copytree(small_release.path, tmp_path / small_release.path.name)
    return replace(small_release, path=path)


@pytest.fixture(scope="session")
def named_files(published) -> dict[str, bytes]:
    """Every file of the named release."""
    paths = (path for path in published.path.rglob("*") if path.is_file())
    return {path.relative_to(published.path).as_posix(): path.read_bytes() for path in paths}

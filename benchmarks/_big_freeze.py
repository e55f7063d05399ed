"""A generated freeze of any size, such as `monitor rank` reads: invented Providers, documentation AS numbers.

In: how many Episodes, over how many Providers, a seed. Out: `<data folder>/frozen/PERIOD-DIGEST8`, every file of a
freeze, with the right digest. Removal times are log-normal by Provider with an effect of each day's batch of
notices; they are seen through the schedule of checks with jitter, so nearly all ends are distinct. What would
surprise: only the role `network` is there; a freeze of real facts has a row for each of four roles.
"""

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from monitor.config import Settings
from monitor.method import describe
from monitor.model.columns import MICROS_PER_HOUR, Flags, Floats, Ints, Small, Texts
from monitor.model.episode import EpisodeTable
from monitor.model.method import canonical_json
from monitor.model.period import Period
from monitor.model.provider import Provider
from monitor.model.scorecard import Ranking, Totals
from monitor.model.words import NoticeKind, Role
from monitor.store import frozen
from monitor.store.frozen_columns import EPISODE_COLUMNS, ColumnKind
from monitor.store.frozen_digest import digest_of_file

EPISODES = "episodes.parquet"
PERIOD = Period.parse("2026H1")
CHUNK = 500_000
DAYS = 181
BATCHES_PER_DAY = 4
ASNS = (*range(64496, 64512), *range(65536, 65552))
NEAR = (0, 0.9, 1.1, 2, 4, 8, 11.5, 12.5, 18, 23.5, 24.5, 36, 47.5, 48.5, 72, 96, 120, 144, 167.5, 168.5)
SCHEDULE = np.array([*NEAR, *(24.0 * d for d in range(8, 15)), *(24.0 * d for d in range(21, 91, 7)), 2160.0])
"""Hours after the notice at which a Target is checked (measurement.md section 1)."""
JITTER = 0.03  # of the hour, and never over the next check or a published hour
FOLLOWED = (PERIOD.default_cutoff - PERIOD.start).total_seconds() / 3600
TYPES = {
    ColumnKind.TIME: pa.timestamp("us", tz="UTC"),
    ColumnKind.REFERENCE: pa.int64(),
    ColumnKind.COUNT: pa.int64(),
    ColumnKind.NUMBER: pa.float64(),
    ColumnKind.FLAG: pa.bool_(),
    ColumnKind.TERNARY: pa.bool_(),
}
SENT, BOUNCED = "sent", "bounced"
Made = dict[str, Any]


@dataclass(frozen=True)
class Market:
    """Who has how many Episodes, and how each handles them. One entry per Provider."""

    share: NDArray[np.float64]
    log_hours: NDArray[np.float64]  # mean of the logarithm of the hours until removal
    day_effect: NDArray[np.float64]  # (Providers, days): added to it, by day of notice
    n_sites: NDArray[np.int64]
    first_site: NDArray[np.int64]

    @classmethod
    def of(cls, n_providers: int, n_rows: int, rng: np.random.Generator) -> "Market":
        """Sizes are log-normal; the first Provider has one Episode in fifty (200,000 of ten million)."""
        share = rng.lognormal(0.0, 1.3, n_providers)
        share *= 0.98 / share[1:].sum() if n_providers > 1 else 1.0
        share[0] = 0.02
        share /= share.sum()
        n_sites = np.maximum(1, np.sqrt(share * n_rows) * 2).astype(np.int64)
        first_site = np.cumsum(n_sites) - n_sites
        log_hours = rng.normal(np.log(14.0), 1.0, n_providers)
        return cls(share, log_hours, rng.normal(0.0, 0.7, (n_providers, DAYS)), n_sites, first_site)


def write_big_freeze(data_dir: Path, n_rows: int, n_providers: int = 5_000, seed: int = 1) -> Path:
    """Write the freeze into `<data_dir>/frozen/`; gives its folder. About a gigabyte for ten million rows."""
    folder = _without_rows(data_dir, n_providers)
    write_episodes(folder / EPISODES, n_rows, n_providers, seed)
    method = (folder / "method.json").read_bytes()
    digest = digest_of_file(PERIOD, PERIOD.default_cutoff, method, (), folder / EPISODES)
    record = json.loads((folder / "manifest.json").read_bytes())
    del record["check"]
    with (folder / EPISODES).open("rb") as file:
        record["files"][EPISODES] = hashlib.file_digest(file, "sha256").hexdigest()
    record |= {"digest": digest, "n_episodes": n_rows, "n_providers": n_providers}
    record["check"] = hashlib.sha256(canonical_json(record)).hexdigest()
    (folder / "manifest.json").write_bytes(canonical_json(record))
    return folder.rename(folder.parent / f"{PERIOD.label}-{digest[:8]}")


def _without_rows(data_dir: Path, n_providers: int) -> Path:
    """A freeze of no row, written as every freeze is: the rows are put in afterwards."""
    nothing = EpisodeTable(**{f.name: np.empty(0, _dtype(f.type)) for f in fields(EpisodeTable)})
    method = describe(Settings(), (), PERIOD)
    empty = Ranking(
        period=PERIOD,
        cutoff=PERIOD.default_cutoff,
        norm=method.norm(NoticeKind.REQUEST),
        role=Role.NETWORK,
        method=method.method,
        freeze="",
        minimums=method.minimums,
        totals=Totals(0, 0, 0, 0, 0, 0, 0, 0),
        scorecards=(),
    )
    named = [Provider(name_of(k), f"Invented {k}", asns=(ASNS[k % len(ASNS)],)) for k in range(n_providers)]
    made = frozen.write_freeze(
        data_dir,
        period=PERIOD,
        cutoff=PERIOD.default_cutoff,
        method=method,
        tables=(),
        inputs=frozen.FreezeInputs((), "generated"),
        episodes=nothing,
        ranking=empty,
        providers=named,
    )
    return made.path


def _dtype(hint: object) -> type:
    kinds: dict[object, type] = {Texts: np.object_, Ints: np.int64, Floats: np.float64, Flags: np.bool_, Small: np.int8}
    return kinds[hint]


def name_of(place: int) -> str:
    return f"org-{place:05d}"


def write_episodes(path: Path, n_rows: int, n_providers: int, seed: int) -> None:
    """`episodes.parquet` alone, in canonical order, chunk by chunk."""
    rng = np.random.default_rng(seed)
    market = Market.of(n_providers, n_rows, rng)
    schema = pa.schema([(column.name, TYPES.get(column.kind, pa.string())) for column in EPISODE_COLUMNS])
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for first in range(0, n_rows, CHUNK):
            numbers = np.arange(first, min(first + CHUNK, n_rows))
            made = _chunk(numbers, market, np.random.default_rng([seed, first]))
            arrays = [_array(column.kind, made[column.name], len(numbers)) for column in EPISODE_COLUMNS]
            writer.write_table(pa.table(arrays, schema=schema), row_group_size=122_880)


def _chunk(numbers: NDArray[np.int64], market: Market, rng: np.random.Generator) -> Made:
    n = len(numbers)
    provider = rng.choice(len(market.share), n, p=market.share)
    day = rng.integers(0, DAYS, n)
    hour = 8 + (rng.integers(0, BATCHES_PER_DAY, n) + rng.random(n) * 0.02) * 3
    notice = day * 24.0 + hour
    left, right, end = _seen(_events(provider, day, market, rng), FOLLOWED - notice, rng)
    site = market.first_site[provider] + (rng.random(n) ** 2 * market.n_sites[provider]).astype(np.int64)
    status = _pick(rng, n, ("episode", "before_notice", "undelivered", "misaddressed"), (0.97, 0.01, 0.015, 0.005))
    is_episode = status[0] == 0
    delay = rng.gamma(2.0, 6.0, n)
    made = _times_and_ends(notice, delay, left, right, end, is_episode)
    made |= _sensitivities(made, is_episode, FOLLOWED - notice, rng)
    order = rng.random(n) < 0.02
    names = [name_of(k) for k in range(len(market.share))]
    moved = np.where(is_episode & (end == 1), (provider + 1) % len(market.share), -1)
    return made | {
        "record_id": pc.binary_join_element_wise("R", pc.utf8_lpad(pc.cast(pa.array(numbers), "string"), 9, "0"), ""),
        "source": "generated",
        "target_id": numbers,
        "site_id": site,
        "provider_id": (provider, names),
        "asn": np.array(ASNS)[provider % len(ASNS)],
        "role": "network",
        "clock": (order.astype(np.int32), ("request", "order")),
        "status": status,
        "site_type": _pick(rng, n, ("image-host", "file-host", "forum"), (0.7, 0.2, 0.1)),
        "notice_sender": "hotline",
        "notice_status": ((status[0] == 2).astype(np.int32), (SENT, BOUNCED)),
        "addressee_match": "attributed",
        "fronted": np.zeros(n, np.bool_),
        "attribution_confidence": "full",
        "known_material": rng.integers(0, 2, n).astype(np.bool_),
        "country": "NL",
        "page_target": rng.random(n) < 0.05,
        "n_checks": rng.integers(3, 30, n),
        "deadline_hours": np.where(order, rng.choice([1.0, 6.0, 12.0, np.nan], n), np.nan),
        "moved_to": (moved, names),
        "cluster_id": provider * DAYS + day,
        "rule_version": "generated-1",
        "unattributed_reason": None,
        "attribution_basis": "reading",
        "attribution_doubts": None,
        "flaps": np.zeros(n, np.int64),
    }


def _events(
    provider: NDArray[np.int64], day: NDArray[np.int64], market: Market, rng: np.random.Generator
) -> NDArray[np.float64]:
    """True hours of takedown, move and domain gone, shape (3, rows); infinite where it never comes."""
    n = len(provider)
    mean = market.log_hours[provider] + market.day_effect[provider, day]
    takedown = np.exp(mean + 1.1 * rng.standard_normal(n))
    takedown[rng.random(n) < 0.05] = np.inf
    move = np.where(rng.random(n) < 0.04, rng.exponential(60.0, n), np.inf)
    domain = np.where(rng.random(n) < 0.02, rng.exponential(200.0, n), np.inf)
    return np.stack([takedown, move, domain])


def _seen(
    events: NDArray[np.float64], followed: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """The bracket of checks around the first event, and which it was (3: none was seen before the cut-off).

    The check before the first one is at -1: what ended before any check is a gap at the notice.
    """
    cause, at = events.argmin(axis=0), events.min(axis=0)
    last = np.minimum(followed, SCHEDULE[-1])
    at = np.minimum(at, last)
    place = np.searchsorted(SCHEDULE, at, side="right") - 1
    shift = rng.random((2, len(at)))
    here, after = _jittered(place, shift[0]), _jittered(place + 1, shift[1])
    before = np.where(place > 0, _jittered(place - 1, shift[1]), -1.0)
    here = np.where((place == 0) & (rng.random(len(at)) < 0.15), after, here)  # the first check was late
    early = at < here
    left, right = np.where(early, before, here), np.where(early, here, after)
    unseen = right > last
    return left, np.where(unseen, np.inf, right), np.where(unseen, 3, cause)


def _jittered(place: NDArray[np.int64], shift: NDArray[np.float64]) -> NDArray[np.float64]:
    place = np.minimum(place, len(SCHEDULE) - 1)
    hours = SCHEDULE[place]
    return hours + shift * np.minimum(JITTER * hours + 0.05, 0.4)


def _times_and_ends(
    notice: NDArray[np.float64],
    delay: NDArray[np.float64],
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    end: NDArray[np.int64],
    is_episode: NDArray[np.bool_],
) -> Made:
    start = round(PERIOD.start.timestamp() * 1e6)
    gap = is_episode & (left < 0) & np.isfinite(right)
    left0 = np.where(gap, -delay, np.nan)
    known = np.where(is_episode, np.maximum(left, 0.0), np.nan)
    return {
        "notified_at": start + np.rint(notice * MICROS_PER_HOUR).astype(np.int64),
        "reported_at": start + np.rint((notice - delay) * MICROS_PER_HOUR).astype(np.int64),
        "left_hours": known,
        "right_hours": np.where(is_episode, right, np.nan),
        "end": (np.where(is_episode, end, -1), ("takedown", "move", "domain", "censored")),
        "lower0_hours": left0,
        "weight": np.where(gap, right / (right - left0), np.where(is_episode, 1.0, np.nan)),
        "exposure_low_hours": np.minimum(known, 720.0),
        "exposure_high_hours": np.where(is_episode, np.minimum(right, 720.0), np.nan),
        "gap_at_notice": gap,
    }


def _sensitivities(
    made: Made, is_episode: NDArray[np.bool_], followed: NDArray[np.float64], rng: np.random.Generator
) -> Made:
    """First takedowns that did not last, inconclusive tails, ends that are still young at the cut-off."""
    n = len(is_episode)
    left, right = made["left_hours"], made["right_hours"]
    seen = is_episode & np.isfinite(right)
    interrupted = seen & (left > 12) & (rng.random(n) < 0.03)
    tail = is_episode & np.isinf(right) & (rng.random(n) < 0.2)
    last = np.where(tail, 0, np.where(seen, 2, 1))
    return {
        "first_left_hours": np.where(interrupted, left * 0.3, np.nan),
        "first_right_hours": np.where(interrupted, left * 0.4, np.nan),
        "tail_from_hours": np.where(tail, left + 1.0, np.nan),
        "last_outcome": (np.where(is_episode, last, -1), ("inconclusive", "online", "offline")),
        "recurrence": interrupted.astype(np.int64),
        "provisional": seen & (followed - np.where(seen, right, 0.0) < 168.0),
        "interrupted": interrupted,
    }


def _pick(
    rng: np.random.Generator, n: int, words: tuple[str, ...], shares: tuple[float, ...]
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(n), side="right").astype(np.int32), words


def _array(kind: ColumnKind, values: object, n: int) -> pa.Array:
    """A column as the file has it. Text comes as one word for all, None, or (codes, words) with -1 for null."""
    if kind is ColumnKind.TEXT:
        if isinstance(values, pa.Array):
            return values
        if not isinstance(values, tuple):
            return pa.array([values], pa.string()).take(pa.array(np.zeros(n, np.int32)))
        codes, words = values
        return pa.array(list(words), pa.string()).take(pa.array(np.asarray(codes), mask=codes < 0))
    if kind is ColumnKind.NUMBER:
        return pa.array(values, mask=~np.isfinite(values))
    return pa.array(values).cast(TYPES[kind])

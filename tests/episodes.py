"""Hand-made Episode tables: rows that say what differs in each from one plain takedown in (1, 2] hours."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from math import nan

import numpy as np

from monitor.model.columns import Codes, Flags, Floats, Ints, Small, Texts
from monitor.model.episode import EpisodeTable

HOUR = 3_600_000_000
NOON = 1_772_366_400_000_000  # 2026-03-01T12:00Z
DTYPES = {Ints: np.int64, Codes: np.int32, Small: np.int8, Flags: np.bool_, Floats: np.float64, Texts: np.object_}
Row = Mapping[str, object]

DEFAULTS: dict[str, object] = {
    "source": "hotline",
    "site_id": 0,
    "provider_id": "as64500",
    "asn": 64500,
    "role": "network",
    "clock": "request",
    "status": "episode",
    "site_type": None,
    "reported_at": NOON - 2 * HOUR,
    "notified_at": NOON,
    "notice_sender": None,
    "notice_status": "sent",
    "addressee_match": "attributed",
    "fronted": False,
    "attribution_confidence": None,
    "known_material": -1,
    "country": None,
    "page_target": False,
    "n_checks": 3,
    "left_hours": 1.0,
    "right_hours": 2.0,
    "end": "takedown",
    "lower0_hours": nan,
    "weight": 1.0,
    "deadline_hours": nan,
    "first_left_hours": nan,
    "first_right_hours": nan,
    "tail_from_hours": nan,
    "last_outcome": "offline",
    "moved_to": None,
    "exposure_low_hours": 1.0,
    "exposure_high_hours": 2.0,
    "cluster_id": 0,
    "recurrence": 0,
    "provisional": False,
    "interrupted": False,
    "gap_at_notice": False,
    "rule_version": "v1",
    "unattributed_reason": None,
    "attribution_basis": "report",
    "attribution_doubts": None,
    "flaps": 0,
}
NO_EPISODE: dict[str, object] = {
    "left_hours": nan,
    "right_hours": nan,
    "end": None,
    "exposure_low_hours": nan,
    "exposure_high_hours": nan,
}


def table_of(rows: Sequence[Row]) -> EpisodeTable:
    """A table with these rows, numbered from 0."""
    full = [
        {
            **DEFAULTS,
            "record_id": f"R{n:05d}",
            "target_id": n,
            **(NO_EPISODE if row.get("status", "episode") != "episode" else {}),
            **row,
        }
        for n, row in enumerate(rows)
    ]
    return EpisodeTable(
        **{f.name: np.array([row[f.name] for row in full], dtype=DTYPES[f.type]) for f in fields(EpisodeTable)}
    )

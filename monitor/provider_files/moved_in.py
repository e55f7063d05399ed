"""Targets that moved to the Provider and that no notice told it of: counted on its page, so shown as its own.

In: Episodes of other Providers that ended as a move. Out: when each was first seen here, and at which address. What
would surprise: neither the URL nor anything of the other Provider's report is in it; the notice was not for this one.
"""

import ipaddress
from collections.abc import Iterator, Mapping

import numpy as np

from monitor import store
from monitor.model.columns import MICROS_PER_HOUR, UNKNOWN_AT
from monitor.model.provider_file import MovedIn
from monitor.provider_files.evidence import Evidence, Ground, evidence
from monitor.provider_files.matching import ROLES, Row, table_rows
from monitor.provider_files.times import instant
from monitor.store.frozen_case_rows import moved_in_rows
from monitor.store.frozen_manifest import EPISODES


def moved_in(ground: Ground, provider_id: str, latest_notice: Mapping[tuple[str, str, int], int]) -> Iterator[MovedIn]:
    """Each Target once, without those of which the Provider has an Episode of its own from that notice on."""
    seen: set[tuple[str, str, int]] = set()
    for table in moved_in_rows(ground.data.path / EPISODES, provider_id, ROLES):
        wanted: list[Row] = []
        for row in table_rows(table):
            key = (row["role"], row["clock"], row["target_id"])
            if key not in seen and latest_notice.get(key, UNKNOWN_AT) < row["notified_at"]:
                seen.add(key)
                wanted.append(row)
        yield from _described(ground, wanted)


def _described(ground: Ground, rows: list[Row]) -> Iterator[MovedIn]:
    targets = store.targets_of(ground.db, {(row["source"], row["record_id"]) for row in rows})
    found = evidence(ground, set(targets.values()))
    for row in rows:
        at = row["notified_at"] + round(row["right_hours"] * MICROS_PER_HOUR)
        target = targets.get((row["source"], row["record_id"]))
        address = None if target is None else _address(found, target, at, row["role"])
        yield MovedIn(row["role"], row["clock"], instant(at), address)


def _address(found: Evidence, target: int, at: int, role: str) -> str | None:
    """The Provider's address at which a check found the Target then."""
    readings = found.facts.readings
    held = found.held_in(role)
    for n in np.flatnonzero((readings.target_id == target) & (readings.at == at)).tolist():
        if int(held[n]) in found.codes and readings.address[n] >= 0:
            return str(ipaddress.ip_address(found.opened[int(readings.address[n])]))
    return None

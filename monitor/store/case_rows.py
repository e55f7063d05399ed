"""Many records looked up at once: their Targets, URLs, notices' words and what lies behind each check.

In: keys. Out: values by key. What would surprise: `open_targets` gives URLs and writes no audit row: who calls it does
that, once for all, before anything leaves the process. Each function takes thousands of keys in a few statements.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from monitor.model.retention import shown
from monitor.model.words import Purpose
from monitor.store import contexts
from monitor.store.bulk import names_by_id, select_by
from monitor.store.corrected_facts import read_in_force
from monitor.store.database import Store
from monitor.store.records import RecordId, find_records
from monitor.store.tables import (
    CheckRow,
    ExchangeRow,
    HostRow,
    NoticeRow,
    ObservationRow,
    OutcomeRow,
    ReasonRow,
    ReportRow,
    TargetRow,
    VantageRow,
    table_of,
)
from monitor.store.times import from_micros

_CHECKS, _EXCHANGES, _HOSTS = table_of(CheckRow), table_of(ExchangeRow), table_of(HostRow)
_NOTICES, _OBSERVATIONS, _OUTCOMES = table_of(NoticeRow), table_of(ObservationRow), table_of(OutcomeRow)
_REASONS, _REPORTS = table_of(ReasonRow), table_of(ReportRow)
_TARGETS, _VANTAGES = table_of(TargetRow), table_of(VantageRow)
_ON_THE_WAY = f"purpose IN ('{Purpose.TARGET.value}', '{Purpose.REDIRECT.value}')"


@dataclass(frozen=True, slots=True)
class OpenedTarget:
    """A Target's URL, or its host alone where the path was withheld; of a forgotten one, when that was, in words."""

    text: str
    withheld: bool
    forgotten_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """What a Notice says beside the facts: its reference and channel; and, where it was corrected, what was stated."""

    reference: str | None
    channel: str | None
    stated_at: int | None = None  # microseconds UTC; None: the time was not corrected
    stated_status: str | None = None  # None: the status was not corrected
    why_corrected: str | None = None


@dataclass(frozen=True, slots=True)
class CheckWords:
    """One check: recorded (`reason` as recorded) or our own (`rule`, and how far its last exchange came)."""

    own: bool
    vantage: str
    reason: str | None = None
    rule: str | None = None  # None: recorded, or no rule read it
    method: str | None = None
    phase: str | None = None
    status: int | None = None
    error: str | None = None


def targets_of(store: Store, records: Collection[RecordId]) -> dict[RecordId, int]:
    """The Target's key of each record (source, record id) that has a Report."""
    with store.read() as connection:
        keys = find_records(connection, records)
        found: dict[int, int] = dict(
            select_by(connection, _REPORTS, ("record_key", "target_id"), "record_key", keys.values())
        )
    return {record: found[key] for record, key in keys.items() if key in found}


def open_targets(store: Store, target_ids: Collection[int]) -> dict[int, OpenedTarget]:
    """The URL of each Target. Raises KeyProblem where one does not open."""
    unseal = store.sealer.unseal
    with store.read() as connection:
        found = list(
            select_by(connection, _TARGETS, ("id", "host_id", "url", "withheld", "forgotten_at"), "id", target_ids)
        )
        hosts = {host for _, host, url, *_ in found if url is None}
        names: dict[int, bytes] = dict(select_by(connection, _HOSTS, ("id", "name"), "id", hosts))
    gone = {key: from_micros(at) for key, *_, at in found if at is not None}
    forgotten = {
        key: OpenedTarget(said_of(gone[key]), bool(withheld), gone[key])
        for key, _, _, withheld, at in found
        if at is not None
    }
    return forgotten | {
        key: OpenedTarget(
            unseal(bytes(names[host]), contexts.HOST_NAME).decode()
            if url is None
            else unseal(bytes(url), contexts.TARGET_URL).decode(),
            bool(withheld),
        )
        for key, host, url, withheld, at in found
        if at is None
    }


def said_of(forgotten_at: datetime) -> str:
    """What stands where the text of something forgotten would."""
    return f"forgotten on {forgotten_at:%Y-%m-%d}"


def notice_words(store: Store, notice_ids: Collection[int]) -> dict[int, NoticeWords]:
    """Reference, channel and corrections of each Notice. Raises KeyProblem where a reference does not open."""
    columns = ("id", "reference", "channel", "record_key", "kind", "notified_at", "status")
    with store.read() as connection:
        corrected = read_in_force(connection, store.sealer)
        found = list(select_by(connection, _NOTICES, columns, "id", notice_ids))
    words = {}
    for key, sealed, channel, record, kind, at, status in found:
        instead = corrected.instead(record, kind, at, sealed)
        words[key] = NoticeWords(
            None if sealed is None else shown(store.sealer.unseal(bytes(sealed), contexts.NOTICE_REFERENCE).decode()),
            channel,
            None if instead.at is None else at,
            None if instead.status is None else status,
            instead.why,
        )
    return words


def check_words(store: Store, check_ids: Collection[int]) -> dict[int, CheckWords]:
    """What lies behind each reading, recorded or our own, by its key."""
    with store.read() as connection:
        vantages, reasons = names_by_id(connection, _VANTAGES), names_by_id(connection, _REASONS)
        found = {
            key: CheckWords(own=False, vantage=vantages[vantage], reason=reasons.get(reason))
            for key, vantage, reason in select_by(
                connection, _CHECKS, ("id", "vantage_id", "reason_id"), "id", check_ids
            )
        }
        seen: dict[int, int] = dict(select_by(connection, _OBSERVATIONS, ("id", "vantage_id"), "id", check_ids))
        rules: dict[int, str] = dict(
            select_by(connection, _OUTCOMES, ("observation_id", "rule"), "observation_id", seen)
        )
        columns = ("observation_id", "place", "method", "phase", "status", "error")
        last: dict[int, tuple[int, str, str, int | None, str | None]] = {}
        for key, *exchange in select_by(connection, _EXCHANGES, columns, "observation_id", seen, _ON_THE_WAY):
            if key not in last or exchange[0] > last[key][0]:
                last[key] = (exchange[0], exchange[1], exchange[2], exchange[3], exchange[4])
    for key, vantage in seen.items():
        _, method, phase, status, error = last.get(key, (0, None, None, None, None))
        found[key] = CheckWords(True, vantages[vantage], None, rules.get(key), method, phase, status, error)
    return found

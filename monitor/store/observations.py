"""Observations in, with their exchanges, one transaction a batch, linked (`chains.py`); and out again as they were.

What would surprise: an address is sealed and shared (`interning.py`), so an Observation holds keys; what comes out has
its own key as `check_id`, because the number within the run is not kept. Keys come from the counter of `checks`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection

from monitor.model.observation import Exchange, Fingerprint, Observation
from monitor.model.report import Address
from monitor.model.words import DnsStatus, ExchangeError, GetReason, LocationKind, Method, Phase, Purpose, TlsState
from monitor.store import contexts
from monitor.store.bulk import allocate, insert_rows, names_by_id, select_by, word_ids
from monitor.store.chains import OF_EXCHANGE, OF_OBSERVATION, link_observations
from monitor.store.database import Store
from monitor.store.interning import intern_addresses
from monitor.store.runs import keep_open
from monitor.store.sealing import Sealer
from monitor.store.tables import (
    AddressRow,
    CheckRow,
    ExchangeRow,
    ObservationRow,
    OutcomeRow,
    RunRow,
    TargetRow,
    VantageRow,
    table_of,
)
from monitor.store.times import from_micros, to_micros

_CHECKS, _ADDRESSES, _TARGETS = table_of(CheckRow), table_of(AddressRow), table_of(TargetRow)
_OBSERVATIONS, _EXCHANGES = table_of(ObservationRow), table_of(ExchangeRow)
_OUTCOMES, _RUNS, _VANTAGES = table_of(OutcomeRow), table_of(RunRow), table_of(VantageRow)
_PLAIN = ("content_type", "length", "etag", "etag_weak", "last_modified", "server")
_AFTER = ("leads_to", "challenge", "retry_after_seconds", "connect_ms", "tls_ms", "headers_ms", "n_bytes_in")
_IN_TIME = "NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = observations.run_id AND runs.late)"
_fingerprint_of, _after_of = attrgetter(*_PLAIN), attrgetter(*_AFTER)


@dataclass(frozen=True, slots=True, repr=False)
class StoredObservation:
    """An Observation with its keys."""

    observation_id: int
    run_id: int
    host_id: int
    observation: Observation


def add_observations(
    store: Store, run_id: int, observations: Sequence[Observation], *, again: bool = False
) -> tuple[int, ...]:
    """Store a batch of a run, all of it or nothing; returns their keys, aligned.

    `again`: some may be there already, because a try before may have come to something although nobody said so. They
    are looked for with nobody else writing: the server may have been at it while the connection was lost already.
    Raises StoreError, StoreBusy, RunEnded where another worker has ended the run.
    """
    if not observations:
        return ()
    with store.write() as connection:
        keep_open(connection, run_id)
        there = _stored_within(connection, run_id, {each.target_id for each in observations}) if again else {}
        new = [each for each in observations if each.target_id not in there]
        added = iter(_added(connection, store.sealer, run_id, new) if new else ())
    return tuple(there[each.target_id] if each.target_id in there else next(added) for each in observations)


def _added(connection: Connection, sealer: Sealer, run_id: int, observations: Sequence[Observation]) -> range:
    """The keys of Observations that were added."""
    addresses = _interned(connection, sealer, observations)
    vantages = word_ids(connection, _VANTAGES, {each.vantage for each in observations})
    keys = allocate(connection, _CHECKS, len(observations))
    rows = [
        (
            key,
            run_id,
            each.target_id,
            vantages[each.vantage],
            to_micros(each.observed_at),
            " ".join([status.value for status in each.answers]),
            addresses[each.address],
            float(each.seconds),
        )
        for key, each in zip(keys, observations, strict=True)
    ]
    insert_rows(connection, _OBSERVATIONS, OF_OBSERVATION, rows)
    exchanges = [
        _exchange_row(key, place, exchange, addresses)
        for key, each in zip(keys, observations, strict=True)
        for place, exchange in enumerate(each.exchanges)
    ]
    insert_rows(connection, _EXCHANGES, OF_EXCHANGE, exchanges)
    link_observations(connection, run_id, rows, exchanges)
    return keys


def observations_of_run(store: Store, run_id: int, *, every: bool = False) -> list[StoredObservation]:
    """A run's Observations that have no Outcome yet (`every`: all of them), in the order in which they were stored.

    Raises KeyProblem where an address does not open.
    """
    with store.read() as connection:
        rows = sorted(select_by(connection, _OBSERVATIONS, OF_OBSERVATION, "run_id", [run_id]))
        if not every:
            keys = [row[0] for row in rows]
            judged = {key for (key,) in select_by(connection, _OUTCOMES, ("observation_id",), "observation_id", keys)}
            rows = [row for row in rows if row[0] not in judged]
        return _rebuilt(connection, store.sealer, rows)


def stored_of_run(store: Store, run_id: int, target_ids: Iterable[int]) -> dict[int, int]:
    """Target -> key of its Observation in a run, of those that are stored: for who lost touch while storing them."""
    with store.read() as connection:
        return _stored_within(connection, run_id, set(target_ids))


def _stored_within(connection: Connection, run_id: int, targets: Collection[int]) -> dict[int, int]:
    found = select_by(connection, _OBSERVATIONS, ("target_id", "id"), "run_id", [run_id])
    return {target: key for target, key in found if target in targets}


def last_addresses(store: Store, target_ids: Iterable[int], before: datetime) -> dict[int, Address]:
    """The address that each Target was last asked at before an instant, where there is one. Raises KeyProblem.

    Not by what came too late to be judged: it may have come since the run was judged that asks.
    """
    wanted = sorted(set(target_ids))
    found: dict[int, tuple[int, int]] = {}
    columns = ("target_id", "observed_at", "address_id")
    with store.read() as connection:
        for target, at, address in select_by(connection, _OBSERVATIONS, columns, "target_id", wanted, _IN_TIME):
            if address is not None and at < to_micros(before):
                found[target] = max(found.get(target, (at, address)), (at, address))
        keys = {address for _, address in found.values()}
        opened = _opened(connection, store.sealer, keys)
    return {target: opened[address] for target, (_, address) in found.items()}


def _interned(
    connection: Connection, sealer: Sealer, observations: Iterable[Observation]
) -> dict[Address | None, int | None]:
    """The key of each address that anything was sent to; each different one is looked up, or sealed, once."""
    seen = {exchange.address for each in observations for exchange in each.exchanges}
    distinct = [address for address in seen if address is not None]
    indexes = sealer.indexes(distinct, contexts.ADDRESS)
    keys = intern_addresses(connection, sealer, dict(zip(indexes, distinct, strict=True)))
    addresses: dict[Address | None, int | None] = {None: None}
    addresses.update((address, keys[index]) for index, address in zip(indexes, distinct, strict=True))
    return addresses


def _exchange_row(
    key: int, place: int, exchange: Exchange, addresses: Mapping[Address | None, int | None]
) -> tuple[Any, ...]:
    get_reason, error, location = exchange.get_reason, exchange.error, exchange.location
    return (
        key,
        place,
        exchange.purpose.value,
        exchange.method.value,
        None if get_reason is None else get_reason.value,
        addresses[exchange.address],
        exchange.phase.value,
        None if error is None else error.value,
        exchange.tls.value,
        exchange.status,
        *_fingerprint_of(exchange.fingerprint),
        None if location is None else location.value,
        *_after_of(exchange),
    )


def _rebuilt(connection: Connection, sealer: Sealer, rows: Sequence[tuple[Any, ...]]) -> list[StoredObservation]:
    """The Observations of rows of `OF_OBSERVATION`, in their order."""
    targets = {row[2] for row in rows}
    hosts: dict[int, int] = dict(select_by(connection, _TARGETS, ("id", "host_id"), "id", targets))
    vantages = names_by_id(connection, _VANTAGES)
    exchanges = _exchanges_of(connection, sealer, [row[0] for row in rows])
    return [
        StoredObservation(
            key,
            run_id,
            hosts[target_id],
            Observation(
                check_id=key,
                target_id=target_id,
                observed_at=from_micros(at),
                vantage=vantages[vantage_id],
                answers=tuple(DnsStatus(word) for word in answers.split()),
                exchanges=tuple(exchanges[key]),
                seconds=seconds,
            ),
        )
        for key, run_id, target_id, vantage_id, at, answers, _, seconds in rows
    ]


def _exchanges_of(connection: Connection, sealer: Sealer, keys: Sequence[int]) -> dict[int, list[Exchange]]:
    """The exchanges of each Observation, in order."""
    rows = sorted(select_by(connection, _EXCHANGES, OF_EXCHANGE, "observation_id", keys), key=lambda row: row[:2])
    used = {row[5] for row in rows if row[5] is not None}
    opened = _opened(connection, sealer, used)
    exchanges: dict[int, list[Exchange]] = {key: [] for key in keys}
    for row in rows:
        exchanges[row[0]].append(_exchange(row, opened.get(row[5])))
    return exchanges


def _opened(connection: Connection, sealer: Sealer, keys: Iterable[int]) -> dict[int, Address]:
    sealed = select_by(connection, _ADDRESSES, ("id", "address"), "id", set(keys))
    return {key: Address(sealer.unseal(bytes(value), contexts.ADDRESS)) for key, value in sealed}


def _exchange(row: tuple[Any, ...], address: Address | None) -> Exchange:
    _, _, purpose, method, get_reason, _, phase, error, tls, status = row[:10]
    content_type, length, etag, etag_weak, last_modified, server = row[10:16]
    location, leads_to, challenge, retry_after, connect_ms, tls_ms, headers_ms, n_bytes_in = row[16:]
    return Exchange(
        purpose=Purpose(purpose),
        method=Method(method),
        phase=Phase(phase),
        address=address,
        error=None if error is None else ExchangeError(error),
        get_reason=None if get_reason is None else GetReason(get_reason),
        tls=TlsState(tls),
        status=status,
        fingerprint=Fingerprint(content_type, length, etag, bool(etag_weak), last_modified, server),
        location=None if location is None else LocationKind(location),
        leads_to=leads_to,
        challenge=bool(challenge),
        retry_after_seconds=retry_after,
        connect_ms=connect_ms,
        tls_ms=tls_ms,
        headers_ms=headers_ms,
        n_bytes_in=n_bytes_in,
    )

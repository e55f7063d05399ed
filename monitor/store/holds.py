"""Holds: what may not be forgotten while a hearing, an objection or an order goes on.

In: a decision of a person. Out: Holds, and every record, letter and provider that they keep. Rows are only ever added,
each with its audit row in the same transaction. What would surprise: most of what is held nobody has to write down:
a Letter that is not closed, and an order or objection that is not decided, hold what they are about by themselves; and
where a frozen dataset that a Letter was made from cannot be read, everything told in its Period is held.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from monitor.clock import now
from monitor.errors import FreezeError, RetentionError, UsageError
from monitor.model.letter import Letter, LetterStep
from monitor.model.period import Period
from monitor.model.retention import Held, Hold, HoldKind
from monitor.store.audit import append
from monitor.store.database import Store
from monitor.store.frozen_manifest import EPISODES, freezes
from monitor.store.letters import load_registers
from monitor.store.orders import find_order, open_orders
from monitor.store.records import find_records
from monitor.store.registry import load_registry
from monitor.store.tables import HoldRow, LetterRow, RecordRow, SourceRow, table_of
from monitor.store.times import to_micros

_HOLDS, _LETTERS = table_of(HoldRow), table_of(LetterRow)
_RECORDS, _SOURCES = table_of(RecordRow), table_of(SourceRow)
_AT_REST = frozenset({LetterStep.CLOSED, LetterStep.WITHDRAWN})


def add_hold(
    store: Store, kind: HoldKind, subject: str, *, by: str, why: str, until: datetime | None, record: int | None = None
) -> Hold:
    """`record`: the record's key, of a hold of that kind."""
    moment = now()
    values = {"kind": kind.value, "subject": subject, "record_key": record, "by": by, "why": why, "at": moment}
    with store.write() as connection:
        new = _HOLDS.insert().values(values | {"until": until})
        hold_id = int(connection.execute(new.returning(_HOLDS.c.id)).scalar_one())
        append(connection, actor=by, action="hold", subject=f"hold {hold_id}: {kind.value} {subject}", reason=why)
    return Hold(hold_id, kind, subject, by, why, moment, until)


def release_hold(store: Store, hold_id: int, *, by: str, why: str) -> Hold:
    """End a hold. Raises RetentionError where there is none of that number that stands."""
    with store.write() as connection:
        found = {each.hold_id: each for each in _read(connection)}.get(hold_id)
        if found is None or found.released_at is not None:
            raise RetentionError("No hold of that number stands", "See `monitor hold list`")
        values = {"kind": found.kind.value, "subject": found.subject, "by": by, "why": why, "at": now()}
        connection.execute(_HOLDS.insert().values(values | {"releases": hold_id}))
        said = f"hold {hold_id}: {found.kind.value} {found.subject}"
        append(connection, actor=by, action="hold release", subject=said, reason=why)
        return next(each for each in _read(connection) if each.hold_id == hold_id)


def list_holds(store: Store) -> tuple[Hold, ...]:
    """Every hold that a person ever set, oldest first."""
    with store.read() as connection:
        return _read(connection)


def _read(connection: Connection) -> tuple[Hold, ...]:
    c = _HOLDS.c
    columns = (c.id, c.kind, c.subject, c.by, c.why, c.at, c.until, c.releases)
    rows = connection.execute(select(*columns).order_by(c.id)).all()
    ended = {row.releases: (row.at, row.by, row.why) for row in rows if row.releases is not None}
    stands = (None, None, None)
    return tuple(
        Hold(row.id, HoldKind(row.kind), row.subject, row.by, row.why, row.at, row.until, *ended.get(row.id, stands))
        for row in rows
        if row.releases is None
    )


def held(store: Store, moment: datetime) -> Held:
    """Everything that is held, and by what. Raises FreezeError where that cannot be told."""
    standing = [each for each in list_holds(store) if each.stands(moment)]
    open_letters = [each for each in _letters(store) if each.status not in _AT_REST]
    chosen = {each.subject for each in standing if each.kind is HoldKind.LETTER}
    by_hand = [each for each in _letters(store) if str(each.letter_id) in chosen]
    providers = {each.subject for each in standing if each.kind is HoldKind.PROVIDER}
    why = Counter[str]()
    records = set[int]()
    for said, found in (
        ("a person's hold of a record", _records_held(store, moment)),
        ("a person's hold of a provider", _of_providers(store, providers)),
        ("a person's hold of a letter", _of_letters(store, by_hand)),
        ("letters that are not closed", _of_letters(store, open_letters)),
        ("orders and objections that are not decided", set(open_orders(store).values())),
        ("a person's hold of an order", _of_orders(store, standing)),
    ):
        records |= found
        why[said] += len(found)
    letters = {each.letter_id for each in (*open_letters, *by_hand)}
    letters |= {each.letter_id for each in _letters(store) if each.provider_id in providers}
    kept = providers | {each.provider_id for each in (*open_letters, *by_hand)}
    return Held(frozenset(records), frozenset(letters), frozenset(kept), {name: n for name, n in why.items() if n})


def _letters(store: Store) -> Iterable[Letter]:
    return (letter for register in load_registers(store) for letter in register.letters)


def _records_held(store: Store, moment: datetime) -> set[int]:
    c = _HOLDS.c
    with store.read() as connection:
        standing = [each.hold_id for each in _read(connection) if each.stands(moment)]
        wanted = select(c.record_key).where(c.id.in_(standing), c.kind == HoldKind.RECORD.value)
        return {key for key in connection.scalars(wanted) if key is not None}


def _of_orders(store: Store, standing: Iterable[Hold]) -> set[int]:
    return {find_order(store, int(each.subject)).record_key for each in standing if each.kind is HoldKind.ORDER}


def _of_letters(store: Store, letters: Iterable[Letter]) -> set[int]:
    """The records that were counted for the Provider of each Letter in the dataset that it was made from."""
    folders = {path.name.rpartition("-")[2]: path for path in freezes(store.data_dir)}
    found = set[int]()
    for letter in letters:
        folder = folders.get(letter.told.freeze[:8])
        if folder is None:
            found |= _told_in(store, letter.period)
        else:
            found |= _keys(store, _rows_of(folder / EPISODES, [letter.provider_id]))
    return found


def _told_in(store: Store, period: str) -> set[int]:
    try:
        span = Period.parse(period)
    except UsageError:
        return set()
    first, last = to_micros(span.start), to_micros(span.end)
    statement = f"SELECT record_key FROM notices WHERE notified_at >= {first:d} AND notified_at < {last:d}"  # noqa: S608
    with store.read() as connection:
        return {key for (key,) in connection.exec_driver_sql(statement)}


def _of_providers(store: Store, providers: Collection[str]) -> set[int]:
    """The records of each in any frozen dataset, and those with an address in one of its AS numbers."""
    if not providers:
        return set()
    found = set[int]()
    for folder in freezes(store.data_dir):
        found |= _keys(store, _rows_of(folder / EPISODES, providers))
    registry = load_registry(store, now().astimezone(UTC).date())
    asns = {asn for asn, provider_id in registry.by_asn.items() if provider_id in providers}
    listed = ", ".join(f"{asn:d}" for asn in sorted(asns)) or "NULL"
    theirs = f"(SELECT address_id FROM attributions WHERE asn IN ({listed}))"  # noqa: S608 (numbers)
    statement = f"""SELECT record_key FROM reports WHERE address_id IN {theirs} OR origin_address_id IN {theirs} UNION
        SELECT record_key FROM checks WHERE address_id IN {theirs} UNION
        SELECT r.record_key FROM reports r JOIN observations o ON o.target_id = r.target_id
            WHERE o.address_id IN {theirs}"""  # noqa: S608 (numbers)
    with store.read() as connection:
        return found | {key for (key,) in connection.exec_driver_sql(statement)}


def _rows_of(episodes: Path, providers: Collection[str]) -> set[tuple[str, str]]:
    from monitor.store.frozen_parquet import opened  # noqa: PLC0415 (it loads duckdb)

    try:
        with opened(episodes) as file:
            file.connection.execute("SET VARIABLE providers = ?", [sorted(providers)])
            return set(
                file.query("source, record_id", "WHERE list_contains(getvariable('providers'), provider_id)").fetchall()
            )
    except FreezeError as error:
        said = "A frozen dataset cannot be read, so nobody can say what is held"
        raise FreezeError(said, "Put it back from a backup (`monitor verify`); nothing was forgotten") from error


def _keys(store: Store, records: Collection[tuple[str, str]]) -> set[int]:
    with store.read() as connection:
        return set(find_records(connection, records).values())

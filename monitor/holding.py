"""`monitor hold`: which record, letter, order or provider somebody means, and the hold on it.

In: an id as a person types it. Out: a Hold. What would surprise: an id that could be several things is refused until
somebody says which one is meant, because a hold of the wrong thing shows only when the right one is gone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor import store
from monitor.clock import now
from monitor.errors import LetterError, OrderError, RecordMissing, RetentionError, UsageError
from monitor.model.retention import Hold, HoldKind
from monitor.store import Store
from monitor.store.holds import add_hold
from monitor.store.orders import find_order
from monitor.store.records import find_records


@dataclass(frozen=True, slots=True)
class _Meant:
    subject: str
    record: int | None = None


def hold(
    db: Store,
    name: str,
    kind: HoldKind | None,
    source: str | None,
    *,
    by: str,
    why: str,
    until: datetime | None,
) -> Hold:
    """Raises RetentionError where nothing, or more than one thing, has that id."""
    kinds = [kind] if kind is not None else [HoldKind.RECORD] if source is not None else list(HoldKind)
    found = {each: meant for each in kinds if (meant := _FINDERS[each](db, name, source)) is not None}
    if not found:
        raise RetentionError("No record, letter, order or provider has that id", "Check it, and --source, --kind")
    if len(found) > 1:
        words = ", ".join(each.value for each in found)
        raise RetentionError("Several things have that id", f"Say which with --kind: {words}")
    ((which, meant),) = found.items()
    return add_hold(db, which, meant.subject, by=by, why=why, until=until, record=meant.record)


def _record(db: Store, name: str, source: str | None) -> _Meant | None:
    try:
        found = store.find_record(db, name, source)
    except RecordMissing as error:
        if "Several" in error.message:
            raise UsageError(error.message, error.hint) from None
        return None
    with db.read() as connection:
        (key,) = find_records(connection, {(found.source, found.record_id)}).values()
    return _Meant(f"{found.record_id} of {found.source}", key)


def _letter(db: Store, name: str, _source: str | None) -> _Meant | None:
    try:
        return _Meant(str(store.find_letter(db, name).letter_id))
    except LetterError:
        return None


def _order(db: Store, name: str, _source: str | None) -> _Meant | None:
    if not (name.isascii() and name.isdigit() and len(name) < 19):
        return None
    try:
        return _Meant(str(find_order(db, int(name)).order_id))
    except OrderError:
        return None


def _provider(db: Store, name: str, _source: str | None) -> _Meant | None:
    registry = store.load_registry(db, now().date())
    found = name if name in registry.providers else registry.find(name)
    return None if found is None else _Meant(found)


_FINDERS: dict[HoldKind, Callable[[Store, str, str | None], _Meant | None]] = {
    HoldKind.RECORD: _record,
    HoldKind.LETTER: _letter,
    HoldKind.ORDER: _order,
    HoldKind.PROVIDER: _provider,
}

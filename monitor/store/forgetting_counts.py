"""How much a run of `forget` has forgotten so far, by the instant that it writes beside each text that goes.

In: a class, the instant at which a run began. Out: a number, of the same things that the run counts.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, func, select

from monitor.model.retention import RetentionClass
from monitor.model.words import NoticeKind
from monitor.store.database import Store
from monitor.store.tables import AddressRow, ExchangeCaseRow, LetterRow, NoticeRow, TargetRow, table_of

_NOTICES, _CASES = table_of(NoticeRow), table_of(ExchangeCaseRow)
_COUNTED: dict[RetentionClass, tuple[Table, str]] = {
    RetentionClass.URL: (table_of(TargetRow), "forgotten_at"),
    RetentionClass.ADDRESS: (table_of(AddressRow), "forgotten_at"),
    RetentionClass.LETTER: (table_of(LetterRow), "forgotten_at"),
    RetentionClass.EXCHANGE: (_CASES, "forgotten_at"),
}
MESSAGES = {RetentionClass.NOTICE: NoticeKind.REQUEST, RetentionClass.ORDER: NoticeKind.ORDER}


def n_forgotten_at(store: Store, kind: RetentionClass, at: datetime) -> int:
    """Targets and received URLs, addresses, Letters, cases; of notices the records. 0 for files, which leave no row."""
    if kind in MESSAGES:
        mine = (_NOTICES.c.forgotten_at == at) & (_NOTICES.c.kind == MESSAGES[kind].value)
        return _count(store, func.count(_NOTICES.c.record_key.distinct()), mine)
    if kind not in _COUNTED:
        return 0
    table, column = _COUNTED[kind]
    n = _count(store, func.count(), table.c[column] == at)
    return n + _count(store, func.count(), _CASES.c.url_forgotten_at == at) if kind is RetentionClass.URL else n


def _count(store: Store, what: "ColumnElement[int]", where: "ColumnElement[bool]") -> int:
    with store.read() as connection:
        return connection.scalar(select(what).where(where)) or 0

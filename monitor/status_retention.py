"""What is kept for how long, and whether it goes when it should: a Finding for status.

In: the store, terms. Out: one Finding. What would surprise: only what the database tells without a key is counted
(URLs; notices and orders by record; exchanged cases); where no term is set that is said each time, because to keep for
ever is a decision too, and nobody may have taken it.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from monitor.config import Settings
from monitor.model.operation import Finding, Mark
from monitor.model.retention import RetentionClass
from monitor.store import Store
from monitor.store.forgetting import due_targets, targets_of_records
from monitor.store.forgetting_cases import due_cases
from monitor.store.forgetting_counts import MESSAGES
from monitor.store.forgetting_messages import due_messages
from monitor.store.holds import held, list_holds
from monitor.store.tables import AuditRow, table_of

_AUDIT = table_of(AuditRow)
_OFTEN_DAYS = 40
"""Once a month, and some days of grace."""


def retention(db: Store, settings: Settings, moment: datetime) -> Iterator[Finding]:
    """Terms, when `forget` last ran, URLs past their term that are still there, and holds of persons."""
    terms = {kind.value: str(settings.retention.term(kind) or "keep") for kind in RetentionClass}
    last, holds = _last_run(db), sum(each.stands(moment) for each in list_holds(db))
    term = settings.retention.term(RetentionClass.URL)
    n_due = _n_due(db, term.before(moment), moment) if term is not None else 0
    others = _others_due(db, settings, moment)
    figures = {
        "terms": terms,
        "forget_last_ran_at": last and last.isoformat(),
        "urls_past_term": n_due,
        "past_term_with_held": others,
        "holds": holds,
    }
    ran = f"forget last ran on {last:%Y-%m-%d}" if last else "forget never ran"
    if all(each == "keep" for each in terms.values()):
        todo = "Have the controller decide on [retention] in monitor.toml (docs/retention.md)"
        yield Finding("retention", Mark.LOOK, f"no term is set: everything is kept; holds {holds}", todo, figures)
        return
    more = "".join(f", {name} {n}" for name, n in others.items())
    said = f"{ran}; URLs past their term {n_due}{more}, holds {holds}"
    if last is None or (moment - last).days > _OFTEN_DAYS:
        todo = "`monitor forget --reason TEXT`, each month by the timer in deploy/ (docs/retention.md)"
        yield Finding("retention", Mark.LOOK, said, todo, figures)
        return
    yield Finding("retention", Mark.OK, said, figures=figures)


def _n_due(db: Store, before: datetime, moment: datetime) -> int:
    """Without those that are held; what is held is looked up only where anything is due."""
    due = due_targets(db, before)
    if not due:
        return 0
    with db.read() as connection:
        kept = targets_of_records(connection, held(db, moment).records)
    return len(set(due) - kept)


def _others_due(db: Store, settings: Settings, moment: datetime) -> dict[str, int]:
    """Records and cases past their term, with those that are held, by class."""
    found = {}
    for kind in (RetentionClass.NOTICE, RetentionClass.ORDER, RetentionClass.EXCHANGE):
        if (term := settings.retention.term(kind)) is not None:
            before = term.before(moment)
            cases = kind is RetentionClass.EXCHANGE
            found[kind.value] = len(
                due_cases(db, before, urls=False) if cases else due_messages(db, MESSAGES[kind], before)
            )
    return found


def _last_run(db: Store) -> datetime | None:
    wanted = select(_AUDIT.c.at).where(_AUDIT.c.action == "forget").order_by(_AUDIT.c.id.desc()).limit(1)
    with db.read() as connection:
        at: datetime | None = connection.scalar(wanted)
        return at

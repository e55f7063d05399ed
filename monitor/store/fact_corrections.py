"""The log of corrections of facts: added by a person, undone by a person, listed. Only ever added to.

In: a record, what holds of it instead, who and why. Out: the correction with its number. Every function that changes
writes its audit row in the same transaction, and raises CorrectionError or RecordMissing before anything was changed.
What would surprise: a correction that would change nothing is refused, so that a command that is given twice (or again
after it was killed) leaves one correction.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from monitor.clock import now
from monitor.errors import CorrectionError
from monitor.model.fact_correction import CorrectionKind, FactCorrection, StatedNotice, Undoing
from monitor.model.words import NoticeKind, NoticeStatus
from monitor.store import contexts
from monitor.store.audit import append
from monitor.store.database import Store
from monitor.store.lookup import record_named
from monitor.store.records import find_records
from monitor.store.sealing import Sealer
from monitor.store.tables import FactCorrectionRow, LetterRow, NoticeRow, table_of

_LOG = table_of(FactCorrectionRow)
_LETTERS = table_of(LetterRow)
_NOTICES = table_of(NoticeRow)
_SEE = "`monitor correct list` shows them all"


def correct_notice(
    store: Store,
    record_id: str,
    source: str | None,
    reference: str | None,
    holds: NoticeStatus | datetime,
    *,
    by: str,
    why: str,
    letter_id: int | None = None,
) -> FactCorrection:
    """From now on a notice of the record has this delivery status, or (aware) was sent at this time.

    `source` says whose record, `reference` which of its notices, where there are several.
    """
    is_time = isinstance(holds, datetime)
    if isinstance(holds, datetime) and holds > now():
        raise CorrectionError("The time lies in the future", "Give the time at which the notice was sent")
    with store.write() as connection:
        found = record_named(connection, record_id, source)
        stated = _stated(connection, store.sealer, (found.source, record_id))
        chosen = _chosen([notice for notice, _ in stated], reference, is_time=is_time)
        new = FactCorrection(
            correction_id=0,
            kind=CorrectionKind.NOTICE_TIME if is_time else CorrectionKind.NOTICE_STATUS,
            source=found.source,
            record_id=record_id,
            by=by,
            why=why,
            at=now(),
            notice_ref=reference,
            status=None if isinstance(holds, datetime) else holds,
            notified_at=holds if isinstance(holds, datetime) else None,
            letter_id=letter_id,
            notices=chosen,
        )
        _refuse_without_effect(connection, store.sealer, new, stated)
        return _added(connection, store.sealer, new)


def exclude(
    store: Store, record_id: str, source: str | None, *, by: str, why: str, letter_id: int | None = None
) -> FactCorrection:
    """From now on the report enters no figure, as one that was withdrawn. `source`: whose, where several have it."""
    with store.write() as connection:
        found = record_named(connection, record_id, source)
        kind = CorrectionKind.EXCLUSION
        new = FactCorrection(0, kind, found.source, record_id, by, why, now(), letter_id=letter_id)
        _refuse_without_effect(connection, store.sealer, new, ())
        return _added(connection, store.sealer, new)


def undo_correction(store: Store, correction_id: int, *, by: str, why: str) -> FactCorrection:
    """Take a correction back; what was stated, or an earlier correction of the same, holds again."""
    with store.write() as connection:
        log = read_log(connection, store.sealer)
        found = next((each for each in log if each.correction_id == correction_id), None)
        if found is None:
            raise CorrectionError(f"There is no correction {correction_id}", _SEE)
        if found.undone:
            raise CorrectionError(f"Correction {correction_id} was undone before", "Nothing was changed")
        at = now()
        connection.execute(_LOG.insert().values(kind=found.kind.value, by=by, why=why, at=at, undoes=correction_id))
        append(connection, actor=by, action="correct undo", subject=f"correction {correction_id}", reason=why)
        return replace(found, undone=True, undoing=Undoing(by, why, at))


def list_corrections(store: Store) -> tuple[FactCorrection, ...]:
    """Every correction, oldest first, the undone ones too. Raises KeyProblem where one does not open."""
    with store.read() as connection:
        return read_log(connection, store.sealer)


def read_log(connection: Connection, sealer: Sealer) -> tuple[FactCorrection, ...]:
    """As `list_corrections`, inside a transaction of the caller's."""
    c = _LOG.c
    rows = connection.execute(
        select(c.id, c.kind, c.by, c.why, c.at, c.letter_id, c.undoes, c.details).order_by(c.id)
    ).all()
    undoings = {row.undoes: Undoing(row.by, row.why, row.at) for row in rows if row.undoes is not None}
    return tuple(
        FactCorrection(
            row.id,
            CorrectionKind(row.kind),
            by=row.by,
            why=row.why,
            at=row.at,
            letter_id=row.letter_id,
            undone=row.id in undoings,
            undoing=undoings.get(row.id),
            **_opened(sealer, row.details),
        )
        for row in rows
        if row.undoes is None
    )


def in_force(log: Sequence[FactCorrection]) -> tuple[FactCorrection, ...]:
    """Those that were not undone, oldest first: of two about the same the later one holds."""
    return tuple(each for each in log if not each.undone)


def _stated(connection: Connection, sealer: Sealer, record: tuple[str, str]) -> list[tuple[StatedNotice, NoticeStatus]]:
    """Every statement about a notice of the record, with its status, in an order of its content."""
    c = _NOTICES.c
    key = find_records(connection, [record])[record]
    rows = connection.execute(select(c.kind, c.notified_at, c.reference, c.status).where(c.record_key == key)).all()
    found = [
        (StatedNotice(NoticeKind(row.kind), row.notified_at, _text(sealer, row.reference)), NoticeStatus(row.status))
        for row in rows
    ]
    return sorted(found, key=lambda one: (one[0].at, one[0].kind, one[0].reference or "", one[1]))


def _chosen(stated: Sequence[StatedNotice], reference: str | None, *, is_time: bool) -> tuple[StatedNotice, ...]:
    """The messages that are meant, each once. Raises CorrectionError where that cannot be told."""
    if not stated:
        raise CorrectionError("The record has no notice", "A report without a notice starts no clock for anybody")
    messages = tuple(dict.fromkeys(stated))
    if reference is not None:
        messages = tuple(message for message in messages if message.reference == reference)
        if not messages:
            raise CorrectionError("The record has no notice with that reference", "Check --ref, and --source")
    elif len({message.reference for message in messages}) > 1:
        raise CorrectionError(
            "The record has notices with several references",
            "Say which with --ref: the reference stands in the message that was sent, and in the provider's file",
        )
    if is_time and len(messages) > 1:
        raise CorrectionError(
            "Several notices of the record cannot be told apart by a reference, and one time cannot be that of all",
            "Ask the hotline for an export in which each has its own, import it, then correct",
        )
    return messages


def _refuse_without_effect(
    connection: Connection,
    sealer: Sealer,
    new: FactCorrection,
    stated: Sequence[tuple[StatedNotice, NoticeStatus]],
) -> None:
    """Raises CorrectionError where what is to hold holds already."""
    same = [
        each
        for each in in_force(read_log(connection, sealer))
        if (each.kind, each.source, each.record_id) == (new.kind, new.source, new.record_id)
    ]
    if new.kind is CorrectionKind.EXCLUSION:
        if same:
            raise CorrectionError(f"Correction {same[0].correction_id} excludes that report already", _SEE)
        return
    standing = {notice: each for each in same for notice in each.notices}
    as_stated = {
        message: {status for notice, status in stated if notice == message} if new.status else {message.at}
        for message in new.notices
    }
    wanted = {new.status or new.notified_at}
    for message in new.notices:
        holds = standing.get(message)
        if ({holds.status or holds.notified_at} if holds else as_stated[message]) != wanted:
            return
    by_whom = f" (correction {same[-1].correction_id})" if same else ""
    raise CorrectionError(f"That is what holds of the notice already{by_whom}", "Nothing was changed")


def _added(connection: Connection, sealer: Sealer, new: FactCorrection) -> FactCorrection:
    if new.letter_id is not None:
        known = connection.scalar(select(_LETTERS.c.id).where(_LETTERS.c.id == new.letter_id))
        if known is None:
            raise CorrectionError(f"There is no letter {new.letter_id}", "`monitor letters list` shows them all")
    row = _LOG.insert().values(
        kind=new.kind.value,
        by=new.by,
        why=new.why,
        at=new.at,
        letter_id=new.letter_id,
        details=sealer.seal(json.dumps(_details(new), ensure_ascii=False).encode(), contexts.FACT_CORRECTION),
    )
    key = int(connection.execute(row.returning(_LOG.c.id)).scalar_one())
    append(connection, actor=new.by, action="correct", subject=_audited(key, new), reason=new.why)
    return replace(new, correction_id=key)


def _audited(key: int, new: FactCorrection) -> str:
    """The number and the kind; which record it is about stays sealed."""
    instead = f" {new.status.value}" if new.status else ""
    letter = "" if new.letter_id is None else f", after letter {new.letter_id}"
    return f"correction {key}: {new.kind.value}{instead}{letter}"


def _details(new: FactCorrection) -> dict[str, object]:
    return {
        "source": new.source,
        "record": new.record_id,
        "reference": new.notice_ref,
        "status": new.status.value if new.status else None,
        "notified_at": new.notified_at.isoformat() if new.notified_at else None,
        "notices": [[notice.kind.value, notice.at.isoformat(), notice.reference] for notice in new.notices],
    }


def _opened(sealer: Sealer, details: bytes) -> dict[str, Any]:
    record = json.loads(sealer.unseal(bytes(details), contexts.FACT_CORRECTION))
    return {
        "source": record["source"],
        "record_id": record["record"],
        "notice_ref": record["reference"],
        "status": NoticeStatus(record["status"]) if record["status"] else None,
        "notified_at": datetime.fromisoformat(record["notified_at"]) if record["notified_at"] else None,
        "notices": tuple(
            StatedNotice(NoticeKind(kind), datetime.fromisoformat(at), reference)
            for kind, at, reference in record["notices"]
        ),
    }


def _text(sealer: Sealer, sealed: bytes | None) -> str | None:
    return None if sealed is None else sealer.unseal(bytes(sealed), contexts.NOTICE_REFERENCE).decode()

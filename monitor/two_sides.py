"""Both sides of a comparison brought together: a Provider's frozen rows and its list in, matched `Sides` out.

Besides the rows of the freeze all our other notices on the same Targets stand by, each with what it is (`Standing`).
What would surprise: a notice whose time was corrected is found by the time that holds and by the one that was stated,
for the freeze can be older than the correction; and what a row of theirs names in the store at large is looked up
first, because such a row is not matched by its time.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from monitor import intake
from monitor.errors import StoreError
from monitor.intake.pairing import pair
from monitor.model.period import Period
from monitor.model.reconciliation import OurNotice, Paired, ReceivedList, Standing, TheirNotice, TheirSide
from monitor.model.words import EpisodeStatus, NoticeKind
from monitor.reconciled import CLASS_OF, Sides
from monitor.store import Store
from monitor.store.frozen_provider import ProviderRow, ProviderRows
from monitor.store.times import to_micros
from monitor.store.told import (
    Told,
    ToldNotice,
    ToldTarget,
    fold_reference,
    known_references,
    known_urls,
    their_notices,
    told_on,
)


def matched_sides(
    db: Store, of_clock: Mapping[NoticeKind, ProviderRows], received: ReceivedList, period: Period, tolerance: int
) -> Sides:
    """The Provider's rows by clock matched with its list; `tolerance` in microseconds. Raises StoreError."""
    records = {row.record for each in of_clock.values() for row in each.rows}
    told = told_on(db, records)
    if missing := len(records - told.target_of.keys()):
        raise StoreError(
            f"{missing} records of the freeze are not in the store, so their notices cannot be compared",
            "Use the store that the freeze was made from",
        )
    ours = tuple(notice for each in of_clock.values() for notice in _our_notices(each, told, period))
    theirs = tuple(_known(db, tuple(their_notices(db, received.notices))))
    paired = pair(ours, theirs, tolerance)
    return Sides(ours, theirs, paired, _classes(ours, theirs, paired, period))


def _known(db: Store, theirs: Sequence[TheirNotice]) -> Iterator[TheirNotice]:
    """Rows whose URL or reference is in the store, whoever was told, are marked: they are not matched by time."""
    urls = known_urls(db, {row.url_index for row in theirs if row.url_index is not None})
    strange = {row.reference for row in theirs if row.url_index not in urls and row.reference is not None}
    references = known_references(db, strange)
    for row in theirs:
        yield replace(row, known=row.url_index in urls or row.reference in references)


def _our_notices(mine: ProviderRows, told: Told, period: Period) -> Iterator[OurNotice]:
    """The Provider's rows on one clock, and every other notice of that clock on their Targets."""
    taken, place = set[ToldNotice](), 0
    for row, of_row in zip(mine.rows, _stated(mine, told), strict=True):
        taken.update(of_row)
        target = told.targets[told.target_of[row.record]]
        if row.status is EpisodeStatus.MISADDRESSED:
            yield _our_notice(-1, mine.clock, Standing.ELSEWHERE, row, of_row, target)
        else:
            yield _our_notice(place, mine.clock, Standing.ROW, row, of_row, target)
            place += 1
    start, end = to_micros(period.start), to_micros(period.end)
    for notice in told.notices:
        if notice.kind is mine.clock and notice not in taken:
            record = (notice.source, notice.record_id)
            standing = Standing.NO_CLOCK if start <= notice.at < end else Standing.OUTSIDE
            if {(record, notice.at), (record, notice.stated_at)} & mine.elsewhere:
                standing = Standing.ELSEWHERE
            beside = ProviderRow(record, notice.at, EpisodeStatus.EPISODE)
            yield _our_notice(-1, mine.clock, standing, beside, [notice], told.targets[notice.target_id])


def _stated(mine: ProviderRows, told: Told) -> list[list[ToldNotice]]:
    """The notices of the store behind each row: those of its time; else of that stated time; else the nearest left."""
    of_record: defaultdict[object, list[ToldNotice]] = defaultdict(list)
    for notice in told.notices:
        if notice.kind is mine.clock:
            of_record[notice.source, notice.record_id].append(notice)
    exact = [[notice for notice in of_record[row.record] if notice.at == row.at] for row in mine.rows]
    taken = {notice for found in exact for notice in found}
    for found, row in zip(exact, mine.rows, strict=True):
        if not found:
            same = (notice for notice in of_record[row.record] if notice not in taken)
            found.extend(notice for notice in same if notice.stated_at == row.at)
            taken.update(found)
    for found, row in zip(exact, mine.rows, strict=True):
        left = [notice for notice in of_record[row.record] if notice not in taken]
        if not found and left:
            found.append(min(left, key=lambda notice: (abs(notice.at - row.at), notice.at, notice.reference or "")))
            taken.update(found)
    return exact


def _our_notice(
    place: int,
    clock: NoticeKind,
    standing: Standing,
    row: ProviderRow,
    of_row: Sequence[ToldNotice],
    target: ToldTarget,
) -> OurNotice:
    references = sorted({notice.reference for notice in of_row if notice.reference})
    return OurNotice(
        place=place,
        clock=clock,
        standing=standing,
        source=row.record[0],
        record_id=row.record[1],
        shown_reference=_shown(references),
        references=tuple(sorted({fold_reference(reference) for reference in references})),
        target=target.target_id,
        url_index=target.url_index,
        host_index=target.host_index,
        at=row.at,
    )


def _shown(references: list[str]) -> str | None:
    """Nothing where it could give a Target away: a reference is free text."""
    try:
        return intake.clear_text(references[0], "notice_ref") if references else None
    except intake.IntakeProblem:
        return None


def _classes(
    ours: Sequence[OurNotice], theirs: Sequence[TheirNotice], paired: Paired, period: Period
) -> tuple[TheirSide, ...]:
    """Each row of theirs in one class: the first of these that holds."""
    of_match: dict[int, TheirSide] = {}
    for match in sorted(paired.matches, key=lambda match: ours[match.our].standing is Standing.ROW):
        of_match[match.their] = CLASS_OF[ours[match.our].standing]  # of a whole message: matched where any is
    start, end = to_micros(period.start), to_micros(period.end)

    def class_of(n: int, row: TheirNotice) -> TheirSide:
        if n in of_match:
            return of_match[n]
        if n in paired.ambiguous_theirs:
            return TheirSide.AMBIGUOUS
        if n in paired.repeated:
            return TheirSide.REPEATED
        if not start <= row.received_at < end:
            return TheirSide.OUTSIDE
        return TheirSide.ELSEWHERE if row.known else TheirSide.UNKNOWN

    return tuple(class_of(n, row) for n, row in enumerate(theirs))

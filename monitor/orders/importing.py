"""An authority's register of its own orders into the store: a file in, counts and a rejects file out.

What would surprise: it goes batch by batch like any import, so a second import of the file, or one that goes on after
it was killed, changes nothing that is there; and a dry run does the same, in transactions that it takes back.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import intake, store
from monitor.errors import MonitorError
from monitor.intake import Batch
from monitor.model.counts import ImportCounts
from monitor.model.order_register import RegisterRow
from monitor.model.report import Reject
from monitor.model.words import InputKind
from monitor.pipeline import Progress, silent
from monitor.store import Store

BATCH_ROWS = 500
"""Rows in one transaction: each has a savepoint and several questions, and others wait for the store meanwhile."""
_WHOLE = 1_000_000
"""A dry run takes a register in one go: what one row brings, a later one may repeat."""


@dataclass(frozen=True, slots=True)
class RegisterOptions:
    """`by` and `why`: who records, on what grounds. `sender`: the authority, for rows that do not say."""

    by: str
    why: str
    sender: str | None = None
    timezone: ZoneInfo | None = None
    ignore_unknown: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class Taken:
    """What became of a register. `reasons`: rejected rows by column, code and reason."""

    counts: ImportCounts = field(default_factory=ImportCounts)
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    failure: MonitorError | None = None

    def add(self, batch: Batch[RegisterRow], result: store.BatchResult, rejected: tuple[Reject, ...]) -> None:
        more = ImportCounts(batch.n_read, result.accepted, 0, result.duplicate, len(rejected))
        self.counts = self.counts.plus(more)
        self.reasons.update((one.field or "", one.code, one.reason) for one in rejected)


def import_orders(db: Store, path: Path, options: RegisterOptions, position: int, progress: Progress = silent) -> Taken:
    """One file; what stops it half-way comes back beside the counts of what was kept before it."""
    sha256, taken = intake.sha256(path, position), Taken()
    batches = _batches(path, options, position)
    recorder = store.Recorder(options.by, f"{options.why}, file {sha256[:8]}")
    if options.dry_run:
        for batch in batches:
            result = store.try_orders(db, sha256, batch.values, recorder)
            taken.add(batch, result, (*batch.rejects, *result.rejects))
        return taken
    input_id = store.begin_input(db, sha256, InputKind.ORDERS, path.stat().st_size)
    with intake.RejectsFile(db.data_dir / "rejects", sha256) as rejects:
        try:
            for batch in batches:
                result = store.add_orders(db, input_id, batch.values, recorder)
                rejected = (*batch.rejects, *result.rejects)
                rejects.add(rejected)
                taken.add(batch, result, rejected)
                progress(batch.bytes_done, batch.bytes_total)
        except MonitorError as error:
            taken.failure = error
        rejects.close(complete=taken.failure is None)
        written = rejects.path
    if taken.failure is None:
        store.finish_input(db, input_id, store.InputCounts(taken.counts.read, taken.counts.rejected))
    taken.counts = replace(taken.counts, rejects_files=(written,) if written else ())
    return taken


def _batches(path: Path, options: RegisterOptions, position: int) -> Iterator[Batch[RegisterRow]]:
    """The first is read at once, so that a wrong file is refused before anything is written down of it."""
    found = intake.read_orders(
        path,
        timezone=options.timezone,
        sender=options.sender,
        ignore_unknown=options.ignore_unknown,
        batch_rows=_WHOLE if options.dry_run else BATCH_ROWS,
        position=position,
    )
    first = next(found, None)
    return iter(()) if first is None else chain((first,), found)

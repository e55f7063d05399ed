"""A Provider's own list held against a freeze: reader, store, matcher and figures joined; a report, never a fact.

In: the list's file, an open store, a frozen dataset. Out: `Reconciliation`. What would surprise: nothing of the list is
kept but the audit row, with its hash and the counts; and the rows are measured again for each reading, everybody's.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from monitor import frozen_figures, intake, reconciled
from monitor.errors import FreezeError, RegistryError, UsageError
from monitor.intake.received import read_received
from monitor.model.columns import MICROS_PER_HOUR, Ints
from monitor.model.period import Period
from monitor.model.reconciliation import ClockReconciled, Figures, Reconciliation, TheirSide
from monitor.model.selected import Selected
from monitor.model.words import EpisodeStatus, NoticeKind, Role
from monitor.reconciled import Listed
from monitor.store import Store, frozen
from monitor.store.frozen_manifest import freezes, read_manifest
from monitor.store.frozen_provider import ProviderRows, provider_rows
from monitor.store.told import log_reconciliation
from monitor.two_sides import matched_sides


@dataclass(frozen=True, slots=True)
class Options:
    """How a list is read and matched. `timezone`: of times without an offset."""

    timezone: ZoneInfo | None = None
    ignore_unknown: bool = False
    tolerance_hours: float = 1.0


@dataclass(frozen=True, slots=True)
class _Clock:
    """The frozen rows of one clock: everybody's, and the Provider's with their records."""

    chosen: Selected
    told: Ints  # places in `chosen` of the Provider's rows that are not misaddressed
    rows: ProviderRows


def reconcile(
    db: Store, list_path: Path, provider_id: str, period: Period, digest8: str | None, options: Options, actor: str
) -> Reconciliation:
    """Match the list with our notices to that Provider in a freeze of `period`, and read its figures by it.

    Raises InputError for the file, RegistryError for a Provider that the freeze does not have, StoreError where the
    store no longer has the freeze's records, FreezeError.
    """
    data = frozen_figures.open_freeze(db.data_dir, period, digest8)
    clocks = _clocks(data, provider_id)
    sha256 = intake.sha256(list_path)
    received = read_received(list_path, timezone=options.timezone, ignore_unknown=options.ignore_unknown)
    with intake.RejectsFile(db.data_dir / "rejects", sha256) as rejects:
        rejects.add(received.rejects)
        rejects_file = rejects.path
    rows, tolerance = {clock: each.rows for clock, each in clocks.items()}, options.tolerance_hours * MICROS_PER_HOUR
    sides = matched_sides(db, rows, received, period, round(tolerance))
    listed = {clock: reconciled.listed_of(sides, clock, len(each.told)) for clock, each in clocks.items()}
    names = {each.provider_id: each.name for each in data.providers}
    counts = Counter(side.value for side in sides.classes)
    made = Reconciliation(
        provider_id=provider_id,
        provider=names.get(provider_id, provider_id),
        period=period.label,
        freeze=data.digest,
        sha256=sha256,
        tolerance_hours=options.tolerance_hours,
        read=received.n_read,
        accepted=len(received.notices),
        duplicate=received.n_duplicate,
        rejected=len(received.rejects),
        rejects_file=str(rejects_file) if rejects_file else None,
        theirs={side.value: counts[side.value] for side in TheirSide},
        contradicting=sum(match.contradicting for match in sides.paired.matches),
        clocks=tuple(_reconciled(data, provider_id, each, listed[clock]) for clock, each in clocks.items()),
        pairs=reconciled.pair_lines(sides, listed),
    )
    log_reconciliation(db, actor=actor, provider_id=provider_id, sha256=sha256, counts=_in_words(made))
    return made


def newest_period(data_dir: Path, digest8: str | None) -> Period:
    """The Period of the freeze that was made last, or of the one with that digest. Raises FreezeError, UsageError."""
    found = [path for path in freezes(data_dir) if digest8 is None or path.name.endswith(f"-{digest8.lower()[:8]}")]
    if not found:
        raise FreezeError("There is no such freeze in the data folder", "Make one: `monitor freeze PERIOD`")
    manifests = [read_manifest(path) for path in found]
    if digest8 is not None and len(manifests) > 1:
        raise UsageError("Freezes of several periods have that digest", "Say which period with --period")
    return max(manifests, key=lambda manifest: manifest.sequence).period


def _clocks(data: frozen.OpenFreeze, provider_id: str) -> dict[NoticeKind, _Clock]:
    """Of each clock on which the Provider was told something. Raises RegistryError where there is none."""
    found = {}
    for clock in NoticeKind:
        chosen = data.selected(clock, Role.NETWORK)
        if provider_id not in chosen.ids:
            continue
        rows = provider_rows(data.path, clock, provider_id)
        mine = np.flatnonzero(chosen.rows.provider == chosen.ids.index(provider_id))
        if [row.at for row in rows.rows] != chosen.rows.notified_at[mine].tolist():
            raise FreezeError("The rows of the freeze are not in one order", "Restore it from a backup")
        is_told = np.array([row.status is not EpisodeStatus.MISADDRESSED for row in rows.rows], np.bool_)
        if is_told.any():
            found[clock] = _Clock(chosen, mine[is_told], rows)
    if not found:
        raise RegistryError("No provider with that id was notified in the freeze", "See `monitor rank PERIOD --json`")
    return found


def _reconciled(data: frozen.OpenFreeze, provider_id: str, each: _Clock, listed: Listed) -> ClockReconciled:
    clock, chosen, told = each.rows.clock, each.chosen, each.told
    norm = data.method.norm(clock)
    return ClockReconciled(
        clock=clock,
        norm_hours=norm.hours,
        norm_target=norm.target,
        ours=reconciled.our_counts(chosen, told, listed),
        delay=reconciled.delay(chosen, told, listed),
        resolved=reconciled.resolved(chosen, told, listed),
        figures=tuple(_figures(data, provider_id, each, listed)),
    )


def _figures(data: frozen.OpenFreeze, provider_id: str, each: _Clock, listed: Listed) -> Iterator[Figures]:
    from monitor import ranked  # noqa: PLC0415 (it loads numba)
    from monitor.ranking.readings import figures  # noqa: PLC0415 (as above)

    basis, norm = frozen_figures.basis_of(data), data.method.norm(each.rows.clock)
    place = each.chosen.ids.index(provider_id)
    for reading, rows in reconciled.readings(each.chosen, each.told, listed):
        found = ranked.measured(rows, norm, basis, resamples=0)
        yield figures(reading, rows, found, place, basis.method.minimums)


def _in_words(made: Reconciliation) -> str:
    """Counts for the audit log."""
    listed = ", ".join(f"{each.clock.value} {each.ours.listed} of {each.ours.rows} listed" for each in made.clocks)
    rows = f"read {made.read}, duplicate {made.duplicate}, rejected {made.rejected}"
    return f"{made.period} freeze {made.freeze[:8]}: {rows}; {listed}"

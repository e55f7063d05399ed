"""`monitor forget`: what is past its term goes, but for what is held, and the audit log says how much and why.

In: terms, a reason. Out: counts by class. Batches are small and each is whole, so that a run that was killed is gone on
with by the next one. What would surprise: nothing of a statistic changes. Rows, keys and blind indexes stay, so a
freeze gives the digest that it gave before, and `monitor verify` is right; and a file beside the store says that a run
has begun, so that its remains in the database's own files are seen to also where it was killed right before that, and
its counts reach the log whatever classes the next run is asked for.
"""

from dataclasses import dataclass

from monitor import store
from monitor.clock import now
from monitor.config import Settings
from monitor.forgetting_note import NOTE, Begun, say_begun, was_begun
from monitor.forgetting_run import Asked, Run
from monitor.model.retention import ClassCount, Held, RetentionClass, Term
from monitor.pipeline import Progress, silent
from monitor.retained_files import remove_drafts
from monitor.store import Store
from monitor.store.erasing import erase_remains

ACTION = "forget"
"""The action of an entry of the audit log: counts by class, and the reason."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What came of it. `erased`: whether the database's own files are free of it; None where nothing went."""

    counts: tuple[ClassCount, ...]
    held: Held
    erased: bool | None
    resumed: bool


def forget(db: Store, settings: Settings, asked: Asked, progress: Progress = silent) -> Forgotten:
    """Raises RetentionError, FreezeError (what is held cannot be told), StoreBusy, KeyProblem."""
    moment = now()
    before, left_over = was_begun(db.data_dir), (db.data_dir / NOTE).exists()
    begun = before or Begun(moment, asked.by, asked.why)
    terms = [(kind, _term(settings, asked, kind)) for kind in asked.classes or tuple(RetentionClass)]
    if asked.dry_run:
        run = Run.of(db, settings, asked, moment, Begun(moment, "", ""), progress)
        return Forgotten(tuple(run.look(*each) for each in terms), run.held, None, resumed=False)
    run = Run.of(db, settings, asked, moment, begun, progress)
    if before is None:
        say_begun(db.data_dir, begun)
    counts = tuple(run.forget(*each) for each in terms)
    remove_drafts(db.data_dir)
    others = [(kind, n) for kind in RetentionClass if kind not in dict(terms) and (n := run.earlier(kind))]
    went = others or any(each.n_forgotten for each in counts) or left_over
    erased = erase_remains(db) if went else None
    store.add_audit(db, actor=asked.by, action=ACTION, subject=_said(counts, others), reason=_why(asked, begun))
    if erased is False:
        say_begun(db.data_dir, None)  # the next run sees to the remains, and counts nothing of this one again
    else:
        (db.data_dir / NOTE).unlink(missing_ok=True)
    return Forgotten(counts, run.held, erased, resumed=left_over)


def _said(counts: tuple[ClassCount, ...], others: list[tuple[RetentionClass, int]]) -> str:
    """`others`: what a run that was killed forgot of classes that this one was not asked for."""
    said = ", ".join(f"{each.kind.value} {each.n_forgotten} of {each.n_due} (term {each.term})" for each in counts)
    earlier = ", ".join(f"{kind.value} {n}" for kind, n in others)
    return f"{said}; by the run that was broken off: {earlier}" if others else said


def _why(asked: Asked, begun: Begun) -> str:
    """The reason, and that of the run that is gone on with where it was another one."""
    same = (begun.by, begun.why) in {(asked.by, asked.why), ("", "")}
    return asked.why if same else f"{asked.why}; begun by {begun.by}: {begun.why}"


def _term(settings: Settings, asked: Asked, kind: RetentionClass) -> Term | None:
    return asked.older_than or settings.retention.term(kind)

"""`monitor forget`: what is past its term goes, but for what is held, and the audit log says how much and why.

In: terms, a reason. Out: counts by class. Batches are small and each is whole, so that a run that was killed is gone on
with by the next one. What would surprise: nothing of a statistic changes. Rows, keys and blind indexes stay, so a
freeze gives the digest that it gave before, and `monitor verify` is right; and a file beside the store says that a run
has begun, so that its remains in the database's own files are seen to also where it was killed right before that.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from monitor import store
from monitor.clock import now
from monitor.config import Settings
from monitor.disk import write_whole
from monitor.errors import RetentionError
from monitor.model.retention import KEEP, ClassCount, Held, RetentionClass, Term
from monitor.orders.standing import survey
from monitor.pipeline import Progress, silent
from monitor.retained_files import due_files, remove_files
from monitor.stand_ins import stand_in
from monitor.store import Store
from monitor.store.bulk import chunks
from monitor.store.erasing import erase_remains
from monitor.store.exchange import due_urls, forget_urls
from monitor.store.forgetting import (
    AT_ONCE,
    addresses_of_targets,
    due_addresses,
    due_targets,
    forget_addresses,
    forget_targets,
    n_forgotten_at,
    targets_of_records,
)
from monitor.store.forgetting_letters import (
    due_letters,
    forget_letter,
    forgotten_letters,
    not_archived,
    remove_folder,
)
from monitor.store.holds import held

ACTION = "forget"
"""The action of an entry of the audit log: counts by class, and the reason."""
BEGUN = ".forgetting"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `older_than` None: by the terms of the configuration. `classes` empty: every one."""

    by: str
    why: str
    older_than: Term | None = None
    classes: tuple[RetentionClass, ...] = ()
    dry_run: bool = False
    without_archive: bool = False


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
    begun_at, left_over = _begun_at(db.data_dir), (db.data_dir / BEGUN).exists()
    at = moment if asked.dry_run else begun_at or moment
    run = _Run(db, asked, moment, at, held(db, moment), progress, settings)
    terms = [(kind, _term(settings, asked, kind)) for kind in asked.classes or tuple(RetentionClass)]
    if asked.dry_run:
        return Forgotten(tuple(run.look(*each) for each in terms), run.held, None, resumed=False)
    if begun_at is None:
        _say_begun(db.data_dir, moment)
    counts = tuple(run.forget(*each) for each in terms)
    went = any(each.n_forgotten for each in counts) or left_over
    erased = erase_remains(db) if went else None
    said = ", ".join(f"{each.kind.value} {each.n_forgotten} of {each.n_due} (term {each.term})" for each in counts)
    store.add_audit(db, actor=asked.by, action=ACTION, subject=said, reason=asked.why)
    if erased is False:
        _say_begun(db.data_dir, None)  # the next run sees to the remains, and counts nothing of this one again
    else:
        (db.data_dir / BEGUN).unlink(missing_ok=True)
    return Forgotten(counts, run.held, erased, resumed=left_over)


def _term(settings: Settings, asked: Asked, kind: RetentionClass) -> Term | None:
    return asked.older_than or settings.retention.term(kind)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: what is held is decided once, at its start. `at` is what rows will say of when they were forgotten.

    A run that goes on with one that was killed has the same `at`, and counts what went before that as its own.
    """

    db: Store
    asked: Asked
    moment: datetime
    at: datetime
    held: Held
    progress: Progress
    settings: Settings

    def look(self, kind: RetentionClass, term: Term | None) -> ClassCount:
        """How many would go."""
        return self._by_class(kind, term, act=False)

    def forget(self, kind: RetentionClass, term: Term | None) -> ClassCount:
        return self._by_class(kind, term, act=True)

    def _by_class(self, kind: RetentionClass, term: Term | None, *, act: bool) -> ClassCount:
        if term is None:
            return ClassCount(kind, KEEP)
        before, none_yet = term.before(self.moment), ClassCount(kind, str(term))
        if kind is RetentionClass.URL:
            return self._targets(none_yet, before, act=act)
        if kind is RetentionClass.ADDRESS:
            return self._addresses(none_yet, before, act=act)
        if kind is RetentionClass.LETTER:
            return self._letters(none_yet, before, act=act)
        found = due_files(self.db.data_dir, kind, before, self.held.providers | self._told_by_open_orders(kind))
        n = remove_files(found.paths) if act else 0
        return replace(none_yet, n_due=len(found.paths) + found.n_held, n_held=found.n_held, n_forgotten=n)

    def _told_by_open_orders(self, kind: RetentionClass) -> set[str]:
        """Providers whose own files stay because an order to them is not decided: its file may be asked for."""
        if kind is not RetentionClass.ORDER_FILE:
            return set()
        still = [order for order in store.list_orders(self.db) if store.is_open(order)]
        told = (each.addressed_to for each in survey(self.db, self.settings, still, self.moment).standings)
        return {provider for provider in told if provider is not None}

    def _targets(self, count: ClassCount, before: datetime, *, act: bool) -> ClassCount:
        due, kept = due_targets(self.db, before), self._held_targets()
        going = [key for key in due if key not in kept]
        received = due_urls(self.db, before)  # of cases that others sent; a URL that is held is held as ours
        n = earlier = n_forgotten_at(self.db, RetentionClass.URL, self.at)
        if act:
            n += self._in_batches(going, lambda keys: forget_targets(self.db, keys, before, self.at).n_targets)
            n += self._in_batches(received, lambda keys: forget_urls(self.db, keys))
        n_due = len(due) + len(received) + earlier
        return replace(count, n_due=n_due, n_held=len(due) - len(going), n_forgotten=n if act else 0)

    def _addresses(self, count: ClassCount, before: datetime, *, act: bool) -> ClassCount:
        due = due_addresses(self.db, before)
        with self.db.read() as connection:
            kept = addresses_of_targets(connection, targets_of_records(connection, self.held.records))
        going = [key for key in due if key not in kept]
        n = earlier = n_forgotten_at(self.db, RetentionClass.ADDRESS, self.at)
        if act and going:
            shown = stand_in(self.db, self.moment)
            n += self._in_batches(going, lambda keys: forget_addresses(self.db, keys, self.at, shown))
        n_due = len(due) + earlier
        return replace(count, n_due=n_due, n_held=len(due) - len(going), n_forgotten=n if act else 0)

    def _letters(self, count: ClassCount, before: datetime, *, act: bool) -> ClassCount:
        due = due_letters(self.db, before)
        going = {key: letter for key, letter in due.items() if key not in self.held.letters}
        missing = set() if self.asked.without_archive else not_archived(self.db, list(going.values()))
        leaving = [key for key in going if key not in missing]
        earlier = n_forgotten_at(self.db, RetentionClass.LETTER, self.at)
        if act:
            for key in forgotten_letters(self.db):  # of a run that was killed between the two
                remove_folder(self.db.data_dir, key)
            for n, key in enumerate(leaving):
                forget_letter(self.db, key, self.at)
                self.progress(n + 1, len(leaving))
        n_gone = len(leaving) + earlier if act else 0
        return replace(
            count,
            n_due=len(due) + earlier,
            n_held=len(due) - len(going),
            n_forgotten=n_gone,
            n_not_archived=len(missing),
        )

    def _held_targets(self) -> set[int]:
        with self.db.read() as connection:
            return targets_of_records(connection, self.held.records)

    def _in_batches(self, keys: list[int], forget_some: Callable[[list[int]], int]) -> int:
        done, seen = 0, 0
        for some in chunks(keys, AT_ONCE):
            done, seen = done + forget_some(some), seen + len(some)
            self.progress(seen, len(keys))
        return done


def _say_begun(data_dir: Path, moment: datetime | None) -> None:
    """None: that the log has its entry, and remains are left in the database's own files."""
    try:
        write_whole(data_dir / BEGUN, json.dumps({"begun_at": moment and moment.isoformat()}).encode())
    except OSError as error:
        raise RetentionError(f"The data folder cannot be written to ({error.strerror})", "Check its owner") from None


def _begun_at(data_dir: Path) -> datetime | None:
    """When a run began of which the audit log has no entry yet; None where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return datetime.fromisoformat(json.loads((data_dir / BEGUN).read_bytes())["begun_at"])
    return None

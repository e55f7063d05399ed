"""One run of `monitor forget`, class by class: what is due, what of it is held, and how it goes in batches.

In: what is asked for, terms. Out: counts. What would surprise: what is held is decided at the start to count it, and
once more in each transaction that removes, so that a hold that is placed while a long run goes on still stops
whatever was not removed yet.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from monitor import store
from monitor.config import Settings
from monitor.forgetting_cases import CasesHeld, shortened
from monitor.forgetting_holds import HeldKeys
from monitor.forgetting_note import Begun
from monitor.model.provider import fold_name
from monitor.model.retention import KEEP, ClassCount, Held, RetentionClass, Term
from monitor.model.words import TableKind
from monitor.pipeline import Progress
from monitor.retained_files import DueFiles, due_files, held_files, remove_files
from monitor.stand_ins import stand_in
from monitor.store import Store
from monitor.store.bulk import chunks
from monitor.store.forgetting import (
    AT_ONCE,
    due_addresses,
    due_targets,
    forget_addresses,
    forget_targets,
)
from monitor.store.forgetting_cases import due_cases, forget_cases, forget_urls
from monitor.store.forgetting_counts import MESSAGES, n_forgotten_at
from monitor.store.forgetting_letters import (
    due_letters,
    forget_letter,
    forgotten_letters,
    not_archived,
    remove_folder,
)
from monitor.store.forgetting_messages import Known, due_messages, forget_messages
from monitor.store.holds_now import HoldsNow

_FILES_AT_ONCE = 200
Went = tuple[int, int]
"""How many of a batch went, and how many stay because they are held by now."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `older_than` None: by the terms of the configuration. `classes` empty: every one."""

    by: str
    why: str
    older_than: Term | None = None
    classes: tuple[RetentionClass, ...] = ()
    dry_run: bool = False
    without_archive: bool = False


@dataclass(slots=True)
class Run:
    """`held`: at the start. `begun.at` is what rows will say of when they were forgotten.

    A run that goes on with one that was killed has the same `begun`, and counts what went before that as its own.
    """

    db: Store
    asked: Asked
    moment: datetime
    begun: Begun
    progress: Progress
    holds: HoldsNow
    held: Held
    kept: HeldKeys

    @classmethod
    def of(
        cls, db: Store, settings: Settings, asked: Asked, moment: datetime, begun: Begun, progress: Progress
    ) -> "Run":
        holds = HoldsNow(db, moment)
        with db.read() as connection:
            held = holds.held(connection)
        kept = HeldKeys(db, settings, moment, holds)
        return cls(db, asked, moment, begun, progress, holds, held, kept)

    def look(self, kind: RetentionClass, term: Term | None) -> ClassCount:
        """How many would go."""
        return self._by_class(kind, term, act=False)

    def forget(self, kind: RetentionClass, term: Term | None) -> ClassCount:
        return self._by_class(kind, term, act=True)

    def earlier(self, kind: RetentionClass) -> int:
        """How many went already in the run that this one goes on with."""
        files = len(self.begun.gone(self.db.data_dir, kind))
        return n_forgotten_at(self.db, kind, self.begun.at) + files

    def _by_class(self, kind: RetentionClass, term: Term | None, *, act: bool) -> ClassCount:
        if term is None:
            return ClassCount(kind, KEEP)
        before, none_yet = term.before(self.moment), ClassCount(kind, str(term))
        ways = {
            RetentionClass.URL: self._targets,
            RetentionClass.ADDRESS: self._addresses,
            RetentionClass.NOTICE: self._messages,
            RetentionClass.ORDER: self._messages,
            RetentionClass.EXCHANGE: self._cases,
            RetentionClass.LETTER: self._letters,
        }
        return ways.get(kind, self._files)(none_yet, before, act=act)

    def _targets(self, count: ClassCount, before: datetime, *, act: bool) -> ClassCount:
        """With the URLs of cases that others sent."""

        def some_go(keys: list[int]) -> Went:
            gone = forget_targets(self.db, keys, before, self.begun.at, self.kept.targets)
            return gone.n_targets, gone.n_held

        cases = CasesHeld(self.db, self.holds)
        own = self._counted(count, due_targets(self.db, before), self.kept.targets, some_go, act=act)
        received = due_cases(self.db, before, urls=True)
        return self._counted(
            own,
            received,
            cases.among(received),
            lambda keys: forget_urls(self.db, keys, self.begun.at, cases.among(keys)),
            act=act,
            earlier=0,
        )

    def _addresses(self, count: ClassCount, before: datetime, *, act: bool) -> ClassCount:
        due = due_addresses(self.db, before)
        shown = stand_in(self.db, self.moment) if act and due else None

        def some_go(keys: list[int]) -> Went:
            return (
                (0, 0) if shown is None else forget_addresses(self.db, keys, self.begun.at, shown, self.kept.addresses)
            )

        return self._counted(count, due, self.kept.addresses, some_go, act=act)

    def _messages(self, count: ClassCount, before: datetime, *, act: bool) -> ClassCount:
        kind = MESSAGES[count.kind]
        due = due_messages(self.db, kind, before)
        known = known_names(self.db, self.moment.date()) if act and due else lambda _: True

        def some_go(keys: list[int]) -> Went:
            return forget_messages(self.db, kind, keys, before, self.begun.at, known, self.kept.records)

        return self._counted(count, due, self.kept.records, some_go, act=act)

    def _cases(self, count: ClassCount, before: datetime, *, act: bool) -> ClassCount:
        due, cases = due_cases(self.db, before, urls=False), CasesHeld(self.db, self.holds)

        def some_go(keys: list[int]) -> Went:
            return forget_cases(self.db, keys, self.begun.at, shortened, cases.among(keys))

        return self._counted(count, due, cases.among(due), some_go, act=act)

    def _letters(self, count: ClassCount, before: datetime, *, act: bool) -> ClassCount:
        due = due_letters(self.db, before)
        going = [letter for key, letter in due.items() if key not in self.held.letters]
        missing = set() if self.asked.without_archive else not_archived(self.db, going)
        if act:
            for key in forgotten_letters(self.db):  # of a run that was killed between the two
                remove_folder(self.db.data_dir, key)

        def some_go(keys: list[int]) -> Went:
            n = sum(forget_letter(self.db, key, self.begun.at, self.kept.letters) for key in keys)
            return n, len(keys) - n

        left = [key for key in due if key not in missing]
        found = self._counted(count, left, self.kept.letters, some_go, act=act, at_once=1)
        return replace(found, n_due=found.n_due + len(missing), n_not_archived=len(missing))

    def _files(self, count: ClassCount, before: datetime, *, act: bool) -> ClassCount:
        kind, earlier = count.kind, self.earlier(count.kind)
        with self.db.read() as connection:
            found = self._due_files(connection, kind, before)
        went = n_held = 0
        if act:
            if found.paths:
                self.begun = self.begun.with_files(self.db.data_dir, kind, found.paths)
            for some in chunks(found.paths, _FILES_AT_ONCE):
                n, held = self._remove_files(kind, some)
                went, n_held = went + n, n_held + held
                self.progress(went, len(found.paths))
        n_due, n_held = len(found.paths) + found.n_held + earlier, n_held + found.n_held
        return replace(count, n_due=n_due, n_held=n_held, n_forgotten=went + earlier if act else 0)

    def _remove_files(self, kind: RetentionClass, paths: list[Path]) -> Went:
        """Inside a transaction that writes, so that nobody places a hold in between."""
        with self.db.write() as connection:
            held = held_files(paths, self.kept.providers(connection, kind))
            return remove_files([path for path in paths if path not in held]), len(held)

    def _due_files(self, connection: Connection, kind: RetentionClass, before: datetime) -> DueFiles:
        return due_files(self.db.data_dir, kind, before, self.kept.providers(connection, kind))

    def _counted(
        self,
        count: ClassCount,
        due: list[int],
        kept: Callable[[Connection], Collection[int]],
        some_go: Callable[[list[int]], Went],
        *,
        act: bool,
        at_once: int = AT_ONCE,
        earlier: int | None = None,
    ) -> ClassCount:
        """`count` with these added. `earlier`: counted already where it is given."""
        before = self.earlier(count.kind) if earlier is None else earlier
        with self.db.read() as connection:
            held = set(kept(connection)) if due else set()
        going = [key for key in due if key not in held]
        went, n_held, seen = before, len(due) - len(going), 0
        for some in chunks(going, at_once) if act else ():
            n, stay = some_go(some)
            went, n_held, seen = went + n, n_held + stay, seen + len(some)
            self.progress(seen, len(going))
        return replace(
            count,
            n_due=count.n_due + len(due) + before,
            n_held=count.n_held + n_held,
            n_forgotten=count.n_forgotten + went if act else 0,
        )


def known_names(db: Store, today: date) -> Known:
    """Whether the registry knows an organisation by a name, today or on a day on which names changed."""
    days = {each.as_of for each in store.list_reference_tables(db) if each.kind == TableKind.AS_NAMES}
    registries = [store.load_registry(db, day) for day in sorted({today, *map(date.fromisoformat, days)})]

    def known(name: str) -> bool:
        return any(each.find(name) is not None or fold_name(name) in each.claims for each in registries)

    return known

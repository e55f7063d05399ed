"""How what is kept stands: store and key, inputs, reference tables, addresses, letters, freezes and releases.

In: an open store or its folder. Out: Findings. What would surprise: the newest freeze is the one with the highest
number in its manifest, whatever its files' dates say.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from monitor import store
from monitor.attribution import age_warnings
from monitor.config import Settings
from monitor.machine import size_in_words
from monitor.model.letter import Letter, LetterStep
from monitor.model.operation import Finding, Mark
from monitor.model.order import Order
from monitor.model.words import TableKind
from monitor.store import Store, overview

_LATELY = timedelta(days=30)
_NEAR = timedelta(hours=4)
"""A deadline that is nearer than this should be looked at."""
_RELEASE = re.compile(r"([^.].*)-(interim|final)-v(\d+)")
_FREEZE = re.compile(r"([^.].*)-([0-9a-f]{8})")
_NEWER_TABLE = "Bring a newer one: `monitor refdata update`, or `monitor refdata import --prefixes FILE --as-of DATE`"


def sealed_data(db: Store, size: int) -> Finding:
    """That it opened says that key and schema are right."""
    engine = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(db.engine.dialect.name, db.engine.dialect.name)
    schema = overview.schema_revision(db)
    if not schema:
        todo = "Somebody has taken away what it opened a moment ago: look at disk or server, then at your backup"
        return Finding("store", Mark.ACT, f"{engine}, without any table", todo)
    said = f"{engine}, schema {schema}, {size_in_words(size)}; the key is there and is the right one"
    return Finding("store", Mark.OK, said, figures={"engine": engine, "schema": schema, "bytes": size})


def inputs(db: Store, gaps: overview.Gaps, moment: datetime) -> Iterator[Finding]:
    """Files that came in, what of them was rejected, and records of which only checks are here."""
    seen = overview.inputs_lately(db, moment - _LATELY)
    newest = seen.newest_at
    figures = {
        "inputs": seen.n_inputs,
        "unfinished": seen.n_unfinished,
        "unfinished_lately": seen.n_unfinished_lately,
        "sha256": seen.unfinished or None,
        "newest_at": None if newest is None else newest.isoformat(),
    }
    said = f"files {seen.n_inputs}" + (f", the newest of {newest:%Y-%m-%d %H:%M} UTC" if newest else "")
    if seen.n_unfinished:
        said += f"; not read to the end {seen.n_unfinished}: the rows up to where the import broke off are here"
    if seen.n_unfinished_lately:
        said += f"; of the last {_LATELY.days} days {seen.n_unfinished_lately}"
        todo = (
            f"Import that file again (its SHA-256 begins with {seen.unfinished}): what is here already stays. Where it "
            "came anew because it was damaged, nothing is left to do"
        )
        yield Finding("inputs", Mark.LOOK, said, todo, figures)
    else:
        yield Finding("inputs", Mark.OK, said, figures=figures)
    rejected, figures = seen.n_rejected_lately, {"rejected": seen.n_rejected_lately}
    said = f"rows rejected in files of the last {_LATELY.days} days: {rejected}"
    todo = "The files in `rejects` of the data folder say which rows and why; have them sent again"
    yield Finding("rejects", Mark.LOOK if rejected else Mark.OK, said, todo if rejected else "", figures)
    waiting, figures = gaps.records_waiting, {"records_waiting": gaps.records_waiting}
    said = f"records of which there are checks and no report yet: {waiting}"
    todo = "Ask the source for their reports; these checks count as soon as they come"
    yield Finding("waiting", Mark.LOOK if waiting else Mark.OK, said, todo if waiting else "", figures)


def reference_tables(db: Store, settings: Settings, today: date) -> Finding:
    """The age of the newest table of each kind, and whether the routing table in force is too old."""
    tables = store.list_reference_tables(db)
    newest = {kind.value: max((t.as_of for t in tables if t.kind == kind), default=None) for kind in TableKind}
    if newest[TableKind.PREFIXES.value] is None:
        todo = "`monitor refdata import --prefixes FILE --as-of DATE`, or [refdata] and `monitor refdata update`"
        return Finding("tables", Mark.LOOK, "there is no routing table: no address is attributed", todo, newest)
    said = ", ".join(f"{kind} of {as_of or 'no day'}" for kind, as_of in newest.items())
    old = age_warnings(tables, today, settings.refdata.oldest_days)
    if old:
        return Finding("tables", Mark.LOOK, f"{said}; the routing table is too old", _NEWER_TABLE, newest)
    return Finding("tables", Mark.OK, said, figures=newest)


def attribution(gaps: overview.Gaps) -> Finding:
    """Addresses that were not looked up yet, and those that no table knows."""
    missing, unknown = gaps.addresses_unattributed, gaps.addresses_unknown
    said = f"addresses not attributed yet {missing}, attributed to nobody {unknown}"
    figures = {"not_attributed_yet": missing, "attributed_to_nobody": unknown}
    if missing:
        return Finding("attribution", Mark.LOOK, said, "Run `monitor attribute`; it asks no server", figures)
    return Finding("attribution", Mark.OK, said, figures=figures)


def registrations(gaps: overview.Gaps) -> Finding:
    """Questions to registries in the last week, and those that came to nothing."""
    asked, failed = gaps.registrations_asked, gaps.registrations_failed
    said, figures = f"asked in the last 7 days {asked}, failed {failed}", {"asked": asked, "failed": failed}
    if failed and failed * 2 >= asked:
        todo = "`monitor rdap fetch` says for which reason; a registry that limits us is asked again by itself"
        return Finding("registries", Mark.LOOK, said, todo, figures)
    return Finding("registries", Mark.OK, said, figures=figures)


def hearing(db: Store, today: date) -> Finding:
    """Letters by where they stand, and those whose term has passed or that wait for us."""
    letters = [letter for register in store.load_registers(db) for letter in register.letters]
    overdue = sum(_term_passed(letter, today) for letter in letters)
    ours = sum(letter.status in {LetterStep.RETURNED, LetterStep.ANSWERED} for letter in letters)
    unsent = sum(letter.status in {LetterStep.DRAFTED, LetterStep.APPROVED} for letter in letters)
    said = f"letters {len(letters)}, not sent {unsent}, term passed {overdue}, answered or returned {ours}"
    figures = {"letters": len(letters), "not_sent": unsent, "term_passed": overdue, "wait_for_us": ours}
    if overdue or ours:
        todo = "`monitor letters list` says which; each step is in docs/letters.md"
        return Finding("hearing", Mark.LOOK, said, todo, figures)
    return Finding("hearing", Mark.OK, said, figures=figures)


def orders(db: Store, settings: Settings, moment: datetime) -> Finding:
    """Orders whose deadline is near, or past without an end that was seen; objections that wait for a decision."""
    found = store.list_orders(db)
    waiting = [each for each in found if store.is_open(each)]
    near, past = _clocks(db, settings, waiting, moment)
    objections = sum(each.objection_open for each in found)
    hours = _NEAR.total_seconds() / 3600
    said = f"orders {len(found)}, deadline within {hours:.0f} hours {near}, past without an end {past}, "
    said += f"objections open {objections}"
    figures = {"orders": len(found), "running_out": near, "past_without_end": past, "objections_open": objections}
    if near or past or objections:
        todo = "`monitor orders list --open` says which; what an officer finds is recorded with `monitor orders fact`"
        return Finding("orders", Mark.LOOK, said, todo, figures)
    return Finding("orders", Mark.OK, said, figures=figures)


def _clocks(db: Store, settings: Settings, waiting: Sequence[Order], moment: datetime) -> tuple[int, int]:
    """How many run out soon, and how many have; nothing is loaded for a store without open orders."""
    if not waiting:
        return 0, 0
    from monitor.orders import survey  # noqa: PLC0415 (loads what cuts a freeze)
    from monitor.orders import waiting as due  # noqa: PLC0415 (same reason)

    late = [each.term.latest_at <= moment for each in due(survey(db, settings, waiting, moment).standings, _NEAR)]
    return late.count(False), late.count(True)


def documents(data_dir: Path) -> Iterator[Finding]:
    """The newest freeze, and the newest release in the data folder."""
    frozen = max(_freezes(data_dir / "frozen"), default=None)
    said = f"newest {frozen[1]}" if frozen else "none yet"
    yield Finding("freeze", Mark.OK, said, figures={"newest": frozen[1] if frozen else None})
    release = max(_releases(data_dir / "releases"), default=None)
    said = f"newest {release[1]}" if release else "none in the data folder"
    yield Finding("release", Mark.OK, said, figures={"newest": release[1] if release else None})


def _term_passed(letter: Letter, today: date) -> bool:
    due = letter.due_on
    return letter.status is LetterStep.DELIVERED and due is not None and due < today


def _freezes(root: Path) -> Iterator[tuple[int, str]]:
    """(number, name) of each; one whose manifest cannot be read is not the newest."""
    for manifest in root.glob("*/manifest.json"):
        if _FREEZE.fullmatch(manifest.parent.name):
            try:
                yield int(json.loads(manifest.read_text(encoding="utf-8"))["sequence"]), manifest.parent.name
            except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
                continue


def _releases(root: Path) -> Iterator[tuple[float, str]]:
    """(when it was written, name) of each finished release."""
    for manifest in root.glob("*/manifest.json"):
        if _RELEASE.fullmatch(manifest.parent.name):
            with suppress(OSError):
                yield manifest.stat().st_mtime, manifest.parent.name

"""Whether what imports brought is still there as they brought it: each input's counts and sums, beside its facts.

In: a reading transaction. Out: counts and each problem in words. What would surprise: which row was changed is not
told, because a sum covers all of an input's rows of one kind; and where an input has no sum (it was imported before
there were any) only its counts are looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from monitor.model.words import InputKind
from monitor.store.chain_checks import Progress
from monitor.store.fact_sums import CHECKS, REPORTS, SUMMED, Brought, Sums, all_brought, stored_rows
from monitor.store.sealing import Sealer
from monitor.store.tables import METADATA, InputRow, table_of

_INPUTS, _TABLES = table_of(InputRow), tuple(METADATA.tables[name] for name in SUMMED)
_WORDS = {"reports": "report", "assessments": "assessment", "notices": "notice", "checks": "recorded check"}


@dataclass(frozen=True, slots=True)
class CheckedInputs:
    """`n_not_covered`: inputs with facts and without a sum."""

    n_rows: int
    n_not_covered: int
    problems: tuple[str, ...]


def check_inputs(connection: Connection, sealer: Sealer, progress: Progress) -> CheckedInputs:
    """Hold every input against the audit log and against its facts; reads each fact once, in any order."""
    said, problems = _said(connection)
    inputs = {row.id: row for row in connection.execute(select(_INPUTS).order_by(_INPUTS.c.id))}
    sums = _sums(connection, sealer, progress)
    begun = {key for key, row in inputs.items() if row.n_accepted or row.finished_at is not None}
    not_covered = begun - said.keys()
    for key, row in inputs.items():
        brought = said.get(key) or Brought(_file(row))
        problems.extend(_uncovered(row, sums) if key in not_covered else _covered(row, brought, sums))
    problems.extend(f"inputs: input {key} is not there" for key in sorted(said.keys() - inputs.keys()))
    for table in SUMMED:
        n_of_none = sum(n for (key, of), (n, _) in sums.of.items() if of == table and key not in inputs)
        if n_of_none:
            problems.append(f"inputs: {_counted(n_of_none, table)} of no input")
    return CheckedInputs(len(inputs), len(not_covered), tuple(problems))


def _said(connection: Connection) -> tuple[dict[int, Brought], list[str]]:
    """What the newest entry of the audit log says of each input."""
    said: dict[int, Brought] = {}
    problems = []
    for subject, reason in all_brought(connection):
        try:
            said[int(subject.removeprefix("input "))] = Brought.parse(reason)
        except ValueError:
            problems.append("audit log: an entry of an import cannot be read")
    return said, problems


def _sums(connection: Connection, sealer: Sealer, progress: Progress) -> Sums:
    sums, done = Sums(sealer), 0
    total = sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in _TABLES)
    for table in SUMMED:
        for rows in stored_rows(connection, table):
            sums.add_stored(table, rows)
            done += len(rows)
            progress(done, total)
    return sums


def _covered(row: "Row[Any]", brought: Brought, sums: Sums) -> Iterator[str]:
    """What the log says was brought, and what is there."""
    if _file(row) != brought.file:
        yield f"inputs: input {row.id} is another file on the audit log"
    if (row.n_accepted, row.n_read, row.n_rejected) != (brought.accepted, brought.read, brought.rejected):
        yield f"inputs: the counts of input {row.id} are not those on the audit log"
    for table in SUMMED:
        (n, total), (there, sum_there) = brought.fact(table), sums.of.get((row.id, table), (0, 0))
        if n != there:
            yield f"inputs: input {row.id} brought {_counted(n, table)}, and {there} are there"
        elif total != sum_there:
            yield f"inputs: of input {row.id} at least one of {_counted(n, table)} was changed"


def _file(row: "Row[Any]") -> str:
    return f"{row.kind} {row.sha256}"


def _uncovered(row: "Row[Any]", sums: Sums) -> Iterator[str]:
    """Counts alone: an accepted row of a check log is a check, one of reports may have added to a report."""
    if row.finished_at is not None and not _possible(row.n_read, row.n_accepted, row.n_rejected):
        yield f"inputs: the counts of input {row.id} do not add up"
    table = CHECKS if row.kind == InputKind.CHECKS.value else REPORTS
    there, _ = sums.of.get((row.id, table), (0, 0))
    if there > row.n_accepted or (table == CHECKS and there != row.n_accepted):
        yield f"inputs: {_counted(there, table)} of input {row.id}, of which {row.n_accepted} rows were accepted"


def _possible(read: int | None, accepted: int, rejected: int | None) -> bool:
    """What was read = accepted + duplicate + rejected; duplicates are not kept, so the rest says how many."""
    if read is None or rejected is None:
        return False
    return min(accepted, rejected) >= 0 and read >= accepted + rejected


def _counted(n: int, table: str) -> str:
    return f"{n} {_WORDS[table]}{'' if n == 1 else 's'}"

"""What an import would take in, as JSON values and as text. No decisions here."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from monitor.model.trial import Trial, TrialFile
from monitor.model.words import Addressees


def trial(made: Trial) -> dict[str, Any]:
    return {
        "dry_run": True,
        **made.totals,
        "files": [_file(file) for file in made.files],
        "failures": list(made.failures),
        "warnings": list(made.warnings),
    }


def _file(file: TrialFile) -> dict[str, Any]:
    return {
        "file": file.position,
        "kind": file.kind,
        "read": file.n_read,
        "accepted": file.n_accepted,
        "rejected": file.n_rejected,
        "joined": file.n_joined,
        "rejected_by_reason": [
            {"field": field or None, "code": code, "reason": reason, "rows": n}
            for (field, code, reason), n in sorted(file.rejected.items())
        ],
        "first_at": file.first_at and file.first_at.isoformat(),
        "last_at": file.last_at and file.last_at.isoformat(),
        "reports": file.n_reports,
        "reports_without_notice": file.n_without_notice,
        "closed_without_time": file.n_closed_sometime,
        "notices": dict(sorted(file.notices.items())),
        "checks": {outcome: n for outcome, n in sorted(file.checks.items()) if n},
        "assessments": dict(sorted(file.assessments.items())),
        "columns_used": [asdict(column) for column in file.used],
        "columns_passed_over": [asdict(column) for column in file.passed_over],
        "columns_unknown": list(file.unknown),
        "cannot_say": file.cannot_say or None,
    }


def unknown_addressees(n: int, kept: Addressees) -> str:
    """What to do about names that SCART's messages were sent to and the registry does not know."""
    names = "1 addressee of messages is" if n == 1 else f"{n} addressees of messages are"
    if kept is Addressees.NAMED:
        return (
            f"{names} not in the registry: what was sent to them is held against nobody. "
            "`monitor providers addressees` lists them; once they are aliases, their notices count (no second import)"
        )
    return (
        f"{names} not in the registry, and --addressees known books what was sent to them on whoever held the address. "
        "Give the providers these aliases, then import again"
    )


def trial_text(made: Trial) -> str:
    lines = [line for file in made.files for line in _lines(file)]
    said = made.totals
    joined = f"; {said['joined']} more rows only complete these" if said["joined"] else ""
    lines.append(f"read {said['read']}: would take {said['accepted']}, reject {said['rejected']}{joined}")
    lines.append("dry run: nothing was written; which of these rows the store has already is not looked at")
    return "\n".join(lines)


def _lines(file: TrialFile) -> Iterator[str]:
    yield f"file {file.position}: {file.kind}"
    yield f"  rows: read {file.n_read}, would take {file.n_accepted}, reject {file.n_rejected}" + (
        f"; {file.n_joined} only complete others" if file.n_joined else ""
    )
    for (field, code, reason), n in sorted(file.rejected.items()):
        yield f"    {n} x {code}{f' ({field})' if field else ''}: {reason}"
    if file.first_at and file.last_at:
        yield f"  times: {file.first_at:%Y-%m-%d %H:%M:%S} to {file.last_at:%Y-%m-%d %H:%M:%S} UTC"
    if file.n_reports:
        without = f"; {file.n_without_notice} reports without one: not known, not 'never notified'"
        yield f"  reports: {file.n_reports} ({_listed(file.assessments)})"
        yield f"  notices: {_listed(file.notices)}{without if file.n_without_notice else ''}"
    if any(file.checks.values()):
        yield f"  checks: {_listed(file.checks)}"
    if file.n_closed_sometime:
        yield f"  {file.n_closed_sometime} reports are closed offline, and nothing says when: give --exported-at"
    if file.cannot_say:
        yield f"  cannot say: {file.cannot_say}"
    for title, columns in (("columns used", file.used), ("columns passed over", file.passed_over)):
        if columns:
            yield f"  {title}:"
            yield from (f"    {column.name}: {column.what}" for column in columns)
    if file.unknown:
        yield f"  columns not known: {', '.join(file.unknown)}"


def _listed(counts: "dict[str, int]") -> str:
    return ", ".join(f"{n} {word}" for word, n in sorted(counts.items()) if n) or "none"

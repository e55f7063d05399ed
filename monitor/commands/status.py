"""`monitor status`: how the store and the work stand, one line each, what needs somebody first."""

from dataclasses import asdict

import typer

from monitor.model.operation import Finding, worst_first, worst_of
from monitor.session import Session


def status(context: typer.Context) -> None:
    """How the store and the work stand: what needs somebody first, and what to do. Asks the database alone."""
    from monitor import status as collected  # noqa: PLC0415 (no other command needs it)

    session: Session = context.obj
    findings = worst_first(collected.survey(session.data_dir, session.config))
    session.result(document(findings), text(findings))


def document(findings: tuple[Finding, ...]) -> dict[str, object]:
    """What `--json` prints for `status` and `doctor`."""
    return {"mark": worst_of(findings).value, "findings": [asdict(each) for each in findings]}


def text(findings: tuple[Finding, ...]) -> str:
    """One line each, and below it what to do."""
    width = max((len(each.name) for each in findings), default=0)
    lines = list[str]()
    for each in findings:
        lines.append(f"{each.mark.value:<4}  {each.name:<{width}}  {each.said}")
        if each.todo:
            lines.append(f"{'':<{width + 6}}  -> {each.todo}")
    return "\n".join(lines)

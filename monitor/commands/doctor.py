"""`monitor doctor`: tries everything that the monitor needs, and says what is wrong with it and what to do."""

import typer

from monitor.commands.status import document, text
from monitor.model.operation import Mark, worst_first, worst_of
from monitor.session import Session


def doctor(context: typer.Context) -> None:
    """Try configuration, key, database, disk, clock, resolvers, canary and documents. Status 1 where one has to act."""
    from monitor import diagnosis  # noqa: PLC0415 (it loads dnspython, which no other command should wait for)

    session: Session = context.obj
    findings = worst_first(diagnosis.diagnose(session.data_dir, session.config))
    session.result(document(findings), text(findings))
    if worst_of(findings) is Mark.ACT:
        raise typer.Exit(1)

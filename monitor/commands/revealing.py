"""`monitor reveal`: the URL of one record, for whoever may see it and says why."""

import dataclasses
import getpass
from typing import Annotated

import typer

from monitor import revealing
from monitor.errors import UsageError
from monitor.model.explanation import Reveal
from monitor.session import Session, plain


def reveal(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="The hotline's reference of the record.", show_default=False)],
    source: Annotated[str | None, typer.Option(help="Whose record, where several sources have that id.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is shown; goes on the audit log. Needed.")] = None,
    by: Annotated[str | None, typer.Option(help="Who asks for it. Default: the user of this machine.")] = None,
) -> None:
    """Show the URL of one record; who asked and why is on the audit log first.

    The host alone where the path was withheld. --json: source, record_id, url, withheld.
    """
    session: Session = context.obj
    asked = asked_for(reason, by)
    with session.store() as (opened, _):
        found = revealing.reveal(opened, record, source, asked)
    session.result(dataclasses.asdict(found), found.url)


def asked_for(reason: str | None, by: str | None) -> Reveal:
    """Who wants to see it, and why. Raises UsageError without a reason."""
    if not (reason and reason.strip()):
        raise UsageError("To reveal a URL needs a reason", "Write --reason TEXT; it goes on the audit log")
    return Reveal(plain(by or getpass.getuser(), "--by"), plain(reason, "--reason"))

"""`monitor research`: a copy of the store with which figures can be made, and nothing secret in it."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from monitor import research
from monitor.commands.groups import Group
from monitor.errors import UsageError
from monitor.session import Session, plain

app = typer.Typer(cls=Group, help="Copies for researchers.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Copies for researchers."""


@app.command()
def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The new data folder; it must not be there yet.", show_default=False)],
    reason: Annotated[str | None, typer.Option(help="Why it is made; goes on the audit log. Needed.")] = None,
    by: Annotated[str | None, typer.Option(help="Who makes it. Default: the user of this machine.")] = None,
    pseudonymous_records: Annotated[
        bool,
        typer.Option(
            "--pseudonymous-records",
            help="Replace the hotline's references too; digests of datasets are others then.",
        ),
    ] = False,
) -> None:
    """Make a data folder without any URL, host, address, reference, addressee or letter in it.

    `freeze`, `rank` and interim releases made with it (--data-dir FOLDER) are those of the store it was made from, to
    the last digit. It takes no imports. --json: path, rows, key_id, pseudonymous_records.
    """
    session: Session = context.obj
    if not (reason and reason.strip()):
        raise UsageError("A research copy needs a reason", "Write --reason TEXT; it goes on the audit log")
    who, why = plain(by or getpass.getuser(), "--by"), plain(reason, "--reason")
    with session.store() as (opened, settings), session.bar("research export") as progress:
        made = research.export(opened, settings, folder, who, why, progress, pseudonymous_records=pseudonymous_records)
    fields = {
        "path": str(made.path),
        "rows": made.n_rows,
        "key_id": made.key_id,
        "pseudonymous_records": made.pseudonymous_records,
    }
    session.result(fields, f"{made.path}\n{made.n_rows} rows, no URL, host, address, reference, addressee or letter")

"""`monitor archive export`: letters, answers and files for the archive, before they are forgotten."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from monitor import archiving
from monitor.commands.groups import Group
from monitor.errors import UsageError
from monitor.handover.seal import public_keys
from monitor.session import Session, plain

app = typer.Typer(cls=Group, help="What goes to an archive.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def archive() -> None:
    """What goes to an archive before it is forgotten."""


@app.command()
def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The archive; nothing of that name may be there.", show_default=False)],
    reason: Annotated[str | None, typer.Option(help="Why; goes on the audit log. Needed.")] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            help="Public key (age1...) of who may open it; again for each further one. Default: in the clear."
        ),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who does it. Default: the user of this machine.")] = None,
) -> None:
    """Write every letter with its answers, the register, and files made for others to a folder, with metadata.

    Metadata are MDTO documents beside each file; manifest.json has the SHA-256 of every file. Replies lie in the
    clear there, so keep it as such, or give --to. --json: path, digest (SHA-256 of the manifest), letters, files,
    sealed.
    """
    session: Session = context.obj
    if not (reason and reason.strip()):
        raise UsageError("An archive needs a reason", "Write --reason TEXT; it goes on the audit log")
    keys = public_keys(to) if to else ()
    who, why = plain(by or getpass.getuser(), "--by"), plain(reason, "--reason")
    with session.store() as (opened, settings), session.bar("archive") as progress:
        made = archiving.export_archive(opened, settings, folder, keys, by=who, why=why, progress=progress)
    if not made.sealed:
        session.say("monitor: replies of providers lie in the clear in it: keep it where nobody else can read it")
    fields = {"path": str(made.path), "digest": made.digest, "letters": made.n_letters, "files": made.n_files}
    said = f"{made.n_letters} letters, {made.n_files} files; SHA-256 of the manifest {made.digest}"
    session.result(fields | {"sealed": made.sealed}, f"{made.path}\n{said}")

"""`monitor providers export` and `import`: every change as one readable file, out and in.

In: a file's name. Out: the file, counts, and rejected entries by number. What would surprise: a file that is there and
says something else is not overwritten without --force, because it may be what somebody edited.
"""

from pathlib import Path
from typing import Annotated

import typer

from monitor import present_providers
from monitor.disk import to_read
from monitor.errors import InputError
from monitor.session import REJECTED_SOME, Session, plain
from monitor.store.registry_changes import changes
from monitor.store.registry_file import export_registry
from monitor.store.registry_import import import_registry

NOT_YET_REPORTED = "no report has that record id yet; the change takes effect when one is imported"
_LONGEST_FILE = 64 * 2**20


def export(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Where to write it (0600). Default: standard output.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that says something else.")] = False,
) -> None:
    """Every change as one readable file that can be edited and imported. It holds contacts and postal addresses."""
    session: Session = context.obj
    with session.store() as (opened, _):
        text, n_changes = export_registry(opened), len(changes(opened))
    if file is None:
        session.result({"changes": n_changes, "toml": text}, text.rstrip("\n"))
        return
    present_providers.write_private(file, text, force=force)
    session.result({"changes": n_changes, "path": str(file)}, str(file))


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file like that of `providers export`.", show_default=False)],
    by: Annotated[str | None, typer.Option(help="Who imports it, and who decided entries without `by`.")] = None,
) -> None:
    """Take in changes from a file; those that are here already change nothing."""
    session: Session = context.obj
    who = None if by is None else plain(by, "--by")
    text = _read(file)
    with session.store() as (opened, _):
        made = import_registry(opened, text, by=who, clear=plain)
    for reject in made.rejects:
        session.say(f"monitor: entry {reject.row} rejected ({reject.code}): {reject.reason}")
    for entry in made.unreported:
        session.say(f"monitor: entry {entry}: {NOT_YET_REPORTED}")
    session.result(present_providers.imported(made), present_providers.imported_text(made))
    if made.rejects:
        raise typer.Exit(REJECTED_SOME)


def _read(file: Path) -> str:
    try:
        with to_read(file) as opened:
            content = opened.read(_LONGEST_FILE + 1)
        if len(content) > _LONGEST_FILE:
            raise InputError("The file is larger than 64 MB", "Split it")
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise InputError("The file is not UTF-8", "Save it as UTF-8") from None
    except OSError as error:
        raise InputError(f"The file cannot be read ({error.strerror})", "Check its name and owner") from None

"""`monitor privacy page`: the data protection page of this installation, for the privacy officer to complete."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.groups import Group
from monitor.disk import read_small, write_whole
from monitor.errors import StoreMissing, UsageError
from monitor.privacy import LANGUAGES, KeyFacts, page
from monitor.privacy.pages import filled_in, html_of, markdown_of, open_fields
from monitor.session import Session
from monitor.store import list_audit

app = typer.Typer(cls=Group, help="Data protection.", no_args_is_help=True, rich_markup_mode=None)
_LONGEST = 1 << 24
FOLDER, NAME = "privacy", "data-protection.md"  # a folder that backups and bundles take along
_HANDED_OUT = ("keys role operator", "keys role hotline", "research export")


@app.callback()
def _group() -> None:
    """Data protection."""


@app.command("page")
def page_(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option(help="The Markdown file. Default: privacy/data-protection.md in the data folder.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Make the file anew and keep what was filled in; else none may be there.")
    ] = False,
) -> None:
    """Write the page as Markdown, Dutch and English, and as HTML beside it.

    Fields that only the privacy officer can fill in are marked; fill them in in the Markdown file, between the comments
    that name them. --json: path, html, fields (all), open (those that nobody filled in), kept (those that stay).
    """
    session: Session = context.obj
    path = out or session.data_dir / FOLDER / NAME
    if path.suffix != ".md":
        raise UsageError("--out is no Markdown file", "Give it a name that ends in .md; the HTML goes beside it")
    if out is None and not session.data_dir.is_dir():  # a folder made here would be one that others may enter
        raise StoreMissing(
            "There is no store in the data folder", "Name that folder with --data-dir, or a file with --out"
        )
    if path.exists() and not update:
        raise UsageError("There is a page already", "Write --update: what was filled in is kept. Or name another --out")
    answers = filled_in(read_small(path, _LONGEST).decode("utf-8")) if path.exists() else {}
    settings, keys = session.settings(), _keys(session)
    pages = [page(settings, keys, language) for language in LANGUAGES]
    lost = set(answers) - set(open_fields(pages, {}))
    if lost:
        raise UsageError(f"The page has {len(lost)} fields that this version does not know", "Name another --out")
    html = path.with_suffix(".html")
    if out is None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(html, html_of(pages, answers).encode(), 0o644)
    write_whole(path, markdown_of(pages, answers).encode(), 0o644)  # last: where it is, both are
    still = open_fields(pages, answers)
    fields = {"path": str(path), "html": str(html), "fields": open_fields(pages, {}), "open": still}
    session.result({**fields, "kept": sorted(answers)}, f"{path}\n{html}\n{len(still)} fields are open")


def _keys(session: Session) -> KeyFacts | None:
    """Who was given what, as far as the audit log knows; None where there is no store."""
    try:
        with session.store() as (opened, _):
            log = [entry for entry in list_audit(opened) if entry.action in _HANDED_OUT]
            role = opened.sealer.role.value
    except StoreMissing:
        return None
    return KeyFacts(role, tuple((entry.at, entry.action, entry.actor) for entry in log))

"""`monitor compare`: what differs between two frozen datasets of one period."""

from pathlib import Path
from typing import Annotated

import typer

from monitor import comparing, present_compare
from monitor.session import Session

_WHICH = "Digest (8 characters or more), PERIOD-DIGEST8, or the path of its folder."


def compare(
    context: typer.Context,
    before: Annotated[str, typer.Argument(help=_WHICH, show_default=False)],
    after: Annotated[str, typer.Argument(help="The other one, likewise.", show_default=False)],
    records: Annotated[
        Path | None, typer.Option(help="Also write which records differ to this new file (CSV, for your eyes only).")
    ] = None,
) -> None:
    """What differs between two frozen datasets of one period: rows, rules, tables, each provider's figures.

    Needs no store, and prints no record. --json: `rows` by role, `fields`, `method`, `providers` before and after.
    """
    session: Session = context.obj
    with session.bar("compare"):
        found = comparing.compare(session.data_dir, before, after, records)
    session.result(present_compare.freeze_comparison(found), present_compare.freeze_comparison_text(found))

"""`monitor brief`: the decision note and the factsheet about a frozen period, for the ministry."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.hearing import today
from monitor.model.period import Period
from monitor.model.words import ReleaseKind
from monitor.session import Session, day, word


def brief(
    context: typer.Context,
    period: Annotated[str, typer.Argument(help="The period of a frozen dataset.", show_default=False)],
    freeze: Annotated[
        str | None, typer.Option(help="First 8 characters of a freeze's digest. Default: the newest.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="Which report it is about: interim or final. Default: final once a letter was delivered."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder. Default: briefings/PERIOD-DIGEST8 of the data folder.")
    ] = None,
    dated: Annotated[str | None, typer.Option(help="The documents' date, YYYY-MM-DD. Default: today.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over documents of that day, edited or not.")
    ] = False,
) -> None:
    """A decision note and a factsheet of two pages, in Dutch, as Word documents and PDF.

    The note has the names of providers in its last section; it is not public as it is. The factsheet is public.
    --json: folder, files, kind, advice (what, n, day), cases (provider_id, provider, class, standing), named, and how
    many of the ranked stand in the factsheet.
    """
    from monitor import briefing, present_briefing  # noqa: PLC0415 (they load matplotlib and numba)

    session: Session = context.obj
    chosen = Period.parse(period)
    about = word(ReleaseKind, kind, "--kind") if kind else None
    asked = briefing.Request(day(dated, "--dated") if dated else today(), about, out, replace)
    with session.store() as (opened, settings), session.bar("brief"):
        made = briefing.brief(opened, settings, chosen, freeze, asked)
    for warning in made.warnings:
        session.say(f"monitor: {warning}")
    session.result(present_briefing.briefing(made), present_briefing.briefing_text(made))

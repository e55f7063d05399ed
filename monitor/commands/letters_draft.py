"""`monitor letters draft` and `letters templates`: letters to the providers of a frozen period.

In: the period, and who drafts. Out: the letters with their folders, and who gets none with the reason. What would
surprise: refusals are no failure, the exit status is 1 only where not one letter could be drafted.
"""

from pathlib import Path
from typing import Annotated

import typer

from monitor.hearing import today
from monitor.model.period import Period
from monitor.session import Session, day, plain


def draft(
    context: typer.Context,
    period: Annotated[str, typer.Argument(help="The period of a frozen dataset.", show_default=False)],
    by: Annotated[str, typer.Option(help="Who drafts.")],
    freeze: Annotated[
        str | None, typer.Option(help="First 8 characters of a freeze's digest. Default: the newest.")
    ] = None,
    provider: Annotated[
        list[str] | None, typer.Option(help="Only to these, of those that the criteria choose.", show_default=False)
    ] = None,
    dated: Annotated[str | None, typer.Option(help="The letters' date, YYYY-MM-DD. Default: today.")] = None,
    your_reference: Annotated[str, typer.Option(help="Uw kenmerk, if the provider wrote before.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Also where a letter about this period is there already.")
    ] = False,
) -> None:
    """Draft a letter to every provider that the criteria choose, as Word documents and PDF."""
    from monitor import drafting, present_drafts  # noqa: PLC0415 (they load matplotlib and numba)

    session: Session = context.obj
    chosen, who = Period.parse(period), plain(by, "--by")
    on = day(dated, "--dated") if dated else today()
    asked = drafting.Request(
        who, on, tuple(provider or ()), plain(your_reference, "--your-reference") if your_reference else "", again
    )
    with session.store() as (opened, settings), session.bar("letters") as progress:
        made = drafting.draft(opened, settings, chosen, freeze, asked, progress)
    for each in made.drafted:
        for warning in each.warnings:
            session.say(f"monitor: letter {each.letter.letter_id}: {warning}")
    session.result(present_drafts.drafts(made), present_drafts.drafts_text(made))
    if not made.drafted:
        raise typer.Exit(1)


def templates(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder for the templates; it is made.", show_default=False)],
) -> None:
    """Write the templates of letters and briefings out to a folder, which `[letters] templates` then names."""
    from monitor.letter_documents import write_templates  # noqa: PLC0415 (as above)

    session: Session = context.obj
    written = write_templates(folder)
    session.result({"files": [str(path) for path in written]}, "\n".join(map(str, written)))

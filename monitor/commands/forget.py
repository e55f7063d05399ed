"""`monitor forget`: what is past its term is removed; statistics and chains stay as they are."""

import getpass
from dataclasses import asdict
from typing import Annotated, Any

import typer

from monitor import forgetting
from monitor.clock import now
from monitor.errors import UsageError
from monitor.forgetting_run import Asked
from monitor.model.retention import KEEP, TERM_HELP, RetentionClass, Term
from monitor.present import aligned
from monitor.remains import last_backup
from monitor.session import REJECTED_SOME, Session, plain, word

_CLASSES = ", ".join(each.value for each in RetentionClass)


def forget(
    context: typer.Context,
    older_than: Annotated[
        str | None, typer.Option(help=f"{TERM_HELP}. Default: the terms in [retention], each class its own.")
    ] = None,
    classes: Annotated[
        list[str] | None, typer.Option("--class", help=f"{_CLASSES}; again for each further one. Default: all.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; goes on the audit log. Needed, but for --dry-run.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many would go, and what is held and why.")
    ] = False,
    without_archive: Annotated[
        bool, typer.Option("--without-archive", help="Letters too that no `archive export` has.")
    ] = False,
    by: Annotated[str | None, typer.Option(help="Who does it. Default: the user of this machine.")] = None,
) -> None:
    """Remove URLs, hosts, addresses, letters and files that are past their term, but for what is held.

    Statistics, frozen datasets and hash chains stay as they are; backups from before still hold it all. Killed, the
    same command goes on. --json: classes (kind, term, due, held, forgotten, not_archived), held (why: how many),
    erased (from the database's own files; null where nothing went), resumed, backup_made_at.
    """
    session: Session = context.obj
    if not dry_run and not (reason and reason.strip()):
        raise UsageError("To forget needs a reason", "Write --reason TEXT; it goes on the audit log")
    asked = Asked(
        plain(by or getpass.getuser(), "--by"),
        plain(reason, "--reason") if reason else "",
        _term(older_than),
        tuple(dict.fromkeys(word(RetentionClass, each, "--class") for each in classes or ())),
        dry_run,
        without_archive,
    )
    with session.store() as (opened, settings), session.bar("forget") as progress:
        done = forgetting.forget(opened, settings, asked, progress)
    backup = last_backup(session.data_dir, now()).figures["made_at"]
    for line in _said(done, asked, backup):
        session.say(f"monitor: {line}")
    session.result(_fields(done, backup), _text(done))
    if any(each.n_not_archived for each in done.counts) and not dry_run:
        raise typer.Exit(REJECTED_SOME)


def _term(text: str | None) -> Term | None:
    try:
        return None if text is None else Term.parse(text)
    except ValueError:
        raise UsageError("--older-than is not a term", TERM_HELP) from None


def _said(done: forgetting.Forgotten, asked: Asked, backup: object) -> list[str]:
    found = []
    if all(each.term == KEEP for each in done.counts):
        found.append("no term is set, so nothing goes: write [retention] in monitor.toml, or give --older-than")
    if done.resumed:
        found.append("a run that was broken off was gone on with")
    if n := sum(each.n_not_archived for each in done.counts):
        found.append(f"{n} letters stay: no archive has them. `monitor archive export`, or --without-archive")
    if done.erased is False:
        found.append("the database's own files still hold remains: it was in use. Stop `run`, give the command again")
    if not asked.dry_run and any(each.n_forgotten for each in done.counts):
        known = f"one of {backup} is known" if backup else "none is known from this data folder"
        found.append(f"backups from before hold what was forgotten until they are destroyed: {known}")
    return found


def _fields(done: forgetting.Forgotten, backup: object) -> dict[str, Any]:
    classes = [{name.removeprefix("n_"): value for name, value in asdict(each).items()} for each in done.counts]
    return {
        "classes": classes,
        "held": done.held.why,
        "erased": done.erased,
        "resumed": done.resumed,
        "backup_made_at": backup,
    }


def _text(done: forgetting.Forgotten) -> str:
    head = ("class", "term", "past it", "held", "not archived", "forgotten")
    rows = [
        (each.kind.value, each.term, *map(str, (each.n_due, each.n_held, each.n_not_archived, each.n_forgotten)))
        for each in done.counts
    ]
    held = [f"held: {n} records by {why}" for why, n in done.held.why.items()]
    return "\n".join([aligned(head, rows), *held])

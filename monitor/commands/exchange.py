"""`monitor exchange`: single cases between a hotline and an authority, sealed and signed, under names both sides know.

In: words of the command line. Out: files and what was kept. What would surprise: without --with-url neither side learns
a URL that it did not have; and what is received enters no figure.
"""

import getpass
import re
from pathlib import Path
from typing import Annotated

import typer

from monitor import exchange_keys, exchange_view, exchanging, present_exchange
from monitor.commands.groups import Group
from monitor.errors import UsageError
from monitor.handover.identity import Identity, read_identity
from monitor.handover.signing import signing_key
from monitor.model.exchange import CasePurpose
from monitor.session import Session, plain, prose

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
app = typer.Typer(
    cls=Group, help="Single cases between a hotline and an authority.", no_args_is_help=True, rich_markup_mode=None
)
Name = Annotated[str, typer.Argument(help="The name under which the other side is linked.", show_default=False)]
By = Annotated[str | None, typer.Option(help="Who does it. Default: the user of this machine.")]
IdentityFile = Annotated[
    Path | None,
    typer.Option("--identity", help="Our secret age key, as age-keygen or `monitor handover key` wrote it."),
]


@app.command()
def fingerprint(context: typer.Context) -> None:
    """Our public signing key, made where there is none, and its fingerprint, to be read out to the other side.

    --json: public, fingerprint.
    """
    session: Session = context.obj
    with session.store() as (opened, _):
        key = signing_key(opened.data_dir, create=True)
    session.result(present_exchange.fingerprint(key), present_exchange.fingerprint_text(key))


@app.command()
def link(
    context: typer.Context,
    name: Name,
    public: Annotated[str, typer.Option(help="Their signing key: ed25519:...", show_default=False)],
    age: Annotated[str | None, typer.Option(help="Their age key, to seal for: age1...")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="In place of another key that is pinned.")] = False,
    reason: Annotated[
        str, typer.Option(help="How the fingerprint was compared; goes on the audit log.")
    ] = "first link",
    by: By = None,
) -> None:
    """Pin another organisation's keys, once. Compare the fingerprint over a second way first.

    --json: name, fingerprint, changed.
    """
    session: Session = context.obj
    if not _NAME.fullmatch(name):
        raise UsageError("NAME is part of file names", "Write 1 to 40 small letters, digits and hyphens, such as atkm")
    who, why = plain(by or getpass.getuser(), "--by"), plain(reason, "--reason")
    with session.store() as (opened, _):
        changed = exchange_keys.link(opened, name, public.strip(), age, replace=replace, by=who, reason=why)
    session.result(
        present_exchange.linked(name, public.strip(), changed=changed),
        present_exchange.linked_text(name, public.strip(), changed=changed),
    )


@app.command()
def key(
    context: typer.Context,
    name: Name,
    out: Annotated[
        Path | None, typer.Option(help="Make the key where there is none, and seal it into this file.")
    ] = None,
    import_: Annotated[Path | None, typer.Option("--import", help="Take in the key that they sealed for us.")] = None,
    identity: IdentityFile = None,
    replace: Annotated[bool, typer.Option("--replace", help="In place of the key that is shared by now.")] = False,
    by: By = None,
) -> None:
    """The key under which cases get their names: one side makes it (--out), the other takes it in (--import).

    --json: link, key (its digest, the same on both sides), changed, path.
    """
    session: Session = context.obj
    if (out is None) == (import_ is None):
        raise UsageError("Either make the key or take it in", "Write --out FILE, or --import FILE --identity FILE")
    who = plain(by or getpass.getuser(), "--by")
    with session.store() as (opened, _):
        if import_ is not None:
            ours = _identity(session, identity)
            made = exchange_keys.take_key(opened, name, import_, ours, replace=replace, by=who)
        elif out is not None:
            made = exchange_keys.send_key(opened, name, out, replace=replace, by=who)
    session.result(present_exchange.shared(made), present_exchange.shared_text(made))


@app.command()
def export(
    context: typer.Context,
    name: Name,
    records: Annotated[list[str], typer.Argument(help="Record ids of the cases.", show_default=False)],
    source: Annotated[str | None, typer.Option(help="Whose records, where several sources have such an id.")] = None,
    referral: Annotated[
        bool, typer.Option("--referral", help="Ask the other side to act; else a status only.")
    ] = False,
    note: Annotated[str | None, typer.Option(help="Whom to call about it; no URL, host, address or e-mail.")] = None,
    with_url: Annotated[
        bool, typer.Option("--with-url", help="Send the URLs too; each goes on the audit log.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why; goes on the audit log. Needed.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The sealed file; none may be there yet. Default: in exchange of the data folder."),
    ] = None,
    by: By = None,
) -> None:
    """Seal what is known of some cases for the other side: requests so far, orders, a contact note.

    --json: path, digest, document, link, sequence, n_cases, cases (their names).
    """
    session: Session = context.obj
    if not (reason and reason.strip()):
        raise UsageError("An export needs a reason", "Write --reason TEXT; it goes on the audit log")
    asked = exchanging.Asked(
        link=name,
        records=tuple(records),
        source=source,
        purpose=CasePurpose.REFERRAL if referral else CasePurpose.STATUS,
        with_url=with_url,
        note=None if note is None else prose(note, "--note"),
        by=plain(by or getpass.getuser(), "--by"),
        why=plain(reason, "--reason"),
        out=out,
    )
    with session.store() as (opened, settings), session.bar("exchange export"):
        made = exchanging.export(opened, settings, asked)
    session.result(present_exchange.sent(made), present_exchange.sent_text(made))


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The sealed file.", show_default=False)],
    identity: IdentityFile = None,
    by: By = None,
) -> None:
    """Keep what the other side says of its cases, and see which of them are known here. Twice changes nothing.

    --json: link, document, sequence, new, older, known, n_cases, cases.
    """
    session: Session = context.obj
    who = plain(by or getpass.getuser(), "--by")
    ours = _identity(session, identity)
    with session.store() as (opened, _), session.bar("exchange import") as progress:
        taken = exchanging.take(opened, file, [ours], who, progress)
    session.result(present_exchange.received(taken), present_exchange.received_text(taken))


@app.command("list")
def list_(context: typer.Context) -> None:
    """Who is linked, what was sent and received, and every case as it was last told.

    --json: links, documents, cases.
    """
    session: Session = context.obj
    with session.store() as (opened, _), session.bar("exchange list") as progress:
        found = exchange_view.overview(opened, progress)
    session.result(present_exchange.overview(found), present_exchange.overview_text(found))


@app.command()
def show(
    context: typer.Context,
    case: Annotated[str, typer.Argument(help="Name of a case, or its first 8 digits.", show_default=False)],
    reveal: Annotated[bool, typer.Option("--reveal", help="Show the URL that came with it; wants --reason.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why; goes on the audit log.")] = None,
    by: By = None,
) -> None:
    """All that was told of one case, statement by statement, and our own records on the same URL.

    --json: as in `list`, with statements; with --reveal also url.
    """
    session: Session = context.obj
    if reveal and not (reason and reason.strip()):
        raise UsageError("--reveal needs a reason", "Write --reason TEXT; it goes on the audit log")
    with session.store() as (opened, _), session.bar("exchange show") as progress:
        view, url = exchange_view.find_case(opened, case, progress), None
        if reveal:
            who, why = plain(by or getpass.getuser(), "--by"), plain(reason or "", "--reason")
            url = exchange_view.reveal(opened, view, by=who, reason=why)
    session.result(present_exchange.case(view, url), present_exchange.case_text(view, url))


def _identity(session: Session, path: Path | None) -> Identity:
    if path is None:
        raise UsageError("The file is opened with our secret age key", "Name it with --identity FILE")
    found = read_identity(path)
    if found.others_may_read:
        session.say("monitor: other users of this machine can read the age key. Run `chmod 600` on it")
    return found

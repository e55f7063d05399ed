"""`monitor orders`: orders of the authority, what happened to them, how they stand, and a provider's file of them.

In: numbers, times, who and why. Out: facts with their numbers, standings, a sealed file. What would surprise: no
command but `file` opens a URL, a reference or the name of an addressee as it was written.
"""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from monitor import present_orders, store
from monitor.clock import now
from monitor.commands.groups import Group
from monitor.commands.orders_facts import Number, fact, record, undo
from monitor.commands.orders_import import import_
from monitor.errors import UsageError
from monitor.handover.seal import public_keys
from monitor.session import Session, plain

app = typer.Typer(
    cls=Group,
    help="Orders of the authority: what happened to each, how it stands, and a provider's file of them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_(
    context: typer.Context,
    only_open: Annotated[
        bool, typer.Option("--open", help="Those that wait for somebody: not withdrawn, not found removed.")
    ] = False,
    provider: Annotated[str | None, typer.Option(help="Those addressed to this provider: id, name or alias.")] = None,
) -> None:
    """Every order as it stands now, oldest first."""
    from monitor import orders  # noqa: PLC0415 (loads what cuts a freeze)

    session: Session = context.obj
    with session.store() as (opened, settings):
        chosen = [each for each in store.list_orders(opened) if not only_open or store.is_open(each)]
        found = orders.survey(opened, settings, chosen, now())
        known = None if provider is None else found.registry.find(provider) or provider.lower()
        standings = [each for each in found.standings if known in (None, each.addressed_to)]
        fields = {"orders": [present_orders.fields(found, each) for each in standings]}
        session.result(fields, present_orders.list_text(found, standings))


@app.command()
def show(context: typer.Context, number: Number) -> None:
    """One order: what it is, what happened since, what the checks say, who was told. Nothing sealed is shown."""
    from monitor import orders  # noqa: PLC0415 (as above)
    from monitor.orders.chain import chain, notices_up_to  # noqa: PLC0415 (as above)

    session: Session = context.obj
    with session.store() as (opened, settings):
        found = orders.survey(opened, settings, [store.find_order(opened, number)], now())
        (each,) = found.standings
        told = notices_up_to(found, each.order)
        links = chain(found, each, told)
        session.result(
            present_orders.show_fields(found, each, told, links), present_orders.show_text(found, each, told, links)
        )


app.command()(record)
app.command("import")(import_)
app.command()(fact)
app.command()(undo)


@app.command()
def around(
    context: typer.Context,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why it is asked; goes on the audit log.")],
    by: Annotated[str | None, typer.Option(help="Who asks. Default: the user of this machine.")] = None,
) -> None:
    """What else is known at the site and addresses of an order, in counts, before anybody blocks them."""
    session: Session = context.obj
    who, why = plain(by or getpass.getuser(), "--by"), plain(reason, "--reason")
    with session.store() as (opened, _):
        order = store.find_order(opened, number)
        store.add_audit(opened, actor=who, action="orders around", subject=f"order {order.order_id}", reason=why)
        found = store.surroundings(opened, order.target_id)
    session.result(present_orders.around(order, found), present_orders.around_text(order, found))


@app.command()
def file(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help="Id, name, alias or AS number of the provider.")],
    reason: Annotated[str, typer.Option(help="Why it is made; goes on the audit log.")],
    to: Annotated[
        list[str] | None, typer.Option(help="The receiver's public key (age1...); again for each further receiver.")
    ] = None,
    unsealed: Annotated[
        bool, typer.Option("--plain", help="Not sealed: anybody who gets the file can read it, URLs too.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="The file; none may be there yet. Default: in order-files of the data folder.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who makes it. Default: the user of this machine.")] = None,
) -> None:
    """A provider's history of orders as PDF (PDF/A-2a) and JSON in one ZIP: facts with source and time, no more.

    --json: path, digest, size, provider_id, orders (their numbers), sealed, keys (fingerprints).
    """
    from monitor.orders.file import Asked, orders_file  # noqa: PLC0415 (as above)

    session: Session = context.obj
    if unsealed == bool(to):
        raise UsageError("The file is sealed for somebody, or plain", "Give --to KEY, or --plain for one that is not")
    keys = () if unsealed else public_keys(to or [])
    who, why = plain(by or getpass.getuser(), "--by"), plain(reason, "--reason")
    with session.store() as (opened, settings):
        made = orders_file(opened, settings, Asked(provider, keys, who, why, out))
    if unsealed:
        session.say("monitor: the file is not sealed and holds URLs; keep it where only those can read it who may")
    fields = {
        "path": str(made.path),
        "digest": made.sha256,
        "size": made.size,
        "provider_id": made.provider_id,
        "orders": list(made.orders),
        "sealed": bool(keys),
        "keys": [key.fingerprint for key in made.keys],
    }
    session.result(fields, f"{made.path}\n{len(made.orders)} orders; SHA-256 {made.sha256}")

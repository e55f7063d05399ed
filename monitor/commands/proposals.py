"""`monitor providers proposals` and `addressees`: what a person is to decide before the registry can say it.

Which Providers may be one organisation, and whose the names are that notices went to and nobody bears.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from monitor import pipeline
from monitor.addressees import UnrecognisedAddressee, unrecognised_addressees
from monitor.clock import now
from monitor.model.provider import Registry
from monitor.present import aligned
from monitor.session import Session

if TYPE_CHECKING:
    from monitor.attribution.matching import Proposal

SHOWN_HOLDERS = 3
"""So many of those who held the addresses that a name was told about; `--json` has all."""


def proposals(
    context: typer.Context,
    least: Annotated[float, typer.Option(min=0, max=100, help="Least score.")] = 90.0,
    most: Annotated[int | None, typer.Option(min=1, help="At most so many, best first. Default: all.")] = None,
) -> None:
    """Providers that may be one organisation, by their names. Nothing is merged: a person decides."""
    session: Session = context.obj
    with session.store() as (opened, _):
        registry = pipeline.registry(opened, now().date())
    found = pipeline.proposals(registry, least, most)
    fields = [{**asdict(one), "accept": one.accept, "decline": one.decline} for one in found]
    session.result({"proposals": fields}, _text(found, registry))


def _text(found: "tuple[Proposal, ...]", registry: Registry) -> str:
    if not found:
        return "no two providers have names that are alike enough"
    head = ["score", "provider", "name", "into", "name", "because"]
    rows = [
        [
            f"{one.score:.0f}",
            one.subject,
            registry.label(one.subject),
            one.into,
            registry.label(one.into),
            "; ".join(one.reasons),
        ]
        for one in found
    ]
    return (
        f"{aligned(head, rows)}\n"
        "To accept one:  monitor providers merge PROVIDER INTO --by NAME --why TEXT\n"
        "To decline one: monitor providers distinct PROVIDER INTO --by NAME --why TEXT"
    )


def addressees(context: typer.Context) -> None:
    """Names that notices went to and the registry does not know, with who held the addresses told about."""
    session: Session = context.obj
    with session.store() as (opened, settings):
        found = unrecognised_addressees(opened, settings)
    session.result({"addressees": [_fields(one) for one in found]}, _addressees_text(found))


def _fields(one: UnrecognisedAddressee) -> dict[str, object]:
    booked = [{"provider_id": key, "provider": label, "n_notices": n} for key, label, n in one.booked]
    return {"name": one.name, "n_notices": one.n_notices, "booked": booked}


def _addressees_text(found: tuple[UnrecognisedAddressee, ...]) -> str:
    if not found:
        return "every addressee on record is in the registry"
    rows = [[one.name or "(looks like a host: not shown)", str(one.n_notices), _holders(one)] for one in found]
    return (
        f"{aligned(['addressee', 'notices', 'held the address'], rows)}\n"
        "What went to these names is held against nobody. Who held the address need not be who was told.\n"
        'If one is: monitor providers set PROVIDER --alias "ADDRESSEE" --by NAME --why TEXT'
    )


def _holders(one: UnrecognisedAddressee) -> str:
    """The first three, with their notices."""
    shown = [f"{key} {label} ({n})" for key, label, n in one.booked[:SHOWN_HOLDERS]]
    more = [f"{len(one.booked) - SHOWN_HOLDERS} others"] if len(one.booked) > SHOWN_HOLDERS else []
    return ", ".join([*shown, *more]) or "nobody is known to have"

"""`monitor providers proposals`: which Providers may be one organisation, for a person to accept or to decline."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from monitor import pipeline
from monitor.clock import now
from monitor.model.provider import Registry
from monitor.present import aligned
from monitor.session import Session

if TYPE_CHECKING:
    from monitor.attribution.matching import Proposal


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

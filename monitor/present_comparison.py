"""A Comparison as JSON and as text: how far a Ranking depends on a choice."""

from dataclasses import asdict
from typing import Any

from monitor.model.comparison import Choice, ComparedProvider, Comparison, Standing
from monitor.present import aligned

_MOST_SHOWN = 30
"""So many Providers whose class changes are written out in the text; all are in the JSON."""


def comparison(found: Comparison) -> dict[str, Any]:
    """Every choice, and every Provider with a class under any of them."""
    return {
        "compare": found.by.value,
        "period": found.period.label,
        "norm": found.norm.clock.value,
        "freeze": found.freeze,
        "as_frozen": found.as_frozen,
        "choices": [asdict(choice) for choice in found.choices],
        "providers": [
            {
                "provider_id": each.provider_id,
                "provider": each.provider,
                "changes_class": each.changes_class,
                "standings": [_fields(standing) for standing in each.standings],
            }
            for each in found.providers
        ],
    }


def _fields(standing: Standing | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {name.rstrip("_"): value for name, value in asdict(standing).items()}


def comparison_text(found: Comparison) -> str:
    """A table of the choices, then the Providers whose class changes."""
    head = ["choice", "episodes", "not attributed", "proxied", "attributions changed", "only here", "only in the first"]
    head += ["providers ranked", "classes changed", "rank correlation"]
    lines = [
        f"{found.period.label}, {found.norm.clock.value}, freeze {found.freeze[:8]}: "
        f"each choice against the first one ({found.choices[0].name})",
        aligned(head, [_row(choice) for choice in found.choices]),
    ]
    if not found.as_frozen:
        lines.append("Facts or tables have changed since the freeze: the first line is not exactly what was frozen.")
    changed = [each for each in found.providers if each.changes_class]
    if not changed:
        return "\n".join([*lines, "No provider's class depends on the choice."])
    names = [choice.name for choice in found.choices]
    lines += ["", f"{len(changed)} of {len(found.providers)} providers whose class depends on the choice"]
    lines.append(aligned(["provider", *names], [_provider(each) for each in changed[:_MOST_SHOWN]]))
    if len(changed) > _MOST_SHOWN:
        lines.append(f"... {len(changed) - _MOST_SHOWN} more with --json")
    return "\n".join(lines)


def _row(choice: Choice) -> list[str]:
    share = f" ({100 * choice.n_changed / choice.n_attributions:.2f}%)" if choice.n_attributions else ""
    tau = "not known" if choice.rank_correlation is None else f"{choice.rank_correlation:.3f}"
    return [
        choice.name,
        str(choice.n_episodes),
        str(choice.n_unattributed),
        str(choice.n_proxied),
        f"{choice.n_changed} of {choice.n_attributions}{share}",
        str(choice.n_only_here),
        str(choice.n_only_there),
        str(choice.n_ranked),
        f"{choice.n_classes_changed} of {choice.n_classes}",
        tau,
    ]


def _provider(each: ComparedProvider) -> list[str]:
    return [each.provider, *(_standing(standing) for standing in each.standings)]


def _standing(standing: Standing | None) -> str:
    return "not there" if standing is None else f"{standing.class_} ({standing.n_episodes})"

"""A Comparison as JSON and as text: how far a Ranking depends on a choice."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from monitor.model.comparison import Choice, ComparedProvider, Comparison, Standing
from monitor.present import aligned

_MOST_SHOWN = 30
"""So many Providers whose class changes are written out in the text; all are in the JSON."""
_LONGEST_NAME = 40


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
    """One row a figure and one column a choice, then the Providers whose class changes."""
    names = [f"[{n}]" for n in range(1, len(found.choices) + 1)]
    lines = [
        f"{found.period.label}, {found.norm.clock.value}, freeze {found.freeze[:8]}: each choice held against [1]",
        *(f"{name} {choice.name}" for name, choice in zip(names, found.choices, strict=True)),
        "",
        aligned(["", *names], _figures(found.choices)),
    ]
    if not found.as_frozen:
        lines.append("Facts, tables or settings have changed since the freeze: [1] is not exactly what was frozen.")
    changed = [each for each in found.providers if each.changes_class]
    if not changed:
        return "\n".join([*lines, "", "No provider's class depends on the choice."])
    lines += ["", f"{len(changed)} of {len(found.providers)} providers whose class depends on the choice (episodes)"]
    lines.append(aligned(["provider", *names], [_provider(each) for each in changed[:_MOST_SHOWN]]))
    if len(changed) > _MOST_SHOWN:
        lines.append(f"... {len(changed) - _MOST_SHOWN} more with --json")
    return "\n".join(lines)


def _figures(choices: Sequence[Choice]) -> list[list[str]]:
    """The rows of the table: the name of a figure, then its value under each choice."""
    figures: list[tuple[str, Callable[[Choice], str]]] = [
        ("episodes", lambda c: str(c.n_episodes)),
        ("not attributed", lambda c: str(c.n_unattributed)),
        ("episodes behind a reverse proxy", lambda c: str(c.n_proxied)),
        ("attributions in both", lambda c: str(c.n_attributions)),
        ("of them to another party", lambda c: _share(c.n_changed, c.n_attributions)),
        ("attributions only here", lambda c: str(c.n_only_here)),
        ("attributions only in [1]", lambda c: str(c.n_only_there)),
        ("providers ranked", lambda c: str(c.n_ranked)),
        ("providers with a class in either", lambda c: str(c.n_classes)),
        ("of them with another class", lambda c: _share(c.n_classes_changed, c.n_classes)),
        ("of these with a class in both", lambda c: str(c.n_classes_turned)),
        ("rank correlation (Kendall)", lambda c: _correlation(c.rank_correlation)),
    ]
    return [[name, *(of(choice) for choice in choices)] for name, of in figures]


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.2f}%)" if whole else str(part)


def _correlation(tau: float | None) -> str:
    return "not known" if tau is None else f"{tau:.3f}"


def _provider(each: ComparedProvider) -> list[str]:
    name = each.provider if len(each.provider) <= _LONGEST_NAME else f"{each.provider[: _LONGEST_NAME - 1]}…"
    return [name, *(_standing(standing) for standing in each.standings)]


def _standing(standing: Standing | None) -> str:
    return "not there" if standing is None else f"{standing.class_} ({standing.n_episodes})"

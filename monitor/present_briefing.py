"""What `monitor brief` says: what it advises, where the documents lie, and what the factsheet leaves out."""

from collections import Counter

from monitor.briefing import Briefing


def briefing(made: Briefing) -> dict[str, object]:
    """As fields."""
    facts = made.facts
    return {
        "folder": str(made.folder),
        "files": [str(path) for path in made.paths],
        "period": facts.period.label,
        "freeze": facts.freeze[:8],
        "kind": facts.kind.value,
        "dated": facts.dated.isoformat(),
        "advice": [
            {"what": each.what.value, "n": each.n, "day": each.day.isoformat() if each.day else None}
            for each in facts.advice
        ],
        "cases": [
            {
                "provider_id": each.provider_id,
                "provider": each.provider,
                "class": each.class_ or None,
                "standing": each.standing.value,
                "letter": each.letter.reference if each.letter else None,
            }
            for each in facts.cases
        ],
        "named": facts.public.named,
        "ranked": made.n_ranked,
        "ranked_in_factsheet": made.n_lines,
        "warnings": list(made.warnings),
    }


def briefing_text(made: Briefing) -> str:
    """The advice, where everybody stands in counts, then the paths."""
    facts = made.facts
    lines = [f"about the {facts.kind.value} report of {facts.period.label}, freeze {facts.freeze[:8]}"]
    for each in facts.advice:
        n, day = f" ({each.n})" if each.n else "", f" {each.day}" if each.day else ""
        lines.append(f"advice: {each.what.value}{n}{day}")
    counts = Counter(each.standing.value for each in facts.cases)
    lines.append("providers: " + (", ".join(f"{word} {n}" for word, n in counts.items()) or "none is shown"))
    names = "with names" if facts.public.named else "without names"
    lines.append(f"factsheet {names}, {made.n_lines} of {made.n_ranked} ranked providers in its table")
    return "\n".join([*lines, *map(str, made.paths)])

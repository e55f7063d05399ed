"""What `letters draft` says: the letters that were drafted, and who gets none with the reason."""

from monitor.drafting import Drafted, Drafts


def drafts(made: Drafts) -> dict[str, object]:
    """As fields."""
    return {
        "criteria": made.criteria,
        "drafted": [_drafted(each) for each in made.drafted],
        "refused": [
            {"provider_id": each.provider_id, "provider": each.provider, "why": each.why, "hint": each.hint}
            for each in made.refused
        ],
    }


def drafts_text(made: Drafts) -> str:
    """A line for each, the drafted first."""
    lines = [f"written to: {made.criteria}"]
    for each in made.drafted:
        letter = each.letter
        lines.append(
            f"letter {letter.letter_id}  {letter.reference}  {letter.provider}  {letter.told.class_}  {each.folder}"
        )
    for refusal in made.refused:
        lines.append(f"no letter to {refusal.provider} ({refusal.provider_id}): {refusal.why}. {refusal.hint}")
    lines.append(f"{len(made.drafted)} drafted, {len(made.refused)} not")
    return "\n".join(lines)


def _drafted(each: Drafted) -> dict[str, object]:
    letter = each.letter
    return {
        "letter_id": letter.letter_id,
        "reference": letter.reference,
        "provider_id": letter.provider_id,
        "provider": letter.provider,
        "class": letter.told.class_,
        "dated": letter.dated.isoformat(),
        "answer_by": letter.answer_by.isoformat(),
        "folder": str(each.folder),
        "warnings": list(each.warnings),
    }

"""What `publish` and `publish --verify` gave, as JSON values and as text for a terminal. No decisions here."""

from collections.abc import Mapping
from typing import Any

from monitor.errors import NamingRefused
from monitor.model.release import Difference, Problem, Release, Verified

_WORDS: Mapping[Problem, str] = {
    Problem.DIFFERS: "{file}: differs from what was published",
    Problem.MISSING: "{file}: missing",
    Problem.ADDED: "{file}: not in the manifest, so not part of what was published",
    Problem.RENAMED: "{file}: not in the manifest; was published as {was}",
    Problem.NOT_A_FILE: "{file}: a link or something else in the place of a file",
}


def release(made: Release) -> dict[str, Any]:
    return {
        "path": str(made.path),
        "files": made.files,
        "digest": made.digest,
        "inform": str(made.inform) if made.inform else None,
        "superseded_by": made.superseded_by,
    }


def release_text(made: Release) -> str:
    """The folder, and below it the list of those who are told of a correction."""
    return f"{made.path}\n{made.inform}" if made.inform else str(made.path)


def refused(refusal: NamingRefused) -> dict[str, Any]:
    """Everyone who was not heard, as fields."""
    names = ("provider_id", "provider", "why", "hint")
    return {"path": None, "not_heard": [dict(zip(names, each, strict=True)) for each in refusal.unheard]}


def refused_text(refusal: NamingRefused) -> str:
    """The refusal in a line, then one for each Provider."""
    lines = [f"{name} ({key}): {why}. {hint}" for key, name, why, hint in refusal.unheard]
    return "\n".join([f"monitor: {refusal}", *lines])


def verified(found: Verified) -> dict[str, Any]:
    replaced = found.superseded
    return {
        "ok": not found.differences,
        "differs": [each.file for each in found.differences],
        "problems": [
            {"file": each.file, "problem": each.problem.value, "was": each.was or None, "text": _words(each)}
            for each in found.differences
        ],
        "superseded_by": replaced.by if replaced else None,
        "reason": {"en": replaced.reason_en, "nl": replaced.reason_nl} if replaced else None,
    }


def verified_text(found: Verified) -> str:
    lines = [_words(each) for each in found.differences] or ["every file is as published"]
    if found.superseded:
        lines.append(f"replaced by {found.superseded.by}: {found.superseded.reason_en}")
    return "\n".join(lines)


def _words(each: Difference) -> str:
    return _WORDS[each.problem].format(file=each.file, was=each.was)

"""Letters and their register, as JSON values and as text for a terminal. No decisions here.

What would surprise: figures are shown as the Letter told them, not as a newer freeze has them; and a term that has
passed is said by the day that the caller hands over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from monitor.correspondence.hearing_steps import is_late, open_objection
from monitor.model.letter import Answer, HearingRegister, Letter, LetterEvent, LetterStep, NamingDecision, Told
from monitor.present import aligned

_WAITS: Mapping[LetterStep, str] = {
    LetterStep.DRAFTED: "approval",
    LetterStep.APPROVED: "delivery",
    LetterStep.RETURNED: "another delivery",
    LetterStep.ANSWERED: "closing",
}
_HEAD = ("no", "reference", "provider", "status", "delivered", "due", "answered", "waits for")


def letter(found: Letter, today: date) -> dict[str, Any]:
    """One line of the list; days as YYYY-MM-DD, `days_left` negative once the term has passed."""
    last = found.answers[-1] if found.answers else None
    return {
        "letter_id": found.letter_id,
        "reference": found.reference,
        "period": found.period,
        "provider_id": found.provider_id,
        "provider": found.provider,
        "status": found.status.value,
        "dated": found.dated,
        "delivered_on": found.delivered_on,
        "due_on": found.due_on,
        "days_left": _days_left(found, today),
        "overdue": is_overdue(found, today),
        "answered_on": last.received_on if last else None,
        "objection": any(given.objection for given in found.answers),
        "outcome": found.outcome.value if found.outcome else None,
        "waits_for": waits_for(found, today) or None,
    }


def is_overdue(found: Letter, today: date) -> bool:
    """Whether an answer is still awaited and its term has passed."""
    return found.status is LetterStep.DELIVERED and found.due_on is not None and found.due_on < today


def is_due(found: Letter) -> bool:
    """Whether an answer is awaited."""
    return found.status is LetterStep.DELIVERED


def waits_for(found: Letter, today: date) -> str:
    """What has to happen next; empty where nothing has."""
    if found.status is LetterStep.DELIVERED:
        return "closing: no answer within the term" if is_overdue(found, today) else "an answer"
    if found.status is LetterStep.ANSWERED and open_objection(found):
        return "a decision on the objection"
    return _WAITS.get(found.status, "")


def standing(found: Letter, today: date) -> str:
    """Where it stands and what it waits for, in a line."""
    text = found.status.value + (f" as {found.outcome.value}" if found.outcome else "")
    text += f", due on {found.due_on}{_when(found, today)}" if found.due_on and is_due(found) else ""
    return text + (f", waits for {wait}" if (wait := waits_for(found, today)) else "")


def listed(
    registers: Sequence[HearingRegister], letters: Sequence[Letter], decisions: Sequence[NamingDecision], today: date
) -> dict[str, Any]:
    return {
        "today": today,
        "periods": [register.period for register in registers],
        "letters": [letter(found, today) for found in letters],
        "decisions": [asdict(decision) | {"at": _instant(decision.at)} for decision in decisions],
    }


def listed_text(letters: Sequence[Letter], decisions: Sequence[NamingDecision], today: date) -> str:
    """A line a Letter, then decisions on naming that are in force."""
    lines = [aligned(_HEAD, [_line(found, today) for found in letters])] if letters else ["no letters"]
    last = {(each.period, each.provider_id): each for each in decisions}
    withheld = [each for each in last.values() if not each.named]
    if withheld:
        lines.append("")
        lines += [f"{each.provider_id} is not named in {each.period}: {each.why} ({each.by})" for each in withheld]
    return "\n".join(lines)


def shown(found: Letter, files: Mapping[str, str], folder: str, today: date) -> dict[str, Any]:
    """Everything about one Letter; `files`: name -> how it stands beside what was recorded."""
    return letter(found, today) | {
        "answer_by": found.answer_by,
        "reply_days": found.reply_days,
        "criteria": found.criteria,
        "told": _told(found),
        "folder": folder,
        "files": dict(files),
        "events": [_event(found, each) for each in found.events],
    }


def shown_text(found: Letter, files: Mapping[str, str], folder: str, today: date) -> str:
    return "\n".join(_shown_lines(found, files, folder, today))


def _shown_lines(found: Letter, files: Mapping[str, str], folder: str, today: date) -> Iterator[str]:
    yield f"letter {found.letter_id}, {found.reference}"
    yield f"to {found.provider} ({found.provider_id}) about {found.period}"
    yield f"dated {found.dated}, an answer asked by {found.answer_by}, {found.reply_days} days from delivery"
    yield f"why: {found.criteria}"
    yield f"told: {_told_text(found.told)}"
    yield standing(found, today)
    for event in found.events:
        yield from _event_lines(found, event)
    yield f"files in {folder}"
    yield from (f"  {name}: {how}" for name, how in files.items())


def _event_lines(found: Letter, event: LetterEvent) -> Iterator[str]:
    what = event.step.value + (f" as {event.outcome.value}" if event.outcome else "")
    at = f"{event.at.date()}" if event.answer else f"{event.at:%Y-%m-%dT%H:%MZ}"
    yield f"{at}  {what}, by {event.by}" + (f": {_indented(event.note)}" if event.note else "")
    if (given := event.answer) is not None:
        late = ", after the term" if is_late(found, given) else ""
        yield f"  {'an objection' if given.objection else 'no objection'}{late}"
        yield f"  quote ({given.language}): {_indented(given.quote)}" if given.quote else "  not to be quoted"
        if given.document:
            yield f"  document kept: {given.document}"


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def _told(found: Letter) -> dict[str, Any]:
    told = asdict(found.told)
    return {"class": told.pop("class_")} | told


def _told_text(told: Told) -> str:
    low, high = _percent(told.within_norm_low), _percent(told.within_norm_high)
    parts = [
        f"class {told.class_}",
        f"{told.n_notices} notices",
        f"{told.n_episodes} Episodes",
        f"within the norm {_percent(told.within_norm)} ({low} to {high})",
        f"worst case {_percent(told.within_norm_worst)}",
        f"best case {_percent(told.within_norm_best)}",
        "no rank" if told.rank is None else f"rank {told.rank}",
        f"freeze {told.freeze[:8]}",
    ]
    return ", ".join(parts)


def _percent(share: float | None) -> str:
    return "not known" if share is None else f"{share:.1%}"


def _event(found: Letter, event: LetterEvent) -> dict[str, Any]:
    given = event.answer
    return {
        "step": event.step.value,
        "at": _instant(event.at),
        "by": event.by,
        "recorded_at": _instant(event.recorded_at),
        "note": event.note or None,
        "outcome": event.outcome.value if event.outcome else None,
        "answer": None if given is None else _answer(found, given),
        "files": dict(event.files),
    }


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _answer(found: Letter, given: Answer) -> dict[str, Any]:
    return asdict(given) | {"late": is_late(found, given)}


def _line(found: Letter, today: date) -> tuple[str, ...]:
    last = found.answers[-1] if found.answers else None
    status = found.status.value + (f" ({found.outcome.value})" if found.outcome else "")
    answered = "" if last is None else f"{last.received_on}{' late' if is_late(found, last) else ''}"
    due = "" if found.due_on is None else f"{found.due_on}{_when(found, today)}"
    return (
        str(found.letter_id),
        found.reference,
        found.provider,
        status,
        str(found.delivered_on or ""),
        due,
        answered,
        waits_for(found, today),
    )


def _when(found: Letter, today: date) -> str:
    """How far off the end of the term is, as long as an answer is awaited."""
    left = _days_left(found, today)
    if left is None:
        return ""
    if left < 0:
        return f" (overdue by {-left} day{'s' if left < -1 else ''})"
    return " (today)" if left == 0 else f" (in {left} day{'s' if left > 1 else ''})"


def _days_left(found: Letter, today: date) -> int | None:
    """Days until the end of the term, None where no answer is awaited."""
    return None if found.due_on is None or not is_due(found) else (found.due_on - today).days

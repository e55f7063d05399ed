"""What is sealed of Letters and their steps, as JSON bytes and back.

In and out: the values of `model/letter.py`. What would surprise: only what is there is written, so that an older
monitor's details read the same.
"""

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from monitor.model.letter import Answer, HearingOutcome, LetterEvent, LetterStep, Told


def letter_details(provider: str, criteria: str, told: Told) -> bytes:
    """The name that a Letter was addressed to, its criteria and the figures it told."""
    return _bytes({"provider": provider, "criteria": criteria, "told": asdict(told)})


def read_letter_details(content: bytes) -> tuple[str, str, Told]:
    """See `letter_details`."""
    found = json.loads(content)
    return found["provider"], found["criteria"], Told(**found["told"])


def event_details(event: LetterEvent) -> bytes | None:
    """Note, answer, outcome and files of a step; None where it has none of them."""
    found: dict[str, Any] = {"note": event.note, "outcome": event.outcome, "files": event.files}
    if (answer := event.answer) is not None:
        found["answer"] = {**asdict(answer), "received_on": answer.received_on.isoformat()}
    found = {name: value for name, value in found.items() if value}
    return _bytes(found) if found else None


def read_event(step: str, at: datetime, by: str, recorded_at: datetime, details: bytes | None) -> LetterEvent:
    """A step as it was recorded; `details` opened."""
    found: dict[str, Any] = json.loads(details) if details else {}
    answer, outcome = found.get("answer"), found.get("outcome")
    return LetterEvent(
        LetterStep(step),
        at,
        by,
        recorded_at,
        note=found.get("note", ""),
        answer=None if answer is None else _answer(answer),
        outcome=None if outcome is None else HearingOutcome(outcome),
        files=tuple((name, sha256) for name, sha256 in found.get("files", ())),
    )


def _answer(found: dict[str, Any]) -> Answer:
    return Answer(**{**found, "received_on": date.fromisoformat(found["received_on"])})


def _bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()

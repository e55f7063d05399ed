"""The file of changes as TOML: its sections, and the values of one entry, each read or refused with a reason.

In: the text. Out: tables, texts, times. What would surprise: a reason names a field of ours, never what was written.
"""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from monitor.errors import InputError, MonitorError
from monitor.model.words import ChangeAction
from monitor.store.registry_log import time_now
from monitor.store.registry_organisations import SeenOrganisation

ENTRY = ("id", "action", "subject", "into", "undoes", "by", "why", "at")
_ORGANISATION = ("id", "registry", "handle", "name", "natural_person", "first_seen_at")
_TOP = ("organisation", "change")
_LARGEST_NUMBER = 2**63


class Code(StrEnum):
    """Why an entry is not taken; stable."""

    NOT_A_TABLE = "not-a-table"
    UNKNOWN_NAME = "unknown-name"
    UNKNOWN_WORD = "unknown-word"
    MISSING_VALUE = "missing-value"
    WRONG_TYPE = "wrong-type"
    BAD_TIME = "bad-time"
    BAD_TEXT = "bad-text"
    EDITED = "edited"
    NO_SUCH_CHANGE = "no-such-change"
    NOT_POSSIBLE = "not-possible"


class EntryProblem(MonitorError):
    """Why one entry is not taken: `reason` holds nothing of it, `field` names the one at fault."""

    def __init__(self, code: Code, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.field = code, reason, field


def tables_of(text: str) -> tuple[list[object], list[object]]:
    """The changes and the organisations of a file, as written. Raises InputError."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOML's own error is a ValueError, a number too long a plain one
        place = str(error).rpartition("(")[2].rstrip(")") if "(at " in str(error) else "somewhere"
        raise InputError(f"The file is no TOML ({place})", "Compare it with `monitor providers export`") from None
    for name in document:
        if name not in _TOP:
            raise InputError(
                "The file has a section of an unknown name", f"The nearest right one is {nearest(name, _TOP)}"
            )
    found = [document.get(name, []) for name in _TOP]
    if not all(isinstance(several, list) for several in found):
        raise InputError("A section is written [so] and not [[so]]", "Write [[change]] before each change")
    return found[1], found[0]


def nearest(name: str, known: Sequence[str]) -> str:
    """The known name that is most like this one."""
    return difflib.get_close_matches(name, known, n=1, cutoff=0)[0]


def organisations_of(entries: list[object]) -> dict[str, SeenOrganisation]:
    """The organisations of the file by id. One that is not written right is not there: what names it is rejected."""
    found = {}
    for entry in entries:
        if not isinstance(entry, dict) or set(entry) - set(_ORGANISATION):
            continue
        key, name, person = entry.get("id"), entry.get("name"), entry.get("natural_person")
        if not isinstance(key, str) or not key.startswith("org-") or not isinstance(name, str | None):
            continue
        if (name or person is True) and len(key) <= 100 and key.isascii() and (name or "").isprintable():
            found[key] = _organisation(key, None if person is True else name, person, entry)
    return found


def _organisation(key: str, name: str | None, person: object, entry: Mapping[str, Any]) -> SeenOrganisation:
    at, handle, registry = entry.get("first_seen_at"), entry.get("handle"), entry.get("registry")
    return SeenOrganisation(
        provider_id=key,
        registry_name=registry if isinstance(registry, str) else key.split("-")[1],
        handle=handle if isinstance(handle, str) and person is not True else None,
        name=name,
        natural_person=person if isinstance(person, bool) else None,
        first_seen_at=at if isinstance(at, datetime) and at.tzinfo else datetime.fromisoformat(time_now()),
    )


def action_of(entry: Mapping[str, Any]) -> ChangeAction:
    """The action. This function and those below raise EntryProblem."""
    word = needed(entry, "action")
    try:
        return ChangeAction(word.lower())
    except ValueError:
        reason = f"No such action; the nearest right one is {nearest(word, [a.value for a in ChangeAction])}"
        raise EntryProblem(Code.UNKNOWN_WORD, reason, "action") from None


def into_of(entry: Mapping[str, Any], action: ChangeAction) -> str | None:
    """The id that a split gave; no other action but merge and distinct has `into`."""
    if action is not ChangeAction.SPLIT and "into" in entry:
        raise EntryProblem(Code.UNKNOWN_NAME, f"{action.value} has no `into`", "into")
    return text_of(entry, "into")


def needed(entry: Mapping[str, Any], name: str) -> str:
    """A text that must be there."""
    text = text_of(entry, name)
    if not text:
        raise EntryProblem(Code.MISSING_VALUE, f"The entry has no {name}", name)
    return text


def text_of(entry: Mapping[str, Any], name: str) -> str | None:
    """A text without the space around it, None where it is missing."""
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise EntryProblem(Code.WRONG_TYPE, f"{name} is no text", name)
    return None if value is None else value.strip()


def texts_of(entry: Mapping[str, Any], name: str) -> list[str]:
    """A text or number, or a list of them, as texts."""
    value = entry[name]
    several = value if isinstance(value, list) else [value]
    if any(isinstance(one, bool) or not isinstance(one, str | int) for one in several):
        if name != "natural_person" or not isinstance(value, bool):
            kind = "a day in quotes" if name in ("valid_from", "until") else "a text or a list of texts"
            raise EntryProblem(Code.WRONG_TYPE, f"{name} is not {kind}", name)
        several = ["yes" if value else "no"]
    if any(isinstance(one, int) and abs(one) > _LARGEST_NUMBER for one in several):
        raise EntryProblem(Code.WRONG_TYPE, f"{name} is a number that is too large", name)
    return [str(one) for one in several]


def time_of(entry: Mapping[str, Any]) -> str:
    """The time in UTC, as `RegistryChange.at` writes it; now where none is written."""
    written = entry.get("at", time_now())
    try:
        said = datetime.fromisoformat(written) if isinstance(written, str) else written
        at = said.astimezone(UTC) if isinstance(said, datetime) and said.tzinfo is not None else None
    except (ValueError, OverflowError):  # the second: of the year 1, a few hours earlier
        at = None
    if at is None:
        raise EntryProblem(Code.BAD_TIME, "at is no time with an offset, such as 2026-01-31T12:00:00Z", "at")
    return at.isoformat()

"""The settings that figures depend on, as the `monitor.toml` of a research copy.

In: the settings in force. Out: TOML with those sections alone. What would surprise: no source is live in a copy, and it
names no server, resolver or person to write to; the mandate is there because the method of a freeze states it.
"""

import json
from datetime import date
from typing import Any

from monitor.config import Settings

_WHOLE = ("mandate", "norms", "minimums", "publication")
_OF_REFDATA = {"oldest_days"}


def settings_text(settings: Settings) -> str:
    """Only what differs from the defaults."""
    sections: dict[str, Any] = {
        name: getattr(settings, name).model_dump(exclude_defaults=True, exclude_none=True) for name in _WHOLE
    }
    sections["refdata"] = settings.refdata.model_dump(include=_OF_REFDATA, exclude_defaults=True)
    sections["sources"] = {name: {"trusted": False} for name, each in settings.sources.items() if not each.trusted}
    lines = ["# Settings of a research copy: those that figures depend on.", ""]
    for name, content in sections.items():
        lines += _section(name, content)
    return "\n".join(lines)


def _section(name: str, content: dict[str, Any]) -> list[str]:
    values = {key: value for key, value in content.items() if not isinstance(value, dict)}
    nested = {key: value for key, value in content.items() if isinstance(value, dict) and value}
    lines = [f"[{name}]", *(f"{key} = {_written(value)}" for key, value in values.items()), ""] if values else []
    for key, value in nested.items():
        lines += _section(f"{name}.{json.dumps(key, ensure_ascii=False)}", value)
    return lines


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, (int, float)) else repr(value)

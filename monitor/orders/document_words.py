"""How a fact of an order is written in its PDF: a time, a number of hours, who wrote it down."""

from datetime import datetime
from typing import Any

from monitor.orders.dossier import Document
from monitor.orders.words import Words

Block = dict[str, Any]


def shown_time(text: str) -> str:
    """2026-03-10 12:00:00 UTC"""
    return f"{column_time(text)} UTC"


def column_time(text: str) -> str:
    """2026-03-10 12:00:00, for a column whose head says that it is UTC."""
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S}"


def hours(hours: float | None, words: Words) -> str:
    return (
        words.label["unknown"]
        if hours is None
        else words.text["hours"].format(hours=f"{hours:g}".replace(".", words.text["point"]))
    )


def recorded(fact: Document, words: Words) -> str:
    said = words.text["by"].format(by=fact["recorded_by"], at=shown_time(fact["recorded_at"]))
    said += f"; {fact['document']}" if fact["document"] else ""
    if fact["undone"]:
        at = shown_time(fact["undone_at"])
        said += ". " + words.text["undone"].format(by=fact["undone_by"], at=at, why=fact["undone_why"])
    return said

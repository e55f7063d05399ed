"""The tables in force and today's date in, what to say about their age out.

The surprise: what counts is `as_of`, the day whose events a table is held to describe, not the day it was imported.
"""

from collections.abc import Sequence
from datetime import date

from monitor.model.release import ReferenceTableInfo
from monitor.model.words import TableKind


def age_warnings(tables: Sequence[ReferenceTableInfo], today: date, oldest_days: float) -> list[str]:
    """One sentence where the routing table in force today (UTC) is older than `oldest_days`, none otherwise.

    Without any routing table there is nothing to be old: then nothing is said here.
    """
    routing = [date.fromisoformat(table.as_of) for table in tables if table.kind == TableKind.PREFIXES]
    in_force = max((day for day in routing if day <= today), default=None)
    if in_force is None:
        return ["no routing table is in force yet: each one is of a day to come"] if routing else []
    days = (today - in_force).days
    if days <= oldest_days:
        return []
    return [
        f"the routing table in force is of {in_force}, {days} days old (more than {oldest_days:g}): later events are "
        "attributed in doubt; `monitor refdata update` or `monitor refdata import` brings a newer one"
    ]

"""What each frozen row adds to the counts of a Scorecard, so that every count is a sum over the lines.

In: rows in their order. Out: numbers by the count's name. What would surprise: what a Scorecard counts once (a URL, a
site, a day) is 1 in its first line and 0 in the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.model.columns import UNKNOWN, UNKNOWN_AT
from monitor.model.words import End, EpisodeStatus, NoticeStatus, Outcome
from monitor.provider_files.matching import Row
from monitor.provider_files.times import number


@dataclass(slots=True)
class Course:
    """What the lines before leave behind: their number, what was counted once, the last notice of each URL."""

    n: int = 0
    seen: set[tuple[str, str, str, int]] = field(default_factory=set)
    latest_notice: dict[tuple[str, str, int], int] = field(default_factory=dict)  # of Episodes; by role, clock, Target

    def first(self, what: str, row: Row, number_: int) -> int:
        """1 for the first line of its role and clock with that number."""
        key = (what, row["role"], row["clock"], number_)
        if number_ == UNKNOWN or key in self.seen:
            return 0
        self.seen.add(key)
        return 1


_RETURNED = {
    "undelivered_bounced": NoticeStatus.BOUNCED,
    "undelivered_refused": NoticeStatus.REFUSED,
    "undelivered_no_contact": NoticeStatus.NO_CONTACT,
    "undelivered_our_fault": NoticeStatus.FAILED,
}


def counts(course: Course, row: Row) -> Mapping[str, Any]:
    """What the row adds to each count."""
    episode, before = row["status"] == EpisodeStatus.EPISODE, row["status"] == EpisodeStatus.BEFORE_NOTICE
    returned = row["status"] == EpisodeStatus.UNDELIVERED
    end = row["end"] if episode else None
    open_ = end == End.CENSORED
    if episode:
        place = (row["role"], row["clock"], row["target_id"])
        course.latest_notice[place] = max(course.latest_notice.get(place, UNKNOWN_AT), row["notified_at"])
    return {
        "n_notices": course.first("target", row, row["target_id"]) if episode or before else 0,
        "n_episodes": int(episode),
        "n_sites": course.first("site", row, row["site_id"]) if episode else 0,
        "n_clusters": course.first("cluster", row, row["cluster_id"]) if episode else 0,
        "gone_before_notice": int(before),
        "gap_at_notice": int(episode and row["gap_at_notice"]),
        **{name: int(returned and row["notice_status"] == status) for name, status in _RETURNED.items()},
        "misaddressed": int(row["status"] == EpisodeStatus.MISADDRESSED),
        "taken_down": int(end == End.TAKEDOWN),
        "moved": int(end == End.MOVE),
        "domain_gone": int(end == End.DOMAIN),
        "online_at_cutoff": int(open_),
        "inconclusive": int(open_ and row["last_outcome"] != Outcome.ONLINE.word),
        "provisional": int(episode and row["provisional"]),
        "interrupted": int(episode and row["interrupted"]),
        "recurrences": row["recurrence"] if episode else 0,
        "exposure_hours_low": (number(row["exposure_low_hours"]) if episode else None) or 0.0,
        "exposure_hours_high": (number(row["exposure_high_hours"]) if episode else None) or 0.0,
    }

"""The rows that the sample's files hold, and the truth behind them, as frozen values.

In: nothing. Out: `ReportRow`, `CheckRow`, `Truth`, `Case`, and `Paper`, what can be special about a report's paperwork.
What would surprise: `record_id` is a key of our own until all reports are numbered in the order of their arrival.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sample_course import Quirk


class Paper(StrEnum):
    """What is special about the paperwork of one report."""

    NORMAL = "normal"
    WRONG_KNOWN = "notice to another provider"
    WRONG_UNKNOWN = "notice to a name that no registry knows"
    REGISTRAR = "notice to the registrar"
    WITHDRAWN = "withdrawn later"
    NOT_ILLEGAL = "assessed as not illegal"
    NO_NOTICE = "no notice"
    HOST_ONLY = "path withheld"
    FAILED = "notice not sent, our fault"
    ORDER = "an order as well"
    ORDER_ONLY = "an order alone"
    REMINDER = "a further notice"
    SECOND_REPORT = "a second report on the same URL"
    NO_ADDRESS = "no address recorded"
    UNANNOUNCED = "address in no routing table"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of a reports file, columns in file order; empty = not given. `record_id` is a key until numbered."""

    record_id: str
    url: str
    host: str
    reported_at: datetime
    source: str = "hotline"
    notified_at: datetime | None = None
    notice_ref: str = ""
    notice_kind: str = ""
    notice_status: str = ""
    notice_channel: str = ""
    notice_sender: str = ""
    notified_party: str = ""
    notified_capacity: str = ""
    deadline_hours: str = ""
    assessment: str = ""
    assessed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    ip: str = ""
    origin_ip: str = ""
    site_type: str = ""
    known_material: str = ""
    last_online_at: datetime | None = None
    first_offline_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One row of a checks file."""

    record_id: str
    source: str
    checked_at: datetime
    outcome: str
    reason: str
    ip: str
    vantage: str = "hotline-1"


@dataclass(frozen=True, slots=True)
class Truth:
    """One Episode on the request clock as it really went: hours from the notice, by which end."""

    provider_id: str
    notified_at: datetime
    end_hours: float
    end: str


@dataclass(frozen=True, slots=True)
class Case:
    """What one Target leaves in the files, and what is true of it."""

    paper: Paper
    quirk: Quirk
    reports: tuple[ReportRow, ...]
    checks: tuple[CheckRow, ...]
    truths: tuple[Truth, ...]

"""SCART's words -> ours: grades, kinds of URL, kinds of site, statuses of a message and of a report.

In: the text of a cell. Out: a value of `monitor.model`, or what stands for "not known". What would surprise: a cell
that was never set is spelt in six ways (nothing, NULL, `\\N`, a zero date, `(not set)`, `(UNKNOWN)`), and all of them
are "not known", never "no".
"""

from enum import StrEnum

from monitor.model.words import Assessment, NoticeChannel, NoticeStatus, SiteType

_NEVER_SET = frozenset(
    {"", "NULL", r"\N", "0000-00-00", "0000-00-00 00:00:00", "(not set)", "(not set))", "(UNKNOWN)", "(unknown)"}
)
_NO_OWNER = frozenset({"(OWNER EMPTY?!)", "unknown"})
_ILLEGAL, _NOT_ILLEGAL = "illegal", "not_illegal"
GRADES = frozenset({"unset", "ignore", _ILLEGAL, _NOT_ILLEGAL})
_MEDIA = frozenset({"imageurl", "videourl"})
URL_TYPES = _MEDIA | {"mainurl", "screenshot", "unknownurl"}
HOME_COUNTRIES = frozenset({"nl", "nld", "netherlands", "the netherlands", "nederland"})
"""What SCART's contacts call the hotline's own country; where another stands, the hoster is foreign."""
ICCAM_MOVED = "5"
TRUE_WORDS = frozenset({"1", "y", "yes", "true"})

_SITE_TYPES = {
    "website": SiteType.WEBSITE,
    "imagehost": SiteType.IMAGE_HOST,
    "imagestore": SiteType.IMAGE_HOST,
    "imageboard": SiteType.FORUM,
    "filehost": SiteType.FILE_HOST,
    "forum": SiteType.FORUM,
    "bannersite": SiteType.BANNER,
    "linksite": SiteType.LINK_SITE,
    "socialsite": SiteType.SOCIAL,
    "redirector": SiteType.REDIRECTOR,
    "webarchive": SiteType.ARCHIVE,
    "webarchived": SiteType.ARCHIVE,
    "blog": SiteType.BLOG,
    "searchprovider": SiteType.SEARCH,
    "other": SiteType.OTHER,
}
_MESSAGES = {
    "sent_succes": (NoticeStatus.SENT, NoticeChannel.EMAIL),  # spelt so in SCART
    "sent_api_succes": (NoticeStatus.SENT, NoticeChannel.API),
    "sent_failed": (NoticeStatus.FAILED, NoticeChannel.EMAIL),
    "sent_api_failed": (NoticeStatus.FAILED, NoticeChannel.API),
}
STATUS_TAG, IP_TAG, HOSTER_TAG, GRADE_TAG, ICCAM_TAG = TAGS = ("STATUS", "IP", "HOSTER", "CLASSIFY", "ICCAM")
"""What `input_history` tells of."""
_NOT_TRIED = frozenset({"", "init", "grouping", "queued", "queue_directly", "queue_directly_police", "close"})
MESSAGE_STATUSES = _NOT_TRIED | set(_MESSAGES)
OF_REPORT = "input"
RECORD_TYPES = frozenset({"", OF_REPORT, "notification"})
"""What `ntd_url` says of its row: of a report, or of an image on its page (SCART before 2021)."""


class UrlKind(StrEnum):
    """What an online reading of a URL is worth."""

    MEDIA = "media"  # a file: online means that it is there
    PAGE = "page"  # a web page: any screenshot counted as online
    UNKNOWN = "unknown"  # the form does not say


class ReportStatus(StrEnum):
    """The statuses of a report that say something about the material or its hoster."""

    CLOSE_OFFLINE = "close_offline"
    CLOSE_OFFLINE_MANUAL = "close_offline_manual"
    CLOSE = "close"
    HOSTER_CHANGED = "abusecontact_changed"


OTHER_STATUSES = frozenset(
    {
        "open", "scheduler_scrape", "scheduler_ai_analyze", "cannot_scrape", "work", "ai_analyze", "grade",
        "first_police", "scheduler_checkonline", "scheduler_checkonline_manual", "close_double",
    }
)  # fmt: skip
STATUSES = OTHER_STATUSES | {status.value for status in ReportStatus}
_STATUS = {status.value: status for status in ReportStatus}
CLOSED_OFFLINE = (ReportStatus.CLOSE_OFFLINE, ReportStatus.CLOSE_OFFLINE_MANUAL)


def set_value(cell: str) -> str:
    """The cell, stripped; empty where it was never set."""
    cell = cell.strip()
    return "" if cell in _NEVER_SET else cell


def status_of(text: str) -> ReportStatus | None:
    return _STATUS.get(text)


def assessment_of(grade: str) -> Assessment:
    """Only `illegal` is ours to count; anything else that is not `not_illegal` was not assessed."""
    if grade == _ILLEGAL:
        return Assessment.ILLEGAL
    return Assessment.NOT_ILLEGAL if grade == _NOT_ILLEGAL else Assessment.NOT_ASSESSED


def is_final(grade: str) -> bool:
    """Whether the grade is an assessment, so that a change of it is a change of mind."""
    return grade in (_ILLEGAL, _NOT_ILLEGAL)


def url_kind(url_type: str) -> UrlKind:
    if not url_type:
        return UrlKind.UNKNOWN
    return UrlKind.MEDIA if url_type in _MEDIA else UrlKind.PAGE


def site_type(type_code: str) -> SiteType | None:
    """None where SCART's word has no match here, such as `notdetermined`."""
    return _SITE_TYPES.get(type_code.lower().replace("_", "").replace("-", "").replace(" ", ""))


def message_status(status_code: str) -> tuple[NoticeStatus, NoticeChannel] | None:
    """None for a message that was never tried: it told nobody, and that is nobody's fault yet."""
    return _MESSAGES.get(status_code)


def owner_name(owner: str) -> str | None:
    return None if not owner or owner in _NO_OWNER else owner

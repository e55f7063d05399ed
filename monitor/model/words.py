"""The closed sets of the domain. The values are the words that files and tables use."""

from enum import IntEnum, StrEnum


class HostKind(StrEnum):
    NAME = "name"
    IPV4 = "ipv4"
    IPV6 = "ipv6"


class NoticeKind(StrEnum):
    REQUEST = "request"
    ORDER = "order"


class NoticeStatus(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    REFUSED = "refused"
    NO_CONTACT = "no-contact"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def starts_clock(self) -> bool:
        """Sent, delivered and unknown count as told; the others told nobody."""
        return self in (NoticeStatus.SENT, NoticeStatus.DELIVERED, NoticeStatus.UNKNOWN)


class NoticeChannel(StrEnum):
    EMAIL = "email"
    API = "api"
    FORM = "form"
    POST = "post"


class Capacity(StrEnum):
    """In which capacity a Notice told its party."""

    HOSTING = "hosting"
    COMMUNICATION = "communication"
    ACCESS = "access"
    PROXY = "proxy"
    REGISTRAR = "registrar"
    SITE = "site"
    UNKNOWN = "unknown"


class Assessment(StrEnum):
    ILLEGAL = "illegal"
    NOT_ILLEGAL = "not_illegal"
    NOT_ASSESSED = "not_assessed"


class SiteType(StrEnum):
    WEBSITE = "website"
    IMAGE_HOST = "image-host"
    FILE_HOST = "file-host"
    FORUM = "forum"
    BANNER = "banner"
    LINK_SITE = "link-site"
    SOCIAL = "social"
    REDIRECTOR = "redirector"
    ARCHIVE = "archive"
    BLOG = "blog"
    SEARCH = "search"
    OTHER = "other"


class Outcome(IntEnum):
    """A rule's reading of an Observation. The numbers are stored; `word` is what files say."""

    INCONCLUSIVE = 0
    ONLINE = 1
    OFFLINE = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class Cause(IntEnum):
    """What an OFFLINE reading is about: the material, the server, or the name."""

    NONE = 0
    CONTENT = 1
    HOST = 2
    DOMAIN = 3


CAUSE_OF_REASON = {"nxdomain": Cause.DOMAIN, "no-address": Cause.DOMAIN, "refused": Cause.HOST}
"""Recorded checks: the reasons with a cause of their own; every other reason has cause content."""


class End(StrEnum):
    """How an Episode ended."""

    TAKEDOWN = "takedown"
    MOVE = "move"
    DOMAIN = "domain"
    CENSORED = "censored"


class EpisodeStatus(StrEnum):
    """Whether a notified Target is an Episode, and if not, why not."""

    EPISODE = "episode"
    BEFORE_NOTICE = "before_notice"
    UNDELIVERED = "undelivered"
    MISADDRESSED = "misaddressed"


class AddresseeMatch(StrEnum):
    """Who the Notice told, beside the Provider attributed at that moment."""

    ATTRIBUTED = "attributed"  # no addressee was recorded: the party attributed at that moment
    SAME = "same"  # the registry knows the addressee as the attributed Provider
    OTHER = "other"  # the registry knows the addressee as another Provider
    UNRECOGNISED = "unrecognised"  # the registry does not know the name
    OTHER_CAPACITY = "other-capacity"  # told as registrar, site, proxy...: not as hoster
    UNKNOWN = "unknown"  # nobody is attributed, so nobody can be compared


class Role(StrEnum):
    NETWORK = "network"
    AS = "as"
    PROXY = "proxy"
    SITE = "site"
    CUSTOMER = "customer"


class AttributionBasis(StrEnum):
    """Which address an attribution was made from, best first."""

    READING = "reading"  # the last conclusive reading at or before the notice
    REPORT = "report"  # the report's `ip`
    LITERAL = "literal"  # the URL holds an IP literal
    RESOLUTION = "resolution"
    ORIGIN = "origin"  # the report's `origin_ip`, behind a reverse proxy
    NONE = "none"


class Unattributed(StrEnum):
    """Why an address or a Target has no Provider."""

    NO_ADDRESS = "no-address"
    NO_TABLE = "no-table"  # no routing table that is not younger than the event
    NO_PREFIX = "no-prefix"  # the table announces nothing that covers the address
    SEVERAL_ORIGINS = "several-origins"  # one prefix, several origin AS numbers
    SEVERAL = "several"  # addresses of several Providers
    FRONTED = "fronted"  # a reverse proxy whose origin is not known


class ClassLabel(StrEnum):
    MEETS = "meets"
    BELOW = "below"
    NOT_PROVEN = "not-proven"
    TOO_FEW = "too-few"


class ReleaseKind(StrEnum):
    INTERIM = "interim"
    FINAL = "final"


class TableKind(StrEnum):
    """Kinds of reference table."""

    PREFIXES = "prefixes"
    AS_NAMES = "as-names"
    FRONTING = "fronting"


class InputKind(StrEnum):
    REPORTS = "reports"
    CHECKS = "checks"

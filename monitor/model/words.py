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
    RESOLUTION = "resolution"  # our own, the last one at or before the notice
    LATER_RESOLUTION = "later-resolution"  # our own, the first one in the day after the notice
    ORIGIN = "origin"  # the report's `origin_ip`, behind a reverse proxy
    OVERRIDE = "override"  # a person's decision on this record
    NONE = "none"


class Doubt(StrEnum):
    """Why an attribution has less than full confidence. A row can have several."""

    OLD_READING = "old-reading"  # read before the report, which states an address of another Provider
    STATED_ADDRESS = "stated-address"  # the report's `ip`: nobody read it at or before the notice
    OWN_RESOLUTION = "own-resolution"  # DNS as we saw it before the notice, no check's address
    LATER_RESOLUTION = "later-resolution"  # DNS as we saw it after the notice
    STATED_ORIGIN = "stated-origin"  # behind a reverse proxy, the origin as the hotline wrote it
    STATED_PROXY = "stated-proxy"  # a report states an origin behind it, not known to us or not stated in this one
    AS_STANDS_IN = "as-stands-in"  # the registered network is not known: the origin AS stands in
    CHANGED_SINCE = "changed-since"  # the registration was changed after the event
    UNDATED = "undated"  # the registration bears no date
    KIND_UNKNOWN = "kind-unknown"  # the registry does not say whether the range was handed on
    ASKED_LATER = "asked-later"  # the registry was asked after the cut-off
    PERSON = "person"  # registered to a natural person: the origin AS stands in
    NO_CUSTOMER = "no-customer"  # no sub-allocation is known: the holder of the network stands in
    OLD_TABLE = "old-table"  # the routing table was older than the configured age
    TABLE_MADE_LATER = "table-made-later"  # the routing table was made after the event
    PROXY_BY_AS = "proxy-by-as"  # no provider bears the proxy's name: the origin AS stands in
    PROXY_LATER = "proxy-later"  # a later table lists the address as a reverse proxy's; none up to the event does
    OVERRIDDEN = "overridden"  # a person decided it


class DnsStatus(StrEnum):
    """What one Resolution came to. Values are stored; each is told apart because each means something else."""

    ANSWERED = "answered"  # at least one globally routable address
    NO_DATA = "no-data"  # NOERROR without A and AAAA
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"  # the resolver could not be reached: says nothing about the name
    MALFORMED = "malformed"  # an answer that is no DNS message, or not one to our question
    LOOP = "loop"  # the CNAME chain comes back to itself
    TOO_LONG = "too-long"  # the CNAME chain is longer than allowed
    BOGON = "bogon"  # addresses only that nobody may announce: reserved, documentation, unspecified
    REBINDING = "rebinding"  # addresses only that lie in private networks, for a public name
    BAD_NAME = "bad-name"  # the host is no name that can be asked for


class AddressKind(StrEnum):
    """What an address can be used for. Only `global` ones are attributed or connected to."""

    GLOBAL = "global"
    PRIVATE = "private"  # private, loopback, link-local, unique local, shared
    BOGON = "bogon"  # anything else that is not globally routable


class RegistrationStatus(StrEnum):
    """What one question to a registry came to."""

    FOUND = "found"
    NOT_FOUND = "not-found"
    RATE_LIMITED = "rate-limited"
    REFUSED = "refused"  # 401, 403: the registry will not answer us
    MALFORMED = "malformed"  # truncated or no RDAP answer for an address range
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    SERVER_ERROR = "server-error"
    LOOP = "loop"  # redirects without end


class Purpose(StrEnum):
    """What one exchange of a Check was for."""

    TARGET = "target"  # the URL itself, at one of its host's addresses
    REDIRECT = "redirect"  # a hop that an answer pointed to
    SIBLING = "sibling"  # a made-up path beside the URL: does the server answer everything alike?
    CANARY = "canary"  # a known-good URL: is our own network well?


class Method(StrEnum):
    """The two requests that are ever made; GET asks for one byte and stops when the headers are in."""

    HEAD = "HEAD"
    GET = "GET"


class GetReason(StrEnum):
    """Why a permitted GET followed a HEAD."""

    HEAD_NOT_FOUND = "head-not-found"  # 404 to HEAD
    HEAD_NOT_ALLOWED = "head-not-allowed"  # 405, 501 to HEAD


class Phase(StrEnum):
    """How far one exchange came."""

    NOT_TRIED = "not-tried"  # our own rules forbade it, or there was nothing to connect to
    CONNECT = "connect"  # the connection was being opened
    TLS = "tls"  # connected, TLS was being agreed on
    REQUEST = "request"  # the request was being sent, or no byte of an answer came
    HEADERS = "headers"  # headers began to come
    DONE = "done"  # the headers are in


class ExchangeError(StrEnum):
    """What broke an exchange off. Each is told apart because each means something else."""

    REFUSED = "refused"  # the address refused the connection
    UNREACHABLE = "unreachable"  # host or network on the way there cannot be reached
    OWN_NETWORK = "own-network"  # no route, no address, no socket of our own: says nothing about the server
    TIMEOUT = "timeout"
    RESET = "reset"
    CLOSED = "closed"  # the connection ended before the headers did
    TLS_FAILED = "tls-failed"
    NOT_HTTP = "not-http"
    HEADERS_TOO_LARGE = "headers-too-large"
    INTERIM_FLOOD = "interim-flood"  # 1xx answers without end
    PROXY_FAILED = "proxy-failed"  # the vantage's proxy did not serve us
    ADDRESS_FORBIDDEN = "address-forbidden"  # not globally routable: never connected to
    PORT_FORBIDDEN = "port-forbidden"
    UNRESOLVED = "unresolved"  # a redirect's host has no address
    BAD_LOCATION = "bad-location"  # a redirect to nothing that can be followed
    TOO_MANY_HOPS = "too-many-hops"
    REDIRECT_LOOP = "redirect-loop"


class TlsState(StrEnum):
    """What the certificate said. It is noted and never required."""

    NONE = "none"  # plain HTTP, or no certificate came
    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    SELF_SIGNED = "self-signed"
    WRONG_NAME = "wrong-name"
    UNTRUSTED = "untrusted"  # nobody known signed it


class LocationKind(StrEnum):
    """Where a redirect points, all that is kept of it. The first that fits."""

    SAME_URL = "same-url"  # the same path on the same site: another scheme, a "www." or a slash
    LOGIN = "login"
    HOME = "home"  # the root of a site
    SAME_SITE = "same-site"
    OTHER_SITE = "other-site"


class DueReason(StrEnum):
    """Why a Check is due when it is."""

    FIRST = "first"
    SCHEDULE = "schedule"
    CONFIRMATION = "confirmation"
    AGAIN = "again"  # the last one was void or gave nothing
    RETRY_AFTER = "retry-after"  # the server asked us to wait


class ChangeAction(StrEnum):
    """What people do to the registry."""

    MERGE = "merge"
    SPLIT = "split"
    ASSIGN = "assign"
    SET = "set"  # a name, an alias, the legal identity, a group, a contact
    OVERRIDE = "override"  # one record is this Provider's
    DISTINCT = "distinct"  # two Providers are not the same, whatever their names suggest
    UNDO = "undo"


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
    ORDERS = "orders"  # an authority's own register of orders


FIRST_NTD = "firstntd_at"
"""The reference of a request that is known by SCART's field of this name alone: not which message, nor to whom."""


class Addressees(StrEnum):
    """Which names of addressees SCART's notices keep."""

    NAMED = "named"  # all; a name that the registry does not know is held against nobody until it does
    KNOWN = "known"  # those of the registry; any other notice is taken to have told the party attributed at its moment


class InputFormat(StrEnum):
    """What `import --format` can be told; `auto` goes by the columns."""

    AUTO = "auto"
    REPORTS = "reports"
    CHECKS = "checks"
    SCART = "scart"

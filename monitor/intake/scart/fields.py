"""What a form of SCART is made of: its columns, what each is taken for, and why others are left.

In: nothing. Out: `Form`, `Field`, `FormSpec`, and the reasons that several tables share. What would surprise: the
words of a `Field` are those of `docs/scart.md` and of the dry run: they are written for people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """One file is one of these."""

    REPORTS = "reports-csv"
    CLASSIFIED = "classified"
    WHOIS = "whois"
    ALL = "all"
    NTD = "ntd"
    NTD_CLOSED = "ntdclosed"
    TABLE_INPUT = "table input"
    TABLE_NTD = "table ntd"
    TABLE_NTD_URL = "table ntd_url"
    TABLE_CONTACT = "table abusecontact"
    TABLE_HISTORY = "table input_history"


class Field(StrEnum):
    """What a column is taken for. The value says it in the words of our own format."""

    RECORD = "`record_id`"
    URL = "`url`"
    HOST = "`host` (has to be that of the URL; alone where the URL is withheld)"
    IP = "`ip`; where neither URL nor host is given, the host"
    URL_TYPE = "what an online reading is worth: a file, or a web page (then inconclusive)"
    RECEIVED = "`reported_at`"
    CLASSIFIED = "`assessed_at`: the time of the classification, not of the report"
    LAST_SEEN = "a recorded check at this time"
    FIRST_NTD = "`notified_at`, where no message says it; empty is not known, never not notified"
    GRADE = "`assessment`; only `illegal` is counted"
    STATUS = "`close_offline*`: offline at `--exported-at`, where that is given and no history says when"
    SITE = "`site_type`"
    HASH_AT = "whether the hash service was asked at all; without it `known_material` is not known"
    HASH = "`known_material`"
    ID = "joins the tables"
    INPUT = "joins the row of `input`"
    HOSTER = "joins the hoster of today to its messages"
    DELETED = "a deleted row is not taken"
    TOLD_URL = "has to be the URL of the report that it joins"
    MESSAGE = "`notice_ref`"
    MESSAGE_STATUS = "`notice_status`: `sent_succes` and `sent_api_succes` are sent, `*_failed` failed"
    MESSAGE_TIME = "`notified_at`, the earliest to each hoster"
    MESSAGE_TYPE = "`notice_channel`, where the status does not say"
    CONTACT_TYPE = "`notified_capacity`; hosters alone are taken"
    CONTACT = "joins the addressee"
    OWNER = "`notified_party`"
    COUNTRY = "a report that is closed while its hoster is foreign is `moved`"
    RECORD_TYPE = "`input` alone is taken"
    TAG = "STATUS, IP, HOSTER, CLASSIFY and ICCAM are read"
    OLD = "what stood before: the address, the grade"
    NEW = "what stands from then on: the status, the address, the hoster, the grade, the ICCAM outcome"
    AT = "the time of the recorded check"


class Quoting(StrEnum):
    NONE = "none"  # a semicolon in a cell breaks the row
    BACKSLASH = "backslash"  # every cell quoted, a final semicolon
    ANY = "any"  # as the database's tool writes it; a cell can hold line ends


@dataclass(frozen=True, slots=True)
class FormSpec:
    """One form. `takes` column -> field, `leaves` column -> why it is not taken."""

    quoting: Quoting
    known_by: frozenset[str]  # all of them in the header
    not_with: frozenset[str]  # none of them
    fields: tuple[Field, ...]  # the order in which cells are handed on
    takes: Mapping[str, Field]
    leaves: Mapping[str, str]
    requires: tuple[str, ...]
    cannot_say: str

    @property
    def of_reports(self) -> bool:
        return self.fields is REPORT_FIELDS


REPORT_FIELDS = (
    Field.RECORD, Field.URL, Field.HOST, Field.IP, Field.URL_TYPE, Field.RECEIVED, Field.CLASSIFIED, Field.LAST_SEEN,
    Field.FIRST_NTD, Field.GRADE, Field.STATUS, Field.SITE, Field.HASH_AT, Field.HASH, Field.ID, Field.HOSTER,
    Field.DELETED,
)  # fmt: skip

POLICE = "police matters are not ours"
FREE = "free text"
ICCAM = "ICCAM's own administration"
TODAY = "the hoster or registrar of the day of the export, not the one that was told"
REGISTRAR = "no clock runs for a registrar"
ROW = "the database's own administration"
COUNT = "a count of SCART's checks, without their times"
CONTACT_DATA = "contact data come from the registry of providers"
SITE_OWNER = "no clock runs for a site's owner"
CHANNEL = "how the report came to the hotline; `source` here is --source"

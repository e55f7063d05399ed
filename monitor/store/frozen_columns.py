"""The columns of `episodes.parquet`: name, kind and meaning of each, and how each kind is written.

One list serves the Parquet file, the digest, the reading back and a codebook. What would surprise: in the table
"not known" is a number (NaN, -1, the smallest int64); in the file it is null, and an infinite `right_hours` (the
end was not seen) is null too: `status` tells the two apart.
"""

from dataclasses import dataclass
from enum import StrEnum

from monitor.model.columns import UNKNOWN, UNKNOWN_AT


class ColumnKind(StrEnum):
    """The words are part of the digest (docs/decisions/005-freeze-digest.md)."""

    TEXT = "text"
    TIME = "time"  # instant, to the microsecond
    REFERENCE = "reference"  # dense integer or AS number, null = not known
    COUNT = "count"
    NUMBER = "number"  # hours or a weight, null = not known or infinite
    FLAG = "flag"
    TERNARY = "ternary"  # true, false or not known


_SQL_TYPES = {
    ColumnKind.TEXT: "VARCHAR",
    ColumnKind.TIME: "TIMESTAMP WITH TIME ZONE",
    ColumnKind.REFERENCE: "BIGINT",
    ColumnKind.COUNT: "BIGINT",
    ColumnKind.NUMBER: "DOUBLE",
    ColumnKind.FLAG: "BOOLEAN",
    ColumnKind.TERNARY: "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class FrozenColumn:
    """One column; `meaning` is one line of a codebook, English."""

    name: str
    kind: ColumnKind
    meaning: str

    @property
    def sql_type(self) -> str:
        return _SQL_TYPES[self.kind]

    @property
    def to_file(self) -> str:
        """SQL that makes the file's value out of the table's number."""
        match self.kind:
            case ColumnKind.TIME:
                known = f'CASE WHEN "{self.name}" <> {UNKNOWN_AT} THEN make_timestamp("{self.name}") END'
            case ColumnKind.REFERENCE:
                known = f'CASE WHEN "{self.name}" <> {UNKNOWN} THEN "{self.name}" END'
            case ColumnKind.NUMBER:
                known = f'CASE WHEN isfinite("{self.name}") THEN "{self.name}" END'
            case ColumnKind.TERNARY:
                known = f'CASE WHEN "{self.name}" >= 0 THEN "{self.name}" = 1 END'
            case _:
                known = f'"{self.name}"'
        return f'CAST({known} AS {self.sql_type}) AS "{self.name}"'

    @property
    def from_file(self) -> str:
        """SQL that makes the table's number out of the file's value."""
        match self.kind:
            case ColumnKind.TIME:
                known = f'coalesce(epoch_us("{self.name}"), {UNKNOWN_AT})'
            case ColumnKind.REFERENCE:
                known = f'coalesce("{self.name}", {UNKNOWN})'
            case ColumnKind.NUMBER:
                known = f"coalesce(\"{self.name}\", 'nan'::DOUBLE)"
            case ColumnKind.TERNARY:
                known = f'coalesce(CAST("{self.name}" AS TINYINT), {UNKNOWN})'
            case _:
                known = f'"{self.name}"'
        return f'{known} AS "{self.name}"'


_TEXT, _TIME, _REFERENCE, _COUNT = ColumnKind.TEXT, ColumnKind.TIME, ColumnKind.REFERENCE, ColumnKind.COUNT
_NUMBER, _FLAG, _TERNARY = ColumnKind.NUMBER, ColumnKind.FLAG, ColumnKind.TERNARY

EPISODE_COLUMNS = (
    FrozenColumn("record_id", _TEXT, "The hotline's reference of the report (restricted)"),
    FrozenColumn("source", _TEXT, "Who handed the report over"),
    FrozenColumn("target_id", _REFERENCE, "Dense number of the Target in this freeze"),
    FrozenColumn("site_id", _REFERENCE, "Dense number of the Target's site in this freeze"),
    FrozenColumn("provider_id", _TEXT, "Provider, or site, that the Target was attributed to at the notice"),
    FrozenColumn("asn", _REFERENCE, "Origin AS number at the notice; null = not known"),
    FrozenColumn("role", _TEXT, "In which role the Provider is seen: network, as, proxy, site, customer"),
    FrozenColumn("clock", _TEXT, "request or order"),
    FrozenColumn("status", _TEXT, "episode, before_notice, undelivered or misaddressed"),
    FrozenColumn("site_type", _TEXT, "Kind of site as the hotline recorded it"),
    FrozenColumn("reported_at", _TIME, "Received by the hotline, UTC"),
    FrozenColumn("notified_at", _TIME, "Notice that starts the clock, UTC; all hours run from it"),
    FrozenColumn("notice_sender", _TEXT, "Who sent the notice"),
    FrozenColumn("notice_status", _TEXT, "sent, delivered, unknown, bounced, refused, no-contact or failed"),
    FrozenColumn("addressee_match", _TEXT, "Whom the notice told, beside the Provider attributed"),
    FrozenColumn("fronted", _FLAG, "The address belonged to a reverse proxy"),
    FrozenColumn("attribution_confidence", _TEXT, "How sure the attribution is"),
    FrozenColumn("known_material", _TERNARY, "The hotline's hash service knew the material; null = not known"),
    FrozenColumn("country", _TEXT, "Country of establishment of the Provider, with its own source"),
    FrozenColumn("page_target", _FLAG, "Read as a page that answers: does not show that the material is there"),
    FrozenColumn("n_checks", _COUNT, "Checks between the notice and the cut-off"),
    FrozenColumn("left_hours", _NUMBER, "Hours from notice to the last ONLINE before the end"),
    FrozenColumn(
        "right_hours", _NUMBER, "Hours from notice to the first sign of the end; null in an Episode = not seen"
    ),
    FrozenColumn("end", _TEXT, "takedown, move, domain or censored; null if no Episode"),
    FrozenColumn("lower0_hours", _NUMBER, "Gap at notice: last ONLINE before the notice, or the report (negative)"),
    FrozenColumn("weight", _NUMBER, "Weight of a gap in estimates"),
    FrozenColumn("deadline_hours", _NUMBER, "An order's own deadline; null = not known"),
    FrozenColumn("first_left_hours", _NUMBER, "left_hours of the first takedown, where the material came back"),
    FrozenColumn("first_right_hours", _NUMBER, "right_hours of the first takedown, where the material came back"),
    FrozenColumn("tail_from_hours", _NUMBER, "Start of an inconclusive tail"),
    FrozenColumn("last_outcome", _TEXT, "Last reading before the cut-off: online, offline or inconclusive"),
    FrozenColumn("moved_to", _TEXT, "Provider that the Target moved to"),
    FrozenColumn("exposure_low_hours", _NUMBER, "Hours online after the notice, at least; capped at 720"),
    FrozenColumn("exposure_high_hours", _NUMBER, "Hours online after the notice, at most; capped at 720"),
    FrozenColumn("cluster_id", _REFERENCE, "Dense number of Provider and UTC day of notice"),
    FrozenColumn("recurrence", _COUNT, "Times that the Target was online again after the end"),
    FrozenColumn("provisional", _FLAG, "The end is younger than seven days at the cut-off"),
    FrozenColumn("interrupted", _FLAG, "There was an earlier takedown that did not last"),
    FrozenColumn("gap_at_notice", _FLAG, "Not seen ONLINE at or after the notice: may have ended before it"),
    FrozenColumn("rule_version", _TEXT, "Version of the rules that made this row"),
    FrozenColumn("unattributed_reason", _TEXT, "Why there is no Provider"),
    FrozenColumn("attribution_basis", _TEXT, "Which address the attribution was made from"),
    FrozenColumn("attribution_doubts", _TEXT, "Why the attribution has less than full confidence, joined by ;"),
    FrozenColumn("flaps", _COUNT, "Stretches at another Provider that were over within a day: shown, no move"),
)
"""In the order of the file, which is that of `EpisodeTable`."""
SCHEMES = {1: EPISODE_COLUMNS[:-2], 2: EPISODE_COLUMNS}
"""The columns by the number of the digest's scheme. Of scheme 1 nothing is written any more; it is still read."""
SCHEME = 2

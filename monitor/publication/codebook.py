"""The codebook: every field of every table, with type, unit and meaning.

In: the fields of the Scorecard, curves, trend, sensitivity, groups and evidence. Out: rows that the codebook page,
`codebook.csv`, `datapackage.json` and the Parquet types are made from, so that they cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from monitor.model.scorecard import PUBLISHED_HOURS, Scorecard
from monitor.publication.phrases import DOUBT_SENTENCES
from monitor.publication.texts import N_, Texts

SHARE, HOURS, COUNT, NONE = "share", "hours", "count", ""
_EACH: Mapping[str, tuple[str, str, str]] = {
    "rank": ("integer", NONE, N_("Place in the ranking, 1 is the lowest shrunken share; empty without a rank")),
    "rank_low": ("integer", NONE, N_("Lowest place that fits the figures: 2.5% point of 4,000 draws")),
    "rank_high": ("integer", NONE, N_("Highest place that fits the figures: 97.5% point of 4,000 draws")),
    "provider_id": ("string", NONE, N_("Stable id of the provider; a code letter where names are not shown")),
    "provider": ("string", NONE, N_("Name of the provider; a code letter where names are not shown")),
    "country": ("string", NONE, N_("Country of establishment; never inferred from an address")),
    "asns": ("array", NONE, N_("AS numbers of the provider")),
    "n_notices": ("integer", COUNT, N_("URLs notified, those already offline before the notice included")),
    "n_episodes": ("integer", COUNT, N_("URLs counted: the denominator of every share")),
    "n_sites": ("integer", COUNT, N_("Sites that the URLs counted were on")),
    "n_clusters": ("integer", COUNT, N_("Days on which notices were sent, for the URLs counted")),
    "gone_before_notice": ("integer", COUNT, N_("URLs already offline before the notice; not counted in any share")),
    "gap_at_notice": ("integer", COUNT, N_("URLs last seen online before the notice and offline after it")),
    "undelivered_bounced": ("integer", COUNT, N_("Notices that bounced")),
    "undelivered_refused": ("integer", COUNT, N_("Notices that the provider refused")),
    "undelivered_no_contact": ("integer", COUNT, N_("Notices not sent, because no contact is published")),
    "undelivered_our_fault": ("integer", COUNT, N_("Notices that failed on the sender's side; held against nobody")),
    "misaddressed": ("integer", COUNT, N_("Notices that went to another party; held against nobody")),
    "taken_down": ("integer", COUNT, N_("URLs that went offline at this provider")),
    "moved": ("integer", COUNT, N_("URLs that went on to another provider while online")),
    "moved_in": ("integer", COUNT, N_("URLs that came from another provider and had no notice here since")),
    "domain_gone": ("integer", COUNT, N_("URLs whose domain name stopped working; not a removal by the provider")),
    "online_at_cutoff": ("integer", COUNT, N_("URLs whose end was not seen before the cut-off")),
    "inconclusive": ("integer", COUNT, N_("Of those: the last check gave no clear answer")),
    "provisional": ("integer", COUNT, N_("URLs that went offline less than seven days before the cut-off")),
    "interrupted": ("integer", COUNT, N_("URLs that were offline in between and came back within seven days")),
    "recurrences": ("integer", COUNT, N_("Times that a URL came back later")),
    "within_norm": ("number", SHARE, N_("Estimated share taken offline within the norm (maximum likelihood)")),
    "within_norm_low": ("number", SHARE, N_("Lower end of the 95% interval of that share")),
    "within_norm_high": ("number", SHARE, N_("Upper end of the 95% interval of that share")),
    "within_norm_worst": ("number", SHARE, N_("Worst case: share certainly taken offline within the norm")),
    "within_norm_best": ("number", SHARE, N_("Best case: share that can have been taken offline within the norm")),
    "within_norm_any_end": ("number", SHARE, N_("Estimated share that ended within the norm in any way")),
    "within_norm_any_end_worst": ("number", SHARE, N_("Worst case, with moves and lost domain names as an end too")),
    "within_norm_any_end_best": ("number", SHARE, N_("Best case, with moves and lost domain names as an end too")),
    "within_norm_shrunk": ("number", SHARE, N_("Estimated share, drawn towards that of all; used to sort only")),
    "identified": ("boolean", NONE, N_("Whether the checks pin the share within the norm down")),
    "median_hours": ("number", HOURS, N_("Hours by which half was taken offline; empty where that is not so")),
    "median_low": ("number", HOURS, N_("Lower end: 95% interval from 40 days of notice on, else range")),
    "median_high": ("number", HOURS, N_("Upper end of the same; empty where no upper limit is known")),
    "median_status": ("string", NONE, N_("Whether the median was reached: reached, not-reached, not-identified")),
    "mean_hours_30d": ("number", HOURS, N_("Mean hours until any end, 720 (30 days) at most")),
    "mean_hours_30d_low": ("number", HOURS, N_("Lower end of it: 95% interval from 40 days of notice on, else range")),
    "mean_hours_30d_high": ("number", HOURS, N_("Upper end of it: 95% interval from 40 days of notice on, else range")),
    "exposure_hours_low": ("number", HOURS, N_("Hours online after the notice, all URLs added, at least")),
    "exposure_hours_high": ("number", HOURS, N_("Hours online after the notice, all URLs added, at most")),
    "report_to_notice_median_hours": ("number", HOURS, N_("Median time from report to notice; the hotline's own")),
    "share_previous": ("number", SHARE, N_("Estimated share within the norm in the previous period, same method")),
    "change": ("number", SHARE, N_("Change of the estimated share since the previous period")),
    "change_low": ("number", SHARE, N_("Lower end of the 95% interval of the change")),
    "change_high": ("number", SHARE, N_("Upper end of the 95% interval of the change")),
    "method_break": ("boolean", NONE, N_("Whether method, schedule, coverage or norm changed: periods do not compare")),
    "class": ("string", NONE, N_("Judgement against the norm: meets, below, not-proven, too-few")),
    "unranked_reason": ("string", NONE, N_("Why there is no rank: no-episodes, few-episodes, few-clusters, other")),
}  # fmt: skip
_WITHIN: Mapping[str, tuple[str, str, str]] = {
    "": ("number", SHARE, N_("Estimated share taken offline within %(hours)s h")),
    "_low": ("number", SHARE, N_("Lowest share at %(hours)s h among all estimates that fit equally well")),
    "_high": ("number", SHARE, N_("Highest share at %(hours)s h among all estimates that fit equally well")),
    "_identified": ("boolean", NONE, N_("Whether the checks pin the share at %(hours)s h down")),
}
_CURVES: Mapping[str, tuple[str, str, str]] = {
    "provider_id": ("string", NONE, N_("Stable id of the provider; empty for all providers together")),
    "hours": ("number", HOURS, N_("Hours since the notice")),
    "share": ("number", SHARE, N_("Estimated share not taken offline; moved or without domain name stays in")),
    "band_low": ("number", SHARE, N_("Lower 95% limit of that estimate")),
    "band_high": ("number", SHARE, N_("Upper 95% limit of that estimate")),
    "low": ("number", SHARE, N_("Share not taken offline in the best case")),
    "high": ("number", SHARE, N_("Share not taken offline in the worst case")),
    "n_episodes": ("integer", COUNT, N_("URLs counted: the denominator of every share")),
}
_TREND: Mapping[str, tuple[str, str, str]] = {
    "period": ("string", NONE, N_("Period")),
    "provider_id": ("string", NONE, N_("Stable id of the provider; empty for all providers together")),
    "n_episodes": ("integer", COUNT, N_("URLs counted: the denominator of every share")),
    "worst": ("number", SHARE, N_("Worst case: share certainly taken offline within the norm")),
    "best": ("number", SHARE, N_("Best case: share that can have been taken offline within the norm")),
    "share": ("number", SHARE, N_("Estimated share taken offline within the norm (maximum likelihood)")),
    "low": ("number", SHARE, N_("Lower end of the 95% interval of that share")),
    "high": ("number", SHARE, N_("Upper end of the 95% interval of that share")),
    "breaks": ("string", NONE, N_("What changed since the period before: method, schedule, coverage, norm")),
}
_SENSITIVITY: Mapping[str, tuple[str, str, str]] = {
    "choice": ("string", NONE, N_("What is chosen otherwise")),
    "provider_id": ("string", NONE, N_("Stable id of the provider; other: all that are not shown")),
    "n_episodes": ("integer", COUNT, N_("URLs counted under that choice")),
    "class_published": ("string", NONE, N_("Judgement as published")),
    "class": ("string", NONE, N_("Judgement under that choice")),
    "share": ("number", SHARE, N_("Estimated share within the norm under that choice")),
    "low": ("number", SHARE, N_("Lower end of the 95% interval of that share")),
    "high": ("number", SHARE, N_("Upper end of the 95% interval of that share")),
    "worst": ("number", SHARE, N_("Worst case: share certainly taken offline within the norm")),
    "best": ("number", SHARE, N_("Best case: share that can have been taken offline within the norm")),
}
_CHOICES: Mapping[str, tuple[str, str, str]] = {
    "choice": ("string", NONE, N_("What is chosen otherwise")),
    "n_classes": ("integer", COUNT, N_("Providers with a judgement, as published or under that choice")),
    "changed": ("integer", COUNT, N_("Of those: the judgement differs")),
    "turned": ("integer", COUNT, N_("Of those: a judgement in both, but another one")),
    "gained": ("integer", COUNT, N_("Of those: a judgement only under that choice")),
    "lost": ("integer", COUNT, N_("Of those: a judgement only as published")),
}
_TOTALS: Mapping[str, tuple[str, str, str]] = {
    "targets": ("integer", COUNT, N_("Different URLs that the notices named")),
    "undelivered": ("integer", COUNT, N_("Not counted: notice did not arrive")),
    "misaddressed": ("integer", COUNT, N_("Not counted: notice went to another party than the provider")),
    "gone_before_notice": ("integer", COUNT, N_("Not counted: already offline before the notice")),
    "unattributed": ("integer", COUNT, N_("Not counted: provider not known; part of episodes")),
    "episodes": ("integer", COUNT, N_("URLs with a running clock, those at a provider that is not known included")),
    "fronted": ("integer", COUNT, N_("Behind a reverse proxy without known origin; not part of the others")),
    "providers": ("integer", COUNT, N_("Providers that notices were about")),
    "doubted": ("integer", COUNT, N_("Attribution with less than full confidence; part of episodes")),
    "flaps": ("integer", COUNT, N_("Stretches at another provider that were over within a day; no move")),
}  # fmt: skip
_NORMS: Mapping[str, tuple[str, str, str]] = {
    "norm": ("string", NONE, N_("Name of the norm")),
    "clock": ("string", NONE, N_("What the hours run from: request, order")),
    "norm_hours": ("number", HOURS, N_("Hours that the norm allows; an order states its own, at most these")),
    "norm_target": ("number", SHARE, N_("Share that should be within the norm")),
}
"""Before the fields of a Scorecard, where there are several norms."""
_GROUPS: Mapping[str, tuple[str, str, str]] = {
    "dimension": ("string", NONE, N_("By what the URLs are divided: site-type, country")),
    "group": (
        "string",
        NONE,
        N_("Kind of site, or country of establishment (ISO 3166); empty: not known; *: others"),
    ),
    "n_providers": ("integer", COUNT, N_("Providers with a URL counted in it")),
    "n_notices": ("integer", COUNT, N_("URLs notified, once for each provider told, those already offline included")),
    "n_episodes": ("integer", COUNT, N_("URLs counted: the denominator of every share")),
    "taken_down": ("integer", COUNT, N_("URLs that went offline at their provider")),
    "within_norm": ("number", SHARE, N_("Estimated shares of its providers within the norm: their mean over its URLs")),
    "within_norm_low": ("number", SHARE, N_("Lower end of the 95% interval of that share")),
    "within_norm_high": ("number", SHARE, N_("Upper end of the 95% interval of that share")),
    "within_norm_worst": ("number", SHARE, N_("Worst case: share certainly taken offline within the norm")),
    "within_norm_best": ("number", SHARE, N_("Best case: share that can have been taken offline within the norm")),
    "median_hours": ("number", HOURS, N_("Hours by which half was taken offline; empty where that is not so")),
    "median_status": ("string", NONE, N_("Whether the median was reached: reached, not-reached, not-identified")),
    "exposure_hours_low": ("number", HOURS, N_("Hours online after the notice, all URLs added, at least")),
    "exposure_hours_high": ("number", HOURS, N_("Hours online after the notice, all URLs added, at most")),
    "report_to_notice_median_hours": ("number", HOURS, N_("Median time from report to notice; the hotline's own")),
}
_EVIDENCE: Mapping[str, tuple[str, str, str]] = {
    "provider_id": ("string", NONE, N_("Stable id of the provider; a code letter where names are not shown")),
    "n_episodes": ("integer", COUNT, N_("URLs counted: the denominator of every share")),
    "n_full": ("integer", COUNT, N_("Of those: attributed with full confidence")),
    "by_network": ("integer", COUNT, N_("Of those: counted for the registered holder of the network")),
    "by_as": ("integer", COUNT, N_("Of those: counted for the holder of the AS number, which stands in")),
    "first_notice": ("date", NONE, N_("Day of the first notice, UTC")),
    "last_notice": ("date", NONE, N_("Day of the last notice, UTC")),
    "asns": ("array", NONE, N_("AS numbers that announced the addresses at the notice")),
    "asn_episodes": ("array", COUNT, N_("URLs by AS number, in the order of these numbers")),
}
"""Before a column for each Doubt."""
UNITS: Mapping[str, str] = {SHARE: N_("share, 0 to 1"), HOURS: N_("hours"), COUNT: N_("count"), NONE: N_("none")}
TABLE_WORDS: Mapping[str, str] = {
    "ranking": N_("One row per provider; the last row holds all providers too small to show"),
    "proxies": N_("The same for reverse proxies, without rank and judgement"),
    "groups": N_("Figures by kind of site and by country of establishment of the provider"),
    "evidence": N_("How the URLs of each provider came to be counted for it; empty where few are meant"),
    "norms": N_("The same as the ranking, under every other norm; orders among them"),
    "curves": N_("Share of URLs not taken offline by hours since the notice"),
    "totals": N_("From notice to figure: one row for the whole period"),
    "trend": N_("Share within the norm by period: estimate, interval, bounds"),
    "sensitivity": N_("Share and judgement of each provider under other choices"),
    "choices": N_("How many judgements change under each choice"),
}
"""In reading order."""


@dataclass(frozen=True, slots=True)
class FieldNote:
    """One field; `type` is a Frictionless type."""

    name: str
    type: str
    unit: str
    meaning: str  # message id, with %(hours)s where `hours` is given
    hours: str = ""

    def words(self, texts: Texts) -> str:
        return texts.gettext(self.meaning).replace("%(hours)s", self.hours)

    def unit_words(self, texts: Texts) -> str:
        return texts.gettext(UNITS[self.unit])


def _within() -> dict[str, FieldNote]:
    return {
        f"within_{hour}h{end}": FieldNote(f"within_{hour}h{end}", *note, hours=str(hour))
        for hour in PUBLISHED_HOURS
        for end, note in _WITHIN.items()
    }


def _notes() -> dict[str, tuple[FieldNote, ...]]:
    within = _within()
    names = [f.name.rstrip("_") for f in fields(Scorecard)]
    ranking = tuple(within[name] if name in within else FieldNote(name, *_EACH[name]) for name in names)
    return {
        "ranking": ranking,
        "proxies": ranking,
        "curves": tuple(FieldNote(name, *note) for name, note in _CURVES.items()),
        "totals": tuple(FieldNote(name, *note) for name, note in _TOTALS.items()),
        "trend": tuple(FieldNote(name, *note) for name, note in _TREND.items()),
        "sensitivity": tuple(FieldNote(name, *note) for name, note in _SENSITIVITY.items()),
        "choices": tuple(FieldNote(name, *note) for name, note in _CHOICES.items()),
        "norms": (*(FieldNote(name, *note) for name, note in _NORMS.items()), *ranking),
        "groups": tuple(FieldNote(name, *note) for name, note in _GROUPS.items()),
        "evidence": (*(FieldNote(name, *note) for name, note in _EVIDENCE.items()), *_doubts()),
    }


def doubt_column(doubt: str) -> str:
    """The column of `evidence` that counts the URLs with this Doubt."""
    return f"doubt_{doubt.replace('-', '_')}"


def _doubts() -> tuple[FieldNote, ...]:
    return tuple(
        FieldNote(doubt_column(doubt), "integer", COUNT, sentence) for doubt, sentence in DOUBT_SENTENCES.items()
    )


NOTES: Mapping[str, tuple[FieldNote, ...]] = _notes()

"""Words for values that come from data: classes, reasons, kinds. Unknown values are shown as they are.

In: a stable code of the model. Out: the message id to translate. Rules and settings of the method come as English
sentences; those listed here have a translation, the others are shown in English and marked so.
"""

from collections.abc import Mapping

from monitor.publication.texts import N_, Texts

CLASSES: Mapping[str, str] = {
    "meets": N_("meets the norm"),
    "below": N_("below the norm"),
    "not-proven": N_("not proven either way"),
    "too-few": N_("too few to judge"),
}
CLASS_SENTENCES: Mapping[str, str] = {
    "meets": N_("Even in the worst case, and with chance allowed for, the norm was met."),
    "below": N_("Even in the best case, with chance allowed for, the norm was not met."),
    "not-proven": N_("From worst to best case, with chance allowed for, the norm can have been met or not."),
    "too-few": N_("There were too few URLs or too few separate days of notices for a judgement."),
}
UNRANKED: Mapping[str, str] = {
    "no-episodes": N_("no URL counted"),
    "few-episodes": N_("too few URLs"),
    "few-clusters": N_("notices on too few days"),
    "other": N_("each too small to show"),
}
UNATTRIBUTED: Mapping[str, str] = {
    "no-address": N_("no network address known"),
    "no-table": N_("no routing table of that date"),
    "no-prefix": N_("address not in the routing table"),
    "several-origins": N_("several networks announce the address"),
    "several": N_("addresses at several providers"),
    "fronted": N_("behind a reverse proxy, origin not known"),
}
DOUBTS: Mapping[str, str] = {
    "old-reading": N_("address read before the report, which states another provider’s"),
    "stated-address": N_("address as the hotline stated it"),
    "own-resolution": N_("address as we looked it up before the notice"),
    "later-resolution": N_("address as we looked it up after the notice"),
    "stated-origin": N_("behind a reverse proxy, origin as the hotline stated it"),
    "stated-proxy": N_("origin stated behind the address, not used"),
    "as-stands-in": N_("origin AS, in place of the registered network"),
    "changed-since": N_("registration changed after the event"),
    "undated": N_("registration without a date"),
    "kind-unknown": N_("registration that does not say its kind"),
    "asked-later": N_("registry asked after the cut-off"),
    "person": N_("network registered to a natural person"),
    "no-customer": N_("no customer of the network known"),
    "old-table": N_("routing table older than it should be"),
    "table-made-later": N_("routing table made after the event"),
    "proxy-by-as": N_("reverse proxy known by its origin AS alone"),
    "proxy-later": N_("listed as a reverse proxy by a later table"),
    "overridden": N_("decided by a person"),
}
DOUBT_SENTENCES: Mapping[str, str] = {
    "old-reading": N_(
        "The address was last read before the report, and the report states an address of another provider."
    ),
    "stated-address": N_("No check read the address before the notice: the one in the report stands."),
    "own-resolution": N_("The address is the one that the name had when we looked it up before the notice."),
    "later-resolution": N_(
        "The address is what the name had when we looked it up after the notice; it can have changed in between."
    ),
    "stated-origin": N_("The URL is behind a reverse proxy; where it is hosted is what the hotline stated."),
    "stated-proxy": N_(
        "A report states an origin behind the address, which is not known to us or not stated in this report."
    ),
    "as-stands-in": N_(
        "To whom the network is registered is not known: the holder of the AS number that announces it stands in."
    ),
    "changed-since": N_(
        "The registration of the network was changed after the event; it can have been another party’s before."
    ),
    "undated": N_("The registration of the network bears no date, so whether it held at the time is not certain."),
    "kind-unknown": N_(
        "The registry does not say whether the range was handed on: it can be a customer’s, or parts of it others’."
    ),
    "asked-later": N_("The registry was asked after the cut-off. Its answer counts for the days that it bears itself."),
    "person": N_(
        "The network is registered to a natural person, who is not named: the holder of the AS number stands in."
    ),
    "no-customer": N_("No sub-allocation is known: the holder of the network stands in for a customer."),
    "old-table": N_("The routing table was older at the notice than the setting allows."),
    "table-made-later": N_("The routing table was made after the event, and may not show what held then."),
    "proxy-by-as": N_("No provider bears the name in the table of proxies: the holder of the AS number stands in."),
    "proxy-later": N_(
        "A later table lists the address as a reverse proxy’s; before that table nothing is known of it."
    ),
    "overridden": N_("A person decided whose it was, with a reason that is on record."),
}
CORRECTIONS: Mapping[str, str] = {
    "notice-status": N_("notice with another delivery status"),
    "notice-time": N_("notice sent at another time"),
    "exclusion": N_("report left out of every figure"),
}
OUTCOMES: Mapping[str, str] = {
    "no-answer": N_("no answer came"),
    "noted": N_("the answer was taken note of"),
    "corrected": N_("the objection led to a correction"),
    "rejected": N_("the objection was not followed"),
}
TABLES: Mapping[str, str] = {
    "prefixes": N_("routing table (network to AS number)"),
    "as-names": N_("names of AS numbers"),
    "fronting": N_("address ranges of reverse proxies"),
}
SITE_TYPES: Mapping[str, str] = {
    "website": N_("website"),
    "image-host": N_("image host"),
    "file-host": N_("file host"),
    "forum": N_("forum"),
    "banner": N_("banner site"),
    "link-site": N_("link site"),
    "social": N_("social network"),
    "redirector": N_("redirector"),
    "archive": N_("archive"),
    "blog": N_("blog"),
    "search": N_("search engine"),
    "other": N_("another kind of site"),
}
ROLES: Mapping[str, str] = {
    "network": N_("registered network"),
    "as": N_("origin AS"),
    "proxy": N_("reverse proxy"),
    "site": N_("site"),
    "customer": N_("customer of the network"),
}
MEDIANS: Mapping[str, str] = {
    "reached": N_("reached"),
    "not-reached": N_("not reached: less than half was taken offline"),
    "not-identified": N_("not determined by the checks"),
}
BREAKS: Mapping[str, str] = {
    "method": N_("the method changed"),
    "schedule": N_("the schedule of checks changed"),
    "coverage": N_("the sources of the reports changed"),
    "norm": N_("the norm changed"),
}
CHOICES: Mapping[str, str] = {
    "first-takedown": N_("first takedown"),
    "tail-removed": N_("unclear endings as removed"),
    "tail-online": N_("unclear endings as online"),
    "without-pages": N_("without pages"),
    "site-clusters": N_("chance by site"),
    "role-as": N_("by origin AS"),
    "cutoff-week-earlier": N_("cut-off a week earlier"),
}
CHOICE_SENTENCES: Mapping[str, str] = {
    "first-takedown": N_("A URL that went offline and came back ends at the first time it went offline, not the last."),
    "tail-removed": N_("A URL whose last checks gave no clear answer counts as taken offline at the first of those."),
    "tail-online": N_("A URL whose last checks gave no clear answer counts as online until the cut-off."),
    "without-pages": N_(
        "URLs of web pages are left out: a page that answers does not show that the material is there."
    ),
    "site-clusters": N_("Chance is measured between sites instead of between days of notice."),
    "role-as": N_("A URL counts for the holder of the AS number that announces its address, not of the network."),
    "cutoff-week-earlier": N_("What was seen in the last week before the cut-off is left out."),
}


def phrase(texts: Texts, words: Mapping[str, str], code: str | None) -> str:
    """The words for `code`, the code itself where there are none, "not known" for None."""
    if code is None:
        return texts.gettext("not known")
    return texts.gettext(words.get(code, code))

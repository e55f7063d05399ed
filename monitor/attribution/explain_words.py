"""The words of an explanation: what each basis, doubt, reason and match means, in one clause each.

In: a word of `monitor.model.words`. Out: the clause that a clerk or counsel reads. What would surprise: every member
of each set has a clause (a test holds them together), so a new doubt cannot go unexplained.
"""

from collections.abc import Mapping

from monitor.model.words import AddresseeMatch, AttributionBasis, Doubt, NoticeStatus, Unattributed

BASES: Mapping[str, str] = {
    AttributionBasis.READING.value: "by the address of the last conclusive check at or before the notice",
    AttributionBasis.REPORT.value: "by the address that the report states",
    AttributionBasis.LITERAL.value: "by the address in the URL itself",
    AttributionBasis.RESOLUTION.value: "by our own DNS resolution, the last one before the notice",
    AttributionBasis.LATER_RESOLUTION.value: "by our own DNS resolution, the first one in the day after the notice",
    AttributionBasis.ORIGIN.value: "by the origin behind the reverse proxy, as the report states it",
    AttributionBasis.OVERRIDE.value: "by a person's decision on this record",
    AttributionBasis.NONE.value: "by nothing: no address is known",
}
DOUBTS: Mapping[str, str] = {
    Doubt.OLD_READING.value: "the address was read before the report, which states one of another provider",
    Doubt.STATED_ADDRESS.value: "the address is the one that the report states; no check read it by then",
    Doubt.OWN_RESOLUTION.value: "the address comes from our own resolution before the notice, not from a check",
    Doubt.LATER_RESOLUTION.value: "the address comes from our own resolution after the notice",
    Doubt.STATED_ORIGIN.value: "it is behind a reverse proxy, and the origin is the one that the report states",
    Doubt.STATED_PROXY.value: "a report states an origin behind it, not known to us or not stated in this report",
    Doubt.AS_STANDS_IN.value: "to whom the network is registered is not known: the origin AS stands in",
    Doubt.CHANGED_SINCE.value: "the registration was changed after the event",
    Doubt.UNDATED.value: "the registration bears no date",
    Doubt.KIND_UNKNOWN.value: "the registry does not say whether the range was handed on",
    Doubt.ASKED_LATER.value: "the registry was asked after the cut-off; its answer is dated by itself",
    Doubt.ASKED_LATER.value: "the registry was asked only after the cut-off",
    Doubt.PERSON.value: "the network is registered to a natural person, who is not named: the origin AS stands in",
    Doubt.NO_CUSTOMER.value: "no customer is named in the registration: the holder of the network stands in",
    Doubt.OLD_TABLE.value: "the routing table was older than the configured age",
    Doubt.TABLE_MADE_LATER.value: "the routing table was made after the event",
    Doubt.PROXY_BY_AS.value: "no provider bears the name in the table of proxies: the origin AS stands in",
    Doubt.PROXY_LATER.value: "a later table lists the address as a reverse proxy's; before it nothing is known of that",
    Doubt.OVERRIDDEN.value: "a person decided it",
}
REASONS: Mapping[str, str] = {
    Unattributed.NO_ADDRESS.value: "no address is known",
    Unattributed.NO_TABLE.value: "no routing table is as old as the event",
    Unattributed.NO_PREFIX.value: "the routing table announces nothing that covers the address",
    Unattributed.SEVERAL_ORIGINS.value: "several AS numbers announce the prefix",
    Unattributed.SEVERAL.value: "its addresses lead to several providers",
    Unattributed.FRONTED.value: "it is behind a reverse proxy whose origin is not known",
}
MATCHES: Mapping[str, str] = {
    AddresseeMatch.ATTRIBUTED.value: "names no addressee, so it counts as sent to the party attributed at that moment",
    AddresseeMatch.SAME.value: "was addressed to this party",
    AddresseeMatch.OTHER.value: "was addressed to another provider of the registry",
    AddresseeMatch.UNRECOGNISED.value: "was addressed to a name that the registry does not know",
    AddresseeMatch.OTHER_CAPACITY.value: "told its party in another capacity than this role's",
    AddresseeMatch.UNKNOWN.value: "is held against nobody, because nobody is attributed",
}
RETURNED: Mapping[str, str] = {
    NoticeStatus.BOUNCED.value: "it bounced",
    NoticeStatus.REFUSED.value: "the party refused it",
    NoticeStatus.NO_CONTACT.value: "no contact was published",
    NoticeStatus.FAILED.value: "the sender failed to send it",
}

"""The rules in force in words, by id, in the order in which they apply: part of the frozen method.

The sentences are what the methodology page shows and what enters the digest: a change of meaning is a new id.
"""

RULES: tuple[tuple[str, str], ...] = (
    (
        "reports-1",
        "Only reports assessed as illegal and not withdrawn before the cut-off count; only facts earlier than the "
        "cut-off are used.",
    ),
    (
        "clock-1",
        "The clock starts at the first notice to a party that was sent or delivered; an unknown delivery status "
        "counts as sent. A reminder to a party whose episode still runs starts nothing.",
    ),
    (
        "addressee-2",
        "A notice to another party than the one attributed at that moment, to a name that the registry does not "
        "know, or in another capacity than hosting, starts no clock; it is counted as told to somebody else. A "
        "notice without an addressee went to the party attributed at that moment, in whichever role it is read.",
    ),
    (
        "delivery-1",
        "A notice that bounced, was refused, found no contact or failed on the sender's side gives no compliance "
        "figure; each is counted as a finding of its own.",
    ),
    (
        "address-1",
        "The address is that of the last conclusive check at or before the notice, else the one in the report, else "
        "the one in the URL, else all those that the name resolved to: when last asked before the notice, or first "
        "asked in the day after it. Addresses of several providers are booked on nobody.",
    ),
    (
        "network-1",
        "The provider is the organisation to which the network around the address was registered on that day, or to "
        "which a person assigned it. An answer of a registry holds from its last change on, and between registration "
        "and last change with a doubt. Where the holder is not known, or is a natural person, the origin AS stands "
        "in.",
    ),
    (
        "as-1",
        "The origin AS is the one in the newest routing table not younger than the event; a prefix of several origin "
        "AS numbers is booked only where all are one provider's.",
    ),
    (
        "customer-1",
        "The organisation named in a sub-allocation is the customer, a role of its own; its network's holder is "
        "whoever the range around it is registered to. Where no customer is named, the holder stands in.",
    ),
    (
        "override-1",
        "What a person decided about one record, with name and reason on the audit log, goes before all tables.",
    ),
    (
        "doubt-1",
        "An attribution has full confidence only where nothing stands in for what is not known; every reason for "
        "less is on the row and counted.",
    ),
    (
        "proxy-2",
        "An address in the range of a reverse proxy, or stated as one by a report that names the origin behind it, "
        "is never booked on a hosting provider: the origin is, where the report names it, else the proxy in a role "
        "of its own, by the name in the table of proxies or else by its AS.",
    ),
    (
        "observe-1",
        "Our own checks look at names, connections, status and headers, never at content. They ask with HEAD; a GET "
        "of one byte, ended when the headers are in, follows only where the mandate permits it and the answer to "
        "HEAD was 404, 405 or 501. Only globally routable addresses are connected to, at each of at most five "
        "redirects too.",
    ),
    (
        "reading-1",
        "Rules observations-1 read our own checks. Online: the answer bears the same strong marks as when the "
        "material was first seen, or is a file where nothing was seen before. Offline: not found, gone or blocked by "
        "law, refused at every address, no such name, or another thing in the file's place that a made-up address "
        "beside it confirms. All else is inconclusive: a server that fails, asks to wait, shuts us out, or answers "
        "with a page.",
    ),
    (
        "neighbours-1",
        "Silence counts as offline only after 24 hours without a break, and while another host of the same origin AS "
        "was reached; a name that every resolver failed to look up counts as gone only after 72 hours.",
    ),
    (
        "canary-1",
        "Each run of our own checks asks known-good addresses before and after. Where they fail, or more than the "
        "configured share of the networks fails at once, its checks are void: kept, counted, and without any "
        "outcome. In a run that was broken off nothing can be read as offline.",
    ),
    (
        "schedule-1",
        "Our own checks come shortly before and after every norm, every published hour and each notice's own "
        "deadline, then daily to day 14 and weekly to day 90. A first offline check is repeated after 15 and 30 "
        "minutes. What is offline goes on being checked, more rarely, to day 90.",
    ),
    (
        "confirm-2",
        "Offline is confirmed by one check of a trusted source, else by three offline checks over at least 30 "
        "minutes with no online check and no void run between them. One online check undoes an unconfirmed run.",
    ),
    (
        "takedown-1",
        "A takedown lies between the last check that found the material online and the first offline check of a "
        "confirmed run that no online check follows within seven days. A run younger than that at the cut-off counts "
        "and is marked provisional.",
    ),
    (
        "gone-1",
        "Material that was confirmed offline at or before the notice makes no episode; it is counted apart.",
    ),
    (
        "gap-1",
        "Where no check found the material online at or after the notice and an end was seen, the removal may lie "
        "before the notice: the worst case counts it as not within the norm, the best case as within.",
    ),
    (
        "move-2",
        "An episode ends as a move when a conclusive check finds the target at another provider; a return within 24 "
        "hours is a flap and no move, and an unknown provider never is, nor a holder beside the origin AS that "
        "stands in for one. The new provider has an episode only from a notice of its own.",
    ),
    (
        "domain-1",
        "An episode ends as domain gone when the name stopped resolving; that is not the hosting provider's takedown.",
    ),
    (
        "censored-1",
        "Without an end before the cut-off the episode is censored at the last check that found the material online.",
    ),
    (
        "bounds-2",
        "Worst case: the share of episodes whose takedown lies within the norm for certain. Best case: the share "
        "whose takedown can lie within it. The same for any end. Each has all episodes of the provider as "
        "denominator and stands beside every estimate.",
    ),
    (
        "estimate-1",
        "The share taken down within so many hours is the nonparametric maximum likelihood estimate for "
        "interval-censored data with competing ends: a move or a domain that is gone ends an episode without being "
        "a takedown. Where several distributions fit equally well, the range over all of them is given. Inside an "
        "interval that the checks do not resolve the estimate is linear, and what was never seen to end adds "
        "nothing. A gap at the notice counts from the notice on, with the part of the gap that lies after it as its "
        "weight.",
    ),
    (
        "identified-1",
        "A figure is identified where its range is at most half a point and the checks around that hour are close: "
        "the 90th percentile of the widths of the intervals that contain it is at most a tenth of the hour, and at "
        "most a tenth of the episodes was lost from view before it; or where worst and best case are within half a "
        "point of one another. Otherwise the figure is shown with the words that the checks do not pin it down.",
    ),
    (
        "interval-2",
        "The 95% interval is Wilson's, of as many episodes as the notices are worth: their number divided by the "
        "design effect, because notices to one provider on one day share a fate. The design effect is the "
        "provider's own (linearised jackknife over days) or the one that follows from the correlation within days "
        "over all providers, whichever is larger. Where all or none were within, no more episodes count than the "
        "checks followed up to that hour. The interval covers the whole range of the estimate.",
    ),
    (
        "median-1",
        "The median is the hour at which half of the episodes are taken down, where that is reached; the mean counts "
        "hours until any end, to 30 days. From 40 days with notices on their intervals come from drawing days again; "
        "below that only the range that the data leave is given.",
    ),
    (
        "order-2",
        "Providers are ordered by their share within the norm after shrinkage towards all providers (beta-binomial, "
        "maximum likelihood), lowest first. The shrunken share sorts and never classifies. The interval of a rank is "
        "that of 95% of 4,000 draws. Below the minimums a provider is listed without a rank.",
    ),
    (
        "class-2",
        "'below' when the one-sided 99% upper limit of the best case, counting any end, is under the target; "
        "'meets' when the one-sided 99% lower limit of the worst case is at least the target; 'too-few' below the "
        "minimums; else 'not-proven'. In a final report 'below' for the network and the request norm also has to "
        "hold when all ranked providers are tested together (Holm, 5%).",
    ),
    (
        "orders-2",
        "For an order each episode has its own deadline, and material that is inaccessible by any means complies. "
        "The share within the deadlines is that of time divided by deadline. A deadline that was not recorded is "
        "taken as the longest that there may be, 12 hours, and as missed in the range and the worst case.",
    ),
    (
        "change-1",
        "The period before is measured again with the same method at its own cut-off. A change is the difference of "
        "the shares, with a 95% interval. Where method, schedule, coverage or norm differ between the two, the "
        "comparison is marked as a break.",
    ),
    (
        "sensitivity-1",
        "Each class is found again under other choices: the first takedown instead of the last, inconclusive tails "
        "as removed and as online, without pages, days of notice replaced by sites, the origin AS instead of the "
        "network, a cut-off a week earlier.",
    ),
)

"""The words of the glossary page, as a reader of the report meets them.

Out: id, term and meaning, the latter two as message ids. What would surprise: an id never changes, pages link it.
"""

from monitor.publication.texts import N_

TERMS: tuple[tuple[str, str, str], ...] = (
    (
        "as-number",
        N_("AS number"),
        N_(
            "The number under which a network is known on the internet. Whoever holds it announces the network’s "
            "addresses, and need not be the one to whom those are registered."
        ),
    ),
    (
        "attribution",
        N_("Attribution"),
        N_(
            "Finding the provider of a URL: from its network address at the moment of the notice, by dated "
            "tables, to whoever held that address then. Where that cannot be done the provider is not known, and "
            "nobody is held to account."
        ),
    ),
    (
        "authority",
        N_("Authority"),
        N_("The public body that can order material to be made inaccessible."),
    ),
    (
        "best-case",
        N_("Best case"),
        N_(
            "The share of URLs that went offline in time if everything that can have gone in time did. It rests "
            "on the checks alone."
        ),
    ),
    (
        "break",
        N_("Break"),
        N_(
            "Something that changed between two periods, such as the method, the schedule of checks, the sources "
            "or the norm. A difference across a break does not show what a provider did."
        ),
    ),
    (
        "check",
        N_("Check"),
        N_(
            "One look at whether a URL answers: at its name, the connection, the status and the headers, never at"
            " content."
        ),
    ),
    (
        "clock",
        N_("Clock"),
        N_(
            "What the hours run on. The clock of a notice starts when the notice goes to the provider, that of an"
            " order when the order does. The time before is not the provider’s."
        ),
    ),
    (
        "code-letter",
        N_("Code letter"),
        N_(
            "What stands in place of a provider’s name where a report names nobody. It means nothing outside that"
            " one report."
        ),
    ),
    (
        "counted",
        N_("Counted"),
        N_(
            "A URL that a notice reached this provider about, and that was not certainly offline before. It is in"
            " the denominator of every share. One URL at one provider counts once for each clock."
        ),
    ),
    (
        "country",
        N_("Country of establishment"),
        N_("Where a provider is established, as a source on record states it. It is never inferred from an address."),
    ),
    (
        "cut-off",
        N_("Cut-off"),
        N_("The moment after which nothing enters a report. What happened later is not known to it."),
    ),
    (
        "doubt",
        N_("Doubt, full confidence"),
        N_(
            "A reason why an attribution can be wrong, kept with the URL and counted. Without one it has full "
            "confidence."
        ),
    ),
    (
        "domain-gone",
        N_("Domain name lost"),
        N_(
            "The name of the site stopped working. Somebody ended it, but not necessarily the hosting provider, "
            "so it is not counted as taken offline."
        ),
    ),
    (
        "estimate",
        N_("Estimate"),
        N_(
            "The share under which what all checks saw is most likely. It lies between worst and best case and "
            "assumes nothing about how the times are spread."
        ),
    ),
    (
        "exposure",
        N_("Hours online"),
        N_(
            "The hours that URLs stayed reachable after the notice, added up, at most 720 hours (30 days) each. "
            "It is given as at least and at most."
        ),
    ),
    (
        "final",
        N_("Final report"),
        N_(
            "The report in which the figures are settled; a later change is a correction, with a number of its "
            "own. Its judgement “below the norm” has to stand a further test of all ranked providers together."
        ),
    ),
    (
        "frozen-dataset",
        N_("Frozen dataset"),
        N_(
            "The facts on which a report rests, fixed at the cut-off and never changed. Its digest, a long number"
            " that any change would alter, stands at the foot of every page."
        ),
    ),
    (
        "gap",
        N_("Gap at the notice"),
        N_(
            "A URL last seen online before the notice and offline after it. It can have gone before the notice: "
            "late in the worst case, in time in the best."
        ),
    ),
    (
        "gone-before",
        N_("Already offline"),
        N_("A URL that was certainly offline before the notice went out. It is counted apart and is in no share."),
    ),
    (
        "hotline",
        N_("Hotline"),
        N_(
            "The organisation that receives reports from the public and other hotlines, assesses them, and asks "
            "providers to remove what is illegal."
        ),
    ),
    (
        "inconclusive",
        N_("Unclear check"),
        N_(
            "A check that shows neither that the material is there nor that it is gone, such as a server that "
            "fails or shuts the checks out. It is never read as removed."
        ),
    ),
    (
        "interim",
        N_("Interim report"),
        N_("A report whose figures can still change before the final one."),
    ),
    (
        "interval",
        N_("95% interval"),
        N_(
            "The values that fit the estimate when chance is allowed for: an interval made in this way holds the "
            "true value in about 95 of 100 cases. It does not say whether a notice or an attribution was right."
        ),
    ),
    (
        "judgement",
        N_("Judgement"),
        N_(
            "Whether a provider meets the norm, is below it, or neither is proven. It goes by worst and best case"
            " with chance allowed for, never by the estimate or the rank."
        ),
    ),
    (
        "median",
        N_("Half offline after"),
        N_(
            "The hours after which half of the URLs counted were taken offline (the median). Where less than half"
            " were, there is none."
        ),
    ),
    (
        "method",
        N_("Method"),
        N_("The rules and calculations that made the figures, under a name that changes when they do."),
    ),
    (
        "misaddressed",
        N_("Told to another party"),
        N_("A notice that went to somebody else than the provider of the URL. It is held against neither."),
    ),
    (
        "move",
        N_("Move"),
        N_(
            "A URL that went on, while online, to another provider. That ends it at the first one and is not "
            "counted as taken offline. The second one is held to account only after a notice of its own."
        ),
    ),
    (
        "network-holder",
        N_("Network holder"),
        N_(
            "The organisation to which a range of addresses is registered. It need not be the one that offers the "
            "hosting: a network can be let."
        ),
    ),
    (
        "no-end-seen",
        N_("No end seen"),
        N_(
            "A URL that was not seen to go offline before the cut-off. It can have gone after the last check that"
            " saw it online; statisticians call it censored."
        ),
    ),
    (
        "norm",
        N_("Norm"),
        N_(
            "The hours allowed, the clock that they run on, and the share of URLs that should be within them. The"
            " methodology says who set it and on what basis."
        ),
    ),
    (
        "not-known",
        N_("Not known"),
        N_(
            "Nobody can say from what was recorded. It is shown as such, and is never counted as removed or as "
            "still there."
        ),
    ),
    (
        "notice",
        N_("Notice"),
        N_(
            "A message in which the hotline asks a party to remove the material at a URL. A report to the hotline"
            " is not yet a notice."
        ),
    ),
    (
        "order",
        N_("Order"),
        N_("A decision of the authority that material has to be made inaccessible, with a deadline of its own."),
    ),
    (
        "other",
        N_("Other (row)"),
        N_("All providers that are each too small to be shown without showing single cases, added up."),
    ),
    (
        "period",
        N_("Period"),
        N_("The days in which a notice has to have gone out for its URL to be in the report, in UTC."),
    ),
    (
        "pinned-down",
        N_("Pinned down by the checks"),
        N_(
            "The checks were close enough together to leave one figure. Where they were not, several figures fit "
            "equally well, and the report says so."
        ),
    ),
    (
        "provider",
        N_("Provider"),
        N_(
            "The organisation held to account for a URL: the holder of the network that the URL was in when the "
            "notice went out, or who stands in for that holder. The methodology says which of the two this report "
            "goes by."
        ),
    ),
    (
        "provisional",
        N_("Provisional end"),
        N_("A URL that went offline less than seven days before the cut-off. It can still come back."),
    ),
    (
        "rank",
        N_("Rank"),
        N_(
            "The place in the order of the share within the norm, 1 being the lowest. The places in brackets fit "
            "the figures as well. It sorts and judges nobody."
        ),
    ),
    (
        "recurrence",
        N_("Came back"),
        N_(
            "A URL that was online again after it had been taken offline. Within seven days it had not ended; "
            "later it is counted as a return."
        ),
    ),
    (
        "report",
        N_("Report to the hotline"),
        N_("A message to the hotline about a URL. The time from report to notice is the hotline’s own."),
    ),
    (
        "reverse-proxy",
        N_("Reverse proxy"),
        N_(
            "A service that passes traffic on and hides where a site is hosted. A URL behind one is held against "
            "a hosting provider only where that provider is known."
        ),
    ),
    (
        "site",
        N_("Site"),
        N_("All URLs of one registered domain name, or of one address. A site can have many URLs."),
    ),
    (
        "taken-offline",
        N_("Taken offline"),
        N_(
            "A URL that was confirmed gone while it was at this provider. When it went is known only to lie "
            "between two checks."
        ),
    ),
    (
        "undelivered",
        N_("Notice that did not arrive"),
        N_("It bounced, was refused, or had nowhere to go. It starts no clock, and is shown as a finding of its own."),
    ),
    (
        "url",
        N_("URL"),
        N_("The address of one image, video or page on the web. No URL, and no name of a site, is in this report."),
    ),
    (
        "worst-case",
        N_("Worst case"),
        N_("The share of URLs that certainly went offline in time. It rests on the checks alone."),
    ),
)

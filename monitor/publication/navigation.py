"""Where a reader can go from any page: a short menu at the top, the full list at the foot.

In: nothing. Out: names of pages and the message ids of their titles, translated by the templates. Every page of which
there is one is in `SECTIONS`, so none can be reached from the first page alone.
"""

from monitor.publication.texts import N_

Entry = tuple[str, str]  # path of the page below its language's root, message id

MENU: tuple[Entry, ...] = (
    ("index.html", N_("Summary")),
    ("change.html", N_("Change")),
    ("charts.html", N_("Charts")),
    ("limits.html", N_("What this report does not say")),
    ("methodology.html", N_("Methodology")),
    ("downloads.html", N_("Data")),
)

SECTIONS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        N_("The figures"),
        (
            ("index.html", N_("Summary and ranking")),
            ("change.html", N_("Change since the previous period")),
            ("charts.html", N_("Charts")),
            ("groups.html", N_("Site types and countries")),
            ("norms.html", N_("Other norms, and orders")),
            ("proxies.html", N_("Reverse proxies")),
            ("unreachable.html", N_("Parties that could not be reached")),
        ),
    ),
    (
        N_("How sure they are"),
        (
            ("account.html", N_("From notice to figure")),
            ("sensitivity.html", N_("Sensitivity")),
            ("limits.html", N_("What this report does not say")),
        ),
    ),
    (
        N_("How they were made"),
        (
            ("methodology.html", N_("Methodology")),
            ("glossary.html", N_("Glossary")),
            ("downloads.html", N_("Data")),
            ("tables/codebook.html", N_("Codebook")),
        ),
    ),
)

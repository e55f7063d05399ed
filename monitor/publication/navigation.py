"""Where a reader can go from any page: a short menu at the top, the full list at the foot.

In: whether the release is final. Out: names of pages and the message ids of their titles, translated by the templates.
Every page of which there is one is in `SECTIONS`, so none can be reached from the first page alone.
"""

from monitor.publication.texts import N_

HEARING = "hearing.html"
"""A page that only a final release has."""
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
            (HEARING, N_("Letters and answers")),
            ("methodology.html", N_("Methodology")),
            ("glossary.html", N_("Glossary")),
            ("downloads.html", N_("Data")),
            ("tables/codebook.html", N_("Codebook")),
        ),
    ),
)


def sections(*, is_final: bool) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """The full list of a release."""
    return tuple(
        (title, tuple(entry for entry in entries if is_final or entry[0] != HEARING)) for title, entries in SECTIONS
    )

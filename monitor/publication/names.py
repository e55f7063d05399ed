"""How a Provider is called on a page: its name, or its code letter where names are not allowed.

In: a Scorecard as shown. Out: text in the language of the page.
"""

import re
from hashlib import sha256

from monitor.model.scorecard import Scorecard
from monitor.publication.formats import Formats
from monitor.publication.hidden import hidden_name, is_unnamed
from monitor.publication.texts import Texts


def provider_name(card: Scorecard, named: bool, texts: Texts) -> str:
    """The name, or "Provider A"; who is never named has a label in the language of the page."""
    if not named:
        return texts.gettext("Provider %(letter)s") % {"letter": card.provider}
    if is_unnamed(card):
        return texts.gettext("provider %(number)s (not named)") % {"number": card.provider_id}
    if card.provider == hidden_name(card.provider_id):
        return texts.gettext("natural person (%(number)s)") % {"number": card.provider_id}
    return card.provider


def other_name(n: int, formats: Formats) -> str:
    """The row of `n` Providers that are each too small to show."""
    one_or_many = formats.texts.ngettext("Other (%(n)s provider)", "Other (%(n)s providers)", n)
    return one_or_many % {"n": formats.number(n)}


def file_name(provider_id: str) -> str:
    """The id where it is safe in a path and in a link, else a digest of it."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}", provider_id):
        return provider_id
    return "p" + sha256(provider_id.encode()).hexdigest()[:16]

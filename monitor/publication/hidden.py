"""Who is never named in a release that names others, and what stands in the place of their names.

In: ReleaseInput. Out: a number for each of them. What would surprise: of a Provider that is no natural person what the
previous report said goes too, for that one may have named it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from monitor.model.provider import person_label
from monitor.model.release import ReleaseInput
from monitor.model.scorecard import Scorecard
from monitor.publication import small_cells

_UNNAMED = re.compile(r"N\d+")


def hidden_numbers(release: ReleaseInput) -> dict[str, str]:
    """A number for each who is never named, by their id, in the order of the rankings: natural persons are P1, P2 and
    so on, other Providers that are not named N1, N2.

    It is that of this release alone: whatever follows from an id would tell it, for there are few AS numbers to try.
    """
    rankings = (release.ranking, *((release.proxies,) if release.proxies else ()), *release.further)
    cards = [card for ranking in rankings for card in ranking.scorecards]
    persons = dict.fromkeys(card.provider_id for card in cards if card.provider == person_label(card.provider_id))
    others = dict.fromkeys(card.provider_id for card in cards if card.provider_id in release.unnamed)
    numbers = {key: f"P{number}" for number, key in enumerate(persons, 1)}
    return numbers | {key: f"N{at}" for at, key in enumerate((key for key in others if key not in persons), 1)}


def hidden_name(number: str) -> str:
    """How one who is never named is called in the tables; pages have it in their language."""
    return f"natural person ({number})" if number.startswith("P") else f"provider {number} (not named)"


def is_unnamed(card: Scorecard) -> bool:
    """Whether a shown Scorecard is of a Provider, no natural person, that is not named although others are."""
    return bool(_UNNAMED.fullmatch(card.provider_id)) and card.provider == hidden_name(card.provider_id)


def without_name(card: Scorecard, numbers: Mapping[str, str]) -> Scorecard:
    """One who is never named under a number that says nothing of who that is; anybody else as they are."""
    if (number := numbers.get(card.provider_id)) is None:
        return card
    card = replace(card, provider_id=number, provider=hidden_name(number), asns=())
    return card if number.startswith("P") else replace(small_cells.without_change(card), country=None)

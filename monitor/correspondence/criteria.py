"""Who is written to, and why somebody is not: the criteria of the configuration, and what stands against a Letter.

In: the Scorecards of a Ranking, what the registry says of each Provider, the settings. Out: who is chosen, the criteria
as a sentence that the Letter shows, and each refusal with its reason. What would surprise: nothing here is guessed. A
Provider of whom nobody has said that it hosts, who it is in law and that it is no natural person gets no Letter.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from monitor.config import Letters
from monitor.model.letter import DraftRefused, Letter, LetterStep
from monitor.model.provider import Provider
from monitor.model.scorecard import Minimums, Scorecard
from monitor.model.words import Capacity, ClassLabel

_SENDER = ("organisation", "postal_address", "answer_to", "signatory", "reference_prefix")
"""Settings without which no letter can be sent or answered."""
_CLASSES = {
    "nl": {
        ClassLabel.MEETS.value: "voldoet aan de norm",
        ClassLabel.BELOW.value: "onder de norm",
        ClassLabel.NOT_PROVEN.value: "niet aangetoond",
        ClassLabel.TOO_FEW.value: "te weinig om te beoordelen",
    },
    "en": {
        ClassLabel.MEETS.value: "meets the norm",
        ClassLabel.BELOW.value: "below the norm",
        ClassLabel.NOT_PROVEN.value: "not proven",
        ClassLabel.TOO_FEW.value: "too few to judge",
    },
}


@dataclass(frozen=True, slots=True)
class Rebooked:
    """What another look at the attribution gave for one Provider: Episodes of the freeze, and how many differ now."""

    n_episodes: int
    n_elsewhere: int  # in the freeze booked on it, and now on somebody else or on nobody
    n_arriving: int  # booked on it now, and in the freeze on somebody else, on nobody, or not there
    n_retimed: int = 0  # booked on it still, from another time of notice on: a person corrected it


def chosen(cards: Iterable[Scorecard], shown: Collection[str], rules: Letters) -> tuple[Scorecard, ...]:
    """Those written to: shown on a page of their own (`shown`: ids), of the classes and the size that the rules ask."""
    fewest = rules.fewest_episodes or 0
    return tuple(
        card
        for card in cards
        if card.provider_id in shown
        and card.n_episodes >= fewest
        and (not rules.classes or card.class_ in rules.classes)
    )


def criteria(rules: Letters, minimums: Minimums) -> dict[str, str]:
    """The criteria as the Letter states them, by language."""
    fewest = max(minimums.named, rules.fewest_episodes or 0)
    texts = {
        "nl": f"iedere aanbieder die het tussentijdse rapport afzonderlijk toont, met ten minste {fewest} "
        "meegetelde URL's",
        "en": f"every provider that the interim report shows separately, with at least {fewest} URLs that count",
    }
    if not rules.classes:
        return texts
    and_class = {"nl": "en met de beoordeling", "en": "and with the judgement"}
    or_ = {"nl": " of ", "en": " or "}
    return {
        language: f"{text}, {and_class[language]} "
        + or_[language].join(f"“{_CLASSES[language][word]}”" for word in rules.classes)
        for language, text in texts.items()
    }


def unknown_classes(rules: Letters) -> tuple[str, ...]:
    """Words in `[letters] classes` that are no class."""
    return tuple(word for word in rules.classes if word not in _CLASSES["en"])


def missing_settings(rules: Letters) -> tuple[str, ...]:
    """What the sender profile lacks."""
    return tuple(name for name in _SENDER if not getattr(rules, name))


def refused(
    card: Scorecard,
    provider: Provider,
    letters: Iterable[Letter],
    rebooked: Rebooked,
    *,
    is_proxy: bool = False,
    again: bool = False,
) -> DraftRefused | None:
    """The first thing that stands against a Letter to this Provider, None where nothing does.

    `letters`: those to it about this Period. `again`: write although one of them is open.
    """
    reasons = (
        *_not_a_party(provider, is_proxy=is_proxy),
        *_unknown_identity(provider),
        *_booked_otherwise(rebooked),
        *(() if again else _written_before(letters)),
    )
    return next((DraftRefused(card.provider_id, card.provider, why, hint) for why, hint in reasons), None)


def _not_a_party(provider: Provider, *, is_proxy: bool) -> Iterator[tuple[str, str]]:
    capacities, key = provider.identity.capacities, provider.provider_id
    if provider.natural_person:
        yield "it is a natural person, who is never named", f"Nothing; or `monitor letters withhold {key} ...`"
    if Capacity.HOSTING in capacities:
        return
    hint = f"Find out; then `monitor providers set {key} --capacity hosting`"
    if is_proxy or Capacity.PROXY in capacities:
        yield "it is a reverse proxy, which does not host what it forwards", hint
    yield "it holds the network, but nobody has confirmed that it offers the hosting", hint


def _unknown_identity(provider: Provider) -> Iterator[tuple[str, str]]:
    identity, key = provider.identity, provider.provider_id
    needed: Mapping[str, object] = {
        "legal name": identity.legal_name,
        "register number": identity.register_number,
        "postal address": identity.postal_address,
        "country of establishment": provider.country or identity.country,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        why = f"its legal identity is not known: {', '.join(missing)}"
        yield why, f"Look it up in the trade register; then `monitor providers set {key} ...`"
    if provider.natural_person is None:
        hint = f"A person has to say: `monitor providers set {key} --natural-person no`"
        yield "nobody has said whether it is a natural person", hint


def _booked_otherwise(rebooked: Rebooked) -> Iterator[tuple[str, str]]:
    parts = []
    if rebooked.n_elsewhere:
        gone = f"{rebooked.n_elsewhere} of its {rebooked.n_episodes} Episodes"
        parts.append(f"{gone} are booked elsewhere or do not count now")
    if rebooked.n_arriving:
        parts.append(f"{rebooked.n_arriving} others are booked on it now")
    if rebooked.n_retimed:
        parts.append(f"{rebooked.n_retimed} of its {rebooked.n_episodes} Episodes begin at another time now")
    if parts:
        yield f"the dataset is not what it would be today: {', '.join(parts)}", "Freeze again, then draft from that"


def _written_before(letters: Iterable[Letter]) -> Iterator[tuple[str, str]]:
    open_ones = [letter for letter in letters if letter.status is not LetterStep.WITHDRAWN]
    if open_ones:
        yield (
            f"letter {open_ones[-1].reference} about this period is there already ({open_ones[-1].status.value})",
            "Withdraw it, or write once more with --again where its class got worse",
        )

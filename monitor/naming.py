"""Who a final release names, and what it says of the hearing: the naming gate put to the store's register.

In: a final release as it would be, the settings of letters, an open store. Out: the same release with who is not named,
letters and answers; or NamingRefused with everybody who was not heard. What would surprise: reverse proxies are never
waited for. They get no letters, so one is named only where it was heard about what it hosts itself. And figures about
orders are left out, for no letter tells them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from monitor import store
from monitor.clock import now
from monitor.config import Letters
from monitor.correspondence.criteria import criteria
from monitor.correspondence.gate import not_corrected, not_heard
from monitor.correspondence.hearing_steps import is_late
from monitor.errors import NamingRefused
from monitor.model.breakdown import ProviderAnswer
from monitor.model.heard import HeardLetter, Hearing
from monitor.model.letter import HearingRegister, Letter, NotHeard
from monitor.model.release import ReleaseInput
from monitor.model.scorecard import Minimums, Scorecard
from monitor.model.words import NoticeKind
from monitor.publication.hidden import hidden_numbers
from monitor.publication.shown import ShownRanking, shown
from monitor.store import Store


def heard(release: ReleaseInput, rules: Letters, db: Store) -> ReleaseInput:
    """Raises NamingRefused where somebody would be named who was not heard."""
    today = now().date()
    register = store.load_register(db, release.ranking.period.label)
    persons = {key for key, each in store.load_registry(db, today).providers.items() if each.natural_person}
    told = tuple(each for each in release.further if each.norm.clock is NoticeKind.REQUEST)
    release = replace(release, unnamed=register.withheld() | persons, further=told)
    release = replace(release, unnamed=release.unnamed | _proxies_not_heard(release, register, today))
    named = to_be_named(release)
    refuse((*not_heard(named, register, today), *not_corrected(named, register, release.ranking.freeze)))
    letters = tuple(letter for letter in register.letters if letter.delivered_on is not None)
    hearing = Hearing(tuple(_letters(letters)), _criteria(letters, rules, release.ranking.minimums))
    return replace(release, hearing=hearing, answers=tuple(_answers(letters)))


def to_be_named(release: ReleaseInput) -> tuple[Scorecard, ...]:
    """Every Scorecard that the release shows with a name; a class against another norm than letters tell is blank."""
    seen = shown(release)
    further = (replace(card, class_="") for part in seen.further for card in _named(part, release))
    proxies = _named(seen.proxies, release) if seen.proxies else ()
    return (*_named(seen.network, release), *further, *proxies)


def refuse(waiting: tuple[NotHeard, ...]) -> None:
    """Raises NamingRefused unless nobody is waited for."""
    if waiting:
        n = len({each.provider_id for each in waiting})
        providers = "1 provider" if n == 1 else f"{n} providers"
        raise NamingRefused(
            f"No final release yet: {providers} would be named without having been heard",
            "See to each of them, or `monitor letters withhold` who is not to be named",
            tuple((each.provider_id, each.provider, each.why, each.hint) for each in waiting),
        )


def _named(part: ShownRanking, release: ReleaseInput) -> tuple[Scorecard, ...]:
    numbers = set(hidden_numbers(release).values())
    return tuple(card for card in part.ranking.scorecards if card.provider_id not in numbers)


def _proxies_not_heard(release: ReleaseInput, register: HearingRegister, today: date) -> frozenset[str]:
    """Those that are shown as reverse proxies alone and did not pass the gate."""
    seen = shown(release)
    if seen.proxies is None:
        return frozenset()
    hosts = {card.provider_id for part in (seen.network, *seen.further) for card in part.ranking.scorecards}
    alone = [card for card in _named(seen.proxies, release) if card.provider_id not in hosts]
    return frozenset(each.provider_id for each in not_heard(alone, register, today))


def _letters(letters: Iterable[Letter]) -> Iterator[HeardLetter]:
    for letter in letters:
        if letter.delivered_on is not None and letter.due_on is not None:
            yield HeardLetter(
                letter.provider_id,
                letter.reference,
                letter.dated,
                letter.delivered_on,
                letter.due_on,
                tuple(sorted(answer.received_on for answer in letter.answers)),
                any(answer.objection for answer in letter.answers),
                letter.outcome,
            )


def _answers(letters: Iterable[Letter]) -> Iterator[ProviderAnswer]:
    """Those that may be quoted."""
    for letter in letters:
        for answer in letter.answers:
            if answer.quote:
                late = is_late(letter, answer)
                yield ProviderAnswer(letter.provider_id, answer.received_on, answer.language, answer.quote, late)


def _criteria(letters: Iterable[Letter], rules: Letters, minimums: Minimums) -> tuple[tuple[str, str], ...]:
    """As the Letters state them; in English where they are those of the configuration still."""
    known = criteria(rules, minimums)
    stated = dict.fromkeys(letter.criteria for letter in letters)
    return tuple((text, known["en"] if text == known["nl"] else "") for text in stated)

"""Providers that may be one organisation, proposed for a person to accept or to decline.

In: the registry. Out: pairs with a score and the reasons in words. What would surprise: nothing is merged here, ever;
names alone do not prove that two registrants are one, and a wrong merge books one company's record on another.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from monitor.attribution.matching_names import NameForm, handle_stem, name_form
from monitor.attribution.matching_pairs import candidate_pairs
from monitor.attribution.matching_score import Likeness, Rarity, likeness
from monitor.model.provider import Provider, Registry

DEFAULT_LEAST_SCORE = 90.0
HANDLE_SCORE = 85.0
_FIRST_ORGANISATION = "org-"
_NO_ASN = 2**32


@dataclass(frozen=True, slots=True)
class Proposal:
    """`subject` may be the same organisation as `into` (provider ids); score from 0 to 100, reasons in words."""

    subject: str
    into: str
    score: float
    reasons: tuple[str, ...]

    @property
    def accept(self) -> str:
        """The command by which a person accepts it."""
        return f"monitor providers merge {self.subject} {self.into} --by NAME --why TEXT"

    @property
    def decline(self) -> str:
        """The command after which it is not proposed again."""
        return f"monitor providers distinct {self.subject} {self.into} --by NAME --why TEXT"


def propose(
    registry: Registry, *, least_score: float = DEFAULT_LEAST_SCORE, most: int | None = None
) -> tuple[Proposal, ...]:
    """Pairs of Providers whose names, aliases or handles are alike, best first, then by id; at most `most` of them.

    Left out: natural persons, pairs that a person declared apart, and what is merged already (one Provider then). Of
    several Providers of one name each is proposed into the one with most AS numbers, so n names make n - 1 proposals.
    """
    bearers = _bearers(registry)
    forms = sorted(bearers, key=lambda form: (form.words, sorted(form.legal)))
    rarity = Rarity(forms)
    found: dict[tuple[str, str], Likeness] = {}
    heads = {words: _heads(group, registry) for words, group in _by_words(bearers).items()}
    _propose_same(heads, bearers, rarity, registry, found)
    _propose_alike(forms, heads, bearers, rarity, registry, found)
    _propose_handles(heads, registry, found)
    proposals = [Proposal(*pair, round(alike.score, 1), alike.reasons) for pair, alike in found.items()]
    good = [proposal for proposal in proposals if proposal.score >= least_score]
    good.sort(key=lambda each: (-each.score, _age(each.subject, registry), _age(each.into, registry)))
    return tuple(good[:most])


Bearers = Mapping[NameForm, tuple[str, ...]]
Heads = Mapping[tuple[str, ...], Mapping[str, list[str]]]


def _bearers(registry: Registry) -> Bearers:
    """Name form -> the Providers that bear it. Equal words with another legal form are another form."""
    found: defaultdict[NameForm, dict[str, None]] = defaultdict(dict)
    for provider_id, provider in registry.providers.items():
        for form in _forms(provider):
            found[form].setdefault(provider_id)
    return {form: tuple(sorted(ids, key=lambda each: _rank(each, registry))) for form, ids in found.items()}


def _forms(provider: Provider) -> Iterable[NameForm]:
    if provider.natural_person:
        return
    for name in dict.fromkeys((provider.name, *provider.aliases)):
        form = name_form(name, provider.asns)
        if form is not None:
            yield form


def _by_words(bearers: Bearers) -> Mapping[tuple[str, ...], set[str]]:
    found: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for form, ids in bearers.items():
        found[form.words].update(ids)
    return found


def _heads(group: Iterable[str], registry: Registry) -> dict[str, list[str]]:
    """Who stands for whom among the bearers of the same words: each behind the first that it is not apart from."""
    heads: dict[str, list[str]] = {}
    for provider_id in sorted(group, key=lambda each: _rank(each, registry)):
        head = next((each for each in heads if _may_be_one(provider_id, each, registry)), None)
        if head is None:
            heads[provider_id] = []
        else:
            heads[head].append(provider_id)
    return heads


def _propose_same(
    heads: Heads, bearers: Bearers, rarity: Rarity, registry: Registry, found: dict[tuple[str, str], Likeness]
) -> None:
    """Equal words: every bearer into its head."""
    forms: defaultdict[tuple[tuple[str, ...], str], list[NameForm]] = defaultdict(list)
    for form, ids in bearers.items():
        for provider_id in ids:
            forms[form.words, provider_id].append(form)
    for words, group in heads.items():
        for head, members in group.items():
            for member in members:
                alike = max(
                    (likeness(one, other, rarity) for one in forms[words, member] for other in forms[words, head]),
                    key=lambda each: each.score,
                )
                _keep(member, head, alike, registry, found)


def _propose_alike(
    forms: Sequence[NameForm],
    heads: Heads,
    bearers: Bearers,
    rarity: Rarity,
    registry: Registry,
    found: dict[tuple[str, str], Likeness],
) -> None:
    """Other words that are alike: head into head."""
    # One form for each words: their legal forms matter only where the words are equal.
    first = [form for n, form in enumerate(forms) if not n or forms[n - 1].words != form.words]
    for one, other in candidate_pairs(first, rarity).tolist():
        alike = likeness(first[one], first[other], rarity)
        for subject in heads[first[one].words]:
            for into in heads[first[other].words]:
                if subject != into and _may_be_one(subject, into, registry):
                    _keep(subject, into, alike, registry, found)


def _propose_handles(heads: Heads, registry: Registry, found: dict[tuple[str, str], Likeness]) -> None:
    """A handle whose letters are another's name, or another's handle at another registry."""
    by_letters: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for words, group in sorted(heads.items()):
        by_letters["".join(words)].update(dict.fromkeys(group))
    stems: defaultdict[str, list[str]] = defaultdict(list)
    for provider_id, provider in sorted(registry.providers.items()):
        for handle in (provider_id, *provider.organisations):
            stem = None if provider.natural_person else handle_stem(handle)
            if stem is not None and provider_id not in stems[stem]:
                stems[stem].append(provider_id)
    for stem, ids in stems.items():
        alike = Likeness(HANDLE_SCORE, ("handle",))
        others = dict.fromkeys((*by_letters.get(stem, ()), *ids))
        for one, other in [*((one, other) for one in ids for other in others if other not in ids), *pairwise(ids)]:
            if one != other and _may_be_one(one, other, registry):
                _keep(one, other, alike, registry, found)


def _keep(one: str, other: str, alike: Likeness, registry: Registry, found: dict[tuple[str, str], Likeness]) -> None:
    """Write a pair down in its direction, with the best of its scores; what else speaks for it is added to that."""
    subject, into = sorted((one, other), key=lambda each: _rank(each, registry), reverse=True)
    reasons = alike.reasons
    if subject.startswith(_FIRST_ORGANISATION) and not into.startswith(_FIRST_ORGANISATION) and "handle" not in reasons:
        reasons = (*reasons, "registered organisation and AS name alike")
    before = found.get((subject, into))
    if before is None:
        found[subject, into] = Likeness(alike.score, reasons)
        return
    best = reasons if alike.score > before.score else before.reasons
    handle = tuple(reason for reason in (*before.reasons, *reasons) if reason == "handle")[:1]
    found[subject, into] = Likeness(max(alike.score, before.score), tuple(dict.fromkeys((*best, *handle))))


def _may_be_one(one: str, other: str, registry: Registry) -> bool:
    return frozenset((one, other)) not in registry.apart


def _rank(provider_id: str, registry: Registry) -> tuple[bool, int, int, str]:
    """Lower: others are merged into it. An AS before a registered organisation, more AS numbers, the older AS."""
    is_organisation = provider_id.startswith(_FIRST_ORGANISATION)
    return (is_organisation, -len(registry.providers[provider_id].asns), *_age(provider_id, registry))


def _age(provider_id: str, registry: Registry) -> tuple[int, str]:
    return min(registry.providers[provider_id].asns, default=_NO_ASN), provider_id

"""Proposals of Providers that may be one organisation: what is proposed, in which direction, and what never is."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.attribution.matching import Proposal, propose
from monitor.attribution.matching_names import handle_stem, name_form
from monitor.model.provider import Provider, Registry


def registry(*providers, apart=()):
    by_asn = {asn: provider.provider_id for provider in providers for asn in provider.asns}
    pairs = frozenset(frozenset(pair) for pair in apart)
    return Registry({provider.provider_id: provider for provider in providers}, by_asn, apart=pairs)


def asn(number, name, *more, **other):
    return Provider(f"as{number}", name, asns=(number, *more), **other)


def org(key, name, **other):
    return Provider(f"org-{key}", name, **other)


def pairs(proposals):
    return [(proposal.subject, proposal.into) for proposal in proposals]


@pytest.mark.parametrize(
    "one, other",
    [
        ("Examplia Hosting B.V.", "EXAMPLIA HOSTING"),
        ("Examplia Hosting GmbH & Co. KG", "Examplia Hosting"),
        ("OOO Examplia Hosting", '"Examplia Hosting"'),
        ("Examplia Datavault Sp. z o.o.", "Examplia Datavault"),
        ("EXAMPLIA-DATAVAULT-AS", "Examplia Datavault"),
        ("AS-EXAMPLIADATAVAULT", "ExampliaDatavault"),
        ("EXAMPLIADATAVAULT-AS64496", "ExampliaDatavault"),
        ("EXAMPLIADATAVAULT-64496-NET", "ExampliaDatavault"),
        ("Examplia Datavault, NL", "Examplia Datavault"),
        ("Exámplia Datavault", "Examplia Datavault"),
        ("Datavault Examplia", "Examplia Datavault"),
        ("ExampliaDatavault Hosting", "Examplia Datavault Hosting"),
        ("Examplia Datavault Networks", "Examplia Datavault Network"),
        ("Examplia Datavault Telecom", "Examplia Datavault"),
        ("Examplia Datavalt Kestrel", "Examplia Datavault Kestrel"),
    ],
)
def test_two_spellings_of_a_name_are_proposed(one, other):
    """Legal form, AS-name convention, country suffix, accents, order, blanks and a slip of the pen hide no name."""
    (proposal,) = propose(registry(asn(64496, one), asn(64497, other)))
    assert pairs([proposal]) == [("as64497", "as64496")]
    assert 90 <= proposal.score <= 100
    assert proposal.reasons


@pytest.mark.parametrize(
    "one, other",
    [
        ("Examplia Vault 1", "Examplia Vault 2"),
        ("University of Examplia", "University of Kestrelia"),
        ("Examplia Vault Germany", "Examplia Vault France"),
        ("Examplia Vault North", "Examplia Vault South"),
        ("Examplia Vault", "Examplia Vault Germany"),
        ("Examplia Vault Bank", "Examplia Vault University"),
        ("Examplia Vault GmbH", "Examplia Vault B.V."),
        ("Examplia Vault a.s.", "Examplia Vault Oy"),
        ("EXA", "EXA Telecom"),
        ("Internet Services", "Internet Services Ltd"),
        ("Examplenet Ltd", "Examplenet S.A."),
        ("AS64496", "AS64497"),
        ("Examplior", "Exampliar"),
    ],
)
def test_names_that_differ_in_what_tells_organisations_apart_stay_below_the_threshold(one, other):
    """A number, place, other trade, two countries' legal forms, an acronym or common words alone are not proposed."""
    assert propose(registry(asn(64496, one), asn(64497, other))) == ()


def test_the_reasons_are_in_words_and_name_the_dropped_legal_form():
    """A proposal says why: the same name after which legal form was dropped, and that a registrant and an AS match."""
    found = propose(registry(asn(64496, "Examplia Vault"), org("ripencc-org-ev1-ripe", "Examplia Vault B.V.")))
    assert [proposal.reasons for proposal in found] == [
        ("same name after the legal form is dropped: bv / none", "registered organisation and AS name alike")
    ]


def test_legal_forms_of_different_countries_are_said():
    """Below the threshold a person can still see such a pair, with the doubt in words."""
    two = registry(asn(64496, "Examplia Vault GmbH"), asn(64497, "Examplia Vault B.V."))
    (proposal,) = propose(two, least_score=80)
    assert "legal forms of different countries: perhaps of one group" in proposal.reasons


def test_others_are_merged_into_the_one_with_most_as_numbers():
    """The Provider with more AS numbers stays, whatever its number."""
    two = registry(asn(64496, "Examplia Vault"), asn(64500, "Examplia Vault", 64501))
    assert pairs(propose(two)) == [("as64496", "as64500")]


def test_else_into_the_older_as_number():
    """With equally many AS numbers the lower one stays, as a number and not as a text."""
    two = registry(asn(65536, "Examplia Vault"), asn(9999, "Examplia Vault"))
    assert pairs(propose(two)) == [("as65536", "as9999")]


def test_an_organisation_goes_into_an_as():
    """A registered organisation is merged into the AS's Provider, never the other way round."""
    two = registry(org("arin-exv", "Examplia Vault"), asn(64496, "Examplia Vault"))
    assert pairs(propose(two)) == [("org-arin-exv", "as64496")]


def test_aliases_count_as_names():
    """A Provider is proposed for an alias too."""
    two = registry(asn(64496, "Examplia Vault"), asn(64497, "Kestrel", aliases=("Examplia Vault Ltd",)))
    assert pairs(propose(two)) == [("as64497", "as64496")]


def test_equal_names_are_proposed_once_each():
    """Of n Providers of one name n - 1 proposals are made, all into the same one."""
    found = propose(registry(*(asn(64496 + n, "Examplia Vault") for n in range(5))))
    assert pairs(found) == [(f"as{64496 + n}", "as64496") for n in range(1, 5)]


def test_a_pair_declared_apart_is_not_proposed_again():
    """After `distinct` the pair is gone, and a third of that name is still proposed into one of them, once."""
    three = [asn(64496 + n, "Examplia Vault") for n in range(3)]
    found = propose(registry(*three, apart=[("as64496", "as64497")]))
    assert pairs(found) == [("as64498", "as64496")]
    found = propose(registry(*three, apart=[("as64496", "as64497"), ("as64496", "as64498")]))
    assert pairs(found) == [("as64498", "as64497")]


def test_a_pair_declared_apart_is_not_proposed_for_another_alias():
    """Names that are merely alike do not bring a declined pair back."""
    two = [asn(64496, "Examplia Vault"), asn(64497, "Examplia Vault Telecom")]
    assert pairs(propose(registry(*two))) == [("as64497", "as64496")]
    assert propose(registry(*two, apart=[("as64497", "as64496")])) == ()


def test_a_natural_person_is_never_proposed():
    """Neither one that the registry knows as such, nor a name that says so."""
    two = registry(asn(64496, "Examplia Vault"), asn(64497, "Examplia Vault", natural_person=True))
    assert propose(two, least_score=0) == ()
    two = registry(asn(64496, "FOP Examplia Vault"), asn(64497, "FOP Examplia Vault"))
    assert propose(two, least_score=0) == ()


def test_a_handle_that_is_anothers_name_is_a_weak_reason():
    """A handle alone stays below the threshold and is given as the reason when asked for."""
    two = registry(asn(64496, "EXAMPLIA"), org("arin-exampl-4", "Kestrel"), org("apnic-examplia-ap", "Heron"))
    assert propose(two) == ()
    (proposal,) = propose(two, least_score=80)
    assert (proposal.subject, proposal.into, proposal.reasons) == ("org-apnic-examplia-ap", "as64496", ("handle",))


def test_the_same_handle_at_two_registries_is_a_reason():
    """Two registered organisations of one handle are put before a person."""
    two = registry(org("arin-exampl-4", "Kestrel"), org("apnic-exampl-7", "Heron"))
    assert [proposal.reasons for proposal in propose(two, least_score=80)] == [("handle",)]


def test_a_proposal_shows_the_commands_that_accept_and_decline_it():
    """Nothing is merged by itself: a person types the command, with name and reason."""
    proposal = Proposal("as64497", "as64496", 97.0, ("same name",))
    assert proposal.accept == "monitor providers merge as64497 as64496 --by NAME --why TEXT"
    assert proposal.decline == "monitor providers distinct as64497 as64496 --by NAME --why TEXT"


def test_most_keeps_the_best():
    """`most` cuts the list after the highest scores."""
    many = registry(asn(64496, "Examplia Vault"), asn(64497, "Examplia Vault Telecom"), asn(64498, "Examplia Vault"))
    assert pairs(propose(many, most=1)) == [("as64498", "as64496")]


WORDS = st.sampled_from(
    ["Examplia", "Vault", "Kestrel", "Heron", "Telecom", "B.V.", "GmbH", "AS", "7", "Germany", "Bank", "Hosting"]
)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(NAMES, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_registry_does_not_show(names, rng):
    """The same Providers in another order give the same proposals, best first."""
    providers = [asn(64496 + n, name) for n, name in enumerate(names)]
    found = propose(registry(*providers), least_score=60)
    rng.shuffle(providers)
    assert propose(registry(*providers), least_score=60) == found
    assert list(found) == sorted(found, key=lambda each: (-each.score, int(each.subject[2:]), int(each.into[2:])))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(NAMES, max_size=12), st.data())
def test_declined_pairs_never_come_back(names, data):
    """Decline any proposal, and no list has it again, in either direction; and no pair is listed twice."""
    providers = [asn(64496 + n, name) for n, name in enumerate(names)]
    found = pairs(propose(registry(*providers), least_score=50))
    assert len({frozenset(pair) for pair in found}) == len(found)
    declined = data.draw(st.lists(st.sampled_from(found), unique=True)) if found else []
    again = propose(registry(*providers, apart=declined), least_score=50)
    assert not {frozenset(pair) for pair in pairs(again)} & {frozenset(pair) for pair in declined}


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_a_form_or_none(text):
    """No name, however odd, raises; a form has at least one word, and its words are their own form."""
    form = name_form(text)
    assert form is None or all(form.words)


@pytest.mark.parametrize(
    "provider_id, stem",
    [
        ("org-arin-exampl-4", "exampl"),
        ("org-arin-exampl", "exampl"),
        ("org-apnic-org-examplia1-ap", "examplia"),
        ("org-ripencc-org-ev12-ripe", None),
        ("org-ripencc-name-examplia", None),
        ("as64496", None),
    ],
)
def test_only_long_handles_stand_for_a_name(provider_id, stem):
    """RIPE's initials and ids made of names say nothing as handles."""
    assert handle_stem(provider_id) == stem


def test_a_slip_in_any_half_of_the_telling_word_is_found_among_many_names():
    """Among 3,000 made-up names each misspelt one is proposed with its original, which no pairwise comparison finds."""
    rng = random.Random(4)
    names = [" ".join("".join(rng.choices("bdfgklmnprstvaeiou", k=9)) for _ in range(3)) for _ in range(3000)]
    misspelt = {
        n: names[n].replace(names[n].split()[0], _dropped(names[n].split()[0], rng)) for n in range(0, 3000, 60)
    }
    providers = [asn(100_000 + n, name) for n, name in enumerate(names)]
    providers += [asn(200_000 + n, name) for n, name in misspelt.items()]
    found = pairs(propose(registry(*providers)))
    assert found and set(found) <= {(f"as{200_000 + n}", f"as{100_000 + n}") for n in misspelt}
    assert len(found) >= 0.9 * len(misspelt)


def _dropped(word, rng):
    place = rng.randrange(1, len(word))
    return word[:place] + word[place + 1 :]

"""The registry of Providers: replayed from what was first seen and from the changes that stand.

In: a day for the names. Out: a `Registry`. What would surprise: nothing is ever changed in place. A merge is a row,
undoing it is another row (`registry_changes.py`), and this module puts together what stands after all of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from monitor.model.provider import Claim, LegalIdentity, Provider, Registry
from monitor.store.database import Store
from monitor.store.fetching import collection_paused
from monitor.store.registry_changes import changes, merge, undo
from monitor.store.registry_log import read_known, read_log
from monitor.store.registry_names import Names, read_as_names
from monitor.store.registry_replay import State, replay
from monitor.store.registry_traits import Traits

__all__ = ["changes", "load_registry", "merge", "undo"]
_NO_TRAITS = Traits()
_NOBODY = LegalIdentity()
Key = TypeVar("Key", int, str)


def load_registry(store: Store, as_of: date) -> Registry:
    """The Providers after every change in force. Names: the newest not after `as_of`, else the oldest there is.

    Raises KeyProblem where the details of a change do not open.
    """
    with collection_paused(), store.read() as connection:
        known, log = read_known(connection), read_log(connection, store.sealer)
        return registry_of(replay(known, log), read_as_names(connection, as_of))


def registry_of(state: State, as_names: Mapping[int, list[str]]) -> Registry:
    """The registry of a replayed state; `as_names`: AS number -> its names, newest last."""
    names = Names(state, as_names)
    by_asn = {asn: state.root(provider_id) for provider_id, asn in state.known.asn_of.items()}
    by_organisation = {key: state.root(key) for key in state.known.organisations}
    for asset in state.reowned():
        if asset.kind == "asn":
            by_asn[int(asset.value)] = state.owner(asset)
        elif asset.kind == "organisation":
            by_organisation[asset.value] = state.owner(asset)
    dated = tuple(replace(claim, provider_id=state.root(claim.provider_id)) for claim in state.claims)
    providers = {found.provider_id: found for found in _providers(state, names, by_asn, by_organisation, dated)}
    return Registry(
        providers=providers,
        by_asn=by_asn,
        by_name=names.by_name(by_asn),
        claims=names.claims(),
        by_organisation=by_organisation,
        dated=dated,
        overrides={record: state.root(provider_id) for record, provider_id in state.overrides.items()},
        apart=frozenset(pair for pair in _apart(state) if len(pair) == 2),
    )


def _apart(state: State) -> Iterator[frozenset[str]]:
    for one, other in state.apart:
        yield frozenset((state.root(one), state.root(other)))


def _providers(
    state: State,
    names: Names,
    by_asn: Mapping[int, str],
    by_organisation: Mapping[str, str],
    dated: tuple[Claim, ...],
) -> Iterator[Provider]:
    """Every Provider, by AS number at first sight, then organisations."""
    members, asns, organisations = _grouped(state), _inverted(by_asn), _inverted(by_organisation)
    claims: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in dated:
        claims[claim.provider_id].append(claim)
    for root in sorted(members, key=lambda root: _order(root, state)):
        held, keys, own = asns.get(root, []), organisations.get(root, []), members[root]
        if not keys and len(own) == 1 and len(held) == 1 and names.is_plain(root, held[0]) and root not in claims:
            yield _untouched(root, held[0], names)  # most are so
            continue
        shown = names.bear(root, *_borne_by(own, held, keys))
        yield _provider(
            root, state, names, shown, tuple(sorted(held)), tuple(sorted(keys)), tuple(claims.get(root, ()))
        )


def _untouched(root: str, asn: int, names: Names) -> Provider:
    """A Provider as it was first seen."""
    known = names.bear_as_seen(root, asn)
    aliases = tuple(sorted({name for name in known if name != known[-1]})) if len(known) > 1 else ()
    return Provider(root, known[-1], aliases, (asn,))


def _borne_by(own: list[str], held: list[int], keys: list[str]) -> tuple[Iterable[str], Iterable[int]]:
    """The ids and the AS numbers whose names a Provider bears: its own, and those assigned to it."""
    mine = set(own)
    return (*own, *(key for key in keys if key not in mine)), [asn for asn in held if f"as{asn}" not in mine]


def _provider(
    root: str,
    state: State,
    names: Names,
    shown: set[str],
    asns: tuple[int, ...],
    organisations: tuple[str, ...],
    claims: tuple[Claim, ...],
) -> Provider:
    traits = state.traits.get(root, _NO_TRAITS)
    name, person = names.own(root), names.is_person(root)
    identity = (
        replace(traits.identity, natural_person=person) if traits is not _NO_TRAITS or person is not None else _NOBODY
    )
    return Provider(
        provider_id=root,
        name=name,
        aliases=() if person else tuple(sorted(shown - {name})),
        asns=asns,
        country=identity.country,
        natural_person=person,
        organisations=organisations,
        identity=identity,
        group=traits.group,
        contacts=tuple(traits.contacts),
        claims=claims,
    )


def _grouped(state: State) -> Mapping[str, list[str]]:
    """Each Provider's ids: its own, and those merged into it."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for provider_id in (*state.known.asn_of, *state.known.organisations, *state.made):
        members[state.root(provider_id)].append(provider_id)
    return members


def _inverted(owners: Mapping[Key, str]) -> Mapping[str, list[Key]]:
    found: defaultdict[str, list[Key]] = defaultdict(list)
    for held, root in owners.items():
        found[root].append(held)
    return found


def _order(root: str, state: State) -> tuple[bool, int, str]:
    """AS numbers first, each followed by the parts split off it; then organisations by id."""
    asn = state.known.asn_of.get(root, state.known.asn_of.get(root.partition("-")[0]))
    return asn is None, asn or 0, root

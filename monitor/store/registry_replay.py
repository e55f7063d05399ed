"""The log replayed: each change is held against what stands at its place, and applied, or said to be without effect.

In: who was seen first, and every change, oldest first. Out: `State`. What would surprise: an undone change is passed
over as if it had never been made, and a later one that needs it (a Provider that it made, a merge that it took apart)
is then *void*: it changes nothing, and `State.void` says why. Made again, it would be refused for the same reason.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from monitor.errors import RegistryError
from monitor.model.provider import Claim, RegistryChange
from monitor.model.words import ChangeAction
from monitor.store.registry_details import Asset, assets, makes_provider, own_id
from monitor.store.registry_log import Known
from monitor.store.registry_traits import Traits, set_traits

_AN_ID = re.compile(r"as[0-9]{1,10}(-[0-9]{1,4})?")
_ELSE = "`monitor providers list` shows them"


@dataclass(slots=True)
class State:
    """What stands after some changes. Ids here are those that people named; `root` follows the merges."""

    known: Known
    made: dict[str, str] = field(default_factory=dict)  # ids made by splits in force -> their first name
    taken: set[str] = field(default_factory=set)  # ids that any split ever made: none is used twice
    parent: dict[str, str] = field(default_factory=dict)  # merged id -> the id that answers for it
    claims: list[Claim] = field(default_factory=list)
    claimants: set[str] = field(default_factory=set)  # ids with a claim, perhaps a former one
    undated: dict[Asset, str] = field(default_factory=dict)  # the last claim without days
    home: dict[Asset, str] = field(default_factory=dict)  # whose it is before any claim, where not its own id's
    traits: dict[str, Traits] = field(default_factory=dict)
    overrides: dict[tuple[str, str], str] = field(default_factory=dict)
    apart: list[tuple[str, str]] = field(default_factory=list)
    void: dict[int, str] = field(default_factory=dict)  # change -> why it is without effect

    def root(self, provider_id: str) -> str:
        """The Provider that answers for this one; merges never make a circle, so this ends."""
        while provider_id in self.parent:
            provider_id = self.parent[provider_id]
        return provider_id

    def exists(self, provider_id: str) -> bool:
        return provider_id in self.known or provider_id in self.made

    def owner(self, asset: Asset) -> str:
        """Who answers for an AS number or organisation where no day is asked for."""
        return self.root(self.undated.get(asset) or self.home.get(asset) or own_id(asset))

    def reowned(self) -> Iterator[Asset]:
        """What is not, or not by a merge alone, its own id's."""
        yield from dict.fromkeys((*self.home, *self.undated))

    def free_id(self, provider_id: str) -> str:
        """The next id for a part of this Provider. Two dashes after `org-...`, whose own ids hold single ones."""
        dash = "--" if provider_id.startswith("org-") else "-"
        number = 2
        while (found := f"{provider_id}{dash}{number}") in self.taken or self.exists(found):
            number += 1
        return found


def replay(known: Known, log: Iterable[RegistryChange]) -> State:
    """The state after every change that stands."""
    log = tuple(log)
    undone = {change.undoes for change in log if change.undoes is not None}
    state = State(known)
    for change in log:
        if change.action == ChangeAction.UNDO:
            continue
        if change.change_id in undone:
            remember_made(state, change)
            continue
        try:
            check(state, change)
        except RegistryError as error:
            remember_made(state, change)
            state.void[change.change_id] = error.message
        else:
            apply(state, change)
    return state


def remember_made(state: State, change: RegistryChange) -> None:
    """The id that a split made is never given to another Provider, also when the split is undone."""
    if change.action == ChangeAction.SPLIT and makes_provider(change.details) and change.into:
        state.taken.add(change.into)


def check(state: State, change: RegistryChange) -> None:
    """Whether a change can be made as things stand. Raises RegistryError."""
    must_exist(state, change.subject)
    if change.action == ChangeAction.MERGE:
        _check_merge(state, change.subject, change.into or "")
        return
    if change.subject in state.parent:
        raise RegistryError(f"{change.subject} is merged into {state.root(change.subject)}", "Name that one instead")
    if change.action == ChangeAction.SPLIT:
        _check_split(state, change)
    elif change.action == ChangeAction.ASSIGN:
        for asset in assets(change.details):
            _must_be_seen(state, asset)
    elif change.action == ChangeAction.DISTINCT:
        must_exist(state, change.into or "")
        if state.root(change.subject) == state.root(change.into or ""):
            raise RegistryError(f"{change.subject} and {change.into} are one provider", "Undo their merge first")


def must_exist(state: State, provider_id: str) -> None:
    if not state.exists(provider_id):
        shown = provider_id if _AN_ID.fullmatch(provider_id) else "This id"  # what was typed can be anything
        raise RegistryError(f"{shown} is not a provider in the registry", _ELSE)


def _check_merge(state: State, subject: str, into: str) -> None:
    must_exist(state, into)
    if subject == into:
        raise RegistryError(f"{subject} cannot be merged into itself", "Name two different providers")
    if subject in state.parent:
        raise RegistryError(f"{subject} is already merged into {state.parent[subject]}", "Undo that merge first")
    if state.root(into) == subject:
        raise RegistryError(f"{into} is itself merged into {subject}", "Undo that merge first")
    if _are_apart(state, subject, state.root(into)):
        raise RegistryError(f"{subject} and {into} were declared distinct", "Undo that declaration first")


def _are_apart(state: State, one: str, other: str) -> bool:
    """Whether a person declared distinct what these two Providers are made of."""
    parent, both = state.parent, {one, other}
    for a, b in state.apart:
        a, b = (a if a not in parent else state.root(a)), (b if b not in parent else state.root(b))  # noqa: PLW2901
        if a in both and b in both and a != b:
            return True
    return False


def _check_split(state: State, change: RegistryChange) -> None:
    for asset in assets(change.details):
        if asset.kind == "network":
            continue  # whose it is, only registration data can say
        _must_be_seen(state, asset)
        if change.subject != state.owner(asset) and change.subject not in _holders(state, asset):
            raise RegistryError(f"{_shown(asset)} is not {change.subject}'s", f"See `providers show {change.subject}`")
        if not makes_provider(change.details):
            _can_go_home(state, asset, change.subject)
    if makes_provider(change.details) and change.into is not None and state.exists(change.into):
        raise RegistryError(f"{change.into} is there already", "Leave `into` out: the next free id is taken")


def _holders(state: State, asset: Asset) -> set[str]:
    """Who answers for it on some day by a claim."""
    return {state.root(claim.provider_id) for claim in state.claims if asset_of(claim) == asset}


def _can_go_home(state: State, asset: Asset, subject: str) -> None:
    own = own_id(asset)
    if own == subject:
        raise RegistryError(f"{_shown(asset)} is {subject}'s own", "Split the others off, or give it a --name")
    if own in state.parent and state.root(own) != subject:
        raise RegistryError(f"{own} is merged into {state.root(own)}", "Assign it there, or give it a --name")


def _must_be_seen(state: State, asset: Asset) -> None:
    if asset.kind == "organisation" and asset.value not in state.known.organisations:
        raise RegistryError("That organisation is not in the registry", _ELSE)


def _shown(asset: Asset) -> str:
    return f"AS{asset.value}" if asset.kind == "asn" else asset.value


def apply(state: State, change: RegistryChange) -> None:
    """Put a checked change into force."""
    action = ChangeAction(change.action)
    if action is ChangeAction.MERGE:
        state.parent[change.subject] = change.into or ""
    elif action is ChangeAction.DISTINCT:
        state.apart.append((change.subject, change.into or ""))
    elif action is ChangeAction.OVERRIDE:
        state.overrides[change.details["source"], change.details["record"]] = change.subject
    elif action is ChangeAction.SET:
        set_traits(state.traits.setdefault(change.subject, Traits()), change.details)
    elif action is ChangeAction.ASSIGN:
        for asset in assets(change.details):
            _claim(state, asset, change.subject, change)
    elif action is ChangeAction.SPLIT:
        _split(state, change)


def _split(state: State, change: RegistryChange) -> None:
    remember_made(state, change)
    made = change.into if makes_provider(change.details) else None
    if made is not None:
        state.made[made] = change.details.get("name") or made.upper()
    for asset in assets(change.details):
        own = made or own_id(asset)
        if made is None and own in state.parent:
            _cut(state, own, asset)
        _claim(state, asset, own, change)


def _cut(state: State, provider_id: str, asset: Asset) -> None:
    """Take an id out of the Provider that it was merged into. Only what is named goes: whoever was merged into this
    id, and what was assigned to it, stays where it is; so does the asset itself on the days that are not named."""
    parent = state.parent.pop(provider_id)
    for child, answers in state.parent.items():
        if answers == provider_id:
            state.parent[child] = parent
    if provider_id in state.claimants:
        state.claims[:] = [replace(c, provider_id=parent) if c.provider_id == provider_id else c for c in state.claims]
        state.claimants.add(parent)
    for holders in (state.undated, state.home):
        holders.update({held: parent for held, holder in holders.items() if holder == provider_id})
    state.overrides.update({key: parent for key, holder in state.overrides.items() if holder == provider_id})
    state.home.setdefault(asset, parent)


def _claim(state: State, asset: Asset, provider_id: str, change: RegistryChange) -> None:
    first, until = (
        date.fromisoformat(day) if day else None for day in map(change.details.get, ("valid_from", "until"))
    )
    claim = Claim(provider_id, change.change_id, valid_from=first, until=until)
    if asset.kind == "asn":
        claim = replace(claim, asn=int(asset.value))
    elif asset.kind == "organisation":
        claim = replace(claim, organisation=asset.value)
    else:
        claim = replace(claim, network=asset.value)
    state.claims.append(claim)
    state.claimants.add(provider_id)
    if first is None and until is None:
        state.undated[asset] = provider_id


def asset_of(claim: Claim) -> Asset:
    if claim.asn is not None:
        return Asset("asn", str(claim.asn))
    return Asset("organisation", claim.organisation) if claim.organisation else Asset("network", claim.network or "")

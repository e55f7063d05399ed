"""Names: who bears which one now, who bore it before, and whom a name stands for.

In: the replayed state and the dated tables of AS names. Out: the maps of `Registry`. What would surprise: a name
that two Providers bear stands for neither, ids and AS numbers always stand for their own. The names in law and a
natural person's names are looked up by but never given out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, select

from monitor.model.provider import fold_name
from monitor.store.registry_replay import State
from monitor.store.tables import ProviderNameRow, ProviderRow, ReferenceTableRow, table_of

NATURAL_PERSON = "natural person"
_NAMES = table_of(ProviderNameRow)
_PROVIDERS = table_of(ProviderRow)
_TABLES = table_of(ReferenceTableRow)


def read_as_names(connection: Connection, as_of: date) -> Mapping[int, list[str]]:
    """AS number -> its names up to that day, newest last, for the AS numbers that have a Provider."""
    rows = connection.execute(
        select(_NAMES.c.asn, _NAMES.c.name, _TABLES.c.as_of)
        .join(_TABLES, _TABLES.c.id == _NAMES.c.table_id)
        .join(_PROVIDERS, _PROVIDERS.c.first_asn == _NAMES.c.asn)
        .order_by(_TABLES.c.as_of, _TABLES.c.made_on, _TABLES.c.sha256)
    )
    names: defaultdict[int, list[str]] = defaultdict(list)
    for asn, name, dated in rows:
        if dated <= as_of or not names[asn]:
            names[asn].append(name)
    return names


@dataclass(slots=True)
class Names:
    """The names of ids, and who bears them: folded name -> Providers."""

    state: State
    of_asn: Mapping[int, list[str]]
    now_borne: dict[str, frozenset[str]] = field(default_factory=dict)
    former: dict[str, frozenset[str]] = field(default_factory=dict)

    def own(self, provider_id: str) -> str:
        """The name of one id: as it was set, else at first sight; a natural person's is not given out."""
        if self.is_person(provider_id):
            return NATURAL_PERSON
        traits = self.state.traits.get(provider_id)
        return (traits.name if traits else None) or self._at_first_sight(provider_id)[-1]

    def is_person(self, provider_id: str) -> bool | None:
        """Whether this id is a natural person: as it was set, else as it was registered."""
        traits = self.state.traits.get(provider_id)
        if traits is not None and traits.identity.natural_person is not None:
            return traits.identity.natural_person
        seen = self.state.known.organisations.get(provider_id)
        return None if seen is None else seen.natural_person

    def is_plain(self, provider_id: str, asn: int) -> bool:
        """Whether nobody said anything of this id, and this is its own AS number."""
        return provider_id not in self.state.traits and self.state.known.asn_of.get(provider_id) == asn

    def bear_as_seen(self, provider_id: str, asn: int) -> list[str]:
        """Note that it bears the names of its own AS number; those names, newest last."""
        known, bearer = self._of_asn(asn), frozenset((provider_id,))
        self._note(bearer, known[-1:], self.now_borne)
        if len(known) > 1:
            self._note(bearer, known[:-1], self.former)
        return known

    def bear(self, root: str, provider_ids: Iterable[str], asns: Iterable[int]) -> set[str]:
        """Note that `root` bears the names of these ids and AS numbers; those that can be given out."""
        shown: set[str] = set()
        bearer = frozenset((root,))
        for provider_id in provider_ids:
            now, before = self._of(provider_id)
            self._note(bearer, now, self.now_borne)
            self._note(bearer, before, self.former)
            self._note_in_law(bearer, provider_id)
            if not self.is_person(provider_id):
                shown.update(now, before)
        for asn in asns:
            known = self._of_asn(asn)
            self._note(bearer, known[-1:], self.now_borne)
            self._note(bearer, known[:-1], self.former)
            if not self.is_person(f"as{asn}"):
                shown.update(known)
        return shown

    def by_name(self, by_asn: Mapping[int, str]) -> dict[str, str]:
        """Folded name -> id, where it stands for one Provider only.

        A former name stands for its Provider unless somebody bears it now.
        """
        state = self.state
        claims = {**self.former, **self.now_borne}
        unique = {name: next(iter(ids)) for name, ids in claims.items() if len(ids) == 1 and name}
        ids = (*state.known.asn_of, *state.known.organisations, *state.made)
        own = {provider_id: state.root(provider_id) for provider_id in ids}
        return unique | {str(asn): root for asn, root in by_asn.items()} | own

    def claims(self) -> dict[str, frozenset[str]]:
        """Folded name, also a former one -> every Provider that bears or bore it."""
        both = {name: ids | self.now_borne[name] for name, ids in self.former.items() if name in self.now_borne}
        claims = {**self.former, **self.now_borne, **both}
        claims.pop("", None)
        return claims

    def _of(self, provider_id: str) -> tuple[list[str], list[str]]:
        """The names that an id bears now, and those that it bore."""
        first = self._at_first_sight(provider_id)
        now, before = first[-1:], first[:-1]
        if traits := self.state.traits.get(provider_id):
            now = [*now, *([traits.name] if traits.name else []), *traits.aliases]
            before = [*before, *(name for name in traits.names[:-1] if name)]
        return now, before

    def _note_in_law(self, bearer: frozenset[str], provider_id: str) -> None:
        """Notices are addressed by the name in law, too. It is no alias: those are shown."""
        if traits := self.state.traits.get(provider_id):
            in_law = traits.identity.legal_name
            self._note(bearer, [in_law] if in_law else [], self.now_borne)
            self._note(bearer, [name for name in traits.former_in_law if name != in_law], self.former)

    def _at_first_sight(self, provider_id: str) -> list[str]:
        if (asn := self.state.known.asn_of.get(provider_id)) is not None:
            return self._of_asn(asn)
        if provider_id in self.state.made:
            return [self.state.made[provider_id]]
        seen = self.state.known.organisations[provider_id]
        if seen.natural_person:
            return [provider_id.upper()]
        return [*seen.former, seen.name or seen.handle or provider_id.upper()]

    def _of_asn(self, asn: int) -> list[str]:
        return self.of_asn.get(asn) or [f"AS{asn}"]

    @staticmethod
    def _note(root: frozenset[str], names: Iterable[str], borne: dict[str, frozenset[str]]) -> None:
        for name in names:
            folded = fold_name(name)
            borne[folded] = borne[folded] | root if folded in borne else root

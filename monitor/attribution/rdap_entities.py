"""The entities of an RDAP answer -> the organisation that the range is registered to, abuse contacts and roles.

What was met in real answers, and what becomes of it:
- a registrant that is a maintainer (`XYZ-MNT`: who may edit the database object) is no organisation; in RIPE answers
  maintainers are of kind `individual` and are called like their handle;
- of several registrants (LACNIC nests the contact, a person, inside the organisation, both as `registrant`) kind `org`
  goes first, then an unknown kind, `group`, and `individual` last; of equal ones the outermost, then the first;
- AFRINIC gives entities without roles: the one whose handle begins with `ORG-` is the organisation, and it can be
  called like its handle, which is no name;
- entities without vcard, vcards without `fn`, `adr` of null: what is missing is not known.
- a handle or name that is an IP address or holds an e-mail address is passed over: both are kept unsealed.
What would surprise: a natural person is never named, not even in the key; and an entity of unknown kind is called by
its `org` alone, because a vcard without kind describes a person (RFC 6350, 6.1.4). Without an `org`, and without a
handle that begins with `ORG-`, it is no organisation: its handle can be a person's.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor.attribution.names import clean_text
from monitor.model.registration import Organisation, organisation_key

LONGEST_TEXT = 300
_DEEPEST = 8
_MOST = 1000
_KIND_ORDER = {"org": 0, None: 1, "group": 2, "individual": 3}
_MAINTAINER = re.compile(r"(?:^|-)(?:MNT|MAINT)(?:-|$)", re.IGNORECASE)
_ABUSE_DESK = re.compile(r"^(?:IRT-|ABUSE[0-9-])", re.IGNORECASE)
_ORGANISATION = re.compile(r"^ORG-", re.IGNORECASE)
_REGISTRY_HANDLES = frozenset({"IANA", "RIPE", "APNIC", "LACNIC", "AFRINIC"})  # at ARIN: space of another registry
_PRIVATE = re.compile(r"^private (?:customer|residence|address)\b", re.IGNORECASE)  # ARIN's words for a person
_EMAIL = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,189}")


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of an answer; `depth` 0 stands beside the network. Texts are cleaned, None where there is none."""

    depth: int
    handle: str | None
    roles: tuple[str, ...]
    kind: str | None
    formatted_name: str | None
    organisation_name: str | None
    emails: tuple[str, ...]

    @property
    def is_object(self) -> bool:
        """A maintainer or an abuse desk: part of the database, or a desk, and no registrant."""
        handle = self.handle or ""
        called_like_handle = self.kind == "individual" and bool(handle) and self.formatted_name == handle
        desk = _ABUSE_DESK.match(handle) or (self.kind == "group" and "abuse" in self.roles)
        return bool(_MAINTAINER.search(handle) or desk) or called_like_handle


def text_of(value: object) -> str | None:
    """A text in one line without control characters, at most 300 long; None for anything else."""
    if not isinstance(value, str):
        return None
    return clean_text(value[: 4 * LONGEST_TEXT])[:LONGEST_TEXT] or None


def entities_of(document: Mapping[str, object]) -> tuple[Entity, ...]:
    """All entities of an answer, outermost first, those of one depth in their order; 8 deep and 1000 at most."""
    found: list[Entity] = []
    level = list(_children(document))
    for depth in range(_DEEPEST):
        found.extend(_entity(each, depth) for each in level)
        level = [child for each in level for child in _children(each)][:_MOST]
    return tuple(found[:_MOST])


def organisation_of(entities: tuple[Entity, ...], registry: str) -> Organisation | None:
    """The registrant, else the entity whose handle begins with `ORG-`; None where the answer names none."""
    fitting = [each for each in entities if not each.is_object]
    registrants = [each for each in fitting if "registrant" in each.roles]
    named = registrants or [each for each in fitting if _ORGANISATION.match(each.handle or "")]
    if not named:
        return None
    best = min(named, key=lambda each: (_kind_order(each), each.depth))
    if registry == "arin" and (best.handle or "").upper() in _REGISTRY_HANDLES:
        return None
    return _organisation(best, registry)


def abuse_contacts_of(entities: tuple[Entity, ...]) -> tuple[str, ...]:
    """The e-mail addresses of every entity with the role `abuse`, without repetition."""
    return tuple(dict.fromkeys(email for each in entities if "abuse" in each.roles for email in each.emails))


def roles_of(entities: tuple[Entity, ...]) -> tuple[tuple[str, str], ...]:
    """(handle, role) of every entity that has both, without repetition."""
    pairs = ((each.handle, role) for each in entities for role in each.roles)
    return tuple(dict.fromkeys((handle, role) for handle, role in pairs if handle))


def _kind_order(entity: Entity) -> int:
    if entity.kind not in _KIND_ORDER or (entity.kind is None and _ORGANISATION.match(entity.handle or "")):
        return _KIND_ORDER["org"] if entity.kind is None else _KIND_ORDER[None]
    return _KIND_ORDER[entity.kind]


def _organisation(entity: Entity, registry: str) -> Organisation | None:
    name = _name(entity)
    if entity.kind == "individual" or (name and _PRIVATE.match(name)):
        key = organisation_key(registry, entity.handle, None) or f"org-{registry}-person"
        return Organisation(key, registry, entity.handle, None, natural_person=True)
    if name is None and entity.kind not in ("org", "group") and not _ORGANISATION.match(entity.handle or ""):
        return None
    found = organisation_key(registry, entity.handle, name)
    if found is None:
        return None
    return Organisation(found, registry, entity.handle, name, natural_person=False if entity.kind == "org" else None)


def _name(entity: Entity) -> str | None:
    is_organisation = entity.kind in ("org", "group") or bool(_ORGANISATION.match(entity.handle or ""))
    name = entity.formatted_name if is_organisation else None
    if entity.kind == "group" and entity.organisation_name:
        name = entity.organisation_name  # `fn` is then the desk within it
    name = name or entity.organisation_name
    return None if name == entity.handle else name


def _children(holder: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    children = holder.get("entities")
    if isinstance(children, list):
        yield from (child for child in children if isinstance(child, Mapping))


def _entity(found: Mapping[str, object], depth: int) -> Entity:
    roles = found.get("roles")
    words = [text_of(role) for role in roles] if isinstance(roles, list) else [text_of(roles)]
    card = _card(found)
    kind = next(iter(card.get("kind", ())), None)
    return Entity(
        depth,
        _public(text_of(found.get("handle"))),
        tuple(word.lower() for word in words if word),
        kind.lower() if kind else None,
        _public(next(iter(card.get("fn", ())), None)),
        _public(next(iter(card.get("org", ())), None)),
        tuple(email for text in card.get("email", ()) if (email := _email(text))),
    )


def _card(found: Mapping[str, object]) -> dict[str, list[str]]:
    """Property name -> its texts, of a jCard (RFC 7095): ["vcard", [[name, parameters, type, value...], ...]]."""
    card = found.get("vcardArray")
    properties = card[1] if isinstance(card, list) and len(card) > 1 else None
    texts: dict[str, list[str]] = {}
    for each in properties if isinstance(properties, list) else ():
        if not isinstance(each, list) or len(each) < 4 or not isinstance(each[0], str):
            continue
        value = each[3][0] if isinstance(each[3], list) and each[3] else each[3]  # `org` with its units
        if text := text_of(value):
            texts.setdefault(each[0].lower(), []).append(text)
    return texts


def _public(text: str | None) -> str | None:
    """A handle or name, which is kept unsealed and published; None where it is an address or holds one of e-mail."""
    if text is None or _EMAIL.search(text):
        return None
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return text
    return None


def _email(text: str) -> str | None:
    address = text.removeprefix("mailto:")
    return address if _EMAIL.fullmatch(address) else None

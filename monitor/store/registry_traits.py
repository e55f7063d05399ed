"""What people set on one id: names, the legal identity, group and contacts. The latest set wins, lists add up.

In: the details of one `set`. Out: the traits after it. What would surprise: the country comes from here alone, and
never without its source.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from monitor.model.provider import Contact, LegalIdentity
from monitor.model.words import Capacity
from monitor.store.registry_details import values

_IDENTITY = ("legal_name", "register_number", "postal_address", "country", "country_source")
_TRUTH = {"yes": True, "no": False}


@dataclass(slots=True)
class Traits:
    """What people set on one id."""

    names: list[str] = field(default_factory=list)  # the last one holds; "" gives back the name at first sight
    aliases: list[str] = field(default_factory=list)
    identity: LegalIdentity = field(default_factory=LegalIdentity)
    former_in_law: list[str] = field(default_factory=list)  # legal names before the present one
    group: str | None = None
    contacts: list[Contact] = field(default_factory=list)

    @property
    def name(self) -> str | None:
        return (self.names[-1] or None) if self.names else None


def set_traits(traits: Traits, details: Mapping[str, str]) -> None:
    """Put one checked `set` into force."""
    if "name" in details:
        traits.names.append(details["name"])
    if "group" in details:
        traits.group = details["group"] or None
    traits.aliases = _changed(traits.aliases, values(details, "alias"), values(details, "remove_alias"))
    if "legal_name" in details and (before := traits.identity.legal_name):
        traits.former_in_law.append(before)
    traits.identity = _identity(traits.identity, details)
    traits.contacts = _contacts(traits.contacts, details)


def contact_text(contact: Contact) -> str:
    """A contact as `set` writes it."""
    return f"{contact.kind}={contact.value}"


def _identity(identity: LegalIdentity, details: Mapping[str, str]) -> LegalIdentity:
    texts = {name: details[name] or None for name in _IDENTITY if name in details}
    if "country" in texts:
        texts["country_source"] = details.get("country_source") or None
    words = [capacity.value for capacity in identity.capacities]
    words = _changed(words, values(details, "capacity"), values(details, "remove_capacity"))
    person = identity.natural_person
    if "natural_person" in details:
        person = _TRUTH.get(details["natural_person"])
    capacities = tuple(Capacity(word) for word in words)
    return replace(replace(identity, **texts), capacities=capacities, natural_person=person)  # type: ignore[arg-type]


def _contacts(contacts: list[Contact], details: Mapping[str, str]) -> list[Contact]:
    added = [text.partition("=") for text in values(details, "contact")]
    new = [Contact(kind, value, details["contact_source"]) for kind, _, value in added]
    gone = {*values(details, "contact"), *values(details, "remove_contact")}
    return [contact for contact in contacts if contact_text(contact) not in gone] + [
        contact for contact in new if contact_text(contact) not in values(details, "remove_contact")
    ]


def _changed(words: list[str], added: list[str], removed: list[str]) -> list[str]:
    return [word for word in dict.fromkeys((*words, *added)) if word not in removed]

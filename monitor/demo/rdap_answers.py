"""Made-up RDAP answers for documentation ranges, as the registries write them: a range goes in, a document comes out.

What would surprise: ARIN pads octets and states no type for a direct allocation's parent; RIPE names the organisation
as an entity with role `registrant` and the range's first and last address as they are. Every name is invented.
"""

import ipaddress
from collections.abc import Mapping, Sequence

CREATED, CHANGED = "2019-03-01T10:00:00Z", "2020-06-15T08:30:00Z"
Document = dict[str, object]


def network_answer(
    cidr: str,
    *,
    type: str | None = "ASSIGNED PA",  # noqa: A002 - the field's name in RFC 9083
    name: str = "EXAMPLE-NET",
    country: str | None = "NL",
    entities: Sequence[Mapping[str, object]] = (),
    created: str | None = CREATED,
    changed: str | None = CHANGED,
) -> Document:
    """An `ip network` object (RFC 9083, 5.4). None leaves a member out."""
    network = ipaddress.ip_network(cidr)
    events = [("registration", created), ("last changed", changed)]
    document: Document = {
        "objectClassName": "ip network",
        "rdapConformance": ["rdap_level_0"],
        "handle": f"{network[0]} - {network[-1]}",
        "startAddress": str(network[0]),
        "endAddress": str(network[-1]),
        "ipVersion": f"v{network.version}",
        "name": name,
        "entities": list(entities),
        "events": [{"eventAction": action, "eventDate": date} for action, date in events if date],
    }
    return document | {key: value for key, value in (("type", type), ("country", country)) if value}


def entity(handle: str, name: str, *roles: str, kind: str = "org", email: str | None = None) -> Document:
    """An entity with a vcard; `kind` is `org`, `group` or `individual`."""
    vcard: list[list[object]] = [["version", {}, "text", "4.0"], ["fn", {}, "text", name], ["kind", {}, "text", kind]]
    if email:
        vcard.append(["email", {}, "text", email])
    return {"objectClassName": "entity", "handle": handle, "roles": list(roles), "vcardArray": ["vcard", vcard]}


def assigned_pa(cidr: str, customer: str = "Tulip Customer B.V.", handle: str = "ORG-TC1-RIPE") -> Document:
    """RIPE: a range that its holder handed on to a customer."""
    abuse = entity("ABC1-RIPE", "Abuse desk", "abuse", kind="group", email="abuse@tulip.example")
    return network_answer(cidr, entities=[entity(handle, customer, "registrant"), abuse])


def allocated_pa(cidr: str, holder: str = "Windmill Hosting B.V.", handle: str = "ORG-WH1-RIPE") -> Document:
    """RIPE: an allocation, in which smaller ranges may be registered apart."""
    abuse = entity("ABW1-RIPE", "Abuse desk", "abuse", kind="group", email="abuse@windmill.example")
    return network_answer(
        cidr, type="ALLOCATED PA", name="WINDMILL", entities=[entity(handle, holder, "registrant"), abuse]
    )


def reassignment(cidr: str, customer: str = "Prairie Servers Inc.", handle: str = "C00000001") -> Document:
    """ARIN: a range that was handed on, with padded octets and the parent's handle."""
    network = ipaddress.ip_network(cidr)
    document = network_answer(
        cidr, type="REASSIGNMENT", name="PRAIRIE", country=None, entities=[entity(handle, customer, "registrant")]
    )
    if network.version == 4:
        for field, address in (("startAddress", network[0]), ("endAddress", network[-1])):
            document[field] = ".".join(f"{octet:03d}" for octet in address.packed)
    return document | {"handle": "NET-EXAMPLE-1", "parentHandle": "NET-EXAMPLE-0"}


def natural_person(cidr: str, name: str = "Jan Voorbeeld", handle: str = "JV1-RIPE") -> Document:
    """A range registered to a person, who is never named."""
    return network_answer(cidr, entities=[entity(handle, name, "registrant", kind="individual")])


def undated(cidr: str) -> Document:
    """An answer that does not say since when it holds."""
    holder = entity("ORG-UD1-RIPE", "Undated Hosting B.V.", "registrant")
    return network_answer(cidr, type="ASSIGNED PI", entities=[holder], created=None, changed=None)

"""What a person entered about the providers: legal identity, country of establishment with its source, contacts.

In: `sample_world.PROVIDERS`. Out: the text of `providers.toml`, which `monitor providers import` reads. What would
surprise: three providers have no country and one has no contact, on purpose, because what is not known has a place of
its own on the pages; and every register number and address says that it is invented.
"""

from collections.abc import Iterator

from sample_world import MOVER, PROVIDERS, PROXY, SLOW_CLOUD, SLOW_SERVERS, TWINS, Provider

HEADER = """\
# What is known of the providers of the sample, as a person enters it: `monitor providers import`. Every provider is
# invented, and so are its country, register number, address and contact. Written by generate.py.
"""
SOURCE = "invented for the sample"
ABROAD = {
    SLOW_CLOUD.asn: "US",
    MOVER.asn: "US",
    TWINS[1].asn: "US",
    64506: "DE",
    64507: "DE",
    65536: "DE",
}
NOT_KNOWN = {SLOW_SERVERS.asn, 65537, PROXY.asn}
"""Nobody found out yet where these are established."""
LEGAL_FORMS = {"NL": "B.V.", "US": "Inc.", "DE": "GmbH"}


def registry_text() -> str:
    """One `[[change]]` for each provider, in the order of their AS numbers."""
    providers = sorted(PROVIDERS, key=lambda provider: provider.asn)
    return HEADER + "".join("\n" + "".join(f"{line}\n" for line in _entry(provider)) for provider in providers)


def _entry(provider: Provider) -> Iterator[str]:
    yield "[[change]]"
    yield 'action = "set"'
    yield f'subject = "{provider.provider_id}"'
    if provider.asn not in NOT_KNOWN:
        yield from _identity(provider, ABROAD.get(provider.asn, "NL"))
        yield 'natural_person = "no"'
    yield f'capacity = ["{"proxy" if provider is PROXY else "hosting"}"]'
    if provider.habit != "no-contact":
        yield f'contact = ["abuse=abuse@{_host(provider)}"]'
        yield f'contact_source = "{SOURCE}"'
    yield 'by = "nobody: invented for the sample"'
    yield 'why = "the sample shows what a registry holds"'
    yield "at = 2025-06-02T09:00:00Z"


def _identity(provider: Provider, country: str) -> Iterator[str]:
    yield f'legal_name = "{provider.name} {LEGAL_FORMS[country]} (AS{provider.asn}, invented)"'
    yield f'register_number = "EXAMPLE-{provider.asn}"'
    yield f'postal_address = "Voorbeeldstraat {provider.asn % 1000}\\n0000 XX Voorbeeldstad"'
    yield f'country = "{country}"'
    yield f'country_source = "{SOURCE}"'


def _host(provider: Provider) -> str:
    return f"as{provider.asn}.example"

"""All harnesses by name.

In: nothing. Out: `MODULES`, and `target`. What would surprise: a module is loaded when one of its targets is asked for,
because the fuzzer rewrites what it loads, and has no use for the rest.
"""

from importlib import import_module

from fuzz.target import Target

MODULES = {
    "fuzz.imports": ("reports", "checks", "parquet", "received", "compressed"),
    "fuzz.values": ("times", "urls", "hosts", "texts"),
    "fuzz.references": (
        *("prefixes", "as-names", "proxies", "stored-tables", "compressed-tables", "rdap", "rdap-files", "retry-after"),
    ),
    "fuzz.answers": ("heads", "exchanges", "locations", "dns", "pipe"),
    "fuzz.clerks": ("settings", "registry"),
    "fuzz.documents": ("letters", "word"),
    "fuzz.backups": ("manifest", "backup"),
    "fuzz.scart": ("scart-headers", "scart-exports", "scart-tables"),
    "fuzz.exchange": ("case-document", "case-envelope", "age-file", "age-key"),
    "fuzz.bundles": ("bundle-manifest", "bundle-list", "bundle", "bundle-inside"),
    "fuzz.orders": ("order-words", "order-facts"),
    "fuzz.rules": ("judging", "episodes"),
}
NAMES = tuple(name for names in MODULES.values() for name in names)


def target(name: str) -> Target:
    """Raises KeyError for an unknown name."""
    module = next((module for module, names in MODULES.items() if name in names), None)
    if module is None:
        raise KeyError(name)
    found: dict[str, Target] = import_module(module).TARGETS
    return found[name]

"""Names of a package that load their module with the first use: what brings a compiler should keep nobody waiting."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def loads(package: str, where: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package; `where` is the module below it by name. Raises AttributeError on another name."""

    def find(name: str) -> Any:  # noqa: ANN401 (whatever the module holds under that name)
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{where[name]}"), name)

    return find

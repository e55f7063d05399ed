"""One target under the fuzzer, in a process of its own: `python -m fuzz.child NAME [options of libFuzzer]`.

What would surprise: only the modules of the monitor are rewritten for coverage, and not those that are compiled to
machine code, which cannot be.
"""

import sys
from importlib import import_module

import atheris

from fuzz import targets

_COMPILED = (
    "monitor.survival.ascent",
    "monitor.survival.compiled",
    "monitor.survival.moments",
    "monitor.survival.npmle",
)


def main() -> None:
    name = sys.argv.pop(1)
    module = next(module for module, names in targets.MODULES.items() if name in names)
    with atheris.instrument_imports(include=["monitor", "spiders"], exclude=list(_COMPILED)):
        import_module(module)
    atheris.Setup(sys.argv, targets.target(name).one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

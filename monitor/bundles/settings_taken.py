"""The settings that go along in a bundle: those of the file, without what is a secret or holds on one machine alone.

In: the bytes of `monitor.toml`. Out: the same without `[database] url` and without any text that has a name and a
password in a URL; and what was left out, by name. What would surprise: comments stay, so whoever writes a secret into a
comment hands it over; and a file that is no TOML is left out as a whole.
"""

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from monitor.backup.manifest import SETTINGS

_LETS_SOMEBODY_IN = re.compile(r"//[^/@\s]*@|pass(word)?=", re.IGNORECASE)
_DATABASE_URL = ("database", "url")


def settings_taken(content: bytes) -> tuple[bytes | None, tuple[str, ...]]:
    """What goes along (None: nothing), and what does not."""
    try:
        settings = tomlkit.parse(content.decode("utf-8-sig"))
    except (TOMLKitError, UnicodeDecodeError):
        return None, (f"{SETTINGS}, because it cannot be read",)
    left_out = tuple(_secrets(settings, ()))
    for names in left_out:
        place: Any = settings
        for name in names[:-1]:
            place = place[name]
        del place[names[-1]]
    text = tomlkit.dumps(settings)
    if _LETS_SOMEBODY_IN.search(text):  # in a comment, or in a list
        return None, (f"{SETTINGS}, because it holds what looks like a password",)
    return text.encode(), tuple(".".join(names) for names in left_out)


def _secrets(table: MutableMapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, value in list(table.items()):
        names = (*above, name)
        if isinstance(value, MutableMapping):
            yield from _secrets(value, names)
        elif names == _DATABASE_URL or (isinstance(value, str) and _LETS_SOMEBODY_IN.search(value)):
            yield names

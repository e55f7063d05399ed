"""Harnesses of what clerks write by hand: monitor.toml and the file of the registry's changes.

What must hold: each is taken, or refused in one line of words; every entry is accepted, a duplicate or rejected; and
what was taken is, written out and read again, the same.
"""

import re
import shutil
from functools import cache

from fuzz.scratch import as_file, folder
from fuzz.target import Target
from fuzz.told import error_repeats_nothing, reasons_repeat_nothing
from monitor.backup.settled import settle
from monitor.config import Settings, read_settings
from monitor.errors import InputError, WrongSetting
from monitor.intake import clear_text
from monitor.store import Store, open_store
from monitor.store.registry_file import export_registry
from monitor.store.registry_import import import_registry

_ID = re.compile(r"\b(?:as[0-9]+|org-[a-z0-9-]+)")
"""A Provider's id is public, and an error of the registry may name it."""


def settings(data: bytes) -> None:
    path = as_file(data, "monitor.toml")
    try:
        read = read_settings(folder(), path)
    except WrongSetting as error:
        _in_words(error)
    else:
        for each in () if isinstance(read, Settings) else read:
            _in_words(each)
    settle(path, folder() / "not-there", None)


def _in_words(error: WrongSetting) -> None:
    assert error.message
    assert "\n" not in str(error)
    assert "Traceback" not in str(error)


def registry(data: bytes) -> None:
    """In an empty store, which is put away whenever something was taken."""
    text = data.decode("utf-8", errors="replace")
    store = _empty_store()
    try:
        made = import_registry(store, text, by="Jo", clear=clear_text)
        assert made.n_read == made.n_accepted + made.n_duplicate + len(made.rejects)
        reasons_repeat_nothing((_ID.sub("", reject.reason) for reject in made.rejects), data)
        if made.n_accepted:
            again = import_registry(store, export_registry(store), by="Jo", clear=clear_text)
            assert again.n_read == again.n_duplicate
    except InputError as error:
        error_repeats_nothing(error, data)
        return
    if made.n_accepted:
        store.close()
        _empty_store.cache_clear()


@cache
def _empty_store() -> Store:
    """From a copy: to make one takes longer."""
    made, place = folder() / "empty", folder() / "registry"
    if not made.exists():
        open_store(made, create=True).close()
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(made, place)
    return open_store(place, create=False)


_TOML = b"""
[database]
url = "postgresql://user@db.example/monitor"
[mandate]
organisation = "Voorbeeldmeldpunt"
expires = 2027-06-30
permit_get = true
[sources.hotline]
live = true
[norms.request]
hours = 24
target = 0.8
[checks]
ports = [80, 443]
[letters]
visiting_address = ["Voorbeeldplein 1"]
"""


_CHANGES = b"""
[[organisation]]
id = "org-ripencc-beta"
name = "Beta"
first_seen_at = 2026-01-01T00:00:00Z
[[change]]
action = "merge"
subject = "as64500"
into = "as64501"
by = "Jo"
why = "one owner"
[[change]]
action = "set"
subject = "org-ripencc-beta"
name = "Voorbeeld"
alias = ["A", "B"]
why = "x"
at = 2026-01-01T00:00:00+01:00
[[change]]
action = "assign"
subject = "as64500"
asn = [64502, "64503"]
network = "192.0.2.0/24"
valid_from = "2026-01-01"
why = "x"
"""


TARGETS = {
    "settings": Target(
        settings,
        (_TOML, b"[canary]\n[vantages.one]\n", b"[norms.fast]\nclock = 'order'\n", b"[minimums]\nepisodes = 10\n"),
        (
            *(f"[{name}]\n".encode() for name in Settings.model_fields),
            b" = ",
            b"_env_file",
            b"nan",
            b"9999-12-31T23:59:59Z",
        ),
        1024,
    ),
    "registry": Target(
        registry,
        (_CHANGES, *(b"[[change]]" + each for each in _CHANGES.split(b"[[change]]")[1:])),
        (
            b"[[change]]\n",
            b'action = "',
            b"undo",
            b"split",
            b"distinct",
            b"override",
            b"undoes = ",
            b"0001-01-01T00:00:00+23:59",
        ),
        1024,
    ),
}

"""The words of a release: gettext catalogues, read from `.po` files and compiled in memory.

In: a language code. Out: `Texts` with gettext and ngettext. English is the language of the message ids, so it has no
catalogue; no `.mo` file is ever written, so that a wheel and a checkout show the same words.
"""

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("en", "nl")


def N_(message: str) -> str:
    """Mark a message that is translated later, where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. `knows` tells whether a text that comes from data has a translation."""

    language: str
    catalog: NullTranslations

    @property
    def locale(self) -> str:
        """How numbers and dates are written: European English, so 1 January and not January 1."""
        return "en_GB" if self.language == "en" else self.language

    def gettext(self, message: str) -> str:
        return self.catalog.gettext(message) if message else ""

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.catalog.ngettext(one, many, n)

    def knows(self, message: str) -> bool:
        return self.language == "en" or self.gettext(message) != message


@cache
def texts(language: str) -> Texts:
    """The texts of `language` (`en` or `nl`)."""
    if language == "en":
        return Texts("en", NullTranslations())
    source = files("monitor.publication") / "locale" / language / "LC_MESSAGES" / "messages.po"
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return Texts(language, GNUTranslations(compiled))

"""How the templates of `reports/` are read: one jinja2 Environment for each page set and language.

In: the texts of a language. Out: an Environment that escapes, and refuses a name that it was not given. What would
surprise: each call makes a new one, because what a page set adds to its globals is not for another.
"""

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.publication.texts import Texts


def environment(words: Texts) -> Environment:
    env = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_translations(words.catalog, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    return env

"""How the templates of `reports/` are read: one jinja2 Environment for each page set and language.

In: the texts of a language. Out: an Environment that escapes, and refuses a name that it was not given. What would
surprise: each call makes a new one, because what a page set adds to its globals is not for another; what a template
compiles to is the same in all of them, so it is kept for the next.
"""

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket

from monitor.publication.texts import Texts


class _Compiled(BytecodeCache):
    """In memory, by name and by a hash of the source."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._kept.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def environment(words: Texts) -> Environment:
    env = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
        extensions=["jinja2.ext.i18n"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_translations(words.catalog, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    return env

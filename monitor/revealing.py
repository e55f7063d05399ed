"""One URL shown to a person: the one way there is, for `reveal` and `explain --reveal` alike.

In: the store, a record, who asks and why. Out: the URL, or the host alone where the path was withheld. What would
surprise: the entry on the audit log is committed before the URL leaves this module, so whatever is shown was written
down; what is refused, or does not open, leaves no entry and shows nothing.
"""

from dataclasses import dataclass

from monitor import store
from monitor.model.explanation import Reveal
from monitor.store import FoundRecord, Store


@dataclass(frozen=True, slots=True)
class Revealed:
    """A record and what it is about. `withheld`: the hotline gave the host alone. The repr shows no URL."""

    source: str
    record_id: str
    url: str
    withheld: bool

    def __repr__(self) -> str:
        return f"Revealed({self.source!r}, {self.record_id!r})"


def reveal(db: Store, record_id: str, source: str | None, asked: Reveal) -> Revealed:
    """Raises RecordMissing (none, several, or forgotten), KeyProblem for a key file that may not open URLs."""
    found = store.find_record(db, record_id, source)
    url = opened(db, found, asked, "reveal")
    return Revealed(found.source, found.record_id, url, withheld="://" not in url)


def opened(db: Store, record: FoundRecord, asked: Reveal, action: str) -> str:
    """The URL of a record that was found; `action` is how the audit log calls it."""
    return store.open_url(db, record, actor=asked.by, reason=asked.why, action=action)

"""The file of a Provider's orders: JSON and PDFs in one ZIP, sealed for its receivers; joins survey, dossier and seal.

In: the store, a Provider, public keys or the explicit wish for plain bytes, who asks and why. Out: the file, and its
row on the audit log. What would surprise: the row is written before the file has its name, so that no file is without;
and URLs and names stand in it, so a plain one is for its maker alone (0600) until somebody decides otherwise.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from monitor import store
from monitor.clock import now
from monitor.config import Settings
from monitor.disk import remove_left_over, write_new
from monitor.errors import HandoverError, OrderError
from monitor.handover.seal import PublicKey, write_sealed
from monitor.handover.zip_stream import ZipStream
from monitor.method import version_of_the_code
from monitor.orders.dossier import Document, Head, dossier, shown_id
from monitor.orders.standing import OrderStanding, Survey, survey
from monitor.orders.words import LANGUAGES
from monitor.store import Store

_DRAFT = ".new-order-file-"
FOLDER = "order-files"
"""Where the files go in the data folder, as long as nobody says otherwise."""
_README = """Bevelen aan een aanbieder / Orders to a provider

orders.nl.pdf   in het Nederlands, om te bewaren (PDF/A-2a)
orders.en.pdf   in English, for the archive (PDF/A-2a)
orders.json     dezelfde feiten, volledig / the same facts, complete
manifest.json   SHA-256 van elk bestand / SHA-256 of each file

Elk feit heeft een bron en een tijd (UTC). Er staat geen schatting in en geen juridisch oordeel.
Each fact has a source and a time (UTC). There is no estimate in it and no legal judgement.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `keys` empty: plain bytes, which the caller was asked for in so many words."""

    provider: str  # id, name, alias or AS number
    keys: tuple[PublicKey, ...]
    by: str
    why: str
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What was made."""

    path: Path
    sha256: str
    size: int
    keys: tuple[PublicKey, ...]
    provider_id: str
    orders: tuple[int, ...]


def orders_file(db: Store, settings: Settings, asked: Asked) -> Made:
    """Write one Provider's file. Raises OrderError, HandoverError, StoreError, KeyProblem."""
    db.sealer.check_may_reveal()
    moment = now()
    found = survey(db, settings, store.list_orders(db), moment)
    provider_id, mine = _of(found, asked.provider)
    head = Head(provider_id, moment, asked.by, asked.why, version_of_the_code(), settings.publication.publisher)
    shown = shown_id(found, provider_id)
    content = dossier(found, head, mine)
    numbers = tuple(sorted(each.order.order_id for each in mine))
    path = asked.out or db.data_dir / FOLDER / _name(shown, moment, sealed=bool(asked.keys))

    def written_down(digest: str) -> None:
        keys = " ".join(key.fingerprint for key in asked.keys)
        of = f"{shown}: orders {', '.join(map(str, numbers))}, SHA-256 {digest}"
        subject = f"{of}, for key {keys}" if keys else f"{of}, not sealed"
        store.add_audit(db, actor=asked.by, action="orders file", subject=subject, reason=asked.why)

    digest, size = _written(path, content, asked.keys, written_down)
    return Made(path, digest, size, asked.keys, shown, numbers)


def _written(
    path: Path, content: Document, keys: tuple[PublicKey, ...], written_down: Callable[[str], None]
) -> tuple[str, int]:
    if not keys:
        return _plain(path, b"".join(_pieces(content)), written_down)
    sealed = write_sealed(path, _pieces(content), keys, lambda made: written_down(made.sha256))
    return sealed.sha256, sealed.size


def _of(found: Survey, name: str) -> tuple[str, tuple[OrderStanding, ...]]:
    """The Provider's id, and the orders that are its own."""
    known = found.registry.find(name)
    for provider_id in dict.fromkeys((known, name, name.lower())):
        mine = tuple(each for each in found.standings if each.addressed_to == provider_id)
        if mine and provider_id is not None:
            return provider_id, mine
    raise OrderError(
        "No order is addressed to that provider", "`monitor orders list` shows whom each one is addressed to"
    )


def _name(provider_id: str, moment: datetime, *, sealed: bool) -> str:
    return f"{provider_id}-{moment:%Y%m%dT%H%M%SZ}.zip{'.age' if sealed else ''}"


def _pieces(content: Document) -> Iterator[bytes]:
    """The archive."""
    from monitor.orders.document import pdf  # noqa: PLC0415 (it loads the typesetter)

    archive = ZipStream()
    yield from archive.member("README.txt", [_README.encode()])
    yield from archive.member("orders.json", [_json(content)])
    for words in LANGUAGES:
        yield from archive.member(f"orders.{words.language}.pdf", [pdf(content, words)])
    made = {name: {"sha256": digest, "bytes": size} for name, (digest, size) in archive.made.items()}
    yield from archive.member("manifest.json", [_json({"files": made})])
    yield from archive.end()


def _plain(path: Path, content: bytes, written_down: Callable[[str], None]) -> tuple[str, int]:
    """SHA-256 and size of a file that anybody can read who gets at it; 0600. Raises HandoverError."""
    remove_left_over(path.parent, _DRAFT)  # URLs lie in it in the clear
    if os.path.lexists(path):
        raise HandoverError("A file of that name is there already", "Name another file, or move that one away")
    digest = sha256(content).hexdigest()
    written_down(digest)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new(path, content, _DRAFT)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else "unknown reason"
        raise HandoverError(f"The file cannot be written: {reason}", "Make room or give access") from None
    return digest, len(content)


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()

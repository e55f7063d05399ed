"""Whom we exchange cases with: fingerprints, pinned links, and the shared key under which cases get their names.

In: public keys that people compared over a second way. Out: a link; a sealed file with the shared key, or that key
taken from such a file. What would surprise: the key travels as a document of the exchange, signed and sealed like any
other, and who takes it in has to have linked the sender before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.clock import now
from monitor.errors import HandoverError
from monitor.handover.exchange_seal import Opened, read_document, write_document
from monitor.handover.identity import Identity
from monitor.handover.pseudonym import key_digest, new_shared_key
from monitor.handover.seal import PublicKey, Sealed, public_keys
from monitor.handover.signing import fingerprint_of, signing_key
from monitor.model.exchange import Address, ExchangeLink, KeyDocument
from monitor.store import Store, add_audit
from monitor.store.exchange import next_sequence
from monitor.store.exchange_links import find_link, link_of_signer, set_link, set_shared_key, shared_key


@dataclass(frozen=True, slots=True)
class SharedKey:
    """A key that was made, sent once more, or taken in. `sealed` None: taken in."""

    link: str
    digest: str
    changed: bool
    sealed: Sealed | None


def link(db: Store, name: str, public: str, age: str | None, *, replace: bool, by: str, reason: str) -> bool:
    """Pin an organisation's keys; whether anything changed. Raises HandoverError."""
    fingerprint = fingerprint_of(public)
    if fingerprint == signing_key(db.data_dir, create=True).fingerprint:
        raise HandoverError("That is the key of this monitor", "Give the line that the other side sent")
    age = None if age is None else public_keys([age])[0].text
    return set_link(db, name, public, age, replace=replace, by=by, reason=reason)


def receiver_of(link: ExchangeLink) -> tuple[PublicKey, ...]:
    """For whom to seal. Raises HandoverError."""
    if link.age is None:
        raise HandoverError(
            "The receiver's age key is not known", "Add it: `monitor exchange link NAME --public ... --age age1...`"
        )
    return public_keys([link.age])


def send_key(db: Store, name: str, out: Path, *, replace: bool, by: str) -> SharedKey:
    """Seal the shared key for the other side; made where there is none, or with `replace`. Raises HandoverError."""
    to, ours = find_link(db, name), signing_key(db.data_dir, create=True)
    receiver = receiver_of(to)
    key = new_shared_key() if to.key_digest is None or replace else shared_key(db, to)
    digest = key_digest(key)
    head = Address(ours.fingerprint, fingerprint_of(to.public), next_sequence(db, to), now(), digest)
    changed = digest != to.key_digest

    def written_down(sealed: Sealed) -> None:
        for_whom = f"for {sealed.keys[0].text}"
        if not set_shared_key(db, to, key, digest, replace=replace, by=by, how=f"made, {for_whom}"):
            subject = f"{name}, key {digest}"
            add_audit(db, actor=by, action="exchange key", subject=subject, reason=f"sent once more, {for_whom}")

    return SharedKey(name, digest, changed, write_document(out, KeyDocument(head, key), ours, receiver, written_down))


def take_key(db: Store, name: str, path: Path, identity: Identity, *, replace: bool, by: str) -> SharedKey:
    """Keep the key that the other side sealed for us. Raises HandoverError, and keeps nothing then."""
    sender = find_link(db, name)
    opened = opened_for_us(db, path, [identity])
    if sender_of(db, opened) != sender:
        raise HandoverError("The file comes from another organisation", "Name the one that sent it")
    document = opened.document
    if not isinstance(document, KeyDocument):
        raise HandoverError("The file holds cases, not a key", "Run `monitor exchange import FILE`")
    digest = key_digest(document.shared_key)
    if digest != document.head.key_digest:
        raise HandoverError("The file names another key than it holds", "Ask the sender to make it once more")
    how = f"taken in, signed by {opened.signer}"
    changed = set_shared_key(db, sender, document.shared_key, digest, replace=replace, by=by, how=how)
    return SharedKey(name, digest, changed, None)


def opened_for_us(db: Store, path: Path, identities: Sequence[Identity]) -> Opened:
    """A document whose signature fits and which was written to us. Raises HandoverError."""
    opened = read_document(path, identities)
    if opened.document.head.receiver != signing_key(db.data_dir, create=False).fingerprint:
        raise HandoverError(
            "The document was written to another monitor than this one",
            "Ask the sender which fingerprint is linked there; `monitor exchange fingerprint` shows ours",
        )
    return opened


def sender_of(db: Store, opened: Opened) -> ExchangeLink:
    """The link that pinned the signer's key. Raises HandoverError where nobody did."""
    found = link_of_signer(db, opened.signer)
    if found is None:
        raise HandoverError(
            f"The document is signed by {opened.document.head.sender}, whom nobody linked",
            "Compare that fingerprint over a second way, then `monitor exchange link`; nothing was taken from it",
        )
    return found

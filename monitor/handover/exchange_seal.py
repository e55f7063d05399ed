"""A document of the exchange in its envelope: signed by the sender, sealed for the receiver; and opened again.

In: a Document and keys; or a sealed file and our own keys. Out: the sealed file; or the Document with who signed it.
What would surprise: the signature lies inside the seal and the receiver's fingerprint inside the signature, so nobody
on the way sees who wrote, and the receiver cannot pass the document on as if it had been written to somebody else.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from monitor.errors import HandoverError
from monitor.handover.exchange_document import MOST_BYTES, canonical, document_fields, parsed, read_fields
from monitor.handover.identity import Identity, opened
from monitor.handover.seal import PublicKey, Sealed, write_sealed
from monitor.handover.signing import SigningKey, fingerprint_of, verify_signature
from monitor.model.exchange import Document

_SIGNED = b"monitor-exchange-1\n"
"""In front of what is signed, so that no signature over anything else fits here."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document whose signature fits. `signer`: the public key; whose that is the caller decides."""

    document: Document
    signer: str
    digest: str


def digest_of(document: Document) -> str:
    """SHA-256 of the canonical bytes: the same document has it in whatever file it comes."""
    return sha256(canonical(document_fields(document))).hexdigest()


def write_document(
    path: Path,
    document: Document,
    key: SigningKey,
    receiver: Sequence[PublicKey],
    before_it_is_there: Callable[[Sealed], None],
) -> Sealed:
    """Sign and seal into a new file, as `write_sealed` does. Raises HandoverError."""
    fields = document_fields(document)
    read_fields(fields)  # what the receiver would refuse is not sent
    signature = base64.b64encode(key.sign(_SIGNED + canonical(fields))).decode()
    content = canonical({"document": fields, "signature": signature, "signer": key.public})
    if len(content) > MOST_BYTES:
        raise HandoverError("The document is too large", "Send fewer cases at once")
    return write_sealed(path, [content], receiver, before_it_is_there)


def read_document(path: Path, identities: Sequence[Identity]) -> Opened:
    """What is in a sealed file. Raises HandoverError where anything in it does not fit."""
    with opened(path, identities) as plain:
        content = plain.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise HandoverError("The document is too large", f"At most {MOST_BYTES} bytes are read")
    envelope = parsed(content)
    if not isinstance(envelope, dict) or set(envelope) != {"document", "signature", "signer"}:
        raise HandoverError("What is inside is no document of the exchange", "Ask the sender what this file is")
    signer, signed = envelope["signer"], _SIGNED + canonical(envelope["document"])
    if not isinstance(signer, str):
        raise HandoverError("The document names no signer", "Ask the sender what this file is")
    verify_signature(signer, signed, _signature(envelope["signature"]))
    document = read_fields(envelope["document"])
    if document.head.sender != fingerprint_of(signer):
        raise HandoverError(
            "The document names another sender than the one who signed it", "Ask the sender by another way"
        )
    return Opened(document, signer, digest_of(document))


def _signature(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""

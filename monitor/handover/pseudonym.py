"""Names for cases that say nothing without a shared key: HMAC-SHA-256 over what is to be named.

In: a key that two organisations share; a record, a URL or a host. Out: 64 hex digits. What would surprise: the two
sides make the same name for the same URL, which is the purpose; so who holds the key can try out a URL by guessing.
"""

import hmac
import secrets
from hashlib import sha256

from monitor.model.exchange import TargetKind

SHARED_KEY_BYTES = 32
_DIGEST_DIGITS = 16


def new_shared_key() -> bytes:
    return secrets.token_bytes(SHARED_KEY_BYTES)


def key_digest(key: bytes) -> str:
    """By which two people see that they hold the same key: 16 hex digits, which do not give the key away."""
    return sha256(b"monitor-exchange-key\0" + key).hexdigest()[:_DIGEST_DIGITS]


def case_name(key: bytes, sender: str, source: str, record_id: str) -> str:
    """The name of the sender's record; `sender` is its fingerprint, so that both sides' records never meet."""
    return _name(key, "case", sender, source, record_id)


def target_name(key: bytes, kind: TargetKind, text: str) -> str:
    """The name of a normalised URL, or of a host where the path was withheld: the same on both sides."""
    return _name(key, kind.value, text)


def _name(key: bytes, *parts: str) -> str:
    """Each part with its length in front: no two lists of parts give the same bytes."""
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.digest(key, b"monitor-exchange-1" + message, "sha256").hex()

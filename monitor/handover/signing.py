"""Signing what leaves this monitor: Ed25519, one key for each data folder.

In: bytes. Out: a signature that who holds our public key, or knows its fingerprint, can check. What would surprise: the
key is made once and never replaced, because others pinned its fingerprint; and a signature covers the bytes it is given
and nothing else, so each kind of document puts a line of its own in front.
"""

import base64
import binascii
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from monitor.disk import remove_drafts_of, write_new
from monitor.errors import HandoverError

SIGNING_KEY = "signing.key"
_FORMAT, _KIND = "monitor-signing-key-1", "ed25519:"
_WRITTEN = re.compile(r"ed25519:[A-Za-z0-9+/]{43}=")
_PUT_BACK = f"Put {SIGNING_KEY} back from your copy: others know you by it, and a new one would be unknown to them"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Our key; its repr shows the public half alone. `public`: ed25519: and base64."""

    public: str
    _secret: Ed25519PrivateKey = field(repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.public)

    def sign(self, message: bytes) -> bytes:
        """64 bytes over the message."""
        return self._secret.sign(message)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a key is not pickled")


def signing_key(folder: Path, *, create: bool) -> SigningKey:
    """The key of a data folder; `create` makes it where there is none. Raises HandoverError, and never overwrites."""
    path = folder / SIGNING_KEY
    if create:
        remove_drafts_of(path)  # who was killed right after left a second copy
        if not os.path.lexists(path):
            _make(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise HandoverError(
            f"There is no {SIGNING_KEY} in the data folder", "Run `monitor exchange fingerprint`"
        ) from None
    except OSError as error:
        raise HandoverError(f"{SIGNING_KEY} cannot be read ({error.strerror})", "Check who owns it") from None
    try:
        kind, text = content.decode("ascii").split()
        if kind != _FORMAT:
            raise ValueError("format")
        secret = Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):  # from None: the text of a key is in no traceback
        raise HandoverError(f"{SIGNING_KEY} is damaged", _PUT_BACK) from None
    return SigningKey(_text(secret.public_key()), secret)


def _make(path: Path) -> None:
    """A new key, whole or not at all; where somebody else is quicker, theirs stays."""
    secret = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    try:
        with suppress(FileExistsError):
            write_new(path, f"{_FORMAT} {base64.b64encode(secret).decode()}\n".encode("ascii"))
    except OSError as error:
        raise HandoverError(f"{SIGNING_KEY} cannot be written ({error.strerror})", "Make room or give access") from None


def others_may_read(folder: Path) -> bool:
    """Whether the signing key is open to others than its owner."""
    try:
        return bool((folder / SIGNING_KEY).stat().st_mode & 0o077)
    except OSError:
        return False


def verify_signature(public: str, message: bytes, signature: bytes) -> None:
    """Raise HandoverError unless who holds that key signed exactly these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(_raw(public)).verify(signature, message)
    except InvalidSignature:
        raise HandoverError(
            "The signature does not fit: the content was changed, or somebody else signed it",
            "Take nothing from it, and ask the sender by another way",
        ) from None


def fingerprint_of(public: str) -> str:
    """SHA-256 of the raw key, 64 hex digits. Raises HandoverError where the text is no public key."""
    return sha256(_raw(public)).hexdigest()


def _raw(public: str) -> bytes:
    if not _WRITTEN.fullmatch(public):
        raise HandoverError("That is no public signing key", "Copy it whole: ed25519: and 44 letters and digits")
    return base64.b64decode(public.removeprefix(_KIND), validate=True)


def _text(public: Ed25519PublicKey) -> str:
    return _KIND + base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

"""Sealing: plain bytes in, sealed bytes and blind indexes out, under a key that lies outside the database.

AES-256-GCM (`cryptography`) with a random nonce; the value's context (its table and column) is associated data,
so that a sealed value moved to another column does not open. The blind index is keyed BLAKE2b, 16 bytes, with a
key of its own for each context. What would surprise: sealing one text twice gives different bytes; only the
index is equal. Layout of a sealed value: 1 byte version, 4 bytes key id, 12 bytes nonce, ciphertext and tag.
"""

import base64
import binascii
import json
import os
import secrets
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from monitor.disk import sync
from monitor.errors import KeyProblem

KEY_FILE = "monitor.key"
_FORMAT = "monitor-key-1"
_VERSION = b"\x01"
_KEY_ID_BYTES, _NONCE_BYTES, _KEY_BYTES, _INDEX_BYTES = 4, 12, 32, 16
_HEAD_BYTES = 1 + _KEY_ID_BYTES
_PROOF_TEXT, _PROOF_CONTEXT = b"this key opens this store", "seals.proof"
_PUT_BACK = "Put the key file back from your backup; without it nothing in the database can be opened"


class Sealer:
    """Seals, opens and indexes values under one key. Safe to share between threads; its repr shows no key."""

    __slots__ = ("_aead", "_context_keys", "_head", "_index_key", "key_id")

    def __init__(self, key_id: str, encryption_key: bytes, index_key: bytes) -> None:
        if len(bytes.fromhex(key_id)) != _KEY_ID_BYTES or {len(encryption_key), len(index_key)} != {_KEY_BYTES}:
            raise ValueError("a key of another size")
        self.key_id = key_id
        self._aead = AESGCM(encryption_key)
        self._index_key = index_key
        self._head = _VERSION + bytes.fromhex(key_id)
        self._context_keys: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return f"Sealer(key_id={self.key_id!r})"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a key is not pickled")

    def seal(self, plain: bytes, context: str) -> bytes:
        """The sealed value, to be opened with the same context only."""
        nonce = os.urandom(_NONCE_BYTES)  # not drawn ahead: a forked process would use the same ones again
        return self._head + nonce + self._aead.encrypt(nonce, plain, context.encode())

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The plain bytes. Raises KeyProblem if this key did not seal them, or they were changed or moved."""
        if sealed[:_HEAD_BYTES] != self._head:
            raise KeyProblem("A value was sealed with another key", _PUT_BACK)
        nonce, body = sealed[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES], sealed[_HEAD_BYTES + _NONCE_BYTES :]
        try:
            return self._aead.decrypt(nonce, body, context.encode())
        except (InvalidTag, ValueError):  # ValueError: cut short
            raise KeyProblem("A sealed value does not open: it was changed, or the key is wrong", _PUT_BACK) from None

    def index(self, plain: bytes, context: str) -> bytes:
        """The blind index: equal for equal bytes in one context, and without the key it says nothing else."""
        key = self._context_keys.get(context) or self._context_key(context)
        return blake2b(plain, digest_size=_INDEX_BYTES, key=key).digest()

    def indexes(self, plains: Iterable[bytes], context: str) -> list[bytes]:
        """`index` of each."""
        key = self._context_keys.get(context) or self._context_key(context)
        return [blake2b(plain, digest_size=_INDEX_BYTES, key=key).digest() for plain in plains]

    def proof(self) -> bytes:
        """A known text sealed with this key, for the store to remember."""
        return self.seal(_PROOF_TEXT, _PROOF_CONTEXT)

    def proves(self, proof: bytes) -> bool:
        """Whether this key sealed `proof`."""
        try:
            return self.unseal(proof, _PROOF_CONTEXT) == _PROOF_TEXT
        except KeyProblem:
            return False

    def _context_key(self, context: str) -> bytes:
        key = blake2b(context.encode(), digest_size=_KEY_BYTES, key=self._index_key).digest()
        self._context_keys[context] = key
        return key


def make_key(folder: Path) -> Sealer:
    """Write a new key file (0600, complete or not at all, on disk before this returns) and load it.

    Raises FileExistsError if there is one: a key is never overwritten.
    """
    record = {
        "format": _FORMAT,
        "key_id": secrets.token_hex(_KEY_ID_BYTES),
        "encryption_key": base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode(),
        "index_key": base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode(),
    }
    draft = folder / f".{KEY_FILE}.{secrets.token_hex(8)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(json.dumps(record, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, folder / KEY_FILE)  # unlike a rename, fails where a key is
    finally:
        draft.unlink()
    sync(folder)
    return load_key(folder)


def load_key(folder: Path) -> Sealer:
    """The key of a data folder. Raises KeyProblem when it is missing or unreadable."""
    try:
        record = json.loads((folder / KEY_FILE).read_text(encoding="ascii"))
        if record["format"] != _FORMAT:
            raise ValueError("format")
        keys = [base64.b64decode(record[name], validate=True) for name in ("encryption_key", "index_key")]
        return Sealer(record["key_id"], *keys)
    except FileNotFoundError:
        raise KeyProblem(f"The key file {KEY_FILE} is not in the data folder. No new key was made", _PUT_BACK) from None
    except OSError as error:
        raise KeyProblem(f"The key file {KEY_FILE} cannot be read ({error.strerror})", "Check who owns it") from None
    except (ValueError, KeyError, TypeError, binascii.Error):  # from None: the text of a key is in no traceback
        raise KeyProblem(f"The key file {KEY_FILE} is damaged", _PUT_BACK) from None

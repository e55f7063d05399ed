"""The vault: sealing with a public key alone, so that who imports a URL need not be able to read it again.

In: plain bytes, the vault's public key. Out: a sealed value that its secret key alone opens. What would surprise: one
key pair is drawn for all that a process seals, not one for each value, so that a value costs what others do; who
opens works out one secret for each process that sealed.
Layout: 1 byte version, 4 bytes id of the key, 32 bytes public key of the process, 12 bytes nonce, ciphertext and
tag of AES-256-GCM under HKDF-SHA-256 of the shared X25519 secret; the context is associated data.
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from monitor.errors import KeyProblem
from monitor.store.key_file import KEY_ID_BYTES, PUT_BACK, VaultKey

VAULT_VERSION = b"\x02"
MAY_NOT_OPEN = "This key file may not open URLs: ask the hotline"
_HEAD_BYTES, _POINT_BYTES, _NONCE_BYTES = 1 + KEY_ID_BYTES, 32, 12
_INFO = b"hosting monitor, vault, version 2"


def vault_head(key_id: str) -> bytes:
    """How every value begins that lies in that vault."""
    return VAULT_VERSION + bytes.fromhex(key_id)


class Vault:
    """Seals to the newest of its keys, opens with each whose secret half it has. Its repr shows no key."""

    __slots__ = ("_begins", "_keys", "_opened", "_sealing", "newest")

    def __init__(self, keys: Sequence[VaultKey]) -> None:
        self.newest = keys[-1]
        self._keys = {vault_head(key.key_id): key for key in keys}
        drawn = X25519PrivateKey.generate()
        point = drawn.public_key().public_bytes_raw()
        self._begins = vault_head(self.newest.key_id) + point
        shared = drawn.exchange(X25519PublicKey.from_public_bytes(self.newest.public))
        self._sealing = _cipher(shared, point, self.newest.public)
        self._opened: dict[bytes, AESGCM] = {}

    def __repr__(self) -> str:
        return f"Vault({self.newest.key_id!r})"

    @property
    def key_ids(self) -> tuple[str, ...]:
        return tuple(key.key_id for key in self._keys.values())

    @property
    def opens(self) -> bool:
        """Whether the secret halves are here."""
        return all(key.secret is not None for key in self._keys.values())

    def knows(self, sealed: bytes) -> bool:
        """Whether the value names one of its keys."""
        return sealed[:_HEAD_BYTES] in self._keys

    def seal(self, plain: bytes, context: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return self._begins + nonce + self._sealing.encrypt(nonce, plain, context.encode())

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The plain bytes. Raises KeyProblem without the secret half, and where the value was changed or moved."""
        begins, rest = sealed[: _HEAD_BYTES + _POINT_BYTES], sealed[_HEAD_BYTES + _POINT_BYTES :]
        try:
            cipher = self._opened.get(begins) or self._cipher_of(begins)
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError):  # ValueError: cut short, or a point that is none
            raise KeyProblem("A sealed value does not open: it was changed, or the key is wrong", PUT_BACK) from None

    def _cipher_of(self, begins: bytes) -> AESGCM:
        key, point = self._keys[begins[:_HEAD_BYTES]], begins[_HEAD_BYTES:]
        if key.secret is None:
            raise KeyProblem(MAY_NOT_OPEN)
        shared = X25519PrivateKey.from_private_bytes(key.secret).exchange(X25519PublicKey.from_public_bytes(point))
        cipher = self._opened[begins] = _cipher(shared, point, key.public)
        return cipher


def _cipher(shared: bytes, point: bytes, public: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, _INFO + point + public).derive(shared))

"""Sealing: plain bytes in, sealed bytes and blind indexes out, under keys that lie outside the database.

AES-256-GCM (`cryptography`) with a random nonce; the value's context (its table and column) is associated data,
so that a sealed value moved to another column does not open. The blind index is keyed BLAKE2b, 16 bytes, with a
key of its own for each context. What would surprise: sealing one text twice gives different bytes; only the
index is equal. And keys may be rotated under a process that runs: what it does not know it looks up in the key file.
Layout of a sealed value: 1 byte version, 4 bytes key id, 12 bytes nonce, ciphertext and tag; of one in the vault see
`vault.py`.
"""

import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from monitor.errors import KeyProblem
from monitor.store import contexts
from monitor.store.key_file import (
    KEY_BYTES,
    KEY_FILE,
    KEY_ID_BYTES,
    PUT_BACK,
    Key,
    KeyRing,
    KeyRole,
    make_ring,
    read_ring,
)
from monitor.store.vault import MAY_NOT_OPEN, VAULT_VERSION, Vault

__all__ = ["HEAD_BYTES", "KEY_FILE", "Sealer", "head_of", "load_key", "make_key"]

_VERSION = b"\x01"
_NONCE_BYTES, _INDEX_BYTES = 12, 16
HEAD_BYTES = 1 + KEY_ID_BYTES
VAULTED = frozenset({contexts.TARGET_URL, contexts.HOST_NAME, contexts.EXCHANGE_URL})
"""What is put into the vault, once there is one."""
_GONE_FROM_A_COPY = frozenset({*VAULTED, contexts.WITHHELD_TARGET, contexts.ADDRESS})
_NO_COPY = ("This is a research copy: no URL, host or address is in it", "Work on the store it was made from")
_PROOF_TEXT, _PROOF_CONTEXT = b"this key opens this store", "seals.proof"


def head_of(key_id: str) -> bytes:
    """How every value begins that this key sealed."""
    return _VERSION + bytes.fromhex(key_id)


class Sealer:
    """Seals under one key, opens under each that it holds. Safe to share between threads; its repr shows no key.

    `folder`: where the key file is, to be looked up for a key that came later. `role`: whose key file it is.
    """

    __slots__ = ("_aeads", "_context_keys", "_folder", "_index_key", "_spared", "key_id", "role", "vault")

    def __init__(self, key_id: str, encryption_key: bytes, index_key: bytes, folder: Path | None = None) -> None:
        if len(index_key) != KEY_BYTES:
            raise ValueError("a key of another size")
        self.key_id = Key(key_id, encryption_key).key_id
        self._aeads = {head_of(key_id): AESGCM(encryption_key)}
        self._index_key = index_key
        self._folder = folder
        self._context_keys: dict[str, bytes] = {}
        self._spared: frozenset[str] = frozenset()
        self.role = KeyRole.OWNER
        self.vault: Vault | None = None

    def __repr__(self) -> str:
        return f"Sealer(key_id={self.key_id!r})"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a key is not pickled")

    def holds(self, key_id: str) -> bool:
        """Whether it has that key, or the key file has it by now."""
        return head_of(key_id) in self._aeads or self._look_up(head_of(key_id))

    def use(self, key_id: str) -> None:
        """Seal under that key, one that it holds, from now on."""
        if not self.holds(key_id):
            raise KeyProblem("That key is not in the key file", PUT_BACK)
        self.key_id = key_id

    def take(self, ring: KeyRing) -> None:
        """Open what these keys sealed too. Raises KeyProblem where they belong to another store."""
        if ring.index_key != self._index_key:
            raise KeyProblem(f"The key file {KEY_FILE} was replaced by that of another store", PUT_BACK)
        new = {head_of(key.key_id): AESGCM(key.secret) for key in ring.keys}
        self._aeads = {**new, **self._aeads}  # one assignment: another thread sees the old keys or all
        if ring.vaults and (self.vault is None or self.vault.key_ids != tuple(key.key_id for key in ring.vaults)):
            self.vault = Vault(ring.vaults)
        self.role = ring.role

    def spare(self, sources: Iterable[str]) -> None:
        """Say which sources are live: what we check ourselves is not put into the vault. Unless told, none is."""
        self._spared = frozenset(sources)

    @property
    def spared(self) -> frozenset[str]:
        return self._spared

    def check_may_reveal(self) -> None:
        """Raise KeyProblem unless the holder of the key file may show URLs to a person, or in a file."""
        if self.role is KeyRole.OPERATOR:
            raise KeyProblem(MAY_NOT_OPEN)
        self.check_is_no_copy()

    def check_is_no_copy(self) -> None:
        """Raise KeyProblem in a research copy."""
        if self.role is KeyRole.RESEARCHER:
            raise KeyProblem(*_NO_COPY)

    def seal(self, plain: bytes, context: str) -> bytes:
        """The sealed value, to be opened with the same context only."""
        head = head_of(self.key_id)
        nonce = os.urandom(_NONCE_BYTES)  # not drawn ahead: a forked process would use the same ones again
        return head + nonce + self._aeads[head].encrypt(nonce, plain, context.encode())

    def seal_away(self, plain: bytes, context: str) -> bytes:
        """The same, in the vault where there is one: whoever has no secret half of its key cannot open it again."""
        return self.seal(plain, context) if self.vault is None else self.vault.seal(plain, context)

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The plain bytes. Raises KeyProblem if no key here sealed them, or they were changed or moved."""
        if self.role is KeyRole.RESEARCHER and context in _GONE_FROM_A_COPY:
            raise KeyProblem(*_NO_COPY)
        head = sealed[:HEAD_BYTES]
        if head[:1] == VAULT_VERSION and (vault := self._vault_of(head)) is not None:
            return vault.unseal(sealed, context)
        if head not in self._aeads and not self._look_up(head):
            raise KeyProblem(
                f"A value was sealed with another key than {KEY_FILE} holds",
                f"Put {KEY_FILE} back from the copy kept apart from the backups, or from the host that rotated keys",
            )
        nonce, body = sealed[HEAD_BYTES : HEAD_BYTES + _NONCE_BYTES], sealed[HEAD_BYTES + _NONCE_BYTES :]
        try:
            return self._aeads[head].decrypt(nonce, body, context.encode())
        except (InvalidTag, ValueError):  # ValueError: cut short
            raise KeyProblem("A sealed value does not open: it was changed, or the key is wrong", PUT_BACK) from None

    def _vault_of(self, head: bytes) -> Vault | None:
        if self.vault is None or not self.vault.knows(head):
            self._look_up(head)
        return self.vault if self.vault is not None and self.vault.knows(head) else None

    def _look_up(self, head: bytes) -> bool:
        """Whether the key file holds the key that seals with this head by now."""
        if self._folder is None:
            return False
        try:
            self.take(read_ring(self._folder))
        except KeyProblem:
            return False
        return head in self._aeads

    def index(self, plain: bytes, context: str) -> bytes:
        """The blind index: equal for equal bytes in one context, and without the key it says nothing else."""
        key = self._context_keys.get(context) or self._context_key(context)
        return blake2b(plain, digest_size=_INDEX_BYTES, key=key).digest()

    def indexes(self, plains: Iterable[bytes], context: str) -> list[bytes]:
        """`index` of each."""
        key = self._context_keys.get(context) or self._context_key(context)
        return [blake2b(plain, digest_size=_INDEX_BYTES, key=key).digest() for plain in plains]

    def digester(self, context: str, purpose: str) -> blake2b:
        """A keyed digest of 64 bytes, to be copied and fed; `purpose`: at most 16 letters."""
        key = self._context_keys.get(context) or self._context_key(context)
        return blake2b(key=key, person=purpose.encode())

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
        if self.role is KeyRole.RESEARCHER and context in _GONE_FROM_A_COPY:
            raise KeyProblem(*_NO_COPY)  # who could look a URL up would know whether it was reported
        key = blake2b(context.encode(), digest_size=KEY_BYTES, key=self._index_key).digest()
        self._context_keys[context] = key
        return key


def make_key(folder: Path) -> Sealer:
    """Write a new key file (`key_file.py`) and load it. Raises FileExistsError where there is one."""
    return _sealer_of(folder, make_ring(folder))


def load_key(folder: Path) -> Sealer:
    """The keys of a data folder. Raises KeyProblem when they are missing or unreadable."""
    return _sealer_of(folder, read_ring(folder))


def _sealer_of(folder: Path, ring: KeyRing) -> Sealer:
    newest = ring.keys[-1]
    sealer = Sealer(newest.key_id, newest.secret, ring.index_key, folder)
    sealer.take(ring)
    return sealer

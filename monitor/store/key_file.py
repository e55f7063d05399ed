"""The key file: which keys a data folder holds, outside the database.

In: the data folder. Out: a `KeyRing`, or one line that says what is wrong with the file. What would surprise: while
keys are rotated the file holds the new key and the one before, and which of them seals is said by the database, not
here; the key of the blind indexes stays the same, because every index and the digests of header values hang on it.
And a file says whose it is (`KeyRole`): what its holder may not open, its keys cannot open.
"""

import base64
import binascii
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from monitor.disk import read_small, remove_drafts_of, sync, write_new, write_whole
from monitor.errors import KeyProblem

KEY_FILE = "monitor.key"
KEY_BYTES, KEY_ID_BYTES = 32, 4
LONGEST_KEY_FILE = 1 << 20
_DRAFT_BYTES = 8  # random ones in the name of a key file under way
_ONE, _SEVERAL, _OF_A_ROLE = "monitor-key-1", "monitor-key-2", "monitor-key-3"
_IS_THERE = ("There is a file of that name already", "A key is never overwritten: name another")
PUT_BACK = (
    f"Put {KEY_FILE} back from the copy that is kept apart from the backups: no backup holds it, and without it "
    "nothing in the database can be opened"
)


@dataclass(frozen=True, slots=True)
class Key:
    """One key that seals; its repr shows its id alone."""

    key_id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(bytes.fromhex(self.key_id)) != KEY_ID_BYTES or len(self.secret) != KEY_BYTES:
            raise ValueError("a key of another size")


class KeyRole(Enum):
    """Whose a key file is."""

    OWNER = "owner"  # everything, as long as nobody split it
    OPERATOR = "operator"  # all but what lies in the vault, into which it can put
    HOTLINE = "hotline"  # everything
    RESEARCHER = "researcher"  # of a research copy, in which there is nothing to open but pseudonyms


@dataclass(frozen=True, slots=True)
class VaultKey:
    """A key pair of the vault (X25519); without its secret half it seals and does not open."""

    key_id: str
    public: bytes
    secret: bytes | None = field(repr=False, default=None)

    def __post_init__(self) -> None:
        sizes = (len(bytes.fromhex(self.key_id)), len(self.public), len(self.secret or self.public))
        if sizes != (KEY_ID_BYTES, KEY_BYTES, KEY_BYTES):
            raise ValueError("a key of another size")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """What a key file holds: at least one key, oldest first, and the key of the blind indexes.

    `vaults`: those of the vault, oldest first; none as long as nobody split the key file.
    """

    keys: tuple[Key, ...]
    index_key: bytes = field(repr=False)
    role: KeyRole = KeyRole.OWNER
    vaults: tuple[VaultKey, ...] = ()

    def __post_init__(self) -> None:
        if not self.keys or len(self.index_key) != KEY_BYTES:
            raise ValueError("no key, or one of another size")

    @property
    def key_ids(self) -> tuple[str, ...]:
        return tuple(key.key_id for key in self.keys)


def new_key() -> Key:
    return Key(secrets.token_hex(KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES))


def new_vault_key() -> VaultKey:
    pair = X25519PrivateKey.generate()
    return VaultKey(secrets.token_hex(KEY_ID_BYTES), pair.public_key().public_bytes_raw(), pair.private_bytes_raw())


def ring_for(ring: KeyRing, role: KeyRole) -> KeyRing:
    """The same ring as another role may have it: the operator's has no secret half of the vault."""
    if role is not KeyRole.OPERATOR:
        return replace(ring, role=role)
    return replace(ring, role=role, vaults=tuple(replace(each, secret=None) for each in ring.vaults))


def make_ring(folder: Path) -> KeyRing:
    """Write a new key file (0600, complete or not at all, on disk before this returns).

    Raises FileExistsError if there is one: a key is never overwritten.
    """
    ring = KeyRing((new_key(),), secrets.token_bytes(KEY_BYTES))
    draft = folder / f".{KEY_FILE}.{secrets.token_hex(_DRAFT_BYTES)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_content(ring))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, folder / KEY_FILE)  # unlike a rename, fails where a key is
    finally:
        draft.unlink()
    sync(folder)
    return ring


def remove_drafts(folder: Path) -> None:
    """What `make_ring` left in a folder when it was killed: only to be called by who alone may make a key there."""
    for draft in folder.glob(f".{KEY_FILE}.{'[0-9a-f]' * 2 * _DRAFT_BYTES}"):
        with suppress(OSError):
            draft.unlink()


def read_ring(folder: Path) -> KeyRing:
    """The keys of a data folder. Raises KeyProblem when the file is missing, unreadable or damaged."""
    try:
        return parse_ring((folder / KEY_FILE).read_bytes())
    except FileNotFoundError:
        raise KeyProblem(f"The key file {KEY_FILE} is not in the data folder. No new key was made", PUT_BACK) from None
    except OSError as error:
        raise KeyProblem(f"The key file {KEY_FILE} cannot be read ({error.strerror})", "Check who owns it") from None
    except (ValueError, KeyError, TypeError, binascii.Error):  # from None: the text of a key is in no traceback
        raise KeyProblem(f"The key file {KEY_FILE} is damaged", PUT_BACK) from None


def replace_ring(folder: Path, ring: KeyRing) -> None:
    """Another content for the key file: whoever reads, or is killed, has the old one or the new.

    Where the name is a link, what it leads to is replaced. Raises KeyProblem, and has changed nothing then.
    """
    path = (folder / KEY_FILE).resolve()
    try:
        if path.stat().st_uid != os.geteuid():  # the new file would be ours, and its owner could not read it
            raise KeyProblem(f"The key file {KEY_FILE} belongs to another user", "Run the command as that user")
        write_whole(path, _content(ring))
    except OSError as error:
        raise _cannot_write(error) from None


def keep_copy(folder: Path, ring: KeyRing, name: str) -> None:
    """A copy of a key file beside it, under a name of its own. Raises KeyProblem."""
    try:
        write_whole((folder / KEY_FILE).resolve().parent / name, _content(ring))
    except OSError as error:
        raise _cannot_write(error) from None


def check_is_new(path: Path) -> None:
    """Raise KeyProblem where no key file for somebody else can be made."""
    remove_drafts_of(path)
    if os.path.lexists(path):
        raise KeyProblem(*_IS_THERE)
    if not path.absolute().parent.is_dir():
        raise KeyProblem("There is no folder to write that key file to", "Make the folder, or name another file")


def hand_out(path: Path, ring: KeyRing) -> None:
    """A key file for somebody else (0600), where none may be yet. Raises KeyProblem."""
    try:
        write_new(path, _content(ring))
    except FileExistsError:
        raise KeyProblem(*_IS_THERE) from None
    except OSError as error:
        raise _cannot_write(error) from None


def take_keys(folder: Path, path: Path) -> tuple[str, ...]:
    """The working keys of another key file of the same store in place of one's own; the vault's keys stay.

    For who was not there when keys were rotated. What was held before is kept beside it. Gives the ids of the new keys.
    """
    mine = read_ring(folder)
    try:
        other = parse_ring(read_small(path, LONGEST_KEY_FILE))
    except (OSError, ValueError, KeyError, TypeError, binascii.Error):
        raise KeyProblem("The other file is no key file, or cannot be read", "Name a key file of this store") from None
    if other.index_key != mine.index_key:
        raise KeyProblem("The other file is the key file of another store", "Name one of this store")
    if not {key.key_id for key in other.vaults} <= {key.key_id for key in mine.vaults}:
        raise KeyProblem(
            "The other file names a newer key of the vault", "Ask whoever made it for a whole key file of your role"
        )
    new = tuple(key_id for key_id in other.key_ids if key_id not in mine.key_ids)
    if new:
        keep_copy(folder, mine, f"{KEY_FILE}.before-{new[-1]}")
        replace_ring(folder, replace(mine, keys=other.keys))
    return new


def others_may_read(folder: Path) -> bool:
    """Whether the key file is open to others than its owner."""
    try:
        return bool((folder / KEY_FILE).stat().st_mode & 0o077)
    except OSError:
        return False


def _cannot_write(error: OSError) -> KeyProblem:
    return KeyProblem(
        f"The key file {KEY_FILE} cannot be written ({error.strerror})",
        "Make room or give access and run the command again; the keys are as they were",
    )


def _content(ring: KeyRing) -> bytes:
    index_key = _text(ring.index_key)
    record: dict[str, Any]
    if ring.role is not KeyRole.OWNER or ring.vaults:
        vault = [_written(each) for each in ring.vaults]
        record = {"format": _OF_A_ROLE, "role": ring.role.value, "keys": _listed(ring), "index_key": index_key}
        record |= {"vault": vault}
    elif len(ring.keys) == 1:
        (key,) = ring.keys
        record = {"format": _ONE, "key_id": key.key_id, "encryption_key": _text(key.secret), "index_key": index_key}
    else:
        record = {"format": _SEVERAL, "keys": _listed(ring), "index_key": index_key}
    return (json.dumps(record, indent=1) + "\n").encode("ascii")


def parse_ring(content: bytes) -> KeyRing:
    """What a key file says. Raises ValueError, KeyError, TypeError where it is none."""
    record = json.loads(content.decode("ascii"))
    if record["format"] not in {_ONE, _SEVERAL, _OF_A_ROLE}:
        raise ValueError("format")
    given = [record] if record["format"] == _ONE else record["keys"]
    return KeyRing(
        tuple(Key(each["key_id"], _secret(each["encryption_key"])) for each in given),
        _secret(record["index_key"]),
        KeyRole(record.get("role", KeyRole.OWNER.value)),
        tuple(_vault_key(each) for each in record.get("vault", ())),
    )


def _listed(ring: KeyRing) -> list[dict[str, str]]:
    return [{"key_id": key.key_id, "encryption_key": _text(key.secret)} for key in ring.keys]


def _written(key: VaultKey) -> dict[str, str]:
    written = {"key_id": key.key_id, "public_key": _text(key.public)}
    return written if key.secret is None else {**written, "secret_key": _text(key.secret)}


def _vault_key(given: dict[str, str]) -> VaultKey:
    secret = given.get("secret_key")
    return VaultKey(given["key_id"], _secret(given["public_key"]), None if secret is None else _secret(secret))


def _text(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def _secret(text: str) -> bytes:
    return base64.b64decode(text, validate=True)

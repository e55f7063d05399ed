"""The key file: which keys a data folder holds, outside the database.

In: the data folder. Out: a `KeyRing`, or one line that says what is wrong with the file. What would surprise: while
keys are rotated the file holds the new key and the one before, and which of them seals is said by the database, not
here; the key of the blind indexes stays the same, because every index and the digests of header values hang on it.
"""

import base64
import binascii
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.disk import sync, write_whole
from monitor.errors import KeyProblem

KEY_FILE = "monitor.key"
KEY_BYTES, KEY_ID_BYTES = 32, 4
_DRAFT_BYTES = 8  # random ones in the name of a key file under way
_ONE, _SEVERAL = "monitor-key-1", "monitor-key-2"
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


@dataclass(frozen=True, slots=True)
class KeyRing:
    """What a key file holds: at least one key, oldest first, and the key of the blind indexes."""

    keys: tuple[Key, ...]
    index_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys or len(self.index_key) != KEY_BYTES:
            raise ValueError("no key, or one of another size")

    @property
    def key_ids(self) -> tuple[str, ...]:
        return tuple(key.key_id for key in self.keys)


def new_key() -> Key:
    return Key(secrets.token_hex(KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES))


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
        return _parsed((folder / KEY_FILE).read_bytes())
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
    if len(ring.keys) == 1:
        (key,) = ring.keys
        record = {"format": _ONE, "key_id": key.key_id, "encryption_key": _text(key.secret), "index_key": index_key}
    else:
        keys = [{"key_id": key.key_id, "encryption_key": _text(key.secret)} for key in ring.keys]
        record = {"format": _SEVERAL, "keys": keys, "index_key": index_key}
    return (json.dumps(record, indent=1) + "\n").encode("ascii")


def _parsed(content: bytes) -> KeyRing:
    record = json.loads(content.decode("ascii"))
    if record["format"] not in {_ONE, _SEVERAL}:
        raise ValueError("format")
    given = [record] if record["format"] == _ONE else record["keys"]
    return KeyRing(
        tuple(Key(each["key_id"], _secret(each["encryption_key"])) for each in given), _secret(record["index_key"])
    )


def _text(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def _secret(text: str) -> bytes:
    return base64.b64decode(text, validate=True)

"""Sealing for somebody else: a stream of plain bytes in, a file that only the holders of some keys can open out.

The format is age (https://age-encryption.org/v1) to X25519 public keys, so that the standard tool opens it. What would
surprise: the plain bytes are pulled piece by piece as they are sealed, so that they never lie on a disk, nor whole in
memory; and the file has its name only when it is whole and the caller has written down that it was made.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from pyrage import EncryptError, RecipientError, encrypt_io, x25519

from monitor.disk import give_name, locked_draft, remove_left_over
from monitor.errors import HandoverError

_SECRET = "AGE-SECRET-KEY-"  # noqa: S105 (how such a key begins)
_MOST_KEYS = 20
DRAFT = (".new-", ".age")
"""How the name of an unfinished file begins and ends."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One who will be able to open the file. `fingerprint`: SHA-256 of the key's text, 64 hex digits."""

    text: str
    fingerprint: str
    recipient: Any = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed file as it lies on disk."""

    path: Path
    sha256: str
    size: int  # bytes
    keys: tuple[PublicKey, ...]


def public_keys(texts: Sequence[str]) -> tuple[PublicKey, ...]:
    """The keys, each once, in the order given. Raises HandoverError for none, or for what is no public key."""
    keys = tuple(map(_public_key, dict.fromkeys(text.strip() for text in texts)))
    if not keys:
        raise HandoverError("No public key was given", "Ask the receiver for one: it begins with age1")
    if len(keys) > _MOST_KEYS:
        raise HandoverError(f"More than {_MOST_KEYS} public keys were given", "Seal for fewer people at once")
    return keys


def _public_key(text: str) -> PublicKey:
    if text.upper().startswith(_SECRET):
        raise HandoverError(
            "A secret key was given where a public key belongs",
            "Nobody but its owner may have it: the receiver should make a new pair and send the line with age1",
        )
    try:
        recipient = x25519.Recipient.from_str(text)
    except RecipientError:
        raise HandoverError(
            "The public key is not an age key of the kind X25519", "Copy it whole: age1 and 58 letters and digits"
        ) from None
    written = str(recipient)
    return PublicKey(written, sha256(written.encode()).hexdigest(), recipient)


def write_sealed(
    path: Path, pieces: Iterable[bytes], keys: Sequence[PublicKey], before_it_is_there: Callable[[Sealed], None]
) -> Sealed:
    """Seal `pieces` into a new file (0600, missing folders 0700), whole or not at all.

    `before_it_is_there` is called when all is on disk under another name; where it raises, there is no file. Raises
    HandoverError where a file has that name already or the disk does not allow it; what `pieces` raises comes through.
    """
    draft: Path | None = None
    try:
        remove_left_over(path.parent, *DRAFT)
        if os.path.lexists(path):
            raise _taken()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = locked_draft(path.parent, *DRAFT)
        with os.fdopen(handle, "wb") as file:
            digest, size = seal_into(pieces, file, keys)
            file.flush()
            os.fsync(file.fileno())
            made = Sealed(path, digest, size, tuple(keys))
            before_it_is_there(made)
            give_name(draft, path)
    except FileExistsError:
        raise _taken() from None
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else "unknown reason"
        raise HandoverError(f"The sealed file cannot be written: {reason}", "Make room or give access") from None
    finally:
        with suppress(OSError):
            if draft is not None:
                draft.unlink(missing_ok=True)
    return made


def _taken() -> HandoverError:
    return HandoverError("A file of that name is there already", "Name another file, or move that one away")


def seal_into(pieces: Iterable[bytes], out: BinaryIO, keys: Sequence[PublicKey]) -> tuple[str, int]:
    """SHA-256 and size of what was written. What went wrong in `pieces` or `out` is raised as it was."""
    source, sink = _Source(iter(pieces)), _Sink(out)
    try:
        encrypt_io(source, sink, [key.recipient for key in keys])
    except EncryptError:  # its words repeat those of the failure, and they may hold anything
        failure = source.failure or sink.failure
        if failure is None:
            raise HandoverError("The file could not be sealed", "Try again") from None
        raise failure from None
    return sink.digest.hexdigest(), sink.size


class _Source:
    """Pieces as a file to be read, piece by piece."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")
        self.failure: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._rest:
                self._rest = memoryview(next(self._pieces))
        except StopIteration:
            return b""
        except BaseException as error:
            self.failure = error
            raise
        size = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)


class _Sink:
    """A file to be written, counted and hashed."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self.digest, self.size = out, sha256(), 0
        self.failure: BaseException | None = None

    def write(self, content: bytes) -> int:
        try:
            self._out.write(content)
        except BaseException as error:
            self.failure = error
            raise
        self.digest.update(content)
        self.size += len(content)
        return len(content)

    def flush(self) -> None:
        self._out.flush()

"""Opening what was sealed for us: a sealed file and our secret age key in, a stream of plain bytes out.

In: a file of `seal.py` (age, X25519) and a key file as `age-keygen` writes it. What would surprise: the plain bytes
come through a pipe from a thread that opens the file piece by piece, so they lie on no disk and never whole in memory;
each piece was authenticated before it came, but that nothing is missing is known only when the last byte was read.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

from pyrage import DecryptError, IdentityError, decrypt_io, x25519

from monitor.disk import to_read, write_new
from monitor.errors import HandoverError

_BEGINS = "AGE-SECRET-KEY-1"
_LONGEST = 64 * 1024  # bytes of a key file
_MOST = 20  # keys in one file
_AGAIN = "Ask the sender for it once more; nothing was taken from it"
_CUT = "The sealed file was changed or cut short"


@dataclass(frozen=True, slots=True)
class Identity:
    """The secret keys of one key file; its repr shows the public ones alone.

    `others_may_read`: the file is open to others than its owner, which the command should say.
    """

    public: tuple[str, ...]
    others_may_read: bool
    secrets: tuple[Any, ...] = field(repr=False, compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a key is not pickled")


def read_identity(path: Path) -> Identity:
    """The keys of a file of `age-keygen` or `write_identity`. Raises HandoverError for what is none."""
    try:
        with to_read(path) as file:
            others = bool(os.fstat(file.fileno()).st_mode & 0o077)
            content = file.read(_LONGEST + 1)
    except OSError as error:
        raise HandoverError(f"The key file cannot be read ({error.strerror})", "Check its name and its owner") from None
    if len(content) > _LONGEST:
        raise _no_key()
    try:
        lines = [line.strip() for line in content.decode("ascii").splitlines()]
        secrets = tuple(x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#"))
    except (UnicodeDecodeError, IdentityError):  # from None: the text of a key is in no traceback
        raise _no_key() from None
    if not 0 < len(secrets) <= _MOST:
        raise _no_key()
    return Identity(tuple(str(secret.to_public()) for secret in secrets), others, secrets)


def _no_key() -> HandoverError:
    return HandoverError(
        "The file is no secret age key", f"Name the file that age-keygen wrote; it has a line with {_BEGINS}"
    )


def write_identity(path: Path) -> Identity:
    """A new key in a new file (0600, on disk when this returns). Raises HandoverError where a file has that name."""
    secret = x25519.Identity.generate()
    text = f"# public key: {secret.to_public()}\n{secret}\n"
    try:
        write_new(path, text.encode("ascii"))
    except FileExistsError:
        raise HandoverError(
            "A file of that name is there already", "A key is never overwritten: name another"
        ) from None
    except OSError as error:
        what = f"The key file cannot be written ({error.strerror})"
        raise HandoverError(what, "Make its folder, make room, or give access to the user as whom this runs") from None
    return Identity((str(secret.to_public()),), False, (secret,))


@contextmanager
def opened(path: Path, identities: Sequence[Identity]) -> Iterator[BinaryIO]:
    """The plain bytes as a stream, read to its end to know that it is whole.

    Raises HandoverError at once for a file that is none or is for another key, and while it is read, at the latest at
    its end, for one that was changed or cut short.
    """
    try:
        file = to_read(path, whole=True)
    except OSError as error:
        raise HandoverError(f"The sealed file cannot be read ({error.strerror})", "Check its name and owner") from None
    with file, opened_within(file, identities) as plain:
        yield plain


@contextmanager
def opened_within(file: BinaryIO, identities: Sequence[Identity]) -> Iterator[BinaryIO]:
    """The same of a sealed file that is part of another: `file` stands at its start and ends where it ends."""
    secrets = [secret for identity in identities for secret in identity.secrets]
    plain = BufferedReader(_Stream(file, secrets), 64 * 1024)
    try:
        plain.peek(1)
        yield plain
    finally:
        plain.close()


class _Stream(RawIOBase):
    """The end of a pipe that a thread fills; where the thread failed, so does the read that comes to the end."""

    def __init__(self, file: BinaryIO, secrets: Sequence[Any]) -> None:
        super().__init__()
        self._read_end, write_end = os.pipe()
        self._failure: HandoverError | OSError | None = None
        self._thread = threading.Thread(target=self._fill, args=(file, secrets, write_end), daemon=True)
        self._thread.start()

    def _fill(self, file: BinaryIO, secrets: Sequence[Any], write_end: int) -> None:
        with suppress(BrokenPipeError), os.fdopen(write_end, "wb") as out:
            try:
                decrypt_io(file, out, list(secrets))
            except BrokenPipeError:  # who reads has had enough
                pass
            except DecryptError as error:
                self._failure = _failure(str(error))
            except OSError as error:  # without a number it is age's word for a piece that does not open
                self._failure = error if error.errno else HandoverError(_CUT, _AGAIN)
            except BaseException:  # noqa: BLE001 (a library's panic; its words may hold anything)
                self._failure = HandoverError(_CUT, _AGAIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 (typed as a buffer from Python 3.12 on)
        got = os.readv(self._read_end, [buffer])
        if got == 0:
            self._thread.join()
            if self._failure is not None:
                raise self._failure
        return got

    def close(self) -> None:
        if not self.closed:
            os.close(self._read_end)
            self._thread.join()
        super().close()


def _failure(words: str) -> HandoverError:
    """One of age's refusals, told by how it begins; what is not known counts as damage."""
    if words.startswith("No matching keys"):
        return HandoverError(
            "The file is sealed for another key", "Give the key file whose public key the sender was told"
        )
    if words.startswith(("Incomplete header", "invalid header", "Header is invalid", "Unknown age format")):
        return HandoverError("The file is no sealed file, or was cut short", _AGAIN)
    return HandoverError(_CUT, _AGAIN)

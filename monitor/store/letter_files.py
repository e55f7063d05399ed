"""The files of Letters: `<data-dir>/letters/N/`, and in it what a Provider sent, sealed and named by its SHA-256.

In: bytes and the number of a Letter. Out: files that are there whole or not at all, for their owner's eyes. What would
surprise: the letter's own documents lie in the clear, because clerks edit them in Word; a Provider's reply does not,
because nobody here decides what it holds.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from monitor import disk
from monitor.errors import LetterError
from monitor.store import contexts
from monitor.store.database import Store

LETTERS = "letters"
LARGEST_DOCUMENT = 100_000_000
"""Bytes of one reply; more is no letter."""
SEALED = ".sealed"
_LOCK_FILES = ("~$", ".~lock.")
"""How the names begin of the files that Word and LibreOffice write beside an open document."""


def letter_folder(data_dir: Path, letter_id: int) -> Path:
    """Where the files of a Letter lie; it need not be there."""
    return data_dir / LETTERS / str(letter_id)


def letter_files(folder: Path) -> tuple[Path, ...]:
    """The files of a Letter itself, by name: without hidden ones, sealed replies and what an open Word leaves."""
    if not folder.is_dir():
        return ()
    found = (path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", *_LOCK_FILES)))
    return tuple(sorted((path for path in found if path.suffix != SEALED), key=lambda path: path.name))


def open_elsewhere(folder: Path) -> Iterator[str]:
    """The names of the documents that Word or LibreOffice has open, as far as their lock files tell."""
    for path in folder.iterdir():
        if path.name.startswith(_LOCK_FILES):
            yield path.name


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """A file with this content and mode, whole or not at all, in place of one that is there, on disk."""
    try:
        for left_over in path.parent.glob(f".{path.name}.*"):  # of a writer that was killed
            left_over.unlink()
        disk.write_whole(path, content, mode)
    except OSError as error:
        raise LetterError(
            f"A file of the letter cannot be written ({error.strerror})", "Check the data folder, its owner and disk"
        ) from None


def keep_document(store: Store, letter_id: int, content: bytes) -> str:
    """Seal what a Provider sent into the folder of the Letter; its SHA-256. The same once more changes nothing.

    Within a writing transaction, so that it is sealed with the key that is in use (`rotating.py`).
    """
    digest = hashlib.sha256(content).hexdigest()
    folder = letter_folder(store.data_dir, letter_id)
    path = folder / f"{digest}{SEALED}"
    if not path.exists():
        try:
            folder.parent.mkdir(mode=0o700, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise LetterError(
                f"The letter's folder cannot be made ({error.strerror})", "Check the data folder"
            ) from None
        write_whole(path, store.sealer.seal(content, _context(letter_id)))
    return digest


def open_document(store: Store, letter_id: int, digest: str) -> bytes:
    """What was kept under this SHA-256. Raises LetterError, KeyProblem."""
    path = letter_folder(store.data_dir, letter_id) / f"{digest}{SEALED}"
    try:
        sealed = path.read_bytes()
    except OSError as error:
        raise LetterError(f"That document cannot be read ({error.strerror})", "See `monitor letters show`") from None
    return store.sealer.unseal(sealed, _context(letter_id))


def _context(letter_id: int) -> str:
    """A reply of one Letter does not open as that of another."""
    return f"{contexts.LETTER_DOCUMENT}.{letter_id}"

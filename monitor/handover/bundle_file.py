"""The file of a bundle: a tar of four parts, in this order, and no byte beside them.

    README.txt       for whoever finds the file: what it is, how to open it with other programs
    contents.age     the sealed part (age)
    manifest.json    what it is of, and size and SHA-256 of both parts before it (`bundle_head.py`)
    signature.json   an Ed25519 signature over manifest.json, and the public key that checks it

In: pieces of bytes to seal, keys, a head. Out: such a file; and from any file what is wrong with it. What would
surprise: nothing of it is opened to verify it. Headers, fill and end have one form only (`tar_stream.py`), and so has
the signature: any changed byte is noticed without a key or a store.
"""

import base64
import binascii
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from monitor.disk import to_read
from monitor.errors import HandoverError
from monitor.handover.bundle_head import Head, Part, not_read, record_of
from monitor.handover.seal import PublicKey, seal_into
from monitor.handover.signing import SigningKey, fingerprint_of, verify_signature
from monitor.handover.tar_stream import BLOCK, END, header, padding, pieces_of, read_header

README, CONTENTS, MANIFEST, SIGNATURE = "README.txt", "contents.age", "manifest.json", "signature.json"
PARTS = (README, CONTENTS, MANIFEST, SIGNATURE)
_LARGEST = {README: 1 << 16, MANIFEST: 16 << 20, SIGNATURE: 1 << 12}
_SIGNED = b"monitor-handover-manifest-1\n"
"""What stands in front of the manifest when it is signed: a signature of ours over anything else does not fit."""
_SIGNATURE_FORMAT = "monitor-handover-signature-1"
_TEXT = b"""Bundle of a hosting-provider compliance monitor. / Bundel van een monitor van hostingproviders.

It hands a whole store over to somebody else. The part contents.age is sealed: only the holder of the secret key can
open it. Any changed byte of this file is noticed by

    monitor handover verify FILE --signer FINGERPRINT

and into an empty data folder it comes by

    monitor handover import FILE --key KEYFILE

Without the monitor, with tools of the system (the contents are JSON, CSV, Parquet, HTML and Word files; each table
lies in rows/ as JSON, with URLs and hosts in the clear: do this only where they may be):

    tar xf FILE && age --decrypt -i KEYFILE contents.age | zstd -d | tar x
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """A bundle of which no byte was changed since its signer made it. `digest`: SHA-256 in hex of the whole file."""

    head: Head
    digest: str
    signer: str
    contents_at: int


def write_bundle(
    file: BinaryIO,
    pieces: Iterable[bytes],
    keys: Sequence[PublicKey],
    head: Callable[[tuple[Part, ...]], Head],
    signer: SigningKey,
) -> None:
    """Everything into an empty file that can be sought in. `head` is asked when the pieces are all there."""
    parts = (_add(file, README, _TEXT), _add_sealed(file, pieces, keys))
    manifest = head(parts).to_json()
    _add(file, MANIFEST, manifest)
    _add(file, SIGNATURE, _signature(signer.public, signer.sign(_SIGNED + manifest)))
    file.write(END)


def verify(path: Path, signer: str | None, progress: Callable[[int, int], None]) -> Verified:
    """Every byte looked at. Raises HandoverError for any that is another, or for another signer than `signer`."""
    with _opened(path) as file:
        source = _Hashing(file, os.fstat(file.fileno()).st_size, progress)
        parts, read, contents_at = list[Part](), dict[str, bytes](), 0
        for wanted in PARTS:
            name, size = read_header(source) or ("", 0)
            if name != wanted or size > _LARGEST.get(name, size):
                raise HandoverError("The file is not a bundle, or a part of it is missing", "Ask for it again")
            if name == CONTENTS:
                contents_at = source.n_bytes
            part, kept = _read(source, name, size)
            parts.append(part)
            read[name] = kept
        if read_header(source) is not None:
            raise HandoverError("The bundle holds more than its parts", "Do not use it")
    public = _checked(read[SIGNATURE], read[MANIFEST])
    fingerprint = fingerprint_of(public)
    if signer is not None and signer != fingerprint:
        raise HandoverError(
            f"The bundle was signed by {fingerprint}, not by the one you named",
            "Do not use it before you have asked the sender over a second way",
        )
    head = Head.from_json(read[MANIFEST])
    if head.parts != tuple(parts[:2]):
        raise HandoverError("A part of the bundle is not what its manifest says", "Ask for it again")
    return Verified(head, source.digest.hexdigest(), fingerprint, contents_at)


@contextmanager
def sealed_part(path: Path, verified: Verified) -> Iterator[BinaryIO]:
    """The sealed part alone, as a file that ends where it ends."""
    with _opened(path) as file:
        file.seek(verified.contents_at)
        yield cast("BinaryIO", _Part(file, next(part.size for part in verified.head.parts if part.name == CONTENTS)))


def _add(file: BinaryIO, name: str, content: bytes) -> Part:
    file.write(header(name, len(content)) + content + padding(len(content)))
    return Part(name, len(content), sha256(content).hexdigest())


def _add_sealed(file: BinaryIO, pieces: Iterable[bytes], keys: Sequence[PublicKey]) -> Part:
    """Its size is known at its end, so its header is written then."""
    start = file.tell()
    file.write(bytes(BLOCK))
    digest, size = seal_into(pieces, file, keys)
    file.write(padding(size))
    file.seek(start)
    file.write(header(CONTENTS, size))
    file.seek(0, os.SEEK_END)
    return Part(CONTENTS, size, digest)


def _read(source: "_Hashing", name: str, size: int) -> tuple[Part, bytes]:
    digest, kept = sha256(), list[bytes]()
    for piece in pieces_of(source, size):
        digest.update(piece)
        if name in (MANIFEST, SIGNATURE):
            kept.append(piece)
    return Part(name, size, digest.hexdigest()), b"".join(kept)


def _signature(public: str, signature: bytes) -> bytes:
    record = {"format": _SIGNATURE_FORMAT, "public": public, "signature": base64.b64encode(signature).decode()}
    return (json.dumps(record, indent=1) + "\n").encode("ascii")


def _checked(content: bytes, manifest: bytes) -> str:
    """The public key of who signed. Raises HandoverError unless it is exactly what `_signature` writes, and fits."""
    try:
        record = record_of(content, _SIGNATURE_FORMAT)
        public, signature = str(record["public"]), base64.b64decode(record["signature"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise not_read() from None
    if _signature(public, signature) != content:
        raise not_read()
    verify_signature(public, _SIGNED + manifest, signature)
    return public


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = to_read(path, whole=True)
    except OSError as error:
        raise HandoverError(f"The bundle cannot be read ({error.strerror})", "Check its name and who owns it") from None
    with file:
        yield file


class _Hashing:
    """A file to read from that hashes what is read."""

    def __init__(self, file: BinaryIO, size: int, progress: Callable[[int, int], None]) -> None:
        self._file, self._size, self._progress = file, size, progress
        self.digest, self.n_bytes = sha256(), 0

    def read(self, size: int = -1, /) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        self.n_bytes += len(piece)
        self._progress(self.n_bytes, self._size)
        return piece


class _Part:
    """So many of the next bytes of a file, as a file that ends there."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece

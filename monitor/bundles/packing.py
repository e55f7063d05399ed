"""The sealed part of a bundle, as a stream: a tar in Zstandard of rows, files and documentation, its list at the end.

In: an open store, what is wanted. Out: pieces of bytes, and when the last one came, what was packed. What would
surprise: rows come first, in one transaction, and files after them, so that no row names a file that is not there; only
one batch of rows is in memory, and no plain byte touches a disk. A file that changes meanwhile voids all of it
(`SourceChanged`).
"""

import json
import platform
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import zstandard

from monitor.backup.archive import PIECE, SourceChanged
from monitor.backup.contents import Contents as Sources
from monitor.backup.contents import contents_of
from monitor.backup.manifest import SETTINGS, KeptFile
from monitor.bundles.contents import (
    DATA,
    DOCUMENTATION,
    INDEX_KEY,
    LIST,
    REGISTRY,
    REPLIES,
    ROWS,
    VERSIONS,
    CarriedFile,
    Contents,
)
from monitor.bundles.documentation import documentation
from monitor.bundles.settings_taken import settings_taken
from monitor.handover.bundle_head import Head, Named, Part, TableCount
from monitor.handover.seal import PublicKey
from monitor.handover.tar_stream import END, fits, header, padding
from monitor.method import version_of_the_code
from monitor.ranking import METHOD
from monitor.store import Store, contexts
from monitor.store.carrying import opened_rows
from monitor.store.chains import heads_in
from monitor.store.copying import TableDigest
from monitor.store.frozen_manifest import freezes, read_manifest
from monitor.store.key_file import read_ring
from monitor.store.registry_file import export_registry
from monitor.store.schema import head as schema_of_the_code
from monitor.store.seal_counts import sealed_files

_LEVEL = 3
_MODE = 0o600

Progress = Callable[[int, int], None]


class Packing:
    """One run through everything. `pieces` once, then `head`."""

    def __init__(self, store: Store, config: Path, made_at: datetime, by: str, reason: str, progress: Progress) -> None:
        self._store, self._config, self._progress = store, config, progress
        self._made_at, self._by, self._reason = made_at, by, reason
        self._files, self._tables = list[CarriedFile](), list[TableDigest]()
        self._heads: Mapping[str, str] = {}
        self.left_out: tuple[str, ...] = ()
        self.n_foreign = 0
        self._contents: Contents | None = None
        self._n_bytes = 0

    def pieces(self) -> Generator[bytes, None, None]:
        """The sealed part before it is sealed. Raises SourceChanged, KeyProblem, StoreError, OSError."""
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()
        for piece in self._archive():
            self._n_bytes += len(piece)
            if packed := compressor.compress(piece):
                yield packed
        yield compressor.flush()

    def head(self, keys: tuple[PublicKey, ...], parts: tuple[Part, ...]) -> Head:
        assert self._contents is not None  # the last piece came
        return Head(
            made_at=self._made_at,
            code_version=version_of_the_code(),
            revision=schema_of_the_code(),
            method=METHOD,
            contents=self._contents.digest,
            n_files=len(self._files),
            n_bytes=self._n_bytes,
            heads=self._heads,
            freezes=tuple(Named(path.name, read_manifest(path).digest) for path in freezes(self._store.data_dir)),
            releases=tuple(self._releases()),
            tables=tuple(TableCount(table.name, table.n_rows) for table in self._tables),
            receivers=tuple(key.fingerprint for key in keys),
            parts=parts,
        )

    def _releases(self) -> Iterator[Named]:
        """By their manifests, as they were packed."""
        for file in self._files:
            names = file.place.split("/")
            if len(names) == 3 and names[0] == "releases" and names[2] == "manifest.json":
                yield Named(names[1], file.sha256)

    def _archive(self) -> Iterator[bytes]:
        index_key = read_ring(self._store.data_dir).index_key
        yield from _member(INDEX_KEY, index_key)
        yield from self._rows()
        sources = contents_of(self._store.data_dir, self._config, None)
        self.n_foreign = sources.n_left_out
        yield from self._data(sources)
        yield from self._whole(REGISTRY, export_registry(self._store).encode())
        yield from self._whole(VERSIONS, _versions())
        for name, content in documentation():
            yield from self._whole(DOCUMENTATION + name, content)
        self._contents = Contents(
            made_at=self._made_at.isoformat(),
            by=self._by,
            reason=self._reason,
            index_key=sha256(index_key).hexdigest(),
            left_out=self.left_out,
            folders=sources.folders,
            files=tuple(self._files),
            tables=tuple(self._tables),
        )
        yield from _member(LIST, self._contents.to_json())
        yield END

    def _rows(self) -> Iterator[bytes]:
        with self._store.read() as connection:
            self._heads = asdict(heads_in(connection))
            n = 0
            for carried in opened_rows(connection, self._store.sealer, self._progress):
                if carried.line is not None:
                    n += 1
                    yield from _member(f"{ROWS}{carried.name}/{n:06}.json", carried.line)
                if carried.table is not None:
                    self._tables.append(carried.table)
                    n = 0

    def _data(self, sources: Sources) -> Iterator[bytes]:
        letters = dict(sealed_files(self._store.data_dir))
        for n, kept in enumerate(sources.files):
            path = sources.sources[kept.path]
            if kept.path == SETTINGS:
                content, self.left_out = settings_taken(path.read_bytes())
                if content is not None:
                    yield from self._whole(DATA + SETTINGS, content, SETTINGS)
            elif path in letters:
                yield from self._reply(path, letters[path], kept)
            else:
                name = DATA + kept.path
                yield from self._file(path, kept, name if fits(name) else f"{DATA}long-name-{n:06}")

    def _reply(self, path: Path, letter_id: str, kept: KeptFile) -> Iterator[bytes]:
        """What a provider sent goes along opened, because the receiver seals it under another key."""
        plain = self._store.sealer.unseal(path.read_bytes(), f"{contexts.LETTER_DOCUMENT}.{letter_id}")
        yield from self._whole(f"{REPLIES}{letter_id}/{path.stem}", plain, kept.path, kept.mode)

    def _whole(self, name: str, content: bytes, place: str = "", mode: int = _MODE) -> Iterator[bytes]:
        self._files.append(CarriedFile(name, place, len(content), sha256(content).hexdigest(), mode))
        yield from _member(name, content)

    def _file(self, path: Path, kept: KeptFile, name: str) -> Iterator[bytes]:
        digest, left = sha256(), kept.size
        yield header(name, kept.size)
        try:
            with path.open("rb") as file:
                while left and (piece := file.read(min(PIECE, left))):
                    digest.update(piece)
                    left -= len(piece)
                    yield piece
        except FileNotFoundError:
            raise SourceChanged from None
        if left or digest.hexdigest() != kept.sha256:
            raise SourceChanged
        yield padding(kept.size)
        self._files.append(CarriedFile(name, kept.path, kept.size, kept.sha256, kept.mode))


def _member(name: str, content: bytes) -> Iterator[bytes]:
    yield header(name, len(content))
    yield content + padding(len(content))


def _versions() -> bytes:
    """What the figures were made with: the code, the interpreter, every package that is installed beside them."""
    packages = {each.metadata["Name"]: each.version for each in metadata.distributions() if each.metadata["Name"]}
    record = {
        "code": version_of_the_code(),
        "method": METHOD,
        "schema": schema_of_the_code(),
        "python": platform.python_version(),
        "packages": dict(sorted(packages.items())),
    }
    return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode()

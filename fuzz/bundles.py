"""Harnesses of bundles: what stands on them, the list in them, whole files, and what a signer put in.

What must hold: HandoverError and nothing else; what is taken says the same when it is written out and read again; a
changed byte of a whole bundle is noticed; and whatever is unpacked lies in its folder.
"""

import shutil
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp

import zstandard

from fuzz.scratch import as_file, folder
from fuzz.target import Draws, Target
from fuzz.told import error_repeats_nothing
from monitor.backup.manifest import KeptFolder, is_ours
from monitor.bundles.contents import DATA, INDEX_KEY, LIST, CarriedFile, Contents
from monitor.bundles.unpacking import unpacked
from monitor.errors import HandoverError
from monitor.handover.bundle_file import verify, write_bundle
from monitor.handover.bundle_head import Head, Named, Part, TableCount
from monitor.handover.identity import read_identity, write_identity
from monitor.handover.seal import public_keys
from monitor.handover.signing import signing_key
from monitor.handover.tar_stream import END, header, padding
from monitor.store.copying import TableDigest

_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
_KEY = bytes(32)
_FILE = b'{"x": 1}'
_PLACE = "frozen/2026H1-00000000/method.json"


def _quiet(_done: int, _total: int) -> None:
    pass


def head(data: bytes) -> None:
    try:
        read = Head.from_json(data)
    except HandoverError as error:
        error_repeats_nothing(error, data)
        return
    assert read.made_at.utcoffset() is not None
    assert Head.from_json(read.to_json()) == read


def listed(data: bytes) -> None:
    try:
        read = Contents.from_json(data)
    except HandoverError as error:
        error_repeats_nothing(error, data)
        return
    places = [*(file.place for file in read.files if file.place), *(each.path for each in read.folders)]
    assert all(is_ours(place) and ".." not in place.split("/") for place in places)
    assert Contents.from_json(read.to_json()) == read


def whole(data: bytes) -> None:
    """Any bytes as a bundle, or a real one with bytes changed, cut out or put in."""
    draws, real = Draws(data), _bundle()
    if draws.flag():
        made = draws.rest()
    else:
        made = real
        while draws.more:
            at, n = draws.integer(0, len(made)), draws.integer(0, 600)
            made = made[:at] + draws.raw(draws.integer(0, 8)) + made[at + n :]
    try:
        verify(as_file(made or b"\0", "bundle"), None, _quiet)
    except HandoverError as error:
        error_repeats_nothing(error, made)
        return
    assert made == real, "a changed byte went unnoticed"


def inside(data: bytes) -> None:
    """A tar of anything that a signer packed: members go where it was asked, and the list tells of exactly these."""
    draws = Draws(data)
    packed = zstandard.ZstdCompressor(level=1).compress(draws.rest()) if draws.flag() else draws.rest()
    target = Path(mkdtemp(dir=folder()))
    (target / "inside").mkdir()
    try:
        with unpacked(BytesIO(packed), _head(1 << 20, sha256(_list().to_json()).hexdigest()), _quiet) as reading:
            kept = b""
            for number, (name, size) in enumerate(reading.members()):
                if name == LIST:
                    kept = reading.whole(name, size)
                elif name.startswith(DATA):
                    reading.into(target / "inside" / f"{number:06}", name, size)
                else:
                    reading.passed_over(name, size)
            assert reading.checked(kept) == _list()
    except HandoverError as error:
        error_repeats_nothing(error, data)
    finally:
        beside = [each.name for each in target.iterdir()]
        shutil.rmtree(target)
    assert beside == ["inside"]


def _head(n_bytes: int, contents: str) -> Head:
    part = Part("README.txt", 1, "0" * 64)
    named, counts = (Named("2026H1-00000000", "0" * 64),), (TableCount("audit", 1),)
    return Head(
        _AT, "1", "0007", "1", contents, 1, n_bytes, {"audit": "00"}, named, named, counts, ("0" * 64,), (part,)
    )


@cache
def _list() -> Contents:
    file = CarriedFile(DATA + "000000", _PLACE, len(_FILE), sha256(_FILE).hexdigest(), 0o600)
    folders = (KeptFolder("frozen", 0o700), KeptFolder("frozen/2026H1-00000000", 0o700))
    key = sha256(_KEY).hexdigest()
    return Contents(
        _AT.isoformat(), "Jo", "x", key, ("[letters] contact",), folders, (file,), (TableDigest("audit", 0, "00"),)
    )


def _tar(*members: tuple[str, bytes]) -> bytes:
    return b"".join(header(name, len(content)) + content + padding(len(content)) for name, content in members) + END


def _members() -> tuple[tuple[str, bytes], ...]:
    return ((INDEX_KEY, _KEY), (DATA + "000000", _FILE), (LIST, _list().to_json()))


@cache
def _bundle() -> bytes:
    """A real one, of a store without rows."""
    path = folder() / "signer"
    path.mkdir(exist_ok=True)
    key = path / "age.key"
    identity = read_identity(key) if key.exists() else write_identity(key)
    packed = zstandard.ZstdCompressor(level=1).compress(_tar(*_members()))
    stream = BytesIO()
    made = _head(len(packed), _list().digest)

    def told(parts: tuple[Part, ...]) -> Head:
        values = (made.heads, made.freezes, made.releases, made.tables, made.receivers)
        return Head(_AT, "1", "0007", "1", made.contents, 1, made.n_bytes, *values, parts)

    write_bundle(stream, [packed], public_keys(identity.public), told, signing_key(path, create=True))
    return stream.getvalue()


_WORDS = (b'"size": -1', b'"mode": 1e9', b"\\ud800", b"0001-01-01T00:00:00+23:59", b"NaN", b"../", b"monitor.sqlite")
TARGETS = {
    "bundle-manifest": Target(head, (_head(1, "0" * 64).to_json(),), _WORDS, 2048),
    "bundle-list": Target(listed, (_list().to_json(),), (*_WORDS, b"frozen/", b"letters/1/", b"monitor.toml"), 2048),
    "bundle": Target(whole, (b"\0", b"\0\0\0\0\1\1x", b"\1" + header("README.txt", 5) + b"hello"), longest=1024),
    "bundle-inside": Target(
        inside,
        (b"\1" + _tar(*_members()), b"\1" + _tar(*_members()[:1]), b"\0" + _tar(*_members())),
        (b"ustar", header("data/000001", 3), INDEX_KEY.encode(), LIST.encode()),
        8192,
    ),
}

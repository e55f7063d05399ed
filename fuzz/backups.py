"""Harnesses of backups: their manifest, and whole archives of anything, well packed and sealed.

What must hold: BackupError and nothing else; whatever is unpacked lies in its folder; a manifest that is taken says the
same when it is written out and read again.
"""

import json
import shutil
import tarfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp

import zstandard

from fuzz.scratch import as_file, folder
from fuzz.target import Draws, Target
from fuzz.told import error_repeats_nothing
from monitor.backup.archive import _NAME, _SKIPPABLE, check_whole, opened_archive
from monitor.backup.manifest import DATABASE, FORMAT, MANIFEST, Manifest, is_ours
from monitor.errors import BackupError


def manifest(data: bytes) -> None:
    try:
        read = Manifest.from_json(data)
    except BackupError as error:
        error_repeats_nothing(error, data)
        return
    paths = [*(each.path for each in read.files), *(each.path for each in read.folders)]
    assert all(is_ours(path) and ".." not in path.split("/") for path in paths)
    assert Manifest.from_json(read.to_json()) == read


def backup(data: bytes) -> None:
    """A tar of anything, packed and sealed as a backup is: nothing but its files comes of it, in its folder."""
    draws = Draws(data)
    whole, content = draws.flag(), draws.rest()
    path = as_file(_sealed(content) if whole else content, "backup")
    target = Path(mkdtemp(dir=folder()))
    (target / "inside").mkdir()
    try:
        check_whole(path)
        with opened_archive(path) as archive:
            archive.unpack(target / "inside", lambda _done, _total: None)
    except BackupError as error:
        error_repeats_nothing(error, content)
    except OSError:  # a name too long for the disk: `restore` says so in words
        pass
    finally:
        beside = [each.name for each in target.iterdir()]
        shutil.rmtree(target)
    assert beside == ["inside"]


def _sealed(tar: bytes) -> bytes:
    packed = zstandard.ZstdCompressor(level=1, write_checksum=True).compress(tar)
    body = packed + _SKIPPABLE + _NAME + bytes(16)
    return body + sha256(body).digest()


def _tar(record: object, *files: tuple[str, bytes]) -> bytes:
    """A seed of `backup`: the manifest and files."""
    stream = BytesIO()
    with tarfile.open(mode="w", fileobj=stream, format=tarfile.PAX_FORMAT) as tar:
        for name, content in ((MANIFEST, json.dumps(record).encode()), *files):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, BytesIO(content))
    return stream.getvalue().rstrip(b"\0") + bytes(1024)


def _kept(path: str, content: bytes) -> dict[str, object]:
    return {"path": path, "size": len(content), "sha256": sha256(content).hexdigest(), "mode": 0o600}


_MANIFEST = {
    "format": FORMAT,
    "made_at": "2026-03-01T09:00:00+01:00",
    "code_version": "1",
    "engine": "sqlite",
    "revision": "0007",
    "heads": {"audit": "00"},
    "tables": [{"name": "audit", "n_rows": 0, "digest": "00"}],
    "folders": [{"path": "frozen", "mode": 448}, {"path": "frozen/a", "mode": 448}],
    "files": [_kept(DATABASE, b"x"), _kept("frozen/a/b", b"yz")],
}


TARGETS = {
    "manifest": Target(
        manifest,
        (json.dumps(_MANIFEST).encode(),),
        (b'"path": "../x"', b'"size": -1', b'"mode": 1e9', b"\\ud800", b"0001-01-01T00:00:00+23:59", b"NaN"),
        2048,
    ),
    "backup": Target(
        backup,
        (
            b"\1" + _tar(_MANIFEST, (DATABASE, b"x"), ("frozen/a/b", b"yz")),
            b"\1" + _tar(_MANIFEST, (DATABASE, b"x"), ("../b", b"yz")),
            b"\0" + _sealed(b"x"),
        ),
        (b"ustar", b"././@PaxHeader", b"../", MANIFEST.encode()),
        8192,
    ),
}

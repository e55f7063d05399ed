"""Bundles that somebody made on purpose: rightly signed and sealed, and wrong inside. Nothing comes of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard

from monitor.backup.manifest import KeptFolder
from monitor.bundles import Wanted, take_over
from monitor.bundles.contents import INDEX_KEY, LIST, CarriedFile, Contents
from monitor.bundles.settings_taken import settings_taken
from monitor.errors import HandoverError
from monitor.handover.bundle_file import write_bundle
from monitor.handover.bundle_head import Head, Part
from monitor.handover.identity import read_identity, write_identity
from monitor.handover.seal import public_keys
from monitor.handover.signing import signing_key
from monitor.handover.tar_stream import END, header

Member = tuple[str, bytes]
KEY: Member = (INDEX_KEY, bytes(32))


def silent(_done: int, _total: int) -> None:
    pass


def listed(files: Sequence[CarriedFile] = (), folders: Sequence[KeptFolder] = ()) -> Contents:
    return Contents("", "", "", sha256(bytes(32)).hexdigest(), (), tuple(folders), tuple(files), ())


def carried(member: str, place: str, content: bytes) -> CarriedFile:
    return CarriedFile(member, place, len(content), sha256(content).hexdigest(), 0o600)


def archive(members: Sequence[Member]) -> bytes:
    return b"".join(header(name, len(each)) + each + bytes(-len(each) % 512) for name, each in members) + END


def head(contents: str, n_bytes: int, parts: tuple[Part, ...]) -> Head:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    return Head(at, "0.1.0", "0007", "npmle-1", contents, 0, n_bytes, {}, (), (), (), (), parts)


def refused(folder: Path, plain: bytes, contents: str, n_bytes: int | None = None, packed: bytes | None = None) -> str:
    """What `import` says of it; the data folder is not there afterwards."""
    keys = public_keys(write_identity(folder / "k").public)
    with (folder / "b").open("w+b") as file:
        sealed = zstandard.ZstdCompressor().compress(plain) if packed is None else packed
        made = partial(head, contents, len(plain) if n_bytes is None else n_bytes)
        write_bundle(file, [sealed], keys, made, signing_key(folder, create=True))
    wanted = Wanted(folder / "b", read_identity(folder / "k"), None, folder / "data", None, 5.0, "clerk")
    with pytest.raises(HandoverError) as said:
        take_over(wanted, silent)
    assert not (folder / "data").exists()
    assert {path.name for path in folder.iterdir()} == {"k", "b", "signing.key"}
    return str(said.value)


@pytest.mark.parametrize(
    "place", ["../outside", "/etc/passwd", "letters/../../outside", "monitor.key", "letters/.hidden", "monitor.sqlite"]
)
def test_a_file_that_would_leave_the_data_folder_is_refused(tmp_path: Path, place: str) -> None:
    """Whatever its list says, nothing lies outside afterwards; a key or database of the sender's neither."""
    listing = listed([carried("data/x", place, b"x")], [KeptFolder("letters", 0o700)])
    members = [KEY, ("data/x", b"x"), (LIST, listing.to_json())]
    assert "do not belong" in refused(tmp_path, archive(members), listing.digest)
    assert not (tmp_path.parent / "outside").exists()


def test_a_list_that_was_not_signed_is_refused(tmp_path: Path) -> None:
    listing = listed()
    assert "not what was signed" in refused(tmp_path, archive([KEY, (LIST, listing.to_json())]), "0" * 64)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([], "begin"),
        ([("data/x", b"x")], "begin"),
        ([KEY, KEY], "twice"),
        ([KEY], "no list"),
        ([KEY, ("data/x", b"x"), (LIST, listed().to_json())], "not what its list says"),
        ([KEY, ("rows/reports/000001.json", b'{"table": 1}'), (LIST, listed().to_json())], "cannot be read"),
        ([KEY, ("rows/x/000001.json", b"[" * 9999), (LIST, listed().to_json())], "cannot be read"),
        ([KEY, (LIST, listed().to_json()), ("data/x", b"x")], "more than its list"),
        ([KEY, (LIST, replace(listed(), index_key="0" * 64).to_json())], "signed"),
    ],
)
def test_a_sealed_part_that_is_not_as_it_should_be_is_refused(tmp_path: Path, members: list[Member], said: str) -> None:
    assert said in refused(tmp_path, archive(members), listed().digest)


def test_more_bytes_than_the_head_says_are_not_unpacked(tmp_path: Path) -> None:
    """A gigabyte of zeros packs into little; reading stops where the signed size ends."""
    plain = header(INDEX_KEY, 32) + bytes(480 + 32) + header("data/big", 1 << 28) + bytes(1 << 28)
    assert "more than its manifest says" in refused(tmp_path, plain, "0" * 64, n_bytes=1 << 20)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    assert "cannot be unpacked" in refused(tmp_path, b"", "0" * 64, packed=b"no zstandard at all")


@pytest.mark.parametrize(
    ("text", "left", "left_out"),
    [
        (
            '[database]\nurl = "postgresql+psycopg://me@db.example/m"\nbusy_seconds = 3\n',
            "busy_seconds",
            ("database.url",),
        ),
        ('[vantages.a]\nproxy = "socks5://me:secret@192.0.2.1:1080"\n', "[vantages.a]", ("vantages.a.proxy",)),
        ('[letters]\norganisation = "X"\n', "organisation", ()),
    ],
)
def test_settings_lose_what_lets_somebody_in(text: str, left: str, left_out: tuple[str, ...]) -> None:
    """And nothing else."""
    taken, told = settings_taken(text.encode())
    assert taken is not None
    assert left in taken.decode()
    assert b"secret" not in taken
    assert b"postgresql" not in taken
    assert told == left_out


@pytest.mark.parametrize("text", ["no toml [", '# was "postgresql://me:secret@db.example/m"\n[letters]\n', "\udcff"])
def test_settings_that_cannot_be_cleaned_stay_here(text: str) -> None:
    """Unreadable, or with a password in a comment."""
    taken, told = settings_taken(text.encode(errors="surrogateescape"))
    assert taken is None
    assert len(told) == 1

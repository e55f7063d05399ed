"""Sealing: what only the receiver opens, what never lies on a disk, and what is left where it fails."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage
import pytest

from monitor.errors import HandoverError
from monitor.handover.seal import PublicKey, Sealed, public_keys, write_sealed

SECRET = b"https://marked.example/zq7xk9mw.jpg\n"


@pytest.fixture
def identity() -> Any:
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def keys(identity: Any) -> tuple[PublicKey, ...]:
    return public_keys([str(identity.to_public())])


def _nothing(_sealed: Sealed) -> None:
    """The caller writes nothing down."""


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_receiver_opens_what_was_sealed(tmp_path: Path, identity: Any, keys: tuple[PublicKey, ...]) -> None:
    """What comes out is what went in, in its order, over many pieces and large ones."""
    given = [b"first", b"", b"x" * 300_000, SECRET]
    made = write_sealed(tmp_path / "file.age", given, keys, _nothing)
    assert pyrage.decrypt(made.path.read_bytes(), [identity]) == b"".join(given)


def test_each_of_several_receivers_opens_it_and_nobody_else(tmp_path: Path) -> None:
    """Two keys: either opens the file, a third one does not."""
    first, second, other = (pyrage.x25519.Identity.generate() for _ in range(3))
    keys = public_keys([str(first.to_public()), str(second.to_public())])
    content = write_sealed(tmp_path / "file.age", [SECRET], keys, _nothing).path.read_bytes()
    assert [pyrage.decrypt(content, [each]) for each in (first, second)] == [SECRET, SECRET]
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(content, [other])


def test_a_changed_byte_does_not_open(tmp_path: Path, identity: Any, keys: tuple[PublicKey, ...]) -> None:
    """A file with one byte changed near its end is refused as a whole."""
    content = bytearray(write_sealed(tmp_path / "file.age", [SECRET], keys, _nothing).path.read_bytes())
    content[-3] ^= 1
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(bytes(content), [identity])


def test_the_file_is_its_owners_alone_and_its_hash_is_told(tmp_path: Path, keys: tuple[PublicKey, ...]) -> None:
    """File 0600, missing folders 0700; SHA-256 and size are those of the file, and the caller was told them first."""
    told: list[Sealed] = []
    made = write_sealed(tmp_path / "new" / "file.age", [SECRET], keys, told.append)
    content = made.path.read_bytes()
    assert (made.sha256, made.size) == (sha256(content).hexdigest(), len(content))
    assert told == [made]
    assert (made.path.stat().st_mode & 0o777, made.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_nothing_in_the_clear_lies_on_the_disk_while_it_is_made(tmp_path: Path, keys: tuple[PublicKey, ...]) -> None:
    """After a megabyte of pieces there is a file, it is the owner's, and no piece can be read in it."""
    seen: list[dict[str, bytes]] = []

    def pieces() -> Iterator[bytes]:
        for _ in range(30):
            yield SECRET * 1000
        seen.append(_files(tmp_path))
        yield SECRET

    write_sealed(tmp_path / "file.age", pieces(), keys, _nothing)
    (half,) = seen[0].values()
    assert len(half) > 100_000
    assert b"marked" not in half


class _Stop(Exception):
    """What breaks off the making."""


def _broken() -> Iterator[bytes]:
    yield SECRET
    raise _Stop


def _refuse(_sealed: Sealed) -> None:
    raise _Stop


@pytest.mark.parametrize(
    ("pieces", "written_down"), [(_broken, _nothing), (lambda: iter([SECRET]), _refuse)], ids=["pieces", "audit"]
)
def test_what_fails_leaves_no_file_and_its_own_error(
    tmp_path: Path,
    keys: tuple[PublicKey, ...],
    pieces: Callable[[], Iterator[bytes]],
    written_down: Callable[[Sealed], None],
) -> None:
    """Where the rows break off, or the audit row cannot be written, there is no file, also none half made."""
    with pytest.raises(_Stop):
        write_sealed(tmp_path / "file.age", pieces(), keys, written_down)
    assert _files(tmp_path) == {}


def test_a_file_of_that_name_stays_as_it_is(tmp_path: Path, keys: tuple[PublicKey, ...]) -> None:
    """Nothing is overwritten, nothing is read for it, and nothing is left beside it."""
    taken = tmp_path / "file.age"
    taken.write_bytes(b"mine")
    with pytest.raises(HandoverError, match="there already"):
        write_sealed(taken, _broken(), keys, _nothing)
    assert _files(tmp_path) == {"file.age": b"mine"}


def test_a_file_that_comes_meanwhile_is_not_overwritten(tmp_path: Path, keys: tuple[PublicKey, ...]) -> None:
    """Somebody else takes the name while the file is being made: theirs stays."""
    taken = tmp_path / "file.age"
    with pytest.raises(HandoverError, match="there already"):
        write_sealed(taken, [SECRET], keys, lambda _: taken.write_bytes(b"theirs") and None)
    assert _files(tmp_path) == {"file.age": b"theirs"}


@pytest.mark.parametrize("text", ["", "age1nonsense", "ssh-ed25519 AAAA", "marked@example.example"])
def test_what_is_no_public_key_is_refused_without_repeating_it(text: str) -> None:
    """One line that says what a key looks like; the text that was given is not in it."""
    with pytest.raises(HandoverError) as raised:
        public_keys([text])
    assert "age1" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not text or text not in str(raised.value)


def test_a_secret_key_is_refused_as_such(identity: Any) -> None:
    """Who gives a secret key is told that it is one; it is not in the message."""
    with pytest.raises(HandoverError, match="secret key") as raised:
        public_keys([str(identity)])
    assert str(identity) not in str(raised.value)


def test_a_key_goes_by_the_hash_of_its_text(identity: Any) -> None:
    """The fingerprint is what `sha256sum` gives for the line; the same key twice is one."""
    text = str(identity.to_public())
    (key,) = public_keys([text, f" {text}\n"])
    assert key.fingerprint == sha256(text.encode()).hexdigest()


def test_without_a_key_nothing_is_sealed() -> None:
    """No key is an error, never a file that nobody or everybody can open."""
    with pytest.raises(HandoverError, match="No public key"):
        public_keys([])

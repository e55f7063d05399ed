"""Opening what was sealed for us: what comes out, and what is said of files that are damaged, foreign or none."""

import threading
from pathlib import Path

import pyrage
import pytest

from monitor.errors import HandoverError
from monitor.handover.identity import Identity, opened, read_identity, write_identity
from monitor.handover.seal import public_keys, write_sealed

SECRET = b"https://marked.example/zq7xk9mw.jpg\n"
LARGE = SECRET * 10_000


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    return write_identity(tmp_path / "identity.txt")


@pytest.fixture
def sealed(tmp_path: Path, identity: Identity) -> Path:
    return write_sealed(tmp_path / "file.age", [LARGE], public_keys(identity.public), lambda _: None).path


def _refusal(path: Path, identity: Identity) -> str:
    with pytest.raises(HandoverError) as raised, opened(path, [identity]) as plain:
        while plain.read(10_000):
            pass
    assert "None" not in str(raised.value)
    assert SECRET.decode().strip() not in str(raised.value)
    return raised.value.message


def test_what_was_sealed_for_us_comes_out_as_it_went_in(sealed: Path, identity: Identity) -> None:
    """Read in pieces or at once, and by one of several keys."""
    other = Identity((), False, (pyrage.x25519.Identity.generate(),))
    with opened(sealed, [other, identity]) as plain:
        assert plain.read(7) + plain.read() == LARGE


def test_an_empty_content_is_empty_and_not_an_error(tmp_path: Path, identity: Identity) -> None:
    """A sealed file with nothing in it."""
    path = write_sealed(tmp_path / "empty.age", [], public_keys(identity.public), lambda _: None).path
    with opened(path, [identity]) as plain:
        assert plain.read() == b""


@pytest.mark.parametrize("keep", [1, 10, 100, 200, 300, 65_000, 66_000, 131_500, 200_000, -16, -1])
def test_a_file_that_was_cut_short_says_so(sealed: Path, identity: Identity, keep: int) -> None:
    """At whatever place: within the header, between two pieces, one byte before the end."""
    sealed.write_bytes(sealed.read_bytes()[:keep])
    assert "cut short" in _refusal(sealed, identity)


@pytest.mark.parametrize("place", [250, 350, 70_000, 200_000, -1])
def test_a_changed_byte_is_noticed(sealed: Path, identity: Identity, place: int) -> None:
    """Wherever the byte is, the reader does not come to the end of the stream."""
    content = bytearray(sealed.read_bytes())
    content[place] ^= 1
    sealed.write_bytes(content)
    assert _refusal(sealed, identity)


def test_bytes_behind_the_end_are_noticed(sealed: Path, identity: Identity) -> None:
    """A file with something appended is not the one that was sealed."""
    sealed.write_bytes(sealed.read_bytes() + b"more")
    assert _refusal(sealed, identity) == "The sealed file was changed or cut short"


def test_a_file_for_another_key_says_so_before_anything_is_read(sealed: Path, tmp_path: Path) -> None:
    """And so does one that a word opens, not a key."""
    other = write_identity(tmp_path / "other.txt")
    with pytest.raises(HandoverError, match="sealed for another key"), opened(sealed, [other]):
        pytest.fail("nothing opens")
    sealed.write_bytes(pyrage.passphrase.encrypt(SECRET, "a word"))
    assert "sealed for another key" in _refusal(sealed, other)


@pytest.mark.parametrize("content", [b"", b"hello\n", b"PK\x03\x04 a ZIP", b"\x00" * 500, b"age-encryption.org/v1\n"])
def test_what_is_no_sealed_file_is_refused(tmp_path: Path, identity: Identity, content: bytes) -> None:
    """Somebody names the wrong file."""
    path = tmp_path / "foreign"
    path.write_bytes(content)
    assert "sealed file" in _refusal(path, identity)


def test_a_file_that_is_not_there_is_an_error_without_its_name(tmp_path: Path, identity: Identity) -> None:
    """The message holds no path."""
    with (
        pytest.raises(HandoverError, match="cannot be read") as raised,
        opened(tmp_path / "marked.example", [identity]),
    ):
        pytest.fail("nothing opens")
    assert "marked" not in str(raised.value)


def test_who_stops_reading_leaves_no_thread_and_no_open_file(sealed: Path, identity: Identity) -> None:
    """The first bytes are enough for some readers; a failure of the reader comes through as it was."""
    before, files = threading.active_count(), len(list(Path("/dev/fd").iterdir()))
    for _ in range(20):
        with pytest.raises(KeyError), opened(sealed, [identity]) as plain:
            assert plain.read(3) == LARGE[:3]
            raise KeyError
    assert (threading.active_count(), len(list(Path("/dev/fd").iterdir()))) == (before, files)


def test_nothing_in_the_clear_is_written_to_a_disk(sealed: Path, identity: Identity, tmp_path: Path) -> None:
    """No new file while the stream is open."""
    with opened(sealed, [identity]) as plain:
        plain.read(100)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["file.age", "identity.txt"]


def test_a_key_file_is_its_owners_alone_and_never_overwritten(tmp_path: Path, identity: Identity) -> None:
    """0600, as age-keygen writes it; what others may read says so; a second key wants another name."""
    path = tmp_path / "identity.txt"
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_identity(path) == identity
    path.chmod(0o644)
    assert read_identity(path).others_may_read
    with pytest.raises(HandoverError, match="there already"):
        write_identity(path)


def test_comments_and_empty_lines_of_a_key_file_are_passed_over(tmp_path: Path) -> None:
    """Two keys in one file are both tried."""
    keys = [pyrage.x25519.Identity.generate() for _ in range(2)]
    path = tmp_path / "several.txt"
    path.write_text(f"# created: 2026-01-01\n\n{keys[0]}\r\n  {keys[1]}\n")
    assert read_identity(path).public == tuple(str(key.to_public()) for key in keys)


@pytest.mark.parametrize("content", [b"", b"# only a comment\n", b"age1public\n", b"\xff\xfe", b"x" * 100_000])
def test_what_is_no_secret_key_is_refused_without_repeating_it(tmp_path: Path, content: bytes) -> None:
    """One line that says what such a file looks like."""
    path = tmp_path / "key.txt"
    path.write_bytes(content)
    with pytest.raises(HandoverError, match="no secret age key") as raised:
        read_identity(path)
    assert "age1public" not in str(raised.value)


def test_a_damaged_secret_key_is_in_no_message_and_no_repr(tmp_path: Path, identity: Identity) -> None:
    """One letter wrong in a key: refused, and the rest of it is not shown."""
    text = (tmp_path / "identity.txt").read_text().splitlines()[1]
    path = tmp_path / "key.txt"
    path.write_text(text[:-1] + ("Q" if text[-1] != "Q" else "P"))
    with pytest.raises(HandoverError) as raised:
        read_identity(path)
    assert text[:30] not in str(raised.value)
    assert text[20:40] not in repr(identity)

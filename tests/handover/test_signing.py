"""The signing key: made once, kept, and what it signs can be told from what it did not."""

import base64
import pickle
from hashlib import sha256
from pathlib import Path

import pytest

from monitor.errors import HandoverError
from monitor.handover.signing import SIGNING_KEY, fingerprint_of, others_may_read, signing_key, verify_signature


def test_the_key_is_made_once_and_is_the_same_ever_after(tmp_path: Path) -> None:
    """0600, nothing beside it; a second call reads it."""
    made = signing_key(tmp_path, create=True)
    content = (tmp_path / SIGNING_KEY).read_bytes()
    assert signing_key(tmp_path, create=True).public == signing_key(tmp_path, create=False).public == made.public
    assert (tmp_path / SIGNING_KEY).read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == [SIGNING_KEY]
    assert (tmp_path / SIGNING_KEY).stat().st_mode & 0o777 == 0o600
    assert not others_may_read(tmp_path)


def test_without_a_key_none_is_made_unless_asked_for(tmp_path: Path) -> None:
    """What only checks makes no key."""
    with pytest.raises(HandoverError, match=r"no signing\.key"):
        signing_key(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_of_a_key_is_removed(tmp_path: Path) -> None:
    """A draft without its writer goes when the key is made."""
    (tmp_path / f".{SIGNING_KEY}.abcdefgh").write_bytes(b"half")
    signing_key(tmp_path, create=True)
    assert [path.name for path in tmp_path.iterdir()] == [SIGNING_KEY]


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"monitor-signing-key-1", b"monitor-signing-key-1 AAAA", b"other " + b"A" * 44]
)
def test_a_damaged_key_is_an_error_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    """A new one would be unknown to those who pinned the old one."""
    (tmp_path / SIGNING_KEY).write_bytes(content)
    with pytest.raises(HandoverError, match="damaged"):
        signing_key(tmp_path, create=True)
    assert (tmp_path / SIGNING_KEY).read_bytes() == content


def test_a_signature_fits_its_bytes_and_its_key_alone(tmp_path: Path) -> None:
    """Another message, another signer or another signature is refused."""
    (tmp_path / "other").mkdir()
    key, other = signing_key(tmp_path, create=True), signing_key(tmp_path / "other", create=True)
    signature = key.sign(b"message")
    verify_signature(key.public, b"message", signature)
    for public, message, given in (
        (key.public, b"massage", signature),
        (other.public, b"message", signature),
        (key.public, b"message", other.sign(b"message")),
        (key.public, b"message", signature[:-1]),
        (key.public, b"message", b""),
    ):
        with pytest.raises(HandoverError, match="signature does not fit"):
            verify_signature(public, message, given)


def test_the_fingerprint_is_the_hash_of_the_raw_key(tmp_path: Path) -> None:
    """So that two people can compare it over the telephone, by any tool."""
    key = signing_key(tmp_path, create=True)
    raw = base64.b64decode(key.public.removeprefix("ed25519:"))
    assert key.fingerprint == fingerprint_of(key.public) == sha256(raw).hexdigest()


@pytest.mark.parametrize(
    "text", ["", "ed25519:", "ed25519:AAAA", "age1marked", f"ed25519:{'A' * 43}=\n", "ed25519:" + "é" * 44]
)
def test_what_is_no_public_key_is_refused_without_repeating_it(text: str) -> None:
    """Whatever a person pasted."""
    with pytest.raises(HandoverError, match="no public signing key") as raised:
        verify_signature(text, b"message", b"signature")
    assert "marked" not in str(raised.value)


def test_the_secret_is_in_no_repr_and_not_pickled(tmp_path: Path) -> None:
    """Neither a log nor another process gets it by accident."""
    key = signing_key(tmp_path, create=True)
    text = (tmp_path / SIGNING_KEY).read_text().split()[1]
    assert text not in repr(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)

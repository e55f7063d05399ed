"""The file of a bundle: any changed byte is noticed without a key or a store, whoever changed it and wherever."""

import base64
import io
import json
import shutil
import subprocess
import tarfile
import tracemalloc
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import HandoverError
from monitor.handover.bundle_file import CONTENTS, MANIFEST, PARTS, README, SIGNATURE, verify, write_bundle
from monitor.handover.bundle_head import Head, Named, Part, TableCount
from monitor.handover.identity import opened, read_identity, write_identity
from monitor.handover.seal import public_keys
from monitor.handover.signing import SigningKey, signing_key
from monitor.handover.tar_stream import header

PLAIN = b"what is sealed " * 3000


def silent(_done: int, _total: int) -> None:
    pass


def head_of(parts: tuple[Part, ...]) -> Head:
    return Head(
        made_at=datetime(2026, 7, 1, 9, tzinfo=UTC),
        code_version="0.1.0+0123456789ab",
        revision="0012",
        method="npmle-1",
        contents="0" * 64,
        n_files=3,
        n_bytes=len(PLAIN),
        heads={"audit": "1" * 64, "observations": "2" * 64},
        freezes=(Named("2026H1-1a2b3c4d", "1a2b3c4d" * 8),),
        releases=(Named("2026H1-final-v1", "3" * 64),),
        tables=(TableCount("reports", 7),),
        receivers=("4" * 64,),
        parts=parts,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundle")


@pytest.fixture(scope="module")
def signer(folder: Path) -> SigningKey:
    return signing_key(folder, create=True)


@pytest.fixture(scope="module")
def bundle(folder: Path, signer: SigningKey) -> Path:
    """A small whole bundle."""
    keys = public_keys(write_identity(folder / "own.key").public)
    with (folder / "whole.bundle").open("w+b") as file:
        write_bundle(file, [PLAIN], keys, head_of, signer)
    return folder / "whole.bundle"


def refused(path: Path, content: bytes) -> str:
    """What is said of a file with this content; nothing else may be raised."""
    path.write_bytes(content)
    with pytest.raises(HandoverError) as said:
        verify(path, None, silent)
    return str(said.value)


def test_a_whole_bundle_verifies_and_says_who_signed_it(bundle: Path, signer: SigningKey) -> None:
    """The head comes back as it was, the digest is that of the file."""
    found = verify(bundle, None, silent)
    assert found.signer == signer.fingerprint
    assert found.digest == sha256(bundle.read_bytes()).hexdigest()
    assert found.head == head_of(found.head.parts)
    assert [part.name for part in found.head.parts] == [README, CONTENTS]
    assert verify(bundle, signer.fingerprint, silent) == found


def test_tools_of_any_machine_take_a_bundle_apart(bundle: Path, folder: Path, tmp_path: Path) -> None:
    """A plain tar; the sealed part in it is a plain age file, and nothing of what it holds shows outside of it."""
    with tarfile.open(bundle) as tar:
        assert tuple(tar.getnames()) == PARTS
        tar.extractall(tmp_path, filter="data")
    if shutil.which("tar"):
        listed = subprocess.run(["tar", "tf", bundle], capture_output=True, text=True, check=True)
        assert tuple(listed.stdout.split()) == PARTS
    with opened(tmp_path / CONTENTS, [read_identity(folder / "own.key")]) as plain:
        assert plain.read() == PLAIN
    assert PLAIN[:15] not in bundle.read_bytes()


@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_byte_of_any_region_is_noticed(data: st.DataObject, bundle: Path, tmp_path: Path) -> None:
    """In each part's header, content and fill, and in the end: one byte that is another."""
    content = bytearray(bundle.read_bytes())
    start, end = data.draw(st.sampled_from(_regions(bytes(content))), label="region")
    place = data.draw(st.integers(start, end - 1), label="place")
    content[place] ^= data.draw(st.integers(1, 255), label="bits")
    assert refused(tmp_path / "changed", bytes(content))


def _regions(content: bytes) -> list[tuple[int, int]]:
    found, at = list[tuple[int, int]](), 0
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar.getmembers():
            data = member.offset_data
            fill = data + -(-member.size // 512) * 512
            found += [
                (at, data),
                (data, data + member.size),
                *([(data + member.size, fill)] if fill > data + member.size else []),
            ]
            at = fill
    return [*found, (at, len(content))]


@given(at=st.integers(0, 10**6), more=st.binary(max_size=600))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bundle_that_was_cut_or_made_longer_is_refused(at: int, more: bytes, bundle: Path, tmp_path: Path) -> None:
    """Wherever it ends, and whatever is put in."""
    content = bundle.read_bytes()
    at %= len(content)
    assert refused(tmp_path / "cut", content[:at])
    for other in (content[:at] + (more or b"\0") + content[at:], content + (more or b"\0"), (more or b"\0") + content):
        if other != content:
            assert refused(tmp_path / "longer", other)


@given(content=st.binary(max_size=3000))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_else_is_refused_without_a_traceback(content: bytes, tmp_path: Path) -> None:
    """Bytes that nobody thought of."""
    assert refused(tmp_path / "other", content)


@given(
    name=st.sampled_from([MANIFEST, SIGNATURE]),
    content=st.binary(max_size=400)
    | st.sampled_from([b"[" * 100_000, b"{}", b"null", b'{"format": "monitor-handover-1"}', b"9" * 5000]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_list_that_cannot_be_read_is_refused(name: str, content: bytes, bundle: Path, tmp_path: Path) -> None:
    """In its place, with a right header."""
    assert refused(tmp_path / "list", put(bundle, {name: content}))


def put(bundle: Path, other: dict[str, bytes]) -> bytes:
    """The bundle with other contents of some parts, in the form that a bundle has."""
    out = b""
    with tarfile.open(bundle) as tar:
        for member in tar.getmembers():
            file = tar.extractfile(member)
            assert file is not None
            content = other.get(member.name, file.read())
            out += header(member.name, len(content)) + content + bytes(-len(content) % 512)
    return out + bytes(1024)


def test_putting_a_bundle_together_again_changes_nothing(bundle: Path) -> None:
    """What the tests above rest on."""
    assert put(bundle, {}) == bundle.read_bytes()


def test_whoever_signs_another_manifest_is_told_by_name(bundle: Path, signer: SigningKey, tmp_path: Path) -> None:
    """A forger can sign; the fingerprint is another one, and --signer refuses it."""
    (tmp_path / "forger").mkdir()
    forger = signing_key(tmp_path / "forger", create=True)
    parts = verify(bundle, None, silent).head.parts
    keys = public_keys(write_identity(tmp_path / "k").public)
    with (tmp_path / "forged").open("w+b") as file:
        write_bundle(file, [b"other"], keys, head_of, forger)
    assert verify(tmp_path / "forged", None, silent).signer == forger.fingerprint != signer.fingerprint
    with pytest.raises(HandoverError, match="was signed by"):
        verify(tmp_path / "forged", signer.fingerprint, silent)
    with (tmp_path / "mixed").open("w+b") as file:
        write_bundle(file, [b"other"], keys, lambda _: head_of(parts), signer)
    with pytest.raises(HandoverError, match="not what its manifest says"):
        verify(tmp_path / "mixed", None, silent)


def test_a_signature_of_ours_over_something_else_does_not_fit(bundle: Path, signer: SigningKey, tmp_path: Path) -> None:
    """What is signed begins with words of its own."""
    with tarfile.open(bundle) as tar:
        manifest = tar.extractfile(MANIFEST)
        signature = tar.extractfile(SIGNATURE)
        assert manifest is not None
        assert signature is not None
        content, said = manifest.read(), json.loads(signature.read())
    said["signature"] = base64.b64encode(signer.sign(content)).decode()
    assert "signature" in refused(
        tmp_path / "x", put(bundle, {SIGNATURE: (json.dumps(said, indent=1) + "\n").encode()})
    )


def test_a_part_that_says_it_is_huge_costs_no_memory(tmp_path: Path) -> None:
    """A header may claim anything; what is read stays a few pieces."""
    head = header(README, 1 << 40)
    (tmp_path / "claims").write_bytes(head + bytes(8 << 20))
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.write(header(README, 100) + bytes(512) + header(CONTENTS, 1 << 30))
        file.truncate(1 << 30)
    tracemalloc.start()
    for path in (tmp_path / "claims", sparse):
        with pytest.raises(HandoverError):
            verify(path, None, silent)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


@pytest.mark.parametrize(
    "name", ["../out", "/etc/passwd", "a/../../b", ".hidden", "a/.b", "a//b", "a\\b", "", "x" * 300]
)
def test_no_member_can_have_a_name_that_leads_elsewhere(name: str) -> None:
    """Neither ours nor somebody else's."""
    with pytest.raises(ValueError, match=r".*"):
        header(name, 0)

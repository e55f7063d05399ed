"""Compression by content, damage after the data before it, and messages without a path."""

import gzip
import hashlib
import os
import random

import pytest
import zstandard

from monitor.errors import InputError
from monitor.intake import detect, read_reports, sha256
from monitor.intake.files import InputFile, ordinal

NOISE = random.Random(7).randbytes(300_000)
HEADER = "record_id,url,reported_at"


def rows(n):
    noise = random.Random(3)
    return [f"R{i},http://a.example/{noise.getrandbits(400):x},2026-01-01T00:00:00Z" for i in range(n)]


@pytest.mark.parametrize("compression", ["plain", "gz", "zst"])
def test_content_is_the_same_whatever_the_compression(write, compression):
    """Magic bytes decide, not the suffix; afterwards every byte of the file has been counted."""
    with InputFile(write(NOISE, compression)) as file:
        assert b"".join(file.chunks()) == NOISE
        assert file.bytes_done == file.bytes_total


def test_several_members_and_frames_follow_one_another(write):
    """gzip members and zstd frames may be joined; zero padding after them is ignored."""
    compress = zstandard.ZstdCompressor().compress
    for data in (gzip.compress(NOISE) + gzip.compress(b"end") + bytes(700), compress(NOISE) + compress(b"end")):
        with InputFile(write(data)) as file:
            assert b"".join(file.chunks()) == NOISE + b"end"


@pytest.mark.parametrize("compression", ["gz", "zst"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.999])
def test_whole_batches_come_before_the_error_of_a_truncated_file(write, csv_text, compression, share):
    """Every batch that was whole before the cut is given, then one InputError, and never half a batch."""
    whole = write(csv_text(HEADER, *rows(4000)), compression).read_bytes()
    path = write(whole[: int(len(whole) * share)])
    seen = []
    with pytest.raises(InputError, match="The 3rd input file is truncated"):
        for batch in read_reports(path, source="default", timezone=None, batch_rows=100, position=3):
            seen.append(batch)
    assert len(seen) >= 4000 * share / 100 - 30  # a compressed block holds up to 128 KiB
    assert [batch.n_read for batch in seen] == [100] * len(seen)
    assert [report.row for batch in seen for report in batch.values] == list(range(1, 100 * len(seen) + 1))


@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_a_changed_byte_in_the_middle_is_damage(write, csv_text, compression):
    """Damaged compression is an InputError too, after whole batches."""
    data = bytearray(write(csv_text(HEADER, *rows(4000)), compression).read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(255 - b for b in data[middle : middle + 40])
    with pytest.raises(InputError, match=r"input file is (damaged|truncated)"):
        list(read_reports(write(bytes(data)), source="default", timezone=None, batch_rows=100))


def test_a_gzip_whose_checksum_is_wrong_is_damaged(write, csv_text):
    """The last batch may be given before the checksum is read, but the file does not end well."""
    data = bytearray(gzip.compress(csv_text(HEADER, *rows(10))))
    data[-8] ^= 1
    with pytest.raises(InputError, match="damaged"):
        list(read_reports(write(bytes(data)), source="default", timezone=None))


def test_something_else_after_the_compressed_data_is_damage(write):
    """Bytes after the last member that are neither zero nor another member are not skipped silently."""
    with InputFile(write(gzip.compress(b"x") + b"trailing")) as file, pytest.raises(InputError, match="damaged"):
        list(file.chunks())


def test_messages_name_a_file_by_its_position_only(tmp_path):
    """Missing, empty, folder, loop: the message says which input, never its path."""
    (tmp_path / "secret-empty").touch()
    (tmp_path / "secret-folder").mkdir()
    (tmp_path / "secret-loop").symlink_to(tmp_path / "secret-loop")
    expected = {
        "secret-missing": "does not exist",
        "secret-empty": "is empty",
        "secret-folder": "is a folder",
        "secret-loop": "cannot be opened",
        "secret-\0": "cannot be opened",
    }
    for name, what in expected.items():
        for call in (detect, sha256):
            with pytest.raises(InputError, match=what) as caught:
                call(tmp_path / name, position=2)
            assert str(caught.value).startswith("The 2nd input file ")
            assert "secret" not in repr(caught.value)
            assert caught.value.__context__ is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission_says_so(write):
    """The user is told that it is a matter of permission."""
    path = write(b"x")
    path.chmod(0)
    with pytest.raises(InputError, match="may not be read"):
        sha256(path)


def test_the_hash_is_of_the_file_as_it_lies(write):
    """Compression is part of what is hashed."""
    path = write(NOISE, "gz")
    assert sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_progress_counts_compressed_bytes_and_ends_at_the_total(write, csv_text):
    """bytes_done grows batch by batch and reaches bytes_total, the size of the file as it lies."""
    path = write(csv_text(HEADER, *rows(5000)), "gz")
    batches = list(read_reports(path, source="default", timezone=None, batch_rows=500))
    done = [batch.bytes_done for batch in batches]
    assert done == sorted(done)
    assert done[0] < done[-1] == batches[-1].bytes_total == path.stat().st_size


def test_ordinals():
    """1st, 2nd, 3rd, and the teens."""
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th",
    ]  # fmt: skip

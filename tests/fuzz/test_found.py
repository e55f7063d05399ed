"""What fuzzing found, each input as small as it could be made: none of it comes back."""

import json
import struct
from datetime import UTC, datetime

import numpy as np
import pytest
import zstandard

from fuzz.backups import _MANIFEST
from fuzz.documents import _document, _edited
from fuzz.imports import LARGEST_PIECE, swelling
from fuzz.minimise import minimise
from fuzz.told import repeats_nothing
from monitor.attribution.codec import pack_arrays, unpack_arrays
from monitor.attribution.names import AsNames, clean_text
from monitor.attribution.rdap_document import without_queried
from monitor.attribution.rdap_pace import retry_after_seconds
from monitor.attribution.tablefile import LARGEST_TABLE, read_table_file
from monitor.backup.manifest import Manifest
from monitor.config import Settings, read_settings
from monitor.correspondence.letter_check import text_of
from monitor.correspondence.pdf import to_pdf
from monitor.errors import BackupError, DocumentError, InputError, ReferenceDataError, UsageError, WrongSetting
from monitor.intake.detect import container_of
from monitor.intake.files import InputFile
from monitor.intake.problems import IntakeProblem
from monitor.intake.values import clear_text as clear_cell
from monitor.session import instant
from monitor.store.registry_entries import EntryProblem, tables_of, texts_of, time_of
from tests.survival.conftest import World

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_a_file_that_swells_is_held_in_small_pieces(tmp_path):
    """16 KB of Zstandard that stand for 512 MiB: no piece of it is larger than what fits beside everything else."""
    path = tmp_path / "input"
    path.write_bytes(swelling(4096))
    with InputFile(path) as file:
        sizes = [len(chunk) for chunk in file.chunks()]
    assert sum(sizes) == 512 << 20
    assert max(sizes) <= LARGEST_PIECE


def test_blanks_without_end_are_not_kept_to_tell_what_a_file_is(tmp_path):
    """A column of reports may stand behind any number of them; only an empty file is empty."""
    path = tmp_path / "input"
    path.write_bytes(b" " * 300_000 + b"\n{}")
    with InputFile(path) as file:
        assert container_of(file) == "jsonl"
    path.write_bytes(swelling(64))
    with InputFile(path) as file, pytest.raises(InputError, match="is empty"):
        container_of(file)


def test_a_table_that_swells_is_refused(tmp_path):
    """Before all of it is in memory."""
    path = tmp_path / "table"
    path.write_bytes(swelling((LARGEST_TABLE >> 17) + 300))
    with pytest.raises(ReferenceDataError, match="larger than 512 MiB"):
        read_table_file(path)


@pytest.mark.parametrize(
    ("name", "length"),
    [
        (b"<u4\0", 2**64 - 1),
        (b"<u4\0", 2**62),
        (b"|O8\0", 1),
        (b"|V0\0", 0),
        (b"<f8\0", 1),
        (b"|S1\0", 2),
        (b"zz\0\0", 1),
        (b"0,,\0", 0),
    ],
)
def test_a_stored_table_of_anything_but_integers_is_damaged(name, length):
    """A length that no memory holds, objects, nothings, fractions, texts: one answer."""
    plain = struct.pack("<4s8sI", b"HMT1", b"fuzz", 1) + struct.pack("<4s?Q", name, False, length) + bytes(16)
    with pytest.raises(ReferenceDataError, match="is damaged"):
        unpack_arrays(b"fuzz", zstandard.compress(plain))


def test_a_stored_table_that_says_it_is_immense_is_damaged():
    """The frame's own word is not believed: nothing of that size is made room for."""
    with pytest.raises(ReferenceDataError, match="is damaged"):
        unpack_arrays(b"fuzz", b"\x28\xb5\x2f\xfd\xe0" + (2**62).to_bytes(8, "little") + b"\x01\0\0")


@pytest.mark.parametrize("code", [0xFFFE, 0xFFFF, 0x1FFFE, 0xFDD0])
def test_a_name_holds_no_code_that_is_no_character(code):
    """A chart or a letter with it would be no XML; a letter of a later Unicode (U+208F today) stays."""
    assert clean_text(f"Voor{chr(code)}beeld\u208f") == "Voorbeeld\u208f"


@pytest.mark.parametrize("text", [b"null", b"1", b"[1, 2]", b'{"a": 1}', b"[[], 3]", b"[" * 5000, b"[[1], [2]]"])
def test_stored_names_that_are_no_names_are_damaged(text):
    """JSON of another shape is no table of names."""
    kind = AsNames(np.array([], np.int64), (), ()).to_bytes()
    assert AsNames.from_bytes(kind).names == ()
    content = pack_arrays(b"as-names", (np.array([], np.int64), np.frombuffer(text, np.uint8)))
    with pytest.raises(ReferenceDataError, match="is damaged"):
        AsNames.from_bytes(content)


@pytest.mark.parametrize(
    "text", ["Sun, 1 Mar 999999992026 09:00:00 GMT", "Sun, 9999019999 Mar 2026 09:00:0 -0000", "1 Jan 1 0:0:0 +9999"]
)
def test_a_registry_that_asks_for_a_wait_in_no_year_is_not_waited_for(text):
    """Its header must not end the fetching of all others."""
    wait = retry_after_seconds(text, NOW)
    assert wait is None or wait >= 0


@pytest.mark.parametrize(
    "name", ["_env_file", "_cli_parse_args", "_secrets_dir", "__pydantic_self__", "_case_sensitive"]
)
def test_a_setting_cannot_be_an_option_of_the_library_that_reads_it(tmp_path, name):
    """These were taken in silence, or ended in a traceback."""
    (tmp_path / "monitor.toml").write_text(f"{name} = true\n")
    read = read_settings(tmp_path, None)
    assert not isinstance(read, Settings)
    assert [error.message for error in read] == [f"There is no setting [{name}]"]


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 3000, "[checks]\nrate = 0x" + "f" * 5000 + "\n"])
def test_settings_without_end_are_refused_in_words(tmp_path, text):
    """Thousands of digits or brackets."""
    (tmp_path / "monitor.toml").write_text(text)
    try:
        read = read_settings(tmp_path, None)
    except WrongSetting:
        return
    assert not isinstance(read, Settings)


def test_a_name_in_the_settings_cannot_write_to_the_terminal(tmp_path):
    """Its control characters are not shown, and it stays in one line."""
    (tmp_path / "monitor.toml").write_text('"\\u001b[31m\\n" = 1\n')
    read = read_settings(tmp_path, None)
    assert not isinstance(read, Settings)
    assert str(read[0]).isprintable()


@pytest.mark.parametrize("text", ["change = " + "9" * 5000, "change = " + "[" * 3000])
def test_a_registry_without_end_is_refused_in_words(text):
    """As for the settings."""
    with pytest.raises(InputError, match="is no TOML"):
        tables_of(text)


def test_a_number_in_the_registry_that_no_text_holds_is_refused():
    """Written in base 16 it can have any length, written out it cannot."""
    with pytest.raises(EntryProblem, match="too large"):
        texts_of({"asn": int("f" * 5000, 16)}, "asn")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_at_the_end_of_all_times_is_no_time(at):
    """In UTC it would lie outside of what a calendar has."""
    for value in (at, datetime.fromisoformat(at)):
        with pytest.raises(EntryProblem, match="no time"):
            time_of({"at": value})


@pytest.mark.parametrize(
    "data",
    [
        b'{"format": "\\ud800"}',
        b"[" * 100_000,
        b'{"format": "monitor-backup-1", "made_at": "0001-01-01T00:00:00+23:59"}',
        b'{"format": "monitor-backup-1", "made_at": 1}',
        b"1",
    ],
)
def test_a_manifest_of_no_sense_is_refused_in_words(data):
    """Half a surrogate pair, lists without end, a time before the first."""
    with pytest.raises(BackupError):
        Manifest.from_json(data)


@pytest.mark.parametrize(("name", "value"), [("size", -1), ("mode", 2**40), ("mode", -1)])
def test_a_file_of_a_backup_has_a_size_and_permission_bits(name, value):
    """A number that no file has is refused before anything is unpacked."""
    record = json.loads(json.dumps(_MANIFEST))
    Manifest.from_json(json.dumps(record).encode())
    record["files"][0][name] = value
    with pytest.raises(BackupError, match="cannot be read"):
        Manifest.from_json(json.dumps(record).encode())


def test_a_word_document_with_a_damaged_byte_is_none():
    """Unpacking fails in many ways; a clerk gets one answer."""
    whole = _document()
    refused = 0
    for place in range(40, len(whole), len(whole) // 60):
        broken = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            text_of(broken)
        except DocumentError as error:
            assert "not a Word document" in str(error)
            refused += 1
    assert refused > 5


@pytest.mark.parametrize(
    "content",
    [
        b"<w:sectPr><w:cols w:num='x'/></w:sectPr>",
        b"<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='x'/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>",
    ],
)
def test_a_word_document_with_a_size_that_is_no_number_is_refused_in_words(content):
    """It would have ended in a traceback while the PDF was made."""
    with pytest.raises(DocumentError, match="cannot be read"):
        to_pdf(_edited(b"\0\0\1" + content), title="Brief", language="nl")


def test_a_page_seen_after_the_cut_off_makes_no_page_target():
    """Only facts earlier than the cut-off are used, for this column too."""
    world = World().report().notice().seen("1 on", "60 on page")
    assert world.row(cutoff=50).page_target is False
    assert world.row(cutoff=61).page_target is True


@pytest.mark.parametrize("text", ["::%00", "see 2001:db8::1%00", "2001:db8::1%7f", "[2001:db8::1%25eth0]"])
def test_an_address_with_a_zone_is_no_clear_text(text):
    """The zone's sign was taken for an escape, and the address stood unsealed."""
    with pytest.raises(IntakeProblem, match="looks like a URL"):
        clear_cell(text, "reason")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_on_the_command_line_that_no_calendar_has_is_refused_in_words(text):
    """In UTC it would lie before the first day or after the last; it ended in a traceback."""
    with pytest.raises(UsageError, match="is not a time"):
        instant(text, "--at")


def test_a_message_that_repeats_the_input_is_noticed():
    """A harness that took everything would prove nothing."""
    with pytest.raises(AssertionError, match="repeats"):
        repeats_nothing("The row says zq7xk9mwv", b"a,zq7xk9mwv")


def test_what_fails_is_made_small_and_stays_the_same_failure():
    """Of many bytes those are left that matter, and another failure is not taken for it."""

    def one_input(data):
        if b"A" in data and b"B" in data:
            raise ValueError("this one")
        if len(data) > 50:
            raise KeyError("another")

    assert sorted(minimise(one_input, b"xxA" + bytes(30) + b"yyBzz")) == sorted(b"AB")


def test_an_address_behind_a_percent_sign_is_not_kept_of_a_registrys_answer():
    """`%19` is no escape of that text: decoded it would hide the first two digits."""
    answer = {"0": [{"": "%192.0.2.77", "0": ""}], "name": "EXAMPLE"}
    assert without_queried(answer, bytes([192, 0, 2, 77])) == {"0": [{"0": ""}], "name": "EXAMPLE"}

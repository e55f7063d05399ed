"""Sealing: what one key does to one value."""

import base64
import json
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import KeyProblem
from monitor.store.sealing import KEY_FILE, Sealer, load_key, make_key

A_SEALER = Sealer("0a0b0c0d", bytes(range(32)), bytes(range(32, 64)))


@settings(derandomize=True)
@given(st.binary(max_size=300), st.sampled_from(["targets.url", "hosts.name"]))
def test_a_sealed_value_opens_to_what_was_sealed(plain: bytes, context: str) -> None:
    """seal() and unseal() undo each other for any bytes."""
    assert A_SEALER.unseal(A_SEALER.seal(plain, context), context) == plain


def test_sealing_twice_gives_different_bytes_with_one_index() -> None:
    """Equal values show only in their index."""
    assert A_SEALER.seal(b"x", "hosts.name") != A_SEALER.seal(b"x", "hosts.name")
    assert A_SEALER.index(b"x", "hosts.name") == A_SEALER.indexes([b"x"], "hosts.name")[0]


def test_the_index_differs_between_contexts_and_keys() -> None:
    """One text in two columns, or under two keys, cannot be joined."""
    other = Sealer("0a0b0c0d", bytes(range(32)), bytes(32))
    found = {A_SEALER.index(b"x", "hosts.name"), A_SEALER.index(b"x", "hosts.site"), other.index(b"x", "hosts.name")}
    assert len(found) == 3
    assert {len(index) for index in found} == {16}


def test_a_value_moved_to_another_column_does_not_open() -> None:
    """The context is authenticated."""
    with pytest.raises(KeyProblem):
        A_SEALER.unseal(A_SEALER.seal(b"x", "hosts.name"), "targets.url")


@settings(derandomize=True)
@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    """No bit of a sealed value can be flipped unseen, its key id included."""
    sealed = bytearray(A_SEALER.seal(b"some text", "hosts.name"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(KeyProblem):
        A_SEALER.unseal(bytes(sealed), "hosts.name")


@settings(derandomize=True)
@given(st.binary(max_size=60))
def test_rubbish_in_place_of_a_sealed_value_is_a_key_problem(rubbish: bytes) -> None:
    """Truncated and arbitrary bytes raise the one error, never the library's own."""
    sealed = A_SEALER.seal(b"text", "c")
    for value in (rubbish, sealed[: min(len(rubbish), len(sealed) - 1)]):
        with pytest.raises(KeyProblem):
            A_SEALER.unseal(value, "c")


def test_the_key_id_is_stored_with_each_value() -> None:
    """Rotation can tell which key sealed a value."""
    assert bytes.fromhex("0a0b0c0d") in A_SEALER.seal(b"x", "c")[:5]


def test_a_value_of_another_key_says_so() -> None:
    """A value with another key id is refused before it is tried."""
    other = Sealer("ffffffff", bytes(32), bytes(32))
    with pytest.raises(KeyProblem, match="another key"):
        A_SEALER.unseal(other.seal(b"x", "c"), "c")


def test_a_new_key_file_is_for_its_owner_only_and_loads(tmp_path: Path) -> None:
    """make_key() writes 0600 whatever the umask, and leaves nothing else behind."""
    before = os.umask(0)
    try:
        made = make_key(tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert load_key(tmp_path).unseal(made.seal(b"x", "c"), "c") == b"x"


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """A second make_key() raises and leaves the first key as it was."""
    make_key(tmp_path)
    before = (tmp_path / KEY_FILE).read_bytes()
    with pytest.raises(FileExistsError):
        make_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def _broken_keys(good: str) -> list[str]:
    record = json.loads(good)
    short = base64.b64encode(b"short").decode()
    return [
        "",
        "{",
        "[]",
        "null",
        good[: len(good) // 2],
        json.dumps(record | {"format": "other"}),
        json.dumps(record | {"encryption_key": short}),
        json.dumps(record | {"index_key": "?" * 44}),
        json.dumps(record | {"key_id": "zz"}),
        json.dumps({name: value for name, value in record.items() if name != "index_key"}),
        "\u2603",
    ]


def test_every_kind_of_damaged_key_file_is_a_key_problem_without_the_key_in_it(tmp_path: Path) -> None:
    """Truncated, foreign or rewritten: one error that says what to do and shows nothing."""
    make_key(tmp_path)
    good = (tmp_path / KEY_FILE).read_text()
    secret = json.loads(good)["encryption_key"]
    for text in _broken_keys(good):
        (tmp_path / KEY_FILE).write_text(text, encoding="utf-8")
        with pytest.raises(KeyProblem, match="damaged") as raised:
            load_key(tmp_path)
        assert secret not in str(raised.value)


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    """No key: put it back; none is made."""
    with pytest.raises(KeyProblem, match="backup"):
        load_key(tmp_path)
    assert not list(tmp_path.iterdir())


def test_no_form_of_a_sealer_shows_its_key() -> None:
    """repr, str and format show the key's id alone; pickling is refused."""
    for text in (repr(A_SEALER), str(A_SEALER), f"{A_SEALER}"):
        assert text == "Sealer(key_id='0a0b0c0d')"
    with pytest.raises(TypeError):
        pickle.dumps(A_SEALER)

"""Roles at the command line: an operator's key file runs the monitor and shows no URL; the hotline's shows it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

MAY_NOT = "monitor: This key file may not open URLs: ask the hotline\n"
SECRETS = ("alpha.example", "picture.jpg", "://")


@pytest.fixture
def split(copy: Any, tmp_path: Path) -> tuple[Any, Any]:
    """The operator's and the hotline's program on one store (a copy each, as no two of them share a key file)."""
    operator_key, hotline_key = tmp_path / "operator.key", tmp_path / "hotline.key"
    first = copy.json("keys", "role", "operator", "--out", operator_key, "--by", "Jo Tester")
    second = copy.json("keys", "role", "hotline", "--out", hotline_key, "--by", "Jo Tester")
    assert (first["split"], second["split"], second["kept"]) == (True, False, None)
    assert operator_key.stat().st_mode & 0o777 == 0o600
    shutil.copy(hotline_key, tmp_path / "kept.key")
    return copy, (operator_key, hotline_key)


def _with_key(monitor: Any, key: Path) -> Any:
    shutil.copy(key, monitor.data / "monitor.key")
    return replace(monitor)


def test_an_operator_does_the_work_and_opens_no_url(split: Any, inputs: Any) -> None:
    """Import, attribution, status, verify and lists go on; what would show a URL says in one line whom to ask."""
    monitor, (operator_key, hotline_key) = split
    operator = _with_key(monitor, operator_key)
    assert operator.json("import", inputs.reports)["accepted"] == 0  # repeats are found without reading
    new = [
        {"record_id": "n1", "source": "hotline", "url": "https://zq7.example/b", "reported_at": "2026-03-02T10:00:00Z"}
    ]
    assert operator.json("import", inputs.write("new.csv", new))["accepted"] == 1
    operator.json("attribute")
    assert operator.json("verify")["problems"] == []
    assert operator.json("keys", "list")["role"] == "operator"
    for words in (
        ("reveal", "a01", "--reason", "x"),
        ("explain", "a01", "--reveal", "--reason", "x"),
        ("provider-file", "as64500", "--to", "age1" + "q" * 58, "--reason", "x"),
        ("keys", "role", "hotline", "--out", operator_key.with_name("more.key")),
    ):
        ran = operator.run(*words)
        assert ran.status != 0 and ran.out == ""
        assert not any(secret in ran.err for secret in SECRETS)
        if words[0] != "provider-file":  # which says first that the public key is none
            assert ran.err == MAY_NOT
    assert not operator_key.with_name("more.key").exists()
    hotline = _with_key(monitor, hotline_key)
    assert hotline.run("reveal", "n1", "--reason", "to check").out == "https://zq7.example/b\n"
    assert hotline.run("reveal", "a01", "--reason", "to check").out == "https://one.alpha.example/a01/picture.jpg\n"


def test_no_key_is_printed_and_the_operators_file_has_no_secret_half(split: Any) -> None:
    """Nor on the audit log, which says which key file was handed out, and by whom."""
    monitor, (operator_key, hotline_key) = split
    operator, hotline = (json.loads(key.read_bytes()) for key in (operator_key, hotline_key))
    assert [set(each) for each in operator["vault"]] == [{"key_id", "public_key"}]
    assert operator["role"] == "operator" and "secret_key" in hotline["vault"][0]
    ran = monitor.run("keys", "list")
    secrets = [hotline["vault"][0]["secret_key"], hotline["index_key"], *(k["encryption_key"] for k in hotline["keys"])]
    assert not any(secret in ran.out + ran.err for secret in secrets)
    said = monitor.rows("SELECT action, actor FROM audit WHERE action LIKE 'keys role%' ORDER BY id")
    assert [tuple(row) for row in said] == [("keys role operator", "Jo Tester"), ("keys role hotline", "Jo Tester")]


def test_a_key_file_is_never_overwritten_and_only_two_roles_have_one(copy: Any, tmp_path: Path) -> None:
    """Wrong words are wrong usage, and change nothing: no key is split, and the log names no file handed out."""
    (tmp_path / "there.key").write_text("mine")
    before = (copy.data / "monitor.key").read_bytes(), copy.rows("SELECT count(*) FROM audit")
    assert copy.run("keys", "role", "operator", "--out", tmp_path / "there.key").status == 1
    assert (tmp_path / "there.key").read_text() == "mine"
    assert copy.run("keys", "role", "operator", "--out", tmp_path / "nowhere" / "new.key").status == 1
    assert ((copy.data / "monitor.key").read_bytes(), copy.rows("SELECT count(*) FROM audit")) == before
    assert copy.run("keys", "role", "researcher", "--out", tmp_path / "new.key").status == 2
    assert copy.run("keys", "role", "operator").status == 2
    assert not (tmp_path / "new.key").exists()

"""The container file, read as text for want of an engine: what it names exists, and its steps are the Makefile's."""

import json
import re
import shlex
from pathlib import Path

import pytest

from monitor.config import load_settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
STEPS = [
    tuple(line.split(" ", 1))
    for line in re.sub(r" *\\\n *", " ", TEXT).splitlines()
    if line.strip() and not line.startswith("#")
]


def of(kind: str) -> list[str]:
    return [rest for word, rest in STEPS if word == kind]


def test_every_file_that_is_copied_is_in_the_checkout() -> None:
    """Out of the checkout, or out of the first stage."""
    copied = [shlex.split(rest) for rest in of("COPY")]
    from_here = [source for words in copied if not words[0].startswith("--from") for source in words[:-1]]
    assert {"requirements.txt", "pyproject.toml", "monitor", "spiders", "reports", "LICENSE"} <= set(from_here)
    assert [source for source in from_here if not (ROOT / source).exists()] == []


def test_the_dependencies_are_the_pinned_ones_by_their_hashes() -> None:
    """As the Makefile installs them; the lock holds what builds the package too."""
    pip = [rest for rest in of("RUN") if "pip install" in rest]
    assert "--require-hashes -r requirements.txt" in pip[0] and "--no-deps" in pip[0]
    assert "--no-deps --no-build-isolation" in pip[1]
    assert "--require-hashes -r requirements.txt" in (ROOT / "Makefile").read_text(encoding="utf-8")
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "hatchling==" in lock and "--hash=sha256:" in lock


def test_no_registry_is_named_and_nobody_is_root() -> None:
    """Which registry is trusted is for whoever builds it to say."""
    assert of("ARG") == ["BASE=python:3.12-slim"]
    assert [rest.split()[0] for rest in of("FROM")] == ["${BASE}", "${BASE}"]
    last = max(place for place, (word, _) in enumerate(STEPS) if word in ("RUN", "COPY", "USER"))
    assert STEPS[last] == ("USER", "10001:10001")


def test_the_health_check_is_in_a_format_that_keeps_it() -> None:
    """An OCI image has none, so the command at the head asks for the other format."""
    (build,) = (line for line in TEXT.splitlines() if line.startswith("#") and "podman build " in line)
    assert of("HEALTHCHECK") and "--format docker" in build and "--file deploy/Containerfile" in build


def test_it_starts_a_command_of_ours_with_settings_that_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The health check asks on the port that the settings name."""
    assert (json.loads(of("ENTRYPOINT")[0]), json.loads(of("CMD")[0])) == (["monitor"], ["run"])
    given = dict(word.split("=", 1) for rest in of("ENV") for word in shlex.split(rest))
    for name, value in given.items():
        if name.startswith("MONITOR_"):
            monkeypatch.setenv(name, value)
    operation = load_settings(tmp_path, None).operation
    assert f"http://{operation.metrics_host}:{operation.metrics_port}/healthz" in of("HEALTHCHECK")[0]
    assert given["MONITOR_DATA_DIR"] == json.loads(of("VOLUME")[0])[0]

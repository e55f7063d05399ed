"""The pages of docs/ that are made from the code are what the code would make now."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

from monitor.config import Norms, Settings, load_settings
from monitor.sample_config import sample_toml

DOCS = Path(__file__).parents[2] / "docs"


def _generator():
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "monitor.toml", "rules.md", "observation-rules.md"])
def test_a_generated_page_is_in_step_with_the_code(name):
    """`make docs` would change nothing."""
    assert (DOCS / name).read_text(encoding="utf-8") == _generator().pages()[name]


def test_the_sample_configuration_read_back_gives_the_defaults(tmp_path):
    """Every setting is there, and taking the comment signs away changes nothing."""
    lines = [
        line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in sample_toml().split("\n")
    ]
    (tmp_path / "monitor.toml").write_text("\n".join(lines), encoding="utf-8")
    read = load_settings(tmp_path, None)
    assert read.model_copy(update={"sources": {}, "vantages": {}, "norms": Norms()}) == Settings()
    assert set(read.sources) == set(read.vantages) == set(read.norms.further) == {"NAME"}
    assert (read.norms.request, read.norms.order) == (Norms().request, Norms().order)


def test_every_setting_is_explained():
    """No setting without a sentence."""
    assert " None" not in "".join(line for line in sample_toml().splitlines() if line.startswith("# "))


@pytest.mark.parametrize("page", ["statistics.md", "reading-the-freeze.md"])
def test_a_researchers_page_opens_the_newest_freeze(page, tmp_path, monkeypatch):
    """The one with the highest number in its manifest, wherever its digest sorts."""
    for name, sequence in (("2026H1-f0000000", 1), ("2026H1-00000000", 10), ("2026H1-a0000000", 9)):
        freeze = tmp_path / "data" / "sample-run" / "frozen" / name
        freeze.mkdir(parents=True)
        (freeze / "manifest.json").write_text(json.dumps({"sequence": sequence}), encoding="utf-8")
    block = re.search(r"```python\n(.*?)# the newest", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    found: dict = {}
    exec(compile(block[1], page, "exec"), found)
    assert found["folder"].name == "2026H1-00000000"

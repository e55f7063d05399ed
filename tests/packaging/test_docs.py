"""The pages of docs/ that are made from the code are what the code would make now."""

import importlib.util
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

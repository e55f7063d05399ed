"""The wheel of this checkout, installed alone in a fresh environment, for tests of what a user gets.

To save minutes the fresh environment borrows this one's libraries through a .pth file. That does not make the checkout
importable: a .pth inside a borrowed folder is not read.
"""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def built(out: Path) -> Path:
    """A wheel built from the checkout."""
    as_a_user([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT], cwd=out)
    return next(out.glob("*.whl"))


def installed(wheel: Path, home: Path) -> Path:
    """The interpreter of a fresh environment in `home` that has the wheel and nothing else of ours."""
    as_a_user([sys.executable, "-m", "venv", "--without-pip", home], cwd=home.parent)
    interpreter = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", interpreter, "install", "--no-deps", "--no-index", wheel]
    as_a_user(pip, cwd=home)
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    packages = next(home.glob("lib/python*/site-packages"))
    (packages / "borrowed.pth").write_text("\n".join(sorted(borrowed)) + "\n", encoding="utf-8")
    return interpreter


def user_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """That of a user: no PYTHONPATH, nothing of ours."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MONITOR_"))}
    return environment | dict(more or {})


def as_a_user(command: Sequence[str | Path], cwd: Path) -> str:
    """Run it from another folder. Fails with what it printed."""
    done = subprocess.run(command, cwd=cwd, env=user_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[1:4]}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout

"""How the arithmetic over rows is compiled: once, kept on disk, with the same result on every processor.

`fastmath` stays off, so that sums are made in the order in which they are written; a loop over groups may be shared
between threads, never a sum. What would surprise: numba notices a change in a function's own file and none in the
functions that it calls, so an upgrade could run old arithmetic; the folder of compiled code is therefore named by the
digest of this package's sources, and another version compiles again.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import get_num_threads, njit, set_num_threads

_F = TypeVar("_F", bound=Callable[..., object])
_HERE = Path(__file__).parent


def compiled(function: _F) -> _F:
    """One thread; may be called from other compiled functions."""
    with _cache_folder():
        return cast(_F, njit(cache=True, nogil=True)(function))


def over_groups(function: _F) -> _F:
    """A loop written with `prange` is shared between threads; each turn writes to its own places."""
    with _cache_folder():
        return cast(_F, njit(cache=True, parallel=True)(function))


@contextmanager
def threads_for(n_groups: int) -> Iterator[None]:
    """No more threads than groups: to wait for an idle one takes ten times as long as one group of 1,000 rows."""
    before = get_num_threads()
    set_num_threads(max(min(before, n_groups), 1))
    try:
        yield
    finally:
        set_num_threads(before)


@contextmanager
def _cache_folder() -> Iterator[None]:
    """Where numba looks while a function is declared; what the user set goes before ours."""
    config: Any = numba.config  # its settings are made when numba loads
    before = config.CACHE_DIR
    config.CACHE_DIR = before or str(_folder())
    try:
        yield
    finally:
        config.CACHE_DIR = before


@cache
def _folder() -> Path:
    """Beside the sources, else where the user's caches are, else a folder that lasts as long as the machine runs."""
    name = f"compiled-{_digest()}"
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hosting-monitor"
    for folder in (_HERE / "__pycache__" / name, caches / name):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="hosting-monitor-"))


def _digest() -> str:
    sources = (path.read_bytes() for path in sorted(_HERE.glob("*.py")))
    return sha256(b"\0".join(sources)).hexdigest()[:16]

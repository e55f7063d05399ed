"""How the arithmetic over rows is compiled: once, kept on disk, with the same result on every processor.

`fastmath` stays off, so that sums are made in the order in which they are written; a loop over groups may be shared
between threads, never a sum. What would surprise: numba notices a change in a function's own file and none in the
functions that it calls, so an upgrade could run old arithmetic; the folder of compiled code is therefore named by the
digest of this package's sources, and another version compiles again. Where no folder takes what is written, every
command compiles for itself, which takes it a minute.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import get_num_threads, njit, set_num_threads

from monitor.caching import user_caches

_F = TypeVar("_F", bound=Callable[..., object])
_HERE = Path(__file__).parent


def compiled(function: _F) -> _F:
    """One thread; may be called from other compiled functions."""
    with _cache_folder() as keep:
        return cast(_F, njit(cache=keep, nogil=True)(function))


def over_groups(function: _F) -> _F:
    """A loop written with `prange` is shared between threads; each turn writes to its own places."""
    with _cache_folder() as keep:
        return cast(_F, njit(cache=keep, parallel=True)(function))


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
def _cache_folder() -> Iterator[bool]:
    """Numba looks in ours while a function is declared; gives whether there is one."""
    config: Any = numba.config  # its settings are made when numba loads
    before = config.CACHE_DIR
    folder = _folder(before)
    config.CACHE_DIR = str(folder or "")
    try:
        yield folder is not None
    finally:
        config.CACHE_DIR = before


@cache
def _folder(chosen: str) -> Path | None:
    """In the folder that the user chose for numba, else beside the sources, else where the user's caches are."""
    name = f"compiled-{_digest()}"
    caches = user_caches()
    places = [Path(chosen)] if chosen else []
    places += [_HERE / "__pycache__", *([caches / "hosting-monitor"] if caches else [])]
    return first_writable([place / name for place in places])


def first_writable(folders: Iterable[Path]) -> Path | None:
    """The first that is there, or can be made, and takes what is written."""
    for folder in folders:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK | os.X_OK):
                return folder
    return None


def _digest() -> str:
    sources = (path.read_bytes() for path in sorted(_HERE.glob("*.py")))
    return sha256(b"\0".join(sources)).hexdigest()[:16]

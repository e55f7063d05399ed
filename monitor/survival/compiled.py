"""How the arithmetic over rows is compiled: once, kept on disk, with the same result on every processor.

`fastmath` stays off, so that sums are made in the order in which they are written; a loop over groups may be shared
between threads, never a sum. What would surprise: the loop itself is Python's (`for_each_group`), because numba would
compile a parallel one three times, with all that it calls. Numba notices a change in a function's own file and none in
the functions that it calls, so an upgrade could run old arithmetic; the folder of compiled code is therefore named by
the digest of this package's sources, and another version compiles again. Where no folder takes what is written, every
command compiles for itself, which takes it a minute.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import njit

from monitor.caching import user_caches

_F = TypeVar("_F", bound=Callable[..., object])
_HERE = Path(__file__).parent
_WORTH_THREADS = 2_000
"""Rows, or rows drawn, from which on a second thread saves more than it takes to start one."""


def compiled(function: _F) -> _F:
    """One thread; may be called from other compiled functions."""
    with _cache_folder() as keep:
        return cast(_F, njit(cache=keep, nogil=True)(function))


def for_each_group(work: Callable[[int], None], n_groups: int, n_rows: int) -> None:
    """`work` of 0 .. n_groups - 1, each writing to its own places; shared between threads where the rows are many."""
    config: Any = numba.config
    threads = min(config.NUMBA_NUM_THREADS, n_groups) if n_rows >= _WORTH_THREADS else 1
    if threads <= 1:
        for group in range(n_groups):
            work(group)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(_every, work, range(first, n_groups, threads)) for first in range(threads)]:
            done.result()


def _every(work: Callable[[int], None], groups: Iterable[int]) -> None:
    for group in groups:
        work(group)


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

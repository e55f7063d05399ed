"""Rejects -> a CSV file that says which rows of an input were not taken, and why.

In: the input's SHA-256 and Rejects. Out: `<folder>/<first 16 hex digits>.csv`, whole or not at all, or no file
where nothing was rejected. Surprise: an older file of the same input is replaced, and removed when the input now
comes in without a reject.
"""

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from monitor.disk import sync
from monitor.model.report import Reject

_DRAFT = ".rejects-"
_COLUMNS = ("input_sha256", "row", "field", "code", "reason")


class RejectsFile:
    """Collects rejects while an import runs. `close` (or the end of a `with`, also by an error) makes them a file."""

    def __init__(self, folder: Path, sha256: str) -> None:
        self.n_rows = 0
        self._sha256 = sha256
        self._final = folder / f"{sha256[:16]}.csv"
        self._closed = False
        self._stream: IO[str] | None = None
        self._draft = self._final
        self._writer: Any = None  # csv's writer type has no public name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(complete=kind is None)

    @property
    def path(self) -> Path | None:
        """Where the rejects are, or will be once closed; None where there are none."""
        return self._final if self.n_rows else None

    def add(self, rejects: Iterable[Reject]) -> None:
        """Append the rejects of one batch (all of them in one call: they are sorted by row)."""
        for reject in sorted(rejects, key=lambda reject: reject.row):
            if self._stream is None:
                self._open()
            self._writer.writerow((self._sha256, reject.row, reject.field or "", reject.code, reject.reason))
            self.n_rows += 1

    def close(self, *, complete: bool = True) -> None:
        """Put the file in place and make it durable. A second call does nothing.

        A reading that is not `complete` leaves an older file of the same input that says more.
        """
        if self._closed:
            return
        self._closed = True
        if self._stream is not None:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            if not complete and _n_lines(self._final) > _n_lines(self._draft):
                self._draft.unlink()
            else:
                self._draft.replace(self._final)
        elif complete:
            self._final.unlink(missing_ok=True)
        if not self._final.parent.is_dir():
            return
        sync(self._final.parent)

    def _open(self) -> None:
        self._final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_drafts_of_the_dead(self._final.parent)
        draft = self._final.parent / f"{_DRAFT}{self._sha256[:16]}-{os.getpid()}.tmp"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._stream = os.fdopen(handle, "w", encoding="utf-8", newline="")
        self._draft = draft
        self._writer = csv.writer(self._stream, lineterminator="\n")
        self._writer.writerow(_COLUMNS)


def _remove_drafts_of_the_dead(folder: Path) -> None:
    """What a killed import left: a draft names the process that writes it."""
    for draft in folder.glob(f"{_DRAFT}*.tmp"):
        try:
            os.kill(int(draft.stem.rsplit("-", 1)[-1]), 0)
        except (ProcessLookupError, ValueError):
            draft.unlink(missing_ok=True)
        except PermissionError:  # somebody else's process, alive
            continue


def _n_lines(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(1 for _ in file)

"""What a harness is: a function of bytes, where to begin, and words that a fuzzer would not find by itself.

In: nothing. Out: `Target`, and `Draws`, which turns bytes into choices. What would surprise: bytes that have run out
are zeros, so that every input is a valid one and a shorter one is a simpler one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Target:
    """`one_input` raises for what must not be, and for nothing else."""

    one_input: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()
    longest: int = 4096  # bytes


class Draws:
    """Choices out of bytes, first come first served."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def integer(self, low: int, high: int) -> int:
        """From low to high, both included."""
        span = high - low + 1
        size = (span.bit_length() + 7) // 8
        return low + int.from_bytes(self.raw(size).ljust(size, b"\0")) % span

    def flag(self) -> bool:
        return self.integer(0, 1) == 1

    def one_of(self, choices: Sequence[_T]) -> _T:
        return choices[self.integer(0, len(choices) - 1)]

    def maybe(self, choices: Sequence[_T]) -> _T | None:
        return self.one_of((None, *choices))

    def raw(self, n: int) -> bytes:
        """Fewer where they have run out."""
        taken = self._data[self._at : self._at + n]
        self._at += n
        return taken

    def text(self, n: int) -> str:
        """At most n characters, of any kind but halves of a surrogate pair."""
        return self.raw(n).decode("utf-8", errors="replace")

    @property
    def more(self) -> bool:
        return self._at < len(self._data)

    def rest(self) -> bytes:
        """All that is left."""
        return self.raw(len(self._data))

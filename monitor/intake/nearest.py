"""Two rows of times paired off, the nearest first: times of one side and of the other in, pairs of places out.

What would surprise: the nearest two of different sides are always neighbours in order of time, so that a heap of
neighbours does it in n log n; and times alone decide, never the order in which they were given.
"""

import heapq
from collections.abc import Sequence
from math import inf

_OURS, _THEIRS = 0, 1


def nearest_pairs(
    ours: Sequence[int], theirs: Sequence[int], *, early: float = inf, late: float = inf
) -> list[tuple[int, int]]:
    """Pairs (place in `ours`, place in `theirs`), each place at most once, until no two may be paired any more.

    Theirs may lie `early` before ours at most, and `late` after it.
    """
    points = sorted([(at, _OURS, n) for n, at in enumerate(ours)] + [(at, _THEIRS, n) for n, at in enumerate(theirs)])
    before = list(range(-1, len(points) - 1))
    after = [*range(1, len(points)), -1]
    heap: list[tuple[int, int, int]] = []

    def offer(left: int, right: int) -> None:
        if left < 0 or right < 0 or points[left][1] == points[right][1]:
            return
        apart = points[right][0] - points[left][0]
        if apart <= (late if points[left][1] == _OURS else early):
            heapq.heappush(heap, (apart, left, right))

    for left in range(len(points) - 1):
        offer(left, left + 1)
    gone, pairs = [False] * len(points), []
    while heap:
        _, left, right = heapq.heappop(heap)
        if gone[left] or gone[right]:
            continue
        gone[left] = gone[right] = True
        one, other = (left, right) if points[left][1] == _OURS else (right, left)
        pairs.append((points[one][2], points[other][2]))
        start, stop = before[left], after[right]
        if start >= 0:
            after[start] = stop
        if stop >= 0:
            before[stop] = start
        offer(start, stop)
    return pairs

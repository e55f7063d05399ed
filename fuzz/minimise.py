"""A crashing input made small: the same failure with as few bytes as this finds, and as plain ones.

In: a harness and bytes that make it raise. Out: bytes that make it raise the same. What would surprise: the same
failure means the same kind of error from the same line, so that one defect is not taken for another.
"""

import traceback
from collections.abc import Callable

Fault = tuple[str, str, int]
_MOST_TRIES = 4000


def fault_of(one_input: Callable[[bytes], None], data: bytes) -> Fault | None:
    """Kind, file and line of what it raises; None where it raises nothing."""
    try:
        one_input(data)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
        last = traceback.extract_tb(error.__traceback__)[-1]
        return type(error).__name__, last.filename, last.lineno or 0
    return None


def minimise(one_input: Callable[[bytes], None], data: bytes) -> bytes:
    """1. Cut out ever smaller pieces, 2. write zeros over what is left where that makes no difference."""
    wanted, tries = fault_of(one_input, data), 0
    size = max(len(data) // 2, 1)
    while size and wanted is not None and tries < _MOST_TRIES:
        start, before = 0, len(data)
        while start < len(data) and tries < _MOST_TRIES:
            shorter = data[:start] + data[start + size :]
            tries += 1
            if fault_of(one_input, shorter) == wanted:
                data = shorter
            else:
                start += size
        size = size if size == 1 and len(data) < before else size // 2
    for place in range(len(data)):
        plainer = data[:place] + b"0" + data[place + 1 :]
        if wanted is not None and data[place] != ord("0") and fault_of(one_input, plainer) == wanted:
            data = plainer
    return data

"""The program loads its modules without Python looking for garbage among them, which takes two fifths of that time.

In and out: nothing. What would surprise: importing this module is what begins it, so `cli` imports it before all of
ours and calls `loaded` after its last line; who imports `cli` for something else is left with Python's own settings.
"""

import gc
import os

_NEW_OBJECTS = 10_000
"""Between two looks at the youngest; Python's own 700 cost a release a tenth of its time and save no memory."""

gc.disable()


def loaded() -> None:
    gc.enable()


def settled() -> None:
    """The process is the program's own: what was loaded stays to its end, and need not be looked at again."""
    if not gc.get_freeze_count():  # else a script calls the program several times
        gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 10, 10)


def streams_held() -> None:
    """Standard streams that were closed lead nowhere: no file of ours gets their number and what is meant for them."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one

"""Every harness of the fuzzer under hypothesis: its seeds, then what is made of them, and bytes from nowhere.

Regressions of what the fuzzer found are in `test_found.py`.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.targets import MODULES, NAMES, target

SLOW = {"parquet": 20, "registry": 30, "episodes": 60, "letters": 15, "word": 60, "backup": 60, "settings": 100}
"""Examples where one takes milliseconds, instead of 200."""


def edited(seeds):
    """A seed with some of it cut out, written over, or said twice."""
    piece = st.tuples(st.integers(0, 4096), st.integers(0, 64), st.binary(max_size=8), st.booleans())
    return st.builds(_edited, st.sampled_from(seeds), st.lists(piece, min_size=1, max_size=4))


def _edited(seed, pieces):
    for at, n, new, twice in pieces:
        start = at % (len(seed) + 1)
        seed = seed[:start] + new + seed[start + (0 if twice else n) :]
    return seed


@pytest.mark.parametrize("name", NAMES)
def test_no_input_breaks_a_reader_or_a_rule(name):
    """Its seeds, edited seeds with words that matter, and any bytes: the laws of the harness hold."""
    harness = target(name)
    for seed in harness.seeds:
        harness.one_input(seed)
    words = st.lists(st.one_of(st.sampled_from([*harness.words, b"\n"]), st.binary(max_size=12)), max_size=20)
    inputs = st.one_of(edited(harness.seeds), words.map(b"".join), st.binary(max_size=400))

    @settings(
        derandomize=True,
        max_examples=SLOW.get(name, 200),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def run(data):
        harness.one_input(data)

    run()


def test_every_module_of_harnesses_names_all_of_its_targets():
    """A harness that is not named would never run."""
    for module, names in MODULES.items():
        found = __import__(module, fromlist=["TARGETS"]).TARGETS
        assert tuple(found) == names


@pytest.mark.parametrize("name", NAMES)
def test_seeds_are_within_the_length_that_is_tried(name):
    """A longer one would be cut off, and lead nowhere."""
    harness = target(name)
    assert harness.seeds
    assert all(len(seed) <= harness.longest for seed in harness.seeds)

"""Hand-made and random Episode tables, for every stage that reads them; functions, so that hypothesis may use them.

What gives each test its database is in `both_engines.py`; its hooks and fixtures hold for every folder of tests.
"""

from collections.abc import Callable, Sequence
from math import inf, nan

import pytest
from hypothesis import strategies as st

from monitor.model.columns import UNKNOWN_AT
from monitor.model.episode import EpisodeTable
from tests.both_engines import (  # noqa: F401 (pytest finds hooks and fixtures here)
    engine,
    engines,
    once,
    postgresql_server,
    pytest_addoption,
    pytest_configure,
    pytest_fixture_setup,
    pytest_generate_tests,
    pytest_runtest_call,
)
from tests.episodes import HOUR, NOON, Row, table_of
from tests.order import pytest_collection_modifyitems  # noqa: F401 (as above)


@pytest.fixture(scope="session")
def table() -> Callable[[Sequence[Row]], EpisodeTable]:
    """A table of Episodes from what differs in each from one plain takedown in (1, 2] hours."""
    return table_of


@st.composite
def _random_row(draw: st.DrawFn) -> Row:
    pick = st.sampled_from
    status = draw(pick(["episode"] * 6 + ["before_notice", "undelivered", "misaddressed"]))
    row: dict[str, object] = {
        "status": status,
        "provider_id": draw(pick([None, "as64500", "as64501", "as64502"])),
        "asn": draw(pick([-1, 64500, 64501])),
        "role": draw(pick(["network", "network", "network", "as", "proxy"])),
        "clock": draw(pick(["request", "request", "order"])),
        "target_id": draw(st.integers(0, 12)),
        "site_id": draw(st.integers(0, 4)),
        "cluster_id": draw(st.integers(0, 5)),
        "notified_at": NOON + draw(st.integers(0, 5)) * HOUR,
        "reported_at": draw(pick([NOON - HOUR, NOON - 5 * HOUR, NOON - 7, UNKNOWN_AT])),
        "notice_status": draw(pick(["sent", "bounced", "refused", "no-contact", "failed"])),
        "last_outcome": draw(pick(["online", "offline", "inconclusive"])),
        "provisional": draw(st.booleans()),
        "interrupted": draw(st.booleans()),
        "recurrence": draw(st.integers(0, 2)),
        "deadline_hours": draw(pick([nan, 1.0, 12.0])),
        "unattributed_reason": draw(pick([None, "no-address", "fronted"])),
        "attribution_doubts": draw(
            pick([None, "stated-address", "stated-address;old-table", "as-stands-in;old-table"])
        ),
        "rule_version": draw(pick(["episodes-1", "episodes-2", "episodes-2"])),
    }
    if status != "episode":
        return row
    end = draw(pick(["takedown", "move", "domain", "censored"]))
    left = draw(pick([0.0, 0.5, 1.0, 11.9, 12.0, 23.0, 24.0, 24.1, 300.0]))
    right = inf if end == "censored" else left + draw(pick([0.0, 0.1, 1.0, 12.0, 24.0]))
    gap = draw(pick([False, False, True]))
    row |= {"end": end, "left_hours": 0.0 if gap else left, "right_hours": max(right, 0.1), "gap_at_notice": gap}
    row |= {"moved_to": draw(pick(["as64501", "as64502", "as64509"])) if end == "move" else None}
    return row | {"exposure_low_hours": left / 3, "exposure_high_hours": min(right, 720.0) / 3}


@pytest.fixture(scope="session")
def random_rows() -> st.SearchStrategy[list[Row]]:
    """Rows of every status, end, role and clock, with and without a Provider, limits met exactly and not."""
    return st.lists(_random_row(), max_size=40)

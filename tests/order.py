"""The files of tests that take longest come first, so that no process ends on a long one while the others have nothing.

In: what was collected, in a process of a run on several processors. Out: the same in another order, files whole. What
would surprise: pytest-xdist would order files by their number of tests, and those with the fewest take longest; so
`make test` says --no-loadscope-reorder. A file that takes more than ten seconds belongs in the list.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONGEST = (
    "kills/test_kills.py",
    "kills/test_kills_on_a_server.py",
    "line/test_final.py",
    "line/test_commands.py",
    "publication/test_browser.py",
    "kills/test_disks.py",
    "line/test_brief.py",
    "line/test_publish.py",
    "line/test_checks.py",
    "line/test_live_leaks.py",
    "line/test_leaks.py",
    "line/test_letters.py",
    "publication/test_axe.py",
    "line/test_registered_names.py",
    "line/test_forget.py",
    "line/test_research.py",
    "line/test_exchange.py",
    "line/test_handover.py",
    "handover/test_runbook.py",
    "line/test_orders.py",
    "line/test_scart.py",
    "line/test_rank_options.py",
    "line/test_explain.py",
    "line/test_drafting.py",
    "line/test_workers.py",
    "line/test_figures.py",
    "line/test_compare.py",
    "line/test_correct.py",
    "line/test_rdap.py",
    "line/test_archive.py",
    "line/test_hold.py",
    "kills/test_gone.py",
    "kills/test_two_copies.py",
    "publication/test_screens.py",
    "publication/test_corrections.py",
    "publication/test_release.py",
    "publication/test_site.py",
    "publication/test_disclosure.py",
    "sample/test_the_line.py",
    "sample/test_reconcile.py",
    "packaging/test_wheel.py",
    "store/test_frozen.py",
    "publication/test_names.py",
    "publication/test_document.py",
    "line/test_draft_today.py",
    "line/test_line.py",
)
"""From the longest on."""


@pytest.hookimpl(trylast=True)  # after pytest's own order by the parameters of fixtures
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if missing := [name for name in LONGEST if not (HERE / name).is_file()]:
        raise pytest.UsageError(f"tests/order.py names what is not there: {', '.join(missing)}")
    if hasattr(config, "workerinput"):
        places = {HERE / name: place for place, name in enumerate(LONGEST)}
        items.sort(key=lambda item: places.get(item.path, len(places)))

"""What each command that measures or writes pages would do first, done once before they are forked (`forked.py`).

In: nothing. Out: compiled arithmetic in memory, read from the disk (half a second), and templates as code (as much).
What would surprise: no thread is left behind, which a forked process would wait for: the table has few rows.
"""

from monitor.model.scorecard import Norm
from monitor.model.selected import select
from monitor.model.words import NoticeKind, Role
from monitor.publication.formats import Formats
from monitor.publication.site import page_environment
from monitor.publication.texts import texts
from monitor.survival.measuring import measure
from tests.episodes import table_of

ENOUGH_DAYS = 45
"""So many that median and mean are drawn again too."""


def warm() -> None:
    rows = [{"target_id": n, "cluster_id": n, "left_hours": n, "right_hours": n + 9.0} for n in range(ENOUGH_DAYS)]
    chosen = select(table_of(rows), clock=NoticeKind.REQUEST, role=Role.NETWORK)
    measure(chosen, Norm(NoticeKind.REQUEST, 24.0, 0.8), resamples=2)
    words = texts("en")
    pages = page_environment(words, Formats(words))
    for name in pages.list_templates(extensions=["html"]):
        pages.get_template(name)

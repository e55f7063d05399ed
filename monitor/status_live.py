"""How live checks stand: what is due, who is at work, what the newest runs came to, which hosts were never asked about.

In: an open store, the settings, the clock. Out: Findings. What would surprise: a round in which not a single check came
to an outcome is held against ourselves, because a hundred hosts do not all fall silent at once.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from monitor.config import Settings
from monitor.model.operation import Finding, Mark
from monitor.store import Store, overview

_STANDS_STILL = timedelta(hours=2)
"""A check that was due so long ago: nobody is at work."""
_MOST_VOID, _MOST_VOID_EVER = 0.1, 0.5

Part = tuple[str, Callable[[], Iterator[Finding]]]


def live_parts(db: Store, settings: Settings, moment: datetime) -> Iterator[Part]:
    """Name of each part, and what looks at it."""
    late = timedelta(minutes=settings.operation.late_minutes)
    live = sorted(name for name, source in settings.sources.items() if source.live)
    yield "checks", lambda: iter([_checks(overview.backlog(db, moment, late), moment, late)])
    yield "workers", lambda: iter([_workers(overview.workers_now(db), moment)])
    yield "runs", lambda: _runs_and_canaries(overview.runs_lately(db))
    yield "names", lambda: iter([_names(overview.hosts_never_resolved(db, live))])


def _runs_and_canaries(runs: overview.RunsLately) -> Iterator[Finding]:
    yield _runs(runs)
    yield _canaries(runs)


def _names(never: int) -> Finding:
    figures = {"hosts_never_resolved": never}
    if not never:
        return Finding("names", Mark.OK, "every host of a live target was asked about", figures=figures)
    todo = "`monitor run` asks before it checks; `monitor resolve` asks now, `monitor doctor` tries the resolvers"
    return Finding("names", Mark.LOOK, f"hosts never resolved {never}", todo, figures)


def _checks(work: overview.Backlog, moment: datetime, late: timedelta) -> Finding:
    oldest = work.oldest_due_at
    figures = {
        "watched": work.n_watched,
        "due": work.n_due,
        "late": work.n_late,
        "oldest_due_at": None if oldest is None else oldest.isoformat(),
    }
    if not work.n_watched:
        todo = "`monitor run` plans them; where it runs, look whether the live source has reports"
        return Finding("checks", Mark.LOOK, "a source is live, and no target is watched", todo, figures)
    since = f", the oldest since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else ""
    said = f"targets watched {work.n_watched}, due {work.n_due}{since}"
    if not work.n_late or oldest is None:
        return Finding("checks", Mark.OK, said, figures=figures)
    said += f"; late (over {late.total_seconds() / 60:g} min) {work.n_late}"
    if moment - oldest > _STANDS_STILL:
        todo = "Start `monitor run`, or look at its log; where it runs, `monitor doctor` says what keeps it"
        return Finding("checks", Mark.ACT, said, todo, figures)
    todo = "More comes than is checked: look again in an hour, then raise [checks] concurrency or add a worker"
    return Finding("checks", Mark.LOOK, said, todo, figures)


def _workers(seen: overview.WorkersNow, moment: datetime) -> Finding:
    newest = seen.newest_seen_at
    figures = {
        "alive": seen.n_alive,
        "silent": seen.n_silent,
        "newest_seen_at": None if newest is None else newest.isoformat(),
    }
    last = f"; last seen {newest:%Y-%m-%d %H:%M} UTC" if newest else ""
    said = f"at work {seen.n_alive}, without a heartbeat {seen.n_silent}{last}"
    if seen.n_alive and not seen.n_silent:
        return Finding("workers", Mark.OK, said, figures=figures)
    if seen.n_silent:
        todo = "One was killed or is cut off: what it held goes to the others; look at its log and start it again"
        return Finding("workers", Mark.LOOK, said, todo, figures)
    if newest is not None and moment - newest < _STANDS_STILL:
        todo = "With a timer (`run --once`) that is as it should be; otherwise start `monitor run`"
        return Finding("workers", Mark.LOOK, said, todo, figures)
    return Finding("workers", Mark.ACT, said, "Start `monitor run`: nothing is being checked", figures)


def _runs(runs: overview.RunsLately) -> Finding:
    if not runs.n_runs:
        return Finding("runs", Mark.LOOK, "no run was ever made", "Start `monitor run`", {"runs": 0})
    share = runs.n_void / runs.n_observations if runs.n_observations else None
    share = 1.0 if share is None and runs.n_without_observation else share
    ended = runs.newest_ended_at
    figures = {
        "runs": runs.n_runs,
        "open": runs.n_open,
        "broken_off": runs.n_broken_off,
        "observations": runs.n_observations,
        "void": runs.n_void,
        "concluded": runs.n_concluded,
        "unanswered": runs.n_unanswered,
        "without_observation": runs.n_without_observation,
        "void_share": share,
        "newest_ended_at": None if ended is None else ended.isoformat(),
    }
    said = (
        f"of the newest {runs.n_runs} runs: observations {runs.n_observations}, void {runs.n_void}, "
        f"online or offline {runs.n_concluded}, runs that saw nothing {runs.n_without_observation}, "
        f"broken off {runs.n_broken_off}"
    )
    if ended is not None:
        said += f"; the last one ended {ended:%Y-%m-%d %H:%M} UTC"
    lost = max(share or 0.0, runs.n_without_observation / runs.n_runs)
    if lost > _MOST_VOID_EVER:
        todo = "Our own network, a resolver or the canary is not well: run `monitor doctor`"
        return Finding("runs", Mark.ACT, said, todo, figures)
    if runs.n_unanswered:
        said += f"; rounds of ten checks and more without one outcome {runs.n_unanswered}"
        todo = "So many hosts do not fall silent at once: look at our own line and resolvers with `monitor doctor`"
        never = not runs.n_concluded
        return Finding("runs", Mark.ACT if never else Mark.LOOK, said, todo, figures)
    if lost > _MOST_VOID or runs.n_broken_off:
        todo = "See docs/checks.md on void runs, and the log of `monitor run` on what ended it"
        return Finding("runs", Mark.LOOK, said, todo, figures)
    return Finding("runs", Mark.OK, said, figures=figures)


def _canaries(runs: overview.RunsLately) -> Finding:
    figures = {f"ipv{family}": {"asked": n, "healthy": healthy} for family, n, healthy in runs.canaries}
    said = ", ".join(f"IPv{family}: {healthy} of {n} answered" for family, n, healthy in runs.canaries)
    if not runs.canaries:
        return Finding("canaries", Mark.OK, "none was asked yet", figures=figures)
    todo = "Run `monitor doctor`; where it says all is well, look at the servers that [canary] names"
    if any(healthy == 0 for _, _, healthy in runs.canaries):
        return Finding("canaries", Mark.ACT, said, todo, figures)
    if any(healthy < n for _, n, healthy in runs.canaries):
        return Finding("canaries", Mark.LOOK, said, todo, figures)
    return Finding("canaries", Mark.OK, said, figures=figures)

"""Scores -> the tables of docs/validation.md, and whether each promise of `measurement.md` section 5 is kept.

In: Scores by Scenario, numbers of runs. Out: Markdown. What would surprise: a promise that is not kept stands in the
first table, with the cell that breaks it; nothing is left out because it looks bad.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from monitor.model.scorecard import PUBLISHED_HOURS
from monitor.simulation.naive import METHODS
from monitor.simulation.scenarios import CLUSTER_BINS, SCENARIOS, bin_name
from monitor.simulation.scores import Scores, Sum

BEGIN, END = "<!-- tables: made by `make validate` -->", "<!-- end of tables -->"
BINS = tuple(bin_name(place) for place in range(len(CLUSTER_BINS)))
EXTREME, ALL = "extreme", "all"
LIMITS = frozenset({"closed", "late-start", "unclear-strong"})
"""Scenarios that show where the method ends: no reading of theirs tells the truth. No promise is about them."""
Study = Mapping[str, Scores]


@dataclass(frozen=True, slots=True)
class Check:
    """One promise, the figure furthest from keeping it, and where that is. NaN: nothing was scored."""

    promise: str
    worst: str
    where: str
    n: int
    kept: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    where: str
    figure: Sum
    excess: float  # above 0: outside what was promised


def checks_of(study: Study) -> list[Check]:
    """Every promise that the Scores speak of."""
    told = {name: scores for name, scores in study.items() if name not in LIMITS}
    estimated = {name: scores for name, scores in told.items() if SCENARIOS[name].estimates}
    bins = [(f"{name}, {cell}", s.get(cell, "cover")) for name, s in estimated.items() for cell in BINS]
    ends = [(name, s.get(EXTREME, "cover")) for name, s in estimated.items()]
    ranks = [(name, s.get(ALL, "cover.rank")) for name, s in estimated.items()]
    biases = [(f"{name}, {h} h", s.get(ALL, f"bias.{h}")) for name, s in estimated.items() for h in PUBLISHED_HOURS]
    at_target = study.get("at-target", Scores())
    found = [
        _within("95% interval covers 93 to 97%, by number of clusters", bins, 0.93, 0.97, percent=True),
        _within("the same 93 to 99% where the share is under 3% or over 97%", ends, 0.93, 0.99, percent=True),
        _within("bias under 1 point at every published hour", biases, -1.0, 1.0, percent=False),
        _within(
            "a Provider at its target is `below` in under 1%",
            [("at-target", at_target.get("share 0.8", "below"))],
            0.0,
            0.01,
            percent=True,
        ),
        _within(
            "any false `below` in a final report in under 5%",
            [("at-target", at_target.get(ALL, "family.final"))],
            0.0,
            0.05,
            percent=True,
        ),
        _within("rank intervals cover 93 to 97%", ranks, 0.93, 0.97, percent=True),
        _never("worst case <= truth <= best case, always", estimated, "bounds.broken"),
        _never("worst case <= estimate <= best case, always", estimated, "estimate.outside"),
    ]
    return [check for check in found if check is not None]


def _within(promise: str, cells: list[tuple[str, Sum]], low: float, high: float, *, percent: bool) -> Check | None:
    """The cell furthest from the middle of what was promised, in view of its own edge."""
    seen = [_Seen(where, each, max(low - each.mean, each.mean - high)) for where, each in cells if each.n]
    if not seen:
        return None
    worst = max(seen, key=lambda each: each.excess)
    mean = worst.figure.mean
    shown = f"{100 * mean:.1f}%" if percent else f"{mean:+.2f}"
    return Check(promise, shown, worst.where, worst.figure.n, worst.excess <= 0)


def _never(promise: str, study: Study, figure: str) -> Check | None:
    sums = [(name, scores.get(ALL, figure)) for name, scores in study.items()]
    n = sum(each.n for _, each in sums)
    broken = [(name, int(each.total)) for name, each in sums if each.total]
    where = ", ".join(f"{name}: {count}" for name, count in broken)
    return Check(promise, f"{sum(count for _, count in broken)} broken", where, n, not broken) if n else None


def tables_of(study: Study, runs: Mapping[str, int]) -> str:
    """All tables as Markdown."""
    estimated = {name: scores for name, scores in study.items() if SCENARIOS[name].estimates}
    parts = (
        ("Promises", _promises(study)),
        ("Scenarios", _scenarios(runs)),
        ("Coverage of the 95% interval of the share within 24 hours", _coverage(estimated)),
        ("Bias against the realised share", _biases(estimated)),
        ("Rank, median and mean", _others(estimated)),
        ("Flags", _flags(study)),
        ("The naive figures on the same data: coverage", _naive_coverage(estimated)),
        ("The naive figures on the same data: bias", _naive_bias(estimated)),
    )
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in parts) + "\n"


def write_tables(page: Path, text: str) -> None:
    """Put the tables between the marks of the page; a page without marks, or none, becomes the tables alone."""
    before, after = "", ""
    if page.exists():
        said = page.read_text(encoding="utf-8")
        if BEGIN in said and END in said:
            before, after = said.split(BEGIN)[0], said.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after or chr(10)}", encoding="utf-8")


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _percent(figure: Sum) -> str:
    return f"{100 * figure.mean:.1f}" if figure.n else ""


def _points(figure: Sum) -> str:
    return f"{figure.mean:+.2f} ± {1.96 * figure.error:.2f}" if figure.n > 1 and not isnan(figure.error) else ""


def _promises(study: Study) -> str:
    rows = [
        [check.promise, check.worst, check.where, f"{check.n:,}", "yes" if check.kept else "**no**"]
        for check in checks_of(study)
    ]
    return _table(["promise", "furthest from it", "where", "cases", "kept"], rows)


def _scenarios(runs: Mapping[str, int]) -> str:
    rows = [[f"`{name}`", SCENARIOS[name].why, f"{n:,}"] for name, n in runs.items()]
    return _table(["scenario", "what it holds", "markets"], rows)


def _coverage(study: Study) -> str:
    rows = []
    for name, scores in study.items():
        cells = [scores.get(cell, "cover") for cell in (*BINS, EXTREME)]
        fewest = min(each.n for each in cells[: len(BINS)])
        site, width = scores.get(ALL, "cover.site"), scores.get(ALL, "width")
        last = [f"{fewest:,}", _percent(site), f"{width.mean:.0f}"]
        rows.append([f"`{name}`", *map(_percent, cells), *last])
    head = ["scenario", *(f"{cell} clusters" for cell in BINS), "under 3%, over 97%", "cases in a cell, at least"]
    return _table([*head, "clusters = sites", "width, points"], rows)


def _biases(study: Study) -> str:
    rows = [
        [f"`{name}`", *(_points(scores.get(ALL, f"bias.{hours}")) for hours in PUBLISHED_HOURS)]
        for name, scores in study.items()
    ]
    return _table(["points", *(f"{hours} h" for hours in PUBLISHED_HOURS)], rows)


def _others(study: Study) -> str:
    names = ("cover.rank", "cover.median", "cover.mean")
    rows = []
    for name, scores in study.items():
        figures = [scores.get(ALL, each) for each in names]
        bias = scores.get(ALL, "bias.mean")
        rows.append(
            [f"`{name}`", *(f"{_percent(each)} ({each.n:,})" if each.n else "" for each in figures), _points(bias)]
        )
    return _table(["coverage, %", "rank interval", "median interval", "mean interval", "bias of the mean, hours"], rows)


def _flags(study: Study) -> str:
    rows = []
    for name in ("at-target", "power"):
        scores = study.get(name, Scores())
        for cell in sorted(cell for cell in scores.sums if cell.startswith("share ")):
            figures = [scores.get(cell, each) for each in ("below", "below.final", "meets")]
            rows.append([f"`{name}`, {cell}", *(f"{100 * each.mean:.2f}" for each in figures), f"{figures[0].n:,}"])
    family = study.get("at-target", Scores())
    one, holm = (family.get(ALL, each) for each in ("family.below", "family.final"))
    if one.n:
        rows.append(["`at-target`, any in a market", _percent(one), _percent(holm), "", f"{one.n:,} markets"])
    return _table(
        ["flagged, %; target 0.80", "`below` at 99%", "`below` in the final (Holm)", "`meets`", "cases"], rows
    )


def _naive_coverage(study: Study) -> str:
    rows = [
        [f"`{name}`", *(_percent(scores.get(ALL, f"cover{suffix}")) for suffix in ("", *(f".{m}" for m in METHODS)))]
        for name, scores in study.items()
    ]
    words = "\n".join(f"- `{name}`: {said}" for name, (_, said) in METHODS.items())
    return _table(["coverage, %", "ours", *(f"`{m}`" for m in METHODS)], rows) + f"\n\n{words}"


def _naive_bias(study: Study) -> str:
    rows = []
    for name, scores in study.items():
        for hours in PUBLISHED_HOURS:
            figures = [scores.get(ALL, f"bias.{hours}{suffix}") for suffix in ("", *(f".{m}" for m in METHODS))]
            rows.append([f"`{name}`, {hours} h", *(f"{each.mean:+.1f}" if each.n else "" for each in figures), ""])
        mean, completed = scores.get(ALL, "bias.mean"), scores.get(ALL, "bias.mean.completed")
        rows[-1][-1] = f"{completed.mean:+.0f} (ours {mean.mean:+.0f})" if completed.n else ""
    head = ["points", "ours", *(f"`{m}`" for m in METHODS), "mean of completed cases, hours"]
    return _table(head, rows)

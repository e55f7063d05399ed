"""A frozen dataset, read and measured: the Rankings that `rank`, `publish` and the comparisons show.

In: a data folder and a Period. Out: the dataset, and its Ranking for a norm and a role. What would surprise: no store
is opened, and the figures are worked out again each time: the same dataset gives the same Ranking for ever.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from monitor import store
from monitor.errors import StoreMissing
from monitor.model.period import Period
from monitor.model.scorecard import Ranking
from monitor.model.words import NoticeKind, Role
from monitor.store import frozen
from monitor.store.database import DATABASE_FILE
from monitor.store.sealing import load_key

if TYPE_CHECKING:
    from monitor import ranked


def rank(
    data_dir: Path,
    period: Period,
    norm: NoticeKind | str,
    role: Role,
    digest8: str | None = None,
    *,
    final: bool = False,
) -> Ranking:
    """The ranking of a frozen dataset for one norm and role, measured by the method in force.

    `final`: with the classes as a final release would show them.
    """
    return ranking_of(open_freeze(data_dir, period, digest8), norm, role, final=final)


def open_freeze(data_dir: Path, period: Period, digest8: str | None) -> frozen.OpenFreeze:
    """The dataset for its figures: its files verified, its rows not read yet."""
    return frozen.open_freeze(_found(data_dir, period, digest8))


def read_freeze(data_dir: Path, period: Period, digest8: str | None) -> frozen.FrozenData:
    """The dataset, verified down to the digest of its rows."""
    return frozen.read_freeze(_found(data_dir, period, digest8))


def _found(data_dir: Path, period: Period, digest8: str | None) -> Path:
    """A freeze is enough, its store may be elsewhere; where neither is, what is missing is said: key or store."""
    if not (data_dir / store.KEY_FILE).exists() and not (data_dir / "frozen").is_dir():
        if (data_dir / DATABASE_FILE).exists():
            load_key(data_dir)  # raises KeyProblem: the one thing to do first
        raise StoreMissing(
            f"There is no store in the data folder, neither {store.KEY_FILE} nor a frozen dataset",
            "Run `monitor import`, or name another folder with --data-dir",
        )
    return frozen.find_freeze(data_dir, period, digest8)


def ranking_of(
    data: frozen.OpenFreeze,
    norm: NoticeKind | str,
    role: Role,
    *,
    final: bool = False,
    with_curves: bool = False,
    resamples: int | None = None,
) -> Ranking:
    """The figures of a frozen dataset for one norm and role. `resamples`: fewer draws, where no interval is shown."""
    from monitor import ranked  # noqa: PLC0415 (it loads numba)

    by, basis = data.method.norm(norm), basis_of(data)
    chosen = data.selected(by.clock, role)
    draws = ranked.REPLICATES if resamples is None else resamples
    found = ranked.measured(chosen, by, basis, with_curves=with_curves, resamples=draws)
    made = ranked.ranked(chosen, found, basis, previous=data.previous, final=final)
    return replace(made, trend=data.trend, sensitivity=data.sensitivity)


def basis_of(data: frozen.OpenFreeze) -> "ranked.Basis":
    """What the figures of a frozen dataset rest on beside its rows."""
    from monitor import ranked  # noqa: PLC0415 (as above)

    return ranked.Basis(
        data.method, data.period, data.cutoff, {each.provider_id: each for each in data.providers}, data.digest
    )


def remeasure(data_dir: Path, period: Period, digest8: str | None = None) -> Path:
    """Keep the figures of a frozen dataset under the method in force, beside those that it was frozen with."""
    data = read_freeze(data_dir, period, digest8)
    return frozen.write_remeasured(data_dir, data, ranking_of(data, NoticeKind.REQUEST, Role.NETWORK))

"""An old freeze measured again by the method in force: the new figures in a folder of their own, the old ones kept.

In: an open freeze and its Ranking under another method than the one it was cut with. Out:
`<root>/remeasured/PERIOD-DIGEST8-METHOD/` with `scorecards.parquet` and `manifest.json`, there whole or not at all.
What would surprise: nothing is ever written into the freeze; and the same method must give the same figures, other
ones under its name are refused.
"""

from hashlib import sha256
from pathlib import Path

from monitor.errors import FreezeError
from monitor.model.method import canonical_json
from monitor.model.scorecard import Ranking, Scorecard
from monitor.model.words import NoticeKind, Role
from monitor.store.frozen_digest import instant
from monitor.store.frozen_folder import only_writer, unfinished
from monitor.store.frozen_manifest import MANIFEST, SCORECARDS
from monitor.store.frozen_values import OpenFreeze

FOLDER = "remeasured"
_AGAIN = "Move the folder away and measure again"


def write_remeasured(root: Path, data: OpenFreeze, ranking: Ranking) -> Path:
    """Write the Scorecards of a freeze under another method; the same again changes nothing.

    Raises FreezeError for a Ranking of another freeze, or of another role or norm than `scorecards.parquet` of a
    freeze is of, and where the folder holds other figures.
    """
    if ranking.freeze != data.digest:
        raise FreezeError("The ranking was made from another freeze")
    if ranking.role is not Role.NETWORK or ranking.norm != data.method.norm(NoticeKind.REQUEST):
        raise FreezeError(
            "Only the ranking by network under the primary norm is kept", "Rank without --role and --norm"
        )
    from monitor.store.frozen_records import records_hash, write_records  # noqa: PLC0415 (it loads duckdb)

    path = root / FOLDER / f"{data.period.label}-{data.digest[:8]}-{ranking.method}"
    figures = records_hash(ranking.scorecards, Scorecard)
    with only_writer(path.parent):
        if path.exists():
            _check_same(path, figures)
            return path
        with unfinished(path) as folder:
            write_records(folder / SCORECARDS, ranking.scorecards, Scorecard)
            (folder / MANIFEST).write_bytes(_manifest(data, ranking, folder / SCORECARDS))
    return path


def read_remeasured(path: Path) -> tuple[Scorecard, ...]:
    """The Scorecards in such a folder. Raises FreezeError where they are missing or cannot be read."""
    from monitor.store.frozen_records import read_records  # noqa: PLC0415 (it loads duckdb)

    return read_records(path / SCORECARDS, Scorecard)


def _check_same(path: Path, figures: str) -> None:
    from monitor.store.frozen_records import records_hash  # noqa: PLC0415 (it loads duckdb)

    if records_hash(read_remeasured(path), Scorecard) != figures:
        raise FreezeError(f"{path.name} holds other figures of the same method", _AGAIN)


def _manifest(data: OpenFreeze, ranking: Ranking, scorecards: Path) -> bytes:
    """What was measured by which method, and the hash of the file."""
    record = {
        "freeze": data.digest,
        "frozen_method": data.method.method,
        "method": ranking.method,
        "cutoff": instant(data.cutoff),
        "role": ranking.role.value,
        "clock": ranking.norm.clock.value,
        "files": {SCORECARDS: sha256(scorecards.read_bytes()).hexdigest()},
    }
    return canonical_json(record)

"""Two frozen datasets of one Period, compared: what `monitor compare` shows after a correction, or a new rule.

In: two freezes, each by digest, folder name or path. Out: a FreezeComparison. What would surprise: no store is needed,
and no figure is worked out: Scorecards are those that each freeze was cut with.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from monitor.errors import FreezeError
from monitor.model.freeze_comparison import ComparedFreeze, FreezeComparison, ScorecardChange, SettingChange
from monitor.model.method import Method
from monitor.model.release import ReferenceTableInfo
from monitor.model.scorecard import Scorecard
from monitor.store import frozen
from monitor.store.frozen_manifest import EPISODES, freezes

_Tables = tuple[ReferenceTableInfo, ...]
_DIGEST = re.compile(r"[0-9a-f]{8,64}")


def compare(data_dir: Path, before: str, after: str, records: Path | None = None) -> FreezeComparison:
    """`records`: a file that the records of the rows that differ are written to. Raises FreezeError."""
    old, new = (frozen.open_freeze(_found(data_dir, each)) for each in (before, after))
    if (old.period.start, old.period.end) != (new.period.start, new.period.end):
        raise FreezeError(
            f"The two freezes are of different periods ({old.period.label} and {new.period.label})",
            "Give two of one period; what changed since the period before is on a page of the release",
        )
    from monitor.store.frozen_difference import row_differences  # noqa: PLC0415 (it loads duckdb)

    rows = row_differences(old.path / EPISODES, new.path / EPISODES, records)
    old_cards, new_cards = frozen.read_scorecards(old.path), frozen.read_scorecards(new.path)
    return FreezeComparison(
        period=old.period,
        before=_compared(old, old_cards),
        after=_compared(new, new_cards),
        rows=rows,
        settings=_settings(old.method, new.method),
        tables_only_before=_missing(old.tables, new.tables),
        tables_only_after=_missing(new.tables, old.tables),
        providers=_providers(old_cards, new_cards, rows.of_provider),
    )


def _found(data_dir: Path, wanted: str) -> Path:
    """The folder of a freeze: by the first 8 characters of its digest or more, by its name, or by its path."""
    kept, word = freezes(data_dir), wanted.strip()
    if _DIGEST.fullmatch(word.lower()):
        by_digest = [path for path in kept if path.name.endswith(f"-{word.lower()[:8]}")]
        if len(by_digest) > 1:
            raise FreezeError("Several freezes have a digest that begins so", "Give the name of the folder")
        if by_digest:
            return by_digest[0]
    by_name = [path for path in kept if path.name == word]
    path = Path(word).expanduser()
    if by_name or path.is_dir():
        return by_name[0] if by_name else path
    raise FreezeError(
        "There is no such freeze",
        "Give the first 8 characters of its digest, PERIOD-DIGEST8, or the path of its folder",
    )


def _compared(data: frozen.OpenFreeze, cards: Sequence[Scorecard]) -> ComparedFreeze:
    name = f"{data.period.label}-{data.digest[:8]}"
    return ComparedFreeze(name, data.digest, data.cutoff, len(cards), data.inputs.corrected)


def _settings(before: Method, after: Method) -> tuple[SettingChange, ...]:
    """What `method.json` says otherwise; hashes of what lies beside the rows are left out, their content is not."""
    one, other = _flat(before), _flat(after)
    names = sorted(one.keys() | other.keys())
    return tuple(
        SettingChange(name, one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)
    )


def _flat(method: Method) -> dict[str, str]:
    record = json.loads(method.to_json())
    del record["beside"]
    record["rules"] = {rule["id"]: rule["sentence"] for rule in record["rules"]}
    record["norms"] = {norm.get("name", norm["clock"]): norm for norm in record["norms"]}
    return dict(_leaves("", record))


def _leaves(name: str, value: object) -> list[tuple[str, str]]:
    if isinstance(value, list):
        value = {str(n): item for n, item in enumerate(value, 1)}
    if not isinstance(value, dict):
        return [(name, value if isinstance(value, str) else json.dumps(value))]
    return [leaf for key, item in value.items() for leaf in _leaves(f"{name}.{key}" if name else key, item)]


def _missing(
    these: Sequence[ReferenceTableInfo], those: Sequence[ReferenceTableInfo]
) -> tuple[ReferenceTableInfo, ...]:
    """Those of `these` that the others do not have."""
    return tuple(table for table in these if table not in those)


def _providers(
    before: Sequence[Scorecard], after: Sequence[Scorecard], of_provider: dict[str, int]
) -> tuple[ScorecardChange, ...]:
    old, new = ({card.provider_id: card for card in cards} for cards in (before, after))
    changed = (
        _change(old.get(key), new.get(key), of_provider.get(key, 0))
        for key in (old | new)
        if old.get(key) != new.get(key)
    )
    return tuple(sorted(changed, key=lambda each: (not each.class_changed, -each.n_rows, each.provider_id)))


def _change(before: Scorecard | None, after: Scorecard | None, n_rows: int) -> ScorecardChange:
    shown = after or before
    assert shown is not None
    names: tuple[str, ...] = ()
    if before and after:
        names = tuple(
            f.name.rstrip("_") for f in fields(Scorecard) if getattr(before, f.name) != getattr(after, f.name)
        )
    return ScorecardChange(shown.provider_id, shown.provider, n_rows, before, after, names)

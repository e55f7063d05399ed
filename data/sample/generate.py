"""Writes the sample: two half years of invented reports, recorded checks, and the reference tables for them.

    python data/sample/generate.py [SAMPLE_FOLDER [REFERENCE_FOLDER]]

In: nothing but the seed (`sample_cases.SEED`) and the tables in `sample_world.py`. Out: every file of `data/sample/`
that holds rows, `truth.json`, `providers.toml`, and every file of `data/reference/`. What would surprise: it uses the
standard library's random numbers, whose stream does not change between versions, and times in gzip headers are 0, so
that the same files come out byte for byte; DuckDB writes the one Parquet file.

Only documentation networks (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32), documentation AS numbers
and names under .example occur. Providers are invented.
"""

import csv
import gzip
import io
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
from sample_cases import cases_of
from sample_course import NEVER, Quirk
from sample_registry import registry_text
from sample_rejects import rejected_lines
from sample_rows import Case, CheckRow, Paper, ReportRow, Truth
from sample_world import PROVIDERS, TABLE_DATES, Half, fronting_rows, name_rows, prefix_rows

HERE = Path(__file__).resolve().parent
COLUMNS = tuple(field.name for field in fields(ReportRow))
TIMES = tuple(name for name in COLUMNS if name.endswith("_at"))
BRACKETED = {"as64497", "as64499", "as64510"}
"""Providers whose plain reports of June 2026 come with the hotline's own bracket instead of a check log."""


_SUMMER = timezone(timedelta(hours=2))


def main(arguments: Sequence[str]) -> None:
    """Write everything into the given folders; by default those of the checkout."""
    sample = Path(arguments[0]) if arguments else HERE
    reference = Path(arguments[1]) if len(arguments) > 1 else HERE.parent / "reference"
    for half in Half:
        write_reference(reference, half)
    write_csv(reference / "fronting-2025-06-01.csv", ("prefix", "name"), fronting_rows())
    cases = {half: [case for provider in PROVIDERS for case in cases_of(provider, half)] for half in Half}
    cases = {half: _numbered(found, half) for half, found in cases.items()}
    write_sample(sample, cases)
    write_json(sample / "truth.json", truths(cases))
    (sample / "providers.toml").write_text(registry_text(), encoding="utf-8")


def write_reference(folder: Path, half: Half) -> None:
    """The routing table and the AS names of that half's date."""
    lines = [f"{prefix}\t{asn}\n" for prefix, asn in prefix_rows(half)]
    (folder / f"prefixes-{TABLE_DATES[half]}.tsv").write_text("".join(lines), encoding="utf-8")
    write_csv(folder / f"as-names-{TABLE_DATES[half]}.csv", ("asn", "name"), name_rows(half))


def write_sample(folder: Path, cases: dict[Half, list[Case]]) -> None:
    """The report and check files, each in its format, rows in the order in which they arose."""
    for half, found in cases.items():
        write_checks(folder / f"checks-{half}.csv.gz", half, found)
    write_reports(folder / "reports-2025H2.csv", _rows(cases[Half.H2_2025]))
    june = datetime(2026, 5, 25, tzinfo=UTC)
    recent = cases[Half.H1_2026]
    bracketed = [case for case in recent if _has_bracket(case)]
    others = [case for case in recent if not _has_bracket(case)]
    early = [row for row in _rows(others) if row.reported_at < june]
    write_reports(folder / "reports-2026H1.csv", early)
    write_jsonl(folder / "reports-2026H1-more.jsonl.gz", [row for row in _rows(others) if row.reported_at >= june])
    write_parquet(folder / "reports-2026H1-brackets.parquet", _rows(map(_bracketed, bracketed)))
    lines = rejected_lines(COLUMNS, [_texts(row) for row in early if row.url.startswith("https") and row.notified_at])
    (folder / "rejected.csv").write_text("".join(lines), encoding="utf-8")


def _rows(cases: Iterable[Case]) -> list[ReportRow]:
    """All report rows; a further notice stands where it was sent, after its report."""
    rows = [row for case in cases for row in case.reports]
    return sorted(rows, key=lambda row: (row.reported_at, row.record_id, row.notified_at or row.reported_at))


def _numbered(cases: list[Case], half: Half) -> list[Case]:
    """Record ids as the hotline gives them: counted up in the order of arrival."""
    keys = dict.fromkeys(row.record_id for row in _rows(cases))
    number = {key: f"HL-{half[:4]}-{nth:06d}" for nth, key in enumerate(keys, 4001)}
    return [
        replace(
            case,
            reports=tuple(replace(row, record_id=number[row.record_id]) for row in case.reports),
            checks=tuple(replace(row, record_id=number[row.record_id]) for row in case.checks),
        )
        for case in cases
    ]


def _has_bracket(case: Case) -> bool:
    """Plain reports whose removal the hotline wrote down itself: they come without a check log."""
    plain = case.paper is Paper.NORMAL and case.quirk in (Quirk.PLAIN, Quirk.SERVER_GONE)
    late = case.reports[0].reported_at >= datetime(2026, 5, 1, tzinfo=UTC)
    return plain and late and any(truth.provider_id in BRACKETED for truth in case.truths)


def _bracketed(case: Case) -> Case:
    """The same report with the hotline's bracket in place of its checks."""
    online = [check.checked_at for check in case.checks if check.outcome == "online"]
    offline = [check.checked_at for check in case.checks if check.outcome == "offline"]
    row = replace(case.reports[0], last_online_at=max(online), first_offline_at=min(offline) if offline else None)
    return replace(case, reports=(row,), checks=())


def _texts(row: ReportRow | CheckRow) -> dict[str, str]:
    """Column to text as CSV has it: times in UTC with a Z."""
    return {name: _text(value) for name, value in asdict(row).items()}


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return "" if value is None else str(value)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Plain CSV with line feeds; through gzip where the name says so."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    _write(path, text.getvalue().encode())


def _write(path: Path, content: bytes) -> None:
    """A gzip header holds no time and no name, so that the bytes stay the same."""
    path.write_bytes(gzip.compress(content, 9, mtime=0) if path.suffix == ".gz" else content)


def write_reports(path: Path, rows: Sequence[ReportRow]) -> None:
    write_csv(path, COLUMNS, ([*_texts(row).values()] for row in rows))


def write_checks(path: Path, half: Half, cases: Sequence[Case]) -> None:
    """Every check of that half in order of time; the last three belong to reports that nobody has seen yet."""
    rows = [check for case in cases if not _has_bracket(case) for check in case.checks]
    rows.sort(key=lambda row: (row.checked_at, row.record_id))
    lost = [replace(row, record_id=f"HL-{half[:4]}-90000{nth}") for nth, row in enumerate(rows[-3:], 1)]
    write_csv(path, tuple(_texts(rows[0])), ([*_texts(row).values()] for row in [*rows, *lost]))


def write_jsonl(path: Path, rows: Sequence[ReportRow]) -> None:
    """One object a line, only what is given; numbers and booleans as such, times with an offset of +02:00."""
    lines = [json.dumps(_json_record(row), ensure_ascii=False) + "\n" for row in rows]
    _write(path, "".join(lines).encode())


def _json_record(row: ReportRow) -> dict[str, object]:
    record: dict[str, object] = {name: text for name, text in _texts(row).items() if text}
    for name in TIMES:
        if at := getattr(row, name):
            record[name] = at.astimezone(_SUMMER).isoformat()
    if row.known_material:
        record["known_material"] = row.known_material == "true"
    if row.deadline_hours:
        record["deadline_hours"] = float(row.deadline_hours)
    return record


def write_parquet(path: Path, rows: Sequence[ReportRow]) -> None:
    """Through DuckDB: times as TIMESTAMP WITH TIME ZONE, flags as BOOLEAN, columns without a value left out."""
    rows = [replace(row, notice_kind="request") for row in rows]
    used = [name for name in COLUMNS if any(_text(getattr(row, name)) for row in rows)]
    kinds = {
        name: "TIMESTAMPTZ" if name in TIMES else "BOOLEAN" if name == "known_material" else "VARCHAR" for name in used
    }
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
        connection.execute(f"CREATE TABLE reports ({', '.join(f'{name} {kind}' for name, kind in kinds.items())})")
        values = [[_text(getattr(row, name)) or None for name in used] for row in rows]
        connection.executemany(f"INSERT INTO reports VALUES ({', '.join('?' * len(used))})", values)
        path.unlink(missing_ok=True)
        connection.table("reports").write_parquet(str(path), compression="zstd")


def truths(cases: dict[Half, list[Case]]) -> dict[str, object]:
    """What the pipeline should find: by provider, its habit, and by Period what really became of its Episodes."""
    found = [truth for case_list in cases.values() for case in case_list for truth in case.truths]
    return {
        provider.provider_id: {
            "name": provider.name,
            "habit": provider.habit,
            "periods": {half: _truth_of(provider.provider_id, half, found) for half in Half},
        }
        for provider in PROVIDERS
    }


def _truth_of(provider_id: str, half: Half, found: Sequence[Truth]) -> dict[str, int]:
    mine = [truth for truth in found if truth.provider_id == provider_id and _half_of(truth.notified_at) is half]
    episodes = [truth for truth in mine if truth.end != "before_notice"]
    ends = Counter(truth.end for truth in episodes)
    return {
        "episodes": len(episodes),
        "gone_before_notice": len(mine) - len(episodes),
        "takedowns": ends["takedown"],
        "moves": ends["move"],
        "domains": ends["domain"],
        "takedowns_within_24h": sum(truth.end == "takedown" and truth.end_hours <= 24 for truth in episodes),
        "never": sum(truth.end_hours == NEVER for truth in episodes),
    }


def _half_of(at: datetime) -> Half | None:
    return {2025: Half.H2_2025, 2026: Half.H1_2026 if at.month <= 6 else None}.get(at.year)


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

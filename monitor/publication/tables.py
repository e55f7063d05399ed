"""The tables behind the pages: CSV, JSON and Parquet, with `datapackage.json` and the codebook as CSV.

In: what is shown. Out: files by their path. Not known is an empty cell in CSV, null elsewhere; a list is JSON text in
CSV. The Parquet comes out of DuckDB on one thread, so that its bytes do not change. What would surprise: in the table
of evidence an empty cell is a count too small to tell, and none is 0.
"""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from hashlib import sha256
from io import StringIO
from pathlib import Path

import duckdb

from monitor.disk import scratch
from monitor.model.scorecard import Ranking
from monitor.model.words import Doubt, ReleaseKind
from monitor.publication.codebook import NOTES, TABLE_WORDS, doubt_column
from monitor.publication.phrases import DOUBTS
from monitor.publication.shown import OTHER, Shown, ShownRanking
from monitor.publication.small_cells import told, told_parts
from monitor.publication.texts import texts

Record = dict[str, object]
_DUCKDB = {"integer": "BIGINT", "number": "DOUBLE", "string": "VARCHAR", "boolean": "BOOLEAN", "array": "BIGINT[]"}
_MEDIA = {"csv": "text/csv", "json": "application/json", "parquet": "application/vnd.apache.parquet"}


def tables(shown: Shown) -> dict[str, bytes]:
    """Every file below `tables/`."""
    ranking = [card.as_fields() for card in shown.network.rows]
    made = {
        "tables/ranking.csv": _csv(ranking, "ranking"),
        "tables/ranking.json": _json(_document(shown.network, shown.kind)),
        "tables/ranking.parquet": _parquet(ranking, "ranking"),
        "tables/curves.csv": _csv(_curve_rows(shown.network.ranking), "curves"),
        "tables/totals.csv": _csv([asdict(shown.network.ranking.totals)], "totals"),
        "tables/trend.csv": _csv(_trend_rows(shown.network.ranking), "trend"),
        "tables/choices.csv": _csv([asdict(summary) for summary in shown.network.sensitivity], "choices"),
        "tables/sensitivity.csv": _csv(_sensitivity_rows(shown.network), "sensitivity"),
        "tables/norms.csv": _csv(_norm_rows(shown.further), "norms"),
        "tables/groups.csv": _csv(map(asdict, shown.groups), "groups"),
        "tables/evidence.csv": _csv(_evidence_rows(shown), "evidence"),
    }
    if shown.proxies:
        made["tables/proxies.csv"] = _csv([card.as_fields() for card in shown.proxies.rows], "proxies")
    made["tables/codebook.csv"] = _codebook(sorted({_table(path) for path in made}))
    made["tables/datapackage.json"] = _json(_datapackage(shown, made))
    return made


def table_names(shown: Shown) -> tuple[str, ...]:
    """The tables that this release holds as CSV, in reading order."""
    return tuple(name for name in TABLE_WORDS if name != "proxies" or shown.proxies)


def _document(part: ShownRanking, kind: ReleaseKind) -> Record:
    """As `monitor rank --json`, with "other" as the last Scorecard."""
    ranking = part.ranking
    norm = ranking.norm
    return {
        "period": ranking.period.label,
        "cutoff": ranking.cutoff.isoformat().replace("+00:00", "Z"),
        "norm": norm.clock.value,
        "norm_hours": norm.hours,
        "norm_target": norm.target,
        "norm_basis": norm.basis,
        "norm_valid_from": norm.valid_from,
        "norm_set_by": norm.set_by,
        "role": ranking.role.value,
        "method": ranking.method,
        "freeze": ranking.freeze,
        "final": kind is ReleaseKind.FINAL,
        "totals": asdict(ranking.totals),
        "scorecards": [card.as_fields() for card in part.rows],
    }


def _curve_rows(ranking: Ranking) -> Iterable[Record]:
    for curve in ranking.curves:
        for at, hours in enumerate(curve.hours):
            yield {
                "provider_id": curve.provider_id,
                "hours": hours,
                "share": curve.share[at] if curve.share else None,
                "band_low": curve.band_low[at] if curve.band_low else None,
                "band_high": curve.band_high[at] if curve.band_high else None,
                "low": curve.low[at],
                "high": curve.high[at],
                "n_episodes": curve.n_episodes,
            }


def _trend_rows(ranking: Ranking) -> Iterable[Record]:
    for point in sorted(ranking.trend, key=lambda p: (p.period, p.provider_id is not None, p.provider_id or "")):
        yield asdict(point) | {"breaks": " ".join(point.breaks) or None}


def _sensitivity_rows(part: ShownRanking) -> Iterable[Record]:
    """Choice by choice: those shown in the order of the ranking, then one row for all others."""
    cards = {card.provider_id: (place, card.class_) for place, card in enumerate(part.ranking.scorecards)}
    others = dict(part.sensitivity_others)
    for summary in part.sensitivity:
        readings = [reading for reading in part.ranking.sensitivity if reading.choice == summary.choice]
        for reading in sorted(readings, key=lambda reading: cards[reading.provider_id][0]):
            row: Record = {name.rstrip("_"): value for name, value in asdict(reading).items()}
            yield row | {"class_published": cards[reading.provider_id][1]}
        if summary.choice in others:
            blank = dict.fromkeys(note.name for note in NOTES["sensitivity"])
            yield blank | {"choice": summary.choice, "provider_id": OTHER, "n_episodes": others[summary.choice]}


def _norm_rows(further: Iterable[ShownRanking]) -> Iterable[Record]:
    """Norm by norm, each as the ranking is: "other" last."""
    for part in further:
        norm = part.ranking.norm
        stated: Record = {
            "norm": norm.name,
            "clock": norm.clock.value,
            "norm_hours": norm.hours,
            "norm_target": norm.target,
        }
        for card in part.rows:
            yield stated | card.as_fields()


def _evidence_rows(shown: Shown) -> Iterable[Record]:
    """A Provider a row; lists of pairs as columns that a program can read. Small counts are empty, 0 is told."""
    fewest = shown.network.ranking.minimums.named
    for each in shown.evidence:
        whole, doubts = each.n_episodes, dict(each.doubts)
        decided = doubts.get(Doubt.OVERRIDDEN.value, 0)
        by_network, by_as, overridden = told_parts((each.by_network, each.by_as, decided), whole, fewest)
        row = {doubt_column(doubt): told(doubts.get(doubt, 0), whole, fewest) for doubt in DOUBTS}
        yield row | {
            "provider_id": each.provider_id,
            "n_episodes": whole,
            "n_full": told(each.n_full, whole, fewest),
            "by_network": by_network,
            "by_as": by_as,
            doubt_column(Doubt.OVERRIDDEN.value): overridden,
            "first_notice": each.first_notice,
            "last_notice": each.last_notice,
            "asns": [number for number, _ in each.asns],
            "asn_episodes": told_parts([n for _, n in each.asns], whole, fewest),
        }


def _csv(rows: Iterable[Record], table: str) -> bytes:
    names = [note.name for note in NOTES[table]]
    return _csv_bytes(names, ([_cell(row[name]) for name in names] for row in rows))


def _csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | list):
        return json.dumps(value, separators=(",", ":"))
    return repr(value) if isinstance(value, float) else str(value)


def _json(document: Record) -> bytes:
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _parquet(rows: list[Record], table: str) -> bytes:
    columns = {note.name: _DUCKDB[note.type] for note in NOTES[table]}
    with scratch() as folder:
        source, target = folder / "rows.jsonl", folder / "rows.parquet"
        source.write_text("".join(json.dumps(row, allow_nan=False) + "\n" for row in rows), encoding="utf-8")
        with duckdb.connect(config={"threads": 1, "temp_directory": str(folder)}) as connection:
            relation = connection.read_json(str(source), columns=columns, format="newline_delimited")
            relation.write_parquet(str(target), compression="zstd")
        return target.read_bytes()


def _codebook(names: Sequence[str]) -> bytes:
    en, nl = texts("en"), texts("nl")
    rows = (
        (name, note.name, note.type, note.unit_words(en), note.words(en), note.words(nl))
        for name in names
        for note in NOTES[name]
    )
    return _csv_bytes(("table", "name", "type", "unit", "meaning_en", "meaning_nl"), rows)


def _table(path: str) -> str:
    return Path(path).stem


def _datapackage(shown: Shown, made: dict[str, bytes]) -> Record:
    """Frictionless Data Package; each resource with its hash and, where it is tabular, its schema."""
    ranking = shown.network.ranking
    return {
        "profile": "data-package",
        "name": f"hosting-monitor-{ranking.period.label.lower()}-{shown.kind.value}",
        "title": "Hosting provider compliance monitor",
        "description": f"Period {ranking.period.label}, cut-off {ranking.cutoff.isoformat()}, method {ranking.method}, "
        f"frozen dataset {ranking.freeze}.",
        **({"licenses": [_licence(shown.licence)]} if shown.licence else {}),
        "resources": [_resource(path, content) for path, content in sorted(made.items()) if "codebook" not in path],
    }


def _licence(text: str) -> Record:
    """An id as Frictionless asks for it ("CC-BY-4.0"), and the words of the configuration."""
    return {"name": re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-"), "title": text}


def _resource(path: str, content: bytes) -> Record:
    table, kind = _table(path), path.rsplit(".", 1)[1]
    resource: Record = {
        "name": table if kind == "csv" else f"{table}-{kind}",
        "path": path.removeprefix("tables/"),
        "description": TABLE_WORDS[table],
        "format": kind,
        "mediatype": _MEDIA[kind],
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
    }
    if kind == "csv":
        resource |= {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": _schema(table)}
    return resource


def _schema(table: str) -> Record:
    notes = NOTES[table]
    return {
        "fields": [{"name": n.name, "type": n.type, "description": n.words(texts("en"))} for n in notes],
        "missingValues": [""],
    }

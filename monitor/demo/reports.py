"""What the demonstration's hotline sends and which tables it goes by: files for the real imports, and the settings.

In: the `World` and its servers. Out: `Delivery`s in the order of their times, reference tables, the text of
monitor.toml. What would surprise: a day's reports come without notices in the morning; the notices come at ten, as
further rows of the same records, and orders three days later, while the monitor goes on checking.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.demo.habits import Habit
from monitor.demo.internet import Internet
from monitor.demo.world import PROVIDERS, REPORTS_HOUR, Case, World
from monitor.model.words import TableKind

SOURCE = "demo"
REGISTRIES = ("arin", "ripencc", "apnic", "lacnic", "afrinic")
"""All that anybody would ask: each of them is the one on loopback."""
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file from the hotline and when it comes."""

    at: datetime
    path: Path


def write_deliveries(world: World, folder: Path, port: int) -> tuple[Delivery, ...]:
    """Everything that the hotline sends, a file for each time, in order."""
    rows: dict[datetime, list[Row]] = {}
    for case in world.cases:
        for at, row in _rows(case, port):
            rows.setdefault(at, []).append(row)
    deliveries = []
    for at in sorted(rows):
        path = folder / f"reports-{at:%Y%m%d-%H}.csv"
        _write_csv(path, rows[at])
        deliveries.append(Delivery(at, path))
    return tuple(deliveries)


def _rows(case: Case, port: int) -> Iterator[tuple[datetime, Row]]:
    """The rows of one record: the report, then a row for each notice, with the time when it comes."""
    report = {
        "record_id": case.record_id,
        "source": SOURCE,
        "url": f"http://{case.host}:{port}{case.path}",
        "reported_at": case.reported_at.isoformat(),
        "assessed_at": case.reported_at.isoformat(),
        "assessment": "illegal",
        "site_type": "image-host",
        "notified_at": "",
        "notice_kind": "",
        "notice_status": "",
        "notice_sender": "",
        "notified_party": "",
        "notified_capacity": "",
        "deadline_hours": "",
    }
    yield case.reported_at.replace(hour=REPORTS_HOUR, minute=0, second=0), report
    capacity = "proxy" if case.provider.habit is Habit.PROXIED else "hosting"
    told = {"notice_status": "delivered", "notified_party": case.provider.name, "notified_capacity": capacity}
    request = {"notified_at": case.notice_at.isoformat(), "notice_kind": "request", "notice_sender": "hotline"}
    yield case.notice_at, report | told | request
    if case.order is not None:
        order = {"notified_at": case.order.at.isoformat(), "notice_kind": "order", "notice_sender": "authority"}
        yield case.order.at, report | told | order | {"deadline_hours": f"{case.order.deadline_hours:g}"}


def write_tables(folder: Path) -> dict[TableKind, Path]:
    """The routing table, the names of the AS numbers, and the ranges of reverse proxies."""
    paths = {
        TableKind.PREFIXES: folder / "prefixes.tsv",
        TableKind.AS_NAMES: folder / "as-names.csv",
        TableKind.FRONTING: folder / "fronting.csv",
    }
    prefixes = "".join(f"{provider.network}\t{provider.asn}\n" for provider in PROVIDERS)
    paths[TableKind.PREFIXES].write_text(prefixes, encoding="utf-8")
    names = "".join(f"{provider.asn},{provider.as_name}\n" for provider in PROVIDERS)
    paths[TableKind.AS_NAMES].write_text(f"asn,name\n{names}", encoding="utf-8")
    proxies = [provider for provider in PROVIDERS if provider.habit is Habit.PROXIED]
    fronting = "".join(f"{provider.network},{provider.name}\n" for provider in proxies)
    paths[TableKind.FRONTING].write_text(f"prefix,name\n{fronting}", encoding="utf-8")
    return paths


def settings_toml(internet: Internet) -> str:
    """The configuration of the demonstration: a mandate for loopback alone, and servers that are all there."""
    servers = json.dumps([server.address for server in internet.resolvers])
    registries = "\n".join(f'{name} = "{internet.registry.url}"' for name in REGISTRIES)
    return _SETTINGS.format(
        source=SOURCE, servers=servers, canary=json.dumps([internet.canary_url]), registries=registries
    )


def _write_csv(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


_SETTINGS = """\
# Settings of the demonstration, written by `monitor demo`. Its servers run on loopback while it runs, and no longer.

[mandate]
organisation = "Demonstration"
legal_basis = "Demonstration on loopback addresses, no real host is contacted"
contact = "whoever started it"
expires = 2099-12-31
permit_get = true
loopback = true

[sources.{source}]
live = true
trusted = true

[resolvers]
servers = {servers}
timeout_seconds = 2

[checks]
pause_seconds = 0
connect_seconds = 2
tls_seconds = 2
headers_seconds = 1

[canary]
ipv4 = {canary}

[rdap]
first = "ripencc"
per_minute = 6000
timeout_seconds = 2

[rdap.servers]
{registries}

[norms.request]
basis = "example norm of the demonstration"

[norms.order]
basis = "example norm of the demonstration"

[publication]
name_in_interim = true
publisher = "Demonstration of the hosting compliance monitor"
notice_en = "Demonstration: every provider, site and report in this release is invented."
notice_nl = "Demonstratie: elke aanbieder, site en melding in deze publicatie is verzonnen."
"""

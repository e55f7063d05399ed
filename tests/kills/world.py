"""A small world of documentation names, the stages of the line on it, and the words of their commands.

Three providers with nine reports each, enough for a ranking, letters to two of them and a briefing; and files of some
thousand rows, more than a batch, for the imports. What would surprise: `{place}` in a word is the folder of the run.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from tests.intake.scart_files import World
from tests.kills.handing_over import handing_over
from tests.kills.stage import Stage, Words

PERIOD = "2026H1"
CONFIG = """[minimums]
episodes = 2
clusters = 1
named = 1
[publication]
name_in_interim = true
[norms.request]
hours = 24.0
target = 0.8
basis = "A norm that somebody set, in this test"
valid_from = "2025-01-01"
set_by = "the test"
[letters]
organisation = "Ministerie van Voorbeelden"
postal_address = ["Postbus 00000", "0000 ZZ Voorbeeldstad"]
answer_to = "Postbus 00000, 0000 ZZ Voorbeeldstad"
signatory = "dr. F. Ictief"
reference_prefix = "MVV-"
contact_person = "mw. V. Erzonnen"
"""
NETWORKS = {"as64500": "192.0.2.", "as64501": "203.0.113.", "as64502": "198.51.100."}
TABLES = {
    "prefixes": "192.0.2.0/24\t64500\n203.0.113.0/24\t64501\n198.51.100.0/24\t64502\n",
    "as-names": "asn,name\n64500,Alpha Hosting\n64501,Beta Hosting\n64502,Gamma Shield\n",
    "fronting": "198.51.100.0/24,Gamma Shield\n",
}
RECEIVER = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa"
"""A public key that age's own documentation gives as an example."""
N_MANY = 5_400
"""Rows of the large files: more than one batch of 5,000."""
START = datetime(2026, 1, 2, tzinfo=UTC)
WHO = ("--by", "clerk", "--why", "looked up")
Row = Mapping[str, object]


def few() -> Iterator[tuple[Row, list[Row]]]:
    """Nine reports each; the first is done within six hours, the second keeps every third, the third is a proxy."""
    for which, (provider, network) in enumerate(NETWORKS.items()):
        for n in range(9):
            day, ip, record = f"2026-02-{10 + n}", f"{network}{n + 1}", f"Q{which}-{n}"
            same = {"record_id": record, "source": "hotline", "ip": ip}
            report = {**same, "url": f"https://zq{which}x{n}.example/{n}.jpg", "reported_at": f"{day}T08:00:00Z"}
            last = "online" if provider == "as64501" and n % 3 == 0 else "offline"
            seen = [("08:30", "online"), ("14:00", "online"), ("15:00", last)]
            checks = [{**same, "checked_at": f"{day}T{at}:00Z", "outcome": said} for at, said in seen]
            yield {**report, "notified_at": f"{day}T09:00:00Z", "notice_ref": f"ref-{which}-{n}"}, checks


def many_reports() -> Iterator[Row]:
    for i in range(N_MANY):
        at = START + timedelta(minutes=15 * i)
        times = {"reported_at": at.isoformat(), "notified_at": (at + timedelta(hours=2)).isoformat()}
        ip = f"{tuple(NETWORKS.values())[i % 3]}{i % 251}"
        yield {"record_id": f"K{i}", "url": f"https://www.site{i % 900}.example/{i}", "ip": ip, **times}
    yield {"record_id": "K-wrong", "url": "no address", "ip": "", "reported_at": START.isoformat(), "notified_at": ""}


def many_checks() -> Iterator[Row]:
    for i in range(N_MANY):
        at = START + timedelta(minutes=15 * i, hours=3 + (i * 7) % 40)
        yield {"record_id": f"K{i}", "checked_at": at.isoformat(), "outcome": ("online", "offline")[i % 2]}


def write_csv(path: Path, rows: Iterable[Row]) -> Path:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_inputs(folder: Path) -> Path:
    """Every file that a stage reads."""
    rows = list(few())
    write_csv(folder / "few-reports.csv", (report for report, _ in rows))
    write_csv(folder / "few-checks.csv", (check for _, mine in rows for check in mine))
    write_csv(folder / "many-reports.csv", many_reports())
    write_csv(folder / "many-checks.csv", many_checks())
    with duckdb.connect() as connection:
        found = connection.read_csv(str(folder / "many-reports.csv"), all_varchar=True)
        found.write_parquet(str(folder / "many-reports.parquet"))
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    many_of_scart(folder / "scart")
    received = [(row["notice_ref"], row["url"], row["notified_at"], "") for row, _ in rows[:9]]
    write_csv(
        folder / "received.csv",
        (dict(zip(("notice_ref", "url", "received_at", "resolved_at"), row, strict=True)) for row in received),
    )
    return folder


def many_of_scart(folder: Path) -> None:
    """The five tables, with more reports than a batch holds; half of them were told and are gone."""
    world = World()
    world.contact(1, "Alpha Hosting")
    for n in range(1, N_MANY + 1):
        world.add(n, status_code="close_offline")
        if n % 2:
            world.log(n, "2026-02-03 15:00:00", "STATUS", "scheduler_checkonline", "close_offline")
    world.tell(1, ())
    world.ntd_urls = [{"ntd_id": 1, "record_type": "input", "record_id": n} for n in range(1, N_MANY + 1, 2)]
    folder.mkdir()
    world.tables(folder)


def known_provider(provider: str, name: str) -> Words:
    said = ("--register-number", "00000000", "--postal-address", "Voorbeeldweg 1", "--country", "NL")
    more = ("--country-source", "register", "--natural-person", "no", "--capacity", "hosting")
    return ("providers", "set", provider, "--legal-name", name, *said, *more, *WHO)


def stages(folder: Path) -> dict[str, Stage]:
    """Every stage by its name, each after those that it needs; `folder`: where the inputs lie."""
    tables = tuple(word for name in TABLES for word in (f"--{name}", folder / name))
    some = ("few reports", "few checks", "refdata", "few attribute")
    frozen = (*some, "alpha", "beta", "freeze")
    return {
        "reports": Stage(("import", folder / "many-reports.csv"), (), (6, 20)),
        "checks": Stage(("import", folder / "many-checks.csv"), ("reports",), (4, 15)),
        "parquet": Stage(("import", folder / "many-reports.parquet"), (), (3, 10)),
        "many tables": Stage(("refdata", "import", "--as-of", "2025-06-01", *tables), ("reports",)),
        "attribute": Stage(("attribute",), ("reports", "many tables"), (4, 12)),
        "few reports": Stage(("import", folder / "few-reports.csv")),
        "few checks": Stage(("import", folder / "few-checks.csv"), ("few reports",)),
        "refdata": Stage(
            ("refdata", "import", "--as-of", "2025-06-01", *tables), ("few reports", "few checks"), (4, 12)
        ),
        "few attribute": Stage(("attribute",), some[:3]),
        "alpha": Stage(
            known_provider("as64500", "Alpha Hosting B.V."), some, (2, 8), but_for=("audit", "registry_changes")
        ),
        "beta": Stage(known_provider("as64501", "Beta Hosting B.V."), (*some, "alpha"), (0, 0)),
        "freeze": Stage(("freeze", PERIOD), (*some, "alpha", "beta"), (5, 25)),
        "rank": Stage(("rank", PERIOD), frozen, (1, 4)),
        "remeasure": Stage(("remeasure", PERIOD), frozen, (1, 6)),
        "publish": Stage(("publish", PERIOD), frozen, (2, 16), once=True),
        "publish elsewhere": Stage(("publish", PERIOD, "--out", "{place.out}"), frozen, (0, 6), once=True),
        "correct": Stage(
            ("correct", "notice", "Q0-1", "--status", "bounced", "--by", "Clerk", "--why", "the mailbox was full"),
            frozen,
            (2, 8),
            already="what holds of the notice already",
        ),
        "letters draft": Stage(
            ("letters", "draft", PERIOD, "--by", "Jo Tester", "--dated", "2026-09-01"), frozen, (4, 16)
        ),
        "letters approve": Stage(
            ("letters", "approve", "1", "--by", "Jo Tester"),
            (*frozen, "letters draft"),
            (4, 12),
            already="is approved cannot be approved",
        ),
        "provider-file": Stage(
            (
                "provider-file",
                "as64500",
                PERIOD,
                "--to",
                RECEIVER,
                "--reason",
                "asked for by counsel",
                "--out",
                "{place.out}/alpha.age",
            ),
            frozen,
            (3, 12),
            but_for=("audit",),
            already="of that name is there already",
        ),
        "reconcile": Stage(
            ("reconcile", folder / "received.csv", PERIOD, "--provider", "as64500", "--out", "{place.out}/pairs.csv"),
            frozen,
            (2, 8),
            but_for=("audit",),
        ),
        "backup": Stage(
            ("backup", "{place.out}/kept.backup"),
            (*frozen, "letters draft"),
            (4, 12),
            already="a file of that name already",
        ),
        "restore": Stage(
            (
                "--data-dir",
                "{place.out}/again",
                "restore",
                "{place.out}/kept.backup",
                "--key",
                "{place.data}/monitor.key",
            ),
            (*frozen, "letters draft", "backup"),
            (4, 14),
            already="There is a store already",
        ),
        "keys rotate": Stage(("keys", "rotate"), (*frozen, "letters draft"), (4, 14), but_for=("audit", "seals")),
        "brief": Stage(("brief", PERIOD, "--dated", "2026-09-01"), frozen, (3, 10)),
        **handing_over(folder, frozen),
    }

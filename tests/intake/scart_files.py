"""Files in exactly the forms that SCART writes, quirks included, with invented contents.

`World` is a small hotline; each method writes one of its files. Times are local, without a zone, as SCART writes them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPORT_COLUMNS = (
    "filenumber", "reference", "url", "url_host", "url_ip", "url_type", "url_referer", "received_at", "hashcheck_at",
    "hashcheck_return", "firstseen_at", "lastseen_at", "type_code", "police", "source_code", "status_code", "note",
    "iccam_hotline_country", "hoster_contact", "hoster_country", "hoster_owner", "hoster_first_ntd_at",
    "registrar_contact", "grade_code",
)  # fmt: skip
ANONYMOUS_DROPS = frozenset({"url", "url_host", "url_referer", "url_ip", "url_hash"})
QUESTIONS = ("Age of the youngest?", "other", "other")
BASE = {
    "filenumber": "filenumber", "url": "url", "url_host": "host", "url_ip": "IP", "url_type": "url type",
    "status_code": "status", "grade_code": "classification", "source_code": "source", "received_at": "received",
    "firstseen_at": "first seen", "firstntd_at": "first NTD", "lastseen_at": "last seen",
}  # fmt: skip
BASE_ALL = {
    "filenumber": "filenumber", "received_at": "received", "url_type": "url type", "status_code": "status",
    "grade_code": "classification", "type_code": "type", "source_code": "source", "reference": "reference",
    "firstseen_at": "first seen", "firstntd_at": "first NTD", "lastseen_at": "last seen",
}  # fmt: skip
WHOIS = ("hoster owner", "hoster country", "hoster abuse email", "hoster NTD", "site owner", "site owner country",
         "site owner abuse email", "site NTD", "registrar owner", "registrar country", "registrar abuse email",
         "registrar NTD")  # fmt: skip
NTD = ("NTD filenumber", "NTD type", "NTD status", "NTD status time", "abuse owner", "abuse type", "abuse country",
       "abuse email", "url", "IP", "first seen", "last seen", "online counter")  # fmt: skip
CLOSED = ("filenumber", "url", "status", "abuse owner", "abuse country", "abuse email", "IP", "first seen",
          "last seen", "online counter")  # fmt: skip
INPUT_TABLE = (
    "id", "created_at", "updated_at", "deleted_at", "workuser_id", "filenumber", "received_at", "url", "url_ip",
    "url_base", "url_host", "url_referer", "url_hash", "url_type", "reference", "type_code", "source_code",
    "status_code", "grade_code", "registrar_abusecontact_id", "host_abusecontact_id", "note", "firstseen_at",
    "online_counter", "lastseen_at", "firstntd_at", "hashcheck_at", "hashcheck_return",
)  # fmt: skip
NTD_TABLE = ("id", "created_at", "deleted_at", "filenumber", "abusecontact_id", "status_code", "status_time",
             "groupby_start", "msg_subject", "msg_body", "abusecontact_type", "type")  # fmt: skip
NTD_URL_TABLE = ("id", "created_at", "deleted_at", "ntd_id", "record_type", "record_id", "url", "note",
                 "firstseen_at", "lastseen_at", "online_counter")  # fmt: skip
CONTACT_TABLE = ("id", "created_at", "deleted_at", "filenumber", "owner", "aliases", "domains", "abusecustom",
                 "abusecountry", "groupby_hours", "note")  # fmt: skip
HISTORY_TABLE = ("id", "created_at", "updated_at", "deleted_at", "input_id", "tag", "old", "new", "comment",
                 "workuser_id")  # fmt: skip
TABLES = ("input", "ntd", "ntd_url", "abusecontact", "input_history")

Row = Mapping[str, object]


@dataclass
class World:
    """A hotline's rows by table. `add` makes a report; the rest is added by hand."""

    inputs: list[dict[str, object]] = field(default_factory=list)
    ntds: list[dict[str, object]] = field(default_factory=list)
    ntd_urls: list[dict[str, object]] = field(default_factory=list)
    contacts: list[dict[str, object]] = field(default_factory=list)
    history: list[dict[str, object]] = field(default_factory=list)

    def add(self, number: int, **said: object) -> dict[str, object]:
        """A report of an image on a host of its own, received, classified and seen online."""
        host = f"www.site{number}.example"
        row: dict[str, object] = {
            "id": number,
            "filenumber": f"A26-{number:06}",
            "url": f"https://{host}/a/{number}.jpg",
            "url_host": host,
            "url_ip": f"192.0.2.{number % 250 + 1}",
            "url_type": "imageurl",
            "received_at": "2026-02-02 09:00:00",
            "firstseen_at": "2026-02-02 10:00:00",
            "lastseen_at": "2026-02-03 12:00:00",
            "type_code": "website",
            "source_code": "webform",
            "status_code": "scheduler_checkonline",
            "grade_code": "illegal",
            "host_abusecontact_id": 1,
        }
        self.inputs.append(row | said)
        return self.inputs[-1]

    def contact(self, number: int, owner: str, country: str = "nl") -> None:
        self.contacts.append({"id": number, "owner": owner, "abusecountry": country, "filenumber": f"C{number}"})

    def tell(
        self,
        number: int,
        inputs: Iterable[int],
        at: str = "2026-02-02 13:00:00",
        status: str = "sent_succes",
        **said: object,
    ) -> None:
        """One NTD about these reports, to contact 1 as hoster by e-mail."""
        ntd = {"id": number, "filenumber": f"N26-{number:06}", "abusecontact_id": 1, "abusecontact_type": "hoster",
               "type": "email", "status_code": status, "status_time": at,
               "msg_body": 'Dear "sir",\nremove; please'}  # fmt: skip
        self.ntds.append(ntd | said)
        for report in inputs:
            url = next((row["url"] for row in self.inputs if row["id"] == report), "")
            self.ntd_urls.append({"ntd_id": number, "record_type": "input", "record_id": report, "url": url})

    def log(self, report: int, at: str, tag: str, old: object, new: object) -> None:
        self.history.append({"input_id": report, "created_at": at, "tag": tag, "old": old, "new": new})

    # --- files ------------------------------------------------------------------------------------------------

    def reports_csv(self, path: Path, columns: Sequence[str] = REPORT_COLUMNS, *, anonymous: bool = False) -> Path:
        """No quotes and no escapes; question labels at the end."""
        names = [name for name in columns if not (anonymous and name in ANONYMOUS_DROPS)]
        lines = [";".join([*names, *QUESTIONS])]
        for row in self.inputs:
            said = {**row, "hoster_first_ntd_at": row.get("firstntd_at", ""), "police": "n", "hoster_owner": "Today BV"}
            lines.append(";".join([*(_text(said.get(name, "")) for name in names), "12", "", "a comment"]))
        return _write(path, lines)

    def classified(self, path: Path) -> Path:
        return self._export(path, BASE, self.inputs, QUESTIONS, ("12", "y", 'a "free" answer'))

    def whois(self, path: Path) -> Path:
        whois = ("Today BV", "nl", "abuse@today.example", "1", "(not set))", "", "", "0", "Registrar", "nl", "", "0")
        return self._export(path, BASE, self.inputs, ("police", *WHOIS), ("n", *whois))

    def all(self, path: Path) -> Path:
        """The header ends in a blank; a report without whois has bare cells."""
        lines = [_quoted([*BASE_ALL.values(), "police", *WHOIS, *QUESTIONS]) + " "]
        for row in self.inputs:
            lines.append(_quoted([row.get(name, "") for name in BASE_ALL] + ["n"]) + ";" * len(WHOIS))
        return _write(path, lines)

    def ntd(self, path: Path) -> Path:
        """Messages by e-mail alone: those through the API are left out by SCART itself."""
        lines = [_quoted(NTD)]
        owners = {contact["id"]: contact["owner"] for contact in self.contacts}
        for ntd in self.ntds:
            for url in self.ntd_urls:
                if url["ntd_id"] == ntd["id"] and ntd["status_code"] == "sent_succes":
                    owner = owners.get(ntd["abusecontact_id"], "unknown")
                    cells = (ntd["filenumber"], ntd["type"], ntd["status_code"], ntd["status_time"], owner,
                             ntd["abusecontact_type"], "nl", "abuse@host.example", url["url"], "192.0.2.1",
                             "", "", "3")  # fmt: skip
                    lines.append(_quoted(cells))
        return _write(path, lines)

    def ntdclosed(self, path: Path) -> Path:
        lines = [_quoted(CLOSED)]
        for row in self.inputs:
            if str(row["status_code"]).startswith("close_offline"):
                cells = (row["filenumber"], row["url"], row["status_code"], "Today BV", "nl", "abuse@host.example",
                         row["url_ip"], row["firstseen_at"], row["lastseen_at"], "3")  # fmt: skip
                lines.append(_quoted(cells))
        return _write(path, lines)

    def tables(self, folder: Path) -> dict[str, Path]:
        """The five dumps, as the tool of a database writes them: NULL, doubled quotes, line ends in cells."""
        content = {
            "input": (INPUT_TABLE, self.inputs),
            "ntd": (NTD_TABLE, self.ntds),
            "ntd_url": (NTD_URL_TABLE, self.ntd_urls),
            "abusecontact": (CONTACT_TABLE, self.contacts),
            "input_history": (HISTORY_TABLE, self.history),
        }
        return {name: dump(folder / f"{name}.csv", columns, rows) for name, (columns, rows) in content.items()}

    def _export(
        self, path: Path, base: Mapping[str, str], rows: Iterable[Row], more: Sequence[str], answers: Sequence[str]
    ) -> Path:
        lines = [_quoted([*base.values(), *more])]
        lines += [_quoted([*(row.get(name, "") for name in base), *answers]) for row in rows]
        return _write(path, lines)


def dump(path: Path, columns: Sequence[str], rows: Iterable[Row], delimiter: str = ",") -> Path:
    """A table as CSV with doubled quotes; what is not there is NULL."""
    lines = [delimiter.join(columns)]
    for n, row in enumerate(rows, start=1):
        said = {"id": n, "created_at": "2026-01-01 00:00:00", **row}
        lines.append(delimiter.join(_dumped(said.get(name)) for name in columns))
    return _write(path, lines)


def _dumped(value: object) -> str:
    return "NULL" if value is None else '"' + str(value).replace('"', '""') + '"'


def _quoted(cells: Iterable[object]) -> str:
    """As PHP's addslashes does it, with the final delimiter."""
    return "".join(f'"{_slashed(_text(cell))}";' for cell in cells)


def _slashed(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _write(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def small_world() -> World:
    """Eight reports: what SCART knows of each, from removed in time to never told."""
    world = World()
    world.contact(1, "Host Alpha B.V.")
    world.contact(2, "Host Beta", "de")
    world.add(1, status_code="close_offline", firstntd_at="2026-02-02 13:00:00")  # removed
    world.log(1, "2026-02-02 09:30:00", "IP", "", "192.0.2.2")
    world.log(1, "2026-02-03 15:00:00", "STATUS", "scheduler_checkonline", "close_offline")
    world.add(2, status_code="close_offline_manual")  # by hand, told through the API: no first NTD
    world.log(2, "2026-02-04 10:00:00", "STATUS", "scheduler_checkonline_manual", "close_offline_manual")
    world.add(3, url_type="mainurl", status_code="close_offline")  # a web page
    world.log(3, "2026-02-05 10:00:00", "STATUS", "scheduler_checkonline", "close_offline")
    world.add(4, status_code="abusecontact_changed", url_ip="198.51.100.4")  # to another hoster
    world.log(4, "2026-02-02 09:30:00", "IP", "", "192.0.2.5")
    world.log(4, "2026-02-03 18:00:00", "IP", "192.0.2.5", "198.51.100.4")
    world.log(4, "2026-02-03 18:00:05", "STATUS", "scheduler_checkonline", "abusecontact_changed")
    world.add(5, grade_code="not_illegal", status_code="close", lastseen_at=None)
    world.add(6, status_code="close", host_abusecontact_id=2)  # abroad
    world.log(6, "2026-02-03 11:00:00", "HOSTER", "1", "2")
    world.log(6, "2026-02-03 12:30:00", "STATUS", "grade", "close")
    world.add(7, firstseen_at=None, lastseen_at=None, url_type=None, hashcheck_at=None)  # never set
    world.add(8, url="https://www.site8.example/a;b;c.jpg", hashcheck_at="2026-02-02 09:05:00", hashcheck_return="1")
    world.tell(1, [1, 3, 4])
    world.tell(2, [2], "2026-02-02 14:00:00", "sent_api_succes", type="api")
    world.tell(3, [1], "2026-02-03 13:00:00")  # the repeat after 24 hours
    world.tell(4, [8], "2026-02-02 15:00:00", "sent_failed")
    world.tell(5, [8], "2026-02-02 12:00:00", abusecontact_type="registrar")
    world.tell(6, [7], "2026-02-02 15:00:00", "grouping")
    return world

"""`monitor orders`: what happened to an order, how it stands, what the figures take of it, and its file."""

import io
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pypdf import PdfReader

from monitor.store import list_audit
from tests.engines import copied, elsewhere, store_of

WHO = ("--by", "Clerk", "--why", "decided after a call")
FOUND = ("--officer", "zq7officer", "--document", "zq7letter")
HIDDEN = ("zq7marked", "zq7ref", "Zq7party", "zq7officer", "zq7letter")
"""Marks in host and path, reference, addressee, officer and document: they are in the file and nowhere else."""
CONFIG = "[minimums]\nepisodes = 1\nclusters = 1\nnamed = 1\n"
PREFIXES = "192.0.2.0/25\t64500\n192.0.2.128/25\t64501\n198.51.100.0/25\t64502\n"
NAMES = "asn,name\n64500,Alpha Hosting\n64501,Zq7party Hosting\n64502,Gamma Shield\n"
DAY = "2026-03-10T"


def _rows() -> Iterator[tuple[dict[str, str], list[tuple[str, str, str]]]]:
    """Orders to one provider, each with its own end; times of the checks in hours of the day (25: of the next)."""
    ends = {
        "complied": [("13:00", "online", ""), ("15:00", "offline", "http-404")],
        "late": [("13:00", "online", ""), ("18:30", "online", ""), ("20:00", "offline", "http-404")],
        "staying": [("13:00", "online", ""), ("19:00", "online", "")],
        "between": [("17:00", "online", ""), ("19:00", "offline", "refused")],
        "closed": [("13:00", "online", ""), ("19:00", "inconclusive", "http-403")],
        "unseen": [("13:00", "online", "")],
        "domain": [("13:00", "online", ""), ("16:00", "offline", "nxdomain")],
    }
    for n, (name, checks) in enumerate(ends.items()):
        report = {
            "record_id": name,
            "source": "hotline",
            "url": f"https://h{n}.zq7marked.example/zq7marked-{n}.jpg",
            "reported_at": f"{DAY}08:00:00Z",
            "ip": f"192.0.2.{130 + n}",
            "notified_at": f"{DAY}12:00:00Z",
            "notice_ref": f"zq7ref-{n}",
            "notice_kind": "order",
            "notice_status": "delivered",
            "notice_sender": "authority",
            "notified_party": "Zq7party Hosting",
            "notified_capacity": "hosting",
            "deadline_hours": "6",
        }
        yield report, [(f"{DAY}{at}:00Z", said, why) for at, said, why in checks]


@pytest.fixture(scope="module")
def world(make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder, monitor = tmp_path_factory.mktemp("orders"), make("orders", CONFIG)
    rows = list(_rows())
    asked = [  # a request before the order of the first record, and a report without any order at the same address
        {**rows[0][0], "notified_at": f"{DAY}09:00:00Z", "notice_kind": "request", "deadline_hours": "",
         "notice_ref": "r"},
        {"record_id": "plain", "source": "hotline", "url": "https://other.zq7marked.example/zq7marked-p.jpg",
         "reported_at": f"{DAY}08:00:00Z", "ip": "192.0.2.130"},
    ]  # fmt: skip
    reports = csv_file(folder / "reports.csv", [*(report for report, _ in rows), *asked])
    checks = csv_file(
        folder / "checks.csv",
        [
            {"record_id": report["record_id"], "source": "hotline", "checked_at": at, "outcome": said, "reason": why,
             "ip": report["ip"]}
            for report, mine in rows
            for at, said, why in mine
        ],
    )  # fmt: skip
    (folder / "names.csv").write_text(NAMES, encoding="utf-8")
    (folder / "prefixes.tsv").write_text(PREFIXES, encoding="utf-8")
    tables = ("--prefixes", folder / "prefixes.tsv", "--as-names", folder / "names.csv")
    said = monitor.documents(
        ("refdata", "import", "--as-of", "2025-06-01", *tables),
        ("import", reports, checks),
        ("attribute",),
    )
    assert said[1]["rejected"] == 0
    return monitor


@pytest.fixture
def desk(world: Any, make: Callable[..., Any]) -> Any:
    monitor = make("desk")
    copied(world.data, monitor.data)
    return monitor


def _orders(monitor: Any) -> dict[str, dict[str, Any]]:
    return {each["record_id"]: each for each in monitor.json("orders", "list")["orders"]}


def _fact(monitor: Any, order: int, kind: str, at: str, *more: object) -> Any:
    return monitor.run("--json", "orders", "fact", order, kind, "--at", at, *WHO, *more)


def test_each_order_has_the_result_that_its_checks_say(world: Any) -> None:
    """Any means complies, 403 is a claim, and an end on both sides of the deadline establishes nothing."""
    assert {name: (each["result"], each["rule"]) for name, each in _orders(world).items()} == {
        "complied": ("complied", "complied-1"),
        "late": ("late", "late-1"),
        "staying": ("still online", "still-online-1"),
        "between": ("not established", "deadline-between-1"),
        "closed": ("claimed, to verify", "claimed-1"),
        "unseen": ("not established", "not-seen-1"),
        "domain": ("complied", "complied-1"),
    }


def _episodes(monitor: Any) -> dict[str, Any]:
    rank = monitor.documents(("freeze", "2026H1"), ("rank", "2026H1", "--norm", "order"))[1]
    return {card["provider_id"]: card for card in rank["scorecards"]}["as64501"]


def test_a_withdrawn_and_a_suspended_order_leave_the_figures_and_come_back_when_that_is_undone(desk: Any) -> None:
    """Seven orders count, five after two are out, six when the withdrawal is taken back."""
    orders = _orders(desk)
    assert _episodes(desk)["n_episodes"] == 7
    withdrawn = _fact(desk, orders["late"]["order"], "withdrawn", f"{DAY}14:00:00Z").document
    _fact(desk, orders["staying"]["order"], "suspended", f"{DAY}14:00:00Z")
    assert _episodes(desk)["n_episodes"] == 5
    assert {name: _orders(desk)[name]["result"] for name in ("late", "staying")} == {
        "late": "withdrawn",
        "staying": "suspended",
    }
    assert desk.run("orders", "undo", withdrawn["fact"], *WHO).status == 0
    assert _episodes(desk)["n_episodes"] == 6


def test_a_lifted_suspension_leaves_the_deadline_open_unless_a_new_one_is_stated(desk: Any) -> None:
    """Late by the first deadline, perhaps in time by a later one: not established; with a stated one it is settled."""
    order = _orders(desk)["late"]["order"]
    _fact(desk, order, "suspended", f"{DAY}13:00:00Z")
    resumed = _fact(desk, order, "resumed", f"{DAY}17:00:00Z").document
    late = _orders(desk)["late"]
    assert (late["result"], late["deadline_at"], late["state"]) == ("not established", None, "in force")
    assert late["deadline_between"] == [f"{DAY}18:00:00Z", f"{DAY}23:00:00Z"]
    card = _episodes(desk)
    assert card["n_episodes"] == 7
    desk.run("orders", "undo", resumed["fact"], *WHO)
    _fact(desk, order, "resumed", f"{DAY}17:00:00Z", "--deadline-at", f"{DAY}21:00:00Z")
    late = _orders(desk)["late"]
    assert (late["result"], late["deadline_at"]) == ("complied", f"{DAY}21:00:00Z")
    assert _episodes(desk)["within_norm_worst"] > card["within_norm_worst"]


def test_what_an_officer_found_stands_beside_the_result_and_closes_the_order(desk: Any) -> None:
    """The checks still say what they said; nobody has to look any more."""
    order = _orders(desk)["closed"]["order"]
    made = _fact(desk, order, "confirmed", f"{DAY}20:00:00Z", *FOUND, "--finding", "removed")
    assert made.status == 0, made.err
    after = _orders(desk)["closed"]
    assert (after["result"], after["officer_found"]) == ("claimed, to verify", "removed")
    assert order not in {each["order"] for each in desk.json("orders", "list", "--open")["orders"]}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("fact", 999, "withdrawn", "--at", f"{DAY}14:00:00Z"), "There is no order 999"),
        (("fact", "N", "withdrawn", "--at", "2999-01-01T00:00:00Z"), "lies in the future"),
        (("fact", "N", "withdrawn", "--at", f"{DAY}11:00:00Z"), "before the order was served"),
        (("fact", "N", "withdrawn", "--at", "2026-03-10"), "not a time with an offset"),
        (("fact", "N", "resumed", "--at", f"{DAY}14:00:00Z"), "was not suspended"),
        (("fact", "N", "decided", "--at", f"{DAY}14:00:00Z", "--decision", "upheld"), "no objection that waits"),
        (("fact", "N", "confirmed", "--at", f"{DAY}14:00:00Z"), "needs --finding"),
        (("fact", "N", "claimed", "--at", f"{DAY}14:00:00Z", "--finding", "removed"), "belongs to 'confirmed'"),
        (("fact", "N", "deadline", "--at", f"{DAY}14:00:00Z", "--deadline-hours", "12.5"), "at most 12 hours"),
        (("undo", 999), "There is no fact 999"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_and_nothing_is_changed(
    world: Any, dump_of: Callable[[Path], str], words: tuple[object, ...], says: str
) -> None:
    before = dump_of(world.data)
    number = _orders(world)["late"]["order"]
    ran = world.run("orders", *(number if word == "N" else word for word in words), *WHO)
    assert ran.status in (1, 2)
    assert says in ran.err
    assert dump_of(world.data) == before


def test_a_fact_given_twice_is_kept_once(desk: Any) -> None:
    order = _orders(desk)["late"]["order"]
    _fact(desk, order, "claimed", f"{DAY}14:00:00Z")
    again = _fact(desk, order, "claimed", f"{DAY}14:00:00Z")
    assert again.status == 1
    assert "is on record already" in again.err
    assert len(desk.json("orders", "show", order)["facts"]) == 1


def test_an_order_is_recorded_by_hand_once_and_verify_finds_everything_as_it_was(desk: Any) -> None:
    """It counts as an imported one does; the command given again changes nothing; more than 12 hours is refused."""
    words = ("orders", "record", "plain", "--served-at", f"{DAY}12:00:00Z", "--ref", "zq7ref-p", *WHO)
    more = ("--deadline-hours", "2", "--party", "Zq7party Hosting")
    assert desk.run(*words, "--deadline-hours", "13").status == 1
    made = desk.json(*words, *more)
    again = desk.run(*words, *more)
    assert (again.status, "is on record already" in again.err) == (1, True)
    order = _orders(desk)["plain"]
    assert (order["order"], order["deadline_hours"], order["provider_id"]) == (made["order"], 2.0, "as64501")
    assert _episodes(desk)["n_episodes"] == 8
    verified = desk.run("verify")
    assert verified.status == 0, verified.out


def test_an_order_that_states_no_deadline_has_one_that_is_not_known(desk: Any) -> None:
    """Not "not certain", which is what a suspension makes of a deadline that was stated."""
    when = ("--served-at", "2026-03-11T13:00:00Z", "--by", "A. Clerk", "--why", "a test")
    ran = desk.run(
        "orders", "record", "plain", "--source", "hotline", "--ref", "zq7none", "--party", "Zq7party Hosting", *when
    )
    assert ran.status == 0, ran.err
    number = ran.out.split()[1]
    assert "deadline not known, 2026-03-12 01:00:00 UTC at the latest" in desk.run("orders", "show", number).out
    [line] = [each for each in desk.run("orders", "list").out.splitlines() if each.split()[0] == number]
    assert "not known" in line and "not certain" not in line


def test_an_order_whose_recording_was_killed_half_way_is_completed_by_the_same_command(desk: Any, engine: Any) -> None:
    """The notice is there and who wrote it down is not, as between the two transactions."""
    words = ("orders", "record", "plain", "--served-at", f"{DAY}12:00:00Z", "--ref", "zq7ref-p", *WHO)
    made = desk.json(*words)
    engine.change(desk.data, "DELETE FROM order_facts")
    assert desk.json(*words) == made
    shown = desk.json("orders", "show", made["order"])
    assert [fact["kind"] for fact in shown["facts"]] == ["recorded"]
    assert len(_orders(desk)) == 8


def test_an_order_that_an_import_brought_is_not_recorded_again(desk: Any) -> None:
    more = ("--deadline-hours", "6", "--ref", "zq7ref-1", "--party", "Zq7party Hosting", "--status", "delivered")
    ran = desk.run("orders", "record", "late", "--served-at", f"{DAY}12:00:00Z", *more, "--sender", "authority", *WHO)
    assert (ran.status, "An import brought that order" in ran.err) == (1, True)
    assert len(_orders(desk)) == 7


def test_a_store_without_orders_says_so(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    monitor = make("none")
    row = {"record_id": "A", "url": "https://a.example/1", "reported_at": f"{DAY}08:00:00Z"}
    monitor.json("import", csv_file(tmp_path / "one.csv", [row]))
    assert monitor.json("orders", "list") == {"orders": []}
    assert monitor.run("orders", "list").out == "There is no such order.\n"
    assert "There is no order 1" in monitor.run("orders", "show", 1).err


def test_what_is_around_an_order_is_counted_and_asking_is_on_the_audit_log(desk: Any) -> None:
    """Eight reports share the site; one other the address."""
    order = _orders(desk)["complied"]["order"]
    found = desk.json("orders", "around", order, "--reason", "before blocking")
    assert found["same_site"] == {"n_targets": 7, "n_hosts": 8, "n_sites": 1, "n_reports": 8, "n_networks": 1}
    same = {"n_targets": 1, "n_hosts": 2, "n_sites": 1, "n_reports": 2, "n_networks": 1, "n_addresses": 1}
    assert found["same_address"] == same
    with store_of(desk.data) as store:
        (entry,) = list_audit(store, 1)
    assert (entry.action, entry.subject, entry.reason) == ("orders around", f"order {order}", "before blocking")


def test_status_says_which_clocks_have_run_out_until_somebody_has_looked(desk: Any) -> None:
    def finding() -> dict[str, Any]:
        return next(each for each in desk.json("status")["findings"] if each["name"] == "orders")

    assert finding()["figures"] == {"orders": 7, "running_out": 0, "past_without_end": 3, "objections_open": 0}
    orders = _orders(desk)
    _fact(desk, orders["staying"]["order"], "confirmed", f"{DAY}20:00:00Z", "--finding", "removed", "--officer", "x")
    _fact(desk, orders["closed"]["order"], "withdrawn", f"{DAY}20:00:00Z")
    _fact(desk, orders["late"]["order"], "objection", f"{DAY}21:00:00Z")
    after = finding()
    assert after["figures"] == {"orders": 7, "running_out": 0, "past_without_end": 1, "objections_open": 1}
    assert after["mark"] == "look"


def test_a_deadline_that_is_near_is_running_out_and_one_that_is_far_is_not(desk: Any) -> None:
    """Two hours allowed of which one is over; twelve of which one is."""

    def recorded(record: str, hours: int) -> str:
        served = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        more = ("--deadline-hours", hours, "--ref", f"zq7ref-{hours}")
        desk.json("orders", "record", record, "--served-at", served, *more, *WHO)
        findings = desk.json("status")["findings"]
        figures = next(each["figures"] for each in findings if each["name"] == "orders")
        return f"{figures['running_out']} of {figures['orders']}"

    assert recorded("plain", 12) == "0 of 8"
    assert recorded("unseen", 2) == "1 of 9"
    assert [each["result"] for each in desk.json("orders", "list")["orders"]].count("running") == 2


def test_an_order_to_a_name_that_the_registry_does_not_know_is_in_nobodys_file(desk: Any, tmp_path: Path) -> None:
    """Not even in that of whoever held the address: it told somebody else."""
    words = ("orders", "record", "plain", "--served-at", f"{DAY}12:00:00Z", "--party", "Zq7stranger", *WHO)
    made = desk.json(*words)
    assert _orders(desk)["plain"]["addressed_to"] is None
    said = desk.json("orders", "file", "as64501", "--reason", "x", "--plain", "--out", tmp_path / "file.zip")
    assert (len(said["orders"]), made["order"] in said["orders"]) == (7, False)
    assert b"Zq7stranger" not in zipfile.ZipFile(tmp_path / "file.zip").read("orders.json")


def test_an_order_to_somebody_who_did_not_hold_the_address_says_who_did(
    desk: Any, csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    row = {"record_id": "alpha", "source": "hotline", "url": "https://a.zq7marked.example/zq7marked-a.jpg",
           "reported_at": f"{DAY}08:00:00Z", "ip": "192.0.2.5"}  # fmt: skip
    desk.documents(("import", csv_file(tmp_path / "alpha.csv", [row])), ("attribute",))  # the registry knows Alpha now
    desk.json("orders", "record", "plain", "--served-at", f"{DAY}12:00:00Z", "--party", "Alpha Hosting", *WHO)
    plain = _orders(desk)["plain"]
    assert (plain["addressed_to"], plain["held_by"]) == ("Alpha Hosting", "Zq7party Hosting")
    assert plain["other_holder"]
    assert "booked on: Zq7party Hosting, not the addressee" in desk.run("orders", "show", plain["order"]).out


def test_a_proxy_before_a_known_origin_is_said_to_have_been_seen(
    desk: Any, csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """The chain follows the origin; that nobody stood in front of it would be wrong."""
    (tmp_path / "fronting.csv").write_text("198.51.100.0/25,Gamma Shield\n", encoding="utf-8")
    row = {**next(_rows())[0], "record_id": "fronted", "ip": "198.51.100.9", "origin_ip": "192.0.2.140"}
    reports = csv_file(tmp_path / "fronted.csv", [row])
    tables = ("refdata", "import", "--as-of", "2025-06-01", "--fronting", tmp_path / "fronting.csv")
    desk.documents(tables, ("import", reports), ("attribute",))
    shown = desk.run("orders", "show", _orders(desk)["fronted"]["order"]).out
    assert "one was seen, whose is not certain" in shown


def test_a_report_that_was_withdrawn_says_so_in_the_file(
    desk: Any, csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """The order and what was seen stay; the reader learns that the hotline took its report back."""
    row = {**next(_rows())[0], "assessment": "not_illegal", "withdrawn_at": f"{DAY}20:00:00Z"}
    desk.json("import", csv_file(tmp_path / "again.csv", [row]))
    out = tmp_path / "file.zip"
    desk.json("orders", "file", "as64501", "--reason", "x", "--plain", "--out", out)
    archive = zipfile.ZipFile(out)
    order = next(o for o in json.loads(archive.read("orders.json"))["orders"] if o["record_id"] == "complied")
    assert (order["report"]["assessment"], order["report"]["withdrawn_at"]) == ("not_illegal", f"{DAY}20:00:00Z")
    pages = PdfReader(io.BytesIO(archive.read("orders.nl.pdf"))).pages
    text = " ".join("".join(page.extract_text() for page in pages).split())
    assert "niet illegaal; melding ingetrokken op 2026-03-10 20:00:00 UTC" in text


# --- the file -------------------------------------------------------------------------------------------------


@pytest.fixture
def filed(desk: Any, tmp_path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What `orders file` printed, and what the receiver sees."""
    orders = _orders(desk)
    _fact(desk, orders["closed"]["order"], "confirmed", f"{DAY}20:00:00Z", *FOUND, "--finding", "cannot-tell")
    wrong = _fact(desk, orders["late"]["order"], "withdrawn", f"{DAY}14:00:00Z").document
    desk.run("orders", "undo", wrong["fact"], "--by", "Chief", "--why", "it was another order")
    identity = pyrage.x25519.Identity.generate()
    to, out = str(identity.to_public()), tmp_path / "out.zip.age"
    said = desk.json("orders", "file", "as64501", "--reason", "asked for by the court", "--to", to, "--out", out)
    archive = zipfile.ZipFile(io.BytesIO(pyrage.decrypt(out.read_bytes(), [identity])))
    return said, {name: archive.read(name) for name in archive.namelist()}


def test_the_file_is_for_the_archive_and_says_the_same_in_both_languages(
    filed: tuple[dict[str, Any], dict[str, bytes]],
) -> None:
    """PDF/A-2a and PDF/UA-1, with a language; every order, fact and result is in both."""
    said, files = filed
    assert len(said["orders"]) == 7
    for language, words in {"nl": ("te laat", "niet te zeggen", "Ongedaan gemaakt door Chief"),
                            "en": ("late", "cannot tell", "Undone by Chief")}.items():  # fmt: skip
        reader = PdfReader(io.BytesIO(files[f"orders.{language}.pdf"]))
        assert reader.trailer["/Root"]["/Lang"] == language  # type: ignore[index]
        xmp = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()  # type: ignore[index]
        assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp.replace(
            "\n", ""
        ).replace("  ", "")
        assert "pdfuaid:part" in xmp
        text = "".join(page.extract_text() for page in reader.pages)
        joined = "".join(text.split())
        url = "https://h0.zq7marked.example/zq7marked-0.jpg"
        for word in (*words, url, "zq7ref-0", "zq7officer", "zq7letter", "2026-03-10 12:00:00 UTC"):
            assert "".join(word.split()) in joined, (language, word)
        assert "\u200b" not in text  # whoever copies a URL out of the document gets the URL


def test_every_fact_of_the_file_has_its_source_and_time(filed: tuple[dict[str, Any], dict[str, bytes]]) -> None:
    """Inputs go by hash and row, what people said by who and when; an estimate is nowhere."""
    document = json.loads(filed[1]["orders.json"])
    for order in document["orders"]:
        assert order["url"].startswith("https://h")
        assert (len(order["input"]["sha256"]), order["input"]["row"] > 0) == (64, True)
        for each in (*order["checks"], *order["notices"]):
            assert each["at"]
            assert each["origin"]["input_sha256"]
            assert each["origin"]["row"]
        for fact in order["facts"]:
            assert fact["recorded_by"]
            assert fact["recorded_at"]
    first = next(order for order in document["orders"] if order["record_id"] == "complied")
    assert [(one["kind"], one["is_this_order"]) for one in first["notices"]] == [("request", False), ("order", True)]
    told = {link["layer"]: (link["provider"], len(link["told"])) for link in first["chain"]}
    assert told["network"] == ("Zq7party Hosting", 2)
    assert told["registrar"] == (None, 0)
    assert first["report"] == {
        "reported_at": f"{DAY}08:00:00Z",
        "assessment": "illegal",
        "assessed_at": None,
        "withdrawn_at": None,
    }
    assert [one["deadline_hours"] for one in first["notices"]] == [None, 6.0]
    assert (first["stated_hours"], first["held_by"], first["other_holder"]) == (6.0, "Zq7party Hosting", False)


def test_the_manifest_has_the_hash_of_every_other_file(filed: tuple[dict[str, Any], dict[str, bytes]]) -> None:
    files = filed[1]
    manifest = json.loads(files.pop("manifest.json"))["files"]
    assert {name: sha256(content).hexdigest() for name, content in files.items()} == {
        name: each["sha256"] for name, each in manifest.items()
    }


def test_a_file_is_on_the_audit_log_and_an_unsealed_one_is_asked_for_in_so_many_words(
    desk: Any, tmp_path: Path
) -> None:
    """Without --to and --plain nothing is made; a plain one is 0600 and the log says that it was not sealed."""
    out = tmp_path / "plain.zip"
    words = ("orders", "file", "Zq7party Hosting", "--reason", "for the desk", "--by", "Clerk", "--out", out)
    assert desk.run(*words).status == 2
    assert not out.exists()
    made = desk.run(*words, "--plain")
    assert made.status == 0, made.err
    assert "not sealed" in made.err
    assert out.stat().st_mode & 0o777 == 0o600
    with store_of(desk.data) as store:
        (entry,) = list_audit(store, 1)
    assert (entry.actor, entry.action, entry.reason) == ("Clerk", "orders file", "for the desk")
    assert entry.subject.endswith("not sealed")
    assert desk.run(*words, "--plain").status == 1  # a file of that name is there
    nobody = desk.run("orders", "file", "Alpha Hosting", "--reason", "x", "--plain")
    assert "No order is addressed to that provider" in nobody.err


def test_the_file_says_that_a_url_was_forgotten_and_keeps_everything_else(
    desk: Any, engine: Any, tmp_path: Path
) -> None:
    """The order, its result and its checks stay; and no order is written down for a URL that is gone."""
    before = {name: each["result"] for name, each in _orders(desk).items()}
    engine.change(desk.data, f"UPDATE targets SET forgotten_at = {1_790_000_000_000_000:d}")
    out = tmp_path / "file.zip"
    desk.json("orders", "file", "as64501", "--reason", "x", "--plain", "--out", out)
    archive = zipfile.ZipFile(out)
    orders = json.loads(archive.read("orders.json"))["orders"]
    assert {each["record_id"]: each["result"]["result"] for each in orders} == before
    assert {each["url_forgotten_at"] for each in orders} == {"2026-09-21T14:13:20Z"}
    pages = PdfReader(io.BytesIO(archive.read("orders.nl.pdf"))).pages
    assert "gewist op 2026-09-21" in " ".join("".join(page.extract_text() for page in pages).split())
    ran = desk.run("orders", "record", "plain", "--served-at", f"{DAY}12:00:00Z", *WHO)
    assert (ran.status, "was forgotten" in ran.err) == (1, True)


def test_no_secret_is_printed_or_lies_in_any_file_but_the_sealed_one(desk: Any, tmp_path: Path) -> None:
    """URL, reference, officer and document: neither on a screen, nor in the database, nor in its log."""
    order = _orders(desk)["closed"]["order"]
    ran = [
        _fact(desk, order, "confirmed", f"{DAY}20:00:00Z", "--finding", "removed", "--officer", "zq7officer",
              "--document", "zq7letter"),
        desk.run("orders", "list"),
        desk.run("--json", "orders", "list"),
        desk.run("orders", "show", order),
        desk.run("--json", "orders", "show", order),
        desk.run("orders", "around", order, "--reason", "before blocking"),
        desk.run("status"),
        desk.run("orders", "fact", order, "claimed", "--at", f"{DAY}21:00:00Z", "--by", "Clerk", "--why",
                 "see https://zq7marked.example/zq7marked.jpg"),
        desk.run("orders", "file", "as64501", "--reason", "court", "--to",
                 str(pyrage.x25519.Identity.generate().to_public())),
    ]  # fmt: skip
    assert [each.status for each in ran] == [0, 0, 0, 0, 0, 0, 0, 2, 0]
    secrets = [word for word in HIDDEN if word != "Zq7party"]  # the registry's own name of the provider
    printed = "".join(each.out + each.err for each in ran)
    assert [word for word in secrets if word in printed] == []
    kept = [*elsewhere(desk.data).values(), *(path.read_bytes() for path in desk.data.rglob("*") if path.is_file())]
    assert kept
    assert [word for word in secrets for content in kept if word.encode() in content] == []


def test_the_pdf_is_drawn_by_another_reader_too(filed: tuple[dict[str, Any], dict[str, bytes]], tmp_path: Path) -> None:
    """Every page becomes a picture with something on it."""
    (tmp_path / "file.pdf").write_bytes(filed[1]["orders.nl.pdf"])
    command = ["pdftoppm", "-r", "40", "-png", str(tmp_path / "file.pdf"), str(tmp_path / "page")]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) == len(PdfReader(tmp_path / "file.pdf").pages)
    assert all(page.stat().st_size > 1500 for page in pages)

"""Recorded answers as the line takes them: in any order the same figures, and no natural person's name anywhere."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from ipaddress import ip_address
from itertools import permutations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from monitor import asking, attribution
from monitor.demo import rdap_answers as made
from monitor.model.provider import Registry
from monitor.model.report import Address
from monitor.store import load_answers, load_registry, open_store
from tests.engines import Engine

MARK = "Zq7xk9mw"
REGISTRY = {"port43": "whois.ripe.net"}  # by this a recorded answer says whose it is
SETTINGS = "[publication]\nname_in_interim = true\n[minimums]\nepisodes = 1\nclusters = 1\nnamed = 1\n"
ADDRESSES = [Address(ip_address(text).packed) for text in ("192.0.2.9", "198.51.100.9", "203.0.113.9")]


def answer(cidr: str, handle: str, name: str, changed: str | None = None, **said: Any) -> made.Document:
    """A range of its registrant's own; without `changed` it bears no date at all."""
    holder = made.entity(handle, name, "registrant")
    document = made.network_answer(cidr, type="ASSIGNED PI", entities=[holder], created=None, changed=changed, **said)
    return document | REGISTRY


DOCUMENTS: dict[str, object] = {
    # Neither says when it was asked: the change of each tells.
    "old": answer("192.0.2.0/24", "ORG-OLD1-RIPE", "Old Owner B.V.", "2019-01-01T00:00:00Z"),
    "new": answer("192.0.2.0/24", "ORG-NEW1-RIPE", "New Owner B.V.", "2025-06-01T00:00:00Z"),
    # One organisation under two names.
    "former": {
        "asked_at": "2024-01-01T00:00:00Z",
        "answer": answer("198.51.100.0/24", "ORG-REN1-RIPE", "Former Name B.V.", "2015-01-01T00:00:00Z"),
    },
    "present": {
        "asked_at": "2026-01-01T00:00:00Z",
        "answer": answer("198.51.100.0/24", "ORG-REN1-RIPE", "Present Name B.V.", "2015-01-01T00:00:00Z"),
    },
}


def _imported(engine: Engine, folder: Path, order: tuple[str, ...]) -> tuple[Registry, dict[str, list[Any]]]:
    """The registry and the columns of a store that took the documents in this order, a file each."""
    data = folder / "-".join(order)
    with open_store(data, engine.url(data), create=True) as db:
        for name in order:
            asking.import_registrations(db, folder / f"{name}.json")
        answers = load_answers(db, attribution.parse_network)
        columns = attribution.register(np.arange(len(ADDRESSES)), ADDRESSES, answers, ())
        said = {name: array.tolist() for name, array in columns.arrays().items() if name != "answer"}
        asked = {each.answer_id: each.asked_at for each in answers}
        return load_registry(db, date(2026, 6, 1)), said | {
            "cited": [asked.get(key) for key in columns.answer.tolist()]
        }


def test_the_order_in_which_answers_are_imported_changes_no_figure(engine: Engine, tmp_path: Path) -> None:
    """Four documents in all orders: the same registry, the same holder at every time, and the latest name."""
    for name, document in DOCUMENTS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    first, *others = (_imported(engine, tmp_path, order) for order in permutations(DOCUMENTS))
    registry, columns = first
    assert len(others) == 23
    assert all(other == first for other in others)
    new_owner = columns["holder"][columns["address"].index(1) - 1]  # the last entry of the first address
    assert new_owner == "org-ripencc-org-new1-ripe"
    renamed = registry.providers["org-ripencc-org-ren1-ripe"]
    assert (renamed.name, renamed.aliases) == ("Present Name B.V.", ("Former Name B.V.",))
    assert registry.find("former name b.v.") == renamed.provider_id


@pytest.fixture(scope="module")
def person(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A customer who is a natural person, and a registrant whom people know to be one though the registry does not."""
    folder = tmp_path_factory.mktemp("persons")
    (folder / "prefixes.tsv").write_text(
        "192.0.2.0/24\t64500\n198.51.100.0/24\t64501\n203.0.113.0/24\t64502\n", encoding="utf-8"
    )
    customer = made.natural_person("192.0.2.0/24", name=f"{MARK} Voorbeeld", handle=f"{MARK}1-RIPE")
    customer |= {"name": f"{MARK.upper()}-NET", "handle": f"{MARK}-NET", **REGISTRY}
    trader = answer("198.51.100.0/24", f"{MARK}2-RIPE", f"{MARK} Hosting", "2015-01-01T00:00:00Z")
    untyped = answer("203.0.113.0/24", "ORG-UT1-RIPE", "Untyped Hosting B.V.")
    del untyped["type"]
    for name, document in (("customer", customer), ("trader", trader), ("untyped", untyped)):
        wrapped = {"asked_at": "2026-01-01T00:00:00Z", "answer": document}
        (folder / f"{name}.json").write_text(json.dumps(wrapped), encoding="utf-8")
    rows = [
        {"record_id": name, "url": f"http://{name}.site.example/a.jpg", "ip": ip,
         "reported_at": "2026-03-02T10:00:00Z", "notified_at": "2026-03-02T12:00:00Z"}
        for name, ip in (("customer", "192.0.2.9"), ("trader", "198.51.100.9"), ("untyped", "203.0.113.9"))
    ]  # fmt: skip
    monitor = make("persons", SETTINGS)
    monitor.documents(
        ("refdata", "import", "--as-of", "2026-02-01", "--prefixes", folder / "prefixes.tsv"),
        ("import", csv_file(folder / "reports.csv", rows)),
        ("rdap", "import", *(folder / f"{name}.json" for name in ("customer", "trader", "untyped"))),
    )
    said = ("--natural-person", "yes", "--by", "clerk", "--why", "sole trader")
    assert monitor.run("providers", "set", _trader(), *said).status == 0
    return monitor


def _trader() -> str:
    return f"org-ripencc-{MARK.lower()}2-ripe"


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_explain_does_not_name_a_person_by_the_network(person: Any, words: tuple[str, ...]) -> None:
    """Networks are often called like the person that they are registered to, be it a customer or a holder."""
    for record in ("customer", "trader"):
        ran = person.run(*words, "explain", record)
        assert ran.status == 0, ran.err
        kept = ran.out.lower().replace(_trader(), "")  # the id is the registry's, which people edit
        assert MARK.lower() not in kept
        assert "ASSIGNED P" in ran.out


def test_a_release_shows_a_natural_person_by_a_number_that_says_nothing(person: Any) -> None:
    """Neither name, handle, id nor AS number in the name or text of any file; the rank and the counts stand."""
    person.run("freeze", "2026H1")
    released = Path(person.json("publish", "2026H1")["path"])
    number = "P1"  # the first natural person of this release
    files = {path.relative_to(released).as_posix(): path.read_bytes() for path in released.rglob("*") if path.is_file()}
    assert {f"providers/{number}.html", f"nl/providers/{number}.html"} <= files.keys()
    ranking = files["tables/ranking.csv"].decode()
    assert f",{number},natural person ({number})," in ranking
    for name, content in files.items():
        assert MARK.lower().encode() not in content.lower(), name
        assert b"64501" not in content, name
        assert MARK.lower() not in name.lower()
    assert "as64500" in ranking


def test_what_is_booked_by_a_registration_of_unknown_kind_says_so(person: Any) -> None:
    """Both doubts of one answer stand in the frozen row, beside that of the address."""
    path = Path(person.json("freeze", "2026H1")["path"]) / "episodes.parquet"
    with duckdb.connect() as connection:
        asked = "SELECT provider_id, attribution_doubts FROM read_parquet(?) WHERE record_id = 'untyped' AND role = ?"
        (row,) = connection.execute(asked, [str(path), "network"]).fetchall()
    assert row == ("org-ripencc-org-ut1-ripe", "stated-address;undated;kind-unknown")

"""`monitor rank --compare`: on facts whose truth is known, what depends on a choice is counted exactly."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines import copied

pytestmark = pytest.mark.one_engine("a frozen dataset is the same on both")

CONFIG = "[minimums]\nepisodes = 2\nclusters = 1\nnamed = 1\n"
OLD, NEW = "2025-06-01", "2026-03-01"
PREFIXES = {
    OLD: "192.0.2.0/25\t64500\n192.0.2.128/25\t64501\n198.51.100.0/25\t64502\n203.0.113.0/25\t64503\n",
    NEW: "192.0.2.0/25\t64500\n192.0.2.128/25\t64500\n198.51.100.0/25\t64502\n203.0.113.0/25\t64503\n",
}
"""192.0.2.128/25 changed hands on 1 March: from Beta to Alpha."""
NAMES = "asn,name\n64500,Alpha Hosting\n64501,Beta Hosting\n64502,Gamma Shield\n64503,Delta Networks\n"
N = {"alpha": 4, "handed, before": 3, "handed, after": 5, "proxied": 2, "delta": 3}
WHERE = {
    "alpha": ("192.0.2", 1, "2026-02"),
    "handed, before": ("192.0.2", 130, "2026-02"),
    "handed, after": ("192.0.2", 160, "2026-04"),
    "proxied": ("198.51.100", 1, "2026-02"),
    "delta": ("203.0.113", 1, "2026-02"),
}


def _rows() -> Iterator[tuple[dict[str, str], list[dict[str, str]]]]:
    """Reports and checks: gone surely within the norm, but for those that Beta had, which stay."""
    for kind, n in N.items():
        net, first, month = WHERE[kind]
        for k in range(n):
            ip, day = f"{net}.{first + k}", f"{month}-{10 + k}"
            record = f"{kind.split(',')[0]}-{month}-{k}"
            url = f"https://h{first + k}.{net.split('.')[0]}.example/{k}.jpg"
            report = {"record_id": record, "source": "hotline", "url": url, "ip": ip}
            report |= {"reported_at": f"{day}T08:00:00Z", "notified_at": f"{day}T09:00:00Z", "notice_status": "sent"}
            gone = f"{month}-{20 + k}T12:00:00Z" if kind.startswith("handed") else f"{day}T15:00:00Z"
            seen = [(f"{day}T08:30:00Z", "online"), (f"{day}T12:00:00Z", "online"), (gone, "offline")]
            yield (
                report,
                [
                    {"record_id": record, "source": "hotline", "checked_at": at, "outcome": said, "ip": ip}
                    for at, said in seen
                ],
            )


@pytest.fixture(scope="module")
def world(make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The facts above, frozen with both tables."""
    folder, monitor = tmp_path_factory.mktemp("compare"), make("compare", CONFIG)
    rows = list(_rows())
    reports = csv_file(folder / "reports.csv", [report for report, _ in rows])
    checks = csv_file(folder / "checks.csv", [check for _, mine in rows for check in mine])
    (folder / "names.csv").write_text(NAMES, encoding="utf-8")
    (folder / "fronting.csv").write_text("198.51.100.0/25,Gamma Shield\n", encoding="utf-8")
    for day, text in PREFIXES.items():
        (folder / f"{day}.tsv").write_text(text, encoding="utf-8")
        words = ("--prefixes", folder / f"{day}.tsv", "--as-names", folder / "names.csv")
        more = ("--fronting", folder / "fronting.csv") if day == OLD else ()
        monitor.json("refdata", "import", "--as-of", day, *words, *more)
    monitor.json("import", reports, checks)
    monitor.json("freeze", "2026H1")
    return monitor


@pytest.fixture
def another(world: Any, make: Callable[..., Any]) -> Any:
    monitor = make("another")
    copied(world.data, monitor.data)
    return monitor


def _figures(choice: dict[str, Any]) -> tuple[int, ...]:
    names = ("n_episodes", "n_proxied", "n_attributions", "n_changed", "n_only_here", "n_only_there")
    return tuple(choice[name] for name in names)


def _standings(found: dict[str, Any]) -> dict[str, list[tuple[int, str] | None]]:
    return {
        each["provider"]: [s and (s["n_episodes"], s["class"]) for s in each["standings"]]
        for each in found["providers"]
    }


def test_a_prefix_that_changed_hands_is_counted_exactly(world: Any) -> None:
    """With the old table alone its five later records go to Beta, with the new one alone its three earlier ones to
    Alpha; nothing else changes."""
    found = world.json("rank", "2026H1", "--compare", "refdata")
    assert found["as_frozen"] is True
    assert [choice["name"] for choice in found["choices"]] == [
        "as dated",
        f"prefixes as of {OLD} alone",
        f"prefixes as of {NEW} alone",
    ]
    assert [_figures(choice) for choice in found["choices"]] == [
        (15, 2, 17, 0, 0, 0),
        (15, 2, 17, 5, 0, 0),
        (15, 2, 17, 3, 0, 0),
    ]
    standings = {name: [s and s[0] for s in mine] for name, mine in _standings(found).items()}
    assert standings == {
        "Alpha Hosting": [9, 4, 12],
        "Beta Hosting": [3, 8, None],
        "Delta Networks": [3, 3, 3],
    }


def test_a_proxys_range_is_counted_exactly(world: Any) -> None:
    """Without the proxies' table its two records are booked on the proxy as if it hosted; at all times none differs."""
    found = world.json("rank", "2026H1", "--compare", "fronting")
    assert [_figures(choice) for choice in found["choices"]] == [
        (15, 2, 17, 0, 0, 0),
        (17, 0, 17, 2, 0, 0),
        (15, 2, 17, 0, 0, 0),
    ]
    assert [s and s[0] for s in _standings(found)["Gamma Shield"]] == [None, 2, None]
    changed = {each["provider"]: each["changes_class"] for each in found["providers"]}
    assert changed["Gamma Shield"] and not changed["Delta Networks"]
    assert found["choices"][1]["n_classes_changed"] == sum(changed.values()) == 1


def test_a_network_that_was_assigned_changes_its_role_alone(another: Any) -> None:
    """Delta's network is given to Alpha by a person: by network its three records are Alpha's, by AS still Delta's."""
    who = ("--by", "Jo Tester", "--why", "the contract was shown")
    another.json("providers", "assign", "as64500", "--network", "203.0.113.0/25", *who)
    another.json("freeze", "2026H1")
    found = another.json("rank", "2026H1", "--compare", "role")
    assert [(c["name"], c["n_attributions"], c["n_changed"]) for c in found["choices"]] == [
        ("role network", 17, 0),
        ("role as", 17, 3),
        ("role customer", 17, 0),
    ]
    assert [s and s[0] for s in _standings(found)["Delta Networks"]] == [None, 3, None]


def test_a_later_import_is_said_and_the_frozen_figures_stay(another: Any, csv_file: Callable[..., Path]) -> None:
    """Facts that came after the freeze: the first choice is no longer what was frozen, and says so."""
    row = {"record_id": "late", "source": "hotline", "url": "https://late.example/a.jpg", "ip": "192.0.2.9"}
    row |= {"reported_at": "2026-02-10T08:00:00Z", "notified_at": "2026-02-10T09:00:00Z"}
    another.json("import", csv_file(another.cwd / "late.csv", [row]))
    found = another.json("rank", "2026H1", "--compare", "refdata")
    assert found["as_frozen"] is False
    assert found["choices"][0]["n_episodes"] == 16
    ran = another.run("rank", "2026H1", "--compare", "refdata")
    assert "[1] is not exactly what was frozen" in ran.out
    assert another.json("rank", "2026H1", "--compare", "role")["choices"][0]["n_episodes"] == 15


def test_to_compare_roles_no_store_is_needed(world: Any, make: Callable[..., Any]) -> None:
    """The freeze alone gives the same; the other comparisons say that there is no store."""
    monitor = make("freeze-only")
    shutil.copytree(world.data / "frozen", monitor.data / "frozen")
    words = ("rank", "2026H1", "--compare", "role")
    assert monitor.json(*words) == world.json(*words)
    ran = monitor.run("rank", "2026H1", "--compare", "refdata")
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize("by", ["role", "refdata", "fronting"])
def test_the_table_fits_into_120_columns_and_shows_the_documents_figures(world: Any, by: str) -> None:
    """One row a figure, one column a choice, with every choice's name above."""
    ran, found = world.run("rank", "2026H1", "--compare", by), world.json("rank", "2026H1", "--compare", by)
    assert max(len(text) for text in ran.out.splitlines()) <= 120
    lines = {text[:34].strip(): text[34:].split() for text in ran.out.splitlines()}
    assert lines["episodes"] == [str(choice["n_episodes"]) for choice in found["choices"]]
    assert lines["episodes behind a reverse proxy"] == [str(choice["n_proxied"]) for choice in found["choices"]]
    for number, choice in enumerate(found["choices"], start=1):
        assert f"[{number}] {choice['name']}" in ran.out


def test_an_unknown_comparison_is_wrong_usage(world: Any) -> None:
    """Status 2; the words that there are stand in the message."""
    ran = world.run("rank", "2026H1", "--compare", "weather")
    assert (ran.status, ran.out) == (2, "")
    assert "role, refdata, fronting" in ran.err


def _answer(first: str, last: str, kind: str, handle: str, name: str) -> dict[str, Any]:
    """A registry's recorded answer about a range of one organisation."""
    card = [["version", {}, "text", "4.0"], ["kind", {}, "text", "org"], ["fn", {}, "text", name]]
    holder = {"objectClassName": "entity", "handle": handle, "roles": ["registrant"], "vcardArray": ["vcard", card]}
    dates = [
        {"eventAction": action, "eventDate": "2020-01-01T00:00:00Z"} for action in ("registration", "last changed")
    ]
    document: dict[str, Any] = {
        "objectClassName": "ip network",
        "handle": f"{first} - {last}",
        "name": f"NET-{handle}",
        "type": kind,
    }
    document |= {
        "startAddress": first,
        "endAddress": last,
        "entities": [holder],
        "events": dates,
        "port43": "whois.ripe.net",
    }
    return {"asked_at": "2026-01-15T00:00:00Z", "server": "rdap.example", "answer": document}


def test_a_customer_of_a_network_is_counted_exactly_and_explained(another: Any) -> None:
    """Delta's range is registered to Delta Holding and its lower half handed on to a customer: by network the three
    records are the holding's, by AS Delta's, by customer the customer's; `explain` names all three."""
    answers = [
        _answer("203.0.113.0", "203.0.113.255", "ALLOCATED PA", "ORG-DH1-RIPE", "Delta Holding"),
        _answer("203.0.113.0", "203.0.113.127", "ASSIGNED PA", "ORG-KB2-RIPE", "Kluis Beheer"),
    ]
    path = another.cwd / "answers.json"
    path.write_text(json.dumps(answers), encoding="utf-8")
    another.json("rdap", "import", path)
    another.json("freeze", "2026H1")
    found = another.json("rank", "2026H1", "--compare", "role")
    assert [(c["name"], c["n_attributions"], c["n_changed"]) for c in found["choices"]] == [
        ("role network", 17, 0),
        ("role as", 17, 3),
        ("role customer", 17, 3),
    ]
    standings = {name: [s and s[0] for s in mine] for name, mine in _standings(found).items()}
    assert standings["Delta Holding"] == [3, None, None]
    assert standings["Delta Networks"] == [None, 3, None]
    assert standings["Kluis Beheer"] == [None, None, 3]
    text = another.run("explain", "delta-2026-02-0", "--period", "2026H1").out
    assert (
        "ASSIGNED PA, registered 2020-01-01 00:00:00, last changed 2020-01-01 00:00:00, held by Delta Holding" in text
    )
    assert "handed on to Kluis Beheer (answer of ripencc, 2026-01-15 00:00:00)" in text
    assert (
        "N1: on whom it is booked depends on the role: Delta Holding in role network, Delta Networks in role as" in text
    )
    assert "203.0.113" not in text and "ORG-KB2" not in text and "NET-ORG" not in text  # the half is narrower than /24

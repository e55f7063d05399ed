"""`monitor explain`: it says what the freeze says, in words that are true, and nothing that is sealed."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor import inquiry
from monitor.config import load_settings
from monitor.model.columns import MICROS_PER_HOUR
from monitor.model.episode import EpisodeTable
from monitor.model.explanation import Explanation
from monitor.model.period import Period
from monitor.present_explanation import explanation, explanation_text
from monitor.store import frozen, list_audit
from monitor.survival import bounds
from tests.engines import rows_in, store_of

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
REFERENCE = SAMPLE.parent / "reference"
PERIOD = Period.parse("2026H1")
PARTY = "Zq7xk9mw Beheer"


@pytest.fixture(scope="module")
def explained(line: Any) -> dict[str, Explanation]:
    """Every record of the hand-made cases, by its id, as the freeze of 2026H1 has them."""
    with store_of(line.monitor.data) as store:
        settings = load_settings(line.monitor.data, None)
        ids = {row[0]: row[1] for row in _records(line.monitor.data)}
        return {
            record: inquiry.explain(store, settings, record, source, PERIOD.default_cutoff, period=PERIOD)
            for record, source in ids.items()
        }


def _records(data: Path) -> list[tuple[str, str]]:
    return rows_in(data, "SELECT r.record_id, s.name FROM records r JOIN sources s ON s.id = r.source_id ORDER BY 1")


def _text(found: Explanation) -> str:
    return explanation_text(found)


def _frozen_rows(rows: EpisodeTable) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
    """By (source, record): what the frozen rows of every role but site say, with the norm's verdict of the bounds."""
    cases = bounds.bounds_of_norm(bounds.intervals(rows), 24.0)
    found: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for i in range(len(rows)):
        if rows.role[i] == "site":
            continue
        verdict = "yes" if cases.worst[i] else "cannot be said" if cases.best[i] else "no"
        doubts = tuple(rows.attribution_doubts[i].split(";")) if rows.attribution_doubts[i] else ()
        hours = (float(h[i]) if np.isfinite(h[i]) else None for h in (rows.left_hours, rows.right_hours))
        row: list[Any] = [rows.role[i], rows.clock[i], rows.provider_id[i], rows.status[i], rows.end[i], *hours]
        row += [rows.attribution_confidence[i], rows.attribution_basis[i], doubts, rows.unattributed_reason[i]]
        row += [int(rows.flaps[i]), int(rows.recurrence[i]), bool(rows.provisional[i]), bool(rows.interrupted[i])]
        row += [bool(rows.gap_at_notice[i]), verdict if rows.status[i] == "episode" else None]
        found.setdefault((rows.source[i], rows.record_id[i]), []).append((_iso(int(rows.notified_at[i])), *row))
    return found


def _iso(micros: int) -> str:
    return str(np.datetime64(micros, "us").astype("datetime64[s]")) + "Z"


def _explained_rows(found: Explanation, period: Period) -> list[tuple[Any, ...]]:
    """The same of an explanation: of the record's own notices within the Period."""
    own = {notice.label: notice.at for notice in found.notices if notice.of_this_record}
    first, end = (at.isoformat().replace("+00:00", "Z") for at in (period.start, period.end))
    figures = "role clock provider_id status end left_hours right_hours confidence basis doubts unattributed flaps"
    figures += " recurrence provisional interrupted gap_at_notice within_norm"
    return [
        (own[e.notice], *(getattr(e, name) for name in figures.split()))
        for e in found.episodes
        if e.notice in own and first <= own[e.notice] < end
    ]


def _sorted(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: tuple(map(str, row)))


# --- it agrees with the freeze --------------------------------------------------------------------------------


def test_every_record_is_explained_as_it_was_frozen(line: Any, explained: dict[str, Explanation]) -> None:
    """Provider, status, interval, end, doubts and verdict by role equal the frozen rows, for all hand-made cases."""
    data = frozen.read_freeze(frozen.find_freeze(line.monitor.data, PERIOD, None))
    rows = _frozen_rows(data.episodes)
    assert len(rows) > 30
    for record, found in explained.items():
        wanted = rows.pop((found.source, record), [])
        assert _sorted(_explained_rows(found, PERIOD)) == _sorted(wanted), record
    assert not rows


@pytest.fixture(scope="module")
def sample(make: Callable[..., Any]) -> Any:
    """The sample's first half-year, frozen."""
    monitor = make("sample", (SAMPLE / "monitor.toml").read_text(encoding="utf-8"))
    tables = [
        (f"--{kind}", REFERENCE / f"{kind}-{day}.{end}")
        for kind, end, day in (
            ("prefixes", "tsv", "2025-06-01"),
            ("as-names", "csv", "2025-06-01"),
            ("fronting", "csv", "2025-06-01"),
        )
    ]
    monitor.json("refdata", "import", "--as-of", "2025-06-01", *(word for pair in tables for word in pair))
    monitor.json("import", SAMPLE / "reports-2025H2.csv", SAMPLE / "checks-2025H2.csv.gz")
    monitor.json("freeze", "2025H2")
    return monitor


def test_the_sample_is_explained_as_it_was_frozen(sample: Any) -> None:
    """Of every kind of row that the sample has, and of every 40th record besides, the explanation equals the freeze."""
    period = Period.parse("2025H2")
    data = frozen.read_freeze(frozen.find_freeze(sample.data, period, None))
    rows, settings = _frozen_rows(data.episodes), load_settings(sample.data, None)
    kinds: dict[tuple[Any, ...], tuple[str, str]] = {}
    for key, mine in rows.items():
        kinds.setdefault(tuple((row[1], row[2], row[4], row[5], *row[8:]) for row in _sorted(mine)), key)
    chosen = {*kinds.values(), *list(rows)[::40]}
    assert len(kinds) > 40
    with store_of(sample.data) as store:
        for source, record in sorted(chosen):
            found = inquiry.explain(store, settings, record, source, data.cutoff, period=period)
            assert _sorted(_explained_rows(found, period)) == _sorted(rows[source, record]), record
            assert explanation_text(found)


def test_without_a_period_each_half_year_has_its_rows(line: Any, explained: dict[str, Explanation]) -> None:
    """The rows are the same as with --period, because a freeze of each half-year would have them."""
    found = line.monitor.json("explain", "a01", "--cutoff", "2026-08-01")
    with_period = explanation(explained["a01"])
    assert found["episodes"] == _plain(with_period["episodes"])
    assert [span["start"][:10] for span in found["spans"]] == ["2026-01-01", "2026-07-01"]


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_the_document_has_every_field_of_the_explanation(line: Any, explained: dict[str, Explanation]) -> None:
    """--json is the Explanation, field by field, and says the same as the text's figures."""
    found = line.monitor.json("explain", "b02", "--period", "2026H1")
    assert found == _plain(explanation(explained["b02"]))
    assert found.keys() == {field.name for field in dataclasses.fields(Explanation)}


# --- the words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("a01", "taken down later than 1.00 h (2026-03-02 13:00:00) and not later than 10.00 h (2026-03-02 22:00:00)"),
        ("a01", "norm: 24 h; met"),
        ("a02", "norm: 24 h; not met"),
        ("a03", "N1: the norm lies inside the interval: not within it in the worst case, within it in the best"),
        ("a04", "N1: no check found it online after the notice, so it may have gone before"),
        ("a05", "no end seen before the cut-off; last known online 800.00 h"),
        ("a06", "online (the last check found it neither online nor offline): not within the norm in the worst case"),
        ("a07", "gone before the notice: no episode"),
        ("a08", "moved to another provider (Beta Hosting) later than 2.00 h"),
        ("a08", "norm: 24 h; not met, because that is no takedown"),
        ("a09", "its name stopped resolving later than 3.00 h"),
        ("a10", "it bounced: no clock and no compliance figure"),
        ("a11", "the party refused it: no clock and no compliance figure"),
        ("a12", "no contact was published: no clock and no compliance figure"),
        ("a13", "the sender failed to send it: no clock and no compliance figure"),
        ("a14", "it was addressed to another provider of the registry: no clock for this party"),
        ("a15", "The report does not count: it is not assessed illegal, or was withdrawn."),
        ("a17", "deadline of the order: 6 h; met"),
        ("a18", "deadline of the order: not recorded (12 h at most); whether it was met cannot be said"),
        ("a19", "deadline of the order: 2 h; not met"),
        ("a20b", "the episode of N1 at this party still runs: a reminder, which starts nothing"),
        ("a20b", "1 more report(s) name the same target"),
        ("a21", "the path is withheld"),
        ("a21", "bracket-1: "),
        ("a22", "<- N1: first time gone, but back soon: no end"),
        ("a22", "N1: by the first removal it would have ended within 5.00 h of the notice"),
        ("a23", "came back 1 time(s) after the end"),
        ("a24", "provisional: the end is young at the cut-off"),
        ("a25", "deadline of the order: 12 h; met"),
        ("b01", "2001:db8:b::/48 by Beta Hosting (AS64501); routing table as of 2025-06-01, 274 days old"),
        ("b02", "attributed by the origin behind the reverse proxy, as the report states it"),
        ("b03", "it was addressed to this party"),
        ("b04", "online at A2, Alpha Hosting (AS64500)   <- N1: elsewhere, and back soon: a flap, no move"),
        ("b05", "recorded-untrusted-1: "),
        ("e03", "(the last check found it offline, not confirmed)"),
        ("p01", "role proxy: Gamma Shield"),
        ("u01", "nobody (no address is known)"),
        ("u02", "nobody (the routing table announces nothing that covers the address)"),
    ],
)
def test_each_case_is_told_in_its_words(explained: dict[str, Explanation], record: str, words: str) -> None:
    """What decides a case stands in its text."""
    assert words in _text(explained[record])


def test_roles_that_say_the_same_are_one_line_and_the_site_is_none(explained: dict[str, Explanation]) -> None:
    """No text has a line on the role site; network, as and customer at one provider share theirs."""
    for found in explained.values():
        assert not re.search(r"roles?[^:]*\bsite\b", _text(found))
    assert _text(explained["a01"]).count("N1, roles network, as and customer: Alpha Hosting (AS64500); an episode") == 1


def test_only_rules_that_were_applied_are_listed_each_once(explained: dict[str, Explanation]) -> None:
    """A plain takedown has no rule about moves, gaps, orders or rankings; a flap and an order have theirs."""
    stems = {record: [rule.rsplit("-", 1)[0] for rule, _ in found.rules] for record, found in explained.items()}
    assert all(len(set(mine)) == len(mine) for mine in stems.values())
    assert not {"move", "gap", "orders", "domain", "gone", "delivery", "proxy", "class", "order"} & set(stems["a01"])
    assert {"reports", "clock", "takedown", "recorded-trusted"} <= set(stems["a01"])
    assert "move" in stems["b04"] and "orders" in stems["a17"] and "delivery" in stems["a10"] and "gone" in stems["a07"]


def test_facts_after_the_cut_off_are_not_told(line: Any) -> None:
    """At a cut-off between the two notices of a Target neither the later notice nor later checks are shown."""
    found = line.monitor.json("explain", "a20", "--cutoff", "2026-03-05T16:00:00Z")
    assert [notice["record_id"] for notice in found["notices"]] == ["a20"]
    assert [check["at"] for check in found["checks"]] == ["2026-03-05T13:00:00Z"]
    assert found["episodes"][0]["end"] == "censored"


def test_a_decision_is_shown_with_who_and_why_until_it_is_taken_back(copy: Any) -> None:
    """An override on one record is told with its number, person and reason, and no longer once undone."""
    who = ("--by", "Jo Tester", "--why", "the contract was shown")
    copy.json("providers", "override", "as64503", "--record", "a01", "--source", "hotline", *who)
    found = copy.json("explain", "a01", "--period", "2026H1")
    (decision,) = found["decisions"]
    assert (decision["provider"], decision["by"], decision["why"]) == ("Delta Networks", "Jo Tester", who[3])
    assert found["episodes"][0]["basis"] == "override"
    copy.json("providers", "undo", decision["change_id"], *who)
    assert copy.json("explain", "a01", "--period", "2026H1")["decisions"] == []


# --- what is sealed -------------------------------------------------------------------------------------------


def _numbers(text: str) -> Iterator[str]:
    yield from re.findall(
        r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,}(?:/\d+)?)", text
    )


def test_no_explanation_shows_a_url_host_address_or_narrow_prefix(explained: dict[str, Explanation]) -> None:
    """Text and document of every record hold no host, path, address, or prefix narrower than /24 (IPv6: /48)."""
    shown = 0
    for record, found in explained.items():
        for text in (_text(found), str(explanation(found))):
            assert "://" not in text and ".example" not in text and "picture.jpg" not in text, record
            for word in _numbers(re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?", "", text)):
                network = ip_network(word, strict=False)
                assert network.prefixlen <= (24 if network.version == 4 else 48), record
                shown += 1
    assert shown  # the search does find prefixes that may be shown


def test_the_addressees_name_is_not_shown(copy: Any, inputs: Any) -> None:
    """A name that the registry does not know, as the hotline wrote it, is in no byte of the answer."""
    row = {"record_id": "z1", "source": "hotline", "url": "https://z1.example/a.jpg", "ip": "192.0.2.60"}
    row |= {"reported_at": "2026-03-02T10:00:00Z", "notified_at": "2026-03-02T12:00:00Z", "notified_party": PARTY}
    copy.json("import", inputs.write("z1.csv", [row]))
    for words in ([], ["--reveal", "--reason", "a test"]):
        ran = copy.run("explain", "z1", "--period", "2026H1", *words)
        assert ran.status == 0
        assert "it was addressed to a name that the registry does not know" in ran.out
        assert "zq7xk9mw" not in (ran.out + ran.err).lower()


def test_reveal_shows_url_and_addresses_and_goes_on_the_audit_log(copy: Any) -> None:
    """With a reason they are shown, and who, which record and why are on the log; of a withheld path the host."""
    ran = copy.run("explain", "a01", "--reveal", "--reason", "asked by the court", "--by", "Jo Tester")
    assert ran.status == 0
    assert "URL: https://one.alpha.example/a01/picture.jpg" in ran.out
    assert "A1 192.0.2.1: IPv4" in ran.out and "192.0.2.0/25 by" in ran.out
    assert "Host: www.a21.example" in copy.run("explain", "a21", "--reveal", "--reason", "to check").out
    with store_of(copy.data) as store:
        first, second = list_audit(store)[-2:]
    assert (first.actor, first.action, first.reason) == ("Jo Tester", "explain --reveal", "asked by the court")
    assert first.subject == "record a01 of hotline"
    assert second.subject == "record a21 of hotline"


@pytest.mark.parametrize(
    "words",
    [
        ("--reveal",),
        ("--reveal", "--reason", " "),
        ("--reason", "x"),
        ("--reveal", "--reason", "see http://a.example/b"),
    ],
)
def test_reveal_without_a_fit_reason_is_wrong_usage(copy: Any, words: tuple[str, ...]) -> None:
    """Status 2, one line, nothing shown, nothing on the audit log."""
    with store_of(copy.data) as store:
        before = len(list_audit(store))
    ran = copy.run("explain", "a01", *words)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "a.example" not in ran.err
    with store_of(copy.data) as store:
        assert len(list_audit(store)) == before


def test_a_record_that_is_missing_or_not_the_only_one_is_said_in_one_line(copy: Any, inputs: Any) -> None:
    """Status 1; the line says what to do, and --source tells two records of one id apart."""
    row = {"record_id": "a01", "source": "press", "url": "https://other.example/", "ip": "192.0.2.61"}
    copy.json("import", inputs.write("a01.csv", [row | {"reported_at": "2026-03-02T10:00:00Z"}]))
    missing, several = copy.run("explain", "nothing"), copy.run("explain", "a01")
    late = copy.run("explain", "a01", "--source", "hotline", "--cutoff", "2026-01-01")
    for ran, hint in ((missing, "Check the id"), (several, "hotline, press"), (late, "Give a later --cutoff")):
        assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
        assert hint in ran.err
    assert copy.json("explain", "a01", "--source", "press")["notices"] == []


def test_hours_of_checks_run_from_the_notice_that_is_named(explained: dict[str, Explanation]) -> None:
    """Of a record whose notice is a reminder the hours are those of the Episode's notice."""
    found = explained["a20b"]
    zero = next(notice.at for notice in found.notices if notice.label == found.hours_from)
    assert found.hours_from == "N1"
    for check in found.checks:
        assert check.hours is not None
        apart = np.datetime64(check.at[:-1]) - np.datetime64(zero[:-1])
        assert apart / np.timedelta64(1, "us") / MICROS_PER_HOUR == pytest.approx(check.hours)

"""`publish --kind final` on a real store: refused with the list, then letters, terms, names, and a correction."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import clock, hearing
from monitor.clock import JumpingClock
from monitor.config import load_settings
from monitor.errors import NamingRefused, ReleaseError
from monitor.model.letter import Answer, HearingOutcome, Letter, LetterEvent, LetterStep, Told
from monitor.model.period import Period
from monitor.model.release import Amendment, Release
from monitor.model.words import ReleaseKind
from monitor.publishing import publish
from monitor.store import NewLetter, add_letter, record_step
from tests.engines import Engine, store_of

pytestmark = pytest.mark.one_engine("the register of letters is tried on both in test_letters.py")

PERIOD = Period.parse("2026H1")
SET = """
basis = "A norm that somebody set, in this test"
valid_from = "2026-01-01"
set_by = "the test"
"""
WRITTEN = datetime(2026, 9, 1, 9, tzinfo=UTC)
DELIVERED = WRITTEN + timedelta(days=2)
AFTER = WRITTEN + timedelta(days=60)


class Desk:
    """A store with a freeze whose norm somebody set, and what a clerk does at moments of the test's choice."""

    def __init__(self, monitor: Any) -> None:
        self.monitor, self.data = monitor, Path(monitor.data)

    def freeze(self, *more: str) -> str:
        digest = self.monitor.json("freeze", "2026H1", *more)["digest"]
        assert isinstance(digest, str)
        return digest

    def ranked(self) -> dict[str, dict[str, Any]]:
        return {card["provider_id"]: card for card in self.monitor.json("rank", "2026H1")["scorecards"]}

    @contextmanager
    def store(self, at: datetime) -> Iterator[Any]:
        with clock.replaced(JumpingClock(at)), store_of(self.data) as opened:
            yield opened

    def write(self, provider: str, told: str, freeze: str, at: datetime = WRITTEN) -> Letter:
        """Draft and approve, as `letters draft` and `letters approve` do."""
        figures = Told(freeze, told, 5, 4, 0.5, 0.2, 0.8, 0.25, 0.75, 1)
        on = at.date()
        new = NewLetter(
            provider, provider, "2026H1", on, on + timedelta(days=28), 28, "iedereen", figures, "MIN-", "Jo"
        )
        with self.store(at) as db:
            letter = add_letter(db, new)
            return record_step(db, letter.letter_id, LetterEvent(LetterStep.APPROVED, clock.now(), "Jo", clock.now()))

    def deliver(self, letter: Letter, at: datetime = DELIVERED) -> None:
        with self.store(at) as db:
            hearing.delivered(db, letter.reference, by="Jo")

    def publish(self, at: datetime = AFTER, asked: Amendment | None = None, out: Path | None = None) -> Release:
        with self.store(at) as db:
            return publish(self.data, load_settings(self.data, None), PERIOD, ReleaseKind.FINAL, out, None, asked, db)

    def waiting(self, at: datetime = AFTER) -> dict[str, str]:
        """Who is waited for, and why."""
        try:
            self.publish(at, out=self.data / "tried")
        except NamingRefused as refusal:
            return {key: why for key, _, why, _ in refusal.unheard}
        return {}


@pytest.fixture
def desk(copy: Any) -> Desk:
    path = copy.data / "monitor.toml"
    path.write_text(path.read_text().replace("target = 0.565\n", f"target = 0.565\n{SET}"))
    shutil.rmtree(copy.data / "releases")
    return Desk(copy)


def named(release: Release) -> dict[str, str]:
    document = json.loads((release.path / "tables/ranking.json").read_text())
    return {card["provider_id"]: card["provider"] for card in document["scorecards"]}


def test_a_final_release_from_the_first_refusal_to_its_correction(desk: Desk) -> None:
    """Everybody is written to, delivered to and given the term; what a hearing corrects makes v2 with an erratum."""
    freeze = desk.freeze()
    cards = desk.ranked()
    shown = [key for key, card in cards.items() if card["n_episodes"] >= 1]
    first = desk.waiting()
    assert set(shown) <= set(first)
    assert set(first.values()) == {"no letter was drafted"}
    strangers = set(first) - set(shown)  # under another norm alone: no letter can tell them a class
    with desk.store(WRITTEN) as db:
        for key in strangers:
            hearing.decide(db, key, PERIOD, named=False, by="Jo", why="no letter is possible")
    letters = {key: desk.write(key, cards[key]["class"], freeze) for key in shown}
    assert {"was not delivered yet" in why for why in desk.waiting().values()} == {True}
    for letter in letters.values():
        desk.deliver(letter)
    assert {"2026-10-01" in why for why in desk.waiting(WRITTEN + timedelta(days=30)).values()} == {True}

    one = letters[shown[0]].reference
    with desk.store(DELIVERED + timedelta(days=9)) as db:
        given = Answer(date(2026, 9, 10), "nl", "Dit klopt niet.\n\nEn dat ook niet.", True)
        hearing.answer(db, one, by="Clerk Klaassen", given=given)
    release = desk.publish()
    assert release.path.name == "2026H1-final-v1"
    assert {key: cards[key]["provider"] for key in shown}.items() <= named(release).items()
    assert not strangers & set(named(release))
    page = (release.path / f"providers/{shown[0]}.html").read_text()
    assert '<blockquote lang="nl">\n<p>Dit klopt niet.</p>' in page
    assert one in (release.path / "nl/hearing.html").read_text()
    assert not any(b"Klaassen" in path.read_bytes() for path in release.path.rglob("*.html"))
    assert desk.publish(AFTER + timedelta(days=9)).digest == release.digest

    with desk.store(AFTER) as db:
        hearing.close(db, one, by="Jo", outcome=HearingOutcome.CORRECTED, note="een verwijderverzoek ging elders heen")
    assert "led to a correction" in desk.waiting()[shown[0]]
    desk.freeze("--cutoff", "2026-07-04T00:00:00Z")
    now = desk.ranked()
    for key in desk.waiting():
        desk.deliver(desk.write(key, now[key]["class"], freeze, AFTER), AFTER)
    later = AFTER + timedelta(days=60)
    second = desk.publish(later, Amendment(1, "A notice went elsewhere.", "Een verzoek ging elders heen."))
    assert second.path.name == "2026H1-final-v2"
    assert "A notice went elsewhere." in (second.path / "erratum.html").read_text()
    assert (release.path.with_name("2026H1-final-v1.superseded.html")).exists()


def test_a_class_that_is_worse_than_the_letter_told_is_refused(desk: Desk) -> None:
    """Whose letter told `meets` and who does not meet the norm has to be written to again."""
    freeze = desk.freeze()
    cards = desk.ranked()
    for key in cards:
        desk.deliver(desk.write(key, "meets", freeze))
    found = desk.waiting()
    worse = {key for key, card in cards.items() if card["class"] != "meets" and card["n_episodes"]}
    assert worse
    assert worse <= set(found)
    assert all("told the class meets" in found[key] for key in worse)


def test_the_command_says_who_was_not_heard(desk: Desk, engine: Engine) -> None:
    """One line with how many, then a line each on standard error; `--json` gives fields; an interim needs no store."""
    desk.freeze()
    text, document = desk.monitor.ended(
        ("publish", "2026H1", "--kind", "final"), ("--json", "publish", "2026H1", "--kind", "final")
    )
    assert (text.status, text.out, document.status) == (1, "", 1)
    lines = text.err.splitlines()
    waiting = document.document["not_heard"]
    assert lines[0].startswith(f"monitor: No final release yet: {len(waiting)} providers would be named")
    assert len(lines) == 1 + len(waiting)
    assert {*waiting[0]} == {"provider_id", "provider", "why", "hint"}
    engine.drop(desk.data)
    interim, final = desk.monitor.ended(("publish", "2026H1"), ("publish", "2026H1", "--kind", "final"))
    assert (interim.status, final.status) == (0, 1)


def test_without_a_store_there_is_no_final_release(desk: Desk) -> None:
    """Nor by a norm that is an example."""
    settings = load_settings(desk.data, None)
    with pytest.raises(ReleaseError, match="example"):
        publish(desk.data, settings, PERIOD, ReleaseKind.FINAL)
    desk.freeze()
    with pytest.raises(ReleaseError, match="needs the store"):
        publish(desk.data, settings, PERIOD, ReleaseKind.FINAL)


def test_who_is_known_as_a_natural_person_since_the_freeze_is_not_named(desk: Desk, tmp_path: Path) -> None:
    """The registry of today counts for that, and no letter is waited for."""
    freeze = desk.freeze()
    file = tmp_path / "providers.toml"
    why = 'natural_person = "yes"\nby = "Jo"\nwhy = "its register"\n'
    file.write_text(f'[[change]]\naction = "set"\nsubject = "as64500"\n{why}')
    desk.monitor.json("providers", "import", file, "--by", "Jo")
    assert "as64500" not in desk.waiting()
    cards = desk.ranked()
    for key in cards:
        desk.deliver(desk.write(key, cards[key]["class"], freeze))
    with desk.store(AFTER) as db:
        for key in set(desk.waiting()) - set(cards):
            hearing.decide(db, key, PERIOD, named=False, by="Jo", why="no letter is possible")
    release = desk.publish()
    assert "as64500" not in named(release)
    assert cards["as64500"]["provider"] not in {*named(release).values()} - {"Alpha Hosting"}


def test_figures_about_orders_are_in_no_report_with_names(desk: Desk) -> None:
    """No letter tells them, so an interim release shows them and a final one says that it does not."""
    freeze = desk.freeze()
    for key, card in desk.ranked().items():
        desk.deliver(desk.write(key, card["class"], freeze))
    interim = Path(desk.monitor.json("publish", "2026H1", "--out", desk.data / "interim")["path"])
    says = "A report with names holds no figures about orders"
    assert "Share made inaccessible" in (interim / "norms.html").read_text()
    page = (desk.publish().path / "norms.html").read_text()
    assert says in page
    assert "Share made inaccessible" not in page

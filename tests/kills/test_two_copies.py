"""Two copies of a command at work on one store at the same time: every row and folder once, or a refusal in words.

What would surprise: the two are forked from one process within milliseconds, so that they really meet.
"""

import json
from pathlib import Path

import pytest

from monitor.store import open_store
from monitor.store.database import place_of
from monitor.store.engines import Work, make_engine, transaction
from monitor.store.schema import head, migrate
from monitor.store.sealing import make_key
from tests.engines import Engine
from tests.kills.conftest import Bench
from tests.kills.harness import picture
from tests.kills.on_engine import OnEngine, digest_of, known_counts
from tests.kills.test_kills import looked_at
from tests.kills.world import N_MANY, PERIOD

pytestmark = pytest.mark.slow


@pytest.fixture
def two(bench: Bench, engine: Engine) -> OnEngine:
    return OnEngine(bench, engine)


def test_two_first_imports_of_one_file_make_one_store_with_each_row_once(two: OnEngine) -> None:
    """One key, one schema; what one accepted the other has as a duplicate."""
    words = two.bench.stages["reports"].words
    said = [json.loads(ran.out) for ran in two.at_once(words, words) if ran.status == 3]
    assert len(said) == 2
    assert sum(each["accepted"] for each in said) == N_MANY
    assert all(each["read"] == each["accepted"] + each["duplicate"] + each["rejected"] for each in said)
    assert two.counts() == known_counts(two.bench, "reports")
    with open_store(two.place.data, two.url, create=False) as store:
        assert store.sealer.key_id
    assert [path.name for path in two.place.data.glob("*.key*")] == ["monitor.key"]


def test_reports_and_their_checks_imported_at_once_find_each_other(two: OnEngine) -> None:
    """Whichever comes first."""
    two.run("refdata")
    few = two.bench.stages
    ran = two.at_once(few["few checks"].words, few["few reports"].words)
    assert [each.status for each in ran] == [0, 0], [each.err for each in ran]
    two.run("few attribute", "alpha", "beta")
    assert two.freeze() == digest_of(two.bench)


def test_two_attributions_and_two_freezes_at_once_make_one_dataset(two: OnEngine) -> None:
    """The same digest and the same folder from both, as from one alone."""
    two.run("few reports", "few checks", "refdata")
    words = two.bench.stages["few attribute"].words
    assert [each.status for each in two.at_once(words, words)] == [0, 0]
    assert two.counts() == known_counts(two.bench, "few attribute")
    two.run("alpha", "beta")
    words = two.bench.stages["freeze"].words
    ran = two.at_once(words, words)
    assert [each.status for each in ran] == [0, 0], [each.err for each in ran]
    assert {json.loads(each.out)["digest"] for each in ran} == {digest_of(two.bench)}
    looked_at(two.place)
    assert len(list((two.place.data / "frozen").glob(f"{PERIOD}-*"))) == 1
    assert not list((two.place.data / "frozen").glob(".new-*"))


def test_a_freeze_beside_an_import_has_all_of_it_or_nothing_of_a_batch(two: OnEngine) -> None:
    """It may refuse to be cut while facts come in; whatever it cut is whole, and the next has everything."""
    two.run("few reports", "few checks", "refdata", "few attribute", "alpha", "beta")
    before = json.loads(two.run("freeze")[0].out)["episodes_network"]
    imported, frozen = two.at_once(two.bench.stages["reports"].words, two.bench.stages["freeze"].words)
    assert imported.status == 3, imported.err
    assert frozen.status in (0, 1)
    looked_at(two.place)
    if frozen.status == 0:
        assert (json.loads(frozen.out)["episodes_network"] - before) in (0, 5_000, N_MANY)
    else:
        assert frozen.err.splitlines()[-1].startswith("monitor: Facts keep coming in")


def test_two_publications_at_once_are_one_release(bench: Bench) -> None:
    """Version 1, and both name its folder. Of the frozen folder alone: no database is asked."""
    place = bench.before("publish").copy(bench.scratch())
    words = bench.stages["publish"].words
    started = [bench.parent.start(place, words) for _ in range(2)]
    ran = [bench.parent.wait(each) for each in started]
    assert [each.status for each in ran] == [0, 0], [each.err for each in ran]
    assert bench.known("publish").differences(picture(place)) == []
    assert {Path(json.loads(each.out)["path"]).name for each in ran} == {f"{PERIOD}-interim-v1"}


def test_two_upgrades_at_once_upgrade_once(two: OnEngine) -> None:
    """Both end well, and the schema is this version's."""
    make_key(two.place.data)
    older = make_engine(place_of(two.place.data, two.url), 30.0)
    with transaction(older, Work.WRITE) as connection:
        migrate(connection, "0005")
    older.dispose()
    ran = two.at_once(("db", "upgrade"), ("db", "upgrade"))
    assert [each.status for each in ran] == [0, 0], [each.err for each in ran]
    assert {json.loads(each.out)["after"] for each in ran} == {head()}
    assert sorted(json.loads(each.out)["before"] for each in ran) == sorted(["0005", head()])


def test_two_letters_drafted_at_once_are_one_letter_each(two: OnEngine) -> None:
    """Each provider is written to once, with all files, whatever the two do first."""
    two.run("few reports", "few checks", "refdata", "few attribute", "alpha", "beta", "freeze")
    words = two.bench.stages["letters draft"].words
    ran = two.at_once(words, words)
    assert {each.status for each in ran} <= {0, 1}
    written = two.engine.rows(two.place.data, "SELECT provider_id, count(*) FROM letters GROUP BY provider_id")
    assert sorted(written) == [("as64500", 1), ("as64501", 1)]
    folders = [path for path in (two.place.data / "letters").iterdir() if path.is_dir()]
    assert sorted(path.name for path in folders) == ["1", "2"]
    assert {len(list(path.iterdir())) for path in folders} == {5}

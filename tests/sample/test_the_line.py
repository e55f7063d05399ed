"""The whole line on the sample finds what is true of it: the generator knows, the pipeline has to conclude."""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pytest import TempPathFactory

from tests.engines import URL_VARIABLE, Engine, environment

ROOT = Path(__file__).resolve().parents[2]
PERIODS = ("2025H2", "2026H1")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(engine: Engine, tmp_path_factory: TempPathFactory) -> Path:
    """A copy of the sample on which `make report`'s script has run, in a path with a space."""
    data = tmp_path_factory.mktemp("a copy") / "data"
    shutil.copytree(ROOT / "data" / "sample", data / "sample")
    shutil.copytree(ROOT / "data" / "reference", data / "reference")
    engine.url(data / "sample-run")
    command = [sys.executable, data / "sample" / "report.py"]
    env = environment(data / "sample-run")
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=data, env=env)
    assert done.returncode == 0, done.stderr[-2000:]
    assert Path(done.stdout.splitlines()[-1]).is_file()
    return data


def _monitor(data: Path, *words: str) -> Any:
    command = [Path(sys.executable).parent / "monitor", "--data-dir", data / "sample-run", "--json", *words]
    env = environment(data / "sample-run")
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode in (0, 3), done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def cards(data: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """(Period, provider id) to scorecard."""
    rankings = {period: _monitor(data, "rank", period) for period in PERIODS}
    return {
        (period, card["provider_id"]): card for period, ranking in rankings.items() for card in ranking["scorecards"]
    }


@pytest.fixture(scope="module")
def truth() -> dict[tuple[str, str], dict[str, int]]:
    known = json.loads((ROOT / "data" / "sample" / "truth.json").read_text(encoding="utf-8"))
    return {(period, key): entry["periods"][period] for key, entry in known.items() for period in PERIODS}


@pytest.mark.postgresql_only("its counterpart on SQLite is what `make report` made")
def test_on_postgresql_the_same_datasets_are_cut(
    data: Path, engine: Engine, generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same files through the same commands: the digests are equal, and so is every byte of the rows."""
    monkeypatch.setenv(URL_VARIABLE, str(engine.url(tmp_path / "run")))
    report = importlib.import_module("report")  # beside the generator
    monkeypatch.setattr(report, "RUN", tmp_path / "run")
    for step in report.steps()[:-1]:  # not `rank`: it reads the frozen dataset alone
        done = report.monitor(*step, capture=True)
        assert done.returncode in report.DONE, step
    ours, theirs = tmp_path / "run" / "frozen", data / "sample-run" / "frozen"
    assert _digests(ours) == _digests(theirs)
    for path in theirs.glob("*/*.parquet"):
        assert (ours / path.relative_to(theirs)).read_bytes() == path.read_bytes(), path.name


def _digests(frozen: Path) -> dict[str, str]:
    """Of each dataset of a folder, by the dataset's name."""
    manifests = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in frozen.glob("*/manifest.json")
    }
    assert len(manifests) == len(PERIODS)
    return {name: manifest["digest"] for name, manifest in manifests.items()}


def test_the_bounds_hold_the_truth(cards: dict[tuple[str, str], Any], truth: dict[tuple[str, str], Any]) -> None:
    """For every provider with Episodes the true share within 24 hours lies between worst and best case."""
    outside = {}
    for key, known in truth.items():
        if known["episodes"] < 10:
            continue
        card, share = cards[key], known["takedowns_within_24h"] / known["episodes"]
        slack = 0.02  # Targets whose notice went to a name that nobody knows are in the figures, not in the truth
        if not card["within_norm_worst"] - slack <= share <= card["within_norm_best"] + slack:
            outside[key] = (card["within_norm_worst"], share, card["within_norm_best"])
    assert outside == {}


def test_the_episodes_are_those_that_were_made(
    cards: dict[tuple[str, str], Any], truth: dict[tuple[str, str], Any]
) -> None:
    """The number of Episodes of each provider is the true one, give or take notices to an unknown name."""
    far = {
        key: (cards[key]["n_episodes"], known["episodes"])
        for key, known in truth.items()
        if known["episodes"] and abs(cards[key]["n_episodes"] - known["episodes"]) > 2 + 0.05 * known["episodes"]
    }
    assert far == {}


def test_who_ignores_notices_has_the_lowest_best_case(cards: dict[tuple[str, str], Any]) -> None:
    """Of those ranked for takedowns of their own, Nevelhoorn Hosting comes first, which is worst."""
    ranked = [card for (period, _), card in cards.items() if period == "2026H1" and card["rank"] is not None]
    hosts = [card for card in ranked if card["moved"] + card["domain_gone"] < card["n_episodes"] / 2]
    assert min(hosts, key=lambda card: card["within_norm_best"])["provider_id"] == "as64501"


def test_moving_material_on_is_no_takedown(
    cards: dict[tuple[str, str], Any], truth: dict[tuple[str, str], Any]
) -> None:
    """Trekvogel Transit's moves are counted as moves, and those who received the material have `moved_in`."""
    card = cards["2026H1", "as64502"]
    assert abs(card["moved"] - truth["2026H1", "as64502"]["moves"]) <= 2
    assert sum(card["moved_in"] for (period, _), card in cards.items() if period == "2026H1") > 10


def test_who_could_not_be_told_has_no_figure(cards: dict[tuple[str, str], Any]) -> None:
    """Bounced, refused and missing contacts are findings of their own, not Episodes."""
    assert cards["2026H1", "as64503"]["undelivered_bounced"] > 20
    assert cards["2026H1", "as64504"]["undelivered_refused"] > 15
    assert cards["2026H1", "as64505"]["undelivered_no_contact"] > 10
    assert cards["2026H1", "as64505"]["within_norm_worst"] is None


def test_the_hotlines_own_delay_is_shown_and_not_booked(cards: dict[tuple[str, str], Any]) -> None:
    """Verrewei Hosting hears of material days late, and is judged from the notice on."""
    card = cards["2026H1", "as65536"]
    assert card["report_to_notice_median_hours"] > 96
    assert card["gone_before_notice"] >= 5
    assert card["within_norm_worst"] > 0.7


def test_a_domain_that_goes_is_no_takedown(cards: dict[tuple[str, str], Any]) -> None:
    """Naamval Domeinen's Episodes end with the name: any end is quick, takedown is not."""
    card = cards["2026H1", "as65537"]
    assert card["domain_gone"] >= 20
    assert card["within_norm_any_end_worst"] > card["within_norm_best"]


def test_equal_names_are_shown_with_their_number(cards: dict[tuple[str, str], Any]) -> None:
    """The two providers named Tweelingzon Hosting can be told apart on every page."""
    names = {cards["2026H1", key]["provider"] for key in ("as64510", "as65540")}
    assert len(names) == 2
    assert all(name.startswith("Tweelingzon Hosting") for name in names)


def test_nothing_is_booked_on_a_proxy_as_hosting_provider(cards: dict[tuple[str, str], Any]) -> None:
    """Without a known origin, no network provider gets an Episode for what stands behind Schermlaag Proxy."""
    assert cards.get(("2026H1", "as65551"), {"n_episodes": 0})["n_episodes"] == 0


def test_running_it_again_changes_nothing(data: Path) -> None:
    """A second import of every file finds duplicates only, and the second freeze is the first."""
    before = _monitor(data, "freeze", "2026H1")
    for name in ("reports-2026H1.csv", "reports-2026H1-brackets.parquet", "checks-2026H1.csv.gz"):
        counts = _monitor(data, "import", str(data / "sample" / name))
        assert (counts["accepted"], counts["rejected"]) == (0, 0), name
    assert _monitor(data, "freeze", "2026H1") == before
    rejects = _monitor(data, "import", str(data / "sample" / "rejected.csv"))
    assert [rejects[name] for name in ("read", "accepted", "duplicate", "rejected")] == [24, 0, 4, 20]

"""`monitor doctor`: everything that the monitor needs, tried for real; what is wrong is said with what to do."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.demo import behaviours
from monitor.demo.behaviours import Asked, Behaviour
from monitor.demo.nameserver import Nameserver, Records
from monitor.demo.webserver import Webserver
from monitor.diagnosis import diagnose
from monitor.handover.signing import SIGNING_KEY, signing_key
from monitor.model.operation import Finding, Mark
from monitor.store import open_store
from tests.engines import Engine

MARK = "zq7xk9mw"
"""In the canary's name: it may stand in nothing that is printed."""
CANARY = "127.0.46.1"
MANDATE = {
    "organisation": '"Example authority"',
    "legal_basis": '"an invented article"',
    "contact": '"checks@authority.example"',
    "expires": "2099-12-31",
    "loopback": "true",
}


@dataclass
class World:
    """Two resolvers and a canary. `off_by`: how far its clock is ahead of ours; None: it does not say the time."""

    resolvers: tuple[Nameserver, Nameserver]
    web: Webserver
    off_by: timedelta | None = timedelta(0)
    status: int = 204

    def answer(self, asked: Asked) -> Behaviour:
        if self.off_by is None:
            return behaviours.status(self.status)
        return behaviours.status(self.status, ("Date", format_datetime(datetime.now(UTC) + self.off_by, usegmt=True)))

    def config(self, servers: list[str] | None = None, more: str = "", **mandate: str) -> str:
        lines = [f"{name} = {value}" for name, value in {**MANDATE, **mandate}.items()]
        named = json.dumps(servers or [each.address for each in self.resolvers])
        return "\n".join(
            [
                "[mandate]",
                *lines,
                "[sources.hotline]\nlive = true",
                f"[resolvers]\nservers = {named}\ntimeout_seconds = 1",
                f'[canary]\nipv4 = ["http://canary.{MARK}.example:{self.web.port}/ok"]',
                "[checks]\nconnect_seconds = 2\nheaders_seconds = 2",
                more,
            ]
        )


@pytest.fixture
def world() -> Iterator[World]:
    zone = {f"canary.{MARK}.example": Records(a=(CANARY,))}
    made: list[World] = []
    with (
        Nameserver(zone) as one,
        Nameserver(zone) as other,
        Webserver(lambda asked: made[0].answer(asked), (CANARY,)) as web,  # noqa: PLW0108 (made a moment later)
    ):
        made.append(World((one, other), web))
        yield made[0]


@pytest.fixture
def folder(engine: Engine, tmp_path: Path) -> Path:
    """A data folder with an empty store, on either database."""
    path = tmp_path / "data"
    open_store(path, engine.url(path), create=True).close()
    return path


def found(folder: Path, engine: Engine, config: str = "") -> dict[str, Finding]:
    """By name; whatever is not well says what to do, and nothing says a setting's value."""
    url = engine.url(folder)
    database = f'[database]\nurl = "{url}"\n' if url and "[database]" not in config else ""
    path = folder / "monitor.toml"
    path.write_text(database + config)
    path.chmod(0o600)
    seen = diagnose(folder, None)
    assert all(each.todo or each.mark is Mark.OK for each in seen)
    for secret in (MARK, "127.0.4", "authority", str(folder), url or MARK):
        assert secret not in str(seen)
    return {each.name: each for each in seen}


def marks(seen: dict[str, Finding]) -> dict[str, str]:
    """What is not well."""
    return {name: each.mark.value for name, each in seen.items() if each.mark is not Mark.OK}


# --- what lies on this machine -----------------------------------------------------------------------------------


def test_a_store_of_recorded_reports_alone_needs_no_network(folder: Path, engine: Engine) -> None:
    """Everything is well but the routing table, which nobody has imported yet."""
    seen = found(folder, engine)
    assert marks(seen) == {"tables": "look"}
    assert {"settings", "folder", "store", "writing", "disk", "time zones", "documents", "network"} <= seen.keys()
    assert ("integrity" in seen, "server clock" in seen) == (engine.name == "sqlite", engine.name == "postgresql")


def test_every_wrong_name_is_told_at_once_with_the_nearest_right_one(folder: Path, engine: Engine) -> None:
    """And nothing else is tried with settings that nobody meant."""
    (folder / "monitor.toml").write_text("[norms.request]\nhuors = 24\n[canarry]\n[checks]\nper_run = 0\n")
    seen = diagnose(folder, None)
    said = [f"{each.said} {each.todo}" for each in seen if each.name == "settings"]
    assert len(said) == 3 and all(each.mark is Mark.ACT for each in seen if each.name == "settings")
    assert "'hours'" in said[0] + said[1] + said[2] and "'canary'" in said[0] + said[1] + said[2]
    assert "per_run" in said[0] + said[1] + said[2]
    assert not {"resolver 1", "writing"} & {each.name for each in seen}


def test_what_others_may_read_is_to_be_closed(folder: Path, engine: Engine) -> None:
    """The folder, the key, and the settings where they name a database server."""
    folder.chmod(0o755)
    (folder / "monitor.key").chmod(0o640)
    seen = found(folder, engine)
    assert (seen["folder"].mark, seen["files"].mark) == (Mark.ACT, Mark.ACT)
    assert "monitor.key" in seen["files"].todo
    folder.chmod(0o700)
    assert marks(found(folder, engine)) == {"files": "look", "tables": "look"}
    (folder / "monitor.key").chmod(0o600)
    (folder / "monitor.toml").chmod(0o644)
    loose = {each.name for each in diagnose(folder, None) if "the settings" in each.todo}
    assert loose == ({"files"} if engine.name == "postgresql" else set())


def test_the_signing_key_is_told_by_its_fingerprint_and_a_damaged_one_as_damaged(folder: Path, engine: Engine) -> None:
    """Where there is none, nothing is said: nobody needs one before the first exchange."""
    assert "signing key" not in found(folder, engine)
    key = signing_key(folder, create=True)
    assert key.fingerprint in found(folder, engine)["signing key"].said
    (folder / SIGNING_KEY).chmod(0o644)
    assert SIGNING_KEY in found(folder, engine)["files"].said
    (folder / SIGNING_KEY).write_text("damaged")
    assert found(folder, engine)["signing key"].mark is Mark.ACT


def test_a_lost_key_another_key_and_no_store_at_all_are_each_said(folder: Path, engine: Engine, tmp_path: Path) -> None:
    """Nothing is made in their place."""
    key = folder / "monitor.key"
    kept = key.read_bytes()
    key.unlink()
    assert "not in the data folder" in found(folder, engine)["store"].said
    open_store(tmp_path / "other", None, create=True).close()
    shutil.copy(tmp_path / "other" / "monitor.key", key)
    assert "is not the one that sealed" in found(folder, engine)["store"].said
    key.write_bytes(kept)
    engine.drop(folder)
    assert found(folder, engine)["store"].mark is Mark.ACT
    assert not engine.exists(folder)


def test_a_password_in_the_url_is_told_and_where_it_belongs(folder: Path, engine: Engine) -> None:
    """Of a server alone, and never the password itself; the passfile is named."""
    for url, told in (
        (f"postgresql+psycopg://u:{MARK}@/x?host={folder}", True),
        (f"postgresql+psycopg://u@/x?host={folder}&password={MARK}", True),
        (f"postgresql+psycopg://u@/x?host={folder}", False),
    ):
        seen = found(folder, engine, f'[database]\nurl = "{url}"\n')
        assert ("password" in seen) is told
        assert not told or "PGPASSFILE" in seen["password"].todo


@pytest.mark.sqlite_only(reason="damages the file")
def test_a_damaged_database_is_found(folder: Path, engine: Engine) -> None:
    """Pages of it are overwritten; what can be said is that the backup is needed."""
    path = folder / "monitor.sqlite"
    content = bytearray(path.read_bytes())
    for page in range(20, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = os.urandom(64)
    path.write_bytes(content)
    acts = [each for each in found(folder, engine).values() if each.mark is Mark.ACT]
    assert acts and any("backup" in each.todo for each in acts)


@pytest.mark.sqlite_only(reason="goes by who may write the file")
def test_a_database_that_somebody_else_is_writing_to_is_said_after_some_seconds(folder: Path, engine: Engine) -> None:
    """The wait is the configured one, five seconds at most."""
    with engine.held(folder):
        assert "writing" in marks(found(folder, engine, "[database]\nbusy_seconds = 0\n"))


# --- what the network has to give ---------------------------------------------------------------------------------


def test_with_everything_there_nothing_has_to_be_done(folder: Path, engine: Engine, world: World) -> None:
    """Both resolvers answer, the canary does, and the clocks agree."""
    seen = found(folder, engine, world.config())
    assert marks(seen) == {"tables": "look"}
    assert {"resolver 1", "resolver 2", "canary IPv4", "clock", "mandate"} <= seen.keys()
    assert abs(seen["clock"].figures["off_by_seconds"]) < 5
    assert {method for method, _, _ in world.web.asked} == {"HEAD"}


@pytest.mark.parametrize(
    ("off_by", "mark", "words"),
    [
        (timedelta(minutes=10), Mark.ACT, "600 s behind the canary's"),
        (timedelta(seconds=-20), Mark.LOOK, "20 s ahead of the canary's"),
        (None, Mark.LOOK, "no canary gives the time"),
    ],
)
def test_a_clock_that_is_off_is_told_by_how_much(
    off_by: timedelta | None, mark: Mark, words: str, folder: Path, engine: Engine, world: World
) -> None:
    """By the Date header of the canary, and of nobody else."""
    world.off_by = off_by
    seen = found(folder, engine, world.config())["clock"]
    assert seen.mark is mark
    if off_by is None:
        assert words in seen.said
    else:
        off = seen.figures["off_by_seconds"]
        assert abs(off + off_by.total_seconds()) < 5 and words.split(" ", 2)[2] in seen.said


def test_a_silent_resolver_and_a_canary_that_fails_are_told_apart(folder: Path, engine: Engine, world: World) -> None:
    """By their number in the setting; the other resolver still answers, so the canary is found."""
    seen = found(folder, engine, world.config([world.resolvers[0].address, "127.0.46.99:5"]))
    assert marks(seen) == {"tables": "look", "resolver 2": "act"}
    world.status = 503
    seen = found(folder, engine, world.config())
    assert marks(seen) == {"tables": "look", "canary IPv4": "act", "clock": "look"}
    assert "status 503" in seen["canary IPv4"].said


def test_each_vantage_is_tried_and_no_clock_is_compared_past_a_proxy(
    folder: Path, engine: Engine, world: World
) -> None:
    """A proxy that is not there: the canary fails from this vantage, and is not asked in another way."""
    more = '[vantages.north]\nproxy = "http://127.0.46.99:9"\n'
    seen = found(folder, engine, world.config(more=more))
    assert (seen["canary IPv4 from north"].mark, seen["clock"].mark) == (Mark.ACT, Mark.LOOK)
    assert not world.web.asked


def test_without_a_mandate_in_force_nothing_is_asked(folder: Path, engine: Engine, world: World) -> None:
    """Not the resolvers and not the canary; a mandate for loopback reaches no other place either."""
    seen = found(folder, engine, world.config(expires="2020-01-31"))
    assert (seen["mandate"].mark, seen["network"].mark) == (Mark.ACT, Mark.ACT)
    seen = found(folder, engine, world.config([world.resolvers[0].address, "192.0.2.1"]))
    assert "loopback" in seen["resolvers"].said and seen["resolvers"].mark is Mark.ACT
    assert not world.web.asked and not any(each.asked for each in world.resolvers)


def test_where_run_should_answer_and_does_not_somebody_looks(folder: Path, engine: Engine, world: World) -> None:
    """A port is configured, and nobody listens there."""
    seen = found(folder, engine, world.config(more="[operation]\nmetrics_port = 9\n"))
    assert seen["run"].mark is Mark.LOOK


# --- the command --------------------------------------------------------------------------------------------------


def test_the_commands_status_says_whether_somebody_has_to_act(
    make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path: Path
) -> None:
    """0 where all is well or only to be looked at; 1 where not, also with settings that no other command takes."""
    monitor = make("doctor", "[publicaton]\n")
    ran = monitor.run("doctor")
    assert (ran.status, ran.err, "Did you mean 'publication'?" in ran.out) == (1, "", True)
    shutil.rmtree(monitor.data)
    seen = {each["name"]: each for each in monitor.json("doctor", status=1)["findings"]}
    assert "There is no store" in seen["store"]["said"] and seen["folder"]["mark"] == "act"
    row = {"record_id": "R1", "url": f"https://{MARK}.example/", "reported_at": "2026-03-01T10:00Z"}
    made = monitor.run("import", csv_file(tmp_path / "r.csv", [row]))
    assert "a new key was made" in made.err and "Copy it to a safe place now" in made.err
    document = monitor.json("doctor")
    assert document["mark"] == "look"
    assert document["findings"][0]["mark"] == "look"

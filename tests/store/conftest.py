"""Makers of rows with invented names and documentation addresses, and a store in a temporary folder, on each engine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from monitor.model.report import Address, Host, Notice, RecordedCheck, Report, Target
from monitor.model.words import Cause, HostKind, NoticeKind, NoticeStatus, Outcome
from monitor.store import Store, open_store
from tests.engines import Engine

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Maker:
    """Makes rows; hours count from 2026-01-01 00:00 UTC."""

    start: datetime = START

    def at(self, hours: float) -> datetime:
        return self.start + timedelta(hours=hours)

    def address(self, text: str) -> Address:
        return Address(ip_address(text).packed)

    def target(self, path: str = "a", host: str = "images.example", *, withheld: bool = False) -> Target:
        site = ".".join(host.split(".")[-2:])
        return Target(None if withheld else f"https://{host}/{path}", Host(host, HostKind.NAME, site, None))

    def literal(self, text: str) -> Target:
        return Target(f"http://{text}/", Host(text, HostKind.IPV4, text, self.address(text)))

    def notice(self, hours: float = 1, **said: Any) -> Notice:
        return Notice(
            **{"kind": NoticeKind.REQUEST, "status": NoticeStatus.SENT, "notified_at": self.at(hours), **said}
        )

    def report(self, record_id: str = "R1", *, row: int = 1, target: Target | None = None, **said: Any) -> Report:
        source = said.pop("source", "hotline")
        reported_at = said.pop("reported_at", self.at(0))
        return Report(row, source, record_id, target or self.target(), reported_at, **said)

    def check(
        self, record_id: str = "R1", hours: float = 2, outcome: Outcome = Outcome.ONLINE, *, row: int = 1, **said: Any
    ) -> RecordedCheck:
        source = said.pop("source", "hotline")
        cause = said.pop("cause", Cause.CONTENT if outcome is Outcome.OFFLINE else Cause.NONE)
        return RecordedCheck(row, source, record_id, self.at(hours), outcome, cause, **said)


@pytest.fixture(scope="session")
def make() -> Maker:
    return Maker()


@pytest.fixture(scope="session")
def new_store(
    engine: Engine, once: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], Store]:
    """Opens an empty store in a folder: a copy of one that was made once, because the migrations take most of it."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("made") / "data"
        open_store(folder, engine.url(folder), create=True).close()
        return folder

    made = once(engine, "empty store", make)

    def copy(folder: Path) -> Store:
        engine.copy(made, folder)
        return open_store(folder, engine.url(folder), create=False)

    return copy


@pytest.fixture
def store(new_store: Callable[[Path], Store], tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path / "data") as opened:
        yield opened


@pytest.fixture(scope="session")
def rows_of() -> Callable[[Store], dict[str, int]]:
    """The number of rows in every table."""

    def count(store: Store) -> dict[str, int]:
        with store.read() as connection:
            names = inspect(connection).get_table_names()
            return {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one() for name in names}

    return count

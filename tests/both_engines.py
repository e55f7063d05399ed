"""Each test that opens a store runs on SQLite and on PostgreSQL; a test that opens none runs once.

In: `--engine` (or MONITOR_TEST_ENGINES): `sqlite`, `postgresql`, or both with a comma, which is the default. Out: the
fixture `engine`; whatever opens a store in a test asks for it, so each test that uses such a fixture runs on both.
What would surprise: the server starts with the first test that wants it, one for each test process, and ends with it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.engines import SQLITE, Engine, Postgresql
from tests.postgres import NoServer, Server

ENGINES = ("sqlite", "postgresql")
VARIABLE = "MONITOR_TEST_ENGINES"
Finalizer = Callable[[], None]


class Owners:
    """Who lets go of a database: the fixture or the test that is being set up or run when it is made."""

    def __init__(self) -> None:
        self._open: list[Callable[[Finalizer], None]] = []
        self.at_the_end: list[Finalizer] = []

    @contextmanager
    def owner(self, add: Callable[[Finalizer], None]) -> Iterator[None]:
        self._open.append(add)
        try:
            yield
        finally:
            self._open.pop()

    def made(self, let_go: Finalizer) -> None:
        (self._open[-1] if self._open else self.at_the_end.append)(let_go)


OWNERS = pytest.StashKey[Owners]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        default=os.environ.get(VARIABLE) or None,
        help=f"the databases that stores lie in: {', '.join(ENGINES)}; default both",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OWNERS] = Owners()
    if unknown := set(chosen(config)) - set(ENGINES):
        raise pytest.UsageError(f"--engine knows {', '.join(ENGINES)}, not {', '.join(sorted(unknown))}")


def chosen(config: pytest.Config) -> tuple[str, ...]:
    said = config.getoption("--engine")
    return tuple(name.strip() for name in said.split(",")) if said else ENGINES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" not in metafunc.fixturenames:
        return
    only = {name for name in ENGINES if metafunc.definition.get_closest_marker(f"{name}_only")}
    names = [name for name in chosen(metafunc.config) if name in (only or ENGINES)]
    if metafunc.definition.get_closest_marker("one_engine"):  # that of the first name given
        names = names[:1]
    metafunc.parametrize("engine", names, indirect=True, scope="session")


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> Iterator[None]:
    with request.config.stash[OWNERS].owner(fixturedef.addfinalizer):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with item.config.stash[OWNERS].owner(item.addfinalizer):
        return (yield)


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """The server of this test process. Where there is none, that fails what was asked for; else it is skipped."""
    try:
        server = Server()
    except NoServer as missing:
        if pytestconfig.getoption("--engine") or os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    with server:
        yield server


@pytest.fixture(scope="session")
def engines() -> dict[str, Engine]:
    """The engines of this process by name, as they are first asked for."""
    return {SQLITE.name: SQLITE}


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest, engines: dict[str, Engine]) -> Engine:
    """The engine of this test."""
    if request.param not in engines:
        server = request.getfixturevalue("postgresql_server")
        engines[request.param] = Postgresql(server, request.config.stash[OWNERS].made)
    return engines[request.param]


@pytest.fixture(scope="session")
def once(pytestconfig: pytest.Config) -> Iterator[Callable[[Engine, str, Callable[[], Any]], Any]]:
    """`once(engine, name, make)`: what `make` gave, made once for each engine, with its databases, until the end.

    A session fixture that depends on `engine` is made anew whenever pytest goes from one engine to the other.
    """
    owners = pytestconfig.stash[OWNERS]
    kept: dict[tuple[str, str], Any] = {}

    def made_once(engine: Engine, name: str, make: Callable[[], Any]) -> Any:
        if (engine.name, name) not in kept:
            with owners.owner(owners.at_the_end.append):
                kept[engine.name, name] = make()
        return kept[engine.name, name]

    yield made_once
    kept.clear()

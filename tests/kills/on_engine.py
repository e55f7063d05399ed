"""The stages on a store that lies on either engine, for what is compared by counts and by the freeze's digest.

What would surprise: numbers of rows are not compared, because a server's sequences leave gaps where a transaction was
broken off; how many rows there are is, and every fact that a freeze has.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.engines import URL_VARIABLE, Engine
from tests.kills.conftest import Bench
from tests.kills.harness import Ended, Moment

COUNTED = ("inputs", "records", "reports", "targets", "hosts", "addresses", "notices", "checks", "attributions")


class OnEngine:
    """A store on one of the engines, and commands on it."""

    def __init__(self, bench: Bench, engine: Engine) -> None:
        self.bench, self.engine = bench, engine
        self.place = bench.after().copy(bench.scratch())
        self.url = engine.url(self.place.data)
        self.env: Mapping[str, str] = {URL_VARIABLE: self.url} if self.url else {}

    def run(self, *names: str) -> list[Ended]:
        """Stages one after the other."""
        ran = [self.bench.parent.run(self.place, self.bench.stages[name].words, env=self.env) for name in names]
        assert {each.status for each in ran} <= {0, 3}, [each.err for each in ran]
        return ran

    def killed(self, name: str, moment: Moment) -> Ended:
        return self.bench.parent.run(self.place, self.bench.stages[name].words, moment.at, moment.later, self.env)

    def at_once(self, *commands: Sequence[object]) -> list[Ended]:
        started = [self.bench.parent.start(self.place, words, env=self.env) for words in commands]
        return [self.bench.parent.wait(each) for each in started]

    def counts(self) -> dict[str, int]:
        return {name: self.engine.rows(self.place.data, f"SELECT count(*) FROM {name}")[0][0] for name in COUNTED}

    def freeze(self) -> str:
        said: Any = json.loads(self.run("freeze")[0].out)
        return str(said["digest"])


def digest_of(bench: Bench) -> str:
    """That of the undisturbed freeze, on SQLite."""
    return str(bench.known("freeze").said[0]["digest"])


def known_counts(bench: Bench, name: str) -> dict[str, int]:
    return {table: n for table, n in bench.known(name).one.counts.items() if table in COUNTED}

"""One Check with a request that is made up: what a fault of our own leaves behind."""

import asyncio
from datetime import UTC, datetime

import pytest

from monitor.config import Resolvers
from monitor.intake.hosts import host_of
from monitor.model.method import Thresholds
from monitor.model.observation import Check, Observation, Standing, Surroundings
from monitor.model.report import Address
from monitor.model.words import DnsStatus, ExchangeError, GetReason, Method, Outcome, Phase, Purpose
from monitor.observation import judge
from spiders.checking import Checker
from spiders.seen import Order, Seen
from tests.spiders.conftest import settings_with

START = datetime(2026, 3, 1, tzinfo=UTC)
PLACES = tuple(Address(bytes([127, 0, 0, n])) for n in (1, 2, 3))
PICTURE = Seen(Phase.DONE, None, 200, {b"content-type": b"image/png", b"etag": b'"1"'})
NOT_FOUND = Seen(Phase.DONE, None, 404)
REFUSED = Seen(Phase.CONNECT, ExchangeError.REFUSED)
HOME = Seen(Phase.DONE, None, 302, {b"location": b"/"})


def observed(*answers: Seen | Exception) -> Observation:
    """The answers in the order of the requests; an exception is a fault of ours."""
    to_come = iter(answers)

    async def ask(_url: str, _method: Method, _order: Order) -> Seen:
        answer = next(to_come)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def make() -> Observation:
        settings = settings_with(Resolvers(), permit_get=True)
        check = Check(1, 1, "http://site.example/a", host_of("site.example"), PLACES, (DnsStatus.ANSWERED,))
        return await Checker(settings, ask, lambda: START).observe(check, lambda: None)

    return asyncio.run(make())


@pytest.mark.parametrize(
    ("before", "purpose", "method"),
    [
        ((), Purpose.TARGET, Method.HEAD),
        ((REFUSED, REFUSED), Purpose.TARGET, Method.HEAD),
        ((NOT_FOUND,), Purpose.TARGET, Method.GET),
        ((HOME,), Purpose.REDIRECT, Method.HEAD),
        ((HOME, NOT_FOUND), Purpose.REDIRECT, Method.GET),
    ],
)
@pytest.mark.parametrize(("fault", "error"), [(KeyError("x"), None), (TimeoutError(), ExchangeError.TIMEOUT)])
def test_a_fault_of_ours_ends_a_check_with_what_was_seen_so_far(before, purpose, method, fault, error):
    """What it was about to ask is noted as not tried, and the reading is inconclusive, whatever came before."""
    seen = observed(*before, fault)
    *earlier, last = seen.exchanges
    assert [each.status for each in earlier] == [each.status for each in before]
    assert (last.purpose, last.method, last.phase, last.error) == (purpose, method, Phase.NOT_TRIED, error)
    assert last.get_reason is (GetReason.HEAD_NOT_FOUND if method is Method.GET else None)
    assert judge(seen, Standing(), Surroundings(), Thresholds())[0].outcome is Outcome.INCONCLUSIVE


def test_a_fault_of_ours_at_the_made_up_path_confirms_nothing():
    """What the URL itself answered stands."""
    seen = observed(PICTURE, ValueError("x"))
    assert [each.purpose for each in seen.exchanges] == [Purpose.TARGET, Purpose.SIBLING]
    assert judge(seen, Standing(), Surroundings(), Thresholds())[0].rule == "first-media-1"

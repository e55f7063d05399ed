"""Turns: one check of a site at a time with a pause after it, one connection to an address, so many places in all."""

import asyncio
import time

import pytest

from monitor.model.report import Address
from spiders.politeness import Politeness


def address(n: int) -> Address:
    return Address(n.to_bytes(4, "big"))


class Watch:
    """Counts who is inside."""

    def __init__(self, politeness: Politeness) -> None:
        self.politeness = politeness
        self.inside: dict[object, int] = {}
        self.most: dict[object, int] = {}
        self.order: list[int] = []
        self.times: list[float] = []

    async def check(self, number: int, site: str, *addresses: int, seconds: float = 0.0) -> None:
        async with self.politeness.site(site):
            self.enter(site)
            for each in addresses:
                async with self.politeness.address(address(each)):
                    self.enter(each), self.enter("all")
                    self.order.append(number)
                    self.times.append(time.monotonic())
                    await asyncio.sleep(seconds)
                    self.leave(each), self.leave("all")
            self.leave(site)

    def enter(self, what: object) -> None:
        self.inside[what] = self.inside.get(what, 0) + 1
        self.most[what] = max(self.most.get(what, 0), self.inside[what])

    def leave(self, what: object) -> None:
        self.inside[what] -= 1


def run(concurrency: int, pause: float, checks: list[tuple], seconds: float = 0.0) -> Watch:
    async def all_of_them() -> Watch:
        watch = Watch(Politeness(concurrency, pause))
        await asyncio.gather(*(watch.check(n, *check, seconds=seconds) for n, check in enumerate(checks)))
        return watch

    return asyncio.run(all_of_them())


def test_who_will_not_wait_longer_leaves_the_line_to_the_others():
    """For an address or for a place: TimeoutError at the time given, and the next one gets the turn."""

    async def wait(concurrency: int, *addresses: int) -> list[str]:
        politeness, told = Politeness(concurrency, 0), list[str]()

        async def take(name: str, number: int, seconds: float, patience: float | None) -> None:
            until = None if patience is None else asyncio.get_running_loop().time() + patience
            try:
                async with politeness.address(address(number), until):
                    told.append(name)
                    await asyncio.sleep(seconds)
            except TimeoutError:
                told.append(f"{name} left")

        first, second, third = addresses
        await asyncio.gather(take("a", first, 0.2, 0.1), take("b", second, 0, 0.1), take("c", third, 0, None))
        async with politeness.address(address(second)):
            told.append("free again")
        return told

    assert asyncio.run(wait(8, 1, 1, 1)) == ["a", "b left", "c", "free again"]
    assert asyncio.run(wait(1, 1, 2, 3)) == ["a", "b left", "c", "free again"]


def test_an_address_has_one_connection_at_a_time():
    """Whatever the sites: 20 checks of one address go one after another, in the order in which they came."""
    watch = run(8, 0, [(f"site{n}", 1) for n in range(20)], 0.001)
    assert watch.most[1] == 1
    assert watch.order == list(range(20))


def test_no_more_connections_than_configured_are_open():
    """40 addresses, 8 places."""
    assert run(8, 0, [(f"site{n}", n) for n in range(40)], 0.005).most["all"] == 8


def test_a_site_is_checked_once_at_a_time_also_at_several_addresses():
    """The site's checks wait for each other."""
    assert run(8, 0, [("site", n) for n in range(10)], 0.002).most["site"] == 1


def test_a_pause_lies_between_two_checks_of_a_site():
    """From the end of one to the beginning of the next; other sites go on meanwhile."""
    watch = run(8, 0.05, [("site", 1), ("site", 2), ("site", 3), ("other", 4)])
    one, other, two, three = watch.times
    assert other - one < 0.04
    assert two - one >= 0.049
    assert three - two >= 0.049


def test_checks_that_need_each_others_addresses_do_not_block_each_other():
    """Crossed redirects: nobody waits for an address while holding another."""
    watch = run(2, 0, [("a", 1, 2), ("b", 2, 1), ("c", 1, 2), ("d", 2, 1)], 0.001)
    assert len(watch.order) == 8


def test_a_check_that_is_cancelled_hands_its_turn_on():
    """Both while it waits and while it is inside: the last one still gets its turn and nothing is left over."""

    async def cancelled() -> Watch:
        watch = Watch(Politeness(1, 0))
        tasks = [asyncio.create_task(watch.check(n, f"site{n % 2}", n % 3, seconds=0.01)) for n in range(30)]
        await asyncio.sleep(0.03)
        for n in range(0, 29, 2):
            tasks[n].cancel()
            await asyncio.sleep(0)
        await asyncio.gather(*tasks, return_exceptions=True)
        return watch

    watch = asyncio.run(cancelled())
    assert 29 in watch.order
    assert not watch.politeness._sites
    assert not watch.politeness._addresses
    assert watch.politeness._free == 1


@pytest.mark.parametrize("n_addresses", [1, 200])
def test_twenty_thousand_checks_cost_the_same_each(n_addresses):
    """Nothing quadratic: ten times the checks take less than thirty times as long."""

    def seconds(n: int) -> float:
        begun = time.process_time()
        run(64, 0, [(f"site{k % 2000}", k % n_addresses) for k in range(n)])
        return time.process_time() - begun

    assert seconds(20_000) < 60 * max(seconds(2_000), 0.01)

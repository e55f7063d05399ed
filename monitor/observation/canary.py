"""Was our own network well while a run was made? What the canaries and the run as a whole say about each Observation.

In: the Observations of one run with the host and the network of each, the canaries asked before and after, and who
answered in the hour before. Out: `Surroundings`, aligned. What would surprise: a canary speaks for one vantage and one
IP version, and an Observation is void when any exchange that its reading can rest on used one that was not well, a 2xx
as much as a refusal. Exchanges that failed before another address answered decide nothing and do not count.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import TypeAlias

from monitor.config import Canary
from monitor.model.observation import CanaryReading, Exchange, Observation, Standing, Surroundings
from monitor.model.report import Address
from monitor.model.words import ExchangeError, Phase, Purpose
from monitor.observation.view import shows_server

Way: TypeAlias = tuple[str, int]
"""A vantage and an IP version."""
Answer: TypeAlias = tuple[str, int, int, int]
"""Vantage, network, IP version and host of somebody who answered with an HTTP status, and not in a void reading."""

UNKNOWN = -1
"""A network that is not known, or no one host."""
NEIGHBOURS_WITHIN = timedelta(hours=1)
"""How long before a run's start another run may have begun in which a neighbour answered."""
_SILENT = frozenset((ExchangeError.TIMEOUT, ExchangeError.UNREACHABLE))


class Health(IntEnum):
    """What the canaries say of one way out; the worse one wins."""

    WELL = 0
    UNKNOWN_AFTER = 1  # well before the checks, not asked after them: broken off
    UNWELL = 2


@dataclass(frozen=True, slots=True)
class Probed:
    """One Observation of the run, its host's key, and the network of its address (-1: not known).

    Where the host did not resolve, the network is that of its last known address. `failing_before`: by its last reading
    before this run it was gone, silent or without a name server that answers, so that it does not fail "at once".
    """

    observation: Observation
    host_id: int
    network: int
    failing_before: bool = False


def survey(
    probed: Sequence[Probed],
    canaries: Sequence[CanaryReading],
    broken_off: bool,
    settings: Canary,
    lately: Iterable[Answer] = (),
) -> tuple[Surroundings, ...]:
    """The Surroundings of each of `probed`, all of one run. `lately`: who answered in the hour before it."""
    ways = _health(canaries, broken_off)
    voids = [_is_void(each.observation, ways) for each in probed]
    failing = _failing_vantages([each for each, void in zip(probed, voids, strict=True) if not void], settings)
    voids = [void or each.observation.vantage in failing for each, void in zip(probed, voids, strict=True)]
    answered = _answered((each for each, void in zip(probed, voids, strict=True) if not void), lately)
    return tuple(
        Surroundings(void, not void and _neighbours_reached(each, answered))
        for each, void in zip(probed, voids, strict=True)
    )


# --- the canaries


def ways_out(before: Sequence[CanaryReading]) -> set[Way]:
    """Those that the canaries asked before the checks found well: by any other one nothing is asked."""
    return {way for way, health in _health(before, broken_off=True).items() if health is not Health.UNWELL}


def _health(canaries: Sequence[CanaryReading], broken_off: bool) -> dict[Way, Health]:
    """Each way out that was asked for. Several canaries of one way: more than half have to be healthy each time.

    A single one that is down says more about itself than about our network; two of two, or one of two, do not.
    """
    asked: Counter[tuple[Way, bool]] = Counter()
    healthy: Counter[tuple[Way, bool]] = Counter()
    for each in canaries:
        key = ((each.vantage, each.family), each.after)
        asked[key] += 1
        healthy[key] += each.healthy
    ways = {way for way, _ in asked}
    return {way: _of_way(way, asked, healthy, broken_off) for way in ways}


def _of_way(way: Way, asked: Counter[tuple[Way, bool]], healthy: Counter[tuple[Way, bool]], broken_off: bool) -> Health:
    before, after = (way, False), (way, True)
    if 2 * healthy[before] <= asked[before] or (asked[after] and 2 * healthy[after] <= asked[after]):
        return Health.UNWELL  # also where nothing was asked before: 0 <= 0
    return Health.UNKNOWN_AFTER if broken_off or not asked[after] else Health.WELL


def _is_void(observation: Observation, ways: dict[Way, Health]) -> bool:
    vantage = observation.vantage
    tried = (each for each in _decisive(observation) if each.phase is not Phase.NOT_TRIED)
    families = {_family(each.address) for each in tried if each.address is not None}
    if families:
        worst = max(ways.get((vantage, family), Health.UNWELL) for family in families)
    else:  # names alone: the resolvers serve the canaries too, and one way out that is well is enough to reach them
        worst = min((health for way, health in ways.items() if way[0] == vantage), default=Health.UNWELL)
    return worst is Health.UNWELL or (worst is Health.UNKNOWN_AFTER and not _answers_for_certain(observation))


def _decisive(observation: Observation) -> Iterable[Exchange]:
    """The exchanges that a reading can rest on: those that were answered, or all where the last one was not."""
    end = observation.end
    if end is None or end.status is None:
        return observation.exchanges
    return [each for each in observation.exchanges if each.status is not None]


def _answers_for_certain(observation: Observation) -> bool:
    """Whether the server itself answered 2xx, and no rule can make OFFLINE of it: that takes a redirect or a sibling.

    A run that was broken off has no closing canary; a broken network can take answers away, and makes none up.
    """
    end, sibling = observation.end, observation.sibling
    if end is None or end.purpose is not Purpose.TARGET or not _is_2xx(end):
        return False
    return sibling is None or not _is_2xx(sibling)


def _family(address: Address) -> int:
    return 4 if len(address) == 4 else 6


def _is_2xx(exchange: Exchange) -> bool:
    return exchange.status is not None and 200 <= exchange.status < 300


# --- the run as a whole


def _failing_vantages(probed: Sequence[Probed], settings: Canary) -> set[str]:
    """The vantages from which too many networks failed at once; all others too where that holds for the rest.

    Each by itself first: a proxy that serves the canary and nobody else is no reason to doubt what was seen without it.
    """
    parts: dict[str, list[Probed]] = {}
    for each in probed:
        parts.setdefault(each.observation.vantage, []).append(each)
    failing = {vantage for vantage, part in parts.items() if _too_many_fail(part, settings)}
    rest = [each for each in probed if each.observation.vantage not in failing]
    return set(parts) if _too_many_fail(rest, settings) else failing


def _too_many_fail(probed: Iterable[Probed], settings: Canary) -> bool:
    """A network fails when no server of it showed itself: silent, refusing, unreachable, or by name already."""
    reached: dict[int, bool] = {}
    for each in probed:
        shown = _has_shown_server(each.observation)
        if each.network != UNKNOWN and (shown or not each.failing_before) and _was_tried(each.observation):
            reached[each.network] = reached.get(each.network, False) or shown
    n_failing = sum(not got_there for got_there in reached.values())
    return len(reached) >= settings.fewest_networks and n_failing > settings.most_failing * len(reached)


def _was_tried(observation: Observation) -> bool:
    """Not where our own rules forbade every address or port: that says nothing about the network."""
    exchanges = observation.exchanges
    return not exchanges or any(each.phase is not Phase.NOT_TRIED for each in exchanges)


def _has_shown_server(observation: Observation) -> bool:
    """Whether one of the host's own addresses took the connection, or spoke; a redirect's target is somebody else.

    What comes after (a reset, a failed handshake, no HTTP) may be how that network always treats us. Nobody is taken
    for gone by it, so it needs no doubt about our own network.
    """
    return any(shows_server(each) for each in observation.exchanges if each.purpose is Purpose.TARGET)


# --- the neighbours


def needs_neighbours(observation: Observation, standing: Standing, silent_hours: float) -> bool:
    """Whether it may depend on a neighbour what this Observation of a Target that has long been silent comes to."""
    since = standing.silent_since
    if since is None or observation.observed_at - since < timedelta(hours=silent_hours):
        return False
    return any(each.error in _SILENT for each in observation.exchanges if each.purpose is Purpose.TARGET)


def _answered(probed: Iterable[Probed], lately: Iterable[Answer]) -> dict[tuple[str, int, int], int]:
    """By vantage, network and IP version: the host that answered with an HTTP status, -1 where several did."""
    hosts: dict[tuple[str, int, int], int] = {}
    for vantage, network, family, host_id in (*lately, *_answers(probed)):
        if network != UNKNOWN and hosts.setdefault((vantage, network, family), host_id) != host_id:
            hosts[vantage, network, family] = UNKNOWN
    return hosts


def _answers(probed: Iterable[Probed]) -> Iterable[Answer]:
    for each in probed:
        for one in each.observation.exchanges:
            if one.purpose is Purpose.TARGET and one.status is not None and one.address is not None:
                yield each.observation.vantage, each.network, _family(one.address), each.host_id


def _neighbours_reached(each: Probed, answered: dict[tuple[str, int, int], int]) -> bool:
    """Whether another host of its network answered, over each IP version that was tried here.

    A status is asked for, not a connection alone: a box on our side of the way can accept connections.
    """
    tried = {_family(one.address) for one in each.observation.exchanges if one.address is not None}
    keys = [(each.observation.vantage, each.network, family) for family in tried]
    return bool(keys) and all(answered.get(key, each.host_id) != each.host_id for key in keys)

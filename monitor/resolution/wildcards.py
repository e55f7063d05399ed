"""Whether every name under a parent answers: one made-up name asked about, once per parent and run.

What would surprise: a host answers "alike" when one address is the same; names at a large host often get a few of
many addresses by turns.
"""

import asyncio
import random
from dataclasses import replace

import dns.name
import dns.rdatatype

from monitor.model.report import Address
from monitor.model.resolution import Resolution
from monitor.model.words import DnsStatus
from monitor.resolution.chain import find
from monitor.resolution.names import made_up, parent_of
from monitor.resolution.question import Client

_MOST_PARENTS = 50_000
"""Beyond this many the answers are forgotten, and asked for anew."""

_Key = tuple[dns.name.Name, dns.rdatatype.RdataType]
_Siblings = frozenset[Address] | None  # addresses of the made-up name; None: it could not be asked


class Wildcards:
    """Asks the first resolver; one object for each run."""

    __slots__ = ("_asked", "_client", "_longest_chain", "_rng")

    def __init__(self, client: Client, longest_chain: int, rng: random.Random) -> None:
        self._client, self._longest_chain, self._rng = client, longest_chain, rng
        self._asked: dict[_Key, asyncio.Future[_Siblings]] = {}

    async def marked(self, name: dns.name.Name, resolutions: tuple[Resolution, ...]) -> tuple[Resolution, ...]:
        """The Resolutions, those that are ANSWERED with `wildcard` where it could be asked."""
        parent = parent_of(name)
        answered = [each for each in resolutions if each.status is DnsStatus.ANSWERED]
        if parent is None or not answered:
            return resolutions
        has_ipv4 = any(len(each.address) == 4 for one in answered for each in one.addresses)
        siblings = await self._once((parent, dns.rdatatype.A if has_ipv4 else dns.rdatatype.AAAA))
        if siblings is None:
            return resolutions
        return tuple(
            replace(each, wildcard=any(one.address in siblings for one in each.addresses))
            if each.status is DnsStatus.ANSWERED
            else each
            for each in resolutions
        )

    def close(self) -> None:
        """Give up what is still being asked."""
        for asked in self._asked.values():
            asked.cancel()

    async def _once(self, key: _Key) -> _Siblings:
        asked = self._asked.get(key)
        if asked is None:
            if len(self._asked) >= _MOST_PARENTS:
                self._asked.clear()
            asked = self._asked[key] = asyncio.ensure_future(self._ask(*key))
        return await asyncio.shield(asked)  # another host may wait for it too

    async def _ask(self, parent: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> _Siblings:
        found = await find(self._client, made_up(parent, self._rng), rdtype, longest_chain=self._longest_chain)
        if found.status in (DnsStatus.ANSWERED, DnsStatus.NXDOMAIN, DnsStatus.NO_DATA):
            return frozenset(address for address, _ in found.addresses)
        return None

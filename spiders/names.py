"""The addresses of a redirect's host: asked of the configured resolvers, kept for as long as the answers allow.

What would surprise: an address that may not be connected to is told apart from no address at all; and a name that
several checks are led to at once is asked about once.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import aclosing
from datetime import datetime
from ipaddress import ip_network

from monitor.config import Resolvers
from monitor.errors import ConfigError
from monitor.model.report import Address, Host
from monitor.model.words import ExchangeError
from monitor.observation.policy import Policy
from monitor.resolution import Cache, Options, resolve_hosts

_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_LENGTHS = {4: 4, 6: 16}
_MOST_KEPT = 20_000

Found = tuple[Address, ...] | ExchangeError


class Names:
    """For one event loop. `now` tells the parent's time."""

    def __init__(self, resolvers: Resolvers, policy: Policy, now: Callable[[], datetime]) -> None:
        self._resolvers = resolvers.model_copy(update={"concurrency": 1})  # one host a question here
        self._policy, self._now, self._cache = policy, now, Cache(_MOST_KEPT)
        self._options = Options(treat_as_global=_LOOPBACK if policy.loopback else (), wildcards=False, batch=1)
        self._asking: dict[str, asyncio.Task[tuple[Address, ...]]] = {}

    async def addresses(self, host: Host, families: Collection[int] = (4, 6)) -> Found:
        """Those that may be connected to over these IP versions, IPv4 first; else UNRESOLVED or ADDRESS_FORBIDDEN."""
        found = (host.address,) if host.address is not None else await self._asked(host)
        lengths = [_LENGTHS[family] for family in families]
        found = tuple(address for address in found if len(address) in lengths)
        if not found:
            return ExchangeError.UNRESOLVED
        allowed = sorted(filter(self._policy.address_allowed, found), key=len)
        return tuple(allowed) or ExchangeError.ADDRESS_FORBIDDEN

    async def _asked(self, host: Host) -> tuple[Address, ...]:
        running = self._asking.get(host.name)
        if running is None:
            running = self._asking[host.name] = asyncio.ensure_future(self._ask(host))
            running.add_done_callback(lambda _: self._asking.pop(host.name))
        return await asyncio.shield(running)

    async def _ask(self, host: Host) -> tuple[Address, ...]:
        found: dict[Address, None] = {}
        try:
            answers = resolve_hosts(
                [(0, host)], self._resolvers, options=self._options, cache=self._cache, now=self._now
            )
            async with aclosing(answers):
                async for batch in answers:
                    for resolution in batch.resolutions:
                        found.update(dict.fromkeys(each.address for each in resolution.addresses))
        except ConfigError:  # fewer than two resolvers, or no socket left: nothing is known of the name
            return ()
        return tuple(found)

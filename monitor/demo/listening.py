"""Ends asyncio's listening sockets without losing a connection that is being accepted.

In: the servers of one loop. Out: nothing; they no longer listen. What would surprise: in Python 3.11, `Server.close()`
between the accepting of a connection and the making of its transport leaves that socket open until it is collected.
"""

import asyncio
from collections.abc import Iterable

_ROUNDS = 3
"""Of the loop: an accepted connection has its transport, and its protocol was told so."""


async def stop_listening(servers: Iterable[asyncio.Server]) -> None:
    """Accept no more, let what was accepted arrive, then close."""
    servers = list(servers)
    loop = asyncio.get_running_loop()
    for server in servers:
        for sock in server.sockets:
            loop.remove_reader(sock.fileno())
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
    for server in servers:
        server.close()

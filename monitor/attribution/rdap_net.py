"""The joint with ipwhois: its `RDAP.lookup` asks through a `Net` of ours, which asks one question and keeps the answer.

What we use of it and what not is in docs/decisions/007-asking-registries.md. What would surprise: its reading of the
answer is only passed over, because it stumbles over nulls that registries send; `rdap_document` reads the answer.
"""

import ipaddress
import logging
from collections.abc import Callable

from ipwhois.exceptions import BaseIpwhoisException  # type: ignore[import-untyped]
from ipwhois.net import Net  # type: ignore[import-untyped]
from ipwhois.rdap import RDAP  # type: ignore[import-untyped]

from monitor.attribution.rdap_http import NotAnswered
from monitor.model.report import Address
from monitor.model.words import RegistrationStatus

_STUMBLES = (BaseIpwhoisException, AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What ipwhois raises on answers that are fine but have a null, a missing handle, or no start address."""

_LOGGERS = ("ipwhois.net", "ipwhois.rdap", "ipwhois.utils")


class QuietNet(Net):  # type: ignore[misc] # ipwhois has no types
    """Net for one question. Needs no resolver file, asks no DNS, no port 43 and no second question."""

    def __init__(self, address: Address, ask: Callable[[], dict[str, object]]) -> None:
        # Not Net.__init__: that reads the resolver file, looks the address up in a list of special ranges, and
        # prepares questions to port 53 and 43. RDAP needs nothing but the address.
        self.address = ipaddress.ip_address(address)
        self.address_str = str(self.address)
        self.version = self.address.version
        self.received: dict[str, object] | None = None
        self._ask: Callable[[], dict[str, object]] | None = ask

    def __repr__(self) -> str:
        return "<QuietNet>"

    def get_http_json(self, *_: object, **__: object) -> dict[str, object]:
        """The one answer, in place of ipwhois's own HTTP. The URL is ours: after a redirect ipwhois cannot know it."""
        if self._ask is None:
            raise NotAnswered(RegistrationStatus.REFUSED)
        ask, self._ask = self._ask, None
        self.received = ask()
        return self.received


def look_up(address: Address, ask: Callable[[], dict[str, object]]) -> dict[str, object]:
    """One registry's answer for one address, as received. Raises what `ask` raises."""
    _silence()
    net = QuietNet(address, ask)
    try:
        # bootstrap: no AS number is asked for; depth and root_ent_check: no entity is.
        RDAP(net).lookup(bootstrap=True, depth=0, root_ent_check=False, retry_count=0, rate_limit_timeout=0)
    except _STUMBLES:
        if net.received is None:
            raise
    if net.received is None:
        raise NotAnswered(RegistrationStatus.MALFORMED)
    return net.received


def _nothing(_: logging.LogRecord) -> bool:
    return False


def _silence() -> None:
    """ipwhois logs addresses and URLs. `addFilter` adds each filter once."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_nothing)

"""How resolution goes about its work where no setting says so; never configurable by the user."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

Networks = tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """`treat_as_global` exists because the tests and the sample use documentation addresses."""

    treat_as_global: Networks = ()
    first_wait_seconds: float = 0.25  # before the second try; doubled before each further one
    batch: int = 500  # hosts handed out at a time
    wildcards: bool = True  # whether made-up names are asked about

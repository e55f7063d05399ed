"""Hosts in, Resolutions out: all A and AAAA, rcode, CNAME chain and TTL from at least two configured resolvers.

What would surprise: nothing is asked of the machine's own resolver, no failure is an exception (each is a
Resolution with its status), and the name asked about appears in no message, log or repr of this package.
"""

from monitor.resolution.cache import Cache
from monitor.resolution.kinds import kind_of
from monitor.resolution.options import Options
from monitor.resolution.resolve import Answers, resolve, resolve_hosts
from monitor.resolution.resolvers import Resolver, parse_resolvers

__all__ = ["Answers", "Cache", "Options", "Resolver", "kind_of", "parse_resolvers", "resolve", "resolve_hosts"]

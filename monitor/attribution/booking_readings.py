"""Who holds the address of each reading, and what each Target's notices were booked by -> what its readings can say.

A reading counts as elsewhere only where that is known. So nobody is known in a role
- where a party that stands in cannot be told from the booked one (`booking_alike`);
- at an address behind which a report of the Target states an origin that is known (like a listed proxy's address).

What would surprise: readings are compared with all notices of their Target at once, for they bear one code a role.
"""

from dataclasses import replace

import numpy as np

from monitor.attribution.booking_addresses import reported
from monitor.attribution.booking_alike import Grouped, alike
from monitor.attribution.booking_holders import Held
from monitor.attribution.booking_roles import Booked
from monitor.model.columns import UNKNOWN, Codes, Facts, Flags
from monitor.model.words import Role


def comparable(facts: Facts, read: Held, booked: Booked) -> Held:
    """`read` (one entry per reading) with -1 where it cannot be compared with what was booked."""
    mine = Grouped(facts.readings.target_id, read)
    network = alike(Role.NETWORK, mine, _booked_by(facts, booked, Role.NETWORK))
    customer = alike(Role.CUSTOMER, mine, _booked_by(facts, booked, Role.CUSTOMER))
    hidden = _hidden(facts, booked) & ~read.fronted
    return replace(
        read,
        fronted=read.fronted | hidden,
        network=_without(read.network, network | hidden),
        as_=_without(read.as_, hidden),  # whose proxy it is no table says
        customer=_without(read.customer, customer | hidden),
    )


def _booked_by(facts: Facts, booked: Booked, role: Role) -> Grouped:
    """The holders that the notices were booked by in a role: of their addresses, or of their origins.

    A proxy's party is one by its AS as well: it shares the clock of the role network.
    """
    hosted = ~booked.proxied & (booked.roles[role].provider != UNKNOWN)
    proxied = booked.proxied & (booked.roles[Role.PROXY].provider != UNKNOWN) & (role is Role.NETWORK)
    notice = booked.addresses.notice
    direct = hosted[notice] & ~booked.held.fronted
    at_address, at_origin = direct | proxied[notice], hosted & booked.by_origin
    target = facts.notices.target_id
    return Grouped(
        np.concatenate((target[notice[at_address]], target[at_origin])),
        Held(
            **{
                name: np.concatenate((column[at_address], booked.origin.arrays()[name][at_origin]))
                for name, column in booked.held.arrays().items()
            }
        ),
    )


def _hidden(facts: Facts, booked: Booked) -> Flags:
    """Which readings are at an address behind which a report of their Target states an origin that is known."""
    stated = np.flatnonzero(booked.origin_known)
    ip = reported(facts, facts.reports.address)[stated]
    n = int(max(facts.readings.address.max(initial=0), ip.max(initial=0))) + 2
    at = facts.readings.target_id * n + facts.readings.address + 1
    return np.isin(at, facts.notices.target_id[stated] * n + ip + 1)


def _without(codes: Codes, mask: Flags) -> Codes:
    return np.where(mask, UNKNOWN, codes).astype(np.int32)

"""`book` beside a loop over notices and addresses, written from `measurement.md` section 2, on random facts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.method import Thresholds

ENUM = tuple(
    """old-reading stated-address own-resolution later-resolution stated-origin stated-proxy as-stands-in changed-since
    undated person no-customer old-table table-made-later proxy-by-as proxy-later overridden""".split()  # noqa: SIM905 (a list of words to be read)
)
REASONS = ("no-address", "no-table", "no-prefix", "several-origins")
BASIS_DOUBT = {"report": "stated-address", "resolution": "own-resolution", "later-resolution": "later-resolution"}
HOSTING = ("as", "customer", "network")
TABLE_DAYS, LATER_DAYS, REPORT_DAY = 4, 2, 3


def newest(entries, address, day):
    """The entry of an address in force on a day."""
    found = [e for e in entries if e["address"] == address and (e["day"] is None or e["day"] <= day)]
    return max(found, key=lambda e: -99 if e["day"] is None else e["day"], default=None)


def owner(world, what, day):
    """Who an AS (by its letter) or an organisation is on a day: the last claim that holds, else the registry."""
    for provider, subject, start, end in reversed(world.claims):
        holds = (start is None or start <= day) and (end is None or day < end)
        if subject == what and holds and provider not in world.merged:
            return provider
    return what and world.merged.get(what, what)


def at_address(world, address, day):
    """(fronted, reason, {role: (provider, doubts, number)}) of one address on a day.

    Beside the roles, `known` has the origin AS, the holder and the customer, None where nobody is named.
    """
    route = newest(world.routes, address, day) if address != -1 else None
    if route is None:
        as_, reason, number, tables = None, "no-address" if address == -1 else "no-table", -1, ()
        route = {"front": None}
    else:
        table = route.get("table", route["day"])
        made = route.get("made", table)
        tables = ("old-table",) * (table is not None and day - table > TABLE_DAYS)
        tables += ("table-made-later",) * (made is not None and day < made)
        number = world.number(route["provider"])
        as_ = owner(world, route["provider"], day)
        reason = None if as_ else route.get("reason", "no-prefix")
        if route.get("origins"):
            owners = {owner(world, letter, day) for letter in route["origins"]}
            as_, reason = (owners.pop(), None) if len(owners) == 1 else (None, "several-origins")
    if route["front"] is not None:
        by_as = (*tables, "proxy-by-as")  # no Provider of these worlds bears a proxy's name
        return True, reason, dict.fromkeys((*HOSTING, "proxy"), (as_, by_as, number)) | {"known": (as_, None, None)}
    listed = [-99 if e["day"] is None else e["day"] for e in world.routes if e["address"] == address and e["front"]]
    later = ("proxy-later",) * (bool(listed) and min(listed) > day)
    entry = (newest(world.registered, address, day) if address != -1 else None) or {}
    claimed = entry.get("claimed") if entry.get("claimed") not in world.merged else None
    holder, named, doubt = (
        owner(world, entry.get("holder"), day),
        owner(world, entry.get("customer"), day),
        entry.get("doubt"),
    )
    person = ("person",) * (doubt == "person")
    used = () if doubt in (None, "person") else (doubt,)
    if claimed:
        network = claimed, (), number
    elif holder:
        network = holder, used, number
    else:
        network = as_, ("as-stands-in", *person, *tables), number
    if named:
        customer = named, used, number
    elif claimed:
        customer = claimed, (), number
    else:
        customer = network[0], (*network[1], "no-customer", *person), number
    roles = {"as": (as_, tables, number), "network": network, "customer": customer}
    roles = {role: (provider, (*doubts, *later), number) for role, (provider, doubts, number) in roles.items()}
    return False, reason, roles | {"known": (as_, claimed or holder, named)}


def alike(role, one, other):
    """Whether two cannot be told apart: (origin AS, holder, customer) of each, None where nobody is named."""
    (as_, holder, customer), (other_as, other_holder, other_customer) = one, other
    same_as = as_ is not None and as_ == other_as
    if role == "network":
        return same_as and (holder is None) != (other_holder is None)
    if role != "customer" or (customer and other_customer):
        return False
    if holder and other_holder:
        return holder == other_holder and (customer is None) != (other_customer is None)
    return same_as and (one[1:], other[1:]) != ((None, None), (None, None))


def report_of(world, record):
    return next(r for r in world.reports if r[0] == record)


def origin_behind(world, record, day):
    """The origin that a record states behind its own address, where it can be booked, else None."""
    _, _, ip, origin = report_of(world, record)
    found = at_address(world, origin, day)
    usable = origin not in (-1, ip) and ip != -1 and not found[0] and found[2]["network"][0]
    return found if usable else None


def addresses(world, record, day):
    """The addresses at a notice and the basis on which they are known."""
    _, target, ip, _ = next(r for r in world.reports if r[0] == record)
    seen = [(d, a) for t, d, a, word in world.seen if t == target and word != "?" and a != -1 and d <= day]
    if seen:
        return [a for d, a in seen if d == max(seen)[0]], "reading"
    if ip != -1:
        return [ip], "report"
    if world.literals.get(target, -1) != -1:
        return [world.literals[target]], "literal"
    resolved = [(d, a) for t, d, a in world.resolved if t == target]
    before = [d for d, _ in resolved if d <= day]
    after = [d for d, _ in resolved if day < d <= day + LATER_DAYS]
    if before:
        return [a for d, a in resolved if d == max(before)], "resolution"
    if after:
        return [a for d, a in resolved if d == min(after)], "later-resolution"
    return [-1], "none"


def by_facts(world, record, day):
    """{role: (provider, basis, reason, doubts, number)} of one notice, without overrides, and whether it is fronted.

    Beside them, what is known of the addresses that it was booked by.
    """
    found, basis = addresses(world, record, day)
    known = [at_address(world, address, day) for address in found]
    fronted = all(front for front, *_ in known)
    extra = (BASIS_DOUBT[basis],) if basis in BASIS_DOUBT else ()
    _, target, ip, origin_address = report_of(world, record)
    behind = all(
        front or (a == ip != -1 and origin_address not in (-1, ip)) for a, (front, *_) in zip(found, known, strict=True)
    )
    origin = at_address(world, origin_address, day)
    if behind and not origin[0] and origin[2]["network"][0]:
        roles = {role: together([origin], role, "origin", ("stated-origin",), hidden=False) for role in HOSTING}
        return True, roles, [origin[2]["known"]]
    leads = origin_behind(world, record, day) or at_address(world, ip, day)
    if fronted:
        proxy = together(known, "proxy", basis, extra, hidden=True)
        return (
            True,
            {"proxy": old_reading(world, target, day, proxy, leads[2].get("proxy") or leads[2]["as"])},
            [held["known"] for _, _, held in known],
        )
    proxies = [a for _, t, a, o in world.reports if t == target and -1 not in (a, o) and a != o]
    if any(a in proxies and not front for a, (front, *_) in zip(found, known, strict=True)):
        extra = (*extra, "stated-proxy")
    roles = {}
    for role in HOSTING:
        roles[role] = together(known, role, basis, extra, hidden=False)
        if not any(alike(role, leads[2]["known"], held["known"]) for _, _, held in known):
            roles[role] = old_reading(world, target, day, roles[role], leads[2][role])
    return False, roles, [held["known"] for front, _, held in known if not front]


def old_reading(world, target, day, booked, leads):
    """With the doubt of a reading older than the report, which leads to somebody else."""
    provider, basis, reason, doubts, number = booked
    last = max((d for t, d, a, word in world.seen if t == target and word != "?" and a != -1 and d <= day), default=99)
    if basis == "reading" and last < REPORT_DAY and provider and leads[0] not in (None, provider):
        doubts = tuple(sorted({*doubts, "old-reading"}, key=ENUM.index))
    return provider, basis, reason, doubts, number


def not_standing_in(known, role):
    """Those of one instant that do not merely stand in for another one of them."""

    def knows(held):
        return 2 * (held["known"][2] is not None) + (held["known"][1] is not None)

    direct = [held for front, _, held in known if not front]
    return [
        entry
        for entry in known
        if entry[0]
        or not any(knows(h) > knows(entry[2]) and alike(role, h["known"], entry[2]["known"]) for h in direct)
    ]


def together(known, role, basis, extra, *, hidden):
    """What several addresses of one instant come to in one role."""
    kept = not_standing_in(known, role)
    providers = {held[role][0] for *_, held in kept}
    if len(providers) > 1:
        return None, basis, "several", (), -1
    (provider,) = providers
    direct = [(reason, held) for front, reason, held in known if hidden or not front]
    if provider is None:
        reason = max((reason for reason, _ in direct), key=REASONS.index)
        return None, basis, "fronted" if hidden else reason, (), -1
    number = max(held[role][2] for _, held in direct) if len(kept) == len(known) else -1
    doubts = {*extra, *(doubt for *_, held in known for doubt in held[role][1])}
    return provider, basis, None, tuple(sorted(doubts, key=ENUM.index)), number


def read(world, target, day, address):
    """{role: provider} of a reading, without overrides; `proxy` only where it says nothing about who hosts."""
    front, _, held = at_address(world, address, day)
    notices = [(r, d) for r, d, _ in world.notices if report_of(world, r)[1] == target]
    if front:
        return dict.fromkeys(HOSTING) | {"proxy": held["proxy"][0]}
    if any(report_of(world, r)[2] == address != -1 and origin_behind(world, r, d) for r, d in notices):
        return dict.fromkeys((*HOSTING, "proxy"))
    codes = {role: held[role][0] for role in HOSTING}
    for record, at in notices:
        _, roles, by = by_facts(world, record, at)
        for role in ("network", "customer"):
            booked = roles.get(role) or (roles.get("proxy") if role == "network" else None)
            if booked and booked[0] and any(alike(role, held["known"], known) for known in by):
                codes[role] = None
    return codes


def decisions(world, role):
    """(target, day, provider, addresses, their holders) of each notice of an overridden record, in order of time."""
    for record, day, _ in sorted(world.notices, key=lambda notice: (notice[1], notice[0])):
        provider = world.overrides.get(record)
        if provider is None or provider in world.merged:
            continue
        target = next(r for r in world.reports if r[0] == record)[1]
        found, basis = addresses(world, record, day)
        known = [(a, at_address(world, a, day)) for a in found if a != -1]
        own_proxy = (
            report_of(world, record)[2] if by_facts(world, record, day)[1].get("as", "  ")[1] == "origin" else None
        )
        direct = {a: held[role][0] for a, (front, _, held) in known if not front and a != own_proxy}
        places = set(direct.values()) - {None}
        if basis == "none":
            later = [
                (d, read(world, t, d, a)[role])
                for t, d, a, word in sorted(world.seen, key=lambda reading: reading[1])
                if t == target and d > day and word != "?" and a != -1
            ]
            later = [(d, p) for d, p in later if p]
            places = {p for d, p in later if d == later[0][0]}
        yield target, day, provider, set(direct), places


def decided(world, role, target, day, found):
    """The overridden Provider of a Target on a day at addresses ((address, provider) pairs), or None."""
    fitting = [
        (at, provider)
        for t, at, provider, known, places in decisions(world, role)
        if t == target and all(a in known or p in places for a, p in found)
    ]
    up_to = [provider for at, provider in fitting if at <= day]
    return up_to[-1] if up_to else fitting[0][1] if fitting else None


def naive_rows(world):
    """All rows in order."""
    for record, day, _ in world.notices:
        target = next(r for r in world.reports if r[0] == record)[1]
        fronted, roles, _ = by_facts(world, record, day)
        override = world.overrides.get(record)
        if override is not None and override not in world.merged:
            roles = dict.fromkeys(HOSTING, (override, "override", None, ("overridden",), -1))
        elif not fronted and addresses(world, record, day)[1] != "none":
            for role in HOSTING:
                known = [(a, at_address(world, a, day)) for a in addresses(world, record, day)[0]]
                found = [(a, held[role][0]) for a, (_, _, held) in known]
                other = None if any(front for _, (front, *_) in known) else decided(world, role, target, day, found)
                if other:
                    roles[role] = (other, "override", None, ("overridden",), -1)
        for role in sorted(roles):
            provider, basis, reason, doubts, number = roles[role]
            confidence = "none" if provider is None else "reduced" if doubts else "full"
            yield record, day, role, provider, basis, reason, doubts, number, fronted, confidence
        yield record, day, "site", "site", "none", None, (), -1, fronted, "full"


def naive_readings(world):
    """Of each reading by Target and time: network, as, customer, proxy."""
    for target, day, address, _ in world.seen:
        held = read(world, target, day, address)
        if "proxy" in held:
            yield None, None, None, held["proxy"]
            continue
        codes = {}
        for role in HOSTING:
            own = held[role]
            codes[role] = (address != -1 and decided(world, role, target, day, [(address, own)])) or own
        yield codes["network"], codes["as"], codes["customer"], codes["network"]


ADDRESSES = st.sampled_from([-1, 1, 2, 3, 4])
DAYS = st.integers(-1, 9)
MAYBE_DAYS = st.none() | st.integers(0, 8)
RECORDS = ("r1", "r2", "r3")


def distinct(entries):
    return list({(entry["address"], entry["day"]): entry for entry in entries}.values())


ROUTES = st.lists(
    st.fixed_dictionaries(
        {
            "address": st.integers(1, 4),
            "day": st.none() | st.integers(0, 6),
            "provider": st.sampled_from(["P", "P", "Q", "R", "C", None]),
            "front": st.sampled_from([None, None, None, "Shield"]),
            "origins": st.just(None),
        },
        optional={"made": st.integers(0, 9), "reason": st.sampled_from(["no-prefix", "no-table"])},
    ).flatmap(
        lambda route: (
            st.just(route)
            if route["provider"]
            else st.sampled_from([None, "PQ", "QR"]).map(lambda origins: route | {"origins": origins})
        )
    ),
    min_size=2,
    max_size=10,
).map(distinct)
REGISTERED = st.lists(
    st.fixed_dictionaries(
        {
            "address": st.integers(1, 4),
            "day": st.none() | st.integers(0, 6),
            "holder": st.sampled_from([None, "A", "A", "B"]),
            "customer": st.sampled_from([None, None, "K", "B"]),
            "claimed": st.sampled_from([None, None, None, "Q", "A"]),
            "doubt": st.sampled_from([None, None, "changed-since", "undated", "person"]),
        }
    ),
    max_size=6,
).map(distinct)
CLAIMS = st.lists(st.tuples(st.sampled_from("PQRAK"), st.sampled_from("PQCABK"), MAYBE_DAYS, MAYBE_DAYS), max_size=3)
SEEN = st.lists(st.tuples(st.integers(1, 2), DAYS, ADDRESSES, st.sampled_from(["on", "off", "?"])), max_size=8)


@pytest.fixture(scope="session")
def worlds(booked_world):
    """Random worlds of two Targets and three records."""

    class World(booked_world):
        def number(self, letter):
            """The AS number of a letter, as the facts write it."""
            return {"P": 64496, "Q": 64497, "R": 64498, "C": 64500}.get(letter, -1)

    def make(reports, notices, seen, resolved, literals, routes, registered, claims, overrides, merged):
        return World(
            [(record, target, ip, origin) for record, (target, ip, origin) in zip(RECORDS, reports, strict=True)],
            [(record, day, None) for record, day in notices],
            sorted(seen, key=lambda reading: reading[:2]),
            sorted(resolved),
            literals,
            routes,
            registered,
            claims,
            overrides,
            merged,
            reported=dict.fromkeys(RECORDS, REPORT_DAY),
            thresholds=Thresholds(table_days=TABLE_DAYS, later_resolution_hours=LATER_DAYS * 24),
        )

    return st.builds(
        make,
        st.lists(st.tuples(st.integers(1, 2), ADDRESSES, ADDRESSES), min_size=3, max_size=3),
        st.lists(st.tuples(st.sampled_from(RECORDS), DAYS), min_size=1, max_size=5),
        SEEN,
        st.lists(st.tuples(st.integers(1, 2), DAYS, st.integers(1, 4)), max_size=4),
        st.dictionaries(st.integers(1, 2), st.integers(1, 4), max_size=1),
        ROUTES,
        REGISTERED,
        CLAIMS,
        st.dictionaries(st.sampled_from(RECORDS), st.sampled_from("PQRA"), max_size=2),
        st.sampled_from([{}, {}, {"Q": "P"}, {"B": "A"}, {"A": "P"}]),
    )


def found_rows(world):
    names = ("record", "day", "role", "provider", "basis", "reason", "doubts", "asn", "fronted", "confidence")
    return [tuple(getattr(row, name) for name in names) for row in world.rows()]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.data())
def test_every_row_and_reading_equals_the_loop(worlds, data):
    """Provider, basis, reason, doubts, AS number and confidence of every notice in every role."""
    world = data.draw(worlds)
    assert found_rows(world) == list(naive_rows(world))
    found = sorted(zip([reading[:2] for reading in _by_key(world)], world.readings_booked(), strict=True), key=str)
    assert found == sorted(zip([r[:2] for r in world.seen], naive_readings(world), strict=True), key=str)


def _by_key(world):
    """The readings in the order of the store, which is not that of the Targets' numbers here."""
    return sorted(world.seen, key=lambda reading: (world._target(reading[0]), reading[1]))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.data(), st.integers(2, 60), st.randoms(use_true_random=False))
def test_no_key_and_no_order_of_import_shows_in_the_rows(worlds, data, key, random):
    """Other keys, readings of one instant in another order, reports in another order: the same rows."""
    world = data.draw(worlds)
    before = found_rows(world)
    world.key = key
    for told in (world.seen, world.reports, world.resolved):
        random.shuffle(told)
    assert found_rows(world) == before

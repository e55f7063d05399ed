"""How the attributions stand: what each address comes to by its newest entry, and which AS numbers appear."""

from sqlalchemy import func, select

from monitor.store.database import Store
from monitor.store.tables import AttributionRow, table_of

_ATTRIBUTIONS = table_of(AttributionRow)


def attributed_asns(store: Store) -> list[int]:
    """Every AS number that an address was ever attributed to, ascending."""
    asn = _ATTRIBUTIONS.c.asn
    with store.read() as connection:
        found = connection.scalars(select(asn).where(asn.is_not(None)).distinct().order_by(asn)).all()
    return [int(one) for one in found]


def count_attributions(store: Store) -> tuple[int, int, int]:
    """Addresses with an origin AS, without one, and in a reverse proxy's range, each by its newest entry."""
    c = _ATTRIBUTIONS.c
    newest = select(c.address_id, func.max(c.valid_from).label("valid_from")).group_by(c.address_id).subquery()
    joined = (c.address_id == newest.c.address_id) & (c.valid_from == newest.c.valid_from)
    counts = select(func.count(c.asn), func.count(), func.count(c.front)).select_from(
        _ATTRIBUTIONS.join(newest, joined)
    )
    with store.read() as connection:
        with_asn, every, fronted = connection.execute(counts).one()
    return int(with_asn), int(every) - int(with_asn), int(fronted)

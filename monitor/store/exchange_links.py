"""Other organisations with which cases are exchanged: their public keys, pinned, and the key that both sides hold.

In: names and keys that a person compared over a second way. Out: ExchangeLinks. Each change has its row on the audit
log in the same transaction. What would surprise: a public key that is there is replaced only where the caller says so,
and a shared key too; a document from before then names another key, and its cases are compared with nothing any more.
"""

from sqlalchemy import Connection, select

from monitor.clock import now
from monitor.errors import HandoverError
from monitor.model.exchange import ExchangeLink
from monitor.store import contexts
from monitor.store.audit import append
from monitor.store.database import Store
from monitor.store.tables import ExchangeLinkRow, table_of

_LINKS = table_of(ExchangeLinkRow)
_COLUMNS = (_LINKS.c.id, _LINKS.c.name, _LINKS.c.public, _LINKS.c.age, _LINKS.c.linked_at, _LINKS.c.key_digest)


def list_links(store: Store) -> tuple[ExchangeLink, ...]:
    """Every link, by name."""
    with store.read() as connection:
        return links_in(connection)


def links_in(connection: Connection) -> tuple[ExchangeLink, ...]:
    return tuple(ExchangeLink(*found) for found in connection.execute(select(*_COLUMNS).order_by(_LINKS.c.name)))


def find_link(store: Store, name: str) -> ExchangeLink:
    """The link of that name. Raises HandoverError."""
    found = next((link for link in list_links(store) if link.name == name), None)
    if found is None:
        raise HandoverError("No organisation of that name is linked", "See `monitor exchange list`, or link it first")
    return found


def link_of_signer(store: Store, public: str) -> ExchangeLink | None:
    """The link whose pinned key this is."""
    return next((link for link in list_links(store) if link.public == public), None)


def set_link(store: Store, name: str, public: str, age: str | None, *, replace: bool, by: str, reason: str) -> bool:
    """Link an organisation, or give it its age key; whether anything changed.

    Another signing key than the pinned one is taken with `replace` alone. Raises HandoverError.
    """
    with store.write() as connection:
        links = links_in(connection)
        before = next((link for link in links if link.name == name), None)
        if any(link.public == public and link.name != name for link in links):
            raise HandoverError("That signing key is linked under another name", "See `monitor exchange list`")
        if before is not None and before.public != public and not replace:
            raise HandoverError(
                "Another signing key is pinned for that name",
                "Compare fingerprints over a second way; if theirs is new, say --replace",
            )
        age = age or (before.age if before is not None else None)
        if before is not None and (before.public, before.age) == (public, age):
            return False
        if before is None:
            connection.execute(_LINKS.insert().values(name=name, public=public, age=age, linked_at=now()))
        else:
            changed = _LINKS.update().where(_LINKS.c.id == before.link_id)
            connection.execute(changed.values(public=public, age=age, linked_at=now()))
        append(
            connection, actor=by, action="exchange link", subject=f"{name}, {public}, {age or 'no age'}", reason=reason
        )
    return True


def shared_key(store: Store, link: ExchangeLink) -> bytes:
    """The key that we share with it. Raises HandoverError where there is none yet, KeyProblem."""
    with store.read() as connection:
        sealed = connection.scalar(select(_LINKS.c.shared_key).where(_LINKS.c.id == link.link_id))
    if sealed is None:
        raise HandoverError(
            "No key is shared with that organisation yet", "One side makes it: `monitor exchange key NAME --out FILE`"
        )
    return store.sealer.unseal(bytes(sealed), contexts.EXCHANGE_KEY)


def set_shared_key(
    store: Store, link: ExchangeLink, key: bytes, digest: str, *, replace: bool, by: str, how: str
) -> bool:
    """Keep the shared key, sealed; whether anything changed. Raises HandoverError where another is kept already."""
    with store.write() as connection:
        before = connection.scalar(select(_LINKS.c.key_digest).where(_LINKS.c.id == link.link_id))
        if before == digest:
            return False
        if before is not None and not replace:
            raise HandoverError(
                "Another key is shared with that organisation already",
                "Where both sides made one, agree on which to keep; --replace puts this one in its place",
            )
        sealed = store.sealer.seal(key, contexts.EXCHANGE_KEY)
        changed = _LINKS.update().where(_LINKS.c.id == link.link_id)
        connection.execute(changed.values(shared_key=sealed, key_digest=digest))
        append(connection, actor=by, action="exchange key", subject=f"{link.name}, key {digest}", reason=how)
    return True

"""Hash chains over observations and the audit log, and when a key was retired.

What there is already is linked here, in the order of its keys and in batches; from then on `store/chains.py` links what
is added. The arithmetic is written out once more on purpose: a migration goes on doing what it did.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 1000
OF_AUDIT = ("id", "at", "actor", "action", "subject", "reason")
OF_OBSERVATION = ("id", "run_id", "target_id", "vantage_id", "observed_at", "answers", "address_id", "seconds")
OF_EXCHANGE = (
    *("observation_id", "place", "purpose", "method", "get_reason", "address_id", "phase", "error", "tls", "status"),
    *("content_type", "length", "etag", "etag_weak", "last_modified", "server", "location", "leads_to", "challenge"),
    *("retry_after_seconds", "connect_ms", "tls_ms", "headers_ms", "n_bytes_in"),
)


def upgrade() -> None:
    op.create_table(
        "observation_links",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("run_id", KEY, autoincrement=False, nullable=False),
        sa.Column("first_id", KEY, autoincrement=False, nullable=False),
        sa.Column("last_id", KEY, autoincrement=False, nullable=False),
        sa.Column("n_rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("link", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_links")),
    )
    op.add_column("seals", sa.Column("retired_at", sa.BigInteger(), nullable=True))
    op.add_column("audit", sa.Column("link", sa.LargeBinary(length=32), nullable=True))
    if not context.is_offline_mode():
        _link_observations()
        _link_audit()
    with op.batch_alter_table("audit", schema=None) as batch:
        batch.alter_column("link", existing_type=sa.LargeBinary(length=32), nullable=False)


def _link_audit() -> None:
    link = sha256(b"monitor audit 1").digest()
    table = sa.table("audit", *(sa.column(name) for name in (*OF_AUDIT, "link")))
    update = sa.update(table).where(table.c.id == sa.bindparam("key")).values(link=sa.bindparam("linked"))
    for rows in _pages("audit", OF_AUDIT):
        linked = []
        for row in rows:
            link = sha256(link + _canonical(row)).digest()
            linked.append({"key": row[0], "linked": link})
        op.get_bind().execute(update, linked)


def _link_observations() -> None:
    """A link for each stretch of one run, of at most AT_ONCE observations."""
    link, number = sha256(b"monitor observations 1").digest(), 0
    links = sa.table(
        "observation_links",
        *(sa.column(name) for name in ("id", "run_id", "first_id", "last_id", "n_rows", "digest", "link")),
    )
    for page in _pages("observations", OF_OBSERVATION):
        for run_id, stretch in groupby(page, key=lambda row: row[1]):
            rows = list(stretch)
            number, first, last = number + 1, rows[0][0], rows[-1][0]
            observed = [(*row[:-1], repr(row[-1])) for row in rows]
            digest = sha256(_canonical([observed, _exchanges(first, last)])).digest()
            link = sha256(link + _canonical([number, run_id, first, last, len(rows), digest.hex()])).digest()
            said = {"id": number, "run_id": run_id, "first_id": first, "last_id": last}
            op.get_bind().execute(links.insert().values(**said, n_rows=len(rows), digest=digest, link=link))


def _exchanges(first: int, last: int) -> list[tuple[Any, ...]]:
    """The exchanges of observations `first` to `last`; yes and no as such, also where the engine keeps 1 and 0."""
    table = sa.table("exchanges", *(sa.column(name) for name in OF_EXCHANGE))
    wanted = sa.select(table).where(table.c.observation_id.between(first, last))
    found = op.get_bind().execute(wanted.order_by(table.c.observation_id, table.c.place))
    yes_no = {OF_EXCHANGE.index("etag_weak"), OF_EXCHANGE.index("challenge")}
    return [tuple(bool(value) if place in yes_no else value for place, value in enumerate(row)) for row in found]


def _pages(name: str, columns: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    table, after = sa.table(name, *(sa.column(column) for column in columns)), None
    while True:
        wanted = sa.select(table).order_by(table.c.id).limit(AT_ONCE)
        found = op.get_bind().execute(wanted if after is None else wanted.where(table.c.id > after)).all()
        if not found:
            return
        after = found[-1].id
        yield [tuple(row) for row in found]


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def downgrade() -> None:
    op.drop_column("audit", "link")
    op.drop_column("seals", "retired_at")
    op.drop_table("observation_links")

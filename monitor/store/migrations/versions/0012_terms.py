"""When the texts of a notice, of a fact about an order and of an exchanged case were forgotten.

What would surprise: an exchanged case has two such times, because a URL that came with it has a term of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ADDED = (
    ("notices", "forgotten_at"),
    ("order_facts", "forgotten_at"),
    ("exchange_cases", "forgotten_at"),
    ("exchange_cases", "url_forgotten_at"),
)


def upgrade() -> None:
    for table, column in ADDED:
        op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for table, column in reversed(ADDED):
        op.drop_column(table, column)

"""Facts about orders: suspended, resumed, withdrawn, objections, an officer's finding, and their undoing."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "order_facts",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("notice_id", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("undoes", KEY, autoincrement=False, nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_order_facts_notice_id_notices")),
        sa.ForeignKeyConstraint(["undoes"], ["order_facts.id"], name=op.f("fk_order_facts_undoes_order_facts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_facts")),
    )
    op.create_index(op.f("ix_order_facts_notice_id"), "order_facts", ["notice_id"])


def downgrade() -> None:
    op.drop_table("order_facts")

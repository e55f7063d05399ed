"""Letters to Providers, what happened to each, and decisions on naming."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTERS = sa.table("counters", sa.column("table_name", sa.String()), sa.column("next_key", KEY))
TABLES = ("naming_decisions", "letter_events", "letters")


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("dated", sa.String(), nullable=False),
        sa.Column("answer_by", sa.String(), nullable=False),
        sa.Column("reply_days", sa.Integer(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("reference", name=op.f("uq_letters_reference")),
    )
    op.create_index(op.f("ix_letters_period"), "letters", ["period"])
    op.create_table(
        "letter_events",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("letter_id", KEY, autoincrement=False, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_letter_events_letter_id_letters")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_events")),
    )
    op.create_index(op.f("ix_letter_events_letter_id"), "letter_events", ["letter_id"])
    op.create_table(
        "naming_decisions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_naming_decisions")),
    )
    op.create_index(op.f("ix_naming_decisions_period"), "naming_decisions", ["period"])
    op.bulk_insert(COUNTERS, [{"table_name": "letters", "next_key": 1}])


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE table_name = 'letters'")
    for table in TABLES:
        op.drop_table(table)

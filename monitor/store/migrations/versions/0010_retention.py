"""What was forgotten and when, holds that stop it, and what an archive was given.

What would surprise: a Target, host or address keeps its row, its key and its blind index; only the sealed text goes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FORGOTTEN = ("targets", "hosts", "addresses", "letters")


def upgrade() -> None:
    for table in FORGOTTEN:
        op.add_column(table, sa.Column("forgotten_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "holds",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("record_key", KEY, autoincrement=False, nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("releases", KEY, autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["record_key"], ["records.id"], name=op.f("fk_holds_record_key_records")),
        sa.ForeignKeyConstraint(["releases"], ["holds.id"], name=op.f("fk_holds_releases_holds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_table(
        "archived",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("letter_id", KEY, autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("manifest", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_archived_letter_id_letters")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archived")),
    )
    op.create_index(op.f("ix_archived_letter_id"), "archived", ["letter_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_archived_letter_id"), table_name="archived")
    op.drop_table("archived")
    op.drop_table("holds")
    for table in reversed(FORGOTTEN):
        op.drop_column(table, "forgotten_at")

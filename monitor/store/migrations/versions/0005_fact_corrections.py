"""Corrections of facts that a hearing brought."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "fact_corrections",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("letter_id", KEY, autoincrement=False, nullable=True),
        sa.Column("undoes", KEY, autoincrement=False, nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_fact_corrections_letter_id_letters")),
        sa.ForeignKeyConstraint(
            ["undoes"], ["fact_corrections.id"], name=op.f("fk_fact_corrections_undoes_fact_corrections")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_corrections")),
    )


def downgrade() -> None:
    op.drop_table("fact_corrections")

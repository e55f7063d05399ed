"""Research copies: to whom each address was registered from when on, worked out before the address itself goes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "registered_courses",
        sa.Column("address_id", KEY, autoincrement=False, nullable=False),
        sa.Column("as_of", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("customer", sa.String(), nullable=True),
        sa.Column("claimed", sa.String(), nullable=True),
        sa.Column("doubt", sa.String(), nullable=True),
        sa.Column("answer_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_registered_courses_address_id_addresses")
        ),
        sa.PrimaryKeyConstraint("address_id", "as_of", name=op.f("pk_registered_courses")),
    )


def downgrade() -> None:
    op.drop_table("registered_courses")

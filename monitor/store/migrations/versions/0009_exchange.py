"""Exchange of single cases with another organisation: links with their shared keys, documents sent and received."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("exchange_cases", "exchange_documents", "exchange_links")


def upgrade() -> None:
    op.create_table(
        "exchange_links",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public", sa.String(), nullable=False),
        sa.Column("age", sa.String(), nullable=True),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.Column("key_digest", sa.String(), nullable=True),
        sa.Column("shared_key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_links")),
        sa.UniqueConstraint("name", name=op.f("uq_exchange_links_name")),
        sa.UniqueConstraint("public", name=op.f("uq_exchange_links_public")),
    )
    op.create_table(
        "exchange_documents",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("link_id", KEY, autoincrement=False, nullable=False),
        sa.Column("received", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("n_cases", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["exchange_links.id"], name=op.f("fk_exchange_documents_link_id_exchange_links")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_documents")),
        sa.UniqueConstraint(
            "link_id", "received", "sequence", name=op.f("uq_exchange_documents_link_id_received_sequence")
        ),
    )
    op.create_table(
        "exchange_cases",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("document_id", KEY, autoincrement=False, nullable=False),
        sa.Column("case_name", sa.String(), nullable=False),
        sa.Column("target_name", sa.String(), nullable=False),
        sa.Column("has_url", sa.Boolean(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["exchange_documents.id"], name=op.f("fk_exchange_cases_document_id_exchange_documents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_cases")),
        sa.UniqueConstraint("document_id", "case_name", name=op.f("uq_exchange_cases_document_id_case_name")),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)

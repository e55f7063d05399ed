"""Resolutions in full, registered networks, several origins, and what a registry change needs besides.

The tables of resolutions were empty until now, so they are made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_table("resolution_addresses")
    op.drop_table("resolutions")
    _resolutions()
    _registrations()
    op.add_column("attributions", sa.Column("origins", sa.String(), nullable=True))
    op.add_column("registry_changes", sa.Column("details", sa.LargeBinary(), nullable=True))
    # Every address is attributed again, now with its several origins.
    op.execute("DELETE FROM attribution_state")


def _resolutions() -> None:
    op.create_table(
        "resolutions",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("host_id", KEY, nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=False),
        sa.Column("resolver", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("rcode_a", sa.String(), nullable=True),
        sa.Column("rcode_aaaa", sa.String(), nullable=True),
        sa.Column("ttl_seconds", sa.Integer(), nullable=False),
        sa.Column("cname_chain", sa.LargeBinary(), nullable=True),
        sa.Column("wildcard", sa.Boolean(), nullable=True),
        sa.Column("n_questions", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_resolutions_host_id_hosts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolutions")),
        sa.UniqueConstraint(
            "host_id", "resolved_at", "resolver", name=op.f("uq_resolutions_host_id_resolved_at_resolver")
        ),
    )
    op.create_table(
        "resolution_addresses",
        sa.Column("resolution_id", KEY, autoincrement=False, nullable=False),
        sa.Column("address_id", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ttl_seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resolution_id"], ["resolutions.id"], name=op.f("fk_resolution_addresses_resolution_id_resolutions")
        ),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_resolution_addresses_address_id_addresses")
        ),
        sa.PrimaryKeyConstraint("resolution_id", "address_id", name=op.f("pk_resolution_addresses")),
    )


def _registrations() -> None:
    op.create_table(
        "registrations",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("document_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("registry_name", sa.String(), nullable=False),
        sa.Column("first_received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("document_index", name=op.f("uq_registrations_document_index")),
    )
    op.create_table(
        "registration_answers",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("server", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.Column("registration_id", KEY, nullable=True),
        sa.Column("address_id", KEY, nullable=True),
        sa.Column("covers", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_registration_answers_registration_id_registrations"),
        ),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_registration_answers_address_id_addresses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_answers")),
    )
    op.create_index(op.f("ix_registration_answers_address_id"), "registration_answers", ["address_id"])
    op.create_table(
        "organisations",
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("registry_name", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=True),
        sa.Column("natural_person", sa.Boolean(), nullable=True),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", name=op.f("pk_organisations")),
    )
    op.create_table(
        "organisation_names",
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last_said_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["organisations.provider_id"],
            name=op.f("fk_organisation_names_provider_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("provider_id", "name", name=op.f("pk_organisation_names")),
    )


def downgrade() -> None:
    for column, table in (("details", "registry_changes"), ("origins", "attributions")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
    with op.batch_alter_table("registration_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_answers_address_id"))
    op.drop_table("organisation_names")
    op.drop_table("organisations")
    op.drop_table("registration_answers")
    op.drop_table("registrations")

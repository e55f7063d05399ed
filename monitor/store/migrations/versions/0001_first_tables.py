"""The first tables: facts, seals, counters and the audit log.

Times are BIGINT microseconds UTC; sealed values and blind indexes are bytes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

COUNTED = ("addresses", "assessments", "checks", "hosts", "notices", "records", "resolutions", "targets")
COUNTERS = sa.table("counters", sa.column("table_name", sa.String()), sa.column("next_key", KEY))


def upgrade() -> None:
    _books()
    _words()
    _places()
    _reports()
    _notices_and_checks()
    _resolutions()
    _tables_and_registry()
    _attributions()
    op.bulk_insert(COUNTERS, [{"table_name": name, "next_key": 1} for name in COUNTED])


def _books() -> None:
    """What the store keeps of itself: inputs, keys handed out, seals, the audit log."""
    op.create_table(
        "inputs",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("n_accepted", sa.Integer(), nullable=False),
        sa.Column("n_read", sa.Integer(), nullable=True),
        sa.Column("n_rejected", sa.Integer(), nullable=True),
        sa.Column("first_imported_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inputs")),
        sa.UniqueConstraint("sha256", "kind", name=op.f("uq_inputs_sha256_kind")),
    )
    op.create_table(
        "counters",
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("next_key", KEY, nullable=False),
        sa.PrimaryKeyConstraint("table_name", name=op.f("pk_counters")),
    )
    op.create_table(
        "seals",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_seals")),
    )
    op.create_table(
        "audit",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "attribution_state",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_state")),
    )


def _words() -> None:
    """Names that rows point to."""
    op.create_table(
        "sources",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
    )
    op.create_table(
        "reasons",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reasons")),
        sa.UniqueConstraint("name", name=op.f("uq_reasons_name")),
    )
    op.create_table(
        "vantages",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vantages")),
        sa.UniqueConstraint("name", name=op.f("uq_vantages_name")),
    )


def _places() -> None:
    """Where material is: addresses, Hosts, Targets."""
    op.create_table(
        "addresses",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("family", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("address_index", name=op.f("uq_addresses_address_index")),
    )
    op.create_table(
        "hosts",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("site_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address_id", KEY, autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_hosts_address_id_addresses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
        sa.UniqueConstraint("name_index", name=op.f("uq_hosts_name_index")),
    )
    op.create_table(
        "targets",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("host_id", KEY, autoincrement=False, nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=True),
        sa.Column("url_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_targets_host_id_hosts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
        sa.UniqueConstraint("url_index", name=op.f("uq_targets_url_index")),
    )


def _reports() -> None:
    """What was reported, and how it was assessed."""
    op.create_table(
        "records",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("source_id", KEY, autoincrement=False, nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_records_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sa.UniqueConstraint("source_id", "record_id", name=op.f("uq_records_source_id_record_id")),
    )
    op.create_table(
        "reports",
        sa.Column("record_key", KEY, autoincrement=False, nullable=False),
        sa.Column("target_id", KEY, autoincrement=False, nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.Column("address_id", KEY, autoincrement=False, nullable=True),
        sa.Column("origin_address_id", KEY, autoincrement=False, nullable=True),
        sa.Column("site_type", sa.String(), nullable=True),
        sa.Column("known_material", sa.Boolean(), nullable=True),
        sa.Column("userinfo_dropped", sa.Boolean(), nullable=False),
        sa.Column("input_id", KEY, autoincrement=False, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_reports_address_id_addresses")),
        sa.ForeignKeyConstraint(["input_id"], ["inputs.id"], name=op.f("fk_reports_input_id_inputs")),
        sa.ForeignKeyConstraint(
            ["origin_address_id"], ["addresses.id"], name=op.f("fk_reports_origin_address_id_addresses")
        ),
        sa.ForeignKeyConstraint(["record_key"], ["records.id"], name=op.f("fk_reports_record_key_records")),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name=op.f("fk_reports_target_id_targets")),
        sa.PrimaryKeyConstraint("record_key", name=op.f("pk_reports")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reports_target_id"), ["target_id"], unique=False)
    op.create_table(
        "assessments",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("record_key", KEY, autoincrement=False, nullable=False),
        sa.Column("assessment", sa.String(), nullable=False),
        sa.Column("assessed_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["record_key"], ["records.id"], name=op.f("fk_assessments_record_key_records")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assessments_record_key"), ["record_key"], unique=False)


def _notices_and_checks() -> None:
    """Who was told, and what was seen."""
    op.create_table(
        "notices",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("record_key", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("notified_at", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("sender", sa.String(), nullable=True),
        sa.Column("party", sa.LargeBinary(), nullable=True),
        sa.Column("capacity", sa.String(), nullable=False),
        sa.Column("deadline_hours", sa.Float(), nullable=True),
        sa.Column("content_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("input_id", KEY, autoincrement=False, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["input_id"], ["inputs.id"], name=op.f("fk_notices_input_id_inputs")),
        sa.ForeignKeyConstraint(["record_key"], ["records.id"], name=op.f("fk_notices_record_key_records")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("record_key", "content_index", name=op.f("uq_notices_record_key_content_index")),
    )
    op.create_table(
        "checks",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("record_key", KEY, autoincrement=False, nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("cause", sa.SmallInteger(), nullable=False),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        sa.Column("reason_id", KEY, autoincrement=False, nullable=True),
        sa.Column("address_id", KEY, autoincrement=False, nullable=True),
        sa.Column("vantage_id", KEY, autoincrement=False, nullable=False),
        sa.Column("input_id", KEY, autoincrement=False, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_checks_address_id_addresses")),
        sa.ForeignKeyConstraint(["input_id"], ["inputs.id"], name=op.f("fk_checks_input_id_inputs")),
        sa.ForeignKeyConstraint(["reason_id"], ["reasons.id"], name=op.f("fk_checks_reason_id_reasons")),
        sa.ForeignKeyConstraint(["record_key"], ["records.id"], name=op.f("fk_checks_record_key_records")),
        sa.ForeignKeyConstraint(["vantage_id"], ["vantages.id"], name=op.f("fk_checks_vantage_id_vantages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
        sa.UniqueConstraint(
            "record_key",
            "checked_at",
            "vantage_id",
            "origin",
            name=op.f("uq_checks_record_key_checked_at_vantage_id_origin"),
        ),
    )


def _resolutions() -> None:
    """What DNS answered."""
    op.create_table(
        "resolutions",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("host_id", KEY, autoincrement=False, nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=False),
        sa.Column("rcode", sa.String(), nullable=False),
        sa.Column("cname_chain", sa.LargeBinary(), nullable=True),
        sa.Column("resolver", sa.String(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_resolution_addresses_address_id_addresses")
        ),
        sa.ForeignKeyConstraint(
            ["resolution_id"], ["resolutions.id"], name=op.f("fk_resolution_addresses_resolution_id_resolutions")
        ),
        sa.PrimaryKeyConstraint("resolution_id", "address_id", name=op.f("pk_resolution_addresses")),
    )


def _tables_and_registry() -> None:
    """Dated tables and the registry."""
    op.create_table(
        "reference_tables",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("n_rows", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_tables")),
        sa.UniqueConstraint("kind", "as_of", "sha256", name=op.f("uq_reference_tables_kind_as_of_sha256")),
    )
    op.create_table(
        "provider_names",
        sa.Column("asn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("table_id", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["table_id"], ["reference_tables.id"], name=op.f("fk_provider_names_table_id_reference_tables")
        ),
        sa.PrimaryKeyConstraint("asn", "table_id", name=op.f("pk_provider_names")),
    )
    op.create_table(
        "providers",
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("first_asn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", name=op.f("pk_providers")),
        sa.UniqueConstraint("first_asn", name=op.f("uq_providers_first_asn")),
    )
    op.create_table(
        "registry_changes",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("into", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undoes", KEY, autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(
            ["undoes"], ["registry_changes.id"], name=op.f("fk_registry_changes_undoes_registry_changes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_changes")),
    )


def _attributions() -> None:
    """What the dated tables say of an address."""
    op.create_table(
        "attributions",
        sa.Column("address_id", KEY, autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asn", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("front", sa.String(), nullable=True),
        sa.Column("prefix_length", sa.SmallInteger(), nullable=True),
        sa.Column("table_id", KEY, autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_attributions_address_id_addresses")),
        sa.ForeignKeyConstraint(
            ["table_id"], ["reference_tables.id"], name=op.f("fk_attributions_table_id_reference_tables")
        ),
        sa.PrimaryKeyConstraint("address_id", "valid_from", name=op.f("pk_attributions")),
    )


def downgrade() -> None:
    op.drop_table("resolution_addresses")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reports_target_id"))

    op.drop_table("reports")
    op.drop_table("targets")
    op.drop_table("resolutions")
    op.drop_table("notices")
    op.drop_table("checks")
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessments_record_key"))

    op.drop_table("assessments")
    op.drop_table("records")
    op.drop_table("provider_names")
    op.drop_table("hosts")
    op.drop_table("attributions")
    op.drop_table("vantages")
    op.drop_table("sources")
    op.drop_table("seals")
    op.drop_table("registry_changes")
    op.drop_table("reference_tables")
    op.drop_table("reasons")
    op.drop_table("providers")
    op.drop_table("inputs")
    op.drop_table("counters")
    op.drop_table("audit")
    op.drop_table("attribution_state")
    op.drop_table("addresses")

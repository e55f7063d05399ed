"""Runs of our own checks, what they saw, and what is derived from that."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("schedule_state", "schedule", "outcomes", "exchanges", "observations", "canaries", "runs")


def upgrade() -> None:
    _runs()
    _observations()
    _derived()


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("broken_off", sa.Boolean(), nullable=False),
        sa.Column("n_due", sa.Integer(), nullable=False),
        sa.Column("mandate", sa.String(), nullable=False),
        sa.Column("code_version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "canaries",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("run_id", KEY, autoincrement=False, nullable=False),
        sa.Column("vantage_id", KEY, autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("family", sa.SmallInteger(), nullable=False),
        sa.Column("after", sa.Boolean(), nullable=False),
        sa.Column("healthy", sa.Boolean(), nullable=False),
        sa.Column("phase", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_canaries_run_id_runs")),
        sa.ForeignKeyConstraint(["vantage_id"], ["vantages.id"], name=op.f("fk_canaries_vantage_id_vantages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canaries")),
    )
    op.create_index(op.f("ix_canaries_run_id"), "canaries", ["run_id"])


def _observations() -> None:
    op.create_table(
        "observations",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("run_id", KEY, autoincrement=False, nullable=False),
        sa.Column("target_id", KEY, autoincrement=False, nullable=False),
        sa.Column("vantage_id", KEY, autoincrement=False, nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.String(), nullable=False),
        sa.Column("address_id", KEY, autoincrement=False, nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_observations_address_id_addresses")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_observations_run_id_runs")),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name=op.f("fk_observations_target_id_targets")),
        sa.ForeignKeyConstraint(["vantage_id"], ["vantages.id"], name=op.f("fk_observations_vantage_id_vantages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observations")),
    )
    op.create_index(op.f("ix_observations_run_id"), "observations", ["run_id"])
    op.create_index(op.f("ix_observations_target_id_observed_at"), "observations", ["target_id", "observed_at"])

    op.create_table(
        "exchanges",
        sa.Column("observation_id", KEY, autoincrement=False, nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("get_reason", sa.String(), nullable=True),
        sa.Column("address_id", KEY, autoincrement=False, nullable=True),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("tls", sa.String(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("content_type", sa.String(), nullable=True),
        sa.Column("length", sa.BigInteger(), nullable=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("etag_weak", sa.Boolean(), nullable=False),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("server", sa.String(), nullable=True),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("leads_to", sa.String(), nullable=True),
        sa.Column("challenge", sa.Boolean(), nullable=False),
        sa.Column("retry_after_seconds", sa.BigInteger(), nullable=True),
        sa.Column("connect_ms", sa.Integer(), nullable=True),
        sa.Column("tls_ms", sa.Integer(), nullable=True),
        sa.Column("headers_ms", sa.Integer(), nullable=True),
        sa.Column("n_bytes_in", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_exchanges_address_id_addresses")),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observations.id"], name=op.f("fk_exchanges_observation_id_observations")
        ),
        sa.PrimaryKeyConstraint("observation_id", "place", name=op.f("pk_exchanges")),
    )


def _derived() -> None:
    op.create_table(
        "outcomes",
        sa.Column("observation_id", KEY, autoincrement=False, nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("cause", sa.SmallInteger(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("rules_version", sa.String(), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("low_confidence", sa.Boolean(), nullable=False),
        sa.Column("page", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observations.id"], name=op.f("fk_outcomes_observation_id_observations")
        ),
        sa.PrimaryKeyConstraint("observation_id", name=op.f("pk_outcomes")),
    )
    op.create_table(
        "schedule",
        sa.Column("target_id", KEY, autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("anchors", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name=op.f("fk_schedule_target_id_targets")),
        sa.PrimaryKeyConstraint("target_id", name=op.f("pk_schedule")),
    )
    op.create_index(op.f("ix_schedule_due_at"), "schedule", ["due_at"])

    op.create_table(
        "schedule_state",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_state")),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)

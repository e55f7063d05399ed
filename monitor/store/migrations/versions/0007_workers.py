"""Several workers: their lives, leases and claims; which worker made a run, and whether it came too late to count."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("vantage", sa.String(), nullable=True),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("lapses_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "leases",
        sa.Column("target_id", KEY, autoincrement=False, nullable=False),
        sa.Column("worker_id", KEY, autoincrement=False, nullable=True),
        sa.Column("free_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name=op.f("fk_leases_target_id_targets")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_leases_worker_id_workers")),
        sa.PrimaryKeyConstraint("target_id", name=op.f("pk_leases")),
    )
    op.create_index(op.f("ix_leases_worker_id"), "leases", ["worker_id"])
    op.create_table(
        "claims",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("worker_id", KEY, autoincrement=False, nullable=True),
        sa.Column("free_at", sa.BigInteger(), nullable=True),
        sa.Column("wanted_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_claims_worker_id_workers")),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_worker_id"), "claims", ["worker_id"])
    op.add_column("runs", sa.Column("worker_id", KEY, nullable=True))
    op.add_column("runs", sa.Column("late", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(op.f("ix_runs_worker_id"), "runs", ["worker_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_runs_worker_id"), table_name="runs")
    op.drop_column("runs", "late")  # in place: observations refer to the table, so SQLite cannot make it anew
    op.drop_column("runs", "worker_id")
    for table in ("claims", "leases", "workers"):
        op.drop_table(table)

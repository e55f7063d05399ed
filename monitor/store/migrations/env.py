"""Alembic's entry: runs the migrations on the connection that `schema.py` hands over, inside its transaction.

What would surprise: this file is run by Alembic, not imported. On SQLite too, the whole change is one
transaction: a crash in the middle leaves the old schema.
"""

from alembic import context

from monitor.store.tables import METADATA

connection = context.config.attributes.get("connection")
if connection is None:  # `--sql`: print the statements for a database that is elsewhere
    context.configure(
        dialect_name=context.config.get_main_option("sqlalchemy.dialect", "sqlite"),
        target_metadata=METADATA,
        literal_binds=True,
    )
else:
    context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

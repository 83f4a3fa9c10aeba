"""Alembic's entry: runs on the connection that `store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from regrow.store.tables import everything

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=everything.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

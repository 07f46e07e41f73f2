"""Runs migrations on the connection that ``storage.database`` hands over."""

from alembic import context

# SQLite can roll a CREATE TABLE back, so a migration is applied wholly or not at all.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()

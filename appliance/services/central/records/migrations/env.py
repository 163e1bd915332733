"""What Alembic runs for each step: within the transaction of whoever called it."""

from alembic import context

from appliance.services.central.records.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
# The caller's transaction holds all steps together: either all are there, or none.
context.run_migrations()

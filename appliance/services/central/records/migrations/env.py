"""What Alembic runs for each step: within the transaction of whoever called it."""

from alembic import context

from appliance.services.central.records.schema import metadata


def run() -> None:
    """All steps that are missing: the caller's transaction holds them together."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        transactional_ddl=True,
    )
    context.run_migrations()


if hasattr(context, "config"):  # Alembic runs this, and nobody looks only.
    run()

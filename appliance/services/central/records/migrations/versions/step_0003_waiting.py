"""A firm's waiting time, and which blocked containers were heard of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds them; the firms that are there wait no days, as before."""
    op.add_column(
        "firms", sa.Column("wait_days", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.create_table(
        "heard",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_heard"),
    )

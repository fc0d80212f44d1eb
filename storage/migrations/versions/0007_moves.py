"""Channels that got another address."""

import sqlalchemy as sa
from alembic import op

revision = "0007_moves"
down_revision = "0006_installations"


def upgrade() -> None:
    op.create_table(
        "move",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "old"),
    )

"""Turns that all processes share, to keep together to a platform's limits."""

import sqlalchemy as sa
from alembic import op

revision = "0011_turns"
down_revision = "0010_new_normal"


def upgrade() -> None:
    op.create_table(
        "turn",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("booked", sa.Float(), nullable=False),
        sa.Column("invited", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )

"""Leases of what one process at a time may do; since when a pulse is declared as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0004_leases"
down_revision = "0003_keeping"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column(
        "pulse", sa.Column("since", MOMENT, nullable=False, server_default="1970-01-01 00:00:00+00:00")
    )

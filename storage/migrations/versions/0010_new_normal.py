"""Alarms whose level leads have accepted as the new normal."""

import sqlalchemy as sa
from alembic import op

revision = "0010_new_normal"
down_revision = "0009_pending_comments"


def upgrade() -> None:
    op.add_column("memory", sa.Column("accepted", sa.String(), nullable=True))

"""Dated events of the study."""

import sqlalchemy as sa
from alembic import op

revision = "0021_milestones"
down_revision = "0020_stories"


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("milestone"):
        return
    op.create_table(
        "milestone",
        sa.Column("alliance", sa.String(), sa.ForeignKey("alliance.key"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("alliance", "kind", "number"),
    )

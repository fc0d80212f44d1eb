"""What leads decided to do about an alert."""

import sqlalchemy as sa
from alembic import op

revision = "0019_actions"
down_revision = "0018_alerts"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("action"):
        return
    op.create_table(
        "action",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("alliance", sa.String(), sa.ForeignKey("alliance.key"), nullable=False),
        sa.Column("alert", sa.String(), sa.ForeignKey("alert.id"), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_side", sa.String(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("look_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("alliance", "alert", "look_at", "ended_at"):
        op.create_index(f"ix_action_{column}", "action", [column])

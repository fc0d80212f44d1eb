"""What people want of reminders; and until when a delivery may be posted."""

import sqlalchemy as sa
from alembic import op

revision = "0017_wishes"
down_revision = "0016_sharing"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("wish"):
        return
    op.create_table(
        "wish",
        sa.Column("alliance", sa.String(), sa.ForeignKey("alliance.key"), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("alliance", "person", "kind"),
    )
    op.create_index("ix_wish_until", "wish", ["until"])
    op.add_column("delivery", sa.Column("not_after", MOMENT, nullable=True))

"""The words by which leads tell the channel what was done."""

import sqlalchemy as sa
from alembic import op

revision = "0020_stories"
down_revision = "0019_actions"


def upgrade() -> None:
    if any(column["name"] == "story" for column in sa.inspect(op.get_bind()).get_columns("action")):
        return
    op.add_column("action", sa.Column("story", sa.String(), nullable=True))
    op.add_column("action", sa.Column("story_side", sa.String(), nullable=True))
    op.add_column("action", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))

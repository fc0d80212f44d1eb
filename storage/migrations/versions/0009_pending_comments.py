"""Comments of people whose company is not known yet."""

import sqlalchemy as sa
from alembic import op

revision = "0009_pending_comments"
down_revision = "0008_turnout"


def upgrade() -> None:
    with op.batch_alter_table("comment") as table:
        table.alter_column("side", existing_type=sa.String(), nullable=True)
        table.add_column(sa.Column("home_platform", sa.String(), nullable=True))
        table.add_column(sa.Column("home_organisation", sa.String(), nullable=True))

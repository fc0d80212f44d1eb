"""Through which workspace a delivery goes: what hangs in one must not keep the others waiting."""

import sqlalchemy as sa
from alembic import op

revision = "0013_delivery_workspace"
down_revision = "0012_channel_numbers"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("workspace", sa.String(), nullable=False, server_default=""))

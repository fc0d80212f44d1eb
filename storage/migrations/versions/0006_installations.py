"""Who let the bot in, and with which token."""

import sqlalchemy as sa
from alembic import op

revision = "0006_installations"
down_revision = "0005_comment_blocks"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("workspace"),
    )
    op.create_index("ix_installation_expires_at", "installation", ["expires_at"])
    op.create_table(
        "install_state",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_install_state_expires_at", "install_state", ["expires_at"])

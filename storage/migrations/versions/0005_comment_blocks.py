"""Comments leave in blocks, each in one."""

import sqlalchemy as sa
from alembic import op

revision = "0005_comment_blocks"
down_revision = "0004_leases"


def upgrade() -> None:
    op.add_column("comment", sa.Column("block", sa.Integer(), nullable=True))
    op.create_table(
        "comment_block",
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alliance"], ["alliance.key"]),
        sa.PrimaryKeyConstraint("alliance", "side", "number"),
    )

"""Mend databases that a migration left incomplete because it was edited after they had run it.

0003 got `departure.erased` later, without which retention failed for ever, and 0002 made `chat_line.body` required.
Most databases need nothing here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_mend_edited"
down_revision = "0013_delivery_workspace"


def upgrade() -> None:
    if "erased" not in _columns("departure"):
        op.add_column(
            "departure", sa.Column("erased", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    if _columns("chat_line")["body"]:
        # A line without a body was removed by somebody: nothing of it is left to be shown.
        op.execute("DELETE FROM chat_line WHERE body IS NULL")
        with op.batch_alter_table("chat_line") as table:
            table.alter_column("body", existing_type=sa.String(), nullable=False)


def _columns(table: str) -> dict[str, bool]:
    """Return the names of a table's columns, and whether each may be NULL."""
    return {column["name"]: column["nullable"] for column in sa.inspect(op.get_bind()).get_columns(table)}

"""Each question and each released number keeps the sharing that was in force when it was asked.

Of what is there already, the sharing of today holds: what is hidden now stays hidden.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0016_sharing"
down_revision = "0015_hide_messages"


def upgrade() -> None:
    connection = op.get_bind()
    if any(column["name"] == "shared" for column in sa.inspect(connection).get_columns("round")):
        return
    for table in ("round", "released"):
        op.add_column(table, sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.true()))
    declared = connection.execute(sa.text("SELECT key, declared FROM alliance")).all()
    apart = [key for key, text in declared if not json.loads(text)[0].get("share_dimensions", True)]
    for table in ("round", "released"):
        change = sa.text(f'UPDATE "{table}" SET shared = :no WHERE alliance = :key')
        for key in apart:
            connection.execute(change, {"no": False, "key": key})

"""How many answered a round stays as it was at its closing."""

import sqlalchemy as sa
from alembic import op

revision = "0008_turnout"
down_revision = "0007_moves"


def upgrade() -> None:
    op.add_column("round", sa.Column("turnout", sa.String(), nullable=True))

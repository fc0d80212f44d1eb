"""What channels are known by: until now, their place in the declaration."""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0012_channel_numbers"
down_revision = "0011_turns"


def upgrade() -> None:
    numbers = op.create_table(
        "channel_number",
        sa.Column("alliance", sa.String(), sa.ForeignKey("alliance.key"), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("alliance", "platform", "workspace", "address"),
        sa.UniqueConstraint("alliance", "number", name="uq_channel_number"),
    )
    op.bulk_insert(numbers, list(_numbered()))


def _numbered() -> Iterator[dict[str, object]]:
    """Each by its place: what was asked there keeps the slots that it has."""
    connection = op.get_bind()
    moves = connection.execute(sa.text("SELECT platform, workspace, old, address FROM move"))
    moved = {(one.platform, one.workspace, one.old): one.address for one in moves}
    for row in connection.execute(sa.text("SELECT key, declared FROM alliance")):
        for number, one in enumerate(json.loads(row.declared)[0]["channels"]):
            place = one["platform"], one["workspace"], one["address"]
            address = moved.get(place, one["address"])
            yield {**one, "address": address, "alliance": row.key, "number": number}
